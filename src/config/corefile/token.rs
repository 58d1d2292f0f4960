//! Words of a Corefile, as Caddy's lexer cuts them (coredns/caddy 1.1.4, caddyfile/lexer.go).
use super::CorefilePlace;
use std::{path::Path, sync::Arc};

/// One word. Its text may be a password: it is shown only if a rule says that it is none.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct CorefileToken {
    pub(super) text: String,
    pub(super) file: Arc<Path>,
    /// The line where the word begins, from 1.
    pub(super) line: usize,
}

impl std::fmt::Debug for CorefileToken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Token({})", self.place())
    }
}

impl CorefileToken {
    pub(super) fn place(&self) -> CorefilePlace {
        CorefilePlace { file: self.file.to_path_buf(), line: self.line }
    }

    /// Returns the line where the word ends: a word in quotes may hold line breaks.
    fn last_line(&self) -> usize {
        self.line + self.text.matches('\n').count()
    }

    /// Tells whether `next` begins a line, seen from this word.
    pub(super) fn is_followed_by_line(&self, next: &Self) -> bool {
        self.file != next.file || self.last_line() < next.line
    }

    /// Tells whether `next` stands on the line where this word ends.
    pub(super) fn shares_line_with(&self, next: &Self) -> bool {
        self.file == next.file && self.last_line() == next.line
    }
}

/// Cuts a text into words. Blanks separate, `"` quotes with `\"` inside, `#` begins a comment to the end of the line,
/// or inside a word to the end of the word. Quotes that are never closed reach to the end of the file.
pub(super) fn tokens(file: &Arc<Path>, text: &str) -> Vec<CorefileToken> {
    let mut tokens = Vec::new();
    let mut line = 1;
    let mut word: Option<CorefileToken> = None;
    let (mut comment, mut quoted, mut escaped) = (false, false, false);
    for c in text.strip_prefix('\u{feff}').unwrap_or(text).chars() {
        if quoted {
            let Some(open) = &mut word else { break };
            match c {
                '\\' if !escaped => {
                    escaped = true;
                    continue;
                }
                '"' if !escaped => {
                    quoted = false;
                    tokens.extend(word.take());
                    continue;
                }
                '\n' => line += 1,
                _ => {}
            }
            // Only quotes can be escaped; any other backslash stands for itself.
            if escaped && c != '"' {
                open.text.push('\\');
            }
            open.text.push(c);
            escaped = false;
            continue;
        }
        if c.is_whitespace() {
            if c == '\r' {
                continue;
            }
            line += usize::from(c == '\n');
            // A comment that began in a word ends with the word. Caddy's lexer does that too.
            comment &= c != '\n' && word.is_none();
            tokens.extend(word.take());
            continue;
        }
        comment |= c == '#';
        if comment {
            continue;
        }
        let open =
            word.get_or_insert_with(|| CorefileToken { text: String::new(), file: Arc::clone(file), line });
        if open.text.is_empty() && c == '"' {
            quoted = true;
        } else {
            open.text.push(c);
        }
    }
    tokens.extend(word.filter(|word| !word.text.is_empty()));
    tokens
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(text: &str) -> Vec<(usize, String)> {
        tokens(&Arc::from(Path::new("Corefile")), text)
            .into_iter()
            .map(|token| (token.line, token.text))
            .collect()
    }

    fn one_line(text: &str) -> Vec<String> {
        words(text).into_iter().map(|(_, text)| text).collect()
    }

    #[test]
    fn words_are_cut_at_blanks_and_know_their_line() {
        let text = ". {\r\n  etcd a\t{\n\n    path /x\n  }\n}";
        let wanted =
            [(1, "."), (1, "{"), (2, "etcd"), (2, "a"), (2, "{"), (4, "path"), (4, "/x"), (5, "}"), (6, "}")];
        assert_eq!(words(text), wanted.map(|(line, text)| (line, text.to_owned())));
    }

    #[test]
    fn quotes_hold_blanks_and_line_breaks_and_only_quotes_are_escaped() {
        assert_eq!(one_line(r#""a b" "c\"d" "e\f" g"h "" "#), ["a b", "c\"d", r"e\f", "g\"h", ""]);
        assert_eq!(words("\"a\nb\" c"), [(1, "a\nb".to_owned()), (2, "c".to_owned())]);
        assert_eq!(one_line("a \"open to the end"), ["a", "open to the end"]);
        assert_eq!(one_line(r#""a\\" b""#), [r"a\\", "b\""], "a doubled backslash stays doubled");
    }

    #[test]
    fn a_comment_ends_with_its_line_or_with_the_word_that_it_began_in() {
        assert_eq!(words("# a b\nd # e\nf"), [(2, "d".to_owned()), (3, "f".to_owned())]);
        assert_eq!(one_line("a#b c"), ["a", "c"]);
        assert_eq!(one_line("\"# no comment\""), ["# no comment"]);
    }

    #[test]
    fn a_byte_order_mark_is_no_word() {
        assert_eq!(one_line("\u{feff}."), ["."]);
    }

    #[test]
    fn no_word_shows_in_a_debug_print() {
        let shown = format!("{:?}", tokens(&Arc::from(Path::new("Corefile")), "credentials root s3cret"));
        assert!(!shown.contains("s3cret"), "{shown}");
    }
}
