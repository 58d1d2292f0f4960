//! Secrets in a line: the names that announce them, and the mask that hides them.
use super::look_alike;

/// Mask that replaces a secret, as in etcd's own logs.
pub(super) const MASK: &[u8] = b"***";
/// A part of a name that says that a secret stands behind it, however it is spelled.
const SECRET: &[&str] = &[
    "pass",
    "pwd",
    "psw",
    "secret",
    "token",
    "cred",
    "apikey",
    "accesskey",
    "authkey",
    "certificatekey",
    "keydata",
    "privatekey",
    "bearer",
    "authorization",
    "cookie",
    "session",
    // In other languages.
    "contrase",
    "senha",
    "kennwort",
    "geheim",
    "wachtwoord",
    "parol",
    "haslo",
    "heslo",
    "salasana",
    "\u{5bc6}\u{7801}",
    "\u{53e3}\u{4ee4}",
];
/// A word of a name that says so by itself.
const SECRET_WORDS: &[&str] = &["pw", "jwt", "otp", "pin", "auth"];
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
    // `- name: DB_PASSWORD` and below it `value: s3cret`: a value in a list of fields may be anything.
    if is_variable && name == "value" {
        return Secret::All;
    }
    let joined = name.replace(['-', '_'], "");
    let is_secret = SECRET.iter().any(|part| joined.contains(part))
        || name
            .split(['-', '_'])
            .any(|part| SECRET_WORDS.contains(&part) || MISTYPED.iter().any(|right| is_nearly(part, right)));
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
        Secret::Nothing => without_fields(&without_login(text)),
    }
}

/// A text that has fields with names of their own, as a body of JSON, a header and a URL's query: without the values of
/// those that are secret.
pub(super) fn without_fields(text: &[u8]) -> Vec<u8> {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || b"-_".contains(byte);
    let mut shown = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.iter().position(is_name) {
        let (before, from) = rest.split_at(start);
        shown.extend_from_slice(before);
        let (name, behind) = from.split_at(from.iter().position(|byte| !is_name(byte)).unwrap_or(from.len()));
        shown.extend_from_slice(name);
        rest = behind;
        // A key that is called so is a key.
        if shown.len() > name.len() && shown.get(shown.len() - name.len() - 1) == Some(&b'/') {
            continue;
        }
        let Some((sign, value)) = value_behind(behind) else { continue };
        if value.is_empty() || secret(&[name, b":"].concat()) != Secret::All {
            continue;
        }
        let (sign, behind_sign) = behind.split_at(sign);
        shown.extend_from_slice(sign);
        shown.extend_from_slice(MASK);
        rest = behind_sign.get(value.len()..).unwrap_or_default();
    }
    shown.extend_from_slice(rest);
    shown
}

/// Where the value of a field begins behind its name, and the value: up to its quote's end, or to the next field.
fn value_behind(text: &[u8]) -> Option<(usize, &[u8])> {
    let blank = |byte: &u8| byte.is_ascii_whitespace() || b"\\\"'".contains(byte);
    let at = text.iter().position(|byte| !blank(byte))?;
    let sign = *text.get(at).filter(|byte| b":=".contains(byte))?;
    let (begin, behind) = (at + 1, text.get(at + 1..)?);
    // A shell's assignment of nothing ends at its blank.
    let is_before = |byte: &u8| blank(byte) && (sign == b':' || !byte.is_ascii_whitespace());
    let at = behind.iter().position(|byte| !is_before(byte)).unwrap_or(behind.len());
    let (open, value) = behind.split_at(at);
    let end = match open.iter().rev().find(|byte| b"\"'".contains(byte)) {
        Some(quote) => value.iter().position(|byte| byte == quote || *byte == b'\\'),
        None => value.iter().position(|byte| byte.is_ascii_whitespace() || b"&,;}\"'".contains(byte)),
    };
    Some((begin + at, value.get(..end.unwrap_or(value.len()))?))
}

/// Tells whether a word is a name and a possible password, and no host with its port and no path: `root:s3cret`.
pub(super) fn is_login(text: &[u8]) -> bool {
    let Some(colon) = text.iter().position(|byte| *byte == b':') else { return false };
    let (name, behind) = text.split_at(colon);
    let behind = behind.get(1..).unwrap_or_default();
    let is_name = name.first().is_some_and(u8::is_ascii_alphabetic)
        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-_.".contains(byte));
    let is_place = behind.first().is_none_or(|byte| *byte == b'/')
        || behind.split(|byte| b":/,".contains(byte)).next().is_some_and(is_port);
    is_name && !is_place && !is_version(behind)
}

/// Tells whether a text is the version behind the name of an image: `etcd:v3.5.21-0`.
fn is_version(text: &[u8]) -> bool {
    let number = text.strip_prefix(b"v").unwrap_or(text);
    let is_number = number.first().is_some_and(u8::is_ascii_digit) && number.contains(&b'.');
    let is_plain = number.iter().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(byte));
    text == b"latest" || is_number && is_plain
}

fn is_port(text: &[u8]) -> bool {
    text.len() <= 5 && text.iter().all(u8::is_ascii_digit)
}

/// `NAME:***`, with a colon of any width.
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
    // A name alone is none, except in a URL, where it may be a token.
    let is_url = before.ends_with(b"http://") || before.ends_with(b"https://");
    let alone = || if is_url { MASK.to_vec() } else { login.to_vec() };
    let login = behind_colon(login).unwrap_or_else(alone);
    [before, &login, host, &without_login(behind)].concat()
}
