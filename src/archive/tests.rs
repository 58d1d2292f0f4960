//! Archives read back, and the files that are refused.
use super::*;
use crate::{
    failure::Failure,
    keys::{ClusterId, ForeignKeyValue, ForeignRange, LeaseId, Revision, Scope},
    store::{InScope, Page, PageReader, memory::Memory},
};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use jiff::Timestamp;
use proptest::prelude::*;
use std::{
    fs,
    io::{Read as _, Write as _},
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};
use tempfile::TempDir;

mod catalogue;
mod pruning;

fn scope() -> Scope {
    Scope::parse("/coredns").unwrap()
}

fn heading(keys: u64) -> ArchiveHeading {
    ArchiveHeading {
        kind: ArchiveKind::Backup,
        program: "coredeck".to_owned(),
        time: Timestamp::UNIX_EPOCH,
        cluster: ClusterId(0xabc),
        revision: Revision(9),
        scope: "/coredns/".to_owned(),
        range: "/coredns/".to_owned(),
        keys,
        scope_keys: None,
    }
}

fn record(key: &[u8], value: &[u8], lease: i64) -> ForeignKeyValue {
    ForeignKeyValue {
        key: key.into(),
        value: value.into(),
        create_revision: Revision(3),
        mod_revision: Revision(7),
        version: 2,
        lease: LeaseId::new(lease),
    }
}

fn archive(
    path: &Path,
    heading: &ArchiveHeading,
    records: &[ForeignKeyValue],
    leases: &[SavedLease],
) -> WrittenArchive {
    let mut writer = ArchiveWriter::create(path, heading).unwrap();
    for record in records {
        writer.record(record).unwrap();
    }
    for lease in leases {
        writer.lease(lease).unwrap();
    }
    writer.finish().unwrap()
}

fn contents(path: &Path) -> Result<Vec<LineContent>, ArchiveError> {
    let mut reader = ArchiveReader::open(path)?;
    let mut all = vec![];
    while let Some(content) = reader.next()? {
        all.push(content);
    }
    Ok(all)
}

fn small(directory: &TempDir) -> (PathBuf, Vec<u8>) {
    let path = directory.path().join("small.jsonl.gz");
    let records = [record(b"/coredns/a", b"{\"host\":\"10.0.0.1\"}", 0), record(b"/coredns/b", b"\xff", 5)];
    archive(&path, &heading(2), &records, &[]);
    let bytes = fs::read(&path).unwrap();
    (path, bytes)
}

/// Changes the lines of a file and packs them again, as somebody with an editor would.
fn repacked(path: &Path, change: impl FnOnce(String) -> String) -> PathBuf {
    let mut text = String::new();
    GzDecoder::new(fs::File::open(path).unwrap()).read_to_string(&mut text).unwrap();
    let to = path.with_file_name("repacked.jsonl.gz");
    let mut packed = GzEncoder::new(fs::File::create(&to).unwrap(), Compression::best());
    packed.write_all(change(text).as_bytes()).unwrap();
    packed.finish().unwrap();
    to
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_byte_and_every_lease_comes_back(
        some in prop::collection::vec(
            (prop::collection::vec(any::<u8>(), 1..20), prop::collection::vec(any::<u8>(), 0..60), any::<i64>()),
            0..20,
        ),
        left in prop::option::of(0u64..1 << 40),
    ) {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("out");
        let records: Vec<_> = some.iter().map(|(key, value, lease)| record(key, value, *lease)).collect();
        let lease = SavedLease {
            lease: LeaseId::new(i64::MIN).unwrap(),
            left: left.map(Duration::from_secs),
            at: Timestamp::UNIX_EPOCH,
        };
        let written = archive(&path, &heading(records.len() as u64), &records, &[lease]);
        let expected: Vec<_> =
            records.into_iter().map(LineContent::Record).chain([LineContent::Lease(lease)]).collect();
        prop_assert_eq!(contents(&path).unwrap(), expected);
        let verified = verify(&path).unwrap();
        prop_assert_eq!(&verified.sha256, &written.sha256);
        prop_assert_eq!(verified.bytes, fs::metadata(&path).unwrap().len());
    }
}

#[test]
fn a_value_that_is_text_stands_there_as_text_and_no_byte_of_the_file_is_a_control() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out");
    archive(&path, &heading(1), &[record(b"/coredns/a", "\u{1b}[2J\u{9b}\u{202e}ä".as_bytes(), 0)], &[]);
    let mut text = String::new();
    GzDecoder::new(fs::File::open(&path).unwrap()).read_to_string(&mut text).unwrap();
    assert!(text.bytes().all(|byte| byte == b'\n' || (b' '..=b'~').contains(&byte)), "{text}");
    assert!(text.contains(r#""key":"/coredns/a","value":"\u001b[2J\u009b\u202e\u00e4""#), "{text}");
    assert!(text.starts_with(r#"{"format":"coredeck archive","version":1,"kind":"backup""#), "{text}");
}

#[test]
fn one_flipped_bit_anywhere_is_noticed() {
    let directory = tempfile::tempdir().unwrap();
    let (path, whole) = small(&directory);
    let before = contents(&path).unwrap();
    let mut the_same = 0;
    // One bit of each byte, another one each time.
    for (at, bit) in (0..whole.len()).map(|at| (at, at % 8)) {
        let mut damaged = whole.clone();
        damaged[at] ^= 1 << bit;
        fs::write(&path, &damaged).unwrap();
        // gzip's header has a time and a system, and its data can say the same in two ways. A flipped bit that
        // nobody notices is no damage.
        if let Ok(same) = contents(&path) {
            assert_eq!(same, before, "bit {bit} of byte {at}");
            the_same += 1;
        }
    }
    assert!(the_same < whole.len() / 2, "{the_same} of {} bits make no difference", whole.len() * 8);
}

#[test]
fn a_file_that_ends_anywhere_before_its_end_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let (path, whole) = small(&directory);
    for length in 0..whole.len() {
        fs::write(&path, &whole[..length]).unwrap();
        let wrong = contents(&path).unwrap_err();
        assert!(matches!(wrong, ArchiveError::CutOff | ArchiveError::OtherFormat), "{length}: {wrong}");
    }
    let cut = repacked_of(&whole, &directory, |text| {
        let lines: Vec<&str> = text.lines().collect();
        lines[..lines.len() - 1].join("\n") + "\n"
    });
    assert_eq!(contents(&cut), Err(ArchiveError::CutOff));
}

fn repacked_of(whole: &[u8], directory: &TempDir, change: impl FnOnce(String) -> String) -> PathBuf {
    let path = directory.path().join("again.jsonl.gz");
    fs::write(&path, whole).unwrap();
    repacked(&path, change)
}

#[test]
fn what_was_changed_by_hand_does_not_fit_its_checksum() {
    let directory = tempfile::tempdir().unwrap();
    let (path, _) = small(&directory);
    let changed = repacked(&path, |text| text.replace("10.0.0.1", "10.0.0.2"));
    assert_eq!(contents(&changed), Err(ArchiveError::Checksum));
    let headed = repacked(&path, |text| text.replace("0000000000000abc", "0000000000000abd"));
    assert_eq!(contents(&headed), Err(ArchiveError::Checksum));
    let fewer = repacked(&path, |text| text.replace("\"records\":2", "\"records\":1"));
    assert_eq!(contents(&fewer), Err(ArchiveError::Count { found: 2, said: 1 }));
    let leased = repacked(&path, |text| text.replace("\"leases\":0", "\"leases\":1"));
    assert_eq!(contents(&leased), Err(ArchiveError::Count { found: 0, said: 1 }));
    let endless = repacked(&path, |text| text.trim_end().to_owned());
    assert_eq!(contents(&endless), Err(ArchiveError::CutOff));
    let more = repacked(&path, |text| text + "{}\n");
    assert_eq!(contents(&more), Err(ArchiveError::Behind));
    let nonsense = repacked(&path, |text| text.replacen("\"value\"", "\"wert\"", 1));
    assert_eq!(contents(&nonsense), Err(ArchiveError::Line(2)));
}

#[test]
fn what_is_something_else_or_newer_is_told_apart() {
    let directory = tempfile::tempdir().unwrap();
    let (path, whole) = small(&directory);
    let newer = repacked(&path, |text| text.replacen("\"version\":1", "\"version\":2", 1));
    assert_eq!(contents(&newer), Err(ArchiveError::Newer(2)));
    let plan = repacked(&path, |text| text.replacen(FORMAT, "coredeck plan", 1));
    assert_eq!(contents(&plan), Err(ArchiveError::OtherFormat));
    for other in [&b""[..], b"{}", b"\x1f\x8b", b"/coredns/a", &whole[1..]] {
        fs::write(&path, other).unwrap();
        let wrong = contents(&path).unwrap_err();
        assert!(matches!(wrong, ArchiveError::OtherFormat | ArchiveError::CutOff), "{other:?}: {wrong}");
    }
    assert!(matches!(contents(directory.path()), Err(ArchiveError::Unreadable(_))));
    assert!(matches!(contents(&pipe(&directory)), Err(ArchiveError::Unreadable(_))));
    assert!(matches!(contents(&directory.path().join("none")), Err(ArchiveError::Unreadable(_))));
}

/// Makes a FIFO that somebody holds open, and that has data: a reader of it is noticed and does not hang.
fn pipe(directory: &TempDir) -> PathBuf {
    let path = directory.path().join("fifo");
    assert!(std::process::Command::new("mkfifo").arg(&path).status().unwrap().success());
    let mut held = fs::File::options().read(true).write(true).open(&path).unwrap();
    held.write_all(b"something else, and enough of it").unwrap();
    std::mem::forget(held);
    path
}

#[test]
fn a_file_that_holds_fewer_keys_than_etcd_counted_never_gets_its_name() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("out");
    let mut writer = ArchiveWriter::create(&path, &heading(2)).unwrap();
    writer.record(&record(b"/coredns/a", b"", 0)).unwrap();
    let error = writer.finish().unwrap_err().to_string();
    assert!(error.contains("it has 1 keys, and says that it should have 2"), "{error}");
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

const NOW: Timestamp = Timestamp::constant(1_000_000_000, 0);

/// Makes an empty backup of one scope and cluster, `days` old.
fn backup(directory: &TempDir, name: &str, days: i64, cluster: u64) -> PathBuf {
    let time = Timestamp::from_second(1_000_000_000 - days * 86_400).unwrap();
    written(directory, name, &ArchiveHeading { time, cluster: ClusterId(cluster), ..heading(0) })
}

/// Makes a backup of the usual scope and cluster with this number of keys, `hours` old.
fn hourly(directory: &TempDir, hours: i64, keys: u64) -> PathBuf {
    let time = Timestamp::from_second(1_000_000_000 - hours * 3_600).unwrap();
    written(directory, &format!("{hours}-h.jsonl.gz"), &ArchiveHeading { time, ..heading(keys) })
}

fn written(directory: &TempDir, name: &str, heading: &ArchiveHeading) -> PathBuf {
    let path = directory.path().join(name);
    let records: Vec<_> =
        (0..heading.keys).map(|n| record(format!("/coredns/{n:04}").as_bytes(), b"{}", 0)).collect();
    archive(&path, heading, &records, &[]);
    path
}

/// Cuts the end off a file.
fn damage(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() - 9]).unwrap();
}

fn left(directory: &TempDir) -> Vec<String> {
    let entries = fs::read_dir(directory.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn the_newest_is_the_newest_that_is_whole() {
    let directory = tempfile::tempdir().unwrap();
    let places = [directory.path().to_owned(), directory.path().join("none")];
    let find = |known: Option<&Whole>| newest(&places, &scope(), ClusterId(0xabc), NOW, known);
    let found = |known: Option<&Whole>| find(known).unwrap().archive.path;
    assert_eq!(find(None), None);
    let whole = backup(&directory, "1.jsonl.gz", 1, 0xabc);
    backup(&directory, "other.jsonl.gz", 0, 0xdef);
    let older = find(None);
    let damaged = backup(&directory, "0.jsonl.gz", 0, 0xabc);
    assert_eq!(found(older.as_ref()), damaged, "one that was made meanwhile");
    let known = find(None);
    let bytes = fs::read(&damaged).unwrap();
    fs::write(&damaged, &bytes[..bytes.len() - 1]).unwrap();
    for known in [None, older, known] {
        assert_eq!(found(known.as_ref()), whole);
    }
}

#[test]
fn what_was_found_whole_is_not_read_again_while_its_file_is_the_same() {
    let directory = tempfile::tempdir().unwrap();
    let places = [directory.path().to_owned()];
    let path = backup(&directory, "0.jsonl.gz", 0, 0xabc);
    let find = |known: Option<&Whole>| newest(&places, &scope(), ClusterId(0xabc), NOW, known);
    let known = find(None);
    // Its last byte is damaged, its length and time stay: only reading it would show that.
    let was = fs::metadata(&path).unwrap().modified().unwrap();
    let mut bytes = fs::read(&path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    fs::write(&path, bytes).unwrap();
    fs::File::options().write(true).open(&path).unwrap().set_modified(was).unwrap();
    assert_eq!((find(None), find(known.as_ref())), (None, known));
}

fn request<'a, P: PageReader>(
    pages: &'a P,
    range: P::Range,
    scope: &'a Scope,
    at: Option<i64>,
) -> SaveRequest<'a, P> {
    let kind = if at.is_some() { ArchiveKind::Rescue } else { ArchiveKind::Backup };
    SaveRequest { kind, pages, range, named: scope.to_string(), at: at.map(Revision), scope }
}

#[tokio::test]
async fn everything_of_one_revision_is_saved_with_what_is_left_of_its_leases() {
    let (scope, directory) = (scope(), tempfile::tempdir().unwrap());
    let memory = Memory::new(&scope);
    let lease = LeaseId::new(77).unwrap();
    memory.seed().grant(lease, Duration::from_secs(600));
    memory.seed().put_leased(b"/coredns/leased", b"{}", lease);
    for number in 0..2_500 {
        memory.seed().put(format!("/coredns/n{number:04}").as_bytes(), b"{}");
    }
    memory.seed().put(b"/coredns/", b"the scope's own path is no record");
    memory.seed().put(b"/registry/x", b"not ours");
    let path = directory.path().join("out");
    let pages = InScope(memory.reader());
    let told = Mutex::new(vec![]);
    let progress = |read, all| told.lock().unwrap().push((read, all));
    let request = request(&pages, scope.range(), &scope, None);
    let saved = save(&request, &memory.reader(), &path, progress).await.unwrap();
    assert_eq!((saved.written.records, saved.written.leases), (2_501, 1));
    assert_eq!(told.lock().unwrap().last(), Some(&(2_501, 2_501)));
    let all = contents(&path).unwrap();
    let keys: Vec<_> = all
        .iter()
        .filter_map(
            |content| if let LineContent::Record(record) = content { Some(&record.key) } else { None },
        )
        .collect();
    assert!(keys.is_sorted() && keys.len() == 2_501);
    let left = all
        .iter()
        .find_map(|content| if let LineContent::Lease(lease) = content { lease.left } else { None });
    assert!((590..=600).contains(&left.unwrap().as_secs()), "{left:?}");
    let again = save(&request, &memory.reader(), &path, |_, _| {}).await.unwrap_err();
    assert!(again.to_string().contains("never overwritten"), "{again}");
}

/// A store that compacts the revision that is being read, this number of times.
#[derive(Clone)]
struct Compacting(InScope<crate::store::memory::MemoryReader>, Arc<Mutex<u32>>);

impl PageReader for Compacting {
    type Range = crate::keys::KeyRange;

    async fn page(&self, range: &Self::Range, limit: u32, at: Option<Revision>) -> Result<Page, Failure> {
        if let Some(asked) = at {
            let mut times = self.1.lock().unwrap();
            if *times > 0 {
                *times -= 1;
                return Err(Failure::Compacted { asked });
            }
        }
        self.0.page(range, limit, at).await
    }
}

#[tokio::test]
async fn a_backup_whose_revision_is_compacted_is_begun_again_but_not_for_ever() {
    let (scope, directory) = (scope(), tempfile::tempdir().unwrap());
    let memory = Memory::new(&scope);
    for number in 0..1_500 {
        memory.seed().put(format!("/coredns/n{number:04}").as_bytes(), b"{}");
    }
    for (times, comes) in [(1, true), (2, true), (3, false)] {
        let path = directory.path().join(times.to_string());
        let pages = Compacting(InScope(memory.reader()), Arc::new(Mutex::new(times)));
        let saved =
            save(&request(&pages, scope.range(), &scope, None), &memory.reader(), &path, |_, _| {}).await;
        assert_eq!(saved.is_ok(), comes, "{saved:?}");
        assert_eq!(path.exists(), comes);
        if comes {
            assert_eq!(saved.unwrap().written.records, 1_500);
        } else {
            assert_eq!(saved, Err(SaveError::Compacting));
        }
    }
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 2, "nothing is left of the third");
}

#[tokio::test]
async fn a_rescue_is_of_its_revision_or_there_is_none() {
    let (scope, directory) = (scope(), tempfile::tempdir().unwrap());
    let memory = Memory::new(&scope);
    memory.seed().put(b"/registry/pods/a", b"\0k8s");
    let before = memory.seed().put(b"0root", b"x");
    memory.seed().delete(b"/registry/pods/a");
    memory.seed().delete(b"0root");
    let (pages, everything) = (memory.foreign(), ForeignRange::beginning_with(b"/"));
    let path = directory.path().join("out");
    let (of, reader) = (|range| request(&pages, range, &scope, Some(before.0)), memory.reader());
    let saved = save(&of(everything.clone()), &reader, &path, |_, _| {}).await.unwrap();
    assert_eq!((saved.written.records, saved.revision), (2, before));
    let empty = directory.path().join("empty");
    let nothing = of(ForeignRange::beginning_with(b"/none"));
    let nothing = save(&nothing, &reader, &empty, |_, _| {}).await;
    assert!(matches!(nothing, Err(SaveError::Nothing { .. })));
    memory.seed().compact(Revision(before.0 + 1));
    let gone = save(&of(everything), &reader, &empty, |_, _| {}).await;
    assert_eq!(gone, Err(SaveError::Store(Failure::Compacted { asked: before })));
    assert!(!empty.exists());
}
