use super::*;
use proptest::prelude::*;
use ratatui::style::{Color, Modifier};

const SIZE: (u16, u16) = (40, 8);

fn screen(lines: &[&str]) -> Buffer {
    let mut buffer = Buffer::empty(Rect::new(0, 0, SIZE.0, SIZE.1));
    for (y, line) in lines.iter().enumerate() {
        buffer.set_string(0, u16::try_from(y).unwrap(), line, Style::new());
    }
    buffer
}

fn sent(from: &Buffer, to: &Buffer) -> String {
    let mut out = Vec::new();
    let mut painter = Painter::default();
    painter.paint(from, to, &mut out);
    String::from_utf8(out).unwrap()
}

fn terminal() -> vt100::Parser {
    vt100::Parser::new(SIZE.1.try_into().unwrap(), SIZE.0.try_into().unwrap(), 0)
}

/// Returns the sign at each place of a terminal, and its look.
fn cells_of(terminal: &vt100::Parser) -> Vec<(String, vt100::Color, [bool; 5])> {
    let screen = terminal.screen();
    let all = (0..SIZE.1).flat_map(|y| (0..SIZE.0).map(move |x| (x, y)));
    all.map(|(x, y)| {
        let cell = screen.cell(y, x).unwrap();
        let blank = if cell.has_contents() { cell.contents().to_owned() } else { " ".to_owned() };
        let looks = [cell.bold(), cell.dim(), cell.italic(), cell.underline(), cell.inverse()];
        // A wide sign takes two cells of the terminal, and no frame cares for the second.
        if cell.is_wide_continuation() {
            return (String::new(), vt100::Color::Default, [false; 5]);
        }
        (blank, cell.fgcolor(), looks)
    })
    .collect()
}

#[test]
fn nothing_is_sent_when_nothing_differs() {
    let same = screen(&["gcr.io", "k8s.io"]);
    assert_eq!(sent(&same, &same), "");
}

#[test]
fn a_changed_word_costs_one_move_and_its_letters() {
    assert_eq!(sent(&screen(&["", "ab gcr"]), &screen(&["", "ab k8s"])), "\x1b[2;4Hk8s");
}

#[test]
fn what_stands_between_two_changes_is_sent_again_where_a_jump_is_longer() {
    assert_eq!(sent(&screen(&["10.0.0.1"]), &screen(&["11.0.1.1"])), "\x1b[1;2H1.0.1");
}

#[test]
fn the_rest_of_a_row_is_erased() {
    assert_eq!(sent(&screen(&["a long old value"]), &screen(&["a"])), "\x1b[1;3H\x1b[K");
}

#[test]
fn after_a_sign_that_is_not_ascii_no_move_starts_from_where_the_cursor_may_be() {
    let moves = sent(&screen(&["- name    x"]), &screen(&["▌ name    y"]));
    assert_eq!(moves, "\x1b[H▌\x1b[11Gy");
}

#[test]
fn one_of_the_sixteen_colours_is_one_number_and_stays_on_for_the_next_frame() {
    let (empty, mut one, mut two) = (screen(&[]), screen(&[]), screen(&[]));
    let style = Style::new().fg(Color::Cyan).add_modifier(Modifier::BOLD);
    one.set_string(0, 0, "a", style);
    two.set_string(0, 0, "ab", style);
    let mut painter = Painter::default();
    let mut out = Vec::new();
    painter.paint(&empty, &one, &mut out);
    assert_eq!(out, b"\x1b[H\x1b[1;36ma");
    out.clear();
    painter.paint(&one, &two, &mut out);
    assert_eq!(out, b"b");
}

prop_compose! {
    fn style()(fg in 0..4_usize, bits in 0..32_u16) -> Style {
        let colours = [Color::Reset, Color::Red, Color::LightCyan, Color::Indexed(200)];
        let all = [Modifier::BOLD, Modifier::DIM, Modifier::ITALIC, Modifier::UNDERLINED, Modifier::REVERSED];
        let on = all.iter().enumerate().filter(|(bit, _)| bits & (1 << bit) != 0);
        let style = Style::new().fg(colours[fg]);
        on.fold(style, |style, (_, modifier)| style.add_modifier(*modifier))
    }
}

prop_compose! {
    fn piece()(x in 0..SIZE.0, y in 0..SIZE.1, text in "[a-c ─▌コ]{0,30}", style in style()) -> (u16, u16, String, Style) {
        (x, y, text, style)
    }
}

/// Makes frames from a few texts that stay, and a few that each frame has for itself.
fn frames() -> impl Strategy<Value = Vec<Buffer>> {
    let pieces = || prop::collection::vec(piece(), 0..5);
    (pieces(), prop::collection::vec(pieces(), 1..6)).prop_map(|(stay, frames)| {
        let frame = |own: Vec<(u16, u16, String, Style)>| {
            let mut buffer = screen(&[]);
            for (x, y, text, style) in stay.iter().chain(&own) {
                buffer.set_string(*x, *y, text, *style);
            }
            mend(&mut buffer);
            buffer
        };
        frames.into_iter().map(frame).collect()
    })
}

/// Replaces a wide sign whose second half was written over, which no frame of the deck has.
fn mend(buffer: &mut Buffer) {
    for y in 0..SIZE.1 {
        for x in 0..SIZE.0 {
            let followed = buffer.cell((x + 1, y)).is_some_and(|next| next.symbol() == " ");
            if buffer[(x, y)].symbol() == "コ" {
                if x + 1 < SIZE.0 && followed {
                    let style = buffer[(x, y)].style();
                    buffer[(x + 1, y)].reset();
                    buffer[(x + 1, y)].set_style(style);
                } else {
                    buffer[(x, y)].set_symbol("a");
                }
            }
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn a_terminal_shows_what_it_would_show_had_it_been_drawn_anew(frames in frames()) {
        let (mut step_by_step, mut painter) = (terminal(), Painter::default());
        let mut shown = screen(&[]);
        for next in &frames {
            let mut out = Vec::new();
            painter.paint(&shown, next, &mut out);
            step_by_step.process(&out);
            // Every cell is drawn on its own, with nothing left from the one before.
            let mut anew = terminal();
            for (x, y, cell) in screen(&[]).diff_iter(next) {
                let mut out = format!("\x1b[m\x1b[{};{}H", y + 1, x + 1).into_bytes();
                Pen::default().change(&cell.style(), &mut out);
                out.extend_from_slice(cell.symbol().as_bytes());
                anew.process(&out);
            }
            prop_assert_eq!(cells_of(&step_by_step), cells_of(&anew));
            shown = next.clone();
        }
    }
}
