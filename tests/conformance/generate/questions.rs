//! Questions about a record set: its names, those above, below and beside them, and unexpected ones.

use super::names::{name_of, of_zone};
use crate::{comparison::Asked, options::Options, presentation, records::Record};
use fastrand::Rng;
use std::collections::BTreeSet;

/// Types, with the share of questions for each.
const KINDS: [(u16, u32); 18] = [
    (1, 24),
    (28, 12),
    (16, 13),
    (33, 14),
    (15, 10),
    (5, 9),
    (12, 6),
    (2, 4),
    (6, 2),
    (255, 2),
    (257, 1),
    (65, 1),
    (64, 1),
    (43, 1),
    (35, 1),
    (48, 1),
    (13, 1),
    (65_280, 1),
];

/// Returns this many different questions, or fewer if there are not so many.
pub fn questions(rng: &mut Rng, options: &Options, records: &[Record], count: usize) -> Vec<Asked> {
    let names: Vec<String> = names(options, records).into_iter().collect();
    let mut seen = BTreeSet::new();
    let mut questions = vec![];
    for _ in 0..count * 10 {
        let meant = if rng.u8(0..4) == 0 { meant(rng, options, records) } else { None };
        let asked = meant.unwrap_or_else(|| any(rng, options, &names));
        // A name that no zone covers is refused, which a few questions show.
        if !covered(options, &asked.name) && rng.u8(0..12) > 0 {
            continue;
        }
        if seen.insert((asked.name.clone(), asked.kind)) {
            questions.push(asked);
        }
        if questions.len() == count {
            break;
        }
    }
    questions
}

/// Returns any question about any of these names.
fn any(rng: &mut Rng, options: &Options, names: &[String]) -> Asked {
    let kind = kind(rng);
    // Name servers are asked for at the top of a zone.
    let at_the_top = kind == 2 && rng.bool();
    let zone = &options.zones[rng.usize(0..options.zones.len())];
    let zone = if at_the_top { name_of(&of_zone(zone)) } else { None };
    let one = &names[rng.usize(0..names.len())];
    let name = zone.unwrap_or_else(|| varied(rng, one));
    Asked { name, kind }
}

/// Returns the question that the maker of one of the records had in mind.
fn meant(rng: &mut Rng, options: &Options, records: &[Record]) -> Option<Asked> {
    let record = &records[rng.usize(0..records.len())];
    let has = |field: &str| memchr::memmem::find(&record.value, field.as_bytes()).is_some();
    let mut segments = segments(options, record)?;
    let kind = if has("\"mail\"") {
        15
    } else if has("\"text\"") {
        16
    } else if has("\"port\"") || has("\"weight\"") {
        33
    } else if segments.first().is_some_and(|top| top == "arpa") {
        12
    } else {
        [1, 28, 5][rng.usize(0..3)]
    };
    // The question is for the name itself, or for a name above a leaf.
    let above = if rng.bool() { 0 } else { rng.usize(0..segments.len()) };
    segments.truncate(segments.len() - above);
    Some(Asked { name: name_of(&segments)?, kind })
}

/// Returns the segments of a record's key, without the path.
fn segments(options: &Options, record: &Record) -> Option<Vec<String>> {
    let key = std::str::from_utf8(&record.key).ok()?;
    let below = key.strip_prefix(&format!("{}/", options.path))?;
    Some(below.split('/').map(str::to_owned).collect())
}

/// Returns the names of all keys and those above them, the targets of aliases, and the special names of a zone.
fn names(options: &Options, records: &[Record]) -> BTreeSet<String> {
    let mut names = BTreeSet::from(["outside.invalid.".to_owned(), "behind.example.org.".to_owned()]);
    let mut add = |segments: &[String]| names.extend(name_of(segments));
    for record in records {
        let Some(segments) = segments(options, record) else { continue };
        for length in 1..=segments.len() {
            add(&segments[..length]);
        }
        if let Some(target) = target(record) {
            let segments: Vec<String> =
                target.trim_end_matches('.').split('.').rev().map(str::to_owned).collect();
            add(&segments);
        }
    }
    for zone in &options.zones {
        let zone = of_zone(zone);
        for special in [&[][..], &["dns"], &["dns", "ns"], &["dns", "apex"], &["nothing"]] {
            let mut segments = zone.clone();
            segments.extend(special.iter().map(|&label| label.to_owned()));
            add(&segments);
        }
    }
    names
}

fn target(record: &Record) -> Option<String> {
    let value: serde_json::Value = serde_json::from_slice(&record.value).ok()?;
    value.get("host")?.as_str().map(str::to_owned)
}

fn covered(options: &Options, name: &str) -> bool {
    options.zones.iter().any(|zone| {
        zone == "."
            || name
                .strip_suffix(&format!("{zone}."))
                .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    })
}

/// Returns the name as it is, most of the time.
fn varied(rng: &mut Rng, name: &str) -> String {
    let mut labels = presentation::labels(name).expect("names are made so");
    match rng.u8(0..22) {
        0 => labels.insert(0, b"nothing".to_vec()),
        1 => labels.insert(0, b"x1".to_vec()),
        2 => {
            if let Some(first) = labels.first_mut() {
                *first = b"nothing".to_vec();
            }
        }
        3 | 4 if !labels.is_empty() => {
            let at = rng.usize(0..labels.len());
            labels[at] = [&b"*"[..], b"any", b"ANY"][rng.usize(0..3)].to_vec();
        }
        5 => labels.insert(0, b"*".to_vec()),
        9 => labels.insert(
            0,
            [&b"/"[..], b"a/", b"/www", b"a//b", b"any/a", b"a/*", b".", b"..", b"\xff"][rng.usize(0..9)]
                .to_vec(),
        ),
        6..=8 => {
            for byte in labels.iter_mut().flatten() {
                if rng.bool() {
                    byte.make_ascii_uppercase();
                }
            }
        }
        _ => {}
    }
    let fits = presentation::wire_length(&labels) <= 255;
    if fits { presentation::name(labels.iter().map(Vec::as_slice)) } else { name.to_owned() }
}

fn kind(rng: &mut Rng) -> u16 {
    let mut left = rng.u32(0..KINDS.iter().map(|(_, weight)| weight).sum());
    for (kind, weight) in KINDS {
        if left < weight {
            return kind;
        }
        left -= weight;
    }
    1
}
