//! Isolation of a name: groups that keep its answers apart from the names below it. `CoreDNS` has no other cure for
//! answering with everything below a name.

use super::{
    fix::{Fix, FixStep},
    node::looks_like_a_leaf,
};
use crate::{
    dns::{
        ChangedSource, Class, KeyContent, Name, QueryType, Question, RecordSource, Rr, Service, Serving,
        StoredRecord, Value, answer,
    },
    remedy::Remedy,
};
use std::{collections::BTreeSet, ops::ControlFlow};

/// Most records below one name that are put in groups at once; if there are more, a person should find out what wrote
/// them.
const MOST: usize = 256;
/// The types whose answers come from below a name.
const KINDS: [QueryType; 5] = [QueryType::A, QueryType::AAAA, QueryType::TXT, QueryType::SRV, QueryType::MX];

/// Warning beside a fix that puts records into groups.
pub const GROUPS_ARE_FRAGILE: &str = "groups hold only what is in them: a writer that knows none, as external-dns without \
                                      its annotation, adds records that answer for the name above again";

/// Reason why a name is not kept apart.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IsolateError {
    #[error("{0} has no records of its own, so nobody asks for it")]
    NothingOfItsOwn(Name),
    #[error("nothing lies below {0} but its own records")]
    NothingBelow(Name),
    #[error("{0} answers with its own records alone already")]
    Apart(Name),
    #[error("{0} is a zone")]
    Zone(Name),
    #[error("{0} lies in no zone that CoreDNS serves")]
    NoZone(Name),
    #[error("more than {MOST} records lie below {0}")]
    TooMany(Name),
    #[error("a value below {0} cannot be read, which breaks its answers anyway")]
    Broken(Name),
    #[error("{0} has a value that the keys below it hide")]
    Hidden(Name),
    #[error("the records of {0} are in groups of their own already")]
    Grouped(Name),
    #[error("no groups keep {0} apart: CoreDNS would answer with others, or without some of its own")]
    Impossible(Name),
}

impl IsolateError {
    /// Tells whether nothing has to be done.
    #[must_use]
    pub fn is_done(&self) -> bool {
        matches!(self, Self::NothingBelow(_) | Self::Apart(_))
    }
}

impl Remedy for IsolateError {
    fn remedy(&self) -> String {
        match self {
            Self::NothingOfItsOwn(_) => {
                "Name one that has records, as www.example.org with a record at www/x1."
            }
            Self::NothingBelow(_) | Self::Apart(_) => "Nothing is to be done.",
            Self::Zone(_) => "Put its own addresses below dns/apex: CoreDNS looks for them there first.",
            Self::NoZone(_) => "Give --zones, or a Corefile.",
            Self::TooMany(_) => "Isolate the names below it one by one, or call the name otherwise.",
            Self::Broken(_) | Self::Hidden(_) => "Mend what coredeck lint says of it first.",
            Self::Grouped(_) => "Take the group off its records first.",
            Self::Impossible(_) => "Call one of the names otherwise.",
        }
        .to_owned()
    }
}

/// A record below the name.
struct RecordBelow {
    key: Vec<u8>,
    content: KeyContent,
    service: Service,
    /// The key of the name that the record is for.
    owner: Vec<u8>,
}

/// Puts the records of a name, and those of the names below it, into groups, so that the name answers only with its
/// own. The engine decides: a plan that does not keep them apart is no fix.
///
/// # Errors
/// [`IsolateError`].
pub fn isolate(source: &dyn RecordSource, serving: &Serving, name: &Name) -> Result<Fix, IsolateError> {
    let no = |why: fn(Name) -> IsolateError| why(name.clone());
    if serving.zones.contains(name) && !serving.is_bare_guess(name) {
        return Err(no(IsolateError::Zone));
    }
    if !serving.zones.iter().any(|zone| name.is_within(zone)) {
        return Err(no(IsolateError::NoZone));
    }
    let Ok(key) = name.key(&serving.scope) else { return Err(no(IsolateError::Zone)) };
    let path = key.as_bytes();
    let records = below(source, path).map_err(no)?;
    let is_own = |record: &&RecordBelow| record.owner == path;
    if !records.iter().any(|record| is_own(&record)) {
        return Err(no(IsolateError::NothingOfItsOwn));
    }
    if records.iter().all(|record| is_own(&record)) {
        return Err(no(IsolateError::NothingBelow));
    }
    if source.has(path) {
        return Err(no(IsolateError::Hidden));
    }
    let groups: BTreeSet<&str> = records.iter().filter(is_own).map(|record| &*record.service.group).collect();
    let mut groups = groups.into_iter().filter(|group| !group.is_empty());
    let text = name.to_string();
    let (group, more) = (groups.next().unwrap_or(&text), groups.next());
    if more.is_some() {
        return Err(no(IsolateError::Grouped));
    }
    let own: BTreeSet<&[u8]> = records.iter().filter(is_own).map(|record| &*record.key).collect();
    let wanted = own_answers(source, serving, name, &own);
    if is_apart(source, serving, name, &wanted) {
        return Err(no(IsolateError::Apart));
    }
    // A record at a name right below this one is as deep as the name's own records, and groups at one depth do not
    // divide. So the second attempt moves it to a leaf.
    for moves in [false, true] {
        let plan = IsolationPlan { serving, path, group, moves };
        let steps: Vec<FixStep> = records.iter().flat_map(|record| plan.steps(record)).collect();
        let after = ChangedSource::new(source, plan.contents(&records));
        if !steps.is_empty() && is_apart(&after, serving, name, &wanted) {
            return Ok(Fix::new(format!("Keep {name} apart from the names below it, with groups."), steps));
        }
    }
    Err(no(IsolateError::Impossible))
}

/// Plan of new groups for the records, and of moves to leaves.
struct IsolationPlan<'p> {
    serving: &'p Serving,
    path: &'p [u8],
    /// Group of the name itself.
    group: &'p str,
    moves: bool,
}

impl IsolationPlan<'_> {
    /// Returns the key and the value of a record afterwards. The key is the same unless the record moves.
    fn place(&self, record: &RecordBelow) -> Option<(Vec<u8>, Vec<u8>)> {
        if record.service.class() == Class::Nothing {
            return None;
        }
        let is_own = record.owner == self.path;
        let group = if is_own { self.group.to_owned() } else { self.of_owner(record)? };
        let mut value = Value::parse(&record.content.value).ok()?;
        if record.service.group != group {
            value.set("group", &group.into());
        }
        let value = if record.service.group.is_empty() || record.service.group == self.group {
            value.to_bytes()
        } else {
            record.content.value.to_vec()
        };
        let is_beside = !is_own && record.owner == record.key && self.is_right_below(&record.key);
        let key =
            if self.moves && is_beside { [&record.key, &b"/x1"[..]].concat() } else { record.key.clone() };
        Some((key, value))
    }

    /// Returns the group of another name: the one that it has, unless that is this name's.
    fn of_owner(&self, record: &RecordBelow) -> Option<String> {
        let group = &record.service.group;
        if !group.is_empty() && group != self.group {
            return Some(group.clone());
        }
        let key = self.serving.scope.key(&record.owner).ok()?;
        Some(Name::of_key(&self.serving.scope, &key).to_string())
    }

    fn is_right_below(&self, key: &[u8]) -> bool {
        key.get(self.path.len() + 1..).is_some_and(|rest| !rest.contains(&b'/'))
    }

    fn steps(&self, record: &RecordBelow) -> Vec<FixStep> {
        let Some((key, value)) = self.place(record) else { return vec![] };
        let (from, before) = (Box::from(&*record.key), record.content.value.clone());
        if key != record.key {
            let content = KeyContent { value: value.into(), lease: record.content.lease };
            return vec![FixStep::Create { key: key.into(), content }, FixStep::Delete { key: from, before }];
        }
        if value == *before {
            return vec![];
        }
        vec![FixStep::Update { key: from, before, value: value.into() }]
    }

    fn contents(&self, records: &[RecordBelow]) -> Vec<(Box<[u8]>, Option<KeyContent>)> {
        let mut contents = vec![];
        for record in records {
            let Some((key, value)) = self.place(record) else { continue };
            if key != record.key {
                contents.push((Box::from(&*record.key), None));
            }
            let content = KeyContent { value: value.into(), lease: record.content.lease };
            contents.push((key.into(), Some(content)));
        }
        contents
    }
}

/// Returns the records below a name.
fn below(source: &dyn RecordSource, path: &[u8]) -> Result<Vec<RecordBelow>, fn(Name) -> IsolateError> {
    let prefix = [path, b"/"].concat();
    // A count comes first, so that a large prefix is not read.
    if source.count_below(&prefix) > MOST {
        // Until the records are counted, the count is more than anybody reads, and the missing count is asked for.
        return Err(IsolateError::TooMany);
    }
    let mut records = vec![];
    let mut broken = false;
    source.below(&prefix, &mut |StoredRecord { key, value, lease }| {
        let Ok(service) = Service::decode(value) else {
            broken = true;
            return ControlFlow::Break(());
        };
        let segments = key.get(prefix.len()..).unwrap_or_default();
        let leaf = segments.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let owner = if looks_like_a_leaf(leaf) {
            key.get(..key.len() - leaf.len() - 1).unwrap_or_default()
        } else {
            key
        };
        let content = KeyContent { value: value.into(), lease };
        records.push(RecordBelow { key: key.to_vec(), content, service, owner: owner.to_vec() });
        ControlFlow::Continue(())
    });
    if broken { Err(IsolateError::Broken) } else { Ok(records) }
}

/// Returns the answers of a name as if only its own records were there.
fn own_answers(
    source: &dyn RecordSource,
    serving: &Serving,
    name: &Name,
    own: &BTreeSet<&[u8]>,
) -> Vec<Vec<String>> {
    let alone = Alone { source, path: name, serving, own };
    KINDS.iter().map(|kind| answered(&alone, serving, name, *kind)).collect()
}

/// Returns the data of an answer, without TTLs, in key order.
fn answered(source: &dyn RecordSource, serving: &Serving, name: &Name, kind: QueryType) -> Vec<String> {
    let data = |rr: Rr| format!("{} {} {}", rr.owner, rr.kind, rr.data);
    answer(source, serving, &Question::of(name, kind)).answer.into_iter().map(data).collect()
}

fn is_apart(source: &dyn RecordSource, serving: &Serving, name: &Name, wanted: &[Vec<String>]) -> bool {
    KINDS.iter().zip(wanted).all(|(kind, wanted)| answered(source, serving, name, *kind) == *wanted)
}

/// A source in which a name has its own records, and nothing else is below it.
struct Alone<'a> {
    source: &'a dyn RecordSource,
    path: &'a Name,
    serving: &'a Serving,
    own: &'a BTreeSet<&'a [u8]>,
}

impl Alone<'_> {
    /// Tells whether a key is hidden: it lies below the name and is not one of its own.
    fn hides(&self, key: &[u8]) -> bool {
        let Ok(path) = self.path.key(&self.serving.scope) else { return false };
        let is_below = key.strip_prefix(path.as_bytes()).is_some_and(|rest| rest.starts_with(b"/"));
        is_below && !self.own.contains(key)
    }
}

impl RecordSource for Alone<'_> {
    fn at(&self, key: &[u8], visit: crate::dns::Visit<'_>) {
        if !self.hides(key) {
            self.source.at(key, visit);
        }
    }

    fn below(&self, prefix: &[u8], visit: crate::dns::Visit<'_>) {
        self.source.below(prefix, &mut |record| {
            if self.hides(record.key) { ControlFlow::Continue(()) } else { visit(record) }
        });
    }

    fn lease_left(&self, lease: crate::keys::LeaseId) -> crate::dns::LeaseLeft {
        self.source.lease_left(lease)
    }
}
