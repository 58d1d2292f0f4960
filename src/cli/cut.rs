//! Cut for lines that are too long for a terminal. Lines for a pipe or a file are never cut.
use super::output::{print_lines, say};
use crate::cli::command_error::CommandError;
use std::io::{self, IsTerminal as _};
use unicode_width::UnicodeWidthChar as _;

/// The most columns of a line on a terminal. A key that spells a name takes fewer, even with every byte of the name
/// escaped (255, RFC 1035, section 2.3.4).
const LONGEST: usize = 1_200;

/// Writes lines of text to stdout. On a terminal, lines of more than 1,200 columns are cut, and a message says so.
///
/// # Errors
/// As [`print_lines`].
pub(super) fn print_text(lines: impl IntoIterator<Item = String>, ascii: bool) -> Result<(), CommandError> {
    if !io::stdout().is_terminal() {
        return print_lines(lines);
    }
    let mut shortened = 0_usize;
    let fitting = lines.into_iter().map(|line| match cut(&line, LONGEST, ellipsis(ascii)) {
        Some(short) => {
            shortened += 1;
            short
        }
        None => line,
    });
    print_lines(fitting)?;
    match shortened {
        0 => {}
        1 => say("1 line is cut: a pipe gets it whole, as | less."),
        many => say(format_args!("{many} lines are cut: a pipe gets them whole, as | less.")),
    }
    Ok(())
}

pub(super) fn ellipsis(ascii: bool) -> &'static str {
    if ascii { "..." } else { "\u{2026}" }
}

/// Returns the line cut to this number of columns, with a sign for the cut at its end; `None` if it fits. Colours take
/// no column, and none goes on behind the cut.
pub(super) fn cut(line: &str, columns: usize, ellipsis: &str) -> Option<String> {
    // Each byte takes one column at most, and most lines are short.
    if line.len() <= columns {
        return None;
    }
    let room = columns.saturating_sub(ellipsis.chars().count());
    let (mut used, mut fits, mut coloured, mut in_colour) = (0, 0, false, false);
    for (at, c) in line.char_indices() {
        if in_colour {
            in_colour = c != 'm';
            continue;
        }
        if c == '\u{1b}' {
            (coloured, in_colour) = (true, true);
            continue;
        }
        used += c.width().unwrap_or_default();
        if used <= room {
            fits = at + c.len_utf8();
        }
        if used > columns {
            let reset = if coloured { "\u{1b}[0m" } else { "" };
            return Some(format!("{}{reset}{ellipsis}", line.get(..fits).unwrap_or_default()));
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::{style::Style, table::TextTable};
    use unicode_width::UnicodeWidthStr as _;

    #[test]
    fn what_does_not_fit_is_cut_and_the_cut_is_seen() {
        assert_eq!(cut("abcdef", 6, "…"), None);
        assert_eq!(cut("abcdefg", 6, "…").unwrap(), "abcde…");
        assert_eq!(cut("abcdefg", 6, "...").unwrap(), "abc...");
        assert_eq!(cut("日本語日本語", 12, "…"), None);
        assert_eq!(cut("日本語日本語", 6, "…").unwrap(), "日本…", "no character is cut in half");
    }

    #[test]
    fn a_colour_takes_no_column_and_does_not_go_on_behind_the_cut() {
        let red = "\u{1b}[31mabcdef\u{1b}[0m";
        assert_eq!(cut(red, 6, "…"), None);
        assert_eq!(cut(red, 4, "…").unwrap(), "\u{1b}[31mabc\u{1b}[0m…");
    }

    #[test]
    fn a_table_with_a_value_of_a_megabyte_has_no_line_longer_than_a_terminal_gets() {
        let mut table = TextTable::new(["KEY", "DATA"]);
        table.push(["k".repeat(40_000), "x".repeat(1 << 20)]);
        table.push(["short".to_owned(), "a".to_owned()]);
        let lines: Vec<String> = table.lines(Style::default()).collect();
        let shown: Vec<String> =
            lines.iter().map(|line| cut(line, LONGEST, "…").unwrap_or_else(|| line.clone())).collect();
        assert!(shown.iter().all(|line| line.width() <= LONGEST), "{:?}", shown.last());
        assert!(shown.iter().any(|line| line.starts_with("kkk") && line.ends_with('…')));
    }
}
