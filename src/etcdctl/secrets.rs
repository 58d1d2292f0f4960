//! Secrets in a line: the names that announce them, and the mask that hides them.
use super::look_alike;

/// Mask that replaces a secret, as in etcd's own logs.
pub(super) const MASK: &[u8] = b"***";
/// Parts of names that announce a secret, in any spelling of the name.
const SECRET: &[&str] =
    &["pass", "pwd", "psw", "secret", "token", "credential", "apikey", "bearer", "authorization"];
/// Words that are mistyped more often than others.
const MISTYPED: &[&str] = &["password", "passwd", "token"];
/// Part of a word that is secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secret {
    Nothing,
    All,
    BehindColon,
}

/// Tells whether a variable of this name holds a secret.
pub(super) fn is_secret(name: &[u8]) -> bool {
    secret_of_value(name) == Secret::All
}

/// Returns the secret part of the word behind this name: a flag with any number of dashes, a variable, or a field.
pub(super) fn secret(name: &[u8]) -> Secret {
    let text = look_alike::as_meant(&String::from_utf8_lossy(name)).to_lowercase();
    let is_flag = text.starts_with('-');
    let name = text.trim_start_matches('-').trim_end_matches(':');
    let is_name = |c: char| c.is_alphanumeric() || c == '-' || c == '_';
    if name.is_empty() || !name.chars().all(is_name) {
        return Secret::Nothing;
    }
    // `--no-password` and `--keep-token` announce none; a word that is not a flag may be a command.
    let is_variable = !is_flag && name.len() < text.len();
    let is_secret = SECRET.iter().any(|part| name.contains(part))
        || name
            .split(['-', '_'])
            .any(|part| part == "pw" || MISTYPED.iter().any(|right| is_nearly(part, right)));
    let is_user = name.split(['-', '_']).any(|part| part == "user" || part == "login" || part == "username");
    match (is_secret, is_user) {
        (true, _) if is_flag || is_variable => Secret::All,
        (_, true) if is_flag || is_variable => Secret::BehindColon,
        _ if is_flag && text == "-u" => Secret::BehindColon,
        _ => Secret::Nothing,
    }
}

/// Does the same for a name before an equals sign, which may be a variable's.
pub(super) fn secret_of_value(name: &[u8]) -> Secret {
    let found = secret(name);
    if found == Secret::Nothing { secret(&[name, b":"].concat()) } else { found }
}

/// Tells whether at most two letters are changed, added or missing.
fn is_nearly(word: &str, right: &str) -> bool {
    let (word, right): (Vec<char>, Vec<char>) = (word.chars().collect(), right.chars().collect());
    if word.len().abs_diff(right.len()) > 2 || word.len() < 4 {
        return false;
    }
    let most = if right.len() > 6 { 2 } else { 1 };
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (number, letter) in word.iter().enumerate() {
        let mut left = number + 1;
        let mut diagonal = number;
        for (place, other) in right.iter().enumerate() {
            let above = row.get(place + 1).copied().unwrap_or(usize::MAX);
            let best = (diagonal + usize::from(letter != other)).min(above + 1).min(left + 1);
            if let Some(cell) = row.get_mut(place) {
                *cell = left;
            }
            diagonal = above;
            left = best;
        }
        if let Some(cell) = row.last_mut() {
            *cell = left;
        }
    }
    row.last().is_some_and(|distance| *distance <= most)
}

pub(super) fn hidden(text: &[u8], secret: Secret) -> Vec<u8> {
    match secret {
        Secret::All => MASK.to_vec(),
        Secret::BehindColon => behind_colon(text).unwrap_or_else(|| text.to_vec()),
        Secret::Nothing => without_login(text),
    }
}

/// Returns `NAME:***`, with a colon of any width.
fn behind_colon(text: &[u8]) -> Option<Vec<u8>> {
    let colons = [":", "\u{ff1a}", "\u{fe55}", "\u{a789}", "\u{2236}"];
    let at = |colon: &str| {
        text.windows(colon.len()).position(|part| part == colon.as_bytes()).map(|at| at + colon.len())
    };
    let end = colons.into_iter().filter_map(at).min()?;
    Some([text.get(..end)?, MASK].concat())
}

/// Returns `https://NAME:***@host`.
pub(super) fn without_login(text: &[u8]) -> Vec<u8> {
    let scheme = text.windows(3).position(|part| part == b"://");
    let has_login = text.iter().position(|byte| *byte == b'@');
    if scheme.is_none() && has_login.is_none() {
        return text.to_vec();
    }
    let (before, rest) = text.split_at(scheme.map_or(0, |at| at + 3));
    let end = rest.iter().position(|byte| b"/?# ,\"'".contains(byte)).unwrap_or(rest.len());
    let (authority, behind) = rest.split_at(end);
    // The last sign counts, because a password may hold one.
    let Some(at) = authority.iter().rposition(|byte| *byte == b'@') else {
        let (first, rest) = behind.split_at(usize::from(!behind.is_empty()));
        return [before, authority, first, &without_login(rest)].concat();
    };
    let (login, host) = authority.split_at(at);
    // A name without a password is not a secret.
    let login = behind_colon(login).unwrap_or_else(|| login.to_vec());
    [before, &login, host, &without_login(behind)].concat()
}
