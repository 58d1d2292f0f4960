//! Tests with one case for each trap: the situation, the finding, and that its fix ends it.

mod aliases;
mod answers;
mod claims;
mod external_dns;
mod keys;
mod names;
mod one;
mod properties;
mod services;
mod texts;
mod values;
mod zones;

use super::*;
use crate::{
    dns::{ChangedSource, KeyContent, ReadPart},
    keys::Scope,
};

/// Records below `/coredns/org/example`, as `("www/x1", r#"{"host":"192.0.2.1"}"#)`. A key with a leading slash is
/// taken as it is.
type Records<'r> = &'r [(&'r str, &'r str)];

/// Records that make a zone whole: its own address and a name server.
const ZONE: [(&str, &str); 2] =
    [("dns/apex/x1", r#"{"host":"192.0.2.250"}"#), ("dns/ns/a", r#"{"host":"192.0.2.251"}"#)];
const A: &str = r#"{"host":"192.0.2.1"}"#;
const B: &str = r#"{"host":"192.0.2.2"}"#;

fn key(at: &str) -> String {
    if at.starts_with('/') || at.is_empty() {
        format!("/coredns{}{at}", if at.is_empty() { "/org/example" } else { "" })
    } else {
        format!("/coredns/org/example/{at}")
    }
}

fn serving(zones: &[&str]) -> Serving {
    let zones = zones.iter().map(|zone| Name::parse(zone).unwrap()).collect();
    Serving::new(Scope::parse("/coredns").unwrap(), zones)
}

/// The zones of most tests.
fn usual() -> Serving {
    serving(&["example.org", "2.0.192.in-addr.arpa", "ip6.arpa"])
}

fn content(value: &str) -> KeyContent {
    KeyContent { value: value.as_bytes().into(), lease: None }
}

fn source(records: Records<'_>) -> ReadPart {
    ReadPart::everything(
        ZONE.iter().chain(records).map(|(at, value)| (key(at).into_bytes().into(), content(value))),
    )
}

/// A source that counts the records that are read of it.
struct Counting<'s> {
    of: &'s ReadPart,
    reads: std::cell::Cell<usize>,
}

impl<'s> Counting<'s> {
    fn new(of: &'s ReadPart) -> Self {
        Self { of, reads: std::cell::Cell::new(0) }
    }
}

impl RecordSource for Counting<'_> {
    fn at(&self, key: &[u8], visit: crate::dns::Visit<'_>) {
        self.of.at(key, &mut |record| {
            self.reads.update(|reads| reads + 1);
            visit(record)
        });
    }
    fn below(&self, prefix: &[u8], visit: crate::dns::Visit<'_>) {
        self.of.below(prefix, &mut |record| {
            self.reads.update(|reads| reads + 1);
            visit(record)
        });
    }
    fn lease_left(&self, lease: crate::keys::LeaseId) -> LeaseLeft {
        self.of.lease_left(lease)
    }
    fn count_below(&self, prefix: &[u8]) -> usize {
        self.of.count_below(prefix)
    }
}

impl Fix {
    /// Returns the content of the keys that the fix changes once it is made; `None` for a deleted key.
    fn changes(&self, source: &dyn RecordSource) -> Vec<(Box<[u8]>, Option<KeyContent>)> {
        let read = |key: &[u8]| {
            let mut content = None;
            source.at(key, &mut |record| {
                content = Some(KeyContent { value: record.value.into(), lease: record.lease });
                std::ops::ControlFlow::Break(())
            });
            content
        };
        let mut changes = vec![];
        for step in &self.steps {
            match step {
                FixStep::Create { key, content } => changes.push((key.clone(), Some(content.clone()))),
                FixStep::Update { key, value, .. } => {
                    let lease = read(key).and_then(|content| content.lease);
                    changes.push((key.clone(), Some(KeyContent { value: value.clone(), lease })));
                }
                FixStep::Move { from, to } => {
                    changes.push((from.clone(), None));
                    changes.push((to.clone(), read(from)));
                }
                FixStep::Delete { key, .. } => changes.push((key.clone(), None)),
            }
        }
        changes
    }
}

/// Checks a source, and asserts the rules that hold for every finding.
fn look(source: &dyn RecordSource, serving: &Serving, circumstances: &Circumstances) -> Findings {
    let findings = lint_in(source, serving, circumstances);
    for finding in &findings.list {
        let Finding { trap, severity, key, message, .. } = finding;
        assert!(message.bytes().all(|byte| (0x20..0x7f).contains(&byte)), "{trap} {message:?}");
        assert!(message.ends_with('.') && message.len() > 20, "{trap} {message}");
        // A sentence begins with a capital, unless it begins with a name or a word of another program.
        let names = finding.names.iter().chain(&serving.zones).map(ToString::to_string);
        let starts = ["external-dns", "targetstrip", "the scope"].map(str::to_owned).into_iter().chain(names);
        let is_target = message.split(' ').next().is_some_and(|first| first.contains('.'));
        let is_spelled_so = is_target || starts.into_iter().any(|start| message.starts_with(&start));
        assert!(is_spelled_so || !message.starts_with(char::is_lowercase), "{trap} {message}");
        assert!(*severity <= trap.severity(), "{trap} is worse than the table says");
        assert!(key.starts_with(b"/coredns"), "{trap}");
        if let Some(fix) = &finding.fix {
            assert!(!fix.steps.is_empty() && fix.what.ends_with('.'), "{trap} {}", fix.what);
            for (key, _) in fix.changes(source) {
                assert!(serving.scope.key(&key).is_ok(), "{trap}: a fix stays in the scope");
            }
        }
    }
    findings
}

/// Returns all findings of a trap.
fn of(findings: &Findings, trap: Trap) -> Vec<&Finding> {
    findings.list.iter().filter(|finding| finding.trap == trap).collect()
}

/// Returns the only finding of a trap.
fn only(records: Records<'_>, trap: Trap) -> Finding {
    only_in(&source(records), &usual(), trap)
}

fn only_in(source: &dyn RecordSource, serving: &Serving, trap: Trap) -> Finding {
    let findings = look(source, serving, &Circumstances::default());
    let found = of(&findings, trap);
    let [only] = found[..] else { panic!("{trap}: {found:#?} among {:#?}", findings.list) };
    only.clone()
}

/// Asserts that there is no finding of this trap.
fn none(records: Records<'_>, trap: Trap) {
    let findings = look(&source(records), &usual(), &Circumstances::default());
    assert_eq!(of(&findings, trap), Vec::<&Finding>::new(), "{records:?}");
}

/// Returns the only finding of a trap; asserts that its fix ends it and leaves these records, beside [`ZONE`], and
/// nothing worse.
fn mended(records: Records<'_>, trap: Trap, then: Records<'_>) -> Finding {
    let before = source(records);
    let finding = only(records, trap);
    let Some(fix) = &finding.fix else { panic!("{trap} has no fix: {finding:#?}") };
    let after = ChangedSource::new(&before, fix.changes(&before));
    let mut left = vec![];
    after.below(b"/coredns/", &mut |record| {
        left.push((
            String::from_utf8_lossy(record.key).into_owned(),
            String::from_utf8_lossy(record.value).into_owned(),
        ));
        std::ops::ControlFlow::Continue(())
    });
    let mut wanted: Vec<(String, String)> =
        ZONE.iter().chain(then).map(|(at, value)| (key(at), (*value).to_owned())).collect();
    wanted.sort();
    assert_eq!(left, wanted, "{}", fix.what);
    let findings = look(&after, &usual(), &Circumstances::default());
    assert_eq!(of(&findings, trap), Vec::<&Finding>::new(), "after: {}", fix.what);
    let worst = findings.tally().worst();
    assert!(worst < Some(Severity::Error), "after: {}: {:#?}", fix.what, findings.list);
    finding
}

/// Returns the names that a finding hurts.
fn names(finding: &Finding) -> Vec<String> {
    finding.names.iter().map(ToString::to_string).collect()
}
