//! Change whose end nobody saw, with the state of its keys.
use crate::{
    app::{
        Model,
        overlay::{BrokenOff, journal::view::facts},
    },
    plan::ResumeState,
    quantity::counted,
    view::{
        canvas::Canvas,
        overlay::{Picture, centred, dialog_width, inside, noted, scrolled, short},
        theme::Role,
    },
};
use ratatui::{layout::Rect, text::Line};

/// Number of keys that are told one by one.
const MOST: usize = 200;

impl Picture for BrokenOff {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, model: &Model) {
        let Some((heading, resume)) = self.selected() else { return };
        let width = dialog_width(body, 100);
        let columns = inside(width);
        let mut lines = canvas.wrapped(
            "The program ended while it made this change, before it knew what became of it. Its keys say now:",
            columns,
            Role::Plain,
        );
        for (standing, words, role) in STANDINGS {
            let number = resume.count(standing);
            if number > 0 {
                let text = format!("{} {words}", counted(number, "change"));
                lines.extend(canvas.wrapped(&text, columns, role));
            }
        }
        lines.push(Line::default());
        lines.extend(facts(canvas, model, heading, None, columns));
        lines.push(Line::default());
        for item in resume.items().iter().take(MOST) {
            let word = format!("{:<9} ", item.standing.word().replace('_', " "));
            let wide = short(word.len());
            let key = item.change.key().spelled();
            for (number, mut line) in
                canvas.exact(&key, columns.saturating_sub(wide).max(8), Role::Plain).into_iter().enumerate()
            {
                let label = if number == 0 { word.clone() } else { " ".repeat(word.len()) };
                line.spans.insert(0, canvas.span(Role::Quiet, label));
                lines.push(line);
            }
        }
        if let Some(more) = resume.items().len().checked_sub(MOST).filter(|more| *more > 0) {
            lines.push(Line::from(canvas.span(Role::Quiet, format!("  and {more} more"))));
        }
        let last = noted(canvas, self.note.as_deref(), columns);
        let title = match self.entries.len() {
            1 => "! A change was broken off".to_owned(),
            entries => format!("! Changes were broken off: {} of {entries}", self.cursor + 1),
        };
        let frame = centred(body, width, short(lines.len() + last.len() + 2));
        let inner = canvas.frame(frame, Role::Trouble, &title);
        let room = inner.height.saturating_sub(short(last.len()));
        scrolled(canvas, Rect { height: room, ..inner }, lines, self.scroll);
        canvas.lines(Rect { y: inner.y + room, height: inner.height - room, ..inner }, last);
    }
}

/// Meaning of each standing, the clear ones first.
const STANDINGS: [(ResumeState, &str, Role); 4] = [
    (ResumeState::Made, "made", Role::Strong),
    (ResumeState::Open, "not made, and can be", Role::Strong),
    (ResumeState::Overtaken, "not made, and somebody has written there since", Role::Warning),
    (ResumeState::Unclear, "unclear: somebody has written there since", Role::Warning),
];
