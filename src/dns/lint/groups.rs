//! Groups without effect: finds names whose groups divide nothing.

use super::{
    Severity, Trap,
    findings::{FindingReport, FindingWords},
    node::NodeAt,
    place::AddressTree,
    scene::Scene,
};
use crate::dns::Service;
use std::collections::BTreeSet;

/// Records that are read again for a name with groups. A name with more is crowded, which is a finding of its own.
const READ: usize = 1_024;

/// T43, reported for the lowest name in which groups meet: the names above have the same trouble from there. Tells
/// whether it was reported here.
pub(super) fn check(scene: &Scene<'_>, at: &NodeAt<'_>, report: &mut FindingReport) -> bool {
    let (sum, direct) = (&at.node.sum, &at.node.direct);
    // Without leaves nobody asks for the name, and the zone's own name always answers with everything.
    let asked = direct.leaves + direct.named > 0
        && !at.node.place.apex
        && !at.node.place.is_unreachable()
        && at.node.place.tree == AddressTree::Ordinary;
    if sum.grouped == 0 || sum.groups_told || !asked {
        return false;
    }
    let mut members = vec![];
    scene.some_below(at.path, READ, |record| {
        if let Ok(service) = Service::decode(record.value)
            && !service.host.is_empty()
        {
            let depth = record.key.split(|byte| *byte == b'/').count() - 1;
            members.push(GroupMember { depth, group: service.group });
        }
    });
    let groups: BTreeSet<&str> =
        members.iter().map(|member| &*member.group).filter(|group| !group.is_empty()).collect();
    if groups.len() < 2 || divides(&members) {
        return false;
    }
    let first_has_none = members.first().is_some_and(|member| member.group.is_empty());
    // Below a name that nobody asks for, names of their own have groups for other reasons.
    let severity = if direct.leaves > 0 { Trap::T43.severity() } else { Severity::Info };
    report.add(Trap::T43, severity, at.path, || {
        let name = scene.name(at.path);
        let why = if first_has_none {
            "the first of its keys has no group"
        } else {
            "keys at the same depth have different groups"
        };
        FindingWords {
            message: format!("The groups of {name} have no effect, and all its records are served: {why}."),
            names: vec![name],
            ..FindingWords::default()
        }
    });
    true
}

struct GroupMember {
    /// Slashes in the key.
    depth: usize,
    group: String,
}

/// Tells whether `CoreDNS` leaves any of these records out, which come in key order (plugin/etcd/msg/service.go:99).
fn divides(members: &[GroupMember]) -> bool {
    let Some(first) = members.first() else { return false };
    let (mut group, mut depth) = (&*first.group, first.depth);
    let mut seen = 0;
    for member in members {
        seen += 1;
        if member.depth < depth {
            (group, depth) = (&member.group, member.depth);
            if group.is_empty() {
                break;
            }
        }
    }
    if group.is_empty() {
        return false;
    }
    let other = |member: &GroupMember| !member.group.is_empty() && member.group != group;
    let disagree = members.iter().take(seen).any(|member| member.depth == depth && other(member));
    !disagree && members.iter().any(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_divide_as_the_first_and_shallowest_key_says() {
        let divides = |members: &[(usize, &str)]| {
            let member =
                |(depth, group): &(usize, &str)| GroupMember { depth: *depth, group: (*group).to_owned() };
            super::divides(&members.iter().map(member).collect::<Vec<_>>())
        };
        assert!(divides(&[(4, "a"), (5, "b")]));
        assert!(divides(&[(5, "b"), (4, "a")]), "the shallower one decides");
        assert!(!divides(&[(4, "a"), (4, "b")]), "two at one depth");
        assert!(!divides(&[(4, ""), (4, "a"), (5, "b")]), "the first has none");
        assert!(!divides(&[(5, "a"), (4, ""), (5, "b")]), "the shallowest has none");
        assert!(!divides(&[(4, "a"), (4, "a")]), "nothing to leave out");
    }
}
