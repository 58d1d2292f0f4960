//! Script that brings others' keys back: with each etcd's own etcdctl, in each shell.
use crate::{
    certificates::Authority,
    cli::Home,
    etcd::{self, PrivateEtcd, Setup},
    keys::{Keys, all, block_on, cluster, grant, put_all, revision},
    put_back::Script,
};
use etcd_client::{Client, PutOptions};
use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::Command,
};

/// Returns bytes that look random, the same in every run.
fn noise(seed: u64, length: usize) -> Vec<u8> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let next = |_| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..length).map(next).collect()
}

/// Returns keys and values that are hostile, and usual ones.
fn hostile() -> Vec<(Vec<u8>, Vec<u8>)> {
    let every: Vec<u8> = (0..=255).collect();
    let mut keys: Vec<(Vec<u8>, Vec<u8>)> = [
        (&b"quote\"x"[..], &b"\""[..]),
        (b"$HOME`id`$(id)", b"$x`y`$(z)\\"),
        (b"new\nline\n", b"\n\nEND\n"),
        (b"'q'", b"''"),
        (b"\xff\x00\x01", b""),
        (b"sp ace \\n & \\1", b"\\x41\\"),
        (b"END", b"END"),
        (b"-rf", b"--lease=1"),
        (b"every", &every),
        ("käse/✂".as_bytes(), "ä\u{202e}".as_bytes()),
    ]
    .into_iter()
    .map(|(key, value)| ([b"/registry/odd/", key].concat(), value.to_vec()))
    .collect();
    for number in 0..300_u64 {
        let (length, bytes) =
            (usize::try_from(number % 70).unwrap(), usize::try_from(number * 7 % 900).unwrap());
        let key = [b"/registry/noise/", number.to_string().as_bytes(), &*noise(number, length)].concat();
        keys.push((key, noise(number + 1000, bytes)));
    }
    keys
}

fn values(keys: &Keys, prefix: &str) -> Vec<(Vec<u8>, Vec<u8>)> {
    let of = keys.iter().filter(|(key, _)| key.starts_with(prefix.as_bytes()));
    of.map(|(key, (value, _))| (key.clone(), value.clone())).collect()
}

fn put_leased(etcd: &PrivateEtcd, lease: i64, keys: &[&str]) {
    grant(etcd, lease);
    block_on(async {
        let mut kv = Client::connect(etcd.endpoints(), None).await.unwrap().kv_client();
        for key in keys {
            kv.put(*key, "leased", Some(PutOptions::new().with_lease(lease))).await.unwrap();
        }
    });
}

/// Saves all of etcd as it is, and returns the path of the script.
fn rescued(etcd: &PrivateEtcd, home: &Home) -> PathBuf {
    let to = home.path().join("all.jsonl.gz");
    let at = revision(etcd).to_string();
    let run =
        home.run(&["rescue", "--at", &at, "--range", "/", "--to", &to.display().to_string(), "-o", "json"]);
    run.ends_with(0).json()[0]["script"].as_str().unwrap().into()
}

fn script(etcd: &PrivateEtcd, path: &Path) -> Script {
    Script::of(path).variable("ETCDCTL", &etcd.tool().display().to_string())
}

/// Makes an etcdctl that passes everything on, up to a number of calls; it counts them in the file.
fn counting(etcd: &PrivateEtcd, directory: &Path, most: usize) -> (PathBuf, PathBuf) {
    let (tool, calls) = (directory.join(format!("etcdctl-{most}")), directory.join(format!("calls-{most}")));
    let (real, counted) = (etcd.tool().display().to_string(), calls.display().to_string());
    let text = format!(
        "#!/bin/sh\n[ \"$1\" = version ] || echo \"$1\" >>{counted}\n[ ! -f {counted} ] || [ \"$(grep -c . <{counted})\" -le {most} ] || {{ echo 'Error: context deadline exceeded' >&2; exit 1; }}\nexec {real} \"$@\"\n"
    );
    fs::write(&tool, text).unwrap();
    fs::set_permissions(&tool, fs::Permissions::from_mode(0o755)).unwrap();
    (tool, calls)
}

#[test]
fn every_byte_comes_back_in_every_shell_by_every_etcdctl() {
    for (number, binary) in etcd::etcd_versions().iter().enumerate() {
        let etcd = Setup::default().binary(binary).start();
        cluster(&etcd);
        put_all(&etcd, &hostile());
        put_leased(
            &etcd,
            77,
            &["/registry/events/default/a", "/registry/events/x/b", "/registry/masterleases/10.0.0.1"],
        );
        let before = all(&etcd, "");
        let wanted: Vec<_> =
            values(&before, "/registry/").into_iter().filter(|(_, value)| value != b"leased").collect();
        let home = Home::of(&etcd.unrecorded_endpoint());
        let path = rescued(&etcd, &home);
        let count = wanted.len().to_string();
        // Each shell once, each etcdctl at least once.
        let shells = Script::shells();
        let shells = if number == 0 { shells } else { vec![shells[number % shells.len()]] };
        for shell in shells {
            etcd.etcdctl(&["del", "--prefix", "/registry/"]);
            let run = || script(&etcd, &path).by(shell).types(&count).run().ends_with(0);
            let ran = run().says(&format!("{count} keys: {count} put back, 0 existed"));
            let ran = ran.says("3 keys with a lease (/registry/events/ 2, /registry/masterleases/ 1)");
            assert!(ran.out.contains("Kubernetes makes them anew") && ran.err.is_empty(), "{shell}: {ran:?}");
            let now = all(&etcd, "");
            assert!(values(&now, "/registry/") == wanted, "{shell} with {}", etcd.tool().display());
            let others = |keys: &Keys| -> Keys {
                keys.clone().into_iter().filter(|(key, _)| !key.starts_with(b"/registry/")).collect()
            };
            assert_eq!(others(&now), others(&before), "nothing else is touched");
            run().says(&format!("{count} keys: 0 put back, {count} existed"));
            assert_eq!(all(&etcd, ""), now, "no key that exists is written");
        }
    }
}

#[test]
fn keys_that_exist_stay_and_those_between_them_come_back_unless_all_are_to_be_overwritten() {
    let etcd = etcd::start();
    cluster(&etcd);
    let before = all(&etcd, "");
    let home = Home::of(&etcd.unrecorded_endpoint());
    let path = rescued(&etcd, &home);
    // In the same batch some are away, and one has come again with another value.
    let pod = |number: usize| format!("/registry/pods/default/pod-{number:03}");
    let away = [0, 1, 5, 63, 64, 126, 127, 128, 200, 367];
    for number in away {
        etcd.etcdctl(&["del", &pod(number)]);
    }
    etcd.put(&pod(64), "made since");
    let run = script(&etcd, &path).types("368").run().ends_with(0);
    run.says("368 keys: 9 put back, 359 existed");
    let mut wanted = values(&before, "/registry/");
    wanted[64].1 = b"made since".to_vec();
    assert_eq!(values(&all(&etcd, ""), "/registry/"), wanted);
    script(&etcd, &path)
        .with(&["--overwrite"])
        .types("368")
        .run()
        .ends_with(0)
        .says("OVERWRITTEN")
        .says("368 put back");
    assert_eq!(values(&all(&etcd, ""), "/registry/"), values(&before, "/registry/"));
}

#[test]
fn a_run_that_was_broken_off_goes_on_where_it_stopped() {
    let etcd = etcd::start();
    cluster(&etcd);
    let before = all(&etcd, "");
    let home = Home::of(&etcd.unrecorded_endpoint());
    let path = rescued(&etcd, &home);
    etcd.etcdctl(&["del", "--prefix", "/registry/"]);
    // One look, and one batch of three.
    let (tool, _) = counting(&etcd, home.path(), 2);
    let run = Script::of(&path).variable("ETCDCTL", &tool.display().to_string()).types("368").run();
    run.ends_with(1)
        .says("128 keys were put back, 0 existed")
        .says("deadline")
        .says("goes on where it stopped");
    assert_eq!(all(&etcd, "/registry/").len(), 128);
    script(&etcd, &path).types("368").run().ends_with(0).says("240 put back, 128 existed");
    assert_eq!(values(&all(&etcd, ""), "/registry/"), values(&before, "/registry/"));
}

#[test]
fn a_batch_is_one_process_and_not_one_for_each_key() {
    let etcd = etcd::start();
    let key = |number: usize| format!("/registry/configmaps/default/cm-{number:05}").into_bytes();
    put_all(&etcd, &(0..2000).map(|number| (key(number), noise(number as u64, 300))).collect::<Vec<_>>());
    let home = Home::of(&etcd.unrecorded_endpoint());
    let path = rescued(&etcd, &home);
    etcd.etcdctl(&["del", "--prefix", "/registry/"]);
    let (tool, calls) = counting(&etcd, home.path(), 1_000_000);
    Script::of(&path).variable("ETCDCTL", &tool.display().to_string()).types("2,000").run().ends_with(0);
    assert_eq!(all(&etcd, "/registry/").len(), 2000);
    let calls = fs::read_to_string(calls).unwrap();
    // There are two looks beside the batches.
    assert_eq!(calls.lines().filter(|call| *call == "txn").count(), 2000_usize.div_ceil(128), "{calls}");
    assert_eq!(calls.lines().count(), 2000_usize.div_ceil(128) + 2);
}

#[test]
fn values_as_large_as_etcd_takes_come_back_beside_small_ones() {
    let etcd = etcd::start();
    let large =
        |name: &str, length| (format!("/registry/large/{name}").into_bytes(), noise(length as u64, length));
    let mut keys: Vec<_> = (0..5).map(|number| large(&format!("half-{number}"), 500_000 + number)).collect();
    keys.push(large("most", 1_500_000));
    keys.extend((0..200).map(|number| large(&format!("small-{number}"), number)));
    for key in &keys {
        put_all(&etcd, std::slice::from_ref(key));
    }
    let before = all(&etcd, "");
    let home = Home::of(&etcd.unrecorded_endpoint());
    let path = rescued(&etcd, &home);
    etcd.etcdctl(&["del", "--prefix", "/registry/"]);
    script(&etcd, &path).types("206").run().ends_with(0).says("206 put back");
    assert!(values(&all(&etcd, ""), "/") == values(&before, "/"));
}

/// The member's limits are lower than etcd's own: batches are halved until they fit.
#[test]
fn an_etcd_that_takes_less_at_once_gets_less_at_once() {
    let limits = Setup::default().argument("--max-txn-ops=20").argument("--max-request-bytes=20000");
    let etcd = limits.start();
    for number in 0..150_u64 {
        let key = format!("/registry/pods/{number:03}").into_bytes();
        put_all(&etcd, &[(key, noise(number, if number == 77 { 19_900 } else { 400 }))]);
    }
    let before = all(&etcd, "");
    let home = Home::of(&etcd.unrecorded_endpoint());
    let path = rescued(&etcd, &home);
    etcd.etcdctl(&["del", "--prefix", "/registry/"]);
    script(&etcd, &path).types("150").run().ends_with(0).says("150 put back, 0 existed");
    assert!(values(&all(&etcd, ""), "/") == values(&before, "/"));
    script(&etcd, &path).types("150").run().ends_with(0).says("0 put back, 150 existed");
}

#[test]
fn nothing_is_written_without_the_number_or_from_a_script_that_is_not_whole() {
    let etcd = etcd::start();
    cluster(&etcd);
    let home = Home::of(&etcd.unrecorded_endpoint());
    let path = rescued(&etcd, &home);
    etcd.etcdctl(&["del", "--prefix", "/"]);
    let left = all(&etcd, "");
    for typed in ["", "367", "yes", "3680"] {
        script(&etcd, &path).types(typed).run().ends_with(4).says("Nothing was written");
    }
    script(&etcd, &path)
        .with(&["/nobody/"])
        .types("368")
        .run()
        .ends_with(2)
        .says("/registry/  368 keys  Kubernetes");
    script(&etcd, &path).with(&["--list"]).run().ends_with(0).says("calico/  1 key\n");
    let text = fs::read_to_string(&path).unwrap();
    let changed = text.replacen("pod-007", "pod-00_", 1);
    let cut = &text[..text.len() / 2];
    let shortened =
        text.replacen(text.lines().find(|line| line.starts_with("put -- \"/registry/")).unwrap(), "", 1);
    for damaged in [&*changed, cut, &*shortened] {
        assert_ne!(damaged, text);
        let place = home.path().join("damaged.sh");
        fs::write(&place, damaged).unwrap();
        let run = script(&etcd, &place).types("368").run();
        assert_ne!(run.code, Some(0), "{run:?}");
        assert_eq!(all(&etcd, ""), left, "{run:?}");
    }
    assert_eq!(all(&etcd, ""), left);
}

#[test]
fn another_cluster_is_written_to_only_where_that_is_meant() {
    let (etcd, other) = (etcd::start(), etcd::start());
    cluster(&etcd);
    let home = Home::of(&etcd.unrecorded_endpoint());
    let path = rescued(&etcd, &home);
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replace(&etcd.unrecorded_endpoint(), &other.unrecorded_endpoint())).unwrap();
    script(&other, &path).types("368").run().ends_with(4).says("another cluster").says("Nothing was written");
    assert!(all(&other, "").is_empty());
    script(&other, &path).with(&["--any-cluster"]).types("368").run().ends_with(0).says("368 put back");
    // Nothing listens there.
    let gone = other.unrecorded_endpoint();
    drop(other);
    script(&etcd, &path).types("368").run().ends_with(1).says("etcd does not answer").says(&gone);
}

#[test]
fn the_scope_and_the_keys_of_one_more_program_come_back_when_they_are_asked_for() {
    let etcd = etcd::start();
    cluster(&etcd);
    let before = all(&etcd, "");
    let home = Home::of(&etcd.unrecorded_endpoint());
    let path = rescued(&etcd, &home);
    etcd.etcdctl(&["del", "--prefix", ""]);
    script(&etcd, &path).with(&["/coredns/"]).types("3").run().ends_with(0).says("coredeck restore");
    assert_eq!(values(&all(&etcd, ""), ""), values(&before, "/coredns/"));
    script(&etcd, &path).with(&["--", "other"]).types("4").run().ends_with(0).says("4 put back");
    script(&etcd, &path).with(&["calico/"]).types("1").run().ends_with(0);
    script(&etcd, &path).types("368").run().ends_with(0);
    assert_eq!(values(&all(&etcd, ""), ""), values(&before, ""));
}

#[test]
fn the_connection_stands_in_the_script_and_no_password() {
    let directory = tempfile::tempdir().unwrap();
    let authority = Authority::new("ours", directory.path());
    let etcd = Setup::default().mutual_tls(&authority).start();
    for (key, value) in [("/registry/x", "theirs"), ("/registry/y", "theirs"), ("/coredns/a", "{}")] {
        etcd.put(key, value);
    }
    let (cert, key) = authority.client("root");
    let certificates = Home::of(&etcd.unrecorded_endpoint())
        .with("ETCDCTL_CACERT", &authority.certificate().display().to_string())
        .with("ETCDCTL_CERT", &cert.display().to_string())
        .with("ETCDCTL_KEY", &key.display().to_string());
    let path = rescued(&etcd, &certificates);
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
    etcd.etcdctl(&["del", "--prefix", "/registry/"]);
    // Only the script knows the endpoint of etcd and the certificate for it; other settings have no effect.
    let elsewhere = script(&etcd, &path)
        .variable("ETCDCTL_ENDPOINTS", "http://127.0.0.1:1")
        .variable("ETCDCTL_WRITE_OUT", "json");
    elsewhere.types("2").run().ends_with(0).says("2 put back");
    assert_eq!(etcd.etcdctl(&["get", "/registry/x", "--print-value-only"]).trim(), "theirs");

    let etcd = etcd::start();
    cluster(&etcd);
    etcd.enable_authentication();
    let secret =
        Home::of(&etcd.unrecorded_endpoint()).with("ETCDCTL_USER", "root").with("ETCDCTL_PASSWORD", "root");
    let to = secret.path().join("all.jsonl.gz");
    let run =
        secret.run(&["rescue", "--at", "4", "--range", "/", "--to", &to.display().to_string(), "-o", "json"]);
    let path: PathBuf = run.ends_with(0).json()[0]["script"].as_str().unwrap().into();
    let text = fs::read_to_string(&path).unwrap();
    assert!(text.contains("export ETCDCTL_USER=root\n") && !text.contains("PASSWORD=root"), "no password");
    script(&etcd, &path).types("3").run().ends_with(1).says("set ETCDCTL_PASSWORD");
    let count = text.lines().find_map(|line| line.trim().strip_prefix("keys=")).unwrap().to_owned();
    assert!(!count.is_empty());
    script(&etcd, &path).variable("ETCDCTL_PASSWORD", "root").types("0").run().ends_with(4);
}

#[test]
fn a_script_of_somebody_is_never_overwritten() {
    let etcd = etcd::start();
    cluster(&etcd);
    let home = Home::of(&etcd.unrecorded_endpoint());
    fs::write(home.path().join("all.put-back.sh"), "mine").unwrap();
    let path = rescued(&etcd, &home);
    assert_eq!(path, home.path().join("all.put-back-2.sh"));
    assert_eq!(fs::read_to_string(home.path().join("all.put-back.sh")).unwrap(), "mine");
}

#[test]
fn shellcheck_has_no_word_to_say() {
    let etcd = etcd::start();
    cluster(&etcd);
    let home = Home::of(&etcd.unrecorded_endpoint());
    let path = rescued(&etcd, &home);
    match Command::new("shellcheck")
        .args(["--shell=sh", "--enable=all", "--exclude=SC2250,SC2249,SC2312,SC2292"])
        .arg(&path)
        .output()
    {
        Err(_) => eprintln!("there is no shellcheck: the script was not looked at"),
        Ok(output) => assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout)),
    }
}
