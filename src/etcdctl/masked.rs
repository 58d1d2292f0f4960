//! Words of a line as they may be shown: without the secrets that people put into command lines.
use super::{look_alike, quoted, shell::Word};
use crate::foreign_text::ForeignText;

/// What stands in the place of a secret, as in etcd's own logs.
const MASK: &[u8] = b"***";
/// Flags with a secret, without their dashes, and the variables of etcdctl with one.
const SECRETS: [&str; 4] = ["password", "new-user-password", "dest-password", "auth-jwt-token"];
const SECRET_VARIABLES: [&str; 2] = ["ETCDCTL_PASSWORD", "ETCDCTL_AUTH_JWT_TOKEN"];
/// Those with a secret behind a colon.
const USERS: [&str; 2] = ["user", "dest-user"];
const USER_VARIABLE: &str = "ETCDCTL_USER";

/// What of a word is secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Secret {
    Nothing,
    All,
    BehindColon,
}

/// The same words. What stands behind `--` is no flag, and a word with blanks in it may be a line of its own.
pub(super) fn masked(words: &[Word]) -> Vec<Word> {
    let texts: Vec<&[u8]> = words.iter().map(|word| word.bytes.as_slice()).collect();
    let shown = of_texts(&texts);
    words.iter().zip(shown).map(|(word, bytes)| Word { bytes, ..word.clone() }).collect()
}

/// Words as they can be pasted again, except for what is secret.
pub(super) fn shown(words: &[Word]) -> String {
    let one = |word: &Word| {
        let text = |bytes: &[u8]| ForeignText(bytes).to_string();
        match word.assignment() {
            _ if word.unknown.is_some() => text(&word.bytes),
            Some((name, value)) => format!("{}={}", text(name), quoted(&text(value))),
            None => quoted(&text(&word.bytes)),
        }
    };
    masked(words).iter().map(one).collect::<Vec<_>>().join(" ")
}

fn of_texts(texts: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut shown: Vec<Vec<u8>> = Vec::with_capacity(texts.len());
    let mut next = Secret::Nothing;
    let mut is_over = false;
    for (at, text) in texts.iter().enumerate() {
        is_over |= *text == b"--";
        let before = |back: usize| at.checked_sub(back).and_then(|at| texts.get(at).copied());
        let bytes = if is_over {
            (*text).to_vec()
        } else if next != Secret::Nothing {
            hidden(text, std::mem::replace(&mut next, Secret::Nothing))
        } else if text.iter().any(u8::is_ascii_whitespace) {
            // Also a password that was quoted with a blank stands behind its flag, and is hidden above.
            let parts: Vec<&[u8]> = text.split(u8::is_ascii_whitespace).collect();
            // Each blank stays the one that it is: a carriage return is to be seen.
            let blanks = text.iter().filter(|byte| byte.is_ascii_whitespace()).map(Some).chain([None]);
            let pieces = of_texts(&parts).into_iter().zip(blanks);
            pieces.flat_map(|(part, blank)| part.into_iter().chain(blank.copied())).collect()
        } else if let Some(meant) = as_meant(text) {
            // No flag to etcdctl, and a secret all the same.
            next = secret(meant.as_bytes());
            let parts: Vec<&[u8]> = meant.split(' ').map(str::as_bytes).collect();
            let shown = of_texts(&parts);
            if shown == parts { (*text).to_vec() } else { shown.join(&b' ') }
        } else if let Some(equals) = text.iter().position(|byte| *byte == b'=') {
            let (name, value) = text.split_at(equals + 1);
            [name, &hidden(value, secret(name.get(..equals).unwrap_or_default()))].concat()
        } else {
            next = secret(text);
            // `user add NAME:PASSWORD`.
            let of_user = before(1) == Some(b"add") && before(2) == Some(b"user");
            hidden(text, if of_user { Secret::BehindColon } else { Secret::Nothing })
        };
        shown.push(bytes);
    }
    shown
}

/// The text without characters that only look like others, where there are such.
fn as_meant(text: &[u8]) -> Option<String> {
    look_alike::found(text)?;
    std::str::from_utf8(text).ok().map(look_alike::as_meant)
}

/// What the value is of a flag or a variable of this name.
fn secret(name: &[u8]) -> Secret {
    let is = |known: &str| known.as_bytes() == name;
    // One dash or three are a mistake that shows a password as well as two do.
    let dashes = name.iter().take_while(|byte| **byte == b'-').count();
    let flag = name.get(dashes..).filter(|_| dashes > 0);
    let is_flag = |known: &&str| flag == Some(known.as_bytes());
    if SECRET_VARIABLES.into_iter().any(is) || SECRETS.iter().any(&is_flag) {
        Secret::All
    } else if is(USER_VARIABLE) || USERS.iter().any(is_flag) {
        Secret::BehindColon
    } else {
        Secret::Nothing
    }
}

fn hidden(text: &[u8], secret: Secret) -> Vec<u8> {
    match (secret, text.iter().position(|byte| *byte == b':')) {
        (Secret::All, _) => MASK.to_vec(),
        (Secret::BehindColon, Some(colon)) => [text.get(..=colon).unwrap_or_default(), MASK].concat(),
        (Secret::BehindColon, None) | (Secret::Nothing, _) => text.to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_shown_in_none_of_the_ways_in_which_people_write_it() {
        for (line, shown) in [
            (&["--user", "root:s3cret", "del", "/x"][..], &["--user", "root:***", "del", "/x"][..]),
            (&["--user=root:s3:cret", "del"], &["--user=root:***", "del"]),
            (&["--user", "root", "--password", "s3 cret"], &["--user", "root", "--password", "***"]),
            (&["--password=s3cret", "del"], &["--password=***", "del"]),
            (&["-password=s3cret", "del"], &["-password=***", "del"]),
            (&["ETCDCTL_PASSWORD=s3cret", "etcdct"], &["ETCDCTL_PASSWORD=***", "etcdct"]),
            (&["ETCDCTL_USER=root:s3cret"], &["ETCDCTL_USER=root:***"]),
            (&["user", "add", "ada:s3cret"], &["user", "add", "ada:***"]),
            (
                &["user", "add", "ada", "--new-user-password", "s3cret"],
                &["user", "add", "ada", "--new-user-password", "***"],
            ),
            (&["-c", "etcdctl --password s3cret get /"], &["-c", "etcdctl --password *** get /"]),
            (&["\u{2013}password", "s3cret"], &["\u{2013}password", "***"]),
            (&["--password\u{a0}s3cret", "del"], &["--password ***", "del"]),
            (&["--p\u{430}ssword=s3cret"], &["--password=***"]),
            (&["\u{2014}user\u{a0}root:s3\u{2019}cret"], &["--user root:***"]),
        ] {
            let words: Vec<_> = line.iter().map(|word| Word::read(word.as_bytes())).collect();
            let masked = masked(&words);
            let masked: Vec<_> = masked.iter().map(|word| String::from_utf8_lossy(&word.bytes)).collect();
            assert_eq!(masked, shown, "{line:?}");
        }
    }

    #[test]
    fn a_key_that_only_looks_like_a_secret_is_shown() {
        for line in [&["put", "--", "--password", "value"][..], &["del", "/user:1"], &["get", "user", "add"]]
        {
            let words: Vec<_> = line.iter().map(|word| Word::read(word.as_bytes())).collect();
            assert_eq!(masked(&words), words);
        }
    }
}
