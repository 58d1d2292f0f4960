//! Conditions on the words behind a program's name.
use crate::etcdctl::{doubt, program_name, shell::ShellWord};

/// Verbs of kubectl that change nothing.
pub(super) const KUBECTL_READS: &[&str] = &[
    "get",
    "describe",
    "logs",
    "log",
    "top",
    "version",
    "config",
    "cluster-info",
    "api-resources",
    "api-versions",
    "explain",
    "wait",
    "auth",
    "port-forward",
    "completion",
    "options",
    "diff",
    "whoami",
    "project",
    "projects",
];
pub(super) const CONTAINERS_SHOW: &[&str] = &[
    "ps",
    "images",
    "image",
    "logs",
    "inspect",
    "version",
    "info",
    "stats",
    "top",
    "pods",
    "port",
    "diff",
    "history",
    "pull",
    "container",
    "inspecti",
    "inspectp",
    "imagefsinfo",
    "events",
    "ls",
];

pub(super) const KUBEADM_READS: &[&str] =
    &["version", "config", "token", "certs", "kubeconfig", "completion"];
pub(super) const HELM_READS: &[&str] = &[
    "list", "ls", "status", "get", "history", "show", "search", "repo", "version", "template", "lint", "env",
];

/// Commands of this program that only read, or write files of its own.
pub(super) const COREDECK_READS: &[&str] = &[
    "tree",
    "get",
    "status",
    "search",
    "answer",
    "lint",
    "verify",
    "log",
    "history",
    "rescue",
    "backup",
    "snapshot",
    "export",
    "plan",
    "doctor",
    "rbac",
    "explain",
    "completions",
    "man",
    "help",
];

/// Verbs of systemctl that run a unit.
const RUNS_UNITS: &[&str] = &[
    "start",
    "restart",
    "try-restart",
    "reload-or-restart",
    "enable",
    "reenable",
    "isolate",
    "reload",
    "link",
    "edit",
    "set-property",
    "preset",
];

/// Units that stand beside etcd on a master node: none of them changes keys by being started.
const UNITS: &[&str] = &[
    "etcd",
    "kubelet",
    "containerd",
    "docker",
    "crio",
    "cri-o",
    "cri-docker",
    "k3s",
    "k3s-agent",
    "rke2-server",
    "rke2-agent",
    "k0scontroller",
    "k0sworker",
    "kube-apiserver",
    "kube-controller-manager",
    "kube-scheduler",
    "kube-proxy",
    "coredns",
    "haproxy",
    "keepalived",
    "nginx",
    "sshd",
    "ssh",
    "chronyd",
    "chrony",
    "ntp",
    "ntpd",
    "firewalld",
    "systemd-resolved",
    "systemd-timesyncd",
    "systemd-journald",
    "NetworkManager",
    "dnsmasq",
];

fn is_known_unit(word: &ShellWord) -> bool {
    let name = String::from_utf8_lossy(&word.bytes);
    word.unknown.is_none() && UNITS.contains(&name.strip_suffix(".service").unwrap_or(&name))
}

/// Tells whether systemctl runs no unit but one that is known.
pub(super) fn runs_known_units(words: &[ShellWord]) -> bool {
    let verb = words.iter().position(|word| RUNS_UNITS.iter().any(|verb| word.is(verb)));
    let units = verb.and_then(|at| words.get(at + 1..)).unwrap_or_default();
    let is_option = |word: &ShellWord| word.bytes.starts_with(b"-");
    words.iter().all(is_beside_etcd) && units.iter().all(|word| is_option(word) || is_known_unit(word))
}

/// Tells whether `service NAME ACTION` runs no script but one of a unit that is known, or none.
pub(super) fn runs_known_service(words: &[ShellWord]) -> bool {
    words.iter().all(is_beside_etcd)
        && words.first().is_none_or(|word| word.bytes.starts_with(b"-") || is_known_unit(word))
}

/// Tells whether only a help or a version is asked for.
pub(super) fn asks_for_help(words: &[ShellWord]) -> bool {
    words.iter().any(|word| ["--version", "--help", "-h"].iter().any(|option| word.is(option)))
}

/// Tells whether crontab only prints its table.
pub(super) fn lists_its_table(words: &[ShellWord]) -> bool {
    let has = |option: &str| words.iter().any(|word| word.is(option));
    has("-l") && !has("-r") && !has("-e") && !has("-")
}

/// Tells whether a line that deletes is among the words.
pub(super) fn is_deleting_line(words: &[ShellWord]) -> bool {
    let line = words.iter().map(doubt::literal).collect::<Vec<_>>().join(&b' ');
    doubt::names_etcdctl(&line) && doubt::deletes(&line)
}

/// Tells whether a word has a subscript that the shell runs when it evaluates the word: `a[$(COMMAND)]`.
pub(super) fn is_evaluated(word: &ShellWord) -> bool {
    let text = doubt::literal(word);
    text.windows(2).any(|two| two == b"[`") || text.windows(3).any(|three| three == b"[$(")
}

pub(super) fn holds(word: &ShellWord, what: &str) -> bool {
    program_name::plain(&word.bytes).contains(what)
}

/// Tells whether a word is a file or an option of another program: no line for etcd, and no other way into it.
pub(in crate::etcdctl) fn is_beside_etcd(word: &ShellWord) -> bool {
    // A script in the word is read at its own place.
    let text = doubt::literal(word);
    let is_line = text.iter().any(u8::is_ascii_whitespace) && doubt::names_etcdctl(&text);
    !is_line && !doubt::deletes(&text) && !doubt::is_door(&text)
}

/// Tells whether one of these verbs is the first word that is neither an option nor the value of one.
pub(super) fn first_of(words: &[ShellWord], verbs: &[&str]) -> bool {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        if word.bytes.first() == Some(&b'-') {
            // `-n kube-system`; with an equals sign the value is in the same word.
            let has_value = word.bytes.contains(&b'=')
                || word.is("-A")
                || word.is("-it")
                || word.is("-i")
                || word.is("-t");
            if !has_value {
                words.next();
            }
            continue;
        }
        return verbs.iter().any(|verb| word.is(verb));
    }
    true
}
