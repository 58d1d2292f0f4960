//! Reading records: what `CoreDNS` gets from etcd for one name, decoded (plugin/etcd/etcd.go).

use super::{domain, engine::Engine, why::Failure};
use crate::{
    dns::{DEFAULT_TTL, LeaseLeft, Service, Stored, Version},
    keys::LeaseId,
};
use std::{collections::HashMap, ops::ControlFlow, rc::Rc};

/// A decoded record of a name.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) key: Rc<[u8]>,
    pub(super) service: Service,
    /// What is served, in seconds.
    pub(super) ttl: u32,
}

impl Found {
    /// How many slashes the key has.
    pub(super) fn depth(&self) -> usize {
        memchr::memchr_iter(b'/', &self.key).count()
    }
}

/// Which keys a question reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Reach {
    /// All below the name; without any, the name's own.
    Subtree,
    /// The name's own only.
    Exact,
}

/// What reading a name came to, by the name and how it was read.
pub(super) type Readings = HashMap<(Box<[u8]>, Reach), Result<Rc<Reading>, Failure>>;

/// All that was read for a name.
#[derive(Clone, Debug)]
pub(super) struct Reading {
    pub(super) found: Vec<Rc<Found>>,
    /// A wildcard in the question left these out.
    pub(super) unmatched: Vec<Box<[u8]>>,
}

/// The first version whose TTL of a leased record is the time that the lease has left (GHSA-93mf-426m-g6x9).
const LEASE_TIME: Version = Version { major: 1, minor: 12, patch: 4 };

impl Engine<'_> {
    /// Reads the records of a name in lower case. The same name is read once.
    pub(super) fn read(&mut self, name: &[u8], reach: Reach) -> Result<Rc<Reading>, Failure> {
        self.count_lookup()?;
        let place = (Box::from(name), reach);
        let known = self.readings.get(&place).cloned();
        let reading = known.unwrap_or_else(|| {
            let reading = self.read_anew(name, reach).map(Rc::new);
            self.readings.insert(place, reading.clone());
            reading
        })?;
        self.count_records(reading.found.len() + reading.unmatched.len())?;
        Ok(reading)
    }

    fn read_anew(&self, name: &[u8], reach: Reach) -> Result<Reading, Failure> {
        let labels: Vec<&[u8]> = domain::labels(name).into_iter().rev().collect();
        let wildcard = labels.iter().position(|label| domain::is_wildcard(label));
        let path = self.path(labels.get(..wildcard.unwrap_or(labels.len())).unwrap_or_default());
        let pattern = wildcard.map(|_| self.path(&labels));
        let mut reader = Reader { pattern: pattern.as_deref(), ..Reader::default() };
        let mut visit = |record: Stored<'_>| reader.take(record);
        let below = [&path[..], b"/"].concat();
        if reach == Reach::Subtree {
            self.source.below(&below, &mut visit);
        }
        // The root's own key is the path itself. It lies outside the scope, where this program never reads.
        if !reader.any && below != self.serving.scope.as_str().as_bytes() {
            self.source.at(&path, &mut |record| reader.take(record));
        }
        if let Some(failure) = reader.failure {
            return Err(failure);
        }
        if !reader.any {
            return Err(Failure::NoSuchName { key: path.into(), reach });
        }
        let found = reader.found.into_iter().map(|(key, service, lease)| {
            let ttl = self.ttl(&service, lease);
            Rc::new(Found { key, service, ttl })
        });
        Ok(Reading { found: found.collect(), unmatched: reader.unmatched })
    }

    fn path(&self, labels: &[&[u8]]) -> Vec<u8> {
        domain::path(&self.serving.scope, labels)
    }

    fn ttl(&self, service: &Service, lease: Option<LeaseId>) -> u32 {
        let own = service.ttl.filter(|ttl| *ttl > 0);
        let leased = lease.and_then(|lease| self.lease_ttl(lease)).filter(|ttl| *ttl > 0);
        match (own, leased) {
            (Some(own), Some(leased)) => own.min(leased),
            (own, leased) => own.or(leased).unwrap_or(DEFAULT_TTL),
        }
    }

    fn lease_ttl(&self, lease: LeaseId) -> Option<u32> {
        if self.serving.version < LEASE_TIME {
            // Its number was taken for a time.
            let [.., a, b, c, d] = lease.get().to_be_bytes();
            return Some(u32::from_be_bytes([a, b, c, d]));
        }
        let LeaseLeft::Seconds(left @ 1..) = self.source.lease_left(lease) else { return None };
        let limits = self.serving.lease_ttl;
        let (min, max) = (limits.min_or_default(), limits.max_or_default());
        let left = u32::try_from(left).unwrap_or(u32::MAX);
        // Not clamp(): nothing keeps the limits apart.
        Some(if left < min { min } else { left.min(max) })
    }
}

#[derive(Default)]
struct Reader<'p> {
    /// The whole path of a name with a wildcard.
    pattern: Option<&'p [u8]>,
    any: bool,
    found: Vec<(Rc<[u8]>, Service, Option<LeaseId>)>,
    unmatched: Vec<Box<[u8]>>,
    failure: Option<Failure>,
}

impl Reader<'_> {
    fn take(&mut self, record: Stored<'_>) -> ControlFlow<()> {
        self.any = true;
        if self.pattern.is_some_and(|pattern| !matches(pattern, record.key)) {
            self.unmatched.push(record.key.into());
            return ControlFlow::Continue(());
        }
        match Service::decode(record.value) {
            Ok(service) => {
                self.found.push((record.key.into(), service, record.lease));
                ControlFlow::Continue(())
            }
            Err(error) => {
                self.failure = Some(Failure::Undecodable { key: record.key.into(), error });
                ControlFlow::Break(())
            }
        }
    }
}

/// Whether a key starts with the segments of a pattern, a wildcard standing for any one.
fn matches(pattern: &[u8], key: &[u8]) -> bool {
    let mut segments = key.split(|byte| *byte == b'/');
    pattern
        .split(|byte| *byte == b'/')
        .all(|wanted| segments.next().is_some_and(|segment| domain::is_wildcard(wanted) || segment == wanted))
}
