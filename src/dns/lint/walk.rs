//! Walk over the records: one pass in key order, with a stack of the names that are open.
//!
//! The order of keys is not that of names: `gcr-old` stands between `gcr` and `gcr/x1`, since `-` comes before `/`. So
//! a name stays open as long as its key is a prefix, in bytes, of the key that is read: until then, keys below it can
//! still come. When it closes, everything below it has been read, and it is checked once.

use super::{
    aliases, external_dns,
    findings::FindingReport,
    groups, hosts, keys, names,
    node::{ClosedName, LintNode, NodeAt},
    own_record::{OwnValue, is_target},
    place::{AddressTree, Special},
    reserved, reverse,
    scene::Scene,
    services, texts, values, zones,
};
use crate::dns::{Class, StoredRecord};

pub(super) struct LintWalk<'w, 's> {
    scene: &'w Scene<'s>,
    stack: Vec<LintNode>,
    /// The key that was read last. The key of each open name is a prefix of it.
    last: Vec<u8>,
    report: FindingReport,
    of_external_dns: external_dns::ExternalDnsFindings,
    without_servers: zones::WithoutServers,
    reverse: reverse::AskedTargets,
    makes_targets: bool,
}

impl<'w, 's> LintWalk<'w, 's> {
    /// `about` is the same as in [`FindingReport::new`].
    pub(super) fn new(scene: &'w Scene<'s>, about: Option<&[u8]>) -> Self {
        let root = scene.root();
        Self {
            scene,
            stack: vec![LintNode::new(root.len(), 0, scene.zones.root(root))],
            last: root.to_vec(),
            report: FindingReport::new(about),
            of_external_dns: external_dns::ExternalDnsFindings::default(),
            without_servers: zones::WithoutServers::default(),
            reverse: reverse::AskedTargets::default(),
            makes_targets: false,
        }
    }

    /// Takes the next record. Its key is greater than the one before, and in the scope.
    pub(super) fn record(&mut self, record: StoredRecord<'_>) {
        let key = record.key;
        let shared = self.last.iter().zip(key).take_while(|(last, now)| last == now).count();
        while self.stack.len() > 1 && self.stack.last().is_some_and(|node| node.end > shared) {
            self.close();
        }
        self.last.truncate(shared);
        self.last.extend_from_slice(key.get(shared..).unwrap_or_default());
        self.open(key);
        if let Some(node) = self.stack.last_mut() {
            node.own = Some(OwnValue::read(record));
        }
    }

    /// Closes all names, the root last. Tells too whether `CoreDNS` makes up a target for any address.
    pub(super) fn finish(mut self) -> (FindingReport, bool) {
        while !self.stack.is_empty() {
            self.close();
        }
        self.of_external_dns.finish(&mut self.report);
        self.without_servers.finish(&mut self.report);
        (self.report, self.makes_targets)
    }

    /// Opens the names from the nearest open one above a key down to the key itself.
    fn open(&mut self, key: &[u8]) {
        let above = |node: &LintNode| key.get(node.end) == Some(&b'/');
        let Some(mut parent) = self.stack.iter().rposition(above) else { return };
        while let Some(LintNode { end, place, .. }) = self.stack.get(parent) {
            let Some(rest) = key.get(end + 1..) else { return };
            let length = rest.iter().position(|byte| *byte == b'/').unwrap_or(rest.len());
            let child = end + 1 + length;
            let path = key.get(..child).unwrap_or_default();
            let place = self.scene.zones.child(place, path, rest.get(..length).unwrap_or_default());
            self.stack.push(LintNode::new(child, parent, place));
            parent = self.stack.len() - 1;
            if child == key.len() {
                return;
            }
        }
    }

    /// Checks the innermost open name, and adds its counts to the name above.
    fn close(&mut self) {
        let Some(mut node) = self.stack.pop() else { return };
        let Self { scene, stack, last, report, of_external_dns, without_servers, reverse, makes_targets } =
            self;
        let path = last.get(..node.end).unwrap_or_default();
        let parent = stack.get(node.parent);
        let at = NodeAt { node: &node, parent, path };
        keys::check(scene, &at, report);
        if let Some(own) =
            node.own.as_ref().filter(|_| matches!(node.place.tree, AddressTree::V4 | AddressTree::V6))
        {
            reverse.check(scene, &at, own, report);
        }
        let mut outside = false;
        if node.place.zone.is_some() {
            if let Some(own) = &node.own {
                values::check(scene, &at, own, report);
                hosts::check(scene, &at, own, report);
                texts::check(scene, &at, own, report);
                outside = aliases::check(scene, &at, own, report);
            }
            *makes_targets |= makes_a_target(&at);
            names::check(scene, &at, report);
            services::check(scene, &at, report);
            reserved::check(scene, &at, report);
            zones::check(scene, &at, without_servers, report);
            let told = groups::check(scene, &at, report);
            node.sum.groups_told |= told;
        }
        let at = NodeAt { node: &node, parent, path };
        zones::check_outside(scene, &at, report);
        of_external_dns.check(scene, &at, report);
        let (leaf, answers, length) = (at.counts_for_parent(), at.answers_for_parent(), at.segment().len());
        let segment = path.get(path.len() - length..).unwrap_or_default();
        let closed = ClosedName { node: &node, segment, leaf, answers, outside };
        if let Some(above) = stack.get_mut(node.parent) {
            above.absorb(&closed);
        }
    }
}

/// Tells whether SRV, MX or NS answers name a target that is made of this record's key.
fn makes_a_target(at: &NodeAt<'_>) -> bool {
    let Some(service) = at.node.own.as_ref().and_then(OwnValue::service) else { return false };
    let is_address = matches!(service.class(), Class::V4(_) | Class::V6(_));
    is_address && (is_target(service) || at.node.place.service || at.node.place.special == Special::Ns)
}
