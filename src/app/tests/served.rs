//! Answers of live servers after a change.
use super::{super::rules::KnownImpact, *};
use std::{
    net::SocketAddr,
    sync::{Arc, atomic::AtomicBool},
};

fn server(last: u8) -> SocketAddr {
    SocketAddr::from(([10, 0, 0, last], 53))
}

/// A deck whose profile has two servers asked after a change.
fn watched(verify_after: bool) -> Driven {
    let mut deck = Driven::at_gcr(false);
    deck.model.session.verify_after = verify_after;
    deck.model.session.servers = vec![server(1), server(2)];
    deck
}

/// Deletes the first record, as far as its outcome.
fn deleted(deck: &mut Driven) {
    deck.press(KeyCode::Char('d'));
    let foreseen = deck.rules.iter().rev().find_map(|effect| match effect {
        Effect::Worker(WorkerTask::Foresee(request, snapshot, intent, plan)) => {
            Some((*request, KnownImpact::of(snapshot, (intent, plan), &AtomicBool::new(false))?))
        }
        _ => None,
    });
    let (request, foreseen) = foreseen.unwrap();
    deck.send(Msg::Foreseen(request, Arc::new(foreseen)));
    deck.type_text("/coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    let request = deck.making();
    let outcome = Outcome::Done { changed: 1, revision: Revision(10) };
    deck.send(Msg::Applied(request, Applied { outcome, entry: None, journal_trouble: None }));
}

fn asked(deck: &Driven) -> Option<RequestId> {
    let asked = deck.effects.iter().rev().find(|effect| effect.starts_with("AskAfter("))?;
    Some(RequestId(asked.split(['(', ')']).nth(2).unwrap().parse().unwrap()))
}

fn line(deck: &Driven) -> Option<String> {
    deck.model.served.as_ref().map(ServerReplies::told)
}

#[test]
fn servers_are_asked_after_a_change_when_the_profile_says_so_and_never_else() {
    let mut deck = watched(false);
    deleted(&mut deck);
    assert_eq!((asked(&deck), line(&deck)), (None, None));
    let mut deck = watched(true);
    deleted(&mut deck);
    let request = asked(&deck).unwrap();
    assert_eq!(line(&deck).unwrap(), "asking 2 servers for the new answers");
    let height = |deck: &Driven| deck.model.layout().unwrap().served.height;
    assert_eq!(height(&deck), 1);
    deck.send(Msg::Served(RequestId(9_999), ServedNews::Over(vec![])));
    deck.send(Msg::Served(request, ServedNews::There(server(1))));
    assert_eq!(line(&deck).unwrap(), "asking 2 servers for the new answers: 1 of them there");
    // A key press leaves it alone while they are asked, and takes it away once all is well.
    deck.press(KeyCode::Char('j'));
    deck.send(Msg::Served(request, ServedNews::Over(vec![])));
    assert_eq!(line(&deck).unwrap(), "2 servers give the new answers");
    deck.press(KeyCode::Char('j'));
    assert_eq!((line(&deck), height(&deck)), (None, 0));
}

#[test]
fn who_stays_behind_is_named_until_somebody_has_seen_it() {
    let mut deck = watched(true);
    deleted(&mut deck);
    let what = "gcr.io A: 10.0.0.1 instead of 10.0.0.2".to_owned();
    let behind = vec![OutdatedServer { server: server(2), what }];
    deck.send(Msg::Served(asked(&deck).unwrap(), ServedNews::Over(behind)));
    let told = "10.0.0.2:53 stays behind: gcr.io A: 10.0.0.1 instead of 10.0.0.2; V asks again";
    deck.press(KeyCode::Char('j'));
    assert_eq!(line(&deck).as_deref(), Some(told));
    assert!(deck.model.served.as_ref().unwrap().is_trouble());
    deck.press(KeyCode::Esc);
    assert_eq!(line(&deck), None);
}
