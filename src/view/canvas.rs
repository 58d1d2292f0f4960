//! Canvas: the only way from the view to the cells of the screen.
use super::{
    Look,
    text::{self, chunks, fit_line, shown},
    theme::Role,
};
use ratatui::{
    buffer::Buffer,
    layout::{Position, Rect},
    style::{Modifier, Style},
    text::{Line, Span},
};
use std::fmt::Display;
use tui_input::Input;

/// A buffer that takes only lines that are cut to their place and safe to show (promise P8).
#[derive(Debug)]
pub(crate) struct Canvas<'a> {
    buf: &'a mut Buffer,
    pub(crate) look: &'a Look,
    cursor: Option<Position>,
    scrolled: Option<u16>,
    hides: bool,
    overflows: bool,
}

impl<'a> Canvas<'a> {
    pub(crate) fn new(buf: &'a mut Buffer, look: &'a Look) -> Self {
        Self { buf, look, cursor: None, scrolled: None, hides: false, overflows: false }
    }

    /// Draws everything in an area quietly, because something else stands in front of it.
    pub(crate) fn quieten(&mut self, area: Rect) {
        self.buf.set_style(area, Style::new().add_modifier(Modifier::DIM).remove_modifier(Modifier::BOLD));
    }

    /// Place of the terminal's cursor, if it has one.
    pub(crate) fn cursor(&self) -> Option<Position> {
        self.cursor
    }

    /// Notes the first line in sight of a scrolled text. The text that is drawn last counts.
    pub(crate) fn note_scrolled(&mut self, first: usize) {
        self.scrolled = u16::try_from(first).ok();
    }

    /// The first line in sight of the scrolled text that was drawn last.
    pub(crate) fn scrolled(&self) -> Option<u16> {
        self.scrolled
    }

    /// Notes that a scrolled text has more lines than there are rows.
    pub(crate) fn note_overflow(&mut self) {
        self.overflows = true;
    }

    /// Tells whether there is something to scroll.
    pub(crate) fn overflows(&self) -> bool {
        self.overflows
    }

    /// Notes that a part of the question does not fit on the screen.
    pub(crate) fn note_hidden(&mut self) {
        self.hides = true;
    }

    /// Tells whether a part of the question does not fit on the screen.
    pub(crate) fn hides(&self) -> bool {
        self.hides
    }

    /// Hides the cursor of the picture below, which would show through an overlay.
    pub(crate) fn forget_cursor(&mut self) {
        self.cursor = None;
    }

    /// Text in the style of a role.
    pub(crate) fn span<'t>(&self, role: Role, text: impl Display) -> Span<'t> {
        Span::styled(text.to_string(), self.look.style(role))
    }

    /// Bytes that somebody else wrote, in the style of a role.
    pub(crate) fn foreign<'t>(&self, role: Role, bytes: impl AsRef<[u8]>) -> Span<'t> {
        Span::styled(shown(bytes, self.look), self.look.style(role))
    }

    /// Draws a line into the first row of `area`, cut to its width. Every text goes through here.
    pub(crate) fn line<'t>(&mut self, area: Rect, line: impl Into<Line<'t>>) {
        let area = area.intersection(self.buf.area);
        if area.is_empty() {
            return;
        }
        let line = line.into();
        // The texts come here escaped, so that their width is known; any other text is escaped now.
        let safe = |span: Span<'t>| {
            let plain = span.content.bytes().all(|byte| (0x20..0x7f).contains(&byte));
            if plain { span } else { Span::styled(shown(&*span.content, self.look), span.style) }
        };
        let line = Line::from(line.spans.into_iter().map(safe).collect::<Vec<_>>()).style(line.style);
        let line = fit_line(line, usize::from(area.width), self.look);
        // The old cells leave nothing of their style behind.
        let wide = u16::try_from(line.width()).unwrap_or(u16::MAX).min(area.width);
        for x in area.x..area.x + wide {
            if let Some(cell) = self.buf.cell_mut((x, area.y)) {
                cell.reset();
            }
        }
        self.buf.set_line(area.x, area.y, &line, area.width);
    }

    /// Draws lines from the top of an area, as many as it has rows for.
    pub(crate) fn lines<'t>(&mut self, area: Rect, lines: impl IntoIterator<Item = Line<'t>>) {
        for (row, line) in area.rows().zip(lines) {
            self.line(row, line);
        }
    }

    /// Draws one line at the left and one at the right of a row; the left one is cut where they meet.
    pub(crate) fn both<'t>(&mut self, row: Rect, left: impl Into<Line<'t>>, right: impl Into<Line<'t>>) {
        let right = right.into();
        let wide = u16::try_from(right.width()).unwrap_or(u16::MAX).min(row.width);
        let gap = u16::from(wide > 0);
        self.line(Rect { width: row.width.saturating_sub(wide + gap), ..row }, left);
        self.line(Rect { x: row.x + row.width - wide, width: wide, ..row }, right);
    }

    /// The title of a pane: words in a quiet line.
    pub(crate) fn title(&mut self, row: Rect, focused: bool, left: &str, right: &str) {
        let role = if focused { Role::Accent } else { Role::Plain };
        let look = self.look;
        self.line(row, self.span(Role::Quiet, look.horizontal().repeat(usize::from(row.width))));
        let inner = Rect { x: row.x + 1, width: row.width.saturating_sub(2), ..row };
        let room = usize::from(inner.width);
        let right = if right.is_empty() { String::new() } else { format!(" {right} ") };
        let right = if text::width(&right) + 6 > room { String::new() } else { right };
        let wide = text::width(&right);
        let left = text::fit(left, room.saturating_sub(wide + 3), look);
        self.line(inner, self.span(role, format!(" {left} ")));
        let at = u16::try_from(room - wide.min(room)).unwrap_or_default();
        self.line(Rect { x: inner.x + at, width: inner.width - at, ..inner }, self.span(Role::Quiet, right));
    }

    /// A field that is typed into. Its text is shown so that the cursor is in sight; the terminal's cursor goes
    /// there when the field has the focus.
    pub(crate) fn input(&mut self, row: Rect, input: &Input, role: Role, focused: bool) {
        let before: String = input.value().chars().take(input.cursor()).collect();
        let behind: String = input.value().chars().skip(input.cursor()).collect();
        let (before, behind) = (self.typed(&before), self.typed(&behind));
        let room = usize::from(row.width.saturating_sub(1));
        let before = if focused { text::fit_end(&before, room, self.look) } else { before };
        let at = text::width(&before);
        self.line(row, self.span(role, format!("{before}{behind}")));
        if focused {
            let x = row.x + u16::try_from(at).unwrap_or(u16::MAX).min(row.width.saturating_sub(1));
            self.place_cursor(Position::new(x, row.y));
        }
    }

    /// Text that was typed into a line, or pasted there with line ends of its own.
    fn typed(&self, text: &str) -> String {
        text.split('\n').map(|line| shown(line, self.look)).collect::<Vec<_>>().join(self.look.line_end())
    }

    pub(crate) fn place_cursor(&mut self, at: Position) {
        if self.buf.area.contains(at) {
            self.cursor = Some(at);
        }
    }

    /// Empties an area, and draws a frame round it. What is left inside, one column away from the frame.
    pub(crate) fn frame(&mut self, area: Rect, role: Role, title: &str) -> Rect {
        let area = area.intersection(self.buf.area);
        for at in area.positions() {
            if let Some(cell) = self.buf.cell_mut(at) {
                cell.reset();
            }
        }
        // Half of a wide character must not stay beside the frame.
        if let Some(left) = area.x.checked_sub(1) {
            for y in area.top()..area.bottom() {
                if let Some(cell) = self.buf.cell_mut((left, y))
                    && text::width(cell.symbol()) > 1
                {
                    cell.set_symbol(" ");
                }
            }
        }
        if area.width < 4 || area.height < 3 {
            return area;
        }
        let set = self.look.border();
        let across = set.horizontal_top.repeat(usize::from(area.width - 2));
        let quiet = Role::Quiet;
        let rows: Vec<Rect> = area.rows().collect();
        for (number, row) in rows.iter().enumerate() {
            let (left, middle, right) = if number == 0 {
                (set.top_left, across.as_str(), set.top_right)
            } else if number + 1 == rows.len() {
                (set.bottom_left, across.as_str(), set.bottom_right)
            } else {
                (set.vertical_left, "", set.vertical_right)
            };
            self.sign(row.x, row.y, left, quiet);
            if !middle.is_empty() {
                self.line(Rect { x: row.x + 1, width: row.width - 2, ..*row }, self.span(quiet, middle));
            }
            self.sign(row.x + row.width - 1, row.y, right, quiet);
        }
        let top = Rect { x: area.x + 2, y: area.y, width: area.width.saturating_sub(4), height: 1 };
        self.line(top, self.span(role, format!(" {title} ")));
        Rect {
            x: area.x + 2,
            y: area.y + 1,
            width: area.width.saturating_sub(4),
            height: area.height.saturating_sub(2),
        }
    }

    /// One sign of this program's own.
    pub(crate) fn sign(&mut self, x: u16, y: u16, sign: &'static str, role: Role) {
        self.line(Rect::new(x, y, 1, 1), self.span(role, sign));
    }

    /// A text that must be read exactly, in as many lines as it needs.
    pub(crate) fn exact<'t>(&self, text: &str, columns: u16, role: Role) -> Vec<Line<'t>> {
        chunks(text, usize::from(columns))
            .into_iter()
            .map(|chunk| Line::from(self.span(role, chunk)))
            .collect()
    }

    /// A text in as many lines as it needs, broken between words.
    pub(crate) fn wrapped<'t>(&self, text: &str, columns: u16, role: Role) -> Vec<Line<'t>> {
        text::wrap(&shown(text, self.look), usize::from(columns))
            .into_iter()
            .map(|line| Line::from(self.span(role, line)))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    fn row(text: &str, ascii: bool) -> String {
        let look = Look { ascii, colour: true, zone: TimeZone::UTC, label: None };
        let area = Rect::new(0, 0, 24, 1);
        let mut buf = Buffer::empty(area);
        Canvas::new(&mut buf, &look).line(area, text);
        buf.content.iter().map(ratatui::buffer::Cell::symbol).collect()
    }

    #[test]
    fn what_nobody_made_safe_is_made_safe_here() {
        assert_eq!(row("a\u{1b}[2Jb", false).trim_end(), "a\\u{1b}[2Jb");
        assert_eq!(row("\u{202e}moc", false).trim_end(), "\\u{202e}moc");
        assert_eq!(row("日本", true).trim_end(), "\\u{65e5}\\u{672c}");
    }

    proptest! {
        #[test]
        fn no_cell_ever_holds_what_hides_or_controls(text in any::<String>(), ascii: bool) {
            let row = row(&text, ascii);
            prop_assert_eq!(shown(&row, &Look { ascii, colour: true, zone: TimeZone::UTC, label: None }), row);
        }
    }
}
