//! Segment of a key between slashes, and the order in which siblings are shown.

use std::{cmp::Ordering, fmt};

/// A node's segment. DNS labels are mostly short, so short segments live in the node itself.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Segment {
    Short { len: u8, bytes: [u8; Self::SHORT] },
    Long(Box<[u8]>),
}

impl Segment {
    const SHORT: usize = 22;

    pub(super) fn new(segment: &[u8]) -> Self {
        let mut bytes = [0; Self::SHORT];
        match (u8::try_from(segment.len()), bytes.get_mut(..segment.len())) {
            (Ok(len), Some(place)) => {
                place.copy_from_slice(segment);
                Self::Short { len, bytes }
            }
            _ => Self::Long(segment.into()),
        }
    }

    pub(super) fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Self::Long(bytes) => bytes,
        }
    }
}

impl fmt::Debug for Segment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&crate::keys::spelling::Spelled(self.as_bytes()), f)
    }
}

/// Compares labels in DNS order: as RFC 4034 section 6.1 does, without regard to ASCII case. Labels that differ
/// only in case are one name in DNS but two keys in etcd; their bytes decide.
pub(super) fn dns_order(a: &[u8], b: &[u8]) -> Ordering {
    let same = super::chunk::shared(a, b);
    let (rest_a, rest_b) = (a.get(same..).unwrap_or_default(), b.get(same..).unwrap_or_default());
    let folded = |bytes: &[u8]| -> Option<u8> { bytes.first().map(u8::to_ascii_lowercase) };
    folded(rest_a).cmp(&folded(rest_b)).then_with(|| {
        let lower = u8::to_ascii_lowercase;
        rest_a.iter().map(lower).cmp(rest_b.iter().map(lower)).then_with(|| rest_a.cmp(rest_b))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn labels_are_ordered_without_regard_to_case_and_then_by_their_bytes() {
        let mut labels: Vec<&[u8]> = vec![b"b", b"a", b"Z", b"A", b"", b"a-b", b"aB", b"ab", b"\xff", b"\0"];
        labels.sort_by(|a, b| dns_order(a, b));
        let expected: Vec<&[u8]> = vec![b"", b"\0", b"A", b"a", b"a-b", b"aB", b"ab", b"b", b"Z", b"\xff"];
        assert_eq!(labels, expected);
    }

    proptest! {
        #[test]
        fn a_segment_keeps_its_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..40)) {
            let segment = Segment::new(&bytes);
            prop_assert_eq!(segment.as_bytes(), &bytes[..]);
        }

        #[test]
        fn the_order_is_that_of_the_lower_case_bytes(
            a in "[aAbB]{0,4}", b in "[aAbB]{0,4}",
        ) {
            let key = |text: &str| (text.to_ascii_lowercase(), text.to_owned());
            prop_assert_eq!(dns_order(a.as_bytes(), b.as_bytes()), key(&a).cmp(&key(&b)));
        }
    }
}
