//! Put back of keys to an old revision, as far as they differ from it now.
use super::{Challenge, Intent, KeyEdit, LeaseChoice, LeaseGrant, PlanPurpose};
use crate::{
    keys::{KeyValue, LeaseId},
    remedy::Remedy,
};
use std::{
    cmp::Ordering,
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// Keys of an old revision, compared with those of now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PutBack {
    /// Records that were there then, and are gone now.
    missing: Vec<KeyValue>,
    /// Records of then that have another value now, each with the present one.
    changed: Vec<(KeyValue, KeyValue)>,
    /// Records that are there now, and were not then.
    extra: Vec<KeyValue>,
    /// Number of records that are the same then and now.
    same: usize,
    living: BTreeSet<LeaseId>,
}

/// Choices that a person makes before it is a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PutBackChoices {
    /// True if the records that were not there then are deleted.
    pub prune: bool,
    /// Needed where a lease is [gone](PutBack::gone).
    pub lease: Option<LeaseChoice>,
    /// Time that a new lease lives: etcd does not keep the remaining time of an ended one.
    pub ttl: Option<Duration>,
}

/// Reason why there is nothing to plan yet.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PutBackError {
    #[error("everything is as it was then")]
    AsItWas,
    #[error("nothing was there then, so nothing can be put back")]
    NothingThen,
    #[error("what was there then is there now; {0} keys were not there then, and are left")]
    OnlyMore(usize),
    #[error("all that is missing was to end with a lease that is gone, and is left out")]
    AllLeftOut,
    #[error("{0} of its keys were to end with a lease that is gone")]
    LeaseGone(usize),
    #[error("how long a new lease is to live was not said")]
    NoTtl,
}

impl Remedy for PutBackError {
    fn remedy(&self) -> String {
        match self {
            Self::AsItWas => "Look at its history where something is missing: it may have gone before.",
            Self::NothingThen => "Take a revision before it was deleted: its history shows which.",
            Self::AllLeftOut => "Choose a new lease, or none, to have them back.",
            Self::OnlyMore(_) => "Ask for them to be deleted as well, if they should be.",
            Self::LeaseGone(_) => "Say what they get instead: a new lease, none, or nothing.",
            Self::NoTtl => "Say how many seconds it lives.",
        }
        .to_owned()
    }
}

impl PutBack {
    /// Compares two lists, both in key order. Every lease counts as gone until it is known to
    /// [live](Self::with_living).
    #[must_use]
    pub fn of(then: &[KeyValue], now: &[KeyValue]) -> Self {
        let mut put_back = Self::default();
        let (mut then, mut now) = (then.iter().peekable(), now.iter().peekable());
        loop {
            let order = match (then.peek(), now.peek()) {
                (None, None) => return put_back,
                (Some(_), None) => Ordering::Less,
                (None, Some(_)) => Ordering::Greater,
                (Some(was), Some(is)) => was.key.cmp(&is.key),
            };
            match order {
                Ordering::Less => put_back.missing.extend(then.next().cloned()),
                Ordering::Greater => put_back.extra.extend(now.next().cloned()),
                Ordering::Equal => match then.next().zip(now.next()) {
                    Some((was, is)) if was.value != is.value => {
                        put_back.changed.push((was.clone(), is.clone()));
                    }
                    _ => put_back.same += 1,
                },
            }
        }
    }

    /// Returns the records that were there then, and are gone.
    #[must_use]
    pub fn missing(&self) -> &[KeyValue] {
        &self.missing
    }

    /// Returns the records that have another value now: each as it was, and as it is.
    #[must_use]
    pub fn changed(&self) -> &[(KeyValue, KeyValue)] {
        &self.changed
    }

    /// Returns the records that were not there then. They stay unless somebody asks for their deletion.
    #[must_use]
    pub fn extra(&self) -> &[KeyValue] {
        &self.extra
    }

    /// Returns the number of keys that are as they were.
    #[must_use]
    pub fn same(&self) -> usize {
        self.same
    }

    /// Returns the number of keys that were there then.
    #[must_use]
    pub fn then(&self) -> usize {
        self.missing.len() + self.changed.len() + self.same
    }

    /// Returns the leases that keys would come back with, which have to be asked for.
    #[must_use]
    pub fn leases(&self) -> BTreeSet<LeaseId> {
        self.missing.iter().filter_map(|record| record.lease).collect()
    }

    /// Adds which of its leases still live.
    #[must_use]
    pub fn with_living(self, living: BTreeSet<LeaseId>) -> Self {
        Self { living, ..self }
    }

    /// Counts the keys that would come back with each lease that is gone.
    #[must_use]
    pub fn gone(&self) -> BTreeMap<LeaseId, usize> {
        let mut gone = BTreeMap::new();
        for lease in self.missing.iter().filter_map(|record| record.lease) {
            if !self.living.contains(&lease) {
                *gone.entry(lease).or_default() += 1;
            }
        }
        gone
    }

    /// Turns it into an intent. For each lease that is gone one is made, so that keys which ended together end
    /// together again.
    ///
    /// # Errors
    /// [`PutBackError`] while there is nothing to do, or a person has to decide something first.
    pub fn intent(&self, challenge: Challenge, choices: PutBackChoices) -> Result<Intent, PutBackError> {
        let gone = self.gone();
        let mut instead: BTreeMap<LeaseId, LeaseGrant> = BTreeMap::new();
        match choices.lease {
            None if !gone.is_empty() => return Err(PutBackError::LeaseGone(gone.values().sum())),
            Some(LeaseChoice::New) if !gone.is_empty() => {
                let ttl = choices.ttl.ok_or(PutBackError::NoTtl)?;
                instead = gone.keys().map(|lease| (*lease, LeaseGrant::new(ttl))).collect();
            }
            Some(LeaseChoice::New | LeaseChoice::Permanent | LeaseChoice::LeaveOut) | None => {}
        }
        let created = |record: &KeyValue| {
            let lease = match record.lease {
                Some(lease) if gone.contains_key(&lease) => {
                    if choices.lease == Some(LeaseChoice::LeaveOut) {
                        return None;
                    }
                    instead.get(&lease).map(|grant| grant.lease)
                }
                lease => lease,
            };
            Some(KeyEdit::Create { key: record.key.clone(), value: record.value.clone(), lease })
        };
        let updated = |(was, is): &(KeyValue, KeyValue)| KeyEdit::Update {
            key: is.key.clone(),
            before: is.value.clone(),
            value: was.value.clone(),
        };
        let deleted = |is: &KeyValue| KeyEdit::Delete { key: is.key.clone(), before: is.value.clone() };
        let mut wishes: Vec<KeyEdit> = self.missing.iter().filter_map(created).collect();
        wishes.extend(self.changed.iter().map(updated));
        if choices.prune {
            wishes.extend(self.extra.iter().map(deleted));
        }
        if wishes.is_empty() {
            return Err(match (self.missing.is_empty(), self.extra.len()) {
                _ if self.then() == 0 => PutBackError::NothingThen,
                (false, _) => PutBackError::AllLeftOut,
                (true, 0) => PutBackError::AsItWas,
                (true, more) => PutBackError::OnlyMore(more),
            });
        }
        let grants = instead.into_values().collect();
        Ok(Intent::Bulk { purpose: PlanPurpose::PutBack, challenge, wishes, grants, listed: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Revision, Scope};
    use std::slice;

    fn record(key: &str, value: &str, lease: i64) -> KeyValue {
        KeyValue {
            key: Scope::parse("/coredns").unwrap().spelled_key(key).unwrap(),
            value: value.as_bytes().into(),
            create_revision: Revision(2),
            mod_revision: Revision(2),
            version: 1,
            lease: LeaseId::new(lease),
        }
    }

    fn wishes(
        put_back: &PutBack,
        choices: PutBackChoices,
    ) -> Result<(Vec<String>, Vec<LeaseGrant>), PutBackError> {
        let challenge = Challenge::scope(&Scope::parse("/coredns").unwrap());
        let Intent::Bulk { wishes, grants, purpose, .. } = put_back.intent(challenge, choices)? else {
            panic!()
        };
        assert_eq!(purpose, PlanPurpose::PutBack);
        let named = |lease: LeaseId| match grants.iter().position(|grant| grant.lease == lease) {
            Some(number) => format!("new {number}"),
            None => lease.get().to_string(),
        };
        let said = |wish: &KeyEdit| match wish {
            KeyEdit::Create { key, lease, .. } => {
                format!("+{key} {}", lease.map_or_else(|| "-".to_owned(), named))
            }
            KeyEdit::Update { key, value, .. } => format!("~{key} {}", String::from_utf8_lossy(value)),
            KeyEdit::Delete { key, .. } => format!("-{key}"),
            KeyEdit::Move { .. } => panic!(),
        };
        Ok((wishes.iter().map(said).collect(), grants))
    }

    #[test]
    fn what_is_missing_comes_back_what_differs_is_changed_and_the_rest_is_left() {
        let then = ["a", "b", "c"].map(|tail| record(&format!("/coredns/{tail}"), "then", 0));
        let now = [
            record("/coredns/b", "now", 0),
            record("/coredns/c", "then", 0),
            record("/coredns/d", "more", 0),
        ];
        let put_back = PutBack::of(&then, &now);
        let (done, _) = wishes(&put_back, PutBackChoices::default()).unwrap();
        assert_eq!(done, ["+/coredns/a -", "~/coredns/b then"]);
        assert_eq!((put_back.same(), put_back.extra().len()), (1, 1));
        let (done, _) =
            wishes(&put_back, PutBackChoices { prune: true, ..PutBackChoices::default() }).unwrap();
        assert_eq!(done, ["+/coredns/a -", "~/coredns/b then", "-/coredns/d"]);
    }

    #[test]
    fn nothing_is_done_where_nothing_is_missing_and_the_reason_is_said() {
        let a = record("/coredns/a", "1", 0);
        let plain = PutBackChoices::default();
        assert_eq!(
            wishes(&PutBack::of(slice::from_ref(&a), slice::from_ref(&a)), plain),
            Err(PutBackError::AsItWas)
        );
        assert_eq!(wishes(&PutBack::of(&[], &[a]), plain), Err(PutBackError::NothingThen));
    }

    #[test]
    fn a_lease_that_is_gone_is_asked_about_and_one_that_lives_is_kept() {
        let then = [
            record("/coredns/a", "1", 7),
            record("/coredns/b", "1", 7),
            record("/coredns/c", "1", 8),
            record("/coredns/d", "1", 9),
        ];
        let living = BTreeSet::from([LeaseId::new(8).unwrap()]);
        let put_back = PutBack::of(&then, &[]).with_living(living);
        assert_eq!(put_back.leases().len(), 3);
        assert_eq!(wishes(&put_back, PutBackChoices::default()), Err(PutBackError::LeaseGone(3)));
        let choose = |lease, ttl| {
            wishes(&put_back, PutBackChoices { lease: Some(lease), ttl, ..PutBackChoices::default() })
        };
        assert_eq!(choose(LeaseChoice::New, None), Err(PutBackError::NoTtl));
        let (done, grants) = choose(LeaseChoice::New, Some(Duration::from_mins(1))).unwrap();
        // Keys that ended together end together again.
        assert_eq!(done, ["+/coredns/a new 0", "+/coredns/b new 0", "+/coredns/c 8", "+/coredns/d new 1"]);
        assert_eq!(grants.iter().map(|grant| grant.ttl.as_secs()).collect::<Vec<_>>(), [60, 60]);
        let (done, grants) = choose(LeaseChoice::Permanent, None).unwrap();
        assert_eq!(
            (done, grants.len()),
            (
                ["+/coredns/a -", "+/coredns/b -", "+/coredns/c 8", "+/coredns/d -"]
                    .map(str::to_owned)
                    .to_vec(),
                0
            )
        );
        assert_eq!(choose(LeaseChoice::LeaveOut, None).unwrap().0, ["+/coredns/c 8"]);
        assert_eq!(wishes(&PutBack::default(), PutBackChoices::default()), Err(PutBackError::NothingThen));
        let all = PutBack::of(&then[..1], &[]);
        let choices = PutBackChoices { lease: Some(LeaseChoice::LeaveOut), ..PutBackChoices::default() };
        assert_eq!(wishes(&all, choices), Err(PutBackError::AllLeftOut));
    }
}
