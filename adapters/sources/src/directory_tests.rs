//! What a directory source promises: nothing replaced, nothing followed, only the file that was read is put aside.

use std::io::Read as _;

use canonical::problem::Problem;

use super::*;

struct Folder {
    root: tempfile::TempDir,
    source: Directory,
}

fn folder() -> Folder {
    let root = tempfile::tempdir().unwrap();
    let source = Directory::open(DirectoryOptions {
        inbox: root.path().to_owned(),
        archive: None,
        quarantine: None,
        names: NamePatterns::new(&["*.csv"], &[]),
    })
    .unwrap();
    Folder { root, source }
}

fn id(last: char) -> IngestId {
    format!("01JDC4Z8Q2W3E4R5T6Y7H8J9K{last}").parse().unwrap()
}

impl Folder {
    fn drop_file(&self, name: &str, content: &str) {
        fs::write(self.root.path().join(name), content).unwrap();
    }

    fn names(&self) -> Vec<String> {
        let mut names: Vec<_> = self
            .source
            .list()
            .unwrap()
            .iter()
            .map(|seen| seen.name.to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }
}

fn reason() -> Reason {
    Reason {
        feed: "stock".into(),
        file: "a.csv".into(),
        ingest_id: id('1').to_string(),
        queued: 0,
        refused: 1,
        problems: vec![
            Problem::error("delimited.number", "expected a decimal number").hint("write 12,5"),
        ],
        more: 2,
    }
}

#[test]
fn a_claimed_file_is_ours_and_its_name_is_free() {
    let folder = folder();
    folder.drop_file("a.csv", "one");
    let claimed = folder.source.claim(&"a.csv".into(), id('1')).unwrap();
    folder.drop_file("a.csv", "two");
    let (mut file, stamp) = folder.source.read(&claimed).unwrap();
    let mut text = String::new();
    file.read_to_string(&mut text).unwrap();
    assert_eq!((text.as_str(), stamp.size), ("one", 3));
    assert_eq!(folder.names(), ["a.csv"]);
}

#[test]
fn a_claim_survives_a_restart() {
    let folder = folder();
    folder.drop_file("a.csv", "one");
    folder.source.claim(&"a.csv".into(), id('1')).unwrap();
    let found = folder.source.unfinished().unwrap();
    assert_eq!(
        found
            .iter()
            .map(|claim| (claim.id.to_string(), claim.name.as_str()))
            .collect::<Vec<_>>(),
        [(id('1').to_string(), "a.csv")]
    );
}

#[test]
fn only_the_file_that_was_read_is_archived() {
    let folder = folder();
    folder.drop_file("a.csv", "one");
    let claimed = folder.source.claim(&"a.csv".into(), id('1')).unwrap();
    let (_, stamp) = folder.source.read(&claimed).unwrap();
    fs::write(&claimed.path, "one and more").unwrap(); // the writer still had it open
    assert_eq!(
        folder.source.archive(&claimed, stamp).unwrap(),
        Settled::Changed
    );
    assert_eq!(folder.names(), ["a.csv"], "it is a new arrival");
    let again = folder.source.claim(&"a.csv".into(), id('2')).unwrap();
    let (_, stamp) = folder.source.read(&again).unwrap();
    let Settled::Moved(path) = folder.source.archive(&again, stamp).unwrap() else {
        panic!("not archived")
    };
    assert_eq!(fs::read_to_string(path).unwrap(), "one and more");
    assert_eq!(
        folder.source.archive(&again, stamp).unwrap(),
        Settled::Gone,
        "repeating it is harmless"
    );
}

#[test]
fn a_file_put_back_replaces_nothing() {
    let folder = folder();
    folder.drop_file("a.csv", "one");
    let claimed = folder.source.claim(&"a.csv".into(), id('1')).unwrap();
    folder.drop_file("a.csv", "two");
    folder.source.release(&claimed).unwrap();
    assert_eq!(
        folder.names(),
        [format!("{}-a.csv", id('1')), "a.csv".to_owned()]
    );
}

#[test]
fn a_quarantined_file_has_its_reason_beside_it() {
    let folder = folder();
    folder.drop_file("a.csv", "bad");
    let claimed = folder.source.claim(&"a.csv".into(), id('1')).unwrap();
    let (_, stamp) = folder.source.read(&claimed).unwrap();
    let Settled::Moved(path) = folder
        .source
        .quarantine(&claimed, stamp, &reason())
        .unwrap()
    else {
        panic!("not moved")
    };
    let beside = |suffix: &str| fs::read_to_string(format!("{}{suffix}", path.display())).unwrap();
    assert_eq!(
        serde_json::from_str::<Reason>(&beside(".reason.json")).unwrap(),
        reason()
    );
    let text = beside(".reason.txt");
    assert!(
        text.contains("expected a decimal number") && text.contains("write 12,5"),
        "{text}"
    );
    assert!(
        text.contains("and 2 more") && text.contains("Nothing of this file was sent."),
        "{text}"
    );
}

#[cfg(unix)]
#[test]
fn links_and_folders_are_not_files() {
    let folder = folder();
    folder.drop_file("real.csv", "x");
    std::os::unix::fs::symlink("/etc/passwd", folder.root.path().join("link.csv")).unwrap();
    fs::create_dir(folder.root.path().join("folder.csv")).unwrap();
    assert_eq!(folder.names(), ["real.csv"]);
}

#[test]
fn a_missing_inbox_is_an_error_and_not_an_empty_one() {
    let folder = folder();
    let Folder { root, source } = folder;
    fs::remove_dir_all(root.path()).unwrap();
    assert!(source.list().is_err());
}
