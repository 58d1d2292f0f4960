//! Answers of a file, as a server with its records gives them (RFC 1034, section 4.3.2).
use super::{Rdata, TargetName, ZoneRecord};
use crate::dns::{Name, QueryType};
use std::collections::{HashMap, HashSet};

/// Records of files, by their names. They hold no wildcards and no delegations: reading leaves these out.
#[derive(Debug)]
pub struct FileAnswers<'r> {
    by_name: HashMap<&'r Name, Vec<&'r ZoneRecord>>,
    /// The names, and those above them.
    existing: HashSet<Name>,
}

impl<'r> FileAnswers<'r> {
    pub fn of(records: impl IntoIterator<Item = &'r ZoneRecord>) -> Self {
        let mut said = Self { by_name: HashMap::new(), existing: HashSet::new() };
        for record in records {
            said.by_name.entry(&record.owner).or_default().push(record);
            said.note(&record.owner);
        }
        said
    }

    /// Adds names that exist in the file, and whose records were reported as left out.
    #[must_use]
    pub fn with_names<'n>(mut self, names: impl IntoIterator<Item = &'n Name>) -> Self {
        names.into_iter().for_each(|name| self.note(name));
        self
    }

    fn note(&mut self, name: &Name) {
        for name in std::iter::successors(Some(name.clone()), Name::parent) {
            if !self.existing.insert(name) {
                break;
            }
        }
    }

    /// Answers a question: returns the aliases on the way, and the records of the type.
    #[must_use]
    pub fn answer(&self, name: &Name, kind: QueryType) -> Vec<&'r ZoneRecord> {
        let mut answer = vec![];
        let mut met: HashSet<&Name> = HashSet::new();
        let mut here = self.at(name);
        loop {
            let before = answer.len();
            answer.extend(here.iter().filter(|record| record.data.kind() == kind));
            if answer.len() > before {
                return answer;
            }
            let alias = here.iter().find_map(|record| {
                if let Rdata::Cname(TargetName(target)) = &record.data {
                    Some((*record, target))
                } else {
                    None
                }
            });
            let Some((record, target)) = alias else { return answer };
            answer.push(record);
            if !met.insert(target) {
                return answer;
            }
            here = self.at(target);
        }
    }

    /// Tells whether there is anything at the name or below it: the answer for such a name is NODATA, for
    /// others NXDOMAIN.
    #[must_use]
    pub fn exists(&self, name: &Name) -> bool {
        self.existing.contains(name)
    }

    /// Tells whether there are records of the name itself.
    #[must_use]
    pub fn has(&self, name: &Name) -> bool {
        self.by_name.contains_key(name)
    }

    /// Returns the lines of a name's records of one type.
    pub fn lines(&self, name: &Name, kind: QueryType) -> impl Iterator<Item = usize> {
        let of_kind = self.at(name).iter().filter(move |record| record.data.kind() == kind);
        of_kind.map(|record| record.line)
    }

    fn at(&self, name: &Name) -> &[&'r ZoneRecord] {
        self.by_name.get(name).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exchange::read_zone;

    #[test]
    fn an_alias_is_followed_as_far_as_the_file_goes_and_never_in_a_circle() {
        let text = "$ORIGIN example.org.\n$TTL 60\na CNAME b\nb CNAME www\nwww A 192.0.2.1\nwww TXT t\n\
                    out CNAME far.test.\nr1 CNAME r2\nr2 CNAME r1\nx.deep A 192.0.2.2\n";
        let file = read_zone(text.as_bytes(), None).unwrap();
        let said = FileAnswers::of(&file.records);
        let name = |text: &str| Name::parse(&format!("{text}.example.org")).unwrap();
        for (asked, kind, wanted) in [
            ("www", QueryType::A, "192.0.2.1"),
            ("a", QueryType::A, "b.example.org. www.example.org. 192.0.2.1"),
            ("a", QueryType::MX, "b.example.org. www.example.org."),
            ("a", QueryType::CNAME, "b.example.org."),
            ("out", QueryType::AAAA, "far.test."),
            ("r1", QueryType::A, "r2.example.org. r1.example.org. r2.example.org."),
            ("deep", QueryType::A, ""),
        ] {
            let found: Vec<String> =
                said.answer(&name(asked), kind).iter().map(|record| record.data.to_string()).collect();
            assert_eq!(found.join(" "), wanted, "{asked} {kind}");
        }
        assert!(said.exists(&name("deep")) && !said.exists(&name("no")));
        assert_eq!(said.lines(&name("www"), QueryType::TXT).collect::<Vec<_>>(), [6]);
    }
}
