//! The settings of a session, each taken from the first that has it.
use super::{
    ColorChoice, ConfigError, Environment, Flags, Output, Profile, ProfileFile, Source, Sourced, UserFlag,
    config_file, duration, endpoint, profile, refused,
};
use crate::{
    dns::Name,
    keys::{ClusterId, Scope},
};
use secrecy::SecretString;
use std::{path::PathBuf, time::Duration};

/// The prefix when nobody gives one: the default of CoreDNS's etcd block is `/skydns`, and that of those who
/// followed its README `/coredns`.
pub const DEFAULT_PREFIX: &str = "/coredns";
const DIAL_TIMEOUT: Duration = Duration::from_secs(2);

/// What a session is to do.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Each with its scheme: `https://10.0.0.1:2379`.
    pub endpoints: Sourced<Vec<String>>,
    pub cacert: Option<Sourced<PathBuf>>,
    pub cert: Option<Sourced<PathBuf>>,
    pub key: Option<Sourced<PathBuf>>,
    pub user: Option<Sourced<String>>,
    /// `None` while it has to be asked for; see [`Settings::asks_for_password_of`].
    pub password: Option<SecretString>,
    pub dial_timeout: Sourced<Duration>,
    /// `None`: what the store takes for reads and for writes.
    pub command_timeout: Option<Sourced<Duration>>,
    pub scope: Sourced<Scope>,
    /// Empty: every top-level name of the scope is a zone.
    pub zones: Sourced<Vec<Name>>,
    /// The profile that was used, if any.
    pub profile: Option<String>,
    /// What the profile calls this cluster.
    pub label: Option<String>,
    /// The only cluster that may be changed.
    pub pinned: Option<Sourced<ClusterId>>,
    /// Who has asked for a session that changes nothing.
    pub read_only: Option<Source>,
    pub demo: bool,
    pub output: Output,
    pub color: ColorChoice,
    /// `NO_COLOR` is set (no-color.org).
    pub no_color: bool,
    /// Draw with ASCII only.
    pub ascii: bool,
    pub log: Option<PathBuf>,
    /// What the operator should know before anything else.
    pub warnings: Vec<String>,
}

impl Settings {
    /// Merges the flags with the environment and the profile file.
    ///
    /// # Errors
    /// [`ConfigError`]; nothing was sent anywhere.
    pub fn merge(flags: &Flags, env: &impl Environment) -> Result<Self, ConfigError> {
        refused::check(flags, env)?;
        let mut warnings = Vec::new();
        // The demo is no cluster: nothing that was written down for one holds there.
        let chosen = if flags.demo { None } else { Chosen::find(flags, env, &mut warnings)? };
        let from = Sources { env, chosen: chosen.as_ref() };

        let cacert = from.file("--cacert", flags.cacert.as_ref(), "ETCDCTL_CACERT", |p| p.cacert.as_ref())?;
        let cert = from.file("--cert", flags.cert.as_ref(), "ETCDCTL_CERT", |p| p.cert.as_ref())?;
        let key = from.file("--key", flags.key.as_ref(), "ETCDCTL_KEY", |p| p.key.as_ref())?;
        match (&cert, &key) {
            (Some(cert), None) => return Err(half_a_pair("--cert", "--key", cert)),
            (None, Some(key)) => return Err(half_a_pair("--key", "--cert", key)),
            _ => {}
        }
        let tls = cacert.is_some() || cert.is_some();
        let endpoints = from.endpoints(flags, tls)?;
        if tls && endpoints.value.iter().any(|endpoint| endpoint.starts_with("http://")) {
            warnings
                .push("certificates are given, and an endpoint with http:// makes no use of them".to_owned());
        }
        let (user, password) = from.login(flags)?;
        let scope = from
            .text("--prefix", flags.prefix.as_ref(), "COREDECK_PREFIX", |p| p.prefix.clone())?
            .unwrap_or_else(|| by_default(DEFAULT_PREFIX.to_owned()))
            .try_map(|text, from| {
                Scope::parse(&text).map_err(|error| ConfigError::Scope { error, from: from.clone() })
            })?;
        warnings.extend(scope.value.warning().map(|warning| warning.to_string()));
        let zones = from
            .text("--zones", flags.zones.as_ref(), "COREDECK_ZONES", |p| Some(p.zones.as_ref()?.join(",")))?
            .map_or_else(
                || Ok(by_default(vec![])),
                |list| list.try_map(|text, from| zones_of(&text, from)),
            )?;
        let dial_timeout = from
            .duration("--dial-timeout", flags.dial_timeout.as_ref(), "ETCDCTL_DIAL_TIMEOUT")?
            .unwrap_or_else(|| by_default(DIAL_TIMEOUT));
        let command_timeout =
            from.duration("--command-timeout", flags.command_timeout.as_ref(), "ETCDCTL_COMMAND_TIMEOUT")?;
        let pinned = from
            .of_profile(|p| p.cluster_id.clone())
            .map(|id| id.try_map(|text, from| text.parse().map_err(|_| bad_cluster(text, from))))
            .transpose()?;
        let read_only = if flags.read_only {
            Some(Source::Flag("--read-only"))
        } else {
            from.of_profile(|p| p.read_only)
                .filter(|read_only| read_only.value)
                .map(|read_only| read_only.from)
        };
        let log = match &flags.log {
            Some(path) => Some(path.clone()),
            None => env.variable("COREDECK_LOG").filter(|path| !path.is_empty()).map(PathBuf::from),
        };
        Ok(Self {
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
            profile: chosen.as_ref().map(|chosen| chosen.name.clone()),
            label: chosen.as_ref().and_then(|chosen| chosen.profile.label.clone()),
            pinned,
            read_only,
            demo: flags.demo,
            output: flags.output.unwrap_or_default(),
            color: flags.color.unwrap_or_default(),
            no_color: env.variable("NO_COLOR").is_some_and(|value| !value.is_empty()),
            ascii: flags.ascii || !locale_is_utf8(env),
            log,
            warnings,
        })
    }

    /// The user whose password has to be asked for, if any.
    #[must_use]
    pub fn asks_for_password_of(&self) -> Option<&str> {
        if self.demo || self.password.is_some() {
            return None;
        }
        self.user.as_ref().map(|user| user.value.as_str())
    }
}

/// The profile that this session uses.
struct Chosen {
    file: PathBuf,
    name: String,
    profile: Profile,
}

impl Chosen {
    fn find(
        flags: &Flags,
        env: &impl Environment,
        warnings: &mut Vec<String>,
    ) -> Result<Option<Self>, ConfigError> {
        let asked = match &flags.profile {
            Some(name) => Some(name.clone()),
            None => env.text("COREDECK_PROFILE")?,
        };
        let file = match config_file(env) {
            Some(path) => ProfileFile::read(&path)?,
            None => ProfileFile::default(),
        };
        let ProfileFile { path, mut profiles, warnings: unknown } = file;
        warnings.extend(unknown);
        let name = asked.clone().unwrap_or_else(|| profile::DEFAULT.to_owned());
        match (profiles.remove(&name), asked) {
            (Some(profile), _) => Ok(Some(Self { file: path, name, profile })),
            (None, None) => Ok(None),
            (None, Some(name)) => {
                Err(ConfigError::NoSuchProfile { name, file: path, known: profiles.into_keys().collect() })
            }
        }
    }
}

/// Where values are looked for, behind the flags.
struct Sources<'a, E> {
    env: &'a E,
    chosen: Option<&'a Chosen>,
}

impl<E: Environment> Sources<'_, E> {
    fn text(
        &self,
        flag: &'static str,
        given: Option<&String>,
        variable: &'static str,
        of_profile: impl Fn(&Profile) -> Option<String>,
    ) -> Result<Option<Sourced<String>>, ConfigError> {
        if let Some(value) = given {
            let from = Source::Flag(flag);
            if value.is_empty() && flag != "--prefix" {
                return Err(ConfigError::Empty { what: flag, from });
            }
            return Ok(Some(Sourced { value: value.clone(), from }));
        }
        if let Some(value) = self.env.text(variable)? {
            return Ok(Some(Sourced { value, from: Source::Env(variable) }));
        }
        Ok(self.of_profile(of_profile))
    }

    /// A path, which need not be text.
    fn file(
        &self,
        flag: &'static str,
        given: Option<&PathBuf>,
        variable: &'static str,
        of_profile: impl Fn(&Profile) -> Option<&PathBuf>,
    ) -> Result<Option<Sourced<PathBuf>>, ConfigError> {
        if let Some(value) = given {
            let from = Source::Flag(flag);
            if value.as_os_str().is_empty() {
                return Err(ConfigError::Empty { what: flag, from });
            }
            return Ok(Some(Sourced { value: value.clone(), from }));
        }
        if let Some(value) = self.env.variable(variable).filter(|value| !value.is_empty()) {
            return Ok(Some(Sourced { value: value.into(), from: Source::Env(variable) }));
        }
        Ok(self.of_profile(|profile| of_profile(profile).cloned()))
    }

    fn of_profile<T>(&self, get: impl FnOnce(&Profile) -> Option<T>) -> Option<Sourced<T>> {
        let chosen = self.chosen?;
        let from = Source::Profile { file: chosen.file.clone(), name: chosen.name.clone() };
        Some(Sourced { value: get(&chosen.profile)?, from })
    }

    fn endpoints(&self, flags: &Flags, tls: bool) -> Result<Sourced<Vec<String>>, ConfigError> {
        self.text("--endpoints", flags.endpoints.as_ref(), "ETCDCTL_ENDPOINTS", |p| {
            Some(p.endpoints.as_ref()?.join(","))
        })?
        .unwrap_or_else(|| by_default(endpoint::DEFAULT.to_owned()))
        .try_map(|text, from| {
            endpoint::parse_list(&text, tls).map_err(|(text, reason)| ConfigError::BadValue {
                what: "the endpoint",
                text,
                from: from.clone(),
                reason,
            })
        })
    }

    fn duration(
        &self,
        flag: &'static str,
        given: Option<&String>,
        variable: &'static str,
    ) -> Result<Option<Sourced<Duration>>, ConfigError> {
        let Some(text) = self.text(flag, given, variable, |_| None)? else { return Ok(None) };
        text.try_map(|text, from| {
            duration::parse(&text).map_err(|reason| ConfigError::BadValue {
                what: "the time",
                text,
                from: from.clone(),
                reason,
            })
        })
        .map(Some)
    }

    /// The user, and the password when the environment has it. Nowhere else may one stand.
    fn login(&self, flags: &Flags) -> Result<(Option<Sourced<String>>, Option<SecretString>), ConfigError> {
        let in_the_open = |place: &str| Err(ConfigError::PasswordInTheOpen { place: place.to_owned() });
        let alone = self.env.text("ETCDCTL_PASSWORD")?.map(SecretString::from);
        let (user, password) = match &flags.user {
            Some(UserFlag::WithPassword(_)) => return in_the_open("--user"),
            Some(UserFlag::Name(name)) => {
                (Some(Sourced { value: name.clone(), from: Source::Flag("--user") }), alone)
            }
            None => match self.env.text("ETCDCTL_USER")? {
                Some(text) => {
                    let (name, with) = match text.split_once(':') {
                        Some((name, password)) => (name, Some(SecretString::from(password))),
                        None => (text.as_str(), None),
                    };
                    let user = Sourced { value: name.to_owned(), from: Source::Env("ETCDCTL_USER") };
                    // As for etcdctl: the password of its own variable beats the one behind the name.
                    (Some(user), alone.or(with))
                }
                None => match self.of_profile(|p| p.user.clone()) {
                    Some(user) if user.value.contains(':') => return in_the_open(&user.from.to_string()),
                    user => (user, alone),
                },
            },
        };
        match &user {
            Some(user) if user.value.is_empty() => {
                Err(ConfigError::Empty { what: "the user", from: user.from.clone() })
            }
            // A password without a user is somebody else's: etcdctl ignores it as well.
            Some(_) => Ok((user, password)),
            None => Ok((None, None)),
        }
    }
}

fn by_default<T>(value: T) -> Sourced<T> {
    Sourced { value, from: Source::Default }
}

fn half_a_pair(given: &'static str, missing: &'static str, file: &Sourced<PathBuf>) -> ConfigError {
    ConfigError::HalfAPair { given, missing, from: file.from.clone() }
}

fn bad_cluster(text: String, from: &Source) -> ConfigError {
    ConfigError::BadValue {
        what: "cluster_id",
        text,
        from: from.clone(),
        reason: "a cluster id has up to 16 hexadecimal digits".to_owned(),
    }
}

fn zones_of(list: &str, from: &Source) -> Result<Vec<Name>, ConfigError> {
    list.split(',')
        .map(str::trim)
        .filter(|zone| !zone.is_empty())
        .map(|zone| {
            Name::parse(zone).map_err(|error| ConfigError::BadValue {
                what: "the zone",
                text: zone.to_owned(),
                from: from.clone(),
                reason: error.to_string(),
            })
        })
        .collect()
}

/// POSIX: the first of these that is set decides, and without any it is the C locale.
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
