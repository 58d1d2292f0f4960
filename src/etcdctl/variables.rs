//! Variables that a command gets, as far as the text sets them.
use super::{shell::ShellWord, unknown_destination::is_of_connection};

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Variables {
    pub(super) set: Vec<(Vec<u8>, Vec<u8>)>,
    /// The names of variables that set the destination of a line, and whose value only a shell knows.
    pub(super) unsaid: Vec<String>,
}

impl Variables {
    /// Takes in `NAME=value`; returns false if the word is not of that form.
    pub(super) fn assign(&mut self, word: &ShellWord) -> bool {
        let Some((name, value)) = word.assignment() else { return false };
        self.set.retain(|(is, _)| is != name);
        self.unsaid.retain(|is| is.as_bytes() != name);
        if word.unknown.is_some() && is_of_connection(name) {
            self.unsaid.push(String::from_utf8_lossy(name).into_owned());
        } else {
            self.set.push((name.into(), value.into()));
        }
        true
    }

    pub(super) fn clear(&mut self) {
        self.set.clear();
        self.unsaid.clear();
    }

    /// Tells whether one of etcdctl's variables is among them.
    pub(super) fn has_etcdctls(&self) -> bool {
        !self.unsaid.is_empty() || self.set.iter().any(|(name, _)| name.starts_with(b"ETCDCTL_"))
    }
}
