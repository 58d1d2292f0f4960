use std::fmt::Write as _;

/// Returns a word as a POSIX shell takes it: unchanged if that is safe, else in single quotes.
///
/// A NUL cannot stand in an argument of a command; the caller has to keep it away.
#[must_use]
pub fn quoted(word: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "/._-:=,@+%".contains(c);
    // A tilde or an equals sign at the beginning may mean something to a shell.
    if !word.is_empty() && !word.starts_with('=') && word.chars().all(is_plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// Returns the same for bytes that may be anything but a NUL. Bytes that are not printable ASCII are escaped as bash,
/// zsh and ksh read it: a terminal takes a pasted control character for a key, and a reader trusts a character that
/// looks like another one.
#[must_use]
pub(super) fn quoted_bytes(word: &[u8]) -> String {
    match std::str::from_utf8(word) {
        Ok(text) if text.bytes().all(|byte| (0x20..0x7f).contains(&byte)) => quoted(text),
        _ => {
            let mut escaped = String::from("$'");
            for byte in word {
                match byte {
                    b'\'' | b'\\' => escaped.extend(['\\', char::from(*byte)]),
                    0x20..0x7f => escaped.push(char::from(*byte)),
                    // Three digits always, whatever follows. Writing into a string cannot fail.
                    byte => drop(write!(escaped, "\\{byte:03o}")),
                }
            }
            escaped.push('\'');
            escaped
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::process::Command;

    #[test]
    fn plain_words_stay_as_they_are() {
        for (word, shell) in [
            ("/coredns/", "/coredns/"),
            ("--prefix=true", "--prefix=true"),
            ("", "''"),
            ("a b", "'a b'"),
            ("it's", r"'it'\''s'"),
            ("$(reboot)", "'$(reboot)'"),
            ("~root", "'~root'"),
            ("=cat", "'=cat'"),
            (r"/coredns/a\xff", r"'/coredns/a\xff'"),
        ] {
            assert_eq!(quoted(word), shell);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn a_shell_reads_back_every_word(word in "[^\0]{0,24}") {
            let script = format!("printf %s {}", quoted(&word));
            let output = Command::new("sh").args(["-c", &script]).output().unwrap();
            prop_assert_eq!(String::from_utf8(output.stdout).unwrap(), word);
        }

        #[test]
        fn bash_reads_back_all_bytes_of_a_word_that_can_be_pasted(
            word in proptest::collection::vec(1_u8.., 0..24)
        ) {
            let line = quoted_bytes(&word);
            prop_assert!(line.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{}", line);
            let output = Command::new("bash").args(["-c", &format!("printf %s {line}")]).output().unwrap();
            prop_assert_eq!(output.stdout, word);
        }
    }
}
