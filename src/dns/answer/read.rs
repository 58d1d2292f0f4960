//! Reading: gets the records of one name from etcd as `CoreDNS` does, and decodes them (plugin/etcd/etcd.go).

use super::{
    engine::Engine,
    lookup::{Lookup, LookupReach},
    why::LookupError,
};
use crate::{
    dns::{CoreDnsVersion, DEFAULT_TTL, LeaseLeft, Service, StoredRecord},
    keys::LeaseId,
};
use std::{collections::HashMap, ops::ControlFlow, rc::Rc};

/// A decoded record of a name.
#[derive(Debug)]
pub(in crate::dns) struct FoundRecord {
    pub(in crate::dns) key: Rc<[u8]>,
    pub(in crate::dns) service: Service,
    /// The TTL that is served, in seconds.
    pub(in crate::dns) ttl: u32,
}

impl FoundRecord {
    /// Returns the number of slashes in the key.
    pub(in crate::dns) fn depth(&self) -> usize {
        memchr::memchr_iter(b'/', &self.key).count()
    }
}

/// Results of reading names, by the name and the reach.
pub(super) type Readings = HashMap<(Box<[u8]>, LookupReach), Result<Rc<NameRecords>, LookupError>>;

/// All records that were read for a name.
#[derive(Clone, Debug)]
pub(super) struct NameRecords {
    pub(super) found: Vec<Rc<FoundRecord>>,
    /// Keys that a wildcard in the question left out.
    pub(super) unmatched: Vec<Box<[u8]>>,
}

/// The first version whose TTL of a leased record is the time that the lease has left (GHSA-93mf-426m-g6x9).
const LEASE_TIME: CoreDnsVersion = CoreDnsVersion { major: 1, minor: 12, patch: 4 };

impl Engine<'_> {
    /// Reads the records of a name in lower case. The same name is read once.
    pub(super) fn read(&mut self, name: &[u8], reach: LookupReach) -> Result<Rc<NameRecords>, LookupError> {
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

    fn read_anew(&self, name: &[u8], reach: LookupReach) -> Result<NameRecords, LookupError> {
        let lookup = Lookup::of(&self.serving.scope, name);
        let mut reader = NameReader::new(&lookup);
        let any = lookup.visit(self.source, reach, &mut |record| reader.take(record));
        if let Some(failure) = reader.failure {
            return Err(failure);
        }
        if !any {
            return Err(LookupError::NoSuchName { key: lookup.path.into(), reach });
        }
        let found = reader.found.into_iter().map(|(key, service, lease)| {
            let ttl = self.ttl(&service, lease);
            Rc::new(FoundRecord { key, service, ttl })
        });
        Ok(NameRecords { found: found.collect(), unmatched: reader.unmatched })
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
            // Older versions took the lease's number for a time.
            let [.., a, b, c, d] = lease.get().to_be_bytes();
            return Some(u32::from_be_bytes([a, b, c, d]));
        }
        let LeaseLeft::Seconds(left @ 1..) = self.source.lease_left(lease) else { return None };
        Some(self.serving.lease_ttl.served(u32::try_from(left).unwrap_or(u32::MAX)))
    }
}

struct NameReader<'l> {
    lookup: &'l Lookup<'l>,
    found: Vec<(Rc<[u8]>, Service, Option<LeaseId>)>,
    unmatched: Vec<Box<[u8]>>,
    failure: Option<LookupError>,
}

impl<'l> NameReader<'l> {
    fn new(lookup: &'l Lookup<'l>) -> Self {
        Self { lookup, found: vec![], unmatched: vec![], failure: None }
    }

    fn take(&mut self, record: StoredRecord<'_>) -> ControlFlow<()> {
        if !self.lookup.matches(record.key) {
            self.unmatched.push(record.key.into());
            return ControlFlow::Continue(());
        }
        match Service::decode(record.value) {
            Ok(service) => {
                self.found.push((record.key.into(), service, record.lease));
                ControlFlow::Continue(())
            }
            Err(error) => {
                self.failure = Some(LookupError::Undecodable { key: record.key.into(), error });
                ControlFlow::Break(())
            }
        }
    }
}
