//! Settings of a second etcd, which one command speaks to beside the session's own.
use super::{ConfigError, Environment, Flags, Profiles, Settings, sources::Unchosen};
use std::{ffi::OsString, path::PathBuf};

/// Options of the command line for the other etcd.
#[derive(Clone, Debug, Default)]
pub struct SecondEtcd {
    /// The name of a profile, or endpoints with commas.
    pub to: String,
    /// The one of the two that is meant.
    pub whom: EtcdNameKind,
    /// The variable that has the password of the other etcd's user [default: `COREDECK_TO_PASSWORD`].
    pub password: Option<&'static str>,
    /// The files for endpoints; a profile names its own.
    pub cacert: Option<PathBuf>,
    pub cert: Option<PathBuf>,
    pub key: Option<PathBuf>,
}

/// Kind of a name for another etcd.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EtcdNameKind {
    /// The name of a profile if there is one, or else text that looks like endpoints.
    #[default]
    Either,
    Profile,
    Endpoints,
}

/// The variable with the password of the other etcd's user, who is never sent the session's password.
const PASSWORD: &str = "COREDECK_TO_PASSWORD";

/// Environment without variables for etcd, because those are about the session's own.
struct Apart<'a, E> {
    env: &'a E,
    /// The variable that has the password instead.
    password: Option<&'static str>,
}

impl<E: Environment> Environment for Apart<'_, E> {
    fn variable(&self, name: &str) -> Option<OsString> {
        match name {
            "ETCDCTL_PASSWORD" => self.env.variable(self.password?),
            "COREDECK_PREFIX" | "COREDECK_ZONES" | "COREDECK_PROFILE" | "COREDECK_COREFILE" => None,
            _ if name.starts_with("ETCDCTL_") => None,
            _ => self.env.variable(name),
        }
    }

    fn root(&self) -> Option<PathBuf> {
        self.env.root()
    }
}

/// Returns the flags that are about this program and not about an etcd.
fn common(flags: &Flags) -> Flags {
    Flags {
        dial_timeout: flags.dial_timeout.clone(),
        command_timeout: flags.command_timeout.clone(),
        read_only: flags.read_only,
        output: flags.output,
        color: flags.color,
        ascii: flags.ascii,
        log: flags.log.clone(),
        ..Flags::default()
    }
}

impl Settings {
    /// Makes the settings of another profile than the session's: nothing that was given for the first etcd holds for
    /// it, so its password is asked for.
    ///
    /// # Errors
    /// As [`Settings::merge`].
    pub fn of_profile(name: &str, flags: &Flags, env: &impl Environment) -> Result<Self, ConfigError> {
        let flags = Flags { profile: Some(name.to_owned()), ..common(flags) };
        Self::merge(&flags, &Apart { env, password: None })
    }
}

impl SecondEtcd {
    /// Makes the settings for the other etcd: those of its profile, or of its endpoints. If a profile names no prefix,
    /// that of `session` holds.
    ///
    /// # Errors
    /// [`ConfigError`]: there is no such profile, or its settings cannot be used.
    pub fn settings(
        &self,
        session: &Settings,
        flags: &Flags,
        env: &impl Environment,
    ) -> Result<Settings, ConfigError> {
        let profiles = Profiles::read(env)?;
        let prefix = session.scope.value.as_str().trim_end_matches('/').to_owned();
        let common = Flags { corefile: Some("none".into()), ..common(flags) };
        let env = Apart { env, password: Some(self.password.unwrap_or(PASSWORD)) };
        let looks_like = self.to.contains([':', '.', ',']) || self.to == "localhost";
        let profile = profiles.all.get(&self.to).map(|(_, profile)| profile);
        let is_endpoints = match self.whom {
            EtcdNameKind::Either => profile.is_none() && looks_like,
            EtcdNameKind::Profile => false,
            EtcdNameKind::Endpoints => true,
        };
        match profile {
            // Endpoints stand alone: no profile adds anything to them, not even `default`.
            _ if is_endpoints => {
                let flags = Flags {
                    endpoints: Some(self.to.clone()),
                    prefix: Some(prefix),
                    cacert: self.cacert.clone(),
                    cert: self.cert.clone(),
                    key: self.key.clone(),
                    ..common
                };
                let beside = Unchosen { unknown: profiles.unknown, ..Unchosen::default() };
                Settings::merge_with(None, beside, &flags, &env)
            }
            profile => {
                let prefix = profile.is_none_or(|profile| profile.prefix.is_none()).then_some(prefix);
                let flags = Flags { profile: Some(self.to.clone()), prefix, ..common };
                Settings::merge(&flags, &env)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::SettingSource;
    use std::{collections::HashMap, path::Path};

    struct Table(HashMap<&'static str, String>);
    impl Environment for Table {
        fn variable(&self, name: &str) -> Option<OsString> {
            self.0.get(name).map(Into::into)
        }
    }

    fn environment(home: &Path) -> Table {
        Table(HashMap::from([
            ("XDG_CONFIG_HOME", home.display().to_string()),
            ("ETCDCTL_ENDPOINTS", "https://10.0.0.1:2379".to_owned()),
            ("ETCDCTL_USER", "root".to_owned()),
            ("ETCDCTL_PASSWORD", "of the session".to_owned()),
            ("COREDECK_PREFIX", "/skydns".to_owned()),
        ]))
    }

    fn other(to: &str, profiles: &str) -> Result<Settings, ConfigError> {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("coredeck")).unwrap();
        std::fs::write(home.path().join("coredeck/config.toml"), profiles).unwrap();
        let env = environment(home.path());
        let session = Settings::merge(&Flags::default(), &env).unwrap();
        assert_eq!(session.scope.value.as_str(), "/skydns/");
        let elsewhere = SecondEtcd { to: to.to_owned(), ..SecondEtcd::default() };
        elsewhere.settings(&session, &Flags::default(), &env)
    }

    #[test]
    fn nothing_of_the_session_is_sent_to_another_etcd() {
        let profile = "[profile.dns]\nendpoints = \"http://10.0.0.9:2379\"\n";
        for to in ["dns", "http://10.0.0.9:2379"] {
            let settings = other(to, profile).unwrap();
            assert_eq!(settings.endpoints.value, ["http://10.0.0.9:2379"], "{to}");
            assert!(settings.user.is_none() && settings.password.is_none(), "{to}");
            assert_eq!(settings.scope.value.as_str(), "/skydns/", "{to}");
        }
    }

    #[test]
    fn a_profile_of_the_other_etcd_says_all_of_it() {
        let profile =
            "[profile.dns]\nendpoints = \"http://10.0.0.9:2379\"\nprefix = \"/dns\"\nuser = \"ada\"\n";
        let settings = other("dns", profile).unwrap();
        assert_eq!(settings.scope.value.as_str(), "/dns/");
        assert_eq!(settings.user.as_ref().map(|user| user.value.as_str()), Some("ada"));
        assert_eq!(settings.asks_for_password_of(), Some("ada"));
    }

    #[test]
    fn the_default_profile_adds_nothing_to_endpoints() {
        let profile = "[profile.default]\nuser = \"ada\"\ncluster_id = \"abc\"\nprefix = \"/dns\"\n";
        let settings = other("10.0.0.9:2379", profile).unwrap();
        assert!(settings.user.is_none() && settings.pinned.is_none());
        assert_eq!(settings.endpoints.from, SettingSource::Flag("--endpoints"));
    }

    #[test]
    fn who_says_which_of_the_two_is_meant_gets_no_other() {
        let home = tempfile::tempdir().unwrap();
        std::fs::create_dir(home.path().join("coredeck")).unwrap();
        let profile = "[profile.dns]\nendpoints = \"http://10.0.0.9:2379\"\n";
        std::fs::write(home.path().join("coredeck/config.toml"), profile).unwrap();
        let env = environment(home.path());
        let session = Settings::merge(&Flags::default(), &env).unwrap();
        let of = |to: &str, whom| {
            let elsewhere = SecondEtcd { to: to.to_owned(), whom, ..SecondEtcd::default() };
            elsewhere.settings(&session, &Flags::default(), &env).map(|settings| settings.endpoints.value)
        };
        assert_eq!(of("dns", EtcdNameKind::Profile).unwrap(), ["http://10.0.0.9:2379"]);
        assert_eq!(of("dns", EtcdNameKind::Endpoints).unwrap(), ["http://dns:2379"]);
        assert!(matches!(of("10.0.0.9", EtcdNameKind::Profile), Err(ConfigError::NoSuchProfile { .. })));
    }

    #[test]
    fn a_profile_that_is_not_there_is_an_error() {
        assert!(matches!(other("dnsx", "[profile.dns]\n"), Err(ConfigError::NoSuchProfile { .. })));
    }
}
