//! Lines that `etcdctl txn` reads on its standard input.
use crate::keys::ForeignKeyValue;

/// Writes `put -- "KEY" "VALUE"`, with bytes as a Go string literal spells them: printable ASCII, and without a quote
/// in it, so that the key ends at the second one. Behind `--` a key or value may begin with a dash.
///
/// etcdctl 3.4 to 3.7 read it alike, all 256 bytes of a value too.
#[must_use]
pub fn put_line(record: &ForeignKeyValue) -> Vec<u8> {
    let mut line = Vec::with_capacity(32 + record.key.len() + record.value.len() * 2);
    line.extend_from_slice(b"put -- \"");
    escape(&record.key, &mut line);
    line.extend_from_slice(b"\" \"");
    escape(&record.value, &mut line);
    line.extend_from_slice(b"\"\n");
    line
}

fn escape(bytes: &[u8], into: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().unwrap_or_default();
    for &byte in bytes {
        match byte {
            b'\n' => into.extend_from_slice(br"\n"),
            b'\t' => into.extend_from_slice(br"\t"),
            b'\r' => into.extend_from_slice(br"\r"),
            b'\\' => into.extend_from_slice(br"\\"),
            b'"' | ..0x20 | 0x7f.. => {
                into.extend_from_slice(&[b'\\', b'x', digit(byte >> 4), digit(byte & 0xf)]);
            }
            _ => into.push(byte),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Revision;
    use proptest::prelude::*;

    fn line(key: &[u8], value: &[u8]) -> String {
        let record = ForeignKeyValue {
            key: key.into(),
            value: value.into(),
            create_revision: Revision(1),
            mod_revision: Revision(1),
            version: 1,
            lease: None,
        };
        String::from_utf8(put_line(&record)).unwrap()
    }

    #[test]
    fn bytes_are_spelled_as_go_spells_them() {
        assert_eq!(
            line(b"/a b", b"k8s\0\"x\\\n\xff$`'"),
            "put -- \"/a b\" \"k8s\\x00\\x22x\\\\\\n\\xff$`'\"\n"
        );
        assert_eq!(line(b"--prefix", b""), "put -- \"--prefix\" \"\"\n");
    }

    proptest! {
        #[test]
        fn a_line_is_one_line_of_printable_ascii_with_four_quotes(key in prop::collection::vec(any::<u8>(), 1..20), value in prop::collection::vec(any::<u8>(), 0..40)) {
            let line = line(&key, &value);
            let text = line.strip_suffix('\n').unwrap();
            prop_assert!(text.bytes().all(|byte| (0x20..0x7f).contains(&byte)));
            prop_assert_eq!(text.matches('"').count(), 4);
        }
    }
}
