//! Report on a file that may be of another kind: a key or a list of passwords that was named by mistake. No word of it
//! is repeated before a part of it was understood.
use serde_json::{Error, error::Category};

/// Least likeness to a known field for which an unknown one counts as mistyped.
const ALIKE: f64 = 0.8;

/// Describes the fault in a piece of JSON, without serde's own line and column, and without its content: only a field
/// that is nearly one of `fields` is named.
#[must_use]
pub fn json_error(error: &Error, fields: &[&str]) -> String {
    let text = error.to_string();
    let text = text.rfind(" at line ").and_then(|at| text.get(..at)).unwrap_or(&text);
    if error.classify() != Category::Data {
        return text.to_owned();
    }
    // `unknown field `x`, expected ...`, `invalid type: string "x", expected a map`.
    let named = text.strip_prefix("unknown field `").and_then(|rest| rest.split_once('`'));
    if let Some((field, _)) = named {
        return if fields.iter().any(|known| strsim::jaro_winkler(field, known) >= ALIKE) {
            text.to_owned()
        } else {
            "it has a field that belongs to none".to_owned()
        };
    }
    let quotes = ["invalid ", "unknown "].iter().any(|kind| text.starts_with(kind));
    match text.split_once(", expected ") {
        Some((_, expected)) if quotes => format!("expected {expected}, and something else stands there"),
        _ if quotes => "something stands there that is not expected".to_owned(),
        _ => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Form {
        #[serde(rename = "value")]
        _value: u8,
    }

    #[test]
    fn no_content_is_repeated_but_a_field_that_is_nearly_right() {
        for text in [
            "\"hunter2\"",
            "{\"hunter2\": 1}",
            "{\"value\": \"hunter2\"}",
            "{\"value\": -72}",
            "[\"hunter2\"]",
            "{\"value\": 1, hunter2",
            "hunter2",
            "-----BEGIN hunter2-----",
        ] {
            let told = json_error(&serde_json::from_str::<Form>(text).unwrap_err(), &["value"]);
            assert!(!told.contains("hunter") && !told.contains("72"), "{told}");
        }
        let told = json_error(&serde_json::from_str::<Form>("{\"vlaue\": 1}").unwrap_err(), &["value"]);
        assert_eq!(told, "unknown field `vlaue`, expected `value`");
    }
}
