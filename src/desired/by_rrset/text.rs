//! Texts as values hold them.

/// Returns a text as a value holds it, with backslashes and bytes that are not UTF-8 as escapes. `CoreDNS` cuts it
/// every 255 bytes, even within an escape. So letters before such a place are escaped too, until the cut falls between
/// two escapes.
pub(super) fn text(strings: &[Vec<u8>]) -> String {
    const STRING: usize = 255;
    let all = strings.concat();
    let mut units: Vec<String> = vec![];
    for chunk in all.utf8_chunks() {
        let plain = |c: char| if c == '\\' { "\\\\".to_owned() } else { c.to_string() };
        units.extend(chunk.valid().chars().map(plain));
        units.extend(chunk.invalid().iter().map(|byte| format!("\\{byte:03}")));
    }
    let (mut length, mut text) = (0, Vec::<String>::with_capacity(units.len()));
    // Start of the string that is being filled.
    let mut start = 0;
    for unit in units {
        let mut room = STRING - length % STRING;
        if unit.len() > room && unit.starts_with('\\') {
            let before = text.get_mut(start..).unwrap_or_default().iter_mut().rev();
            let letters = before.filter(|unit| matches!(unit.as_bytes(), [byte] if !byte.is_ascii_digit()));
            for letter in letters.take(room) {
                letter.insert(0, '\\');
                length += 1;
                room -= 1;
            }
        }
        if unit.len() >= room {
            start = text.len() + 1;
        }
        length += unit.len();
        text.push(unit);
    }
    text.concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_escape_of_a_text_lies_over_the_end_of_a_string() {
        for before in 240..260 {
            let wanted =
                ["a".repeat(before).as_bytes(), br"\\\\", "b".repeat(240).as_bytes(), b"\xff\\"].concat();
            let made = text(std::slice::from_ref(&wanted));
            // As CoreDNS cuts it and as its library reads each piece.
            let mut read = vec![];
            for piece in made.as_bytes().chunks(255) {
                let mut bytes = piece.iter().copied();
                while let Some(byte) = bytes.next() {
                    read.push(match byte {
                        b'\\' => match bytes.next().expect("a whole escape") {
                            digit @ b'0'..=b'9' => {
                                let digits = [digit, bytes.next().unwrap(), bytes.next().unwrap()];
                                std::str::from_utf8(&digits).unwrap().parse().unwrap()
                            }
                            other => other,
                        },
                        byte => byte,
                    });
                }
            }
            assert_eq!(read, wanted, "{before}");
        }
    }
}
