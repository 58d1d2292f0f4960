//! Commands that are not understood, and known commands that write a file which may be run later.
use super::{CommandExplanation, CommandPlace, Following, line_of, upstream};
use crate::etcdctl::{
    doubt::{self, Doubt, DoubtfulPart},
    releases::of_call,
    sentence::sentence,
    shell::{SimpleCommand, Stdin},
    wrapped::{Call, Inner, inner},
};

impl Following<'_> {
    /// Judges a program that changes nothing of etcd: the file that it writes may be run later.
    pub(super) fn known(&mut self, command: &SimpleCommand, what: &str, place: CommandPlace<'_>) {
        let writes = command.redirects.iter().any(|redirect| {
            redirect.sign.contains('>')
                && !redirect.sign.ends_with('&')
                && !redirect.target.bytes.starts_with(b"/dev/")
        });
        let is = |names: &[&str]| command.words.iter().any(|word| names.iter().any(|name| word.is(name)));
        let writes = writes
            || is(&["tee", "install", "cp", "ln", "mv", "tar", "unzip", "curl", "wget", "scp", "rsync"]);
        if writes {
            let given = match &command.stdin {
                Stdin::Text(text) | Stdin::Expanded(text) => text.clone(),
                Stdin::Inherited | Stdin::Unknown => upstream::text_of(place.upstream),
            };
            let text = [upstream::joined(command).as_slice(), b" ", &given].concat();
            if doubt::is_deleting_line(&text) {
                self.opaque(command, "it writes to a file what may be run later", Doubt::Always, place);
            }
            self.names.has_files = true;
        }
        if what == "source" && self.names.has_files {
            self.opaque(
                command,
                "the shell runs a file that may have been written here",
                Doubt::Always,
                place,
            );
        }
        self.renames(command);
    }

    /// Judges a command that is not understood.
    pub(super) fn opaque(
        &mut self,
        command: &SimpleCommand,
        why: &'static str,
        doubt: Doubt,
        place: CommandPlace<'_>,
    ) {
        let upstream = upstream::text_of(place.upstream);
        let set = place.around.variables.set.iter();
        let variables = set.map(|(_, value)| value.as_slice()).filter(|value| doubt::names_etcdctl(value));
        let around: Vec<&[u8]> = variables.chain([upstream.as_slice(), &self.given]).collect();
        let read = [upstream.as_slice(), &self.given];
        let holds = doubt::of_command(command, &read);
        let runs_file =
            self.names.has_files && command.words.first().is_some_and(|word| word.bytes.contains(&b'/'));
        if holds.is_none() && doubt == Doubt::ByItsWords && !runs_file {
            self.found
                .push(CommandExplanation { explanation: doubt::beside(&command.words), is_beside: true });
            return;
        }
        let mut readings = self.apart();
        if let Some(depth) = place.depth.checked_sub(1) {
            let inside = Call { elsewhere: true, ..place.around.clone() };
            let inside = Call { stdin: Stdin::Inherited, more_words: false, ..inside };
            for reading in place.upstream.iter().chain([command]).flat_map(doubt::readings) {
                match reading {
                    // The reading is the command itself again.
                    DoubtfulPart::Command(words) if words.words.len() == command.words.len() => {
                        if let Inner::Etcdctl(call) = inner(&words, &inside.variables) {
                            readings.tell(of_call(&call.within(&inside), self.scope));
                        }
                    }
                    DoubtfulPart::Command(words) => readings.alone(&words, &inside, depth),
                    DoubtfulPart::Text(text) => readings.typed(&text, &inside, depth),
                }
            }
        }
        let may_delete = doubt::may_delete(command, &around);
        let mut told = doubt::taken_for_the_worst(&command.words, why, holds, readings.finish(), may_delete);
        if let Some(line) = place.at.and_then(line_of) {
            told.more.push(sentence!["It stands on line ", line, " of the text."]);
        }
        self.tell(told);
    }
}
