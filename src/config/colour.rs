use std::{fmt, str::FromStr};

/// Colour of a profile's label: one of the terminal's own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Colour {
    Red,
    Green,
    Yellow,
    Blue,
    Magenta,
    Cyan,
}

const ALL: [(&str, Colour); 6] = [
    ("red", Colour::Red),
    ("green", Colour::Green),
    ("yellow", Colour::Yellow),
    ("blue", Colour::Blue),
    ("magenta", Colour::Magenta),
    ("cyan", Colour::Cyan),
];

impl FromStr for Colour {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        ALL.iter()
            .find_map(|(name, colour)| (*name == text).then_some(*colour))
            .ok_or_else(|| format!("colour is one of {}", ALL.map(|(name, _)| name).join(", ")))
    }
}

impl fmt::Display for Colour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(
            ALL.iter().find_map(|(name, colour)| (colour == self).then_some(*name)).unwrap_or_default(),
        )
    }
}
