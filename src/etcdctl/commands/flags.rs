//! Flags that several commands of etcdctl take.
use crate::etcdctl::{
    EtcdctlVersion,
    flag::{
        Flag,
        FlagKind::{Bool, Duration, Integer, Text},
    },
};

/// Flags that every command takes, as `etcdctl options` lists them.
pub(in crate::etcdctl) const GLOBAL: &[Flag] = &[
    Flag::new("endpoints", Text),
    Flag::new("debug", Bool),
    Flag::new("write-out", Text).short(b'w'),
    Flag::new("hex", Bool),
    Flag::new("dial-timeout", Duration),
    Flag::new("command-timeout", Duration),
    Flag::new("keepalive-time", Duration),
    Flag::new("keepalive-timeout", Duration),
    Flag::new("max-request-bytes", Integer).since(EtcdctlVersion::V3_6),
    Flag::new("max-recv-bytes", Integer).since(EtcdctlVersion::V3_6),
    Flag::new("insecure-transport", Bool),
    Flag::new("insecure-discovery", Bool),
    Flag::new("insecure-skip-tls-verify", Bool),
    Flag::new("cert", Text),
    Flag::new("key", Text),
    Flag::new("cacert", Text),
    Flag::new("auth-jwt-token", Text).since(EtcdctlVersion::V3_6),
    Flag::new("user", Text),
    Flag::new("password", Text),
    Flag::new("discovery-srv", Text).short(b'd'),
    Flag::new("discovery-srv-name", Text),
    Flag::new("help", Bool).short(b'h'),
];

pub(super) const PREFIX: Flag = Flag::new("prefix", Bool);
pub(super) const FROM_KEY: Flag = Flag::new("from-key", Bool);
pub(super) const PREV_KV: Flag = Flag::new("prev-kv", Bool);
pub(super) const REV: Flag = Flag::new("rev", Integer);

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    const FUNCTION: &str = include_str!("../../../assets/shell/coredeck.sh");

    /// Returns the flags of the patterns that end with this.
    fn patterns_before(end: &str) -> BTreeSet<&'static str> {
        let (before, _) = FUNCTION.split_once(end).unwrap();
        let (_, patterns) = before.rsplit_once("        # ").unwrap();
        let words = patterns.split_whitespace().filter_map(|word| word.strip_prefix(":-"));
        words.map(|word| word.trim_end_matches(')')).filter(|word| !word.contains(['*', '?'])).collect()
    }

    fn global(has_value: bool) -> BTreeSet<String> {
        let flags = GLOBAL.iter().filter(|flag| (flag.kind != Bool) == has_value);
        flags
            .flat_map(|flag| {
                [Some(format!("-{}", flag.long)), flag.short.map(|short| char::from(short).to_string())]
            })
            .flatten()
            .collect()
    }

    #[test]
    fn the_shell_function_knows_the_flags_of_every_command_and_which_have_a_value() {
        let is = |listed: BTreeSet<&str>| listed.into_iter().map(str::to_owned).collect::<BTreeSet<_>>();
        assert_eq!(is(patterns_before(" _coredeck_next=value ;;")), global(true));
        assert_eq!(is(patterns_before(" | :) ;;")), global(false));
    }
}
