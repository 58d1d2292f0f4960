//! Identity of the cluster: the first contact, another one under a known name, and the choice of a profile.
use super::*;
use crate::app::overlay::{FirstContact, Overlay, ProfileRow};

fn meeting(before: Option<u64>) -> UnpinnedCluster {
    let since = "2026-03-01T12:00:00Z".parse().unwrap();
    let before = before.map(|id| FormerCluster { cluster: ClusterId(id), label: "prod".to_owned(), since });
    UnpinnedCluster { name: "http://127.0.0.1:2379".to_owned(), label: None, before }
}

fn remembered(label: &str) -> Msg {
    Msg::Remembered(Ok(FormerCluster {
        cluster: ClusterId(7),
        label: label.to_owned(),
        since: Timestamp::UNIX_EPOCH,
    }))
}

impl Driven {
    /// A deck that is opened on a cluster that nobody has spoken for.
    fn met(before: Option<u64>) -> Self {
        let mut deck = Self::new(before.is_some());
        let session = DeckSession { meeting: Some(meeting(before)), ..deck.model.session.clone() };
        deck.model = Model::new(session, (80, 24), None);
        deck
    }

    fn contact(&self) -> &FirstContact {
        match self.model.overlays.last() {
            Some(Overlay::Contact(contact)) => contact,
            other => panic!("no contact is open but {other:?}"),
        }
    }

    fn did_ask(&self, what: &str) -> bool {
        self.effects.iter().any(|effect| effect.starts_with(what))
    }
}

#[test]
fn a_cluster_that_is_met_is_pinned_with_the_label_that_was_typed() {
    let mut deck = Driven::met(None);
    deck.type_text("Oslo");
    deck.press(KeyCode::Enter);
    assert!(
        deck.did_ask("Remember { cluster: ClusterId(7), label: \"Oslo\", members: [] }"),
        "{:?}",
        deck.effects
    );
    deck.press(KeyCode::Enter);
    let asked = deck.effects.iter().filter(|effect| effect.starts_with("Remember")).count();
    assert_eq!(asked, 1, "once is enough");
    deck.send(remembered("Oslo"));
    assert!(deck.model.overlays.is_empty());
    assert_eq!((&*deck.model.session.label, &deck.model.session.meeting), ("Oslo", &None));
}

#[test]
fn whoever_does_not_want_to_say_is_asked_again_later() {
    let mut deck = Driven::met(None);
    deck.press(KeyCode::Esc);
    assert!(deck.model.overlays.is_empty() && !deck.did_ask("Remember"));
    deck.type_text(":cluster");
    deck.press(KeyCode::Enter);
    assert_eq!(deck.contact().cluster, ClusterId(7));
}

#[test]
fn a_pasted_line_pins_nothing() {
    let mut deck = Driven::met(None);
    deck.send(Msg::Paste("Oslo\nrm -r x\n".to_owned()));
    deck.press_with(KeyModifiers::NONE, KeyCode::Enter, true);
    assert!(!deck.did_ask("Remember"));
    assert_eq!(deck.contact().input.value(), "Oslo");
    assert!(deck.contact().note.as_ref().unwrap().contains("press it again"));
}

#[test]
fn another_cluster_is_accepted_by_its_digits_alone_and_opened_again() {
    let mut deck = Driven::met(Some(8));
    for wrong in ["", "y", "00000008"] {
        deck.type_text(wrong);
        deck.press(KeyCode::Enter);
        assert!(!deck.did_ask("Remember"), "{wrong:?}");
        assert!(deck.contact().note.as_ref().unwrap().contains("00000000"));
        deck.press_with(KeyModifiers::CONTROL, KeyCode::Char('u'), false);
    }
    deck.type_text("00000000");
    deck.press(KeyCode::Enter);
    assert!(
        deck.did_ask("Remember { cluster: ClusterId(7), label: \"prod\", members: [] }"),
        "it keeps its label"
    );
    deck.send(remembered("prod"));
    assert!(deck.did_ask("Reopen"), "a session without a writer gets none");
}

#[test]
fn what_cannot_be_written_down_is_said() {
    let mut deck = Driven::met(None);
    deck.press(KeyCode::Enter);
    assert!(
        deck.did_ask("Remember { cluster: ClusterId(7), label: \"in memory\", members: [] }"),
        "its endpoint is a label too"
    );
    deck.send(Msg::Remembered(Err("the disk is full".to_owned())));
    assert_eq!(deck.contact().note.as_deref(), Some("the disk is full"));
    assert!(deck.model.session.meeting.is_some());
}

#[test]
fn a_label_that_only_says_the_endpoint_takes_no_better_ones_place_and_a_profiles_own_is_there_to_be_taken() {
    let mut deck = Driven::met(None);
    deck.model.session.label = "kubeadm's healthcheck-client".to_owned();
    deck.press(KeyCode::Enter);
    deck.send(remembered("in memory"));
    assert_eq!(deck.model.session.label, "kubeadm's healthcheck-client");

    let meeting = UnpinnedCluster { label: Some("production, Oslo".to_owned()), ..meeting(None) };
    let session = DeckSession { meeting: Some(meeting), ..Driven::new(false).model.session };
    deck.model = Model::new(session, (80, 24), None);
    deck.press(KeyCode::Enter);
    assert!(
        deck.did_ask("Remember { cluster: ClusterId(7), label: \"production, Oslo\", members: [] }"),
        "{:?}",
        deck.effects
    );
}

fn rows() -> Vec<ProfileRow> {
    ["oslo", "bergen"].map(|name| ProfileRow { name: Some(name.to_owned()), ..ProfileRow::default() }).into()
}

#[test]
fn another_profile_is_opened_from_the_deck() {
    let mut deck = Driven::new(false);
    deck.model.session.profiles = rows();
    deck.model.session.profile = Some("bergen".to_owned());
    deck.type_text(":profile");
    deck.press(KeyCode::Enter);
    deck.press(KeyCode::Up);
    deck.press(KeyCode::Enter);
    assert!(deck.did_ask("Profile(Some(\"oslo\"))"), "{:?}", deck.effects);
}

#[test]
fn what_would_be_lost_with_the_deck_is_asked_about_first() {
    let mut deck = Driven::at_gcr(false);
    deck.model.session.profiles = rows();
    deck.type_text(" :profile");
    deck.press(KeyCode::Enter);
    deck.press(KeyCode::Enter);
    assert!(!deck.did_ask("Profile"), "a record is marked");
    let Some(Overlay::Profiles(chooser)) = deck.model.overlays.last() else { panic!() };
    assert!(chooser.note.as_ref().unwrap().contains("1 record marked"));
    deck.press(KeyCode::Enter);
    assert!(deck.did_ask("Profile"));
}

#[test]
fn without_profiles_there_is_nothing_to_choose() {
    let mut deck = Driven::new(false);
    deck.type_text(":profile");
    deck.press(KeyCode::Enter);
    assert!(deck.model.overlays.is_empty());
}

#[test]
fn a_cluster_that_is_built_anew_under_an_open_deck_is_asked_about_as_when_it_is_opened() {
    // The cluster was known when the deck was opened, or was met in it.
    let mut known = Driven::new(false);
    known.model.session.if_another = Some(meeting(Some(7)));
    let mut met = Driven::met(None);
    met.send(remembered("prod"));
    for mut deck in [known, met] {
        let (found, pinned) = (ClusterId(9).to_string(), ClusterId(7).to_string());
        let failure = Failure::WrongCluster { found, pinned };
        deck.send(Msg::Feed(FeedMsg::Lost { failure, at: Timestamp::UNIX_EPOCH }));
        assert!(!deck.model.session.writable());
        deck.press(KeyCode::Esc);
        deck.type_text(":cluster");
        deck.press(KeyCode::Enter);
        deck.type_text("00000000");
        deck.press(KeyCode::Enter);
        assert!(
            deck.did_ask("Remember { cluster: ClusterId(9), label: \"prod\", members: [] }"),
            "{:?}",
            deck.effects
        );
        deck.send(remembered("prod"));
        assert!(deck.did_ask("Reopen"));
    }
}
