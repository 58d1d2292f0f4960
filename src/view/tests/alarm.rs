//! A mass deletion by somebody else.
use super::deck::{Deck, live, noon, records, scope, unreachable};
use crate::{
    app::{
        FeedMsg, Msg, SavedFrom, Saving,
        overlay::{Away, Seen},
    },
    keys::{LeaseId, Revision},
    store::Event,
};
use std::collections::BTreeMap;

/// Somebody has deleted everything below two names.
pub(super) fn alarm_banner(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    let gone = records().into_iter().filter(|record| {
        let key = record.key.spelled();
        key.starts_with("/coredns/net/") || key.starts_with("/coredns/io/")
    });
    let events = gone.map(|record| Event::Delete { key: record.key, revision: Revision(8842) }).collect();
    deck.send(Msg::Feed(FeedMsg::Changes { revision: Revision(8842), events, at: noon() }));
    let (request, revision, lost) = deck.rescued.take().unwrap();
    let file = "/var/lib/coredeck/rescued/coredns-3f2a9c1e77d04b15-20260301T120311Z.jsonl.gz".to_owned();
    let keys = (lost.left.len() + lost.gone.len()) as u64;
    deck.send(Msg::Rescued(request, Saving::Saved { file, keys, from: SavedFrom::Etcd(revision) }));
    deck
}

pub(super) fn alarm(size: (u16, u16)) -> Deck {
    let mut deck = alarm_banner(size);
    deck.press(&["!"]);
    deck
}

pub(super) fn alarm_not_saved(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.send(Msg::Feed(FeedMsg::Lost { failure: unreachable(), at: noon() }));
    let mut index = crate::index::Index::new(scope());
    index.listed();
    deck.read_again(index, Revision(8_900), noon());
    let (request, ..) = deck.rescued.take().unwrap();
    deck.send(Msg::Rescued(
        request,
        Saving::Failed("/var/lib/coredeck/rescued: no space left on device".into()),
    ));
    deck.press(&["!"]);
    deck
}

/// Some of what is away had leases, of which one lives.
pub(super) fn alarm_leases(size: (u16, u16)) -> Deck {
    let mut deck = alarm(size);
    deck.press(&["Enter"]);
    let mut leases: BTreeMap<LeaseId, usize> = BTreeMap::new();
    let gone = deck.model.alarm.gone();
    for lease in gone.range(&gone.scope().range()).filter_map(|record| record.lease) {
        *leases.entry(lease).or_default() += 1;
    }
    // As if two of them had another, which lives.
    let other = LeaseId::new(0x51).unwrap();
    let living = [other].into();
    for keys in leases.values_mut() {
        *keys -= 2;
    }
    leases.insert(other, 2);
    let request = deck.looking_back.unwrap();
    deck.send(Msg::LookedAt(request, Ok(Seen::Away(Away { leases, living }))));
    deck.press(&["l"]).type_text("300");
    deck
}

pub(super) fn alarm_way_back(size: (u16, u16)) -> Deck {
    let mut deck = alarm_leases(size);
    // Without a lease: a new one would have another id in every picture.
    deck.press(&["l", "Enter"]).answer();
    deck
}
