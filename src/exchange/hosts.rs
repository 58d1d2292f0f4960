//! Hosts files (`/etc/hosts`): an address, and the names that have it.
use super::{FileAnswers, KnownAnswers, NotCarried, Rdata, Speech, ZoneRecord, unlike};
use crate::{
    dns::{DEFAULT_TTL, Name, QueryType},
    keys::KeyValue,
};
use std::{
    collections::{BTreeMap, BTreeSet, HashSet},
    net::IpAddr,
};

/// Writes the lines of a hosts file of these records, and returns the parts that it cannot say.
#[must_use]
pub fn hosts_lines(answers: &mut KnownAnswers<'_>, records: &[KeyValue]) -> (Vec<String>, Vec<NotCarried>) {
    let mut names: BTreeMap<IpAddr, BTreeSet<String>> = BTreeMap::new();
    let mut not_carried = vec![];
    let (mut said, mut asked): (Vec<ZoneRecord>, Vec<Name>) = (vec![], vec![]);
    for record in records {
        let served = answers.served(record);
        let key = || record.key.clone();
        asked.extend(served.zone.is_some().then(|| answers.name_of(&record.key)));
        asked.push(served.owner.clone());
        not_carried.extend(served.not_carried);
        for given in served.records.iter().chain(&served.along) {
            let Some(name) = plain(&given.owner) else {
                let why = "its name cannot stand in a hosts file".to_owned();
                not_carried.push(NotCarried::NotServed { key: key(), why });
                continue;
            };
            let addresses = if let Rdata::Cname(_) = given.data {
                not_carried.push(NotCarried::AliasAsAddress { key: key(), name: given.owner.clone() });
                answers.addresses(&given.owner)
            } else if let Some(address) = given.data.address() {
                vec![address]
            } else {
                not_carried.push(NotCarried::OtherType { key: key(), kind: given.data.kind() });
                vec![]
            };
            for address in addresses {
                names.entry(address).or_default().insert(name.clone());
                let (owner, data) = (given.owner.clone(), Rdata::of_address(address));
                said.push(ZoneRecord { owner, ttl: DEFAULT_TTL, data, line: 0 });
            }
        }
    }
    // A record of both a name and the one above it is told once.
    not_carried.dedup();
    let names_asked = with_those_above(answers, asked);
    not_carried.extend(unlike(answers, &FileAnswers::of(&said), &names_asked, Speech::Addresses, &|_| None));
    let mut lines = vec!["# A hosts file has no TTLs, and nothing but addresses.".to_owned()];
    lines.extend(names.into_iter().map(|(address, names)| {
        let names: Vec<String> = names.into_iter().collect();
        format!("{address}\t{}", names.join(" "))
    }));
    (lines, not_carried)
}

/// Returns these names and those above them in their zones, in the order of DNS.
fn with_those_above(answers: &KnownAnswers<'_>, names: Vec<Name>) -> Vec<Name> {
    let mut all = HashSet::new();
    for name in names {
        let Some(zone) = answers.zone(&name) else { continue };
        let above = std::iter::successors(Some(name), Name::parent);
        for name in above.take_while(|name| name.is_within(&zone)) {
            if !all.insert(name) {
                break;
            }
        }
    }
    let mut all: Vec<Name> = all.into_iter().collect();
    all.sort_by(|a, b| a.labels().rev().cmp(b.labels().rev()));
    all
}

/// Returns a name's text if every reader of hosts files takes it.
fn plain(name: &Name) -> Option<String> {
    let text = name.to_string();
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (!name.is_root() && text.bytes().all(fine)).then_some(text)
}

/// Reads the addresses of a hosts file, and the lines that are left out, each with its reason. If no line can be read,
/// it is no hosts file, and no word of it is repeated.
#[must_use]
pub fn read_hosts(bytes: &[u8]) -> (Vec<ZoneRecord>, Vec<NotCarried>) {
    let read = read(bytes, true);
    let (records, not_carried) = &read;
    let is_one =
        !records.is_empty() || not_carried.iter().any(|left| !matches!(left, NotCarried::Broken { .. }));
    if is_one { read } else { self::read(bytes, false) }
}

fn read(bytes: &[u8], quotes: bool) -> (Vec<ZoneRecord>, Vec<NotCarried>) {
    let shown = |word: &str| if quotes { word.to_owned() } else { "its first word".to_owned() };
    let mut records: Vec<ZoneRecord> = vec![];
    let mut not_carried = vec![];
    let mut seen: HashSet<(Name, IpAddr)> = HashSet::new();
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let number = index + 1;
        let mut broken = |what: String| not_carried.push(NotCarried::Broken { line: number, what });
        let text = line.split(|byte| *byte == b'#').next().unwrap_or_default();
        let Ok(text) = std::str::from_utf8(text) else {
            broken("it is not UTF-8".to_owned());
            continue;
        };
        let mut words = text.split_whitespace().peekable();
        let Some(first) = words.next() else { continue };
        let Ok(address) = first.parse::<IpAddr>() else {
            broken(format!("{} is no address", shown(first)));
            continue;
        };
        if words.peek().is_none() {
            broken(format!("{} has no name", shown(first)));
        }
        for word in words {
            let owner = match Name::parse(word) {
                Ok(owner) => owner,
                Err(error) => {
                    let what = if quotes { error.to_string() } else { "a word is no name".to_owned() };
                    not_carried.push(NotCarried::Broken { line: number, what });
                    continue;
                }
            };
            let data = Rdata::of_address(address);
            let kind = data.kind();
            let why = if owner.labels().len() < 2 {
                Some("a name of one label is of this host alone")
            } else if !owner.is_served() {
                Some("CoreDNS takes * and any for wildcards of a question")
            } else {
                None
            };
            match why {
                Some(why) => not_carried.push(NotCarried::Line {
                    line: number,
                    name: owner.to_string(),
                    kind: QueryType::to_string(&kind),
                    why,
                }),
                None if seen.insert((owner.clone(), address)) => {
                    records.push(ZoneRecord { owner, ttl: DEFAULT_TTL, data, line: number });
                }
                None => {}
            }
        }
    }
    (records, not_carried)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_address_and_its_names() {
        let text = "\u{feff}# comment\r\n192.0.2.1\twww.example.org  WWW.example.net. # two\r\n\n2001:db8::1 a.b\n127.0.0.1 localhost\n192.0.2.1 www.example.org";
        let (records, left) = read_hosts(text.as_bytes());
        let lines: Vec<String> = records
            .iter()
            .map(|record| format!("{} {} {}", record.line, record.owner, record.data))
            .collect();
        assert_eq!(
            lines,
            ["2 www.example.org 192.0.2.1", "2 www.example.net 192.0.2.1", "4 a.b 2001:db8::1"]
        );
        assert_eq!(left.len(), 1);
        assert!(left[0].to_string().starts_with("line 5: localhost A"), "{}", left[0]);
    }

    #[test]
    fn of_what_is_no_hosts_file_no_word_is_repeated() {
        let text = b"root:$6$s3cret:19000:0:99999:7:::\nhunter2 s3cret\n10.0.0.1\n10.0.0.1 s3cret..x\n";
        let (records, left) = read_hosts(text);
        assert_eq!((records.len(), left.len()), (0, 4));
        for left in left {
            let told = left.to_string();
            assert!(!told.contains("s3cret") && !told.contains("hunter2"), "{told}");
        }
    }

    #[test]
    fn every_line_that_cannot_be_read_is_told_and_the_others_are_taken() {
        let text = b"1.2.3 a.b\n192.0.2.1\n192.0.2.1 a..b c.d \xc3\xbc.e\n192.0.2.1 \xff.b\n\xef\xbb\xbf1 b\n192.0.2.2 e.f\n";
        let (records, left) = read_hosts(text);
        let left: Vec<String> = left.iter().map(ToString::to_string).collect();
        assert_eq!(
            left,
            [
                "line 1 is left out: 1.2.3 is no address",
                "line 2 is left out: 192.0.2.1 has no name",
                "line 3 is left out: the name \"a..b\" has an empty label",
                "line 3 is left out: the name \"ü.e\" is not ASCII",
                "line 4 is left out: it is not UTF-8",
                "line 5 is left out: \u{feff}1 is no address",
            ]
        );
        let lines: Vec<usize> = records.iter().map(|record| record.line).collect();
        assert_eq!(lines, [3, 6], "c.d of the third line is taken");
    }
}
