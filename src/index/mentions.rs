//! Mentions of a name in aliases, found by searching all values.

use super::{Needle, Records};
use crate::dns::Mentions;
use std::sync::atomic::AtomicBool;

/// All records of a snapshot, searched until somebody sets `stop`; then nothing more is found.
#[derive(Debug)]
pub struct Searched<'a> {
    pub records: &'a Records,
    pub stop: &'a AtomicBool,
}

impl Mentions for Searched<'_> {
    fn mentioning(&self, text: &str, limit: usize) -> Vec<Box<[u8]>> {
        let found = Needle::new(text).and_then(|needle| needle.search(self.records, limit, self.stop));
        let matches = found.map(|found| found.matches).unwrap_or_default();
        matches.into_iter().map(|found| found.key.as_bytes().into()).collect()
    }

    fn is_complete(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        dns::{ChangedSource, Effort, Name, Serving, Weight, impact},
        index::Index,
        keys::{KeyValue, Revision, Scope},
    };

    #[test]
    fn an_alias_anywhere_in_the_picture_is_found_for_a_change_of_its_target() {
        let scope = Scope::parse("/coredns").unwrap();
        let mut index = Index::new(scope.clone());
        for (key, host) in [("io/gcr", "10.0.0.1"), ("org/example/www", "GCR.io"), ("org/gcr.io", "10.0.0.2")]
        {
            index.put(&KeyValue {
                key: scope.key(format!("/coredns/{key}").as_bytes()).unwrap(),
                value: format!(r#"{{"host":"{host}"}}"#).into_bytes().into(),
                create_revision: Revision(1),
                mod_revision: Revision(1),
                version: 1,
                lease: None,
            });
        }
        let zones = ["io", "example.org"].map(|zone| Name::parse(zone).unwrap()).to_vec();
        let (serving, stop) = (Serving::new(scope, zones), AtomicBool::new(false));
        let changed = b"/coredns/io/gcr";
        let (before, mentions) = (index.records(), Searched { records: index.records(), stop: &stop });
        let after = ChangedSource::new(before, [(Box::from(&changed[..]), None)]);
        let found = mentions.mentioning("\"gcr.io", 10);
        assert_eq!(found, [Box::from(&b"/coredns/org/example/www"[..])]);
        let impact = impact(before, &after, &serving, &[changed], &mentions, &Effort::default());
        let lines: Vec<String> = impact.lines().iter().map(ToString::to_string).collect();
        let gone = impact.lines().iter().filter(|line| line.weight == Weight::Gone).count();
        assert_eq!(gone, lines.len(), "an alias to nothing is no answer: {lines:#?}");
        let alias = "www.example.org A: 10.0.0.1 -> alias to GCR.io.";
        assert!(lines.contains(&alias.to_owned()) && !impact.aliases_left_out, "{lines:#?}");
    }
}
