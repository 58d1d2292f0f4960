//! Follows an alias as `CoreDNS` does (`backend_lookup.go:19`), as far as it takes to know whether an address
//! is at its end.

use super::{has_wildcard, is_at_or_below, target_key};
use crate::dns::{Class, Service, Stored, lint::scene::Scene};
use std::{cell::Cell, ops::ControlFlow};

/// What is at the end of an alias.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each seen or not")]
pub(super) struct Reached {
    /// There is a record of the first target.
    pub(super) exists: bool,
    pub(super) v4: bool,
    pub(super) v6: bool,
    pub(super) text: bool,
    /// It also leads where nothing is known from here: out of the zones, to a value that cannot be read.
    pub(super) unknown: bool,
    /// A part of it was dropped as a loop.
    pub(super) looped: bool,
    /// It goes round through several zones.
    pub(super) endless: bool,
    /// How many aliases stand before the nearest address.
    pub(super) nearest: Option<usize>,
}

/// Records that are read for one alias. What is behind more is taken for an address.
const READ: usize = 1_024;
/// Aliases in a row that are followed, to tell how long a chain is that is too long.
const FOLLOWED: usize = 64;

/// The way of one alias.
pub(super) struct Trail<'t, 's> {
    scene: &'t Scene<'s>,
    reached: Reached,
    /// Addresses of both families are asked for.
    both: bool,
    /// Every branch is followed: one that has an address may also have a way round.
    thorough: bool,
    left: usize,
    /// The targets since the last question, and the names of all questions.
    chain: Vec<Vec<u8>>,
    asked: Vec<Vec<u8>>,
}

impl<'t, 's> Trail<'t, 's> {
    pub(super) fn new(scene: &'t Scene<'s>, both: bool) -> Self {
        let reached = Reached::default();
        Self { scene, reached, both, thorough: false, left: READ, chain: vec![], asked: vec![] }
    }

    /// Follows an alias of `name` to a target in the same zone.
    pub(super) fn within(mut self, name: &[u8], target: &[u8], zone: usize) -> Reached {
        self.asked.push(name.to_vec());
        self.chain.push(target.to_vec());
        self.name(target, zone);
        self.reached
    }

    /// Follows an alias of `name` to a target in another zone, which `CoreDNS` asks itself for.
    pub(super) fn afresh(mut self, name: &[u8], target: &[u8], zone: usize) -> Reached {
        self.thorough = true;
        self.asked.extend([name.to_vec(), target.to_vec()]);
        self.name(target, zone);
        self.reached
    }

    fn is_done(&self) -> bool {
        !self.thorough && self.reached.nearest.is_some() && (self.reached.v4 || !self.both)
    }

    /// Looks a name up.
    fn name(&mut self, name: &[u8], zone: usize) {
        for service in self.records(name, zone) {
            match service.class() {
                class @ (Class::V4(_) | Class::V6(_)) => {
                    self.reached.v4 |= matches!(class, Class::V4(_));
                    self.reached.v6 |= matches!(class, Class::V6(_));
                    let nearest =
                        self.reached.nearest.map_or(self.chain.len(), |chain| chain.min(self.chain.len()));
                    self.reached.nearest = Some(nearest);
                }
                Class::Text => self.reached.text = true,
                Class::Alias => self.alias(name, &service.host, zone),
                Class::Nothing => {}
            }
            if self.is_done() {
                return;
            }
        }
    }

    fn alias(&mut self, name: &[u8], host: &str, zone: usize) {
        let Some(target) = target_key(self.scene, host).filter(|target| !has_wildcard(self.scene, target))
        else {
            self.reached.unknown = true;
            return;
        };
        if is_at_or_below(&target, self.scene.zones.key(zone)) {
            let loops = is_at_or_below(&target, name) || self.chain.contains(&target);
            if loops || self.chain.len() >= FOLLOWED {
                self.reached.looped = true;
                return;
            }
            self.chain.push(target.clone());
            self.name(&target, zone);
            self.chain.pop();
        } else if let Some(other) = self.scene.zones.of(&target) {
            if self.asked.contains(&target) {
                self.reached.endless = true;
                return;
            }
            let chain = std::mem::take(&mut self.chain);
            self.asked.push(target.clone());
            self.name(&target, other);
            self.asked.pop();
            self.chain = chain;
        } else {
            self.reached.unknown = true;
        }
    }

    /// The records that `CoreDNS` reads for a name; of a zone those of `dns/apex` first.
    fn records(&mut self, name: &[u8], zone: usize) -> Vec<Service> {
        if name == self.scene.zones.key(zone) {
            let apex = self.read(&[name, b"/dns/apex"].concat());
            if !apex.is_empty() || self.scene.serving.no_apex_fallback {
                return apex;
            }
        }
        self.read(name)
    }

    fn read(&mut self, name: &[u8]) -> Vec<Service> {
        let mut services = vec![];
        let (found, mut left, mut unreadable) = (Cell::new(false), self.left, false);
        let (both, thorough) = (self.both, self.thorough);
        let mut take = |record: Stored<'_>| {
            found.set(true);
            let Some(rest) = left.checked_sub(1) else { return ControlFlow::Break(()) };
            left = rest;
            let Ok(service) = Service::decode(record.value) else {
                unreadable = true;
                return ControlFlow::Break(());
            };
            let enough = match service.class() {
                Class::V4(_) => !thorough,
                Class::V6(_) => !thorough && !both,
                Class::Alias | Class::Text | Class::Nothing => false,
            };
            services.push(service);
            if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        };
        self.scene.source.below(&[name, b"/"].concat(), &mut take);
        if !found.get() {
            self.scene.source.at(name, &mut take);
        }
        self.left = left;
        self.reached.exists |= found.get();
        // A value that cannot be read is told where it is, and a name with so many records has an address.
        self.reached.unknown |= unreadable || left == 0;
        if unreadable { vec![] } else { services }
    }
}
