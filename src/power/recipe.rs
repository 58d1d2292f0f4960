//! Recipe for a user that can do nothing but the scope: lines of etcdctl, and warnings for turning authentication on.
//! The lines are handed over and never run.
use super::{Already, Authentication, Existing};
use crate::{
    etcdctl::quoted,
    keys::{Scope, spelling::Spelled},
};

/// From this version on etcdctl speaks its version 3 without being told, and makes users without a password.
const SINCE: (u32, u32) = (3, 4);

/// Way in which the user shows its identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserLogin {
    /// By the common name of its client certificate.
    Certificate,
    /// By a password, which etcdctl asks for.
    Password,
}

/// User and role that are to be made, and the etcd for them.
#[derive(Clone, Debug)]
pub struct Recipe<'a> {
    pub user: &'a str,
    pub role: &'a str,
    pub login: UserLogin,
    pub scope: &'a Scope,
    pub authentication: &'a Authentication,
    /// True if the lines run as root without a further option, as with root's own certificate.
    pub is_root: bool,
    /// etcd's version, where it is known.
    pub version: Option<&'a str>,
    /// `ETCDCTL_ENDPOINTS` and its like, by which etcd was reached.
    pub environment: &'a [(&'static str, String)],
    /// The role and the user that exist already.
    pub already: &'a Already,
    /// The programs that have keys in this etcd, as far as they can be seen.
    pub others: &'a [&'a str],
}

/// Reason why a name cannot be that of a user or a role.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} {} cannot be: {why}", Spelled(.name.as_bytes()))]
pub struct RecipeError {
    pub(super) what: &'static str,
    pub(super) name: String,
    pub(super) why: &'static str,
}

impl Recipe<'_> {
    /// Returns each line for a shell; none where all of it is there already.
    ///
    /// # Errors
    /// [`RecipeError`] for a name that etcdctl would misread, or that is there already with other rights.
    pub fn lines(&self) -> Result<Vec<String>, RecipeError> {
        let (user, role) = (name("the user", self.user)?, name("the role", self.role)?);
        let (make_role, grant_scope) = self.already.role_needs(self.role, self.scope)?;
        let (make_user, grant_role) = self.already.user_needs(self.user, self.role)?;
        if !(make_role || grant_scope || make_user || grant_role) {
            return Ok(vec![]);
        }
        let scope = quoted(self.scope.as_str());
        let etcdctl = match (self.authentication, self.is_root) {
            (Authentication::On, false) => "etcdctl --user root",
            _ => "etcdctl",
        };
        let add = match self.login {
            UserLogin::Certificate if self.is_old() => return Err(self.too_old()),
            UserLogin::Certificate => format!("{etcdctl} user add {user} --no-password"),
            UserLogin::Password => format!("{etcdctl} user add {user}"),
        };
        let environment = self.environment.iter().map(|(name, value)| format!("{name}={}", quoted(value)));
        let api = self.is_old().then(|| "ETCDCTL_API=3".to_owned());
        let environment: Vec<String> = api.into_iter().chain(environment).collect();
        Ok([
            (!environment.is_empty()).then(|| format!("export {}", environment.join(" "))),
            make_role.then(|| format!("{etcdctl} role add {role}")),
            grant_scope
                .then(|| format!("{etcdctl} role grant-permission {role} --prefix=true readwrite {scope}")),
            make_user.then_some(add),
            grant_role.then(|| format!("{etcdctl} user grant-role {user} {role}")),
        ]
        .into_iter()
        .flatten()
        .collect())
    }

    /// Joins the lines for pasting: they are one command where etcdctl asks for a password on its way, because it would
    /// read the next line as the password.
    #[must_use]
    pub fn pasted(&self, mut lines: Vec<String>) -> Vec<String> {
        let asks =
            self.login == UserLogin::Password || *self.authentication == Authentication::On && !self.is_root;
        if asks && let Some((_, before)) = lines.split_last_mut() {
            for line in before {
                line.push_str(" &&");
            }
        }
        lines
    }

    fn too_old(&self) -> RecipeError {
        let why = "etcd before 3.4 has no user without a password; take --login password";
        RecipeError { what: "the user", name: self.user.to_owned(), why }
    }

    fn is_old(&self) -> bool {
        let number = |part: Option<&str>| part.and_then(|part| part.parse::<u32>().ok());
        self.version.is_some_and(|version| {
            let mut parts = version.split('.');
            matches!((number(parts.next()), number(parts.next())), (Some(major), Some(minor)) if (major, minor) < SINCE)
        })
    }

    /// Returns the facts that have to be known, the most important first.
    #[must_use]
    pub fn warnings(&self) -> Vec<String> {
        let mut warnings = Vec::new();
        match self.authentication {
            Authentication::On => {}
            Authentication::Off => warnings.push(
                "Authentication is off, so these lines limit nobody yet: everyone who reaches this etcd can still \
                 destroy everything in it."
                    .to_owned(),
            ),
            Authentication::Unknown(why) => warnings.push(format!(
                "Whether authentication is on could not be found out ({why}); take it for off."
            )),
        }
        if *self.authentication != Authentication::On {
            warnings.push(self.before_it_is_turned_on());
        }
        warnings.extend(self.already.in_words(self.user, self.role));
        if self.login == UserLogin::Password && matches!(self.already.user, Existing::There(_)) {
            // It has one, or etcdctl user passwd gives it one.
        } else if self.login == UserLogin::Password {
            warnings.push(format!(
                "etcdctl asks for the new password of {} at its line; it belongs on no command line.",
                Spelled(self.user.as_bytes())
            ));
        } else {
            warnings.push(format!(
                "The user is who shows a client certificate with the common name {}; other certificates are other users.",
                Spelled(self.user.as_bytes())
            ));
        }
        warnings.push(format!(
            "Afterwards coredeck doctor, as that user, has to say: reads and writes {}* and nothing else.",
            self.scope
        ));
        warnings
    }

    /// Returns the order of steps that keeps a running Kubernetes running.
    fn before_it_is_turned_on(&self) -> String {
        let kubernetes = self.others.iter().any(|owner| owner.contains("Kubernetes"));
        let mut said = if kubernetes {
            "Kubernetes runs on this etcd. Turning authentication on locks out every client without a user, its API \
             server first, and the cluster stops. "
                .to_owned()
        } else {
            "Turning authentication on locks out every client without a user. ".to_owned()
        };
        said.push_str("Before anybody does, in this order: (1) save a snapshot (coredeck snapshot --to FILE); (2) make the user root, with a password that is kept, and grant it the role root; ");
        if kubernetes {
            said.push_str(
                "(3) make a user with the common name of the API server's certificate (kubeadm: \
                 kube-apiserver-etcd-client; look with openssl x509 -noout -subject) and grant it the role root, \
                 because from etcd 3.5.28 on only root may compact, which it does every five minutes; ",
            );
        } else {
            said.push_str(
                "(3) make a user for each program that writes here, with a role for its own prefix; ",
            );
        }
        let rest: Vec<&str> =
            self.others.iter().copied().filter(|owner| !owner.contains("Kubernetes")).collect();
        let rest = if rest.is_empty() { "everything else that connects".to_owned() } else { rest.join(", ") };
        let last = format!(
            "(4) a user for {rest}, CoreDNS and external-dns too, each with a role for its own prefix; (5) only then \
             have root turn it on, and look at the API server's log at once: root can turn it off again."
        );
        said.push_str(&last);
        said
    }
}

/// Quotes a name that etcdctl takes as it is.
fn name(what: &'static str, name: &str) -> Result<String, RecipeError> {
    let bad = |why| Err(RecipeError { what, name: name.to_owned(), why });
    match name {
        "" => bad("it is empty"),
        "root" => bad("root may do everything"),
        name if name.starts_with('-') => bad("etcdctl takes it for an option"),
        name if name.contains(':') => bad("etcdctl takes what follows a colon for a password"),
        name if name.chars().any(char::is_control) => bad("it holds a control character"),
        name => Ok(quoted(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        keys::ForeignRange,
        power::{RolePermission, UserPermissions},
    };

    fn recipe<'a>(scope: &'a Scope, authentication: &'a Authentication, others: &'a [&'a str]) -> Recipe<'a> {
        Recipe {
            user: "dns",
            role: "dns",
            login: UserLogin::Certificate,
            scope,
            authentication,
            is_root: false,
            version: Some("3.5.16"),
            environment: &[],
            already: &Already { role: Existing::Nothing, user: Existing::Nothing },
            others,
        }
    }

    fn scope() -> Scope {
        Scope::parse("/coredns").unwrap()
    }

    #[test]
    fn the_lines_make_a_role_of_the_scope_and_a_user_who_has_it() {
        let scope = scope();
        assert_eq!(
            recipe(&scope, &Authentication::Off, &[]).lines().unwrap(),
            [
                "etcdctl role add dns",
                "etcdctl role grant-permission dns --prefix=true readwrite /coredns/",
                "etcdctl user add dns --no-password",
                "etcdctl user grant-role dns dns",
            ]
        );
        let environment = [
            ("ETCDCTL_ENDPOINTS", "https://a:2379,https://b:2379".to_owned()),
            ("ETCDCTL_KEY", "/a b".to_owned()),
        ];
        let by_password = Recipe {
            login: UserLogin::Password,
            environment: &environment,
            ..recipe(&scope, &Authentication::On, &[])
        };
        assert_eq!(
            by_password.lines().unwrap(),
            [
                "export ETCDCTL_ENDPOINTS=https://a:2379,https://b:2379 ETCDCTL_KEY='/a b'",
                "etcdctl --user root role add dns",
                "etcdctl --user root role grant-permission dns --prefix=true readwrite /coredns/",
                "etcdctl --user root user add dns",
                "etcdctl --user root user grant-role dns dns",
            ]
        );
        let pasted = by_password.pasted(by_password.lines().unwrap());
        let (last, before) = pasted.split_last().unwrap();
        assert!(before.iter().all(|line| line.ends_with(" &&")) && !last.contains("&&"), "{pasted:?}");
        let asks_nothing = recipe(&scope, &Authentication::Off, &[]);
        assert_eq!(asks_nothing.pasted(asks_nothing.lines().unwrap()), asks_nothing.lines().unwrap());
        let as_root = Recipe { is_root: true, ..recipe(&scope, &Authentication::On, &[]) };
        assert!(as_root.lines().unwrap().iter().all(|line| !line.contains("--user root")));
    }

    #[test]
    fn what_is_there_already_is_not_made_again_and_is_refused_where_it_may_do_more() {
        let scope = scope();
        let grant = |start: &str, end: &str| RolePermission {
            range: ForeignRange::granted(start.as_bytes(), end.as_bytes()),
            read: true,
            write: true,
        };
        let role = |grants: &[RolePermission]| Existing::There(UserPermissions::of(vec![], grants));
        let user = |roles: &[&str]| Existing::There(roles.iter().map(|role| (*role).to_owned()).collect());
        let own = grant("/coredns/", "/coredns0");
        let number = |already: &Already| {
            Recipe { already, ..recipe(&scope, &Authentication::Off, &[]) }.lines().map(|lines| lines.len())
        };
        for (role_is, user_is, lines) in [
            (Existing::Nothing, Existing::Nothing, Ok(4)),
            (role(&[]), Existing::Nothing, Ok(3)),
            (role(std::slice::from_ref(&own)), Existing::Nothing, Ok(2)),
            (role(std::slice::from_ref(&own)), user(&[]), Ok(1)),
            (role(std::slice::from_ref(&own)), user(&["dns"]), Ok(0)),
            (role(&[own.clone(), grant("/registry/", "/registry0")]), Existing::Nothing, Err("the role")),
            (role(std::slice::from_ref(&own)), user(&["dns", "root"]), Err("the user")),
        ] {
            let already = Already { role: role_is, user: user_is };
            assert_eq!(number(&already).map_err(|bad| bad.what), lines, "{already:?}");
        }
        let hidden = Already::default();
        let recipe = Recipe { already: &hidden, ..recipe(&scope, &Authentication::On, &[]) };
        assert!(recipe.warnings().join("\n").contains("may not see"));
    }

    #[test]
    fn no_wording_has_the_line_that_would_lock_kubernetes_out() {
        let scope = scope();
        let unknown = Authentication::Unknown("no answer".to_owned());
        for authentication in [&Authentication::On, &Authentication::Off, &unknown] {
            for login in [UserLogin::Certificate, UserLogin::Password] {
                let recipe = Recipe { login, ..recipe(&scope, authentication, &["Kubernetes", "Calico"]) };
                let all = [recipe.lines().unwrap(), recipe.warnings()].concat().join("\n");
                assert!(!all.contains("auth enable"), "{all}");
            }
        }
    }

    #[test]
    fn before_authentication_is_turned_on_the_api_server_has_a_user() {
        let scope = scope();
        let said = recipe(&scope, &Authentication::Off, &["Kubernetes", "Calico"]).warnings().join("\n");
        let order = ["snapshot", "user root", "kube-apiserver-etcd-client", "a user for Calico", "only then"];
        let places: Vec<usize> = order.iter().map(|step| said.find(step).unwrap()).collect();
        assert!(places.is_sorted(), "{said}");
        let nobody_else = recipe(&scope, &Authentication::Off, &[]).warnings().join("\n");
        assert!(!nobody_else.contains("Kubernetes"), "{nobody_else}");
        assert!(!recipe(&scope, &Authentication::On, &["Kubernetes"]).warnings().join("\n").contains("turn"));
    }

    #[test]
    fn the_lines_fit_the_version() {
        let scope = scope();
        let old = Recipe { version: Some("3.3.27"), ..recipe(&scope, &Authentication::Off, &[]) };
        assert!(old.lines().unwrap_err().to_string().contains("before 3.4"));
        let old = Recipe { login: UserLogin::Password, ..old };
        assert_eq!(old.lines().unwrap().first().map(String::as_str), Some("export ETCDCTL_API=3"));
    }

    #[test]
    fn a_name_that_etcdctl_would_misread_is_refused_and_shown_escaped() {
        let scope = scope();
        for user in ["", "root", "-x", "dns:secret", "a\nb", "\u{1b}[2J"] {
            let refused = Recipe { user, ..recipe(&scope, &Authentication::Off, &[]) }.lines().unwrap_err();
            assert!(!refused.to_string().chars().any(char::is_control), "{refused}");
        }
    }
}
