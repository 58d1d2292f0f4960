//! Scripts and requests in the words of a program: those of awk, sed, tar, curl and Python.
use super::{
    etcds_files,
    words::{holds, is_beside_etcd},
};
use crate::etcdctl::{doubt, shell::ShellWord};

/// Paths of etcd's gateway that only read (`rpc.proto`, etcd 3.4 to 3.7).
const GATEWAY_READS: &[&str] = &[
    "/v3/kv/range",
    "/v3/watch",
    "/v3/maintenance/status",
    "/v3/maintenance/hash",
    "/v3/cluster/member/list",
];

/// Tells whether curl changes nothing of etcd.
pub(super) fn reads_by_curl(words: &[ShellWord]) -> bool {
    let is_beside = words.iter().all(is_beside_etcd) && !etcds_files::is_named(words);
    is_beside && !sends(words) || reads_by_gateway(words)
}

/// Tells whether curl only reads by etcd's gateway: each address of the gateway is one that reads.
fn reads_by_gateway(words: &[ShellWord]) -> bool {
    let is_known = |word: &ShellWord| {
        if doubt::is_door(&word.bytes) {
            let text = String::from_utf8_lossy(&word.bytes);
            let address = text.split_once("://").map_or(&*text, |(_, address)| address);
            address
                .find('/')
                .is_some_and(|at| address.get(at..).is_some_and(|path| GATEWAY_READS.contains(&path)))
        } else {
            // Another address, or one that only the shell knows, may be any.
            is_beside_etcd(word) && word.unknown.is_none() && !holds(word, "://") && !holds(word, ":2379")
        }
    };
    let has_config = words.iter().any(|word| {
        let text = word.bytes.as_slice();
        text.starts_with(b"--config") || text.starts_with(b"-K") || text.starts_with(b"--next")
    });
    let is_asked = words.iter().any(|word| doubt::is_door(&word.bytes));
    is_asked && !has_config && words.iter().all(is_known)
}

/// Tells whether curl does more than read: etcd's gateway takes only requests that are posted.
fn sends(words: &[ShellWord]) -> bool {
    words.iter().any(|word| {
        let text = word.bytes.as_slice();
        let long = ["--request", "--data", "--json", "--form", "--upload", "--config", "--url-query"];
        let is_long = long.iter().any(|option| text.starts_with(option.as_bytes()));
        // In a word of several letters, any of them may be one of these.
        let is_short = text.first() == Some(&b'-')
            && text.get(1) != Some(&b'-')
            && text
                .iter()
                .skip(1)
                .take_while(|byte| byte.is_ascii_alphabetic())
                .any(|byte| b"XdFTKQ".contains(byte));
        is_long || is_short
    })
}

/// Tells whether an awk script may run something.
fn runs_in_awk(word: &ShellWord) -> bool {
    let text = word.bytes.as_slice();
    let holds = |what: &[u8]| text.windows(what.len()).any(|part| part == what);
    let is_option = text.starts_with(b"-f")
        || text.starts_with(b"--file")
        || text.starts_with(b"-i")
        || text.starts_with(b"-l")
        || text.starts_with(b"-E");
    // A pipe, and not the `or` of a condition.
    let pipes = {
        let text = String::from_utf8_lossy(text).replace("||", "");
        text.contains('|') && !text.starts_with("-F") && text.contains('{')
    };
    is_option || holds(b"system") || holds(b"getline") || holds(b"@load") || holds(b"|&") || pipes
}

/// Tells whether a sed script may run something: its command `e`, or that flag behind a replacement.
fn runs_in_sed(word: &ShellWord) -> bool {
    let text = String::from_utf8_lossy(&word.bytes).into_owned();
    let text = match text.strip_prefix("--expression=") {
        Some(script) => script,
        // Letters without a value may stand before it: `-ne`.
        None if text.starts_with('-') && !text.starts_with("--") => {
            text.split_once('e').map_or("", |(_, script)| script)
        }
        None if text.starts_with('-') => return false,
        None => &text,
    };
    text.split(['\n', ';', '{', '}']).any(|piece| {
        let piece = piece.trim().trim_start_matches(|c: char| c.is_ascii_digit() || ",$!~ +".contains(c));
        let flags: String = piece.chars().rev().take_while(char::is_ascii_alphanumeric).collect();
        let behind_address =
            piece.rsplit_once('/').map_or(piece, |(_, behind)| behind).trim_start_matches(['!', ' ', 'I']);
        piece.starts_with('e')
            || piece.starts_with('s') && piece.len() > flags.len() + 1 && flags.contains('e')
            || !piece.starts_with('s') && behind_address.starts_with('e')
    })
}

pub(super) fn runs_nothing_in_awk(words: &[ShellWord]) -> bool {
    !words.iter().any(runs_in_awk)
}

pub(super) fn runs_nothing_in_sed(words: &[ShellWord]) -> bool {
    let is_file = |word: &ShellWord| word.bytes.starts_with(b"-f") || word.bytes.starts_with(b"--file");
    !words.iter().any(|word| is_file(word) || runs_in_sed(word))
}

/// Tells whether tar writes over no file of etcd's.
pub(super) fn keeps_of_tar(words: &[ShellWord]) -> bool {
    let unpacks = |word: &ShellWord| {
        word.bytes.starts_with(b"--ex") || word.bytes.first() != Some(&b'/') && word.bytes.contains(&b'x')
    };
    let replaces = words.first().is_some_and(unpacks) && etcds_files::is_named(words);
    !replaces && words.iter().all(is_beside_etcd)
}

/// Tells whether Python only formats JSON: `python3 -m json.tool`.
pub(super) fn formats_json(words: &[ShellWord]) -> bool {
    matches!(words, [m, module, ..] if m.is("-m") && module.is("json.tool"))
}
