//! What is said before a restore is planned: what is left as it is, and why.
use crate::{archive::Heading, foreign_text::ForeignText, keys::ScopedKey, plan::Restore, quantity::counted};

/// Of each list so many keys are shown.
const SHOWN: usize = 20;

pub(super) fn lines(
    restore: &Restore,
    heading: &Heading,
    outside: u64,
    takes_differing: bool,
) -> Vec<String> {
    let of = format!("{} of cluster {}, revision {}", heading.time, heading.cluster, heading.revision);
    let mut lines = vec![
        ForeignText::from(format!("Saved {of}").as_str()).to_string(),
        format!(
            "{} missing, {} with another value, {} as saved, {} beside what was saved",
            counted(restore.missing().len(), "key"),
            counted(restore.differing().len(), "key"),
            counted(restore.same(), "key"),
            counted(restore.beside().len(), "key")
        ),
    ];
    if !takes_differing {
        let differing: Vec<&ScopedKey> = restore.differing().iter().map(|(is, _)| &is.key).collect();
        list(&mut lines, "Left with the value that they have (--differing takes the saved one):", &differing);
    }
    list(
        &mut lines,
        "Left as they are, because they were not saved:",
        &restore.beside().iter().collect::<Vec<_>>(),
    );
    if outside > 0 {
        lines.push(format!("Left out: {outside} keys of others, which this program never touches."));
    }
    lines
}

fn list(lines: &mut Vec<String>, what: &str, of: &[&ScopedKey]) {
    if of.is_empty() {
        return;
    }
    lines.push(what.to_owned());
    lines.extend(of.iter().take(SHOWN).map(|key| format!("  {key}")));
    if of.len() > SHOWN {
        lines.push(format!("  and {} more", of.len() - SHOWN));
    }
}
