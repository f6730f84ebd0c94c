//! How fast orders are written, in X12 and in EDIFACT: `cargo bench -p edi --bench write`. The values are at hand; what is
//! measured is separating, checking and escaping them, and the envelopes.
//! Prints the best of several runs by processor time where the system tells it; judges nothing.

#![allow(
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a bench prints and may panic"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use edi::write::{SegmentBuilder, Style, Writer};
use edi::{Address, Group, Interchange, Message, Syntax};

const SIZE: u64 = 20_000_000;
const RUNS: usize = 5;
const MESSAGES: usize = 200;
const LINES: usize = 40;

fn partner(id: &str) -> Address {
    Address {
        qualifier: "ZZ".into(),
        id: id.into(),
        internal: String::new(),
    }
}

/// Interchanges of 200 orders of forty lines. `free_text` holds what an EDIFACT writer has to release.
fn orders(style: Style, syntax: Syntax, free_text: &str) -> u64 {
    let mut writer = Writer::new(style);
    let mut segment = SegmentBuilder::default();
    let mut written = 0;
    let (sender, receiver) = (partner("BENCHBUYER"), partner("BENCHSELLER"));
    let headers = Interchange {
        syntax,
        sender: sender.clone(),
        receiver: receiver.clone(),
        date: "20260131".into(),
        time: "1200".into(),
        version: "00401".into(),
        control_number: "1".into(),
        ..Interchange::default()
    };
    let x12 = syntax == Syntax::X12;
    let group = Group {
        functional_id: "PO".into(),
        sender,
        receiver,
        date: "20260131".into(),
        time: "1200".into(),
        control_number: if x12 { "1".into() } else { String::new() },
        version: "004010".into(),
        ..Group::default()
    };
    let mut message = Message {
        id: if x12 { "850" } else { "ORDERS" }.into(),
        version: "D.96A".into(),
        agency: "UN".into(),
        ..Message::default()
    };
    let items: Vec<[String; 3]> = (0..LINES)
        .map(|line| {
            [
                (line + 1).to_string(),
                (line * 3 + 1).to_string(),
                format!("ITEM-{line:05}"),
            ]
        })
        .collect();
    while written < SIZE {
        writer.open_interchange(&headers).unwrap();
        writer.open_group(&group).unwrap();
        for number in 0..MESSAGES {
            message.control_number = number.to_string();
            writer.open_message(&message).unwrap();
            for [number, quantity, item] in &items {
                segment
                    .start("PO1")
                    .element(number)
                    .element(quantity)
                    .element("EA")
                    .element("12.50");
                segment
                    .element("PE")
                    .element("VN")
                    .element(item)
                    .element("BP")
                    .element("B0001");
                writer.segment(&segment).unwrap();
                segment
                    .start("PID")
                    .element("F")
                    .element("")
                    .element("")
                    .element("")
                    .element(free_text);
                writer.segment(&segment).unwrap();
            }
            writer.close_message().unwrap();
        }
        writer.close_interchange().unwrap();
        written += black_box(writer.settled()).len() as u64;
        writer.forget();
    }
    written
}

fn processor_time() -> Option<Duration> {
    let text = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
    Some(Duration::from_nanos(text.split(' ').next()?.parse().ok()?))
}

fn measure(name: &str, work: impl Fn() -> u64) {
    let mut best = f64::MIN;
    for _ in 0..RUNS {
        let (began, busy) = (Instant::now(), processor_time());
        let bytes: u64 = (0..8).map(|_| work()).sum();
        let spent = match (busy, processor_time()) {
            (Some(before), Some(after)) => after.saturating_sub(before),
            _ => began.elapsed(),
        };
        best = best.max(bytes as f64 / 1e6 / spent.as_secs_f64());
    }
    println!("{name:<40} {best:>8.0} MB/s");
}

fn main() {
    let plain = "BENCH ITEM NUMBER 17, WITH A DESCRIPTION";
    let signs = "Zürich item: 5 + 3, what's it?";
    measure("X12, plain values", || {
        orders(Style::x12(), Syntax::X12, plain)
    });
    measure("EDIFACT, plain values", || {
        orders(Style::edifact(), Syntax::Edifact, plain)
    });
    measure("EDIFACT, one value to be escaped in ten", || {
        orders(Style::edifact(), Syntax::Edifact, signs)
    });
}
