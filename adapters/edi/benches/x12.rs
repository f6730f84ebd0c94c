//! How fast generated files of 50 MB are read, walked and converted, beside a plain loop in the same run: `cargo bench -p edi`;
//! with words behind `--`, only what has one of them in its name.
//! Prints the best of several runs, by processor time where the system tells it (a busy machine slows the clock on the
//! wall, not the work); judges nothing.

#![allow(
    clippy::print_stdout,
    clippy::indexing_slicing,
    reason = "a bench prints and may panic"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use canonical::decode::{Context, Sink, SinkError};
use canonical::document::Sealed;
use canonical::problem::Problem;
use edi::{Advance, Event, Limits, Opening, Reader, TextPolicy, Walk, WalkOptions};

const SIZE: usize = 50_000_000;
const RUNS: usize = 5;
const RUN: Duration = Duration::from_millis(600);
const ORDERS_A_GROUP: usize = 200;

/// Orders of forty lines in interchanges of 200, as a large retailer sends them over night.
fn orders() -> Vec<u8> {
    let mut text = String::with_capacity(SIZE + 1_000_000);
    let mut interchange = 0;
    while text.len() < SIZE {
        interchange += 1;
        text += &format!(
            "ISA*00*          *00*          *ZZ*BENCHBUYER     *ZZ*BENCHSELLER    *260131*1200*U*00401*{interchange:09}*0*P*>~\n\
             GS*PO*BENCHBUYER*BENCHSELLER*20260131*1200*{interchange}*X*004010~\n"
        );
        for set in 1..=ORDERS_A_GROUP {
            text += &order(interchange, set);
        }
        text += &format!("GE*{ORDERS_A_GROUP}*{interchange}~\nIEA*1*{interchange:09}~\n");
    }
    text.into_bytes()
}

fn order(interchange: usize, set: usize) -> String {
    let mut text = format!(
        "ST*850*{set:04}~\nBEG*00*SA*PO-{interchange}-{set}**20260131~\nCUR*BY*USD~\nREF*DP*0421~\nDTM*002*20260215~\n\
         N1*BY*BENCH RETAIL GROUP*9*0612345780000~\nN1*ST*DISTRIBUTION CENTER 7*92*DC07~\nN3*4100 LAKESHORE ROAD~\n\
         N4*ERIE*PA*16505*US~\n"
    );
    for line in 1..=40 {
        let (quantity, price) = (line * 3 + set % 7, line * 11 + set);
        text += &format!(
            "PO1*{line}*{quantity}*EA*{}.{:02}*PE*VN*ITEM-{price:05}*BP*B{line:04}~\nPID*F****BENCH ITEM NUMBER {line}~\n",
            price / 100,
            price % 100
        );
    }
    text + &format!("CTT*40~\nSE*91*{set:04}~\n")
}

/// One stock report an interchange, 400 items each.
fn stock() -> Vec<u8> {
    let mut text = String::with_capacity(SIZE + 100_000);
    let mut interchange = 0;
    while text.len() < SIZE {
        interchange += 1;
        text += &format!(
            "ISA*00*          *00*          *ZZ*BENCHSELLER    *ZZ*BENCHBUYER     *260131*1200*U*00401*{interchange:09}*0*P*>~\n\
             GS*IB*BENCHSELLER*BENCHBUYER*20260131*1200*{interchange}*X*004010~\nST*846*0001~\n\
             BIA*00*SI*STK-{interchange}*20260131~\nN1*WH*MAIN*92*MAIN~\n"
        );
        for item in 1..=400 {
            let quantity = item * 7 % 1000;
            text += &format!(
                "LIN**VN*ITEM-{item:05}~\nQTY*33*{quantity}*EA~\nQTY*17*{}*EA~\n",
                quantity + 5
            );
        }
        text += &format!("CTT*400~\nSE*1205*0001~\nGE*1*{interchange}~\nIEA*1*{interchange:09}~\n");
    }
    text.into_bytes()
}

/// EDIFACT orders of forty lines in interchanges of 200.
fn edifact() -> Vec<u8> {
    let mut text = String::with_capacity(SIZE + 1_000_000);
    let mut interchange = 0;
    while text.len() < SIZE {
        interchange += 1;
        text += &format!(
            "UNA:+.? 'UNB+UNOC:3+5412345000013:14+4012345000094:14+260131:1200+REF{interchange}'\n"
        );
        for message in 1..=ORDERS_A_GROUP {
            text += &format!(
                "UNH+{message}+ORDERS:D:96A:UN:EAN008'BGM+220+PO-{interchange}-{message}+9'DTM+137:20260131:102'\
                 NAD+BY+5412345000013::9'NAD+SU+4012345000094::9'CUX+2:EUR:9'"
            );
            for line in 1..=40 {
                let price = line * 11 + message;
                text += &format!(
                    "LIN+{line}++4006381333931:EN'IMD+F++:::BENCH ITEM NO?: {line}'QTY+21:{line}:PCE'PRI+AAA:{price}.50'"
                );
            }
            text += &format!("UNS+S'CNT+2:40'UNT+169+{message}'");
        }
        text += &format!("UNZ+{ORDERS_A_GROUP}+REF{interchange}'\n");
    }
    text.into_bytes()
}

/// Seals what it gets, as a caller that queues does.
#[derive(Default)]
struct Sealing {
    documents: u64,
    bytes: usize,
}

impl Sink for Sealing {
    fn document(&mut self, document: Sealed) -> Result<(), SinkError> {
        self.documents += 1;
        self.bytes += black_box(document).data.len();
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        println!("unexpected: {problem}");
    }

    fn boundary(&mut self) {}

    fn discard_to_boundary(&mut self) {}
}

fn plain_loop(bytes: &[u8]) -> u64 {
    let mut table = [0_u64; 256];
    table[usize::from(b'*')] = 1;
    table[usize::from(b'~')] = 1;
    bytes.iter().map(|byte| table[usize::from(*byte)]).sum()
}

fn read(mut bytes: &[u8]) -> u64 {
    let mut reader = Reader::new(&mut bytes, Limits::default());
    let mut elements = 0;
    while matches!(reader.open(TextPolicy::Refuse), Ok(Opening::Header { .. })) {
        while matches!(reader.advance(), Ok(Advance::Segment)) {
            let segment = reader.segment();
            elements += segment.count() as u64;
            if matches!(segment.element(0), b"IEA" | b"UNZ") {
                break;
            }
        }
    }
    elements
}

fn walk(mut bytes: &[u8]) -> u64 {
    let mut walk = Walk::new(&mut bytes, WalkOptions::default());
    let mut good = 0;
    loop {
        match walk.advance() {
            Ok(Event::MessageEnd(set)) => good += u64::from(set),
            Ok(Event::End) | Err(_) => return good,
            Ok(_) => {}
        }
    }
}

fn convert(mut bytes: &[u8]) -> u64 {
    let context = Context {
        ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
        received_at: "2026-01-31T12:00:00Z",
        file_name: "bench.edi",
        modified_at: None,
        feed: None,
    };
    let mut sink = Sealing::default();
    match edi::convert(&mut bytes, &context, &mut sink) {
        Ok(summary) => summary.documents,
        Err(error) => panic!("{error}"),
    }
}

/// What this thread has cost so far, where the system keeps a schedstat.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

fn measure(name: &str, bytes: &[u8], work: fn(&[u8]) -> u64) {
    let mut wanted = std::env::args().skip(1).filter(|word| word != "--bench");
    let first = wanted.next();
    if first.is_some()
        && !first
            .into_iter()
            .chain(wanted)
            .any(|word| name.contains(&word))
    {
        return;
    }
    let mut best = Duration::MAX;
    let mut result = 0;
    for _ in 0..RUNS {
        // The system counts processor time in ticks: a run lasts for many of them.
        let (began, busy, mut passes) = (Instant::now(), processor_time(), 0);
        while began.elapsed() < RUN {
            result = black_box(work(black_box(bytes)));
            passes += 1;
        }
        let spent = match (busy, processor_time()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => began.elapsed(),
        };
        best = best.min(spent / passes);
    }
    let rate = bytes.len() as f64 / 1e6 / best.as_secs_f64();
    println!("{name:<40} {rate:>8.0} MB/s   ({result})");
}

fn main() {
    let orders = orders();
    measure("baseline: byte table", &orders, plain_loop);
    measure("850 read", &orders, read);
    measure("850 read + envelope", &orders, walk);
    measure("850 convert + seal", &orders, convert);
    let edifact = edifact();
    measure("ORDERS read", &edifact, read);
    measure("ORDERS read + envelope", &edifact, walk);
    let stock = stock();
    measure("846 convert + seal", &stock, convert);
}
