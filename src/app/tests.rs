//! Deck driven by keys alone: no terminal, no store, no clock. Plans are made from the shown records.
mod alarm;
mod bulk;
mod burst;
mod clusters;
mod evidence;
mod explained;
mod health;
mod leader;
mod losses;
mod past;
mod rules;
mod served;

use super::*;
use crate::{
    dns::{Name, Serving, lint::Circumstances},
    etcdctl::Connection,
    failure::Failure,
    index::{Batch, Index},
    keys::{ClusterId, KeyValue, Revision, Scope, ScopedKey, TENANTS},
    ops::PrepareError,
    plan::{Gathered, Intent, Outcome, Surroundings},
    power::{Authentication, Credential, Extent, Power},
    store::{ClusterStatus, Event, Neighbour, NeighbourKeys, WriteAccess},
};
use crossterm::event::{KeyCode, KeyEvent, KeyModifiers};
use jiff::Timestamp;
use proptest::prelude::*;

fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

fn key(text: &str) -> ScopedKey {
    scope().key(text.as_bytes()).unwrap()
}

fn record(text: &str, value: &str, revision: i64) -> KeyValue {
    KeyValue {
        key: key(text),
        value: value.as_bytes().into(),
        create_revision: Revision(revision),
        mod_revision: Revision(revision),
        version: 1,
        lease: None,
    }
}

/// A deck that shows a few records, and everything that it asked for since.
#[derive(Debug)]
struct Driven {
    model: Model,
    /// Plans that were confirmed.
    applied: Vec<crate::plan::Confirmed>,
    effects: Vec<String>,
    /// Requests for plans that were not answered yet.
    asked: Vec<(RequestId, Intent)>,
    answers: bool,
    /// Questions to the rules that were not answered yet.
    rules: Vec<Effect>,
    verifying: Option<RequestId>,
    /// Orders that were not worked out yet.
    working: Vec<(RequestId, Box<crate::bulk::BulkEdit>, crate::index::Records)>,
    /// The shown picture that was sent to be compared with a list.
    shown: Option<PresentPicture>,
}

fn records() -> Vec<KeyValue> {
    vec![
        record("/coredns/io/gcr/x1", r#"{"host":"10.0.0.1","ttl":60}"#, 3),
        record("/coredns/io/gcr/x2", r#"{"host":"10.0.0.2"}"#, 4),
        record("/coredns/io/quay", r#"{"host":"10.0.0.3"}"#, 5),
        record("/coredns/org/example/www", r#"{"host":"gcr.io"}"#, 6),
    ]
}

impl Driven {
    fn new(read_only: bool) -> Self {
        let status = ClusterStatus {
            cluster: ClusterId(7),
            revision: Revision(9),
            endpoint: "in memory".into(),
            version: None,
            members: vec![],
            access: WriteAccess::Write,
            user: None,
        };
        let session = DeckSession {
            scope: scope(),
            label: "test".into(),
            found: None,
            found_warning: None,
            meeting: None,
            if_another: None,
            profile: None,
            profiles: vec![],
            status,
            read_only: read_only.then(|| "asked for".to_owned()),
            journal: "nowhere".into(),
            neighbours: None,
            keys: None,
            power: None,
            rescue_all: false,
            zones: vec![],
            serving: Serving::new(scope(), vec![]),
            every_top: true,
            circumstances: Circumstances::default(),
            given: vec![],
            etcdctl: Some(Connection {
                endpoints: vec!["https://10.0.0.11:2379".to_owned()],
                ..Connection::default()
            }),
            servers: vec![],
            verify_after: false,
        };
        let model = Model::new(session, (80, 24), None);
        let mut deck = Self {
            model,
            applied: vec![],
            effects: vec![],
            asked: vec![],
            answers: true,
            rules: vec![],
            verifying: None,
            working: vec![],
            shown: None,
        };
        let total = Some(records().len() as u64);
        deck.send(Msg::Feed(FeedMsg::Page { batch: Batch::encode(&scope(), records()), total }));
        deck.send(Msg::Feed(FeedMsg::Listed { revision: Revision(9), at: Timestamp::UNIX_EPOCH }));
        deck.confirmed(9);
        deck
    }

    /// Brings the progress of the watch up to a revision.
    fn confirmed(&mut self, revision: i64) {
        let (revision, by) = (Revision(revision), Evidence::Watch);
        self.send(Msg::Feed(FeedMsg::Confirmed { revision, at: Timestamp::UNIX_EPOCH, by }));
    }

    /// Reads everything again, as the feed does it.
    fn read_again(&mut self, index: Index, revision: Revision, at: Timestamp) {
        self.read_again_after(None, index, revision, at);
    }

    /// Does the same; `back` says that etcd has gone back meanwhile.
    fn read_again_after(
        &mut self,
        back: Option<RevisionWentBack>,
        index: Index,
        revision: Revision,
        at: Timestamp,
    ) {
        let seen = match &self.model.feed {
            Liveness::Live { revision, .. } | Liveness::Stale { revision: Some(revision), .. } => {
                Some(*revision)
            }
            Liveness::Loading { .. } | Liveness::Stale { revision: None, .. } => None,
        };
        self.send(Msg::Feed(FeedMsg::Relisting));
        let PresentPicture { records, followed_to } = self.shown.take().unwrap();
        let differences = records.differences(index.records(), revision, followed_to);
        let index = Box::new(index);
        let asked = false;
        self.send(Msg::Feed(FeedMsg::Relisted { index, revision, at, asked, differences, seen, back }));
        self.confirmed(revision.0);
    }

    fn send(&mut self, msg: Msg) {
        for effect in update(&mut self.model, msg) {
            self.effects.push(match &effect {
                Effect::Worker(task) => format!("{task:?}"),
                Effect::Terminal(task) => format!("{task:?}"),
                Effect::Leave(leaving) => format!("{leaving:?}"),
            });
            match effect {
                Effect::Worker(WorkerTask::Apply(_, confirmed)) => self.applied.push(confirmed),
                Effect::Worker(WorkerTask::Plan(request, intent)) => {
                    self.asked.push((request, intent));
                    if self.answers {
                        self.answer();
                    }
                }
                Effect::Worker(WorkerTask::Work(request, order, records)) => {
                    self.working.push((request, order, records));
                }
                Effect::Worker(WorkerTask::Verify(request, ..)) => self.verifying = Some(request),
                Effect::Worker(WorkerTask::Compare(shown)) => self.shown = Some(shown),
                Effect::Worker(
                    WorkerTask::Answer(..)
                    | WorkerTask::Foresee(..)
                    | WorkerTask::Lint(..)
                    | WorkerTask::LintTyped(..),
                ) => {
                    self.rules.push(effect);
                }
                _ => {}
            }
        }
    }

    /// Answers all requests for plans with what the index holds.
    fn answer(&mut self) {
        for (request, intent) in std::mem::take(&mut self.asked) {
            let wants = intent.wants(&scope());
            let mut found: Vec<KeyValue> = wants
                .keys
                .iter()
                .filter_map(|key| self.model.index.get(key.as_bytes()))
                .chain(wants.range.iter().flat_map(|range| self.model.index.records().range(range)))
                .collect();
            found.sort_by(|a, b| a.key.cmp(&b.key));
            let around = Surroundings { scope_keys: 4, zones: vec![] };
            let below = wants.counted.map_or(0, |range| self.model.index.records().count(&range) as u64);
            let gathered = Gathered { cluster: ClusterId(7), at: Revision(9), found, below, around };
            let planned = intent.plan(gathered, &scope()).map_err(PrepareError::from);
            self.send(Msg::Planned(request, planned));
        }
    }

    fn press(&mut self, code: KeyCode) {
        self.press_with(KeyModifiers::NONE, code, false);
    }

    fn press_with(&mut self, modifiers: KeyModifiers, code: KeyCode, in_burst: bool) {
        self.send(Msg::Key(Key { event: KeyEvent::new(code, modifiers), in_burst }));
    }

    fn type_text(&mut self, text: &str) {
        for c in text.chars() {
            self.press(KeyCode::Char(c));
        }
    }

    /// A deck with the cursor in the records of gcr.io.
    fn at_gcr(read_only: bool) -> Self {
        let mut deck = Self::new(read_only);
        deck.type_text(":go gcr.io");
        deck.press(KeyCode::Enter);
        deck.press(KeyCode::Tab);
        assert_eq!(deck.model.selected().map(|record| record.key.clone()), Some(key("/coredns/io/gcr/x1")));
        deck
    }

    /// The dialog of a change that has to be typed for.
    fn delete(&self) -> &overlay::ChangeDialog {
        match self.model.overlays.last() {
            Some(overlay::Overlay::Change(delete)) if delete.consent.is_typed() => delete,
            other => panic!("no deletion is open but {other:?}"),
        }
    }

    fn consent(&self) -> &overlay::TypedConsent {
        match &self.delete().consent {
            overlay::ConsentBy::Text(consent) => consent,
            overlay::ConsentBy::Key => unreachable!("a deletion is typed for"),
        }
    }

    /// The dialog of a change that a key agrees to, if it is open.
    fn review(&self) -> Option<&overlay::ChangeDialog> {
        let open = self.model.overlays.last().and_then(overlay::Overlay::change);
        open.filter(|open| !open.consent.is_typed())
    }

    /// Request of the change that is being made.
    fn making(&self) -> RequestId {
        let open = self.model.overlays.last().and_then(overlay::Overlay::change);
        open.and_then(|open| open.working).unwrap().request
    }

    fn stored(&self) -> String {
        let [confirmed] = &self.applied[..] else { panic!("{} plans were applied", self.applied.len()) };
        format!("{:?}", confirmed.plan().changes())
    }
}

#[test]
fn a_record_is_deleted_by_its_exact_key_and_not_by_less() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('d'));
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty(), "Enter alone deletes nothing");
    deck.type_text("/coredns/io/gcr/x");
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty(), "a part of the key deletes nothing");
    deck.type_text("1");
    deck.press(KeyCode::Enter);
    assert_eq!(deck.applied.len(), 1);
    deck.press(KeyCode::Enter);
    assert_eq!(deck.applied.len(), 1, "a second Enter must not delete again");
}

#[test]
fn the_text_for_a_subtree_is_another_than_the_text_for_a_record() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('D'));
    assert_eq!(deck.delete().preview.plan().unwrap().challenge(), "/coredns/io/gcr/");
    deck.type_text("/coredns/io/gcr");
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty());
    deck.type_text("/");
    deck.press(KeyCode::Enter);
    assert_eq!(deck.applied[0].plan().deletes(), 2);
}

#[test]
fn a_paste_confirms_only_with_the_digits_that_are_drawn_after_it() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('d'));
    deck.send(Msg::Paste("/coredns/io/gcr/x1\n".into()));
    assert!(deck.applied.is_empty());
    // A terminal that does not mark pastes sends the same as keys in one piece.
    deck.press_with(KeyModifiers::NONE, KeyCode::Enter, true);
    assert!(deck.applied.is_empty());
    assert!(deck.consent().note.as_ref().unwrap().contains("as a paste does"), "it says why");
    deck.press(KeyCode::Enter);
    deck.type_text("99");
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty(), "neither another Enter nor other digits");
    let asked = deck.consent().by_hand.asked().unwrap().to_owned();
    deck.press_with(KeyModifiers::CONTROL, KeyCode::Char('u'), false);
    // A slow line may bring what a person typed in one piece as well.
    for c in asked.chars() {
        deck.press_with(KeyModifiers::NONE, KeyCode::Char(c), true);
    }
    deck.press_with(KeyModifiers::NONE, KeyCode::Enter, true);
    assert_eq!(deck.applied.len(), 1, "digits that were drawn are a person's");
}

#[test]
fn an_input_method_that_was_left_on_opens_the_palette_and_confirms_nothing() {
    let mut deck = Driven::new(false);
    deck.type_text("：ｇｏ　ｇｃｒ。ｉｏ");
    deck.press(KeyCode::Enter);
    deck.press(KeyCode::Tab);
    assert_eq!(deck.model.selected().map(|record| record.key.clone()), Some(key("/coredns/io/gcr/x1")));
    deck.type_text("ｄ");
    assert!(deck.model.overlays.is_empty(), "what changes is not guessed");
    let said = &deck.model.message.as_ref().unwrap().text;
    assert!(said.contains("input method") && said.contains("press d"), "{said}");
    deck.type_text("d／coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty());
    assert!(deck.consent().note.as_ref().unwrap().contains("switch the input method off"));
}

#[test]
fn what_was_pasted_and_taken_out_again_leaves_no_doubt() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('d'));
    deck.send(Msg::Paste("/coredns/io/gcr/x2".into()));
    deck.press(KeyCode::Enter);
    deck.press_with(KeyModifiers::CONTROL, KeyCode::Char('u'), false);
    deck.type_text("/coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    assert_eq!(deck.applied.len(), 1);
}

#[test]
fn a_dialog_that_was_not_drawn_since_the_screen_became_smaller_is_agreed_to_by_nobody() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('d'));
    deck.type_text("/coredns/io/gcr/x1");
    deck.send(Msg::Resize { width: 20, height: 5 });
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty());
    assert_eq!(deck.consent().typed.value(), "/coredns/io/gcr/x1", "what was typed stays");
    deck.model.drawn(None, true);
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty(), "drawn without room for it");
    deck.model.drawn(None, false);
    deck.press(KeyCode::Enter);
    assert_eq!(deck.applied.len(), 1);
}

#[test]
fn another_cluster_at_the_same_endpoint_takes_every_confirmation_away() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('d'));
    deck.type_text("/coredns/io/gcr/x1");
    let failure = Failure::WrongCluster { found: ClusterId(8).to_string(), pinned: ClusterId(7).to_string() };
    deck.send(Msg::Feed(FeedMsg::Lost { failure, at: Timestamp::UNIX_EPOCH }));
    for _ in 0..3 {
        deck.press(KeyCode::Enter);
    }
    assert!(deck.delete().preview.plan().is_none(), "nothing is left to confirm");
    deck.type_text("/coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty());
    assert!(!deck.model.session.writable());
    // The message tells how to accept it: not here, but by opening the deck again.
    deck.model.overlays.clear();
    deck.type_text(":cluster");
    deck.press(KeyCode::Enter);
    let said = &deck.model.message.as_ref().unwrap().text;
    assert!(said.contains("open it again to accept it"), "{said}");
}

#[test]
fn another_cluster_takes_a_review_away_as_well() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('e'));
    deck.press(KeyCode::Backspace);
    deck.type_text("8");
    deck.press(KeyCode::Enter);
    assert!(deck.review().unwrap().preview.plan().is_some());
    let failure = Failure::WrongCluster { found: ClusterId(8).to_string(), pinned: ClusterId(7).to_string() };
    deck.send(Msg::Feed(FeedMsg::Lost { failure, at: Timestamp::UNIX_EPOCH }));
    deck.press(KeyCode::Esc);
    assert!(deck.review().unwrap().preview.plan().is_none(), "it was planned for the other cluster");
    deck.press(KeyCode::Char('y'));
    assert!(deck.applied.is_empty());
}

#[test]
fn a_list_that_was_read_again_has_a_review_above_its_form_planned_again() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('e'));
    deck.press(KeyCode::Backspace);
    deck.type_text("8");
    deck.press(KeyCode::Enter);
    assert!(deck.review().is_some());
    deck.answers = false;
    let mut index = Index::new(scope());
    index.absorb(Batch::encode(&scope(), records()));
    index.listed();
    deck.read_again(index, Revision(12), Timestamp::UNIX_EPOCH);
    assert!(matches!(&deck.asked[..], [(_, Intent::Edit { .. })]), "{:?}", deck.asked);
}

#[test]
fn a_change_while_the_dialog_is_open_clears_the_text_and_says_so() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('D'));
    deck.type_text("/coredns/io/gcr/");
    let newcomer = record("/coredns/io/gcr/x3", "{}", 10);
    let change =
        |events, revision| Msg::Feed(FeedMsg::Changes { revision, events, at: Timestamp::UNIX_EPOCH });
    deck.send(change(vec![Event::Put(newcomer)], Revision(10)));
    assert_eq!(deck.consent().typed.value(), "");
    assert!(deck.consent().note.as_ref().unwrap().contains("2 keys were shown, now it is 3"));
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty());
    // A change that does not concern it leaves the text alone.
    deck.type_text("/coredns/io/gcr/");
    deck.send(change(vec![Event::Put(record("/coredns/io/other", "{}", 11))], Revision(11)));
    assert_eq!(deck.consent().typed.value(), "/coredns/io/gcr/");
}

#[test]
fn nothing_can_be_confirmed_while_the_count_is_not_known() {
    let mut deck = Driven::at_gcr(false);
    deck.answers = false;
    deck.press(KeyCode::Char('d'));
    deck.type_text("/coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty());
    deck.answer();
    assert_eq!(deck.consent().typed.value(), "/coredns/io/gcr/x1", "what was typed meanwhile stays");
    deck.press(KeyCode::Enter);
    assert_eq!(deck.applied.len(), 1);
}

#[test]
fn a_second_address_gets_the_next_leaf_and_exactly_these_bytes() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('a'));
    for _ in 0..3 {
        deck.press(KeyCode::Tab);
    }
    deck.type_text("172.25.52.217");
    deck.press(KeyCode::Tab);
    deck.type_text("60");
    deck.press(KeyCode::Enter);
    assert!(deck.review().is_some());
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty(), "the press that opened the review does not save");
    deck.send(Msg::Typed("y".to_owned()));
    assert!(deck.applied.is_empty(), "nor does a y of a paste");
    assert!(deck.model.message.as_ref().unwrap().text.contains("nothing was sent; press y again"));
    deck.press(KeyCode::Char('y'));
    assert!(deck.stored().contains("/coredns/io/gcr/x3"), "{}", deck.stored());
    let crate::plan::Change::Create { value, .. } = &deck.applied[0].plan().changes()[0] else { panic!() };
    assert_eq!(&**value, br#"{"host":"172.25.52.217","ttl":60}"#);
}

#[test]
fn a_record_at_the_name_itself_moves_into_a_leaf_when_a_second_is_added() {
    let mut deck = Driven::new(false);
    deck.type_text(":go quay.io");
    deck.press(KeyCode::Enter);
    deck.press(KeyCode::Char('a'));
    let Some(overlay::Overlay::Form(form)) = deck.model.overlays.last() else { panic!() };
    assert_eq!((form.name.value(), form.leaf.value(), form.move_own), ("quay.io", "x2", true));
    for _ in 0..4 {
        deck.press(KeyCode::Tab);
    }
    deck.type_text("10.0.0.9");
    deck.press(KeyCode::Enter);
    deck.press(KeyCode::Char('y'));
    let stored = deck.stored();
    assert!(stored.contains("Create { key: /coredns/io/quay/x2"), "{stored}");
    assert!(
        stored.contains("Move { before: /coredns/io/quay@5") && stored.contains("to: /coredns/io/quay/x1")
    );
}

#[test]
fn when_somebody_was_faster_nothing_that_was_typed_is_lost() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('e'));
    deck.press(KeyCode::Backspace);
    deck.type_text("7");
    let theirs = KeyValue { mod_revision: Revision(10), version: 2, ..record("/coredns/io/gcr/x1", "{}", 3) };
    deck.send(Msg::Feed(FeedMsg::Changes {
        revision: Revision(10),
        events: vec![Event::Put(theirs)],
        at: Timestamp::UNIX_EPOCH,
    }));
    deck.press(KeyCode::Enter);
    assert!(matches!(deck.model.overlays.last(), Some(overlay::Overlay::Conflict(_))));
    deck.press(KeyCode::Char('e'));
    let Some(overlay::Overlay::Form(form)) = deck.model.overlays.last() else { panic!() };
    assert_eq!(form.input(overlay::FormField::Of(crate::dns::Field::Host)).unwrap().value(), "10.0.0.7");
    deck.press(KeyCode::Enter);
    deck.press(KeyCode::Char('y'));
    assert!(deck.stored().contains("x1@10"), "it goes over their value, knowingly");
}

#[test]
fn a_failed_change_keeps_the_form() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('e'));
    deck.press(KeyCode::Backspace);
    deck.type_text("8");
    deck.press(KeyCode::Enter);
    deck.press(KeyCode::Char('y'));
    let review = deck.review().unwrap();
    let request = review.working.unwrap().request;
    let why = crate::failure::Failure::NoSpace;
    let outcome = Outcome::NothingChanged { why };
    deck.send(Msg::Applied(request, Applied { outcome, entry: None, journal_trouble: None }));
    assert!(matches!(deck.model.overlays.last(), Some(overlay::Overlay::Notice(_))));
    deck.press(KeyCode::Esc);
    assert!(matches!(deck.model.overlays.last(), Some(overlay::Overlay::Form(_))));
}

#[test]
fn escape_never_quits_and_q_does() {
    let mut deck = Driven::new(false);
    for _ in 0..5 {
        deck.press(KeyCode::Esc);
    }
    assert!(deck.effects.iter().all(|effect| effect != "Quit"));
    deck.press(KeyCode::Char('q'));
    assert_eq!(deck.effects.last().map(String::as_str), Some("Quit"));
}

#[test]
fn another_cluster_behind_the_same_endpoint_makes_the_session_read_only() {
    let mut deck = Driven::at_gcr(false);
    let status = ClusterStatus { cluster: ClusterId(8), ..deck.model.session.status.clone() };
    deck.send(Msg::Status(Ok(status)));
    assert!(!deck.model.session.writable());
    deck.press(KeyCode::Esc);
    deck.press(KeyCode::Char('d'));
    assert!(deck.model.overlays.is_empty());
}

#[test]
fn the_palette_counts_what_a_typed_rm_matches_now() {
    let mut deck = Driven::new(false);
    deck.type_text(":rm -r gcr.io");
    let Some(overlay::Overlay::Palette(palette)) = deck.model.overlays.last() else { panic!() };
    let counted = palette.counted(&scope(), &deck.model.index, &deck.model.feed);
    assert_eq!(counted, Some(overlay::MatchCount::Keys(2)));
    assert!(Name::parse("gcr.io").is_ok());
    deck.press(KeyCode::Enter);
    assert_eq!(deck.delete().preview.plan().unwrap().challenge(), "/coredns/io/gcr/");
}

#[test]
fn the_palette_makes_one_backup_at_a_time() {
    let mut deck = Driven::new(true);
    let said = |deck: &Driven| deck.model.message.as_ref().unwrap().text.clone();
    deck.type_text(":backup");
    deck.press(KeyCode::Enter);
    assert_eq!(said(&deck), "saving the scope to a file");
    deck.type_text(":backup");
    deck.press(KeyCode::Enter);
    assert_eq!(said(&deck), "a backup is being made already");
    deck.send(Msg::BackedUp(Err("the disk is full".into())));
    assert_eq!(said(&deck), "no backup was made: the disk is full");
    deck.type_text(":backup");
    deck.press(KeyCode::Enter);
    assert_eq!(said(&deck), "saving the scope to a file");
}

fn any_key() -> impl Strategy<Value = (KeyModifiers, KeyCode)> {
    let letters = prop_oneof![
        3 => prop::sample::select("jkhlgGnN/:?aeiEdDvyYrqcfxpsVobU *".chars().collect::<Vec<_>>()),
        1 => prop::char::range(' ', '~'),
    ];
    prop_oneof![
        6 => letters.prop_map(|c| (KeyModifiers::NONE, KeyCode::Char(c))),
        3 => prop::sample::select(vec![
            KeyCode::Enter, KeyCode::Esc, KeyCode::Tab, KeyCode::BackTab, KeyCode::Up, KeyCode::Down,
            KeyCode::Left, KeyCode::Right, KeyCode::Backspace, KeyCode::PageDown, KeyCode::F(1), KeyCode::F(2),
        ])
        .prop_map(|code| (KeyModifiers::NONE, code)),
        1 => prop::sample::select("oduczlw".chars().collect::<Vec<_>>())
            .prop_map(|c| (KeyModifiers::CONTROL, KeyCode::Char(c))),
    ]
}

/// Keys, and pieces that are near the confirming text, so that the sequences get somewhere.
fn any_input() -> impl Strategy<Value = Vec<Vec<(KeyModifiers, KeyCode)>>> {
    let text = |text: &'static str| {
        Just(text.chars().map(|c| (KeyModifiers::NONE, KeyCode::Char(c))).collect::<Vec<_>>())
    };
    let piece = prop_oneof![
        12 => any_key().prop_map(|key| vec![key]),
        1 => text(":rm /coredns/io/gcr/x1"),
        1 => text("/coredns/io/gcr/x"),
        1 => text("/coredns/io/gcr"),
        1 => text(":go gcr.io"),
        1 => text(":etcdctl del / coredns/io/gcr"),
        1 => text("10.0.0.5"),
    ];
    prop::collection::vec(piece, 1..30)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn no_keys_whatever_apply_anything_in_a_read_only_session(input in any_input()) {
        let mut deck = Driven::at_gcr(true);
        for (modifiers, code) in input.into_iter().flatten() {
            deck.press_with(modifiers, code, false);
        }
        prop_assert!(deck.applied.is_empty());
        prop_assert!(deck.asked.is_empty() && !deck.effects.iter().any(|effect| effect.starts_with("Plan")));
    }

    #[test]
    fn no_paste_however_it_is_cut_into_pieces_deletes_anything(
        before in 0..3_usize,
        cuts in prop::collection::vec((1..20_usize, any::<bool>()), 1..30),
        behind in "[\n]{1,4}[ -~\n]{0,12}",
    ) {
        // Single keys of it may look typed, as those behind a pause do. At least one piece has two.
        prop_assume!(cuts.iter().any(|(keys, _)| *keys > 1));
        let mut deck = Driven::at_gcr(false);
        deck.type_text(["d", "D", ":rm /coredns/io/gcr/x1"].get(before).unwrap());
        if before == 2 {
            deck.press(KeyCode::Enter);
        }
        let key = if before == 1 { "/coredns/io/gcr/" } else { "/coredns/io/gcr/x1" };
        let text: Vec<char> = format!("{key}{behind}").chars().collect();
        let mut cuts = cuts.into_iter().cycle();
        let (mut rest, mut in_one_piece) = (&text[..], false);
        while let Some((keys, looks_typed)) = cuts.next().filter(|_| !rest.is_empty()) {
            let (piece, left) = rest.split_at(keys.min(rest.len()));
            in_one_piece |= piece.len() > 1;
            for c in piece {
                let code = if *c == '\n' { KeyCode::Enter } else { KeyCode::Char(*c) };
                deck.press_with(KeyModifiers::NONE, code, piece.len() > 1 || !looks_typed);
            }
            rest = left;
            if !deck.applied.is_empty() {
                prop_assert!(!in_one_piece, "{:?}", text);
                break;
            }
        }
    }

    #[test]
    fn nothing_is_destroyed_without_its_exact_key_being_typed(input in any_input()) {
        let mut deck = Driven::at_gcr(false);
        for (modifiers, code) in input.into_iter().flatten() {
            // The dialog says what it would take; whenever that is not what stands in the field, Enter must do
            // nothing.
            let exact = match deck.model.overlays.last().and_then(overlay::Overlay::change) {
                Some(overlay::ChangeDialog { consent: overlay::ConsentBy::Text(text), preview, .. }) => {
                    preview.plan().is_some_and(|plan| plan.challenge() == text.typed.value())
                }
                _ => false,
            };
            let before = deck.applied.len();
            deck.press_with(modifiers, code, false);
            let destroyed = deck.applied[before..].iter().any(|confirmed| confirmed.plan().destroys());
            prop_assert!(!destroyed || exact);
        }
    }
}

#[test]
fn what_could_not_be_found_out_again_makes_nobody_forget_what_a_credential_could_destroy() {
    let mut deck = Driven::new(false);
    let learn = |deck: &mut Driven, keys: NeighbourKeys, reach: Extent| {
        let neighbour = Neighbour { tenant: *TENANTS.first().unwrap(), keys };
        let power =
            Power { authentication: Authentication::Off, credential: Credential::Nothing, reach, keys: None };
        deck.send(Msg::Power(power));
        let census = losses::census(0, [], vec![neighbour]);
        deck.send(losses::looked(census, vec![], false));
        deck.model.session.banner(200).unwrap()
    };
    let nothing = || (NeighbourKeys::Failed(Failure::NoSpace), Extent::Unknown("no answer".to_owned()));
    let (keys, reach) = nothing();
    let unknown = learn(&mut deck, keys, reach);
    let known = learn(&mut deck, NeighbourKeys::Counted(3), Extent::Everything);
    assert!(known.contains("can delete all keys") && known != unknown, "{known} {unknown}");
    let (keys, reach) = nothing();
    assert_eq!(learn(&mut deck, keys, reach), known);
    // A newer result is shown.
    assert_ne!(learn(&mut deck, NeighbourKeys::Counted(0), Extent::Everything), known);
}
