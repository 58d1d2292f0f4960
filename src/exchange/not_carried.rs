use crate::{
    dns::{Name, QueryType},
    keys::{ScopedKey, spelling::spell},
};
use std::fmt;

/// What a format cannot say, or what `CoreDNS` cannot serve. Each is told to the operator: nothing is dropped in
/// silence. Parts of it are others' text: show it escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum NotCarried {
    /// A record that no question finds, and why.
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
    /// A record that no row can show so that it comes back, and why.
    NoRow { key: ScopedKey, why: String },
    /// A record of a type that this format does not have.
    OtherType { key: ScopedKey, kind: QueryType },
    /// An alias, which becomes the addresses that it leads to.
    AliasAsAddress { key: ScopedKey, name: Name },
    /// A record of a file that is not taken, and why.
    Line { line: usize, name: String, kind: String, why: &'static str },
    /// A set of records that will be answered otherwise than the file says.
    Altered { line: usize, name: Name, kind: QueryType, wanted: Vec<String>, served: Vec<String> },
}

impl NotCarried {
    /// The line of the file that it is about; 0 where it is about none.
    #[must_use]
    pub fn line(&self) -> usize {
        if let Self::Line { line, .. } | Self::Altered { line, .. } = self { *line } else { 0 }
    }
}

impl fmt::Display for NotCarried {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotServed { key, why } => write!(f, "{key} is not served: {why}"),
            Self::NoZone { key, name } => write!(f, "{key}: no zone covers {name}"),
            Self::AliasBesideOthers { key, name } => {
                write!(f, "{key}: an alias, and {name} has other records, which no zone file may have")
            }
            Self::AliasInLeaf { key, name } => write!(
                f,
                "{key}: an alias in a leaf, which questions for the CNAME of {name} do not find, and will find in \
                 the file"
            ),
            Self::AlsoAnswered { name, kind, records } => {
                write!(f, "{name} {kind}: CoreDNS also gives {} from other keys: ", records.len())?;
                f.write_str(&records.iter().take(3).map(String::as_str).collect::<Vec<_>>().join(", "))?;
                if records.len() > 3 { f.write_str(", …") } else { Ok(()) }
            }
            Self::Lease { key, seconds } => {
                write!(f, "{key} goes away in {seconds} s with its lease, and the file does not say so")
            }
            Self::Fields { key, fields } => {
                let fields: Vec<String> = fields.iter().map(|field| spell(field.as_bytes())).collect();
                write!(f, "{key}: there is no place for {}", fields.join(", "))
            }
            Self::NoRow { key, why } => write!(f, "{key} has no row: {why}"),
            Self::OtherType { key, kind } => write!(f, "{key}: there is no place for a {kind} record"),
            Self::AliasAsAddress { key, name } => {
                write!(f, "{key}: the alias {name} is written as the addresses that it leads to")
            }
            Self::Line { line, name, kind, why } => write!(f, "line {line}: {name} {kind}: {why}"),
            Self::Altered { line, name, kind, wanted, served } => {
                let served = if served.is_empty() { "nothing".to_owned() } else { served.join(", ") };
                write!(
                    f,
                    "line {line}: {name} {kind}: CoreDNS will answer {served}, and the file says {}",
                    wanted.join(", ")
                )
            }
        }
    }
}
