//! Times of an `etcd` block (plugin/etcd/setup.go, parseTTL).

/// The units of Go's `time.ParseDuration`, in nanoseconds.
const UNITS: [(&str, f64); 8] =
    [("ns", 1.0), ("us", 1e3), ("µs", 1e3), ("μs", 1e3), ("ms", 1e6), ("s", 1e9), ("m", 60e9), ("h", 3600e9)];

/// Takes `30`, `30s`, `5m`, `2h30m`; fractions of a second are cut.
///
/// # Errors
/// The reason why it is no time.
pub(super) fn seconds(text: &str) -> Result<u32, &'static str> {
    let form = "it is written as 30, 30s, 5m or 2h30m";
    let text = text.trim();
    if text.is_empty() {
        return Ok(0);
    }
    if text.bytes().all(|byte| byte.is_ascii_digit()) && text.parse::<u64>().is_ok() {
        return text.parse().map_err(|_| "it is longer than 4294967295 seconds");
    }
    let (negative, text) = match text.as_bytes().first() {
        Some(b'-') => (true, text.get(1..).unwrap_or_default()),
        Some(b'+') => (false, text.get(1..).unwrap_or_default()),
        _ => (false, text),
    };
    let mut nanoseconds = 0.0;
    let mut rest = text;
    if rest != "0" {
        if rest.is_empty() {
            return Err(form);
        }
        while !rest.is_empty() {
            let digits = rest.find(|c: char| !(c.is_ascii_digit() || c == '.')).ok_or(form)?;
            let (number, behind) = rest.split_at(digits);
            let unit = behind.find(|c: char| c.is_ascii_digit() || c == '.').unwrap_or(behind.len());
            let (unit, behind) = behind.split_at(unit);
            let (_, factor) = UNITS.iter().find(|(name, _)| *name == unit).ok_or(form)?;
            nanoseconds += number.parse::<f64>().map_err(|_| form)? * factor;
            rest = behind;
        }
    }
    // Go's durations are 64-bit nanoseconds.
    if nanoseconds >= 9.223_372_036_854_776e18 {
        return Err(form);
    }
    let seconds = nanoseconds / 1e9;
    if negative && seconds > 0.0 {
        return Err("it must not be negative");
    }
    if seconds > f64::from(u32::MAX) {
        return Err("it is longer than 4294967295 seconds");
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "both bounds were checked")]
    Ok(seconds as u32)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_go_reads_them() {
        for (text, wanted) in [
            ("30", 30),
            ("30s", 30),
            ("5m", 300),
            ("2h30m", 9000),
            ("1.9s", 1),
            ("1500ms", 1),
            ("0", 0),
            ("", 0),
            ("-0s", 0),
            (".5m", 30),
            ("4294967295", u32::MAX),
        ] {
            assert_eq!(seconds(text), Ok(wanted), "{text}");
        }
        for text in ["-1", "-5s", "5x", "1 s", "s", "4294967296", "1.5", "9999999h", "+"] {
            assert!(seconds(text).is_err(), "{text:?} was accepted");
        }
    }
}
