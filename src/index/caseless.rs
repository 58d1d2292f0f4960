use memchr::memmem::Finder;

/// A byte string that is found in others without regard to ASCII case.
#[derive(Clone, Debug)]
pub(super) struct Caseless {
    bytes: Box<[u8]>,
    /// For a text without letters, where case means nothing.
    exact: Option<Box<Finder<'static>>>,
    /// Position of its rarest byte, which is looked for first.
    rare: usize,
    rarest: u8,
}

/// Bytes of names and JSON, commonest last.
const COMMON: &[u8] = b"jqxzkwvybgfumpdlcrainesoth-/_9876543210.,{}:\"";

impl Caseless {
    pub(super) fn new(text: &[u8]) -> Self {
        let bytes: Box<[u8]> = text.to_ascii_lowercase().into();
        let exact =
            (!bytes.iter().any(u8::is_ascii_alphabetic)).then(|| Box::new(Finder::new(&*bytes).into_owned()));
        let commonness =
            |byte: u8| COMMON.iter().position(|common| *common == byte).map_or(0, |rank| rank + 1);
        let (rare, rarest) =
            bytes.iter().copied().enumerate().min_by_key(|(_, byte)| commonness(*byte)).unwrap_or_default();
        Self { bytes, exact, rare, rarest }
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Returns the position at which it first begins in `text`.
    pub(super) fn find(&self, text: &[u8]) -> Option<usize> {
        if let Some(exact) = &self.exact {
            return exact.find(text);
        }
        let upper = self.rarest.to_ascii_uppercase();
        memchr::memchr2_iter(self.rarest, upper, text).find_map(|at| {
            let start = at.checked_sub(self.rare)?;
            text.get(start..start + self.bytes.len())?.eq_ignore_ascii_case(&self.bytes).then_some(start)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn it_is_found_where_the_lower_case_texts_have_it(needle in "[aB1.]{1,3}", text in "[abAB1.]{0,20}") {
            let expected = text.to_ascii_lowercase().find(&needle.to_ascii_lowercase());
            prop_assert_eq!(Caseless::new(needle.as_bytes()).find(text.as_bytes()), expected);
        }
    }
}
