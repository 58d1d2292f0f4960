//! Losses of others, as looks at everybody's keys find them.
use super::{
    alarm::{keys, many},
    *,
};
use crate::{
    app::{DeckError, overlay::Overlay},
    counts::{Counts, Held, Holder, LastCounts, Loss},
    index::{Differences, Index},
    ops::Census,
    signpost::{Aftermath, Brings, InEtcd, Point, RecoveryOffer, SavedIn, Signpost, Witness},
};
use std::{collections::BTreeMap, time::Duration};

fn kubernetes() -> Holder {
    Holder::Tenant("/registry/".to_owned())
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

pub(super) fn census<const N: usize>(
    second: i64,
    keys: [(Holder, u64); N],
    neighbours: Vec<Neighbour>,
) -> Census {
    let keys = BTreeMap::from(keys);
    let counts = Counts { at: at(second), revision: Revision(100 + second), keys };
    let all = counts.keys.values().sum();
    let in_scope = counts.keys.get(&Holder::scope(&scope())).copied().unwrap_or_default();
    Census { counts, all: Some(all).filter(|all| *all > 0), in_scope, neighbours, took: Duration::ZERO }
}

pub(super) fn looked(census: Census, losses: Vec<Noticed>, is_news: bool) -> Msg {
    Msg::Looked(Box::new(CountCheck { census, losses, is_news, standing: None, accepted: 0 }))
}

/// A deck, and the counts that the runtime keeps beside it.
struct Looking {
    deck: Driven,
    last: LastCounts,
    accepted: u64,
}

impl Looking {
    fn new() -> Self {
        Self { deck: Driven::new(false), last: LastCounts::default(), accepted: 0 }
    }

    fn look<const N: usize>(&mut self, second: i64, keys: [(Holder, u64); N]) {
        let census = census(second, keys, vec![]);
        let is_news = !self.last.look(&census.counts).is_empty();
        let noticed = |loss| Noticed { loss, before: Some(Revision(99 + second)) };
        let losses = self.last.losses().into_iter().map(noticed).collect();
        let looked = CountCheck { census, losses, is_news, standing: None, accepted: self.accepted };
        self.deck.send(Msg::Looked(Box::new(looked)));
    }

    fn rings(&self) -> usize {
        self.deck.effects.iter().filter(|effect| *effect == "Ring").count()
    }

    fn rescues(&self) -> Vec<&String> {
        self.deck.effects.iter().filter(|effect| effect.starts_with("RescueAll")).collect()
    }
}

#[test]
fn a_tenant_that_goes_to_zero_rings_once_with_both_numbers_though_the_scope_lost_nothing() {
    let mut looking = Looking::new();
    looking.look(0, [(Holder::scope(&scope()), 4), (kubernetes(), 312)]);
    assert_eq!((looking.rings(), looking.deck.model.alarm.is_on()), (0, false));
    looking.look(10, [(Holder::scope(&scope()), 4), (kubernetes(), 0)]);
    assert_eq!(looking.rings(), 1);
    let page = looking.deck.model.alarm.page().unwrap();
    let [noticed] = page.losses else { panic!("{page:?}") };
    let held = |keys, second| Held { keys, at: at(second), revision: Revision(100 + second) };
    assert_eq!((noticed.loss.then, noticed.loss.now), (held(312, 0), held(0, 10)));
    assert!(noticed.loss.sentence(false).starts_with("Kubernetes' 312 keys are gone: 0 of 312 left"));
    looking.look(20, [(Holder::scope(&scope()), 4), (kubernetes(), 0)]);
    assert_eq!(looking.rings(), 1, "it is rung for once");
    // The alarm is over once they are back, and can still be looked at.
    looking.look(30, [(Holder::scope(&scope()), 4), (kubernetes(), 312)]);
    assert!(!looking.deck.model.alarm.is_on());
    let page = looking.deck.model.alarm.page().unwrap();
    let back = page.back.unwrap();
    assert!(page.over.is_some() && back.deleted.is_none());
    assert_eq!((back.losses[0].then, back.losses[0].now), (held(312, 0), held(0, 10)), "what it was about");
}

#[test]
fn an_alarm_that_ends_in_parts_tells_all_that_it_was_about() {
    for scope_first in [true, false] {
        let mut deck = Driven::with(60);
        deck.delete_all(keys(60), 30, 1);
        let loss = Loss {
            whose: kubernetes(),
            then: Held { keys: 312, at: at(0), revision: Revision(29) },
            now: Held { keys: 0, at: at(2), revision: Revision(30) },
            noticed: at(2),
        };
        let away = census(2, [(kubernetes(), 0)], vec![]);
        deck.send(looked(away, vec![Noticed { loss, before: Some(Revision(29)) }], true));
        let scope_is_back = |deck: &mut Driven| {
            let back = many(60).into_iter().map(|record| KeyValue { mod_revision: Revision(31), ..record });
            deck.changed(back.map(Event::Put).collect(), 31, 3);
        };
        if scope_first {
            scope_is_back(&mut deck);
        }
        deck.send(looked(census(4, [(kubernetes(), 312)], vec![]), vec![], false));
        assert_eq!(deck.model.alarm.is_on(), !scope_first);
        if !scope_first {
            scope_is_back(&mut deck);
        }
        let said = &deck.model.message.as_ref().unwrap().text;
        assert!(said.starts_with("what was missing is back"), "{said}");
        let page = deck.model.alarm.page().unwrap();
        let back = page.back.unwrap();
        assert_eq!(back.deleted.map(|(_, keys)| keys), Some(60));
        assert_eq!(back.losses.iter().map(Loss::gone).collect::<Vec<_>>(), [312]);
    }
}

#[test]
fn a_third_rings_and_what_comes_and_goes_does_not() {
    for (now, rings) in [(209, 0), (208, 1)] {
        let mut looking = Looking::new();
        looking.look(0, [(kubernetes(), 312), (Holder::Fleeting, 1000)]);
        looking.look(10, [(kubernetes(), now), (Holder::Fleeting, 0)]);
        assert_eq!(looking.rings(), rings, "{now} of 312");
    }
}

#[test]
fn what_was_lost_before_the_deck_was_opened_rings_at_its_first_look() {
    let mut looking = Looking::new();
    looking.last.look(&census(-86_400, [(kubernetes(), 312)], vec![]).counts);
    looking.look(0, [(kubernetes(), 0)]);
    assert_eq!(looking.rings(), 1);
}

#[test]
fn ending_it_accepts_what_is_lost_and_a_look_from_before_brings_it_back_no_more() {
    let mut looking = Looking::new();
    looking.look(0, [(kubernetes(), 312)]);
    looking.look(10, [(kubernetes(), 0)]);
    looking.deck.type_text("!xx");
    assert!(looking.deck.effects.iter().any(|effect| effect == "AcceptLosses(1)"));
    // This look was under way when x was pressed.
    looking.look(11, [(kubernetes(), 0)]);
    assert_eq!((looking.rings(), looking.deck.model.alarm.is_on()), (1, false));
    looking.last.accept(at(12));
    looking.accepted = 1;
    looking.look(20, [(kubernetes(), 0)]);
    assert_eq!((looking.rings(), looking.deck.model.alarm.is_on()), (1, false));
    // Another loss is another alarm.
    looking.look(30, [(kubernetes(), 100)]);
    looking.look(40, [(kubernetes(), 50)]);
    assert_eq!(looking.rings(), 2);
}

#[test]
fn everybody_is_counted_after_an_alarm() {
    let mut deck = Driven::new(false);
    let gone = records().into_iter().map(|record| Event::Delete { key: record.key, revision: Revision(30) });
    deck.send(Msg::Feed(FeedMsg::Changes { revision: Revision(30), events: gone.collect(), at: at(1) }));
    assert!(
        deck.effects.iter().any(|effect| effect == "LookAround(Some(Revision(29)))"),
        "{:?}",
        deck.effects
    );
}

#[test]
fn others_keys_are_read_when_somebody_presses_r_and_once() {
    let mut looking = Looking::new();
    looking.look(0, [(kubernetes(), 312)]);
    looking.look(10, [(kubernetes(), 0)]);
    looking.deck.type_text("!");
    assert_eq!(looking.rescues(), Vec::<&String>::new(), "nobody has asked for it");
    looking.deck.type_text("R");
    let [rescue] = looking.rescues()[..] else { panic!("{:?}", looking.deck.effects) };
    assert!(rescue.contains("Revision(109)"), "{rescue}");
    looking.deck.type_text("R");
    assert_eq!(looking.rescues().len(), 1, "it is under way");
    let WholeRescue::Running { request, .. } = looking.deck.model.alarm.whole else { panic!() };
    looking.deck.send(Msg::Rescuing(request, 100, 312));
    assert!(matches!(looking.deck.model.alarm.whole, WholeRescue::Running { read: 100, of: Some(312), .. }));
    let failed = WholeRescue::Failed(DeckError { what: "no".into(), remedy: "Do.".into(), compacted: None });
    looking.deck.send(Msg::RescuedAll(RequestId(request.0 + 1_000), failed.clone()));
    assert!(matches!(looking.deck.model.alarm.whole, WholeRescue::Running { .. }), "another's answer");
    looking.deck.send(Msg::RescuedAll(request, failed));
    looking.deck.type_text("R");
    assert_eq!(looking.rescues().len(), 2, "what failed can be tried again");
}

#[test]
fn a_deck_that_saves_all_of_etcd_is_left_with_a_second_press_only() {
    let mut looking = Looking::new();
    looking.look(0, [(kubernetes(), 312)]);
    looking.look(10, [(kubernetes(), 0)]);
    looking.deck.type_text("!R");
    let WholeRescue::Running { request, .. } = looking.deck.model.alarm.whole else { panic!() };
    looking.deck.press(KeyCode::Esc);
    let quits = |deck: &Driven| deck.effects.iter().filter(|effect| *effect == "Quit").count();
    looking.deck.type_text("q");
    assert_eq!(quits(&looking.deck), 0);
    // A press after another key is no second one.
    looking.deck.press(KeyCode::Tab);
    looking.deck.type_text("q");
    assert_eq!(quits(&looking.deck), 0);
    looking.deck.type_text("q");
    assert_eq!(quits(&looking.deck), 1);
    let failed = WholeRescue::Failed(DeckError { what: "no".into(), remedy: "Do.".into(), compacted: None });
    looking.deck.send(Msg::RescuedAll(request, failed));
    looking.deck.press(KeyCode::Tab);
    looking.deck.type_text("q");
    assert_eq!(quits(&looking.deck), 2, "nothing is running any more");
}

#[test]
fn the_palette_rescues_from_anywhere_and_says_so_where_nothing_was_seen() {
    let mut looking = Looking::new();
    looking.deck.type_text(":rescue");
    looking.deck.press(KeyCode::Enter);
    assert!(looking.deck.model.message.as_ref().unwrap().text.contains("no mass deletion was seen"));
    looking.look(0, [(kubernetes(), 312)]);
    looking.look(10, [(kubernetes(), 0)]);
    looking.deck.type_text(":rescue");
    looking.deck.press(KeyCode::Enter);
    assert_eq!(looking.rescues().len(), 1);
    assert!(matches!(looking.deck.model.overlays.last(), Some(Overlay::Alarm(_))), "with its progress");
}

#[test]
fn a_profile_that_has_asked_for_it_needs_no_key() {
    let mut looking = Looking::new();
    looking.deck.model.session.rescue_all = true;
    looking.look(0, [(kubernetes(), 312)]);
    looking.look(10, [(kubernetes(), 0)]);
    looking.look(20, [(kubernetes(), 0)]);
    assert_eq!(looking.rescues().len(), 1);
}

#[test]
fn the_counts_that_are_told_are_those_of_the_last_look() {
    let mut looking = Looking::new();
    let reach = Extent::Everything;
    let (authentication, credential) = (Authentication::Off, Credential::Nothing);
    let keys = Some(crate::power::Keys { all: 329, in_scope: 9 });
    looking.deck.send(Msg::Power(Power { authentication, credential, reach, keys }));
    looking.look(0, [(Holder::scope(&scope()), 4), (kubernetes(), 13)]);
    let said = looking.deck.model.session.power_alarm(200).unwrap();
    assert!(said.contains("17") && !said.contains("329"), "{said}");
}

/// A deck at an empty scope that had 40 keys, which etcd still has at revision 20.
fn emptied() -> Driven {
    let mut deck = Driven::new(false);
    deck.send(Msg::Feed(FeedMsg::Relisted {
        index: Box::new(Index::new(scope())),
        revision: Revision(30),
        at: at(60),
        asked: false,
        differences: Differences::default(),
        seen: None,
        back: None,
    }));
    let now = Held { keys: 0, at: at(60), revision: Revision(30) };
    let then = Point { keys: 40, revision: Revision(20), at: Some(at(0)), witness: Witness::Counts };
    let in_etcd = InEtcd::Readable { before: Revision(20), keys: 40 };
    let signpost =
        Signpost { scope: "/coredns/".to_owned(), then, now, in_etcd, offers: vec![], unread: vec![] };
    let found = Aftermath { now: Some(0), signpost: Some(signpost), ..Aftermath::default() };
    let request = deck.last("LookForLosses");
    deck.send(Msg::Aftermath(request, Box::new(Ok(found))));
    deck
}

#[test]
fn a_signpost_leads_to_a_revision_only_until_etcd_says_that_it_has_compacted_it() {
    for (asked, still) in [(19, true), (20, false), (25, false)] {
        let mut deck = emptied();
        assert!(deck.model.why_scope_is_empty().concat().contains(":at 20"));
        deck.type_text(&format!(":at {asked}"));
        deck.press(KeyCode::Enter);
        let request = deck.last("AsOf");
        deck.send(Msg::AsOf(request, Err(Failure::Compacted { asked: Revision(asked) })));
        let lines = deck.model.why_scope_is_empty();
        assert_eq!(lines.concat().contains(":at 20"), still, "{asked}: {lines:?}");
        assert_eq!(lines.concat().contains("compacted the revisions"), !still, "{asked}: {lines:?}");
    }
}

#[test]
fn a_scope_that_was_read_and_is_not_watched_any_more_keeps_its_signpost() {
    let mut deck = emptied();
    let lost = || {
        Msg::Feed(FeedMsg::Lost {
            failure: Failure::WatchSilent { after: Duration::from_secs(30) },
            at: at(90),
        })
    };
    deck.send(lost());
    assert!(deck.model.why_scope_is_empty().concat().contains(":at 20"));
    deck.model.aftermath = None;
    let lines = deck.model.why_scope_is_empty();
    assert_eq!(lines, ["nothing was in this scope when it was read last"]);
}

#[test]
fn the_ages_on_a_signpost_are_those_of_the_decks_last_news() {
    let mut deck = emptied();
    assert!(deck.model.why_scope_is_empty().concat().contains("(60 s ago)"));
    deck.changed(vec![], 31, 3 * 3600);
    assert!(deck.model.why_scope_is_empty().concat().contains("(3 h ago)"));
}

#[test]
fn an_alarm_for_what_was_lost_before_takes_nothing_from_the_signpost() {
    let mut deck = emptied();
    let loss = Loss {
        whose: Holder::scope(&scope()),
        then: Held { keys: 40, at: at(0), revision: Revision(20) },
        now: Held { keys: 0, at: at(60), revision: Revision(30) },
        noticed: at(60),
    };
    let before = Some(Revision(20));
    let census = census(60, [(Holder::scope(&scope()), 0)], vec![]);
    deck.send(looked(census, vec![Noticed { loss, before }], true));
    assert!(deck.model.alarm.is_on());
    assert!(deck.model.why_scope_is_empty().concat().contains(":at 20"));
    deck.model.aftermath = None;
    assert!(deck.model.why_scope_is_empty().concat().contains("press !"), "no signpost is known");
}

#[test]
fn of_what_is_saved_the_newest_that_brings_something_back_is_chosen() {
    let offer = |keys, away| RecoveryOffer {
        place: SavedIn::Journal,
        time: at(0),
        revision: Revision(9),
        keys: Some(keys),
        brings: Brings::Compared { away, differing: 0 },
    };
    for (offers, chosen) in [
        (vec![offer(0, 0), offer(9, 9), offer(9, 9)], 1),
        (vec![offer(9, 9), offer(0, 0)], 0),
        (vec![offer(0, 0), offer(9, 0)], 0),
    ] {
        let mut deck = emptied();
        deck.press(KeyCode::Char('B'));
        let request = deck.last("Saved");
        deck.send(Msg::Offers(request, offers, vec![]));
        let Some(Overlay::Saved(list)) = deck.model.overlays.last() else { panic!() };
        assert_eq!(list.cursor, chosen);
    }
}

#[test]
fn a_history_or_a_way_back_that_is_refused_says_the_same_to_the_signpost() {
    let gone = Failure::Compacted { asked: Revision(20) };
    for key in ['H', 'p'] {
        let mut deck = emptied();
        deck.press(KeyCode::Char(key));
        let refused = match key {
            'H' => Msg::History(deck.last("History"), Err(gone.clone())),
            _ => Msg::LookedAt(RequestId(0), Err(DeckError::of_past(&gone))),
        };
        deck.send(refused);
        assert!(!deck.model.why_scope_is_empty().concat().contains(":at 20"), "{key}");
    }
}
