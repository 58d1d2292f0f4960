//! Commands of etcdctl 3.4 to 3.7 with their flags, and what they do (etcdctl/ctlv3/command).
mod auth;
mod cluster;
mod copies;
mod find;
mod flags;
mod keys;
mod utility;

use super::{
    Danger, EtcdctlVersion,
    flag::{Flag, ParsedFlags},
    programs::is_data_of_a_member,
};
use CommandEffect::Told;
use Count::{Any, Exactly};

pub(super) use find::{FoundCommand, find};
pub(super) use flags::GLOBAL;

/// Number of arguments that a command takes without a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Count {
    Exactly(usize),
    Between(usize, usize),
    AtLeast(usize),
    Any,
}

/// Effect of a command on keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum CommandEffect {
    Delete,
    Get,
    Put,
    Watch,
    Lock,
    Txn,
    /// One sentence describes the effect; it does not depend on a range.
    Told(Danger, &'static str),
}

/// One command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Spec {
    /// Its words: `snapshot save`.
    pub(super) path: &'static str,
    pub(super) flags: &'static [Flag],
    pub(super) count: Count,
    pub(super) deed: CommandEffect,
    /// The first release that has it, and the first release that has it no more.
    since: EtcdctlVersion,
    until: Option<EtcdctlVersion>,
}

const fn spec(path: &'static str, flags: &'static [Flag], count: Count, deed: CommandEffect) -> Spec {
    Spec { path, flags, count, deed, since: EtcdctlVersion::V3_4, until: None }
}

impl Spec {
    const fn since(self, since: EtcdctlVersion) -> Self {
        Self { since, ..self }
    }

    const fn until(self, until: EtcdctlVersion) -> Self {
        Self { until: Some(until), ..self }
    }

    /// Tells whether its first argument is the ID of a lease or a member.
    pub(super) fn names_an_id(&self) -> bool {
        matches!(
            self.path,
            "lease revoke"
                | "lease timetolive"
                | "lease keep-alive"
                | "member remove"
                | "member update"
                | "member promote"
                | "move-leader"
        )
    }

    /// Returns the verdict and the sentence that its flags or arguments make of it, if these are other ones.
    pub(super) fn told_by_flags(&self, parsed: &ParsedFlags) -> Option<(Danger, &'static str)> {
        let writes_over = || parsed.arguments.first().is_some_and(|path| is_data_of_a_member(path));
        match self.path {
            "check perf" | "check datascale" if parsed.is_on("auto-compact") => {
                Some((CAREFUL, cluster::CHECK_AND_COMPACT))
            }
            "defrag" if parsed.value("data-dir").is_some() => Some((CAREFUL, utility::DEFRAG)),
            "snapshot save" if writes_over() => Some((DANGEROUS, copies::SAVE_OVER_DATA)),
            _ => None,
        }
    }

    fn is_in(&self, version: EtcdctlVersion) -> bool {
        self.since <= version && self.until.is_none_or(|until| version < until)
    }
}

/// All commands of a program, family by family.
pub(super) type Commands = &'static [&'static [Spec]];

pub(super) const ETCDCTL: Commands =
    &[keys::READ_AND_WRITE, keys::KEYS, cluster::CLUSTER, copies::COPIES, auth::AUTH, ABOUT_ITSELF];
/// Commands that a line of a transaction may begin with.
pub(super) const IN_A_TXN: Commands = &[keys::READ_AND_WRITE];
pub(super) const ETCDUTL: Commands = &[utility::UTILITY];

/// Returns the commands that a release has.
fn all(commands: Commands, version: EtcdctlVersion) -> impl Iterator<Item = &'static Spec> {
    commands.iter().copied().flatten().filter(move |spec| spec.is_in(version))
}

/// Tells whether some release of etcdctl has a command that begins with this word.
pub(super) fn is_first_word(word: &str) -> bool {
    ETCDCTL.iter().copied().flatten().any(|spec| spec.path.split(' ').next() == Some(word))
}

const READS: Danger = Danger::Harmless;
const CAREFUL: Danger = Danger::Careful;
const DANGEROUS: Danger = Danger::Dangerous;

/// Commands with which etcdctl describes itself.
const ABOUT_ITSELF: &[Spec] = &[
    spec("version", &[], Any, Told(READS, "prints etcdctl's own version")),
    spec("completion", &[], Exactly(1), Told(READS, "prints completions for a shell")),
    spec("help", &[], Any, Told(READS, "prints help")),
    spec("options", &[], Any, Told(READS, "prints the flags of every command")).since(EtcdctlVersion::V3_6),
];
