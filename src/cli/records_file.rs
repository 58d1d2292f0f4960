//! Records of `--records FILE`, read instead of etcd's, so that a change can be judged before there is a cluster.
use super::{command_error::CommandError, input_file::InputFile, output::say_safely};
use crate::{
    dns::{KeyContent, LeaseLeft, ReadPart, ZoneGuess},
    exchange::{FileRecord, read_jsonl},
    keys::{LeaseId, Scope},
};
use std::path::Path;

/// Records of a file.
#[derive(Debug)]
pub(super) struct RecordsFile {
    /// All records, for the rules.
    pub(super) known: ReadPart,
    /// The number of records.
    pub(super) records: usize,
    /// The zones by the file's keys.
    pub(super) tops: ZoneGuess,
}

impl RecordsFile {
    /// Reads a file, or stdin for `-`.
    ///
    /// # Errors
    /// The fault, with its line.
    pub(super) fn read(scope: &Scope, path: &Path) -> Result<Self, CommandError> {
        let file = InputFile::read(path)?;
        let records = read_jsonl(&file.bytes).map_err(|fault| file.trouble(&fault))?;
        let (file, outside) = Self::of(scope, records);
        if outside > 0 {
            let records = if outside == 1 { "1 record lies" } else { "records lie" };
            let number = if outside == 1 { String::new() } else { format!("{outside} ") };
            say_safely(format!(
                "coredeck: warning: {number}{records} outside {scope}, where CoreDNS never reads; --prefix names another"
            ));
        }
        Ok(file)
    }

    /// Returns the records, and the number of those outside the scope.
    fn of(scope: &Scope, records: Vec<FileRecord>) -> (Self, usize) {
        let all = records.len();
        let mut leases = Vec::new();
        let records: Vec<(Box<[u8]>, KeyContent)> = records
            .into_iter()
            .filter(|record| scope.key(&record.key).is_ok())
            .enumerate()
            .map(|(index, record)| {
                let lease = record.lease.and_then(|term| {
                    let lease = LeaseId::new(i64::try_from(index + 1).ok()?)?;
                    leases.push((lease, LeaseLeft::Seconds(i64::try_from(term.seconds).unwrap_or(i64::MAX))));
                    Some(lease)
                });
                (record.key, KeyContent { value: record.value, lease })
            })
            .collect();
        let outside = all - records.len();
        let tops = tops(scope, records.iter().map(|(key, _)| &**key));
        let mut known = ReadPart::everything(records);
        for (lease, left) in leases {
            known.learn_lease(lease, left);
        }
        (Self { known, records: all - outside, tops }, outside)
    }
}

/// Returns the zones by these keys.
pub(super) fn tops<'k>(scope: &Scope, keys: impl IntoIterator<Item = &'k [u8]>) -> ZoneGuess {
    let mut guess = ZoneGuess::default();
    for key in keys {
        guess.take_key(scope, key);
    }
    guess
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dns::RecordSource as _;

    #[test]
    fn what_lies_outside_is_counted_and_left_out() {
        let text = br#"[
            {"key": "/coredns/a", "value": 1},
            {"key": "/coredns/b\\\\@c", "raw": "2", "spelled": true, "lease_ttl": 60},
            {"key": "/other/d", "value": 1}
        ]"#;
        let scope = Scope::parse("/coredns").unwrap();
        let (file, outside) = RecordsFile::of(&scope, read_jsonl(text).unwrap());
        assert_eq!(outside, 1);
        assert_eq!(&*file.known.content(b"/coredns/a").unwrap().value, b"1");
        let leased = file.known.content(br"/coredns/b\@c").unwrap();
        assert_eq!(file.known.lease_left(leased.lease.unwrap()), LeaseLeft::Seconds(60));
        assert!(!file.known.has(b"/other/d"));
        assert_eq!(file.tops.tops.iter().map(ToString::to_string).collect::<Vec<_>>(), ["a", r"b\@c"]);
    }
}
