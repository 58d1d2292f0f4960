//! Transaction as `etcdctl txn` reads it from its standard input: conditions, an empty line, requests, an empty line,
//! other requests, an empty line.
use super::{
    EtcdctlVersion,
    commands::{CommandEffect, FoundCommand, IN_A_TXN, find},
    flag::{KnownFlags, ParsedFlags},
    request::{self, LineEffect},
};
use crate::etcdctl::shell::Stdin;

/// Requests that a transaction may make.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Txn {
    /// The requests if all conditions hold, and those if one does not; `None` if they are not known.
    pub(super) branches: Option<(Vec<LineEffect>, Vec<LineEffect>)>,
    pub(super) conditions: usize,
    /// True if it is read from a terminal, where nothing has been typed.
    pub(super) is_typed: bool,
}

/// Reads the three parts.
///
/// # Errors
/// Returns etcdctl's refusal of the first line that it does not understand; it sends nothing then.
pub(super) fn read(stdin: &Stdin, version: EtcdctlVersion) -> Result<Txn, String> {
    let Stdin::Text(text) = stdin else {
        return Ok(Txn { is_typed: *stdin == Stdin::Inherited, ..Txn::default() });
    };
    let mut lines = TxnLines(text);
    let mut conditions = 0;
    while let Some(line) = lines.next()? {
        condition(&line)?;
        conditions += 1;
    }
    let mut branch = || -> Result<Vec<LineEffect>, String> {
        let mut requests = Vec::new();
        while let Some(line) = lines.next()? {
            requests.push(operation(&line, version)?);
        }
        Ok(requests)
    };
    let branches = Some((branch()?, branch()?));
    Ok(Txn { branches, conditions, is_typed: false })
}

struct TxnLines<'t>(&'t [u8]);

impl TxnLines<'_> {
    /// The next line of a part, or none when an empty one ends it.
    fn next(&mut self) -> Result<Option<String>, String> {
        let end = self.0.iter().position(|byte| *byte == b'\n');
        let Some(end) = end else {
            return Err("its input ends before an empty line ends the third part".to_owned());
        };
        let (line, rest) = self.0.split_at(end);
        self.0 = rest.get(1..).unwrap_or_default();
        let line = std::str::from_utf8(line).map_err(|_| "a line is no text".to_owned())?.trim().to_owned();
        Ok((!line.is_empty()).then_some(line))
    }
}

/// Checks a condition: `mod("key") > "0"`.
fn condition(line: &str) -> Result<(), String> {
    let malformed = || format!("malformed comparison: {line}");
    let (target, rest) = line.split_once('(').ok_or_else(malformed)?;
    let is_number = match target {
        "ver" | "version" | "c" | "create" | "m" | "mod" => true,
        "val" | "value" | "lease" => false,
        _ => return Err(malformed()),
    };
    let (_, rest) = quoted(rest.trim_start()).ok_or_else(malformed)?;
    let rest = rest.strip_prefix(')').ok_or_else(malformed)?.trim_start();
    let (sign, rest) = rest.split_once(' ').ok_or_else(malformed)?;
    if !matches!(sign, "=" | "!=" | ">" | "<") {
        return Err(malformed());
    }
    let (value, _) = quoted(rest.trim_start()).ok_or_else(malformed)?;
    let number = std::str::from_utf8(&value).ok().and_then(|text| text.parse::<i64>().ok());
    if is_number && number.is_none() { Err(malformed()) } else { Ok(()) }
}

/// Reads one request: `put key "value"`, `del --prefix /x`.
fn operation(line: &str, version: EtcdctlVersion) -> Result<LineEffect, String> {
    let invalid = || format!("invalid txn request: {line}");
    let words = argify(line).ok_or_else(invalid)?;
    if words.len() < 2 {
        return Err(invalid());
    }
    // The line is a command of a transaction, which knows none of the flags that may stand before a command
    // elsewhere.
    let FoundCommand::Command(spec, words) = find(IN_A_TXN, &words, version) else { return Err(invalid()) };
    let parsed: ParsedFlags =
        KnownFlags { own: spec.flags, global: &[], version }.parse(&words).map_err(|_| invalid())?;
    match spec.deed {
        CommandEffect::Get if !parsed.arguments.is_empty() => request::get(&parsed),
        CommandEffect::Put if !parsed.arguments.is_empty() => request::put(&parsed, &Stdin::Text(Vec::new())),
        CommandEffect::Delete if (1..=2).contains(&parsed.arguments.len()) => {
            request::delete(&parsed, version)
        }
        CommandEffect::Get
        | CommandEffect::Put
        | CommandEffect::Delete
        | CommandEffect::Watch
        | CommandEffect::Lock
        | CommandEffect::Txn
        | CommandEffect::Told(..) => Err(invalid()),
    }
}

/// Splits a line as etcdctl itself does: words, `'...'`, and `"..."` as Go quotes.
pub(super) fn argify(line: &str) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    let mut rest = line.trim_start();
    while let Some(first) = rest.chars().next() {
        match first {
            '"' => {
                let (word, behind) = quoted(rest)?;
                words.push(word);
                rest = behind;
            }
            '\'' => {
                let (word, behind) = rest.strip_prefix('\'')?.split_once('\'')?;
                words.push(word.as_bytes().to_vec());
                rest = behind;
            }
            _ => {
                let end = rest.find(char::is_whitespace).unwrap_or(rest.len());
                let (word, behind) = rest.split_at_checked(end)?;
                words.push(word.as_bytes().to_vec());
                rest = behind;
            }
        }
        rest = rest.trim_start();
    }
    Some(words)
}

/// Reads a string as Go writes it, and returns the text behind it.
fn quoted(text: &str) -> Option<(Vec<u8>, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut out = Vec::new();
    loop {
        let c = rest.chars().next()?;
        rest = rest.get(c.len_utf8()..)?;
        match c {
            '"' => return Some((out, rest)),
            '\\' => {
                let escaped = rest.chars().next()?;
                rest = rest.get(escaped.len_utf8()..)?;
                let (digits, radix) = match escaped {
                    'x' => (2, 16),
                    'u' => (4, 16),
                    'U' => (8, 16),
                    '0'..='7' => (3, 8),
                    escaped => {
                        out.push(match escaped {
                            'a' => 7,
                            'b' => 8,
                            'f' => 0x0c,
                            'n' => b'\n',
                            'r' => b'\r',
                            't' => b'\t',
                            'v' => 0x0b,
                            '\\' => b'\\',
                            '"' => b'"',
                            _ => return None,
                        });
                        continue;
                    }
                };
                let from = if radix == 8 { text.len() - rest.len() - 1 } else { text.len() - rest.len() };
                let number = u32::from_str_radix(text.get(from..from + digits)?, radix).ok()?;
                rest = text.get(from + digits..)?;
                if matches!(escaped, 'u' | 'U') {
                    out.extend_from_slice(char::from_u32(number)?.encode_utf8(&mut [0; 4]).as_bytes());
                } else {
                    out.push(u8::try_from(number).ok()?);
                }
            }
            c => out.extend_from_slice(c.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}
