use super::brief::brief;
use crate::{
    cli::{
        command_error::CommandError,
        cut::ellipsis,
        known::KnownLine,
        output::{Screen, print_lines, terminal_size, wrapped},
        style::Style,
    },
    failure::Failure,
    foreign_text::ForeignText,
    quantity::counted,
    remedy::Remedy,
};
use serde::Serialize;

/// Check with its result. All texts may hold text of others, and are shown escaped.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_field_names, reason = "the fields' names are those of the JSON")]
pub(super) struct Check {
    pub(super) check: &'static str,
    pub(super) level: CheckLevel,
    pub(super) value: String,
    /// The source of the value: a flag, a variable, a file, an endpoint.
    pub(super) source: Option<String>,
    /// The remedy; always there if something is wrong.
    pub(super) remedy: Option<String>,
    /// The known facts about lost keys.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) known: Option<KnownLine>,
    /// The value in few words, for a small screen.
    #[serde(skip)]
    pub(super) few_words: Option<String>,
    /// True if these words suffice there, even if something is wrong.
    #[serde(skip)]
    pub(super) few_words_suffice: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum CheckLevel {
    Ok,
    Warning,
    Error,
}

impl Check {
    pub(super) fn ok(check: &'static str, value: impl Into<String>) -> Self {
        Self {
            check,
            level: CheckLevel::Ok,
            value: value.into(),
            source: None,
            remedy: None,
            known: None,
            few_words: None,
            few_words_suffice: false,
        }
    }

    pub(super) fn warning(check: &'static str, value: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { level: CheckLevel::Warning, remedy: Some(remedy.into()), ..Self::ok(check, value) }
    }

    pub(super) fn error(check: &'static str, value: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self { level: CheckLevel::Error, remedy: Some(remedy.into()), ..Self::ok(check, value) }
    }

    pub(super) fn failed(check: &'static str, failure: &Failure) -> Self {
        Self::error(check, failure.to_string(), failure.remedy())
    }

    pub(super) fn from(self, source: &(impl ToString + ?Sized)) -> Self {
        Self { source: Some(source.to_string()), ..self }
    }

    pub(super) fn briefly(self, words: impl Into<String>) -> Self {
        Self { few_words: Some(words.into()), ..self }
    }

    /// Gives a short form that suffices even for a warning: a list of which the screen shows only the length.
    pub(super) fn briefly_in_any_case(self, words: impl Into<String>) -> Self {
        Self { few_words_suffice: true, ..self.briefly(words) }
    }

    pub(super) fn in_few_words(&self) -> &str {
        self.few_words.as_deref().unwrap_or(&self.value)
    }
}

/// Prints all checks: as a list in JSON, or for a person with the worst result at the end.
pub(super) fn print(screen: &Screen, checks: &[Check]) -> Result<(), CommandError> {
    if screen.is_json() {
        let safe: Vec<Check> = checks.iter().map(escaped).collect();
        return print_lines([serde_json::to_string(&safe).unwrap_or_default()]);
    }
    let names = checks.iter().map(|check| check.check.len()).max().unwrap_or_default();
    let whole: Vec<String> = checks.iter().flat_map(|check| lines(check, names, screen.style)).collect();
    // The last line of a terminal is the prompt's, and the one before it has the summary.
    let fits = terminal_size().is_none_or(|(_, rows)| whole.len() + 2 <= rows);
    let ellipsis = ellipsis(screen.ascii);
    let mut lines = if fits { whole } else { brief(checks, names, screen.style, ellipsis) };
    let number = |level| checks.iter().filter(|check| check.level == level).count();
    let mut sum = match (number(CheckLevel::Error), number(CheckLevel::Warning)) {
        (0, 0) => format!("{}, no warning, no error.", counted(checks.len(), "check")),
        (0, warnings) => format!("{}, no error.", counted(warnings, "warning")),
        (errors, warnings) => format!("{}, {}.", counted(errors, "error"), counted(warnings, "warning")),
    };
    if !fits {
        sum.push_str(" Cut to fit: coredeck doctor | less shows all.");
    }
    lines.push(sum);
    print_lines(lines)
}

pub(super) fn lines(check: &Check, names: usize, style: Style) -> Vec<String> {
    let level = match check.level {
        CheckLevel::Ok => "ok     ",
        CheckLevel::Warning => "warning",
        CheckLevel::Error => "ERROR  ",
    };
    // A failure names its endpoint itself.
    let from = check.source.as_ref().filter(|source| !check.value.contains(*source));
    let from = from.map_or_else(String::new, |source| format!(" ({source})"));
    let first = format!("{level}  {:<names$}  ", check.check);
    let mut lines = wrapped(&first, &format!("{}{from}", check.value));
    if let (Some(line), CheckLevel::Warning | CheckLevel::Error) = (lines.first_mut(), check.level)
        && let Some(rest) = line.strip_prefix(level)
    {
        *line = style.bold(level) + rest;
    }
    let indent = " ".repeat(first.len());
    for remedy in check.remedy.iter().flat_map(|remedy| remedy.lines()) {
        lines.extend(wrapped(&format!("{indent}-> "), remedy));
    }
    lines
}

fn escaped(check: &Check) -> Check {
    let safe = |text: &str| ForeignText::from(text).to_string();
    Check {
        few_words: None,
        few_words_suffice: false,
        known: check.known.clone(),
        check: check.check,
        level: check.level,
        value: safe(&check.value),
        source: check.source.as_deref().map(safe),
        remedy: check.remedy.as_deref().map(|remedy| remedy.lines().map(safe).collect::<Vec<_>>().join("\n")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_is_a_line_with_its_level_in_words_and_its_remedy_below() {
        let bad = Check::warning("key", "/etc/k.key, mode 0644", "chmod 0600 it.").from("ETCDCTL_KEY");
        assert_eq!(
            lines(&bad, 4, Style::default()),
            ["warning  key   /etc/k.key, mode 0644 (ETCDCTL_KEY)", "               -> chmod 0600 it."]
        );
    }

    #[test]
    fn nothing_of_others_comes_out_raw() {
        let hostile = Check::error("endpoint", "\u{1b}[2J", "\u{9b}31m").from("\u{202e}");
        let json = serde_json::to_string(&escaped(&hostile)).unwrap();
        assert_eq!(
            json,
            r#"{"check":"endpoint","level":"error","value":"\\u{1b}[2J","source":"\\u{202e}","remedy":"\\u{9b}31m"}"#
        );
        let shown = lines(&hostile, 8, Style::default()).concat();
        assert!(shown.chars().all(|c| !c.is_control() && c != '\u{202e}'), "{shown:?}");
    }
}
