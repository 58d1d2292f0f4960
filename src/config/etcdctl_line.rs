//! Settings for the cluster that an etcdctl line goes to. No profile and no file of this machine decides them.
use super::{ConfigError, Environment, Flags, Settings, UserFlag, sources::Unchosen};
use crate::etcdctl::Destination;
use std::{ffi::OsString, path::PathBuf};

/// Environment without etcdctl's variables: those are for the line, and do not decide this program's own connection.
struct WithoutEtcdctl<'a, E>(&'a E);

impl<E: Environment> Environment for WithoutEtcdctl<'_, E> {
    fn variable(&self, name: &str) -> Option<OsString> {
        if name.starts_with("ETCDCTL_") { None } else { self.0.variable(name) }
    }

    fn root(&self) -> Option<PathBuf> {
        self.0.root()
    }
}

/// Empty environment, so that only the line counts.
struct EmptyEnvironment;

impl Environment for EmptyEnvironment {
    fn variable(&self, _: &str) -> Option<OsString> {
        None
    }
}

impl Settings {
    /// Merges as [`Settings::merge`] does, but for a session beside a line to another cluster: etcdctl's variables are
    /// the line's, and those that this program does not offer do not stop it.
    ///
    /// # Errors
    /// As [`Settings::merge`].
    pub fn beside_a_line(flags: &Flags, env: &impl Environment) -> Result<Self, ConfigError> {
        Self::merge(flags, &WithoutEtcdctl(env))
    }

    /// Makes the settings for this scope on the cluster that the line goes to.
    ///
    /// # Errors
    /// The line has a setting that this program does not take.
    pub fn of_line(destination: &Destination, session: &Self) -> Result<Self, ConfigError> {
        let path = |path: &Option<OsString>| path.clone().map(PathBuf::from);
        let flags = Flags {
            endpoints: destination.endpoints.clone(),
            cacert: path(&destination.cacert),
            cert: path(&destination.cert),
            key: path(&destination.key),
            user: destination.user.clone().map(UserFlag::Name),
            prefix: Some(session.scope.value.as_str().trim_end_matches('/').to_owned()),
            ..Flags::default()
        };
        let settings = Self::merge_with(None, Unchosen::default(), &flags, &EmptyEnvironment)?;
        Ok(Self { password: destination.password.clone().map(|password| password.0), ..settings })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Table(&'static [(&'static str, &'static str)]);
    impl Environment for Table {
        fn variable(&self, name: &str) -> Option<OsString> {
            self.0.iter().find(|(is, _)| *is == name).map(|(_, value)| value.into())
        }
    }

    #[test]
    fn a_line_goes_where_it_says_and_else_where_etcdctl_goes_by_itself() {
        let env = Table(&[
            ("ETCDCTL_ENDPOINTS", "10.0.0.9:2379"),
            ("ETCDCTL_INSECURE_SKIP_TLS_VERIFY", "true"),
            ("COREDECK_PREFIX", "/skydns"),
            ("COREDECK_COREFILE", "none"),
        ]);
        let session = Settings::beside_a_line(&Flags::default(), &env).unwrap();
        assert_eq!(session.endpoints.value, ["http://127.0.0.1:2379"]);
        let nothing_said = Settings::of_line(&Destination::default(), &session).unwrap();
        assert_eq!(nothing_said.endpoints.value, ["http://127.0.0.1:2379"]);
        assert_eq!(nothing_said.scope.value.as_str(), "/skydns/");
        let line = Destination {
            endpoints: Some("10.0.0.1:2379".to_owned()),
            cacert: Some("/ca".into()),
            user: Some("root:a".to_owned()),
            ..Destination::default()
        };
        let settings = Settings::of_line(&line, &session).unwrap();
        assert_eq!(settings.endpoints.value, ["https://10.0.0.1:2379"]);
        assert_eq!(settings.user.as_ref().map(|user| &*user.value), Some("root:a"));
        assert_eq!(settings.asks_for_password_of(), Some("root:a"));
    }
}
