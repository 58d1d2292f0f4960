//! Edit of one record of many, its unknown fields and its lease kept.
use super::{Among, BulkError, BulkPlan, LeftOut};
use crate::{
    dns::{Class, Field, Record, Service, Value, address},
    index::Records,
    keys::{KeyValue, Scope},
    plan::KeyEdit,
};

/// Result for one record.
pub(super) enum RecordEdit {
    Wish(KeyEdit),
    /// It has the wanted value already.
    Same,
    /// It is not one of those that were meant.
    Other,
    LeftOut(LeftOut),
}

/// Edits each record that is meant.
pub(super) fn each(
    records: &Records,
    of: &Among,
    going_on: impl Fn() -> Result<(), BulkError>,
    make: impl Fn(&Scope, KeyValue) -> RecordEdit,
) -> Result<BulkPlan, BulkError> {
    let mut work = BulkPlan::default();
    of.visit(records, |record| {
        match make(records.scope(), record) {
            RecordEdit::Wish(wish) => work.wishes.push(wish),
            RecordEdit::Same => work.same += 1,
            RecordEdit::Other => {}
            RecordEdit::LeftOut(left_out) => work.left_out.push(left_out),
        }
        going_on()
    })?;
    work.wishes.sort_by(|a, b| a.key().cmp(b.key()));
    work.left_out.sort_by(|a, b| a.key.cmp(&b.key));
    Ok(work)
}

pub(super) fn delete(record: KeyValue) -> RecordEdit {
    RecordEdit::Wish(KeyEdit::Delete { key: record.key, before: record.value })
}

/// Reads the value as fields, and as `CoreDNS` takes it; fails with the reason if it is neither.
fn understood(record: &KeyValue) -> Result<(Value, Service), String> {
    let service = Service::decode(&record.value).map_err(|error| error.to_string())?;
    let value = Value::parse(&record.value).map_err(|error| error.to_string())?;
    Ok((value, service))
}

fn left_out(record: KeyValue, why: impl Into<String>) -> RecordEdit {
    RecordEdit::LeftOut(LeftOut { key: record.key, why: why.into() })
}

fn updated(record: KeyValue, value: &Value) -> RecordEdit {
    let value = value.to_bytes().into_boxed_slice();
    RecordEdit::Wish(KeyEdit::Update { key: record.key, before: record.value, value })
}

pub(super) fn set_ttl(record: KeyValue, ttl: Option<u32>) -> RecordEdit {
    let (mut value, service) = match understood(&record) {
        Ok(understood) => understood,
        Err(why) => return left_out(record, why),
    };
    if service.class() == Class::Nothing {
        return left_out(record, "no host and no text");
    }
    if service.ttl == ttl {
        return RecordEdit::Same;
    }
    match ttl {
        Some(ttl) => value.set(Field::Ttl.json(), &ttl.into()),
        None => value.remove(Field::Ttl.json()),
    }
    updated(record, &value)
}

/// Replaces the host. `chosen`: a person chose this very record, so that it is reported where it cannot be
/// read.
pub(super) fn replace_host(
    scope: &Scope,
    record: KeyValue,
    old: &str,
    new: &str,
    chosen: bool,
) -> RecordEdit {
    let (mut value, service) = match understood(&record) {
        Ok(understood) => understood,
        Err(why) if chosen || mentions(&record.value, old) => return left_out(record, why),
        Err(_) => return RecordEdit::Other,
    };
    if !is_host(&service.host, old) {
        return RecordEdit::Other;
    }
    if service.host == new {
        return RecordEdit::Same;
    }
    value.set(Field::Host.json(), &new.into());
    // Whose servers `dns/ns` holds is not asked here: what is right for a zone's is right below any name.
    let kind = Record::read(&[], scope, &record.key, &value.to_bytes()).kind;
    match Field::Host.check(kind, new) {
        Ok(_) => updated(record, &value),
        Err(error) => left_out(record, format!("as {kind}: {error}")),
    }
}

fn mentions(value: &[u8], text: &str) -> bool {
    let text = text.as_bytes();
    !text.is_empty() && value.windows(text.len()).any(|part| part.eq_ignore_ascii_case(text))
}

/// Tells whether a record's host is the one that is meant.
pub(super) fn is_host(host: &str, meant: &str) -> bool {
    match (address(host), address(meant)) {
        (Some(host), Some(meant)) => host == meant,
        (None, None) => {
            let open = |name: &str| name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase();
            !host.is_empty() && open(host) == open(meant)
        }
        _ => false,
    }
}
