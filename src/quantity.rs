//! Numbers as they are said: grouped, so that a large one is read at a glance, and with their noun. A leaf: everything may
//! name it.

/// A number in groups of three: `12,431`.
#[must_use]
pub fn grouped(number: impl TryInto<u64>) -> String {
    // A count is never negative, and never as large.
    let digits = number.try_into().unwrap_or(u64::MAX).to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

/// A number of something that takes an s in the plural: `1 key`, `12,431 keys`.
#[must_use]
pub fn counted(number: impl TryInto<u64>, noun: &str) -> String {
    let number = grouped(number);
    if number == "1" { format!("1 {noun}") } else { format!("{number} {noun}s") }
}

/// A time of so many seconds, as long ago as it is told: `40 s`, `12 min`, `3 h`, `5 days`.
#[must_use]
pub fn span(seconds: u64) -> String {
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7_200 => format!("{} min", seconds / 60),
        7_200..172_800 => format!("{} h", seconds / 3_600),
        _ => counted(seconds / 86_400, "day"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn large_numbers_are_grouped() {
        for (number, text) in
            [(0, "0"), (999, "999"), (1000, "1,000"), (12431, "12,431"), (1_000_000, "1,000,000")]
        {
            assert_eq!(grouped(number), text);
        }
    }

    #[test]
    fn a_time_is_told_in_the_largest_unit_that_still_says_something() {
        for (seconds, text) in [
            (0, "0 s"),
            (119, "119 s"),
            (120, "2 min"),
            (7_199, "119 min"),
            (7_200, "2 h"),
            (172_800, "2 days"),
        ] {
            assert_eq!(span(seconds), text);
        }
    }

    #[test]
    fn one_is_singular_and_all_others_are_plural() {
        for (number, text) in [(0, "0 keys"), (1, "1 key"), (2, "2 keys"), (12431, "12,431 keys")] {
            assert_eq!(counted(number, "key"), text);
        }
    }
}
