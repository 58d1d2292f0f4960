//! Authentication of this credential: the user that etcd sees, the user's rights, and the owners of the keys.
use super::{LIMIT, check::Check};
use crate::{
    failure::Failure,
    keys::Scope,
    power::{Authentication, Credential, Extent, Power},
    quantity::counted,
    store::{
        Neighbour, NeighbourKeys,
        etcd::{EtcdSettings, Inquiry},
    },
};
use tokio::time::timeout;

const RBAC: &str = "coredeck rbac prints the lines for a user that can do nothing but the scope.";

pub(super) async fn checks(store: &EtcdSettings, scope: &Scope) -> Vec<Check> {
    let insight = async { Inquiry::open(store, scope)?.insight().await };
    match timeout(LIMIT, insight).await {
        Ok(Ok(insight)) => judged(&insight.power, &insight.neighbours, scope),
        // The check of the endpoints reports which of them does not answer, and the reason.
        Ok(Err(failure)) if failure.is_connection() && !matches!(failure, Failure::NoLeader { .. }) => {
            vec![not_known("no endpoint could be asked")]
        }
        Ok(Err(failure)) => vec![not_known(&failure.to_string())],
        Err(_) => vec![not_known("etcd did not answer in time")],
    }
}

fn not_known(why: &str) -> Check {
    let value = format!("what this credential could destroy is not known: {why}");
    Check::warning("power", value, "Mend the connection first, then look again.")
}

fn judged(power: &Power, neighbours: &[Neighbour], scope: &Scope) -> Vec<Check> {
    let owners: Vec<&str> = neighbours
        .iter()
        .filter(|neighbour| matches!(neighbour.keys, NeighbourKeys::Counted(1..)))
        .map(|neighbour| neighbour.tenant.owner)
        .collect();
    let is_frightening = !power.alarm(scope, &owners).is_empty();
    let authentication = match (&power.authentication, &power.credential) {
        (Authentication::On, _) => Check::ok("authentication", "on"),
        (Authentication::Off, Credential::User(user)) => {
            let value = format!("off: etcd asks nobody who they are, and the user {user} is not used");
            Check::warning("authentication", value, "Leave the user away, or have authentication turned on.")
        }
        (Authentication::Off, _) if is_frightening => {
            Check::warning("authentication", "off: etcd asks nobody who they are", RBAC)
        }
        (Authentication::Off, _) => Check::ok("authentication", "off: etcd asks nobody who they are"),
        (Authentication::Unknown(why), _) => {
            Check::warning("authentication", format!("not known: {why}"), "Mend that, then look again.")
        }
    };
    let rights = power.rights(scope, &owners);
    let range = scope.range();
    let power_check = match &power.reach {
        Extent::Granted(_) if power.credential == Credential::Nothing => {
            let remedy = "Give --user, or a client certificate whose common name is a user of etcd.";
            Check::error("power", "nothing: authentication is on, and nobody is logged in", remedy)
        }
        Extent::Granted(grants) if !grants.may_read(&range) => {
            let remedy = format!("Have a role granted that reads and writes {scope}: {RBAC}");
            Check::error("power", rights, remedy)
        }
        _ if is_frightening => Check::warning("power", rights, RBAC),
        Extent::Granted(grants) if !grants.may_write_in(&range) => {
            let remedy =
                format!("It can only look; to change records have a role granted that writes {scope}.");
            Check::warning("power", rights, remedy)
        }
        Extent::Everything | Extent::Granted(_) | Extent::Unknown(_) => Check::ok("power", rights),
    };
    vec![authentication, Check::ok("credential", power.who()), power_check, tenants(neighbours)]
}

/// Checks which owners have keys beside the scope.
fn tenants(neighbours: &[Neighbour]) -> Check {
    let mut found = Vec::new();
    let mut denied = 0;
    let mut failed = Vec::new();
    for neighbour in neighbours {
        let owner = neighbour.tenant.owner;
        match &neighbour.keys {
            NeighbourKeys::Counted(0) => {}
            NeighbourKeys::Counted(keys) => found.push(format!("{owner} ({})", counted(*keys, "key"))),
            NeighbourKeys::Denied => denied += 1,
            NeighbourKeys::Failed(failure) => failed.push(format!("{owner}: {failure}")),
        }
    }
    if !failed.is_empty() {
        let value = format!("not all could be counted: {}", failed.join("; "));
        return Check::warning("tenants", value, "Look again; nothing else depends on it.");
    }
    if !found.is_empty() {
        return Check::ok("tenants", found.join(", "));
    }
    if denied > 0 {
        return Check::ok("tenants", "this credential may not look at others' keys");
    }
    let looked: Vec<&str> = neighbours.iter().map(|neighbour| neighbour.tenant.prefix).collect();
    let nobody = format!("no key below {}", looked.join(", "));
    Check::ok("tenants", nobody).briefly(format!("no key of {} that are known", looked.len()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        cli::doctor::check::CheckLevel,
        keys::{ForeignRange, TENANTS},
        power::{Keys, RolePermission, UserPermissions},
    };

    fn scope() -> Scope {
        Scope::parse("/coredns").unwrap()
    }

    fn kubernetes(keys: NeighbourKeys) -> Vec<Neighbour> {
        vec![Neighbour { tenant: *TENANTS.first().unwrap(), keys }]
    }

    fn power(authentication: Authentication, reach: Extent, keys: Option<Keys>) -> Power {
        Power { authentication, credential: Credential::Certificate(Some("dns".to_owned())), reach, keys }
    }

    fn granted(start: &str, end: &str, write: bool) -> Extent {
        let range = ForeignRange::granted(start.as_bytes(), end.as_bytes());
        Extent::Granted(UserPermissions::of(
            vec!["dns".to_owned()],
            &[RolePermission { range, read: true, write }],
        ))
    }

    fn levels(checks: &[Check]) -> Vec<(&str, CheckLevel)> {
        checks.iter().map(|check| (check.check, check.level)).collect()
    }

    #[test]
    fn an_open_etcd_with_others_keys_is_a_warning_with_its_remedy() {
        let keys = Some(Keys { all: 12_433, in_scope: 2 });
        let open = power(Authentication::Off, Extent::Everything, keys);
        let checks = judged(&open, &kubernetes(NeighbourKeys::Counted(12_431)), &scope());
        assert_eq!(
            levels(&checks),
            [
                ("authentication", CheckLevel::Warning),
                ("credential", CheckLevel::Ok),
                ("power", CheckLevel::Warning),
                ("tenants", CheckLevel::Ok)
            ]
        );
        assert!(checks.iter().any(|check| check.value.contains("12,433 keys, Kubernetes' included")));
        assert!(
            checks
                .iter()
                .filter(|check| check.level == CheckLevel::Warning)
                .all(|check| check.remedy.is_some())
        );
    }

    #[test]
    fn an_open_etcd_of_records_alone_is_well() {
        let open = power(Authentication::Off, Extent::Everything, Some(Keys { all: 3, in_scope: 3 }));
        let checks = judged(&open, &kubernetes(NeighbourKeys::Counted(0)), &scope());
        assert!(checks.iter().all(|check| check.level == CheckLevel::Ok), "{checks:?}");
    }

    #[test]
    fn whoever_is_not_logged_in_is_told_to_log_in_and_not_to_have_a_role_granted() {
        let reach = Extent::Granted(UserPermissions::default());
        let nobody = Power { credential: Credential::Nothing, ..power(Authentication::On, reach, None) };
        let checks = judged(&nobody, &kubernetes(NeighbourKeys::Denied), &scope());
        let power = checks.iter().find(|check| check.check == "power").unwrap();
        assert_eq!(power.level, CheckLevel::Error);
        assert!(power.remedy.as_ref().unwrap().starts_with("Give --user"), "{power:?}");
    }

    #[test]
    fn a_user_of_the_scope_alone_is_well_and_one_of_less_or_more_is_not() {
        for (reach, level) in [
            (granted("/coredns/", "/coredns0", true), CheckLevel::Ok),
            (granted("/coredns/", "/coredns0", false), CheckLevel::Warning),
            (granted("/", "0", true), CheckLevel::Warning),
            (granted("/coredns/io/", "/coredns/io0", true), CheckLevel::Error),
            (Extent::Granted(UserPermissions::default()), CheckLevel::Error),
            (Extent::Unknown("?".to_owned()), CheckLevel::Warning),
        ] {
            let checks =
                judged(&power(Authentication::On, reach, None), &kubernetes(NeighbourKeys::Denied), &scope());
            let power = checks.iter().find(|check| check.check == "power").unwrap();
            assert_eq!(power.level, level, "{power:?}");
            assert_eq!(power.remedy.is_some(), level != CheckLevel::Ok);
        }
    }
}
