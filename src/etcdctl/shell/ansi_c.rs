/// Reads `$'...'` behind its first quote. Returns its bytes, and the number of bytes of the text with the closing
/// quote; `None` if that is missing.
pub(super) fn ansi_c(text: &[u8]) -> Option<(Vec<u8>, usize)> {
    let mut out = Vec::new();
    // bash ends the string at a NUL, and reads on to the quote.
    let mut ended = false;
    let mut at = 0;
    loop {
        let byte = *text.get(at)?;
        at += 1;
        let mut piece = Vec::new();
        match byte {
            b'\'' => return Some((out, at)),
            b'\\' => at += escape(text.get(at..)?, &mut piece)?,
            byte => piece.push(byte),
        }
        ended |= piece == [0];
        if !ended {
            out.extend(piece);
        }
    }
}

/// Reads the escape behind a backslash, and returns the number of its bytes.
fn escape(text: &[u8], out: &mut Vec<u8>) -> Option<usize> {
    let first = *text.first()?;
    let digits = |from: usize, most: usize, radix: u32| {
        let digits: String = text
            .iter()
            .skip(from)
            .take(most)
            .map(|byte| char::from(*byte))
            .take_while(|c| c.is_digit(radix))
            .collect();
        u32::from_str_radix(&digits, radix).ok().map(|value| (value, digits.len()))
    };
    let simple = |byte: u8, out: &mut Vec<u8>| {
        out.push(byte);
        Some(1)
    };
    match first {
        b'a' => simple(7, out),
        b'b' => simple(8, out),
        b'e' | b'E' => simple(0x1b, out),
        b'f' => simple(0x0c, out),
        b'n' => simple(b'\n', out),
        b'r' => simple(b'\r', out),
        b't' => simple(b'\t', out),
        b'v' => simple(0x0b, out),
        b'\\' | b'\'' | b'"' | b'?' => simple(first, out),
        b'0'..=b'7' => {
            let (value, length) = digits(0, 3, 8)?;
            out.push(u8::try_from(value & 0xff).ok()?);
            Some(length)
        }
        b'x' | b'u' | b'U' => {
            let most = match first {
                b'x' => 2,
                b'u' => 4,
                _ => 8,
            };
            let Some((value, length)) = digits(1, most, 16) else {
                out.extend([b'\\', first]);
                return Some(1);
            };
            match (first, char::from_u32(value)) {
                (b'x', _) => out.push(u8::try_from(value).ok()?),
                (_, Some(c)) => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
                // bash writes bytes for a surrogate too; no text has one.
                (_, None) => out.extend_from_slice("\u{fffd}".as_bytes()),
            }
            Some(1 + length)
        }
        b'c' => {
            let control = *text.get(1)?;
            out.push(if control == b'?' { 0x7f } else { control.to_ascii_uppercase() & 0x1f });
            Some(2)
        }
        other => {
            out.extend([b'\\', other]);
            Some(1)
        }
    }
}
