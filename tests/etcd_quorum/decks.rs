//! Decks in use while members die, hang and are cut off, and afterwards.
use crate::{
    fault::Fault,
    lab::{Lab, told},
    proxy::Line,
    pty::Terminal,
};
use std::time::{Duration, Instant};

/// After this time a person would say that the screen is frozen, on a machine with nothing else to do.
const FROZEN: Duration = Duration::from_secs(1);
/// On another one, a frozen screen takes so many times longer than the same screen before the fault.
const FROZEN_TIMES: u32 = 10;

/// Browses a deck while a fault hits the member that it reads from, and while others write.
fn suffers(lab: &mut Lab, fault: Fault, number: usize) -> Vec<&'static str> {
    let (member, line, endpoints) = lab.line_for(fault);
    let mut deck = lab.deck(&endpoints);
    let before = browse(&mut deck);
    fault.strike(lab, member, &line);
    let took = browse(&mut deck);
    told(fault, "browsing", "nothing", took);
    assert!(took < FROZEN.max(before * FROZEN_TIMES), "{fault}: {took:?}\n{}", deck.text());
    let (doubts, took) = lab.write_and_see(&mut deck, (member + 2) % 3, number);
    deck.shows("live").shows("WRITE");
    told(fault, "watching", doubts.first().unwrap_or(&"nothing"), took);
    fault.mend(lab, member);
    // The member that was away is as good as the others.
    lab.write_and_see(&mut deck, member, number + 100);
    deck.shows("live").shows("WRITE");
    doubts
}

/// Opens a page and closes it again. Returns the longer time of the two.
fn browse(deck: &mut Terminal) -> Duration {
    let began = Instant::now();
    deck.press("?").shows("Keys");
    let opened = began.elapsed();
    let began = Instant::now();
    deck.press("\x1b").hides("Keys");
    opened.max(began.elapsed())
}

#[test]
fn one_member_that_dies_or_hands_over_is_not_even_felt() {
    let mut lab = Lab::new();
    for (number, fault) in [Fault::FollowerDies, Fault::LeaderHandsOver].into_iter().enumerate() {
        assert_eq!(suffers(&mut lab, fault, number), [""; 0], "{fault} was felt");
    }
    // An election takes longer than a moment.
    suffers(&mut lab, Fault::LeaderDies, 3);
}

#[test]
fn a_member_that_hangs_and_a_line_that_is_cut_late_or_half_closed_are_survived() {
    let mut lab = Lab::new();
    let lines = [Line::Reset, Line::HalfClosed, Line::BlackHole, Line::Late].map(Fault::Line);
    for (number, fault) in lines.into_iter().chain([Fault::FollowerHangs]).enumerate() {
        suffers(&mut lab, fault, number);
    }
}

#[test]
fn a_deck_without_quorum_shows_what_there_was_changes_nothing_and_comes_back_by_itself() {
    let mut lab = Lab::new();
    let fault = Fault::TwoDie;
    let (member, line, endpoints) = lab.line_for(fault);
    let mut deck = lab.deck(&endpoints);
    let before = browse(&mut deck);
    fault.strike(&mut lab, member, &line);
    let since = Instant::now();
    let took = browse(&mut deck);
    told(fault, "browsing", "nothing", took);
    assert!(took < FROZEN.max(before * FROZEN_TIMES), "{took:?}");
    deck.shows("NO LEADER: nothing can be changed").shows("READ-ONLY").shows("10.0.0.1");
    told(fault, "watching", "NO LEADER, READ-ONLY", since.elapsed());
    deck.press("\t");
    deck.press("d").settle(Duration::from_millis(300));
    assert!(!deck.text().contains("type exactly"), "{}", deck.text());
    fault.mend(&mut lab, member);
    let since = Instant::now();
    deck.shows("WRITE").shows("live");
    told(fault, "when they are back", "WRITE, live", since.elapsed());
    lab.write_and_see(&mut deck, member, 2);
}

#[test]
fn a_deck_that_is_opened_without_quorum_shows_what_a_member_has_and_gets_its_pen_later() {
    let mut lab = Lab::new();
    lab.cluster.kill(0);
    lab.cluster.kill(1);
    let since = Instant::now();
    let mut deck = lab.open(&lab.endpoints(0), "gcr.io");
    deck.shows("10.0.0.1").shows("possibly stale").shows("READ-ONLY");
    told(Fault::TwoDie, "opening", "NO LEADER, possibly stale", since.elapsed());
    // The command line reads the same, with a warning.
    lab.run(0, &["get", "gcr.io"]).ends_with(0).says("possibly stale");
    let add = ["set", "gcr.io", "--host", "10.0.0.2", "--confirm", "/coredns/io/gcr/x2"];
    lab.run(0, &add).ends_with(3).says("no leader").says("Nothing was changed");
    lab.cluster.restart(0);
    deck.shows("WRITE").shows("live");
    // The deck does write, and does not only look so.
    deck.press("\t").press("d").shows("type exactly");
    // The last key of the scope needs the number as well. Its field is not there while the plan is made again,
    // because the scope was read anew with the leader.
    deck.press("/coredns/io/gcr/x1").shows("matches").shows("number >").press("\t").press("1");
    deck.press_until("\r", "nothing is in this scope");
}
