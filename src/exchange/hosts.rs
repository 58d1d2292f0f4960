//! `/etc/hosts`: an address, and the names that have it.
use super::{Answers, Fault, NotCarried, Rdata, ZoneRecord};
use crate::{
    dns::{DEFAULT_TTL, Name, QueryType},
    keys::KeyValue,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    net::IpAddr,
};

/// The lines of a hosts file of these records, and what it cannot say.
#[must_use]
pub fn hosts_lines(answers: &mut Answers<'_>, records: &[KeyValue]) -> (Vec<String>, Vec<NotCarried>) {
    let mut names: BTreeMap<IpAddr, BTreeSet<String>> = BTreeMap::new();
    let mut not_carried = vec![];
    for record in records {
        let served = answers.served(record);
        let key = || record.key.clone();
        not_carried.extend(served.not_carried);
        for said in served.records.iter().chain(&served.along) {
            let Some(name) = plain(&said.owner) else {
                let why = "its name cannot stand in a hosts file".to_owned();
                not_carried.push(NotCarried::NotServed { key: key(), why });
                continue;
            };
            let addresses = if let Rdata::Cname(_) = said.data {
                not_carried.push(NotCarried::AliasAsAddress { key: key(), name: said.owner.clone() });
                answers.addresses(&said.owner)
            } else if let Some(address) = said.data.address() {
                vec![address]
            } else {
                not_carried.push(NotCarried::OtherType { key: key(), kind: said.data.kind() });
                vec![]
            };
            for address in addresses {
                names.entry(address).or_default().insert(name.clone());
            }
        }
    }
    let mut lines = vec!["# A hosts file has no TTLs, and nothing but addresses.".to_owned()];
    lines.extend(names.into_iter().map(|(address, names)| {
        let names: Vec<String> = names.into_iter().collect();
        format!("{address}\t{}", names.join(" "))
    }));
    (lines, not_carried)
}

/// A name that every reader of hosts files takes.
fn plain(name: &Name) -> Option<String> {
    let text = name.to_string();
    let fine = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
    (!name.is_root() && text.bytes().all(fine)).then_some(text)
}

/// The addresses of a hosts file.
///
/// # Errors
/// [`Fault`] for the first line that is none.
pub fn read_hosts(bytes: &[u8]) -> Result<(Vec<ZoneRecord>, Vec<NotCarried>), Fault> {
    const REMEDY: &str = "Correct that line: an address, blanks, and names.";
    let mut records: Vec<ZoneRecord> = vec![];
    let mut not_carried = vec![];
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    for (index, line) in bytes.split(|byte| *byte == b'\n').enumerate() {
        let number = index + 1;
        let fault = |what: String| Fault { line: number, what, remedy: REMEDY };
        let text = line.split(|byte| *byte == b'#').next().unwrap_or_default();
        let text = std::str::from_utf8(text).map_err(|_| fault("it is not UTF-8".to_owned()))?;
        let mut words = text.split_whitespace();
        let Some(first) = words.next() else { continue };
        let address: IpAddr = first.parse().map_err(|_| fault(format!("{first} is no address")))?;
        let mut any = false;
        for word in words {
            any = true;
            let owner = Name::parse(word).map_err(|error| fault(error.to_string()))?;
            let data = match address {
                IpAddr::V4(address) => Rdata::A(address),
                IpAddr::V6(address) => Rdata::Aaaa(address),
            };
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
                None if records.iter().rev().take(1000).any(|one| one.owner == owner && one.data == data) => {
                }
                None => records.push(ZoneRecord { owner, ttl: DEFAULT_TTL, data, line: number }),
            }
        }
        if !any {
            return Err(fault(format!("{first} has no name")));
        }
    }
    Ok((records, not_carried))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_address_and_its_names() {
        let text = "\u{feff}# comment\r\n192.0.2.1\twww.example.org  WWW.example.net. # two\r\n\n2001:db8::1 a.b\n127.0.0.1 localhost\n192.0.2.1 www.example.org";
        let (records, left) = read_hosts(text.as_bytes()).unwrap();
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
        for (text, line) in
            [("\n\n1.2.3 a.b", 3), ("192.0.2.1", 1), ("192.0.2.1 a..b", 1), ("\n\u{feff}1 b", 2)]
        {
            assert_eq!(read_hosts(text.as_bytes()).unwrap_err().line, line, "{text}");
        }
        assert_eq!(read_hosts(b"192.0.2.1 \xff.b").unwrap_err().line, 1);
    }
}
