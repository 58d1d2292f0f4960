//! Words for a credential's power: its sentences.
use super::{
    Authentication, Credential, Extent, Keys, Power, UserPermissions,
    places::{places, possessive},
};
use crate::{foreign_text::ForeignText, keys::Scope, quantity::grouped};

impl Power {
    /// Names the owners of the keys beside the scope that the credential could destroy, and the reason: the longest
    /// wording first, each with the main fact. Nothing where it can destroy only the scope.
    #[must_use]
    pub fn alarm(&self, scope: &Scope, others: &[&str]) -> Vec<String> {
        match &self.reach {
            Extent::Everything if self.has_all_to_itself() => vec![],
            Extent::Everything => self.everything(others),
            Extent::Granted(grants) => self.too_much(grants, scope),
            Extent::Unknown(why) => {
                let subject = self.subject();
                vec![
                    format!("what {subject} could destroy is not known: {why}"),
                    format!("what {subject} could destroy is not known"),
                ]
            }
        }
    }

    fn everything(&self, others: &[&str]) -> Vec<String> {
        let subject = self.subject();
        let all = match self.keys {
            Some(Keys { all: 1, .. }) => "the only key".to_owned(),
            Some(Keys { all, .. }) => format!("all {} keys", grouped(all)),
            None => "all keys".to_owned(),
        };
        let whose = match others {
            [] if self.has_all_to_itself() => None,
            [] => Some("others'".to_owned()),
            [one] => Some(possessive(one)),
            [one, another] => Some(format!("{} and {}", possessive(one), possessive(another))),
            [one, rest @ ..] => Some(format!("{} and those of {} others", possessive(one), rest.len())),
        };
        let included =
            |word: &str| whose.as_ref().map_or_else(String::new, |whose| format!(", {whose} {word}"));
        let (why, short) = match (&self.authentication, &self.credential) {
            (Authentication::Off, Credential::Certificate(_)) => {
                ("authentication is off, so anyone with any client certificate can", "auth is off")
            }
            (Authentication::Off, Credential::User(_) | Credential::Nothing) => {
                ("authentication is off, and no certificate is asked for", "auth is off")
            }
            (Authentication::On | Authentication::Unknown(_), _) => ("it has etcd's role root", "role root"),
        };
        vec![
            format!("{subject} can delete {all}{}; {why}", included("included")),
            format!("{subject} can delete {all}{}: {short}", included("too")),
            format!("{subject} can delete {all}: {short}"),
            format!("can delete {}: {short}", all.trim_start_matches("all ")),
        ]
    }

    fn too_much(&self, grants: &UserPermissions, scope: &Scope) -> Vec<String> {
        let subject = self.subject();
        let beside = grants.writable_beside(scope);
        match beside.len() {
            0 => vec![],
            number => vec![
                format!("{subject} can also write to {}", places(&beside)),
                format!(
                    "{subject} can write beyond {scope}, in {number} {}",
                    if number == 1 { "place" } else { "places" }
                ),
            ],
        }
    }

    fn subject(&self) -> String {
        match (&self.credential, &self.authentication) {
            (Credential::User(name), _) => format!("the user {}", ForeignText::from(name.as_str())),
            (Credential::Certificate(_), _) => "this certificate".to_owned(),
            (Credential::Nothing, _) => "anyone".to_owned(),
        }
    }

    /// Names the identity in etcd, in full: `the user dns, by the common name of its certificate`.
    #[must_use]
    pub fn who(&self) -> String {
        let nameless = "a client certificate without a common name";
        match (&self.credential, &self.authentication) {
            (Credential::User(name), _) => {
                format!("the user {}, by password", ForeignText::from(name.as_str()))
            }
            (Credential::Certificate(None), _) => nameless.to_owned(),
            (Credential::Certificate(Some(name)), Authentication::On) => {
                format!(
                    "the user {}, by the common name of its certificate",
                    ForeignText::from(name.as_str())
                )
            }
            (Credential::Certificate(Some(name)), Authentication::Off | Authentication::Unknown(_)) => {
                format!("the client certificate of {}", ForeignText::from(name.as_str()))
            }
            (Credential::Nothing, _) => "nobody: neither a user nor a certificate is given".to_owned(),
        }
    }

    /// Names its rights, in full.
    #[must_use]
    pub fn rights(&self, scope: &Scope, others: &[&str]) -> String {
        match &self.reach {
            Extent::Everything => self.everything(others).swap_remove(0),
            Extent::Unknown(why) => format!("not known: {why}"),
            Extent::Granted(grants) => {
                let roles = match grants.roles() {
                    [] => "it has no role".to_owned(),
                    roles => format!("by {}", ForeignText::from(roles.join(", ").as_str())),
                };
                if grants.are_exactly(scope) {
                    return format!("reads and writes {scope}* and nothing else ({roles})");
                }
                let said =
                    |ranges: &[_]| if ranges.is_empty() { "nothing".to_owned() } else { places(ranges) };
                format!("writes {}; reads {} ({roles})", said(grants.writable()), said(grants.readable()))
            }
        }
    }

    /// Tells whether etcd is known to hold no key beside the scope.
    fn has_all_to_itself(&self) -> bool {
        self.keys.is_some_and(|keys| keys.all <= keys.in_scope)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{keys::ForeignRange, power::RolePermission};

    const ALL: Option<Keys> = Some(Keys { all: 12_433, in_scope: 2 });

    fn power(authentication: Authentication, credential: Credential, reach: Extent) -> Power {
        Power { authentication, credential, reach, keys: ALL }
    }

    fn scope() -> Scope {
        Scope::parse("/coredns").unwrap()
    }

    fn certificate() -> Credential {
        Credential::Certificate(Some("kube-etcd-healthcheck-client".to_owned()))
    }

    fn granted(ranges: &[(&str, &str)]) -> Extent {
        let grant = |(start, end): &(&str, &str)| RolePermission {
            range: ForeignRange::granted(start.as_bytes(), end.as_bytes()),
            read: true,
            write: true,
        };
        Extent::Granted(UserPermissions::of(
            vec!["dns".to_owned()],
            &ranges.iter().map(grant).collect::<Vec<_>>(),
        ))
    }

    #[test]
    fn a_certificate_of_an_etcd_without_authentication_is_said_to_destroy_everything() {
        let open = power(Authentication::Off, certificate(), Extent::Everything);
        assert_eq!(
            open.alarm(&scope(), &["Kubernetes"]),
            [
                "this certificate can delete all 12,433 keys, Kubernetes' included; authentication is off, so anyone \
                 with any client certificate can",
                "this certificate can delete all 12,433 keys, Kubernetes' too: auth is off",
                "this certificate can delete all 12,433 keys: auth is off",
                "can delete 12,433 keys: auth is off",
            ]
        );
        let several = open.alarm(&scope(), &["Kubernetes", "Calico"]);
        assert!(several.first().unwrap().contains("Kubernetes' and Calico's included"), "{several:?}");
        let uncounted = Power { keys: None, ..open.clone() };
        assert!(uncounted.alarm(&scope(), &[]).first().unwrap().contains("all keys, others' included"));
    }

    #[test]
    fn the_second_wording_has_room_below_a_header_of_80_columns() {
        for credential in [certificate(), Credential::Nothing, Credential::User("root".to_owned())] {
            let open = power(Authentication::Off, credential, Extent::Everything);
            let short = open.alarm(&scope(), &["Kubernetes"]).swap_remove(1);
            assert!(short.len() <= 78, "{short}");
        }
    }

    #[test]
    fn an_etcd_that_holds_only_the_scope_frightens_nobody() {
        let own = Power {
            keys: Some(Keys { all: 9, in_scope: 9 }),
            ..power(Authentication::Off, Credential::Nothing, Extent::Everything)
        };
        assert_eq!(own.alarm(&scope(), &[]), <[&str; 0]>::default());
        assert!(!own.rights(&scope(), &[]).contains("others"));
    }

    #[test]
    fn a_user_of_the_scope_alone_is_harmless_and_one_of_more_is_told_of_all_of_it() {
        let own = power(Authentication::On, certificate(), granted(&[("/coredns/", "/coredns0")]));
        assert_eq!(own.alarm(&scope(), &["Kubernetes"]), <[&str; 0]>::default());
        assert_eq!(own.rights(&scope(), &[]), "reads and writes /coredns/* and nothing else (by dns)");
        let more = granted(&[("/coredns/", "/coredns0"), ("/registry/", "/registry0"), ("/x", "")]);
        let more = power(Authentication::On, certificate(), more);
        assert_eq!(
            more.alarm(&scope(), &[]),
            [
                "this certificate can also write to /registry/* (Kubernetes'), /x",
                "this certificate can write beyond /coredns/, in 2 places",
            ]
        );
    }

    #[test]
    fn what_is_not_known_is_said_and_never_passes_for_harmless() {
        let unknown = Extent::Unknown("etcd did not answer".to_owned());
        let unknown = power(Authentication::On, Credential::User("dns".to_owned()), unknown);
        let alarm = unknown.alarm(&scope(), &[]);
        assert!(!alarm.is_empty());
        assert!(alarm.iter().all(|said| said.contains("the user dns could destroy is not known")));
        assert!(unknown.rights(&scope(), &[]).contains("etcd did not answer"));
    }

    #[test]
    fn names_of_others_cannot_move_the_cursor() {
        let hostile = power(Authentication::On, Credential::User("\u{1b}[2J".to_owned()), Extent::Everything);
        let said =
            [hostile.alarm(&scope(), &[]).concat(), hostile.who(), hostile.rights(&scope(), &[])].concat();
        assert!(!said.contains('\u{1b}'));
    }
}
