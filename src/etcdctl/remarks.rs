//! Remarks on a line, beside the explanation of its effect.
use super::{
    RangeEnd, Span, look_alike, owner,
    request::{LineEffect, ValueSource},
    secrets::{MASK, Secret, hidden},
    sentence::{Number, Sentence, sentence},
    shell::ShellWord,
};
use crate::{foreign_text::ForeignText, keys::Scope};

/// Returns the remarks on a request.
pub(super) fn of_request(request: &LineEffect, scope: &Scope) -> Vec<Sentence> {
    match request {
        LineEffect::Delete { span, pause } => {
            let mut more = vec![];
            if matches!(span.end, RangeEnd::Before(_))
                && !span.is_empty()
                && *span != Span::prefix(&span.start)
            {
                more.push("Two words are the two ends of a range, the second one not included.".into());
            }
            if *pause {
                more.push("Since 3.6 etcdctl waits two seconds before that; earlier ones delete at once. None asks.".into());
            }
            more
        }
        LineEffect::Put { key, value, lease } => {
            let mut more = if scope.key(key).is_ok() { unreadable(key, value) } else { vec![] };
            more.push("A value that is there already is written over, without a question.".into());
            more.push(if *lease {
                "With --lease etcd deletes the key when that lease ends.".into()
            } else {
                "Without --lease the key loses the lease that it has, and stays for good.".into()
            });
            more
        }
        LineEffect::Get(_)
        | LineEffect::Watch { .. }
        | LineEffect::Lock { .. }
        | LineEffect::Txn(_)
        | LineEffect::Told { .. }
        | LineEffect::Help
        | LineEffect::OldStore { .. } => vec![],
    }
}

/// Warns of a value that CoreDNS could not read, as when the shell has removed its quotes.
fn unreadable(key: &[u8], value: &ValueSource) -> Vec<Sentence> {
    let ValueSource::Given(bytes) = value else { return vec![] };
    if serde_json::from_slice::<Option<serde_json::Map<String, serde_json::Value>>>(bytes).is_ok() {
        return vec![];
    }
    let shown = if owner::is_of_a_secret(key) { MASK.to_vec() } else { hidden(bytes, Secret::Nothing) };
    vec![sentence![
        "The value that etcdctl gets is ",
        ForeignText(&shown),
        ", and that is no JSON object: CoreDNS answers SERVFAIL for this name and for every one above it. JSON on a command \
         line needs single quotes around it."
    ]]
}

/// Returns remarks on characters in the words that are probably an accident of pasting.
pub(super) fn accidents(words: &[ShellWord]) -> Vec<Sentence> {
    let mut told: Vec<Sentence> = Vec::new();
    for word in words {
        if let Some((kind, c)) = look_alike::found(&word.bytes) {
            told.push(sentence![
                look_alike::told_apart(&word.bytes),
                " holds ",
                kind,
                " (",
                Number::Named(c),
                "), probably from a paste: to the shell and etcdctl it is a letter like any other."
            ]);
        }
        if word.is("") && word.quoted {
            told.push("An empty word in quotes is a word for etcdctl.".into());
        }
    }
    told.truncate(4);
    told
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::etcdctl::{Hits, explain};

    fn means(line: &str) -> String {
        let scope = Scope::parse("/coredns").unwrap();
        explain(line.as_bytes(), &scope).remove(0).means(&Hits::Uncounted).join(" ")
    }

    #[test]
    fn a_value_whose_quotes_the_shell_takes_away_is_told_before_coredns_fails_on_it() {
        for (line, told) in [
            (r#"etcdctl put /coredns/io/gcr/x1 {"host":"10.0.0.1"}"#, true),
            (r#"etcdctl put /coredns/io/gcr/x1 "{"host":"10.0.0.1"}""#, true),
            (r"etcdctl put /coredns/io/gcr/x1 '[]'", true),
            (r#"etcdctl put /coredns/io/gcr/x1 '{"host":"10.0.0.1"}'"#, false),
            (r"etcdctl put /coredns/io/gcr/x1 null", false),
            (r#"etcdctl put /registry/x {"host":"10.0.0.1"}"#, false),
        ] {
            assert_eq!(means(line).contains("that is no JSON object"), told, "{line}: {}", means(line));
        }
    }

    #[test]
    fn a_value_with_a_lease_is_told_to_end_with_it() {
        assert!(
            means("etcdctl put --lease=5 /coredns/x '{}'").contains("deletes the key when that lease ends")
        );
        assert!(!means("etcdctl put /coredns/x '{}'").contains("that lease ends"));
    }
}
