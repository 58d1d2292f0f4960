//! Flags as spf13/pflag reads them, the library that etcdctl uses.
use super::EtcdctlVersion;

/// Kind of value that a flag takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FlagKind {
    /// No value, or `=true` and the like; the next word is not its value.
    Bool,
    Text,
    Integer,
    Unsigned,
    /// `5s`, `1m30s`.
    Duration,
}

/// One flag of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flag {
    pub(super) long: &'static str,
    pub(super) short: Option<u8>,
    pub(super) kind: FlagKind,
    /// The first release that has it, and the first release that has it no more.
    pub(super) since: EtcdctlVersion,
    pub(super) until: Option<EtcdctlVersion>,
}

impl Flag {
    pub(super) const fn new(long: &'static str, kind: FlagKind) -> Self {
        Self { long, short: None, kind, since: EtcdctlVersion::V3_4, until: None }
    }

    pub(super) const fn short(self, short: u8) -> Self {
        Self { short: Some(short), ..self }
    }

    pub(super) const fn since(self, since: EtcdctlVersion) -> Self {
        Self { since, ..self }
    }

    pub(super) const fn until(self, until: EtcdctlVersion) -> Self {
        Self { until: Some(until), ..self }
    }

    fn is_in(&self, version: EtcdctlVersion) -> bool {
        self.since <= version && self.until.is_none_or(|until| version < until)
    }
}

/// The flags that a command of one release knows.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownFlags<'f> {
    pub(super) own: &'f [Flag],
    pub(super) global: &'f [Flag],
    pub(super) version: EtcdctlVersion,
}

/// Result of reading the words: the arguments, and the flags in their order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct ParsedFlags {
    pub(super) arguments: Vec<Vec<u8>>,
    flags: Vec<(&'static str, Vec<u8>)>,
}

impl ParsedFlags {
    /// Returns the last value of a flag.
    pub(super) fn value(&self, long: &str) -> Option<&[u8]> {
        self.values(long).last()
    }

    /// Returns all values of a flag, in their order.
    pub(super) fn values(&self, long: &str) -> impl Iterator<Item = &[u8]> {
        self.flags.iter().filter(move |(name, _)| *name == long).map(|(_, value)| value.as_slice())
    }

    pub(super) fn is_on(&self, long: &str) -> bool {
        self.value(long).and_then(boolean).unwrap_or(false)
    }

    /// Returns the names of the flags that were given.
    pub(super) fn given(&self) -> impl Iterator<Item = &'static str> {
        self.flags.iter().map(|(name, _)| *name)
    }
}

impl<'f> KnownFlags<'f> {
    fn all(&self) -> impl Iterator<Item = &'f Flag> {
        self.own.iter().chain(self.global).filter(|flag| flag.is_in(self.version))
    }

    fn long(&self, name: &[u8]) -> Option<&'f Flag> {
        self.all().find(|flag| flag.long.as_bytes() == name)
    }

    fn short(&self, name: u8) -> Option<&'f Flag> {
        self.all().find(|flag| flag.short == Some(name))
    }

    /// Tells whether cobra, when it looks for the command, takes the next word for the value of this one.
    pub(super) fn takes_next(&self, word: &[u8]) -> bool {
        if word.contains(&b'=') {
            return false;
        }
        let flag = match word {
            [b'-', b'-', name @ ..] => self.long(name),
            [b'-', name] => self.short(*name),
            _ => return false,
        };
        flag.is_none_or(|flag| flag.kind != FlagKind::Bool)
    }

    /// # Errors
    /// Returns etcdctl's refusal; etcdctl then does nothing.
    pub(super) fn parse(&self, words: &[Vec<u8>]) -> Result<ParsedFlags, String> {
        let mut parsed = ParsedFlags::default();
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match word.as_slice() {
                b"--" => {
                    parsed.arguments.extend(words.cloned());
                    break;
                }
                [b'-', b'-', name @ ..] => self.parse_long(name, &mut words, &mut parsed)?,
                [b'-', names @ ..] if !names.is_empty() => {
                    self.parse_short(names, &mut words, &mut parsed)?;
                }
                _ => parsed.arguments.push(word.clone()),
            }
        }
        Ok(parsed)
    }

    fn parse_long<'w>(
        &self,
        text: &[u8],
        rest: &mut impl Iterator<Item = &'w Vec<u8>>,
        parsed: &mut ParsedFlags,
    ) -> Result<(), String> {
        let shown = String::from_utf8_lossy(text).into_owned();
        if matches!(text.first(), Some(b'-' | b'=')) {
            return Err(format!("bad flag syntax: --{shown}"));
        }
        let equals = text.iter().position(|byte| *byte == b'=');
        let name = text.get(..equals.unwrap_or(text.len())).unwrap_or_default();
        let Some(flag) = self.long(name) else {
            return Err(format!("unknown flag: --{}", String::from_utf8_lossy(name)));
        };
        let value = match (equals, flag.kind) {
            (Some(equals), _) => text.get(equals + 1..).unwrap_or_default().to_vec(),
            (None, FlagKind::Bool) => b"true".to_vec(),
            (None, _) => rest.next().ok_or_else(|| format!("flag needs an argument: --{shown}"))?.clone(),
        };
        parsed.set(flag, value)
    }

    fn parse_short<'w>(
        &self,
        mut names: &[u8],
        rest: &mut impl Iterator<Item = &'w Vec<u8>>,
        parsed: &mut ParsedFlags,
    ) -> Result<(), String> {
        let all = String::from_utf8_lossy(names).into_owned();
        while let Some((name, behind)) = names.split_first() {
            let Some(flag) = self.short(*name) else {
                return Err(format!("unknown shorthand flag: {:?} in -{all}", char::from(*name)));
            };
            let value = match (behind, flag.kind) {
                ([b'=', value @ ..], _) if !value.is_empty() => value.to_vec(),
                (_, FlagKind::Bool) => {
                    parsed.set(flag, b"true".to_vec())?;
                    names = behind;
                    continue;
                }
                ([], _) => rest.next().ok_or_else(|| format!("flag needs an argument: -{all}"))?.clone(),
                (value, _) => value.to_vec(),
            };
            return parsed.set(flag, value);
        }
        Ok(())
    }
}

impl ParsedFlags {
    fn set(&mut self, flag: &Flag, value: Vec<u8>) -> Result<(), String> {
        let fits = match flag.kind {
            FlagKind::Bool => boolean(&value).is_some(),
            FlagKind::Text => true,
            FlagKind::Integer => integer(&value).is_some(),
            FlagKind::Unsigned => integer(&value).is_some_and(|number| number >= 0),
            FlagKind::Duration => is_duration(&value),
        };
        if !fits {
            let value = String::from_utf8_lossy(&value);
            return Err(format!("invalid argument {value:?} for --{}", flag.long));
        }
        self.flags.push((flag.long, value));
        Ok(())
    }
}

/// Parses as Go's `strconv.ParseBool` does.
fn boolean(value: &[u8]) -> Option<bool> {
    match value {
        b"1" | b"t" | b"T" | b"true" | b"TRUE" | b"True" => Some(true),
        b"0" | b"f" | b"F" | b"false" | b"FALSE" | b"False" => Some(false),
        _ => None,
    }
}

/// Parses as Go's `strconv.ParseInt` does with the base taken from the beginning, but without underscores.
fn integer(value: &[u8]) -> Option<i64> {
    let text = std::str::from_utf8(value).ok()?;
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.as_bytes() {
        [b'0', b'x' | b'X', ..] => (16, digits.get(2..)?),
        [b'0', b'b' | b'B', ..] => (2, digits.get(2..)?),
        [b'0', b'o' | b'O', ..] => (8, digits.get(2..)?),
        [b'0', _, ..] => (8, digits.get(1..)?),
        _ => (10, digits),
    };
    if !digits.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
        return None;
    }
    i64::from_str_radix(digits, radix).ok().map(|number| sign * number)
}

/// Tells whether Go's `time.ParseDuration` takes the value.
fn is_duration(value: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(value) else { return false };
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return true;
    }
    if rest.is_empty() {
        return false;
    }
    while !rest.is_empty() {
        let number = rest.trim_start_matches(|c: char| c.is_ascii_digit() || c == '.');
        let digits = rest.len() - number.len();
        let unit = ["ns", "us", "µs", "μs", "ms", "s", "m", "h"]
            .iter()
            .filter_map(|unit| number.strip_prefix(unit))
            .min_by_key(|behind| behind.len());
        let Some(behind) = unit else { return false };
        let written = rest.get(..digits).unwrap_or_default();
        if !written.bytes().any(|byte| byte.is_ascii_digit()) || written.matches('.').count() > 1 {
            return false;
        }
        rest = behind;
    }
    true
}
