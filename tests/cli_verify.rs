//! Command `verify`: its output for servers that agree, that are behind, that differ, and that are silent.
#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic, reason = "tests")]

#[path = "support/certificates.rs"]
mod certificates;
#[path = "support/cli.rs"]
mod cli;
#[path = "support/coredns.rs"]
mod coredns;
#[path = "support/etcd.rs"]
mod etcd;
#[path = "support/pty.rs"]
mod pty;

use cli::{Home, Run};
use hickory_net::proto::{
    op::{Message, ResponseCode},
    rr::{RData, Record, RecordType, rdata::A},
};
use std::{
    io::{BufRead as _, BufReader},
    net::{Ipv4Addr, SocketAddr, UdpSocket},
    process::{Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Starts a server that answers every question for an address with these, and everything else with nothing, until the
/// test ends.
fn server(rcode: ResponseCode, addresses: &'static [(Ipv4Addr, u32)]) -> SocketAddr {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    thread::spawn(move || {
        let mut buffer = [0; 1232];
        while let Ok((length, client)) = socket.recv_from(&mut buffer) {
            let asked = Message::from_vec(&buffer[..length]).unwrap();
            let mut reply = Message::response(asked.id, asked.op_code);
            reply.metadata.response_code = rcode;
            reply.queries.clone_from(&asked.queries);
            let question = &asked.queries[0];
            if question.query_type() == RecordType::A {
                for (address, ttl) in addresses {
                    let data = RData::A(A(*address));
                    reply.answers.push(Record::from_rdata(question.name().clone(), *ttl, data));
                }
            }
            socket.send_to(&reply.to_vec().unwrap(), client).unwrap();
        }
    });
    address
}

/// Starts a server that takes questions and answers none.
fn silent() -> (UdpSocket, SocketAddr) {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
    let address = socket.local_addr().unwrap();
    (socket, address)
}

const RIGHT: Ipv4Addr = Ipv4Addr::new(172, 25, 52, 217);
const WRONG: Ipv4Addr = Ipv4Addr::new(10, 9, 9, 9);

fn verify(servers: &[SocketAddr], arguments: &[&str]) -> Run {
    let servers: Vec<String> = servers.iter().map(|server| format!("--server={server}")).collect();
    let servers: Vec<&str> = servers.iter().map(String::as_str).collect();
    Home::new().run(&[&["--demo", "verify"], arguments, &servers].concat())
}

#[test]
fn each_server_is_compared_with_what_the_records_say() {
    let servers = [
        server(ResponseCode::NoError, &[(RIGHT, 60)]),
        server(ResponseCode::NoError, &[(RIGHT, 12)]),
        server(ResponseCode::NoError, &[(WRONG, 60)]),
        server(ResponseCode::NXDomain, &[]),
    ];
    let run = verify(&servers, &["gcr.io", "A", "-o", "json"]).ends_with(6);
    let lines = run.json();
    let verdicts: Vec<&str> = lines.iter().map(|line| line["verdict"].as_str().unwrap()).collect();
    assert_eq!(verdicts, ["same", "other_ttl", "different", "different"]);
    assert_eq!(lines[0]["server"], servers[0].to_string());
    assert_eq!((&lines[0]["name"], &lines[0]["type"]), (&"gcr.io.".into(), &"A".into()));
    assert_eq!(lines[2]["foreseen"]["answer"][0], "gcr.io. 60 IN A 172.25.52.217");
    assert_eq!(lines[2]["heard"]["answer"][0], "gcr.io. 60 IN A 10.9.9.9");
    assert_eq!(lines[3]["heard"]["rcode"], "NXDOMAIN");
    let table = verify(&servers, &["gcr.io", "A"]).ends_with(6).out;
    assert!(table.contains("- gcr.io. 60 IN A 172.25.52.217  (answer)"), "{table}");
    assert!(table.contains("+ gcr.io. 60 IN A 10.9.9.9  (answer)"), "{table}");
    assert!(table.contains("status NOERROR was foreseen, NXDOMAIN came"), "{table}");
}

#[test]
fn who_agrees_is_told_by_the_exit_code_alone() {
    let servers =
        [server(ResponseCode::NoError, &[(RIGHT, 60)]), server(ResponseCode::NoError, &[(RIGHT, 7)])];
    verify(&servers, &["gcr.io", "A"]).ends_with(0).says("1 the same.").says("1 the same with other TTLs.");
}

#[test]
fn a_silent_server_beside_one_that_agrees_is_a_finding_and_alone_it_is_not_reached() {
    let (_socket, address) = silent();
    let agrees = server(ResponseCode::NoError, &[(RIGHT, 60)]);
    verify(&[agrees, address], &["gcr.io", "A"]).ends_with(6).says("1 without an answer");
    verify(&[address], &["gcr.io", "A"]).ends_with(3).says("did not answer within 3000 ms");
    let run = verify(&[address], &["gcr.io", "A,AAAA"]).ends_with(3);
    assert!(!run.err.contains("Used:"), "how etcd is reached has nothing to do with it: {}", run.err);
    assert_eq!(run.out.matches("did not answer").count(), 1, "the reason is told once: {}", run.out);
}

/// An alias between two zones that never ends can crash a real server.
#[test]
fn a_question_that_can_bring_a_server_down_is_not_asked() {
    let etcd = etcd::start();
    for (key, target) in [("/coredns/org/a/x", "x.b.org"), ("/coredns/org/b/x", "x.a.org")] {
        etcd.etcdctl(&["put", "--", key, &format!(r#"{{"host":"{target}"}}"#)]);
    }
    let (socket, address) = silent();
    socket.set_nonblocking(true).unwrap();
    let server = format!("--server={address}");
    let run = Home::of(&etcd.endpoint()).run(&[
        "verify",
        "x.a.org",
        "A",
        "--zones",
        "a.org,b.org",
        &server,
        "-o",
        "json",
    ]);
    assert_eq!(run.ends_with(6).json()[0]["verdict"], "not_asked");
    let heard = socket.recv(&mut [0; 512]);
    assert!(heard.is_err(), "the server was asked");
}

#[test]
fn without_a_server_nothing_is_asked() {
    Home::new().run(&["--demo", "verify", "gcr.io"]).ends_with(2).says("no server is known to ask");
    let named = Home::new().run(&["--demo", "verify", "gcr.io", "--server", "ns1.example.org"]);
    named.ends_with(2).says("a server is an address");
}

#[test]
fn servers_come_from_the_profile_where_the_command_line_names_none() {
    let agrees = server(ResponseCode::NoError, &[(RIGHT, 60)]);
    // The demo has no profile, so there has to be an etcd; the names are read before it is reached.
    let home = Home::new()
        .profiles(&format!("[profile.default]\ndns_servers = [\"{agrees}\"]\nendpoints = \"127.0.0.1:1\"\n"));
    home.run(&["verify", "gcr.io", "A"]).ends_with(3).says("127.0.0.1:1");
    let wrong = Home::new().profiles("[profile.default]\ndns_servers = \"ns1\"\n");
    wrong.run(&["verify", "gcr.io"]).ends_with(2).says("the DNS server \"ns1\"").says("profile default");
}

#[test]
fn without_a_name_all_names_are_asked_up_to_the_limit() {
    let nothing = server(ResponseCode::NoError, &[]);
    let run = verify(&[nothing], &["--limit", "5", "-o", "json"]).ends_with(6).says("5 of ");
    let mut names: Vec<String> = run.json().iter().map(|line| line["name"].to_string()).collect();
    names.dedup();
    assert_eq!(names.len(), 5);
}

/// A real `CoreDNS`, if there is one (`tests/run` reports if there is none): it agrees with the foreseen answers of
/// the same etcd, and differs if another server answers.
#[test]
fn a_real_coredns_agrees_in_every_name_and_type() {
    let Some(binary) = coredns::binary() else { return };
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    let texts = "x".repeat(400);
    for (key, value) in [
        ("/coredns/org/example/www/x1", r#"{"host":"192.0.2.1","ttl":60}"#),
        ("/coredns/org/example/www/x2", r#"{"host":"2001:db8::1","port":80,"weight":3}"#),
        ("/coredns/org/example/alias", r#"{"host":"www.example.org"}"#),
        ("/coredns/org/example/mail/mx1", r#"{"host":"192.0.2.25","mail":true}"#),
        ("/coredns/org/example/text", &*format!(r#"{{"text":"{texts} \\\"quoted\" é"}}"#)),
        ("/coredns/org/example/broken/x1", "nothing"),
        ("/coredns/org/example/dns/ns/a", r#"{"host":"192.0.2.53"}"#),
    ] {
        etcd.etcdctl(&["put", "--", key, value]);
    }
    // There are so many that a reply does not fit into UDP.
    for number in 0..120 {
        let key = format!("/coredns/org/example/many/x{number}");
        etcd.etcdctl(&["put", "--", &key, &format!(r#"{{"host":"198.51.100.{number}"}}"#)]);
    }
    let plugin = |zones: &str, more: &str| {
        format!("etcd {zones} {{\n path /coredns\n endpoint {}\n {more}\n }}", etcd.endpoint())
    };
    let corefile = format!(
        "example.org:@0@ {{\n {}\n}}\n.:@1@ {{\n {}\n}}\n",
        plugin("", ""),
        plugin("example.org", "fallthrough")
    );
    let probe = coredns::Query {
        labels: ["www", "example", "org"].map(|label| label.as_bytes().to_vec()).into(),
        kind: 1,
    };
    let server = coredns::PrivateCoreDns::start(
        &binary,
        &coredns::Corefile { text: corefile, ports: 2, probes: vec![probe.clone(), probe], files: vec![] },
    );
    let address = server.address(0).to_string();
    let file = home.path().join("Corefile");
    let text = format!(
        "example.org:{} {{\n etcd {{\n path /coredns\n endpoint {}\n }}\n}}\n",
        server.address(0).port(),
        etcd.endpoint()
    );
    std::fs::write(&file, text).unwrap();
    // The server to ask comes from the Corefile.
    let run = home.run(&["verify", "--corefile", file.to_str().unwrap(), "-o", "json"]).ends_with(0);
    let lines = run.json();
    assert!(lines.len() > 120, "{}", lines.len());
    assert!(lines.iter().all(|line| line["server"] == address.as_str()));
    let many = lines.iter().find(|line| line["name"] == "many.example.org.").unwrap();
    assert_eq!(many["heard"]["answer"].as_array().unwrap().len(), 120, "over TCP");
    for name in [
        "www.example.org",
        "alias.example.org",
        "broken.example.org",
        "text.example.org",
        "none.example.org",
        "example.org",
    ] {
        home.run(&["verify", name, "--zones", "example.org", "--server", &address]).ends_with(0);
    }
    // A server block for everything whose etcd plugin is the last: other names fail there, and are not refused.
    let alone = server.address(1).port();
    let text = format!(".:{alone} {{\n {}\n}}\n", plugin("example.org", "fallthrough"));
    std::fs::write(&file, text).unwrap();
    for (name, rcode) in
        [("www.example.com", "SERVFAIL"), ("none.example.org", "SERVFAIL"), ("www.example.org", "NOERROR")]
    {
        let run =
            home.run(&["verify", name, "A", "--corefile", file.to_str().unwrap(), "-o", "json"]).ends_with(0);
        let line = &run.json()[0];
        assert_eq!((&line["heard"]["rcode"], &line["verdict"]), (&rcode.into(), &"same".into()), "{name}");
    }
    // Other zones, other answers.
    home.run(&["verify", "none.example.org", "A", "--zones", "org", "--server", &address]).ends_with(6);
}

/// Starts three servers of `example.org`: one that reads etcd for each question, one with a cache before it, and one
/// that reads another path, where the records are as they were.
fn three_servers(etcd: &etcd::PrivateEtcd) -> Option<coredns::PrivateCoreDns> {
    let binary = coredns::binary()?;
    let server = |port: usize, path: &str, before: &str| {
        let endpoint = etcd.unrecorded_endpoint();
        format!("example.org:@{port}@ {{\n {before}\n etcd {{\n path {path}\n endpoint {endpoint}\n }}\n}}\n")
    };
    let text =
        [server(0, "/coredns", ""), server(1, "/coredns", "cache 5"), server(2, "/before", "")].concat();
    let probe = |first: &str| coredns::Query {
        labels: [first, "example", "org"].map(|label| label.as_bytes().to_vec()).into(),
        kind: 1,
    };
    let probes = vec![probe("other"), probe("other"), probe("other")];
    let corefile = coredns::Corefile { text, ports: 3, probes, files: vec![] };
    Some(coredns::PrivateCoreDns::start(&binary, &corefile))
}

const WWW: &str = "/coredns/org/example/www/x1";

fn before_a_change() -> etcd::PrivateEtcd {
    let etcd = etcd::start();
    for path in ["/coredns", "/before"] {
        etcd.put(&format!("{path}/org/example/www/x1"), r#"{"host":"192.0.2.1","ttl":1}"#);
        etcd.put(&format!("{path}/org/example/other/x1"), r#"{"host":"192.0.2.9"}"#);
    }
    etcd
}

fn profile(etcd: &etcd::PrivateEtcd, servers: &[SocketAddr], more: &str) -> Home {
    let servers: Vec<String> = servers.iter().map(|server| format!("\"{server}\"")).collect();
    let endpoint = etcd.endpoint();
    Home::new().profiles(&format!(
        "[profile.default]\nendpoints = [\"{endpoint}\"]\nzones = [\"example.org\"]\ndns_servers = [{}]\n{more}\n",
        servers.join(", ")
    ))
}

#[test]
fn after_a_change_servers_are_asked_until_their_caches_have_run_out_and_who_stays_behind_is_named() {
    let etcd = before_a_change();
    let Some(running) = three_servers(&etcd) else { return };
    let [direct, cached, behind] = [0, 1, 2].map(|number| running.address(number));
    let home = profile(&etcd, &[direct, cached], "");
    let ask = ["verify", "www.example.org", "A"];
    // Now the old answer is in the cache.
    home.run(&ask).ends_with(0);
    let set = |home: &Home, host: &str, more: &[&str]| {
        home.run(&[&["set", WWW, "--host", host, "--confirm", WWW, "-o", "json"], more].concat())
    };
    let run = set(&home, "192.0.2.2", &["--wait", "60s"]).ends_with(0);
    for server in [direct, cached] {
        assert!(run.err.contains(&format!("{server} gives the new answers")), "{run:?}");
    }
    let line = &run.json()[0];
    assert_eq!((&line["outcome"], line["served"].as_array().unwrap().len()), (&"done".into(), 2));
    assert!(line["served"].as_array().unwrap().iter().all(|server| server["there"] == true), "{line}");
    home.run(&ask).ends_with(0);

    // A server that reads another path gives the old answer, even after its time is over.
    let home = profile(&etcd, &[direct, behind], "verify_after = true");
    let run = set(&home, "192.0.2.3", &[]).ends_with(6);
    let run = run.says(&format!("{direct} gives the new answers")).says(&format!("{behind} stays behind"));
    let run = run.says("www.example.org. A: 192.0.2.1 instead of 192.0.2.3").says("The change is made");
    let line = &run.json()[0];
    assert_eq!((&line["outcome"], &line["served"][1]["there"]), (&"done".into(), &false.into()));
    assert_eq!(line["served"][1]["behind"][0]["verdict"], "old");
    assert_eq!(line["served"][1]["server"], behind.to_string());
    // The end of an answer is waited for as well.
    let rm = ["rm", WWW, "--confirm", WWW, "--wait", "30s"];
    let run = profile(&etcd, &[direct], "").run(&rm).ends_with(0);
    run.says("gives the new answers");
    // A change of no answer asks no server.
    let other = ["set", "/coredns/org/example/other/x1", "--json", r#"{"host":"192.0.2.9","note":1}"#];
    let confirm = ["--confirm", "/coredns/org/example/other/x1", "--wait", "1s"];
    home.run(&[&other[..], &confirm].concat()).ends_with(0).says("no answer changes, so no server is asked");
}

#[test]
fn verify_waits_for_a_cache_and_not_for_who_says_something_else() {
    let etcd = before_a_change();
    let Some(running) = three_servers(&etcd) else { return };
    let [direct, cached, behind] = [0, 1, 2].map(|number| running.address(number));
    let home = profile(&etcd, &[direct, cached], "");
    let ask = ["verify", "www.example.org", "A"];
    home.run(&ask).ends_with(0);
    etcd.put(WWW, r#"{"host":"192.0.2.7","ttl":1}"#);
    home.run(&ask).ends_with(6);
    home.run(&[&ask[..], &["--wait", "60s"]].concat()).ends_with(0).says(&format!("{cached} agrees after"));
    let home = profile(&etcd, &[behind], "");
    let began = Instant::now();
    home.run(&[&ask[..], &["--wait", "10m"]].concat()).ends_with(6);
    assert!(began.elapsed() < Duration::from_secs(60), "its answers lived for one second");
}

#[test]
fn nobody_is_asked_after_a_change_unless_somebody_asked_for_that() {
    let etcd = before_a_change();
    let (socket, address) = silent();
    socket.set_nonblocking(true).unwrap();
    let home = profile(&etcd, &[address], "verify_after = false");
    let set = ["set", WWW, "--host", "192.0.2.2", "--confirm", WWW];
    let run = home.run(&[&set[..], &["-o", "json"]].concat()).ends_with(0);
    assert!(run.json()[0].get("served").is_none(), "{run:?}");
    assert!(socket.recv(&mut [0; 512]).is_err(), "the server was asked");
    // A server that does not reply is named; the change is made all the same.
    let again = ["set", WWW, "--host", "192.0.2.3", "--confirm", WWW, "--wait", "1s"];
    home.run(&again).ends_with(6).says(&format!("{address} stays behind")).says("did not answer within");
    assert!(socket.recv(&mut [0; 512]).is_ok());
    assert!(etcd.etcdctl(&["get", WWW]).contains("192.0.2.3"));
    // If there is no server to ask, nothing is changed.
    let alone = Home::of(&etcd.endpoint());
    let run = alone.run(&["set", WWW, "--host", "192.0.2.4", "--confirm", WWW, "--wait", "1s"]);
    run.ends_with(2).says("no server is known to ask afterwards").says("Nothing was changed.");
    assert!(etcd.etcdctl(&["get", WWW]).contains("192.0.2.3"));
}

/// A person who does not want to wait any more ends the questions, and not the change.
#[test]
fn an_interrupted_wait_leaves_the_change_as_it_is_made() {
    let etcd = before_a_change();
    let (_socket, address) = silent();
    let home = profile(&etcd, &[address], "");
    let set = ["set", WWW, "--host", "192.0.2.2", "--confirm", WWW, "--wait", "10m", "-o", "json"];
    let mut command = home.command(&set);
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut said = BufReader::new(running.stderr.take().unwrap()).lines().map(Result::unwrap);
    assert!(said.by_ref().any(|line| line.contains("asking 1 server for")));
    let kill = Command::new("kill").args(["-TERM", &running.id().to_string()]).status().unwrap();
    assert!(kill.success());
    assert!(said.any(|line| line.contains("the asking was ended; the change is made")));
    let output = running.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(6));
    let line: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((&line["outcome"], &line["served"]), (&"done".into(), &serde_json::Value::Null));
    assert!(etcd.etcdctl(&["get", WWW]).contains("192.0.2.2"));
}

/// Below its message the deck names the servers that have the new answers, and those that have not.
#[test]
fn the_deck_names_who_stays_behind_after_a_change() {
    let etcd = before_a_change();
    let Some(running) = three_servers(&etcd) else { return };
    let [direct, behind] = [0, 2].map(|number| running.address(number));
    let home = tempfile::tempdir().unwrap();
    let directory = home.path().join(".config/coredeck");
    std::fs::create_dir_all(&directory).unwrap();
    let servers = |list: &[SocketAddr]| {
        let list: Vec<String> = list.iter().map(|server| format!("\"{server}\"")).collect();
        let endpoint = etcd.endpoint();
        let text = format!(
            "[profile.default]\nendpoints = [\"{endpoint}\"]\nzones = [\"example.org\"]\ndns_servers = [{}]\nverify_after = true\n",
            list.join(", ")
        );
        std::fs::write(directory.join("config.toml"), text).unwrap();
    };
    servers(&[direct, behind]);
    let deck = || {
        let mut deck = pty::Terminal::start(pty::coredeck(home.path(), &[WWW]), 120, 30);
        deck.not_now().shows("live").shows("192.0.2.");
        deck
    };
    let mut open = deck();
    open.press("e").shows("address").press("\x7f").press("4").press("\r").shows("save");
    open.press_until("y", "saved").shows(&format!("{behind} stays behind: www.example.org A"));
    // The message stays until somebody confirms it.
    open.press("j").shows("stays behind").press("\x1b").hides("stays behind").press("q");
    assert!(open.end().success());
    servers(&[direct]);
    let mut open = deck();
    open.press("e").shows("address").press("\x7f").press("5").press("\r").shows("save");
    open.press_until("y", "saved").shows("1 server gives the new answers");
}

/// Returns the addresses that a server gives for a name.
fn addresses(server: &coredns::PrivateCoreDns, name: &str) -> Vec<Ipv4Addr> {
    let labels = name.split('.').map(|label| label.as_bytes().to_vec()).collect();
    let reply = server.ask(0, &[coredns::Query { labels, kind: 1 }]).remove(0).unwrap();
    let message = Message::from_vec(&reply).unwrap();
    let address = |record: &Record| if let RData::A(address) = &record.data { Some(address.0) } else { None };
    let mut all: Vec<Ipv4Addr> = message.answers.iter().filter_map(address).collect();
    all.sort();
    all
}

/// A real `CoreDNS` gives the answers that groups change, and an undo brings back the earlier ones.
#[test]
fn isolate_keeps_a_name_apart_as_a_real_coredns_answers() {
    let Some(binary) = coredns::binary() else { return };
    let etcd = etcd::start();
    let home = Home::of(&etcd.endpoint());
    for (key, value) in [
        ("/coredns/org/example/www/x1", r#"{"host":"192.0.2.1","note":"kept"}"#),
        ("/coredns/org/example/www/x2", r#"{"host":"192.0.2.2"}"#),
        ("/coredns/org/example/www/api/x1", r#"{"host":"192.0.2.7"}"#),
        ("/coredns/org/example/www/api/deep/x1", r#"{"host":"192.0.2.8"}"#),
        ("/coredns/org/example/other/x1", r#"{"host":"192.0.2.9"}"#),
    ] {
        etcd.put(key, value);
    }
    let text = format!(
        "example.org:@0@ {{\n etcd {{\n path /coredns\n endpoint {}\n }}\n}}\n",
        etcd.unrecorded_endpoint()
    );
    let labels = ["other", "example", "org"].map(|label| label.as_bytes().to_vec()).into();
    let probes = vec![coredns::Query { labels, kind: 1 }];
    let server =
        coredns::PrivateCoreDns::start(&binary, &coredns::Corefile { text, ports: 1, probes, files: vec![] });
    let given =
        || ["www", "api.www", "deep.api.www"].map(|name| addresses(&server, &format!("{name}.example.org")));
    let of = |last: &[u8]| last.iter().map(|last| Ipv4Addr::new(192, 0, 2, *last)).collect::<Vec<_>>();
    let leaking = [of(&[1, 2, 7, 8]), of(&[7, 8]), of(&[8])];
    assert_eq!(given(), leaking);
    let isolate = ["isolate", "www.example.org", "--zones", "example.org"];
    let run = home.run(&isolate).ends_with(4);
    let key =
        run.err.lines().find_map(|line| line.strip_prefix("To confirm: --confirm ")).unwrap().to_owned();
    assert_eq!(given(), leaking, "nothing was agreed to");
    home.run(&[&isolate[..], &["--confirm", &key]].concat()).ends_with(0);
    // Each name below is also kept apart from those below it, as its plan has shown.
    assert!(run.err.contains("api.www.example.org A"), "{run:?}");
    assert_eq!(given(), [of(&[1, 2]), of(&[7]), of(&[8])], "each its own alone");
    assert_eq!(
        etcd.etcdctl(&["get", "--print-value-only", "--", "/coredns/org/example/www/x1"]).trim_end(),
        r#"{"host":"192.0.2.1","note":"kept","group":"www.example.org"}"#
    );
    home.run(&isolate).ends_with(0).says("already");
    let entry = home.run(&["log", "-o", "json"]).json();
    let id = entry.iter().find_map(|line| line["id"].as_str()).unwrap();
    home.run(&["undo", id, "--confirm", "/coredns/org/example/www/"]).ends_with(0);
    assert_eq!(given(), leaking);
}
