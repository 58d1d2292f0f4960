//! The table that is printed.
use super::numbers::Times;
use std::time::Duration;

/// The report on one number of records.
pub(super) struct Report {
    size: usize,
    lines: Vec<[String; 5]>,
}

/// What a measurement is held against.
#[derive(Clone, Copy)]
pub(super) enum Aim<'a> {
    /// Met or missed, and the aim in words.
    Met(bool, &'a str),
    /// No aim at this size.
    None,
}

impl Report {
    pub(super) fn new(size: usize) -> Self {
        println!("\n== {} records {}", grouped(size as u64), "=".repeat(72));
        Self { size, lines: Vec::new() }
    }

    /// A remark, printed at once.
    pub(super) fn say(&self, text: &str) {
        println!("   {text}");
    }

    /// A row: what was measured, ours, whose the other number is and how it compares, and the aim.
    pub(super) fn row(&mut self, what: &str, ours: String, peer: String, ratio: String, aim: Aim<'_>) {
        let aim = match aim {
            Aim::Met(true, aim) => format!("met     {aim}"),
            Aim::Met(false, aim) => format!("MISSED  {aim}"),
            Aim::None => String::new(),
        };
        let row = [what.to_owned(), ours, peer, ratio, aim];
        eprintln!("      {}", row.join(" | "));
        self.lines.push(row);
    }

    /// Prints the table. Returns what missed its aim.
    pub(super) fn print(&self) -> Vec<String> {
        let heads = ["measured", "coredeck", "peer in the same run", "ratio", "aim"].map(str::to_owned);
        let all: Vec<&[String; 5]> = std::iter::once(&heads).chain(&self.lines).collect();
        let widths: Vec<usize> =
            (0..5).map(|n| all.iter().map(|row| row[n].chars().count()).max().unwrap_or(0)).collect();
        for row in &all {
            let cells: Vec<String> =
                row.iter().zip(&widths).map(|(cell, wide)| format!("{cell:wide$}")).collect();
            println!("   {}", cells.join("  ").trim_end());
        }
        let missed = self.lines.iter().filter(|row| row[4].starts_with("MISSED"));
        missed
            .map(|row| format!("{} records: {}: {} ({})", grouped(self.size as u64), row[0], row[1], row[4]))
            .collect()
    }
}

/// `1,234,567`.
pub(super) fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = digits.len() % 3;
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && place % 3 == first {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A time with three digits that count.
pub(super) fn time(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        ms if ms >= 1e3 => format!("{:.2} s", ms / 1e3),
        ms if ms >= 100.0 => format!("{ms:.0} ms"),
        ms if ms >= 10.0 => format!("{ms:.1} ms"),
        ms => format!("{ms:.2} ms"),
    }
}

/// The median, and from where to where they went.
pub(super) fn times(times: &Times) -> String {
    format!("{} ({}..{})", time(times.median()), time(times.min()), time(times.max()))
}

/// How one time compares to another.
pub(super) fn ratio(ours: Duration, theirs: Duration) -> f64 {
    ours.as_secs_f64() / theirs.as_secs_f64().max(1e-9)
}

/// A size in megabytes (10^6).
pub(super) fn megabytes(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let megabytes = bytes as f64 / 1e6;
    format!("{megabytes:.1} MB")
}
