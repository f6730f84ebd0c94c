//! How fast a stock export becomes sealed documents, beside the `csv` crate that reads the same bytes and does nothing.
//!
//! `cargo bench -p formats` prints, for the best of five runs each, rows and megabytes a second on one core. The input is
//! made here: 1,000,000 rows of 56 bytes with semicolons, decimal commas and German dates.

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
    let plan = Plan::from_mapping(MAPPING, "bench.toml").map_err(|error| error.to_string())?;
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
        "csv crate: cut into cells, nothing else",
        baseline,
        input.len(),
    );
    show("formats: decode, map, seal as JSON", convert, input.len());
    show("formats: the same, by bytes written", convert, written);
    Ok(())
}
