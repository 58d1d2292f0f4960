//! Files that are not as they should be: each is refused at once with a sentence, and no file of others is changed.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "a broken fixture stops its test")]
#![allow(clippy::disallowed_types, reason = "the other client is no part of the program")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/etcd.rs"]
mod etcd;

use certificates::Authority;
use cli::{BINARY, Home, Run};
use coredeck::{
    keys::ClusterId,
    known_clusters::{KeptCounts, KnownClusters},
};
use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt as _, PermissionsExt as _, symlink},
    path::Path,
    process::Command,
};

/// Seconds after which a program that waits for a pipe is ended, and fails with 124.
const LIMIT: &str = "20";

fn pipe(path: &Path) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    assert!(Command::new("mkfifo").arg(path).status().unwrap().success());
}

/// Runs the program until it ends, or is ended.
fn run(home: &Home, arguments: &[&str]) -> Run {
    let mut command = Command::new("timeout");
    command.arg(LIMIT).arg(BINARY).args(arguments);
    let path = std::env::var_os("PATH").unwrap_or_default();
    home.prepare(&mut command);
    command.env("PATH", path);
    let run = Run::of(command);
    assert_ne!(run.code, 124, "{arguments:?} waits for something");
    run
}

fn shell(home: &Home, line: &str) -> Run {
    let mut command = Command::new("timeout");
    let path = std::env::var_os("PATH").unwrap_or_default();
    home.prepare(&mut command);
    command.args([LIMIT, "bash", "-c", line]).env("PATH", path).env("COREDECK", BINARY);
    Run::of(command)
}

/// Endpoint that nobody asks, because the fault is found before.
const NOWHERE: [&str; 2] = ["--endpoints", "https://127.0.0.1:1"];

#[test]
fn a_pipe_and_a_device_are_refused_wherever_a_file_belongs() {
    for device in [false, true] {
        let what = if device { "it is a device" } else { "it is a pipe" };
        let make = |path: &Path| {
            if device {
                fs::create_dir_all(path.parent().unwrap()).unwrap();
                symlink("/dev/zero", path).unwrap();
            } else {
                pipe(path);
            }
        };
        let home = Home::new();
        let file = home.path().join("odd");
        make(&file);
        let odd = file.to_str().unwrap();
        let (certificate, _) = Authority::new("ours", home.path()).client("dns");
        for flags in [
            vec!["--cacert", odd],
            vec!["--cert", odd, "--key", odd],
            vec!["--cert", certificate.to_str().unwrap(), "--key", odd],
        ] {
            let get = [&NOWHERE[..], &flags, &["get", "gcr.io"]].concat();
            run(&home, &get).ends_with(3).says(&format!("cannot be read: {what}"));
        }
        run(&home, &["--demo", "--corefile", odd, "get", "gcr.io"]).ends_with(1).says(what);
        run(&home, &["--demo", "restore", odd]).ends_with(1).says(what);
        run(&home, &["--demo", "snapshot", "status", odd]).says(what);
        run(&home, &["--demo", "doctor", "--corefile", odd]).ends_with(6);

        let home = Home::new();
        make(&home.path().join("config/coredeck/config.toml"));
        run(&home, &["tree"]).ends_with(1).says(what).says("config.toml");

        let home = Home::new();
        make(&home.journal());
        run(&home, &["log"]).ends_with(1).says(what);
    }
    for file in ["/dev/zero", "/dev/tty"] {
        for command in ["import", "apply", "plan"] {
            let format = if command == "apply" { &[][..] } else { &["--format", "jsonl"] };
            let read = [&["--demo", command, file], format].concat();
            run(&Home::new(), &read).ends_with(1).says("it is a device");
        }
    }
}

#[test]
fn a_pipe_that_logs_would_have_to_wait_for_is_refused() {
    let home = Home::new();
    pipe(&home.path().join("log"));
    let log = home.path().join("log");
    run(&home, &["--demo", "--log", log.to_str().unwrap(), "get", "gcr.io"])
        .ends_with(1)
        .says("it is a pipe");
}

#[test]
fn authorities_that_the_environment_names_are_a_file_as_well() {
    let home = Home::new();
    let file = home.path().join("authorities");
    pipe(&file);
    let home = home.with("SSL_CERT_FILE", file.to_str().unwrap());
    run(&home, &[&NOWHERE[..], &["get", "gcr.io"]].concat()).ends_with(3).says("it is a pipe");
}

#[test]
fn what_is_larger_than_its_kind_is_not_read() {
    let home = Home::new();
    let file = home.path().join("large");
    // The file takes no room on the disk, but it would in memory.
    fs::File::create(&file).unwrap().set_len(1 << 40).unwrap();
    let large = file.to_str().unwrap();
    let told = "MiB, which no such file has";
    run(&home, &[&NOWHERE[..], &["--cacert", large, "get", "gcr.io"]].concat()).ends_with(3).says(told);
    run(&home, &["--demo", "--corefile", large, "get", "gcr.io"]).ends_with(1).says(told);
    run(&home, &["--demo", "import", large, "--format", "csv"]).ends_with(1).says(told);
    fs::create_dir_all(home.path().join("config/coredeck")).unwrap();
    fs::rename(&file, home.path().join("config/coredeck/config.toml")).unwrap();
    run(&home, &["tree"]).ends_with(1).says(told);
}

#[test]
fn what_people_pipe_in_is_read_and_a_key_is_not() {
    let home = Home::new();
    let line = r#"{"key":"/coredns/io/new/x1","value":{"host":"10.0.0.1"}}"#;
    let import = "\"$COREDECK\" --demo import --format jsonl --confirm /coredns/";
    shell(&home, &format!("{import} <(echo '{line}')")).ends_with(0);
    shell(&home, &format!("echo '{line}' | {import} /dev/stdin")).ends_with(0);
    shell(&home, "echo '. { etcd }' | \"$COREDECK\" --demo --corefile /dev/stdin get gcr.io").ends_with(0);
    // The file is read more than once, and a pipe gives nothing the second time.
    shell(&home, "\"$COREDECK\" --endpoints https://127.0.0.1:1 --cert <(echo) --key <(echo) get gcr.io")
        .ends_with(3)
        .says("it is a pipe");
}

#[test]
fn profiles_that_others_may_write_are_not_taken() {
    let home = Home::new().profiles("[profile.default]\nendpoints = [\"http://127.0.0.1:1\"]\n");
    let file = home.path().join("config/coredeck/config.toml");
    run(&home, &["tree"]).ends_with(3);
    for mode in [0o666, 0o664] {
        fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
        let told = run(&home, &["tree"]).ends_with(4);
        told.says("is not taken: others may write it").says("chmod go-w ").says("config.toml");
    }
    fs::set_permissions(&file, Permissions::from_mode(0o644)).unwrap();
    run(&home, &["tree"]).ends_with(3);
    // Only root can give a file away.
    if std::os::unix::fs::chown(&file, Some(12345), None).is_ok() {
        run(&home, &["tree"]).ends_with(4).says("it belongs to uid 12345").says("chown ");
        // A person who has called sudo may do everything anyway.
        run(&home.with("SUDO_UID", "12345"), &["tree"]).ends_with(3);
    }
}

#[test]
fn a_state_directory_that_is_a_link_leaves_what_it_leads_to_alone() {
    let etcd = etcd::start();
    etcd.put("/coredns/io/gcr/x1", "{}");
    let home = Home::of(&etcd.endpoint());
    let (etc, state) = (home.path().join("etc"), home.path().join("state"));
    for directory in [&etc, &state] {
        fs::create_dir(directory).unwrap();
        fs::set_permissions(directory, Permissions::from_mode(0o755)).unwrap();
    }
    symlink(&etc, state.join("coredeck")).unwrap();
    let rm = ["rm", "/coredns/io/gcr/x1", "--confirm", "/coredns/io/gcr/x1", "--expect", "1"];
    for arguments in [&rm[..], &["backup"]] {
        let told = home.run(arguments);
        assert_ne!(told.code, 0, "{told:?}");
        told.says("is a link to").says("XDG_STATE_HOME");
    }
    home.run(&["get", "gcr.io"]).ends_with(0);
    assert_eq!(fs::metadata(&etc).unwrap().mode() & 0o7777, 0o755);
    assert_eq!(fs::read_dir(&etc).unwrap().count(), 0, "nothing was written there");
    // A directory that is used for something else keeps its mode, and is used all the same.
    fs::remove_file(state.join("coredeck")).unwrap();
    fs::create_dir(state.join("coredeck")).unwrap();
    fs::set_permissions(state.join("coredeck"), Permissions::from_mode(0o755)).unwrap();
    fs::write(state.join("coredeck/config.toml"), "").unwrap();
    home.run(&rm).ends_with(0);
    assert_eq!(fs::metadata(state.join("coredeck")).unwrap().mode() & 0o7777, 0o755);
}

#[test]
fn what_is_known_of_clusters_is_a_plain_file_as_well() {
    let etcd = etcd::start();
    etcd.put("/coredns/io/gcr/x1", "{}");
    let home = Home::of(&etcd.endpoint());
    let state = home.path().join("state/coredeck");
    let set = ["set", "gcr.io", "--host", "10.0.0.1", "--confirm", "/coredns/io/gcr/x2"];
    let status = run(&home, &["status", "-o", "json"]).ends_with(0);
    let cluster: ClusterId = status.json()[0]["cluster_id"].as_str().unwrap().parse().unwrap();
    pipe(&KeptCounts::path(&state, cluster));
    run(&home, &["status"]);
    run(&home, &["doctor"]);
    run(&home, &set).ends_with(0);
    pipe(&KnownClusters::in_directory(&state).path(&etcd.endpoint()));
    for command in [&["status"][..], &["get", "gcr.io"], &set] {
        run(&home, command).ends_with(1).says("it is a pipe");
    }
}

#[test]
fn a_word_of_the_profile_that_is_not_known_closes_the_session() {
    let etcd = etcd::start();
    for guard in [
        "ro = true",
        "writable = false",
        "pin = \"0de0c0dedec00de0\"",
        "access = \"read-only\"",
        "schreibschutz = \"ja\"",
        "window = \"sat 2-4\"",
        "scope = \"/other\"",
        "servers = [\"http://127.0.0.1:1\"]",
        "note = \"never write here\"",
    ] {
        let text = format!("[profile.default]\nendpoints = [\"{}\"]\n{guard}\n", etcd.endpoint());
        let home = Home::new().profiles(&text);
        let set = ["set", "gcr.io", "--host", "10.0.0.1", "--confirm", "/coredns/io/gcr/x1"];
        home.run(&set).ends_with(4).says("this session is read-only: line 3 says").says("Correct line 3");
        home.run(&["tree"]).ends_with(0).says("line 3: ").says("othing is changed until it is corrected");
        let remark = text.replace(guard, &format!("# {guard}"));
        let rm = ["rm", "/coredns/io/gcr/x1", "--confirm", "/coredns/io/gcr/x1", "--expect", "1"];
        Home::new().profiles(&remark).run(&set).ends_with(0);
        Home::new().profiles(&remark).run(&rm).ends_with(0);
    }
}

#[test]
fn a_variable_of_this_program_that_is_not_known_closes_the_session() {
    let etcd = etcd::start();
    let set = ["set", "gcr.io", "--host", "10.0.0.1", "--confirm", "/coredns/io/gcr/x1"];
    for name in ["COREDECK_READ_ONLY", "COREDECK_PREFX", "COREDECK_CLUSTER_ID", "COREDECK_ENDPOINTS"] {
        let home = Home::of(&etcd.endpoint()).with(name, "1");
        home.run(&set)
            .ends_with(4)
            .says(&format!("this session is read-only: {name} is set, and is no variable of this program"))
            .says(&format!("unset {name}"));
        home.run(&["tree"]).ends_with(0).says(&format!("warning: {name} is set, and is no variable"));
    }
    assert!(etcd.etcdctl(&["get", "--prefix", "/coredns/"]).is_empty());
}

#[test]
fn nothing_of_a_secret_that_was_named_by_mistake_is_repeated() {
    const SECRETS: [&str; 5] = [
        "hunter2\n",
        "root:$6$hunter2:19000:0:99999:7:::\ndaemon:hunter2:19000:0:99999:7:::\n",
        "-----BEGIN PRIVATE KEY-----\nhunter2\n-----END PRIVATE KEY-----\n",
        "apiVersion: v1\nkind: Config\nusers:\n- name: hunter2\n  user: {token: hunter2}\n",
        "{\"hunter2\": {\"hunter2\": \"hunter2\"}}\n",
    ];
    let home = Home::new();
    let file = home.path().join("secret");
    let secret = file.to_str().unwrap();
    for text in SECRETS {
        fs::write(&file, text).unwrap();
        let mut tried = vec![
            vec!["--corefile", secret, "get", "gcr.io"],
            vec!["--corefile", secret, "doctor"],
            vec!["apply", secret, "--confirm", "/coredns/"],
            vec!["lint", "--records", secret],
        ];
        for format in ["zone", "hosts", "csv", "jsonl"] {
            tried.push(vec!["import", secret, "--format", format]);
            tried.push(vec!["plan", secret, "--format", format]);
        }
        for arguments in tried {
            let told = run(&home, &[&["--demo"], &arguments[..]].concat());
            let all = format!("{}{}", told.out, told.err);
            assert!(!all.contains("hunter2"), "{arguments:?} of {text:?}: {told:?}");
        }
    }
}
