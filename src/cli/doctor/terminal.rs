//! Terminal of this session, with the abilities that the deck uses.
use super::check::Check;
use crate::terminal::Terminal;
use std::{
    env,
    io::{self, IsTerminal as _},
};

/// The size that the deck's screens are made for, and the least that they need.
const WELL: (u16, u16) = (80, 24);
const LEAST: (u16, u16) = (24, 6);

pub(super) fn checks(ascii: bool, no_color: bool) -> Vec<Check> {
    let size =
        if io::stdin().is_terminal() && io::stdout().is_terminal() { Terminal::size().ok() } else { None };
    judged(size, ascii, no_color, |name| env::var(name).ok().filter(|value| !value.is_empty()))
}

fn judged(
    size: Option<(u16, u16)>,
    ascii: bool,
    no_color: bool,
    variable: impl Fn(&str) -> Option<String>,
) -> Vec<Check> {
    let Some((columns, rows)) = size else {
        return vec![Check::ok("terminal", "none here: the deck needs one, the other commands do not")];
    };
    let kind = variable("TERM").unwrap_or_default();
    // A serial console does not report its size.
    let is_sized = columns > 0 && rows > 0;
    let size = if is_sized { format!("{columns}x{rows}") } else { "of an unknown size".to_owned() };
    let value = format!("{size}, TERM={kind}");
    if kind.is_empty() || kind == "dumb" {
        let remedy = "Use a terminal that moves its cursor, and set TERM to what it is.";
        return vec![Check::error("terminal", value, remedy)];
    }
    let terminal = if !is_sized {
        Check::warning("terminal", value, "Say how large it is: stty rows 24 columns 80.")
    } else if columns < LEAST.0 || rows < LEAST.1 {
        Check::error("terminal", value, format!("Make it larger: the deck needs {}x{}.", LEAST.0, LEAST.1))
    } else if columns < WELL.0 || rows < WELL.1 {
        Check::warning(
            "terminal",
            value,
            format!("Make it {}x{} or more, to see all of a screen.", WELL.0, WELL.1),
        )
    } else {
        Check::ok("terminal", value)
    };
    let colours = match variable("COLORTERM") {
        _ if no_color => Check::ok("colours", "none: NO_COLOR is set, and nothing is said by colour alone"),
        Some(depth) => Check::ok("colours", depth).from("COLORTERM"),
        None => Check::ok("colours", "16").briefly("16 colours"),
    };
    let letters = if ascii {
        let remedy = "Set LC_ALL=C.UTF-8, where the terminal shows UTF-8.";
        Check::warning("letters", "ASCII only: the locale is not UTF-8, or --ascii was given", remedy)
    } else {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().find_map(&variable).unwrap_or_default();
        // For these languages some terminals draw the ambiguous signs of UAX #11 two columns wide, lines and marks
        // among them.
        if ["zh", "ja", "ko"].iter().any(|language| locale.starts_with(language)) {
            Check::ok("letters", "UTF-8; --ascii where lines and signs are two columns wide").briefly("UTF-8")
        } else {
            Check::ok("letters", "UTF-8")
        }
    };
    vec![terminal, colours, letters, clipboard(&kind, &variable)]
}

/// Checks the clipboard. No terminal confirms that a text arrived there, so only those are known that drop it.
fn clipboard(kind: &str, variable: &impl Fn(&str) -> Option<String>) -> Check {
    if variable("TMUX").is_some() {
        return Check::ok("clipboard", "OSC 52, through tmux where its set-clipboard is on or external")
            .briefly("OSC 52 through tmux");
    }
    if variable("STY").is_some() || kind.starts_with("screen") {
        let remedy = "Use tmux to copy from the deck, or select with the mouse.";
        return Check::warning(
            "clipboard",
            "screen passes no OSC 52: what is copied does not arrive",
            remedy,
        );
    }
    if kind == "linux" {
        let remedy = "Log in over ssh from a terminal that has a clipboard.";
        return Check::warning("clipboard", "a console has none", remedy);
    }
    Check::ok("clipboard", "OSC 52, where the terminal takes it").briefly("OSC 52")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::doctor::check::CheckLevel;

    fn levels(size: (u16, u16), ascii: bool, variables: &[(&str, &str)]) -> Vec<(&'static str, CheckLevel)> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(is, _)| *is == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        judged(Some(size), ascii, false, variable).iter().map(|check| (check.check, check.level)).collect()
    }

    #[test]
    fn a_terminal_is_judged_by_what_the_deck_needs() {
        for (size, ascii, variables, worse) in [
            ((80, 24), false, &[("TERM", "xterm-256color")][..], &[][..]),
            ((80, 24), false, &[("TERM", "screen"), ("TMUX", "x")], &[]),
            ((79, 24), false, &[("TERM", "xterm")], &[("terminal", CheckLevel::Warning)]),
            ((0, 0), false, &[("TERM", "vt100")], &[("terminal", CheckLevel::Warning)]),
            ((20, 5), false, &[("TERM", "xterm")], &[("terminal", CheckLevel::Error)]),
            ((80, 24), true, &[("TERM", "xterm")], &[("letters", CheckLevel::Warning)]),
            ((80, 24), false, &[("TERM", "screen"), ("STY", "1.x")], &[("clipboard", CheckLevel::Warning)]),
            ((80, 24), false, &[("TERM", "linux")], &[("clipboard", CheckLevel::Warning)]),
            ((80, 24), false, &[("TERM", "dumb")], &[("terminal", CheckLevel::Error)]),
        ] {
            let all = levels(size, ascii, variables);
            let not_ok: Vec<_> = all.into_iter().filter(|(_, level)| *level != CheckLevel::Ok).collect();
            assert_eq!(not_ok, worse, "{size:?} {variables:?}");
        }
    }

    #[test]
    fn where_ambiguous_characters_may_be_wide_ascii_is_named() {
        for (locale, named) in
            [("ja_JP.UTF-8", true), ("zh_CN.UTF-8", true), ("C.UTF-8", false), ("de_DE.UTF-8", false)]
        {
            let variable = |name: &str| match name {
                "TERM" => Some("xterm".to_owned()),
                "LANG" => Some(locale.to_owned()),
                _ => None,
            };
            let told = judged(Some((80, 24)), false, false, variable);
            let letters = told.iter().find(|check| check.check == "letters").unwrap();
            assert_eq!(
                (letters.level, letters.value.contains("--ascii")),
                (CheckLevel::Ok, named),
                "{locale}"
            );
        }
    }

    #[test]
    fn where_there_is_no_terminal_nothing_is_wrong() {
        let checks = judged(None, true, false, |_| None);
        assert!(matches!(&checks[..], [check] if check.level == CheckLevel::Ok));
    }
}
