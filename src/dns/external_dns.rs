//! Records of external-dns, recognised from etcd alone (external-dns v0.22, provider `coredns`, registry `txt`). It
//! writes a record as `…/foo/048b0377` with `targetstrip` 1, and the text that says whose it is at a name of its own,
//! `…/a-foo/1f0c33de`.
//!
//! A change that somebody else makes there is undone at its next sync.

use super::{RecordSource, Value};
use crate::keys::Scope;
use std::{fmt, ops::ControlFlow};

/// Relation of external-dns to a key. Owner and resource are text from etcd: show them escaped.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExternalDnsClaim {
    /// The `--txt-owner-id` of the external-dns that wrote it.
    pub owner: Option<Box<str>>,
    /// The Kubernetes resource that it was made for: `ingress/default/web`.
    pub resource: Option<Box<str>>,
    pub certainty: Certainty,
    /// The key holds no record but the text that says whose a record is.
    pub is_mark: bool,
}

/// Grounds for the claim that external-dns manages a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Certainty {
    /// The record has the form that external-dns writes.
    Likely,
    /// An ownership text beside its name says so.
    Derived,
    /// The value says so itself.
    Certain,
}

/// An ownership text: `"heritage=external-dns,external-dns/owner=ID,external-dns/resource=KIND/NAMESPACE/NAME"`, with
/// the quotes (endpoint/labels.go).
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Heritage {
    pub owner: Option<Box<str>>,
    pub resource: Option<Box<str>>,
}

/// Prefixes of the first label of a name that carries an ownership text, one for each record type
/// (registry/mapper/mapper.go).
const TYPES: [&str; 10] = ["a-", "aaaa-", "cname-", "ns-", "mx-", "ptr-", "srv-", "naptr-", "txt-", "dname-"];
/// Prefixes that its provider for `CoreDNS` writes. It takes all records of a name but its texts for one endpoint,
/// whatever their family, so any of these marks them all.
const OF_HOSTS: [&str; 4] = ["a-", "aaaa-", "cname-", "ptr-"];
const OF_TEXTS: [&str; 1] = ["txt-"];
/// Records that are read below a name that may carry an ownership text. Such a name has a few leaves; a name that only
/// looks like one may have many.
const LOOKED_AT: usize = 64;

impl Heritage {
    /// Reads a value's text; `None` for any other text, and for an encrypted one.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap_or(text);
        let mut ours = false;
        let mut heritage = Self::default();
        for (name, value) in text.split(',').filter_map(|token| token.trim().split_once('=')) {
            match name {
                "heritage" => ours = value == "external-dns",
                "external-dns/owner" => heritage.owner = Some(value.into()),
                "external-dns/resource" => heritage.resource = Some(value.into()),
                _ => {}
            }
        }
        ours.then_some(heritage)
    }
}

/// Returns the relation of external-dns to this value at this key. Reads the value, and the few keys where an ownership
/// text for it would lie.
#[must_use]
pub fn managed(
    source: &dyn RecordSource,
    scope: &Scope,
    key: &[u8],
    value: &[u8],
) -> Option<ExternalDnsClaim> {
    let value = Fields::read(value)?;
    if let Some(heritage) = &value.heritage {
        return Some(ExternalDnsClaim {
            owner: value.owner.clone().or_else(|| heritage.owner.clone()),
            resource: heritage.resource.clone(),
            certainty: Certainty::Certain,
            is_mark: value.host.is_empty(),
        });
    }
    let heritage = mark_beside(source, scope, key, &value);
    if value.owner.is_some() {
        let resource = heritage.and_then(|heritage| heritage.resource);
        let owner = value.owner;
        return Some(ExternalDnsClaim { owner, resource, certainty: Certainty::Certain, is_mark: false });
    }
    if let Some(Heritage { owner, resource }) = heritage {
        return Some(ExternalDnsClaim { owner, resource, certainty: Certainty::Derived, is_mark: false });
    }
    let leaf = key.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    (value.strip == 1 && is_leaf(leaf)).then_some(ExternalDnsClaim {
        owner: None,
        resource: None,
        certainty: Certainty::Likely,
        is_mark: false,
    })
}

/// Returns the key of the name whose records an ownership text at this key marks: `…/foo` for `…/a-foo/1f0c33de` with
/// `targetstrip` 1. `None` where there is no such text, or its name starts with no type: older versions put it at the
/// name itself.
#[must_use]
pub fn marked_name(scope: &Scope, key: &[u8], value: &[u8]) -> Option<Box<[u8]>> {
    let value = Fields::read(value)?;
    value.heritage.as_ref()?;
    let (above, label) = name_of(scope, key, value.strip)?;
    let marked = TYPES.iter().find_map(|kind| label.strip_prefix(kind.as_bytes()))?;
    (!marked.is_empty()).then(|| [above, marked].concat().into())
}

/// Tells whether external-dns chose the last segment of a key: a random number of 31 bits, in hexadecimal.
#[must_use]
pub fn is_leaf(segment: &[u8]) -> bool {
    segment.len() == 8
        && segment.first().is_some_and(|first| (b'0'..=b'7').contains(first))
        && segment.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// The fields of a value that show external-dns at work.
struct Fields {
    host: String,
    heritage: Option<Heritage>,
    owner: Option<Box<str>>,
    strip: usize,
}

impl Fields {
    fn read(value: &[u8]) -> Option<Self> {
        let value = Value::parse(value).ok()?;
        let text = |field: &str| value.raw(field).and_then(|raw| serde_json::from_str::<String>(raw).ok());
        Some(Self {
            host: text("host").unwrap_or_default(),
            heritage: text("text").as_deref().and_then(Heritage::parse),
            owner: text("owner").filter(|owner| !owner.is_empty()).map(Box::from),
            strip: value.raw("targetstrip").and_then(|raw| raw.parse().ok()).unwrap_or_default(),
        })
    }
}

/// Returns the name that external-dns reads from a key: its last segment, and everything before. It leaves out as many
/// segments at the end as `targetstrip` says (provider/coredns/coredns.go).
fn name_of<'k>(scope: &Scope, key: &'k [u8], strip: usize) -> Option<(&'k [u8], &'k [u8])> {
    let mut end = key.len();
    for _ in 0..strip {
        end = key.get(..end)?.iter().rposition(|byte| *byte == b'/')?;
    }
    let name = key.get(..end)?;
    let above = name.iter().rposition(|byte| *byte == b'/')? + 1;
    (above >= scope.as_str().len()).then(|| name.split_at_checked(above)).flatten()
}

/// Finds the ownership text for a record, at the names that are derived from its own.
fn mark_beside(source: &dyn RecordSource, scope: &Scope, key: &[u8], value: &Fields) -> Option<Heritage> {
    let (above, label) = name_of(scope, key, value.strip)?;
    let kinds: &[&str] = if value.host.is_empty() { &OF_TEXTS } else { &OF_HOSTS };
    kinds.iter().find_map(|kind| {
        let own = [above, kind.as_bytes(), label].concat();
        let mut found = None;
        let mut looked_at = 0;
        let mut look = |value: &[u8]| {
            found = Fields::read(value).and_then(|fields| fields.heritage);
            looked_at += 1;
            if found.is_some() || looked_at >= LOOKED_AT {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        };
        source.below(&[&own[..], b"/"].concat(), &mut |record| look(record.value));
        source.at(&own, &mut |record| look(record.value));
        found
    })
}

impl fmt::Display for ExternalDnsClaim {
    /// Writes one sentence for a person who is about to change the key.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let whose = match (&self.owner, &self.resource) {
            (Some(owner), Some(resource)) => format!(" (owner {owner}, {resource})"),
            (Some(owner), None) => format!(" (owner {owner})"),
            (None, Some(resource)) => format!(" ({resource})"),
            (None, None) => String::new(),
        };
        match (self.certainty, self.is_mark) {
            (_, true) => {
                write!(
                    f,
                    "external-dns{whose} keeps its note of ownership here: a change makes it lose track"
                )
            }
            (Certainty::Likely, false) => {
                f.write_str("this looks managed by external-dns: a change may be reverted at its next sync")
            }
            (Certainty::Certain | Certainty::Derived, false) => {
                write!(f, "external-dns{whose} manages this: a change will be reverted at its next sync")
            }
        }
    }
}

#[cfg(test)]
mod tests;
