//! Notice that has to be read before going on.
use super::{centred, dialog_width, inside, scrolled, short};
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
    let frame = centred(body, width, short(lines.len() + 2));
    let inner = canvas.frame(frame, role, &shown(title, canvas.look));
    scrolled(canvas, inner, lines, notice.scroll);
}
