//! Report that is printed as a table.
use super::numbers::Times;
use std::time::Duration;

/// Widths of the columns: the measurement, our number, and the peer's with the ratio.
const WIDTHS: [usize; 3] = [38, 36, 74];

/// Report on one number of records. Each row is printed as soon as it is known.
pub(super) struct Report {
    size: String,
    missed: Vec<String>,
}

/// Aim of a measurement.
#[derive(Clone, Copy)]
pub(super) enum Aim<'a> {
    /// Met or missed, and the aim in words.
    Met(bool, &'a str),
    /// No aim at this size.
    None,
}

/// Number of another program, compared with ours.
pub(super) struct Peer {
    pub(super) told: String,
    pub(super) ratio: String,
}

impl Peer {
    pub(super) fn skipped(program: &str) -> Self {
        Self { told: format!("skipped: no {program}"), ratio: String::new() }
    }

    pub(super) fn none() -> Self {
        Self { told: String::new(), ratio: String::new() }
    }
}

impl Report {
    pub(super) fn new(size: usize) -> Self {
        let size = format!("{} records", grouped(size as u64));
        println!("\n{size}");
        line(["measured", "coredeck", "peer in the same run, and ratio", "aim"]);
        Self { size, missed: Vec::new() }
    }

    /// Prints a row: the measurement, our number, the peer's, and the aim.
    pub(super) fn row(&mut self, what: &str, ours: &str, peer: &Peer, aim: Aim<'_>) {
        let told = match aim {
            Aim::Met(true, aim) => format!("met     {aim}"),
            Aim::Met(false, aim) => format!("missed  {aim}"),
            Aim::None => String::new(),
        };
        let beside = format!("{}  {}", peer.told, peer.ratio);
        line([what, ours, beside.trim_end(), &told]);
        if let Aim::Met(false, aim) = aim {
            self.missed.push(format!("{}, {what}: {ours} {}; aim: {aim}", self.size, peer.ratio));
        }
    }

    /// Prints that something could not be measured.
    pub(super) fn broken(&mut self, why: &str) {
        println!("  {why}");
        self.missed.push(format!("{}: {}", self.size, why.lines().next().unwrap_or_default()));
    }

    /// Returns the rows that missed their aim.
    pub(super) fn missed(self) -> Vec<String> {
        self.missed
    }
}

/// Prints an explanation of the row above.
pub(super) fn note(text: &str) {
    println!("    {text}");
}

fn line([what, ours, peer, aim]: [&str; 4]) {
    let [first, second, third] = WIDTHS;
    let line = format!("  {what:first$}{ours:second$}{peer:third$}{aim}");
    println!("{}", line.trim_end());
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

/// Writes a time with three digits that count.
pub(super) fn time(time: Duration) -> String {
    let ms = time.as_secs_f64() * 1e3;
    match ms {
        ms if ms >= 1e3 => format!("{:.2} s", ms / 1e3),
        ms if ms >= 100.0 => format!("{ms:.0} ms"),
        ms if ms >= 10.0 => format!("{ms:.1} ms"),
        ms => format!("{ms:.2} ms"),
    }
}

/// Writes the median, with the least and the greatest time.
pub(super) fn times(times: &Times) -> String {
    format!("{} ({}..{})", time(times.median()), time(times.min()), time(times.max()))
}

/// Returns the ratio of two times.
pub(super) fn ratio(ours: Duration, theirs: Duration) -> f64 {
    ours.as_secs_f64() / theirs.as_secs_f64().max(1e-9)
}

/// Writes a size in megabytes (10^6).
pub(super) fn megabytes(bytes: u64) -> String {
    #[expect(clippy::cast_precision_loss, reason = "three digits are shown")]
    let megabytes = bytes as f64 / 1e6;
    format!("{megabytes:.1} MB")
}
