//! The rows of the table: what is measured, on what, and what the project set itself.

use std::io::Read;

use peers::flow::Orders;
use peers::ours::Drafts;
use peers::{others, ours};

/// How a case takes its input.
#[derive(Clone, Copy)]
pub enum Work {
    /// All of it in memory.
    Whole(fn(&[u8]) -> u64),
    /// As a stream.
    Stream(fn(&mut dyn Read) -> u64),
    /// None: it writes so many bytes.
    Write(fn(&Drafts, u64) -> u64),
    /// A file of 4 kB, as a stream; measured by the file.
    Small(fn(&mut dyn Read) -> u64),
}

/// A row.
pub struct Case {
    /// What is measured.
    pub name: &'static str,
    /// On which orders.
    pub orders: Orders,
    /// The work.
    pub work: Work,
    /// Megabytes a second that the project set itself.
    pub floor: Option<u32>,
}

const fn case(name: &'static str, orders: Orders, work: Work) -> Case {
    Case {
        name,
        orders,
        work,
        floor: None,
    }
}

const fn own(name: &'static str, orders: Orders, floor: u32, work: Work) -> Case {
    Case {
        name,
        orders,
        work,
        floor: Some(floor),
    }
}

/// The case whose rate the others are held against.
pub const LIMIT: &str = "byte table";

/// Every row, in the order of the table.
pub const CASES: &[Case] = &[
    case(
        "850: memchr, terminators counted",
        Orders::X12,
        Work::Whole(|bytes| others::terminators(bytes, b'~')),
    ),
    case(
        "850: byte table and offsets",
        Orders::X12,
        Work::Whole(|bytes| others::byte_table(bytes, b"*~>")),
    ),
    case(
        "850: nested memchr",
        Orders::X12,
        Work::Whole(|bytes| others::nested_memchr(bytes, b'~', b'*')),
    ),
    case(
        "850: x12-stream-parser 0.1.0",
        Orders::X12,
        Work::Whole(others::x12_stream_parser),
    ),
    case(
        "850: edi 0.4.0, parse",
        Orders::X12,
        Work::Whole(others::published_edi),
    ),
    case(
        "850: edi 0.4.0, parse and write",
        Orders::X12,
        Work::Whole(others::published_edi_writing),
    ),
    own(
        "850: ours, read",
        Orders::X12,
        800,
        Work::Stream(ours::read),
    ),
    own(
        "850: ours, read, safe code alone",
        Orders::X12,
        400,
        Work::Stream(ours::read_portable),
    ),
    own(
        "850: ours, read + envelope + counts",
        Orders::X12,
        300,
        Work::Stream(ours::walk),
    ),
    own(
        "850: ours, full validation",
        Orders::X12,
        150,
        Work::Stream(ours::validate),
    ),
    own(
        "850: ours, canonical envelopes and 997",
        Orders::X12,
        120,
        Work::Stream(ours::convert),
    ),
    own(
        "850: ours, writing segments",
        Orders::X12,
        150,
        Work::Write(Drafts::write),
    ),
    own(
        "850: ours, writing canonical orders",
        Orders::X12,
        150,
        Work::Write(Drafts::compose),
    ),
    case(
        "850: ours, 4 kB to document and 997",
        Orders::X12,
        Work::Small(ours::convert),
    ),
    case(
        "ORDERS: memchr, terminators counted",
        Orders::Edifact,
        Work::Whole(|bytes| others::terminators(bytes, b'\'')),
    ),
    case(
        "ORDERS: byte table and offsets",
        Orders::Edifact,
        Work::Whole(|bytes| others::byte_table(bytes, b"+:'?")),
    ),
    case(
        "ORDERS: edifact-rs 0.18.0, from bytes",
        Orders::Edifact,
        Work::Whole(others::edifact_rs_bytes),
    ),
    case(
        "ORDERS: edifact-rs 0.18.0, from a reader",
        Orders::Edifact,
        Work::Stream(others::edifact_rs_reader),
    ),
    case(
        "ORDERS: edifact-rs 0.18.0, and its checks",
        Orders::Edifact,
        Work::Whole(others::edifact_rs_checked),
    ),
    own(
        "ORDERS: ours, read",
        Orders::Edifact,
        800,
        Work::Stream(ours::read),
    ),
    own(
        "ORDERS: ours, read, safe code alone",
        Orders::Edifact,
        400,
        Work::Stream(ours::read_portable),
    ),
    own(
        "ORDERS: ours, read + envelope + counts",
        Orders::Edifact,
        300,
        Work::Stream(ours::walk),
    ),
    own(
        "ORDERS: ours, full validation",
        Orders::Edifact,
        150,
        Work::Stream(ours::validate),
    ),
    own(
        "ORDERS: ours, canonical envelopes and CONTRL",
        Orders::Edifact,
        120,
        Work::Stream(ours::convert),
    ),
    own(
        "ORDERS: ours, writing segments",
        Orders::Edifact,
        150,
        Work::Write(Drafts::write),
    ),
    own(
        "ORDERS: ours, writing canonical orders",
        Orders::Edifact,
        150,
        Work::Write(Drafts::compose),
    ),
];
