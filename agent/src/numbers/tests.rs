//! Numbers are given out once, whatever happens to the journal and however many take them.

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::ops::RangeInclusive;
use std::path::Path;

use super::{JUMP, Numbers};

const COUNTER: &str = "northwind/x12/interchange";
const X12: RangeInclusive<u64> = 1..=999_999_999;

fn take(numbers: &Numbers, thing: &str) -> u64 {
    numbers
        .take(COUNTER, &X12, thing, "997 for 1 of ZZ:NORTHWIND")
        .unwrap()
}

fn journal(data: &Path) -> std::path::PathBuf {
    data.join("control-numbers.journal")
}

#[test]
fn numbers_count_up_and_the_same_thing_keeps_its_own() {
    let data = tempfile::tempdir().unwrap();
    let numbers = Numbers::open(data.path()).unwrap();
    assert_eq!(
        ["a#1", "a#2", "b#1", "a#2"].map(|thing| take(&numbers, thing)),
        [1, 2, 3, 2]
    );
    assert_eq!(numbers.take("other/x12/group", &X12, "a#1", "").unwrap(), 1);
    numbers.sync().unwrap();
    drop(numbers);
    let numbers = Numbers::open(data.path()).unwrap();
    assert_eq!(["a#2", "c#1"].map(|thing| take(&numbers, thing)), [2, 4]);
}

#[test]
fn the_first_follows_the_last_and_a_range_can_change() {
    let data = tempfile::tempdir().unwrap();
    let numbers = Numbers::open(data.path()).unwrap();
    for (number, (range, want)) in [
        (7..=9, 7),
        (7..=9, 8),
        (7..=9, 9),
        (7..=9, 7),
        (5000..=9000, 5000),
        (5000..=9000, 5001),
        (1..=99, 1),
        (1..=99, 2),
    ]
    .into_iter()
    .enumerate()
    {
        let taken = numbers
            .take(COUNTER, &range, &format!("a#{number}"), "")
            .unwrap();
        assert_eq!(taken, want, "{range:?}");
    }
    drop(numbers);
    let numbers = Numbers::open(data.path()).unwrap();
    assert_eq!(numbers.take(COUNTER, &(1..=99), "z", "").unwrap(), 3);
}

#[test]
fn two_programs_never_give_out_the_same() {
    let data = tempfile::tempdir().unwrap();
    let taken: Vec<u64> = std::thread::scope(|scope| {
        let takers: Vec<_> = (0..4)
            .map(|taker| {
                let data = data.path();
                scope.spawn(move || {
                    let numbers = Numbers::open(data).unwrap();
                    (0..50)
                        .map(|n| take(&numbers, &format!("{taker}#{n}")))
                        .collect::<Vec<_>>()
                })
            })
            .collect();
        takers
            .into_iter()
            .flat_map(|taker| taker.join().unwrap())
            .collect()
    });
    assert_eq!(
        taken.iter().copied().collect::<BTreeSet<_>>(),
        (1..=200).collect()
    );
}

#[test]
fn an_unfinished_line_is_cut_and_a_damaged_one_makes_numbers_jump() {
    let data = tempfile::tempdir().unwrap();
    let numbers = Numbers::open(data.path()).unwrap();
    for n in 0..10 {
        take(&numbers, &format!("a#{n}"));
    }
    drop(numbers);
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(journal(data.path()))
        .unwrap();
    file.write_all(b"1ad19c15\ttake\tnorthwind/x12/inter")
        .unwrap();
    let numbers = Numbers::open(data.path()).unwrap();
    assert_eq!(take(&numbers, "b"), 11);
    drop(numbers);

    let mut bytes = fs::read(journal(data.path())).unwrap();
    let place = bytes.len() - 20;
    bytes[place] ^= 0xFF;
    fs::write(journal(data.path()), &bytes).unwrap();
    let numbers = Numbers::open(data.path()).unwrap();
    assert_eq!(
        take(&numbers, "c"),
        10 + JUMP + 1,
        "the damaged line had 11"
    );
    assert_eq!(take(&numbers, "a#3"), 4);
    let aside = fs::read(journal(data.path()).with_extension("damaged")).unwrap();
    assert_eq!(aside, bytes);
    drop(numbers);
    let numbers = Numbers::open(data.path()).unwrap();
    assert_eq!(take(&numbers, "d"), 10 + JUMP + 2, "only once");
}

#[test]
fn whatever_byte_is_harmed_no_number_is_given_out_again() {
    let data = tempfile::tempdir().unwrap();
    let numbers = Numbers::open(data.path()).unwrap();
    for n in 0..3 {
        take(&numbers, &format!("a#{n}"));
    }
    let mark = numbers.mark(COUNTER);
    drop(numbers);
    let good = fs::read(journal(data.path())).unwrap();
    for place in 0..good.len() {
        for harm in [0x01, 0x2A] {
            let mut bytes = good.clone();
            bytes[place] ^= harm;
            fs::write(journal(data.path()), &bytes).unwrap();
            let numbers = Numbers::open(data.path()).unwrap();
            numbers.raise(COUNTER, mark).unwrap();
            assert!(take(&numbers, "b") > 3, "byte {place} ^ {harm:02x}");
        }
    }
}

#[test]
fn a_lost_journal_goes_on_where_the_queue_knows_it_was() {
    let data = tempfile::tempdir().unwrap();
    let numbers = Numbers::open(data.path()).unwrap();
    for n in 0..6 {
        numbers
            .take(COUNTER, &(1..=4), &format!("a#{n}"), "")
            .unwrap();
    }
    let mark = numbers.mark(COUNTER);
    drop(numbers);
    fs::remove_file(journal(data.path())).unwrap();
    let numbers = Numbers::open(data.path()).unwrap();
    numbers.raise(COUNTER, mark).unwrap();
    assert_eq!(numbers.take(COUNTER, &(1..=4), "b", "").unwrap(), 3);
    numbers.raise(COUNTER, mark).unwrap();
    assert_eq!(
        numbers.take(COUNTER, &(1..=4), "c", "").unwrap(),
        4,
        "what is known already changes nothing"
    );
}

#[test]
fn a_long_journal_is_shortened_and_counts_on() {
    let data = tempfile::tempdir().unwrap();
    let numbers = Numbers::open(data.path()).unwrap();
    let other = Numbers::open(data.path()).unwrap();
    assert_eq!(
        other
            .take("rare/edifact/interchange", &X12, "r#1", "")
            .unwrap(),
        1
    );
    for n in 0..25_000 {
        take(&numbers, &format!("a#{n}"));
    }
    let length = fs::metadata(journal(data.path())).unwrap().len();
    assert!(length < 2_000_000, "{length}");
    assert_eq!(
        take(&other, "b"),
        25_001,
        "the other sees that the file is another"
    );
    assert_eq!(
        other
            .take("rare/edifact/interchange", &X12, "r#2", "")
            .unwrap(),
        2
    );
    drop((numbers, other));
    let numbers = Numbers::open(data.path()).unwrap();
    assert_eq!(
        (take(&numbers, "a#24999"), take(&numbers, "c")),
        (25_000, 25_002)
    );
}
