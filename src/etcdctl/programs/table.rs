//! Table of the programs that are known.
use super::{scripts, words};
use crate::etcdctl::shell::ShellWord;

/// Program that is known, with the condition under which it changes nothing of etcd.
#[derive(Clone, Copy, Debug)]
pub(super) struct Program {
    /// Its names, with blanks between them.
    names: &'static str,
    pub(super) keeps: Keeps,
    /// Beginnings of options that make it run a command, or read a script; a word without dashes is a verb of its own.
    runs: &'static [&'static str],
    /// True if it takes words for arithmetic, or for names of variables.
    pub(super) evaluates: bool,
}

/// Condition under which a program changes nothing of etcd.
#[derive(Clone, Copy, Debug)]
pub(super) enum Keeps {
    /// Whatever its words are: it prints them, or looks for them.
    Words,
    /// No line that deletes is among its words: it shows, filters and compares.
    Shows,
    /// None of its words is about etcd: it changes something else on the machine.
    Beside,
    /// And none names a file of etcd's.
    Writes,
    /// And the last one names none.
    WritesLast,
    /// And none names files of etcd's, or a directory that may hold them.
    Removes,
    /// Its first word that is no option is one of these.
    Verbs(&'static [&'static str]),
    By(fn(&[ShellWord]) -> bool),
    /// Under none: it runs its words, or a file, in a language that is not read here.
    Nothing,
}

const fn program(names: &'static str, keeps: Keeps) -> Program {
    Program { names, keeps, runs: &[], evaluates: false }
}

impl Program {
    const fn but(self, runs: &'static [&'static str]) -> Self {
        Self { runs, ..self }
    }

    const fn evaluating(self) -> Self {
        Self { evaluates: true, ..self }
    }

    pub(super) fn called(name: &str) -> Option<&'static Self> {
        PROGRAMS.iter().find(|program| program.names.split_ascii_whitespace().any(|one| one == name))
    }

    /// Tells whether one of the words makes the program run something.
    pub(super) fn runs_one_of(&self, words: &[ShellWord]) -> bool {
        words.iter().any(|word| {
            self.runs.iter().any(|of| {
                if of.starts_with(['-', '+']) { word.bytes.starts_with(of.as_bytes()) } else { word.is(of) }
            })
        })
    }
}

const PROGRAMS: &[Program] = &[
    program("echo grep egrep fgrep", Keeps::Words),
    program("printf", Keeps::Words).evaluating(),
    program(
        ": true false case for select cd pwd pushd popd dirs exit return break continue wait shift umask ulimit times \
         jobs bg disown getopts shopt type history caller logout cat tac head tail zgrep zcat wc uniq cut tr jq column \
         nl rev paste join comm cmp diff fold fmt expand unexpand base64 base32 xxd od hexdump strings md5sum sha1sum \
         sha256sum sha512sum cksum sum seq yes expr bc factor shuf iconv basename dirname realpath readlink numfmt ts \
         look csvlook gron pr tsort ccze ls ll stat file date sleep usleep whoami id groups hostname uname which \
         whereis whatis df du free uptime w who last ps pgrep pstree top htop ss netstat lsof ping ping6 dig host \
         nslookup getent traceroute tracepath nproc lscpu lsblk lsmod printenv locale tput clear reset tty stty cal \
         arch dmesg vmstat iostat sar mpstat findmnt mountpoint logname nstat arp route ifconfig sync test-path set",
        Keeps::Shows,
    ),
    program("test [ [[ let (( read unset", Keeps::Shows).evaluating(),
    program("mapfile readarray", Keeps::Shows).evaluating().but(&["-C"]),
    program("bat batcat colordiff", Keeps::Shows).but(&["--pager"]),
    program("protoc", Keeps::Shows).but(&["--plugin"]),
    program("hash", Keeps::Shows).but(&["-p"]),
    program("coredeck", Keeps::Verbs(words::COREDECK_READS)),
    program(
        "mkdir rmdir chmod chown chgrp mktemp nano systemd-analyze journalctl logger loginctl hostnamectl timedatectl \
         dnf yum apk zypper pacman brew snap certutil kustomize iptables nft sysctl modprobe kill pkill killall reboot \
         shutdown useradd usermod groupadd passwd chpasswd ssh-copy-id ssh-add yq info tree ncdu crontab-list cfssl \
         cfssljson mount",
        Keeps::Beside,
    ),
    program("systemctl", Keeps::By(words::runs_known_units)),
    program("service", Keeps::By(words::runs_known_service)),
    program("apt apt-get", Keeps::Beside).but(&["-o", "--option", "-c", "--config-file"]),
    program("dpkg", Keeps::Beside).but(&["--pre-invoke", "--post-invoke"]),
    program("rpm", Keeps::Beside).but(&["--eval", "-E", "--pipe"]),
    program("gpg", Keeps::Beside).but(&["--photo-viewer", "--exec"]),
    program("ssh-keygen", Keeps::Beside).but(&["-D"]),
    program("openssl", Keeps::Beside).but(&["-engine"]),
    program("tcpdump", Keeps::Beside).but(&["-z"]),
    program("ip", Keeps::Beside).but(&["exec"]),
    program("less more", Keeps::Beside).but(&["+"]),
    program("man", Keeps::Beside).but(&["-P", "--pager", "-H", "--html"]),
    program("vi vim view", Keeps::Beside).but(&["-c", "+", "--cmd", "-S", "-s", "-e", "-E"]),
    program("emacs", Keeps::Beside).but(&[
        "+",
        "-l",
        "--load",
        "-f",
        "--funcall",
        "-eval",
        "--eval",
        "--execute",
        "--script",
    ]),
    program("git", Keeps::Writes).but(&[
        "-c",
        "-x",
        "--config-env",
        "--exec",
        "--extcmd",
        "--upload-pack",
        "--receive-pack",
        "--template",
        "bisect",
        "filter-branch",
        "submodule",
    ]),
    program("find", Keeps::Beside).but(&["-exec", "-ok", "-fprint", "-fls"]),
    program("fd", Keeps::Beside).but(&["-x", "-X", "--exec"]),
    program("wget", Keeps::Writes).but(&["--post", "--method", "--body", "--use-askpass", "-e", "--execute"]),
    program("sort", Keeps::Writes).but(&["--comp"]),
    program("split", Keeps::Writes).but(&["--filter"]),
    program("unzip gunzip xz zstd 7z touch gzip bzip2 zip", Keeps::Writes),
    program("cp install", Keeps::WritesLast).but(&["--strip-program"]),
    program("rsync", Keeps::WritesLast).but(&["-e", "--rsh", "--rsync-path"]),
    program("scp", Keeps::WritesLast).but(&["-o", "-S", "-F"]),
    program("sftp", Keeps::WritesLast).but(&["-o", "-S", "-F", "-b", "-D"]),
    program("tar", Keeps::By(scripts::keeps_of_tar)).but(&[
        "--to",
        "--checkpoint",
        "-I",
        "--use",
        "-F",
        "--info-script",
        "--new-volume",
        "--rsh",
    ]),
    program("rm mv truncate shred dd tee ln umount", Keeps::Removes),
    program("kubectl oc k3s k9s", Keeps::Verbs(words::KUBECTL_READS)),
    program("docker docker-compose podman nerdctl crictl ctr", Keeps::Verbs(words::CONTAINERS_SHOW)),
    program("kubeadm", Keeps::Verbs(words::KUBEADM_READS)),
    program("helm", Keeps::Verbs(words::HELM_READS)),
    program("etcd", Keeps::By(words::asks_for_help)),
    program("crontab", Keeps::By(words::lists_its_table)),
    program("curl", Keeps::By(scripts::reads_by_curl)),
    program("awk gawk mawk nawk", Keeps::By(scripts::runs_nothing_in_awk)),
    program("sed gsed", Keeps::By(scripts::runs_nothing_in_sed)),
    program("python python3", Keeps::By(scripts::formats_json)),
    program(
        "perl ruby node nodejs lua php tclsh expect make gmake ansible-playbook parallel fish csh tcsh pwsh enable npx irb \
         ipython",
        Keeps::Nothing,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_name_stands_once_in_the_table() {
        let mut names = BTreeSet::new();
        for name in PROGRAMS.iter().flat_map(|program| program.names.split_ascii_whitespace()) {
            assert!(names.insert(name), "{name}");
        }
    }
}
