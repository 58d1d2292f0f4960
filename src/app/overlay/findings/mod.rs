mod view;

use super::{KeyHandler, Overlay, OverlayState};
use crate::{
    app::{
        Effect, Model, fixing,
        keymap::{Command, KeyContext},
    },
    dns::lint::{Finding, Findings, Severity, SeverityTally, Trap},
};
use std::sync::Arc;

/// All findings of the scope, the worst first.
#[derive(Debug)]
pub struct FindingList {
    findings: Arc<Findings>,
    /// The least severity that is shown.
    pub least: Severity,
    /// Places in the findings, in the order of the list.
    order: Vec<usize>,
    pub cursor: usize,
}

impl FindingList {
    /// Returns a list with the cursor on the worst finding at or below `near`, if there is one.
    #[must_use]
    pub fn new(findings: Arc<Findings>, near: Option<&[u8]>) -> Self {
        let mut list = Self { findings, least: Severity::Info, order: vec![], cursor: 0 };
        list.sort();
        if let Some(near) = near {
            let is_near = |finding: &Finding| {
                finding.key.strip_prefix(near).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
            };
            list.cursor = list.order.iter().position(|at| list.at(*at).is_some_and(is_near)).unwrap_or(0);
        }
        list
    }

    /// Number of findings that are shown.
    #[must_use]
    pub fn len(&self) -> usize {
        self.order.len()
    }

    /// Tells whether there is nothing to show.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.order.is_empty()
    }

    /// The shown findings from the `first` on.
    pub fn from(&self, first: usize) -> impl Iterator<Item = &Finding> {
        self.order.iter().skip(first).filter_map(|at| self.at(*at))
    }

    /// The finding under the cursor.
    #[must_use]
    pub fn selected(&self) -> Option<&Finding> {
        self.order.get(self.cursor).and_then(|at| self.at(*at))
    }

    /// Number of findings of each severity, shown or not, with those that the list leaves out.
    #[must_use]
    pub fn tally(&self) -> SeverityTally {
        self.findings.tally()
    }

    /// Shows newer findings, with the cursor on the same one, or near its place.
    pub(in crate::app) fn follow(&mut self, findings: &Arc<Findings>) {
        if Arc::ptr_eq(findings, &self.findings) {
            return;
        }
        let selected = self.selected().map(|finding| (finding.trap, finding.key.clone()));
        self.findings = Arc::clone(findings);
        self.sort();
        self.select(selected.as_ref());
    }

    fn at(&self, place: usize) -> Option<&Finding> {
        self.findings.list.get(place)
    }

    /// Sorts the worst first. The findings are in the order of their keys, and that stays within a trap.
    fn sort(&mut self) {
        let at = |at: &usize| self.findings.list.get(*at);
        self.order = (0..self.findings.list.len())
            .filter(|place| at(place).is_some_and(|finding| finding.severity >= self.least))
            .collect();
        self.order.sort_by_key(|place| at(place).map(Finding::gravity));
    }

    fn select(&mut self, wanted: Option<&(Trap, Box<[u8]>)>) {
        let same = |at: &usize| {
            wanted.is_some_and(|(trap, key)| {
                self.at(*at).is_some_and(|finding| finding.trap == *trap && finding.key == *key)
            })
        };
        if let Some(at) = self.order.iter().position(same) {
            self.cursor = at;
        }
        self.cursor = self.cursor.min(self.order.len().saturating_sub(1));
    }

    fn run(&mut self, command: Option<Command>) {
        if command == Some(Command::FilterSeverity) {
            let selected = self.selected().map(|finding| (finding.trap, finding.key.clone()));
            self.least = match self.least {
                Severity::Info => Severity::Warning,
                Severity::Warning => Severity::Error,
                Severity::Error => Severity::Info,
            };
            self.sort();
            self.select(selected.as_ref());
        } else {
            super::step(&mut self.cursor, self.order.len(), command);
        }
    }
}

fn on_key(model: &mut Model, command: Option<Command>) -> Vec<Effect> {
    let Some(Overlay::Findings(list)) = model.overlays.last_mut() else { return vec![] };
    match command {
        Some(Command::Back) => {
            model.overlays.pop();
            vec![]
        }
        Some(Command::Accept) => {
            let Some(key) = list.selected().map(|finding| finding.key.clone()) else { return vec![] };
            model.overlays.pop();
            match model.session.scope.key(&key) {
                Ok(key) => model.go_to(key),
                Err(_) => vec![],
            }
        }
        Some(Command::Fix) => {
            let finding = list.selected().cloned();
            fixing::mend(model, finding.as_ref())
        }
        command => {
            list.run(command);
            vec![]
        }
    }
}

impl OverlayState for FindingList {
    fn place(&self) -> KeyContext {
        KeyContext::Findings
    }

    fn handler(&self) -> KeyHandler {
        |model, command, _| on_key(model, command)
    }

    fn has_use_for(&self, command: Command) -> bool {
        match command {
            Command::Accept | Command::Fix => self.selected().is_some(),
            Command::FilterSeverity => self.tally().worst().is_some(),
            _ => true,
        }
    }

    fn words(&self, command: Command) -> Option<&'static str> {
        match command {
            Command::Fix if self.selected().is_some_and(|one| one.fix.is_none()) => Some("edit its text"),
            _ => None,
        }
    }
}
