//! Guard that an unknown setting may be meant as, in any words, so that its writer relies on it: a name close to a
//! guard's, a word that forbids or allows, a value that does, or any switch that is not plainly another setting's.
use super::profile::KEYS;
use toml::de::DeValue;

/// The settings that forbid something.
pub(super) const READ_ONLY: &str = "read_only";
pub(super) const CLUSTER_ID: &str = "cluster_id";

/// The least likeness, of 1, at which a known word was probably meant.
const ALIKE: f64 = 0.8;

/// The beginnings of words that name a cluster.
const PINS: [&str; 4] = ["pin", "cluster", "identity", "fingerprint"];
/// The beginnings of words that forbid, allow or ask.
const GUARDS: [&str; 39] = [
    "read", "rdonly", "writ", "protect", "lock", "unlock", "guard", "confirm", "safe", "secur", "immutab",
    "mutab", "froz", "freez", "deny", "denied", "forbid", "prohibit", "prevent", "disallow", "disabl",
    "refus", "allow", "permit", "delet", "destr", "remov", "chang", "modif", "editab", "observ", "approv",
    "requir", "careful", "danger", "mainten", "thresh", "limit", "max",
];
/// The whole words that forbid, allow or ask.
const WORDS: [&str; 9] = ["ro", "rw", "never", "edit", "view", "only", "look", "dry", "ask"];

/// Returns the guard that a setting may be meant as.
pub(super) fn of(word: &str, value: &DeValue<'_>) -> Option<&'static str> {
    let other = known(word, &KEYS).filter(|other| !is_guard(other));
    let joined = parts(word).concat();
    let is = |other: &str| strsim::damerau_levenshtein(&joined, &other.replace('_', "")) <= 1;
    if other.is_some_and(is) {
        return None;
    }
    // A switch may forbid something in any language, so an unknown one counts as a guard.
    let is_switch = value.as_bool().is_some() && other.is_none();
    of_word(word).or_else(|| of_value(value)).or_else(|| is_switch.then_some(READ_ONLY))
}

fn of_word(word: &str) -> Option<&'static str> {
    let parts = parts(word);
    let joined = parts.concat();
    let begins =
        |with: &[&str]| parts.iter().any(|part| with.iter().any(|beginning| part.starts_with(beginning)));
    // A word with two letters wrong, missing or exchanged is still as like as that.
    let is_close = |guard: &str| strsim::jaro_winkler(&joined, &guard.replace('_', "")) >= ALIKE;
    if is_close(CLUSTER_ID) || begins(&PINS) {
        return Some(CLUSTER_ID);
    }
    let says_so = parts.iter().any(|part| WORDS.contains(&part.as_str()));
    (is_close(READ_ONLY) || begins(&GUARDS) || says_so).then_some(READ_ONLY)
}

/// Returns the guard in a value, which may be a table, a list or a text.
fn of_value(value: &DeValue<'_>) -> Option<&'static str> {
    if let Some(table) = value.as_table() {
        return table.iter().find_map(|(word, value)| of(word.get_ref(), value.get_ref()));
    }
    if let Some(list) = value.as_array() {
        return list.iter().find_map(|value| of_value(value.get_ref()));
    }
    // A short text counts if it consists of one of these words, as in `access = "ro"`.
    let text = value.as_str()?;
    let is_guard = parts(text).iter().any(|part| {
        ["ro", "readonly", "rdonly", "locked", "protected", "frozen", "immutable"].contains(&part.as_str())
    });
    let close = parts(text).concat();
    (is_guard || close.contains("readonly") || close.contains("nowrite") || close == "read" || close == "r")
        .then_some(READ_ONLY)
}

/// Returns the words of a name, in small letters: `readOnly`, `read-only` and `READ_ONLY` all have two.
fn parts(word: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut before = ' ';
    for c in word.chars() {
        let is_new = !c.is_alphanumeric() || c.is_uppercase() && before.is_lowercase();
        if is_new {
            parts.push(String::new());
        }
        if let Some(part) = parts.last_mut().filter(|_| c.is_alphanumeric()) {
            part.extend(c.to_lowercase());
        }
        before = c;
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// Returns the known word that was probably meant.
pub(super) fn known(word: &str, known: &[&'static str]) -> Option<&'static str> {
    let like = |known: &str| strsim::jaro_winkler(&word.to_lowercase(), known);
    let best = known.iter().copied().max_by(|a, b| like(a).total_cmp(&like(b)));
    best.filter(|best| like(best) >= ALIKE)
}

pub(super) fn is_guard(word: &str) -> bool {
    [READ_ONLY, CLUSTER_ID].contains(&word)
}

#[cfg(test)]
mod tests {
    use super::*;
    use toml::de::DeTable;

    fn guard(line: &str) -> Option<&'static str> {
        let table = DeTable::parse(line).unwrap();
        let (word, value) = table.get_ref().iter().next().unwrap();
        of(word.get_ref(), value.get_ref())
    }

    #[test]
    fn whatever_may_be_meant_as_a_guard_is_one() {
        for line in [
            "ro = true",
            "RO = 1",
            "readonly = true",
            "ReadOnly = true",
            "read-only = \"yes\"",
            "read_ony = true",
            "reda_only = true",
            "raed_only = true",
            "readd_onlly = true",
            "writable = false",
            "writeable = false",
            "write = false",
            "can_write = false",
            "allow_writes = false",
            "noWrites = true",
            "protect = true",
            "protected = true",
            "locked = true",
            "lock = \"all\"",
            "frozen = true",
            "immutable = true",
            "deny = \"all\"",
            "confirm = \"always\"",
            "require_confirmation = true",
            "dry-run = true",
            "view_only = true",
            "delete = false",
            "production = true",
            "guards = { ro = true }",
            "options = [{ read_only = true }]",
            "mode = \"read-only\"",
            "access = \"ro\"",
            "access = \"RO\"",
            "flags = \"--read-only\"",
            "flags = [\"--ascii\", \"--read-only\"]",
            "permissions = \"r\"",
            "nur_lesen = true",
            "reonl = \"x\"",
            "xxadonly = \"x\"",
            "access = \"read\"",
            "access = \"no write\"",
            "x = false",
            "threshold = 1",
            "limit = 3",
            "max_keys = 10",
            "\"read only\" = true",
        ] {
            assert_eq!(guard(line), Some(READ_ONLY), "{line}");
        }
        for line in [
            "pin = \"0de0c0dedec00de0\"",
            "pinned = \"1\"",
            "cluster = \"1\"",
            "clusterid = \"1\"",
            "clusterId = \"1\"",
            "cluster-id = 1",
            "cluster_ID = \"1\"",
            "custer_id = \"1\"",
            "clutser_di = \"1\"",
            "cluster_fingerprint = \"1\"",
            "etcd = { cluster = \"1\" }",
        ] {
            assert_eq!(guard(line), Some(CLUSTER_ID), "{line}");
        }
    }

    #[test]
    fn what_is_plainly_another_setting_is_none() {
        for line in [
            "prefx = \"/x\"",
            "endpoint = \"http://a:2379\"",
            "ca_cert = \"/x\"",
            "colours = \"red\"",
            "labels = \"prod\"",
            "label_ = \"Read me\"",
            "labels = \"read-only\"",
            "dns-servers = [\"10.0.0.1\"]",
            "x = \"y\"",
            "zone = \"io\"",
            "verify-after = true",
            "verify_aftr = true",
            "rescue-all = true",
            "rescueAll = false",
            "timeout = 5",
            "\"\" = 1",
            "comment = \"the one in Oslo\"",
            "usr = \"root\"",
        ] {
            assert_eq!(guard(line), None, "{line}");
        }
    }
}
