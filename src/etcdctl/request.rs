//! Request to etcd that a command makes.
use super::{
    Danger, EtcdctlVersion, Span,
    child_commands::{self, Words},
    commands::{CommandEffect, Commands, Count, FoundCommand, GLOBAL, Spec, find},
    destination::variable_of,
    flag::{KnownFlags, ParsedFlags},
    txn::{self, Txn},
    wrapped::Call,
};
use crate::etcdctl::shell::Stdin;

/// Effect of a line in one release of etcdctl.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LineEffect {
    /// `pause` if etcdctl waits for two seconds before it deletes.
    Delete {
        span: Span,
        pause: bool,
    },
    Get(Span),
    Put {
        key: Vec<u8>,
        value: ValueSource,
        lease: bool,
    },
    /// The keys; none if etcdctl reads them from its standard input. And the commands that it runs at each change;
    /// none if they are not known.
    Watch {
        span: Option<Span>,
        runs: Option<Vec<Words>>,
        /// True if it reads a terminal, where nothing has been typed.
        is_typed: bool,
    },
    /// The name, and the command that it runs while it holds the lock.
    Lock {
        name: Vec<u8>,
        runs: Words,
    },
    Txn(Txn),
    /// The sentence that describes it, and its arguments.
    Told {
        verdict: Danger,
        what: &'static str,
        path: &'static str,
        arguments: Vec<Vec<u8>>,
    },
    /// Nothing but its help.
    Help,
    /// A request to etcd's version 2 store, which holds other keys.
    OldStore {
        writes: bool,
    },
}

/// Source of a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum ValueSource {
    Given(Vec<u8>),
    /// Standard input.
    Input,
    Kept,
}

/// Words of an etcdctl line, with the variables and the input of its process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct LineWords {
    /// The words behind the program's name.
    pub(super) words: Vec<Vec<u8>>,
    /// The variables of the line itself.
    pub(super) variables: Vec<(Vec<u8>, Vec<u8>)>,
    pub(super) stdin: Stdin,
}

impl LineWords {
    pub(super) fn of(call: &Call) -> Self {
        Self {
            words: call.words.iter().map(|word| word.bytes.clone()).collect(),
            variables: call.variables.set.clone(),
            stdin: call.stdin.clone(),
        }
    }

    pub(super) fn variable(&self, name: &str) -> Option<&[u8]> {
        self.variables.iter().rev().find(|(is, _)| is == name.as_bytes()).map(|(_, value)| value.as_slice())
    }
}

/// Reads a line as a release does.
///
/// # Errors
/// Returns the release's refusal; etcdctl then does nothing.
pub(super) fn read(
    line: &LineWords,
    commands: Commands,
    version: EtcdctlVersion,
) -> Result<LineEffect, String> {
    if version < EtcdctlVersion::V3_6 {
        match line.variable("ETCDCTL_API").unwrap_or_default() {
            b"" | b"3" => {}
            b"2" => return of_version_2(line),
            other => return Err(format!("unsupported API version {}", String::from_utf8_lossy(other))),
        }
    }
    let (spec, words) = match find(commands, &line.words, version) {
        FoundCommand::Command(spec, words) => (spec, words),
        FoundCommand::Help => return Ok(LineEffect::Help),
        FoundCommand::Unknown(word) => {
            return Err(format!("unknown command {:?}", String::from_utf8_lossy(&word)));
        }
    };
    let parsed = KnownFlags { own: spec.flags, global: GLOBAL, version }.parse(&words)?;
    if parsed.is_on("help") {
        return Ok(LineEffect::Help);
    }
    let request = of_command(spec, &parsed, line, version)?;
    no_conflict(line, &parsed)?;
    Ok(request)
}

/// Checks that no flag's variable is set as well, even to nothing: etcdctl refuses such a line.
fn no_conflict(line: &LineWords, parsed: &ParsedFlags) -> Result<(), String> {
    for flag in parsed.given().filter(|name| GLOBAL.iter().any(|flag| flag.long == *name)) {
        let variable = variable_of(flag);
        if line.variable(&variable).is_some() {
            return Err(format!("conflicting environment variable {variable} is shadowed by --{flag}"));
        }
    }
    Ok(())
}

fn of_command(
    spec: &Spec,
    parsed: &ParsedFlags,
    line: &LineWords,
    version: EtcdctlVersion,
) -> Result<LineEffect, String> {
    let arguments = &parsed.arguments;
    let fits = match spec.count {
        Count::Exactly(count) => arguments.len() == count,
        Count::Between(least, most) => (least..=most).contains(&arguments.len()),
        Count::AtLeast(least) => arguments.len() >= least,
        Count::Any => true,
    };
    if !fits {
        return Err(format!("{} does not take {} arguments", spec.path, arguments.len()));
    }
    match spec.deed {
        CommandEffect::Delete => delete(parsed, version),
        CommandEffect::Get => get(parsed),
        CommandEffect::Put => put(parsed, &line.stdin),
        CommandEffect::Watch => {
            child_commands::watch(parsed, line, &KnownFlags { own: spec.flags, global: &[], version })
        }
        CommandEffect::Lock => Ok(child_commands::lock(parsed)),
        CommandEffect::Txn => txn::read(&line.stdin, version).map(LineEffect::Txn),
        CommandEffect::Told(verdict, what) => {
            if spec.path == "compaction" && arguments.first().is_none_or(|text| number(text).is_none()) {
                return Err("the revision is no number".to_owned());
            }
            if spec.path.starts_with("role grant") && !permission(arguments) {
                return Err("the permission is read, write or readwrite".to_owned());
            }
            if spec.names_an_id() && arguments.first().is_some_and(|text| !is_hexadecimal(text)) {
                return Err("the ID is no hexadecimal number".to_owned());
            }
            if matches!(spec.path, "member add" | "member update")
                && parsed.value("peer-urls").is_none_or(<[u8]>::is_empty)
            {
                return Err("member peer urls not provided".to_owned());
            }
            let (verdict, what) = spec.told_by_flags(parsed).unwrap_or((verdict, what));
            Ok(LineEffect::Told { verdict, what, path: spec.path, arguments: arguments.clone() })
        }
    }
}

/// Tells whether a text is an ID as etcdctl reads one: `strconv.ParseInt(text, 16, 64)`.
fn is_hexadecimal(text: &[u8]) -> bool {
    std::str::from_utf8(text).is_ok_and(|text| u64::from_str_radix(text, 16).is_ok())
}

fn permission(arguments: &[Vec<u8>]) -> bool {
    let kind = arguments.get(1).map(|kind| kind.to_ascii_lowercase());
    matches!(kind.as_deref(), Some(b"read" | b"write" | b"readwrite"))
}

fn number(text: &[u8]) -> Option<i64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

/// Returns the keys that `--prefix`, `--from-key` and one or two arguments name together.
fn span(parsed: &ParsedFlags) -> Result<Span, String> {
    let (prefix, from_key) = (parsed.is_on("prefix"), parsed.is_on("from-key"));
    if prefix && from_key {
        return Err("`--prefix` and `--from-key` cannot be set at the same time".to_owned());
    }
    let mut arguments = parsed.arguments.iter();
    let key = arguments.next().map(Vec::as_slice).unwrap_or_default();
    let end = arguments.next();
    if end.is_some() && (prefix || from_key) {
        return Err("too many arguments, only one is accepted with `--prefix` or `--from-key`".to_owned());
    }
    if prefix {
        return Ok(Span::prefix(key));
    }
    if from_key {
        return Ok(Span::from_key(key));
    }
    if key.is_empty() {
        return Err("etcdserver: key is not provided".to_owned());
    }
    Ok(Span::of(key, end.map(Vec::as_slice).unwrap_or_default()))
}

pub(super) fn delete(parsed: &ParsedFlags, version: EtcdctlVersion) -> Result<LineEffect, String> {
    let span = span(parsed)?;
    let pause = version >= EtcdctlVersion::V3_6 && parsed.arguments.len() > 1 && !parsed.is_on("range");
    Ok(LineEffect::Delete { span, pause })
}

pub(super) fn get(parsed: &ParsedFlags) -> Result<LineEffect, String> {
    let one_of = |flag: &str, known: &[&str]| match parsed.value(flag).map(<[u8]>::to_ascii_uppercase) {
        Some(value) if !known.iter().any(|known| known.as_bytes() == value) => {
            Err(format!("bad value for --{flag}"))
        }
        _ => Ok(()),
    };
    if parsed.is_on("keys-only") && parsed.is_on("count-only") {
        return Err("`--keys-only` and `--count-only` cannot be set at the same time".to_owned());
    }
    one_of("consistency", &["L", "S"])?;
    let span = span(parsed)?;
    one_of("order", &["", "ASCEND", "DESCEND"])?;
    one_of("sort-by", &["", "CREATE", "KEY", "MODIFY", "VALUE", "VERSION"])?;
    Ok(LineEffect::Get(span))
}

pub(super) fn put(parsed: &ParsedFlags, stdin: &Stdin) -> Result<LineEffect, String> {
    let mut arguments = parsed.arguments.iter();
    let key = arguments.next().cloned().unwrap_or_default();
    let value = match (arguments.next(), parsed.is_on("ignore-value")) {
        (Some(_), true) => return Err("put takes only a key with --ignore-value".to_owned()),
        (None, true) => ValueSource::Kept,
        (Some(value), false) => ValueSource::Given(value.clone()),
        (None, false) if *stdin == Stdin::Text(Vec::new()) => {
            return Err("put needs a value, and standard input has none".to_owned());
        }
        (None, false) => ValueSource::Input,
    };
    let lease = parsed.value("lease").unwrap_or(b"0");
    let lease = std::str::from_utf8(lease).ok().and_then(|text| i64::from_str_radix(text, 16).ok());
    let Some(lease) = lease else { return Err("bad lease ID, expecting ID in Hex".to_owned()) };
    if key.is_empty() {
        return Err("etcdserver: key is not provided".to_owned());
    }
    Ok(LineEffect::Put { key, value, lease: lease != 0 || parsed.is_on("ignore-lease") })
}

/// Reads a line of etcdctl's older language, for etcd's older store.
fn of_version_2(line: &LineWords) -> Result<LineEffect, String> {
    const READS: &[&str] = &["ls", "get", "watch", "cluster-health", "backup"];
    const WRITES: &[&str] = &[
        "mk",
        "mkdir",
        "set",
        "setdir",
        "update",
        "updatedir",
        "rm",
        "rmdir",
        "user",
        "role",
        "auth",
        "import",
    ];
    // Its flags stand before the command, and no other program has them.
    let mut words = line.words.iter();
    let mut command = None;
    while let Some(word) = words.next() {
        if word.first() == Some(&b'-') {
            let takes_next = !word.contains(&b'=')
                && !matches!(
                    word.as_slice(),
                    b"--debug" | b"--no-sync" | b"--help" | b"-h" | b"--version" | b"-v"
                );
            if takes_next {
                words.next();
            }
            continue;
        }
        command = Some(word);
        break;
    }
    let Some(command) = command else { return Ok(LineEffect::Help) };
    let is_one_of = |names: &[&str]| names.iter().any(|name| name.as_bytes() == command.as_slice());
    if is_one_of(&["exec-watch"]) {
        Ok(LineEffect::Told {
            verdict: Danger::Dangerous,
            what: "runs a command at each change in the store of etcd's version 2, and that command may do anything",
            path: "exec-watch",
            arguments: vec![],
        })
    } else if is_one_of(&["member"]) {
        // The members are those of the whole cluster.
        let is_list = words.next().is_none_or(|word| word == b"list");
        let (verdict, what) = if is_list {
            (Danger::Harmless, "lists the members")
        } else {
            (Danger::Dangerous, "changes the members of the cluster, and with them how many may fail")
        };
        Ok(LineEffect::Told { verdict, what, path: "member", arguments: vec![] })
    } else if is_one_of(WRITES) {
        Ok(LineEffect::OldStore { writes: true })
    } else if is_one_of(READS) {
        Ok(LineEffect::OldStore { writes: false })
    } else {
        Err(format!("with ETCDCTL_API=2 there is no command {:?}", String::from_utf8_lossy(command)))
    }
}
