//! Editor of a record's JSON. It draws the lines itself, because they may hold characters that hide or turn their
//! neighbours, which the widget would pass on.
use crate::{
    app::{Model, overlay::JsonEditor},
    view::{
        canvas::Canvas,
        findings,
        overlay::{Picture, centred, complaint, dialog_width, inside, short},
        text::{self, shown},
        theme::Role,
    },
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    text::Line,
    widgets::Widget as _,
};

impl Picture for JsonEditor {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, _: &Model) {
        let width = dialog_width(body, 100);
        let columns = inside(width);
        let mut foot = Vec::new();
        if let Some(text) = &self.complaint {
            foot.extend(complaint(canvas, text, columns));
        }
        foot.extend(findings::while_typing(canvas, &self.typed.findings, columns, 2));
        let (rows, cursor) = laid_out(canvas, self, usize::from(columns));
        let most = body.height.saturating_sub(short(foot.len() + 3));
        let height = short(rows.len() + 1).clamp(5, most.max(5));
        let frame = centred(body, width, height + short(foot.len()) + 3);
        let inner = canvas.frame(frame, Role::Accent, &format!("JSON of {}", self.base.key.spelled()));
        let foot_height = short(foot.len()).min(inner.height.saturating_sub(2));
        let area = Rect { height: inner.height - foot_height, ..inner };
        // The cursor of the widget moves by rows of the width of its last drawing.
        self.area.render(area, &mut Buffer::empty(area));
        let first = (cursor.1 + 1).saturating_sub(usize::from(area.height));
        canvas.lines(
            area,
            rows.iter().skip(first).map(|row| Line::from(canvas_span(canvas, row))).collect::<Vec<_>>(),
        );
        canvas.place_cursor(Position::new(
            area.x + short(cursor.0).min(area.width.saturating_sub(1)),
            area.y + short(cursor.1.saturating_sub(first)),
        ));
        let below = Rect { y: inner.y + area.height, height: foot_height, ..inner };
        canvas.lines(below, foot);
    }
}

fn canvas_span(canvas: &Canvas<'_>, row: &str) -> ratatui::text::Span<'static> {
    canvas.span(Role::Plain, row)
}

/// The rows of the text at this width, and the column and row of the cursor.
fn laid_out(canvas: &Canvas<'_>, editor: &JsonEditor, columns: usize) -> (Vec<String>, (usize, usize)) {
    let columns = columns.max(2);
    let at = editor.area.cursor();
    let mut rows = Vec::new();
    let mut cursor = (0, 0);
    for (number, line) in editor.area.lines().iter().enumerate() {
        let mut row = String::new();
        for (place, c) in line.chars().enumerate() {
            let c = shown(c.encode_utf8(&mut [0; 4]), canvas.look);
            if text::width(&row) + text::width(&c) > columns {
                rows.push(std::mem::take(&mut row));
            }
            if (number, place) == (at.0, at.1) {
                cursor = (text::width(&row), rows.len());
            }
            row.push_str(&c);
        }
        if number == at.0 && at.1 >= line.chars().count() {
            if text::width(&row) >= columns {
                rows.push(std::mem::take(&mut row));
            }
            cursor = (text::width(&row), rows.len());
        }
        rows.push(row);
    }
    (rows, cursor)
}
