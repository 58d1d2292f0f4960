use super::{Field, FieldError, Name, Record, RecordType, Value};
use crate::keys::{Scope, ScopedKey};

/// A record as it is being typed: a type, and a text for each of its fields.
///
/// Fields of a stored value that the type does not have stay in the value untouched.
#[derive(Clone, Debug)]
pub struct RecordDraft {
    kind: RecordType,
    texts: Vec<(Field, String)>,
    stored: Value,
}

/// The fields that are wrong, each with the reason.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(|(field, error)| format!("{field}: {error}")).collect::<Vec<_>>().join("; "))]
pub struct DraftError(pub Vec<(Field, FieldError)>);

impl RecordDraft {
    /// Makes an empty draft.
    #[must_use]
    pub fn new(kind: RecordType) -> Self {
        let texts = Field::of(kind).iter().map(|field| (*field, String::new())).collect();
        Self { kind, texts, stored: Value::default() }
    }

    /// Makes a draft of a stored value; its type depends on the [zones](Record::read). `None` for a value that no form
    /// can show: it must be edited as JSON.
    #[must_use]
    pub fn of_stored(zones: &[Name], scope: &Scope, key: &ScopedKey, value: &[u8]) -> Option<Self> {
        let kind = Record::read(zones, scope, key, value).kind;
        let stored = Value::parse(value).ok()?;
        if kind == RecordType::Opaque {
            return None;
        }
        let text_of = |field: &Field| match stored.raw(field.json()) {
            None | Some("null") => String::new(),
            Some(raw) => serde_json::from_str::<String>(raw).unwrap_or_else(|_| raw.to_owned()),
        };
        let texts = Field::of(kind).iter().map(|field| (*field, text_of(field))).collect();
        Some(Self { kind, texts, stored })
    }

    /// Returns the type that is suggested for a new record of a name.
    #[must_use]
    pub fn suggested(name: &Name) -> RecordType {
        if name.is_reverse() {
            RecordType::Ptr
        } else if name.is_special(b"ns") {
            RecordType::Ns
        } else {
            RecordType::A
        }
    }

    #[must_use]
    pub fn kind(&self) -> RecordType {
        self.kind
    }

    /// Returns it as another type; the texts of fields that both types have stay.
    #[must_use]
    pub fn with_kind(mut self, kind: RecordType) -> Self {
        let texts = Field::of(kind).iter().map(|field| (*field, self.text(*field).to_owned())).collect();
        for field in Field::of(self.kind).iter().filter(|field| !Field::of(kind).contains(field)) {
            self.stored.remove(field.json());
        }
        Self { kind, texts, ..self }
    }

    /// Returns the fields with their texts, in the order of a form.
    #[must_use]
    pub fn texts(&self) -> impl ExactSizeIterator<Item = (Field, &str)> {
        self.texts.iter().map(|(field, text)| (*field, text.as_str()))
    }

    /// Returns the text of a field; empty when the type has no such field.
    #[must_use]
    pub fn text(&self, field: Field) -> &str {
        self.texts.iter().find(|(is, _)| *is == field).map_or("", |(_, text)| text)
    }

    /// Puts a text into a field. Does nothing when the type has no such field.
    pub fn type_in(&mut self, field: Field, text: impl Into<String>) {
        if let Some((_, old)) = self.texts.iter_mut().find(|(is, _)| *is == field) {
            *old = text.into();
        }
    }

    /// Returns the error of a field with its present text.
    #[must_use]
    pub fn trouble(&self, field: Field) -> Option<FieldError> {
        field.check(self.kind, self.text(field)).err()
    }

    /// Returns the value to store. An untouched draft of a stored value returns that value's fields in their order.
    ///
    /// # Errors
    /// [`DraftError`] with every field that is wrong.
    pub fn value(&self) -> Result<Value, DraftError> {
        let mut value = self.stored.clone();
        let mut troubles = Vec::new();
        for (field, text) in self.texts() {
            match field.check(self.kind, text) {
                Ok(Some(json)) => value.set(field.json(), &json),
                Ok(None) => value.remove(field.json()),
                Err(error) => troubles.push((field, error)),
            }
        }
        if self.kind == RecordType::Mx {
            value.set("mail", &true.into());
        } else if value.raw("mail") == Some("true") {
            value.remove("mail");
        }
        if troubles.is_empty() { Ok(value) } else { Err(DraftError(troubles)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_host_and_a_ttl_are_stored_as_exactly_these_bytes() {
        let mut draft = RecordDraft::new(RecordType::A);
        draft.type_in(Field::Ttl, "60");
        draft.type_in(Field::Host, "172.25.52.217");
        assert_eq!(draft.value().unwrap().to_json(), r#"{"host":"172.25.52.217","ttl":60}"#);
    }

    #[test]
    fn an_edit_in_the_form_keeps_unknown_fields_and_their_order() {
        let scope = Scope::parse("/coredns").unwrap();
        let key = scope.key(b"/coredns/io/gcr/x1").unwrap();
        let stored = br#"{"owner":"team","ttl":60,"host":"10.0.0.1","group":"g"}"#;
        let mut draft = RecordDraft::of_stored(&[], &scope, &key, stored).unwrap();
        assert_eq!(draft.value().unwrap().to_json().as_bytes(), stored);
        draft.type_in(Field::Host, "10.0.0.2");
        draft.type_in(Field::Ttl, "");
        assert_eq!(draft.value().unwrap().to_json(), r#"{"owner":"team","host":"10.0.0.2","group":"g"}"#);
    }

    #[test]
    fn a_changed_type_takes_its_own_fields_along() {
        let mut draft = RecordDraft::new(RecordType::Srv);
        draft.type_in(Field::Host, "a.example.org");
        draft.type_in(Field::Port, "80");
        let draft = draft.with_kind(RecordType::Mx);
        assert_eq!(draft.value().unwrap().to_json(), r#"{"host":"a.example.org","mail":true}"#);
    }
}
