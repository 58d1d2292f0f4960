//! Space that runs out: a change is under way while the store fills up, and the program names the way out.
use crate::{
    changes::{Change, trial},
    etcd::{Setup, etcd_versions},
    fault::Fault,
    lab::Lab,
    proxy::{Line, Proxy, Way},
};
use etcd_client::Client;
use std::{
    io::{Read as _, Write as _},
    net::TcpStream,
    path::Path,
    thread,
    time::{Duration, Instant},
};

const QUOTA: i64 = 16 << 20;
/// Size of the writes that others make at once. Two of them need more than the space that is left.
const LARGE: usize = 1_400_000;
/// The most space that is left before: enough for one of them, and for the change.
const LEFT: i64 = 2_500_000;
const COMES_WITHIN: Duration = Duration::from_secs(120);

/// Makes two members whose store is nearly full, and which count their writes after each one.
fn nearly_full(binary: &Path) -> Lab {
    let quota = format!("--quota-backend-bytes={QUOTA}");
    // The leader must not give up while the other member is paused.
    let arguments = [&quota, "--backend-batch-limit=1", "--election-timeout=3000"];
    let setup = arguments.into_iter().fold(Setup::default().binary(binary), Setup::argument);
    let lab = Lab::plain(setup, 2);
    let endpoint = lab.cluster.endpoints().remove(lab.cluster.leader());
    lab.cluster
        .with_client(&endpoint, |client| async move {
            let value = vec![b'x'; LARGE / 14];
            while client.maintenance_client().status().await.unwrap().db_size() < QUOTA - LEFT {
                client.kv_client().put("/others/history", value.clone(), None).await.unwrap();
            }
        })
        .unwrap();
    lab
}

/// Sends two large writes of others and one that `line` holds. All pass the leader's look at its quota while nothing
/// can be decided, and are then decided, in this order.
pub fn runs_out(lab: &Lab, leader: usize, line: &Proxy) {
    let follower = 1 - leader;
    let endpoint = &lab.cluster.endpoints()[leader];
    lab.cluster.pause(follower);
    thread::scope(|scope| {
        for key in ["/others/one", "/others/another"] {
            // The second may be refused and is kept all the same.
            scope.spawn(move || {
                let write = |client: Client| async move {
                    client.kv_client().put(key, vec![b'x'; LARGE], None).await.map(drop)
                };
                drop(lab.cluster.with_client(endpoint, write).unwrap());
            });
        }
        wait_for_proposals(endpoint, 2);
        line.become_(Line::Fine);
        wait_for_proposals(endpoint, 3);
        lab.cluster.resume(follower);
    });
}

/// Waits for writes that the leader has taken and that are not decided yet.
fn wait_for_proposals(endpoint: &str, wanted: usize) {
    let since = Instant::now();
    let address = endpoint.rsplit('/').next().unwrap();
    loop {
        let mut stream = TcpStream::connect(address).unwrap();
        stream.write_all(b"GET /metrics HTTP/1.0\r\n\r\n").unwrap();
        let mut page = String::new();
        stream.read_to_string(&mut page).unwrap();
        let pending = page.lines().find_map(|line| line.strip_prefix("etcd_server_proposals_pending "));
        if pending == Some(&wanted.to_string()) {
            return;
        }
        assert!(since.elapsed() < COMES_WITHIN, "{pending:?} are pending, and not {wanted}");
    }
}

/// Makes room with the commands that `status` names.
pub fn make_room(lab: &Lab) {
    let status = lab.run(0, &["status", "-o", "json"]).ends_with(6).json().remove(0);
    let findings = status["findings"].as_array().unwrap();
    let alarm =
        findings.iter().find(|finding| finding["what"].as_str().unwrap().starts_with("NOSPACE")).unwrap();
    let (_, lines) = alarm["remedy"].as_str().unwrap().split_once(": ").unwrap();
    for line in lines.trim_end_matches('.').split("; ") {
        let line = line.split(" (").next().unwrap();
        let mut words = line.split(' ');
        assert_eq!(words.next(), Some("etcdctl"), "{line}");
        lab.cluster.etcdctl(&words.collect::<Vec<_>>());
    }
    lab.run(0, &["status"]).ends_with(0);
}

#[test]
fn a_put_that_is_kept_and_refused_for_want_of_space_is_told_as_made_and_the_rest_is_made_when_there_is_room()
{
    for binary in etcd_versions() {
        let mut lab = nearly_full(&binary);
        let entry = trial(&mut lab, Fault::SpaceRunsOut, Way::ToMember, Change::Import, 0);
        assert!(entry.to_string().contains("NOSPACE"), "{entry}");
    }
}
