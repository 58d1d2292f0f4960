//! Reader of a Corefile in a `ConfigMap`, as `kubectl get configmap -o yaml` and `-o json` print it, alone or in a
//! list. Kubernetes keeps it nowhere else.
use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::Value;

/// The key of a `ConfigMap`'s data that a Deployment of `CoreDNS` mounts as its Corefile.
const COREFILE: &str = "Corefile";

/// Returns the Corefile in a text that is a `ConfigMap`; `None` for any other text, which is a Corefile itself.
///
/// Before a Corefile from a block of YAML stand empty lines, so that its lines keep their numbers.
///
/// # Errors
/// The text is an object of Kubernetes and holds no Corefile, or more than one.
pub(super) fn corefile(text: &str) -> Result<Option<String>, String> {
    let found = if text.trim_start().starts_with('{') {
        let Ok(json) = serde_json::from_str::<Value>(text) else { return Ok(None) };
        let mut found = Vec::new();
        in_json(&json, &mut found);
        found
    } else if looks_like_an_object(text) {
        in_yaml(text)?
    } else {
        return Ok(None);
    };
    let mut found = found.into_iter();
    match (found.next(), found.len()) {
        (Some(only), 0) => Ok(Some(only)),
        (None, _) => Err(format!("it is an object of Kubernetes without {COREFILE} in its data")),
        (Some(_), more) => {
            Err(format!("it holds {} Corefiles: give one ConfigMap alone, as kubectl prints it", more + 1))
        }
    }
}

/// Tells whether a text begins as an object of Kubernetes does. No line of a Corefile is a word, a colon and a blank.
fn looks_like_an_object(text: &str) -> bool {
    let is_field = |line: &str, field: &str| {
        line.strip_prefix(field)
            .and_then(|rest| rest.strip_prefix(':'))
            .is_some_and(|rest| rest.is_empty() || rest.starts_with([' ', '\t', '\r']))
    };
    text.lines().any(|line| ["apiVersion", "kind", "data"].iter().any(|field| is_field(line, field)))
}

fn in_json(object: &Value, found: &mut Vec<String>) {
    if let Some(items) = object.get("items").and_then(Value::as_array) {
        for item in items {
            in_json(item, found);
        }
    }
    let data = object.get("data").and_then(|data| data.get(COREFILE));
    found.extend(data.and_then(Value::as_str).map(str::to_owned));
}

/// Open collection of YAML at an event: a mapping whose next scalar is a key or the value of one, or a list.
enum OpenCollection {
    Mapping { key: Option<String> },
    List,
}

fn in_yaml(text: &str) -> Result<Vec<String>, String> {
    let mut open: Vec<OpenCollection> = Vec::new();
    let mut found = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, span) =
            event.map_err(|error| format!("it is no YAML from line {} on", error.marker().line()))?;
        match event {
            Event::Scalar(word, style, ..) => {
                if is_data(&open) {
                    let is_block = matches!(style, ScalarStyle::Literal);
                    // The number of the line counts from 1.
                    let before = if is_block { span.start.line().saturating_sub(1) } else { 0 };
                    found.push(format!("{}{word}", "\n".repeat(before)));
                }
                step(&mut open, Some(&word));
            }
            Event::Alias(_) => step(&mut open, None),
            Event::MappingStart(..) => open.push(OpenCollection::Mapping { key: None }),
            Event::SequenceStart(..) => open.push(OpenCollection::List),
            Event::MappingEnd | Event::SequenceEnd => {
                open.pop();
                step(&mut open, None);
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => {}
        }
    }
    Ok(found)
}

/// Takes the node that was read as a key of the innermost mapping, or as the value of its last key.
fn step(open: &mut [OpenCollection], word: Option<&str>) {
    if let Some(OpenCollection::Mapping { key }) = open.last_mut() {
        *key = match key {
            Some(_) => None,
            None => Some(word.unwrap_or_default().to_owned()),
        };
    }
}

/// Tells whether the next scalar is the value of `data.Corefile`, at the top or in an item of the list at the top.
fn is_data(open: &[OpenCollection]) -> bool {
    let keys: Option<Vec<&str>> = open
        .iter()
        .filter_map(|one| match one {
            OpenCollection::Mapping { key } => Some(key.as_deref()),
            OpenCollection::List => None,
        })
        .collect();
    matches!(keys.as_deref(), Some(["data", COREFILE] | ["items", "data", COREFILE]))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = ".:53 {\n    errors\n    etcd example.org {\n        path /skydns\n    }\n}\n";
    const YAML: &str = "apiVersion: v1\ndata:\n  Corefile: |\n    .:53 {\n        errors\n        etcd example.org {\n            path /skydns\n        }\n    }\nkind: ConfigMap\nmetadata:\n  name: coredns\n  namespace: kube-system\n";

    #[test]
    fn a_corefile_comes_out_of_what_kubectl_prints() {
        let json =
            serde_json::json!({ "apiVersion": "v1", "kind": "ConfigMap", "data": { "Corefile": TEXT } });
        let list = serde_json::json!({ "kind": "List", "items": [{ "data": { "x": "y" } }, json] });
        let quoted = format!("kind: ConfigMap\ndata: {{NodeHosts: \"\", Corefile: {TEXT:?}}}\n");
        let folded = "kind: List\nitems:\n- kind: ConfigMap\n  data:\n    Corefile: \".:53 {\\n    errors\\n    \
                      etcd example.org {\\n        path /skydns\\n    }\\n}\\n\"\n";
        for text in [
            YAML,
            &format!("---\n{YAML}"),
            &json.to_string(),
            &serde_json::to_string_pretty(&list).unwrap(),
            &quoted,
            folded,
        ] {
            let found = corefile(text).unwrap().unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found.trim_start_matches('\n'), TEXT, "{text}");
        }
    }

    #[test]
    fn lines_of_a_block_keep_their_numbers() {
        let found = corefile(YAML).unwrap().unwrap();
        let line = |text: &str| text.lines().position(|line| line.contains("path /skydns"));
        assert_eq!(line(&found), line(YAML));
    }

    #[test]
    fn a_corefile_is_left_as_it_is_and_another_object_is_refused() {
        for text in [TEXT, "", "example.org:53 {\n  etcd\n}\n", "{$ZONES} {\n etcd\n}\n", "(snip) {\n}\n"] {
            assert_eq!(corefile(text), Ok(None), "{text:?}");
        }
        for text in [
            "apiVersion: v1\nkind: Pod\nspec:\n  data:\n    Corefile: x\n",
            "{\"kind\":\"Pod\"}",
            &format!("{YAML}---\n{YAML}"),
            "kind: ConfigMap\ndata: [\n",
        ] {
            assert!(corefile(text).is_err(), "{text:?}");
        }
    }
}
