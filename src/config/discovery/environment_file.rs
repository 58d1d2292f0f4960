//! Files that systemd takes variables from (systemd.exec(5), `EnvironmentFile=`).
use std::collections::BTreeMap;

/// Returns the variables of a file, each with its line, from 1. The last one of a name counts.
pub(super) fn parse(text: &str) -> BTreeMap<String, (String, usize)> {
    let mut variables = BTreeMap::new();
    let mut rest = text;
    let mut line = 1;
    while !rest.is_empty() {
        let start = line;
        let trimmed = rest.trim_start_matches([' ', '\t']);
        if trimmed.starts_with(['#', ';', '\n', '\r']) {
            let end = trimmed.find('\n').map_or(trimmed.len(), |end| end + 1);
            rest = trimmed.get(end..).unwrap_or_default();
            line += 1;
            continue;
        }
        let end = trimmed.find(['=', '\n']).unwrap_or(trimmed.len());
        let (name, behind) = trimmed.split_at(end);
        if let Some(behind) = behind.strip_prefix('=') {
            let (value, taken) = value(behind);
            line += behind.get(..taken).unwrap_or_default().matches('\n').count();
            rest = behind.get(taken..).unwrap_or_default();
            let name = name.trim();
            if is_name(name) {
                variables.insert(name.to_owned(), (value, start));
            }
        } else {
            rest = behind.get(1..).unwrap_or_default();
            line += 1;
        }
    }
    variables
}

fn is_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// Returns a value up to the end of its line, and the number of its bytes. Quotes group, a backslash takes the next
/// character as it is, and at the end of a line it joins the next one.
fn value(text: &str) -> (String, usize) {
    let mut value = String::new();
    // Blanks at the end count only if they were quoted.
    let mut kept = 0;
    let mut quote = None;
    let mut chars = text.char_indices();
    while let Some((at, c)) = chars.next() {
        match (c, quote) {
            ('\n', None) => return (value.get(..kept).unwrap_or_default().to_owned(), at + 1),
            ('\\', None | Some('"')) => match chars.next() {
                None | Some((_, '\n')) => {}
                Some((_, next)) => {
                    // In double quotes only these characters need a backslash, as in a shell.
                    if quote.is_some() && !matches!(next, '"' | '\\' | '`' | '$') {
                        value.push('\\');
                    }
                    value.push(next);
                    kept = value.len();
                }
            },
            ('"' | '\'', None) => {
                quote = Some(c);
                kept = value.len();
            }
            (_, Some(open)) if open == c => quote = None,
            (' ' | '\t' | '\r', None) if value.is_empty() => {}
            (_, quoted) => {
                value.push(c);
                if quoted.is_some() || !matches!(c, ' ' | '\t' | '\r') {
                    kept = value.len();
                }
            }
        }
    }
    (value.get(..kept).unwrap_or_default().to_owned(), text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn variables_are_read_as_systemd_reads_them() {
        let text = "# a comment\n\
            ; another\n\
            PLAIN=https://10.0.0.1:2379\n\
            \n  SPACED =  a b  \n\
            DOUBLE=\"a b \"\n\
            SINGLE='a \\ \"b'\n\
            ESCAPED=a\\ b\\\"c\n\
            LONG=one,\\\ntwo\n\
            AFTER=yes\n\
            no variable\n\
            1BAD=x\n\
            TWICE=1\nTWICE=2\n\
            CR=windows\r\n\
            QUOTED_ESCAPES=\"a\\$b\\n\"\n\
            LAST=end";
        let variables = parse(text);
        let read: Vec<(&str, &str, usize)> =
            variables.iter().map(|(name, (value, line))| (name.as_str(), value.as_str(), *line)).collect();
        assert_eq!(
            read,
            [
                ("AFTER", "yes", 11),
                ("CR", "windows", 16),
                ("DOUBLE", "a b ", 6),
                ("ESCAPED", "a b\"c", 8),
                ("LAST", "end", 18),
                ("LONG", "one,two", 9),
                ("PLAIN", "https://10.0.0.1:2379", 3),
                ("QUOTED_ESCAPES", "a$b\\n", 17),
                ("SINGLE", "a \\ \"b", 7),
                ("SPACED", "a b", 5),
                ("TWICE", "2", 15),
            ]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_to_its_end(text in r#"[ -~\n\r\t"'\\#;=]{0,80}"#) {
            let lines = text.matches('\n').count() + 1;
            for (name, (_, line)) in parse(&text) {
                prop_assert!(is_name(&name) && line >= 1 && line <= lines);
            }
        }
    }
}
