//! Stored value as lines of text.
use super::{Look, text::shown};
use serde::de::IgnoredAny;

/// Number of lines that are made of a value at most; a value may be a megabyte.
const MOST_LINES: usize = 1_000;
/// Number of bytes of one line at most.
const MOST_BYTES: usize = 4_000;
/// Level below which nothing is indented any further.
const DEEPEST: usize = 12;

/// The value with a line per field when it is JSON, otherwise as it is. Nothing is spelled in another way: numbers,
/// escapes, the order of fields and fields that are there twice stay as they were stored.
pub(crate) fn lines(value: &[u8], look: &Look) -> Vec<String> {
    let is_json = serde_json::from_slice::<IgnoredAny>(value).is_ok();
    let text = String::from_utf8_lossy(value);
    let laid_out: Vec<String> = if is_json {
        lay_out(&text)
    } else {
        // A value that is not UTF-8 is shown byte by byte, so the lines are cut before.
        return value
            .split(|byte| *byte == b'\n')
            .take(MOST_LINES)
            .map(|line| shown(cut(line), look))
            .collect();
    };
    laid_out.into_iter().map(|line| shown(cut(line.as_bytes()), look)).collect()
}

fn cut(line: &[u8]) -> &[u8] {
    line.get(..MOST_BYTES).unwrap_or(line)
}

/// Breaks JSON into lines outside its strings. The text must be JSON.
fn lay_out(text: &str) -> Vec<String> {
    let mut lines = vec![String::new()];
    let mut depth = 0_usize;
    let (mut in_string, mut escaped) = (false, false);
    let mut chars = text.chars().peekable();
    let new_line = |lines: &mut Vec<String>, depth: usize| lines.push("  ".repeat(depth.min(DEEPEST)));
    while let Some(c) = chars.next() {
        if lines.len() > MOST_LINES {
            break;
        }
        if !in_string && c.is_ascii_whitespace() {
            continue;
        }
        if !in_string && matches!(c, '}' | ']') {
            depth = depth.saturating_sub(1);
            new_line(&mut lines, depth);
        }
        if let Some(line) = lines.last_mut() {
            line.push(c);
        }
        if in_string {
            in_string = escaped || c != '"';
            escaped = !escaped && c == '\\';
            continue;
        }
        match c {
            '"' => in_string = true,
            ':' => {
                if let Some(line) = lines.last_mut() {
                    line.push(' ');
                }
            }
            ',' => new_line(&mut lines, depth),
            '{' | '[' => {
                while chars.next_if(char::is_ascii_whitespace).is_some() {}
                // Empty brackets stay on one line.
                if let Some(close) = chars.next_if(|next| matches!(next, '}' | ']')) {
                    if let Some(line) = lines.last_mut() {
                        line.push(close);
                    }
                } else {
                    depth += 1;
                    new_line(&mut lines, depth);
                }
            }
            _ => {}
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::TimeZone;

    fn of(value: &[u8]) -> Vec<String> {
        lines(value, &Look { ascii: false, colour: true, zone: TimeZone::UTC, label: None })
    }

    #[test]
    fn a_value_is_laid_out_and_not_rewritten() {
        let value = br#"{"host":"a, {b}: \"c\"","ttl":6e1,"ttl":060.0,"x":[1,{}],"e":[]}"#;
        // 060.0 is no JSON number: the whole value is shown as it is.
        assert_eq!(of(value).len(), 1);
        let value = br#"{"host":"a, {b}: \"c\"","ttl":6e1,"ttl":60.0,"x":[1,{}],"e":[ ]}"#;
        assert_eq!(
            of(value),
            [
                "{",
                r#"  "host": "a, {b}: \"c\"","#,
                r#"  "ttl": 6e1,"#,
                r#"  "ttl": 60.0,"#,
                r#"  "x": ["#,
                "    1,",
                "    {}",
                "  ],",
                r#"  "e": []"#,
                "}"
            ]
        );
    }

    #[test]
    fn what_is_no_text_is_shown_byte_by_byte() {
        assert_eq!(of(b"a\xffb\x1b[2J\nc"), ["a\\xffb\\u{1b}[2J", "c"]);
        assert_eq!(of(b""), [""]);
    }

    #[test]
    fn a_very_long_value_is_cut() {
        assert!(of(&b"[1,".repeat(100)).len() == 1, "no JSON");
        let many = format!("[{}1]", "1,".repeat(5_000));
        assert!(of(many.as_bytes()).len() <= MOST_LINES + 1);
        assert!(of(&b"a".repeat(1_000_000))[0].len() <= MOST_BYTES);
    }
}
