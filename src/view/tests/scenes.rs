//! Every screen and overlay, by name.
use super::{
    clusters,
    deck::{Deck, hostile, noon, record as record_of, records, with_alarm, without},
    past,
};
use crate::{
    app::{
        FeedMsg, Msg, SavedFrom, Saving,
        overlay::{Away, Compared, HealthPage, Overlay, Seen},
    },
    dns::{Agreement, Difference, QueryType, Rcode, Section, Status as DnsStatus, Told},
    failure::Failure,
    health::{AlarmKind, Health, Member, State},
    index::Batch,
    keys::{LeaseId, Revision},
    power::{Authentication, Credential, Keys, Power, Reach},
    store::Event,
};
use std::collections::BTreeMap;

/// A state of the deck at a size.
pub(super) type Scene = fn((u16, u16)) -> Deck;

/// Every state that has a picture of its own.
pub(super) const SCENES: &[(&str, Scene)] = &[
    ("loading", loading),
    ("empty", empty),
    ("tree", tree),
    ("records", browse_records),
    ("record", record),
    ("record_json", record_json),
    ("leased_record", leased_record),
    ("hidden_record", hidden_record),
    ("opaque_record", opaque_record),
    ("read_only", read_only),
    ("frightening", frightening),
    ("stale", stale),
    ("trouble", trouble),
    ("finding", finding),
    ("finding_loading", finding_loading),
    ("matches", matches),
    ("answers", answers),
    ("answers_details", answers_details),
    ("answers_broken", answers_broken),
    ("answers_asking", answers_asking),
    ("findings", findings),
    ("findings_errors", findings_errors),
    ("findings_of_record", findings_of_record),
    ("findings_fix", findings_fix),
    ("form_add", form_add),
    ("form_typed", form_typed),
    ("form_own", form_own),
    ("form_edit", form_edit),
    ("json_editor", json_editor),
    ("review_edit", review_edit),
    ("review_add", review_add),
    ("verify", verify),
    ("health", health),
    ("health_asking", health_asking),
    ("health_trouble", health_trouble),
    ("health_denied", health_denied),
    ("delete_no_reserve", delete_no_reserve),
    ("delete_no_quorum", delete_no_quorum),
    ("review_out_of_space", review_out_of_space),
    ("review_ptr", review_ptr),
    ("delete_ptr", delete_ptr),
    ("delete_comparing", delete_comparing),
    ("delete_stale", delete_stale),
    ("delete_managed", delete_managed),
    ("delete_mended", delete_mended),
    ("delete_counting", delete_counting),
    ("delete_record", delete_record),
    ("delete_subtree", delete_subtree),
    ("delete_number", delete_number),
    ("delete_changed", delete_changed),
    ("delete_steps", delete_steps),
    ("delete_failed", delete_failed),
    ("delete_working", delete_working),
    ("marks", marks),
    ("marks_range", marks_range),
    ("bulk_ttl", bulk_ttl),
    ("bulk_move", bulk_move),
    ("confirm_ttl", confirm_ttl),
    ("confirm_left_out", confirm_left_out),
    ("confirm_move", confirm_move),
    ("confirm_grants", confirm_grants),
    ("alarm", alarm),
    ("alarm_banner", alarm_banner),
    ("alarm_not_saved", alarm_not_saved),
    ("alarm_leases", alarm_leases),
    ("alarm_way_back", alarm_way_back),
    ("backup_made", backup_made),
    ("finding_marked", finding_marked),
    ("conflict", conflict),
    ("journal", past::journal),
    ("journal_empty", past::journal_empty),
    ("broken_off", past::broken_off),
    ("journal_entry", past::journal_entry),
    ("undo_conflicts", past::undo_conflicts),
    ("undo_leases", past::undo_leases),
    ("undo_plan", past::undo_plan),
    ("history_record", past::history_record),
    ("history_list", past::history_list),
    ("history_name", past::history_name),
    ("history_gone", past::history_gone),
    ("put_back_name", past::put_back_name),
    ("as_of", past::as_of),
    ("as_of_asking", past::as_of_asking),
    ("as_of_compacted", past::as_of_compacted),
    ("found", clusters::found),
    ("contact_first", clusters::contact_first),
    ("contact_other", clusters::contact_other),
    ("profiles", clusters::profiles),
    ("palette", palette),
    ("palette_rm", palette_rm),
    ("palette_wrong", palette_wrong),
    ("help", help),
    ("notice", notice),
    ("odd_keys", odd_keys),
    ("odd_delete", odd_delete),
];

fn live(size: (u16, u16)) -> Deck {
    Deck::showing(size, records(), false)
}

fn unreachable() -> Failure {
    Failure::NothingListening { endpoint: "https://10.0.0.11:2379".into() }
}

fn loading(size: (u16, u16)) -> Deck {
    let mut deck = Deck::opened(size, false);
    let mut page = records();
    page.truncate(12);
    let batch = Batch::encode(&super::deck::scope(), page);
    deck.send(Msg::Feed(FeedMsg::Page { batch, total: Some(1_000_000) }));
    deck
}

fn empty(size: (u16, u16)) -> Deck {
    Deck::showing(size, vec![], false)
}

fn tree(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io");
    deck.go("example.org");
    deck
}

fn browse_records(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x2");
    deck
}

fn record(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/_tcp/_ldap/x1").press(&["Tab"]);
    deck
}

fn record_json(size: (u16, u16)) -> Deck {
    let mut deck = record(size);
    deck.press(&["o"]);
    deck
}

fn leased_record(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x3").press(&["Tab"]);
    deck
}

fn hidden_record(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("quay.io").press(&["l"]);
    deck
}

fn opaque_record(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/broken");
    deck
}

fn read_only(size: (u16, u16)) -> Deck {
    let mut deck = Deck::showing(size, records(), true);
    deck.press(&["j"]);
    deck
}

fn frightening(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.beside_kubernetes(Power {
        authentication: Authentication::Off,
        credential: Credential::Certificate(Some("kube-etcd-healthcheck-client".to_owned())),
        reach: Reach::Everything,
        keys: Some(Keys { all: 12_433, in_scope: 2 }),
    });
    deck
}

fn stale(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.send(Msg::Feed(FeedMsg::Lost { failure: unreachable(), at: noon() }));
    deck.health = with_alarm(AlarmKind::NoSpace);
    deck.send(Msg::Resumed);
    deck
}

fn health(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["s"]);
    deck
}

fn health_asking(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.model.health = None;
    deck.model.overlays.push(Overlay::Health(HealthPage::default()));
    deck
}

fn health_trouble(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.health = Health { alarms: with_alarm(AlarmKind::NoSpace).alarms, ..without(&[3]) };
    deck.health.members[0].name = "hostile\u{1b}[31m".to_owned();
    deck.health.members.push(Member {
        id: Some(4),
        name: "learner-4".to_owned(),
        endpoint: None,
        learner: true,
        state: State::Unknown("it has not started yet: it names no address".to_owned()),
    });
    deck.health.credential_ends = Some("2026-03-01T18:00:00Z".parse().unwrap());
    deck.press(&["s"]);
    deck
}

/// etcd tells this user nothing of its members.
fn health_denied(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    for member in &mut deck.health.members {
        member.state = State::Up(None);
    }
    (deck.health.has_leader, deck.health.alarms) = (Some(true), None);
    deck.press(&["s"]);
    deck
}

fn delete_no_reserve(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.health = without(&[3]);
    deck.go("/coredns/io/gcr/x2").press(&["d"]).answer();
    deck
}

fn review_out_of_space(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.health = with_alarm(AlarmKind::NoSpace);
    deck.go("/coredns/io/gcr/x1").press(&["e", "Backspace"]).type_text("9").press(&["Enter"]).answer();
    deck.press(&["y"]);
    deck
}

fn delete_no_quorum(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.health = without(&[2, 3]);
    deck.go("/coredns/io/gcr/x2").press(&["d"]).answer().type_text("/coredns/io/gcr/x2").press(&["Enter"]);
    deck
}

fn trouble(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["D"]);
    deck
}

fn finding(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["/"]).type_text("example");
    deck
}

fn finding_loading(size: (u16, u16)) -> Deck {
    let mut deck = loading(size);
    deck.press(&["/"]).type_text("10.0.0.10");
    deck
}

fn matches(size: (u16, u16)) -> Deck {
    let mut deck = finding(size);
    deck.press(&["Down", "Down"]);
    deck
}

fn form_add(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["a", "Tab", "Tab", "Tab"]).type_text("172.25.52.300");
    deck
}

/// The name has a record of its own, which would stop to answer.
fn form_own(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/www").press(&["a", "Tab", "Tab", "Tab"]);
    deck
}

fn form_edit(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/_tcp/_ldap/x1").press(&["e"]);
    deck
}

fn json_editor(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/_tcp/_ldap/x1").press(&["i"]).type_text("\u{202e}");
    deck.press(&["Ctrl-o"]);
    deck
}

fn review_edit(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x1").press(&["e", "Backspace"]).type_text("9").press(&["Enter"]).answer();
    deck
}

fn review_add(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/www").press(&["a", "Tab", "Tab", "Tab", "Tab"]);
    deck.type_text("10.0.0.80").press(&["Enter"]).answer();
    deck
}

fn delete_counting(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["D"]);
    deck
}

fn delete_record(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x2").press(&["d"]).answer().type_text("/coredns/io/gcr/x2");
    deck
}

fn delete_subtree(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["D"]).answer().type_text("/coredns/oi");
    deck
}

fn delete_number(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("web.shop.net").press(&["D"]).answer().type_text("/coredns/net/shop/web/");
    deck.press(&["Down", "Down", "Tab"]).type_text("23").press(&["Enter"]);
    deck
}

/// Somebody adds a key while the text is typed.
fn delete_changed(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["D"]).answer().type_text("/coredns/io/g");
    let added = record_of(b"/coredns/io/gcr/x4", br#"{"host":"172.25.52.219"}"#, 8842);
    deck.send(Msg::Feed(FeedMsg::Changes {
        revision: Revision(8842),
        events: vec![Event::Put(added)],
        at: noon(),
    }));
    deck.answer();
    deck
}

/// More keys than one transaction takes.
fn delete_steps(size: (u16, u16)) -> Deck {
    let many = (1..=300).map(|n| {
        record_of(format!("/coredns/net/pool/h{n}/x1").as_bytes(), br#"{"host":"10.2.0.1"}"#, 8_000 + n)
    });
    let mut deck = Deck::showing(size, many.collect(), false);
    deck.go("pool.net").press(&["D"]).answer();
    deck
}

fn delete_failed(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["D"]).fail(&unreachable());
    deck
}

fn delete_working(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("web.shop.net").press(&["D"]).answer().type_text("/coredns/net/shop/web/");
    deck.press(&["Tab"]).type_text("24").press(&["Enter"]);
    let request = deck.applying.unwrap();
    deck.send(Msg::Progress(request, 12));
    deck
}

fn conflict(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x1").press(&["e", "Backspace"]).type_text("9").press(&["Enter"]);
    deck.somebody_was_faster(r#"{"host":"172.25.52.217","ttl":30,"group":"g1"}"#);
    deck
}

fn palette(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&[":"]).type_text("re");
    deck
}

fn palette_rm(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&[":"]).type_text("rm -r shop.net");
    deck
}

fn palette_wrong(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&[":"]).type_text("rm /registry/pods/default/web");
    deck
}

fn help(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["?"]);
    deck
}

fn notice(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/gcr/x1").press(&["e", "Backspace"]).type_text("9").press(&["Enter"]);
    deck.fail(&unreachable());
    deck
}

fn odd_keys(size: (u16, u16)) -> Deck {
    let mut deck = Deck::showing(size, hostile(), false);
    deck.go("/coredns/bad").press(&["Tab", "j", "j"]);
    deck
}

fn odd_delete(size: (u16, u16)) -> Deck {
    let mut deck = Deck::showing(size, hostile(), false);
    deck.go("/coredns/bad").press(&["D"]).answer();
    deck
}

fn answers(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["c"]);
    deck
}

fn answers_details(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/_tcp/_ldap/x1").press(&["c", "Tab", "PgDn"]);
    deck
}

/// A value that does not decode breaks the names above it as well.
fn answers_broken(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/broken").press(&["c"]);
    deck
}

/// A name that is nowhere in the scope.
fn answers_asking(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&[":"]).type_text("answer nothing.example.org").press(&["Enter"]);
    deck
}

fn findings(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["f"]);
    deck
}

fn findings_errors(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["f", "s", "s", "j"]);
    deck
}

fn findings_of_record(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/broken").press(&["o", "o", "o"]);
    deck
}

/// The first finding with a fix, and what the fix would change.
fn findings_fix(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/io/quay").press(&["l", "x"]).answer();
    deck
}

/// An alias to a name that is nowhere.
fn form_typed(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/www").press(&["e", "Ctrl-u"]).type_text("gone.example.org");
    deck
}

fn review_ptr(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["a", "Tab", "Tab", "Tab"]).type_text("10.0.0.7").press(&["Enter"]).answer();
    deck.press(&["p"]).answer();
    deck
}

fn delete_ptr(size: (u16, u16)) -> Deck {
    let mut deck = review_ptr(size);
    let address = record_of(b"/coredns/org/example/gw/x1", br#"{"host":"10.0.0.1"}"#, 8843);
    deck.press(&["Esc", "Esc"]);
    deck.send(Msg::Feed(FeedMsg::Changes {
        revision: Revision(8843),
        events: vec![Event::Put(address)],
        at: noon(),
    }));
    deck.go("/coredns/org/example/gw/x1").press(&["d"]).answer().answer();
    deck
}

fn delete_comparing(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.slow = true;
    deck.go("/coredns/io/gcr/x2").press(&["d"]).answer();
    deck
}

fn delete_stale(size: (u16, u16)) -> Deck {
    let mut deck = stale(size);
    deck.press(&[":"]).type_text("rm /coredns/io/gcr/x2").press(&["Enter"]).answer();
    deck
}

fn delete_managed(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/sale/048b0377").press(&["d"]).answer();
    deck
}

/// Deleting the value that breaks a zone mends it.
fn delete_mended(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/org/example/broken").press(&["d"]).answer();
    deck
}

/// One server agrees, one answers something else, and one is still asked.
fn verify(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.model.session.servers.push("[2001:db8::53]:1053".parse().unwrap());
    deck.go("gcr.io").press(&["V"]);
    let request = deck.verifying.unwrap();
    let told = |record: &str| Told { section: Section::Answer, record: record.to_owned() };
    let difference = Difference {
        status: Some((DnsStatus::Rcode(Rcode::NOERROR), DnsStatus::Rcode(Rcode::SERVFAIL))),
        missing: vec![told("gcr.io. 60 IN A 172.25.52.217"), told("gcr.io. 60 IN A 172.25.52.218")],
        extra: vec![],
    };
    let compared = |kind, agreement| Compared { kind, agreement: Some(agreement), silence: None };
    let [first, second] = ["10.96.0.10:53", "10.96.0.11:53"].map(|server| server.parse().unwrap());
    let agrees = vec![compared(QueryType::A, Agreement::OtherTtl), compared(QueryType::TXT, Agreement::Same)];
    deck.send(Msg::Verified(request, first, agrees));
    let differs = vec![compared(QueryType::A, Agreement::Different(difference))];
    deck.send(Msg::Verified(request, second, differs));
    deck
}

/// Two records, one of their names, and what lies below it.
fn marks(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io")
        .press(&[" "])
        .go("/coredns/org/example/mx1")
        .press(&[" ", " "])
        .go("/coredns/io/gcr/x2");
    deck
}

fn marks_range(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("/coredns/net/shop/web/x3").press(&["v", "j", "j"]);
    deck
}

fn bulk_ttl(size: (u16, u16)) -> Deck {
    let mut deck = marks(size);
    deck.press(&["b", "Tab", "Tab"]).type_text("soon").press(&["Enter"]);
    deck
}

fn bulk_move(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("gcr.io").press(&["b", "m", "Tab", "Ctrl-u"]).type_text("registry.example.org");
    deck
}

fn confirm_ttl(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("web.shop.net").press(&["b", "Tab", "Tab"]).type_text("300").press(&["Enter"]).answer();
    deck.type_text("/coredns/net/sh");
    deck
}

/// A name with a value that does not decode, and one that has the TTL already.
fn confirm_left_out(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.go("example.org").press(&["b", "Tab", "Tab"]).type_text("300").press(&["Enter"]).answer();
    deck
}

/// A move with the records that point to it.
fn confirm_move(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.send(Msg::Feed(FeedMsg::Changes {
        revision: Revision(8850),
        events: vec![Event::Put(record_of(b"/coredns/net/mirror/x1", br#"{"host":"gcr.io"}"#, 8850))],
        at: noon(),
    }));
    deck.go("gcr.io").press(&["b", "m", "Tab", "Ctrl-u"]).type_text("registry.example.org");
    deck.press(&["Enter"]).answer();
    deck
}

/// A restore: creations under new leases, and a key that is put over another value.
fn confirm_grants(size: (u16, u16)) -> Deck {
    use crate::{
        keys::LeaseId,
        plan::{Challenge, Grant, Intent, Purpose, Wish},
    };
    let key = |tail: &str| super::deck::scope().key(format!("/coredns/{tail}").as_bytes()).unwrap();
    let lease = LeaseId::new(0x77).unwrap();
    let create = |number: u8| Wish::Create {
        key: key(&format!("io/ghcr/x{number}")),
        value: format!(r#"{{"host":"10.4.0.{number}"}}"#).into_bytes().into(),
        lease: (number > 2).then_some(lease),
    };
    let mut wishes: Vec<Wish> = (1..=4).map(create).collect();
    wishes.push(Wish::Update {
        key: key("io/quay"),
        before: br#"{"host":"172.25.52.220","ttl":3600}"#[..].into(),
        value: br#"{"host":"172.25.52.221","ttl":3600}"#[..].into(),
    });
    let intent = Intent::Bulk {
        purpose: Purpose::Restore,
        challenge: Challenge::subtree(&key("io")),
        wishes,
        grants: vec![Grant { lease, ttl: std::time::Duration::from_secs(300) }],
    };
    let mut deck = live(size);
    deck.review(intent).answer();
    deck
}

/// Somebody has deleted everything below two names.
fn alarm_banner(size: (u16, u16)) -> Deck {
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

fn alarm(size: (u16, u16)) -> Deck {
    let mut deck = alarm_banner(size);
    deck.press(&["!"]);
    deck
}

fn alarm_not_saved(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.send(Msg::Feed(FeedMsg::Lost { failure: unreachable(), at: noon() }));
    let mut index = crate::index::Index::new(super::deck::scope());
    index.listed();
    let (revision, at) = (Revision(8_900), noon());
    deck.send(Msg::Feed(FeedMsg::Relisted { index: Box::new(index), revision, at, asked: false }));
    let (request, ..) = deck.rescued.take().unwrap();
    deck.send(Msg::Rescued(
        request,
        Saving::Failed("/var/lib/coredeck/rescued: no space left on device".into()),
    ));
    deck.press(&["!"]);
    deck
}

/// Some of what is away had leases, of which one lives.
fn alarm_leases(size: (u16, u16)) -> Deck {
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

fn alarm_way_back(size: (u16, u16)) -> Deck {
    let mut deck = alarm_leases(size);
    // Without a lease: a new one would have another id in every picture.
    deck.press(&["l", "Enter"]).answer();
    deck
}

fn backup_made(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    let file = "/var/lib/coredeck/backups/coredns-3f2a9c1e77d04b15-20260301T050311Z.jsonl.gz".to_owned();
    let (made, done) = (noon(), noon());
    deck.send(Msg::BackedUp(Ok(crate::app::BackedUp { file, keys: 42, made, done })));
    deck
}

fn finding_marked(size: (u16, u16)) -> Deck {
    let mut deck = live(size);
    deck.press(&["/"]).type_text("web").press(&["Ctrl-t"]);
    deck
}
