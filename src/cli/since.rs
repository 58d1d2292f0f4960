use super::command_error::CommandError;
use jiff::{SignedDuration, Timestamp, civil, tz::TimeZone};

/// Returns the moment that `--since` names: a duration before `now`, or a date or a time, which is in `zone` unless it
/// names its own.
///
/// # Errors
/// The text is none of these.
pub(super) fn since(text: &str, now: Timestamp, zone: &TimeZone) -> Result<Timestamp, CommandError> {
    let in_zone = |time: civil::DateTime| time.to_zoned(zone.clone()).ok().map(|zoned| zoned.timestamp());
    let found = ago(text)
        .and_then(|ago| now.checked_sub(ago).ok())
        .or_else(|| text.parse::<Timestamp>().ok())
        .or_else(|| text.parse::<civil::DateTime>().ok().and_then(in_zone))
        .or_else(|| text.parse::<civil::Date>().ok().and_then(|day| in_zone(day.at(0, 0, 0, 0))))
        .or_else(|| {
            let today = now.to_zoned(zone.clone()).date();
            text.parse::<civil::Time>().ok().and_then(|time| in_zone(today.to_datetime(time)))
        });
    found.ok_or_else(|| {
        CommandError::usage(
            format!("{text:?} is no duration, date or time"),
            "Write --since as 90m, 12h, 2d, 2026-11-22, 2026-11-22T03:15 or 2026-11-22T03:15:00Z.",
        )
    })
}

/// Parses `90m`, `2d12h`: weeks, days, hours, minutes and seconds.
fn ago(text: &str) -> Option<SignedDuration> {
    let mut seconds: i64 = 0;
    let mut number = String::new();
    for c in text.chars() {
        if c.is_ascii_digit() {
            number.push(c);
            continue;
        }
        let factor = match c {
            'w' => 7 * 24 * 3600,
            'd' => 24 * 3600,
            'h' => 3600,
            'm' => 60,
            's' => 1,
            _ => return None,
        };
        let units: i64 = std::mem::take(&mut number).parse().ok()?;
        seconds = seconds.checked_add(units.checked_mul(factor)?)?;
    }
    (number.is_empty() && !text.is_empty()).then(|| SignedDuration::from_secs(seconds))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::tz::Offset;

    fn at(text: &str) -> Option<String> {
        let now = "2026-11-22T12:00:00Z".parse().unwrap();
        let zone = TimeZone::fixed(Offset::constant(2));
        since(text, now, &zone).ok().map(|time| time.to_string())
    }

    #[test]
    fn durations_dates_and_times_are_taken() {
        for (text, time) in [
            ("90m", "2026-11-22T10:30:00Z"),
            ("2d", "2026-11-20T12:00:00Z"),
            ("1w2d12h", "2026-11-13T00:00:00Z"),
            ("0s", "2026-11-22T12:00:00Z"),
            ("2026-11-20", "2026-11-19T22:00:00Z"),
            ("2026-11-20T03:15", "2026-11-20T01:15:00Z"),
            ("2026-11-20 03:15:30", "2026-11-20T01:15:30Z"),
            ("2026-11-20T03:15:00Z", "2026-11-20T03:15:00Z"),
            ("2026-11-20T03:15:00+01:00", "2026-11-20T02:15:00Z"),
            ("03:15", "2026-11-22T01:15:00Z"),
        ] {
            assert_eq!(at(text).as_deref(), Some(time), "{text}");
        }
    }

    #[test]
    fn what_is_no_moment_is_refused() {
        for text in ["", "d", "2", "2x", "-2d", "yesterday", "2026-13-01", "25:00", "99999999999999999d"] {
            assert_eq!(at(text), None, "{text:?}");
        }
    }
}
