use super::style::Style;
use unicode_width::UnicodeWidthStr as _;

/// Between two columns.
const GAP: usize = 2;

/// Aligned columns. The last one takes what it needs, and nothing is cut: what is printed can be copied.
#[derive(Debug)]
pub(super) struct Table<const N: usize> {
    head: [&'static str; N],
    rows: Vec<[String; N]>,
}

impl<const N: usize> Table<N> {
    pub(super) fn new(head: [&'static str; N]) -> Self {
        Self { head, rows: Vec::new() }
    }

    pub(super) fn push(&mut self, row: [String; N]) {
        self.rows.push(row);
    }

    /// The same table without its last column, which has nothing to say.
    pub(super) fn without_last(mut self) -> Self {
        for cell in self.rows.iter_mut().filter_map(|row| row.last_mut()) {
            cell.clear();
        }
        if let Some(title) = self.head.last_mut() {
            *title = "";
        }
        self
    }

    /// The lines, the head first.
    pub(super) fn lines(&self, style: Style) -> Vec<String> {
        let mut widths = self.head.map(str::len);
        for row in &self.rows {
            for (width, cell) in widths.iter_mut().zip(row) {
                *width = (*width).max(cell.width());
            }
        }
        let line = |cells: [&str; N]| {
            let mut line = String::new();
            for (cell, width) in cells.iter().zip(widths) {
                line.push_str(cell);
                line.push_str(&" ".repeat(width + GAP - cell.width().min(width)));
            }
            line.truncate(line.trim_end_matches(' ').len());
            line
        };
        let head = style.bold(line(self.head));
        std::iter::once(head)
            .chain(self.rows.iter().map(|row| line(row.each_ref().map(String::as_str))))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_what_a_terminal_shows() {
        let mut table = Table::new(["KEY", "DATA"]);
        table.push(["日本".to_owned(), "a".to_owned()]);
        table.push(["x".to_owned(), String::new()]);
        assert_eq!(table.lines(Style::default()), ["KEY   DATA", "日本  a", "x"]);
    }
}
