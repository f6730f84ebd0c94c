//! The table of speed and memory: `tests/peers/run`, with words to measure only the rows that have one of them.
//! Each row is measured in processes of its own: one for the time, with the input in memory, and one for each size for the
//! memory, with the input generated while it is read. Judges nothing.

mod cases;
mod measure;

use std::process::Command;
use std::{env, fs};

use cases::{CASES, Case, LIMIT, Work};
use peers::flow::{Flow, MESSAGES, Orders, small_850};
use peers::ours::Drafts;

const SIZE: u64 = 50_000_000;
const LARGE: u64 = 1_000_000_000;
/// Enough for the slow ones.
const SHORT: u64 = 5_000_000;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["--speed", name] => speed(found(name)),
        ["--memory", name, size] => memory(found(name), size.parse().expect("a number of bytes")),
        ["--file", path] => {
            let bytes = Flow::new(Orders::X12, SHORT).all();
            fs::write(path, &bytes).expect("the file can be written");
            println!("{}", bytes.len());
        }
        words => table(words),
    }
}

fn found(name: &str) -> &'static Case {
    CASES
        .iter()
        .find(|case| case.name == name)
        .expect("there is such a case")
}

/// The first interchange, taken apart.
fn drafts(orders: Orders) -> Drafts {
    Drafts::of(&Flow::new(orders, 1).all())
}

/// Prints bytes, nanoseconds, what was counted, and the peak.
fn speed(case: &Case) {
    let (bytes, (spent, count)) = match case.work {
        Work::Whole(work) => {
            let bytes = Flow::new(case.orders, SIZE).all();
            (bytes.len() as u64, measure::best(&|| work(&bytes)))
        }
        Work::Stream(work) => {
            let bytes = Flow::new(case.orders, SIZE).all();
            (
                bytes.len() as u64,
                measure::best(&|| work(&mut bytes.as_slice())),
            )
        }
        Work::Small(work) => {
            let bytes = small_850();
            (
                bytes.len() as u64,
                measure::best(&|| work(&mut bytes.as_slice())),
            )
        }
        Work::Write(work) => {
            let drafts = drafts(case.orders);
            (work(&drafts, SIZE), measure::best(&|| work(&drafts, SIZE)))
        }
    };
    println!(
        "{bytes} {} {count} {}",
        spent.as_nanos(),
        measure::peak().unwrap_or_default()
    );
}

/// Prints the peak of one pass over so many bytes.
fn memory(case: &Case, size: u64) {
    match case.work {
        Work::Stream(work) => work(&mut Flow::new(case.orders, size)),
        Work::Write(work) => work(&drafts(case.orders), size),
        Work::Small(work) => work(&mut small_850().as_slice()),
        Work::Whole(work) => work(&Flow::new(case.orders, size).all()),
    };
    println!("{}", measure::peak().unwrap_or_default());
}

/// Runs this program again and gives the numbers that it prints.
fn child(arguments: &[&str]) -> Vec<u64> {
    let program = env::current_exe().expect("a program knows where it is");
    let run = Command::new(program)
        .args(arguments)
        .output()
        .expect("this program can be run");
    let text = String::from_utf8_lossy(&run.stdout);
    let numbers: Vec<u64> = text
        .split_whitespace()
        .filter_map(|word| word.parse().ok())
        .collect();
    if !run.status.success() || numbers.is_empty() {
        eprintln!("{arguments:?}: {}", String::from_utf8_lossy(&run.stderr));
    }
    numbers
}

fn table(words: &[&str]) {
    println!("| what | MB/s | of the byte table | floor | MiB at 50 MB | MiB at 1 GB |");
    println!("| --- | ---: | ---: | ---: | ---: | ---: |");
    let mut limit = 0.0;
    let wanted = |case: &&Case| {
        words.is_empty()
            || case.name.contains(LIMIT)
            || words.iter().any(|word| case.name.contains(word))
    };
    for case in CASES.iter().filter(wanted) {
        let [bytes, nanoseconds, _, peak] = child(&["--speed", case.name])[..] else {
            println!("| {} | failed | | | | |", case.name);
            continue;
        };
        let rate = bytes as f64 * 1e3 / nanoseconds as f64;
        if case.name.contains(LIMIT) {
            limit = rate;
        }
        row(case, rate, (nanoseconds, rate / limit), peak);
    }
    if words.is_empty() || words.contains(&"pyx12") {
        pyx12();
    }
    println!(
        "\nEach interchange holds {MESSAGES} messages; processor time of one core, best of several runs."
    );
}

fn row(case: &Case, rate: f64, (nanoseconds, ratio): (u64, f64), peak: u64) {
    let resident = |size: u64| {
        child(&["--memory", case.name, &size.to_string()])
            .first()
            .copied()
    };
    let mebibytes =
        |peak: Option<u64>| peak.map_or("?".into(), |peak| format!("{:.1}", peak as f64 / 1024.0));
    let floor = case.floor.map_or(String::new(), |floor| format!("{floor}"));
    let (small, large) = match case.work {
        Work::Whole(_) => (mebibytes(Some(peak)), String::new()),
        Work::Stream(_) | Work::Write(_) => (mebibytes(resident(SIZE)), mebibytes(resident(LARGE))),
        Work::Small(_) => (mebibytes(resident(0)), String::new()),
    };
    let rate = match case.work {
        Work::Small(_) => format!("{:.0} µs", nanoseconds as f64 / 1e3),
        _ => format!("{rate:.0}"),
    };
    println!(
        "| {} | {rate} | {ratio:.2} | {floor} | {small} | {large} |",
        case.name
    );
}

/// pyx12's reader, on a part of the file, where `tests/peers/run` has installed it.
fn pyx12() {
    let (Some(python), Some(script)) = (env::var_os("PEERS_PYTHON"), env::var_os("PEERS_PYX12"))
    else {
        println!("| 850: pyx12 4.0.0, X12Reader | not installed | | | | |");
        return;
    };
    let path = env::temp_dir().join(format!("peers-{}.edi", std::process::id()));
    child(&["--file", &path.to_string_lossy()]);
    let run = Command::new(python)
        .arg(script)
        .arg(&path)
        .output()
        .expect("Python can be run");
    _ = fs::remove_file(&path);
    let text = String::from_utf8_lossy(&run.stdout);
    let mut numbers = text
        .split_whitespace()
        .filter_map(|word| word.parse::<f64>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(rate), Some(peak)) => println!(
            "| 850: pyx12 4.0.0, X12Reader | {rate:.1} | | | {:.1} | |",
            peak / 1024.0
        ),
        _ => eprintln!("pyx12: {}", String::from_utf8_lossy(&run.stderr)),
    }
}
