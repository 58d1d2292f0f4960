//! Screens of the past: the journal, its undo, histories, and an old revision.
use super::deck::{Deck, noon, record, records, scope};
use crate::{
    app::{
        Msg,
        overlay::{Headings, TakeBackPlan},
    },
    failure::Failure,
    index::{Batch, Index},
    journal::{Author, EntryHeading, JournalEntry, RecordedChange, RecordedOutcome},
    keys::{ClusterId, KeyValue, LeaseId, Revision, ScopedKey},
    ops::History,
    plan::{Change, EntryId, MadeChanges, Past, PutBack, Resume, Undo},
    signpost::{Brings, RecoveryOffer, SavedIn},
    store::Event,
    unread_place::UnreadPlace,
};
use std::{collections::BTreeMap, path::PathBuf, time::Duration};

const CLUSTER: ClusterId = ClusterId(0x3f2a_9c1e_77d0_4b15);

fn live(size: (u16, u16)) -> Deck {
    Deck::showing(size, records(), false)
}

fn id(tail: &str) -> EntryId {
    EntryId(format!("20260301T{tail}"))
}

fn key(text: &str) -> ScopedKey {
    scope().spelled_key(text).unwrap()
}

fn heading(tail: &str, minute: i64, kind: &str, challenge: &str) -> EntryHeading {
    EntryHeading {
        id: id(tail),
        time: noon() - jiff::SignedDuration::from_mins(minute),
        author: Author {
            user: Some("root".to_owned()),
            sudo_user: Some("ada".to_owned()),
            ssh: Some("192.0.2.7 50122 10.0.0.11 22".to_owned()),
            host: Some("master-1".to_owned()),
            ..Author::default()
        },
        cluster: CLUSTER,
        scope: "/coredns/".to_owned(),
        read_at: Revision(8840),
        challenge: challenge.to_owned(),
        kind: kind.to_owned(),
        about: None,
        reason: None,
        changes: 1,
        outcome: Some(RecordedOutcome::Done { changed: 1, revision: Revision(8841) }),
        concluded: None,
    }
}

fn headings() -> Vec<EntryHeading> {
    let why = "/coredns/net/shop/web/x9 is not what was shown any more".to_owned();
    vec![
        EntryHeading {
            about: Some(id("115800.001-aa")),
            ..heading("120100.107-0b", 2, "undo", "/coredns/io/gcr/x1")
        },
        EntryHeading {
            outcome: None,
            changes: 300,
            ..heading("115959.820-7c", 4, "bulk", "/coredns/net/shop/")
        },
        EntryHeading {
            changes: 24,
            outcome: Some(RecordedOutcome::Partly { done: vec![String::new(); 9], total: 24, why }),
            ..heading("115912.411-51", 5, "delete_subtree", "/coredns/net/shop/web/")
        },
        heading("115800.001-aa", 6, "delete", "/coredns/io/gcr/x1"),
        EntryHeading {
            cluster: ClusterId(1),
            ..heading("090000.000-02", 180, "edit", "/coredns/org/example/_tcp/_ldap/x1")
        },
    ]
}

fn opened(size: (u16, u16), headings: Vec<EntryHeading>) -> Deck {
    let mut deck = live(size);
    deck.press(&["u"]);
    let request = deck.looking_back.unwrap();
    deck.send(Msg::Journal(request, Ok(Headings::new(headings, 0, 1))));
    deck
}

pub(super) fn journal(size: (u16, u16)) -> Deck {
    let mut deck = opened(size, headings());
    deck.press(&["j", "j"]);
    deck
}

pub(super) fn journal_empty(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["u"]);
    let request = deck.looking_back.unwrap();
    deck.send(Msg::Journal(request, Ok(Headings::default())));
    deck
}

fn edit() -> Change {
    let before = record(b"/coredns/io/gcr/x2", br#"{"host":"172.25.52.200","ttl":60}"#, 8796);
    Change::Update { before, value: (*br#"{"host":"172.25.52.218","ttl":60}"#).into() }
}

pub(super) fn journal_entry(size: (u16, u16)) -> Deck {
    let mut deck = journal(size);
    deck.press(&["j", "Enter"]);
    let shown = heading("115800.001-aa", 6, "delete", "/coredns/io/gcr/x1");
    let gone = Change::Delete { before: record(b"/coredns/io/gcr/x1", b"{\"host\":\"10.0.0.1\"}", 8795) };
    let entry = JournalEntry {
        id: shown.id,
        time: shown.time,
        author: shown.author,
        cluster: CLUSTER,
        scope: shown.scope,
        read_at: shown.read_at,
        challenge: shown.challenge,
        kind: shown.kind,
        about: None,
        reason: None,
        grants: vec![],
        leases: vec![],
        recorded: [gone, edit()].iter().map(RecordedChange::of).collect(),
        outcome: shown.outcome,
    };
    let request = deck.looking_back.unwrap();
    deck.send(Msg::Entry(request, Ok(Box::new(entry))));
    deck
}

/// The undo of some changes, all of them made.
fn undoing(deck: &mut Deck, changes: Vec<Change>, leases: BTreeMap<LeaseId, Duration>) {
    deck.press(&["u"]);
    let past = Past {
        entry: id("115912.411-51"),
        undoes: None,
        cluster: CLUSTER,
        changes,
        made: MadeChanges::All { last: Revision(8830) },
        leases,
    };
    let undo = {
        let keys = past.changes.iter().flat_map(Change::keys);
        let found: Vec<KeyValue> = keys.filter_map(|key| deck.model.index.get(key.as_bytes())).collect();
        Undo::of(&past, &[], |key| found.iter().find(|record| record.key == *key))
    };
    let request = deck.looking_back.unwrap();
    deck.send(Msg::LookedAt(request, Ok(TakeBackPlan::Undo(Box::new(undo)))));
}

fn gone(tail: &str, lease: i64) -> Change {
    let key = format!("/coredns/io/gcr/{tail}");
    let before = record(key.as_bytes(), br#"{"host":"172.25.52.219","ttl":60}"#, 8700);
    Change::Delete { before: KeyValue { lease: LeaseId::new(lease), ..before } }
}

pub(super) fn undo_conflicts(size: (u16, u16)) -> Deck {
    let mut deck = journal(size);
    // The first two are there again, with other values.
    undoing(&mut deck, vec![gone("x1", 0), gone("x2", 0), gone("x8", 0), gone("x9", 0)], BTreeMap::new());
    deck
}

pub(super) fn undo_leases(size: (u16, u16)) -> Deck {
    let mut deck = journal(size);
    let lease = LeaseId::new(0x77a2_a206_7035_540b).unwrap();
    let leases = BTreeMap::from([(lease, Duration::from_mins(4))]);
    undoing(&mut deck, vec![gone("x8", lease.get()), gone("x9", lease.get())], leases);
    deck.press(&["Enter", "l"]);
    deck
}

pub(super) fn undo_plan(size: (u16, u16)) -> Deck {
    let mut deck = journal(size);
    undoing(&mut deck, vec![gone("x8", 0), gone("x9", 0)], BTreeMap::new());
    deck.answer();
    deck
}

pub(super) fn broken_off(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    let created = Change::Create { key: key("/coredns/io/gcr/x3"), value: (*b"[]").into(), lease: None };
    let present = Change::Create {
        key: key("/coredns/io/gcr/x2"),
        value: (*br#"{"host":"172.25.52.218","ttl":60}"#).into(),
        lease: None,
    };
    let past = Past {
        entry: id("115959.820-7c"),
        undoes: None,
        cluster: CLUSTER,
        changes: vec![
            present,
            Change::Create { key: key("/coredns/io/gcr/x9"), value: (*b"{}").into(), lease: None },
            created,
        ],
        made: MadeChanges::Unknown,
        leases: BTreeMap::new(),
    };
    let found: Vec<KeyValue> = past
        .changes
        .iter()
        .flat_map(Change::keys)
        .filter_map(|key| deck.model.index.get(key.as_bytes()))
        .map(|record| KeyValue { version: 1, ..record })
        .collect();
    let resume = Resume::of(&past, vec![], |key| found.iter().find(|record| record.key == *key));
    let shown =
        EntryHeading { outcome: None, changes: 3, ..heading("115959.820-7c", 4, "bulk", "/coredns/io/gcr/") };
    deck.send(Msg::BrokenOff(vec![(shown.clone(), resume.clone()), (shown, resume)]));
    deck
}

fn history() -> History {
    let version = |value: &str, version, revision| {
        let record = record(b"/coredns/io/gcr/x1", value.as_bytes(), revision);
        Event::Put(KeyValue { version, create_revision: Revision(8600), lease: None, ..record })
    };
    let deleted = |at| Event::Delete { key: key("/coredns/io/gcr/x1"), revision: Revision(at) };
    let versions = vec![
        version(r#"{"host":"10.0.0.1"}"#, 3, 8640),
        version(r#"{"host":"10.0.0.1","ttl":300}"#, 4, 8702),
        deleted(8790),
        version(r#"{"host":"172.25.52.217","ttl":60}"#, 1, 8795),
    ];
    History { oldest: Revision(8650), until: Revision(8841), versions, left_out: 0, vouched: true }
}

pub(super) fn history_record(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x1").press(&["Tab", "o", "o", "o", "o"]);
    let request = deck.looking_back.unwrap();
    deck.send(Msg::History(request, Ok(Box::new(history()))));
    deck
}

pub(super) fn history_list(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x1").press(&["H"]);
    let request = deck.looking_back.unwrap();
    deck.send(Msg::History(request, Ok(Box::new(history()))));
    deck.press(&["j", "j"]);
    deck
}

pub(super) fn history_name(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["H"]);
    let mut known = history();
    for n in 2..=30 {
        let key = format!("/coredns/io/gcr/x{n}");
        known.versions.push(Event::Put(record(key.as_bytes(), br#"{"host":"10.0.0.7"}"#, 8795 + n)));
    }
    known.left_out = 120;
    let request = deck.looking_back.unwrap();
    deck.send(Msg::History(request, Ok(Box::new(known))));
    deck
}

pub(super) fn history_gone(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x1").press(&["H"]);
    let known = History { versions: vec![], ..history() };
    let request = deck.looking_back.unwrap();
    deck.send(Msg::History(request, Ok(Box::new(known))));
    deck
}

pub(super) fn put_back_name(size: (u16, u16)) -> Deck {
    let mut deck = history_list(size);
    deck.press(&["P"]);
    let of = |tail: &str, value: &str| {
        record(format!("/coredns/io/gcr/{tail}").as_bytes(), value.as_bytes(), 8795)
    };
    let leased = KeyValue { lease: LeaseId::new(0x77a2_a206_7035_540b), ..of("x9", "{}") };
    let then = [of("x1", "{}"), of("x8", "{}"), leased];
    let now = [of("x1", "[]"), of("x2", "{}"), of("x3", "{}")];
    let request = deck.looking_back.unwrap();
    deck.send(Msg::LookedAt(request, Ok(TakeBackPlan::PutBack(Box::new(PutBack::of(&then, &now))))));
    deck.press(&["d", "l"]);
    deck
}

fn asked(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&[":"]).type_text("at 8702").press(&["Enter"]);
    deck
}

pub(super) fn as_of_asking(size: (u16, u16)) -> Deck {
    asked(size)
}

pub(super) fn as_of(size: (u16, u16)) -> Deck {
    let mut deck = asked(size);
    let mut index = Index::new(scope());
    let then = vec![
        record(b"/coredns/io/gcr/x1", br#"{"host":"10.0.0.1","ttl":300}"#, 8702),
        record(b"/coredns/io/gcr/x7", br#"{"host":"10.0.0.7"}"#, 8690),
        record(b"/coredns/net/shop/web/x1", br#"{"host":"10.1.0.1"}"#, 8600),
    ];
    index.absorb(Batch::encode(&scope(), then));
    index.listed();
    let request = deck.looking_back.unwrap();
    deck.send(Msg::AsOf(request, Ok(Box::new(index))));
    deck
}

pub(super) fn as_of_compacted(size: (u16, u16)) -> Deck {
    let mut deck = asked(size);
    let request = deck.looking_back.unwrap();
    deck.send(Msg::AsOf(request, Err(Failure::Compacted { asked: Revision(8702) })));
    deck
}

fn saved_list(size: (u16, u16), offers: Vec<RecoveryOffer>, unread: Vec<UnreadPlace>) -> Deck {
    let mut deck = live(size);
    deck.press(&["B"]);
    let request = deck.looking_back.unwrap();
    deck.send(Msg::Offers(request, offers, unread));
    deck
}

pub(super) fn saved(size: (u16, u16)) -> Deck {
    let offer = |place: SavedIn, keys, away, differing| RecoveryOffer {
        place,
        time: noon(),
        revision: Revision(8702),
        keys: Some(keys),
        brings: Brings::Compared { away, differing },
    };
    let file = |name: &str| PathBuf::from("/var/lib/coredeck/backups").join(name);
    let offers = vec![
        offer(SavedIn::Backup(file("20261122T030000Z.coredeck")), 0, 0, 0),
        offer(SavedIn::Backup(file("20261121T030000Z.coredeck")), 3_870, 3_859, 2),
        offer(SavedIn::Journal, 12, 4, 0),
    ];
    saved_list(size, offers, vec![])
}

pub(super) fn saved_unread(size: (u16, u16)) -> Deck {
    let unread = UnreadPlace {
        place: "/var/lib/coredeck/backups".to_owned(),
        reason: "Permission denied (os error 13)".to_owned(),
    };
    saved_list(size, vec![], vec![unread])
}
