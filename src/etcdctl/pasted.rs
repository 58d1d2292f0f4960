//! A pasted text becomes explanations, one for each etcdctl in it.
use super::{
    Explanation, Verdict, look_alike,
    masked::{masked, shown},
    releases::of_call,
    remarks::accidents,
    shell::{Command, Script, Stdin, Word, script},
    wrapped::{Call, Inner, inner},
};
use crate::{foreign_text::ForeignText, keys::Scope};

/// More than a person pastes.
const LONGEST: usize = 64 << 10;
/// Shells in one another.
const DEEPEST: u32 = 4;

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
