use crate::keys::{ForeignRange, Interval as _, TENANTS, Tenant, spelling::Spelled};

/// Writes a range in an operator's words: `all keys`, `/registry/*`, `/coredns/x1`, `[/a, /b)`, with the owner where
/// that is known.
pub(super) fn place(range: &ForeignRange) -> String {
    let (start, end) = (range.start(), range.end());
    let words = if *range == ForeignRange::all() {
        return "all keys".to_owned();
    } else if end.strip_prefix(start) == Some(b"\0") {
        Spelled(start).to_string()
    } else if *range == ForeignRange::beginning_with(start) {
        format!("{}*", Spelled(start))
    } else {
        range.to_string()
    };
    match &owners(range)[..] {
        [] => words,
        owners => format!("{words} ({})", owners.join(", ")),
    }
}

/// Writes several ranges.
pub(super) fn places(ranges: &[ForeignRange]) -> String {
    ranges.iter().map(place).collect::<Vec<_>>().join(", ")
}

/// Returns the programs known by name whose keys a range can hold, as `Kubernetes'`.
fn owners(range: &ForeignRange) -> Vec<String> {
    let holds = |tenant: &&Tenant| {
        let below = ForeignRange::beginning_with(format!("{}/", tenant.prefix).as_bytes());
        !below.between(range.start(), range.end()).is_empty()
    };
    TENANTS.iter().filter(holds).map(|tenant| possessive(tenant.owner)).collect()
}

/// Returns the possessive of a name: `Kubernetes'`, `Calico's`.
pub(super) fn possessive(owner: &str) -> String {
    if owner.ends_with('s') { format!("{owner}'") } else { format!("{owner}'s") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_is_said_as_short_as_it_can_be_and_to_the_byte() {
        for (start, end, said) in [
            ("\0", "\0", "all keys"),
            ("/coredns/", "/coredns0", "/coredns/*"),
            ("/coredns/x1", "", "/coredns/x1"),
            ("/registry/", "/registry0", "/registry/* (Kubernetes')"),
            ("/calico/a", "", "/calico/a (Calico's)"),
            ("/c", "/coreos.com/a", "[/c, /coreos.com/a) (Calico's, Cilium's, flannel's)"),
            ("/s", "\0", "[/s, ...) (Vitess')"),
            ("\u{1b}[2J", "", "\\x1b[2J"),
        ] {
            let range = ForeignRange::granted(start.as_bytes(), end.as_bytes());
            assert_eq!(place(&range), said, "[{start:?}, {end:?})");
        }
    }
}
