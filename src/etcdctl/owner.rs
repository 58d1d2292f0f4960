//! Words that are secret only because of the program that they are for: `redis-cli -a s3cret`, `vault login s3cret`.
use super::program_name;

/// Programs with their options of one letter whose value is a password.
const OPTIONS: &[(&str, &str)] = &[
    ("redis-cli", "a"),
    ("valkey-cli", "a"),
    ("keydb-cli", "a"),
    ("ldapsearch", "w"),
    ("ldapadd", "w"),
    ("ldapmodify", "w"),
    ("ldapdelete", "w"),
    ("ldapwhoami", "w"),
    ("ldappasswd", "was"),
    ("smbclient", "U"),
    ("lftp", "u"),
    ("curl", "b"),
    ("k3s", "t"),
    ("rke2", "t"),
    ("snmpwalk", "cAX"),
    ("snmpget", "cAX"),
];
/// Programs whose `login` takes a password behind `-p`.
const LOGINS: &[&str] =
    &["docker", "podman", "nerdctl", "buildah", "skopeo", "helm", "oras", "crane", "az", "oc", "argocd"];
/// Programs and their commands whose further words are secret.
const WORDS: &[(&str, &str)] = &[
    ("vault", "login"),
    ("vault", "unwrap"),
    ("vault", "operator"),
    ("aws", "configure"),
    ("rabbitmqctl", "add_user"),
    ("rabbitmqctl", "change_password"),
    ("sqlplus", ""),
    ("bw", "unlock"),
    ("htpasswd", ""),
    ("mkpasswd", ""),
    ("send", ""),
    ("exp_send", ""),
    ("put", ""),
];

/// Tells whether a word is a secret of the program that stands before it.
pub(super) fn hides(before: &[&[u8]], text: &[u8]) -> bool {
    let name = |word: &[u8]| String::from_utf8_lossy(word).rsplit('/').next().unwrap_or_default().to_owned();
    let last = before.last().copied().unwrap_or_default();
    if text.starts_with(b"--from-literal=") || last == b"--from-literal" {
        return true;
    }
    let is_option = |word: &[u8]| word.len() > 1 && word.starts_with(b"-");
    before.iter().enumerate().any(|(at, program)| {
        let program = name(program);
        let behind = before.get(at + 1..).unwrap_or_default();
        let of_option = OPTIONS.iter().any(|(owner, letters)| {
            let is_one = |word: &[u8], is_alone: bool| {
                matches!(word, [b'-', letter, rest @ ..] if letters.as_bytes().contains(letter) && rest.is_empty() == is_alone)
            };
            *owner == program && (is_one(last, true) || is_one(text, false))
        });
        let is_login = LOGINS.contains(&program.as_str()) && behind.contains(&&b"login"[..]);
        let of_login = is_login && matches!(last, b"-p" | b"-t");
        let of_word = WORDS.iter().any(|(owner, command)| {
            let behind = if command.is_empty() { Some(behind) } else { behind.strip_prefix(&[command.as_bytes()]) };
            *owner == program
                && !is_option(text)
                && match (*owner, behind) {
                    (_, None) => false,
                    // The value of a key whose name says that it holds one.
                    ("put", Some(behind)) => {
                        behind.iter().rfind(|word| !word.starts_with(b"-")).is_some_and(|key| is_of_a_secret(key))
                    }
                    ("send" | "exp_send", Some(_)) => !program_name::in_text(text),
                    (_, Some(_)) => true,
                }
        });
        of_option || of_login || of_word
    })
}

/// Tells whether the last part of a key names a secret, `/app/password`, or a directory of secrets.
pub(super) fn is_of_a_secret(key: &[u8]) -> bool {
    let part = key.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    let is_key =
        part.split(|byte| b"-_.".contains(byte)).any(|word| matches!(word, b"key" | b"privatekey" | b"tsig"));
    let is_below = key.split(|byte| *byte == b'/').any(|part| part == b"secrets");
    key.starts_with(b"/") && (is_key || is_below || super::secrets::is_secret(part))
}
