//! Units that are shipped: their command lines are this program's, and systemd accepts every line of them.
use crate::cli::BINARY;
use clap::Parser as _;
use coredeck::cli::CliArguments;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

const UNITS: [&str; 4] = [
    "coredeck-backup.service",
    "coredeck-backup.timer",
    "coredeck-snapshot.service",
    "coredeck-snapshot.timer",
];
/// Settings that keep a service away from everything that it does not need.
const HARDENED: [&str; 10] = [
    "NoNewPrivileges=yes",
    "ProtectSystem=strict",
    "ProtectHome=yes",
    "PrivateTmp=yes",
    "PrivateDevices=yes",
    "CapabilityBoundingSet=",
    "MemoryDenyWriteExecute=yes",
    "RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX",
    "SystemCallFilter=@system-service",
    "StateDirectoryMode=0700",
];

fn unit(name: &str) -> String {
    let directory = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/systemd");
    fs::read_to_string(directory.join(name)).unwrap()
}

fn values<'u>(unit: &'u str, setting: &str) -> Vec<&'u str> {
    let lines = unit.lines().filter_map(|line| line.split_once('='));
    lines.filter(|(name, _)| *name == setting).map(|(_, value)| value).collect()
}

#[test]
fn each_command_line_is_one_of_this_program() {
    for name in ["coredeck-backup.service", "coredeck-snapshot.service"] {
        let unit = unit(name);
        let [line] = values(&unit, "ExecStart")[..] else { panic!("{name} starts one program") };
        assert!(line.starts_with("/usr/local/bin/coredeck "), "{line}");
        let parsed = CliArguments::try_parse_from(line.split(' ')).unwrap();
        assert!(!parsed.command.unwrap().changes(), "a unit changes nothing in etcd: {line}");
        for environment in values(&unit, "Environment") {
            let (variable, _) = environment.split_once('=').unwrap();
            let known = [
                "ETCDCTL_ENDPOINTS",
                "ETCDCTL_CACERT",
                "ETCDCTL_CERT",
                "ETCDCTL_KEY",
                "COREDECK_PREFIX",
                "XDG_STATE_HOME",
            ];
            assert!(known.contains(&variable), "{variable}");
        }
        for line in HARDENED {
            assert!(unit.lines().any(|is| is == line), "{name} has {line}");
        }
    }
}

#[test]
fn every_line_that_an_operator_would_change_says_what_it_is() {
    for name in UNITS {
        let unit = unit(name);
        let lines: Vec<&str> = unit.lines().collect();
        let changed =
            ["ExecStart=", "User=", "IPAddressDeny=", "OnCalendar=", "RandomizedDelaySec=", "Persistent="];
        for (at, line) in
            lines.iter().enumerate().filter(|(_, line)| changed.iter().any(|it| line.starts_with(it)))
        {
            assert!(lines[at - 1].starts_with("# "), "{name}: {line} has no comment");
        }
    }
}

#[test]
fn systemd_takes_them() {
    let directory = tempfile::tempdir().unwrap();
    let paths: Vec<PathBuf> = UNITS.iter().map(|name| directory.path().join(name)).collect();
    for (name, path) in UNITS.iter().zip(&paths) {
        fs::write(path, unit(name).replace("/usr/local/bin/coredeck", BINARY)).unwrap();
    }
    let Ok(verified) = Command::new("systemd-analyze").arg("verify").args(&paths).output() else {
        eprintln!("there is no systemd-analyze: the units were not verified by systemd");
        return;
    };
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("coredeck-")).collect();
    assert!(verified.status.success() && ours.is_empty(), "{said}");
}

/// The unit, the guide and the help agree on how often backups are made and how long they are kept.
#[test]
fn how_often_backups_are_made_and_how_long_they_stay_is_said_in_one_way() {
    let kept = "--keep-hourly 48 --keep-daily 30 --keep-monthly 12";
    let service = unit("coredeck-backup.service");
    let [line] = values(&service, "ExecStart")[..] else { panic!("one program") };
    assert_eq!(line, format!("/usr/local/bin/coredeck backup {kept} -o json"));
    assert!(service.contains("of the last 48 hours, 30 days and 12 months the newest of each"), "{service}");
    let timer = unit("coredeck-backup.timer");
    assert_eq!(values(&timer, "OnCalendar"), ["hourly"]);
    assert!(timer.contains("# When: here every hour."), "{timer}");
    assert_eq!(values(&unit("coredeck-snapshot.timer"), "OnCalendar"), ["*-*-* 02:10:00"]);
    let guide = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/operating.md")).unwrap();
    let guide = guide.split_whitespace().collect::<Vec<_>>().join(" ");
    let told = [
        format!("`coredeck backup {kept}`"),
        "keep 48 hours, 30 days and 12 months of them".to_owned(),
        "a backup every hour, a snapshot every night".to_owned(),
        "The units make a backup every hour, and keep the newest one of each of the last 48 hours, 30 days and 12 months."
            .to_owned(),
    ];
    for told in told {
        assert!(guide.contains(&told), "{told}");
    }
    for said in [&["backup", "--help"][..], &["man", "backup"]] {
        let output = Command::new(BINARY).args(said).output().unwrap();
        let text = String::from_utf8(output.stdout).unwrap().replace('\\', "");
        let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
        for part in [kept, "at least every two days", "newest three that have records"] {
            assert!(text.contains(part), "{said:?}: {part}: {text}");
        }
    }
}
