//! Releases of etcd, and faults that some of them are known to have.
//!
//! The bounds are those of etcd's own changelogs (CHANGELOG/CHANGELOG-3.4.md to -3.7.md), as of August 2026; each fault
//! has the change that mended it beside it.
use std::fmt;

/// Release of etcd: `3.5.1`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Release {
    pub major: u32,
    pub minor: u32,
    pub patch: u32,
}

/// Fault of a release that a later one of the same line has mended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ReleaseBug {
    pub what: &'static str,
    /// From `3.4.0` to before `3.4.8`, for each line that had it.
    lines: &'static [(Release, Release)],
}

const fn of(minor: u32, patch: u32) -> Release {
    Release { major: 3, minor, patch }
}

/// The gravest fault comes first.
const FAULTS: &[ReleaseBug] = &[
    // Documentation/postmortems/v3.5-data-inconsistency.md; the releases carried the warning not to use them.
    ReleaseBug {
        what: "a crash under load can leave a member with other data than the rest, unnoticed",
        // etcd-io/etcd#13766, its postmortem of 2022-04-20
        lines: &[(of(5, 0), of(5, 3))],
    },
    ReleaseBug {
        what: "with authentication on, a restart can leave a member with other data than the rest",
        // etcd-io/etcd#11652
        lines: &[(of(4, 0), of(4, 8))],
    },
    ReleaseBug {
        what: "a defragmentation can damage the file",
        // etcd-io/etcd#11613
        lines: &[(of(4, 0), of(4, 4))],
    },
    ReleaseBug {
        what: "a member that is killed while it is defragmented can have other revisions than the rest",
        // etcd-io/etcd#14733
        lines: &[(of(5, 0), of(5, 6))],
    },
    ReleaseBug {
        what: "with authentication on, a member that caught up by a snapshot can have other data than the rest",
        // etcd-io/etcd#14648, #14649
        lines: &[(of(4, 0), of(4, 22)), (of(5, 0), of(5, 6))],
    },
    ReleaseBug {
        what: "a defragmentation while a member catches up by a snapshot can damage its file",
        // etcd-io/etcd#20650, #20653, #20659
        lines: &[(of(4, 0), of(4, 38)), (of(5, 0), of(5, 23)), (of(6, 0), of(6, 5))],
    },
    ReleaseBug {
        what: "the revision can go back after a crash during a compaction",
        // etcd-io/etcd#17864, #17865
        lines: &[(of(4, 0), of(4, 32)), (of(5, 0), of(5, 14))],
    },
    ReleaseBug {
        what: "a watch can lose events after a compaction, CoreDNS's and the deck's too",
        // etcd-io/etcd#17610, #17612, #19249, #19251
        lines: &[(of(4, 0), of(4, 36)), (of(5, 0), of(5, 18))],
    },
    ReleaseBug {
        what: "a member that was paused can answer with old data",
        // etcd-io/etcd#21417, #21421, #21423
        lines: &[(of(4, 0), of(4, 42)), (of(5, 0), of(5, 28)), (of(6, 0), of(6, 9))],
    },
    ReleaseBug {
        what: "a user can go beyond its permissions by nested transactions, where authentication is on",
        // CVE-2026-33343 and CVE-2026-33413
        lines: &[(of(4, 0), of(4, 42)), (of(5, 0), of(5, 28)), (of(6, 0), of(6, 9))],
    },
    OVER_ITS_QUOTA,
];

/// `quotaKVServer` asks what a transaction would need only in the mended releases (etcd-io/etcd#14254, #14884).
const OVER_ITS_QUOTA: ReleaseBug = ReleaseBug {
    what: "over its quota it refuses every transaction: deletions, and reads of several keys, too",
    lines: &[(of(4, 0), of(4, 20)), (of(5, 0), of(5, 7))],
};

impl Release {
    /// Reads `3.5.1`, `v3.6.0-rc.4` or `3.4.23+git`; returns `None` for any other text.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.strip_prefix('v').unwrap_or(text);
        let numbers = text.split(['-', '+']).next()?;
        let mut numbers = numbers.split('.').map(|number| number.parse().ok());
        let (major, minor, patch) = (numbers.next()??, numbers.next()??, numbers.next()??);
        numbers.next().is_none().then_some(Self { major, minor, patch })
    }

    /// Returns its known faults, the gravest first.
    #[must_use]
    pub fn faults(self) -> Vec<&'static ReleaseBug> {
        FAULTS.iter().filter(|fault| fault.mended_for(self).is_some()).collect()
    }

    /// Returns the first release of the same line that has none of its faults; `None` if it has none itself.
    #[must_use]
    pub fn mended(self) -> Option<Self> {
        FAULTS.iter().filter_map(|fault| fault.mended_for(self)).max()
    }

    /// Tells whether it takes no transaction at all while the file is over the quota.
    #[must_use]
    pub fn refuses_all_over_its_quota(self) -> bool {
        OVER_ITS_QUOTA.mended_for(self).is_some()
    }
}

impl ReleaseBug {
    /// Returns the release that mended it for a user of this one, if this one has it.
    #[must_use]
    pub fn mended_for(&self, release: Release) -> Option<Release> {
        let line = self.lines.iter().find(|(first, mended)| (*first..*mended).contains(&release));
        line.map(|(_, mended)| *mended)
    }
}

impl fmt::Display for Release {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.patch)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(text: &str) -> Release {
        Release::parse(text).unwrap()
    }

    #[test]
    fn releases_are_read_as_etcd_says_them() {
        for (text, is) in [
            ("3.5.1", Some("3.5.1")),
            ("v3.6.0-rc.4", Some("3.6.0")),
            ("3.4.23+git", Some("3.4.23")),
            ("3.5", None),
            ("3.5.x", None),
            ("3.5.1.2", None),
            ("", None),
            ("not_decided", None),
        ] {
            assert_eq!(Release::parse(text).map(|release| release.to_string()).as_deref(), is, "{text}");
        }
    }

    #[test]
    fn each_fault_ends_with_the_release_that_mended_it() {
        for (had, mended, words) in [
            ("3.5.0", "3.5.3", "a crash under load"),
            ("3.5.2", "3.5.3", "a crash under load"),
            ("3.5.5", "3.5.6", "killed while it is defragmented"),
            ("3.4.7", "3.4.8", "a restart"),
            ("3.4.3", "3.4.4", "can damage the file"),
            ("3.4.21", "3.4.22", "caught up by a snapshot can have"),
            ("3.4.37", "3.4.38", "catches up by a snapshot"),
            ("3.5.22", "3.5.23", "catches up by a snapshot"),
            ("3.6.4", "3.6.5", "catches up by a snapshot"),
            ("3.4.31", "3.4.32", "go back"),
            ("3.5.13", "3.5.14", "go back"),
            ("3.4.35", "3.4.36", "lose events"),
            ("3.5.17", "3.5.18", "lose events"),
            ("3.6.8", "3.6.9", "was paused"),
            ("3.5.27", "3.5.28", "nested"),
            ("3.4.41", "3.4.42", "nested"),
            ("3.4.19", "3.4.20", "over its quota"),
            ("3.5.6", "3.5.7", "over its quota"),
        ] {
            let has = |text: &str| release(text).faults().iter().any(|fault| fault.what.contains(words));
            assert!(has(had), "{had}: {words}");
            assert!(!has(mended), "{mended}: {words}");
        }
    }

    #[test]
    fn whoever_has_no_known_fault_is_told_nothing() {
        for text in ["3.4.45", "3.5.35", "3.6.16", "3.7.0", "3.7.3", "3.3.25"] {
            assert_eq!((release(text).faults(), release(text).mended()), (vec![], None), "{text}");
        }
        assert_eq!(release("3.5.1").mended(), Some(release("3.5.28")));
    }
}
