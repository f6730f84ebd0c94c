//! What is compared with: plain loops that show what the machine can do, and published implementations.
//! Each does what it offers and no more; its row says what that is.

use std::hint::black_box;
use std::io::Read;

use edifact_rs::{ValidationContext, validate_envelope};
use x12_stream_parser::{Delimiters, Parser};

/// One look into a table for each byte, and the offset of every separator into a buffer that is used again: what safe code
/// without tricks costs at least. Counts separators.
pub fn byte_table(bytes: &[u8], separators: &[u8]) -> u64 {
    let mut table = [false; 256];
    for separator in separators {
        table[usize::from(*separator)] = true;
    }
    let mut offsets = Vec::with_capacity(64 << 10);
    let mut found = 0;
    for block in bytes.chunks(64 << 10) {
        offsets.clear();
        for (offset, byte) in (0_u32..).zip(block) {
            if table[usize::from(*byte)] {
                offsets.push(offset);
            }
        }
        found += black_box(&offsets).len() as u64;
    }
    found
}

/// How many terminators there are, by `memchr`: memory speed.
pub fn terminators(bytes: &[u8], terminator: u8) -> u64 {
    memchr::memchr_iter(terminator, bytes).count() as u64
}

/// Segments and elements by nested `memchr`.
pub fn nested_memchr(bytes: &[u8], terminator: u8, element: u8) -> u64 {
    let (mut elements, mut start) = (0, 0);
    for end in memchr::memchr_iter(terminator, bytes) {
        let segment = &bytes[start..end];
        start = end + 1;
        let mut from = 0;
        for to in memchr::memchr_iter(element, segment) {
            elements += u64::from(!black_box(&segment[from..to]).is_empty());
            from = to + 1;
        }
        elements += u64::from(!black_box(&segment[from..]).is_empty());
    }
    elements
}

/// x12-stream-parser: slices; separators are given, nothing is checked.
pub fn x12_stream_parser(bytes: &[u8]) -> u64 {
    let mut elements = 0;
    let bytes = bytes.trim_ascii_end(); // it takes a line's end behind the last terminator for a segment
    for segment in Parser::new(bytes, Delimiters::new(b'~', b'*', b'>')) {
        let segment = segment.expect("the generated file is good");
        elements += segment
            .elements()
            .inspect(|element| _ = black_box(element))
            .count() as u64;
    }
    elements
}

/// The crate `edi`: the whole file as a tree, envelopes counted.
pub fn published_edi(bytes: &[u8]) -> u64 {
    let text = std::str::from_utf8(bytes).expect("the generated file is ASCII");
    let document = published_edi::parse(text).expect("the generated file is good");
    black_box(document).interchanges.len() as u64
}

/// The crate `edi`, writing what it has read.
pub fn published_edi_writing(bytes: &[u8]) -> u64 {
    let text = std::str::from_utf8(bytes).expect("the generated file is ASCII");
    let document = published_edi::parse(text).expect("the generated file is good");
    document.to_x12_string().len() as u64
}

/// edifact-rs over bytes in memory. Counts segments.
pub fn edifact_rs_bytes(bytes: &[u8]) -> u64 {
    let segments = edifact_rs::from_bytes(bytes).map(|segment| {
        black_box(segment.expect("the generated file is good"));
    });
    segments.count() as u64
}

/// edifact-rs, and its envelope, syntax and character checks; it ships no directory.
pub fn edifact_rs_checked(bytes: &[u8]) -> u64 {
    let context = ValidationContext::builder()
        .with_envelope_validation()
        .with_syntax_validation()
        .with_charset_validation()
        .build();
    let mut messages = 0;
    for interchange in one_by_one(bytes) {
        let segments: Result<Vec<_>, _> = edifact_rs::from_bytes(interchange).collect();
        let segments = segments.expect("the generated file is good");
        let envelope = validate_envelope(&segments).expect("the generated file is good");
        messages += envelope.message_count() as u64;
        let report = context.validate(&segments);
        assert!(!report.has_errors(), "{report:?}");
    }
    messages
}

/// The generated interchanges one by one: the envelope check takes one.
fn one_by_one(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let starts: Vec<usize> = memchr::memmem::find_iter(bytes, b"UNB+").collect();
    let ends: Vec<usize> = starts
        .iter()
        .skip(1)
        .copied()
        .chain([bytes.len()])
        .collect();
    starts
        .into_iter()
        .zip(ends)
        .map(|(start, end)| &bytes[start..end])
}

/// edifact-rs over a stream. Counts segments.
pub fn edifact_rs_reader(input: &mut dyn Read) -> u64 {
    let segments = edifact_rs::from_reader(input).map(|segment| {
        black_box(segment.expect("the generated file is good"));
    });
    segments.count() as u64
}
