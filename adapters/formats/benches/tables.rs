//! How fast a stock export becomes sealed documents, as delimited text and as records of an AS/400, beside the `csv` crate
//! that reads the same text and does nothing.
//!
//! `cargo bench -p formats` prints, for the best of five runs each, rows and megabytes a second on one core. The input is
//! made here: 1,000,000 rows of 56 bytes with semicolons, decimal commas and German dates, and as many records of 50 bytes in EBCDIC
//! with packed decimals.

use std::error::Error;
use std::fmt::Write as _;
use std::time::{Duration, Instant};

use canonical::decode::{Context, Sink, SinkError};
use canonical::document::Sealed;
use canonical::problem::Problem;
use formats::Plan;

const ROWS: u32 = 1_000_000;
const RUNS: usize = 5;

const MAPPING: &str = r#"
[input.delimited]
separator = ";"
encoding = "windows-1252"

[document]
entity = "inventory_level"

[defaults]
decimal = { mark = ",", group = "." }
unit = { constant = "C62" }

[fields]
sku = { column = "Artikel" }
location.code = { column = "Lager" }
quantities.on_hand = { column = "Bestand" }
quantities.available = { column = "Verfügbar" }
as_of = { column = "Stand", date = { pattern = "dd.MM.yyyy HH:mm", zone = "Europe/Berlin" } }
mode = { constant = "absolute" }
"#;

const RECORDS: &str = r#"
[input.fixed]
encoding = "cp037"
copybook = """
       01  STOCK.
           05  ITEM       PIC X(16).
           05  WAREHOUSE  PIC X(12).
           05  ON-HAND    PIC S9(7)V99 COMP-3.
           05  AVAILABLE  PIC S9(7)V99 COMP-3.
           05  COUNTED    PIC 9(12).
"""

[document]
entity = "inventory_level"

[defaults]
unit = { constant = "C62" }

[fields]
sku = { column = "ITEM" }
location.code = { column = "WAREHOUSE" }
quantities.on_hand = { column = "ON-HAND" }
quantities.available = { column = "AVAILABLE" }
as_of = { column = "COUNTED", date = { pattern = "yyyyMMddHHmm", zone = "Europe/Berlin" } }
mode = { constant = "absolute" }
"#;

/// Seals every document and counts.
#[derive(Default)]
struct Seal {
    documents: u64,
    bytes: usize,
    problems: u64,
}

impl Sink for Seal {
    fn document(&mut self, document: Sealed) -> Result<(), SinkError> {
        self.bytes += document.data.len();
        self.documents += 1;
        Ok(())
    }

    fn problem(&mut self, _problem: Problem) {
        self.problems += 1;
    }

    fn boundary(&mut self) {}

    fn discard_to_boundary(&mut self) {}
}

fn export() -> Result<Vec<u8>, std::fmt::Error> {
    let mut text = String::from("Artikel;Lager;Bestand;Verf\u{fc}gbar;Stand\r\n");
    for row in 0..ROWS {
        let (thousands, rest, minute) = (row % 97 + 1, row % 1000, row % 60);
        write!(
            text,
            "ART-{row:08};LAGER-{};{thousands}.{rest:03},50;{rest},00;23.11.2026 06:{minute:02}\r\n",
            row % 10
        )?;
    }
    // Every character of the sample is in Latin-1.
    Ok(text
        .chars()
        .map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?'))
        .collect())
}

/// The same as records: letters and digits of EBCDIC, two digits of a packed number to a byte.
fn records() -> Vec<u8> {
    let letter = |byte: u8| match byte {
        b'A'..=b'I' => byte - b'A' + 0xC1,
        b'J'..=b'R' => byte - b'J' + 0xD1,
        b'S'..=b'Z' => byte - b'S' + 0xE2,
        b'0'..=b'9' => byte - b'0' + 0xF0,
        b'-' => 0x60,
        _ => 0x40,
    };
    let packed = |value: u32| {
        let digits: Vec<u8> = format!("{value:09}")
            .bytes()
            .map(|digit| digit - b'0')
            .chain([0xC])
            .collect();
        digits
            .chunks(2)
            .map(|pair| pair.iter().fold(0, |byte, half| byte << 4 | half))
            .collect::<Vec<u8>>()
    };
    let mut bytes = Vec::new();
    for row in 0..ROWS {
        let text = format!(
            "{:<16}{:<12}",
            format!("ART-{row:08}"),
            format!("LAGER-{}", row % 10)
        );
        bytes.extend(text.bytes().map(letter));
        bytes.extend(packed((row % 97 + 1) * 100_000 + row % 1000 * 100 + 50));
        bytes.extend(packed(row % 1000 * 100));
        bytes.extend(format!("2026112306{:02}", row % 60).bytes().map(letter));
    }
    bytes
}

fn best(mut run: impl FnMut() -> Result<(), Box<dyn Error>>) -> Result<Duration, Box<dyn Error>> {
    let mut best = Duration::MAX;
    for _ in 0..RUNS {
        let start = Instant::now();
        run()?;
        best = best.min(start.elapsed());
    }
    Ok(best)
}

#[expect(
    clippy::print_stdout,
    reason = "a benchmark's result is what it prints"
)]
fn show(name: &str, time: Duration, bytes: usize) {
    let seconds = time.as_secs_f64();
    let rows = f64::from(ROWS) / seconds;
    let megabytes = f64::from(u32::try_from(bytes).unwrap_or(u32::MAX)) / 1e6 / seconds;
    println!("{name:<46} {seconds:>7.3} s {rows:>12.0} rows/s {megabytes:>8.1} MB/s");
}

fn main() -> Result<(), Box<dyn Error>> {
    let input = export()?;
    let context = Context {
        ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
        received_at: "2026-11-23T08:41:40.120Z",
        file_name: "bestand.csv",
        modified_at: Some("2026-11-23T08:40:00Z"),
        feed: None,
    };
    let baseline = best(|| {
        let mut rows = csv::ReaderBuilder::new()
            .delimiter(b';')
            .from_reader(input.as_slice());
        let mut row = csv::ByteRecord::new();
        let mut cells = 0_usize;
        while rows.read_byte_record(&mut row)? {
            cells += row.len();
        }
        assert_eq!(cells, 5 * ROWS as usize, "the baseline reads every cell");
        Ok(())
    })?;
    show(
        "csv crate: cut into cells, nothing else",
        baseline,
        input.len(),
    );
    for (name, mapping, input) in [
        ("delimited", MAPPING, input),
        ("fixed width", RECORDS, records()),
    ] {
        let plan = Plan::from_mapping(mapping, "bench.toml").map_err(|error| error.to_string())?;
        let mut written = 0;
        let convert = best(|| {
            let mut sink = Seal::default();
            plan.decode(&mut input.as_slice(), &context, &mut sink)?;
            assert_eq!(
                (sink.documents, sink.problems),
                (u64::from(ROWS), 0),
                "every row is a document"
            );
            written = sink.bytes;
            Ok(())
        })?;
        show(
            &format!("{name}: decode, map, seal as JSON"),
            convert,
            input.len(),
        );
        show(
            &format!("{name}: the same, by bytes written"),
            convert,
            written,
        );
    }
    Ok(())
}
