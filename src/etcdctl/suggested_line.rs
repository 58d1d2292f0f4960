//! Command of this program that was probably meant by a line.
use super::{
    RangeEnd, Span, quoted,
    request::{LineEffect, ValueSource},
};
use crate::{
    keys::{Scope, ScopedKey, spelling::spell},
    quantity::counted,
};

/// Change of this program that stands for a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Equivalent {
    /// Deletes the record at this key of the scope, or the name with this key and everything below it.
    Delete { key: ScopedKey, recursive: bool },
    /// Puts this value at this key of the scope.
    Put { key: ScopedKey, value: Vec<u8> },
}

/// Better line than the one that was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SuggestedLine {
    /// The keys that the line is about, to be counted as well.
    pub span: Span,
    /// The verb for what it does to them: `delete`.
    verb: &'static str,
    /// The commands to type instead, behind the program's name and its flags.
    commands: Vec<String>,
    /// The text behind the commands; if it is there, the person has to fill something in.
    rest: &'static str,
    /// This program with the flags that lead it to the cluster of the keys.
    program: String,
    equivalent: Option<Equivalent>,
}

impl SuggestedLine {
    fn new(span: Span, verb: &'static str, command: String) -> Self {
        let program = PROGRAM.to_owned();
        Self { span, verb, commands: vec![command], rest: "", program, equivalent: None }
    }

    fn deleting(self, key: &[u8], recursive: bool, scope: &Scope) -> Self {
        let key = scope.key(key).ok();
        Self { equivalent: key.map(|key| Equivalent::Delete { key, recursive }), ..self }
    }

    /// Returns the change that stands for the line; none if it takes more than one change, or more facts than the
    /// line has.
    #[must_use]
    pub fn equivalent(&self) -> Option<&Equivalent> {
        self.equivalent.as_ref()
    }

    /// Returns the command to type instead.
    #[must_use]
    pub fn command(&self) -> String {
        let commands: Vec<_> =
            self.commands.iter().map(|command| format!("{} {command}", self.program)).collect();
        format!("{}{}", commands.join(", and "), self.rest)
    }

    /// Returns the command if it can be pasted as it stands: nothing is left to be filled in, and no other command
    /// stands beside it.
    #[must_use]
    pub fn line(&self) -> Option<String> {
        (self.commands.len() == 1 && self.rest.is_empty()).then(|| self.command())
    }

    /// Sets these flags of this program, so that the command reaches the same keys from another shell.
    pub fn reach_by(&mut self, flags: &[String]) {
        self.program =
            std::iter::once(PROGRAM).chain(flags.iter().map(String::as_str)).collect::<Vec<_>>().join(" ");
    }

    /// `delete the 2 keys under /coredns/: coredeck rm ...`.
    #[must_use]
    pub fn in_words(&self, keys: Option<u64>) -> String {
        let verb = self.verb;
        let start = spell(&self.span.start);
        let (what, nothing) = match (&self.span.end, keys) {
            (RangeEnd::Single, _) => (format!("the key {start}"), "which is not there now"),
            (_, Some(keys @ 1..)) => (format!("the {} under {start}", counted(keys, "key")), ""),
            (_, None | Some(0)) => (format!("the keys under {start}"), "of which there is none now"),
        };
        if keys == Some(0) && verb != WRITE {
            return format!("{verb} {what}, {nothing}; {} tree lists the names that there are", self.program);
        }
        format!("{verb} {what}: {}", self.command())
    }
}

const PROGRAM: &str = "coredeck";
const WRITE: &str = "write";

/// Returns the better line for what a person probably meant by the request.
pub(super) fn meant(request: &LineEffect, scope: &Scope) -> Option<SuggestedLine> {
    match request {
        LineEffect::Delete { span, .. } => of_deletion(span, scope),
        LineEffect::Get(span) if !span.lies_in(scope) && *span != Span::prefix(&span.start) => {
            let target = joined(span, scope)?;
            Some(SuggestedLine::new(below(&target), "read", format!("get --recursive {}", name(&target))))
        }
        LineEffect::Put { key, value, lease } => {
            let own = scope.key(key).ok()?;
            let equivalent = match value {
                // A lease belongs to a program that keeps it alive.
                ValueSource::Given(value) if !lease => {
                    Some(Equivalent::Put { key: own, value: value.clone() })
                }
                ValueSource::Given(_) | ValueSource::Input | ValueSource::Kept => None,
            };
            Some(SuggestedLine {
                rest: " --host ADDRESS, which shows the plan and can be undone",
                equivalent,
                ..SuggestedLine::new(Span::of(key, b""), WRITE, format!("set {}", name(key)))
            })
        }
        LineEffect::Get(_)
        | LineEffect::Watch { .. }
        | LineEffect::Lock { .. }
        | LineEffect::Txn(_)
        | LineEffect::Told { .. }
        | LineEffect::Help
        | LineEffect::OldStore { .. } => None,
    }
}

fn of_deletion(span: &Span, scope: &Scope) -> Option<SuggestedLine> {
    let target = match &span.end {
        RangeEnd::Single => {
            let key = at_home(&span.start, scope)?;
            // etcd takes a star for a character, not for a pattern.
            if let Some(parent) = key.strip_suffix(b"*") {
                return Some(subtree(parent, scope));
            }
            if key.ends_with(b"/") || key.as_slice() == scope.as_str().trim_end_matches('/').as_bytes() {
                return Some(subtree(&key, scope));
            }
            let meant = SuggestedLine::new(Span::of(&key, b""), "delete", format!("rm {}", name(&key)));
            return Some(meant.deleting(&key, false, scope));
        }
        RangeEnd::Before(end) if *span != Span::prefix(&span.start) => {
            let inside = scope.key(&span.start).is_ok();
            if inside && scope.key(end).is_ok() {
                let rm = |key: &[u8]| format!("rm {}", name(key));
                return Some(SuggestedLine {
                    commands: vec![rm(&span.start), rm(end)],
                    ..SuggestedLine::new(Span::of(&span.start, b""), "delete only", String::new())
                });
            }
            joined(span, scope)?
        }
        RangeEnd::Before(_) | RangeEnd::Never => at_home(&span.start, scope)?,
    };
    Some(subtree(&target, scope))
}

/// Joins both words, if the blank between them was one too many.
fn joined(span: &Span, scope: &Scope) -> Option<Vec<u8>> {
    let RangeEnd::Before(end) = &span.end else { return None };
    at_home(&[span.start.as_slice(), end].concat(), scope)
}

/// Returns the key if it is one of the scope, or would be one with a slash before it.
fn at_home(key: &[u8], scope: &Scope) -> Option<Vec<u8>> {
    let path = scope.as_str().trim_end_matches('/').as_bytes();
    let is_home = |key: &[u8]| key == path || key.starts_with(scope.as_str().as_bytes());
    let with_slash = [b"/", key].concat();
    [key.to_vec(), with_slash].into_iter().find(|key| is_home(key))
}

fn subtree(target: &[u8], scope: &Scope) -> SuggestedLine {
    let span = below(target);
    if span.start == scope.as_str().as_bytes() {
        return SuggestedLine {
            rest: " for each name that coredeck tree lists",
            ..SuggestedLine::new(span, "delete", "rm --recursive NAME".to_owned())
        };
    }
    let command = format!("rm --recursive {}", name(&span.start));
    let own = span.start.strip_suffix(b"/").unwrap_or(&span.start).to_vec();
    SuggestedLine::new(span, "delete", command).deleting(&own, true, scope)
}

fn below(target: &[u8]) -> Span {
    let end = target.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
    let mut start = target.get(..end).unwrap_or_default().to_vec();
    start.push(b'/');
    Span::prefix(&start)
}

/// Returns a key as this program takes it, quoted for a shell.
fn name(key: &[u8]) -> String {
    quoted(&spell(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::etcdctl::explain;

    fn instead(line: &str) -> Option<String> {
        let scope = Scope::parse("/coredns").unwrap();
        explain(line.as_bytes(), &scope).remove(0).meant.map(|meant| meant.command())
    }

    #[test]
    fn a_blank_too_many_is_taken_out_and_what_says_nothing_of_the_scope_is_left_alone() {
        for (line, command) in [
            ("etcdctl get / coredns", Some("coredeck get --recursive /coredns")),
            ("etcdctl get /coredns/ io/gcr", Some("coredeck get --recursive /coredns/io/gcr")),
            ("etcdctl get --prefix /coredns", None),
            ("etcdctl get --prefix /", None),
            ("etcdctl get --prefix /coredns/", None),
            ("etcdctl get / registry", None),
            ("etcdctl del /coredns/io/gcr --prefix", Some("coredeck rm --recursive /coredns/io/gcr/")),
            ("etcdctl del /coredns/io/gcr/x1", Some("coredeck rm /coredns/io/gcr/x1")),
            ("etcdctl del /coredns/io/gcr/*", Some("coredeck rm --recursive /coredns/io/gcr/")),
            ("etcdctl del /registry --prefix", None),
        ] {
            assert_eq!(instead(line).as_deref(), command, "{line}");
        }
    }

    #[test]
    fn one_change_of_the_scope_is_what_this_program_does_in_place_of_a_line() {
        let scope = Scope::parse("/coredns").unwrap();
        let key = |text: &str| scope.key(text.as_bytes()).unwrap();
        let one = |text: &str| Some(Equivalent::Delete { key: key(text), recursive: false });
        let all = |text: &str| Some(Equivalent::Delete { key: key(text), recursive: true });
        let put = |text: &str, value: &str| Some(Equivalent::Put { key: key(text), value: value.into() });
        for (line, equivalent) in [
            ("etcdctl del /coredns/io/gcr/x1", one("/coredns/io/gcr/x1")),
            ("etcdctl del coredns/io/gcr/x1", one("/coredns/io/gcr/x1")),
            ("etcdctl del --prefix /coredns/io/gcr", all("/coredns/io/gcr")),
            ("etcdctl del '/coredns/io/gcr/*'", all("/coredns/io/gcr")),
            ("etcdctl del / coredns/io/gcr", all("/coredns/io/gcr")),
            ("etcdctl del / coredns", None),
            ("etcdctl del /coredns/a /coredns/c", None),
            ("etcdctl del /registry/x", None),
            ("etcdctl put /coredns/a '{\"host\": \"b.io\"}'", put("/coredns/a", r#"{"host": "b.io"}"#)),
            ("etcdctl put /registry/a x", None),
            ("etcdctl put --lease=7 /coredns/a x", None),
            ("etcdctl put --ignore-value /coredns/a", None),
            ("etcdctl get /coredns/a", None),
        ] {
            let explained = explain(line.as_bytes(), &scope).remove(0);
            let found = explained.meant.as_ref().and_then(SuggestedLine::equivalent);
            assert_eq!(found, equivalent.as_ref(), "{line}");
        }
    }

    #[test]
    fn where_nothing_is_nothing_is_advised_to_be_deleted() {
        let scope = Scope::parse("/coredns").unwrap();
        let said = |line: &str, keys| {
            explain(line.as_bytes(), &scope).remove(0).meant.map(|meant| meant.in_words(keys)).unwrap()
        };
        for line in
            ["etcdctl del --prefix /coredns/io", "etcdctl del /coredns/io/gcr/x1", "etcdctl del / coredns"]
        {
            let nothing = said(line, Some(0));
            assert!(!nothing.contains(" rm ") && !nothing.contains("0 key"), "{nothing}");
            assert!(nothing.ends_with("coredeck tree lists the names that there are"), "{nothing}");
            for keys in [None, Some(1)] {
                assert!(said(line, keys).contains(": coredeck rm "), "{}", said(line, keys));
            }
        }
        let new = said("etcdctl put /coredns/io/gcr/x9 {}", Some(0));
        assert!(new.contains("coredeck set /coredns/io/gcr/x9"), "{new}");
    }

    #[test]
    fn every_command_has_the_flags_that_lead_to_the_same_keys() {
        let scope = Scope::parse("/coredns").unwrap();
        let mut meant = explain(b"etcdctl del /coredns/a /coredns/c", &scope).remove(0).meant.unwrap();
        meant.reach_by(&["--profile=lab".to_owned(), "--prefix='/a b'".to_owned()]);
        let flags = "--profile=lab --prefix='/a b'";
        assert_eq!(
            meant.command(),
            format!("coredeck {flags} rm /coredns/a, and coredeck {flags} rm /coredns/c")
        );
    }
}
