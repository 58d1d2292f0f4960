//! Explanation of pasted etcdctl lines: the verdict in words, the range as etcd gets it, the owners of the keys in it.
use crate::{
    app::{
        Model,
        overlay::{Explained, ExplainedLine},
    },
    etcdctl::Danger,
    quantity::grouped,
    view::{
        canvas::Canvas,
        overlay::{Picture, centred, dialog_width, inside, scrolled, short},
        text::{self, shown},
        theme::Role,
    },
};
use ratatui::{layout::Rect, text::Line};

impl Picture for Explained {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, _: &Model) {
        let width = dialog_width(body, 100);
        let several = self.lines.len() > 1;
        // The indent leaves room for the sign of the chosen line.
        let indent = if several { 2 } else { 0 };
        let columns = inside(width).saturating_sub(indent);
        let title = match self.lines.len() {
            1 => "This etcdctl line was not run".to_owned(),
            lines => format!("None of these {lines} etcdctl lines was run"),
        };
        let mut lines = Vec::new();
        let mut first_of_chosen = 0;
        for (number, line) in self.lines.iter().enumerate() {
            if number > 0 {
                lines.push(Line::default());
            }
            let chosen = number == self.cursor;
            if chosen && number > 0 {
                first_of_chosen = lines.len();
            }
            for (row, mut told) in explained(canvas, line, columns).into_iter().enumerate() {
                if several {
                    let sign = if chosen && row == 0 { canvas.look.marker() } else { " " };
                    told.spans.insert(0, canvas.span(Role::Accent, format!("{sign} ")));
                }
                lines.push(told);
            }
        }
        let frame = centred(body, width, short(lines.len() + 2));
        let worst = self.lines.iter().map(|line| line.explanation.verdict).max();
        let role = if worst == Some(Danger::Dangerous) { Role::Trouble } else { Role::Accent };
        let inner = canvas.frame(frame, role, &title);
        let scroll = self.scroll.unwrap_or_else(|| short(first_of_chosen));
        scrolled(canvas, inner, lines, scroll);
    }
}

/// One line: its kind, its effect, the keys, and the line that was probably meant.
fn explained<'t>(canvas: &Canvas<'_>, line: &ExplainedLine, columns: u16) -> Vec<Line<'t>> {
    let ExplainedLine { explanation, hits, elsewhere } = line;
    let mut lines = whole(canvas, &explanation.command, columns, Role::Strong);
    let role = match explanation.verdict {
        Danger::Dangerous => Role::Trouble,
        Danger::Careful | Danger::Invalid => Role::Warning,
        Danger::Harmless => Role::Strong,
    };
    let mut sentences = explanation.means(hits).into_iter();
    if let Some(first) = sentences.next() {
        lines.extend(canvas.wrapped(&format!("{}: {first}", explanation.verdict.sign()), columns, role));
    }
    for sentence in sentences {
        lines.extend(canvas.wrapped(&sentence, columns, Role::Plain));
    }
    if let Some(span) = &explanation.span {
        lines.extend(whole(canvas, &format!("As etcd gets it: {span}"), columns, Role::Quiet));
    }
    if line.is_counted_now() {
        let text = format!("Counting how many keys of whom that is now{}", canvas.look.ellipsis());
        lines.push(Line::from(canvas.span(Role::Warning, text)));
    }
    for part in hits.tally().into_iter().flat_map(|tally| &tally.parts) {
        let number = format!("{:>11}  ", grouped(part.keys));
        let owner = format!("  {}", part.whose());
        let room = usize::from(columns).saturating_sub(number.len() + owner.len());
        lines.push(Line::from(vec![
            canvas.span(Role::Strong, number),
            canvas.span(Role::Plain, text::fit(&part.prefix, room, canvas.look)),
            canvas.span(Role::Quiet, owner),
        ]));
    }
    if let (Some(endpoints), Some(_)) = (elsewhere, &explanation.span) {
        let text = format!("The line names {endpoints}; what is counted here is the cluster of this deck.");
        lines.extend(canvas.wrapped(&text, columns, Role::Warning));
    }
    if let Some(instead) = explanation.instead(hits) {
        lines.push(Line::default());
        lines.extend(canvas.wrapped(&format!("You probably meant: {instead}"), columns, Role::Accent));
    }
    lines
}

/// The text broken between words; if blanks count, broken anywhere, so that none is lost.
fn whole<'t>(canvas: &Canvas<'_>, text: &str, columns: u16, role: Role) -> Vec<Line<'t>> {
    if text.contains("  ") {
        canvas.exact(&shown(text, canvas.look), columns, role)
    } else {
        canvas.wrapped(text, columns, role)
    }
}
