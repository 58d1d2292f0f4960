//! Retention of backups and snapshots, by their times and numbers of keys alone.
use crate::remedy::Remedy;
use jiff::{SignedDuration, Timestamp, ToSpan as _, Unit, Zoned, ZonedRound, tz::TimeZone};
use std::{cmp::Reverse, collections::BTreeSet, time::Duration};

/// Number of the newest ones with records that stay whatever the rules say.
const KEPT_WITH_RECORDS: usize = 3;
/// Number of days whose largest backup stays whatever the rules say: the newest that had at least as many keys as any
/// of them.
const LARGEST_OF_DAYS: usize = 30;
const LARGEST_WITHIN: SignedDuration = SignedDuration::from_hours(30 * 24);
/// Longest pause after the newest backup; a run that comes later does not know whether its clock is right.
const LONGEST_PAUSE: SignedDuration = SignedDuration::from_hours(48);

/// One reason for which backups stay. Numbers are at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeepRule {
    /// Keeps all that are no older than this.
    Within(Duration),
    /// Keeps the newest ones, this number of them.
    Last(usize),
    /// Keeps the newest one of each of this number of last periods that have one.
    Newest(usize, Period),
}

/// A period of the calendar, in the time zone of this machine.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Period {
    Hour,
    Day,
    /// From Monday to Sunday.
    Week,
    Month,
}

/// Time and number of keys, by which a backup is judged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aged {
    pub time: Timestamp,
    pub keys: u64,
}

/// Reason why a run removes nothing: its clock may be wrong, or backups were not made for long.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PruneDoubt {
    #[error("this machine's clock says {now}, and there is a backup of {newest}, which is later")]
    Behind { now: Timestamp, newest: Timestamp },
    #[error("the newest backup before this one is of {newest}, more than two days ago")]
    Paused { newest: Timestamp },
}

impl PruneDoubt {
    /// Finds the doubt of a run at this time, beside backups of these times.
    #[must_use]
    pub fn of(others: impl IntoIterator<Item = Timestamp>, now: Timestamp) -> Option<Self> {
        let newest = others.into_iter().max()?;
        if newest > now {
            Some(Self::Behind { now, newest })
        } else if now.duration_since(newest) > LONGEST_PAUSE {
            Some(Self::Paused { newest })
        } else {
            None
        }
    }
}

impl Remedy for PruneDoubt {
    fn remedy(&self) -> String {
        match self {
            Self::Behind { .. } => {
                "Correct the clock; if it is right, move the backups from the future to another directory."
            }
            Self::Paused { .. } => {
                "Compare date with another machine, and see why no backup was made; the next one within two \
                 days removes old ones as usual."
            }
        }
        .to_owned()
    }
}

/// Returns the places of those backups that stay: some rule says so, or they belong to the [`floor`]. The order of the
/// backups does not matter.
#[must_use]
pub fn staying(files: &[Aged], rules: &[KeepRule], now: Timestamp, zone: &TimeZone) -> BTreeSet<usize> {
    let newest_first = newest_first(files);
    let by_rules = rules.iter().flat_map(|rule| kept_by(*rule, &newest_first, now, zone));
    floor(files, now).into_iter().chain(by_rules).collect()
}

/// Returns the places of those backups that stay whatever the rules say.
#[must_use]
pub fn floor(files: &[Aged], now: Timestamp) -> BTreeSet<usize> {
    let newest_first = newest_first(files);
    let with_records = newest_first.iter().filter(|(_, file)| file.keys > 0).take(KEPT_WITH_RECORDS);
    let mut stay: BTreeSet<usize> = with_records.map(|(place, _)| *place).collect();
    // It counts the last days of the clock, and the last days that have backups: while none is made, these do not pass.
    let since = now.saturating_sub(LARGEST_WITHIN).unwrap_or(Timestamp::MIN);
    let mut days = BTreeSet::new();
    let of_days = newest_first.iter().take_while(|(_, file)| {
        days.insert(file.time.as_second().div_euclid(86_400));
        // Thirty times 24 hours touch thirty-one days.
        days.len() <= LARGEST_OF_DAYS + 1
    });
    let of_time = newest_first.iter().take_while(|(_, file)| file.time >= since);
    for largest in [of_time.map(|(_, file)| file.keys).max(), of_days.map(|(_, file)| file.keys).max()] {
        let newest = newest_first.iter().find(|(_, file)| Some(file.keys) >= largest);
        stay.extend(newest.map(|(place, _)| *place));
    }
    stay
}

/// Tells whether a backup has a third fewer keys than one before it.
#[must_use]
pub fn is_a_third_less(keys: u64, before: u64) -> bool {
    keys < before && (before - keys).saturating_mul(3) >= before
}

fn newest_first(files: &[Aged]) -> Vec<(usize, Aged)> {
    let mut newest_first: Vec<(usize, Aged)> = files.iter().copied().enumerate().collect();
    newest_first.sort_by_key(|(_, file)| Reverse((file.time, file.keys)));
    newest_first
}

fn kept_by(
    rule: KeepRule,
    newest_first: &[(usize, Aged)],
    now: Timestamp,
    zone: &TimeZone,
) -> BTreeSet<usize> {
    let mut places = newest_first.iter().map(|(place, _)| *place);
    match rule {
        KeepRule::Last(count) => places.take(count).collect(),
        KeepRule::Within(age) => {
            let young =
                |file: &Aged| Duration::try_from(now.duration_since(file.time)).unwrap_or_default() <= age;
            newest_first.iter().filter(|(_, file)| young(file)).map(|(place, _)| *place).collect()
        }
        KeepRule::Newest(count, period) => {
            let mut begun: Option<Timestamp> = None;
            let mut firsts: Vec<usize> = vec![];
            for (place, file) in newest_first {
                let begins = Some(period.beginning(file.time, zone));
                if begins != begun {
                    firsts.push(*place);
                }
                begun = begins;
            }
            // The oldest one stays as well while there are fewer periods than asked for, as in restic.
            let oldest = places.next_back().filter(|_| firsts.len() < count);
            firsts.into_iter().take(count).chain(oldest).collect()
        }
    }
}

impl Period {
    fn beginning(self, time: Timestamp, zone: &TimeZone) -> Timestamp {
        let time = time.to_zoned(zone.clone());
        let begins =
            |time: Zoned, unit| time.round(ZonedRound::new().smallest(unit).mode(jiff::RoundMode::Trunc));
        let begun = match self {
            Self::Hour => begins(time.clone(), Unit::Hour),
            Self::Day => time.start_of_day(),
            Self::Week => {
                let since_monday = i64::from(time.weekday().to_monday_zero_offset());
                time.checked_sub(since_monday.days()).and_then(|monday| monday.start_of_day())
            }
            Self::Month => time.first_of_month().and_then(|first| first.start_of_day()),
        };
        // Before the first day that a calendar has, each moment is a period of its own.
        begun.map_or(time.timestamp(), |begun| begun.timestamp())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const HOUR: i64 = 3600;
    const DAY: i64 = 24 * HOUR;
    /// 2026-01-01T00:00:00Z, a Thursday.
    const START: i64 = 1_767_225_600;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_second(START + seconds).unwrap()
    }

    fn aged(seconds: i64, keys: u64) -> Aged {
        Aged { time: at(seconds), keys }
    }

    fn age_and_count(age: i64, count: usize) -> [KeepRule; 2] {
        [KeepRule::Within(Duration::from_secs(age.unsigned_abs())), KeepRule::Last(count)]
    }

    #[test]
    fn the_largest_of_thirty_days_stays_beside_a_larger_one_from_before() {
        let mut files = vec![aged(-40 * DAY, 100), aged(-20 * DAY, 50)];
        files.extend((0..5).map(|hours| aged(-hours * HOUR, 10)));
        assert_eq!(floor(&files, at(0)), BTreeSet::from([0, 1, 2, 3, 4]));
    }

    #[test]
    fn a_third_is_told_from_the_first_key_on() {
        for (keys, before, is_told) in [
            (2, 3, true),
            (3, 4, false),
            (1, 2, true),
            (66, 100, true),
            (67, 100, false),
            (9, 9, false),
            (10, 9, false),
        ] {
            assert_eq!(is_a_third_less(keys, before), is_told, "{keys} of {before}");
        }
        assert!(!is_a_third_less(u64::MAX - 1, u64::MAX));
    }

    /// Makes a backup beside these files, as the program does, and keeps the files that stay.
    fn run(files: &mut Vec<Aged>, now: i64, keys: u64, rules: &[KeepRule]) -> Option<PruneDoubt> {
        let doubt = PruneDoubt::of(files.iter().map(|file| file.time), at(now));
        files.push(aged(now, keys));
        if doubt.is_none() {
            let stay = staying(files, rules, at(now), &TimeZone::UTC);
            *files = stay.into_iter().map(|place| files[place]).collect();
        }
        doubt
    }

    fn seconds(files: &[Aged], rules: &[KeepRule], now: i64, zone: &TimeZone) -> Vec<i64> {
        let stay = staying(files, rules, at(now), zone).into_iter();
        stay.map(|place| files[place].time.as_second() - START).collect()
    }

    #[test]
    fn the_last_good_copies_outlive_every_hourly_run_after_the_scope_was_emptied() {
        for rules in [&age_and_count(30 * DAY, 90)[..], &age_and_count(HOUR, 3), &[KeepRule::Last(1)]] {
            let mut files = vec![];
            for hour in 0..100 {
                assert_eq!(run(&mut files, hour * HOUR, 9, rules), None);
            }
            // The hundred days after the accident.
            for hour in 100..2_500 {
                assert_eq!(run(&mut files, hour * HOUR, 0, rules), None);
            }
            let good: Vec<i64> =
                files.iter().filter(|file| file.keys > 0).map(|file| file.time.as_second() - START).collect();
            assert!(good.ends_with(&[97 * HOUR, 98 * HOUR, 99 * HOUR]), "{rules:?}: {good:?}");
        }
    }

    #[test]
    fn the_copy_from_before_a_loss_stays_for_thirty_days_beside_what_is_left() {
        let mut files = vec![];
        for hour in 0..48 {
            run(&mut files, hour * HOUR, 1_000, &[KeepRule::Last(2)]);
        }
        let whole = aged(47 * HOUR, 1_000);
        for hour in 48..48 + 30 * 24 {
            run(&mut files, hour * HOUR, 10, &[KeepRule::Last(2)]);
            assert!(files.contains(&whole), "hour {hour}: {files:?}");
        }
        // It goes when there are smaller ones of more than thirty days.
        let daily = [KeepRule::Newest(35, Period::Day)];
        for hour in 0..40 * 24 {
            run(&mut files, 32 * DAY + hour * HOUR, 10, &daily);
        }
        assert!(!files.contains(&whole), "{files:?}");
    }

    #[test]
    fn a_clock_that_is_ahead_removes_nothing_and_one_that_is_back_again_neither() {
        let mut files: Vec<Aged> = (0..10).map(|day| aged(day * DAY, 9)).collect();
        let rules = age_and_count(5 * DAY, 2);
        let ahead = run(&mut files, 300 * DAY, 9, &rules);
        assert_eq!(ahead, Some(PruneDoubt::Paused { newest: at(9 * DAY) }));
        assert_eq!(files.len(), 11);
        let back = run(&mut files, 10 * DAY, 9, &rules);
        assert_eq!(back, Some(PruneDoubt::Behind { now: at(10 * DAY), newest: at(300 * DAY) }));
        assert_eq!(files.len(), 12);
        // While it stays ahead, the rules hold again, and so does the floor.
        let mut files: Vec<Aged> = (0..10).map(|day| aged(day * DAY, 9)).collect();
        run(&mut files, 300 * DAY, 0, &rules);
        assert_eq!(run(&mut files, 300 * DAY + HOUR, 0, &rules), None);
        let left: Vec<u64> = files.iter().map(|file| file.keys).collect();
        assert_eq!(left, [9, 9, 9, 0, 0]);
    }

    #[test]
    fn a_timer_that_stood_still_for_a_month_keeps_ten_of_ten_and_goes_on_with_the_next_run() {
        let mut files: Vec<Aged> = (0..10).map(|day| aged(day * DAY, 9)).collect();
        let rules = age_and_count(5 * DAY, 2);
        assert!(matches!(run(&mut files, 40 * DAY, 9, &rules), Some(PruneDoubt::Paused { .. })));
        assert_eq!(files.len(), 11);
        assert_eq!(run(&mut files, 42 * DAY, 9, &rules), None, "two days later is in time");
        assert_eq!(files, [aged(9 * DAY, 9), aged(40 * DAY, 9), aged(42 * DAY, 9)]);
        // The copy from before the pause is not forgotten where less comes after it.
        let mut files: Vec<Aged> = (0..10).map(|day| aged(day * DAY, 1_000)).collect();
        for run_of in 0..20 {
            run(&mut files, 60 * DAY + run_of * HOUR, 10, &rules);
        }
        assert!(files.contains(&aged(9 * DAY, 1_000)), "{files:?}");
    }

    #[test]
    fn a_pause_is_more_than_two_days_and_a_clock_is_behind_by_a_second() {
        let newest = [at(0), at(-5 * DAY)];
        assert_eq!(PruneDoubt::of(newest, at(2 * DAY)), None);
        assert_eq!(PruneDoubt::of(newest, at(2 * DAY + 1)), Some(PruneDoubt::Paused { newest: at(0) }));
        assert_eq!(PruneDoubt::of(newest, at(-1)), Some(PruneDoubt::Behind { now: at(-1), newest: at(0) }));
        assert_eq!(PruneDoubt::of([], at(0)), None, "the first one of all");
    }

    #[test]
    fn an_age_and_a_count_keep_what_is_within_one_of_them() {
        let files: Vec<Aged> = (0..10).map(|day| aged(day * DAY, 0)).collect();
        let kept = |age, count| seconds(&files, &age_and_count(age, count), 9 * DAY, &TimeZone::UTC).len();
        assert_eq!((kept(DAY, 5), kept(4 * DAY, 2), kept(HOUR, 1), kept(99 * DAY, 1)), (5, 5, 1, 10));
    }

    #[test]
    fn the_newest_one_of_each_period_stays_and_an_empty_period_does_not_count() {
        let files: Vec<Aged> =
            [-40 * DAY, -2 * DAY, 0, HOUR, DAY + 23 * HOUR, 4 * DAY, 4 * DAY + 10, 4 * DAY + HOUR]
                .map(|seconds| aged(seconds, 0))
                .to_vec();
        let kept = |count, period| {
            seconds(&files, &[KeepRule::Newest(count, period)], 4 * DAY + HOUR, &TimeZone::UTC)
        };
        assert_eq!(kept(2, Period::Hour), [4 * DAY + 10, 4 * DAY + HOUR]);
        assert_eq!(kept(3, Period::Day), [HOUR, DAY + 23 * HOUR, 4 * DAY + HOUR]);
        // The 1st of January 2026 is a Thursday, the 5th a Monday.
        assert_eq!(kept(2, Period::Week), [DAY + 23 * HOUR, 4 * DAY + HOUR]);
        assert_eq!(kept(2, Period::Month), [-2 * DAY, 4 * DAY + HOUR]);
        assert_eq!(kept(9, Period::Month), [-40 * DAY, -2 * DAY, 4 * DAY + HOUR]);
        // The oldest one fills what is missing.
        assert_eq!(kept(9, Period::Week).first(), Some(&(-40 * DAY)));
    }

    #[test]
    fn days_are_those_of_this_machines_time_zone() {
        let files = [aged(DAY - 2 * HOUR, 0), aged(DAY - HOUR, 0), aged(DAY, 0)];
        let by = |zone: &TimeZone| seconds(&files, &[KeepRule::Newest(2, Period::Day)], DAY, zone);
        assert_eq!(by(&TimeZone::UTC), [DAY - HOUR, DAY]);
        let two_hours_ahead = TimeZone::fixed(jiff::tz::offset(2));
        assert_eq!(by(&two_hours_ahead), [DAY - 2 * HOUR, DAY], "all of one day there: the oldest as well");
    }

    fn any_files() -> impl Strategy<Value = Vec<Aged>> {
        let keys = prop_oneof![Just(0), 0u64..5, Just(9)];
        prop::collection::vec((-70 * DAY..=0i64, keys).prop_map(|(time, keys)| aged(time, keys)), 0..40)
    }

    fn any_rule() -> impl Strategy<Value = KeepRule> {
        let period =
            prop_oneof![Just(Period::Hour), Just(Period::Day), Just(Period::Week), Just(Period::Month)];
        prop_oneof![
            (1u64..80 * 86_400).prop_map(|age| KeepRule::Within(Duration::from_secs(age))),
            (1usize..12).prop_map(KeepRule::Last),
            (1usize..12, period).prop_map(|(count, period)| KeepRule::Newest(count, period)),
        ]
    }

    fn any_rules() -> impl Strategy<Value = Vec<KeepRule>> {
        prop::collection::vec(any_rule(), 0..4)
    }

    fn left(files: &[Aged], rules: &[KeepRule]) -> Vec<Aged> {
        let stay = staying(files, rules, at(0), &TimeZone::UTC);
        let mut left: Vec<Aged> = stay.into_iter().map(|place| files[place]).collect();
        left.sort_by_key(|file| (file.time, file.keys));
        left
    }

    proptest! {
        #[test]
        fn no_rule_goes_below_the_floor(files in any_files(), rules in any_rules()) {
            let left = left(&files, &rules);
            let mut newest_first = files.clone();
            newest_first.sort_by_key(|file| Reverse((file.time, file.keys)));
            for file in newest_first.iter().filter(|file| file.keys > 0).take(3) {
                prop_assert!(left.contains(file), "{file:?} is one of the newest three with records");
            }
            for young in files.iter().filter(|file| file.time >= at(-30 * DAY)) {
                prop_assert!(left.iter().any(|file| file.keys >= young.keys), "none is as large as {young:?}");
            }
            let largest = files.iter().filter(|file| file.time >= at(-30 * DAY)).map(|file| file.keys).max();
            if let Some(newest) = newest_first.iter().find(|file| Some(file.keys) >= largest) {
                prop_assert!(left.contains(newest), "{newest:?} is the newest that is as large as any");
            }
        }

        #[test]
        fn one_rule_more_never_removes_more(files in any_files(), rules in any_rules(), more in any_rule()) {
            let with: Vec<KeepRule> = rules.iter().copied().chain([more]).collect();
            let with = left(&files, &with);
            for file in left(&files, &rules) {
                prop_assert!(with.contains(&file));
            }
        }

        #[test]
        fn a_larger_number_never_removes_more(files in any_files(), rule in any_rule(), more in 1u32..9) {
            let larger = match rule {
                KeepRule::Within(age) => KeepRule::Within(age * (more + 1)),
                KeepRule::Last(count) => KeepRule::Last(count + more as usize),
                KeepRule::Newest(count, period) => KeepRule::Newest(count + more as usize, period),
            };
            let larger = left(&files, &[larger]);
            for file in left(&files, &[rule]) {
                prop_assert!(larger.contains(&file));
            }
        }

        #[test]
        fn the_order_of_the_files_decides_nothing(
            (files, shuffled) in any_files().prop_flat_map(|files| (Just(files.clone()), Just(files).prop_shuffle())),
            rules in any_rules(),
        ) {
            prop_assert_eq!(left(&files, &rules), left(&shuffled, &rules));
        }

        #[test]
        fn a_second_run_at_the_same_time_removes_nothing_more(files in any_files(), rules in any_rules()) {
            let once = left(&files, &rules);
            prop_assert_eq!(left(&once, &rules), once);
        }
    }
}
