//! Explanations compared with etcdctl itself: each line is explained, and run on a private etcd with bash and the
//! real etcdctl.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

mod around;
mod everyday;
mod lines;
mod missed;
mod run_by_etcdctl;
mod surroundings;
mod words;

#[path = "../support/certificates.rs"]
mod certificates;
#[path = "../support/cli.rs"]
mod cli;
#[path = "../support/etcd.rs"]
mod etcd;

use cli::Home;
use coredeck::{
    etcdctl::{Danger, Explanation, Hits, explain},
    keys::{Interval as _, Scope},
};
use etcd::{PrivateEtcd, Setup};
use lines::{Does, LINES};
use serde_json::json;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    os::unix::fs::PermissionsExt as _,
    path::Path,
    process::{Command, Output, Stdio},
    thread,
};

/// Keys that are there before each line.
const KEYS: &[&str] = &[
    ".hidden",
    "/calico/v1/a",
    "/coredns-old/x",
    "/coredns/io/gcr/x1",
    "/coredns/io/gcr/x2",
    "/coredns/org/example/x1",
    "/registry/pods/p1",
    "/registry/pods/p2",
    "/registry/services/s1",
    "0root",
    "A",
    "calico/x",
    "coredns",
    "coredns.conf",
    "coredns/org/example",
    "zzz",
    // A key that begins as a flag would.
    "--prefix",
];

fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

/// Makes a directory with etcdctl and the few programs that stand before it in the lines, and nothing else.
fn programs(etcd: &PrivateEtcd, etcdctl: &Path) -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    let script = |name: &str, text: String| {
        let file = place.path().join(name);
        fs::write(&file, text).unwrap();
        fs::set_permissions(&file, fs::Permissions::from_mode(0o755)).unwrap();
    };
    let endpoint = etcd.unrecorded_endpoint();
    script("etcdctl", format!("#!/bin/sh\nETCDCTL_ENDPOINTS={endpoint} exec {} \"$@\"\n", etcdctl.display()));
    // They stand for programs that are not on every machine, with the options of the table.
    script("sudo", "#!/bin/sh\nwhile :; do case $1 in -u) shift 2;; -E|--) shift;; *) break;; esac; done\nexec env \"$@\"\n".to_owned());
    script("kubectl", "#!/bin/sh\nwhile [ \"$1\" != -- ]; do shift; done; shift\nexec \"$@\"\n".to_owned());
    let in_container = "#!/bin/sh\nwhile [ \"$1\" != exec ]; do shift; done; shift\n\
                        while :; do case $1 in -e) shift 2;; -*) shift;; *) break;; esac; done; shift\nexec \"$@\"\n";
    for name in ["docker", "docker-compose", "nerdctl", "crictl"] {
        script(name, in_container.to_owned());
    }
    let text_of = |skip: &str| format!("#!/bin/sh\nwhile :; do case $1 in {skip} *) break;; esac; done\n");
    script("ssh", text_of("-t) shift;;") + "shift\n[ $# = 0 ] && exec sh\nexec sh -c \"$*\"\n");
    script("su", "#!/bin/sh\nwhile [ \"$1\" != -c ]; do shift; done\nexec sh -c \"$2\"\n".to_owned());
    script("nsenter", text_of("-t|--target) shift 2;; -*) shift;;") + "exec \"$@\"\n");
    script("runuser", text_of("-u) shift 2;; --) shift; break;;") + "exec \"$@\"\n");
    script("strace", text_of("-o) shift 2;; -*) shift;;") + "exec \"$@\"\n");
    script("chroot", "#!/bin/sh\nshift\nexec \"$@\"\n".to_owned());
    for name in ["env", "sh", "bash", "timeout", "nice", "nohup", "true"] {
        let real = ["/usr/bin", "/bin"].map(|at| Path::new(at).join(name));
        let real = real.iter().find(|file| file.exists()).unwrap();
        std::os::unix::fs::symlink(real, place.path().join(name)).unwrap();
    }
    place
}

fn bash(text: &str, programs: &Path) -> Output {
    let mut command = Command::new("bash");
    command.args(["--norc", "--noprofile", "-c", text]).env_clear().env("PATH", programs).env("HOME", "/");
    command.stdin(Stdio::null()).current_dir(programs).output().unwrap()
}

/// Returns every key with the number of its writes.
fn present(etcd: &PrivateEtcd) -> BTreeMap<String, i64> {
    let found: serde_json::Value =
        serde_json::from_str(&etcd.etcdctl(&["get", "--prefix", "", "-w", "json"])).unwrap();
    let keys = found["kvs"].as_array().cloned().unwrap_or_default();
    keys.iter()
        .map(|kv| {
            let key = unbase64(kv["key"].as_str().unwrap());
            (String::from_utf8(key).unwrap(), kv["mod_revision"].as_i64().unwrap())
        })
        .collect()
}

fn unbase64(text: &str) -> Vec<u8> {
    use base64::Engine as _;
    base64::engine::general_purpose::STANDARD.decode(text).unwrap()
}

fn hit(explanation: &Explanation) -> BTreeSet<String> {
    let Some(span) = &explanation.span else { return BTreeSet::new() };
    let range = span.range();
    KEYS.iter().filter(|key| range.contains(key.as_bytes())).map(|key| (*key).to_owned()).collect()
}

/// Runs a line, and returns the difference between its effect and its explanation.
fn compare(etcd: &PrivateEtcd, programs: &Path, text: &str, does: Does, others: Does) -> Result<(), String> {
    let missing: Vec<&str> = {
        let there = present(etcd);
        KEYS.iter().copied().filter(|key| !there.contains_key(*key)).collect()
    };
    for key in missing {
        etcd.put(key, "value");
    }
    let before = present(etcd);
    let explained = explain(text.as_bytes(), &scope());
    // A command that etcdctl itself runs has its explanation behind it.
    let explanation = match explained.as_slice() {
        [only] => only,
        [outer, .., run] if outer.verdict >= run.verdict => run,
        _ => return Err(format!("{} explanations", explained.len())),
    };
    let output = bash(text, programs);
    let after = present(etcd);
    for key in after.keys().filter(|key| !before.contains_key(*key)) {
        etcd.etcdctl(&["del", "--", key]);
    }
    let gone: BTreeSet<String> = before.keys().filter(|key| !after.contains_key(*key)).cloned().collect();
    let written: BTreeSet<String> =
        after.iter().filter(|(key, at)| before.get(*key) != Some(at)).map(|(key, _)| key.clone()).collect();
    let shown: BTreeSet<String> = String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter(|line| KEYS.contains(line))
        .map(str::to_owned)
        .collect();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    let real = format!("gone {gone:?}, written {written:?}, shown {shown:?}, {}: {said}", output.status);
    let wrong = |what: &str| Err(format!("{what}: {real}\n  explained: {explanation:?}"));
    let as_was_said = match does {
        Does::Deletes => gone == hit(explanation) && written.is_empty() && output.status.success(),
        Does::Reads => shown == hit(explanation) && gone.is_empty() && written.is_empty(),
        Does::Writes => {
            let start =
                explanation.span.as_ref().map(|span| String::from_utf8_lossy(&span.start).into_owned());
            gone.is_empty() && written.iter().eq(&start) && output.status.success()
        }
        Does::Refuses => gone.is_empty() && written.is_empty() && !output.status.success(),
        Does::Nothing => {
            gone.is_empty() && written.is_empty() && (hit(explanation).is_empty() || !explanation.deletes)
        }
    };
    if !as_was_said {
        return wrong("etcdctl does something else");
    }
    let verdict = explanation.verdict;
    // The worst release counts; version 2's commands end in another store.
    let all_refuse = does == Does::Refuses && others == Does::Refuses && !text.contains("API=2 etcdctl rm");
    let deletes = [does, others].contains(&Does::Deletes);
    if all_refuse != (verdict == Danger::Invalid) {
        return wrong("the verdict is wrong");
    }
    if deletes && (!explanation.deletes || verdict < Danger::Careful) {
        return wrong("a deletion is taken too lightly");
    }
    let others_keys = hit(explanation).iter().any(|key| key.starts_with("/registry/"));
    if deletes && others_keys && verdict != Danger::Dangerous {
        return wrong("Kubernetes' keys go, and nobody calls it dangerous");
    }
    Ok(())
}

#[test]
fn what_is_explained_is_what_etcdctl_does() {
    assert!(LINES.len() >= 120, "{}", LINES.len());
    let binaries = etcd::etcd_versions();
    // etcdctl waits for two seconds before it deletes a range, so the lines run side by side.
    let wrong: Vec<String> = thread::scope(|threads| {
        let workers: Vec<_> = binaries
            .iter()
            .flat_map(|binary| (0..WORKERS).map(move |worker| (binary, worker)))
            .map(|(binary, worker)| threads.spawn(move || wrong_of(binary, worker)))
            .collect();
        workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
    });
    assert!(wrong.is_empty(), "{} lines are not what was said:\n{}", wrong.len(), wrong.join("\n"));
}

/// Number of etcds of each version that share the lines.
const WORKERS: usize = 12;

/// Returns the lines of one of them whose effect differs from the explanation.
fn wrong_of(binary: &Path, worker: usize) -> Vec<String> {
    let etcd = Setup::default().binary(binary).start();
    let version = etcd.etcdctl(&["version"]);
    let is_old = version.contains("version: 3.4");
    let programs = programs(&etcd, &which(binary));
    let mut wrong = Vec::new();
    for (text, old, new) in LINES.iter().skip(worker).step_by(WORKERS) {
        let (does, others) = if is_old { (*old, *new) } else { (*new, *old) };
        if let Err(what) = compare(&etcd, programs.path(), text, does, others) {
            wrong.push(format!("{text:?} with {}\n  {what}", version.lines().next().unwrap_or_default()));
        }
    }
    wrong
}

/// Returns the etcdctl beside etcd.
fn which(etcd: &Path) -> std::path::PathBuf {
    let beside = etcd.with_file_name("etcdctl");
    if beside.exists() {
        return beside;
    }
    let path = std::env::var_os("PATH").unwrap();
    std::env::split_paths(&path).map(|at| at.join("etcdctl")).find(|file| file.exists()).expect("etcdctl")
}

#[test]
fn the_accident_is_told_with_its_numbers_and_what_was_meant() {
    let etcd = etcd::start();
    for number in 0..20 {
        etcd.put(&format!("/registry/pods/{number}"), "x");
    }
    for key in ["/coredns/io/gcr/x1", "/coredns/io/gcr/x2", "/somebody/a", "/somebody/b", "0root", "coredns"]
    {
        etcd.put(key, "x");
    }
    let home = Home::of(&etcd.endpoint());
    let told = home.run(&["explain", "-o", "json", "--", "etcdctl", "del", "/", "coredns"]).ends_with(0);
    let line = &told.json()[0];
    assert_eq!(line["range"], json!({"start": "/", "end": "coredns"}));
    assert_eq!(line["total"], 25);
    assert_eq!(line["by_prefix"], json!({"/coredns/": 2, "/registry/": 20, "/somebody/": 2, "0root": 1}));
    assert_eq!((&line["verdict"], &line["tenants"]), (&json!("dangerous"), &json!(["Kubernetes"])));
    let means = line["means"].as_str().unwrap();
    assert!(
        means.starts_with("deletes every key from / up to coredns: 25 keys, 20 of them Kubernetes'."),
        "{means}"
    );
    let instead = line["instead"].as_str().unwrap();
    assert!(instead.starts_with("delete the 2 keys under /coredns/: coredeck rm"), "{instead}");
    // None of it was run.
    assert_eq!(
        etcd.etcdctl(&["get", "--prefix", "", "--keys-only"]).lines().filter(|line| !line.is_empty()).count(),
        26
    );
}

#[test]
fn a_line_is_explained_without_a_cluster_and_without_the_right_to_count() {
    let home = Home::of("http://127.0.0.1:1").with("ETCDCTL_DIAL_TIMEOUT", "200ms");
    let told = home.run(&["explain", "-o", "json", "--", "etcdctl", "del", "/", "coredns"]).ends_with(0);
    let line = &told.json()[0];
    assert_eq!(
        (&line["total"], &line["by_prefix"], &line["verdict"]),
        (&json!(null), &json!(null), &json!("dangerous"))
    );
    assert!(line["tenants"].as_array().unwrap().contains(&json!("Kubernetes")), "{line}");

    let etcd = etcd::start();
    etcd.put("/coredns/io/gcr/x1", "{}");
    etcd.enable_authentication();
    let home = Home::of(&etcd.endpoint()).with("ETCDCTL_USER", "dns").with("ETCDCTL_PASSWORD", "dns");
    let told = home.run(&["explain", "--", "etcdctl", "del", "/", "coredns"]).ends_with(0);
    assert!(told.out.contains("may not count"), "{told:?}");
    let told =
        home.run(&["explain", "-o", "json", "--", "etcdctl", "del", "/coredns/io/gcr/x1"]).ends_with(0);
    assert_eq!(told.json()[0]["total"], 1);
}

#[test]
fn what_no_one_can_know_is_not_guessed() {
    for text in [
        "etcdctl del $KEY",
        "etcdctl del --prefix \"$PREFIX\"",
        "etcdctl del $(cat key)",
        "etcdctl del `cat key`",
        "etcdctl del ~/x",
        "etcdctl del /coredns/{a,b}",
        "etcdctl get / --keys-only | xargs etcdctl del",
        "etcdctl get / --keys-only | grep gcr | xargs -n1 etcdctl del",
        "etcdctl get / --keys-only | xargs -I{} sh -c 'etcdctl del {}'",
        "etcdctl get / --keys-only | while read -r k; do etcdctl del \"$k\"; done",
        "for k in $(cat keys); do etcdctl del $k; done",
        "find . -name '*.key' -exec etcdctl del {} \\;",
        "ec() { etcdctl --endpoints=x \"$@\"; }",
        "alias ec='etcdctl --endpoints=x'",
        "watch \"etcdctl del $X\"",
        "for k in a b; do etcdctl del \"$k\"; done",
    ] {
        let explained = explain(text.as_bytes(), &scope());
        let last = explained.last().unwrap();
        // A line that deletes may delete everything.
        let verdict = if text.contains(" del") { Danger::Dangerous } else { Danger::Careful };
        assert_eq!((last.verdict, &last.span), (verdict, &None), "{text}: {last:?}");
        assert!(last.means(&Hits::Uncounted)[0].contains("cannot be"), "{text}: {last:?}");
    }
    assert!(explain(b"ls /coredns # no etcdctl", &scope()).is_empty());
}

#[test]
fn what_is_run_by_a_program_that_nobody_here_knows_is_read_as_it_stands_there() {
    for text in [
        "salt '*' cmd.run 'etcdctl del / coredns'",
        "ansible etcd -m shell -a 'etcdctl del / coredns'",
        "ETCDCTL='etcdctl --endpoints=x'; $ETCDCTL del / coredns",
        "echo 'etcdctl del / coredns' | bash",
        "parallel-ssh -i 'etcdctl del / coredns'",
    ] {
        let explained = explain(text.as_bytes(), &scope());
        let last = explained.last().unwrap();
        assert_eq!((last.verdict, last.deletes), (Danger::Dangerous, true), "{text}: {last:?}");
        let said = last.means(&Hits::Uncounted).join(" ");
        assert!(said.starts_with("cannot be explained for certain: "), "{said}");
        assert!(
            said.contains("as it stands there, etcdctl deletes every key from / up to coredns"),
            "{said}"
        );
    }
    let python = "python3 -c \"import os; os.system('etcdctl del / coredns')\"";
    assert_eq!(explain(python.as_bytes(), &scope())[0].verdict, Danger::Dangerous);
}

#[test]
fn a_password_in_a_line_is_shown_nowhere() {
    for text in [
        "etcdctl --user root:s3cret del / coredns",
        "etcdctl --user=root --password s3cret del / coredns",
        "sudo ETCDCTL_USER=root:s3cret ETCDCTL_PASSWORD=s3cret etcdctl del / coredns",
        "etcdctl -password=s3cret del / coredns",
        "etcdctl --password 's3cret\u{a0}' del /",
        "etcdctl --password s3cret$X del /",
        "find . | foo etcdctl --password s3cret del /",
        "bash -c \"etcdctl --password s3cret del $X\"",
        "ETCDCTL_PASSWORD=s3cret etcdtcl del /",
        "etcdctl \u{2014}password s3cret del /",
        "etcdctl --password\u{a0}s3cret del /",
        "\u{435}tcdctl --user root:s3cret del\u{a0}/",
        "bash <<< 'etcdctl --password s3cret del /'",
        "etcdctl user add ada:s3cret",
        "etcdctl user add ada --new-user-password=s3cret",
        "etcdctl make-mirror --dest-user root:s3cret --dest-password s3cret x:1",
    ] {
        let explained = explain(text.as_bytes(), &scope());
        for explanation in &explained {
            assert!(!format!("{explanation:?}").contains("s3cret"), "{text}: {explanation:?}");
        }
        assert!(!explained.is_empty(), "{text}");
    }
}

#[test]
fn a_line_is_counted_where_it_goes_and_a_pasted_text_chooses_no_cluster() {
    let (here, there) = (etcd::start(), etcd::start());
    here.put("/coredns/io/gcr/x1", "{}");
    for number in 0..3 {
        there.put(&format!("/coredns/io/gcr/x{number}"), "{}");
    }
    let (here, there) = (here.endpoint(), there.endpoint());
    // etcdctl refuses a flag whose variable is set; here it is set as a flag of this program.
    let home = Home::new();
    let words =
        ["--endpoints", &here, "explain", "-o", "json", "--", "etcdctl", "get", "--prefix", "/coredns/"];
    assert_eq!(home.run(&words).ends_with(0).json()[0]["total"], 1);
    assert_eq!(home.run(&[&words[..], &["--endpoints", &there]].concat()).ends_with(0).json()[0]["total"], 3);

    let home = Home::of(&here);
    let told = home.run(&[&words[2..], &["--endpoints", &there]].concat()).ends_with(0);
    assert_eq!(told.json()[0]["verdict"], "invalid");
    assert!(told.out.contains("ETCDCTL_ENDPOINTS is shadowed"), "{told:?}");

    let paste = |endpoint: &str| {
        let mut command = home.command(&["explain", "-o", "json"]);
        let text = home.path().join("pasted");
        fs::write(&text, format!("etcdctl --endpoints={endpoint} get --prefix /coredns/")).unwrap();
        command.stdin(fs::File::open(text).unwrap());
        cli::Run::of(command).ends_with(0)
    };
    assert_eq!(paste(&here).json()[0]["total"], 1);
    let told = paste(&there);
    assert_eq!(told.json()[0]["total"], json!(null));
    assert!(told.json()[0]["means"].as_str().unwrap().contains("this program is connected to"), "{told:?}");
}
