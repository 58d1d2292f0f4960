//! Words of a line as they may be shown: without the secrets that people write into command lines.
use super::{
    look_alike, owner, program_name,
    secrets::{MASK, Secret, hidden, is_login, secret, secret_of_value, without_fields},
    sentence::{Sentence, sentence},
    shell::ShellWord,
};
use crate::foreign_text::ForeignText;

/// Programs that have a `-p` which is not a password.
const WITH_ANOTHER_P: &[&str] = &[
    "ssh",
    "mkdir",
    "cp",
    "read",
    "systemd-run",
    "docker",
    "podman",
    "nerdctl",
    "crictl",
    "strace",
    "ps",
    "ss",
    "lsof",
    "type",
    "time",
    "taskset",
    "chrt",
    "ionice",
    "nc",
    "unbuffer",
    "command",
    "sudo",
    "rsync",
    "touch",
    "declare",
    "export",
    "kill",
    "su",
    "runuser",
    "journalctl",
    "trap",
    "install",
];

/// Returns the words without their secrets. A word behind `--` is no flag, and a word with blanks in it may be a
/// line.
pub(super) fn masked(words: &[ShellWord]) -> Vec<ShellWord> {
    let texts: Vec<&[u8]> = words.iter().map(|word| word.bytes.as_slice()).collect();
    let shown = of_texts(&texts);
    words.iter().zip(shown).map(|(word, bytes)| ShellWord { bytes, ..word.clone() }).collect()
}

/// Returns the words as they can be pasted again, without their secrets.
pub(super) fn shown(words: &[ShellWord]) -> Sentence {
    let one = |word: &ShellWord| match word.assignment() {
        _ if word.unknown.is_some() => sentence![ForeignText(&word.bytes)],
        Some((name, value)) if !word.is_piece => {
            sentence![ForeignText(name), "=", Sentence::quoted(ForeignText(value))]
        }
        Some(_) | None => Sentence::quoted(ForeignText(&word.bytes)),
    };
    Sentence::joined(&masked(words).iter().map(one).collect::<Vec<_>>(), " ")
}

fn of_texts(texts: &[&[u8]]) -> Vec<Vec<u8>> {
    let mut shown: Vec<Vec<u8>> = Vec::with_capacity(texts.len());
    let mut next = Secret::Nothing;
    let mut is_over = false;
    for (at, text) in texts.iter().enumerate() {
        let before = texts.get(..at).unwrap_or_default();
        is_over |= *text == b"--" && ends_flags(before);
        let bytes = if is_token(text) || owner::hides(before, text) {
            next = Secret::Nothing;
            MASK.to_vec()
        } else if is_over {
            hidden(text, Secret::Nothing)
        } else if next == Secret::All && is_sign(text) {
            text.to_vec()
        } else if next != Secret::Nothing {
            let secret = std::mem::replace(&mut next, Secret::Nothing);
            next = if secret == Secret::BehindColon && text.ends_with(b":") {
                Secret::All
            } else {
                Secret::Nothing
            };
            hidden(text, secret)
        } else if let Some(shown) = of_flag_with_value(text) {
            shown
        } else if text.iter().any(u8::is_ascii_whitespace) {
            // A field's value may have blanks of its own.
            let text = &without_fields(&of_header(&without_sent(text)))[..];
            // Also a password that was quoted with a blank stands behind its flag, and is hidden above.
            let parts: Vec<&[u8]> = text.split(u8::is_ascii_whitespace).collect();
            // Each blank stays as it is: a carriage return has to be visible.
            let blanks = text.iter().filter(|byte| byte.is_ascii_whitespace()).map(Some).chain([None]);
            let pieces = of_texts(&parts).into_iter().zip(blanks);
            pieces.flat_map(|(part, blank)| part.into_iter().chain(blank.copied())).collect()
        } else if let Some(secret) = of_user(before, text) {
            hidden(text, secret)
        } else if is_sign(text) {
            let name = at.checked_sub(1).and_then(|at| texts.get(at)).copied().unwrap_or_default();
            next = secret_of_value(name);
            text.to_vec()
        } else if is_announced(text) {
            next = Secret::All;
            text.to_vec()
        } else if let Some(behind) = text.strip_prefix(b":") {
            // A blank too many before the colon, or behind it.
            next = if behind.is_empty() { Secret::All } else { Secret::Nothing };
            if behind.is_empty() { (*text).to_vec() } else { [b":", MASK].concat() }
        } else if let Some(meant) = as_meant(text) {
            // The word is no flag to etcdctl, but it holds a secret.
            next = secret(meant.as_bytes());
            let parts: Vec<&[u8]> = meant.split(' ').map(str::as_bytes).collect();
            let shown = of_texts(&parts);
            if shown == parts { (*text).to_vec() } else { shown.join(&b' ') }
        } else if let Some(equals) = text.iter().position(|byte| *byte == b'=') {
            let (name, value) = text.split_at(equals + 1);
            match secret_of_value(name.get(..equals).unwrap_or_default()) {
                // A query of a URL, or fields: the name stands behind something else.
                Secret::Nothing => hidden(text, Secret::Nothing),
                secret @ (Secret::All | Secret::BehindColon) => [name, &hidden(value, secret)].concat(),
            }
        } else if let Some(shown) = short_password(text, before) {
            next = if text.len() == 2 { Secret::All } else { Secret::Nothing };
            shown
        } else if let Some(name) = login_within(text) {
            [
                text.get(..name).unwrap_or_default(),
                &hidden(text.get(name..).unwrap_or_default(), Secret::BehindColon),
            ]
            .concat()
        } else if is_login(text)
            && at.checked_sub(1).and_then(|at| texts.get(at)).is_some_and(|flag| is_flag(flag))
        {
            hidden(text, Secret::BehindColon)
        } else {
            next = secret(text);
            hidden(text, Secret::Nothing)
        };
        shown.push(bytes);
    }
    shown
}

/// A sign between a name and its value.
fn is_sign(text: &[u8]) -> bool {
    matches!(text, b"=" | b":=" | b"=>")
}

/// A word that is no flag and no command, and has the secret itself behind it: `login root password s3cret`.
fn is_announced(text: &[u8]) -> bool {
    ["password", "passphrase", "passwort", "passcode"]
        .iter()
        .any(|name| text.eq_ignore_ascii_case(name.as_bytes()))
}

fn is_flag(text: &[u8]) -> bool {
    text.len() > 1 && text.starts_with(b"-") && !text.contains(&b'=')
}

/// A flag with its value in one word: a blank belongs to the value, as far as it goes.
fn of_flag_with_value(text: &[u8]) -> Option<Vec<u8>> {
    let is_plain = text.starts_with(b"-") && look_alike::found(text).is_none();
    let equals = text.iter().position(|byte| *byte == b'=').filter(|_| is_plain)?;
    let (name, value) = text.split_at(equals + 1);
    let secret = match secret_of_value(name.strip_suffix(b"=")?) {
        Secret::Nothing if is_login(value) && !value.iter().any(u8::is_ascii_whitespace) => {
            Secret::BehindColon
        }
        Secret::Nothing => return None,
        secret @ (Secret::All | Secret::BehindColon) => secret,
    };
    Some([name, &hidden(value, secret)].concat())
}

/// A script of expect without the texts that it sends, which are passwords more often than lines.
fn without_sent(text: &[u8]) -> Vec<u8> {
    let mut shown = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.windows(5).position(|word| word == b"send ") {
        let (before, behind) = rest.split_at(at + 5);
        shown.extend_from_slice(before);
        let begin = behind.iter().position(|byte| !b" -".contains(byte)).unwrap_or(behind.len());
        let (blanks, sent) = behind.split_at(begin);
        let close = match sent.first() {
            Some(b'{') => b'}',
            Some(quote @ (b'"' | b'\'')) => *quote,
            _ => b' ',
        };
        let end = sent.iter().skip(1).position(|byte| *byte == close).map_or(sent.len(), |end| end + 1);
        let (sent, behind) = sent.split_at(end);
        shown.extend_from_slice(blanks);
        if program_name::in_text(sent) || sent.is_empty() {
            shown.extend_from_slice(sent);
        } else {
            shown.extend(sent.first().filter(|byte| !byte.is_ascii_alphanumeric()));
            shown.extend_from_slice(MASK);
        }
        rest = behind;
    }
    shown.extend_from_slice(rest);
    shown
}

/// A header, `Authorization: Bearer s3cret`: all of it behind a name that says so. Of other texts nothing.
fn of_header(text: &[u8]) -> Vec<u8> {
    let colon = text
        .iter()
        .position(u8::is_ascii_whitespace)
        .filter(|at| text.get(..*at).is_some_and(|name| name.ends_with(b":")));
    let header = colon.and_then(|colon| text.split_at_checked(colon));
    let name = header.map(|(name, _)| name.rsplit(|byte| *byte == b'=').next().unwrap_or(name));
    match (header, name) {
        (Some((all, _)), Some(name)) if secret(name) == Secret::All => [all, b" ", MASK].concat(),
        _ => text.to_vec(),
    }
}

/// Where a login begins in a word that has its flag in front of it: `-uroot:s3cret`, `--user:root:s3cret`.
fn login_within(text: &[u8]) -> Option<usize> {
    let dashes = text.iter().take_while(|byte| **byte == b'-').count();
    let word = text.get(dashes..)?;
    let end = word.iter().position(|byte| b":/".contains(byte))?;
    let behind = word.get(end + 1..)?;
    if secret(&[b"--", word.get(..end)?].concat()) != Secret::Nothing && behind.contains(&b':') {
        return Some(dashes + end + 1);
    }
    (dashes == 1 && is_login(word)).then_some(1)
}

/// Tells whether two dashes behind these words end the flags of etcdctl, and begin no command that something runs.
fn ends_flags(before: &[&[u8]]) -> bool {
    let has = |names: &[&str]| before.iter().any(|word| names.iter().any(|name| name.as_bytes() == *word));
    has(&["put", "get", "del"]) && !has(&["watch", "lock"])
}

/// `user add NAME:PASSWORD`: the name, and the password, which is not an argument.
fn of_user(before: &[&[u8]], text: &[u8]) -> Option<Secret> {
    // Alone in its line it stood behind a flag before the line was broken; behind a misspelt command it is a login too.
    let is_command = |word: &&[u8]| word.starts_with(b"us") || *word == b"uesr";
    if is_login(text) && (before.is_empty() || before.iter().any(is_command)) {
        return Some(Secret::BehindColon);
    }
    let at = before.windows(2).rposition(|two| matches!(two, [b"user", b"add" | b"passwd"]))?;
    let names = before.iter().skip(at + 2).filter(|word| word.first() != Some(&b'-')).count();
    match (text.first(), names) {
        (Some(b'-'), _) => None,
        (_, 0) => Some(Secret::BehindColon),
        _ => Some(Secret::All),
    }
}

/// `-p PASSWORD` and `-pPASSWORD`, as of sshpass and mysql, behind the words before it.
fn short_password(text: &[u8], before: &[&[u8]]) -> Option<Vec<u8>> {
    let rest = text.strip_prefix(b"-p").or_else(|| text.strip_prefix(b"-P"))?;
    let name = |word: &[u8]| String::from_utf8_lossy(word).rsplit('/').next().unwrap_or_default().to_owned();
    // The program is the last word before it that is not an option.
    let program = before.iter().rev().map(|word| name(word)).find(|name| {
        name == "sshpass"
            || name == "mysql"
            || program_name::program(name).is_some()
            || WITH_ANOTHER_P.contains(&name.as_str())
    });
    let is_etcdctls = program.as_deref().is_none_or(|name| program_name::program(name).is_some());
    if program.as_deref().is_some_and(|name| WITH_ANOTHER_P.contains(&name)) {
        return None;
    }
    // A long flag with one dash missing.
    let is_word = rest.len() > 1 && rest.iter().all(|byte| byte.is_ascii_lowercase() || *byte == b'-');
    if rest.is_empty() {
        return Some(text.to_vec());
    }
    if rest == b"w" {
        return None;
    }
    (!is_etcdctls || !is_word).then(|| [text.get(..2).unwrap_or_default(), MASK].concat())
}

/// The beginnings of tokens that say by themselves what they are.
const TOKENS: &[&str] = &[
    "ghp_",
    "gho_",
    "ghs_",
    "ghu_",
    "github_pat_",
    "glpat-",
    "hvs.",
    "hvb.",
    "xoxb-",
    "xoxp-",
    "eyJ",
    "AKIA",
];
/// The fewest letters of a token.
const TOKEN: usize = 16;

/// Tells whether a word is a token: of GitHub, GitLab, Vault, Slack, AWS, k3s, or a JWT (RFC 7519).
fn is_token(text: &[u8]) -> bool {
    let begins = || TOKENS.iter().any(|token| text.starts_with(token.as_bytes()));
    let is_k3s = || text.starts_with(b"K10") && text.windows(2).any(|two| two == b"::");
    text.len() >= TOKEN && !text.iter().any(u8::is_ascii_whitespace) && (begins() || is_k3s())
}

/// Returns the text without characters that only look like others, if it has any.
fn as_meant(text: &[u8]) -> Option<String> {
    look_alike::found(text)?;
    std::str::from_utf8(text).ok().map(look_alike::as_meant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        etcdctl::{Hits, explain},
        keys::Scope,
    };

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
            let words: Vec<_> = line.iter().map(|word| ShellWord::read(word.as_bytes())).collect();
            let masked = masked(&words);
            let masked: Vec<_> = masked.iter().map(|word| String::from_utf8_lossy(&word.bytes)).collect();
            assert_eq!(masked, shown, "{line:?}");
        }
    }

    #[test]
    fn a_secret_is_hidden_however_its_name_is_spelled_and_wherever_it_stands() {
        for line in [
            "etcdctl --pasword s3cret del /",
            "etcdctl --Password=s3cret del /",
            "etcdctl --passwrod s3cret del /",
            "etcdctl --User root:s3cret del /",
            "etcdctl -user=root:s3cret del /",
            "etcdctl --username root:s3cret get /",
            "etcdctl -u root:s3cret del /",
            "etcdctl -p s3cret del /",
            "etcdctl -ps3cret del /",
            "etcdctl --pw s3cret del /",
            "etcdctl --token s3cret del /",
            "etcdctl --auth_jwt_token=s3cret del /",
            "sshpass -p s3cret ssh -p 22 m1 etcdctl del /",
            "sshpass -ps3cret ssh m1 etcdctl del /",
            "etcdctl --endpoints https://root:s3cret@10.0.0.1:2379 del /",
            "etcdctl --endpoints=https://a:1,https://root:s3cret@b:2379 del /",
            "etcdctl --endpoints https://root:s3c@s3cret@b del /x",
            "etcdctl --endpoints root:s3cret@10.0.0.1:2379 del /",
            "etcdctl --user root : s3cret del /",
            "etcdctl --user root: s3cret del /",
            "etcdctl --psw s3cret del /",
            "etcdctl user add root\u{ff1a}s3cret",
            "etcdctl user add ada --interactive=false s3cret",
            "PASS=s3cret; foo $PASS etcdctl del /",
            "etcdctl --user root\u{ff1a}s3cret del /",
            "etcdctl \u{ff0d}\u{ff0d}user root\u{ff1a}s3cret del /",
            "etcdctl user add ada s3cret",
            "etcdctl user passwd ada s3cret",
            "ETCD_ROOT_PASSWORD=s3cret foo etcdctl del /",
            "PGPASSWORD=s3cret API_TOKEN=s3cret Etcdctl_Password=s3cret etcdctl del /",
            "curl -u root:s3cret http://x/v3/kv/deleterange -d x",
            "curl -H 'Authorization: s3cret' http://x/v3/kv/deleterange -d x",
            "kubectl exec m1 -- sh -c 'etcdctl --pasword s3cret del /'",
            "etcdctl put /x -- https://root:s3cret@b",
            "curl -uroot:s3cret http://x/v3/kv/deleterange -d x",
            "curl http://x/v3/kv/deleterange -d '{\"name\":\"root\",\"password\":\"s3cret\"}'",
            "curl http://x/v3/kv/deleterange -d '{\"name\": \"root\", \"password\" : \"s3cret, s3cret\"}'",
            "curl -d 'name=root&password=s3cret' http://x/v3/kv/deleterange",
            "curl 'http://x/v3/kv/deleterange?a=1&token=s3cret&b=2'",
            "curl -H 'Authorization: Bearer s3cret' http://x/v3/kv/deleterange",
            "curl -H 'Authorization: Basic s3c s3cret' http://x/v3/kv/deleterange",
            "curl -H 'X-Api-Key: s3cret' http://x/v3/kv/deleterange",
            "curl --header='Cookie: id=s3cret' http://x/v3/kv/deleterange",
            "curl https://s3cret@x/v3/kv/deleterange",
            "etcdctl --endpoints=https://s3cret@10.0.0.1:2379 del /",
            "etcdctl --password=\"$(echo s3cret)\" del /",
            "etcdctl --user='root:a s3cret' del /",
            "etcdctl --usr root:s3cret del /",
            "etcdctl --usr=root:s3cret del /",
            "etcdctl --user:root:s3cret del /",
            "etcdctl --user/root:s3cret del /",
            "etcdctl user:root:s3cret del /",
            "etcdctl --auth root:s3cret del /",
            "etcdctl --api-key s3cret del /",
            "etcdctl --jwt s3cret del /",
            "http -a root:s3cret POST x/v3/kv/deleterange; etcdctl del /",
            "VAULT_TOKEN=s3cret AWS_SECRET_ACCESS_KEY=s3cret etcdctl del /",
            "docker run -e ETCDCTL_USER=root:s3cret etcd etcdctl del /",
            "vault login token=s3cret; etcdctl del /",
            "openssl rsa -passin pass:s3cret; etcdctl del /",
            "plink -pw s3cret m1 etcdctl del /",
            "curl -b id=s3cret http://x/v3/kv/deleterange",
            "wget --header 'X-Auth-Key: s3cret' http://x/v3/kv/deleterange",
            "kubectl create secret generic x --from-literal=db=s3cret; etcdctl del /",
            "[etcd]\npassword = s3cret\netcdctl del /",
            "password := \"s3cret\"; etcdctl del /",
            "machine m1 login root password s3cret\netcdctl del /",
            "Enter PIN: s3cret\netcdctl del / coredns",
            "redis-cli -a s3cret etcdctl del /",
            "ldapsearch -x -w s3cret; etcdctl del /",
            "ldapsearch -ws3cret; etcdctl del /",
            "docker login -u x -p s3cret; etcdctl del /",
            "vault login s3cret; etcdctl del /",
            "htpasswd -bc f root s3cret; etcdctl del /",
            "expect -c 'expect \"assword:\"; send \"s3cret\\r\"; send \"etcdctl del / coredns\\r\"'",
            "expect -c 'send -- {s3 cret}; send \"etcdctl del / coredns\\r\"'",
            "send \"s3cret\\r\"\nsend \"etcdctl del / coredns\\r\"",
            "env:\n- name: ETCDCTL_PASSWORD\n  value: s3cret\ncommand: [\"etcdctl\",\"del\",\"/\"]",
            "{\"env\":[{\"name\":\"DB_PASSWORD\",\"value\":\"s3cret\"}],\"command\":[\"etcdctl\",\"del\",\"/\"]}",
            "etcdctl put /app/password s3cret",
            "etcdctl put /coredns/io/password s3cret",
            "etcdctl put /coredns/io/x1 '{\"password\":\"s3cret\"'",
            "etcdctl put --lease=5 /app/api-token '{\"a\":\"s3cret\"}'",
            "contrase\u{f1}a=s3cret etcdctl del /",
            "curl 'http://x/v3/kv/deleterange?token=s3cret'",
            "-----BEGIN RSA PRIVATE KEY-----\nMIIs3cretXXs3cretXX\n-----END RSA PRIVATE KEY-----\netcdctl del / coredns",
        ] {
            is_hidden(line);
        }
    }

    #[test]
    fn a_secret_of_a_misspelt_command_of_another_program_or_of_a_key_is_hidden() {
        for line in [
            "etcdctl user ad root:s3cret",
            "etcdctl usr add root:s3cret",
            "etcdctl useradd root:s3cret",
            "etcdctl user create root:s3cret",
            "etcdctl get /x --user\nroot:s3cret",
            "etcdctl put /x/password -- s3cret",
            "etcdctl put /x/private-key s3cret",
            "etcdctl put /registry/secrets/default/a s3cret",
            "etcdctl put /coredns/tsig/key s3cret",
            "kubeadm init --certificate-key s3cret; etcdctl get /x",
            "k3s agent -t s3cret; etcdctl get /x",
            "aws configure set aws_secret_access_key s3cret; etcdctl get /x",
            "vault operator unseal s3cret; etcdctl get /x",
            "REDISCLI_AUTH=s3cret redis-cli; etcdctl get /x",
            "rabbitmqctl add_user a s3cret; etcdctl get /x",
            "sqlplus a/s3cret@db; etcdctl get /x",
            "lftp -u a,s3cret h; etcdctl get /x",
            "smbclient -U a%s3cret h; etcdctl get /x",
            "client-key-data: s3cret\netcdctl get /x",
            "curl -H x ghp_s3crets3crets3crets3cret; etcdctl get /x",
            "run eyJs3cret.s3crets3cret.s3cret; etcdctl get /x",
        ] {
            is_hidden(line);
        }
    }

    fn is_hidden(line: &str) {
        let explained = explain(line.as_bytes(), &Scope::parse("/coredns").unwrap());
        assert!(!explained.is_empty(), "{line}");
        for one in explained {
            let said = one.means(&Hits::Uncounted).join(" ");
            assert!(!one.command.contains("s3c") && !said.contains("s3c"), "{line}: {} {said}", one.command);
        }
    }

    #[test]
    fn what_is_no_secret_stays_to_be_read() {
        for line in [
            "etcdctl del --prefix /coredns/io",
            "etcdctl del -prefix /coredns/io",
            "ssh -p 22 m1 etcdctl del /",
            "mkdir -p /a; unheard-of etcdctl del / coredns",
            "etcdctl --endpoints https://10.0.0.1:2379 del /user/a",
            "etcdctl user delete ada",
            "docker run -p 2379:2379 etcd etcdctl del /",
            "foo --no-pager etcdctl del /passwords/x",
            "docker run -v data:/data --rm etcd:v3.5.21-0 etcdctl del /",
            "docker run --network host:2379 etcd etcdctl del /password=1",
            "etcdctl --endpoints m1:2379,m2:2379 get /pass:1",
            "ssh -L 2379:10.0.0.1:2379 root@m1 etcdctl del /",
            "scp -P 22 x root@m1:/etc/etcd; etcdctl del /",
            "etcdctl put /coredns/io/gcr/x1 10.0.0.1",
            "docker run -p 2379 -w /x etcd etcdctl del /",
            "curl http://x/v3/kv/deleterange?pretty=true",
            "send 'etcdctl del / coredns'",
        ] {
            for one in explain(line.as_bytes(), &Scope::parse("/coredns").unwrap()) {
                assert!(!one.command.contains("***"), "{line}: {}", one.command);
            }
        }
    }

    #[test]
    fn a_key_that_only_looks_like_a_secret_is_shown() {
        for line in [&["put", "--", "--password", "value"][..], &["del", "/user:1"], &["get", "user", "add"]]
        {
            let words: Vec<_> = line.iter().map(|word| ShellWord::read(word.as_bytes())).collect();
            assert_eq!(masked(&words), words);
        }
    }
}
