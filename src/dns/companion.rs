//! Companions: the changes of PTR records that go with an A or AAAA record when it is added, changed or removed.

use super::{
    ChangedSource, Class, KeyContent, Name, RecordSource, Service, Serving, Value, lint::FixStep,
    owner::owner, service::address,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
    ops::ControlFlow,
};

/// The companions of one change, for the PTR records that this scope serves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Companions {
    /// In the order of their addresses.
    pub list: Vec<Companion>,
    /// Number of further changed addresses, for which nothing is proposed.
    pub left_out: usize,
}

/// Proposal for the PTR record of one address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Companion {
    pub address: IpAddr,
    /// Steps for the same plan; none where the proposal only says something.
    pub steps: Vec<FixStep>,
    /// One line. May hold a name from etcd: show it escaped.
    pub what: String,
}

/// Most addresses of one change that get a companion.
const MOST: usize = 1_000;
/// Records of a name that are searched for an address. A name with more keeps its PTR record.
const LOOKED_AT: usize = 10_000;

/// An address, and the name that has it.
type AddressName = (IpAddr, Name);

/// Works out the companions of a change. Each key is set, or deleted where there is no content. A PTR record that
/// points to another name is never touched.
#[must_use]
pub fn companions(
    before: &dyn RecordSource,
    serving: &Serving,
    changes: &[(Box<[u8]>, Option<KeyContent>)],
) -> Companions {
    let (mut lost, mut gained) = (BTreeMap::new(), BTreeMap::new());
    for (key, after) in changes {
        before.at(key, &mut |stored| {
            let content = KeyContent { value: stored.value.into(), lease: stored.lease };
            lost.extend(pair(serving, key, &content).map(|pair| (sortable(&pair), (pair, content))));
            ControlFlow::Break(())
        });
        if let Some(content) = after {
            let pair = pair(serving, key, content);
            gained.extend(pair.map(|pair| (sortable(&pair), (pair, content.clone()))));
        }
    }
    // An address that only moves to another key, or gets another TTL, keeps its PTR record.
    let stays: Vec<_> = lost.keys().filter(|pair| gained.contains_key(*pair)).cloned().collect();
    for pair in stays {
        lost.remove(&pair);
        gained.remove(&pair);
    }
    let mut work = CompanionWork {
        after: ChangedSource::new(before, changes.iter().cloned()),
        serving,
        left: lost.into_values().map(|(pair, _)| pair).collect(),
        taken: changes.iter().map(|(key, _)| key.clone()).collect(),
    };
    let mut found = Companions::default();
    let mut gained: Vec<_> = gained.into_values().collect();
    found.left_out = (gained.len() + work.left.len()).saturating_sub(MOST);
    gained.truncate(MOST);
    work.left.truncate(MOST - gained.len());
    work.left.retain(|(address, name)| {
        is_served(serving, &Name::of_address(*address)) && !has(&work.after, serving, name, *address)
    });
    for (pair, content) in gained {
        found.list.extend(work.arrives(&pair, &content));
    }
    for pair in std::mem::take(&mut work.left) {
        found.list.extend(work.goes(&pair));
    }
    found.list.sort_by_key(|companion| companion.address);
    found
}

/// Returns the address of a record and the name that its PTR record would point to; `None` without an address, or for a
/// name that cannot be a host's.
fn pair(serving: &Serving, key: &[u8], content: &KeyContent) -> Option<AddressName> {
    let service = Service::decode(&content.value).ok()?;
    let key = serving.scope.key(key).ok()?;
    let address = address(&service.host)?;
    let name = owner(&serving.scope, &serving.zones, &key, &service);
    let host = name.is_served() && !name.is_reverse() && name.labels().all(|label| !label.starts_with(b"_"));
    host.then_some((address, name))
}

fn sortable((address, name): &AddressName) -> (IpAddr, String) {
    (*address, name.to_string())
}

fn is_served(serving: &Serving, name: &Name) -> bool {
    serving.zones.iter().any(|zone| name.is_within(zone))
}

/// Tells whether a name still answers with an address. `CoreDNS` reads the name's own key and what is below it; for a
/// zone it reads `dns/apex`, and all of the zone only where that is empty.
fn has(source: &dyn RecordSource, serving: &Serving, name: &Name, wanted: IpAddr) -> bool {
    let Ok(key) = name.key(&serving.scope) else { return false };
    let apex: &[u8] = if serving.zones.contains(name) { b"/dns/apex" } else { b"" };
    let key = [key.as_bytes(), apex].concat();
    let below = [&key[..], b"/"].concat();
    // A count comes first, so that a large prefix is not read.
    if source.count_below(&below) >= LOOKED_AT {
        return true;
    }
    let mut found = false;
    let mut look = |value: &[u8]| {
        found |= Service::decode(value).is_ok_and(|service| address(&service.host) == Some(wanted));
        if found { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    };
    source.below(&below, &mut |record| look(record.value));
    source.at(&key, &mut |record| look(record.value));
    found
}

/// State of the place where the PTR record of an address belongs.
enum PtrState {
    /// Served by another server, or in no zone, so this program must not touch it.
    NotServed,
    Free {
        key: Box<[u8]>,
    },
    /// `key` is the right place for `at`. They differ for a record that lies in a leaf, where no PTR query finds it.
    Points {
        key: Box<[u8]>,
        at: Box<[u8]>,
        value: Box<[u8]>,
        to: Name,
    },
    /// A record whose host is no name.
    Other,
}

struct CompanionWork<'a> {
    after: ChangedSource<'a, dyn RecordSource + 'a>,
    serving: &'a Serving,
    /// Addresses that names lose by the change, without another record that keeps them.
    left: Vec<AddressName>,
    /// Keys that the plan already changes.
    taken: BTreeSet<Box<[u8]>>,
}

impl CompanionWork<'_> {
    fn arrives(&mut self, (address, name): &AddressName, content: &KeyContent) -> Option<Companion> {
        let (steps, what) = match self.ptr(*address) {
            PtrState::NotServed => return None,
            PtrState::Free { key } => {
                if let Some((from, old)) = self.moves_from(name) {
                    let what = format!("the PTR of {name} moves from {old} to {address}");
                    (vec![FixStep::Move { from, to: key }], what)
                } else {
                    let content = KeyContent { value: value_for(name, &content.value), lease: content.lease };
                    (vec![FixStep::Create { key, content }], format!("new PTR: {address} points to {name}"))
                }
            }
            PtrState::Points { key, at, to, .. } if to == *name && key == at => return None,
            PtrState::Points { key, at, to, .. } if to == *name => {
                let what = format!("the PTR of {address} moves to where PTR queries find it");
                (vec![FixStep::Move { from: at, to: key }], what)
            }
            PtrState::Points { key, at, value, to } if key == at && self.forget(*address, &to) => {
                let what = format!("the PTR of {address} points to {name} instead of {to}");
                (vec![FixStep::Update { value: pointing_to(name, &value)?, key, before: value }], what)
            }
            PtrState::Points { to, .. } => {
                (vec![], format!("{address} already points to {to}: left as it is"))
            }
            PtrState::Other => (vec![], format!("the PTR key of {address} holds no name: left as it is")),
        };
        self.propose(*address, steps, what)
    }

    fn goes(&mut self, (address, name): &AddressName) -> Option<Companion> {
        match self.ptr(*address) {
            PtrState::Points { at, value, to, .. } if to == *name => {
                let what = format!("delete PTR: {address} points to {name}, which loses that address");
                self.propose(*address, vec![FixStep::Delete { key: at, before: value }], what)
            }
            PtrState::Points { .. } | PtrState::Free { .. } | PtrState::Other | PtrState::NotServed => None,
        }
    }

    /// Makes a companion, unless the plan already changes one of its keys.
    fn propose(&mut self, address: IpAddr, steps: Vec<FixStep>, what: String) -> Option<Companion> {
        let keys: Vec<&Box<[u8]>> = steps.iter().flat_map(keys).collect();
        if keys.iter().any(|key| self.taken.contains(*key)) {
            return None;
        }
        self.taken.extend(keys.into_iter().cloned());
        Some(Companion { address, steps, what })
    }

    /// Finds the PTR record of an address that this name has lost, so that it can move to a new address.
    fn moves_from(&mut self, name: &Name) -> Option<(Box<[u8]>, IpAddr)> {
        let lost: Vec<IpAddr> =
            self.left.iter().filter(|(_, loser)| loser == name).map(|(address, _)| *address).collect();
        lost.into_iter().find_map(|address| match self.ptr(address) {
            PtrState::Points { at, to, .. } if to == *name && !self.taken.contains(&at) => {
                self.forget(address, name);
                Some((at, address))
            }
            PtrState::Points { .. } | PtrState::Free { .. } | PtrState::Other | PtrState::NotServed => None,
        })
    }

    /// Forgets that this name has lost the address, and tells whether it had.
    fn forget(&mut self, address: IpAddr, name: &Name) -> bool {
        let many = self.left.len();
        self.left.retain(|(lost, loser)| !(*lost == address && loser == name));
        self.left.len() < many
    }

    fn ptr(&self, address: IpAddr) -> PtrState {
        let name = Name::of_address(address);
        let Ok(scoped) = name.key(&self.serving.scope) else { return PtrState::NotServed };
        if !is_served(self.serving, &name) {
            return PtrState::NotServed;
        }
        let key: Box<[u8]> = scoped.as_bytes().into();
        let mut stands = None;
        let mut take = |key: &[u8], value: &[u8]| {
            stands.get_or_insert_with(|| (Box::from(key), Box::from(value)));
            ControlFlow::Break(())
        };
        self.after.at(&key, &mut |record| take(record.key, record.value));
        self.after.below(&[&key, &b"/"[..]].concat(), &mut |record| take(record.key, record.value));
        let Some((at, value)) = stands else { return PtrState::Free { key } };
        let service = Service::decode(&value).unwrap_or_default();
        let is_name = matches!(service.class(), Class::Alias | Class::Text);
        match Name::parse(&service.host) {
            Ok(to) if is_name => PtrState::Points { key, at, value, to },
            Ok(_) | Err(_) => PtrState::Other,
        }
    }
}

fn keys(step: &FixStep) -> impl Iterator<Item = &Box<[u8]>> {
    let (key, target) = match step {
        FixStep::Create { key, .. } | FixStep::Update { key, .. } | FixStep::Delete { key, .. } => {
            (key, None)
        }
        FixStep::Move { from, to } => (from, Some(to)),
    };
    std::iter::once(key).chain(target)
}

/// Returns a PTR value for a name, with the TTL of the record that it goes with.
fn value_for(name: &Name, record: &[u8]) -> Box<[u8]> {
    let mut value = Value::default();
    value.set("host", &name.to_string().into());
    if let Some(ttl) = Service::decode(record).ok().and_then(|service| service.ttl) {
        value.set("ttl", &ttl.into());
    }
    value.to_bytes().into()
}

/// Returns the same value with another host.
fn pointing_to(name: &Name, value: &[u8]) -> Option<Box<[u8]>> {
    let mut value = Value::parse(value).ok()?;
    value.set("host", &name.to_string().into());
    Some(value.to_bytes().into())
}

#[cfg(test)]
mod tests;
