//! What was probably meant, said with this program's own commands.
use super::{End, Span, quoted, request::Request};
use crate::{
    keys::{Scope, spelling::spell},
    quantity::counted,
};

/// A better line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Meant {
    /// The keys that it is about, to be counted as well.
    pub span: Span,
    /// What it does to them: `delete`.
    verb: &'static str,
    /// What to type instead.
    pub command: String,
    /// Nothing is left to be filled in, and nothing else stands beside it.
    whole: bool,
}

impl Meant {
    /// The command where it can be pasted as it stands.
    #[must_use]
    pub fn line(&self) -> Option<&str> {
        self.whole.then_some(self.command.as_str())
    }

    /// `delete the 2 keys under /coredns/: coredeck rm ...`.
    #[must_use]
    pub fn in_words(&self, keys: Option<u64>) -> String {
        let verb = self.verb;
        let what = match (&self.span.end, keys) {
            (End::Single, _) => format!("the key {}", spell(&self.span.start)),
            (_, Some(keys)) => format!("the {} under {}", counted(keys, "key"), spell(&self.span.start)),
            (_, None) => format!("the keys under {}", spell(&self.span.start)),
        };
        format!("{verb} {what}: {}", self.command)
    }
}

/// The keys that the words name when they are read as a person meant them.
pub(super) fn meant(request: &Request, scope: &Scope) -> Option<Meant> {
    match request {
        Request::Delete { span, .. } => of_deletion(span, scope),
        Request::Get(span) if !span.lies_in(scope) && *span != Span::prefix(&span.start) => {
            let target = joined(span, scope)?;
            let command = format!("coredeck get --recursive {}", name(&target));
            Some(Meant { span: below(&target), verb: "read", command, whole: true })
        }
        Request::Put { key, .. } if scope.key(key).is_ok() => Some(Meant {
            span: Span::of(key, b""),
            verb: "write",
            command: format!(
                "coredeck set {} --host ADDRESS, which shows the plan and can be undone",
                name(key)
            ),
            whole: false,
        }),
        Request::Get(_)
        | Request::Put { .. }
        | Request::Watch(_)
        | Request::Txn(_)
        | Request::Told { .. }
        | Request::Help
        | Request::OldStore { .. } => None,
    }
}

fn of_deletion(span: &Span, scope: &Scope) -> Option<Meant> {
    let target = match &span.end {
        End::Single => {
            let key = at_home(&span.start, scope)?;
            // A star is no pattern for etcd.
            if let Some(parent) = key.strip_suffix(b"*") {
                return Some(subtree(parent, scope));
            }
            if key.ends_with(b"/") || key.as_slice() == scope.as_str().trim_end_matches('/').as_bytes() {
                return Some(subtree(&key, scope));
            }
            let command = format!("coredeck rm {}", name(&key));
            return Some(Meant { span: Span::of(&key, b""), verb: "delete", command, whole: true });
        }
        End::Before(end) if *span != Span::prefix(&span.start) => {
            let inside = scope.key(&span.start).is_ok();
            if inside && scope.key(end).is_ok() {
                let command = format!("coredeck rm {}, and coredeck rm {}", name(&span.start), name(end));
                return Some(Meant {
                    span: Span::of(&span.start, b""),
                    verb: "delete only",
                    command,
                    whole: false,
                });
            }
            joined(span, scope)?
        }
        End::Before(_) | End::Never => at_home(&span.start, scope)?,
    };
    Some(subtree(&target, scope))
}

/// Both words as one, where the blank between them was one too many.
fn joined(span: &Span, scope: &Scope) -> Option<Vec<u8>> {
    let End::Before(end) = &span.end else { return None };
    at_home(&[span.start.as_slice(), end].concat(), scope)
}

/// The key where it is one of the scope, or would be with a slash before it.
fn at_home(key: &[u8], scope: &Scope) -> Option<Vec<u8>> {
    let path = scope.as_str().trim_end_matches('/').as_bytes();
    let is_home = |key: &[u8]| key == path || key.starts_with(scope.as_str().as_bytes());
    let with_slash = [b"/", key].concat();
    [key.to_vec(), with_slash].into_iter().find(|key| is_home(key))
}

fn subtree(target: &[u8], scope: &Scope) -> Meant {
    let span = below(target);
    let whole = span.start != scope.as_str().as_bytes();
    let command = if whole {
        format!("coredeck rm --recursive {}", name(&span.start))
    } else {
        "coredeck rm --recursive NAME for each name that coredeck tree lists".to_owned()
    };
    Meant { span, verb: "delete", command, whole }
}

fn below(target: &[u8]) -> Span {
    let end = target.iter().rposition(|byte| *byte != b'/').map_or(0, |at| at + 1);
    let mut start = target.get(..end).unwrap_or_default().to_vec();
    start.push(b'/');
    Span::prefix(&start)
}

/// A key as this program takes it, quoted for a shell.
fn name(key: &[u8]) -> String {
    quoted(&spell(key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::etcdctl::explain;

    fn instead(line: &str) -> Option<String> {
        let scope = Scope::parse("/coredns").unwrap();
        explain(line.as_bytes(), &scope).remove(0).meant.map(|meant| meant.command)
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
}
