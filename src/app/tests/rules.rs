//! Rules in the deck: the times at which they are asked, and the use of their answers, which are made up here.
use super::{
    super::rules::{Answered, KnownImpact, Linting, Reads, Traced, TypedFindings},
    *,
};
use crate::dns::{
    Answer, AnswerLoss, Companion, Companions, Impact, KeyContent, LeaseLeft, QueryType, Question,
    RecordSource as _, Why,
    lint::{Finding, Fix, FixStep, Severity, Trap},
};
use std::{
    net::IpAddr,
    ops::ControlFlow,
    sync::{Arc, atomic::AtomicBool},
    time::Duration,
};

fn changes(events: Vec<Event>, revision: i64) -> Msg {
    Msg::Feed(FeedMsg::Changes { revision: Revision(revision), events, at: Timestamp::UNIX_EPOCH })
}

fn answer(name: &str, outcome: crate::dns::AnswerOutcome) -> Answer {
    Answer {
        question: Question::new(name, QueryType::A).unwrap(),
        zone: None,
        outcome,
        answer: vec![],
        authority: vec![],
        additional: vec![],
        why: Why::Records,
        keys: vec![],
        asks: vec![],
    }
}

/// Returns the reads of a question about everything below a key.
fn reads(below: &[u8], deck: &Driven) -> Reads {
    let stop = AtomicBool::new(false);
    let traced = Traced::new(deck.model.index.records(), &stop);
    traced.below(below, &mut |record| {
        if let Some(lease) = record.lease {
            assert_eq!(traced.lease_left(lease), LeaseLeft::Unknown);
        }
        ControlFlow::Continue(())
    });
    traced.finish().unwrap()
}

impl Driven {
    fn asked_answers(&self) -> Vec<(RequestId, String)> {
        let asked = |effect: &Effect| match effect {
            Effect::Worker(WorkerTask::Answer(request, _, name)) => Some((*request, name.to_string())),
            _ => None,
        };
        self.rules.iter().filter_map(asked).collect()
    }

    fn asked_plans(&self) -> Vec<RequestId> {
        let asked = |effect: &Effect| match effect {
            Effect::Worker(WorkerTask::Foresee(request, ..)) => Some(*request),
            _ => None,
        };
        self.rules.iter().filter_map(asked).collect()
    }

    fn looks(&self) -> Vec<RequestId> {
        let asked = |effect: &Effect| match effect {
            Effect::Worker(WorkerTask::Lint(request, _)) => Some(*request),
            _ => None,
        };
        self.rules.iter().filter_map(asked).collect()
    }

    fn answered(&mut self, request: RequestId, below: &[u8]) {
        let answers = vec![answer("gcr.io", crate::dns::AnswerOutcome::NoError)];
        let reads = reads(below, self);
        self.send(Msg::Answered(request, Box::new(Answered { answers, zones_are_guessed: false, reads })));
    }

    /// Answers the last plan's foresight: gcr.io will fail.
    fn foreseen(&mut self, companions: Vec<Companion>) {
        let request = *self.asked_plans().last().unwrap();
        let foreseen = KnownImpact {
            impact: Impact::default(),
            answers: vec![],
            findings: vec![],
            managed: None,
            companions: Companions { list: companions, left_out: 0 },
            loss: Some(AnswerLoss::Name(Name::parse("gcr.io").unwrap())),
            zones_are_guessed: false,
            reads: reads(b"/coredns/io/", self),
        };
        self.send(Msg::Foreseen(request, Arc::new(foreseen)));
    }

    /// Has the records looked at, as they were when that was asked for.
    fn found(&mut self) {
        let last = self.rules.iter().rev().find_map(|effect| match effect {
            Effect::Worker(WorkerTask::Lint(request, snapshot)) => {
                Some((*request, Linting::look(snapshot, &AtomicBool::new(false)).unwrap()))
            }
            _ => None,
        });
        let (request, findings) = last.unwrap();
        self.send(Msg::Linted(request, Arc::new(findings)));
    }

    fn foresight(&self) -> &super::super::rules::PlanImpact {
        let open = self.model.overlays.iter().rev().find_map(overlay::Overlay::change);
        &open.unwrap().foresight
    }
}

fn finding() -> Finding {
    Finding {
        trap: Trap::T1,
        severity: Severity::Error,
        key: (*b"/coredns/io/gcr/x1").into(),
        names: vec![],
        message: "wrong".into(),
        fix: None,
        advice: vec![],
    }
}

#[test]
fn answers_are_asked_for_only_while_they_are_shown_and_once_for_a_name() {
    let mut deck = Driven::at_gcr(false);
    assert_eq!(deck.asked_answers(), []);
    deck.press(KeyCode::Char('c'));
    let [(request, name)] = &deck.asked_answers()[..] else { panic!("{:?}", deck.asked_answers()) };
    assert_eq!(name, "gcr.io", "a numbered leaf is no name of its own");
    deck.answered(*request, b"/coredns/io/gcr/");
    deck.press(KeyCode::Char('j'));
    deck.press(KeyCode::Tab);
    assert_eq!(deck.asked_answers().len(), 1, "the next leaf is of the same name");
    deck.press(KeyCode::Char('c'));
    deck.type_text(":go quay.io");
    deck.press(KeyCode::Enter);
    assert_eq!(deck.asked_answers().len(), 1, "nobody looks at them any more");
}

#[test]
fn answers_are_asked_for_again_when_what_they_came_from_changes_and_not_for_anything_else() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('c'));
    let request = deck.asked_answers()[0].0;
    deck.answered(request, b"/coredns/io/gcr/");
    deck.send(changes(vec![Event::Put(record("/coredns/org/example/www", "{}", 10))], 10));
    assert_eq!(deck.asked_answers().len(), 1);
    deck.send(changes(vec![Event::Put(record("/coredns/io/gcr/x9", "{}", 11))], 11));
    assert_eq!(deck.asked_answers().len(), 2);
    // While one question is under way, many changes are one more question.
    for revision in 12..20 {
        deck.send(changes(vec![Event::Put(record("/coredns/io/gcr/x9", "{}", revision))], revision));
    }
    assert_eq!(deck.asked_answers().len(), 2);
    let request = deck.asked_answers()[1].0;
    deck.answered(request, b"/coredns/io/gcr/");
    assert_eq!(deck.asked_answers().len(), 3);
    assert!(deck.model.answers.known.is_some(), "what was known stays on the screen meanwhile");
}

#[test]
fn an_answer_that_nobody_waits_for_is_dropped() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('c'));
    let request = deck.asked_answers()[0].0;
    deck.type_text(":answer nowhere.example.org");
    deck.press(KeyCode::Enter);
    deck.answered(request, b"/coredns/io/gcr/");
    assert!(deck.model.answers.known.is_none());
    assert_eq!(deck.asked_answers()[1].1, "nowhere.example.org", "any name can be asked about");
    deck.press(KeyCode::Char('j'));
    deck.type_text(":go quay.io");
    deck.press(KeyCode::Enter);
    assert_eq!(deck.model.answers.name.as_ref().unwrap().to_string(), "quay.io");
}

#[test]
fn the_leases_that_an_answer_needs_are_asked_for_and_then_the_answer_again() {
    let mut deck = Driven::at_gcr(false);
    let leased = KeyValue { lease: crate::keys::LeaseId::new(77), ..record("/coredns/io/gcr/x8", "{}", 10) };
    deck.send(changes(vec![Event::Put(leased)], 10));
    deck.press(KeyCode::Char('c'));
    let request = deck.asked_answers()[0].0;
    deck.answered(request, b"/coredns/io/gcr/");
    assert!(deck.effects.iter().any(|effect| effect.starts_with("Lease")), "{:?}", deck.effects);
    assert_eq!(deck.asked_answers().len(), 1);
    let lease = crate::keys::LeaseId::new(77).unwrap();
    deck.send(Msg::Lease(RequestId(0), lease, Ok(Some(Duration::from_secs(9))), Timestamp::UNIX_EPOCH));
    let Some(Effect::Worker(WorkerTask::Answer(_, snapshot, _))) = deck.rules.last() else {
        panic!("{:?}", deck.rules.last())
    };
    assert_eq!(snapshot.leases[&lease], LeaseLeft::Seconds(9));
}

#[test]
fn nothing_is_worked_out_from_a_list_that_is_not_complete() {
    let mut deck = Driven::new(false);
    deck.model.feed = Liveness::Loading { read: 2, total: Some(4) };
    deck.rules.clear();
    deck.press(KeyCode::Char('c'));
    deck.press(KeyCode::Char('j'));
    assert!(deck.rules.is_empty());
    deck.send(Msg::Feed(FeedMsg::Listed { revision: Revision(9), at: Timestamp::UNIX_EPOCH }));
    assert_eq!(deck.asked_answers().len(), 1);
    assert_eq!(deck.looks().len(), 0, "the look that was asked for before has not come back");
}

#[test]
fn the_records_are_looked_at_once_at_a_time_and_again_after_a_change() {
    let mut deck = Driven::new(false);
    assert_eq!(deck.looks().len(), 1);
    for revision in 10..15 {
        deck.send(changes(vec![Event::Put(record("/coredns/io/gcr/x9", "{}", revision))], revision));
    }
    assert_eq!(deck.looks().len(), 1);
    deck.found();
    assert_eq!(deck.looks().len(), 2);
    deck.found();
    deck.press(KeyCode::Char('j'));
    assert_eq!(deck.looks().len(), 2, "a key press changes nothing");
}

#[test]
fn what_follows_from_a_plan_is_never_shown_as_nothing_before_it_is_known() {
    use super::super::rules::PlanImpact;
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('d'));
    assert!(matches!(deck.foresight(), PlanImpact::Comparing { .. }));
    deck.foreseen(vec![]);
    assert!(matches!(deck.foresight(), PlanImpact::Known(_)));
    // A change of another name that this one leads to.
    deck.send(changes(vec![Event::Put(record("/coredns/io/other", "{}", 10))], 10));
    assert!(deck.foresight().is_open());
    assert!(deck.foresight().shown().is_some(), "what was known stays in sight, and is said to be old");
    deck.send(Msg::Feed(FeedMsg::Lost { failure: Failure::NoSpace, at: Timestamp::UNIX_EPOCH }));
    deck.foreseen(vec![]);
    deck.send(changes(vec![Event::Put(record("/coredns/io/other", "{}", 11))], 11));
    deck.confirmed(11);
    assert!(deck.foresight().is_open());
}

#[test]
fn a_picture_that_is_not_kept_true_foretells_nothing() {
    use super::super::rules::PlanImpact;
    let mut deck = Driven::at_gcr(false);
    deck.send(Msg::Feed(FeedMsg::Lost { failure: Failure::NoSpace, at: Timestamp::UNIX_EPOCH }));
    deck.press(KeyCode::Char('d'));
    assert!(matches!(deck.foresight(), PlanImpact::Unknown(_)));
    assert_eq!(deck.asked_plans().len(), 0);
    let index = deck.model.index.clone();
    deck.read_again(index, Revision(9), Timestamp::UNIX_EPOCH);
    assert_eq!(deck.asked_plans().len(), 1);
}

#[test]
fn the_exact_key_deletes_while_the_answers_are_still_compared() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('d'));
    deck.type_text("/coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    assert_eq!(deck.applied.len(), 1);
}

fn ptr() -> Companion {
    let content = KeyContent { value: (*br#"{"host":"gcr.io"}"#).into(), lease: None };
    let key = (*b"/coredns/arpa/in-addr/10/0/0/9").into();
    Companion {
        address: IpAddr::from([10, 0, 0, 9]),
        steps: vec![FixStep::Create { key, content }],
        what: "new PTR: 10.0.0.9 points to gcr.io".into(),
    }
}

fn add_address(deck: &mut Driven, address: &str) {
    deck.press(KeyCode::Char('a'));
    for _ in 0..3 {
        deck.press(KeyCode::Tab);
    }
    deck.type_text(address);
    deck.press(KeyCode::Enter);
}

#[test]
fn a_ptr_record_comes_into_the_plan_when_it_is_asked_for_and_the_choice_holds() {
    let mut deck = Driven::at_gcr(false);
    add_address(&mut deck, "10.0.0.9");
    deck.foreseen(vec![ptr()]);
    deck.press(KeyCode::Char('p'));
    deck.press(KeyCode::Char('y'));
    let stored = deck.stored();
    assert!(stored.contains("x3") && stored.contains("/coredns/arpa/in-addr/10/0/0/9"), "{stored}");
    let mut deck = Driven { applied: vec![], ..deck };
    deck.model.overlays.clear();
    add_address(&mut deck, "10.0.0.10");
    deck.press(KeyCode::Char('y'));
    assert!(deck.applied.is_empty(), "whether a PTR goes with it is not known yet");
    deck.foreseen(vec![ptr()]);
    deck.press(KeyCode::Char('p'));
    deck.press(KeyCode::Char('y'));
    assert!(!deck.stored().contains("in-addr"), "it was taken out again");
}

#[test]
fn that_the_choice_of_ptr_records_lasts_is_said() {
    let mut deck = Driven::at_gcr(false);
    add_address(&mut deck, "10.0.0.9");
    deck.foreseen(vec![ptr()]);
    for words in ["PTR records go along from now on", "PTR records are left out from now on"] {
        deck.press(KeyCode::Char('p'));
        assert_eq!(deck.model.message.as_ref().unwrap().text, words);
        deck.foreseen(vec![ptr()]);
    }
}

#[test]
fn what_has_no_ptr_record_has_no_choice() {
    let mut deck = Driven::at_gcr(false);
    add_address(&mut deck, "10.0.0.9");
    deck.foreseen(vec![]);
    deck.press(KeyCode::Char('p'));
    assert!(!deck.model.with_ptr);
    assert!(deck.model.message.as_ref().unwrap().text.contains("no PTR"));
}

#[test]
fn a_ptr_that_goes_with_an_edit_is_deleted_only_by_typing() {
    let mut deck = Driven::at_gcr(false);
    let there = record("/coredns/arpa/in-addr/10/0/0/1", r#"{"host":"gcr.io"}"#, 10);
    deck.send(changes(vec![Event::Put(there)], 10));
    deck.press(KeyCode::Char('e'));
    deck.press(KeyCode::Backspace);
    deck.type_text("7");
    deck.press(KeyCode::Enter);
    let key = (*b"/coredns/arpa/in-addr/10/0/0/1").into();
    let steps = vec![FixStep::Delete { key, before: (*br#"{"host":"gcr.io"}"#).into() }];
    deck.foreseen(vec![Companion { steps, ..ptr() }]);
    deck.press(KeyCode::Char('p'));
    deck.press(KeyCode::Char('y'));
    assert!(deck.applied.is_empty(), "a key press agrees to no deletion");
    assert_eq!(deck.delete().preview.plan().unwrap().challenge(), "/coredns/arpa/in-addr/10/0/0/1");
    deck.press_with(KeyModifiers::CONTROL, KeyCode::Char('t'), false);
    assert!(deck.review().is_some(), "without it, none is deleted");
}

#[test]
fn an_edit_that_somebody_was_faster_than_is_planned_again_however_it_was_agreed_to() {
    let mut deck = Driven::at_gcr(false);
    let there = record("/coredns/arpa/in-addr/10/0/0/1", r#"{"host":"gcr.io"}"#, 10);
    deck.send(changes(vec![Event::Put(there)], 10));
    deck.press(KeyCode::Char('e'));
    deck.press(KeyCode::Backspace);
    deck.type_text("7");
    deck.press(KeyCode::Enter);
    let key = (*b"/coredns/arpa/in-addr/10/0/0/1").into();
    let steps = vec![FixStep::Delete { key, before: (*br#"{"host":"gcr.io"}"#).into() }];
    deck.foreseen(vec![Companion { steps, ..ptr() }]);
    deck.press(KeyCode::Char('p'));
    deck.type_text("/coredns/arpa/in-addr/10/0/0/1");
    deck.press(KeyCode::Enter);
    let request = deck.delete().working.unwrap().request;
    let why =
        crate::failure::Failure::Conflict { key: "/coredns/io/gcr/x1".into(), change: "written".into() };
    let outcome = Outcome::NothingChanged { why };
    deck.answers = false;
    deck.send(Msg::Applied(request, Applied { outcome, entry: None, journal_trouble: None }));
    let [(_, intent)] = &deck.asked[..] else { panic!("{:?}", deck.asked) };
    assert!(matches!(intent.main(), Intent::Edit { .. }), "{intent:?}");
    assert!(deck.delete().working.is_none());
}

#[test]
fn somebody_elses_change_has_the_ptr_worked_out_again() {
    let mut deck = Driven::at_gcr(false);
    add_address(&mut deck, "10.0.0.9");
    deck.foreseen(vec![ptr()]);
    deck.press(KeyCode::Char('p'));
    deck.send(changes(vec![Event::Put(record("/coredns/arpa/in-addr/10/0/0/9", "{}", 10))], 10));
    let review = deck.review().unwrap();
    assert!(matches!(review.intent, Intent::Add { .. }), "{:?}", review.intent);
    assert!(review.offer.found.is_none());
}

#[test]
fn a_ptr_that_is_found_while_a_change_is_being_made_leaves_its_plan_alone() {
    let mut deck = Driven::at_gcr(false);
    deck.model.with_ptr = true;
    deck.press(KeyCode::Char('d'));
    deck.type_text("/coredns/io/gcr/x1");
    deck.press(KeyCode::Enter);
    assert_eq!(deck.applied.len(), 1);
    deck.foreseen(vec![ptr()]);
    let delete = deck.delete();
    assert!(delete.working.is_some());
    assert!(!matches!(delete.intent, Intent::With { .. }), "{:?}", delete.intent);
    let shown = delete.preview.plan().expect("what is being done is still shown");
    assert_eq!(shown.changes().len(), 1);
}

/// A deck with a value that does not decode, and one that is hidden by what is below it.
fn with_traps() -> Driven {
    let mut deck = Driven::new(false);
    deck.found();
    let broken = record("/coredns/org/example/broken", r#"{"host":"10.0.0.4","ttl":"60"}"#, 10);
    let below = record("/coredns/io/quay/cdn", r#"{"host":"10.0.0.5"}"#, 11);
    deck.send(changes(vec![Event::Put(broken), Event::Put(below)], 11));
    deck.found();
    deck
}

#[test]
fn the_list_of_findings_begins_with_the_worst_and_leads_to_the_key() {
    let mut deck = with_traps();
    deck.press(KeyCode::Char('f'));
    let list = |deck: &Driven| match deck.model.overlays.last() {
        Some(overlay::Overlay::Findings(list)) => {
            list.from(0).map(|finding| finding.severity).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let all = list(&deck);
    assert!(all.is_sorted_by(|a, b| a >= b) && all.contains(&Severity::Warning), "{all:?}");
    deck.press(KeyCode::Char('s'));
    deck.press(KeyCode::Char('s'));
    let errors = list(&deck);
    assert!(!errors.is_empty() && errors.iter().all(|severity| *severity == Severity::Error), "{errors:?}");
    let Some(overlay::Overlay::Findings(found)) = deck.model.overlays.last() else { panic!() };
    let broken = found.from(0).position(|finding| *finding.key == *b"/coredns/org/example/broken").unwrap();
    deck.press(KeyCode::Char('g'));
    for _ in 0..broken {
        deck.press(KeyCode::Char('j'));
    }
    deck.press(KeyCode::Enter);
    assert_eq!(deck.model.selected().unwrap().key, key("/coredns/org/example/broken"));
}

#[test]
fn an_open_list_follows_the_findings() {
    let mut deck = with_traps();
    deck.press(KeyCode::Char('f'));
    let broken = |deck: &Driven| match deck.model.overlays.last() {
        Some(overlay::Overlay::Findings(list)) => list.from(0).any(|finding| finding.trap == Trap::T3),
        other => panic!("{other:?}"),
    };
    assert!(broken(&deck));
    let mended = record("/coredns/org/example/broken", r#"{"host":"10.0.0.4","ttl":60}"#, 12);
    deck.send(changes(vec![Event::Put(mended)], 12));
    assert!(broken(&deck), "nothing else is known yet");
    deck.found();
    assert!(!broken(&deck));
}

#[test]
fn a_fix_is_a_plan_that_is_shown_before_it_is_made() {
    let mut deck = with_traps();
    deck.type_text(":go /coredns/io/quay");
    deck.press(KeyCode::Enter);
    deck.press(KeyCode::Tab);
    deck.press(KeyCode::Char('x'));
    assert!(deck.applied.is_empty());
    assert!(deck.review().is_some(), "{:?}", deck.model.overlays);
    deck.press(KeyCode::Char('y'));
    assert!(deck.stored().contains("Move { before: /coredns/io/quay@"), "{}", deck.stored());
}

#[test]
fn a_fix_that_deletes_is_confirmed_by_typing() {
    let mut deck = Driven::at_gcr(false);
    let key = (*b"/coredns/io/gcr/x1").into();
    let before = (*br#"{"host":"10.0.0.1","ttl":60}"#).into();
    let fix = Fix { what: "delete it".into(), steps: vec![FixStep::Delete { key, before }] };
    for effect in super::super::fixing::begin(&mut deck.model, &fix) {
        let Effect::Worker(WorkerTask::Plan(request, intent)) = effect else { panic!("{effect:?}") };
        deck.asked.push((request, intent));
    }
    deck.answer();
    assert_eq!(deck.delete().preview.plan().unwrap().challenge(), "/coredns/io/gcr/x1");
    deck.press(KeyCode::Char('y'));
    deck.press(KeyCode::Enter);
    assert!(deck.applied.is_empty());
}

#[test]
fn a_read_only_session_shows_findings_and_offers_no_fix() {
    let mut deck = Driven::at_gcr(true);
    deck.found();
    deck.press(KeyCode::Char('f'));
    deck.press(KeyCode::Char('x'));
    assert!(deck.asked.is_empty());
    assert!(matches!(deck.model.overlays.last(), Some(overlay::Overlay::Findings(_))));
}

#[test]
fn what_is_typed_is_looked_at_and_an_older_look_is_dropped() {
    let mut deck = Driven::at_gcr(false);
    deck.rules.clear();
    deck.press(KeyCode::Char('e'));
    deck.press(KeyCode::Char('7'));
    let typed: Vec<RequestId> = deck
        .rules
        .iter()
        .filter_map(|effect| match effect {
            Effect::Worker(WorkerTask::LintTyped(request, _, entry)) => {
                assert_eq!(entry.key, key("/coredns/io/gcr/x1"));
                Some(*request)
            }
            _ => None,
        })
        .collect();
    assert!(!typed.is_empty(), "{:?}", deck.rules);
    deck.send(Msg::LintedTyped(RequestId(0), vec![finding()]));
    let findings = |deck: &Driven| match deck.model.overlays.last() {
        Some(overlay::Overlay::Form(form)) => form.typed.findings.len(),
        other => panic!("{other:?}"),
    };
    assert_eq!(findings(&deck), 0);
    let last = *typed.last().unwrap();
    deck.send(Msg::LintedTyped(last, vec![finding()]));
    assert_eq!(findings(&deck), 1);
}

#[test]
fn a_form_that_moves_the_names_own_record_does_not_warn_that_it_will_be_hidden() {
    let mut deck = Driven::new(false);
    deck.type_text(":go quay.io");
    deck.press(KeyCode::Enter);
    deck.press(KeyCode::Char('a'));
    for _ in 0..4 {
        deck.press(KeyCode::Tab);
    }
    deck.type_text("10.0.0.4");
    let hides = |deck: &Driven| {
        let last = deck.rules.iter().rev().find_map(|effect| match effect {
            Effect::Worker(WorkerTask::LintTyped(_, snapshot, entry)) => Some((snapshot, entry)),
            _ => None,
        });
        let (snapshot, entry) = last.expect("what is typed is looked at");
        assert_eq!(entry.key.as_bytes().strip_suffix(b"/x2"), Some(b"/coredns/io/quay".as_slice()));
        let found = TypedFindings::look(snapshot, entry, &AtomicBool::new(false)).unwrap();
        found.iter().any(|finding| finding.trap == Trap::T4)
    };
    assert!(!hides(&deck));
    deck.press(KeyCode::BackTab);
    deck.press(KeyCode::Char(' '));
    deck.press(KeyCode::BackTab);
    deck.press(KeyCode::Backspace);
    deck.type_text("2");
    assert!(hides(&deck), "left where it is, it answers no longer");
}

#[test]
fn no_server_is_asked_before_somebody_asks_for_it_and_each_is_told_of_when_it_answers() {
    let mut deck = Driven::at_gcr(false);
    deck.press(KeyCode::Char('V'));
    assert!(
        matches!(deck.model.overlays.last(), Some(overlay::Overlay::Notice(_))),
        "it says how to name one"
    );
    deck.press(KeyCode::Esc);
    deck.model.session.servers = vec!["10.96.0.10:53".parse().unwrap(), "10.96.0.11:53".parse().unwrap()];
    deck.press(KeyCode::Char('j'));
    deck.press(KeyCode::Char('c'));
    let verified = |deck: &Driven| deck.effects.iter().filter(|effect| effect.starts_with("Verify")).count();
    assert_eq!(verified(&deck), 0);
    deck.press(KeyCode::Char('V'));
    assert_eq!(verified(&deck), 1);
    let compared = overlay::AskedQuestion {
        kind: QueryType::A,
        agreement: Some(crate::dns::Agreement::NoReply { foreseen: false }),
        silence: Some("timed out".into()),
    };
    let verdicts = |deck: &Driven| match deck.model.overlays.last() {
        Some(overlay::Overlay::Verify(verify)) => {
            verify.servers.iter().map(overlay::AskedServer::verdict).collect::<Vec<_>>()
        }
        other => panic!("{other:?}"),
    };
    let server = "10.96.0.11:53".parse().unwrap();
    deck.send(Msg::Verified(RequestId(0), server, vec![compared.clone()]));
    assert_eq!(verdicts(&deck), [None, None], "that was an answer to another question");
    let request = deck.verifying.unwrap();
    deck.send(Msg::Verified(request, server, vec![compared]));
    assert_eq!(verdicts(&deck), [None, Some(overlay::ServerVerdict::NoAnswer)]);
}
