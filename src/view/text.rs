//! Texts in a given number of columns.
use super::Look;
use crate::foreign_text::ForeignText;
use ratatui::text::{Line, Span};
use unicode_width::{UnicodeWidthChar as _, UnicodeWidthStr as _};

/// Number of characters that are looked at in a text that is cut anyway.
const MOST: usize = 2_000;

/// Text that somebody else may have written, as it may be shown on this terminal: no character moves the cursor or
/// hides, and with `--ascii` all are ASCII.
pub(crate) fn shown(bytes: impl AsRef<[u8]>, look: &Look) -> String {
    use std::fmt::Write as _;
    let text = ForeignText(bytes.as_ref()).to_string();
    if !look.ascii || text.is_ascii() {
        return text;
    }
    let mut ascii = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii() {
            ascii.push(c);
        } else {
            // A String takes every write.
            let _ = write!(ascii, "\\u{{{:x}}}", u32::from(c));
        }
    }
    ascii
}

/// The beginning of a text that may be a megabyte, of which one line is shown.
pub(crate) fn start(text: &str) -> &str {
    text.char_indices().nth(MOST).and_then(|(at, _)| text.get(..at)).unwrap_or(text)
}

/// Number of columns of a text.
pub(crate) fn width(text: &str) -> usize {
    text.width()
}

/// The longest head of a text that fits.
pub(crate) fn head(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return text.get(..at).unwrap_or_default();
        }
    }
    text
}

/// The longest tail of a text that fits.
fn tail(text: &str, columns: usize) -> &str {
    let mut used = 0;
    for (at, c) in text.char_indices().rev() {
        used += c.width().unwrap_or(0);
        if used > columns {
            return text.get(at + c.len_utf8()..).unwrap_or_default();
        }
    }
    text
}

/// A text cut at its end, with a sign of the cut.
pub(crate) fn fit(text: &str, columns: usize, look: &Look) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let sign = head(look.ellipsis(), columns);
    format!("{}{sign}", head(text, columns - width(sign)))
}

/// A text cut at its start, for keys and paths, whose end says most. It has a sign of the cut.
pub(crate) fn fit_end(text: &str, columns: usize, look: &Look) -> String {
    if width(text) <= columns {
        return text.to_owned();
    }
    let sign = head(look.ellipsis(), columns);
    format!("{sign}{}", tail(text, columns - width(sign)))
}

/// A line cut at its end, with a sign of the cut.
pub(crate) fn fit_line<'a>(line: Line<'a>, columns: usize, look: &Look) -> Line<'a> {
    if line.width() <= columns {
        return line;
    }
    let sign = head(look.ellipsis(), columns);
    let mut left = columns - width(sign);
    let mut spans = Vec::new();
    for span in line.spans {
        let wide = span.width();
        if wide <= left {
            left -= wide;
            spans.push(span);
        } else {
            let text = format!("{}{sign}", head(&span.content, left));
            spans.push(Span::styled(text, span.style));
            break;
        }
    }
    Line::from(spans).style(line.style)
}

/// Fills a text up to a number of columns.
pub(crate) fn pad(text: &str, columns: usize) -> String {
    format!("{text}{}", " ".repeat(columns.saturating_sub(width(text))))
}

/// A text in lines of at most so many columns, broken between any two characters: nothing of it is left out, so keys
/// that must be read exactly are shown in this way.
pub(crate) fn chunks(text: &str, columns: usize) -> Vec<&str> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let line = match head(rest, columns.max(1)) {
            // Not even one character fits.
            "" => rest.get(..rest.chars().next().map_or(0, char::len_utf8)).unwrap_or(rest),
            line => line,
        };
        lines.push(line);
        rest = rest.get(line.len()..).unwrap_or_default();
    }
    if lines.is_empty() {
        lines.push("");
    }
    lines
}

/// A text in lines of at most so many columns, broken at blanks, and within words that are longer than a line.
pub(crate) fn wrap(text: &str, columns: usize) -> Vec<String> {
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        if !line.is_empty() && width(&line) + 1 + width(word) > columns {
            lines.push(std::mem::take(&mut line));
        }
        if !line.is_empty() {
            line.push(' ');
        }
        line.push_str(word);
        while width(&line) > columns {
            let first = chunks(&line, columns).first().map_or(0, |first| first.len());
            let rest = line.split_off(first);
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;
    use proptest::prelude::*;

    fn look(ascii: bool) -> Look {
        Look { ascii, colour: true, zone: TimeZone::UTC, label: None }
    }

    #[test]
    fn a_wide_character_is_never_cut_in_half() {
        assert_eq!(fit("日本語", 4, &look(false)), "日…");
        assert_eq!(fit("日本語", 5, &look(false)), "日本…");
        assert_eq!(fit_end("日本語", 4, &look(false)), "…語");
        assert_eq!(fit("abcdef", 4, &look(true)), "ab..");
        assert_eq!(chunks("日本語", 4), ["日本", "語"]);
    }

    #[test]
    fn words_stay_whole_where_they_fit() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("a /coredns/io", 6), ["a", "/cored", "ns/io"]);
        assert_eq!(wrap("", 6), [""]);
    }

    proptest! {
        #[test]
        fn a_text_that_is_cut_fits(text in "\\PC{0,30}", columns in 0_usize..20, ascii: bool) {
            let look = look(ascii);
            let text = shown(&text, &look);
            prop_assert!(width(&fit(&text, columns, &look)) <= columns);
            prop_assert!(width(&fit_end(&text, columns, &look)) <= columns);
            prop_assert!(fit_line(Line::from(text), columns, &look).width() <= columns);
        }

        #[test]
        fn a_text_in_chunks_is_whole(text in "\\PC{0,30}", columns in 0_usize..20) {
            prop_assert_eq!(chunks(&text, columns).concat(), text);
        }
    }
}
