//! Way from a finding to the plan that fixes it, which is shown and confirmed like any other.
use super::{
    Effect, Model, Pane, RecordView,
    overlay::{self, FindingList, JsonEditor, Overlay},
};
use crate::{
    dns::{
        Value, ValueError,
        lint::{Finding, Fix},
    },
    keys::ScopedKey,
    ops::wishes,
    plan::Intent,
};
use std::sync::Arc;

/// Opens the list of all findings, with the cursor at those of the selection.
pub(super) fn open_list(model: &mut Model) {
    let Some(findings) = model.findings.known.clone() else {
        model.say("the records are still being looked at");
        return;
    };
    let near = match model.focus {
        Pane::Tree => model.selected_name(),
        Pane::Records | Pane::Record => model.selected().map(|record| record.key.clone()),
    };
    let list = FindingList::new(findings, near.as_ref().map(ScopedKey::as_bytes));
    model.overlays.push(Overlay::Findings(list));
}

/// Plans the fix of the selected record's worst finding that has one.
pub(super) fn mend_selected(model: &mut Model) -> Vec<Effect> {
    let findings = model.findings.known.clone();
    let worst = model.selected().and_then(|record| {
        let of_record = findings.iter().flat_map(|findings| findings.of(record.key.as_bytes()));
        of_record.max_by_key(|finding| (finding.fix.is_some(), finding.severity)).cloned()
    });
    model.record.view = RecordView::Findings;
    mend(model, worst.as_ref())
}

/// Plans the fix of a finding; if none is known, opens the record as text, at the place that was named.
pub(super) fn mend(model: &mut Model, finding: Option<&Finding>) -> Vec<Effect> {
    match finding {
        Some(Finding { fix: Some(fix), .. }) => begin(model, fix),
        Some(Finding { fix: None, key, .. }) => {
            edit_by_hand(model, key);
            vec![]
        }
        None => {
            model.say(if model.findings.known.is_some() {
                "no finding at it that a fix could end"
            } else {
                "the records are still being looked at"
            });
            vec![]
        }
    }
}

/// Opens the text of a record, with the cursor where it stops to be JSON.
fn edit_by_hand(model: &mut Model, key: &[u8]) {
    let record = model.index.get(key).filter(|_| model.obstacle().is_none());
    let Some(mut editor) = record.and_then(|record| JsonEditor::new(&record, None)) else {
        model.say("no fix is known for this: its message says what to do");
        return;
    };
    if let Err(ValueError::NotJson { line, column, .. }) = Value::parse(&editor.base.value) {
        editor.go_to(line, column);
    }
    model.say("no fix is known for this: here is its text");
    model.overlays.push(Overlay::Json(Box::new(editor)));
}

/// Plans a fix.
pub(super) fn begin(model: &mut Model, fix: &Fix) -> Vec<Effect> {
    let wishes = match wishes(&model.session.scope, &fix.steps) {
        Ok(wishes) => wishes,
        Err(outside) => {
            model.complain(outside.to_string());
            return vec![];
        }
    };
    overlay::change::open(model, Intent::Several { wishes })
}

/// Shows the newest findings in an open list.
pub(super) fn follow(model: &mut Model) {
    let Some(findings) = model.findings.known.as_ref().map(Arc::clone) else { return };
    for overlay in &mut model.overlays {
        if let Overlay::Findings(list) = overlay {
            list.follow(&findings);
        }
    }
}
