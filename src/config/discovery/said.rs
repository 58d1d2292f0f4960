//! What a static pod's manifest, or etcd's own configuration, says of where etcd listens.

/// The value of `--NAME=…` in a manifest's list of arguments.
pub(super) fn argument(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let item = unquoted(line.trim().strip_prefix('-')?.trim());
        let value = item.strip_prefix("--")?.strip_prefix(name)?.strip_prefix('=')?;
        endpoints(value)
    })
}

/// The value of `NAME: …` at the top of a YAML file.
pub(super) fn setting(text: &str, name: &str) -> Option<String> {
    text.lines().find_map(|line| endpoints(unquoted(line.strip_prefix(name)?.strip_prefix(':')?.trim())))
}

fn unquoted(text: &str) -> &str {
    ['"', '\'']
        .iter()
        .find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote))
        .unwrap_or(text)
        .trim()
}

/// Whoever listens on all addresses is reached on this machine's own.
fn endpoints(list: &str) -> Option<String> {
    let list = list.replace("://0.0.0.0", "://127.0.0.1").replace("://[::]", "://[::1]");
    (!list.is_empty()).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_arguments_of_a_manifest_are_found_however_they_are_quoted() {
        let text = "spec:\n  containers:\n  - command:\n    - etcd\n    - --advertise-client-urls=https://10.0.0.1:2379\n    \
                    - \"--listen-client-urls=https://0.0.0.0:2379\"\n    - --name=a\n";
        assert_eq!(argument(text, "advertise-client-urls").as_deref(), Some("https://10.0.0.1:2379"));
        assert_eq!(argument(text, "listen-client-urls").as_deref(), Some("https://127.0.0.1:2379"));
        assert_eq!(argument(text, "listen-client"), None, "a part of a name is another name");
    }

    #[test]
    fn the_settings_of_etcd_are_found_at_the_top_only() {
        let text =
            "name: a\nadvertise-client-urls: https://10.0.0.1:2379\nclient-transport-security:\n  name: b\n";
        assert_eq!(setting(text, "advertise-client-urls").as_deref(), Some("https://10.0.0.1:2379"));
        assert_eq!(setting(text, "client-cert-auth"), None);
    }
}
