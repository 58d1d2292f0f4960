mod view;

use super::{KeyHandler, Overlay, OverlayState};
use crate::{
    app::{
        Effect, FormerCluster, Key, Leaving, Liveness, Model, UnpinnedCluster, WorkerTask,
        keymap::{Command, KeyContext},
        text,
    },
    failure::Failure,
    index::Index,
    keys::ClusterId,
};
use tui_input::Input;

/// Digits of a cluster's id that are typed to accept it.
const DIGITS: usize = 8;

/// A cluster that is met under its name for the first time, or that is another one than was known by it.
#[derive(Clone, Debug)]
pub struct FirstContact {
    /// The one that answered.
    pub cluster: ClusterId,
    pub meeting: UnpinnedCluster,
    /// The label, or the digits.
    pub input: Input,
    pub scroll: u16,
    /// Reason why the cluster was not accepted.
    pub note: Option<String>,
    /// It is being written down.
    saving: bool,
}

impl FirstContact {
    fn of(model: &Model) -> Option<Self> {
        let meeting = model.session.meeting.clone()?;
        Some(Self {
            cluster: model.session.status.cluster,
            input: meeting.label.clone().unwrap_or_default().into(),
            meeting,
            scroll: 0,
            note: None,
            saving: false,
        })
    }

    /// Digits that have to be typed to accept another cluster.
    #[must_use]
    pub fn digits(&self) -> String {
        self.cluster.to_string().chars().take(DIGITS).collect()
    }
}

/// Asks about the cluster, if nobody has said yet which one it is.
pub(in crate::app) fn open(model: &mut Model) {
    match FirstContact::of(model) {
        Some(contact) => model.overlays.push(Overlay::Contact(Box::new(contact))),
        None if is_of_another(model) => {
            model.say("another cluster answers now: close this deck (q), and open it again to accept it");
        }
        None => model.say("this cluster is pinned already, or is none that is remembered"),
    }
}

/// Tells whether another cluster has taken the place of this deck's own.
fn is_of_another(model: &Model) -> bool {
    matches!(&model.feed, Liveness::Stale { failure: Failure::WrongCluster { .. }, .. })
}

/// Asks the same when the deck is opened; whatever is open by then stays on top.
pub(in crate::app) fn greet(model: &mut Model) {
    if let Some(contact) = FirstContact::of(model) {
        model.overlays.insert(0, Overlay::Contact(Box::new(contact)));
    }
}

fn on_key(model: &mut Model, command: Option<Command>, key: Key) -> Vec<Effect> {
    let status = &model.session.status;
    let (address, members) = (status.address().to_owned(), status.members.clone());
    let Some(Overlay::Contact(contact)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::Back) => {
            let again = if contact.meeting.before.is_some() { "still another cluster" } else { "not pinned" };
            model.overlays.pop();
            model.say(format!("{again}; :cluster asks again"));
        }
        Some(Command::Accept) if contact.saving => {}
        Some(Command::Accept) if key.in_burst => {
            contact.note =
                Some("this Enter came together with other keys, as in a paste: press it again".to_owned());
        }
        Some(Command::Accept) => {
            let typed = contact.input.value().trim().to_owned();
            let label = match &contact.meeting.before {
                None if typed.is_empty() => address,
                None => typed,
                Some(before) if typed.eq_ignore_ascii_case(&contact.digits()) => before.label.clone(),
                Some(_) => {
                    contact.note = Some(format!("to accept it, type {}", contact.digits()));
                    return vec![];
                }
            };
            contact.saving = true;
            contact.note = None;
            return vec![Effect::Worker(WorkerTask::Remember { cluster: contact.cluster, label, members })];
        }
        Some(command @ (Command::ScrollDown | Command::ScrollUp)) => {
            super::scroll(&mut contact.scroll, Some(command));
        }
        _ => {
            contact.note = None;
            text::type_into(&mut contact.input, key.event);
        }
    }
    vec![]
}

/// Takes the result of writing the cluster down.
pub(in crate::app) fn on_remembered(
    model: &mut Model,
    written: Result<FormerCluster, String>,
) -> Vec<Effect> {
    let contact = model.overlays.iter_mut().find_map(|overlay| match overlay {
        Overlay::Contact(contact) => Some(contact),
        _ => None,
    });
    match (written, contact) {
        (Ok(_), Some(contact)) if contact.meeting.before.is_some() => vec![Effect::Leave(Leaving::Reopen)],
        (Ok(known), _) => {
            let label = known.label.clone();
            model.overlays.retain(|overlay| !matches!(overlay, Overlay::Contact(_)));
            let met = model.session.meeting.take();
            model.session.if_another =
                met.map(|met| UnpinnedCluster { label: None, before: Some(known), ..met });
            model.say(format!("pinned as {label}: another one by this name is read-only"));
            // A label that is only the address is no better than the present one.
            if label != model.session.status.address() {
                model.session.label = label;
            }
            vec![]
        }
        (Err(why), Some(contact)) => {
            contact.saving = false;
            contact.note = Some(why);
            vec![]
        }
        (Err(why), None) => {
            model.complain(why);
            vec![]
        }
    }
}

impl OverlayState for FirstContact {
    fn place(&self) -> KeyContext {
        KeyContext::Contact
    }

    fn handler(&self) -> KeyHandler {
        on_key
    }

    fn words(&self, command: Command) -> Option<&'static str> {
        match command {
            Command::Back => Some("not now"),
            Command::Accept if self.meeting.before.is_some() => Some("accept"),
            _ => None,
        }
    }

    fn type_text(&mut self, _: &Index, text: &str) {
        self.note = None;
        text::insert(&mut self.input, text.chars());
    }

    fn paste(&mut self, _: &Index, pasted: &str) {
        text::paste_into(&mut self.input, pasted);
    }

    fn scroll_mut(&mut self) -> Option<&mut u16> {
        Some(&mut self.scroll)
    }
}
