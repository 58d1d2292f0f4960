//! Says what a file cannot carry.
use super::output::{say, say_safely};
use crate::exchange::NotCarried;

/// More lines than this say no more to a person.
const SHOWN: usize = 40;

/// Says what is not carried, one line each; of a long list the beginning. `where_else` names where all of it stands.
pub(super) fn tell(left: &[NotCarried], heading: &str, where_else: &str) {
    if left.is_empty() {
        return;
    }
    say(heading);
    for left in left.iter().take(SHOWN) {
        say_safely(format!("  {left}"));
    }
    if left.len() > SHOWN {
        say(format_args!("  and {} more{where_else}", left.len() - SHOWN));
    }
}
