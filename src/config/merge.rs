//! Settings of a session, each taken from the first source that has it.
use super::{
    ColorChoice, Colour, ConfigError, DnsServer, Environment, Flags, Output, ReadOnly, SettingSource,
    SettingsChoice, Sourced, UnknownWord,
    connection::ConnectionSettings,
    corefile::{self, SamePathBlocks},
    discovered::Discovered,
    dns_server, read_only, refused,
    sources::{ChosenProfile, Sources, Unchosen, by_default},
    unused,
};
use crate::{
    dns::Name,
    keys::{ClusterId, Scope},
    way_back::{EtcdctlConnection, WayBackContext},
};
use secrecy::SecretString;
use std::{path::PathBuf, time::Duration};

/// The prefix if nobody gives one, and no Corefile either: the default of CoreDNS's etcd block is `/skydns`, and its
/// README has `/coredns`, which many have followed.
pub const DEFAULT_PREFIX: &str = "/coredns";
const DIAL_TIMEOUT: Duration = Duration::from_secs(2);

/// Settings of a session.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The endpoints, each with its scheme: `https://10.0.0.1:2379`.
    pub endpoints: Sourced<Vec<String>>,
    /// The last known endpoints of the cluster's other members, which stand in for the endpoints. `None` if a person
    /// has named the endpoints, because then only those are meant.
    pub further: Option<Vec<String>>,
    pub cacert: Option<Sourced<PathBuf>>,
    pub cert: Option<Sourced<PathBuf>>,
    pub key: Option<Sourced<PathBuf>>,
    pub user: Option<Sourced<String>>,
    /// `None` while it has to be asked for; see [`Settings::asks_for_password_of`].
    pub password: Option<SecretString>,
    pub dial_timeout: Sourced<Duration>,
    /// The time for a command; `None` for the store's own limits for reads and for writes.
    pub command_timeout: Option<Sourced<Duration>>,
    pub scope: Sourced<Scope>,
    /// The zones; if empty, every top-level name of the scope is one.
    pub zones: Sourced<Vec<Name>>,
    /// The part of a Corefile that is about this scope, if there is any.
    pub served: Option<SamePathBlocks>,
    /// The servers that a profile names for `verify`.
    pub dns_servers: Option<Sourced<Vec<DnsServer>>>,
    /// The source that wants those servers to be asked after each change.
    pub verify_after: Option<SettingSource>,
    /// The profile that was used, if any.
    pub profile: Option<String>,
    /// The profile's name for this cluster.
    pub label: Option<String>,
    /// The colour of the label.
    pub colour: Option<Colour>,
    /// The settings that were found on this machine, used or not.
    pub taken: SettingsChoice,
    /// The only cluster that may be changed.
    pub pinned: Option<Sourced<ClusterId>>,
    /// The reason why nothing may be changed.
    pub read_only: Option<ReadOnly>,
    /// The source that wants the deck to save all of etcd as it was after a mass deletion, without a key press.
    pub rescue_all: Option<SettingSource>,
    pub demo: bool,
    pub output: Output,
    pub color: ColorChoice,
    /// True if `NO_COLOR` is set (no-color.org), or if the terminal reports that it can show no colour.
    pub no_color: bool,
    /// True if the deck is drawn with ASCII only.
    pub ascii: bool,
    pub log: Option<PathBuf>,
    /// The profiles that there are, if none is used.
    pub unchosen: Vec<String>,
    /// The unknown words of the profile in use, and of the files beside their profiles.
    pub unknown: Vec<UnknownWord>,
    /// etcdctl's variables that are set and decide nothing.
    pub unused: Vec<String>,
    /// The other messages that the operator should see first.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Merges the flags with the environment and the profile file.
    ///
    /// # Errors
    /// [`ConfigError`]; nothing was sent anywhere.
    pub fn merge(flags: &Flags, env: &impl Environment) -> Result<Self, ConfigError> {
        // The demo is no cluster: a profile for a cluster does not hold there.
        let (chosen, beside) =
            if flags.demo { (None, Unchosen::default()) } else { ChosenProfile::find(flags, env)? };
        let settings = Self::merge_with(chosen.as_ref(), beside, flags, env)?;
        Ok(Self { unused: unused::of(&settings, env), ..settings })
    }

    /// Merges with this profile, or with none.
    pub(super) fn merge_with(
        chosen: Option<&ChosenProfile>,
        beside: Unchosen,
        flags: &Flags,
        env: &impl Environment,
    ) -> Result<Self, ConfigError> {
        let mut warnings = Vec::new();
        let Unchosen { profiles: unchosen, mut unknown } = beside;
        unknown.extend(chosen.iter().flat_map(|chosen| chosen.profile.unknown.iter().cloned()));
        refused::check(flags, env)?;
        let from = Sources { env, chosen };

        let cacert = from.file("--cacert", flags.cacert.as_ref(), "ETCDCTL_CACERT", |p| p.cacert.as_ref())?;
        let cert = from.file("--cert", flags.cert.as_ref(), "ETCDCTL_CERT", |p| p.cert.as_ref())?;
        let key = from.file("--key", flags.key.as_ref(), "ETCDCTL_KEY", |p| p.key.as_ref())?;
        match (&cert, &key) {
            (Some(cert), None) => return Err(half_a_pair("--cert", "--key", cert)),
            (None, Some(key)) => return Err(half_a_pair("--key", "--cert", key)),
            _ => {}
        }
        let mut corefile = Discovered::find(&from, flags, &mut warnings)?;
        let prefix = from
            .text("--prefix", flags.prefix.as_ref(), "COREDECK_PREFIX", |p| p.prefix.clone())?
            .map(scope_of)
            .transpose()?;
        if let Some(corefile) = &mut corefile {
            corefile.choose(prefix.as_ref(), &mut warnings);
        }
        let corefile = corefile.as_ref();
        let scope = match prefix {
            Some(scope) => scope,
            None => scope_of(
                corefile
                    .and_then(Discovered::prefix)
                    .unwrap_or_else(|| by_default(DEFAULT_PREFIX.to_owned())),
            )?,
        };
        warnings.extend(scope.value.warning().map(|warning| warning.to_string()));
        let ConnectionSettings { endpoints, files: [cacert, cert, key], taken } =
            ConnectionSettings::find(&from, flags, corefile, [cacert, cert, key], &mut warnings)?;
        refused::check_endpoints(flags, &endpoints.from, env)?;
        let (user, password) = from.login(flags, || corefile?.user(&endpoints))?;
        let zones = from
            .text("--zones", flags.zones.as_ref(), "COREDECK_ZONES", |p| Some(p.zones.as_ref()?.join(",")))?
            .map_or_else(
                || Ok(corefile.and_then(Discovered::zones).unwrap_or_else(|| by_default(vec![]))),
                |list| list.try_map(|text, from| zones_of(&text, from)),
            )?;
        let dns_servers = from
            .of_profile(|p| p.dns_servers.clone())
            .map(|list| list.try_map(|list, from| dns_server::parse_list(&list, from)))
            .transpose()?;
        let dial_timeout = from
            .duration("--dial-timeout", flags.dial_timeout.as_ref(), "ETCDCTL_DIAL_TIMEOUT")?
            .unwrap_or_else(|| by_default(DIAL_TIMEOUT));
        let command_timeout =
            from.duration("--command-timeout", flags.command_timeout.as_ref(), "ETCDCTL_COMMAND_TIMEOUT")?;
        let pinned = from
            .of_profile(|p| p.cluster_id.clone())
            .map(|id| id.try_map(|text, from| text.parse().map_err(|_| bad_cluster(text, from))))
            .transpose()?;
        let by_profile = from.of_profile(|p| p.read_only).filter(|asked| asked.value).map(|asked| asked.from);
        let asked = flags.read_only.then_some(SettingSource::Flag("--read-only")).or(by_profile);
        let variable = read_only::unknown_variable(env).filter(|_| !flags.demo);
        warnings.extend(variable.iter().map(|why| format!("{why}; nothing is changed while it is set")));
        let read_only = ReadOnly::first(asked, &unknown, variable);
        let log = match &flags.log {
            Some(path) => Some(path.clone()),
            None => env.variable("COREDECK_LOG").filter(|path| !path.is_empty()).map(PathBuf::from),
        };
        Ok(Self {
            further: (!is_named(&endpoints.from)).then(Vec::new),
            endpoints,
            cacert,
            cert,
            key,
            user,
            password,
            dial_timeout,
            command_timeout,
            scope,
            zones,
            served: corefile.and_then(Discovered::served).cloned(),
            dns_servers,
            verify_after: from
                .of_profile(|p| p.verify_after)
                .filter(|asked| asked.value)
                .map(|asked| asked.from),
            profile: chosen.map(|chosen| chosen.name.clone()),
            colour: chosen.and_then(|chosen| chosen.profile.colour),
            taken,
            label: chosen.and_then(|chosen| chosen.profile.label.clone()),
            pinned,
            read_only,
            rescue_all: from.of_profile(|p| p.rescue_all).filter(|asked| asked.value).map(|asked| asked.from),
            demo: flags.demo,
            output: flags.output.unwrap_or_default(),
            color: flags.color.unwrap_or_default(),
            no_color: env.variable("NO_COLOR").is_some_and(|value| !value.is_empty())
                || env.variable("TERM").is_some_and(|terminal| terminal == "dumb"),
            ascii: flags.ascii || !locale_is_utf8(env),
            log,
            unchosen,
            unknown,
            unused: vec![],
            warnings,
        })
    }

    /// Returns what the way back of a saved file needs of this session.
    #[must_use]
    pub fn for_way_back(&self) -> WayBackContext {
        WayBackContext {
            connection: self.for_etcdctl(),
            program: self.program(),
            distribution: self.taken.distribution,
        }
    }

    /// Returns the connection for a script of etcdctl: without a password, with paths that hold from any directory.
    fn for_etcdctl(&self) -> EtcdctlConnection {
        let path = |file: &Option<Sourced<PathBuf>>| {
            let file = &file.as_ref()?.value;
            Some(std::path::absolute(file).unwrap_or_else(|_| file.clone()).display().to_string())
        };
        EtcdctlConnection {
            endpoints: self.endpoints.value.clone(),
            cacert: path(&self.cacert),
            cert: path(&self.cert),
            key: path(&self.key),
            user: self.user.as_ref().map(|user| user.value.clone()),
        }
    }

    /// Returns the user whose password has to be asked for, if any.
    #[must_use]
    pub fn asks_for_password_of(&self) -> Option<&str> {
        if self.demo || self.password.is_some() {
            return None;
        }
        self.user.as_ref().map(|user| user.value.as_str())
    }
}

fn half_a_pair(given: &'static str, missing: &'static str, file: &Sourced<PathBuf>) -> ConfigError {
    ConfigError::HalfAPair { given, missing, from: file.from.clone() }
}

fn scope_of(text: Sourced<String>) -> Result<Sourced<Scope>, ConfigError> {
    text.try_map(|text, from| {
        Scope::parse(&text).map_err(|error| ConfigError::Scope { error, from: from.clone() })
    })
}

/// Tells whether a person has named it: by a flag, a variable or a profile.
fn is_named(from: &SettingSource) -> bool {
    matches!(from, SettingSource::Flag(_) | SettingSource::Env(_) | SettingSource::Profile { .. })
}

fn bad_cluster(text: String, from: &SettingSource) -> ConfigError {
    ConfigError::BadValue {
        what: "cluster_id",
        text,
        from: from.clone(),
        reason: "a cluster id has up to 16 hexadecimal digits".to_owned(),
    }
}

fn zones_of(list: &str, from: &SettingSource) -> Result<Vec<Name>, ConfigError> {
    list.split(',')
        .map(str::trim)
        .filter(|zone| !zone.is_empty())
        .map(|zone| {
            corefile::zone_or_network(zone).map_err(|reason| ConfigError::BadValue {
                what: "the zone",
                text: zone.to_owned(),
                from: from.clone(),
                reason,
            })
        })
        .collect::<Result<Vec<_>, _>>()
        .map(|zones| zones.into_iter().flatten().collect())
}

/// Tells whether the locale has UTF-8. POSIX: the first of these that is set decides, and without any it is the C
/// locale.
fn locale_is_utf8(env: &impl Environment) -> bool {
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .iter()
        .find_map(|name| env.variable(name).filter(|value| !value.is_empty()))
        .unwrap_or_default();
    let locale = locale.to_string_lossy().to_ascii_lowercase();
    locale.contains("utf-8") || locale.contains("utf8")
}

#[cfg(test)]
#[path = "merge_tests.rs"]
mod tests;
