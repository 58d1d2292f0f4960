//! Answers of live servers for a name: a line for each server, and the differences below it.
use crate::{
    app::{
        Model,
        overlay::{AskedQuestion, AskedServer, ServerVerdict, Verify},
    },
    dns::Agreement,
    view::{
        canvas::Canvas,
        overlay::{Picture, centred, dialog_width, inside, scrolled, short},
        text::shown,
        theme::Role,
    },
};
use ratatui::{
    layout::Rect,
    text::{Line, Span},
};

impl Picture for Verify {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, _: &Model) {
        let width = dialog_width(body, 100);
        let columns = inside(width);
        let words = "Compared with what the records lead to. A cache may answer with older TTLs for a while.";
        let mut lines = canvas.wrapped(words, columns, Role::Quiet);
        for asked in &self.servers {
            lines.push(Line::default());
            lines.extend(server(canvas, asked, columns));
        }
        let frame = centred(body, width, short(lines.len() + 2));
        let title = shown(format!("Live answers for {}", self.name), canvas.look);
        let inner = canvas.frame(frame, Role::Accent, &title);
        scrolled(canvas, inner, lines, self.scroll);
    }
}

fn server<'t>(canvas: &Canvas<'_>, asked: &AskedServer, columns: u16) -> Vec<Line<'t>> {
    let (sign, role, words) = match asked.verdict() {
        None => ("?", Role::Quiet, format!("asking{}", canvas.look.ellipsis())),
        Some(ServerVerdict::Same) => ("=", Role::Added, "same".to_owned()),
        Some(ServerVerdict::OlderTtl) => ("=", Role::Plain, "same, older TTL".to_owned()),
        Some(ServerVerdict::NoAnswer) => ("!", Role::Trouble, "no answer".to_owned()),
        Some(ServerVerdict::Different) => ("!", Role::Trouble, "different".to_owned()),
        Some(ServerVerdict::NotAsked) => ("!", Role::Trouble, "not asked".to_owned()),
    };
    let mut lines = vec![Line::from(vec![
        canvas.span(role, format!("{sign} ")),
        canvas.span(Role::Strong, format!("{}  ", asked.server)),
        canvas.span(role, words),
    ])];
    for compared in asked.compared.iter().flatten() {
        lines.extend(details(canvas, compared, columns));
    }
    // A sentence that several answers share is shown once.
    lines.dedup();
    lines
}

/// Difference in the answer to one type; nothing if it agrees.
fn details<'t>(canvas: &Canvas<'_>, compared: &AskedQuestion, columns: u16) -> Vec<Line<'t>> {
    let mut lines = Vec::new();
    let mut indented = |words: Vec<Line<'t>>| {
        for mut line in words {
            line.spans.insert(0, Span::raw("    "));
            lines.push(line);
        }
    };
    let room = columns.saturating_sub(4);
    match &compared.agreement {
        Some(Agreement::Different(difference)) => {
            let status = difference.status.as_ref().map_or_else(String::new, |(foreseen, heard)| {
                format!(": {foreseen} was foreseen, {heard} came")
            });
            indented(canvas.wrapped(&format!("{}{status}", compared.kind), room, Role::Warning));
            for (sign, role, records) in
                [("-", Role::Removed, &difference.missing), ("+", Role::Added, &difference.extra)]
            {
                for told in records {
                    let text = format!("{sign} {} ({})", told.record, told.section);
                    indented(canvas.exact(&shown(text, canvas.look), room, role));
                }
            }
        }
        Some(Agreement::NoReply { foreseen: false }) => {
            let why = compared.silence.as_deref().unwrap_or("no reply came");
            indented(canvas.wrapped(why, room, Role::Plain));
        }
        None => {
            let words = format!("{}: not asked, because it can bring CoreDNS down", compared.kind);
            indented(canvas.wrapped(&words, room, Role::Warning));
        }
        Some(
            Agreement::Same
            | Agreement::OtherTtl
            | Agreement::NotForeseen
            | Agreement::NoReply { foreseen: true },
        ) => {}
    }
    lines
}
