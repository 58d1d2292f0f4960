//! Destination of a line: the etcd and the user, taken from the line's flags, then from its variables, as etcdctl
//! does.
use super::{
    EtcdctlVersion,
    commands::{ETCDCTL, FoundCommand, GLOBAL, find},
    flag::{KnownFlags, ParsedFlags},
    request::LineWords,
};
use secrecy::{ExposeSecret as _, SecretString};
use std::{ffi::OsString, os::unix::ffi::OsStringExt as _};

/// Connection that etcdctl would make. A field that neither flags nor variables set has etcdctl's default, or
/// nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    /// Separated by commas.
    pub endpoints: Option<String>,
    pub cacert: Option<OsString>,
    pub cert: Option<OsString>,
    pub key: Option<OsString>,
    pub user: Option<String>,
    pub password: Option<Password>,
    /// A flag that makes a connection that this program cannot make: `insecure-skip-tls-verify`.
    pub beyond: Option<&'static str>,
}

/// A password, which is never shown.
#[derive(Clone, Debug)]
pub struct Password(pub SecretString);

impl PartialEq for Password {
    fn eq(&self, other: &Self) -> bool {
        self.0.expose_secret() == other.0.expose_secret()
    }
}

impl Eq for Password {}

/// Flags that this program does not follow, and the value at which each one changes nothing.
const BEYOND: [(&str, &str); 4] = [
    ("insecure-skip-tls-verify", "false"),
    ("insecure-transport", "true"),
    ("discovery-srv", ""),
    ("auth-jwt-token", ""),
];

impl Destination {
    /// Returns the destination that the variables alone give, such as those of a shell.
    #[must_use]
    pub fn of_variables(variables: &[(Vec<u8>, Vec<u8>)]) -> Self {
        Self::of(&LineWords { variables: variables.to_vec(), ..LineWords::default() })
    }

    pub(super) fn of(line: &LineWords) -> Self {
        let parsed = parsed(line);
        let bytes = |flag: &str| {
            let said = parsed.values(flag).collect::<Vec<_>>();
            match said.last() {
                // If several of them are set, etcdctl joins the values of the one flag that is a list.
                Some(_) if flag == "endpoints" => Some(said.join(&b',')),
                Some(last) => Some(last.to_vec()),
                // An empty variable counts as not set.
                None => {
                    line.variable(&variable_of(flag)).filter(|value| !value.is_empty()).map(<[u8]>::to_vec)
                }
            }
        };
        let text = |flag| bytes(flag).map(|value| String::from_utf8_lossy(&value).into_owned());
        let path = |flag| bytes(flag).map(OsString::from_vec);
        let said = text("user").unwrap_or_default();
        // If the name has a password and there is another one as well, etcdctl takes both for the name, and cannot
        // connect. Here the name stays without the password, because a name is shown.
        let (user, behind) =
            said.split_once(':').map_or((&*said, None), |(user, behind)| (user, Some(behind)));
        let own = text("password").filter(|text| !text.is_empty());
        let password = own.as_deref().or(behind).filter(|_| !user.is_empty());
        let beyond = BEYOND.into_iter().find(|(flag, nothing)| {
            text(flag).is_some_and(|value| !value.is_empty() && value.to_ascii_lowercase() != *nothing)
        });
        Self {
            endpoints: text("endpoints"),
            cacert: path("cacert"),
            cert: path("cert"),
            key: path("key"),
            user: Some(user.to_owned()).filter(|user| !user.is_empty()),
            password: password.map(|password| Password(password.into())),
            beyond: beyond.map(|(flag, _)| flag),
        }
    }
}

/// Reads the flags as the newest release does that takes the line.
fn parsed(line: &LineWords) -> ParsedFlags {
    let by = |version| {
        let FoundCommand::Command(spec, words) = find(ETCDCTL, &line.words, version) else { return None };
        KnownFlags { own: spec.flags, global: GLOBAL, version }.parse(&words).ok()
    };
    EtcdctlVersion::ALL.into_iter().rev().find_map(by).unwrap_or_default()
}

/// Returns the variable that stands for a flag of every command.
pub(super) fn variable_of(flag: &str) -> String {
    format!("ETCDCTL_{}", flag.to_uppercase().replace('-', "_"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(words: &str, variables: &[(&str, &str)]) -> Destination {
        Destination::of(&LineWords {
            words: words.split(' ').map(|word| word.as_bytes().to_vec()).collect(),
            variables: variables.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect(),
            ..LineWords::default()
        })
    }

    #[test]
    fn a_flag_says_it_before_a_variable_wherever_it_stands() {
        let of_flags = of("--endpoints a:1 del --cert=c /x --key k", &[("ETCDCTL_CACERT", "ca")]);
        assert_eq!(of_flags.endpoints.as_deref(), Some("a:1"));
        assert_eq!((of_flags.cert, of_flags.key), (Some("c".into()), Some("k".into())));
        assert_eq!(of_flags.cacert, Some("ca".into()));
        assert_eq!(of("-w --endpoints del /x", &[]).endpoints, None);
        assert_eq!(of("del -- --endpoints", &[]).endpoints, None);
        assert_eq!(of("--endpoints a --endpoints b,c del /x", &[]).endpoints.as_deref(), Some("a,b,c"));
        assert_eq!(of("del /x", &[("ETCDCTL_ENDPOINTS", "")]), Destination::default());
    }

    #[test]
    fn a_password_is_taken_from_where_it_stands_and_never_shown() {
        let in_one = of("--user root:s3cret:b del /x", &[]);
        assert_eq!(in_one.password, Some(Password("s3cret:b".into())));
        let two = of("--user root:a del /x", &[("ETCDCTL_PASSWORD", "s3cret")]);
        assert_eq!(two.password, Some(Password("s3cret".into())));
        for connection in [in_one, two] {
            assert_eq!(connection.user.as_deref(), Some("root"));
            assert!(!format!("{connection:?}").contains("s3cret"), "{connection:?}");
        }
        assert_eq!(of("--password x del /x", &[]), Destination::default());
        assert_eq!(of("--user root del /x", &[]).password, None);
    }

    #[test]
    fn a_connection_that_this_program_does_not_make_is_told_by_its_flag() {
        assert_eq!(of("--insecure-skip-tls-verify del /x", &[]).beyond, Some("insecure-skip-tls-verify"));
        assert_eq!(of("--insecure-transport=false del /x", &[]).beyond, Some("insecure-transport"));
        assert_eq!(of("-d example.org del /x", &[]).beyond, Some("discovery-srv"));
        assert_eq!(of("del /x", &[("ETCDCTL_INSECURE_TRANSPORT", "true")]).beyond, None);
    }
}
