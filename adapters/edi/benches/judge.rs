//! How fast generated orders are read, walked, kept and judged by the dictionary, each step beside the one before:
//! `cargo bench -p edi --bench judge`. Prints the best of several runs, by processor time where the system tells it; judges nothing.

#![allow(clippy::print_stdout, reason = "a bench prints and may panic")]

use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use edi::dictionary::Dictionaries;
use edi::judge::{Judge, Judged, Policy};
use edi::{Event, MessageBuffer, Syntax, Walk, WalkOptions};

const SIZE: usize = 20_000_000;
const RUNS: usize = 7;
const RUN: Duration = Duration::from_millis(400);
const ORDERS: usize = 200;
const LIMIT: usize = 16 << 20;

/// Orders of forty lines in interchanges of 200, as a large retailer sends them over night.
fn x12() -> Vec<u8> {
    generate(|interchange, text| {
        *text += &format!(
            "ISA*00*          *00*          *ZZ*BENCHBUYER     *ZZ*BENCHSELLER    *260131*1200*U*00401*{interchange:09}*0*P*>~\n\
             GS*PO*BENCHBUYER*BENCHSELLER*20260131*1200*{interchange}*X*004010~\n"
        );
        for set in 1..=ORDERS {
            *text += &format!(
                "ST*850*{set:04}~\nBEG*00*SA*PO-{interchange}-{set}**20260131~\nCUR*BY*USD~\nREF*DP*0421~\nDTM*002*20260215~\n\
                 N1*BY*BENCH RETAIL GROUP*9*0612345780000~\nN1*ST*DISTRIBUTION CENTER 7*92*DC07~\nN3*4100 LAKESHORE ROAD~\n\
                 N4*ERIE*PA*16505*US~\n"
            );
            for line in 1..=40 {
                let (quantity, price) = (line * 3 + set % 7, line * 11 + set);
                *text += &format!(
                    "PO1*{line}*{quantity}*EA*{}.{:02}*PE*VN*ITEM-{price:05}*BP*B{line:04}~\nPID*F****BENCH ITEM NUMBER {line}~\n",
                    price / 100,
                    price % 100
                );
            }
            *text += &format!("CTT*40~\nSE*91*{set:04}~\n");
        }
        *text += &format!("GE*{ORDERS}*{interchange}~\nIEA*1*{interchange:09}~\n");
    })
}

/// The same in EDIFACT.
fn edifact() -> Vec<u8> {
    generate(|interchange, text| {
        *text +=
            &format!("UNB+UNOC:3+4012345000009:14+4012345000016:14+260131:1200+{interchange}'\n");
        for message in 1..=ORDERS {
            *text += &format!(
                "UNH+{message}+ORDERS:D:96A:UN:EAN008'\nBGM+220+PO-{interchange}-{message}+9'\nDTM+137:20260131:102'\n\
                 DTM+2:20260215:102'\nRFF+CT:4711'\nNAD+BY+4012345000009::9'\nNAD+DP+++DISTRIBUTION CENTER 7+4100 LAKESHORE ROAD+ERIE++16505+US'\n\
                 CUX+2:EUR:9'\n"
            );
            for line in 1..=40 {
                let (quantity, price) = (line * 3 + message % 7, line * 11 + message);
                *text += &format!(
                    "LIN+{line}++40123450{line:05}:EN'\nPIA+1+ITEM-{price:05}:SA'\nIMD+F++:::BENCH ITEM NUMBER {line}'\n\
                     QTY+21:{quantity}:PCE'\nPRI+AAA:{}.{:02}'\n",
                    price / 100,
                    price % 100
                );
            }
            *text += &format!("UNS+S'\nMOA+86:4711.00'\nCNT+2:40'\nUNT+212+{message}'\n");
        }
        *text += &format!("UNZ+{ORDERS}+{interchange}'\n");
    })
}

fn generate(interchange: impl Fn(usize, &mut String)) -> Vec<u8> {
    let mut text = String::with_capacity(SIZE + 1_000_000);
    let mut number = 0;
    while text.len() < SIZE {
        number += 1;
        interchange(number, &mut text);
    }
    text.into_bytes()
}

/// How far each run goes.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Walk,
    Keep,
    Judge,
}

fn run(mut bytes: &[u8], judge: &mut Judge, until: Step) -> usize {
    let mut walk = Walk::new(&mut bytes, WalkOptions::default());
    let mut buffer = MessageBuffer::default();
    let mut judged = Judged::default();
    let mut count = 0;
    loop {
        let event = walk.advance().expect("bytes in memory can be read");
        if until == Step::Walk {
            count += usize::from(event == Event::MessageEnd(true));
            if event == Event::End {
                return count;
            }
            continue;
        }
        match event {
            Event::Message | Event::Segment => assert!(buffer.push(walk.reader(), LIMIT)),
            Event::MessageEnd(good) => {
                assert!(good, "{:?}", walk.take_findings());
                assert!(buffer.push(walk.reader(), LIMIT));
                buffer.hold(walk.message().clone());
                count += 1;
            }
            Event::GroupEnd(_) => {
                for (message, view) in buffer.messages().filter(|_| until >= Step::Judge) {
                    judge.judge(view, message, &mut judged);
                    assert!(judged.findings.is_empty(), "{:?}", judged.findings);
                    black_box(&judged.nodes);
                }
                buffer.clear();
            }
            Event::End => return count,
            Event::Interchange
            | Event::InterchangeAck
            | Event::Group
            | Event::InterchangeEnd(_) => {}
        }
    }
}

/// What this thread has cost so far, where the system keeps a schedstat.
fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

fn measure(name: &str, bytes: &[u8], judge: &mut Judge, until: Step) {
    let mut best = Duration::MAX;
    let mut result = 0;
    for _ in 0..RUNS {
        let (began, busy, mut passes) = (Instant::now(), processor_time(), 0);
        while began.elapsed() < RUN {
            result = black_box(run(black_box(bytes), judge, until));
            passes += 1;
        }
        let spent = match (busy, processor_time()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => began.elapsed(),
        };
        best = best.min(spent / passes);
    }
    let rate = bytes.len() as f64 / 1e6 / best.as_secs_f64();
    println!("{name:<40} {rate:>8.0} MB/s   ({result} messages)");
}

fn main() {
    for (name, bytes, syntax, version, set) in [
        ("850", x12(), Syntax::X12, "004010", "850"),
        ("ORDERS", edifact(), Syntax::Edifact, "D.96A", "ORDERS"),
    ] {
        let found = Dictionaries::shipped().find(syntax, version);
        let dictionary = found.expect("it is shipped").dictionary;
        let structure = Arc::clone(dictionary.structure(set).expect("it is in there"));
        let mut judge = Judge::new(dictionary, structure, Policy::default());
        for (step, until) in [
            ("read + envelope", Step::Walk),
            ("read + envelope + keep", Step::Keep),
            ("read + envelope + keep + judge", Step::Judge),
        ] {
            measure(&format!("{name} {step}"), &bytes, &mut judge, until);
        }
    }
}
