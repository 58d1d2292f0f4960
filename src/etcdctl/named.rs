//! Whether a program's name is etcdctl's, or was meant to be.
use super::look_alike;

/// The program that a name is; none where it is another one.
pub(super) fn program(name: &str) -> Option<&'static str> {
    match name {
        "etcdctl" | "etcdctl.sh" | "etcdctl3" => Some("etcdctl"),
        "etcdutl" => Some("etcdutl"),
        _ => None,
    }
}

/// The program that was meant by a name that is none: in other letters, or mistyped.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    let name = look_alike::as_meant(name);
    let first = name.split_whitespace().next().unwrap_or_default();
    let beside = |program: &&str| is_mistyped(first.as_bytes(), program.as_bytes());
    program(first).or_else(|| ["etcdctl", "etcdutl"].into_iter().find(beside))
}

/// One letter is missing, one too many, another one, or two have changed places.
fn is_mistyped(name: &[u8], right: &[u8]) -> bool {
    let same = name.iter().zip(right).take_while(|(one, other)| one == other).count();
    let (name, right) = (name.get(same..).unwrap_or_default(), right.get(same..).unwrap_or_default());
    match (name, right) {
        ([_, name @ ..], [_, right @ ..]) if name == right => true,
        ([_, rest @ ..], _) if rest == right => true,
        (_, [_, rest @ ..]) if rest == name => true,
        ([a, b, name @ ..], [c, d, right @ ..]) => (a, b) == (d, c) && name == right,
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_hand_is_known_and_another_program_is_not_taken_for_one() {
        for name in [
            "etcdtcl",
            "etcdclt",
            "etcctl",
            "ectdctl",
            "etcdctll",
            "etdctl",
            "\u{435}tcdctl",
            "etcdctl\u{a0}del",
        ] {
            assert_eq!(meant(name), Some("etcdctl"), "{name}");
        }
        for name in ["etcd", "kubectl", "systemctl", "etckeeper", "etcdadm", "ls", "", "cdctl", "crictl"] {
            assert_eq!(meant(name), None, "{name}");
        }
    }
}
