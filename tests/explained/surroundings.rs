//! Surroundings of lines that delete: no such line is called less than dangerous in any of them. Lines and
//! surroundings of every kind that was once missed are put into one another, three deep, and bash runs each
//! surrounding, to see that it runs its content.
use super::scope;
use coredeck::etcdctl::{Danger, Explanation, explain, quoted};
use proptest::prelude::*;
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// Lines that take keys away, or may do so.
pub(crate) const DELETING: &[&str] = &[
    "etcdctl del / coredns",
    "etcdctl del --prefix /",
    "etcdctl del '' --prefix",
    "etcdctl del --from-key /",
    "etcdctl --endpoints=$E --user root:$PW del --prefix /registry",
    "sudo -u root etcdctl del --prefix /registry",
    "ETCDCTL_API=3 etcdctl del --prefix ''",
    "etcdctl del $WHAT",
    "etcdctl $A",
    "etcdctl \"${a[@]}\"",
    "set -- del / coredns; etcdctl \"$@\"",
    "$ETCDCTL del --prefix ''",
    "\"${ETCDCTL:-etcdctl}\" del --prefix /",
    "$e",
    "e=etcdctl; sudo $e del --prefix /",
    "a=etcd; b=ctl; $a$b del / coredns",
    "D='del / coredns'; etcdctl $D",
    "c=(etcdctl); c+=(del / coredns); \"${c[@]}\"",
    "etcdctl-3.5 del / coredns",
    "etcdctl.exe del / coredns",
    "@etcdctl del --prefix /",
    "ExecStart=/usr/bin/etcdctl del / coredns",
    "./etcdctl del / coredns",
    "\"$BIN/etcdctl\" del / coredns",
    "et''cd\\ctl del / coredns",
    "$'etc\\x64ctl' del / coredns",
    "{etcdctl,del,/,coredns}",
    "/usr/bin/etcdc?l del / coredns",
    "$(which etcdctl) del --prefix /",
    "`command -v etcdctl` del / coredns",
    "echo / coredns | xargs etcdctl del",
    "echo del / coredns | xargs etcdctl",
    "printf '\\n\\ndel / coredns\\n\\n\\n' | etcdctl txn",
    "etcdctl txn < requests",
    "etcdctl watch -i < lines",
    "etcdctl watch / -- etcdctl del --prefix /",
    "etcdctl lock x -- etcdctl del --prefix /",
    "etcdctl lease revoke 694d5765fc71500b",
    "etcdctl make-mirror 10.0.0.2:2379",
    "env -S 'etcdctl del / coredns'",
    "ssh -o ProxyCommand='etcdctl del / coredns' m1 true",
    "docker run --rm --net=host etcd etcdctl del / coredns",
    "unheard-of --flag etcdctl del --prefix /",
    "curl -X POST http://127.0.0.1:2379/v3/kv/deleterange -d '{\"key\":\"AA==\",\"range_end\":\"AA==\"}'",
    "python3 -c 'import etcd3; etcd3.client().delete_prefix(\"/\")'",
    "grpcurl -plaintext -d '{\"key\":\"AA==\"}' 127.0.0.1:2379 etcdserverpb.KV/DeleteRange",
    "rm -rf /var/lib/etcd/member",
    "kubeadm reset --force",
];

/// Surroundings of a text: `{}` for it as it is, `{q}` for it as one word, `{n}` for a number that is used once.
const AROUND: &[&str] = &[
    "{}",
    "true && {}",
    "false || {}\ntrue",
    "( {}\n)",
    "{ {}\n}",
    "! {} &\nwait",
    "if true; then {}\nfi",
    "if false; then true; else {}\nfi",
    "for i in 1 2; do {}\ndone",
    "for ((i = 0; i < 1; i++)); do {}\ndone",
    "while :; do {}\nbreak; done",
    "case x in (y) true;; x | z) {}\n;; esac",
    "f{n}() { {}\n}; f{n}",
    "function f{n} { {}\n}\nf{n}",
    "X=$({}\n)",
    "export X=\"$({}\n)\"",
    "echo \"$({}\n)\"",
    "cat <({}\n)",
    "mapfile -t x < <({}\n)",
    "read -r n <<< \"$({}\n)\"",
    "cat <<END{n}\n$({}\n)\nEND{n}\n",
    ": \"${NOT_SET:-$({}\n)}\"",
    "[[ -n $({}\n) ]]",
    "case $({}\n) in *) ;; esac",
    ": > \"/dev/null$({}\n)\"",
    "echo $(( $({}\necho 1) + 1 ))",
    "x[$({}\necho 1)]=1",
    "bash -c {q}",
    "bash --norc -c -- {q}",
    "sh -ec {q}",
    "bash -o pipefail -c {q} name argument",
    "bash -c '\"$@\"' _ bash -c {q}",
    "eval {q}",
    "C{n}={q}; eval \"$C{n}\"",
    "C{n}={q}; bash -c \"$C{n}\"",
    "export C{n}={q}; bash -c 'eval \"$C{n}\"'",
    "C{n}={q} sh -c 'eval \"$C{n}\"'",
    "c{n}=(bash); c{n}+=(-c {q}); \"${c{n}[@]}\"",
    "run{n}=bash; $run{n} -c {q}",
    "bash <<'HERE{n}'\n{}\nHERE{n}\n",
    "bash -s <<< {q}",
    "{ true; bash; } <<'HERE{n}'\n{}\nHERE{n}\n",
    "echo {q} | bash",
    "printf '%s\\n' {q} |\nsudo bash",
    "echo {q} | tee >(bash > said) > /dev/null; until [ -s said ]; do :; done",
    "while IFS= read -r -d '' l; do eval \"$l\"; done < <(printf '%s\\0' {q})",
    "printf '%s\\n' {q} > written{n}.sh; bash written{n}.sh",
    "cat > written{n}.env <<'HERE{n}'\n{}\nHERE{n}\n. ./written{n}.env",
    "trap {q} EXIT",
    "shopt -s expand_aliases\nalias now{n}={q}\nnow{n}",
    "env -i PATH=\"$PATH\" bash -c {q}",
    "timeout -k 1 20 sh -c {q}",
    "sudo -E nice -n 5 bash -c {q}",
    "sudo -s {q}",
    "ssh m1 {q}",
    "su root -c true -c {q}",
    "kubectl -n kube-system exec m1 -- sh -c {q}",
    "find . -maxdepth 0 -exec sh -c {q} \\;",
    "echo x | xargs -I% sh -c {q}",
    "flock lock{n} -c {q}",
    "echo before; # etcdctl get /x\n{}\n",
];

fn put_into(around: &str, text: &str, number: usize) -> String {
    around.replace("{n}", &number.to_string()).replace("{q}", &quoted(text)).replace("{}", text)
}

fn worst(text: &str) -> Option<Explanation> {
    explain(text.as_bytes(), &scope()).into_iter().max_by_key(|one| one.verdict)
}

fn is_missed(text: &str) -> bool {
    worst(text).is_none_or(|worst| worst.verdict != Danger::Dangerous)
}

fn none_is_missed(texts: impl Iterator<Item = String>) {
    let missed: Vec<_> =
        texts.filter(|text| is_missed(text)).map(|text| format!("{text}\n  {:?}", worst(&text))).collect();
    assert!(missed.is_empty(), "{} are missed:\n{}", missed.len(), missed.join("\n"));
}

#[test]
fn every_line_that_deletes_is_dangerous_in_every_surrounding() {
    let each = |line: &'static str| AROUND.iter().map(move |around| put_into(around, line, 1));
    none_is_missed(DELETING.iter().flat_map(|line| each(line)));
}

#[test]
fn the_accident_is_dangerous_in_every_two_surroundings() {
    let inner = AROUND.iter().map(|around| put_into(around, DELETING[0], 1)).collect::<Vec<_>>();
    none_is_missed(AROUND.iter().flat_map(|outer| inner.iter().map(move |text| put_into(outer, text, 2))));
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(512))]
    #[test]
    fn no_line_is_saved_by_what_stands_around_it(
        line in prop::sample::select(DELETING),
        around in prop::collection::vec(prop::sample::select(AROUND), 0..4),
    ) {
        let text = around.iter().enumerate().fold(line.to_owned(), |text, (number, around)| put_into(around, &text, number));
        prop_assert!(!is_missed(&text), "{}\n  {:?}", text, worst(&text));
    }

    /// The verdict of a text is never less than that of any of its lines, whatever the others are.
    #[test]
    fn a_text_is_as_bad_as_the_worst_of_its_lines(
        lines in prop::collection::vec(prop_oneof![
            prop::sample::select(super::everyday::LINES).prop_map(str::to_owned),
            "[a-z$'\"(){}<>|&;#=` ]{0,12}",
        ], 0..4),
        place in 0..4_usize,
        line in prop::sample::select(DELETING),
    ) {
        let mut lines = lines;
        lines.insert(place.min(lines.len()), line.to_owned());
        let text = lines.join("\n");
        // bash runs a text that it finds incomplete up to that place.
        let mut bash = Command::new("bash");
        bash.args(["--norc", "-n", "-c", &text]).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        prop_assume!(bash.status().unwrap().success());
        // A quote or a sign may have made it a word of another line, or a remark.
        prop_assume!(!lines.iter().any(|line| line.contains(['\'', '"', '#', '`', '<', '\\']) && !DELETING.contains(&line.as_str()) && !super::everyday::LINES.contains(&line.as_str())));
        prop_assert!(!is_missed(&text), "{}\n  {:?}", text, worst(&text));
    }
}

/// Makes a directory with an etcdctl that writes down its calls, and with programs that are not on every machine.
fn programs() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let script = |name: &str, text: &str| {
        let file = place.path().join(name);
        fs::write(&file, format!("#!/bin/bash\n{text}\n")).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    };
    script("etcdctl", &format!("echo \"$*\" >> {}/called; echo called", place.path().display()));
    script(
        "sudo",
        "while :; do case $1 in -u) shift 2;; -s) shift; exec bash -c \"$*\";; -E|--) shift;; *) break;; esac; done\nexec env \"$@\"",
    );
    script("kubectl", "while [ \"$1\" != -- ]; do shift; done; shift\nexec \"$@\"");
    script("ssh", "shift\nexec sh -c \"$*\"");
    // The last of several texts counts.
    script("su", "for word; do :; done\nexec sh -c \"$word\"");
    place
}

#[test]
fn every_surrounding_runs_what_it_holds() {
    let programs = programs();
    let path = format!("{}:/usr/bin:/bin", programs.path().display());
    let called = programs.path().join("called");
    let mut wrong = Vec::new();
    for around in AROUND {
        let _ = fs::remove_file(&called);
        let work = tempfile::tempdir().unwrap();
        let text = put_into(around, DELETING[0], 1);
        let mut bash = Command::new("bash");
        bash.args(["--norc", "--noprofile", "-c", &text])
            .env_clear()
            .env("PATH", &path)
            .current_dir(work.path());
        let output = bash.stdin(Stdio::null()).output().unwrap();
        if !is_written(&called, "del / coredns\n") {
            wrong.push(format!("{text}\n  {}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    assert!(
        wrong.is_empty(),
        "bash does not run what stands in {} surroundings:\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}

/// Waits for the file: some run the line in another process, which may be a moment behind.
fn is_written(file: &Path, what: &str) -> bool {
    let deadline = Instant::now() + Duration::from_secs(60);
    while Instant::now() < deadline {
        if fs::read_to_string(file).is_ok_and(|text| text.contains(what)) {
            return true;
        }
        std::thread::yield_now();
    }
    false
}
