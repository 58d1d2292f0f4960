//! Reader of zone files: turns a file into its records.
use super::entries::{ZoneEntry, ZoneField, entries};
use crate::{
    dns::{Name, QueryType},
    exchange::{NotCarried, ParseError, Rdata, TargetName, ZoneRecord},
};
use std::collections::HashSet;

/// Content of a zone file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneText {
    /// The owner of its SOA, or else its first origin.
    pub zone: Name,
    /// In the order of the file, each once.
    pub records: Vec<ZoneRecord>,
    /// Lines that no record of a scope can hold, and those that cannot be read.
    pub not_carried: Vec<NotCarried>,
}

/// A file from which nothing is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneFileError {
    /// Reason why nothing is taken.
    pub fault: ParseError,
    /// The lines that cannot be read, this one left out, in their order.
    pub others: Vec<NotCarried>,
}

const LINE: &str = "Correct that line (RFC 1035, section 5.1).";
const ORIGIN: &str = "Begin the file with $ORIGIN and the zone's name with its closing dot.";
const INCLUDE: &str = "Put what it includes into this file: no other file is ever read.";
const GENERATE: &str = "Write its records out: it is BIND's own, and no part of a zone file.";

/// Reads a zone file. `origin` is for relative names before any `$ORIGIN`. A line that cannot be read is left out and
/// reported, and the rest is taken.
///
/// # Errors
/// [`ZoneFileError`] for a file that is not whole, or does not name its zone. If no line can be read, it is no zone file, and
/// no word of it is repeated.
pub fn read_zone(bytes: &[u8], origin: Option<&Name>) -> Result<ZoneText, ZoneFileError> {
    let (read, is_one) = read(bytes, origin, true);
    if is_one { read } else { self::read(bytes, origin, false).0 }
}

/// Returns the content of a file, and whether any of it was understood.
fn read(bytes: &[u8], origin: Option<&Name>, quotes: bool) -> (Result<ZoneText, ZoneFileError>, bool) {
    let mut reader = ZoneReader {
        quotes,
        origin: origin.cloned(),
        first_origin: origin.cloned(),
        ttl: None,
        last_ttl: None,
        owner: None,
        soa: None,
        records: vec![],
        not_carried: vec![],
        seen: HashSet::new(),
    };
    let mut elsewhere: Option<ParseError> = None;
    for entry in entries(bytes) {
        if let Err(fault) = reader.entry(&entry) {
            if elsewhere.is_none() && [INCLUDE, GENERATE].contains(&fault.remedy) {
                elsewhere = Some(fault);
            } else {
                reader.not_carried.push(NotCarried::Broken { line: fault.line, what: fault.what });
            }
        }
    }
    let unread = |fault: ParseError, others: Vec<NotCarried>| {
        let others = others.into_iter().filter(|left| matches!(left, NotCarried::Broken { .. }));
        ZoneFileError { fault, others: others.collect() }
    };
    let is_line = |left: &NotCarried| !matches!(left, NotCarried::Broken { .. });
    let is_one = !reader.records.is_empty() || reader.soa.is_some() || reader.not_carried.iter().any(is_line);
    if let Some(fault) = elsewhere {
        return (Err(unread(fault, reader.not_carried)), is_one);
    }
    let Some(zone) = reader.soa.clone().or(reader.first_origin.clone()) else {
        let what = "it does not say of which zone it is".to_owned();
        return (Err(unread(ParseError { line: 1, what, remedy: ORIGIN }, reader.not_carried)), is_one);
    };
    reader.leave_out(&zone);
    (Ok(ZoneText { zone, records: reader.records, not_carried: reader.not_carried }), is_one)
}

struct ZoneReader {
    /// True if words of the file may be repeated.
    quotes: bool,
    origin: Option<Name>,
    first_origin: Option<Name>,
    ttl: Option<u32>,
    last_ttl: Option<u32>,
    owner: Option<Name>,
    soa: Option<Name>,
    records: Vec<ZoneRecord>,
    not_carried: Vec<NotCarried>,
    seen: HashSet<(Name, Rdata)>,
}

impl ZoneReader {
    fn entry(&mut self, entry: &ZoneEntry) -> Result<(), ParseError> {
        let fault = |what: String, remedy| Err(ParseError { line: entry.line, what, remedy });
        let mut words = entry.words.iter();
        let is_directive =
            !entry.goes_on && entry.words.first().is_some_and(|first| first.raw.starts_with(b"$"));
        if let Some(what) = &entry.fault {
            self.forget(entry, is_directive);
            return fault(what.clone(), LINE);
        }
        if is_directive && let Some(first) = words.as_slice().first() {
            let directive = first.text().unwrap_or_default().to_ascii_uppercase();
            let argument = words.as_slice().get(1);
            return match (&*directive, argument) {
                ("$ORIGIN", Some(name)) => {
                    let name = self.name(name, entry.line);
                    // Relative names behind a wrong origin belong to no known name.
                    self.origin = name.as_ref().ok().cloned();
                    let name = name?;
                    self.first_origin.get_or_insert(name);
                    Ok(())
                }
                ("$TTL", Some(ttl)) => {
                    (self.ttl, self.last_ttl) = (ttl.text().and_then(seconds), None);
                    match self.ttl {
                        Some(_) => Ok(()),
                        None => fault(format!("{} is no TTL", self.shown(ttl)), LINE),
                    }
                }
                ("$INCLUDE", _) => fault("$INCLUDE names another file".to_owned(), INCLUDE),
                ("$GENERATE", _) => fault("$GENERATE is not a part of zone files".to_owned(), GENERATE),
                _ => fault(format!("{} is no directive, or lacks its argument", self.shown(first)), LINE),
            };
        }
        if !entry.goes_on
            && let Some(word) = words.next()
        {
            let owner = self.name(word, entry.line);
            // Lines that continue an entry with a wrong name have no owner.
            self.owner = owner.as_ref().ok().cloned();
            owner?;
        }
        let Some(owner) = self.owner.clone() else {
            return fault("it begins with a blank, and there is no owner before it".to_owned(), LINE);
        };
        let (mut ttl, mut kind) = (None, None);
        for word in words.by_ref() {
            let text = word.text().unwrap_or_default();
            if text.eq_ignore_ascii_case("IN") {
                continue;
            }
            if ttl.is_none()
                && let Some(given) = seconds(text)
            {
                ttl = Some(given);
                continue;
            }
            if ["CH", "HS", "CS"].iter().any(|class| text.eq_ignore_ascii_case(class)) {
                return fault(format!("the class {text} is not IN"), LINE);
            }
            match text.parse::<QueryType>() {
                Ok(found) => kind = Some(found),
                Err(_) => return fault(format!("{} is no type, class or TTL", self.shown(word)), LINE),
            }
            break;
        }
        let Some(kind) = kind else { return fault("there is no type".to_owned(), LINE) };
        self.last_ttl = ttl.or(self.last_ttl);
        let data: Vec<&ZoneField> = words.collect();
        let Some(data) = self.data(kind, &data, entry.line)? else {
            self.leave(entry.line, &owner, kind, "CoreDNS answers no such type from etcd");
            return Ok(());
        };
        let Some(ttl) = ttl.or(self.ttl).or(self.last_ttl) else {
            return fault("there is no TTL".to_owned(), "Begin the file with $TTL and seconds, as $TTL 300.");
        };
        if matches!(data, Rdata::Soa(_)) {
            if self.soa.is_some() {
                return fault("a second SOA".to_owned(), "Give each zone a file of its own.");
            }
            self.soa = Some(owner.clone());
            self.leave(entry.line, &owner, kind, "CoreDNS makes the SOA up");
        } else if self.seen.insert((owner.clone(), data.clone())) {
            self.records.push(ZoneRecord { owner, ttl, data, line: entry.line });
        }
        Ok(())
    }

    /// Forgets the state that an entry would have set for those behind it, because it cannot be read.
    fn forget(&mut self, entry: &ZoneEntry, is_directive: bool) {
        if is_directive {
            (self.origin, self.ttl, self.last_ttl) = (None, None, None);
        } else if !entry.goes_on {
            self.owner = None;
        }
    }

    fn leave(&mut self, line: usize, name: &Name, kind: QueryType, why: &'static str) {
        self.not_carried.push(NotCarried::Line { line, name: name.to_string(), kind: kind.to_string(), why });
    }

    fn name(&self, word: &ZoneField, line: usize) -> Result<Name, ParseError> {
        let fault = |what: String, remedy| ParseError { line, what, remedy };
        let Some(text) = word.text() else {
            return Err(fault(format!("{} is no name", self.shown(word)), LINE));
        };
        let without =
            || fault(format!("{} is relative, and there is no $ORIGIN before it", self.shown(word)), ORIGIN);
        if text == "@" {
            return self.origin.clone().ok_or_else(without);
        }
        let whole = if is_absolute(text) {
            text.to_owned()
        } else {
            let origin = self.origin.as_ref().ok_or_else(without)?;
            if origin.is_root() { format!("{text}.") } else { format!("{text}.{}", origin.fqdn()) }
        };
        Name::parse(&whole).map_err(|error| {
            let what =
                if self.quotes { error.to_string() } else { format!("{} is no name", self.shown(word)) };
            fault(what, LINE)
        })
    }

    fn shown(&self, word: &ZoneField) -> String {
        if self.quotes { shown(word) } else { "a word".to_owned() }
    }

    /// Returns the data of a type; `None` for a type that no record of a scope can be.
    fn data(&self, kind: QueryType, words: &[&ZoneField], line: usize) -> Result<Option<Rdata>, ParseError> {
        let wrong = |wanted: &str| ParseError { line, what: format!("{kind} needs {wanted}"), remedy: LINE };
        let number = |word: &ZoneField| word.text().and_then(|text| text.parse::<u16>().ok());
        let target = |word: &ZoneField| self.name(word, line).map(TargetName);
        Ok(Some(match (kind, words) {
            (QueryType::A, [address]) => {
                let address = address.text().and_then(|text| text.parse().ok());
                Rdata::A(address.ok_or_else(|| wrong("an IPv4 address"))?)
            }
            (QueryType::AAAA, [address]) => {
                let address = address.text().and_then(|text| text.parse().ok());
                Rdata::Aaaa(address.ok_or_else(|| wrong("an IPv6 address"))?)
            }
            (QueryType::CNAME, [name]) => Rdata::Cname(target(name)?),
            (QueryType::PTR, [name]) => Rdata::Ptr(target(name)?),
            (QueryType::NS, [name]) => Rdata::Ns(target(name)?),
            (QueryType::MX, [preference, name]) => {
                let preference = number(preference).ok_or_else(|| wrong("a preference of 0 to 65535"))?;
                Rdata::Mx { preference, target: target(name)? }
            }
            (QueryType::SRV, [priority, weight, port, name]) => {
                let numbers = number(priority).zip(number(weight)).zip(number(port));
                let ((priority, weight), port) =
                    numbers.ok_or_else(|| wrong("priority, weight and port of 0 to 65535"))?;
                Rdata::Srv { priority, weight, port, target: target(name)? }
            }
            (QueryType::TXT, [_, ..]) => {
                let strings: Option<Vec<Vec<u8>>> = words.iter().map(|word| word.bytes()).collect();
                let strings = strings.ok_or_else(|| wrong("whole escapes: \\DDD, or \\ and a character"))?;
                if strings.iter().any(|string| string.len() > 255) {
                    return Err(wrong("strings of at most 255 bytes"));
                }
                Rdata::Txt(strings)
            }
            (QueryType::SOA, [server, mailbox, numbers @ ..]) if numbers.len() == 5 => {
                let (server, mailbox) = (target(server)?, target(mailbox)?);
                let numbers = numbers.iter().map(|word| word.text().and_then(seconds));
                let numbers: Option<Vec<String>> = numbers.map(|number| Some(number?.to_string())).collect();
                let numbers = numbers.ok_or_else(|| wrong("five numbers behind server and mailbox"))?;
                Rdata::Soa(format!("{} {} {}", server.0.fqdn(), mailbox.0.fqdn(), numbers.join(" ")))
            }
            (QueryType::A | QueryType::AAAA, _) => return Err(wrong("one address")),
            (QueryType::CNAME | QueryType::PTR | QueryType::NS, _) => return Err(wrong("one name")),
            (QueryType::MX, _) => return Err(wrong("a preference and a name")),
            (QueryType::SRV, _) => return Err(wrong("priority, weight, port and a name")),
            (QueryType::TXT, _) => return Err(wrong("a text")),
            (QueryType::SOA, _) => return Err(wrong("a server, a mailbox and five numbers")),
            _ => return Ok(None),
        }))
    }

    /// Tells why a record of the file cannot be one of a scope.
    fn unfit(
        record: &ZoneRecord,
        zone: &Name,
        others: &HashSet<Name>,
        aliased: &mut HashSet<Name>,
        pointed: &mut HashSet<Name>,
    ) -> Option<&'static str> {
        let ZoneRecord { owner, data, .. } = record;
        if !owner.is_within(zone) {
            return Some("it is outside the zone of the file");
        }
        if owner.is_root() {
            return Some("the root holds no records");
        }
        if !owner.is_served() {
            return Some("CoreDNS takes * and any for wildcards of a question");
        }
        let is_alias = matches!(data, Rdata::Cname(_));
        if is_alias && others.contains(owner) {
            return Some("its name has other records, beside which no alias may be");
        }
        if is_alias && !aliased.insert(owner.clone()) {
            return Some("its name has another CNAME already");
        }
        if matches!(data, Rdata::Ptr(_)) && !pointed.insert(owner.clone()) {
            return Some("etcd has one place for the PTR of a name, and another one is in it");
        }
        if matches!(data, Rdata::Ns(_)) && owner != zone {
            return Some("CoreDNS delegates nothing from etcd");
        }
        let is_empty = matches!(data, Rdata::Txt(strings) if strings.iter().all(Vec::is_empty));
        is_empty.then_some("CoreDNS serves no empty text")
    }

    /// Takes out the records of the file that no record of a scope can be.
    fn leave_out(&mut self, zone: &Name) {
        let (mut aliased, mut pointed) = (HashSet::new(), HashSet::new());
        let others: HashSet<Name> = self
            .records
            .iter()
            .filter(|record| !matches!(record.data, Rdata::Cname(_)))
            .map(|record| record.owner.clone())
            .collect();
        for record in std::mem::take(&mut self.records) {
            let why = Self::unfit(&record, zone, &others, &mut aliased, &mut pointed);
            match why {
                Some(why) => self.leave(record.line, &record.owner, record.data.kind(), why),
                None => self.records.push(record),
            }
        }
        self.not_carried.sort_by_key(NotCarried::line);
    }
}

/// Tells whether a name ends with a dot that is not escaped.
fn is_absolute(text: &str) -> bool {
    let Some(rest) = text.strip_suffix('.') else { return false };
    rest.bytes().rev().take_while(|byte| *byte == b'\\').count().is_multiple_of(2)
}

/// Reads a number of seconds, also as BIND writes it: `1h30m`.
fn seconds(text: &str) -> Option<u32> {
    let (mut total, mut number, mut is_open) = (0_u32, 0_u32, false);
    for byte in text.bytes() {
        let unit = match byte.to_ascii_lowercase() {
            digit @ b'0'..=b'9' => {
                number = number.checked_mul(10)?.checked_add(u32::from(digit - b'0'))?;
                is_open = true;
                continue;
            }
            b's' => 1,
            b'm' => 60,
            b'h' => 3_600,
            b'd' => 86_400,
            b'w' => 604_800,
            _ => return None,
        };
        if !is_open {
            return None;
        }
        total = total.checked_add(number.checked_mul(unit)?)?;
        (number, is_open) = (0, false);
    }
    if text.is_empty() { None } else { total.checked_add(number) }
}

fn shown(word: &ZoneField) -> String {
    String::from_utf8_lossy(&word.raw).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_is_no_zone_file_no_word_is_repeated() {
        let origin = Name::parse("example.org").unwrap();
        for text in [
            "root:$6$hunter2:19000:0:99999:7:::\n",
            "-----BEGIN PRIVATE KEY-----\nhunter2 hunter2\n",
            "name hunter2 300\nhunter2..x IN A\n$TTL hunter2\n$HUNTER hunter2\n\"hunter2\" A 1\n",
        ] {
            for origin in [None, Some(&origin)] {
                let told = format!("{:?}", read_zone(text.as_bytes(), origin)).to_ascii_lowercase();
                assert!(!told.contains("hunter2"), "{told}");
                assert!(told.contains("broken"), "{told}");
            }
        }
        let of_ours = read_zone(b"$ORIGIN example.org.\na 300 A 10.0.0.1\nb 300 SPFF x\n", None).unwrap();
        assert_eq!(of_ours.not_carried[0].to_string(), "line 3 is left out: SPFF is no type, class or TTL");
    }
}
