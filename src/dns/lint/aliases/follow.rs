//! Following of an alias as `CoreDNS` does it (`backend_lookup.go:19`), as far as needed to know whether an address is
//! at its end.

use super::target::AliasTarget;
use crate::dns::{
    Class, Service, StoredRecord,
    answer::{
        chase, domain, group,
        lookup::{Lookup, LookupReach},
        read::FoundRecord,
    },
    lint::scene::Scene,
};
use std::{ops::ControlFlow, rc::Rc};

/// Records at the end of an alias.
#[derive(Debug, Default)]
#[expect(clippy::struct_excessive_bools, reason = "independent facts, each seen or not")]
pub(super) struct Reached {
    /// There is a record of the first target.
    pub(super) exists: bool,
    pub(super) v4: bool,
    pub(super) v6: bool,
    pub(super) text: bool,
    /// It also leads to an unknown end: out of the zones, or to a value that cannot be read.
    pub(super) unknown: bool,
    /// A part of it was dropped as a loop.
    pub(super) looped: bool,
    /// It goes round through several zones.
    pub(super) endless: bool,
    /// Number of aliases before the nearest address.
    pub(super) nearest: Option<usize>,
}

impl Reached {
    /// Tells whether something is at its end, or may be.
    pub(super) fn gives(&self) -> bool {
        self.nearest.is_some() || self.text || self.unknown || self.endless
    }
}

/// Records that are wanted at the end of an alias.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(in crate::dns::lint) enum AliasWanted {
    /// An address of either family.
    Address,
    /// Addresses of both families.
    Both,
    Text,
}

/// Key of a reading: the name, the wanted records, and whether all of the name is read.
pub(in crate::dns::lint) type AliasReading = (Box<[u8]>, AliasWanted, bool);

/// Records that are read of one name. If there are more, the rest is assumed to hold an address.
const READ: usize = 1_024;
/// Records that are read for one alias.
const READ_IN_ALL: usize = 4 * READ;
/// Most aliases in a row that are followed, to find the length of a chain that is too long.
const FOLLOWED: usize = 64;

/// The trail of one alias.
pub(super) struct Trail<'t, 's> {
    scene: &'t Scene<'s>,
    reached: Reached,
    wanted: AliasWanted,
    /// Every branch is followed: one that has an address may also lead round.
    thorough: bool,
    left: usize,
    /// There was more to read than the limits allow.
    given_up: bool,
    /// The targets since the last question, as they are written, and the names of all questions.
    chain: Vec<Vec<u8>>,
    asked: Vec<Vec<u8>>,
}

impl<'t, 's> Trail<'t, 's> {
    /// Starts a trail at `name`, in lower case with its closing dot.
    pub(super) fn new(scene: &'t Scene<'s>, name: &[u8], wanted: AliasWanted) -> Self {
        let (reached, asked) = (Reached::default(), vec![name.to_vec()]);
        Self {
            scene,
            reached,
            wanted,
            thorough: false,
            left: READ_IN_ALL,
            given_up: false,
            chain: vec![],
            asked,
        }
    }

    /// Follows an alias to a target in the same zone.
    pub(super) fn within(mut self, target: &AliasTarget, zone: usize) -> Reached {
        self.chain.push(target.text.clone());
        self.name(&target.lower, zone);
        self.reached
    }

    /// Follows an alias to a target in another zone, for which `CoreDNS` asks itself.
    pub(super) fn afresh(mut self, target: &AliasTarget, zone: usize) -> Reached {
        self.thorough = true;
        self.asked.push(target.lower.clone());
        self.name(&target.lower, zone);
        self.reached
    }

    fn is_done(&self) -> bool {
        if self.given_up {
            return true;
        }
        let found = match self.wanted {
            AliasWanted::Address => self.is_near(),
            AliasWanted::Both => self.is_near() && self.reached.v4,
            AliasWanted::Text => self.reached.text,
        };
        found && !self.thorough
    }

    /// Tells whether the nearest address is near enough to be served.
    fn is_near(&self) -> bool {
        let longest = chase::longest_chain(self.scene.serving.version);
        self.reached.nearest.is_some_and(|chain| chain <= longest)
    }

    /// Looks a name up.
    fn name(&mut self, name: &[u8], zone: usize) {
        for found in self.records(name, zone) {
            match found.service.class() {
                Class::V4(_) => self.address(true),
                Class::V6(_) => self.address(false),
                Class::Text => self.reached.text |= self.wanted == AliasWanted::Text,
                Class::Alias => self.alias(name, &found.service.host, zone),
                Class::Nothing => {}
            }
            if self.is_done() {
                return;
            }
        }
    }

    fn address(&mut self, v4: bool) {
        if self.wanted == AliasWanted::Text {
            return;
        }
        self.reached.v4 |= v4;
        self.reached.v6 |= !v4;
        let here = self.chain.len();
        self.reached.nearest = Some(self.reached.nearest.map_or(here, |nearest| nearest.min(here)));
    }

    fn alias(&mut self, name: &[u8], host: &str, zone: usize) {
        let target = AliasTarget::of(host);
        if target.is_within(self.scene.zones.name(zone)) {
            let loops = target.is_within(name) || self.chain.contains(&target.text);
            if loops || self.chain.len() >= FOLLOWED {
                self.reached.looped = true;
                return;
            }
            self.chain.push(target.text);
            self.name(&target.lower, zone);
            self.chain.pop();
        } else if let Some(other) = target.zone(self.scene) {
            if self.asked.contains(&target.lower) {
                self.reached.endless = true;
                return;
            }
            let chain = std::mem::take(&mut self.chain);
            self.asked.push(target.lower.clone());
            self.name(&target.lower, other);
            self.asked.pop();
            self.chain = chain;
        } else {
            self.reached.unknown = true;
        }
    }

    /// Returns the records that `CoreDNS` reads for a name; for the address of a zone those of `dns/apex` first.
    fn records(&mut self, name: &[u8], zone: usize) -> Vec<Rc<FoundRecord>> {
        let zone = self.scene.zones.name(zone);
        if name == zone && self.wanted != AliasWanted::Text {
            let apex = self.read(&domain::join("apex.dns", zone));
            if let Some(found) = apex {
                return found;
            }
            if self.scene.serving.no_apex_fallback {
                return vec![];
            }
        }
        self.read(name).unwrap_or_default()
    }

    /// Returns the records of a name that count; `None` where there are no records.
    fn read(&mut self, name: &[u8]) -> Option<Vec<Rc<FoundRecord>>> {
        let reading: AliasReading = (name.into(), self.wanted, self.thorough);
        if self.scene.crowded.borrow().contains(&reading) {
            return Some(self.give_up());
        }
        let lookup = Lookup::of(&self.scene.serving.scope, name);
        let (mut all, mut here, mut full, mut unreadable) = (vec![], 0, false, false);
        let (wanted, thorough, most) = (self.wanted, self.thorough, self.left.min(READ));
        let found = lookup.visit(self.scene.source, LookupReach::Subtree, &mut |record: StoredRecord<'_>| {
            if here == most {
                full = true;
                return ControlFlow::Break(());
            }
            here += 1;
            if !lookup.matches(record.key) {
                return ControlFlow::Continue(());
            }
            let Ok(service) = Service::decode(record.value) else {
                unreadable = true;
                return ControlFlow::Break(());
            };
            let enough = match service.class() {
                Class::V4(_) => wanted != AliasWanted::Text,
                Class::V6(_) => wanted == AliasWanted::Address,
                Class::Text => wanted == AliasWanted::Text,
                Class::Alias | Class::Nothing => false,
            };
            // A record with a group may still be left out in favour of another group.
            let enough = enough && !thorough && service.group.is_empty();
            let counts =
                !service.host.is_empty() || (wanted == AliasWanted::Text && !service.text.is_empty());
            if counts {
                all.push(Rc::new(FoundRecord { key: record.key.into(), service, ttl: 0 }));
            }
            if enough { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
        });
        self.left -= here;
        self.reached.exists |= found;
        if full {
            if here == READ {
                self.scene.crowded.borrow_mut().insert(reading);
            }
            return Some(self.give_up());
        }
        // The value itself has a finding.
        self.reached.unknown |= unreadable;
        found.then(|| if unreadable { vec![] } else { group::choose(all).0 })
    }

    /// Gives up at a name with so many records, and assumes that there is an address among them.
    fn give_up(&mut self) -> Vec<Rc<FoundRecord>> {
        (self.given_up, self.reached.exists, self.reached.unknown) = (true, true, true);
        vec![]
    }
}
