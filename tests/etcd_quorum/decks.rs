//! What a deck shows while members die, and afterwards.
use crate::{
    lab::{Lab, told},
    proxy::{Fault, Proxy},
    pty::Terminal,
};
use std::time::Instant;

/// Another's write is shown, and the deck never said meanwhile that its picture was old.
fn nothing_is_felt(lab: &Lab, deck: &mut Terminal, fault: &str) {
    let since = Instant::now();
    let address = "10.0.8.8";
    lab.cluster.put("/coredns/io/gcr/felt", &format!(r#"{{"host":"{address}"}}"#));
    deck.wait("the write of somebody else", |screen| {
        assert!(!screen.contains("STALE") && !screen.contains("NO LEADER"), "it was felt:\n{screen}");
        screen.contains(address)
    });
    told(fault, "nothing", since.elapsed());
}

#[test]
fn a_follower_that_dies_under_a_deck_is_not_even_felt() {
    let mut lab = Lab::new();
    let follower = (lab.cluster.leader() + 1) % 3;
    let mut deck = lab.deck(&lab.endpoints(follower));
    lab.cluster.kill(follower);
    nothing_is_felt(&lab, &mut deck, "the follower it reads from dies");
}

#[test]
fn a_leader_that_hands_over_is_not_even_felt() {
    let lab = Lab::new();
    let leader = lab.cluster.leader();
    let mut deck = lab.deck(&lab.endpoints(leader));
    let members = lab.cluster.etcdctl(&["member", "list", "-w", "simple"]);
    let endpoint = &lab.cluster.endpoints()[(leader + 1) % 3];
    let next = members.lines().find(|line| line.contains(endpoint.as_str())).unwrap();
    let id = next.split(',').next().unwrap();
    // Only the leader can hand over.
    let at_leader = lab.cluster.endpoints()[leader].clone();
    lab.cluster.etcdctl(&["--endpoints", &at_leader, "move-leader", id]);
    nothing_is_felt(&lab, &mut deck, "the leader hands over");
}

#[test]
fn a_deck_that_reads_from_a_leader_that_dies_goes_on_with_the_next() {
    let mut lab = Lab::new();
    let leader = lab.cluster.leader();
    let mut deck = lab.deck(&lab.endpoints(leader));
    lab.cluster.kill(leader);
    let since = Instant::now();
    lab.write_and_see(&mut deck, 1);
    deck.shows("live").shows("WRITE");
    told("the leader it reads from dies", "nothing, or STALE", since.elapsed());
}

#[test]
fn a_deck_without_quorum_shows_what_there_was_changes_nothing_and_comes_back_by_itself() {
    let mut lab = Lab::new();
    let mut deck = lab.deck(&lab.endpoints(0));
    lab.cluster.kill(0);
    lab.cluster.kill(1);
    let since = Instant::now();
    deck.shows("NO LEADER: nothing can be changed").shows("READ-ONLY").shows("10.0.0.1");
    told("two of three die", "NO LEADER, READ-ONLY", since.elapsed());
    deck.press("\t");
    deck.press("d").settle(std::time::Duration::from_millis(300));
    assert!(!deck.text().contains("type exactly"), "{}", deck.text());
    lab.cluster.restart(0);
    let since = Instant::now();
    deck.shows("WRITE").shows("live");
    told("one of them comes back", "WRITE, live", since.elapsed());
    lab.cluster.restart(1);
    lab.write_and_see(&mut deck, 2);
}

#[test]
fn a_deck_that_is_opened_without_quorum_shows_what_a_member_has_and_gets_its_pen_later() {
    let mut lab = Lab::new();
    lab.cluster.kill(0);
    lab.cluster.kill(1);
    let since = Instant::now();
    let mut deck = lab.open(&lab.endpoints(0));
    deck.shows("10.0.0.1").shows("possibly stale").shows("READ-ONLY");
    told("opened without quorum", "NO LEADER, possibly stale", since.elapsed());
    // The command line reads the same, and says what it is worth.
    lab.run(0, &["get", "gcr.io"]).ends_with(0).says("possibly stale");
    let add = ["set", "gcr.io", "--host", "10.0.0.2", "--confirm", "/coredns/io/gcr/x2"];
    lab.run(0, &add).ends_with(3).says("no leader").says("Nothing was changed");
    lab.cluster.restart(0);
    deck.shows("WRITE").shows("live");
    // It can be written with, not only look so.
    deck.press("\t").press("d").shows("type exactly");
    // The last key of the scope needs the number as well; its field is not there while the plan is made again, because
    // the scope was read anew with the leader.
    deck.press("/coredns/io/gcr/x1").shows("matches").shows("number >").press("\t").press("1");
    deck.press_until("\r", "nothing is in this scope");
}

#[test]
fn a_member_that_hangs_is_left_for_another() {
    let lab = Lab::new();
    let follower = (lab.cluster.leader() + 1) % 3;
    let mut deck = lab.deck(&lab.endpoints(follower));
    lab.cluster.pause(follower);
    let took = lab.write_and_see(&mut deck, 3);
    told("the follower it reads from hangs", "nothing, or STALE", took);
    deck.shows("live");
    lab.cluster.resume(follower);
}

#[test]
fn a_line_that_is_cut_slow_or_half_closed_is_survived() {
    for fault in [Fault::Reset, Fault::HalfClose, Fault::BlackHole, Fault::Delay] {
        let lab = Lab::new();
        let follower = (lab.cluster.leader() + 1) % 3;
        let endpoints = lab.endpoints(follower);
        let proxy = Proxy::before(&endpoints[0]);
        let through = [&[proxy.endpoint()], &endpoints[1..]].concat();
        let mut deck = lab.deck(&through);
        proxy.become_faulty(fault);
        let took = lab.write_and_see(&mut deck, 4);
        deck.shows("live");
        told(&format!("its line: {fault:?}"), "nothing, or STALE", took);
    }
}
