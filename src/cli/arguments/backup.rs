//! Saving the scope, and bringing it back.
use super::Consent;
use crate::{
    archive::{KeepRule, Period},
    keys::ClusterId,
    plan::LeaseChoice,
};
use clap::{Args, ValueHint};
use std::{path::PathBuf, time::Duration};

pub(super) const BACKUP_EXAMPLES: &str = "\
Examples:
  coredeck backup
  coredeck backup --to /srv/coredns.jsonl.gz -o json
  coredeck backup --keep-hourly 48 --keep-daily 30 --keep-monthly 12

A backup is a gzip file of JSON lines (zcat shows it), of one revision, with the
leases and what is left of them, and a checksum. With -o json one object: file,
keys, leases, revision, cluster_id, sha256 (of the file), bytes, time, removed,
kept, before (file, keys and time of the one before it), warnings.

With a --keep option, older backups of the same scope and cluster beside the new
one are removed, unless one of the options given says that they stay, in the words
of restic and borg: --keep-daily 30 keeps the newest one of each of the last 30
days that have one, in this machine's time zone, and the oldest of all while there
are fewer. Whatever the options say, these stay: the new one; the newest three
that have records; the newest one with at least as many keys as any of the last 30
days; what is damaged, or something else. Make one at least every two days: a run
whose clock stands before the newest backup, or more than two days after it,
removes nothing, says so and ends with exit code 6.

A backup with a third fewer keys than the one before it, or with none where one
before it has some, is made, says so first, and ends with exit code 6.";

pub(super) const RESTORE_EXAMPLES: &str = "\
Examples:
  coredeck restore
  coredeck restore /srv/coredns.jsonl.gz
  coredeck restore /srv/coredns.jsonl.gz --only gcr.io
  coredeck restore /srv/coredns.jsonl.gz --confirm /coredns/

Creates what the file has and the scope has not. What has another value now, and
what the file does not have, is listed and left. Files of backup and of rescue are
taken, after all of their checksum was verified.

Without a FILE the backups and rescued files of this cluster are listed, newest
first, and the journal, each with what it would bring back. With -o json one object
each: kind, file, time, revision, keys, away, differing, command.";

/// Where a backup goes, and which older ones stay.
#[derive(Clone, Debug, Default, Args)]
pub struct BackupFlags {
    /// The file to write; there must be none [default: a new one in the state directory]
    #[arg(long, value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub to: Option<PathBuf>,
    /// Keep older backups that are within AGE or among the newest COUNT, as 30d/90
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

impl BackupFlags {
    /// Why older backups stay. Without a rule nothing is removed.
    #[must_use]
    pub fn keep_rules(&self) -> Vec<KeepRule> {
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

/// What is brought back.
#[derive(Clone, Debug, Args)]
pub struct RestoreFlags {
    /// The backup, or the file of a rescue; without one, those of this cluster are listed
    #[arg(value_name = "FILE", value_hint = ValueHint::FilePath)]
    pub file: Option<PathBuf>,
    /// What this machine's journal wrote last to each key, instead of a file
    #[arg(long, conflicts_with_all = ["file", "from_cluster"])]
    pub from_journal: bool,
    /// Only what lies at or below this name
    #[arg(long, value_name = "NAME|KEY")]
    pub only: Option<String>,
    /// Also give keys that have another value now the saved one
    #[arg(long)]
    pub differing: bool,
    /// What keys get whose lease has ended: new (for what remained when it was saved), permanent
    /// (none), or leave-out (they stay away)
    #[arg(long, value_name = "CHOICE", value_parser = lease)]
    pub lease: Option<LeaseChoice>,
    /// The cluster that the file was made of, where that is not this one
    #[arg(long, value_name = "ID")]
    pub from_cluster: Option<ClusterId>,
    #[command(flatten)]
    pub consent: Consent,
}

/// `30d/90`: an age in hours, days or weeks, and a number.
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

fn lease(text: &str) -> Result<LeaseChoice, String> {
    match text {
        "new" => Ok(LeaseChoice::New),
        "permanent" => Ok(LeaseChoice::Permanent),
        "leave-out" => Ok(LeaseChoice::LeaveOut),
        _ => Err("it is new, permanent or leave-out".to_owned()),
    }
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
