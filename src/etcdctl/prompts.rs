//! Signs before the lines of a pasted text that no shell runs: prompts, the numbers and points of a list, the words of a
//! unit or a cron table.
use super::{doubt, pasted::looks_like_a_line};

/// Text without the signs before its lines.
#[derive(Debug)]
pub(super) struct LeftOut {
    pub(super) text: Vec<u8>,
    /// The text if each `#` at the beginning of a line is a prompt, and not a remark.
    pub(super) all: Option<Vec<u8>>,
    /// Note on what was left out.
    pub(super) remark: Option<&'static str>,
}

const PROMPT: &str = "The prompt before it is left out here; a shell would take it for a word or a comment.";
const SIGN: &str = "The number or sign before it is left out here; a shell would take it for a program.";

/// Leaves the signs of a list out, and then the prompts.
pub(super) fn left_out(text: &[u8]) -> LeftOut {
    let listed = without_signs(text);
    let has_signs = listed.is_some();
    let text = listed.as_deref().unwrap_or(text);
    let (first, prompt) = without_prompt(text);
    let session = without_prompts(text, false);
    let has_prompt = prompt || session.is_some();
    LeftOut {
        all: without_prompts(text, true),
        remark: has_signs.then_some(SIGN).or(has_prompt.then_some(PROMPT)),
        text: session.unwrap_or_else(|| first.to_vec()),
    }
}

/// Removes what stands before the commands of a list, a history, a unit or a cron table, and the fences around a piece
/// of a document; `None` if a line has none.
fn without_signs(text: &[u8]) -> Option<Vec<u8>> {
    let is_blank = |line: &&[u8]| line.iter().all(u8::is_ascii_whitespace);
    let mut lines: Vec<&[u8]> = text.split(|byte| *byte == b'\n').filter(|line| !is_blank(line)).collect();
    let is_fence = |line: Option<&&[u8]>| line.is_some_and(|line| line.trim_ascii().starts_with(b"```"));
    if lines.len() > 2 && is_fence(lines.first()) && is_fence(lines.last()) {
        lines.pop();
        lines.remove(0);
        return Some(lines.join(&b'\n'));
    }
    let own: Option<Vec<&[u8]>> = lines.into_iter().map(without_sign).collect();
    own.filter(|lines| !lines.is_empty()).map(|lines| lines.join(&b'\n'))
}

/// Removes the number of a history or a list (`  501  `, `2. `, `3) `), the point of a list (`- `), the name of a
/// setting of a unit (`ExecStart=`), or the times of a cron table.
fn without_sign(line: &[u8]) -> Option<&[u8]> {
    let line = line.trim_ascii_start();
    let (first, rest) = line.split_at(line.iter().position(u8::is_ascii_whitespace)?);
    let rest = rest.trim_ascii_start();
    let number = first.strip_suffix(b".").or(first.strip_suffix(b")")).or(first.strip_suffix(b"*"));
    let number = number.unwrap_or(first);
    if first == b"-" || !number.is_empty() && number.iter().all(u8::is_ascii_digit) {
        // The first field of a cron table may be a number as well.
        return Some(without_times(line).unwrap_or(rest)).filter(|rest| !rest.is_empty());
    }
    if first.starts_with(b"Exec") {
        let (_, command) = line.split_at(line.iter().position(|byte| *byte == b'=')? + 1);
        let signs = command.iter().take_while(|byte| b"-@:+!".contains(byte)).count();
        return command.get(signs..);
    }
    without_times(line)
}

/// Removes the five fields of a cron table, or its word for them, and the user behind them.
fn without_times(line: &[u8]) -> Option<&[u8]> {
    let word = |line: &[u8]| line.iter().position(u8::is_ascii_whitespace).unwrap_or(line.len());
    let is_time = |field: &[u8]| {
        !field.is_empty() && field.iter().all(|byte| byte.is_ascii_digit() || b"*/,-".contains(byte))
    };
    let mut rest = line;
    let fields = if line.starts_with(b"@") { 1 } else { 5 };
    for _ in 0..fields {
        let (field, behind) = rest.split_at(word(rest));
        if !is_time(field) && fields == 5 {
            return None;
        }
        rest = behind.trim_ascii_start();
    }
    let (user, behind) = rest.split_at(word(rest));
    Some(if user == b"root" { behind.trim_ascii_start() } else { rest }).filter(|rest| !rest.is_empty())
}

/// Removes a prompt that was pasted with the line: `$ `, `# `, `root@m1:~# `, `[root@m1 ~]# `.
fn without_prompt(text: &[u8]) -> (&[u8], bool) {
    // To a shell, any other white space is a part of a word, and a `#` behind it begins no remark.
    let start = text.iter().take_while(|byte| b" \t\n".contains(byte)).count();
    let text = text.get(start..).unwrap_or_default();
    let line = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let end = line.windows(2).position(|two| matches!(two, b"$ " | b"# " | b"% " | b"> "));
    let Some(end) = end else { return (text, false) };
    let before = line.get(..end).unwrap_or_default();
    // A quote or a separator begins something else, which may go on behind the prompt.
    let is_plain = before.iter().all(|byte| !byte.is_ascii_control() && !b"'\"`;&|<>(){}$\\".contains(byte));
    // `m1# `, and not the redirection of an output.
    let is_host = line.get(end) != Some(&b'>')
        && before.iter().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(byte));
    let is_prompt = is_host
        || before.is_empty()
        || before == b"PS"
        // A shell in a container, or of SUSE: a directory, or a host's, and a blank.
        || before.strip_suffix(b" ").is_some_and(|place| {
            (matches!(place.first(), Some(b'/' | b'~')) || place.contains(&b':')) && !place.contains(&b' ')
        })
        || before.first() == Some(&b'[') && before.last() == Some(&b']')
        || before.contains(&b'@') && before.contains(&b':') && !before.contains(&b' ');
    // With more lines below it, a remark is as likely as root's prompt.
    let is_remark = line.get(end) == Some(&b'#')
        && before.is_empty()
        && text.trim_ascii_end().len() > line.len()
        && is_prose(line.get(end + 2..).unwrap_or_default());
    if is_prompt && is_plain && !is_remark {
        (text.get(end + 2..).unwrap_or_default(), true)
    } else {
        (text, false)
    }
}

/// Removes the prompt of each line; `None` if no line but the first has one. Unless `all` are taken for prompts, a line
/// that begins with `#` is a remark.
fn without_prompts(text: &[u8], all: bool) -> Option<Vec<u8>> {
    let mut lines: Vec<&[u8]> = Vec::new();
    let mut has_more = false;
    for (number, line) in text.split(|byte| *byte == b'\n').enumerate() {
        let (own, prompt) = without_prompt(line);
        let is_remark = line.trim_ascii_start().starts_with(b"# ") && (number > 0 && !all || is_prose(own));
        has_more |= number > 0 && prompt && !is_remark;
        lines.push(if prompt && !is_remark { own } else { line });
    }
    has_more.then(|| lines.join(&b'\n'))
}

/// Tells whether the words behind `# ` are no line for etcdctl, or only speak of it: `list keys with etcdctl`.
fn is_prose(words: &[u8]) -> bool {
    let first = words.split(u8::is_ascii_whitespace).next().unwrap_or_default();
    let is_command = doubt::names_etcdctl(first) || words.iter().any(|byte| b"$`=|;&-".contains(byte));
    !looks_like_a_line(&String::from_utf8_lossy(words)) || !is_command && !doubt::is_deleting_line(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signs_of_lists_histories_units_and_cron_tables_are_left_out() {
        for (text, own) in [
            ("  501  etcdctl get /x", "etcdctl get /x"),
            ("  501* etcdctl get /x\n  502  ls", "etcdctl get /x\nls"),
            ("1. etcdctl get /x\n2. etcdctl get /y", "etcdctl get /x\netcdctl get /y"),
            ("- etcdctl get /x", "etcdctl get /x"),
            ("ExecStart=-/usr/bin/etcdctl get /x", "/usr/bin/etcdctl get /x"),
            ("*/5 * * * * root etcdctl get /x", "etcdctl get /x"),
            ("0 3 * * 1-5 etcdctl get /x", "etcdctl get /x"),
            ("@daily root etcdctl get /x", "etcdctl get /x"),
            ("```bash\netcdctl get /x\n```", "etcdctl get /x"),
            ("3) $ etcdctl get /x", "etcdctl get /x"),
        ] {
            assert_eq!(String::from_utf8(left_out(text.as_bytes()).text).unwrap(), own, "{text}");
        }
        // One line without a sign, and the text is no list.
        for text in ["  501  etcdctl get /x\netcdctl del /x", "etcdctl get /x", "* * etcdctl get /x", "- "] {
            assert_eq!(left_out(text.as_bytes()).text, text.trim_start().as_bytes(), "{text}");
        }
    }
}
