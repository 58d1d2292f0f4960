//! Endpoints of etcd in a static pod's manifest, or in etcd's own configuration.
use saphyr_parser::{Event, Parser};
use std::collections::BTreeMap;

/// Returns the value of `--NAME=…`, or of `--NAME` with the value behind it, in a manifest's list of arguments.
pub(super) fn argument(text: &str, name: &str) -> Option<String> {
    let flag = format!("--{name}");
    let mut words = scalars(text).map(|scalar| scalar.word);
    while let Some(word) = words.next() {
        if word == flag {
            return endpoints(&words.next()?);
        }
        if let Some(value) = word.strip_prefix(&flag).and_then(|value| value.strip_prefix('=')) {
            return endpoints(value);
        }
    }
    None
}

/// Returns all words of a manifest, in their order.
pub(super) fn words(text: &str) -> Vec<String> {
    scalars(text).map(|scalar| scalar.word).collect()
}

/// Returns the settings of etcd's own YAML file by the names of its flags. Those of TLS for clients stand in a part of
/// their own, and those of other members, of the same names, in another.
pub(super) fn settings(text: &str) -> BTreeMap<String, String> {
    let mut settings = BTreeMap::new();
    // These hold the key whose value comes next, at the top and in the part.
    let (mut key, mut part): (Option<String>, Option<String>) = (None, None);
    for scalar in scalars(text) {
        if scalar.is_top_key {
            (key, part) = (Some(scalar.word), None);
        } else if scalar.depth == 1 {
            if let Some(key) = key.take() {
                settings.insert(key, scalar.word);
            }
        } else if scalar.depth == 2 && key.as_deref() == Some("client-transport-security") {
            match part.take() {
                None => part = Some(scalar.word),
                Some(name) => {
                    settings.insert(name, scalar.word);
                }
            }
        } else if scalar.depth == 2 && key.as_deref() == Some("peer-transport-security") {
            match part.take() {
                None => part = Some(scalar.word),
                Some(name) => {
                    settings.insert(format!("peer-{name}"), scalar.word);
                }
            }
        }
    }
    settings
}

/// Returns the value of `NAME: …` at the top of a YAML file.
pub(super) fn setting(text: &str, name: &str) -> Option<String> {
    let mut scalars = scalars(text);
    scalars.find(|scalar| scalar.is_top_key && scalar.word == name)?;
    scalars.next().filter(|value| value.depth == 1).and_then(|value| endpoints(&value.word))
}

/// Scalar of a file.
struct Scalar {
    word: String,
    /// The number of lists and mappings around it.
    depth: usize,
    /// True if it is a key of the outermost mapping.
    is_top_key: bool,
}

/// Returns all scalars up to the first place that is no YAML.
fn scalars(text: &str) -> impl Iterator<Item = Scalar> {
    let mut depth = 0;
    let mut is_key = false;
    Parser::new_from_str(text).map_while(Result::ok).filter_map(move |(event, _)| {
        let at = depth;
        match &event {
            Event::SequenceStart(..) | Event::MappingStart(..) => depth += 1,
            Event::SequenceEnd | Event::MappingEnd => depth -= 1,
            Event::Scalar(..) | Event::Alias(_) => {}
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => return None,
        }
        // In the outermost mapping keys and values alternate.
        is_key = match (at, depth) {
            (1, 1 | 2) => !is_key,
            (0, 1) => false,
            _ => is_key,
        };
        let Event::Scalar(word, ..) = event else { return None };
        Some(Scalar { word: word.into_owned(), depth, is_top_key: depth == 1 && is_key })
    })
}

/// Replaces addresses that stand for all by this machine's own.
pub(super) fn endpoints(list: &str) -> Option<String> {
    let list = list.replace("://0.0.0.0", "://127.0.0.1").replace("://[::]", "://[::1]");
    (!list.is_empty()).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_of_a_manifest_are_found_however_they_are_written() {
        for list in [
            "\n    - etcd\n    - --advertise-client-urls=https://10.0.0.1:2379\n    \
             - \"--listen-client-urls=https://0.0.0.0:2379\"\n    - --name=a",
            "\n    - etcd\n    - --advertise-client-urls\n    - https://10.0.0.1:2379\n    - --listen-client-urls\n    \
             - 'https://0.0.0.0:2379'",
            " [etcd, --advertise-client-urls=https://10.0.0.1:2379, \"--listen-client-urls=https://0.0.0.0:2379\"]",
            "\n    - etcd # the server\n    - --advertise-client-urls=https://10.0.0.1:2379 # this node\n    \
             - --listen-client-urls=https://0.0.0.0:2379\t# all",
        ] {
            let text = format!("spec:\n  containers:\n  - command:{list}\n    image: etcd\n");
            assert_eq!(argument(&text, "advertise-client-urls").as_deref(), Some("https://10.0.0.1:2379"));
            assert_eq!(argument(&text, "listen-client-urls").as_deref(), Some("https://127.0.0.1:2379"));
            assert_eq!(argument(&text, "listen-client"), None, "a part of a name is another name");
            // The words before a mistake are found all the same.
            assert!(argument(&format!("{text}\t: ]\n"), "listen-client-urls").is_some());
        }
        let commented =
            "spec:\n  - command:\n    - etcd\n    # - --advertise-client-urls=https://10.0.0.1:2379\n";
        assert_eq!(argument(commented, "advertise-client-urls"), None);
    }

    #[test]
    fn the_settings_of_etcds_own_file_are_told_apart_by_their_part() {
        let text = "name: a\nlisten-client-urls: https://10.0.0.1:2379\ninitial-cluster:\n\
                    client-transport-security:\n  cert-file: /c\n  client-cert-auth: true\n  trusted-ca-file: /ca\n\
                    peer-transport-security:\n  cert-file: /p\nlog-outputs: [stderr]\nauto-compaction-mode: periodic\n";
        let settings = settings(text);
        let get = |name: &str| settings.get(name).map(String::as_str);
        assert_eq!(get("cert-file"), Some("/c"));
        assert_eq!(get("peer-cert-file"), Some("/p"));
        assert_eq!((get("client-cert-auth"), get("trusted-ca-file")), (Some("true"), Some("/ca")));
        assert_eq!(get("listen-client-urls"), Some("https://10.0.0.1:2379"));
        assert_eq!(get("auto-compaction-mode"), Some("periodic"));
    }

    #[test]
    fn the_settings_of_etcd_are_found_at_the_top_only() {
        let text = "name: advertise-client-urls\nclient-transport-security:\n  client-cert-auth: true\n  \
                    listen-client-urls: b\nadvertise-client-urls: https://10.0.0.1:2379 # here\n";
        assert_eq!(setting(text, "advertise-client-urls").as_deref(), Some("https://10.0.0.1:2379"));
        assert_eq!(setting(text, "client-cert-auth"), None);
        assert_eq!(setting(text, "listen-client-urls"), None);
        assert_eq!(setting(text, "client-transport-security"), None);
        assert_eq!(
            setting("{\"advertise-client-urls\": \"https://10.0.0.1:2379\"}", "advertise-client-urls")
                .as_deref(),
            Some("https://10.0.0.1:2379")
        );
    }
}
