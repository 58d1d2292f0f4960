//! Names as texts, cut and compared as `CoreDNS` does it. It keeps names in presentation form, whatever they hold, and
//! finds a text that is no name only when it encodes a reply.
//!
//! So these functions take any bytes, and follow miekg/dns 1.1.73 (labels.go, defaults.go, types.go) and
//! plugin/etcd/msg/path.go byte for byte.

use crate::keys::Scope;

/// Tells whether the name ends with a dot that is not escaped. The bytes of the character before the backslashes are
/// counted as if they were backslashes, too. So behind a character of two or four bytes, an escaped dot closes the
/// name, and one that is not escaped does not (`IsFqdn`).
pub(super) fn is_closed(name: &[u8]) -> bool {
    name.strip_suffix(b".").is_some_and(|rest| match escapes_at_end(rest) {
        0 => true,
        escapes => {
            let before = rest.get(..rest.len() - escapes).unwrap_or_default();
            let last = before.utf8_chunks().last().filter(|chunk| chunk.invalid().is_empty());
            let width = last.and_then(|chunk| chunk.valid().chars().next_back()).map_or(1, char::len_utf8);
            !(escapes + width).is_multiple_of(2)
        }
    })
}

fn escapes_at_end(text: &[u8]) -> usize {
    text.iter().rev().take_while(|byte| **byte == b'\\').count()
}

/// Returns the name with its closing dot.
pub(in crate::dns) fn closed(name: &[u8]) -> Vec<u8> {
    let mut name = name.to_vec();
    if !is_closed(&name) {
        name.push(b'.');
    }
    name
}

/// Returns the start of each label; the root has none.
fn starts(name: &[u8]) -> Vec<usize> {
    if name == b"." {
        return vec![];
    }
    let inner = name.get(..name.len().saturating_sub(1)).unwrap_or_default();
    let dots = inner.iter().enumerate().filter(|(at, byte)| {
        **byte == b'.' && escapes_at_end(inner.get(..*at).unwrap_or_default()).is_multiple_of(2)
    });
    std::iter::once(0).chain(dots.map(|(at, _)| at + 1)).collect()
}

/// Returns the labels, leftmost first, without their dots. May hold empty ones.
pub(in crate::dns) fn labels(name: &[u8]) -> Vec<&[u8]> {
    if name.is_empty() {
        return vec![];
    }
    let starts = starts(name);
    let end = name.len() - usize::from(is_closed(name));
    let ends = starts.iter().skip(1).map(|start| start - 1).chain(std::iter::once(end));
    starts.iter().zip(ends).map(|(start, end)| name.get(*start..end).unwrap_or_default()).collect()
}

/// Returns a name, with its closing dot, and all above it up to the root: each may be a zone that it lies in.
pub(in crate::dns) fn ancestors(name: &[u8]) -> impl Iterator<Item = &[u8]> {
    let starts = starts(name).into_iter().filter_map(|start| name.get(start..));
    starts.chain(std::iter::once(&b"."[..]))
}

/// Tells whether `name` is `ancestor` or lies below it, without regard to case. Everything lies below the root.
pub(in crate::dns) fn is_within(ancestor: &[u8], name: &[u8]) -> bool {
    if ancestor == b"." {
        return true;
    }
    if name == b"." {
        return false;
    }
    let Some((before, tail)) = name.len().checked_sub(ancestor.len()).map(|start| name.split_at(start))
    else {
        return false;
    };
    let ends_a_label = |rest: &[u8]| escapes_at_end(rest).is_multiple_of(2);
    tail.eq_ignore_ascii_case(ancestor)
        && (before.is_empty() || before.strip_suffix(b".").is_some_and(ends_a_label))
}

/// Returns the name as a query for it is read: escapes that need none are taken away if another one is written anew,
/// and an unfinished one is dropped (`sprintName`).
pub(super) fn canonical(name: &[u8]) -> Vec<u8> {
    // Nothing is copied before the first byte that has to be written in another way.
    let mut out: Vec<u8> = vec![];
    let mut at = 0;
    while let Some(&first) = name.get(at) {
        if first == b'.' {
            if !out.is_empty() {
                out.push(b'.');
            }
            at += 1;
            continue;
        }
        let before = name.get(..at).unwrap_or_default();
        let Some((byte, length)) = byte_at(name.get(at..).unwrap_or_default()) else {
            return if out.is_empty() { before.to_vec() } else { out };
        };
        if is_plain(byte) {
            if !out.is_empty() {
                out.push(byte);
            }
        } else {
            if out.is_empty() {
                out.extend(before);
            }
            escape(byte, &mut out);
        }
        at += length;
    }
    if out.is_empty() { name.to_vec() } else { out }
}

/// Returns the first byte of a text, escaped or not, and the length of its spelling. `None` for half an escape.
pub(super) fn byte_at(text: &[u8]) -> Option<(u8, usize)> {
    match text {
        [b'\\', a @ b'0'..=b'9', b @ b'0'..=b'9', c @ b'0'..=b'9', ..] => {
            let digit = |digit: &u8, worth: u8| (digit - b'0').wrapping_mul(worth);
            Some((digit(a, 100).wrapping_add(digit(b, 10)).wrapping_add(digit(c, 1)), 4))
        }
        [b'\\', byte, ..] => Some((*byte, 2)),
        [b'\\'] | [] => None,
        [byte, ..] => Some((*byte, 1)),
    }
}

/// Tells whether a byte stands for itself in a label.
fn is_plain(byte: u8) -> bool {
    (b' '..=b'~').contains(&byte) && !br#". '@;()"\"#.contains(&byte)
}

/// Writes a byte of a label.
pub(super) fn escape(byte: u8, out: &mut Vec<u8>) {
    if is_plain(byte) {
        out.push(byte);
    } else if (b' '..=b'~').contains(&byte) {
        out.extend([b'\\', byte]);
    } else {
        out.extend(format!("\\{byte:03}").into_bytes());
    }
}

/// Tells whether a label is a wildcard in a query.
pub(in crate::dns) fn is_wildcard(label: &[u8]) -> bool {
    matches!(label, b"*" | b"any")
}

/// Returns the key of labels from the right (path.go:14): a slash in a label is not escaped and makes a level of its
/// own, and empty segments are cleaned away.
pub(in crate::dns) fn path(scope: &Scope, labels: &[&[u8]]) -> Vec<u8> {
    let scope = scope.as_str().as_bytes();
    let mut path = scope.strip_suffix(b"/").unwrap_or(scope).to_vec();
    for segment in labels.iter().flat_map(|label| label.split(|byte| *byte == b'/')) {
        if !segment.is_empty() {
            path.push(b'/');
            path.extend(segment);
        }
    }
    path
}

/// Returns the name that a key stands for in a target: its segments reversed, without the first, whatever the path is.
pub(super) fn of_key(key: &[u8]) -> Vec<u8> {
    let mut segments: Vec<&[u8]> = key.split(|byte| *byte == b'/').collect();
    segments.pop_if(|last| last.is_empty());
    // The part before the first slash is empty.
    let mut labels: Vec<&[u8]> = segments.into_iter().skip(2).rev().collect();
    if labels.is_empty() {
        return b".".to_vec();
    }
    if labels.pop_if(|last| *last == b".").is_some() {
        let mut name = labels.join(&b'.');
        name.push(b'.');
        return name;
    }
    closed(&labels.join(&b'.'))
}

/// Returns the name without so many labels at its left; all of it when there would be none left. Negative numbers cut
/// nothing. Older versions count on to the number itself, however large it is.
pub(super) fn stripped(name: Vec<u8>, labels: i64) -> Vec<u8> {
    let starts = starts(&name);
    match usize::try_from(labels).ok().and_then(|labels| starts.get(labels)) {
        Some(start) => name.get(*start..).unwrap_or_default().to_vec(),
        None => name,
    }
}

/// Returns a name in front of a zone.
pub(in crate::dns) fn join(label: &str, zone: &[u8]) -> Vec<u8> {
    if zone == b"." { format!("{label}.").into_bytes() } else { [label.as_bytes(), b".", zone].concat() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        String::from_utf8_lossy(bytes).into_owned()
    }

    #[test]
    fn a_dot_closes_a_name_unless_it_is_escaped() {
        for (name, is) in [
            ("a", r"a."),
            ("a.", r"a."),
            (r"a\.", r"a\.."),
            (r"a\\.", r"a\\."),
            ("", "."),
            (".", "."),
            (r"ü\.", r"ü\."),
        ] {
            assert_eq!(text(&closed(name.as_bytes())), is);
        }
    }

    #[test]
    fn labels_end_at_dots_that_are_not_escaped() {
        for (name, labels) in [
            ("a.b.c.", &["a", "b", "c"][..]),
            (r"a\.b.c.", &[r"a\.b", "c"]),
            (r"a\\.b.", &[r"a\\", "b"]),
            ("a..b.", &["a", "", "b"]),
            (".a.", &["", "a"]),
            ("a", &["a"]),
            (".", &[]),
            ("", &[]),
        ] {
            let found: Vec<String> = super::labels(name.as_bytes()).into_iter().map(text).collect();
            assert_eq!(found, labels, "{name}");
        }
    }

    #[test]
    fn a_name_lies_within_itself_and_its_ancestors() {
        for (ancestor, name, is) in [
            ("gcr.io.", "gcr.io.", true),
            ("gcr.io.", "x1.GCR.io.", true),
            ("gcr.io.", "xgcr.io.", false),
            ("gcr.io.", r"x\.gcr.io.", false),
            ("gcr.io.", r"x\\.gcr.io.", true),
            ("gcr.io.", "io.", false),
            (".", "io.", true),
            (".", ".", true),
            ("io.", ".", false),
        ] {
            assert_eq!(is_within(ancestor.as_bytes(), name.as_bytes()), is, "{ancestor} {name}");
        }
    }

    #[test]
    fn a_name_is_read_in_its_canonical_form() {
        for (name, canonical) in [
            ("a.b.", "a.b."),
            ("10.0.0.1 .", r"10.0.0.1\ ."),
            ("ü.io.", r"\195\188.io."),
            (r"\065b.io.", r"\065b.io."),
            (r"@\065b.io.", r"\@Ab.io."),
            (r"a\", "a"),
            (r"\999@.", r"\231\@."),
            ("a..b@.", r"a..b\@."),
        ] {
            assert_eq!(text(&super::canonical(name.as_bytes())), canonical, "{name}");
        }
    }

    #[test]
    fn the_name_of_a_key_drops_one_segment() {
        for (key, name) in [
            ("/skydns/io/gcr/X1", "X1.gcr.io."),
            ("/skydns/io/gcr/", "gcr.io."),
            ("/skydns/io/gcr//x1", "x1..gcr.io."),
            ("/skydns/io/a.b", "a.b.io."),
            ("/dns/prod/io/gcr", "gcr.io.prod."),
            ("/skydns", "."),
            ("/skydns/./x", "x."),
        ] {
            assert_eq!(text(&of_key(key.as_bytes())), name, "{key}");
        }
    }

    #[test]
    fn stripping_all_labels_strips_none_and_ends_whatever_the_number() {
        for (labels, left) in
            [(0, "a.b.c."), (1, "b.c."), (2, "c."), (3, "a.b.c."), (i64::MAX, "a.b.c."), (-1, "a.b.c.")]
        {
            assert_eq!(text(&stripped(b"a.b.c.".to_vec(), labels)), left, "{labels}");
        }
    }
}
