//! Characters that look like those of a command line, and are others. A shell and etcdctl take them for letters.

use super::sentence::{Number, Sentence, sentence};
use crate::foreign_text::ForeignText;

const OTHER_SCRIPT: &str = "a letter of another script";

/// Kind of a character, and the one of a command line that it looks like; none if it looks like nothing.
type Likeness = (&'static str, Option<char>);

fn likeness(c: char) -> Option<Likeness> {
    Some(match c {
        '\u{ff01}'..='\u{ff5e}' => ("a full-width letter", char::from_u32(u32::from(c) - 0xfee0)),
        '\u{a0}' | '\u{202f}' | '\u{2007}' => ("a non-breaking space", Some(' ')),
        '\u{2000}'..='\u{200a}' | '\u{205f}' | '\u{3000}' => ("a wide space", Some(' ')),
        '\u{200b}'..='\u{200f}'
        | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{2069}'
        | '\u{feff}'
        | '\u{ad}' => ("an invisible character", None),
        '\u{2018}'..='\u{201b}' | '\u{2032}' | '\u{b4}' => ("a typographic quote", Some('\'')),
        '\u{201c}'..='\u{201f}' | '\u{2033}' | '\u{ab}' | '\u{bb}' => ("a typographic quote", Some('"')),
        '\u{2010}'..='\u{2015}' | '\u{2212}' => ("a dash", Some('-')),
        '\u{2044}' | '\u{2215}' | '\u{29f8}' => ("another slash", Some('/')),
        '\r' => ("a carriage return, the line end of Windows", None),
        _ => return None,
    })
}

/// Returns the Latin letter that a Cyrillic or a Greek one looks like.
fn latin(c: char) -> Option<char> {
    Some(match c {
        'а' => 'a',
        'с' | 'ϲ' => 'c',
        'ԁ' => 'd',
        'е' => 'e',
        'һ' => 'h',
        'і' | 'ι' => 'i',
        'ј' => 'j',
        'ӏ' => 'l',
        'о' | 'ο' => 'o',
        'р' | 'ρ' => 'p',
        'ѕ' => 's',
        'т' | 'τ' => 't',
        'ѵ' | 'ν' => 'v',
        'х' | 'χ' => 'x',
        'у' | 'γ' => 'y',
        _ => return None,
    })
}

/// Returns each character with the one that it looks like. A letter of another script looks like a Latin one only
/// among Latin ones: names may be written in any script.
fn each(text: &str) -> Vec<(char, Option<Likeness>)> {
    let mut all = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let end = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len()).max(first.len_utf8());
        let (run, behind) = rest.split_at(end);
        let posed = run.chars().any(|c| c.is_ascii_alphabetic())
            && run.chars().all(|c| c.is_ascii() || latin(c).is_some());
        all.extend(run.chars().map(|c| {
            let letter = latin(c).filter(|_| posed).map(|latin| (OTHER_SCRIPT, Some(latin)));
            (c, likeness(c).or(letter))
        }));
        rest = behind;
    }
    all
}

/// Tells whether a text has nothing to look at, as most texts.
fn is_usual(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii() && byte != b'\r')
}

/// Returns the text that was probably meant. A long dash that stands alone was two hyphens before a program joined
/// them.
#[must_use]
pub(super) fn as_meant(text: &str) -> String {
    if is_usual(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    let mut all = each(text).into_iter().peekable();
    while let Some((c, likeness)) = all.next() {
        let begins_word = out.is_empty() || out.ends_with(char::is_whitespace);
        let is_alone = all
            .peek()
            .is_none_or(|(next, likeness)| *next != '-' && !matches!(likeness, Some((_, Some('-')))));
        match likeness {
            Some((_, Some('-'))) if begins_word && is_alone && matches!(c, '\u{2013}'..='\u{2015}') => {
                out.push_str("--");
            }
            Some((_, Some(meant))) => out.push(meant),
            Some((_, None)) => {}
            None => out.push(c),
        }
    }
    out
}

/// Returns the first character of a word that looks like another one: its kind, and the character.
#[must_use]
pub(super) fn found(word: &[u8]) -> Option<(&'static str, char)> {
    let text = std::str::from_utf8(word).ok().filter(|text| !is_usual(text))?;
    each(text).into_iter().find_map(|(c, likeness)| Some((likeness?.0, c)))
}

/// Returns a word as it can be shown, with letters of another script as their numbers: nobody sees them otherwise.
#[must_use]
pub(super) fn told_apart(word: &[u8]) -> Sentence {
    let Ok(text) = std::str::from_utf8(word) else { return sentence![ForeignText(word)] };
    let one = |(c, likeness): (char, Option<Likeness>)| match likeness {
        Some((OTHER_SCRIPT, _)) => sentence![Number::Escaped(c)],
        _ => sentence![ForeignText::from(c.encode_utf8(&mut [0; 4]) as &str)],
    };
    Sentence::joined(&each(text).into_iter().map(one).collect::<Vec<_>>(), "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_letter_of_another_script_is_told_among_latin_ones_only() {
        for (text, meant) in [
            ("\u{435}tcdctl", "etcdctl"),
            ("/\u{441}oredns/x", "/coredns/x"),
            ("\u{ff45}tcdctl\u{a0}del", "etcdctl del"),
            ("/coredns/\u{440}\u{444}", "/coredns/\u{440}\u{444}"),
            ("/coredns/\u{440}\u{443}/x", "/coredns/\u{440}\u{443}/x"),
            ("/coredns/gr\u{fc}n", "/coredns/gr\u{fc}n"),
            ("\u{2014}prefix \u{2014}rev", "--prefix --rev"),
            ("\u{2013}\u{2013}prefix \u{2013}-rev", "--prefix --rev"),
        ] {
            assert_eq!(as_meant(text), meant);
            assert_eq!(found(text.as_bytes()).is_some(), text != meant, "{text}");
        }
    }
}
