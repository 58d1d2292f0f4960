//! Parser from words to server blocks: addresses, directives, snippets and imports (coredns/caddy 1.1.4,
//! caddyfile/parse.go).
use super::{
    CorefilePlace, Files, Note,
    server::is_plugin,
    token::{CorefileToken, tokens},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
    sync::Arc,
};

/// The most references in one word: a value may hold references itself, and a reference to its own variable would never
/// end.
const MOST_REFERENCES: usize = 1000;

/// Server block: its addresses, and the words of each of its directives.
#[derive(Clone, Debug)]
pub(super) struct Block {
    pub(super) keys: Vec<String>,
    pub(super) at: CorefilePlace,
    /// The directives with their words, in the order in which they are written. The first word is the name.
    pub(super) directives: Vec<(String, Vec<CorefileToken>)>,
}

/// Contents of a file.
#[derive(Debug, Default)]
pub(super) struct ParsedCorefile {
    pub(super) blocks: Vec<Block>,
    pub(super) notes: Vec<Note>,
    /// True if a part of the Corefile could not be read.
    pub(super) incomplete: bool,
    /// True if a line begins with a word of a Corefile, or if the file is empty. Any other file may be one of secrets
    /// that was named by mistake.
    pub(super) is_one: bool,
}

/// Parses a file and its imports. `variable` gives the environment.
pub(super) fn parse(
    path: &Path,
    text: &str,
    files: &impl Files,
    variable: &dyn Fn(&str) -> Option<String>,
) -> ParsedCorefile {
    let mut parser = CorefileParser {
        files,
        variable,
        tokens: tokens(&Arc::from(path), text),
        cursor: None,
        snippets: BTreeMap::new(),
        imports: 0,
        imported: 0,
        unset: BTreeSet::new(),
        parsed: ParsedCorefile::default(),
    };
    if let Err(note) = parser.blocks() {
        parser.parsed.notes.push(note);
        parser.parsed.incomplete = true;
    }
    parser.parsed.is_one = parser.is_one();
    parser.parsed
}

pub(super) struct CorefileParser<'a, F> {
    pub(super) files: &'a F,
    variable: &'a dyn Fn(&str) -> Option<String>,
    pub(super) tokens: Vec<CorefileToken>,
    /// The number of the current word; `None` before the first.
    pub(super) cursor: Option<usize>,
    pub(super) snippets: BTreeMap<String, Vec<CorefileToken>>,
    pub(super) imports: usize,
    /// The bytes of the imported words.
    pub(super) imported: usize,
    /// The empty variables that have a note already.
    unset: BTreeSet<String>,
    pub(super) parsed: ParsedCorefile,
}

impl<F: Files> CorefileParser<'_, F> {
    fn blocks(&mut self) -> Result<(), Note> {
        while self.next() {
            let Some(at) = self.token().map(CorefileToken::place) else { break };
            let (keys, ended) = self.addresses()?;
            if keys.iter().any(|key| key == "credentials") {
                // If a brace is missing, a password would be taken for a zone.
                return Err(Note::refused(at, "credentials stand outside of an etcd block"));
            }
            if ended {
                if !keys.is_empty() {
                    self.parsed.blocks.push(Block { keys, at, directives: Vec::new() });
                }
                break;
            }
            if let [key] = &keys[..]
                && let Some(name) = key.strip_prefix('(').and_then(|key| key.strip_suffix(')'))
            {
                let name = name.to_owned();
                self.snippet(name)?;
                continue;
            }
            let directives = self.contents()?;
            if !keys.is_empty() {
                self.parsed.blocks.push(Block { keys, at, directives });
            }
        }
        Ok(())
    }

    fn is_one(&self) -> bool {
        let plugin = |(at, token): (usize, &CorefileToken)| match at.checked_sub(1) {
            // A Corefile begins with the addresses that it serves.
            None => token.text == "import",
            Some(before) => {
                (token.text == "import" || is_plugin(&token.text))
                    && self
                        .tokens
                        .get(before)
                        .is_some_and(|before| before.text == "{" || before.is_followed_by_line(token))
            }
        };
        self.imports > 0 || self.tokens.is_empty() || self.tokens.iter().enumerate().any(plugin)
    }

    /// Returns the addresses of a block, and whether the file ends behind them.
    fn addresses(&mut self) -> Result<(Vec<String>, bool), Note> {
        let mut keys = Vec::new();
        let mut expecting = false;
        loop {
            let Some(token) = self.token().cloned() else { return Ok((keys, true)) };
            let text = self.expand(&token);
            if text == "import" && self.begins_line() {
                if !self.import()? {
                    return Ok((keys, true));
                }
                continue;
            }
            if text == "{" {
                if expecting {
                    return Err(wrong(
                        &token,
                        "another address is expected before {: there is a comma too many",
                    ));
                }
                return Ok((keys, false));
            }
            if !text.is_empty() {
                expecting = text.ends_with(',');
                keys.push(text.strip_suffix(',').unwrap_or(&text).to_owned());
            }
            let more = self.next();
            if !more {
                return if expecting { Err(ends(&token)) } else { Ok((keys, true)) };
            }
            if !expecting && self.begins_line() {
                return Ok((keys, false));
            }
        }
    }

    /// Keeps the words of a snippet for later.
    fn snippet(&mut self, name: String) -> Result<(), Note> {
        let Some(open) = self.token().cloned() else { return Ok(()) };
        if self.snippets.contains_key(&name) {
            return Err(wrong(&open, "this snippet is declared twice"));
        }
        if open.text != "{" {
            return Err(wrong(&open, "a snippet needs its braces: (NAME) {"));
        }
        let mut depth = 1;
        let mut body: Vec<CorefileToken> = Vec::new();
        while self.next() {
            let Some(token) = self.token().cloned() else { break };
            match token.text.as_str() {
                "}" => depth -= 1,
                "{" => depth += 1,
                _ => {}
            }
            if depth == 0 {
                if self.imports_itself(&name, &body) {
                    return Err(wrong(&open, "this snippet imports itself: a circle"));
                }
                self.snippets.insert(name, body);
                return Ok(());
            }
            body.push(token);
        }
        Err(ends(&open))
    }

    fn imports_itself(&mut self, name: &str, body: &[CorefileToken]) -> bool {
        let begins_line = |at: usize| {
            let before = at.checked_sub(1).and_then(|before| body.get(before));
            before.is_none_or(|before| {
                body.get(at).is_none_or(|token| (&before.file, before.line) != (&token.file, token.line))
            })
        };
        let imports =
            (0..body.len()).filter(|at| begins_line(*at)).filter_map(|at| match body.get(at..)? {
                [import, what, ..] if import.text == "import" => Some(what.clone()),
                _ => None,
            });
        imports.collect::<Vec<_>>().iter().any(|what| self.expand(what) == name)
    }

    /// Returns the directives of a block, with or without braces around them.
    fn contents(&mut self) -> Result<Vec<(String, Vec<CorefileToken>)>, Note> {
        let mut directives = Vec::new();
        let opening = self.token().filter(|token| token.text == "{").cloned();
        if opening.is_none() {
            self.back();
        }
        while self.next() {
            let Some(token) = self.token().cloned() else { break };
            match token.text.as_str() {
                // A closing brace ends the block even without an opening one.
                "}" => return Ok(directives),
                "import" => {
                    self.import()?;
                    self.back();
                }
                _ => directives.push(self.directive(&token)?),
            }
        }
        // Caddy looks at the last word only, so that the brace of the last directive closes the block as well.
        match opening.filter(|_| self.token().is_none_or(|last| last.text != "}")) {
            Some(open) => Err(ends(&open)),
            None => Ok(directives),
        }
    }

    /// Returns one directive: the words up to the end of its line, or of the braces that begin on it.
    fn directive(&mut self, first: &CorefileToken) -> Result<(String, Vec<CorefileToken>), Note> {
        let name = self.expand(first);
        let mut words = vec![first.clone()];
        let mut depth = 0_usize;
        while self.next() {
            let Some(token) = self.token().cloned() else { break };
            if token.text == "{" {
                depth += 1;
            } else if depth == 0 && self.begins_line() {
                self.back();
                break;
            } else if token.text == "}" {
                depth = depth.checked_sub(1).ok_or_else(|| wrong(&token, "this } closes nothing"))?;
            } else if token.text == "import" && self.begins_line() {
                self.import()?;
                self.back();
                continue;
            }
            let text = self.expand(&token);
            words.push(CorefileToken { text, ..token });
        }
        if depth > 0 { Err(ends(first)) } else { Ok((name, words)) }
    }

    /// Returns a word with `{$NAME}` and `{%NAME%}` replaced by the environment.
    pub(super) fn expand(&mut self, token: &CorefileToken) -> String {
        let text = self.replace(token, token.text.clone(), "{%", "%}");
        self.replace(token, text, "{$", "}")
    }

    fn replace(&mut self, token: &CorefileToken, mut text: String, open: &str, close: &str) -> String {
        for _ in 0..MOST_REFERENCES {
            let Some(start) = text.find(open) else { break };
            let Some(length) = text.get(start + open.len()..).and_then(|rest| rest.find(close)) else {
                break;
            };
            let name =
                text.get(start + open.len()..start + open.len() + length).unwrap_or_default().to_owned();
            if name.is_empty() {
                break;
            }
            let value = (self.variable)(&name).unwrap_or_default();
            if value.is_empty() && self.unset.insert(name.clone()) {
                let what = format_args!(
                    "the variable {name} is empty here; CoreDNS takes it from its own environment, which is not known"
                );
                self.parsed.notes.push(Note::unknown(token.place(), what));
            }
            text = text.replace(&format!("{open}{name}{close}"), &value);
        }
        text
    }

    pub(super) fn token(&self) -> Option<&CorefileToken> {
        self.tokens.get(self.cursor?)
    }

    fn next(&mut self) -> bool {
        let next = self.cursor.map_or(0, |cursor| cursor + 1);
        let there = next < self.tokens.len();
        if there {
            self.cursor = Some(next);
        }
        there
    }

    fn back(&mut self) {
        self.cursor = self.cursor.and_then(|cursor| cursor.checked_sub(1));
    }

    fn begins_line(&self) -> bool {
        let Some(cursor) = self.cursor.filter(|cursor| *cursor > 0) else { return true };
        match (self.tokens.get(cursor - 1), self.tokens.get(cursor)) {
            (Some(before), Some(token)) => before.is_followed_by_line(token),
            _ => false,
        }
    }
}

/// Makes a note of an error that Caddy refuses: `CoreDNS` does not start with such a file.
pub(super) fn wrong(token: &CorefileToken, what: impl std::fmt::Display) -> Note {
    Note::refused(token.place(), what)
}

fn ends(opening: &CorefileToken) -> Note {
    wrong(opening, "what begins here is never closed")
}
