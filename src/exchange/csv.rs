//! CSV (RFC 4180), one record a row, for spreadsheets.
//!
//! A spreadsheet takes a cell that begins with `=`, `+`, `-` or `@` for a formula. Such a cell, and one that begins
//! with a quote itself, is written with `'` before it, which is taken away again when it is read.
use super::{FileRecord, LeaseTerm, NotCarried, ParseError};
use crate::{
    dns::{Field, Name, RecordDraft, RecordType, Service, Value},
    keys::{
        KeyValue, LeaseId, Scope,
        spelling::{spell, unspell},
    },
};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// The heading. Columns may stand in any order, and all but `name`, `type` and `data` may be left away.
const COLUMNS: [&str; 11] =
    ["name", "type", "ttl", "data", "priority", "weight", "port", "group", "targetstrip", "lease_ttl", "key"];
const ROW: &str = "\
Correct that row. The heading names the columns: name, type and data, and where they matter
  ttl, priority, weight, port, group, targetstrip, lease_ttl, key";

/// Writes the rows of these records with their heading, and returns the parts that no row can say. The types hang on the
/// [zones](crate::dns::Record::read).
#[must_use]
pub fn csv_text(
    (scope, zones): (&Scope, &[Name]),
    records: &[KeyValue],
    leases: &BTreeMap<LeaseId, u64>,
) -> (String, Vec<NotCarried>) {
    let mut writer = csv::Writer::from_writer(vec![]);
    let mut not_carried = vec![];
    // Writing to memory does not fail.
    let _ = writer.write_record(COLUMNS);
    for record in records {
        let key = || record.key.clone();
        let Some(draft) = RecordDraft::of_stored(zones, scope, &record.key, &record.value) else {
            let why = "its value is none that CoreDNS can use".to_owned();
            not_carried.push(NotCarried::NoRow { key: key(), why });
            continue;
        };
        if let Err(why) = comes_back(&draft, &record.value) {
            not_carried.push(NotCarried::NoRow { key: key(), why });
            continue;
        }
        let fields = beyond(draft.kind(), &record.value);
        if !fields.is_empty() {
            not_carried.push(NotCarried::Fields { key: key(), fields });
        }
        let seconds = record.lease.and_then(|lease| leases.get(&lease));
        let cells = COLUMNS.map(|column| match column {
            "name" => Name::of_key(scope, &record.key).to_string(),
            "type" => draft.kind().mnemonic().to_owned(),
            "data" => draft.text(data_field(draft.kind())).to_owned(),
            "lease_ttl" => seconds.map(u64::to_string).unwrap_or_default(),
            "key" => record.key.spelled(),
            column => field(column).map(|field| draft.text(field).to_owned()).unwrap_or_default(),
        });
        let _ = writer.write_record(cells.map(|cell| guarded(&cell)));
    }
    let text = writer.into_inner().ok().and_then(|bytes| String::from_utf8(bytes).ok());
    (text.unwrap_or_default(), not_carried)
}

/// Checks that the text of a row makes the same record again.
fn comes_back(draft: &RecordDraft, stored: &[u8]) -> Result<(), String> {
    let mut again = RecordDraft::new(draft.kind());
    for (field, text) in draft.texts() {
        again.type_in(field, text);
    }
    let value = again.value().map_err(|error| error.to_string())?.to_bytes();
    let same =
        |service: &Service| Service { port: service.port.filter(|port| *port != 0), ..service.clone() };
    match (Service::decode(&value), Service::decode(stored)) {
        (Ok(made), Ok(is)) if same(&made) == same(&is) => Ok(()),
        _ => Err("its fields are of another type than its row would be".to_owned()),
    }
}

/// Returns the fields of a value that a row has no column for.
fn beyond(kind: RecordType, value: &[u8]) -> Vec<String> {
    let Ok(value) = Value::parse(value) else { return vec![] };
    let known = |name: &str| {
        name.eq_ignore_ascii_case("mail")
            || Field::of(kind).iter().any(|field| field.json().eq_ignore_ascii_case(name))
    };
    value.names().filter(|name| !known(name)).map(str::to_owned).collect()
}

fn data_field(kind: RecordType) -> Field {
    if kind == RecordType::Txt { Field::Text } else { Field::Host }
}

/// Returns the field of a column, if it is one.
fn field(column: &str) -> Option<Field> {
    [Field::Ttl, Field::Priority, Field::Weight, Field::Port, Field::Group, Field::TargetStrip]
        .into_iter()
        .find(|field| field.json() == column)
}

fn guarded(cell: &str) -> String {
    if cell.starts_with(['=', '+', '-', '@', '\'', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

/// Reads the records of a file. A row without a key gets its name's own key for an alias and a PTR, and else the next
/// leaf.
///
/// # Errors
/// [`ParseError`] for the first row that is no record.
pub fn read_csv(scope: &Scope, bytes: &[u8]) -> Result<Vec<FileRecord>, ParseError> {
    let bytes = bytes.strip_prefix("\u{feff}".as_bytes()).unwrap_or(bytes);
    let fault = |line: usize, what: String| ParseError { line, what, remedy: ROW };
    let mut reader = csv::ReaderBuilder::new().from_reader(bytes);
    let broken = |error: &csv::Error| {
        let line = error.position().map_or(1, csv::Position::line);
        fault(usize::try_from(line).unwrap_or(usize::MAX), error.to_string())
    };
    let heading: Vec<String> = reader
        .headers()
        .map_err(|error| broken(&error))?
        .iter()
        .map(|column| column.trim().to_ascii_lowercase())
        .collect();
    // Without these columns it is another kind of file, and no word of it is repeated.
    for needed in ["name", "type", "data"] {
        if !heading.iter().any(|column| column == needed) {
            return Err(fault(1, format!("there is no column {needed:?}")));
        }
    }
    for column in &heading {
        if !COLUMNS.contains(&&**column) {
            return Err(fault(1, format!("{column:?} is no column")));
        }
        if heading.iter().filter(|other| *other == column).count() > 1 {
            return Err(fault(1, format!("the column {column:?} stands there twice")));
        }
    }
    let mut rows = vec![];
    for row in reader.records() {
        let row = row.map_err(|error| broken(&error))?;
        let line = row.position().map_or(0, |place| usize::try_from(place.line()).unwrap_or(usize::MAX));
        let cells: HashMap<&str, &str> = heading
            .iter()
            .map(String::as_str)
            .zip(row.iter().map(|cell| cell.strip_prefix('\'').unwrap_or(cell)))
            .collect();
        rows.push(CsvRow::read(scope, &cells, line).map_err(|what| fault(line, what))?);
    }
    let mut taken: BTreeSet<Box<[u8]>> = BTreeSet::new();
    for row in rows.iter().filter(|row| row.key.is_some()) {
        if let Some(key) = &row.key
            && !taken.insert(key.clone())
        {
            return Err(fault(row.line, format!("another row has the key {}", spell(key))));
        }
    }
    let mut records = vec![];
    for CsvRow { name, kind, value, lease, key, line } in rows {
        let own = || name.key(scope).map(|key| key.as_bytes().to_vec()).map_err(|error| error.to_string());
        let key = if let Some(key) = key {
            key
        } else {
            let own = own().map_err(|what| fault(line, what))?;
            let is_own = matches!(kind, RecordType::Cname | RecordType::Ptr);
            let leaf = |number: u32| Box::from([&own[..], format!("/x{number}").as_bytes()].concat());
            let free = (1..=u32::MAX).map(leaf).find(|key| is_own || !taken.contains(key));
            let key: Box<[u8]> = if is_own { own.into() } else { free.unwrap_or_default() };
            if !taken.insert(key.clone()) {
                return Err(fault(line, format!("another row has the key {}", spell(&key))));
            }
            key
        };
        records.push(FileRecord { key, value, lease, line });
    }
    Ok(records)
}

struct CsvRow {
    name: Name,
    kind: RecordType,
    value: Box<[u8]>,
    lease: Option<LeaseTerm>,
    key: Option<Box<[u8]>>,
    line: usize,
}

impl CsvRow {
    fn read(scope: &Scope, cells: &HashMap<&str, &str>, line: usize) -> Result<Self, String> {
        let cell = |column: &str| cells.get(column).copied().unwrap_or_default();
        let kind = RecordType::of_mnemonic(cell("type"))
            .ok_or_else(|| format!("{:?} is no type that a record can have", cell("type")))?;
        let mut draft = RecordDraft::new(kind);
        draft.type_in(data_field(kind), cell("data"));
        for column in COLUMNS {
            let (Some(field), text) = (field(column), cell(column)) else { continue };
            if !text.is_empty() && !Field::of(kind).contains(&field) {
                return Err(format!("a {kind} record has no {column}"));
            }
            draft.type_in(field, text);
        }
        let value = draft.value().map_err(|error| error.to_string())?.to_bytes().into();
        let lease = match cell("lease_ttl") {
            "" => None,
            text => Some(text.parse().map_err(|_| format!("lease_ttl is {text:?}, and must be seconds"))?),
        };
        let key = match cell("key") {
            "" => None,
            text => Some(Box::from(unspell(text).map_err(|error| error.to_string())?)),
        };
        let name = match (&key, cell("name")) {
            // Its name only repeats the place of the key.
            (Some(key), _) => scope.key(key).map_or(Name::root(), |key| Name::of_key(scope, &key)),
            (None, text) => Name::parse(text).map_err(|error| error.to_string())?,
        };
        let lease = lease.map(|seconds| LeaseTerm { of: None, seconds });
        Ok(Self { name, kind, value, lease, key, line })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Revision;
    use proptest::prelude::*;

    fn scope() -> Scope {
        Scope::parse("/coredns").unwrap()
    }

    fn record(tail: &str, value: &str) -> KeyValue {
        KeyValue {
            key: scope().key(format!("/coredns/{tail}").as_bytes()).unwrap(),
            value: value.as_bytes().into(),
            create_revision: Revision(1),
            mod_revision: Revision(1),
            version: 1,
            lease: None,
        }
    }

    #[test]
    fn a_row_has_what_a_form_has_and_no_cell_is_a_formula() {
        let records = [
            record("org/x1", r#"{"host":"192.0.2.1","ttl":60,"owner":"x"}"#),
            record("org/t", r#"{"text":"=HYPERLINK(\"http://x\"),\n'"}"#),
            record("org/m/x1", r#"{"host":"mx.org","mail":true,"priority":5}"#),
            record("org/bad", "1.2.3.4"),
            record("org/odd", r#"{"host":"192.0.2.01"}"#),
        ];
        let (text, left) = csv_text((&scope(), &[]), &records, &BTreeMap::new());
        assert_eq!(
            text,
            "name,type,ttl,data,priority,weight,port,group,targetstrip,lease_ttl,key\n\
             x1.org,A,60,192.0.2.1,,,,,,,/coredns/org/x1\n\
             t.org,TXT,,\"'=HYPERLINK(\"\"http://x\"\"),\n'\",,,,,,,/coredns/org/t\n\
             x1.m.org,MX,,mx.org,5,,,,,,/coredns/org/m/x1\n"
        );
        let told: Vec<String> = left.iter().map(ToString::to_string).collect();
        assert_eq!(told[0], "/coredns/org/x1: there is no place for owner");
        assert_eq!(told[1], "/coredns/org/bad has no row: its value is none that CoreDNS can use");
        assert!(told[2].starts_with("/coredns/org/odd has no row: host: "), "{told:?}");
        let back = read_csv(&scope(), text.as_bytes()).unwrap();
        assert_eq!(&*back[1].value, br#"{"text":"=HYPERLINK(\"http://x\"),\n'"}"#);
        assert_eq!(&*back[2].value, br#"{"host":"mx.org","priority":5,"mail":true}"#);
    }

    #[test]
    fn a_row_without_a_key_finds_its_place() {
        let text = "type,name,data,ttl\r\nA,www.org,192.0.2.1,60\r\nA,www.org,192.0.2.2,\r\ncname,a.org,www.org,\r\nPTR,1.2.0.192.in-addr.arpa,www.org,\r\n";
        let records = read_csv(&scope(), text.as_bytes()).unwrap();
        let keys: Vec<String> = records.iter().map(|record| spell(&record.key)).collect();
        assert_eq!(
            keys,
            [
                "/coredns/org/www/x1",
                "/coredns/org/www/x2",
                "/coredns/org/a",
                "/coredns/arpa/in-addr/192/0/2/1"
            ]
        );
        assert_eq!(&*records[0].value, br#"{"host":"192.0.2.1","ttl":60}"#);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_row() {
        for (text, line, wanted) in [
            ("name,type\n", 1, "no column \"data\""),
            ("name,type,data,color\n", 1, "\"color\" is no column"),
            ("name,type,data,name\n", 1, "twice"),
            ("name,type,data\na.b,A\n", 2, "found record with 2 fields"),
            ("name,type,data\na.b,A,192.0.2.1\na.b,SOA,x\n", 3, "\"SOA\" is no type"),
            ("name,type,data\na.b,A,1.2.3\n", 2, "not an IPv4 address"),
            ("name,type,data,port\na.b,A,192.0.2.1,80\n", 2, "a A record has no port"),
            ("name,type,data,ttl\na.b,A,192.0.2.1,-1\n", 2, "ttl is a whole number"),
            ("name,type,data,lease_ttl\na.b,A,192.0.2.1,x\n", 2, "lease_ttl is \"x\""),
            ("name,type,data\na..b,A,192.0.2.1\n", 2, "empty label"),
            ("name,type,data,key\na,A,192.0.2.1,/c/x\nb,A,192.0.2.1,/c/x\n", 3, "another row has the key"),
        ] {
            let wrong = read_csv(&scope(), text.as_bytes()).unwrap_err();
            assert!(wrong.line == line && wrong.what.contains(wanted), "{text}: {wrong}");
        }
    }

    proptest! {
        #[test]
        fn what_a_row_says_comes_back(
            text in "[ -~\n\r\t'=+@ü-]{1,20}", ttl in prop::option::of(0..2_147_483_647_u32), key in "[a-z=+'-]{1,6}",
        ) {
            let mut value = Value::default();
            value.set("text", &text.into());
            if let Some(ttl) = ttl {
                value.set("ttl", &ttl.into());
            }
            let stored = record(&format!("org/{key}"), &value.to_json());
            let (csv, left) = csv_text((&scope(), &[]), std::slice::from_ref(&stored), &BTreeMap::new());
            prop_assert_eq!(left, vec![]);
            let back = read_csv(&scope(), csv.as_bytes()).unwrap();
            prop_assert_eq!(&*back[0].key, stored.key.as_bytes());
            prop_assert_eq!(Service::decode(&back[0].value), Service::decode(&stored.value));
            for row in csv::ReaderBuilder::new().from_reader(csv.as_bytes()).records() {
                for cell in &row.unwrap() {
                    prop_assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{}", cell);
                }
            }
        }
    }
}
