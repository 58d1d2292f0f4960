//! A pasted text becomes explanations, one for each etcdctl in it.
use super::{
    Destination, Meant, Span, Verdict, Version,
    commands::{COMMANDS, UTILITY},
    look_alike,
    masked::masked,
    meant, quoted,
    request::{self, Line, Request, Value},
    shell::{Command, Script, Stdin, Unknown, Word, script},
    wrapped::{Call, Inner, inner},
};
use crate::{
    foreign_text::ForeignText,
    keys::{Scope, Tally},
    quantity::{counted, grouped},
};
use std::fmt::Write as _;

/// More than a person pastes.
const LONGEST: usize = 64 << 10;
/// Shells in one another.
const DEEPEST: u32 = 4;

/// What one etcdctl line means.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Explanation {
    /// The line, as far as it is etcdctl's, quoted for a shell.
    pub command: String,
    /// The keys that it is about.
    pub span: Option<Span>,
    /// Whether they go.
    pub deletes: bool,
    pub verdict: Verdict,
    /// What was probably meant.
    pub meant: Option<Meant>,
    /// Which cluster it goes to; `None` where another machine or only a shell knows.
    pub destination: Option<Destination>,
    headline: String,
    more: Vec<String>,
}

/// What counting brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Hits {
    /// And how many keys lie where the meant line goes.
    Counted(Tally, Option<u64>),
    /// Why there is no number.
    Unknown(String),
    /// There is nothing to count, or it was not counted yet.
    Uncounted,
}

impl Hits {
    /// How many keys of whom, where that is known.
    #[must_use]
    pub fn tally(&self) -> Option<&Tally> {
        match self {
            Self::Counted(tally, _) => Some(tally),
            Self::Unknown(_) | Self::Uncounted => None,
        }
    }
}

impl Explanation {
    /// The sentences, the most important one first.
    #[must_use]
    pub fn means(&self, hits: &Hits) -> Vec<String> {
        let mut sentences = vec![match (&self.span, hits) {
            (None, _) | (Some(_), Hits::Uncounted) => format!("{}.", self.headline),
            (Some(_), Hits::Counted(tally, _)) => format!("{}: {}.", self.headline, hit(tally)),
            (Some(span), Hits::Unknown(why)) => {
                let owners: Vec<_> = span.tenants().iter().map(|tenant| tenant.owner).collect();
                let reached = match owners.as_slice() {
                    [] => String::new(),
                    owners => format!(" It reaches where these keep their keys: {}.", owners.join(", ")),
                };
                format!("{}. How many are there now is not known: {why}.{reached}", self.headline)
            }
        }];
        sentences.extend(self.more.iter().cloned());
        sentences
    }

    /// What was probably meant, in words.
    #[must_use]
    pub fn instead(&self, hits: &Hits) -> Option<String> {
        let keys = match hits {
            Hits::Counted(_, keys) => *keys,
            Hits::Unknown(_) | Hits::Uncounted => None,
        };
        self.meant.as_ref().map(|meant| meant.in_words(keys))
    }

    /// Whose keys it hits, or may hit where nobody has counted.
    #[must_use]
    pub fn tenants(&self, hits: &Hits) -> Vec<&'static str> {
        match (hits, &self.span) {
            (Hits::Counted(tally, _), _) => {
                tally.tenants().filter(|(_, keys)| *keys > 0).map(|(tenant, _)| tenant.owner).collect()
            }
            (_, Some(span)) => span.tenants().iter().map(|tenant| tenant.owner).collect(),
            (_, None) => vec![],
        }
    }

    fn invalid(command: String, headline: String) -> Self {
        Self {
            command,
            span: None,
            deletes: false,
            verdict: Verdict::Invalid,
            meant: None,
            destination: None,
            headline,
            more: vec![],
        }
    }
}

/// `368 keys, 366 of them Kubernetes'`.
fn hit(tally: &Tally) -> String {
    let mut text = match tally.total {
        0 => return "there is none now".to_owned(),
        total => counted(total, "key"),
    };
    let mut tenants: Vec<_> = tally.tenants().filter(|(_, keys)| *keys > 0).collect();
    tenants.sort_by_key(|(_, keys)| std::cmp::Reverse(*keys));
    for (tenant, keys) in tenants {
        let s = if tenant.owner.ends_with('s') { "" } else { "s" };
        // A string takes everything.
        let _ = write!(text, ", {} of them {}'{s}", grouped(keys), tenant.owner);
    }
    text
}

/// Whether a text is an etcdctl line rather than something else that is typed where both may be.
#[must_use]
pub fn looks_like_a_line(text: &str) -> bool {
    let text = look_alike::as_meant(text);
    text.split(|c: char| c.is_whitespace() || "\"'`;|&(){}/".contains(c))
        .any(|word| matches!(word, "etcdctl" | "etcdutl" | "etcdctl.sh" | "etcdctl3"))
}

/// Explains a pasted text. It is empty where no etcdctl is in it.
#[must_use]
pub fn explain(text: &[u8], scope: &Scope) -> Vec<Explanation> {
    of_text(text, &Call::default(), scope)
}

fn of_text(text: &[u8], around: &Call, scope: &Scope) -> Vec<Explanation> {
    if text.len() > LONGEST {
        return vec![Explanation::invalid(
            "etcdctl".to_owned(),
            format!("the text is longer than {} KiB, and is not looked at", LONGEST >> 10),
        )];
    }
    let (text, prompt) = without_prompt(text);
    let mut explanations = Vec::new();
    of_script(&script(text), around, scope, DEEPEST, &mut explanations);
    if prompt {
        for explanation in &mut explanations {
            explanation.more.push(
                "The prompt before it is left out here; a shell would take it for a word or a comment."
                    .to_owned(),
            );
        }
    }
    explanations
}

/// Explains words that a shell has already split. `variables` are those that the shell gives to what it runs.
#[must_use]
pub fn explain_words(words: &[Vec<u8>], variables: &[(Vec<u8>, Vec<u8>)], scope: &Scope) -> Vec<Explanation> {
    let around = Call { variables: variables.to_vec(), ..Call::default() };
    // One word with blanks in it was quoted as a whole.
    if let [text] = words
        && text.contains(&b' ')
    {
        return of_text(text, &around, scope);
    }
    let words = words.iter().map(|word| Word::read(word)).collect();
    let script = Script { commands: vec![Command { words, stdin: Stdin::Inherited }], unclosed: None };
    let mut explanations = Vec::new();
    of_script(&script, &around, scope, DEEPEST, &mut explanations);
    explanations
}

fn of_script(script: &Script, around: &Call, scope: &Scope, depth: u32, out: &mut Vec<Explanation>) {
    let mut exported = around.variables.clone();
    for command in &script.commands {
        let exports = command.words.first().is_some_and(|word| word.is("export"));
        let assigned = command.words.iter().skip(usize::from(exports)).map(Word::assignment);
        if exports || command.words.iter().all(|word| word.assignment().is_some()) {
            exported.extend(assigned.flatten().map(|(name, value)| (name.into(), value.into())));
            continue;
        }
        let found = match inner(command, &exported) {
            Inner::Other => continue,
            Inner::Etcdctl(call) => {
                let elsewhere = call.elsewhere || around.elsewhere;
                let stdin =
                    if call.stdin == Stdin::Inherited { around.stdin.clone() } else { call.stdin.clone() };
                of_call(&Call { elsewhere, stdin, ..call }, scope)
            }
            Inner::Shell(text, call) => {
                if depth > 0 {
                    of_script(&self::script(&text), &call, scope, depth - 1, out);
                }
                continue;
            }
            Inner::Opaque(why) => Explanation {
                verdict: Verdict::Careful,
                ..Explanation::invalid(shown(&command.words), format!("cannot be explained: {why}"))
            },
            Inner::Misspelled(program) => {
                let mut wrong = Explanation::invalid(
                    shown(&command.words),
                    format!("runs nothing: there is no program {:?}", ForeignText(&program).to_string()),
                );
                wrong.more.extend(accidents(&masked(&command.words)));
                wrong
            }
        };
        out.push(found);
    }
    if let Some(missing) = script.unclosed {
        out.push(Explanation::invalid(
            "etcdctl".to_owned(),
            format!(
                "runs nothing yet: the shell waits for {missing}, and takes all that follows for a part of it"
            ),
        ));
    }
}

fn of_call(call: &Call, scope: &Scope) -> Explanation {
    let program = call.program;
    let command = format!("{program} {}", shown(&call.words)).trim_end().to_owned();
    let public = masked(&call.words);
    let unknown = public.iter().find_map(|word| word.unknown.map(|unknown| (word, unknown)));
    if let Some((word, unknown)) = unknown
        && unknown != Unknown::Files
    {
        return with_unknown(
            command,
            call,
            &format!("it holds {}, {}", unknown.name(), ForeignText(&word.bytes)),
        );
    }
    if call.more_words {
        return with_unknown(command, call, "another program adds words to it");
    }
    let line = |words: &[Word]| Line {
        words: words.iter().map(|word| word.bytes.clone()).collect(),
        variables: call.variables.clone(),
        stdin: call.stdin.clone(),
    };
    let (whole, shown) = (line(&call.words), line(&public));
    let commands = if program == "etcdutl" { UTILITY } else { COMMANDS };
    let read = |version| {
        // A refusal repeats what it refuses.
        request::read(&whole, commands, version).map_err(|_| match request::read(&shown, commands, version) {
            Err(refusal) => refusal,
            Ok(_) => "for what stands in the place of a secret".to_owned(),
        })
    };
    let read: Vec<_> = Version::ALL.into_iter().map(|version| (version, read(version))).collect();
    let mut explanation = of_versions(command, &read, scope);
    if let Some((word, _)) = unknown {
        explanation.more.push(format!(
            "{} is a pattern for the shell: where files have such names, etcdctl gets those names instead.",
            ForeignText(&word.bytes)
        ));
        explanation.verdict = explanation.verdict.max(Verdict::Careful);
    }
    explanation.more.extend(accidents(&public));
    if call.variables_lost {
        explanation.more.push(
            "sudo leaves out the ETCDCTL_ variables that are set, unless -E or its configuration keeps them."
                .to_owned(),
        );
    }
    if call.elsewhere {
        explanation
            .more
            .push("It is run somewhere else, on whatever cluster is configured there.".to_owned());
    } else {
        explanation.destination = Some(Destination::of(&whole));
    }
    explanation
}

/// A line of which only the shell that runs it knows all words. Nothing is guessed.
fn with_unknown(command: String, call: &Call, why: &str) -> Explanation {
    let deletes = call.words.iter().any(|word| word.is("del"));
    let risk = if deletes {
        " It deletes, and a variable that is empty turns --prefix $X into every key of etcd"
    } else {
        ""
    };
    let mut explanation =
        Explanation::invalid(command, format!("what it hits cannot be known: {why}.{risk}"));
    explanation.verdict = Verdict::Careful;
    explanation.deletes = deletes;
    explanation.more.push("Write it out, and ask again.".to_owned());
    explanation
}

/// What the releases make of a line; where they differ, the worst counts and all are told.
fn of_versions(command: String, read: &[(Version, Result<Request, String>)], scope: &Scope) -> Explanation {
    let verdict_of = |read: &Result<Request, String>| {
        read.as_ref().map_or(Verdict::Invalid, |request| request.verdict(scope))
    };
    let Some((_, worst)) = read.iter().rev().max_by_key(|(_, read)| verdict_of(read)) else {
        return Explanation::invalid(command, "no release is known".to_owned());
    };
    let mut explanation = match worst {
        Err(refusal) => Explanation::invalid(
            command,
            format!("does nothing: etcdctl refuses it ({})", ForeignText::from(refusal.as_str())),
        ),
        Ok(request) => Explanation {
            command,
            span: request.span(scope),
            deletes: request.deletes(scope),
            verdict: request.verdict(scope),
            meant: meant::meant(request, scope),
            destination: None,
            headline: request.in_words(scope),
            more: of_request(request, scope),
        },
    };
    let said = |read: &Result<Request, String>| match read {
        Err(refusal) => format!("refuses it ({})", ForeignText::from(refusal.as_str())),
        Ok(request) => request.in_words(scope),
    };
    let headline = said(worst);
    let mut told: Vec<(String, Vec<String>)> = Vec::new();
    for (version, read) in read.iter().filter(|(_, read)| said(read) != headline) {
        let words = said(read);
        match told.iter_mut().find(|(is, _)| *is == words) {
            Some((_, versions)) => versions.push(version.to_string()),
            None => told.push((words, vec![version.to_string()])),
        }
    }
    // A release that deletes is enough, whatever the others do.
    explanation.deletes |=
        read.iter().any(|(_, read)| read.as_ref().is_ok_and(|request| request.deletes(scope)));
    let refused_by_all = read.iter().all(|(_, read)| read.is_err());
    if !refused_by_all {
        let others =
            told.into_iter().map(|(words, versions)| format!("etcdctl {} {words}.", versions.join(", ")));
        explanation.more.extend(others);
    }
    explanation
}

/// What else is to be known of a request.
fn of_request(request: &Request, scope: &Scope) -> Vec<String> {
    match request {
        Request::Delete { span, pause } => {
            let mut more = vec![];
            if matches!(span.end, super::End::Before(_))
                && !span.is_empty()
                && *span != Span::prefix(&span.start)
            {
                more.push(format!(
                    "Two words are the two ends of a range: {span}, the second one not included."
                ));
            }
            if *pause {
                more.push("Since 3.6 etcdctl waits two seconds before that; earlier ones delete at once. None asks.".to_owned());
            }
            more
        }
        Request::Put { key, value, lease } => {
            let mut more = if scope.key(key).is_ok() { unreadable(value) } else { vec![] };
            more.push("A value that is there already is written over, without a question.".to_owned());
            if !lease {
                more.push(
                    "Without --lease the key loses the lease that it has, and stays for good.".to_owned(),
                );
            }
            more
        }
        Request::Get(_)
        | Request::Watch(_)
        | Request::Txn(_)
        | Request::Told { .. }
        | Request::Help
        | Request::OldStore { .. } => vec![],
    }
}

/// What CoreDNS could not read, as when the shell has taken the quotes out of it.
fn unreadable(value: &Value) -> Vec<String> {
    let Value::Given(bytes) = value else { return vec![] };
    if serde_json::from_slice::<Option<serde_json::Map<String, serde_json::Value>>>(bytes).is_ok() {
        return vec![];
    }
    vec![format!(
        "The value that etcdctl gets is {}, and that is no JSON object: CoreDNS answers SERVFAIL for this name and for \
         every one above it. JSON on a command line needs single quotes around it.",
        ForeignText(bytes)
    )]
}

/// What in the words is probably an accident of pasting.
fn accidents(words: &[Word]) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    for word in words {
        if let Some((kind, c)) = look_alike::found(&word.bytes) {
            let sentence = format!(
                "{} holds {kind} (U+{:04X}), probably from a paste: the shell and etcdctl take it for a letter.",
                ForeignText(&word.bytes),
                u32::from(c)
            );
            told.push(sentence);
        }
        if word.is("") && word.quoted {
            told.push("An empty word in quotes is a word for etcdctl.".to_owned());
        }
    }
    told.truncate(4);
    told
}

/// Words as they can be pasted again, except for what is secret.
fn shown(words: &[Word]) -> String {
    let one = |word: &Word| {
        let text = ForeignText(&word.bytes).to_string();
        if word.unknown.is_some() { text } else { quoted(&text) }
    };
    masked(words).iter().map(one).collect::<Vec<_>>().join(" ")
}

/// Takes a prompt away that was pasted along: `$ `, `# `, `root@m1:~# `, `[root@m1 ~]# `.
fn without_prompt(text: &[u8]) -> (&[u8], bool) {
    let start = text.iter().take_while(|byte| byte.is_ascii_whitespace()).count();
    let text = text.get(start..).unwrap_or_default();
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let end = line.windows(2).position(|two| matches!(two, b"$ " | b"# " | b"% " | b"> "));
    let Some(end) = end else { return (text, false) };
    let before = line.get(..end).unwrap_or_default();
    let is_prompt = before.is_empty()
        || before.first() == Some(&b'[') && before.last() == Some(&b']')
        || before.contains(&b'@') && before.contains(&b':') && !before.contains(&b' ');
    if is_prompt { (text.get(end + 2..).unwrap_or_default(), true) } else { (text, false) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::{Part, Revision, TENANTS};

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
    fn whoever_loses_most_is_named_first() {
        let part = |place: usize, keys| {
            let tenant = TENANTS.get(place).unwrap();
            Part { prefix: format!("{}/", tenant.prefix), keys, tenant: Some(tenant) }
        };
        let tally = Tally { total: 61, parts: vec![part(1, 1), part(0, 60)], revision: Revision(1) };
        let (most, least) = (TENANTS[0].owner, TENANTS[1].owner);
        let said = hit(&tally);
        assert!(said.find(most).unwrap() < said.find(least).unwrap(), "{said}");
    }
}
