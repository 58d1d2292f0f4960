use super::{
    Exit,
    command_error::CommandError,
    cut::print_text,
    known,
    output::{Screen, print_lines, say_safely},
    reach, record_json,
    table::TextTable,
    target::TargetArgument,
};
use crate::{
    dns::{Hidden, LeaseLeft, Name, Record},
    foreign_text::ForeignText,
    keys::{KeyValue, Revision, Scope, ScopedKey},
    ops::{LeaseTimes, lease_times},
    session::{Session, Store},
    store::Reader,
};
use std::collections::BTreeSet;

/// Prints the record at a key, or the records of a name.
pub(super) async fn print<S: Store>(
    session: &Session<S>,
    screen: &Screen,
    target: &str,
    recursive: bool,
    at: Option<i64>,
) -> Result<Exit, CommandError> {
    let scope = session.scope();
    let exact = target.starts_with('/') && !recursive;
    let (own, below) = if exact {
        (Some(scope.spelled_key(target)?), None)
    } else {
        let (own, below) = TargetArgument::readable(scope, Some(target))?;
        (own, Some(below))
    };
    let (reader, status) = session.for_looking().await?;
    let found = match at {
        Some(at) => reach::state_at(session, &reader, (own.as_ref(), below.as_ref()), Revision(at)).await?,
        None => reader.read(own.as_slice(), below.as_ref()).await?.records,
    };
    let zones = session.settings.named_zones();
    if let Some(hidden) = hidden(&zones, scope, own.as_ref(), &found) {
        say_safely(format!("coredeck: note: {}: {}.", hidden.0, hidden.1.sentence()));
    }
    let records = if exact || recursive { found } else { of_name(scope, own.as_ref(), found) };
    if records.is_empty() {
        if at.is_none() {
            known::hint(session, &reader, status.cluster).await;
        }
        let what = if exact { "there is no key" } else { "there is no record at" };
        let remedy = if exact {
            "Look for it with search or tree."
        } else {
            "Look below it with tree, or with get --recursive."
        };
        return Err(CommandError::new(Exit::Failed, format!("{what} {target}"), remedy));
    }
    print_records(session, &reader, screen, &records).await
}

/// Returns the key of a name whose value keys below the name hide, and the hidden part of it.
fn hidden(
    zones: &[Name],
    scope: &Scope,
    own: Option<&ScopedKey>,
    found: &[KeyValue],
) -> Option<(String, Hidden)> {
    let stored = found.iter().find(|record| Some(&record.key) == own)?;
    let has_below = found.iter().any(|record| Some(&record.key) != own);
    let hidden = Hidden::of_stored(zones, scope, &stored.key, &stored.value).filter(|_| has_below)?;
    Some((stored.key.spelled(), hidden))
}

/// Prints records in the requested form.
pub(super) async fn print_records<S: Store>(
    session: &Session<S>,
    reader: &impl Reader,
    screen: &Screen,
    records: &[KeyValue],
) -> Result<Exit, CommandError> {
    let (scope, zones) = (session.scope(), &session.settings.named_zones()[..]);
    let leases = lease_times(reader, records.iter().filter_map(|record| record.lease).collect()).await;
    if screen.is_json() {
        print_lines(records.iter().map(|record| record_json::line((scope, zones), record, &leases)))?;
    } else {
        print_text(table((scope, zones), records, &leases).lines(screen.style), screen.ascii)?;
    }
    Ok(Exit::Done)
}

/// Returns the records of a name: the one at its own key, and its leaves, which have nothing below themselves. `found`
/// is in key order and holds everything at and below the name.
pub(super) fn of_name(scope: &Scope, own: Option<&ScopedKey>, found: Vec<KeyValue>) -> Vec<KeyValue> {
    let depth = own.map_or(0, |own| scope.segments_of(own).count()) + 1;
    let names: BTreeSet<Vec<u8>> = found
        .iter()
        .filter(|record| scope.segments_of(&record.key).count() > depth)
        .filter_map(|record| {
            let cut: usize =
                scope.segments_of(&record.key).take(depth).map(|segment| segment.len() + 1).sum();
            record.key.as_bytes().get(..scope.as_str().len() + cut - 1).map(<[u8]>::to_vec)
        })
        .collect();
    found
        .into_iter()
        .filter(|record| {
            Some(&record.key) == own
                || (scope.segments_of(&record.key).count() == depth && !names.contains(record.key.as_bytes()))
        })
        .collect()
}

fn table((scope, zones): (&Scope, &[Name]), records: &[KeyValue], leases: &LeaseTimes) -> TextTable<5> {
    let mut table = TextTable::new(["KEY", "TYPE", "TTL", "DATA", "LEASE"]);
    for stored in records {
        let record = Record::read(zones, scope, &stored.key, &stored.value);
        let lease = stored.lease.map_or_else(String::new, |lease| match leases.get(&lease) {
            Some(LeaseLeft::Seconds(left)) => format!("{left} s left"),
            Some(LeaseLeft::Gone) => "ended".to_owned(),
            Some(LeaseLeft::Unknown) | None => lease.to_string(),
        });
        table.push([
            stored.key.spelled(),
            record.kind.mnemonic().to_owned(),
            record.ttl.map_or_else(|| "-".to_owned(), |ttl| ttl.to_string()),
            ForeignText::from(record.data.as_str()).to_string(),
            lease,
        ]);
    }
    if records.iter().all(|record| record.lease.is_none()) { table.without_last() } else { table }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::keys::Revision;

    #[test]
    fn a_leaf_with_something_below_it_belongs_to_no_name_but_its_own() {
        let scope = Scope::parse("/coredns").unwrap();
        let record = |key: &str| KeyValue {
            key: scope.spelled_key(key).unwrap(),
            value: (*b"{}").into(),
            create_revision: Revision(1),
            mod_revision: Revision(1),
            version: 1,
            lease: None,
        };
        let keys = [
            "/coredns/a",
            "/coredns/a/",
            "/coredns/a/x1",
            "/coredns/a/y",
            "/coredns/a/y/x1",
            "/coredns/a/z/x1",
        ];
        let own = scope.spelled_key("/coredns/a").unwrap();
        let records = of_name(&scope, Some(&own), keys.iter().map(|key| record(key)).collect());
        let kept: Vec<String> = records.iter().map(|record| record.key.spelled()).collect();
        assert_eq!(kept, ["/coredns/a", "/coredns/a/", "/coredns/a/x1"]);
        let top = of_name(&scope, None, ["/coredns/a", "/coredns/a/x1", "/coredns/b"].map(record).into());
        assert_eq!(top.iter().map(|record| record.key.spelled()).collect::<Vec<_>>(), ["/coredns/b"]);
    }

    #[test]
    fn a_value_that_keys_below_its_name_hide_is_named() {
        let scope = Scope::parse("/coredns").unwrap();
        let zones = [Name::parse("test").unwrap()];
        let record = |key: &str, value: &str| KeyValue {
            key: scope.spelled_key(key).unwrap(),
            value: value.as_bytes().into(),
            create_revision: Revision(1),
            mod_revision: Revision(1),
            version: 1,
            lease: None,
        };
        let own = record("/coredns/test/a", r#"{"host":"192.0.2.1"}"#);
        let leaf = record("/coredns/test/a/x1", r#"{"host":"192.0.2.2"}"#);
        let of = |zones: &[Name], found: &[KeyValue]| hidden(zones, &scope, Some(&own.key), found);
        let told = Some(("/coredns/test/a".to_owned(), Hidden::Wholly));
        assert_eq!(of(&zones, &[own.clone(), leaf.clone()]), told);
        assert_eq!(of(&zones, std::slice::from_ref(&own)), None, "nothing is below");
        assert_eq!(of(&zones, std::slice::from_ref(&leaf)), None, "nothing is at the name itself");
        assert_eq!(
            of(&[Name::parse("other").unwrap()], &[own.clone(), leaf.clone()]),
            None,
            "no zone has it"
        );
    }
}
