//! Suggestions for a typed line.
use super::Palette;
use crate::{
    app::keymap::{self, Command, KeyContext, May},
    dns::half_width,
};

/// Text that a typed line can become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Suggestion {
    pub text: &'static str,
    pub help: &'static str,
    pub does: Does,
}

/// Effect of a suggestion.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Does {
    /// Waits for a name or a key.
    Argument,
    Run(Command),
}

const GO: Suggestion = Suggestion { text: "go", help: "go NAME or KEY", does: Does::Argument };
const ANSWER: Suggestion = Suggestion {
    text: "answer",
    help: "answer NAME: what CoreDNS answers for it now, and why",
    does: Does::Argument,
};
pub(super) const EXPLAIN: Suggestion = Suggestion {
    text: "explain",
    help: "explain ETCDCTL LINE: what it would do; it is not run",
    does: Does::Argument,
};
const BACKUP: Suggestion = Suggestion {
    text: "backup",
    help: "save the scope to a file, read back and verified",
    does: Does::Run(Command::Backup),
};
const RESCUE: Suggestion = Suggestion {
    text: "rescue",
    help: "save all of etcd as it was before the mass deletion, others' keys too",
    does: Does::Run(Command::RescueAll),
};
const PROFILE: Suggestion = Suggestion {
    text: "profile",
    help: "open the deck of another profile",
    does: Does::Run(Command::Profiles),
};
const CLUSTER: Suggestion = Suggestion {
    text: "cluster",
    help: "say that this is the cluster that is meant",
    does: Does::Run(Command::Cluster),
};
const AT: Suggestion = Suggestion {
    text: "at",
    help: "at REV: the whole tree as it was at that revision; at now goes back",
    does: Does::Argument,
};
const RM: Suggestion =
    Suggestion { text: "rm", help: "rm KEY: delete a record, after its key was typed", does: Does::Argument };
const RM_ALL: Suggestion = Suggestion {
    text: "rm -r",
    help: "rm -r NAME: delete a name and all below it, after its key was typed",
    does: Does::Argument,
};

impl Palette {
    /// Suggestions that fit the typed text. There is none for a text that is to be explained.
    #[must_use]
    pub fn suggestions(&self, may: May) -> Vec<Suggestion> {
        if self.pasted().is_some() {
            return vec![];
        }
        let typed = half_width(self.input.value()).trim_start().to_lowercase();
        let mut all = vec![GO, ANSWER, AT, EXPLAIN, BACKUP, RESCUE, PROFILE, CLUSTER];
        if may == May::Change {
            all.extend([RM, RM_ALL]);
        }
        let mut seen = Vec::new();
        for binding in
            [KeyContext::Tree, KeyContext::Records].into_iter().flat_map(|place| keymap::active(place, may))
        {
            let moves = matches!(binding.command, Command::Palette | Command::Back)
                || binding.help.split(' ').count() < 2;
            if !moves && !seen.contains(&binding.command) {
                seen.push(binding.command);
                let does = Does::Run(binding.command);
                all.push(Suggestion { text: binding.help, help: "", does });
            }
        }
        all.retain(|suggestion| {
            let with_argument =
                suggestion.does == Does::Argument && typed.starts_with(&format!("{} ", suggestion.text));
            with_argument && (*suggestion != RM || !typed.starts_with("rm -r "))
                || suggestion.text.contains(typed.trim_end())
        });
        all
    }
}
