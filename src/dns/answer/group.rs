//! Groups: decide which records of one name belong together (plugin/etcd/msg/service.go, `Group`).

use super::read::FoundRecord;
use std::rc::Rc;

/// Returns the records that stay, and those of other groups. The first key's group is chosen, or that of a key higher
/// up.
pub(in crate::dns) fn choose(found: Vec<Rc<FoundRecord>>) -> (Vec<Rc<FoundRecord>>, Vec<Rc<FoundRecord>>) {
    let Some(chosen) = chosen(&found) else { return (found, vec![]) };
    let ChosenGroup { group, depth, seen } = chosen;
    let disagrees = |(at, record): (usize, &Rc<FoundRecord>)| {
        at < seen
            && record.depth() == depth
            && !record.service.group.is_empty()
            && record.service.group != group
    };
    if group.is_empty() || found.iter().enumerate().any(disagrees) {
        return (found, vec![]);
    }
    found.into_iter().partition(|record| record.service.group.is_empty() || record.service.group == group)
}

struct ChosenGroup {
    group: String,
    depth: usize,
    /// Number of records whose depth was compared. Later records can disagree without any effect.
    seen: usize,
}

fn chosen(found: &[Rc<FoundRecord>]) -> Option<ChosenGroup> {
    let first = found.first()?;
    let mut chosen =
        ChosenGroup { group: first.service.group.clone(), depth: first.depth(), seen: found.len() };
    for (at, record) in found.iter().enumerate() {
        let depth = record.depth();
        if depth < chosen.depth {
            if record.service.group.is_empty() {
                chosen.seen = at + 1;
                break;
            }
            chosen.depth = depth;
            chosen.group.clone_from(&record.service.group);
        }
    }
    Some(chosen)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::Service;

    /// Builds keys `a`, `b`, … at the given depths, in this order, and returns those that stay.
    fn kept(records: &[(usize, &str)]) -> String {
        let found = records.iter().zip("abcdefgh".chars()).map(|((depth, group), name)| {
            let key = format!("{}{name}", "/".repeat(*depth)).into_bytes();
            let service = Service { group: (*group).to_owned(), ..Service::default() };
            Rc::new(FoundRecord { key: key.into(), service, ttl: 300 })
        });
        let (kept, _) = choose(found.collect());
        kept.iter().map(|record| char::from(*record.key.last().unwrap())).collect()
    }

    #[test]
    fn the_first_or_the_shallowest_group_is_chosen() {
        for (records, stay, why) in [
            (&[][..], "", "nothing is nothing"),
            (&[(3, ""), (3, "g1"), (3, "g2")], "abc", "the first has none, and nothing is shallower"),
            (&[(3, ""), (4, "g1")], "ab", "no group is chosen"),
            (&[(3, "g1"), (4, "g2"), (4, "")], "ac", "deeper groups go, those without one stay"),
            (&[(4, "g1"), (3, "g2")], "b", "a shallower group wins"),
            (&[(3, "g1"), (3, "g2")], "ab", "two at one depth disagree"),
            (&[(3, "g1"), (3, "G1")], "ab", "groups have capitals"),
            (
                &[(4, ""), (3, "g1"), (4, "g2")],
                "ab",
                "one that is shallower counts though the first has none",
            ),
            (&[(4, "g1"), (3, ""), (4, "g2")], "ab", "who comes behind a shallower one without is not heard"),
        ] {
            assert_eq!(kept(records), stay, "{why}");
        }
    }
}
