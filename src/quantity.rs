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
    fn one_is_singular_and_all_others_are_plural() {
        for (number, text) in [(0, "0 keys"), (1, "1 key"), (2, "2 keys"), (12431, "12,431 keys")] {
            assert_eq!(counted(number, "key"), text);
        }
    }
}
