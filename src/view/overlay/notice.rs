//! Notice that has to be read before going on.
use super::{LOW, centred, dialog_width, inside, keys, scrolled, short};
use crate::{
    app::{Tone, overlay::Notice},
    view::{canvas::Canvas, text::shown, theme::Role},
};
use ratatui::{layout::Rect, text::Line};

pub(super) fn draw(canvas: &mut Canvas<'_>, body: Rect, notice: &Notice) {
    let width = dialog_width(body, 76);
    let columns = inside(width);
    let mut lines = Vec::new();
    for (number, paragraph) in notice.paragraphs.iter().enumerate() {
        if number > 0 {
            lines.push(Line::default());
        }
        lines.extend(canvas.wrapped(paragraph, columns, Role::Plain));
    }
    let (role, title) = match notice.tone {
        Tone::Fine => (Role::Accent, notice.title.to_owned()),
        Tone::Trouble => (Role::Trouble, format!("! {}", notice.title)),
    };
    let frame = centred(body, width, short(lines.len() + if body.height >= LOW { 4 } else { 2 }));
    let inner = canvas.frame(frame, role, &shown(title, canvas.look));
    let gap = if body.height >= LOW { 2 } else { 0 };
    scrolled(canvas, Rect { height: inner.height.saturating_sub(gap), ..inner }, lines, notice.scroll);
    if gap > 0
        && let Some(last) = inner.rows().next_back()
    {
        let mut pairs = vec![("Enter", "close"), ("Up/Down", "scroll")];
        if notice.part.is_some() {
            pairs.insert(0, ("B", "what is saved of it"));
        }
        canvas.line(last, keys(canvas, &pairs));
    }
}
