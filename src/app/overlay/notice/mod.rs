mod view;

use super::{KeyHandler, Ordered, Overlay, OverlayState, saved};
use crate::{
    app::{
        DeckError, Effect, Model, RevisionWentBack, Tone,
        keymap::{Command, KeyContext},
    },
    bulk::BulkError,
    failure::Failure,
    ops::PrepareError,
    plan::{KeySelection, Outcome},
    quantity::counted,
    remedy::Remedy,
};

/// Notice that has to be read before going on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    pub tone: Tone,
    pub title: &'static str,
    /// The event, whether anything changed, and the next act.
    pub paragraphs: Vec<String>,
    pub scroll: u16,
    /// The part of the scope of which something may be saved elsewhere.
    pub part: Option<KeySelection>,
}

impl Notice {
    fn new(title: &'static str, paragraphs: Vec<String>) -> Self {
        Self { tone: Tone::Trouble, title, paragraphs, scroll: 0, part: None }
    }

    /// Notice about a failure of something that changes nothing.
    #[must_use]
    pub fn of_failure(failure: &Failure) -> Self {
        Self::new(
            "Failed",
            vec![sentence(&failure.to_string()), "Nothing was changed.".to_owned(), failure.remedy()],
        )
    }

    /// Notice that there is nothing to plan, for this reason.
    pub(in crate::app) fn of_told(what: &str, remedy: String) -> Self {
        Self::new("No change", vec![sentence(what), "Nothing was changed.".to_owned(), remedy])
    }

    /// Notice that a part of the past cannot be read.
    pub(in crate::app) fn of_past(failure: &Failure, part: KeySelection) -> Self {
        let DeckError { what, remedy, .. } = DeckError::of_past(failure);
        let part = matches!(failure, Failure::Compacted { .. }).then_some(part);
        let paragraphs = vec![sentence(&what), "Nothing was changed.".to_owned(), remedy];
        Self { part, ..Self::new("The past", paragraphs) }
    }

    /// Notice that etcd has gone back to older data.
    pub(in crate::app) fn of_going_back(back: &RevisionWentBack) -> Self {
        let RevisionWentBack { from, to, at } = back;
        let at = at.strftime("%Y-%m-%d %H:%M:%S UTC");
        let what = match to {
            Some(to) => format!(
                "etcd was restored or has lost data: its revision went back from {from} to {to}. That was noticed at {at}."
            ),
            None => format!(
                "etcd was restored or has lost data: what it has at revision {from} is not what was seen there, and it has \
                 gone on from there in another way. That was noticed at {at}."
            ),
        };
        let paragraphs = [
            what,
            "The scope was read again, and what is shown is what etcd has now. Changes that were made before the restore and \
             are not in it are gone from etcd, those of other programs as well."
                .to_owned(),
            "Ask whoever runs this etcd whether a snapshot was restored. Then compare: u shows what was changed with this \
             program, and coredeck restore FILE puts back what a backup has and etcd has not."
                .to_owned(),
        ];
        Self::new("etcd went back", paragraphs.into())
    }

    /// Notice that there is no server to ask.
    pub(in crate::app) fn no_servers() -> Self {
        let paragraphs = [
            "No CoreDNS server is known that could be asked what it really answers.",
            "Nothing was asked.",
            "Name some in the profile (dns_servers = [\"10.96.0.10\"]), or give the Corefile (--corefile FILE). From the \
             command line: coredeck verify NAME --server ADDRESS.",
        ];
        Self::new("No server", paragraphs.map(str::to_owned).into())
    }

    /// Notice about a change that could not be planned.
    #[must_use]
    pub fn of_refusal(refused: &PrepareError) -> Self {
        Self::new(
            "No change",
            vec![sentence(&refused.to_string()), "Nothing was changed.".to_owned(), refused.remedy()],
        )
    }

    /// Notice about an order that cannot be worked out as a whole.
    #[must_use]
    pub fn of_stuck(stuck: &BulkError) -> Self {
        let mut paragraphs =
            vec![sentence(&stuck.to_string()), "Nothing was changed.".to_owned(), stuck.remedy()];
        if let BulkError::Taken(keys) = stuck {
            paragraphs.push(list(keys));
        }
        Self::new("No change", paragraphs)
    }

    /// Notice about an order that changes no record.
    #[must_use]
    pub fn of_nothing(ordered: Option<&Ordered>) -> Self {
        let away = ordered.map_or(0, |ordered| ordered.left_out.len());
        let first = match away {
            0 if ordered.is_none_or(|ordered| ordered.same == 0) => {
                "No record is meant, so there is nothing to change.".to_owned()
            }
            0 => "There is nothing to change.".to_owned(),
            away => format!(
                "Nothing was changed: {} left out.",
                if away == 1 { "1 record is".to_owned() } else { format!("{away} records are") }
            ),
        };
        let mut paragraphs = vec![first];
        if let Some(Ordered { left_out, same, .. }) = ordered {
            paragraphs.extend(match same {
                0 => None,
                1 => Some("1 record is as it should be already.".to_owned()),
                same => Some(format!("{same} records are as they should be already.")),
            });
            paragraphs.extend(left_out.iter().map(|left| format!("Left out: {}: {}", left.key, left.why)));
        }
        match away {
            0 => Self { tone: Tone::Fine, ..Self::new("Nothing to change", paragraphs) },
            _ => Self::new("Nothing was changed", paragraphs),
        }
    }

    /// Notice about a change that was not done as a whole.
    #[must_use]
    pub fn of_outcome(outcome: &Outcome, entry: Option<&str>) -> Self {
        let (title, changed, why) = match outcome {
            Outcome::NothingChanged { why } => ("Refused", "Nothing was changed.".to_owned(), Some(why)),
            Outcome::Partly { done, total, why } => (
                "Stopped half-way",
                format!(
                    "{} of {} are changed, the others are as they were.",
                    done.len(),
                    counted(*total, "key")
                ),
                Some(why),
            ),
            Outcome::Unknown { unsure, done, total, why } => (
                "Outcome unknown",
                format!(
                    "{} of {} are changed for certain; {} may be, also later: a member that hangs can still have the request.",
                    done.len(),
                    counted(*total, "key"),
                    unsure.len()
                ),
                Some(why),
            ),
            Outcome::Done { .. } => ("Done", sentence(&outcome.to_string()), None),
        };
        let mut paragraphs = vec![changed];
        if let Some(why) = why {
            paragraphs.insert(0, sentence(&why.to_string()));
        }
        paragraphs.extend(outcome.remedy());
        match outcome {
            Outcome::Partly { done, .. } => {
                paragraphs.push(format!("Changed: {}", list(done)));
            }
            Outcome::Unknown { done, unsure, .. } => {
                paragraphs.push(format!("Changed: {}", list(done)));
                paragraphs.push(format!("Not known: {}", list(unsure)));
            }
            Outcome::NothingChanged { .. } | Outcome::Done { .. } => {}
        }
        if let Some(entry) = entry {
            paragraphs.push(format!("The journal has it as {entry}, with all old values."));
        }
        Self::new(title, paragraphs)
    }
}

fn list(keys: &[crate::keys::ScopedKey]) -> String {
    if keys.is_empty() {
        return "none".to_owned();
    }
    keys.iter().map(ToString::to_string).collect::<Vec<_>>().join("  ")
}

/// Makes a sentence: with a capital letter and a full stop.
fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_uppercase().to_string()).unwrap_or_default();
    let stop = if text.ends_with(['.', '!', '?']) { "" } else { "." };
    first + chars.as_str() + stop
}

fn on_key(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    if command == Some(Command::Saved)
        && let Some(Overlay::Notice(Notice { part: Some(part), .. })) = model.overlays.last()
    {
        let part = part.clone();
        model.overlays.pop();
        return saved::open(model, Some(part));
    }
    super::read(model, command)
}

impl OverlayState for Notice {
    fn place(&self) -> KeyContext {
        KeyContext::Notice
    }

    fn handler(&self) -> KeyHandler {
        |model, command, _| on_key(model, command)
    }

    fn has_use_for(&self, command: Command) -> bool {
        match command {
            Command::Saved => self.part.is_some(),
            _ => true,
        }
    }

    fn words(&self, command: Command) -> Option<&'static str> {
        match command {
            Command::Back => Some("close"),
            _ => None,
        }
    }

    fn scroll_mut(&mut self) -> Option<&mut u16> {
        Some(&mut self.scroll)
    }
}
