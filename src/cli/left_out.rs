//! Left-out lines and answers: those that a file cannot carry, reported to a person.
use super::output::{say, say_safely};
use crate::exchange::{FileLines, NotCarried};

/// The most lines that are shown if another place has all of them.
const SHOWN: usize = 40;
const BESIDES: &str = "Besides, as with any records in etcd:";

/// Reports everything that is not carried, one line each: a missing line may be the one that matters.
pub(super) fn tell(left: &[NotCarried], files: &FileLines, heading: &str) {
    lines(left, files, heading, usize::MAX, "");
}

/// Reports the beginning of a long list. `where_else` names the place that has all of it.
pub(super) fn tell_some(left: &[NotCarried], heading: &str, where_else: &str) {
    lines(left, &FileLines::default(), heading, SHOWN, where_else);
}

/// Reports the unreadable lines of a file of which nothing is taken.
pub(super) fn tell_broken(left: &[NotCarried], files: &FileLines) {
    for left in left {
        if let NotCarried::Broken { line, what } = left {
            say_safely(format!("  {}: {what}", files.place(*line)));
        }
    }
}

/// Returns the number of lines of a file that cannot be served as it has them.
pub(super) fn lines_of_file(left: &[NotCarried]) -> usize {
    left.iter().filter(|left| left.line() > 0).count()
}

/// Returns the number of differing answers or records that are worth a line of their own.
pub(super) fn count(left: &[NotCarried]) -> usize {
    left.iter().filter(|left| !left.is_besides()).count()
}

fn lines(left: &[NotCarried], files: &FileLines, heading: &str, most: usize, where_else: &str) {
    let (besides, left): (Vec<_>, Vec<_>) = left.iter().partition(|left| left.is_besides());
    for (heading, left) in [(heading, left), (BESIDES, besides)] {
        if left.is_empty() {
            continue;
        }
        say(heading);
        for left in left.iter().take(most) {
            say_safely(format!("  {}", left.in_files(files)));
        }
        if left.len() > most {
            say(format_args!("  and {} more{where_else}", left.len() - most));
        }
    }
}
