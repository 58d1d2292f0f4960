//! Presentation form of names and data (RFC 1035, section 5.1), in one spelling. The engine's texts and those from
//! the wire are both brought into it, so that two ways to write one byte make no difference.

/// Returns a name of these labels, leftmost first.
pub fn name<'l>(labels: impl IntoIterator<Item = &'l [u8]>) -> String {
    let mut text = String::new();
    for label in labels {
        for byte in label {
            match byte {
                b'.' | b' ' | b'\'' | b'@' | b';' | b'(' | b')' | b'"' | b'\\' => {
                    text.push('\\');
                    text.push(char::from(*byte));
                }
                0x21..=0x7e => text.push(char::from(*byte)),
                _ => text.push_str(&decimal(*byte)),
            }
        }
        text.push('.');
    }
    if text.is_empty() { ".".to_owned() } else { text }
}

/// Returns the labels of a name that ends with a dot. `None` if it is no name; lengths are not checked.
pub fn labels(text: &str) -> Option<Vec<Vec<u8>>> {
    if text == "." {
        return Some(vec![]);
    }
    let mut labels = vec![vec![]];
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'.' => labels.push(vec![]),
            b'\\' => labels.last_mut()?.push(escaped(&mut bytes)?),
            byte => labels.last_mut()?.push(byte),
        }
    }
    // Nothing is behind the closing dot, and no label is empty.
    (labels.pop()?.is_empty() && !labels.is_empty() && labels.iter().all(|label| !label.is_empty()))
        .then_some(labels)
}

/// Returns the length of a name on the wire.
pub fn wire_length(labels: &[Vec<u8>]) -> usize {
    labels.iter().map(|label| label.len() + 1).sum::<usize>() + 1
}

/// Returns character strings, as those of TXT.
pub fn strings<'s>(strings: impl IntoIterator<Item = &'s [u8]>) -> String {
    let quoted = strings.into_iter().map(|string| {
        let mut text = String::from('"');
        for byte in string {
            match byte {
                b'"' | b'\\' => {
                    text.push('\\');
                    text.push(char::from(*byte));
                }
                0x20..=0x7e => text.push(char::from(*byte)),
                _ => text.push_str(&decimal(*byte)),
            }
        }
        text + "\""
    });
    quoted.collect::<Vec<_>>().join(" ")
}

/// Returns the data of a record of this type in the one spelling; `None` if it is not in presentation form.
pub fn data(kind: u16, text: &str) -> Option<String> {
    let one_name = |text: &str| Some(name(labels(text)?.iter().map(Vec::as_slice)));
    let behind_numbers = |count: usize| {
        let fields: Vec<&str> = text.splitn(count + 1, ' ').collect();
        let (target, numbers) = fields.split_last()?;
        let numbers: Option<Vec<String>> =
            numbers.iter().map(|number| Some(number.parse::<u16>().ok()?.to_string())).collect();
        Some(format!("{} {}", numbers.filter(|numbers| numbers.len() == count)?.join(" "), one_name(target)?))
    };
    match kind {
        1 => Some(text.parse::<std::net::Ipv4Addr>().ok()?.to_string()),
        28 => Some(text.parse::<std::net::Ipv6Addr>().ok()?.to_string()),
        2 | 5 | 12 => one_name(text),
        6 => {
            let fields: Vec<&str> = text.split(' ').collect();
            let [mname, rname, serial, timers @ ..] = fields.as_slice() else { return None };
            serial.parse::<u32>().ok()?;
            // The serial is the time of day.
            Some(format!("{} {} SERIAL {}", one_name(mname)?, one_name(rname)?, timers.join(" ")))
        }
        15 => behind_numbers(1),
        16 => {
            let all = quoted_strings(text)?;
            Some(strings(all.iter().map(Vec::as_slice)))
        }
        33 => behind_numbers(3),
        _ => None,
    }
}

/// Returns the bytes of `"…" "…"`.
fn quoted_strings(text: &str) -> Option<Vec<Vec<u8>>> {
    let mut bytes = text.bytes();
    let mut all = vec![];
    loop {
        if bytes.next()? != b'"' {
            return None;
        }
        let mut string = vec![];
        loop {
            match bytes.next()? {
                b'"' => break,
                b'\\' => string.push(escaped(&mut bytes)?),
                byte => string.push(byte),
            }
        }
        all.push(string);
        match bytes.next() {
            None => return Some(all),
            Some(b' ') => {}
            Some(_) => return None,
        }
    }
}

fn decimal(byte: u8) -> String {
    format!("\\{byte:03}")
}

/// Returns the byte behind a backslash: three digits, or itself.
fn escaped(bytes: &mut impl Iterator<Item = u8>) -> Option<u8> {
    let first = bytes.next()?;
    if !first.is_ascii_digit() {
        return Some(first);
    }
    let digits = [first, bytes.next()?, bytes.next()?];
    std::str::from_utf8(&digits).ok()?.parse().ok()
}

/// Returns the written form of a type.
pub fn kind(number: u16) -> String {
    let known = KINDS.iter().find(|(known, _)| *known == number);
    known.map_or_else(|| format!("TYPE{number}"), |(_, name)| (*name).to_owned())
}

/// Returns the type of a mnemonic, or of `TYPE65280` (RFC 3597).
pub fn kind_number(text: &str) -> Option<u16> {
    let known = KINDS.iter().find(|(_, name)| *name == text).map(|(number, _)| *number);
    known.or_else(|| text.strip_prefix("TYPE")?.parse().ok())
}

const KINDS: [(u16, &str); 17] = [
    (1, "A"),
    (2, "NS"),
    (5, "CNAME"),
    (6, "SOA"),
    (12, "PTR"),
    (13, "HINFO"),
    (15, "MX"),
    (16, "TXT"),
    (28, "AAAA"),
    (33, "SRV"),
    (35, "NAPTR"),
    (43, "DS"),
    (48, "DNSKEY"),
    (64, "SVCB"),
    (65, "HTTPS"),
    (255, "ANY"),
    (257, "CAA"),
];

#[test]
fn two_ways_to_write_one_byte_are_one() {
    assert_eq!(data(5, r"a\064b\032c."), data(5, r"a\@b\ c."));
    assert_eq!(data(16, r#""\065\"" """#).unwrap(), r#""A\"" """#);
    assert_eq!(data(33, "010 90 80 x1.gcr.io.").unwrap(), "10 90 80 x1.gcr.io.");
    assert_eq!(data(15, "10 ."), Some("10 .".to_owned()));
}

#[test]
fn what_is_not_in_presentation_form_is_nothing() {
    for (kind, text) in [
        (5, "gcr.io"),
        (5, "a..b."),
        (5, ""),
        (16, "bare"),
        (16, "\"a\"\"b\""),
        (33, "1 2 x."),
        (1, "1.2.3.4."),
    ] {
        assert_eq!(data(kind, text), None, "{kind} {text}");
    }
}
