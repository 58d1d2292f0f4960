//! Writer of zone files: turns stored records into files.
use crate::{
    dns::{Name, QueryType, Question, RecordSource, Serving, Value, answer},
    exchange::{
        FileAnswers, KnownAnswers, NotCarried, Rdata, ServedRecord, Speech, ZoneRecord, absolute, relative,
        unlike,
    },
    foreign_text::ForeignText,
    keys::{ClusterId, KeyValue, LeaseId, Revision},
};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    fmt::Write as _,
};

/// The file of one zone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ZoneFile {
    pub zone: Name,
    /// Ends with a newline.
    pub text: String,
    /// Records that it holds, the SOA left out, in its order.
    pub records: Vec<ZoneRecord>,
    /// Parts that it cannot say; its comments name them.
    pub not_carried: Vec<NotCarried>,
}

/// Source of the records.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'o> {
    pub cluster: ClusterId,
    pub revision: Revision,
    /// Remaining time of each lease, in seconds.
    pub leases: &'o BTreeMap<LeaseId, u64>,
}

/// A stored record with the resource records that it serves.
type ServedPair<'r> = (ServedRecord, &'r KeyValue);

/// Fields that the data of some type is made of.
const SAID: [&str; 7] = ["host", "port", "priority", "weight", "text", "mail", "ttl"];

/// Writes the zone files of these records, one for each zone that has any, and returns the parts that belong to no
/// zone.
#[must_use]
pub fn zone_files(
    source: &dyn RecordSource,
    serving: &Serving,
    records: &[KeyValue],
    origin: Origin<'_>,
) -> (Vec<ZoneFile>, Vec<NotCarried>) {
    // CoreDNS takes the time as the serial. The revision rises with each change as well.
    let [.., a, b, c, d] = origin.revision.0.to_be_bytes();
    let serving = &Serving { serial: u32::from_be_bytes([a, b, c, d]), ..serving.clone() };
    let mut answers = KnownAnswers::new(source, serving);
    let mut zones: BTreeMap<Vec<Vec<u8>>, (Name, Vec<ServedPair<'_>>)> = BTreeMap::new();
    let mut nowhere = vec![];
    for record in records {
        let served = answers.served(record);
        match served.zone.clone() {
            Some(zone) => {
                let place: Vec<Vec<u8>> = zone.labels().rev().map(<[u8]>::to_vec).collect();
                zones.entry(place).or_insert_with(|| (zone, vec![])).1.push((served, record));
            }
            None => nowhere.extend(served.not_carried),
        }
    }
    let files = zones.into_values().map(|(zone, served)| {
        let soa = answer(source, serving, &Question::of(&zone, QueryType::SOA));
        let soa = soa.answer.iter().find_map(ZoneRecord::of_answer);
        file(&mut answers, zone, soa.as_ref(), served, origin)
    });
    (files.collect(), nowhere)
}

fn file(
    answers: &mut KnownAnswers<'_>,
    zone: Name,
    soa: Option<&ZoneRecord>,
    all: Vec<ServedPair<'_>>,
    origin: Origin<'_>,
) -> ZoneFile {
    let mut not_carried = vec![];
    // Each record, with the remarks on the stored record behind it.
    let mut lines: Vec<(ZoneRecord, String)> = vec![];
    let busy = busy(&all);
    let names = names(answers, &zone, &all);
    for (served, stored) in all {
        let is_alias = |record: &&ZoneRecord| matches!(record.data, Rdata::Cname(_));
        if let Some(alias) = served.records.iter().find(is_alias)
            && busy.contains(&alias.owner)
        {
            let (key, name) = (served.key, alias.owner.clone());
            not_carried.push(NotCarried::AliasBesideOthers { key, name });
            continue;
        }
        not_carried.extend(served.not_carried);
        if served.records.is_empty() {
            continue;
        }
        let fields = unsaid(&stored.value);
        let mut remark = stored.key.spelled();
        for field in &fields {
            let value = Value::parse(&stored.value).ok();
            let text = value.as_ref().and_then(|value| value.raw(field)).unwrap_or_default();
            let (field, text) = (ForeignText::from(field.as_str()), ForeignText::from(text));
            // A String takes every write, here and below.
            let _ = write!(remark, " {field}={text}");
        }
        if !fields.is_empty() {
            not_carried.push(NotCarried::Fields { key: stored.key.clone(), fields });
        }
        if let Some(lease) = stored.lease {
            let seconds = origin.leases.get(&lease).copied().unwrap_or_default();
            let _ = write!(remark, " lease={seconds}s");
            not_carried.push(NotCarried::Lease { key: stored.key.clone(), seconds });
        }
        let own = served.records.into_iter().chain(served.along);
        lines.extend(own.map(|record| (record, remark.clone())));
    }
    lines.sort_by(|(a, _), (b, _)| a.order(b));
    // Two keys may make the same record.
    lines.dedup_by(|(b, other), (a, remark)| {
        let same = a.owner == b.owner && a.data == b.data;
        if same && !remark.contains(&**other) {
            let _ = write!(remark, ", {other}");
        }
        same
    });
    let records: Vec<ZoneRecord> = lines.iter().map(|(record, _)| record.clone()).collect();
    let unlike = unlike_answers(answers, &records, &names, &not_carried);
    not_carried.extend(unlike);
    let text = text(&zone, soa, &lines, &not_carried, origin);
    ZoneFile { zone, text, records, not_carried }
}

/// Returns the names that have more than one alias and nothing else.
fn busy(all: &[ServedPair<'_>]) -> HashSet<Name> {
    let mut aliases: HashMap<&Name, &Rdata> = HashMap::new();
    let mut busy = HashSet::new();
    let mut others: HashSet<&Name> = HashSet::new();
    for record in all.iter().flat_map(|(served, _)| served.records.iter().chain(&served.along)) {
        if !matches!(record.data, Rdata::Cname(_)) {
            others.insert(&record.owner);
        } else if aliases.insert(&record.owner, &record.data).is_some_and(|other| *other != record.data) {
            busy.insert(record.owner.clone());
        }
    }
    busy.extend(aliases.keys().filter(|name| others.contains(*name)).map(|name| (*name).clone()));
    busy
}

/// Returns the fields of a value that no data holds.
fn unsaid(value: &[u8]) -> Vec<String> {
    let Ok(value) = Value::parse(value) else { return vec![] };
    let said = |name: &&str| SAID.iter().any(|said| said.eq_ignore_ascii_case(name));
    value.names().filter(|name| !said(name)).map(str::to_owned).collect()
}

/// Returns the names at which anything is answered: those of the keys, those that records were made for, and those
/// above, in the order of DNS.
fn names(answers: &KnownAnswers<'_>, zone: &Name, all: &[ServedPair<'_>]) -> Vec<Name> {
    let mut names = HashSet::new();
    for (served, _) in all {
        for name in [answers.name_of(&served.key), served.owner.clone()] {
            let above = std::iter::successors(Some(name), Name::parent);
            for name in above.take_while(|name| name.is_within(zone)) {
                if !names.insert(name) {
                    break;
                }
            }
        }
    }
    let mut names: Vec<Name> = names.into_iter().collect();
    names.sort_by(|a, b| a.labels().rev().cmp(b.labels().rev()));
    names
}

/// Returns the answers that differ from the file, for every name and type.
fn unlike_answers(
    answers: &KnownAnswers<'_>,
    records: &[ZoneRecord],
    names: &[Name],
    told: &[NotCarried],
) -> Vec<NotCarried> {
    let in_leaf: HashSet<&Name> = told
        .iter()
        .filter_map(|left| if let NotCarried::AliasInLeaf { name, .. } = left { Some(name) } else { None })
        .collect();
    let found = unlike(answers, &FileAnswers::of(records), names, Speech::Zone, &|_| None);
    let is_told = |left: &NotCarried| {
        let NotCarried::Altered { name, kind, .. } = left else { return false };
        *kind == QueryType::CNAME && in_leaf.contains(name)
    };
    let also = |left: NotCarried| {
        let NotCarried::Altered { name, kind, wanted, served, .. } = &left else { return left };
        // No record of the file is missing.
        if served.is_empty() || !wanted.iter().all(|record| served.contains(record)) {
            return left;
        }
        let records = served.iter().filter(|record| !wanted.contains(record)).cloned().collect();
        NotCarried::AlsoAnswered { name: name.clone(), kind: *kind, records }
    };
    found.into_iter().filter(|left| !is_told(left)).map(also).collect()
}

fn text(
    zone: &Name,
    soa: Option<&ZoneRecord>,
    lines: &[(ZoneRecord, String)],
    not_carried: &[NotCarried],
    origin: Origin<'_>,
) -> String {
    let mut text = format!(
        "; {}, as CoreDNS answers it from etcd: cluster {}, revision {}.\n\
         ; Behind each record stands the key that it comes from. CoreDNS also answers a name with what lies below\n\
         ; it, and SRV for any address; this file has what each record was made for.\n",
        zone.fqdn(),
        origin.cluster,
        origin.revision
    );
    let _ = writeln!(text, "$ORIGIN {}\n$TTL 300", absolute(zone));
    let columns =
        lines.iter().map(|(record, _)| relative(&record.owner, zone).len()).max().unwrap_or(1).min(40);
    let mut put = |record: &ZoneRecord, remark: &str| {
        let ZoneRecord { owner, ttl, data, .. } = record;
        let (owner, kind) = (relative(owner, zone), data.kind());
        let _ = writeln!(text, "{owner:<columns$} {ttl} IN {kind} {data} ; {remark}");
    };
    if let Some(soa) = soa {
        put(soa, "made up by CoreDNS, but with the revision as its serial");
    }
    for (record, remark) in lines {
        put(record, remark);
    }
    if !lines.iter().any(|(record, _)| matches!(record.data, Rdata::Ns(_))) {
        text.push_str("; There is no name server in dns/ns; most servers want an NS record here.\n");
    }
    if !not_carried.is_empty() {
        text.push_str(";\n; Not in this file as it is in etcd:\n");
    }
    for left in not_carried {
        let left = left.to_string();
        let _ = writeln!(text, ";   {}", ForeignText::from(left.as_str()));
    }
    text
}
