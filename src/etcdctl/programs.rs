//! Programs that change nothing of etcd, and the facts about their words that this depends on.
use super::{doubt, shell::ShellWord, wrapped::name_of};
use std::path::Path;

/// Programs that print their words, whatever these are.
const SAYS: &[&str] = &["echo", "printf", "grep", "egrep", "fgrep"];

/// Programs that show, filter and compare, and run none of their words.
const SHOWS: &str = "\
    : true false test [ [[ case for select cd pwd pushd popd dirs exit return break continue wait shift \
    umask ulimit times jobs bg disown getopts read mapfile readarray unset shopt type history let (( caller \
    logout cat tac head tail zgrep zcat wc uniq cut tr jq column nl rev paste join comm cmp diff fold fmt \
    expand unexpand base64 base32 xxd od hexdump strings md5sum sha1sum sha256sum sha512sum cksum sum seq \
    yes expr bc factor shuf iconv basename dirname realpath readlink numfmt ts look csvlook gron bat batcat \
    protoc pr tsort colordiff ccze ls ll stat file date sleep usleep whoami id groups hostname uname which \
    whereis whatis df du free uptime w who last ps pgrep pstree top htop ss netstat lsof ping ping6 dig host \
    nslookup getent traceroute tracepath nproc lscpu lsblk lsmod printenv locale tput clear reset tty stty \
    cal arch dmesg vmstat iostat sar mpstat findmnt mountpoint logname nstat arp route ifconfig coredeck \
    sync test-path";

/// Programs that change something on a machine and nothing of etcd, as long as none of their words is about etcd.
const BESIDE: &str = "\
    cp mv ln rm mkdir rmdir touch chmod chown chgrp install mktemp tee truncate split sort less more vi vim \
    nano emacs view tar gzip gunzip bzip2 xz zstd zip unzip 7z systemctl service journalctl logger loginctl \
    hostnamectl timedatectl apt apt-get dpkg dnf yum rpm apk zypper pacman brew snap git scp rsync sftp \
    openssl certutil kustomize mount umount ip iptables nft sysctl modprobe kill pkill killall \
    reboot shutdown useradd usermod groupadd passwd chpasswd ssh-keygen ssh-copy-id ssh-add gpg yq man \
    info tree ncdu crontab-list tcpdump cfssl cfssljson set";

/// Programs that remove files: etcd's own files hold its keys.
const REMOVES: &[&str] = &["rm", "mv", "truncate", "shred", "dd", "tee", "rsync", "ln", "umount"];

/// Tells whether a program of this name changes nothing of etcd, with these words behind it.
pub(super) fn changes_nothing(name: &str, words: &[ShellWord]) -> bool {
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let is = |word: &ShellWord, options: &[&str]| options.iter().any(|of| word.is(of));
    let has = |options: &[&str]| words.iter().any(|word| is(word, options));
    let begins = |with: &str| words.iter().any(|word| word.bytes.starts_with(with.as_bytes()));
    let is_beside = || words.iter().all(is_beside_etcd);
    match name {
        "awk" | "gawk" | "mawk" | "nawk" => words.iter().all(|word| !runs_in_awk(word)),
        "sed" | "gsed" => !begins("-f") && !begins("--file") && words.iter().all(|word| !runs_in_sed(word)),
        "find" | "fd" => is_beside() && !begins("-exec") && !begins("-ok") && !begins("-x") && !begins("-X"),
        "curl" => is_beside() && !sends(words) || reads_by_gateway(words),
        "wget" => {
            is_beside()
                && !begins("--post")
                && !begins("--method")
                && !begins("--body")
                && !begins("--use-askpass")
        }
        "python" | "python3" => matches!(words, [m, module, ..] if m.is("-m") && module.is("json.tool")),
        "kubectl" | "oc" | "k3s" | "k9s" => is_beside() && first_of(words, KUBECTL_READS),
        "docker" | "docker-compose" | "podman" | "nerdctl" | "crictl" | "ctr" => {
            is_beside() && first_of(words, CONTAINERS_SHOW)
        }
        "kubeadm" => is_beside() && first_of(words, KUBEADM_READS),
        "helm" => is_beside() && first_of(words, HELM_READS),
        "etcd" => words.iter().any(|word| is(word, &["--version", "--help", "-h"])),
        "crontab" => words.iter().any(|word| word.is("-l")) && !has(&["-r", "-e", "-"]),
        "hash" => !begins("-p"),
        "sort" => is_beside() && !begins("--comp") && !writes_etcds(words),
        "tar" => {
            let unpacks = |word: &ShellWord| {
                word.bytes.starts_with(b"--ex")
                    || word.bytes.first() != Some(&b'/') && word.bytes.contains(&b'x')
            };
            let replaces = words.first().is_some_and(unpacks) && writes_etcds(words);
            let runs = begins("--to") || begins("--checkpoint") || begins("-I") || begins("--use");
            is_beside() && !runs && !replaces
        }
        "cp" | "install" => is_beside() && words.last().is_none_or(|to| !is_etcds_file(&to.bytes)),
        "split" | "unzip" | "gunzip" | "xz" | "zstd" | "7z" | "touch" => is_beside() && !writes_etcds(words),
        "printf" => !has(&["-v"]) || !is_deleting_line(words),
        "vi" | "vim" | "emacs" | "less" | "man" => {
            is_beside() && !begins("-c") && !begins("+") && !begins("--cmd") && !begins("--eval")
        }
        "rsync" | "scp" | "sftp" => {
            is_beside()
                && words.last().is_none_or(|to| !is_etcds_file(&to.bytes))
                && !begins("-e")
                && !begins("--rsh")
                && !begins("-o")
                && !begins("-S")
                && !begins("--rsync-path")
        }
        "git" => is_beside() && !begins("-c") && !has(&["bisect", "filter-branch", "submodule"]),
        "set" => !is_deleting_line(words),
        name if SAYS.contains(&name) => true,
        // Nobody sorts a line that deletes, or looks for it in a table: such a command is not understood.
        name if is_one_of(name, SHOWS) => !is_deleting_line(words),
        name if REMOVES.contains(&name) => is_beside() && words.iter().all(|word| !may_be_etcds(name, word)),
        // It may change the files that it is given; only a reader is given etcd's own.
        "gzip" | "bzip2" => is_beside() && !writes_etcds(words),
        name if is_one_of(name, BESIDE) => is_beside(),
        _ => false,
    }
}

/// Tells whether a list has that name.
fn is_one_of(name: &str, list: &str) -> bool {
    list.split(' ').any(|one| one == name)
}

/// Tells whether the program only shows its words.
pub(super) fn shows(name: &str) -> bool {
    SAYS.contains(&name) || is_one_of(name, SHOWS)
}

fn is_deleting_line(words: &[ShellWord]) -> bool {
    let line = words.iter().map(doubt::literal).collect::<Vec<_>>().join(&b' ');
    doubt::names_etcdctl(&line) && doubt::deletes(&line)
}

/// Tells whether the program runs its words, or a file, in a language that this module does not read.
pub(super) fn runs_others(name: &str) -> bool {
    const RUN: &[&str] = &[
        "perl",
        "ruby",
        "node",
        "nodejs",
        "lua",
        "php",
        "tclsh",
        "expect",
        "make",
        "gmake",
        "ansible-playbook",
        "parallel",
        "awk",
        "gawk",
        "mawk",
        "nawk",
        "sed",
        "gsed",
        "fish",
        "csh",
        "tcsh",
        "pwsh",
        "enable",
        "npx",
        "irb",
        "ipython",
    ];
    let is_script = [".sh", ".bash", ".py", ".pl", ".rb"].iter().any(|end| name.ends_with(end));
    RUN.contains(&name) || name.starts_with("python") || is_script
}

/// Tells whether the program's first word may be a script that runs something.
pub(super) fn takes_scripts(name: &str) -> bool {
    matches!(name, "awk" | "gawk" | "mawk" | "nawk" | "sed" | "gsed" | "find")
}

fn holds(word: &ShellWord, what: &str) -> bool {
    super::program_name::plain(&word.bytes).contains(what)
}

/// Tells whether a word is a file or an option of another program: no line for etcd, and no other way into it.
fn is_beside_etcd(word: &ShellWord) -> bool {
    // A script in the word is read at its own place.
    let text = doubt::literal(word);
    let is_line = text.iter().any(u8::is_ascii_whitespace) && doubt::names_etcdctl(&text);
    !is_line && !doubt::deletes(&text) && !doubt::is_door(&text)
}

/// Verbs of kubectl that change nothing.
const KUBECTL_READS: &[&str] = &[
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
const CONTAINERS_SHOW: &[&str] = &[
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

const KUBEADM_READS: &[&str] = &["version", "config", "token", "certs", "kubeconfig", "completion"];
const HELM_READS: &[&str] = &[
    "list", "ls", "status", "get", "history", "show", "search", "repo", "version", "template", "lint", "env",
];
/// Paths of etcd's gateway that only read (`rpc.proto`, etcd 3.4 to 3.7).
const GATEWAY_READS: &[&str] = &[
    "/v3/kv/range",
    "/v3/watch",
    "/v3/maintenance/status",
    "/v3/maintenance/hash",
    "/v3/cluster/member/list",
];

/// Tells whether a word of a program that removes files may name files of etcd's, or a directory that holds them. The
/// directory that the shell stands in is not known.
fn may_be_etcds(name: &str, word: &ShellWord) -> bool {
    let text = String::from_utf8_lossy(&word.bytes);
    let path = text.rsplit_once('=').map_or(&*text, |(_, path)| path);
    let mut parts = path.split('/').filter(|part| !part.is_empty() && *part != ".");
    let is_above = path.starts_with('/')
        && match (parts.next(), parts.next(), parts.next()) {
            (None | Some("*"), ..) | (Some("var"), None | Some("*"), _) => true,
            (Some("var"), Some("lib"), third) => third.is_none_or(|third| third.contains('*')),
            (Some("dev"), Some(device), _) => device != "null",
            _ => false,
        };
    let is_here = matches!(path, "*" | "./*") || name == "rm" && matches!(path, "." | "./" | ".." | "../");
    holds(word, "etcd") || is_above || is_here || is_etcds_file(path.as_bytes())
}

/// Directories of the members that installers run inside of their own programs.
const INSTALLERS: [&str; 7] = ["rancher", "k3s", "rke2", "k0s", "microk8s", "minikube", "openshift"];

/// Tells whether a path may be one of etcd's own files: its data, or what it is started with.
pub(super) fn is_etcds_file(path: &[u8]) -> bool {
    let path = String::from_utf8_lossy(path);
    let is_part = |part: &str| {
        let ends = |end: &str| Path::new(part).extension().is_some_and(|is| is == end);
        matches!(part, "member" | "wal" | "snap") || ends("wal") || ends("snap") || INSTALLERS.contains(&part)
    };
    let is_disk = path.starts_with("/dev/")
        && !["/dev/null", "/dev/tty", "/dev/std", "/dev/fd", "/dev/pts", "/dev/shm"]
            .iter()
            .any(|place| path.starts_with(place));
    let places =
        ["/var/lib/etcd", "/etc/etcd", "/etc/default/etcd", "/etc/kubernetes/manifests", "/etc/systemd/"];
    is_disk || path.split('/').any(is_part) || places.iter().any(|place| path.starts_with(place))
}

/// Tells whether a word of a program that writes files names one of etcd's.
fn writes_etcds(words: &[ShellWord]) -> bool {
    words
        .iter()
        .any(|word| is_etcds_file(word.bytes.split(|byte| *byte == b'=').next_back().unwrap_or_default()))
}

/// Tells whether curl only reads by etcd's gateway: each address of the gateway is one that reads.
fn reads_by_gateway(words: &[ShellWord]) -> bool {
    let is_known = |word: &ShellWord| {
        if doubt::is_door(&word.bytes) {
            let text = String::from_utf8_lossy(&word.bytes);
            let address = text.split_once("://").map_or(&*text, |(_, address)| address);
            address
                .find('/')
                .is_some_and(|at| address.get(at..).is_some_and(|path| GATEWAY_READS.contains(&path)))
        } else {
            // Another address, or one that only the shell knows, may be any.
            is_beside_etcd(word) && word.unknown.is_none() && !holds(word, "://") && !holds(word, ":2379")
        }
    };
    let has_config = words.iter().any(|word| {
        let text = word.bytes.as_slice();
        text.starts_with(b"--config") || text.starts_with(b"-K") || text.starts_with(b"--next")
    });
    let is_asked = words.iter().any(|word| doubt::is_door(&word.bytes));
    is_asked && !has_config && words.iter().all(is_known)
}

/// Tells whether find gives files that may be etcd's to a program that removes files.
pub(super) fn finds_and_removes(words: &[ShellWord]) -> bool {
    let is_find = |word: &ShellWord| name_of(word).is_some_and(|name| matches!(&*name, "find" | "fd"));
    let removes = |word: &ShellWord| name_of(word).is_some_and(|name| REMOVES.contains(&&*name));
    words.iter().any(is_find)
        && words.iter().any(removes)
        && words.iter().any(|word| may_be_etcds("find", word))
}

/// Tells whether one of these verbs is the first word that is neither an option nor the value of one.
fn first_of(words: &[ShellWord], verbs: &[&str]) -> bool {
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

/// Tells whether curl does more than read: etcd's gateway takes only requests that are posted.
fn sends(words: &[ShellWord]) -> bool {
    words.iter().any(|word| {
        let text = word.bytes.as_slice();
        let long = ["--request", "--data", "--json", "--form", "--upload", "--config", "--url-query"];
        let is_long = long.iter().any(|option| text.starts_with(option.as_bytes()));
        // In a word of several letters, any of them may be one of these.
        let is_short = text.first() == Some(&b'-')
            && text.get(1) != Some(&b'-')
            && text
                .iter()
                .skip(1)
                .take_while(|byte| byte.is_ascii_alphabetic())
                .any(|byte| b"XdFTKQ".contains(byte));
        is_long || is_short
    })
}

/// Tells whether an awk script may run something.
fn runs_in_awk(word: &ShellWord) -> bool {
    let text = word.bytes.as_slice();
    let holds = |what: &[u8]| text.windows(what.len()).any(|part| part == what);
    let is_option = text.starts_with(b"-f")
        || text.starts_with(b"--file")
        || text.starts_with(b"-i")
        || text.starts_with(b"-l")
        || text.starts_with(b"-E");
    // A pipe, and not the `or` of a condition.
    let pipes = {
        let text = String::from_utf8_lossy(text).replace("||", "");
        text.contains('|') && !text.starts_with("-F") && text.contains('{')
    };
    is_option || holds(b"system") || holds(b"getline") || holds(b"@load") || holds(b"|&") || pipes
}

/// Tells whether a sed script may run something: its command `e`, or that flag behind a replacement.
fn runs_in_sed(word: &ShellWord) -> bool {
    let text = String::from_utf8_lossy(&word.bytes).into_owned();
    let text = match text.strip_prefix("--expression=") {
        Some(script) => script,
        // Letters without a value may stand before it: `-ne`.
        None if text.starts_with('-') && !text.starts_with("--") => {
            text.split_once('e').map_or("", |(_, script)| script)
        }
        None if text.starts_with('-') => return false,
        None => &text,
    };
    text.split(['\n', ';', '{', '}']).any(|piece| {
        let piece = piece.trim().trim_start_matches(|c: char| c.is_ascii_digit() || ",$!~ +".contains(c));
        let flags: String = piece.chars().rev().take_while(char::is_ascii_alphanumeric).collect();
        let behind_address =
            piece.rsplit_once('/').map_or(piece, |(_, behind)| behind).trim_start_matches(['!', ' ', 'I']);
        piece.starts_with('e')
            || piece.starts_with('s') && piece.len() > flags.len() + 1 && flags.contains('e')
            || !piece.starts_with('s') && behind_address.starts_with('e')
    })
}
