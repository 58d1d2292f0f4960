//! Painter that turns cells into as few bytes as any terminal of the last thirty years understands. Pure.
//!
//! Colours are those of ECMA-48 and xterm's bright ones (`36` and `96`, not `38;5;6`), attributes stay as they are
//! from one frame to the next, and the cursor takes the shortest way.
//!
//! Terminals differ in the width of a sign that is not ASCII. So after such a sign nothing is sent that depends on
//! the cursor's place: it moves to an absolute place, which corrects a wrong assumption.

use super::pen::Pen;
use ratatui::{
    buffer::{Buffer, Cell},
    layout::Rect,
    style::Style,
};
use unicode_width::UnicodeWidthStr as _;

/// Blanks that are cheaper to erase than to send: `ESC [ K` is three bytes long, `ESC [ 10 X` five.
const ERASED_TO_THE_END: u16 = 4;
const ERASED: u16 = 8;

/// Known state of the terminal: the attributes that are on, and the cursor's place.
#[derive(Debug, Default)]
pub(super) struct Painter {
    pen: Pen,
    at: CursorPlace,
}

/// Place of the cursor.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum CursorPlace {
    /// Not known; also behind the last column, where terminals differ.
    #[default]
    Nowhere,
    /// Here, if the terminal agrees about the width of the sent signs: the row is right in any case.
    Roughly(u16, u16),
    Exactly(u16, u16),
}

impl Painter {
    /// Begins from the state after a reset of all attributes, with the cursor anywhere.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Appends to `out` the bytes that make a terminal show `next` after `shown`, which has the same area.
    pub(super) fn paint(&mut self, shown: &Buffer, next: &Buffer, out: &mut Vec<u8>) {
        let area = next.area;
        // If one half of a wide sign is written over, terminals differ in what they do with the other half.
        let anew: Vec<u16> =
            (0..area.height).filter(|y| changes_beside_wide_signs(shown, next, *y)).collect();
        for y in &anew {
            self.paint_row(next, *y, out);
        }
        let mut erased: Option<(u16, u16)> = None;
        for (x, y, cell) in shown.diff_iter(next).filter(|(_, y, _)| !anew.contains(y)) {
            if erased.is_some_and(|(until, row)| row == y && x < until) {
                continue;
            }
            erased = None;
            self.go(x, y, next, out);
            let blanks = blanks(next, x, y);
            if blanks >= ERASED_TO_THE_END
                && x + blanks == area.width
                && differing(shown, next, x, y, blanks) > 2
            {
                self.pen.change(&Style::reset(), out);
                out.extend_from_slice(b"\x1b[K");
                erased = Some((x + blanks, y));
            } else if blanks >= ERASED && differing(shown, next, x, y, blanks) >= ERASED {
                self.pen.change(&Style::reset(), out);
                sequence(out, &[blanks], b'X');
                erased = Some((x + blanks, y));
            } else {
                self.put(cell, area, (x, y), out);
            }
        }
    }

    /// Erases a row and draws all of it.
    fn paint_row(&mut self, next: &Buffer, y: u16, out: &mut Vec<u8>) {
        self.go(0, y, next, out);
        self.pen.change(&Style::reset(), out);
        out.extend_from_slice(b"\x1b[K");
        let mut x = 0;
        while let Some(cell) = next.cell((x, y)) {
            if !is_blank(cell) {
                self.go(x, y, next, out);
                self.put(cell, next.area, (x, y), out);
            }
            x += u16::try_from(cell.symbol().width()).unwrap_or(1).max(1);
        }
    }

    /// Moves the cursor to a place, the shortest way.
    pub(super) fn go(&mut self, x: u16, y: u16, next: &Buffer, out: &mut Vec<u8>) {
        let from = self.at;
        if from == CursorPlace::Exactly(x, y) || from == CursorPlace::Roughly(x, y) {
            return;
        }
        self.at = CursorPlace::Exactly(x, y);
        let mut best = Vec::new();
        match (x, y) {
            (0, 0) => sequence(&mut best, &[], b'H'),
            (0, y) => sequence(&mut best, &[y + 1], b'H'),
            (x, y) => sequence(&mut best, &[y + 1, x + 1], b'H'),
        }
        let mut consider = |way: Vec<u8>| {
            if way.len() < best.len() {
                best = way;
            }
        };
        if let CursorPlace::Exactly(_, row) | CursorPlace::Roughly(_, row) = from {
            // `CR LF` goes to the beginning of the next row, but never to a row below the last.
            let down = y.saturating_sub(row);
            if row <= y && down < 4 {
                let lines = || std::iter::once(b'\r').chain(std::iter::repeat_n(b'\n', usize::from(down)));
                let mut way: Vec<u8> = lines().collect();
                forward(&mut way, x);
                consider(way);
                if let Some(again) = self.again(0..x, y, next) {
                    consider(lines().chain(again).collect());
                }
            }
            if row == y {
                let mut column = Vec::new();
                sequence(&mut column, &[x + 1], b'G');
                consider(column);
            }
        }
        if let CursorPlace::Exactly(column, row) = from {
            if row == y && column > x {
                consider(vec![b'\x08'; usize::from(column - x)]);
            }
            if row == y && column < x {
                let mut way = Vec::new();
                forward(&mut way, x - column);
                consider(way);
                // The cells between are sent once more, if that is shorter than a jump.
                if let Some(again) = self.again(column..x, y, next) {
                    consider(again);
                }
            }
            // The place is one row down in the same column.
            if column == x && row + 1 == y {
                consider(vec![b'\n']);
            }
        }
        out.extend_from_slice(&best);
    }

    /// Returns the cells of a row as they can be sent again, if they are few, ASCII, and in the pen's present style.
    fn again(&self, columns: std::ops::Range<u16>, y: u16, next: &Buffer) -> Option<Vec<u8>> {
        if columns.len() > 5 {
            return None;
        }
        columns
            .map(|x| {
                let cell = next.cell((x, y))?;
                match cell.symbol().as_bytes() {
                    [byte @ 0x20..0x7f] if self.pen.draws(&cell.style()) => Some(*byte),
                    _ => None,
                }
            })
            .collect()
    }

    fn put(&mut self, cell: &Cell, area: Rect, (x, y): (u16, u16), out: &mut Vec<u8>) {
        self.pen.change(&cell.style(), out);
        out.extend_from_slice(cell.symbol().as_bytes());
        let sure =
            matches!(self.at, CursorPlace::Exactly(..)) && matches!(cell.symbol().as_bytes(), [0x20..0x7f]);
        self.at = match x + 1 {
            behind if behind >= area.width => CursorPlace::Nowhere,
            behind if sure => CursorPlace::Exactly(behind, y),
            behind => CursorPlace::Roughly(behind, y),
        };
    }
}

/// Returns the number of blank cells without colour and attribute that begin here.
fn blanks(buffer: &Buffer, x: u16, y: u16) -> u16 {
    let blank = |x: &u16| buffer.cell((*x, y)).is_some_and(|cell| *cell == Cell::EMPTY || is_blank(cell));
    u16::try_from((x..buffer.area.width).take_while(blank).count()).unwrap_or_default()
}

fn changes_beside_wide_signs(shown: &Buffer, next: &Buffer, y: u16) -> bool {
    let columns = || 0..next.area.width;
    let differs = columns().any(|x| shown.cell((x, y)) != next.cell((x, y)));
    let wide = |buffer: &Buffer, x| buffer.cell((x, y)).is_some_and(|cell: &Cell| cell.symbol().width() > 1);
    differs && columns().any(|x| wide(shown, x) || wide(next, x))
}

fn is_blank(cell: &Cell) -> bool {
    cell.symbol() == " " && Pen::default().draws(&cell.style())
}

/// Returns the number of these cells that show something else now.
fn differing(shown: &Buffer, next: &Buffer, x: u16, y: u16, cells: u16) -> u16 {
    let differs = |x: &u16| shown.cell((*x, y)) != next.cell((*x, y));
    u16::try_from((x..x + cells).filter(differs).count()).unwrap_or_default()
}

/// Writes `ESC [ n C`, and nothing for no column.
fn forward(out: &mut Vec<u8>, columns: u16) {
    match columns {
        0 => {}
        1 => sequence(out, &[], b'C'),
        columns => sequence(out, &[columns], b'C'),
    }
}

/// Writes a control sequence: `ESC [ 4 ; 12 H`.
pub(super) fn sequence(out: &mut Vec<u8>, numbers: &[u16], end: u8) {
    out.extend_from_slice(b"\x1b[");
    for (place, number) in numbers.iter().enumerate() {
        if place > 0 {
            out.push(b';');
        }
        out.extend_from_slice(number.to_string().as_bytes());
    }
    out.push(end);
}

#[cfg(test)]
mod tests;
