use super::line::{RecordedBytes, RecordedChange, RecordedKey};

/// Effect of a recorded change on one key: a key without `before` is made, one without `after` is removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct KeyEffect<'a> {
    /// Spelled.
    pub key: &'a str,
    pub before: Option<&'a RecordedBytes>,
    pub after: Option<&'a RecordedBytes>,
    /// The lease of the old record, or of the new one. Hexadecimal.
    pub lease: Option<&'a str>,
}

impl RecordedChange {
    /// Returns the key that it is about, spelled; for a move, the key that is left.
    #[must_use]
    pub fn key(&self) -> &str {
        match self {
            Self::Create { key, .. } => key,
            Self::Update { before, .. } | Self::Delete { before } | Self::Move { before, .. } => &before.key,
        }
    }

    /// Returns every key that it touches, spelled.
    #[must_use]
    pub fn keys(&self) -> Vec<&str> {
        self.parts().iter().map(|part| part.key).collect()
    }

    /// Returns its effect, key by key: two for a move, the one that is left first.
    #[must_use]
    pub fn parts(&self) -> Vec<KeyEffect<'_>> {
        fn was(before: &RecordedKey) -> KeyEffect<'_> {
            let RecordedKey { key, value, lease, .. } = before;
            KeyEffect { key, before: Some(value), after: None, lease: lease.as_deref() }
        }
        match self {
            Self::Create { key, value, lease } => {
                vec![KeyEffect { key, before: None, after: Some(value), lease: lease.as_deref() }]
            }
            Self::Update { before, value } => vec![KeyEffect { after: Some(value), ..was(before) }],
            Self::Delete { before } => vec![was(before)],
            Self::Move { before, to } => {
                vec![
                    was(before),
                    KeyEffect { key: to, before: None, after: Some(&before.value), ..was(before) },
                ]
            }
        }
    }
}
