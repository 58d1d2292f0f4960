//! Form for one change of many records.
use crate::{
    app::{
        Model,
        overlay::{BulkAction, BulkField, BulkForm, form::view::choice},
    },
    dns::Name,
    quantity::grouped,
    view::{
        canvas::Canvas,
        overlay::{Picture, centred, complaint, dialog_width, inside, short},
        text::{self, shown},
        theme::Role,
    },
};
use ratatui::{layout::Rect, text::Line};

/// Number of columns for the labels, with the marker before them.
const LABEL: u16 = 15;

impl Picture for BulkForm {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, model: &Model) {
        let width = dialog_width(body, 76);
        let columns = inside(width);
        let foot = foot(canvas, model, self, columns);
        let fields = self.fields();
        let frame = centred(body, width, short(fields.len() + foot.len() + 3));
        let inner = canvas.frame(frame, Role::Accent, "Change many records");
        let height = usize::from(inner.height);
        let foot_height = foot.len().min(height.saturating_sub(fields.len().min(3)));
        let room = height - foot_height;
        let focused = fields.iter().position(|field| *field == self.focused()).unwrap_or(0);
        let first = (focused + 2).min(fields.len()).saturating_sub(room);
        for (place, field) in inner.rows().take(room).zip(fields.iter().skip(first)) {
            draw_field(canvas, place, self, *field);
        }
        let below = Rect { y: inner.y + short(room), height: short(foot_height), ..inner };
        canvas.lines(below, foot);
    }
}

/// Lines about the form as a whole, and about the field that has the focus.
fn foot<'t>(canvas: &Canvas<'_>, model: &Model, form: &BulkForm, columns: u16) -> Vec<Line<'t>> {
    let mut lines = Vec::new();
    if let Some(text) = &form.complaint {
        lines.extend(complaint(canvas, text, columns));
    }
    if let (BulkAction::Move | BulkAction::Copy, from) = (form.deed, &form.from) {
        let from = from.as_ref().map_or_else(
            || "more than one name is marked: one at a time".to_owned(),
            |key| Name::of_key(&model.session.scope, key).to_string(),
        );
        lines.push(Line::from(vec![
            canvas.span(Role::Quiet, "from "),
            canvas.span(Role::Strong, shown(from, canvas.look)),
            canvas.span(Role::Quiet, ", with everything below it"),
        ]));
    }
    lines.extend(canvas.wrapped(hint(form.focused()), columns, Role::Quiet));
    lines
}

fn hint(field: BulkField) -> &'static str {
    match field {
        BulkField::Deed => "left and right choose; nothing is done before its text was typed",
        BulkField::Of => "left and right choose; space marks names and records in the panes",
        BulkField::Ttl => "seconds, 0 to 2147483647; nothing means CoreDNS's default, 300",
        BulkField::Old => "the host that is replaced: an address in any spelling, or a whole name",
        BulkField::New => "the host that comes: an address or a whole name",
        BulkField::To => "the new name, as www.example.org; no key of it may exist yet",
        BulkField::WithHosts => "records elsewhere whose host is a name that moves",
    }
}

fn draw_field(canvas: &mut Canvas<'_>, row: Rect, form: &BulkForm, field: BulkField) {
    let focused = field == form.focused();
    let label = match field {
        BulkField::Deed => "do",
        BulkField::Of => "with",
        BulkField::Ttl => "ttl",
        BulkField::Old => "old host",
        BulkField::New => "new host",
        BulkField::To => "to",
        BulkField::WithHosts => "points there",
    };
    if focused {
        canvas.sign(row.x, row.y, canvas.look.marker(), Role::Accent);
    }
    let role = if focused { Role::Accent } else { Role::Quiet };
    canvas.line(Rect { x: row.x + 2, width: LABEL - 2, ..row }.intersection(row), canvas.span(role, label));
    let place = Rect { x: row.x + LABEL, width: row.width.saturating_sub(LABEL), ..row };
    match field {
        BulkField::Deed => {
            let deeds = BulkAction::ALL.map(|deed| (deed.words(), deed == form.deed));
            choice(canvas, place, &deeds, focused);
        }
        BulkField::WithHosts => {
            let both = [("go with it", form.with_hosts), ("stay as they are", !form.with_hosts)];
            choice(canvas, place, &both, focused);
        }
        BulkField::Of => {
            let Some(of) = form.chosen() else { return };
            let [open, close] = canvas.look.chosen();
            let records = match of.records {
                1 => "1 record".to_owned(),
                records => format!("{} records", grouped(records)),
            };
            // The number of records counts for more than the whole of a long name.
            let room = usize::from(place.width).saturating_sub(records.len() + 4);
            let words = text::fit(&shown(&of.words, canvas.look), room, canvas.look);
            let role = if focused { Role::Accent } else { Role::Strong };
            canvas.line(
                place,
                Line::from(vec![
                    canvas.span(role, format!("{open}{words}{close}")),
                    canvas.span(Role::Quiet, format!("  {records}")),
                ]),
            );
        }
        BulkField::Ttl | BulkField::Old | BulkField::New | BulkField::To => {
            if let Some(input) = form.input(field) {
                canvas.input(place, input, Role::Plain, focused);
            }
        }
    }
}
