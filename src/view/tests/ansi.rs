//! A buffer as text with colour escapes, as `cat` would show it.
use ratatui::{
    buffer::Buffer,
    style::{Color, Modifier},
};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr as _;

pub(super) fn text(buf: &Buffer) -> String {
    let mut out = String::new();
    for (number, row) in buf.area.rows().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let mut behind = 0;
        for cell in row.columns().map(|p| &buf[p.as_position()]) {
            // The cells behind a wide character are covered by it.
            if behind > 0 {
                behind -= 1;
                continue;
            }
            behind = cell.symbol().width().saturating_sub(1);
            out.push_str("\x1b[0");
            for (modifier, code) in
                [(Modifier::BOLD, 1), (Modifier::DIM, 2), (Modifier::UNDERLINED, 4), (Modifier::REVERSED, 7)]
            {
                if cell.modifier.contains(modifier) {
                    write!(out, ";{code}").unwrap();
                }
            }
            let colour = match cell.fg {
                Color::Red => 31,
                Color::Green => 32,
                Color::Yellow => 33,
                Color::Cyan => 36,
                Color::Reset => 39,
                other => panic!("{other} is not one of the colours of the theme"),
            };
            write!(out, ";{colour}m{}", cell.symbol()).unwrap();
        }
    }
    out.push_str("\x1b[0m");
    out
}
