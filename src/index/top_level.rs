//! Top-level names: those directly below the scope.

use super::Records;
use crate::dns::Name;
use std::collections::BTreeSet;

impl Records {
    /// Returns the top-level names that queries can reach, each once: they are served where no zones are named. Goes
    /// from one to the next without walking the keys below them.
    #[must_use]
    pub fn top_level(&self) -> Vec<Name> {
        let prefix = self.scope().as_str().as_bytes();
        let mut segments: BTreeSet<Box<[u8]>> = BTreeSet::new();
        let mut cursor = self.seek(prefix);
        while let Some(rest) = cursor.key().and_then(|key| key.strip_prefix(prefix)) {
            let mut parts = rest.splitn(2, |byte| *byte == b'/');
            let segment: Box<[u8]> = parts.next().unwrap_or_default().into();
            let next = if parts.next().is_some() {
                // `0` follows the slash: it leads behind all keys below the segment.
                [prefix, &segment, b"0"].concat()
            } else {
                [prefix, &segment, b"\0"].concat()
            };
            segments.insert(segment);
            cursor.seek(&next);
        }
        segments.iter().filter_map(|segment| Name::of_segment(segment)).collect()
    }
}

#[cfg(test)]
mod tests {
    use crate::index::model::index_of;

    #[test]
    fn each_top_level_name_is_told_once_and_what_no_query_reaches_is_not() {
        let index =
            index_of(&["/a", "/a-b/x", "/a/b", "/a/b/c", "/a.b/x", "/io/gcr/x1", "/io/gcr/x2", "/*/x"]);
        let names: Vec<String> = index.records().top_level().iter().map(ToString::to_string).collect();
        assert_eq!(names, ["a", "a-b", "io"]);
    }
}
