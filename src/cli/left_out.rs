//! Says what a file cannot carry.
use super::output::{say, say_safely};
use crate::exchange::{FileLines, NotCarried};

/// More lines than this say no more to a person where all of it stands in a file.
const SHOWN: usize = 40;
const BESIDES: &str = "Besides, as with any records in etcd:";

/// Says what is not carried, one line each: an answer that is not said may be the one that matters.
pub(super) fn tell(left: &[NotCarried], files: &FileLines, heading: &str) {
    lines(left, files, heading, usize::MAX, "");
}

/// The same, of a long list the beginning. `where_else` names where all of it stands.
pub(super) fn tell_some(left: &[NotCarried], heading: &str, where_else: &str) {
    lines(left, &FileLines::default(), heading, SHOWN, where_else);
}

/// Says the lines that cannot be read of a file of which nothing is taken.
pub(super) fn tell_broken(left: &[NotCarried], files: &FileLines) {
    for left in left {
        if let NotCarried::Broken { line, what } = left {
            say_safely(format!("  {}: {what}", files.place(*line)));
        }
    }
}

/// How many lines of a file cannot be served as it has them.
pub(super) fn lines_of_file(left: &[NotCarried]) -> usize {
    left.iter().filter(|left| left.line() > 0).count()
}

/// How many answers or records differ that are worth a line of their own.
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
