//! Buffer as text with colour escapes, as `cat` would show it.
use ratatui::{
    buffer::Buffer,
    style::{Color, Modifier},
};
use std::fmt::Write as _;
use unicode_width::UnicodeWidthStr as _;

/// The colours of the theme, as SGR names them.
const COLOURS: [(Color, u8); 5] =
    [(Color::Reset, 39), (Color::Red, 31), (Color::Green, 32), (Color::Yellow, 33), (Color::Cyan, 36)];

pub(super) fn text(buf: &Buffer) -> String {
    let mut out = String::new();
    for (number, row) in buf.area.rows().enumerate() {
        if number > 0 {
            out.push('\n');
        }
        let mut behind = 0;
        for cell in row.positions().map(|p| &buf[p]) {
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
            let colour = COLOURS.iter().find(|(colour, _)| *colour == cell.fg);
            let colour = colour.unwrap_or_else(|| panic!("{} is no colour of the theme", cell.fg)).1;
            write!(out, ";{colour}m{}", cell.symbol()).unwrap();
        }
    }
    out.push_str("\x1b[0m");
    out
}
