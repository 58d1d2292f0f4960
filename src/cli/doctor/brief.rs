//! Short form of the checks for a small screen: good results take one line for each family, and the others keep every
//! word.
use super::check::{Check, CheckLevel, lines};
use crate::{
    cli::{cut::cut, style::Style},
    foreign_text::ForeignText,
};

const COLUMNS: usize = 80;
/// Checks that share one line, under the name of the first. That name begins a new line.
const FAMILIES: [&[&str]; 3] = [
    &["endpoint", "its cert", "clock"],
    &["journal", "backups", "newest backup"],
    &["terminal", "colours", "letters", "clipboard"],
];

/// Returns lines of at most 80 columns.
pub(super) fn brief(checks: &[Check], names: usize, style: Style, ellipsis: &str) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    let mut rest = checks;
    while let [check, after @ ..] = rest {
        if check.level == CheckLevel::Ok {
            let with = after
                .iter()
                .take_while(|next| next.level == CheckLevel::Ok && are_told_together(check, next))
                .count();
            let (family, after) = after.split_at(with);
            let words: Vec<&str> = std::iter::once(check).chain(family).map(Check::in_few_words).collect();
            let line =
                format!("ok       {:<names$}  {}", check.check, ForeignText::from(words.join(", ").as_str()));
            told.push(cut(&line, COLUMNS, ellipsis).unwrap_or(line));
            rest = after;
            continue;
        }
        // The same remedy is given once, below the last check that needs it.
        let is_said_below = after.iter().any(|later| later.remedy.is_some() && later.remedy == check.remedy);
        let remedy = check.remedy.clone().filter(|_| !is_said_below);
        let value = if check.few_words_suffice { check.in_few_words() } else { &check.value }.to_owned();
        told.extend(lines(&Check { value, remedy, ..check.clone() }, names, style));
        rest = after;
    }
    told
}

fn are_told_together(first: &Check, next: &Check) -> bool {
    FAMILIES.iter().any(|family| {
        family.contains(&first.check) && family.get(1..).unwrap_or_default().contains(&next.check)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use unicode_width::UnicodeWidthStr as _;

    #[test]
    fn what_is_well_takes_a_line_for_each_family_and_what_is_not_keeps_every_word() {
        let long = "CN=kube-etcd; for a, b; signed by CN=etcd-ca; 12 days left, until 2026-12-10";
        let checks = [
            Check::ok("endpoint", "etcd 3.5.16, TLS, answers in 1.4 ms").briefly("a:2379 etcd 3.5.16"),
            Check::ok("its cert", long).briefly("cert 300 days left"),
            Check::ok("clock", "the same as here").briefly("clock right"),
            Check::ok("endpoint", "etcd 3.5.16, TLS, answers in 1.5 ms").briefly("b:2379 etcd 3.5.16"),
            Check::warning("its cert", long, "Have it renewed."),
            Check::ok("clock", "the same as here").briefly("clock right"),
            Check::warning("authentication", "off", "rbac"),
            Check::ok("credential", "nobody"),
            Check::warning("power", "everything", "rbac"),
            Check::ok("tenants", "x".repeat(100)),
        ];
        let told = brief(&checks, 14, Style::default(), "…");
        let expected = [
            "ok       endpoint        a:2379 etcd 3.5.16, cert 300 days left, clock right",
            "ok       endpoint        b:2379 etcd 3.5.16",
            "warning  its cert        CN=kube-etcd; for a, b; signed by CN=etcd-ca; 12 days",
            "                         left, until 2026-12-10",
            "                         -> Have it renewed.",
            "ok       clock           clock right",
            "warning  authentication  off",
            "ok       credential      nobody",
            "warning  power           everything",
            "                         -> rbac",
        ];
        assert_eq!(told.get(..expected.len()).unwrap_or_default(), expected);
        let last = told.last().unwrap();
        assert!(last.width() == COLUMNS && last.ends_with("xx…"), "{last}");
    }

    #[test]
    fn nothing_of_others_comes_out_raw() {
        let hostile = Check::ok("endpoint", "\u{1b}[2J").briefly("\u{1b}[2J\u{202e}");
        let shown = brief(&[hostile], 8, Style::default(), "…").concat();
        assert!(shown.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{shown:?}");
    }
}
