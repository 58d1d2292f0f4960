//! Line in which a command is typed, with suggestions and, for `rm`, the number of keys that it matches now.
use crate::{
    app::{
        Model, keymap,
        overlay::{Does, MatchCount, Palette, Suggestion},
    },
    quantity::counted,
    view::{
        canvas::Canvas,
        overlay::{Picture, complaint, dialog_width, inside, short},
        text,
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

/// Number of suggestions that are shown at once.
const MOST: usize = 10;

impl Picture for Palette {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, model: &Model) {
        let width = dialog_width(body, 76);
        let columns = inside(width);
        let told = told(canvas, model, self, columns);
        // A line that is understood as it stands has no suggestions.
        let suggestions = if told.is_empty() { self.suggestions(model.may()) } else { vec![] };
        let used = 3 + told.len();
        let height = suggestions.len().min(MOST).min(usize::from(body.height).saturating_sub(used));
        // It hangs from the top, so that nothing moves while it is typed.
        let frame = Rect {
            x: body.x + (body.width - width) / 2,
            y: body.y + u16::from(body.height > 12),
            width,
            height: short(used + height).min(body.height),
        };
        let inner = canvas.frame(frame, Role::Accent, "Command");
        let mut rows = inner.rows();
        if let Some(row) = rows.next() {
            canvas.line(row, canvas.span(Role::Accent, ":"));
            let field = Rect { x: row.x + 1, width: row.width.saturating_sub(1), ..row };
            canvas.input(field, &self.input, Role::Plain, true);
        }
        for line in told {
            if let Some(row) = rows.next() {
                canvas.line(row, line);
            }
        }
        let first = (self.cursor + 1).saturating_sub(height);
        let widest = suggestions
            .iter()
            .filter(|suggestion| !suggestion.help.is_empty())
            .map(|suggestion| suggestion.text.len())
            .max()
            .unwrap_or(0);
        for (row, (number, suggestion)) in rows.zip(suggestions.iter().enumerate().skip(first)) {
            let chosen = number == self.cursor;
            if chosen {
                canvas.sign(row.x, row.y, canvas.look.marker(), Role::Accent);
            }
            let role = if chosen { Role::Accent } else { Role::Plain };
            let mut line = vec![canvas.span(role, suggestion.text)];
            if !suggestion.help.is_empty() {
                let gap = (widest + 2).saturating_sub(suggestion.text.len());
                line.push(Span::raw(" ".repeat(gap)));
                line.push(canvas.span(Role::Quiet, suggestion.help));
            }
            let place = Rect { x: row.x + 2, width: row.width.saturating_sub(2), ..row };
            canvas.both(place, Line::from(line), canvas.span(Role::Quiet, key_of(suggestion)));
        }
    }
}

/// The key that does the same outside the palette.
fn key_of(suggestion: &Suggestion) -> String {
    let binding = keymap::BINDINGS
        .iter()
        .find(|binding| suggestion.does == Does::Run(binding.command) && binding.help == suggestion.text);
    binding.and_then(|binding| binding.keys.first()).map(ToString::to_string).unwrap_or_default()
}

/// Lines about a pasted etcdctl line, or about the keys that a typed `rm` matches at this moment.
fn told<'t>(canvas: &Canvas<'_>, model: &Model, palette: &Palette, columns: u16) -> Vec<Line<'t>> {
    if palette.pasted().is_some() {
        return canvas.wrapped("Enter explains this etcdctl line; it is not run.", columns, Role::Strong);
    }
    // An rm without an argument is not wrong yet.
    if matches!(palette.input.value().trim(), "rm" | "rm -r" | "rm --recursive") {
        return vec![];
    }
    let matched = palette.counted(&model.session.scope, &model.index, &model.feed);
    match matched {
        None => vec![],
        Some(MatchCount::Counting) => {
            vec![Line::from(canvas.span(
                Role::Warning,
                format!("counting{} the list is not complete or not true now", canvas.look.ellipsis()),
            ))]
        }
        Some(MatchCount::Keys(0)) => vec![Line::from(canvas.span(Role::Strong, "matches no key now"))],
        Some(MatchCount::Keys(keys)) => {
            vec![Line::from(vec![
                canvas.span(Role::Plain, "matches "),
                canvas.span(Role::Trouble, counted(keys, "key")),
                canvas.span(Role::Plain, " now"),
                canvas.span(Role::Quiet, "; Enter lists them and asks for the key"),
            ])]
        }
        Some(MatchCount::Wrong(why)) => {
            let why = text::shown(why, canvas.look);
            complaint(canvas, &why, columns).into_iter().take(3).collect()
        }
    }
}
