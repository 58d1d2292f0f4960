//! Meaning of the typed line, for Enter.
use super::{Does, Palette, Suggestion, suggestion::EXPLAIN};
use crate::{
    app::keymap::{Command, May},
    dns::{Name, half_width},
    etcdctl::{Explanation, explain, looks_like_a_line},
    keys::{Revision, Scope, ScopedKey},
    plan::Intent,
};

/// Meaning of the typed line for Enter.
#[derive(Debug)]
pub(in crate::app) enum PaletteLine {
    Nothing,
    Go(ScopedKey),
    Answer(Name),
    /// The whole tree as of a revision; `None` stands for now.
    At(Option<Revision>),
    Remove(Intent),
    /// Explanations of etcdctl lines. None is run; merely pasted ones are opened as changes of this program.
    Explain {
        lines: Vec<Explanation>,
        is_asked: bool,
    },
    Run(Command),
    Wrong(String),
}

/// Words before a line that keep it a command of the palette, even if it names etcdctl.
const OWN: [&str; 4] = ["go ", "answer ", "at ", "rm "];

impl Palette {
    /// The text that is to be explained: the words behind `explain`, or a pasted etcdctl line.
    #[must_use]
    pub fn pasted(&self) -> Option<&str> {
        let text = self.input.value().trim();
        if let Some(line) = text.strip_prefix("explain ") {
            return Some(line.trim_start());
        }
        let is_own = OWN.iter().any(|own| text.starts_with(own)) && !text.contains(['\n', ';', '&', '|']);
        (!is_own && looks_like_a_line(text)).then_some(text)
    }

    pub(in crate::app) fn parse(&self, scope: &Scope, may: May) -> PaletteLine {
        let line = self.input.value().trim();
        if let Some(pasted) = self.pasted() {
            return match explain(pasted.as_bytes(), scope) {
                lines if lines.is_empty() => PaletteLine::Wrong(
                    "there is no etcdctl in it: paste a whole line, as etcdctl get /x; it is not run"
                        .to_owned(),
                ),
                lines => PaletteLine::Explain { lines, is_asked: line.starts_with("explain ") },
            };
        }
        // No name, key or command of the palette has letters outside ASCII: an input method was left on.
        let line = &half_width(line);
        if let Some(remove) = parse_remove(line, scope) {
            return match remove {
                Ok(_) if may == May::Look => PaletteLine::Wrong("this session is read-only".to_owned()),
                Ok(_) if may == May::PutBack => PaletteLine::Wrong(
                    "this is an old revision: at now goes back to where it can be changed".to_owned(),
                ),
                Ok(intent) => PaletteLine::Remove(intent),
                Err(wrong) => PaletteLine::Wrong(wrong),
            };
        }
        if let Some(target) = line.strip_prefix("go ") {
            return target_key(target.trim(), scope).map_or_else(PaletteLine::Wrong, PaletteLine::Go);
        }
        if let Some(name) = line.strip_prefix("answer ") {
            return Name::typed(scope, name.trim())
                .map_or_else(|error| PaletteLine::Wrong(error.in_one_line()), PaletteLine::Answer);
        }
        if let Some(at) = line.strip_prefix("at ") {
            return parse_at(at.trim());
        }
        match self.suggestions(may).get(self.cursor) {
            Some(Suggestion { does: Does::Run(command), .. }) => PaletteLine::Run(*command),
            Some(suggestion) if *suggestion == EXPLAIN && !line.is_empty() => {
                PaletteLine::Wrong("explain what? Paste an etcdctl line behind it; it is not run".to_owned())
            }
            Some(Suggestion { text, .. }) if !line.is_empty() => PaletteLine::Wrong(format!("{text} what?")),
            Some(_) if line.is_empty() => PaletteLine::Nothing,
            _ => PaletteLine::Wrong(format!("no command matches {line:?}")),
        }
    }
}

pub(super) fn parse_remove(line: &str, scope: &Scope) -> Option<Result<Intent, String>> {
    let rest = line.trim_start().strip_prefix("rm ")?.trim();
    let (recursive, target) = match rest.strip_prefix("-r").or_else(|| rest.strip_prefix("--recursive")) {
        Some(target) if target.is_empty() || target.starts_with(' ') => (true, target.trim()),
        _ => (false, rest),
    };
    // With -r a key may be given as the subtree's key, with its closing slash.
    let target = if recursive { target.strip_suffix('/').unwrap_or(target) } else { target };
    Some(
        target_key(target, scope)
            .map(|key| if recursive { Intent::DeleteSubtree { name: key } } else { Intent::Delete { key } }),
    )
}

fn parse_at(at: &str) -> PaletteLine {
    match at.replace(',', "").parse() {
        Ok(revision @ 1..) => PaletteLine::At(Some(Revision(revision))),
        _ if at == "now" => PaletteLine::At(None),
        _ => PaletteLine::Wrong(format!("{at:?} is no revision: at 8841, or at now")),
    }
}

/// A key that starts with a slash, or a name's own key.
pub(in crate::app) fn target_key(target: &str, scope: &Scope) -> Result<ScopedKey, String> {
    if target.starts_with('/') {
        scope.spelled_key(target).map_err(|error| error.to_string())
    } else {
        let name = Name::typed(scope, target).map_err(|error| error.in_one_line())?;
        name.key(scope).map_err(|error| error.to_string())
    }
}
