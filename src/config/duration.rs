//! Durations in Go's form, which etcdctl's flags take, and in days as well.
use std::time::Duration;

/// The longest wait: a longer one is a typing error.
const LONGEST: Duration = Duration::from_secs(3600);

/// Takes a wait: `2s`, `500ms`, `1m30s`, `1.5s`, or a plain number of seconds.
///
/// # Errors
/// The reason why it is no wait.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    duration(text, LONGEST)
}

/// Takes `2s`, `500ms`, `1m30s`, `2d`, or a plain number of seconds, up to `longest`.
///
/// # Errors
/// The reason why it is no duration.
pub fn duration(text: &str, longest: Duration) -> Result<Duration, String> {
    let wrong = || "a duration is written as 2s, 500ms or 1m30s".to_owned();
    let plain = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    let mut rest = if plain { format!("{text}s") } else { text.to_owned() };
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).ok_or_else(wrong)?;
        let (number, behind) = rest.split_at(digits);
        let unit = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
        let (unit, behind) = behind.split_at(unit);
        let factor = match unit {
            "d" => 86_400.0,
            "h" => 3600.0,
            "m" => 60.0,
            "s" => 1.0,
            "ms" => 1e-3,
            "us" | "µs" => 1e-6,
            "ns" => 1e-9,
            _ => return Err(wrong()),
        };
        seconds += number.parse::<f64>().map_err(|_| wrong())? * factor;
        rest = behind.to_owned();
    }
    match Duration::try_from_secs_f64(seconds) {
        Ok(duration) if duration.is_zero() => Err("it must be longer than nothing".to_owned()),
        Ok(duration) if duration > longest => {
            Err(format!("it is longer than {}", crate::quantity::span(longest.as_secs())))
        }
        Ok(duration) => Ok(duration),
        Err(_) => Err(wrong()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn go_durations_and_plain_seconds_are_taken() {
        for (text, milliseconds) in
            [("2s", 2000), ("500ms", 500), ("1m30s", 90_000), ("1.5s", 1500), ("5", 5000), ("0.25", 250)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(milliseconds)), "{text}");
        }
    }

    #[test]
    fn what_is_no_duration_is_refused() {
        for text in ["", "0", "0s", "s", "-1s", "1x", "1 s", "2s ", "1..5s", "9999h", "inf", "nan", "1e3s"] {
            assert!(parse(text).is_err(), "{text:?} was accepted");
        }
    }
}
