//! Lifetime of a certificate.
use super::Certificate;
use crate::quantity::{counted, span};
use jiff::{Timestamp, civil::Date, tz::TimeZone};
use std::fmt;

const DAY: i64 = 24 * 60 * 60;
/// Below this, a wrong clock may be the reason, so the minutes are shown.
const TO_THE_MINUTE: u64 = 172_800;

/// Lifetime of a certificate compared with now. Displays whole: `312 days left, until 2027-10-06`,
/// `expired on 2025-01-01, 698 days ago`. The dates are UTC's, as in certificates.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    Begins { at: Timestamp, seconds: u64 },
    Ended { on: Date, seconds: u64 },
    Left { days: i64, until: Date },
}

impl Lifetime {
    #[must_use]
    pub fn of(certificate: &Certificate, now: Timestamp) -> Self {
        let (begins, ends, now) =
            (certificate.begins.as_second(), certificate.ends.as_second(), now.as_second());
        let day = certificate.ends.to_zoned(TimeZone::UTC).date();
        if now < begins {
            Self::Begins { at: certificate.begins, seconds: begins.abs_diff(now) }
        } else if now > ends {
            Self::Ended { on: day, seconds: now.abs_diff(ends) }
        } else {
            Self::Left { days: (ends - now) / DAY, until: day }
        }
    }

    #[must_use]
    pub fn is_valid(self) -> bool {
        matches!(self, Self::Left { .. })
    }

    /// `312 days left`.
    #[must_use]
    pub fn briefly(self) -> String {
        match self {
            Self::Left { days, .. } => format!("{} left", counted(days, "day")),
            Self::Begins { .. } | Self::Ended { .. } => self.to_string(),
        }
    }

    /// `312 d`, for lines with many of them.
    #[must_use]
    pub fn abbreviated(self) -> String {
        match self {
            Self::Left { days, .. } => format!("{days} d"),
            Self::Begins { .. } | Self::Ended { .. } => self.to_string(),
        }
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::Begins { at, seconds } => {
                let at = if seconds < TO_THE_MINUTE {
                    at.strftime("%Y-%m-%d %H:%M UTC")
                } else {
                    at.strftime("%Y-%m-%d")
                };
                write!(f, "not valid before {at}, which is in {}", span(seconds))
            }
            Self::Ended { on, seconds } => write!(f, "expired on {on}, {} ago", span(seconds)),
            Self::Left { until, .. } => write!(f, "{}, until {until}", self.briefly()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{super::tests::made, *};
    use rcgen::date_time_ymd;

    #[test]
    fn a_certificate_says_how_long_it_lives_and_since_when_it_does_not() {
        let certificate = made(|params| {
            (params.not_before, params.not_after) = (date_time_ymd(2024, 1, 1), date_time_ymd(2025, 1, 1));
        });
        for (now, says) in [
            ("2026-11-30T12:00:00Z", "expired on 2025-01-01, 698 days ago"),
            ("2025-01-01T00:00:01Z", "expired on 2025-01-01, 1 s ago"),
            ("2025-01-01T00:00:00Z", "0 days left, until 2025-01-01"),
            ("2024-12-30T23:59:59Z", "1 day left, until 2025-01-01"),
            ("2024-01-01T00:00:00Z", "366 days left, until 2025-01-01"),
            ("2023-12-31T23:58:00Z", "not valid before 2024-01-01 00:00 UTC, which is in 2 min"),
            ("2023-01-01T00:00:00Z", "not valid before 2024-01-01, which is in 365 days"),
        ] {
            assert_eq!(Lifetime::of(&certificate, now.parse().unwrap()).to_string(), says);
        }
    }
}
