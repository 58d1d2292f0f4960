//! Repairs of single values, where only one repair can be meant.

use super::{
    fix::{Fix, FixStep, edited, one_for_each},
    hosts::is_flawed,
    lenient,
    node::NodeAt,
    scene::Scene,
    values::deletion,
};
use crate::{
    dns::{
        Class, Service, Value, ValueError, address, host::meant_addresses, service::FIELDS, value::folds_to,
    },
    quantity::counted,
};

/// Value that e3w puts at a key to show it as a directory (e3ch, client.go).
const DIRECTORY: &[u8] = b"etcdv3_dir_$2H#%gRe3*t";

/// Tells whether a value that cannot be read was never meant as a record: nothing, a directory's marker, or binary
/// data.
pub(super) fn is_foreign(scene: &Scene<'_>, key: &[u8], error: &ValueError) -> bool {
    match error {
        ValueError::Empty => true,
        ValueError::WrongType { .. } => false,
        ValueError::NotJson { .. } | ValueError::NotAnObject(_) => {
            scene.content(key).is_some_and(|content| {
                let value = content.value.trim_ascii();
                value.is_empty() || value == DIRECTORY || value.contains(&0)
            })
        }
    }
}

/// Deletes a key that holds nothing, or a directory's marker. The data of another program stays.
pub(super) fn without_marker(scene: &Scene<'_>, key: &[u8]) -> Option<Fix> {
    let content = scene.content(key)?;
    let value = content.value.trim_ascii();
    (value.is_empty() || value == DIRECTORY)
        .then(|| deletion(scene, key, "Delete the key; it holds no record."))
        .flatten()
}

/// Rewrites a value that is JSON but for a slip: of a shell, of a text editor, or of a person who wrote only an
/// address.
pub(super) fn rewritten(scene: &Scene<'_>, at: &NodeAt<'_>) -> Option<Fix> {
    let key = at.path;
    let before = scene.content(key)?.value;
    let text = std::str::from_utf8(&before).ok()?.trim_start_matches('\u{feff}').trim();
    let unquoted = ["'", "\"", "`"]
        .iter()
        .find_map(|quote| text.strip_prefix(quote)?.strip_suffix(quote))
        .unwrap_or(text);
    let host = address(unquoted).map(|_| serde_json::json!({ "host": unquoted }).to_string());
    let candidates = [
        host,
        Some(text.to_owned()),
        Some(unquoted.to_owned()),
        without_last_comma(text),
        (!text.contains('"')).then(|| text.replace('\'', "\"")),
    ];
    let useful = |candidate: &String| {
        Service::decode(candidate.as_bytes()).is_ok_and(|service| service.class() != Class::Nothing)
    };
    let strict = candidates.into_iter().flatten().find(useful);
    let Some(value) = strict.or_else(|| sane(&lenient::value_of(unquoted)?)) else {
        return of_a_list(scene, at, unquoted);
    };
    let value = value.into_bytes().into();
    Some(Fix::new("Write the value as JSON.", vec![FixStep::Update { key: key.into(), before, value }]))
}

fn without_last_comma(text: &str) -> Option<String> {
    let inner = text.strip_suffix('}')?.trim_end().strip_suffix(',')?;
    Some(format!("{inner}}}"))
}

/// Returns the JSON of a value that was read leniently, if `CoreDNS` can serve it.
fn sane(value: &Value) -> Option<String> {
    let json = value.to_json();
    let service = Service::decode(json.as_bytes()).ok()?;
    let is_sane = match service.class() {
        Class::V4(_) | Class::V6(_) => true,
        Class::Alias => !is_flawed(&service.host),
        Class::Text => service.host.is_empty(),
        Class::Nothing => false,
    };
    is_sane.then_some(json)
}

/// Makes a record for each address of a list: `10.0.0.1,10.0.0.2` and `["10.0.0.1","10.0.0.2"]`.
fn of_a_list(scene: &Scene<'_>, at: &NodeAt<'_>, text: &str) -> Option<Fix> {
    let list = match serde_json::from_str::<Vec<String>>(text) {
        Ok(list) => list.join(","),
        Err(_) => text.trim_matches(['[', ']', '{', '}']).replace(['"', '\''], ""),
    };
    let hosts = meant_addresses(&list)?;
    let value = |host: &&str| serde_json::json!({ "host": host }).to_string().into_bytes().into();
    records_of(scene, at, hosts.iter().map(value).collect())
}

/// Makes a record of the same value for each of several addresses as its host.
pub(super) fn with_each(scene: &Scene<'_>, at: &NodeAt<'_>, hosts: &[&str]) -> Option<Fix> {
    let whole = Value::parse(&scene.content(at.path)?.value).ok()?;
    let value = |host: &&str| {
        let mut value = whole.clone();
        value.set("host", &(*host).into());
        Box::from(value.to_bytes())
    };
    let values: Vec<Box<[u8]>> = hosts.iter().map(value).collect();
    let reads = values.iter().all(|value| Service::decode(value).is_ok());
    if reads { records_of(scene, at, values) } else { None }
}

fn records_of(scene: &Scene<'_>, at: &NodeAt<'_>, values: Vec<Box<[u8]>>) -> Option<Fix> {
    let what = format!("Make {} of it, one for each address.", counted(values.len(), "record"));
    one_for_each(scene, at, values).map(|steps| Fix::new(what, steps))
}

/// Corrects fields that are written as another JSON type than they have, where the value is clear: `"80"` and `80.0`
/// are 80.
pub(super) fn retyped(scene: &Scene<'_>, at: &NodeAt<'_>) -> Option<Fix> {
    let key = at.path;
    if let Some(hosts) = listed_hosts(scene, key) {
        let hosts = meant_addresses(&hosts)?.into_iter().map(str::to_owned).collect::<Vec<_>>();
        return with_each(scene, at, &hosts.iter().map(String::as_str).collect::<Vec<_>>());
    }
    let fix = edited(scene, key, "Write each field as the type that it has.", |value| {
        for field in FIELDS {
            let typed = value.raw(field).and_then(|raw| retype(field, raw));
            if let Some(typed) = typed {
                value.set(field, &typed);
            }
        }
    })?;
    let reads =
        |step: &FixStep| matches!(step, FixStep::Update { value, .. } if Service::decode(value).is_ok());
    fix.steps.iter().all(reads).then_some(fix)
}

/// Returns the hosts of a value that has a list of several.
fn listed_hosts(scene: &Scene<'_>, key: &[u8]) -> Option<String> {
    let value = Value::parse(&scene.content(key)?.value).ok()?;
    let list: Vec<String> = serde_json::from_str(value.raw("host")?).ok()?;
    (list.len() > 1).then(|| list.join(","))
}

fn retype(field: &str, raw: &str) -> Option<serde_json::Value> {
    let string = serde_json::from_str::<String>(raw).ok();
    let bare = string.as_deref().unwrap_or(raw).trim();
    match field {
        // A number in place of a text is that text. A list of several hosts has no single text.
        "host" if raw.starts_with('[') => match &serde_json::from_str::<Vec<String>>(raw).ok()?[..] {
            [only] => Some(only.as_str().into()),
            _ => None,
        },
        "host" | "text" | "group" => {
            let is_number = string.is_none() && raw.starts_with(|c: char| c.is_ascii_digit() || c == '-');
            is_number.then(|| raw.into())
        }
        "mail" => match bare {
            "true" | "1" if raw != "true" => Some(true.into()),
            "false" | "0" | "" if raw != "false" => Some(false.into()),
            _ => None,
        },
        _ => {
            let whole = bare.strip_suffix(".0").unwrap_or(bare);
            let number = whole.parse::<i64>().ok()?;
            (raw != whole && (field != "ttl" || number >= 0)).then(|| number.into())
        }
    }
}

/// A field that `CoreDNS` does not know, and that was probably meant as another one.
pub(super) struct Misspelt {
    pub(super) field: String,
    pub(super) meant: Option<&'static str>,
    pub(super) fix: Option<Fix>,
}

/// Names for a host that `CoreDNS` does not use.
const HOSTS: [&str; 6] = ["address", "addr", "ip", "target", "a", "hostname"];

/// Returns the first unknown field that is a slip; if the record is useless without one, the first unknown field of any
/// kind.
pub(super) fn misspelt(scene: &Scene<'_>, key: &[u8], useless: bool) -> Option<Misspelt> {
    let content = scene.content(key)?;
    let value = Value::parse(&content.value).ok()?;
    let Some((field, meant)) = slips(&value, useless).next() else {
        let field = unknown(&value).next().filter(|_| useless)?.to_owned();
        return Some(Misspelt { field, meant: None, fix: None });
    };
    // A value often has several slips: a fix that leaves others would not end the finding.
    let mut renamed = value.clone();
    let mut all = vec![];
    let next = |value: &Value| slips(value, useless).next().map(|(field, meant)| (field.to_owned(), meant));
    while let Some((field, meant)) = next(&renamed) {
        renamed.rename(&field, meant);
        all.push((field, meant));
    }
    let reads = Service::decode(&renamed.to_bytes()).is_ok();
    let names: Vec<String> = all.iter().map(|(_, meant)| format!("\"{meant}\"")).collect();
    let what = match names.len() {
        1 => format!("Rename the field to {}.", names.concat()),
        _ => format!("Rename the fields to {}.", names.join(", ")),
    };
    let fix = reads.then(|| {
        edited(scene, key, what, |value| all.iter().for_each(|(field, meant)| value.rename(field, meant)))
    });
    Some(Misspelt { field: field.to_owned(), meant: Some(meant), fix: fix.flatten() })
}

/// Returns the fields that neither `CoreDNS` nor external-dns knows.
fn unknown(value: &Value) -> impl Iterator<Item = &str> {
    let is_known = |name: &str| FIELDS.iter().any(|field| folds_to(name, field));
    value.names().filter(move |name| !is_known(name) && *name != "owner")
}

/// Returns the unknown fields that are slips, each with the field that is meant. A field that is already there under
/// its right name cannot be meant a second time.
fn slips(value: &Value, useless: bool) -> impl Iterator<Item = (&str, &'static str)> {
    unknown(value).filter_map(move |name| {
        let lower = name.trim().to_ascii_lowercase();
        let close = FIELDS.into_iter().find(|field| is_slip(&lower, field));
        let meant = close.or_else(|| (useless && HOSTS.contains(&&*lower)).then_some("host"))?;
        value.raw(meant).is_none().then_some((name, meant))
    })
}

/// Tells whether two names differ by at most one letter more, less, or other, or by two swapped neighbours.
fn is_slip(written: &str, meant: &str) -> bool {
    let (written, meant) = (written.as_bytes(), meant.as_bytes());
    let shared = written.iter().zip(meant).take_while(|(a, b)| a == b).count();
    let rest = |text: &'_ [u8], skipped: usize| text.get(shared + skipped..).map(<[u8]>::to_vec);
    let swapped = matches!(
        (written.get(shared..), meant.get(shared..)),
        (Some([one, two, ..]), Some([first, second, ..])) if one == second && two == first
    );
    (swapped && rest(written, 2) == rest(meant, 2))
        || written == meant
        || rest(written, 1).is_some_and(|rest_written| {
            Some(&rest_written) == rest(meant, 1).as_ref() || Some(&rest_written) == rest(meant, 0).as_ref()
        })
        || rest(meant, 1).is_some_and(|rest_meant| Some(rest_meant) == rest(written, 0))
}

/// Keeps of each field only the one that counts.
pub(super) fn drop_overridden(value: &mut Value) {
    for field in FIELDS {
        value.keep_what_counts(field);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_one_letter_or_two_that_are_swapped() {
        for (written, meant) in [
            ("hosts", "host"),
            ("weigth", "weight"),
            ("prot", "port"),
            ("hst", "host"),
            ("texd", "text"),
            ("host", "host"),
        ] {
            assert!(is_slip(written, meant), "{written}");
        }
        for (written, meant) in [("owner", "host"), ("note", "host"), ("p", "port"), ("sport", "host")] {
            assert!(!is_slip(written, meant), "{written}");
        }
    }
}
