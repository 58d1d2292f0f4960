//! How long a certificate is valid, and how bad that is.
use super::check::Level;
use crate::{certificate::Certificate, quantity::counted};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::fmt;

/// Days to have a certificate renewed without hurry.
const SOON: i64 = 30;

/// Displays whole: `312 days left, until 2027-10-06`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lifetime {
    Begins(Timestamp),
    Ended(Date),
    Left { days: i64, until: Date },
}

impl Lifetime {
    pub(super) fn of(certificate: &Certificate, now: Timestamp) -> Self {
        let day = certificate.ends.to_zoned(TimeZone::UTC).date();
        if now < certificate.begins {
            Self::Begins(certificate.begins)
        } else if now > certificate.ends {
            Self::Ended(day)
        } else {
            let seconds = certificate.ends.as_second() - now.as_second();
            Self::Left { days: seconds / (24 * 60 * 60), until: day }
        }
    }

    pub(super) fn level(self) -> Level {
        match self {
            // As for `status`, which monitoring hears.
            Self::Begins(_) | Self::Ended(_) | Self::Left { days: 0, .. } => Level::Error,
            Self::Left { days, .. } if days < SOON => Level::Warning,
            Self::Left { .. } => Level::Ok,
        }
    }

    /// `312 days left`.
    pub(super) fn briefly(self) -> String {
        match self {
            Self::Left { days, .. } => format!("{} left", counted(days, "day")),
            Self::Begins(_) | Self::Ended(_) => self.to_string(),
        }
    }

    /// `312 d`, where many stand in a line.
    pub(super) fn abbreviated(self) -> String {
        match self {
            Self::Left { days, .. } => format!("{days} d"),
            Self::Begins(_) | Self::Ended(_) => self.to_string(),
        }
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Begins(time) => write!(f, "not valid before {time}"),
            Self::Ended(day) => write!(f, "ended on {day}"),
            Self::Left { until, .. } => write!(f, "{}, until {until}", self.briefly()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::certificates::tests::certificate;

    #[test]
    fn how_long_a_certificate_lives_decides_how_bad_it_is() {
        let now: Timestamp = "2026-11-28T21:00:00Z".parse().unwrap();
        for (begins, ends, level, says, briefly) in [
            (
                "2026-01-01T00:00:00Z",
                "2036-11-28T21:00:00Z",
                Level::Ok,
                "3,653 days left, until 2036-11-28",
                "3653 d",
            ),
            (
                "2026-01-01T00:00:00Z",
                "2026-12-20T00:00:00Z",
                Level::Warning,
                "21 days left, until 2026-12-20",
                "21 d",
            ),
            (
                "2026-01-01T00:00:00Z",
                "2026-11-29T22:00:00Z",
                Level::Warning,
                "1 day left, until 2026-11-29",
                "1 d",
            ),
            (
                "2026-01-01T00:00:00Z",
                "2026-11-29T20:00:00Z",
                Level::Error,
                "0 days left, until 2026-11-29",
                "0 d",
            ),
            (
                "2026-01-01T00:00:00Z",
                "2026-11-28T20:00:00Z",
                Level::Error,
                "ended on 2026-11-28",
                "ended on 2026-11-28",
            ),
            (
                "2027-01-01T00:00:00Z",
                "2028-01-01T00:00:00Z",
                Level::Error,
                "not valid before 2027-01-01T00:00:00Z",
                "not valid before 2027-01-01T00:00:00Z",
            ),
        ] {
            let lifetime = Lifetime::of(&certificate(begins, ends), now);
            assert_eq!(
                (lifetime.level(), lifetime.to_string(), lifetime.abbreviated()),
                (level, says.to_owned(), briefly.to_owned())
            );
        }
    }
}
