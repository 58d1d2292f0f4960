//! Form for adding or editing a record.
use crate::{
    app::{
        Model,
        overlay::{Form, FormField, FormPurpose},
    },
    dns::RecordType,
    keys::Scope,
    view::{
        canvas::Canvas,
        findings,
        overlay::{Picture, centred, complaint, dialog_width, inside, short},
        text::shown,
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Number of columns for the labels, with the marker before them.
const LABEL: u16 = 14;

/// Number of rows from which there is room for more than the worst finding.
const TALL: u16 = 30;

/// A row of the form: the line of a field, or a line below it.
enum FormRow<'t> {
    Field(FormField),
    Said(Line<'t>),
}

impl Picture for Form {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, model: &Model) {
        let scope = &model.session.scope;
        let width = dialog_width(body, 76);
        let columns = inside(width);
        let mut rows = Vec::new();
        let mut focused_at = 0;
        for field in self.fields() {
            if field == self.focused() {
                focused_at = rows.len();
            }
            rows.push(FormRow::Field(field));
            if let Some(trouble) = self.trouble(scope, field) {
                for mut line in complaint(canvas, &trouble, columns.saturating_sub(LABEL)) {
                    line.spans.insert(0, Span::raw(" ".repeat(usize::from(LABEL))));
                    rows.push(FormRow::Said(line));
                }
            }
        }
        let foot = foot(canvas, model, self, columns, if body.height < TALL { 2 } else { 8 });
        let frame = centred(body, width, short(rows.len() + foot.len() + 3));
        let title = match &self.purpose {
            FormPurpose::Add => "Add a record".to_owned(),
            FormPurpose::Edit(record) => format!("Edit {}", record.key.spelled()),
        };
        let inner = canvas.frame(frame, Role::Accent, &title);
        // On a small screen the fields get what they need, and the foot what is left, its first line first.
        let height = usize::from(inner.height);
        let foot_height = foot.len().min(height.saturating_sub(rows.len().min(3)));
        let field_height = height - foot_height;
        let first = (focused_at + 2).min(rows.len()).saturating_sub(field_height);
        for (place, row) in inner.rows().take(field_height).zip(rows.into_iter().skip(first)) {
            match row {
                FormRow::Said(line) => canvas.line(place, line),
                FormRow::Field(field) => draw_field(canvas, place, scope, self, field),
            }
        }
        let below = Rect {
            y: inner.y + short(field_height),
            height: inner.height.saturating_sub(short(field_height)),
            ..inner
        };
        canvas.lines(below, foot);
    }
}

/// Lines about the form as a whole, and about the field that has the focus.
fn foot<'t>(canvas: &Canvas<'_>, model: &Model, form: &Form, columns: u16, most: usize) -> Vec<Line<'t>> {
    let mut lines = Vec::new();
    if let Some(text) = &form.complaint {
        lines.extend(complaint(canvas, text, columns));
    }
    lines.extend(findings::while_typing(canvas, &form.typed.findings, columns, most));
    lines.extend(canvas.wrapped(hint(form), columns, Role::Quiet));
    if form.purpose == FormPurpose::Add {
        let key = form.key(&model.session.scope);
        let key = key.map_or_else(|| "not known yet".to_owned(), |key| key.spelled());
        let label = canvas.span(Role::Quiet, "becomes ");
        let mut exact = canvas.exact(&key, columns.saturating_sub(8), Role::Strong);
        for (number, line) in exact.iter_mut().enumerate() {
            line.spans.insert(0, if number == 0 { label.clone() } else { Span::raw(" ".repeat(8)) });
        }
        lines.extend(exact);
    }
    lines
}

fn hint(form: &Form) -> &'static str {
    match form.focused() {
        FormField::Kind => "left and right, or a letter, choose the type",
        FormField::Name => "the name that gets the record, as www.example.org",
        FormField::Leaf => "one label below the name, as x1: each leaf is one record; @ is the name itself",
        FormField::Own => {
            "the name itself has a record, which CoreDNS ignores once there are leaves below it"
        }
        FormField::Of(field) => field.hint(form.kind()),
    }
}

fn draw_field(canvas: &mut Canvas<'_>, row: Rect, scope: &Scope, form: &Form, field: FormField) {
    let focused = field == form.focused();
    let label = match field {
        FormField::Kind => "type",
        FormField::Name => "name",
        FormField::Leaf => "leaf",
        FormField::Own => "its record",
        FormField::Of(of) => of.label(form.kind()),
    };
    if focused {
        canvas.sign(row.x, row.y, canvas.look.marker(), Role::Accent);
    }
    let role = if focused { Role::Accent } else { Role::Quiet };
    canvas.line(Rect { x: row.x + 2, width: LABEL - 2, ..row }.intersection(row), canvas.span(role, label));
    let place = Rect { x: row.x + LABEL, width: row.width.saturating_sub(LABEL), ..row };
    match field {
        FormField::Kind => {
            let kinds = RecordType::ALL.map(|kind| (kind.mnemonic(), kind == form.kind()));
            choice(canvas, place, &kinds, focused);
        }
        FormField::Own => {
            let both = [("move to a leaf", form.move_own), ("leave", !form.move_own)];
            choice(canvas, place, &both, focused);
        }
        FormField::Name | FormField::Leaf | FormField::Of(_) => {
            if let Some(input) = form.input(field) {
                let wrong = form.trouble(scope, field).is_some();
                canvas.input(place, input, if wrong { Role::Trouble } else { Role::Plain }, focused);
            }
        }
    }
}

/// Choices in a row, the chosen one between brackets. If not all fit, the row starts at the chosen one.
pub(in crate::app::overlay) fn choice(
    canvas: &mut Canvas<'_>,
    row: Rect,
    choices: &[(&'static str, bool)],
    focused: bool,
) {
    let [open, close] = canvas.look.chosen();
    let wide: usize = choices.iter().map(|(text, _)| text.len() + 3).sum();
    let skip = if wide > usize::from(row.width) {
        choices.iter().position(|(_, chosen)| *chosen).unwrap_or(0)
    } else {
        0
    };
    let mut spans = Vec::new();
    for (text, chosen) in choices.iter().skip(skip) {
        if *chosen {
            let role = if focused { Role::Accent } else { Role::Strong };
            spans.push(canvas.span(role, format!("{open}{}{close} ", shown(text, canvas.look))));
        } else {
            spans.push(canvas.span(Role::Quiet, format!(" {text}  ")));
        }
    }
    canvas.line(row, Line::from(spans));
}
