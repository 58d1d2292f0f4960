use super::style::Style;
use unicode_width::UnicodeWidthStr as _;

/// The columns between two columns of the table.
const GAP: usize = 2;

/// The most width that a column is filled up to, in columns of a terminal. One long key would widen every other row to
/// its own width.
const WIDEST: usize = 96;

/// Table with aligned columns. Nothing is cut, so that it can be copied. A cell that is wider than its column moves
/// only the cells behind it in its own row; the last column takes the width that it needs.
#[derive(Debug)]
pub(super) struct TextTable<const N: usize> {
    head: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> TextTable<N> {
    pub(super) fn new(head: [&'static str; N]) -> Self {
        Self { head, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    /// Returns the same table without its last column, which holds nothing.
    pub(super) fn without_last(mut self) -> Self {
        for cell in self.rows.iter_mut().filter_map(|row| row.last_mut()) {
            cell.clear();
        }
        if let Some(title) = self.head.last_mut() {
            *title = "";
        }
        self
    }

    /// Returns the lines, the head first.
    pub(super) fn lines(&self, style: Style) -> impl Iterator<Item = String> {
        let mut widths = self.head.map(str::len);
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width().min(WIDEST));
            }
        }
        let line = move |cells: [&str; N]| {
            let mut line = String::new();
            for (cell, width) in cells.iter().zip(widths) {
                line.push_str(cell);
                line.push_str(&" ".repeat(width.saturating_sub(cell.width()) + GAP));
            }
            line.truncate(line.trim_end_matches(' ').len());
            line
        };
        let head = style.bold(line(self.head));
        std::iter::once(head).chain(self.rows.iter().map(move |row| line(row.each_ref().map(String::as_str))))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_what_a_terminal_shows() {
        let mut table = TextTable::new(["KEY", "DATA"]);
        table.push(["日本".to_owned(), "a".to_owned()]);
        table.push(["x".to_owned(), String::new()]);
        assert!(table.lines(Style::default()).eq(["KEY   DATA", "日本  a", "x"]));
    }

    #[test]
    fn one_long_key_widens_no_other_row_and_is_whole() {
        let mut table = TextTable::new(["KEY", "DATA", "LEASE"]);
        let long = "k".repeat(40_000);
        table.push([long.clone(), "a".to_owned(), "b".to_owned()]);
        for _ in 0..1_000 {
            table.push(["x".to_owned(), "a".to_owned(), "b".to_owned()]);
        }
        let lines: Vec<String> = table.lines(Style::default()).collect();
        assert_eq!(lines.get(1).unwrap(), &format!("{long}  a     b"));
        let rest: usize = lines.iter().skip(2).map(String::len).sum();
        assert!(rest < 1_000 * (WIDEST + 20), "{rest} bytes for a thousand short rows");
    }
}
