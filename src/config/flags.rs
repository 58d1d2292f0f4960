use clap::{Args, ValueEnum, ValueHint};
use secrecy::{ExposeSecret as _, SecretString};
use std::{fmt, path::PathBuf};

/// The options that every command takes. They have etcdctl's names where etcdctl has them.
///
/// clap's own reading of the environment is not used: it takes an empty variable for a set one, and it does not
/// say afterwards where a value came from.
#[derive(Clone, Debug, Default, Args)]
#[expect(clippy::doc_markdown, reason = "these comments are the text of --help")]
#[expect(clippy::struct_excessive_bools, reason = "each is a switch of its own")]
pub struct Flags {
    /// etcd's members, with commas [env: ETCDCTL_ENDPOINTS] [default: as the profile or the Corefile has them, or
    /// what is found on this machine, else 127.0.0.1:2379]
    #[arg(long, global = true, value_name = "LIST", help_heading = "Connecting", value_hint = ValueHint::Url)]
    pub endpoints: Option<String>,
    /// The CA that signed etcd's certificate, PEM [env: ETCDCTL_CACERT]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Connecting", value_hint = ValueHint::FilePath)]
    pub cacert: Option<PathBuf>,
    /// The client certificate, PEM [env: ETCDCTL_CERT]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Connecting", value_hint = ValueHint::FilePath)]
    pub cert: Option<PathBuf>,
    /// Its private key, PEM [env: ETCDCTL_KEY]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Connecting", value_hint = ValueHint::FilePath)]
    pub key: Option<PathBuf>,
    /// etcd's user [env: ETCDCTL_USER]; the password comes from ETCDCTL_PASSWORD or the prompt
    #[arg(long, global = true, value_name = "NAME", help_heading = "Connecting", value_parser = user_flag)]
    pub user: Option<UserFlag>,
    /// How long to wait for a connection [env: ETCDCTL_DIAL_TIMEOUT] [default: 2s]
    #[arg(long, global = true, value_name = "TIME", help_heading = "Connecting")]
    pub dial_timeout: Option<String>,
    /// How long to wait for a reply [env: ETCDCTL_COMMAND_TIMEOUT] [default: 2s; writes wait 8s or more]
    #[arg(long, global = true, value_name = "TIME", help_heading = "Connecting")]
    pub command_timeout: Option<String>,

    /// The only keys that are touched; the path of CoreDNS's etcd block [env: COREDECK_PREFIX] [default: as
    /// the Corefile has it, else /coredns]
    #[arg(long, global = true, value_name = "PATH", help_heading = "Scope")]
    pub prefix: Option<String>,
    /// CoreDNS's zones, names or networks, with commas [env: COREDECK_ZONES] [default: those of the Corefile, else guessed: what has
    /// dns/apex or dns/ns below it, and each top-level name]
    #[arg(long, global = true, value_name = "LIST", help_heading = "Scope")]
    pub zones: Option<String>,
    /// CoreDNS's configuration, or a ConfigMap with it, which gives prefix, zones and connection where nothing else does;
    /// "-" for standard input, as from kubectl get cm coredns -o yaml [env: COREDECK_COREFILE] [default: /etc/coredns/Corefile if there is one; "none" for none]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Scope", value_hint = ValueHint::FilePath)]
    pub corefile: Option<PathBuf>,
    /// A profile of config.toml [env: COREDECK_PROFILE] [default: the one called default]
    #[arg(long, global = true, value_name = "NAME", help_heading = "Scope")]
    pub profile: Option<String>,
    /// Change nothing, whatever the credential may do
    #[arg(long, global = true, alias = "readonly", help_heading = "Scope")]
    pub read_only: bool,
    /// Try everything on sample zones in memory; nothing is connected and nothing is kept
    #[arg(long, global = true, help_heading = "Scope")]
    pub demo: bool,

    /// What is printed on stdout [default: table]
    #[arg(
        short,
        long,
        global = true,
        value_name = "FORM",
        help_heading = "Output",
        short_alias = 'w',
        alias = "write-out"
    )]
    pub output: Option<Output>,
    /// Colours [default: auto, which respects NO_COLOR]
    #[arg(long, global = true, value_name = "WHEN", help_heading = "Output")]
    pub color: Option<ColorChoice>,
    /// Draw with ASCII only, where UTF-8 is not shown or lines and signs are two columns wide (East Asian ambiguous width)
    /// [default: when the locale is not UTF-8]
    #[arg(long, global = true, help_heading = "Output")]
    pub ascii: bool,
    /// Write what happens inside to this file, for a report [env: COREDECK_LOG]
    #[arg(long, global = true, value_name = "FILE", help_heading = "Output", value_hint = ValueHint::FilePath)]
    pub log: Option<PathBuf>,

    // etcdctl has these options, and this program does not; they are known here so that the refusal can give the
    // reason.
    #[arg(long, global = true, hide = true)]
    pub insecure_skip_tls_verify: bool,
    #[arg(long, global = true, hide = true, num_args = 0..=1, default_missing_value = "true")]
    pub insecure_transport: Option<String>,
    #[arg(long, global = true, hide = true, value_name = "DOMAIN")]
    pub discovery_srv: Option<String>,
    /// Of no use without the former.
    #[arg(long, global = true, hide = true, value_name = "NAME")]
    pub discovery_srv_name: Option<String>,
    #[arg(long, global = true, hide = true, value_parser = swallow)]
    pub password: Option<Swallowed>,
}

/// Value of `--user`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum UserFlag {
    Name(String),
    /// A text with a colon: a name and a password, or only a name if the password is given apart.
    WithColon(WithColon),
}

/// Text that may hold a password: no message can repeat it.
#[derive(Clone)]
pub struct WithColon(SecretString);

impl WithColon {
    pub(super) fn new(text: String) -> Self {
        Self(text.into())
    }

    /// Returns all of the text, if it is known to be a name.
    pub(super) fn as_name(&self) -> String {
        self.0.expose_secret().to_owned()
    }
}

impl PartialEq for WithColon {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Eq for WithColon {}

impl fmt::Debug for WithColon {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("WithColon")
    }
}

/// Secret on the command line, which is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Swallowed;

/// The form of what is printed on stdout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum Output {
    /// Aligned columns, for people.
    #[default]
    #[value(alias = "simple")]
    Table,
    /// One JSON object per line, for programs.
    Json,
}

/// When colours are used.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    Always,
    Never,
}

// These functions never fail: clap repeats a value that they refuse.
#[expect(clippy::unnecessary_wraps, reason = "the shape that clap asks for")]
fn user_flag(text: &str) -> Result<UserFlag, std::convert::Infallible> {
    Ok(if text.contains(':') {
        UserFlag::WithColon(WithColon::new(text.to_owned()))
    } else {
        UserFlag::Name(text.to_owned())
    })
}

#[expect(clippy::unnecessary_wraps, reason = "the shape that clap asks for")]
fn swallow(_: &str) -> Result<Swallowed, std::convert::Infallible> {
    Ok(Swallowed)
}
