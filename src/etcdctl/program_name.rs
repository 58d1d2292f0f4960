//! Name of a program that is etcdctl or etcdutl, or was meant to be.
use super::look_alike;

/// Returns the program that a name stands for; none if it is another one. Distributions, containers and makefiles
/// write something before or behind it: `@etcdctl`, `etcdctl-3.5`, `etcdctl.exe`.
pub(super) fn program(name: &str) -> Option<&'static str> {
    let name = name.trim_start_matches(['@', '-', '+']).to_ascii_lowercase();
    let is_variant = |behind: &str| {
        if behind.contains('=') {
            // `ETCDCTL_API=3` sets a variable.
            return false;
        }
        let first = behind.trim_start_matches(['.', 'v']).chars().next();
        [".exe", ".sh", ".bin", ""].contains(&behind)
            || behind.starts_with(['-', '_'])
            || first.is_some_and(|first| first.is_ascii_digit())
    };
    ["etcdctl", "etcdutl"].into_iter().find(|program| name.strip_prefix(program).is_some_and(is_variant))
}

/// Tells whether a text names one of the two, in any letters and any quotes.
pub(super) fn in_text(text: &[u8]) -> bool {
    let text = plain(text);
    text.contains("etcdctl")
        || text.contains("etcdutl")
        || text
            .split(|c: char| !c.is_alphanumeric())
            .any(|word| (6..=8).contains(&word.len()) && meant(word).is_some())
}

/// Returns a text in small letters of one script, without quotes and joined lines that divide its words.
pub(super) fn plain(text: &[u8]) -> String {
    let text = look_alike::as_meant(&String::from_utf8_lossy(text)).to_lowercase();
    text.replace("\\\n", "").replace(['\'', '"', '\\'], "")
}

/// Returns the program that was meant by a name with letters of another script, or a mistyped name.
pub(super) fn meant(name: &str) -> Option<&'static str> {
    let name = look_alike::as_meant(name);
    let first = name.split_whitespace().next().unwrap_or_default();
    let beside = |program: &&str| is_mistyped(first.as_bytes(), program.as_bytes());
    program(first).or_else(|| ["etcdctl", "etcdutl"].into_iter().find(beside))
}

/// Tells whether one letter is missing, added or another one, or two letters have changed places.
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
