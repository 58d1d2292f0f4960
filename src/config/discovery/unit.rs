//! Service of systemd that starts an etcd (systemd.service(5), systemd.exec(5)).
use super::{environment_file, machine::Machine, started::Started};
use std::{collections::BTreeMap, path::Path};

/// Returns the etcd of a unit's text; `None` if it starts none with settings.
pub(super) fn started(path: &str, text: &str, machine: &Machine) -> Option<Started> {
    let prefix = Path::new(path).file_stem()?.to_string_lossy().into_owned();
    let text = text.replace("\\\n", " ").replace("%p", &prefix).replace("%N", &prefix);
    let mut variables: BTreeMap<String, String> = BTreeMap::new();
    let mut commands = Vec::new();
    for line in text.lines().map(str::trim) {
        let Some((name, value)) = line.split_once('=') else { continue };
        match name.trim() {
            "Environment" => {
                let set = words(value).into_iter().filter_map(|word| {
                    let (name, value) = word.split_once('=')?;
                    Some((name.to_owned(), value.to_owned()))
                });
                variables.extend(set);
            }
            "EnvironmentFile" => {
                let file = value.trim().trim_start_matches('-');
                if let Ok(Some(text)) = machine.text(Path::new(file)) {
                    let set = environment_file::parse(&text).into_iter();
                    variables.extend(set.map(|(name, (value, _))| (name, value)));
                }
            }
            "ExecStart" => {
                commands.push(value.trim().trim_start_matches(['-', '@', ':', '+', '!']).to_owned());
            }
            _ => {}
        }
    }
    let line = commands.iter().find(|command| command.contains("etcd"))?;
    let words: Vec<String> = words(line).iter().flat_map(|word| filled(word, &variables)).collect();
    let is_etcd = words.first().and_then(|program| Path::new(program).file_name()) == Some("etcd".as_ref());
    // A shell that starts it passes the variables on, and nobody knows the flags that it makes.
    let words = if is_etcd { words } else { vec![] };
    let started = Started::by(path, &words, variables, machine);
    (is_etcd || started.says_something()).then_some(started)
}

/// Returns a word with its variables replaced; a variable alone becomes as many words as it has.
fn filled(word: &str, variables: &BTreeMap<String, String>) -> Vec<String> {
    let value = |name: &str| variables.get(name).cloned().unwrap_or_default();
    if let Some(name) = word.strip_prefix('$').filter(|name| !name.starts_with('{')) {
        return words(&value(name));
    }
    let mut filled = String::new();
    let mut rest = word;
    while let Some((before, behind)) = rest.split_once("${") {
        filled.push_str(before);
        if let Some((name, behind)) = behind.split_once('}') {
            filled.push_str(&value(name));
            rest = behind;
        } else {
            filled.push_str("${");
            rest = behind;
        }
    }
    filled.push_str(rest);
    vec![filled]
}

/// Returns the words of a line: quotes group, and a backslash takes the next character as it is.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let (mut word, mut is_word, mut quote) = (String::new(), false, None);
    let mut chars = line.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', _) => {
                word.extend(chars.next());
                is_word = true;
            }
            ('"' | '\'', None) => {
                quote = Some(c);
                is_word = true;
            }
            (c, Some(open)) if c == open => quote = None,
            (c, None) if c.is_whitespace() => {
                if is_word {
                    words.push(std::mem::take(&mut word));
                }
                is_word = false;
            }
            (c, _) => {
                word.push(c);
                is_word = true;
            }
        }
    }
    if is_word {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_split_as_systemd_splits_them() {
        assert_eq!(
            words(r#"/usr/bin/etcd  --name="a b" 'c'd\ e ""  f"#),
            ["/usr/bin/etcd", "--name=a b", "cd e", "", "f"]
        );
    }

    #[test]
    fn a_variable_is_put_in_as_one_word_or_as_many() {
        let variables = BTreeMap::from([("ARGS".to_owned(), "--a --b=1".to_owned())]);
        assert_eq!(filled("$ARGS", &variables), ["--a", "--b=1"]);
        assert_eq!(filled("--x=${ARGS}!", &variables), ["--x=--a --b=1!"]);
        assert_eq!(filled("${unclosed", &variables), ["${unclosed"]);
        assert_eq!(filled("$NOTHING", &variables), [""; 0]);
    }
}
