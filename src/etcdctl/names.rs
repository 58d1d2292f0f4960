//! Names that a text gives to something: variables, functions, aliases. A value that is certain at that place
//! replaces its name; any other value stays unknown.
use super::{
    doubt,
    secrets::is_secret,
    shell::{ExpansionKind, Script, ShellWord, SimpleCommand, Variable, WordPart},
};
use std::collections::{BTreeMap, BTreeSet};

/// Words behind a script's or a function's name: `$1`, `"$@"`.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) enum ScriptArguments {
    /// The words of the person or program that runs the script.
    #[default]
    Unknown,
    /// Words of a function's call: the function is judged at its definition, and its words are known at the call.
    OfACall,
    Known(Vec<ShellWord>),
}

/// Names at one place of a text.
#[derive(Clone, Debug, Default)]
pub(super) struct Names {
    /// Variables that the text sets once, and has set before this place.
    known: BTreeMap<Vec<u8>, Vec<u8>>,
    /// Variables that may become known.
    once: BTreeSet<Vec<u8>>,
    pub(super) functions: BTreeMap<Vec<u8>, Vec<SimpleCommand>>,
    pub(super) aliases: BTreeMap<Vec<u8>, Vec<u8>>,
    pub(super) arguments: ScriptArguments,
    /// Values with a deleting line in them, until something here runs them.
    pub(super) loaded: BTreeMap<Vec<u8>, ShellWord>,
    /// True if a program may have got another name, or if one may have been written.
    pub(super) has_files: bool,
}

/// The shell's own commands that set the variables they name.
const DECLARES: &[&str] = &["export", "declare", "typeset", "local", "readonly"];

impl Names {
    /// Takes in a script's functions and the variables that it sets once.
    pub(super) fn enter(&mut self, script: &Script) {
        let mut set: BTreeMap<Vec<u8>, Option<Vec<u8>>> = BTreeMap::new();
        let mut lost = BTreeSet::new();
        let mut divides = false;
        for command in &script.commands {
            let first = command.words.first().map(|word| word.bytes.clone()).unwrap_or_default();
            let declares = DECLARES.iter().any(|name| name.as_bytes() == first);
            let only_sets = command.words.iter().all(|word| word.assigns.is_some());
            // With such a flag `declare` makes a reference, a number or an array: its value is not the written one.
            let is_plain = !command
                .words
                .iter()
                .skip(1)
                .any(|word| declares && word.bytes.starts_with(b"-") && !word.is("-x"));
            let mut leads = true;
            for (number, word) in command.words.iter().enumerate() {
                for variable in word.variables().into_iter().filter(|variable| !variable.is_plain) {
                    lost.insert(variable.name.clone());
                }
                leads &= word.assigns.is_some();
                if let Some((name, value)) = word.assignment() {
                    if only_sets || declares {
                        let is_known = is_plain && !word.is_piece && !command.is_conditional;
                        let value = is_known.then(|| value.to_vec());
                        let same = set.entry(name.into()).or_insert_with(|| value.clone());
                        if *same != value {
                            *same = None;
                        }
                        divides |= name == b"IFS";
                        lost.extend((!is_plain).then(|| word.assignment().unwrap_or_default().1.to_vec()));
                    } else if !leads {
                        lost.insert(name.into());
                    }
                } else if number > 0 && !matches!(first.as_slice(), b"export" | b"readonly") {
                    lost.insert(word.bytes.clone());
                    if matches!(first.as_slice(), b"((" | b"let") {
                        lost.extend(
                            word.bytes
                                .split(|byte| !byte.is_ascii_alphanumeric() && *byte != b'_')
                                .map(<[u8]>::to_vec),
                        );
                    }
                }
            }
        }
        let repeats = |command: &SimpleCommand| {
            let first = command.words.first();
            command.is_conditional
                && first.is_some_and(|word| ["eval", ".", "source"].iter().any(|of| word.is(of)))
        };
        if divides || script.commands.iter().any(repeats) {
            set.clear();
        }
        self.known.retain(|name, _| !lost.contains(name) && !set.contains_key(name));
        self.once = set
            .into_iter()
            .filter(|(name, value)| value.is_some() && !lost.contains(name))
            .map(|(name, _)| name)
            .collect();
    }

    /// Takes in one assignment. `whole` is its word with all known values put into it.
    pub(super) fn assign(&mut self, word: &ShellWord, whole: &ShellWord) {
        let Some((name, _)) = word.assignment() else { return };
        self.known.remove(name);
        // A secret is put into no word, because words are shown.
        let is_known = whole.unknown.is_none() && self.once.contains(name) && !is_secret(name);
        if let Some((_, value)) = whole.assignment().filter(|_| is_known) {
            self.known.insert(name.into(), value.into());
        }
        let text = if whole.elements.is_empty() {
            whole.bytes.clone()
        } else {
            whole.elements.iter().map(|word| word.bytes.clone()).collect::<Vec<_>>().join(&b' ')
        };
        if doubt::is_deleting_line(&text) {
            self.loaded.insert(name.into(), whole.clone());
        }
    }

    /// Takes in a variable that is given to another process.
    pub(super) fn is_given(&mut self, name: &[u8], value: &[u8]) {
        if !value.iter().any(|byte| matches!(byte, b'$' | b'`')) {
            self.known.insert(name.into(), value.into());
        }
    }

    /// Forgets the values of all variables.
    pub(super) fn forget(&mut self) {
        self.known.clear();
        self.once.clear();
    }

    /// Returns the names that another process has: only the variables are the same.
    pub(super) fn of_another_process(&self, is_elsewhere: bool) -> Self {
        let known = if is_elsewhere { BTreeMap::new() } else { self.known.clone() };
        Self { known, has_files: self.has_files, ..Self::default() }
    }

    /// Returns the words with known values put into them.
    pub(super) fn put_into(&mut self, words: &[ShellWord]) -> Vec<ShellWord> {
        let mut whole = Vec::with_capacity(words.len());
        for word in words {
            match self.expanded(word) {
                Some(mut words) => whole.append(&mut words),
                None => whole.push(word.clone()),
            }
        }
        whole
    }

    fn value(&self, variable: &Variable) -> Option<&[u8]> {
        if !variable.is_plain {
            return None;
        }
        if let ([digit], ScriptArguments::Known(words)) = (variable.name.as_slice(), &self.arguments)
            && digit.is_ascii_digit()
            && *digit != b'0'
        {
            let word = words.get(usize::from(*digit - b'1'));
            return word
                .map_or(Some(&[][..]), |word| word.unknown.is_none().then_some(word.bytes.as_slice()));
        }
        self.known.get(&variable.name).map(Vec::as_slice)
    }

    /// Returns the words that a word becomes; none if a part of it stays unknown.
    fn expanded(&mut self, word: &ShellWord) -> Option<Vec<ShellWord>> {
        if !word.elements.is_empty() {
            return None;
        }
        if let ([WordPart::Variable(all)], ScriptArguments::Known(words)) =
            (word.parts.as_slice(), &self.arguments)
            && all.is_plain
            && matches!(all.name.as_slice(), b"@" | b"*")
        {
            return Some(words.clone());
        }
        if !matches!(word.unknown, Some(ExpansionKind::Variable)) {
            return None;
        }
        let mut fields: Vec<ShellWord> = Vec::new();
        let mut field: Option<ShellWord> = None;
        let mut used = Vec::new();
        for part in &word.parts {
            match part {
                WordPart::Text { bytes, quoted } => {
                    // A pattern is matched after the variable has its value.
                    if !quoted && word.assigns.is_none() && bytes.iter().any(|byte| b"*?[{~".contains(byte)) {
                        return None;
                    }
                    let field = field.get_or_insert_with(ShellWord::default);
                    field.quoted |= quoted;
                    field.bytes.extend_from_slice(bytes);
                }
                WordPart::Variable(variable) => {
                    let value = self.value(variable)?.to_vec();
                    used.push(variable.name.clone());
                    if variable.quoted || word.assigns.is_some() {
                        let field = field.get_or_insert_with(ShellWord::default);
                        field.quoted |= variable.quoted;
                        field.bytes.extend_from_slice(&value);
                        continue;
                    }
                    if value.iter().any(|byte| b"*?[".contains(byte)) {
                        return None;
                    }
                    for (number, piece) in value.split(|byte| b" \t\n".contains(byte)).enumerate() {
                        if number > 0 {
                            fields.extend(field.take());
                        }
                        if !piece.is_empty() {
                            field.get_or_insert_with(ShellWord::default).bytes.extend_from_slice(piece);
                        }
                    }
                }
                WordPart::Output { .. } | WordPart::Arithmetic(_) => return None,
            }
        }
        fields.extend(field);
        for name in used {
            self.loaded.remove(&name);
        }
        let whole = |field: ShellWord| ShellWord { quoted: field.quoted, ..ShellWord::read(&field.bytes) };
        Some(fields.into_iter().map(whole).collect())
    }
}

/// Tells whether a command sets variables and does nothing else.
pub(super) fn only_sets(command: &SimpleCommand) -> bool {
    let declares = command.words.first().is_some_and(|word| DECLARES.iter().any(|name| word.is(name)));
    declares || command.words.iter().all(|word| word.assigns.is_some())
}
