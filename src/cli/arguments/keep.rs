//! Rules for the older files that stay beside a new one, in the words of restic and borg.
use crate::retention::{KeepRule, Period};
use clap::Args;
use std::time::Duration;

/// Rules by which older files stay. Without one nothing is removed.
#[derive(Clone, Debug, Default, Args)]
pub struct KeepFlags {
    /// Keep older ones that are within AGE or among the newest COUNT, as 30d/90
    #[arg(long, value_name = "AGE/COUNT", value_parser = age_and_count)]
    pub keep: Option<(Duration, usize)>,
    /// Keep the newest N
    #[arg(long, value_name = "N", value_parser = number)]
    pub keep_last: Option<usize>,
    /// Keep the newest of each of the last N hours that have one
    #[arg(long, value_name = "N", value_parser = number)]
    pub keep_hourly: Option<usize>,
    /// Keep the newest of each of the last N days that have one
    #[arg(long, value_name = "N", value_parser = number)]
    pub keep_daily: Option<usize>,
    /// Keep the newest of each of the last N weeks that have one
    #[arg(long, value_name = "N", value_parser = number)]
    pub keep_weekly: Option<usize>,
    /// Keep the newest of each of the last N months that have one
    #[arg(long, value_name = "N", value_parser = number)]
    pub keep_monthly: Option<usize>,
}

impl KeepFlags {
    /// Returns the rules by which older backups stay. Without a rule nothing is removed.
    #[must_use]
    pub fn rules(&self) -> Vec<KeepRule> {
        let by_age = self.keep.map(|(age, _)| KeepRule::Within(age));
        let by_count = self.keep.map(|(_, count)| KeepRule::Last(count));
        let of = |count: Option<usize>, period| count.map(|count| KeepRule::Newest(count, period));
        let rules = [
            by_age,
            by_count,
            self.keep_last.map(KeepRule::Last),
            of(self.keep_hourly, Period::Hour),
            of(self.keep_daily, Period::Day),
            of(self.keep_weekly, Period::Week),
            of(self.keep_monthly, Period::Month),
        ];
        rules.into_iter().flatten().collect()
    }
}

/// Parses `30d/90`: an age in hours, days or weeks, and a number.
fn age_and_count(text: &str) -> Result<(Duration, usize), String> {
    let wrong = || "it is written as 30d/90: an age (h, d or w), and how many stay (at least 1)".to_owned();
    let (age, count) = text.split_once('/').ok_or_else(wrong)?;
    let count = number(count).map_err(|_| wrong())?;
    let unit = age.chars().next_back().ok_or_else(wrong)?;
    let number: u64 = age.strip_suffix(unit).and_then(|number| number.parse().ok()).ok_or_else(wrong)?;
    let seconds = match unit {
        'h' => 3600,
        'd' => 24 * 3600,
        'w' => 7 * 24 * 3600,
        _ => return Err(wrong()),
    };
    let age =
        number.checked_mul(seconds).filter(|age| *age > 0).map(Duration::from_secs).ok_or_else(wrong)?;
    Ok((age, count))
}

fn number(text: &str) -> Result<usize, String> {
    let number = text.parse().ok().filter(|number| *number > 0);
    number.ok_or_else(|| "it is a number of backups, at least 1".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_an_age_and_a_number() {
        let day = Duration::from_secs(24 * 3600);
        assert_eq!(age_and_count("30d/90"), Ok((30 * day, 90)));
        assert_eq!(age_and_count("2w/1"), Ok((14 * day, 1)));
        for wrong in [
            "30d",
            "30/90",
            "30d/0",
            "0d/9",
            "30dd/9",
            "d/9",
            "30d/",
            "-1d/9",
            "30m/9",
            "30d/90x",
            "99999999999999999w/1",
            "",
        ] {
            assert!(age_and_count(wrong).is_err(), "{wrong}");
        }
    }
}
