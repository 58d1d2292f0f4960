//! Notice that has to be read before going on.
use crate::{
    app::{Model, Tone, overlay::Notice},
    view::{
        canvas::Canvas,
        overlay::{Picture, centred, dialog_width, inside, scrolled, short},
        text::shown,
        theme::Role,
    },
};
use ratatui::{layout::Rect, text::Line};

impl Picture for Notice {
    fn draw(&self, canvas: &mut Canvas<'_>, body: Rect, _: &Model) {
        let width = dialog_width(body, 76);
        let columns = inside(width);
        let mut lines = Vec::new();
        for (number, paragraph) in self.paragraphs.iter().enumerate() {
            if number > 0 {
                lines.push(Line::default());
            }
            lines.extend(canvas.wrapped(paragraph, columns, Role::Plain));
        }
        let (role, title) = match self.tone {
            Tone::Fine => (Role::Accent, self.title.to_owned()),
            Tone::Trouble => (Role::Trouble, format!("! {}", self.title)),
        };
        let frame = centred(body, width, short(lines.len() + 2));
        let inner = canvas.frame(frame, role, &shown(title, canvas.look));
        scrolled(canvas, inner, lines, self.scroll);
    }
}
