use super::{Besides, FileLines};
use crate::{
    dns::{Name, QueryType},
    keys::{ScopedKey, spelling::spell},
};
use std::fmt;

/// Most records, names or lines that are listed; with more they are only counted.
const MANY: usize = 12;
/// Length in characters up to which a record is shown; of a longer one only the beginning is.
const LONG: usize = 100;

/// Part that a format cannot say, or that `CoreDNS` cannot serve. Each is told to the operator: nothing is
/// dropped in silence. Parts of it are others' text: show it escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotCarried {
    /// A record that no question finds, and the reason.
    NotServed { key: ScopedKey, why: String },
    /// A record whose name is in no zone.
    NoZone { key: ScopedKey, name: Name },
    /// An alias at a name that has other records, or other aliases, which no zone file may have.
    AliasBesideOthers { key: ScopedKey, name: Name },
    /// An alias in a leaf: questions for the CNAME itself do not find it there, and will in the file.
    AliasInLeaf { key: ScopedKey, name: Name },
    /// Records that are given for a name beside its own, from keys below it or of other types.
    AlsoAnswered { name: Name, kind: QueryType, records: Vec<String> },
    /// A record that goes away by itself.
    Lease { key: ScopedKey, seconds: u64 },
    /// Fields of the value that the format has no place for.
    Fields { key: ScopedKey, fields: Vec<String> },
    /// A record that no row can show so that it comes back, and the reason.
    NoRow { key: ScopedKey, why: String },
    /// A record of a type that this format does not have.
    OtherType { key: ScopedKey, kind: QueryType },
    /// An alias, which becomes the addresses that it leads to.
    AliasAsAddress { key: ScopedKey, name: Name },
    /// A line of a file that cannot be read, or a name in it; the rest of the file is taken.
    Broken { line: usize, what: String },
    /// A record of a file that is not taken, and the reason.
    Line { line: usize, name: String, kind: String, why: &'static str },
    /// A question that will be answered otherwise than the file says; the line is 0 where the file has nothing
    /// for it.
    Altered {
        line: usize,
        name: Name,
        kind: QueryType,
        wanted: Vec<String>,
        served: Vec<String>,
        /// The lines from which surplus records come.
        through: Vec<usize>,
    },
    /// Answers that every file lacks, or has, beside those out of etcd.
    Besides { what: Besides, asked: Vec<(Name, QueryType)> },
}

impl NotCarried {
    /// Tells whether it is one of the differences that every file has.
    #[must_use]
    pub fn is_besides(&self) -> bool {
        matches!(self, Self::Besides { .. })
    }

    /// Moves its lines by this number.
    #[must_use]
    pub fn further(mut self, by: usize) -> Self {
        if let Self::Line { line, .. } | Self::Altered { line, .. } | Self::Broken { line, .. } = &mut self
            && *line > 0
        {
            *line += by;
        }
        if let Self::Altered { through, .. } = &mut self {
            for line in through {
                *line += by;
            }
        }
        self
    }

    /// Shows it in words, with the lines of these files.
    #[must_use]
    pub fn in_files<'l>(&'l self, files: &'l FileLines) -> impl fmt::Display + 'l {
        InFiles { left: self, files }
    }

    /// Returns the line of the file that it is about; 0 where it is about none.
    #[must_use]
    pub fn line(&self) -> usize {
        if let Self::Line { line, .. } | Self::Altered { line, .. } | Self::Broken { line, .. } = self {
            *line
        } else {
            0
        }
    }
}

impl fmt::Display for NotCarried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.in_files(&FileLines::default()).fmt(f)
    }
}

struct InFiles<'l> {
    left: &'l NotCarried,
    files: &'l FileLines,
}

impl fmt::Display for InFiles<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { left, files } = self;
        match left {
            NotCarried::NotServed { key, why } => write!(f, "{key} is not served: {why}"),
            NotCarried::NoZone { key, name } => write!(f, "{key}: no zone covers {name}"),
            NotCarried::AliasBesideOthers { key, name } => {
                write!(f, "{key}: an alias, and {name} has other records, which no zone file may have")
            }
            NotCarried::AliasInLeaf { key, name } => write!(
                f,
                "{key}: an alias in a leaf, which questions for the CNAME of {name} do not find, and will find in \
                 the file"
            ),
            NotCarried::AlsoAnswered { name, kind, records } => {
                write!(f, "{name} {kind}: CoreDNS also gives {} from other keys: ", records.len())?;
                f.write_str(&some(records))
            }
            NotCarried::Lease { key, seconds } => {
                write!(f, "{key} goes away in {seconds} s with its lease, and the file does not say so")
            }
            NotCarried::Fields { key, fields } => {
                let fields: Vec<String> = fields.iter().map(|field| spell(field.as_bytes())).collect();
                write!(f, "{key}: there is no place for {}", fields.join(", "))
            }
            NotCarried::NoRow { key, why } => write!(f, "{key} has no row: {why}"),
            NotCarried::OtherType { key, kind } => write!(f, "{key}: there is no place for a {kind} record"),
            NotCarried::AliasAsAddress { key, name } => {
                write!(f, "{key}: the alias {name} is written as the addresses that it leads to")
            }
            NotCarried::Broken { line, what } => write!(f, "{} is left out: {what}", files.place(*line)),
            NotCarried::Line { line, name, kind, why } => {
                write!(f, "{}: {name} {kind}: {why}", files.place(*line))
            }
            NotCarried::Altered { line, name, kind, wanted, served, through } => {
                if *line > 0 {
                    write!(f, "{}: ", files.place(*line))?;
                }
                let (served, wanted) = (some(served), some(wanted));
                write!(f, "{name} {kind}: CoreDNS will answer {served}, and the file says {wanted}")?;
                come_with(f, through, files)
            }
            NotCarried::Besides { what, asked } => {
                let mut names: Vec<&Name> = asked.iter().map(|(name, _)| name).collect();
                names.dedup();
                let shown: Vec<String> = names.iter().take(MANY).map(ToString::to_string).collect();
                write!(f, "{what}: {}", shown.join(", "))?;
                match names.len().saturating_sub(MANY) {
                    0 => Ok(()),
                    more => write!(f, ", and {more} more"),
                }
            }
        }
    }
}

/// Writes the lines from which surplus records come.
fn come_with(f: &mut fmt::Formatter<'_>, through: &[usize], files: &FileLines) -> fmt::Result {
    let (first, rest) = match through {
        [] => return Ok(()),
        [line] => return write!(f, " (it comes with {})", files.place(*line)),
        [first, rest @ ..] => (files.place(*first), rest),
    };
    if first.file.is_some() {
        write!(f, " (it comes with {first}")?;
        for line in rest.iter().take(MANY) {
            write!(f, "; {}", files.place(*line))?;
        }
        return f.write_str(if through.len() > MANY + 1 { "; …)" } else { ")" });
    }
    let rest: Vec<String> = rest.iter().take(MANY).map(ToString::to_string).collect();
    write!(f, " (it comes with lines {}, {}", first.line, rest.join(", "))?;
    f.write_str(if through.len() > MANY + 1 { ", …)" } else { ")" })
}

/// Lists records of an answer; of many only the first.
fn some(records: &[String]) -> String {
    if records.is_empty() {
        return "nothing".to_owned();
    }
    let shown = |record: &String| match record.char_indices().nth(LONG) {
        Some((end, _)) => format!("{}…", record.get(..end).unwrap_or_default()),
        None => record.clone(),
    };
    let first: Vec<String> = records.iter().take(MANY).map(shown).collect();
    match records.len().saturating_sub(MANY) {
        0 => first.join(", "),
        more => format!("{}, and {more} more", first.join(", ")),
    }
}
