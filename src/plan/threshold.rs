//! Threshold beyond which the exact number has to be typed as well as the key.
use std::fmt;

/// Most keys that may lose their content without the number.
const MANY: u64 = 100;
/// Least number of keys in the scope for which a share of them counts as well.
const SHARE_FROM: u64 = 10;
/// Share that needs the number, in percent of the scope's keys.
const SHARE: u64 = 30;

/// Keys around those of a plan, counted at the revision at which they were read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Surroundings {
    /// All keys of the scope.
    pub scope_keys: u64,
    /// Each zone that loses a key.
    pub zones: Vec<ZoneKeys>,
}

/// Keys of a zone, and those of them that a plan deletes or moves out of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneKeys {
    /// The zone's name, in DNS order: `gcr.io`.
    pub zone: String,
    pub keys: u64,
    pub deleted: u64,
}

/// Reason why the exact number is asked for. `keys` are those that lose their content: updated, moved and deleted
/// ones together, so that no large change passes as two that are small enough.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Threshold {
    /// More than 100 keys.
    Many { keys: u64 },
    /// More than 30 % of at least 10 keys.
    Share { keys: u64, scope_keys: u64 },
    /// Nothing of the zone would be left.
    EmptiesZone { zone: String, keys: u64 },
}

impl Threshold {
    /// Returns the rule that `keys` keys meet, if any; the emptied zone first, as it says most.
    #[must_use]
    pub fn of(keys: u64, around: &Surroundings) -> Option<Self> {
        if keys == 0 {
            return None;
        }
        if let Some(zone) = around.zones.iter().find(|zone| zone.deleted > 0 && zone.deleted >= zone.keys) {
            return Some(Self::EmptiesZone { zone: zone.zone.clone(), keys });
        }
        if keys > MANY {
            return Some(Self::Many { keys });
        }
        let scope_keys = around.scope_keys;
        (scope_keys >= SHARE_FROM && keys * 100 > scope_keys * SHARE)
            .then_some(Self::Share { keys, scope_keys })
    }

    /// Tells whether `keys` keys could meet a rule in some scope, so that the scope has to be counted for them. A
    /// zone is emptied by deletions and by moves out of it, which are always counted.
    #[must_use]
    pub fn is_conceivable(keys: u64) -> bool {
        keys > MANY || keys * 100 > SHARE_FROM * SHARE
    }

    /// Returns the number to type.
    #[must_use]
    pub fn number(&self) -> u64 {
        match self {
            Self::Many { keys } | Self::Share { keys, .. } | Self::EmptiesZone { keys, .. } => *keys,
        }
    }
}

impl fmt::Display for Threshold {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Many { .. } => write!(f, "these are more than {MANY} keys"),
            Self::Share { keys, scope_keys } => {
                write!(f, "{keys} of the scope's {scope_keys} keys are more than {SHARE} %")
            }
            Self::EmptiesZone { zone, .. } => write!(f, "nothing would be left of zone {zone}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(scope_keys: u64) -> Surroundings {
        Surroundings { scope_keys, zones: vec![] }
    }

    #[test]
    fn a_hundred_keys_of_many_need_no_number_and_one_more_does() {
        assert_eq!(Threshold::of(100, &around(10_000)), None);
        assert_eq!(Threshold::of(101, &around(10_000)).map(|t| t.number()), Some(101));
    }

    #[test]
    fn thirty_percent_is_allowed_and_more_is_not_from_ten_keys_up() {
        assert_eq!(Threshold::of(3, &around(10)), None);
        assert_eq!(Threshold::of(4, &around(10)), Some(Threshold::Share { keys: 4, scope_keys: 10 }));
        assert_eq!(Threshold::of(8, &around(9)), None);
    }

    #[test]
    fn emptying_a_zone_always_needs_the_number() {
        let zones = vec![ZoneKeys { zone: "gcr.io".into(), keys: 1, deleted: 1 }];
        let threshold = Threshold::of(1, &Surroundings { scope_keys: 1, zones });
        assert_eq!(threshold, Some(Threshold::EmptiesZone { zone: "gcr.io".into(), keys: 1 }));
    }

    #[test]
    fn a_plan_that_only_creates_never_needs_a_number() {
        assert_eq!(Threshold::of(0, &around(0)), None);
    }
}
