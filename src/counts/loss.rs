//! Rule that says which difference between two counts is a loss. There is no other.
use super::{Held, Holder};
use crate::quantity::{counted, grouped};
use jiff::Timestamp;

/// From this many keys on, a share of them is a loss. Fewer keys come and go one by one.
const SHARE_FROM: u64 = 3;
/// One of this many: a third.
const SHARE: u64 = 3;
/// The keys are back if at most one of this many is still missing: a restore leaves out keys with a lease.
const STILL_MISSING: u64 = 10;

/// Loss of keys between two looks. They are not back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loss {
    pub whose: Holder,
    /// The keys at the last look that has seen them.
    pub then: Held,
    /// The keys at the latest look.
    pub now: Held,
    /// The time at which it was noticed.
    pub noticed: Timestamp,
}

impl Loss {
    /// Returns the number of keys that are away.
    #[must_use]
    pub fn gone(&self) -> u64 {
        self.then.keys.saturating_sub(self.now.keys)
    }

    /// `Kubernetes' 312 keys are gone: 0 of 312 left`; with `too`, for one of several losses.
    #[must_use]
    pub fn sentence(&self, too: bool) -> String {
        let (then, now) = (self.then.keys, self.now.keys);
        let of_whom = match (&self.whose, self.whose.owner()) {
            (_, Some(owner)) => possessive(owner) + &format!(" {}", counted(then, "key")),
            (Holder::Scope(path), None) => format!("the {} below {path}", counted(then, "key")),
            (Holder::Tenant(prefix), None) => format!("the {} below {prefix}", counted(then, "key")),
            (Holder::Unnamed { .. }, None) => format!("the {} of unknown owners", counted(then, "key")),
            (Holder::Fleeting, None) => format!("the {} that come and go", counted(then, "key")),
        };
        let subject = if now == 0 { of_whom } else { format!("{} of {of_whom}", grouped(self.gone())) };
        let verb = if (now == 0 && then == 1) || (now > 0 && self.gone() == 1) { "is" } else { "are" };
        let too = if too { " too" } else { "" };
        let sentence = format!("{subject} {verb} gone{too}: {} of {} left", grouped(now), grouped(then));
        let mut letters = sentence.chars();
        letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
    }
}

fn possessive(owner: &str) -> String {
    if owner.ends_with('s') { format!("{owner}'") } else { format!("{owner}'s") }
}

/// Tells whether a difference is a loss: all keys of a scope, however few; of others all, or of anybody a third, from
/// three keys on. Keys that come and go by themselves are never lost.
#[must_use]
pub fn is_loss(whose: &Holder, then: u64, now: u64) -> bool {
    let gone = then.saturating_sub(now);
    match whose {
        Holder::Fleeting => false,
        Holder::Scope(_) if now == 0 => gone > 0,
        // A lock that is held for a moment is a key of others too.
        Holder::Scope(_) | Holder::Tenant(_) | Holder::Unnamed { .. } => {
            then >= SHARE_FROM && gone > 0 && gone.saturating_mul(SHARE) >= then
        }
    }
}

/// Tells whether the lost keys are back.
#[must_use]
pub fn is_back(then: u64, now: u64) -> bool {
    then.saturating_sub(now).saturating_mul(STILL_MISSING) <= then && now > 0
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Revision;

    fn scope() -> Holder {
        Holder::Scope("/coredns/".to_owned())
    }

    fn kubernetes() -> Holder {
        Holder::Tenant("/registry/".to_owned())
    }

    #[test]
    fn a_scope_that_is_emptied_is_lost_whatever_its_size_and_of_others_three_keys() {
        for then in [1, 2, 3, 9, 312] {
            assert!(is_loss(&scope(), then, 0), "{then}");
            assert_eq!(is_loss(&kubernetes(), then, 0), then >= 3, "{then}");
        }
        assert!(!is_loss(&scope(), 0, 0));
    }

    #[test]
    fn a_third_is_lost_from_three_keys_up_and_less_is_not() {
        for (then, now, lost) in
            [(2, 1, false), (3, 2, true), (3, 3, false), (312, 209, false), (312, 208, true), (9, 12, false)]
        {
            for whose in [scope(), kubernetes(), Holder::Unnamed { beside: "/coredns/".to_owned() }] {
                assert_eq!(is_loss(&whose, then, now), lost, "{whose:?}: {now} of {then}");
            }
        }
    }

    #[test]
    fn what_comes_and_goes_by_itself_is_never_lost() {
        assert!(!is_loss(&Holder::Fleeting, 1000, 0));
    }

    #[test]
    fn keys_are_back_when_at_most_a_tenth_is_missing() {
        for (then, now, back) in
            [(9, 8, false), (9, 9, true), (312, 281, true), (312, 280, false), (1, 0, false)]
        {
            assert_eq!(is_back(then, now), back, "{now} of {then}");
        }
    }

    #[test]
    fn a_loss_is_said_with_both_numbers() {
        let held = |keys| Held { keys, at: Timestamp::UNIX_EPOCH, revision: Revision(1) };
        let said = |whose, then, now, too| {
            Loss { whose, then: held(then), now: held(now), noticed: Timestamp::UNIX_EPOCH }.sentence(too)
        };
        assert_eq!(said(kubernetes(), 312, 0, true), "Kubernetes' 312 keys are gone too: 0 of 312 left");
        assert_eq!(
            said(kubernetes(), 312, 112, false),
            "200 of Kubernetes' 312 keys are gone: 112 of 312 left"
        );
        assert_eq!(
            said(Holder::Tenant("/calico/".into()), 3, 2, false),
            "1 of Calico's 3 keys is gone: 2 of 3 left"
        );
        assert_eq!(said(scope(), 1, 0, false), "The 1 key below /coredns/ is gone: 0 of 1 left");
        let unnamed = Holder::Unnamed { beside: "/coredns/".into() };
        assert_eq!(said(unnamed, 12, 4, false), "8 of the 12 keys of unknown owners are gone: 4 of 12 left");
    }
}
