//! Search for the command that a line's words name, by cobra's rules.
use super::{Commands, Spec, all, cluster::OF_CLUSTER, flags::GLOBAL};
use crate::etcdctl::{EtcdctlVersion, flag::KnownFlags};

/// Result of cobra's search in the words behind the program's name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::etcdctl) enum FoundCommand {
    /// A command, and the words that are left for it.
    Command(&'static Spec, Vec<Vec<u8>>),
    /// No command, or the beginning of one: etcdctl prints its help.
    Help,
    Unknown(Vec<u8>),
}

/// Looks for the command as cobra does: by the words that are neither flags nor, to cobra, values of flags. The
/// beginning of a word is enough if only one command has it.
pub(in crate::etcdctl) fn find(
    commands: Commands,
    words: &[Vec<u8>],
    version: EtcdctlVersion,
) -> FoundCommand {
    let mut words = words.to_vec();
    let mut path = "";
    loop {
        let own = all(commands, version).find(|spec| spec.path == path);
        let of_group = if path == "endpoint" { OF_CLUSTER } else { &[] };
        let known = KnownFlags { own: own.map_or(of_group, |spec| spec.flags), global: GLOBAL, version };
        let names = names_below(commands, path, version);
        let next = first_argument(&known, &words).map(|at| (at, words.get(at).cloned().unwrap_or_default()));
        match next {
            Some((at, word)) if !names.is_empty() => {
                let Some(name) = matching(&names, &word) else {
                    // Only etcdctl itself complains; a group of commands prints its help.
                    return if path.is_empty() { FoundCommand::Unknown(word) } else { FoundCommand::Help };
                };
                words.remove(at);
                path = name;
            }
            _ => return own.map_or(FoundCommand::Help, |spec| FoundCommand::Command(spec, words)),
        }
    }
}

/// Returns the paths that are one word longer than this one.
fn names_below(commands: Commands, path: &str, version: EtcdctlVersion) -> Vec<&'static str> {
    let mut names = Vec::new();
    for spec in all(commands, version) {
        let behind = match path {
            "" => Some(spec.path),
            path => spec.path.strip_prefix(path).and_then(|behind| behind.strip_prefix(' ')),
        };
        let Some(behind) = behind else { continue };
        let word = behind.split(' ').next().unwrap_or_default();
        let name = spec.path.get(..spec.path.len() - behind.len() + word.len()).unwrap_or_default();
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

fn matching(names: &[&'static str], word: &[u8]) -> Option<&'static str> {
    let last = |name: &'static str| name.rsplit(' ').next().unwrap_or_default().as_bytes();
    if let Some(exact) = names.iter().find(|name| last(name) == word) {
        return Some(exact);
    }
    let mut beginnings = names.iter().filter(|name| last(name).starts_with(word));
    match (beginnings.next(), beginnings.next()) {
        (Some(only), None) => Some(only),
        _ => None,
    }
}

/// Returns the place of the first word that is neither a flag nor taken for the value of one.
fn first_argument(known: &KnownFlags<'_>, words: &[Vec<u8>]) -> Option<usize> {
    let mut at = 0;
    while let Some(word) = words.get(at) {
        match word.as_slice() {
            b"--" => return None,
            word if known.takes_next(word) => at += 2,
            word if !word.is_empty() && word.first() != Some(&b'-') => return Some(at),
            _ => at += 1,
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::{super::ETCDCTL, *};

    #[test]
    fn no_beginning_of_del_is_enough_because_others_begin_alike() {
        for version in EtcdctlVersion::ALL {
            for word in ["d", "de"] {
                let found = find(ETCDCTL, &[word.as_bytes().to_vec(), b"/x".to_vec()], version);
                assert_eq!(found, FoundCommand::Unknown(word.as_bytes().to_vec()), "{version}");
            }
        }
    }

    #[test]
    fn a_command_stands_behind_flags_and_their_values_and_a_known_one_of_its_own_is_no_command() {
        for line in ["--endpoints x del /y", "-w json del /y", "--debug del /y", "--prefix=true del /y"] {
            let words: Vec<_> = line.split(' ').map(|word| word.as_bytes().to_vec()).collect();
            assert!(
                matches!(find(ETCDCTL, &words, EtcdctlVersion::V3_7), FoundCommand::Command(spec, _) if spec.path == "del"),
                "{line}"
            );
        }
        let words: Vec<_> = ["--prefix", "del", "/y"].map(|word| word.as_bytes().to_vec()).into();
        assert_eq!(find(ETCDCTL, &words, EtcdctlVersion::V3_7), FoundCommand::Unknown(b"/y".to_vec()));
    }
}
