//! Target of an `import`: a snippet, a file, or the files that match a pattern.
use super::{
    Files, Note,
    files::glob,
    parse::{CorefileParser, wrong},
    token::{CorefileToken, tokens},
};
use std::{
    path::{Component, Path, PathBuf},
    sync::Arc,
};

/// The most imports. Caddy stops at 10,000 snippets and 100,000 files; no file that a person writes comes near this
/// limit.
const MOST_IMPORTS: usize = 1000;
/// The most words that imports may make: if a snippet imports another twice, and so on, each step doubles them.
const MOST_WORDS: usize = 1_000_000;
/// The most bytes of these words, because a word can have any length.
const MOST_BYTES: usize = 64 << 20;

impl<F: Files> CorefileParser<'_, F> {
    /// Replaces `import` and its argument by the imported words, and returns whether a word is there. The cursor stands
    /// on the first of them then.
    pub(super) fn import(&mut self) -> Result<bool, Note> {
        let Some((at, token)) = self.cursor.zip(self.token().cloned()) else { return Ok(false) };
        let on_line = |a: Option<&CorefileToken>, b: Option<&CorefileToken>| {
            a.zip(b).is_some_and(|(a, b)| a.shares_line_with(b))
        };
        let argument = self.tokens.get(at + 1).cloned().filter(|next| on_line(Some(&token), Some(next)));
        let Some(argument) = argument else { return Err(wrong(&token, "import names no file")) };
        if on_line(Some(&argument), self.tokens.get(at + 2)) {
            return Err(wrong(&token, "import takes one file, pattern or snippet"));
        }
        let pattern = self.expand(&argument);
        if pattern.is_empty() {
            return Err(wrong(&token, "import names no file"));
        }
        self.imports += 1;
        let imported = match self.snippets.get(&pattern) {
            Some(body) => body.clone(),
            None => self.import_files(&token, &pattern)?,
        };
        self.imported += imported.iter().map(|token| token.text.len()).sum::<usize>();
        if self.imported > MOST_BYTES {
            return Err(wrong(&token, "imports bring more text than any Corefile has"));
        }
        if self.imports > MOST_IMPORTS || self.tokens.len() + imported.len() > MOST_WORDS {
            return Err(wrong(&token, "imports go round in a circle"));
        }
        self.tokens.splice(at..at + 2, imported);
        Ok(at < self.tokens.len())
    }

    fn import_files(&mut self, token: &CorefileToken, pattern: &str) -> Result<Vec<CorefileToken>, Note> {
        let beside = token.file.parent().unwrap_or(Path::new("/"));
        let path = clean(&beside.join(pattern));
        let text = path.to_string_lossy();
        let many = |c| text.matches(c).count() > 1;
        if many('*') || many('?') || (text.contains('[') && text.contains(']')) {
            return Err(wrong(token, "a pattern to import may hold one * only"));
        }
        let unknown = |reason: &dyn std::fmt::Display| {
            Note::unknown(
                token.place(),
                format_args!("import {pattern}: cannot be read, so what it holds is not known ({reason})"),
            )
        };
        let is_pattern = text.contains(['*', '?', '[', ']']);
        let found = if is_pattern { glob(self.files, &path) } else { Ok(vec![path.clone()]) };
        let found = match found {
            Ok(found) => found,
            Err(error) => {
                self.parsed.incomplete = true;
                self.parsed.notes.push(unknown(&error));
                return Ok(Vec::new());
            }
        };
        if found.is_empty() {
            let note = format_args!("import {pattern}: no file is there, so it imports nothing");
            self.parsed.notes.push(Note::unknown(token.place(), note));
        }
        let mut imported = Vec::new();
        for file in found {
            match self.files.read(&file) {
                Ok(text) => imported.extend(tokens(&Arc::from(file), &text)),
                Err(error) => {
                    self.parsed.incomplete = true;
                    self.parsed.notes.push(unknown(&error));
                }
            }
        }
        Ok(imported)
    }
}

/// Returns a path without `.` and `..`.
pub(super) fn clean(path: &Path) -> PathBuf {
    let mut cleaned = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir if cleaned.file_name().is_some() => drop(cleaned.pop()),
            Component::ParentDir if cleaned.has_root() => {}
            Component::Prefix(_) | Component::RootDir | Component::ParentDir | Component::Normal(_) => {
                cleaned.push(part);
            }
        }
    }
    cleaned
}
