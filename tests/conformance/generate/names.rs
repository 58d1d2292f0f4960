//! Names as segments of a key, topmost label first.

use super::Set;
use crate::presentation;

/// Few labels, so that names meet: below, above and beside each other.
const LABELS: [&str; 20] = [
    "www", "www", "www", "api", "api", "a", "a", "b", "x1", "x2", "x10", "db", "mail", "www-2", "_http",
    "_tcp", "1", "10", "048b0377", "a-www",
];
/// Labels that mean something else, or that no question finds.
const ODD: [&str; 30] = [
    "any",
    ".",
    "..",
    "ANY",
    "*",
    "*x",
    "WWW",
    "Www",
    "ü",
    r"\195\188",
    "xn--tda",
    "a@b",
    r"a\@b",
    "a.b",
    r"a\.b",
    "a b",
    r"a\ b",
    "",
    "001",
    "dns",
    "apex",
    "ns",
    "a/b",
    r"\097",
    "?=&",
    "\u{1}",
    r"x\",
    r"x\1",
    r"\119ww",
    r"\046",
];
const LONG: &str = "l23456789-123456789-123456789-123456789-123456789-123456789-123";

/// Returns the key of these segments below a path.
pub(super) fn key(path: &str, segments: &[String]) -> Vec<u8> {
    format!("{path}/{}", segments.join("/")).into_bytes()
}

/// Returns the segments of a zone: `["org", "example"]`.
pub(super) fn of_zone(zone: &str) -> Vec<String> {
    zone.split('.').filter(|label| !label.is_empty()).rev().map(str::to_owned).collect()
}

/// Returns the name of these segments, with its closing dot, in the one spelling. `None` if it is no name.
pub(super) fn name_of(segments: &[String]) -> Option<String> {
    let text: Vec<&str> = segments.iter().rev().map(String::as_str).collect();
    let labels = presentation::labels(&(text.join(".") + "."))?;
    let fits = labels.iter().all(|label| label.len() <= 63) && presentation::wire_length(&labels) <= 255;
    fits.then(|| presentation::name(labels.iter().map(Vec::as_slice)))
}

impl Set<'_> {
    /// Returns a zone, or sometimes a name that no zone covers.
    pub(super) fn top(&mut self) -> Vec<String> {
        if self.once_in(25) {
            return vec!["com".to_owned(), "outside".to_owned()];
        }
        let zones = self.options.zones.clone();
        let zone = of_zone(&self.pick(&zones));
        if zone.is_empty() { vec!["org".to_owned(), "example".to_owned()] } else { zone }
    }

    pub(super) fn label(&mut self) -> String {
        match self.rng.u8(0..60) {
            0..=3 => self.pick(&ODD).to_owned(),
            4 => LONG.to_owned(),
            5 => format!("{LONG}4"),
            _ => self.pick(&LABELS).to_owned(),
        }
    }

    /// Returns a name in a zone: the zone itself, a new one below it, or one below a name that is there.
    pub(super) fn place(&mut self) -> Vec<String> {
        let mut segments = if !self.names.is_empty() && self.once_in(3) {
            let names = self.names.clone();
            self.pick(&names)
        } else {
            self.top()
        };
        for _ in 0..self.pick(&[0, 1, 1, 1, 2, 2, 3]) {
            segments.push(self.label());
        }
        segments
    }

    /// Returns a leaf below a name, or the name itself.
    pub(super) fn leaf(&mut self, name: &[String]) -> Vec<String> {
        let mut segments = name.to_vec();
        match self.rng.u8(0..40) {
            0..=14 => {}
            15 => segments.push(String::new()),
            16 => segments.extend([String::new(), "x1".to_owned()]),
            17 => segments.push(self.label()),
            18 => segments.extend([self.label(), self.label()]),
            19 => segments.push(format!("{:08x}", self.rng.u32(..) >> 1)),
            20 => segments.push("x10".to_owned()),
            // These are too long for a name, and a key like any other.
            27 if self.once_in(4) => segments.extend(vec![LONG.to_owned(); 4]),
            21..=26 => segments.push("x2".to_owned()),
            _ => segments.push("x1".to_owned()),
        }
        segments
    }

    /// Returns the target of an alias, as a text with or without a closing dot.
    pub(super) fn target(&mut self) -> String {
        let segments = if !self.names.is_empty() && !self.once_in(4) {
            let names = self.names.clone();
            let mut segments = self.pick(&names);
            // The name itself, one above it, or one beside it.
            match self.rng.u8(0..6) {
                0 | 1 => drop(segments.pop()),
                2 => {
                    segments.pop();
                    segments.push(self.label());
                }
                _ => {}
            }
            segments
        } else {
            self.place()
        };
        let name = name_of(&segments).unwrap_or_else(|| "www.example.org.".to_owned());
        let name = if self.once_in(8) { name.to_ascii_uppercase() } else { name };
        if self.once_in(2) && name != "." { name[..name.len() - 1].to_owned() } else { name }
    }
}
