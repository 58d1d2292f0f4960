//! Flags that another line for this program needs to reach the same cluster and the same keys as a session.
use super::{SettingSource, Settings, Sourced, corefile};
use crate::etcdctl::quoted;
use std::path::{Path, PathBuf};

/// The name of the profile that is used if nobody asks for one.
const ASKED_BY_NOBODY: &str = "default";

impl Settings {
    /// Returns the flags that this session was given, quoted for a shell. They leave out the settings from the
    /// environment and from this machine, which another run finds by itself, and every password.
    #[must_use]
    pub fn given(&self) -> Vec<String> {
        let of_profile = self.profile.iter().filter(|name| *name != ASKED_BY_NOBODY);
        let first = self.demo.then(|| "--demo".to_owned());
        let profile = of_profile.map(|name| format!("--profile={}", quoted(name)));
        first.into_iter().chain(profile).chain(self.connection()).chain(self.prefix(false)).collect()
    }

    /// Returns the program's name with those flags: the beginning of each printed line that is meant to be run.
    #[must_use]
    pub fn program(&self) -> String {
        let given = self.given();
        ["coredeck"].into_iter().chain(given.iter().map(String::as_str)).collect::<Vec<_>>().join(" ")
    }

    /// Returns the flags for the same scope on the cluster that `line` is about, even if this session has another one.
    #[must_use]
    pub fn given_for(&self, line: &Self) -> Vec<String> {
        line.connection().into_iter().chain(self.prefix(true)).collect()
    }

    fn connection(&self) -> Vec<String> {
        let endpoints = Some(&self.endpoints).filter(|endpoints| is_given(&endpoints.from));
        let endpoints = endpoints.map(|endpoints| ("endpoints", endpoints.value.join(",")));
        let file = |name, file: &Option<Sourced<PathBuf>>| {
            let file = file.as_ref().filter(|file| is_given(&file.from))?;
            let absolute = std::path::absolute(&file.value).unwrap_or_else(|_| file.value.clone());
            Some((name, absolute.to_str()?.to_owned()))
        };
        let user = self.user.as_ref().filter(|user| is_given(&user.from));
        let user = user.map(|user| ("user", user.value.clone()));
        [endpoints, file("cacert", &self.cacert), file("cert", &self.cert), file("key", &self.key), user]
            .into_iter()
            .flatten()
            .map(|(name, value)| format!("--{name}={}", quoted(&value)))
            .collect()
    }

    /// Returns the flag for the prefix; if `apart`, also for one from a profile, which the line does not name. One from
    /// the environment is named, because `sudo` leaves that away, and the line would be about other keys.
    fn prefix(&self, apart: bool) -> Option<String> {
        let is_named = is_given(&self.scope.from)
            || matches!(self.scope.from, SettingSource::Env(_))
            || apart && matches!(self.scope.from, SettingSource::Profile { .. });
        is_named.then(|| format!("--prefix={}", quoted(self.scope.value.as_str().trim_end_matches('/'))))
    }
}

/// Tells whether another run would not find the setting without this flag.
fn is_given(source: &SettingSource) -> bool {
    match source {
        SettingSource::Flag(_) => true,
        SettingSource::Corefile { file, .. } => {
            !corefile::PLACES.iter().any(|place| file == Path::new(place))
        }
        SettingSource::Env(_)
        | SettingSource::Profile { .. }
        | SettingSource::Found(_)
        | SettingSource::FirstContact { .. }
        | SettingSource::Default => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        config::{Environment, Flags, UserFlag},
        etcdctl::Destination,
    };
    use std::ffi::OsString;

    struct Table(&'static [(&'static str, &'static str)]);
    impl Environment for Table {
        fn variable(&self, name: &str) -> Option<OsString> {
            self.0.iter().find(|(is, _)| *is == name).map(|(_, value)| value.into())
        }
    }

    fn session() -> Settings {
        let flags = Flags {
            endpoints: Some("10.0.0.11:2379,10.0.0.12:2379".to_owned()),
            cacert: Some("/etc/my ca.pem".into()),
            user: Some(UserFlag::Name("dns".to_owned())),
            prefix: Some("/skydns".to_owned()),
            ..Flags::default()
        };
        Settings::merge(&flags, &Table(&[("ETCDCTL_PASSWORD", "s3cret"), ("COREDECK_COREFILE", "none")]))
            .unwrap()
    }

    #[test]
    fn a_line_is_given_what_the_session_was_and_no_password() {
        assert_eq!(
            session().given(),
            [
                "--endpoints=https://10.0.0.11:2379,https://10.0.0.12:2379",
                "--cacert='/etc/my ca.pem'",
                "--user=dns",
                "--prefix=/skydns"
            ]
        );
    }

    #[test]
    fn what_the_environment_says_is_said_there_again_but_for_the_keys_that_are_meant() {
        let env = Table(&[
            ("ETCDCTL_ENDPOINTS", "10.0.0.9:2379"),
            ("COREDECK_PREFIX", "/skydns"),
            ("COREDECK_COREFILE", "none"),
        ]);
        assert_eq!(Settings::merge(&Flags::default(), &env).unwrap().given(), ["--prefix=/skydns"]);
    }

    #[test]
    fn for_another_cluster_the_connection_is_the_lines_and_the_prefix_the_sessions() {
        let line = Destination { endpoints: Some("10.9.0.1:2379".to_owned()), ..Destination::default() };
        let session = session();
        let line = Settings::of_line(&line, &session).unwrap();
        assert_eq!(session.given_for(&line), ["--endpoints=http://10.9.0.1:2379", "--prefix=/skydns"]);
    }
}
