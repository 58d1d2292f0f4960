//! Words of signposts: the earlier keys, and each way back from here.
use super::{Aftermath, Brings, InEtcd, RecoveryOffer, SavedIn, Signpost, WentBack, Witness};
use crate::{
    counts::{Holder, Loss},
    foreign_text::ForeignText,
    keys::Revision,
    quantity::{counted, span},
};
use jiff::Timestamp;

impl Signpost {
    /// `The 40 keys below /coredns/ are gone: 0 of 40 left`.
    #[must_use]
    pub fn sentence(&self) -> String {
        let then = crate::counts::Held {
            keys: self.then.keys,
            at: self.then.at.unwrap_or(self.now.at),
            revision: self.then.revision,
        };
        Loss { whose: Holder::Scope(self.scope.clone()), then, now: self.now, noticed: self.now.at }
            .sentence(false)
    }

    /// Returns the witness of the earlier number, and its time.
    #[must_use]
    pub fn witness(&self, now: Timestamp) -> String {
        let who = match self.then.witness {
            Witness::Counts => "counted by this program",
            Witness::Backup => "in a backup",
            Witness::Rescue => "in a rescued file",
            Witness::Journal => "written by this machine's journal",
            Witness::History => "in etcd's own history",
        };
        let when = self.then.at.map_or_else(String::new, |at| {
            format!(", {} ({})", at.strftime("%Y-%m-%d %H:%M:%S UTC"), ago(at, now))
        });
        format!("They were {who} at revision {}{when}.", self.then.revision)
    }

    /// Tells whether etcd still has the keys, and the command that brings them back.
    fn in_etcd(&self, program: &str) -> String {
        self.in_etcd_with(|before| format!("{program} put-back . --at {before}"))
    }

    /// Returns the same for the deck.
    #[must_use]
    pub fn in_etcd_from_the_deck(&self) -> String {
        self.in_etcd_with(|before| format!(":at {before} shows them, p puts them back"))
    }

    fn in_etcd_with(&self, way: impl Fn(Revision) -> String) -> String {
        match &self.in_etcd {
            InEtcd::Readable { before, keys } => {
                format!("etcd still has {} at revision {before}: {}", counted(*keys, "key"), way(*before))
            }
            InEtcd::Compacted => "etcd has compacted the revisions that had them.".to_owned(),
            InEtcd::Unknown(why) => format!("Whether etcd still has them is not known: {why}."),
        }
    }

    /// Returns each way back, one line each, with the commands to type. `program` is the beginning of each command:
    /// the name and the flags for this etcd.
    #[must_use]
    pub fn ways(&self, program: &str) -> Vec<String> {
        let mut ways = vec![self.witness(self.now.at), self.in_etcd(program)];
        ways.extend(
            self.offers
                .iter()
                .map(|offer| format!("{}: {}", offer.sentence(self.now.at), offer.command(program, None))),
        );
        if self.offers.is_empty() && self.unread.is_empty() {
            ways.push("No backup, rescued file or journal of this machine has them.".to_owned());
        }
        ways.extend(self.unread.iter().map(|unread| format!("Not known: {unread}.")));
        ways.push(format!("If all is as it should be: {program} status --accept-loss"));
        ways
    }
}

impl RecoveryOffer {
    /// `Newest backup with records: 40 keys, 2 h ago, 40 of them away`.
    #[must_use]
    pub fn sentence(&self, now: Timestamp) -> String {
        let keys = self.keys.map_or_else(|| "keys not counted".to_owned(), |keys| counted(keys, "key"));
        let brings = match &self.brings {
            Brings::Compared { away, .. } => format!(", {away} away now"),
            Brings::Unknown(why) => format!(", not compared: {why}"),
        };
        let what = match &self.place {
            SavedIn::Backup(_) => "Newest backup with records",
            SavedIn::Rescue(_) => "Newest rescued file with records",
            SavedIn::Journal => "This machine's journal",
            SavedIn::Entry(_) => "A change in the journal",
        };
        format!("{what}: {keys}, {}{brings}", ago(self.time, now))
    }

    /// Returns the command that plans to put it back, or only one name of it.
    #[must_use]
    pub fn command(&self, program: &str, only: Option<&str>) -> String {
        let only = only.map_or_else(String::new, |name| format!(" --only {}", quoted(name)));
        match &self.place {
            SavedIn::Backup(file) | SavedIn::Rescue(file) => {
                format!("{program} restore {}{only}", quoted(&file.display().to_string()))
            }
            SavedIn::Journal => format!("{program} restore --from-journal{only}"),
            SavedIn::Entry(entry) => format!("{program} undo {}", entry.0),
        }
    }
}

impl WentBack {
    /// Explains it in plain words.
    #[must_use]
    pub fn sentence(&self) -> String {
        let Self { from, seen, to } = self;
        format!(
            "etcd went back: it was at revision {from} on {}, and is at {to} now. It was restored, or has lost data: what was \
             written in between is not there",
            seen.strftime("%Y-%m-%d %H:%M:%S UTC")
        )
    }

    /// One imperative sentence.
    #[must_use]
    pub fn remedy(&self, program: &str) -> String {
        format!("See what the backups have beside what there is now: {program} restore")
    }
}

impl Aftermath {
    /// Returns each fact to report, with its remedy.
    #[must_use]
    pub fn told(&self, program: &str) -> Vec<(String, String)> {
        let mut told = Vec::new();
        if let Some(signpost) = &self.signpost {
            told.push((signpost.sentence(), signpost.ways(program).join("\n")));
        }
        for loss in &self.others {
            let (at, now) = (loss.then.at, loss.now.at);
            told.push((
                format!("{} ({} ago there were {})", loss.sentence(self.signpost.is_some()), ago_span(at, now), loss.then.keys),
                format!(
                    "Save what etcd may still have of it, before its next compaction; the way back is said then: \
                     {program} rescue --last\nIf all is as it should be: {program} status --accept-loss"
                ),
            ));
        }
        told.extend(self.went_back.iter().map(|back| (back.sentence(), back.remedy(program))));
        told
    }
}

/// `2 h ago`; for a time in the future `at a time that is still to come`, because a clock was ahead.
#[must_use]
pub fn ago(at: Timestamp, now: Timestamp) -> String {
    if at > now { "at a time that is still to come".to_owned() } else { format!("{} ago", ago_span(at, now)) }
}

fn ago_span(at: Timestamp, now: Timestamp) -> String {
    span(now.duration_since(at).as_secs().unsigned_abs())
}

/// Returns a word quoted for a shell.
fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "/._-:,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", ForeignText::from(word).to_string().replace('\'', r"'\''"))
}
