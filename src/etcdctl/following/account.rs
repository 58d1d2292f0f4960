//! Account of the bytes of a text that were understood. Bytes that are in no judged command, and are no sign between
//! two commands, are left over.
use super::super::shell::Script;
use std::ops::Range;

/// The account of one text.
#[derive(Debug)]
pub(super) struct Account {
    covered: Vec<Range<usize>>,
}

impl Account {
    /// Starts with signs and comments, which run nothing.
    pub(super) fn of(script: &Script) -> Self {
        Self { covered: script.trivia.clone() }
    }

    /// Marks places as judged: they are explained, or they change nothing.
    pub(super) fn cover(&mut self, places: &[Range<usize>]) {
        self.covered.extend_from_slice(places);
    }

    /// Returns the places of the text that are left over, without blanks.
    pub(super) fn left(mut self, text: &[u8]) -> Vec<Range<usize>> {
        self.covered.sort_by_key(|place| place.start);
        let mut left = Vec::new();
        let mut at = 0;
        for place in self.covered.into_iter().chain(std::iter::once(text.len()..text.len())) {
            if place.start > at {
                left.push(at..place.start);
            }
            at = at.max(place.end);
        }
        let is_blank = |place: &Range<usize>| {
            text.get(place.clone())
                .unwrap_or_default()
                .iter()
                .all(|byte| byte.is_ascii_whitespace() || *byte == b'\\')
        };
        left.retain(|place| !is_blank(place));
        left
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::etcdctl::shell::script;

    #[test]
    fn what_is_in_no_command_that_was_judged_is_left() {
        let text =
            b"echo a; # why\nif x; then etcdctl del \"/\" \\\n coredns >/dev/null; fi <<END\nbody\nEND\nls";
        let read = script(text);
        for missing in 0..read.commands.len() {
            let mut account = Account::of(&read);
            for (number, command) in read.commands.iter().enumerate() {
                if number != missing {
                    account.cover(&command.at);
                }
            }
            let left = account.left(text);
            let expected = &read.commands[missing].at;
            let is_left = |place: &Range<usize>| {
                left.iter().any(|left| left.start <= place.start && place.end <= left.end)
            };
            assert!(expected.iter().all(|place| place.is_empty() || is_left(place)), "{left:?} {expected:?}");
        }
        let mut account = Account::of(&read);
        for command in &read.commands {
            account.cover(&command.at);
        }
        assert!(account.left(text).is_empty());
    }
}
