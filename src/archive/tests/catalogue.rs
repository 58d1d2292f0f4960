//! Catalogues of several directories, and the newest file in them.
use super::*;

fn catalogue(directories: &[PathBuf]) -> Catalogue {
    Catalogue::of(directories, &scope(), ClusterId(0xabc), NOW)
}

fn names(catalogue: &Catalogue) -> Vec<&str> {
    let names = catalogue.archives().iter().map(|archive| archive.path.file_name().unwrap());
    names.map(|name| name.to_str().unwrap()).collect()
}

fn rescue(directory: &TempDir, name: &str, range: &str) -> PathBuf {
    let path = directory.path().join(name);
    let heading = ArchiveHeading { kind: ArchiveKind::Rescue, range: range.to_owned(), ..heading(0) };
    archive(&path, &heading, &[], &[]);
    path
}

#[test]
fn the_backups_and_rescues_of_one_scope_and_cluster_are_listed_newest_first() {
    let (one, two) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    backup(&one, "3-days.jsonl.gz", 3, 0xabc);
    backup(&two, "1-day.jsonl.gz", 1, 0xabc);
    backup(&one, "other-cluster.jsonl.gz", 0, 0xdef);
    let other = ArchiveHeading { scope: "/other/".to_owned(), ..heading(0) };
    archive(&one.path().join("other-scope.jsonl.gz"), &other, &[], &[]);
    backup(&one, "no-archive-by-its-name", 0, 0xabc);
    std::os::unix::fs::symlink(two.path().join("1-day.jsonl.gz"), one.path().join("link.jsonl.gz")).unwrap();
    rescue(&two, "epoch-all.jsonl.gz", "/");
    rescue(&two, "epoch-scope.jsonl.gz", "/coredns/");
    rescue(&two, "epoch-part.jsonl.gz", "/coredns/io/");
    rescue(&two, "epoch-others.jsonl.gz", "/registry/");
    let found = catalogue(&[one.path().to_owned(), two.path().to_owned(), one.path().join("none")]);
    let expected = [
        "1-day.jsonl.gz",
        "3-days.jsonl.gz",
        "epoch-all.jsonl.gz",
        "epoch-part.jsonl.gz",
        "epoch-scope.jsonl.gz",
    ];
    assert_eq!(names(&found), expected);
    assert_eq!(found.unread(), []);
    assert_eq!(found.backups().count(), 2, "rescues are no backups");
    let of_scope: Vec<_> = found.archives().iter().map(|it| it.scope_keys(&scope())).collect();
    assert_eq!(of_scope, [Some(0), Some(0), None, None, Some(0)]);
}

#[test]
fn a_directory_that_is_given_by_two_names_is_listed_once() {
    let directory = tempfile::tempdir().unwrap();
    backup(&directory, "1.jsonl.gz", 1, 0xabc);
    let again = directory.path().join(".");
    assert_eq!(names(&catalogue(&[directory.path().to_owned(), again])), ["1.jsonl.gz"]);
}

#[test]
fn a_file_from_the_future_is_marked_and_never_the_newest_backup() {
    let directory = tempfile::tempdir().unwrap();
    let whole = backup(&directory, "1-day.jsonl.gz", 1, 0xabc);
    backup(&directory, "in-300-days.jsonl.gz", -300, 0xabc);
    let places = [directory.path().to_owned()];
    let found = catalogue(&places);
    assert_eq!(names(&found), ["in-300-days.jsonl.gz", "1-day.jsonl.gz"]);
    assert_eq!(found.archives().iter().map(|archive| archive.is_ahead).collect::<Vec<_>>(), [true, false]);
    let newest = newest(&places, &scope(), ClusterId(0xabc), NOW, None).unwrap();
    assert_eq!(newest.archive.path, whole);
    fs::remove_file(whole).unwrap();
    assert_eq!(super::newest(&places, &scope(), ClusterId(0xabc), NOW, None), None);
}

#[test]
fn what_cannot_be_looked_at_is_told_and_not_counted_as_none() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("a-file");
    fs::write(&file, "").unwrap();
    let found = catalogue(std::slice::from_ref(&file));
    assert_eq!(found.archives(), []);
    assert_eq!(
        found.unread().iter().map(|unread| &*unread.place).collect::<Vec<_>>(),
        [file.to_str().unwrap()]
    );
    assert!(found.unread()[0].reason.contains("Not a directory"), "{found:?}");
}

#[test]
fn an_archive_is_verified_as_the_one_that_was_listed() {
    let directory = tempfile::tempdir().unwrap();
    let path = backup(&directory, "1.jsonl.gz", 1, 0xabc);
    let found = catalogue(&[directory.path().to_owned()]);
    let [listed] = found.archives() else { panic!("one: {found:?}") };
    assert_eq!((listed.keys(), listed.verify().unwrap().records), (0, 0));
    fs::remove_file(&path).unwrap();
    backup(&directory, "1.jsonl.gz", 2, 0xabc);
    assert_eq!(listed.verify(), Err(ArchiveError::Replaced));
    fs::write(&path, "something else, and enough of it").unwrap();
    assert_eq!(listed.verify(), Err(ArchiveError::OtherFormat));
}
