//! History expansion of an interactive bash: `!!`, `!$`, `!etc:s/get/del/`, `^get^del^` put an earlier line, or a part of
//! it, in their place, and the text does not show which.

/// Tells whether a typed text calls for an earlier line (bash(1), HISTORY EXPANSION).
pub(super) fn is_called(text: &[u8]) -> bool {
    let is_quick = |line: &[u8]| line.first() == Some(&b'^') && line.iter().skip(1).any(|byte| *byte == b'^');
    text.split(|byte| *byte == b'\n').any(is_quick) || has_event(text)
}

/// Finds an exclamation mark that is neither quoted by `'` or `\`, nor a part of `$!`, `${!x}`, `[!a]` or `!=`.
fn has_event(text: &[u8]) -> bool {
    let (mut single, mut double) = (false, false);
    let mut before = b'\n';
    let mut bytes = text.iter().copied().peekable();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' if !single => {
                before = bytes.next().unwrap_or_default();
                continue;
            }
            b'\'' if !double => single = !single,
            b'"' if !single => double = !double,
            b'!' if !single && !matches!(before, b'$' | b'{' | b'[') => {
                let begins = |next: &u8| next.is_ascii_alphanumeric() || b"!$*^#?-:%_/".contains(next);
                if bytes.peek().is_some_and(begins) {
                    return true;
                }
            }
            _ => {}
        }
        before = byte;
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_bash_puts_an_earlier_line_for_is_told_from_what_it_leaves() {
        for text in [
            "!!",
            "sudo !!",
            "etcdctl !$ / --prefix",
            "etcdctl !*",
            "!etc:gs/get/del/",
            "!-2",
            "!?del?",
            "^get^del^",
            "ls\n^a^b",
            "echo \"!!\"",
            "x; !#:s/get/del/",
        ] {
            assert!(is_called(text.as_bytes()), "{text}");
        }
        for text in [
            "if ! etcdctl get x; then :; fi",
            "[ a != b ]",
            "echo $!",
            "echo ${!x}",
            "ls [!a]*",
            "awk '!seen[$0]++'",
            "echo 'a!!b'",
            "echo a\\!!",
            "echo \"done!\"",
            "grep '^a^b'",
            "! true",
        ] {
            assert!(!is_called(text.as_bytes()), "{text}");
        }
    }
}
