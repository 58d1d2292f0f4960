//! Orders in the words of a person: fields of a form, or arguments.
use super::{Among, BulkEdit};
use crate::dns::{Field, RecordType, address};

impl BulkEdit {
    /// Orders another TTL, in seconds; an empty text takes it away.
    ///
    /// # Errors
    /// The fault of the text, in words.
    pub fn set_ttl(of: Among, seconds: &str) -> Result<Self, String> {
        let ttl = Field::Ttl.check(RecordType::A, seconds.trim()).map_err(|error| error.to_string())?;
        let ttl = ttl.as_ref().and_then(serde_json::Value::as_u64).and_then(|ttl| ttl.try_into().ok());
        Ok(Self::SetTtl { of, ttl })
    }

    /// Orders another host wherever the old one stands.
    ///
    /// # Errors
    /// The fault of one of them, in words.
    pub fn replace_host(of: Among, old: &str, new: &str) -> Result<Self, String> {
        let (old, new) = (old.trim(), new.trim());
        if old.is_empty() {
            return Err("the old host is needed: an address or a name".to_owned());
        }
        if address(new).is_none() {
            Field::Host.check(RecordType::Cname, new).map_err(|error| format!("new host: {error}"))?;
        }
        Ok(Self::ReplaceHost { of, old: old.to_owned(), new: new.to_owned() })
    }

    /// Orders the deletion of all of these, but never of the whole scope.
    ///
    /// # Errors
    /// The order is for the whole scope.
    pub fn delete(of: Among) -> Result<Self, String> {
        match of {
            Among::Scope => Err("the whole scope cannot be deleted: mark what should go".to_owned()),
            of @ Among::These(_) => Ok(Self::Delete { of }),
        }
    }
}
