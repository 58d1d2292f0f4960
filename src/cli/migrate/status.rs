//! Status of a move, as `-o json` prints it.
use super::corefile::CorefileLine;
use crate::{
    cli::{
        command_error::CommandError,
        output::{Screen, print_lines},
        two_etcds::{Side, Sides, in_words},
    },
    foreign_text::ForeignText,
    migrate::{Proof, ScopeComparison},
};
use serde::Serialize;

/// Status line. The names of the fields are stable.
#[derive(Serialize)]
pub(super) struct MigrationStatusLine {
    old: SideLine,
    new: SideLine,
    missing: usize,
    differing: usize,
    beyond: usize,
    same: usize,
    /// True if every name gives the same answers; `null` if they were not compared.
    agrees: Option<bool>,
    names: Option<usize>,
    differences: Vec<DifferenceLine>,
    corefile: Vec<CorefileLine>,
}

#[derive(Serialize)]
struct SideLine {
    cluster_id: String,
    endpoint: String,
    prefix: String,
    revision: i64,
    keys: usize,
}

#[derive(Serialize)]
struct DifferenceLine {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    old: String,
    new: String,
}

impl MigrationStatusLine {
    pub(super) fn of(
        sides: &Sides,
        comparison: &ScopeComparison,
        proof: Option<&Proof>,
        corefile: Vec<CorefileLine>,
    ) -> Self {
        let differences = proof.map_or(&[][..], |proof| &proof.told).iter().map(|told| DifferenceLine {
            name: ForeignText::from(told.old.question.name.to_string().as_str()).to_string(),
            kind: told.old.question.kind.to_string(),
            old: in_words(&told.old),
            new: in_words(&told.new),
        });
        Self {
            old: SideLine::of(&sides.old),
            new: SideLine::of(&sides.new),
            missing: comparison.missing.len(),
            differing: comparison.differing.len(),
            beyond: comparison.beyond.len(),
            same: comparison.same.len(),
            agrees: proof.map(|proof| proof.agrees() && comparison.is_copied()),
            names: proof.map(|proof| proof.names),
            differences: differences.collect(),
            corefile,
        }
    }

    pub(super) fn print(&self, screen: &Screen) -> Result<(), CommandError> {
        if !screen.is_json() {
            return Ok(());
        }
        // Strings and numbers always serialise.
        print_lines([serde_json::to_string(self).unwrap_or_default()])
    }
}

impl SideLine {
    fn of(side: &Side) -> Self {
        Self {
            cluster_id: side.cluster.to_string(),
            endpoint: side.endpoint.clone(),
            prefix: side.scope.to_string(),
            revision: side.revision.0,
            keys: side.records.len(),
        }
    }
}
