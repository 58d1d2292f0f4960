//! Lint of a scope: finds records that are wrong, or will surprise, as `CoreDNS` serves them.
//!
//! One pass over the records in key order (`walk.rs`) looks at each value, each key and each name once. Other records
//! are looked up only for a finding that depends on them, as an alias does on its target.
//!
//! A finding that nobody would act on is noise, and noise hides the others. So a fact that is true of every record of a
//! kind is reported once for its name or zone, and where a check is milder than the table of traps, it says why.

mod aliases;
mod circumstances;
mod doubles;
mod external_dns;
mod findings;
mod fix;
mod fixes;
mod groups;
mod hosts;
mod isolate;
mod keys;
mod lenient;
mod names;
mod node;
mod one;
mod own_record;
mod place;
mod repair;
mod reserved;
mod reverse;
mod scene;
mod services;
mod targetstrip;
mod template;
mod texts;
mod traps;
mod values;
mod walk;
mod zones;

#[cfg(test)]
mod tests;

pub use circumstances::{Circumstances, IgnoredBlock};
pub use findings::{Findings, SeverityTally};
pub use fix::{Fix, FixStep};
pub use fixes::Fixes;
pub use isolate::{GROUPS_ARE_FRAGILE, IsolateError, isolate};
pub use one::{lint_change, lint_one};
pub use traps::{TRAPS, Trap, TrapFacts};

#[cfg(test)]
use super::{LeaseLeft, OtherPlugins};
use super::{Name, RecordSource, Serving};
use std::cmp::Reverse;

/// Severity of a finding. The worst is the greatest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Surprising or wrong answers are likely.
    Warning,
    /// Answers are broken.
    Error,
}

impl Severity {
    /// Returns the stable word, which `--severity` takes and JSON has.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Info => "info",
        }
    }
}

/// One trap that records have fallen into.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub trap: Trap,
    pub severity: Severity,
    /// The key that it is about: of a record, or of a name that has no record itself. For the whole scope, its prefix
    /// without the closing slash.
    pub key: Box<[u8]>,
    /// The names that it hurts, the nearest first.
    pub names: Vec<Name>,
    /// One or two sentences in printable ASCII: what happens, and why.
    pub message: String,
    /// Changes that would end the finding.
    pub fix: Option<Fix>,
    /// Lines for another place, such as a Corefile, if no record can do what is wanted. Printable ASCII.
    pub advice: Vec<String>,
}

impl Finding {
    /// Returns a sort key that puts the worst first: the severity, and within one the traps in the order of their
    /// table, which begins with those that break whole names.
    #[must_use]
    pub fn gravity(&self) -> (Reverse<Severity>, Trap) {
        (Reverse(self.severity), self.trap)
    }
}

/// Checks all records of a scope in one pass. Nothing is known but the records and how they are served.
#[must_use]
pub fn lint(source: &dyn RecordSource, serving: &Serving) -> Findings {
    lint_in(source, serving, &Circumstances::default())
}

/// Checks all records of a scope in one pass, with the facts that are known beside them.
#[must_use]
pub fn lint_in(source: &dyn RecordSource, serving: &Serving, circumstances: &Circumstances) -> Findings {
    let scene = scene::Scene::new(source, serving, circumstances);
    let mut walk = walk::LintWalk::new(&scene, None);
    source.below(serving.scope.as_str().as_bytes(), &mut |record| {
        walk.record(record);
        std::ops::ControlFlow::Continue(())
    });
    let (mut report, makes_targets) = walk.finish();
    circumstances::check(&scene, makes_targets, &mut report);
    report.finish()
}
