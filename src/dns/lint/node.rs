//! Node of the walk: a name with its own record, the records directly below it, and those everywhere below it.

use super::{
    own_record::{OwnValue, is_target},
    place::{AddressTree, KeyPlace, Special},
};
use crate::dns::{Class, host::is_almost_an_address, is_numbered};

/// A name that is open: its own key was read, or a key below it.
#[derive(Debug)]
pub(super) struct LintNode {
    /// End of its key in the key that was read last.
    pub(super) end: usize,
    /// Position of the name above it in the stack.
    pub(super) parent: usize,
    pub(super) place: KeyPlace,
    pub(super) own: Option<OwnValue>,
    /// Records below it, at any depth.
    pub(super) sum: Sum,
    /// The records one label below it.
    pub(super) direct: Direct,
}

/// Records at any depth below a name.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Sum {
    pub(super) records: usize,
    pub(super) addresses: usize,
    pub(super) texts: usize,
    /// Ownership texts of external-dns.
    pub(super) ownership_texts: usize,
    /// Records that answer SRV with port 0, and are not meant to answer SRV.
    pub(super) portless: usize,
    pub(super) outside_aliases: usize,
    /// Records with a group.
    pub(super) grouped: usize,
    /// A name below already has the finding that groups have no effect.
    pub(super) groups_told: bool,
}

/// Records one label below a name that look like its leaves, and so are its own.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Direct {
    /// All of them, whatever their values.
    pub(super) all: usize,
    /// Records with a host or a text.
    pub(super) leaves: usize,
    /// Other records right below it, that may be its own or names of their own: `CoreDNS` answers for it with them as
    /// well.
    pub(super) named: usize,
    pub(super) addresses: usize,
    pub(super) v6: usize,
    /// IPv6 addresses that are not written as RFC 5952 writes them.
    pub(super) odd_v6: usize,
    /// Aliases without port and mail.
    pub(super) aliases: usize,
    pub(super) outside_aliases: usize,
    pub(super) texts: usize,
    pub(super) heritage: usize,
    pub(super) mails: usize,
    /// Hosts that are no mail servers.
    pub(super) others: usize,
    pub(super) ported: usize,
    pub(super) portless: usize,
    pub(super) weighted: usize,
    pub(super) managed: usize,
    /// Records with the `targetstrip` of external-dns, not written by it.
    pub(super) adopted: usize,
    /// Keys that `CoreDNS` reads for the zone lie below: `dns/apex`, `dns/ns`.
    pub(super) has_apex: bool,
    pub(super) has_ns: bool,
    /// Children of `dns.ZONE` that are neither.
    pub(super) reserved: usize,
}

/// A name that is closed: everything below it is known.
#[derive(Clone, Copy, Debug)]
pub(super) struct NodeAt<'n> {
    pub(super) node: &'n LintNode,
    /// The name above it; `None` for the scope itself.
    pub(super) parent: Option<&'n LintNode>,
    /// Its key.
    pub(super) path: &'n [u8],
}

/// A closed name, as the name above it counts it.
#[derive(Debug)]
pub(super) struct ClosedName<'n> {
    pub(super) node: &'n LintNode,
    /// The last segment of its key.
    pub(super) segment: &'n [u8],
    /// [`NodeAt::counts_for_parent`]
    pub(super) leaf: bool,
    /// [`NodeAt::answers_for_parent`]
    pub(super) answers: bool,
    /// It is an alias that leads out of all zones.
    pub(super) outside: bool,
}

impl<'n> NodeAt<'n> {
    /// Returns the last segment of its key.
    pub(super) fn segment(&self) -> &'n [u8] {
        self.parent.and_then(|parent| self.path.get(parent.end + 1..)).unwrap_or_default()
    }

    /// Tells whether it has nothing below it, and is a leaf of the name above it: a record of that name rather than a
    /// name of its own. `CoreDNS` makes no difference; [`owner`](crate::dns::owner()) tells it by the same signs.
    pub(super) fn is_leaf(&self) -> bool {
        self.is_last()
            && self.parent.is_some_and(|parent| {
                let place = &parent.place;
                let stripped = self
                    .node
                    .own
                    .as_ref()
                    .and_then(OwnValue::service)
                    .is_some_and(|own| own.target_strip == Some(1));
                matches!(place.special, Special::Apex | Special::Ns)
                    || place.service
                    || stripped
                    || (looks_like_a_leaf(self.segment()) && !place.apex)
            })
    }

    /// Tells whether the name above it counts it among its own. A zone does so with any numbered key: nobody would give
    /// a host such a name, although clients can ask for it as one.
    pub(super) fn counts_for_parent(&self) -> bool {
        self.is_leaf() || (self.is_last() && looks_like_a_leaf(self.segment()))
    }

    /// Tells whether it lies right below the name above it, with nothing below itself: `CoreDNS` answers for that name
    /// with it, whatever its label is.
    pub(super) fn answers_for_parent(&self) -> bool {
        self.is_last() && self.node.own.is_some()
    }

    fn is_last(&self) -> bool {
        self.node.sum.records == 0 && !matches!(self.node.place.tree, AddressTree::V4 | AddressTree::V6)
    }
}

/// Tells whether a segment is a leaf and no host's name: scripts and guides number the records of a name.
pub(super) fn looks_like_a_leaf(segment: &[u8]) -> bool {
    let is_number = (1..=4).contains(&segment.len()) && segment.iter().all(u8::is_ascii_digit);
    is_number || is_numbered(segment)
}

impl LintNode {
    pub(super) fn new(end: usize, parent: usize, place: KeyPlace) -> Self {
        Self { end, parent, place, own: None, sum: Sum::default(), direct: Direct::default() }
    }

    /// Counts a name one label below this one, and all that it has counted.
    pub(super) fn absorb(&mut self, child: &ClosedName<'_>) {
        self.sum.add(&child.node.sum);
        if let Some(own) = &child.node.own {
            self.sum.count(own, child.outside, child.node.place.special == Special::None);
        }
        self.note_special(child.node);
        if let Some(own) = &child.node.own
            && child.leaf
        {
            self.direct.count(own, child.segment, child.outside);
        } else if child.answers && child.node.own.as_ref().is_some_and(|own| own.class() != Class::Nothing) {
            self.direct.named += 1;
        }
    }
}

impl LintNode {
    /// Notes the keys in the places that `CoreDNS` reads for a zone.
    fn note_special(&mut self, child: &Self) {
        match (self.place.special, child.place.special) {
            (Special::Dns, Special::Apex) => self.direct.has_apex = true,
            (Special::Dns, Special::Ns) => self.direct.has_ns = true,
            (Special::Dns, Special::None | Special::Dns) => self.direct.reserved += 1,
            // The zone learns of them from `dns.ZONE`.
            (Special::None, Special::Dns) => {
                self.direct.has_apex = child.direct.has_apex;
                self.direct.has_ns = child.direct.has_ns;
            }
            (Special::None | Special::Apex | Special::Ns, _) => {}
        }
    }
}

impl Sum {
    fn add(&mut self, below: &Self) {
        self.records += below.records;
        self.addresses += below.addresses;
        self.texts += below.texts;
        self.ownership_texts += below.ownership_texts;
        self.portless += below.portless;
        self.outside_aliases += below.outside_aliases;
        self.grouped += below.grouped;
        self.groups_told |= below.groups_told;
    }

    fn count(&mut self, own: &OwnValue, outside: bool, ordinary: bool) {
        self.records += 1;
        let Some(service) = own.service() else { return };
        let class = service.class();
        self.addresses += usize::from(matches!(class, Class::V4(_) | Class::V6(_)));
        self.texts += usize::from(class == Class::Text);
        self.ownership_texts += usize::from(own.heritage && class == Class::Text);
        let answers_srv = matches!(class, Class::V4(_) | Class::V6(_) | Class::Alias);
        self.portless += usize::from(answers_srv && ordinary && service.port.unwrap_or(0) == 0);
        self.outside_aliases += usize::from(outside);
        self.grouped += usize::from(!service.group.is_empty());
    }
}

impl Direct {
    fn count(&mut self, own: &OwnValue, segment: &[u8], outside: bool) {
        self.all += 1;
        let managed = own.is_managed(segment);
        self.managed += usize::from(managed);
        let Some(service) = own.service() else { return };
        self.adopted += usize::from(!managed && service.target_strip == Some(1));
        let class = service.class();
        if class == Class::Nothing {
            return;
        }
        self.leaves += 1;
        self.heritage += usize::from(own.heritage && class == Class::Text);
        let host = match class {
            Class::V4(_) => true,
            Class::V6(v6) => {
                self.v6 += 1;
                self.odd_v6 += usize::from(v6.to_string() != service.host);
                true
            }
            // It was meant as an address.
            Class::Alias if is_almost_an_address(&service.host) => true,
            Class::Alias => {
                self.aliases += usize::from(!is_target(service));
                self.outside_aliases += usize::from(outside && !is_target(service));
                true
            }
            Class::Text => {
                self.texts += 1;
                false
            }
            Class::Nothing => false,
        };
        if !host {
            return;
        }
        self.addresses += usize::from(class != Class::Alias);
        self.mails += usize::from(service.mail);
        self.others += usize::from(!service.mail);
        let ported = service.port.is_some_and(|port| port != 0);
        self.ported += usize::from(ported);
        self.portless += usize::from(!ported && !service.mail);
        self.weighted += usize::from(service.weight.is_some_and(|weight| weight != 0));
    }
}
