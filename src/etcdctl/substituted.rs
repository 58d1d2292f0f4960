//! Commands whose output becomes a part of a word: `$(...)`, backquotes, `<(...)`.
use super::{shell::Word, wrapped::found_by};

/// Their texts, as they are run before the command is. What only looks for a program is none.
pub(super) fn commands(word: &Word) -> Vec<&[u8]> {
    if word.unknown.is_none() {
        return vec![];
    }
    pieces(&word.bytes).into_iter().filter_map(|(inside, is_run)| is_run.then_some(inside)).collect()
}

/// The word without them.
pub(super) fn outside(word: &Word) -> Vec<u8> {
    if word.unknown.is_none() {
        return word.bytes.clone();
    }
    pieces(&word.bytes)
        .into_iter()
        .filter(|(_, is_run)| !is_run)
        .map(|(piece, _)| piece)
        .collect::<Vec<_>>()
        .join(&b' ')
}

/// The pieces of a word, and whether each is run.
fn pieces(bytes: &[u8]) -> Vec<(&[u8], bool)> {
    let mut pieces = Vec::new();
    let mut rest = bytes;
    while let Some((at, length, inside)) = next(rest) {
        let is_search =
            rest.get(at..at + length).is_some_and(|text| found_by(&String::from_utf8_lossy(text)).is_some());
        pieces.push((rest.get(..at).unwrap_or_default(), false));
        pieces.push((inside, !is_search));
        rest = rest.get(at + length..).unwrap_or_default();
    }
    pieces.push((rest, false));
    pieces
}

/// Where the next one begins, how long it is, and what is in it.
fn next(text: &[u8]) -> Option<(usize, usize, &[u8])> {
    let opened = |two: &[u8]| matches!(two, b"$(" | b"<(" | b">(");
    let bracket = text.windows(2).position(opened);
    let quote = text.iter().position(|byte| *byte == b'`');
    match (bracket, quote) {
        (Some(at), quote) if quote.is_none_or(|quote| at < quote) => {
            let inside = text.get(at + 2..)?;
            let mut depth = 1_u32;
            let end = inside.iter().position(|byte| {
                depth = match byte {
                    b'(' => depth + 1,
                    b')' => depth - 1,
                    _ => depth,
                };
                depth == 0
            })?;
            Some((at, end + 3, inside.get(..end)?))
        }
        (_, Some(at)) => {
            let inside = text.get(at + 1..)?;
            let end = inside.iter().position(|byte| *byte == b'`')?;
            Some((at, end + 2, inside.get(..end)?))
        }
        (_, None) => None,
    }
}
