//! Bytes in, segments out: every way of reading gives the same.

#![no_main]

use edi::{Advance, Limits, Opening, Reader, TextPolicy};
use edi_fuzz::Drops;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| reads_alike(data));

/// Where the reader got to: the openings and the segments, with their elements.
fn told(mut reader: Reader<'_>, policy: TextPolicy) -> Vec<String> {
    let mut told = Vec::new();
    loop {
        let opening = reader.open(policy).expect("memory can be read");
        told.push(format!("{opening:?}"));
        if !matches!(opening, Opening::Header { .. }) {
            return told;
        }
        loop {
            let advance = reader.advance().expect("memory can be read");
            if advance != Advance::Segment {
                told.push(format!("{advance:?}"));
                return told;
            }
            let segment = reader.segment();
            let elements: Vec<_> = (0..segment.count())
                .map(|number| segment.element(number).escape_ascii().to_string())
                .collect();
            told.push(format!("{} {elements:?}", segment.offset()));
            if matches!(segment.element(0), b"IEA" | b"UNZ" | b"END") {
                break;
            }
        }
    }
}

fn reads_alike(data: &[u8]) {
    let (&choice, data) = data.split_first().unwrap_or((&0, &[]));
    let policy = if choice % 2 == 0 {
        TextPolicy::Refuse
    } else {
        TextPolicy::Skip
    };
    let limits = Limits {
        segment_bytes: 600,
        binary_bytes: 500,
        ..Limits::default()
    };
    let usual = told(Reader::new(&mut { data }, limits), policy);
    assert_eq!(
        usual,
        told(Reader::new(&mut { data }, limits).portable(), policy),
        "by safe code alone"
    );
    assert_eq!(
        usual,
        told(Reader::new(&mut Drops(data), limits), policy),
        "a few bytes at a time"
    );
}
