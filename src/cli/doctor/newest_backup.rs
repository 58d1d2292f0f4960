//! Newest backup of this cluster's scope, with its age and its number of keys.
use super::check::{Check, CheckLevel};
use crate::{
    archive::{self, ArchiveKind, Archived, Catalogue},
    config::{ProcessEnvironment, Settings, state_directory},
    etcdctl::quoted,
    keys::ClusterId,
    quantity::counted,
};
use jiff::{SignedDuration, Timestamp};
use std::path::PathBuf;

/// The least age of an old backup: the timers that are shipped make one every hour, and others may make one every day.
const OLD_FROM: SignedDuration = SignedDuration::from_hours(48);
const NAME: &str = "newest backup";
const HAVE_ONE_MADE: &str =
    "coredeck backup makes one; the timer in assets/systemd of the project makes one every hour.";

/// Reads this cluster's newest backup in the places of backups.
pub(super) fn check(settings: &Settings, cluster: ClusterId) -> Option<Check> {
    let scope = &settings.scope.value;
    // Without a state directory the check of the places reports the fault.
    let state = state_directory(&ProcessEnvironment).ok()?;
    let places: Vec<PathBuf> =
        [Some(archive::backups(&state)), archive::other_backups(&state)].into_iter().flatten().collect();
    let now = Timestamp::now();
    let catalogue = Catalogue::of(&places, scope, cluster, now);
    let whole = archive::newest(&places, scope, cluster, now, None).map(|whole| whole.archive);
    Some(judged(&catalogue, whole.as_ref(), now, &settings.program()))
}

fn judged(catalogue: &Catalogue, newest: Option<&Archived>, now: Timestamp, program: &str) -> Check {
    let ahead =
        catalogue.archives().iter().filter(|it| it.is_ahead && it.heading.kind == ArchiveKind::Backup);
    let (damaged, ahead) = (catalogue.backups().count(), ahead.count());
    let Some(newest) = newest else {
        let unread = catalogue.unread().first();
        return match (unread, damaged, ahead) {
            (_, 1.., _) => {
                let value = format!("none is whole: {}", counted(damaged, "damaged file"));
                Check::error(NAME, value, HAVE_ONE_MADE)
            }
            (Some(unread), ..) => Check::warning(
                NAME,
                format!("nobody knows: {unread}"),
                "Run doctor as the user that makes the backups.",
            ),
            (None, 0, 1..) => Check::error(NAME, format!("none but {ahead} from the future"), CLOCK),
            (None, 0, 0) => Check::warning(NAME, "there is none of this cluster and scope", HAVE_ONE_MADE),
        };
    };
    let age = now.duration_since(newest.time());
    // The check of the places has its directory already, and with it the name would be wider than a screen.
    let name = newest.path.file_name().unwrap_or_default().display();
    let keys = counted(newest.keys(), "key");
    let mut value = format!("{keys}, {} old, of {}: {name}", shown(age), newest.time());
    let with_records = catalogue.backups().find(|backup| backup.keys() > 0);
    let (level, remedy) = match with_records {
        Some(before) if newest.keys() == 0 => {
            let had = counted(before.keys(), "key");
            value = format!("{value}; the newest one with any, of {}, has {had}", before.time());
            let path = quoted(&before.path.display().to_string());
            (CheckLevel::Error, Some(format!("See what is missing: {program} restore {path}")))
        }
        None if newest.keys() == 0 => {
            let remedy = format!(
                "If the scope has records now, {program} backup saves them. If it should have some, see whether it is the \
                 right scope."
            );
            (CheckLevel::Warning, Some(remedy))
        }
        _ if age > OLD_FROM => {
            (CheckLevel::Error, Some(format!("See why none was made since. {HAVE_ONE_MADE}")))
        }
        _ if ahead > 0 => (CheckLevel::Warning, Some(CLOCK.to_owned())),
        _ => (CheckLevel::Ok, None),
    };
    if ahead > 0 {
        value = format!("{value}; {} from the future not counted", counted(ahead, "other"));
    }
    let briefly = format!("backup {} old, {keys}", shown(age));
    Check { level, remedy, ..Check::ok(NAME, value).briefly(briefly) }
}

const CLOCK: &str = "Compare date with another machine; if it is right, move the files from the future away.";

fn shown(age: SignedDuration) -> String {
    match age.as_hours() {
        ..1 => format!("{} min", age.as_mins().max(0)),
        hours @ 1..48 => format!("{hours} h"),
        hours => format!("{} d", hours / 24),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::archive::{ArchiveHeading, ArchiveWriter};
    use crate::keys::{ForeignKeyValue, Revision, Scope};
    use tempfile::TempDir;

    const NOW: Timestamp = Timestamp::constant(1_000_000_000, 0);

    fn made(directory: &TempDir, minutes: i64, keys: u64) -> PathBuf {
        let path = directory.path().join(format!("{minutes}.jsonl.gz"));
        let heading = ArchiveHeading {
            kind: ArchiveKind::Backup,
            program: "coredeck".to_owned(),
            time: NOW - SignedDuration::from_mins(minutes),
            cluster: ClusterId(7),
            revision: Revision(1),
            scope: "/coredns/".to_owned(),
            range: "/coredns/".to_owned(),
            keys,
            scope_keys: None,
        };
        let mut archive = ArchiveWriter::create(&path, &heading).unwrap();
        let (create_revision, mod_revision, version) = (Revision(1), Revision(1), 1);
        for number in 0..keys {
            let (key, value) = (format!("/coredns/{number}").into_bytes().into(), b"{}".as_slice().into());
            archive
                .record(&ForeignKeyValue { key, value, create_revision, mod_revision, version, lease: None })
                .unwrap();
        }
        archive.finish().unwrap();
        path
    }

    fn checked(directory: &TempDir) -> Check {
        let (scope, places) = (Scope::parse("/coredns").unwrap(), [directory.path().to_owned()]);
        let catalogue = Catalogue::of(&places, &scope, ClusterId(7), NOW);
        let whole = archive::newest(&places, &scope, ClusterId(7), NOW, None).map(|whole| whole.archive);
        let check = judged(&catalogue, whole.as_ref(), NOW, "coredeck --endpoints=a:1");
        assert_eq!(check.remedy.is_some(), check.level != CheckLevel::Ok, "{check:?}");
        check
    }

    fn said(directory: &TempDir) -> (CheckLevel, String) {
        let check = checked(directory);
        (check.level, check.value)
    }

    #[test]
    fn the_lines_that_mend_it_reach_the_same_etcd() {
        let directory = tempfile::tempdir().unwrap();
        made(&directory, 5, 0);
        let remedy = checked(&directory).remedy.unwrap();
        assert!(remedy.contains("has records now, coredeck --endpoints=a:1 backup saves them"), "{remedy}");
        let before = made(&directory, 65, 9);
        let restore = format!("See what is missing: coredeck --endpoints=a:1 restore {}", before.display());
        assert_eq!(checked(&directory).remedy.unwrap(), restore);
    }

    #[test]
    fn the_newest_backup_is_judged_by_its_age_and_its_keys() {
        for (files, level, words) in [
            (&[][..], CheckLevel::Warning, "there is none of this cluster and scope"),
            (&[(65, 9)], CheckLevel::Ok, "9 keys, 1 h old, of 2001-09-09T00:41:40Z: 65.jsonl.gz"),
            (&[(48 * 60, 9)], CheckLevel::Ok, "9 keys, 2 d old"),
            (&[(48 * 60 + 1, 9)], CheckLevel::Error, "9 keys, 2 d old"),
            (&[(5, 0)], CheckLevel::Warning, "0 keys, 5 min old"),
            (
                &[(5, 0), (65, 9)],
                CheckLevel::Error,
                "the newest one with any, of 2001-09-09T00:41:40Z, has 9 keys",
            ),
            (&[(-400_000, 9)], CheckLevel::Error, "none but 1 from the future"),
            (&[(-400_000, 9), (65, 9)], CheckLevel::Warning, "1 other from the future not counted"),
            (&[(-400_000, 9), (3 * 24 * 60, 9)], CheckLevel::Error, "9 keys, 3 d old"),
        ] {
            let directory = tempfile::tempdir().unwrap();
            for (minutes, keys) in files {
                made(&directory, *minutes, *keys);
            }
            let (is, value) = said(&directory);
            assert!(is == level && value.contains(words), "{files:?}: {is:?} {value}");
        }
    }

    #[test]
    fn one_that_is_damaged_is_no_backup() {
        let directory = tempfile::tempdir().unwrap();
        let path = made(&directory, 5, 9);
        let file = std::fs::File::options().write(true).open(path).unwrap();
        file.set_len(file.metadata().unwrap().len() - 9).unwrap();
        assert_eq!(said(&directory), (CheckLevel::Error, "none is whole: 1 damaged file".to_owned()));
    }
}
