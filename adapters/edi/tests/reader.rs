//! Properties of reading: what comes out is what went in, however it is cut into reads; nothing panics on any bytes.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod stage;
mod walked;

use std::io::{self, Read};
use std::time::{Duration, Instant};

use edi::{Advance, Event, Limits, Opening, Reader, TextPolicy, Walk, WalkOptions};
use proptest::prelude::{
    ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, proptest,
};
use walked::walk;

const ORDERS: &[u8] = include_bytes!("../../../config/examples/orders.edi");
const STOCK: &[u8] = include_bytes!("../../../config/examples/stock.edi");

const EDIFACT: &[u8] = b"UNA:+.? '\r\nUNB+UNOC:4+SENDER:14+RECEIVER:14+260131:1200+7++APP'\r\nUNH+1+ORDERS:D:96A:UN:EAN008'\r\n\
    BGM+220+PO-1+9'\r\nFTX+AAI+++IT?'S ?+ ??:MORE?:'\r\nUNT+4+1'\r\nUNO+P1+BIN:1+12'a'b+c:d?\r\n'?UNP+12+P1'UNH+2+ORDERS:D:96A:UN'\
    BGM+220'UNT+3+2'UNZ+3+7'\r\nUNB+UNOA:1+S+R+260131:1200+8'UNG+ORDERS+S+R+260131:1200+1+UN+D:96A'UNH+1+ORDERS:D:96A:UN'\
    BGM+220'UNT+3+1'UNE+1+1'UNZ+1+8'";
/// Samples that noise is made of.
const SAMPLES: [&[u8]; 4] = [ORDERS, STOCK, EDIFACT, TRADACOMS];
const TRADACOMS: &[u8] = b"STX=ANA:1+5000000000001:STORES+5010011900016:NORTHWIND+260131:120000+7+PASSW+ORDHDR'\
    MHD=1+ORDHDR:9'TYP=0430+A=B'MTR=3'MHD=2+ORDERS:9'OLD=1+?'X?=Y+++10'MTR=3'MHD=3+RSGRSG:2'RSG=7+1'MTR=3'END=3'\n";

/// Gives the bytes in pieces of these sizes, over and over.
struct Pieces<'a> {
    bytes: &'a [u8],
    sizes: Vec<usize>,
    turn: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let size = self.sizes[self.turn % self.sizes.len()];
        self.turn += 1;
        self.bytes
            .take(size as u64)
            .read(buffer)
            .inspect(|read| self.bytes = &self.bytes[*read..])
    }
}

/// Segments with their offsets and lines, until the first interchange ends.
fn segments(input: &mut dyn Read, limits: Limits) -> Vec<(u64, u64, Vec<Vec<u8>>)> {
    let mut reader = Reader::new(input, limits);
    let mut found = Vec::new();
    if !matches!(
        reader.open(TextPolicy::Refuse).unwrap(),
        Opening::Header { .. }
    ) {
        return found;
    }
    while matches!(
        reader.advance().unwrap(),
        Advance::Segment | Advance::Unterminated
    ) {
        let line = reader.line();
        let segment = reader.segment();
        let elements = (0..=segment.count())
            .map(|number| segment.element(number).to_vec())
            .collect();
        found.push((segment.offset(), line, elements));
    }
    found
}

/// The samples, longer than the reader's buffer, with line ends of any kind and a binary payload.
fn long_file() -> Vec<u8> {
    let text = String::from_utf8(ORDERS.to_vec()).unwrap();
    let (head, rest) = text.split_at(text.find("ST*850*0002").unwrap());
    let binary = format!("BIN*5000*{}~\r\n", "~*\n".repeat(5000).get(..5000).unwrap());
    let filler = "MSG*A LINE OF TEXT THAT IS HERE TO FILL THE BUFFER~\n".repeat(5000);
    format!("{head}{binary}{filler}{rest}").into_bytes()
}

#[test]
fn segments_joined_are_the_file() {
    for bytes in [ORDERS.to_vec(), STOCK.to_vec(), long_file()] {
        let mut position = 0;
        for (offset, line, elements) in segments(&mut bytes.as_slice(), Limits::default()) {
            let offset = usize::try_from(offset).unwrap();
            assert!(
                bytes[position..offset]
                    .iter()
                    .all(|byte| b"\r\n".contains(byte)),
                "bytes lost before {offset}"
            );
            let joined = elements.join(&b'*');
            assert_eq!(&bytes[offset..offset + joined.len()], joined, "at {offset}");
            assert_eq!(bytes[offset + joined.len()], b'~', "at {offset}");
            if offset % 97 == 0 {
                let line_ends = bytes[..offset]
                    .iter()
                    .filter(|byte| **byte == b'\n')
                    .count();
                assert_eq!(line, line_ends as u64 + 1, "at {offset}");
            }
            position = offset + joined.len() + 1;
        }
        assert_eq!(bytes[position..].trim_ascii(), b"");
    }
}

#[test]
fn lengths_that_lie_cost_little() {
    let mut bytes = ORDERS[..165].to_vec();
    for _ in 0..40_000 {
        bytes.extend_from_slice(b"BIN*8000000*x~");
    }
    let began = Instant::now();
    let found = segments(&mut bytes.as_slice(), Limits::default());
    assert_eq!(found.len(), 40_002);
    assert!(
        began.elapsed() < Duration::from_secs(5),
        "took {:?}",
        began.elapsed()
    );
}

proptest! {
    // Each case reads a file that is longer than the buffer.
    #![proptest_config(ProptestConfig::with_cases(16))]

    #[test]
    fn reading_does_not_depend_on_the_pieces(sizes in prop::collection::vec(1_usize..5000, 1..20)) {
        let bytes = long_file();
        let whole = segments(&mut bytes.as_slice(), Limits::default());
        let mut pieces = Pieces { bytes: &bytes, sizes, turn: 0 };
        prop_assert!(segments(&mut pieces, Limits::default()) == whole);
    }

    /// Small limits, so that the buffer turns over within a sample.
    #[test]
    fn nor_on_the_size_of_the_buffer(segment_bytes in 200_usize..2000, one in any::<bool>()) {
        let limits = Limits { segment_bytes, ..Limits::default() };
        let bytes = long_file();
        let mut pieces = Pieces { bytes: &bytes, sizes: vec![if one { 1 } else { 77 }], turn: 0 };
        prop_assert_eq!(segments(&mut pieces, limits).len(), segments(&mut bytes.as_slice(), Limits::default()).len());
    }
}

/// Every event with the segment it leaves current, and every finding.
fn walked(input: &mut dyn Read, limits: Limits) -> Vec<String> {
    let options = WalkOptions {
        limits,
        text: TextPolicy::Skip,
    };
    let mut walk = Walk::new(input, options);
    let mut told = Vec::new();
    loop {
        let event = walk.advance().unwrap();
        let findings = walk.take_findings();
        told.extend(findings.iter().map(|finding| format!("{finding:?}")));
        if event == Event::End {
            return told;
        }
        let segment = walk.segment();
        told.push(format!(
            "{event:?} {} {:?}",
            segment.offset(),
            segment.raw()
        ));
    }
}

/// Interchanges of all syntaxes with text between them, and a fault in one of each.
fn mixed_file() -> Vec<u8> {
    let mut bytes = Vec::new();
    for round in 0..40 {
        for sample in [ORDERS, EDIFACT, TRADACOMS] {
            let mut sample = sample.to_vec();
            if round % 7 == 3 {
                let middle = sample.len() / 2;
                sample.remove(middle);
            }
            bytes.extend_from_slice(&sample);
            bytes.extend_from_slice(if round % 5 == 1 {
                b"\nsome text\n"
            } else {
                b"\r\n"
            });
        }
    }
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn a_walk_does_not_depend_on_the_pieces(sizes in prop::collection::vec(1_usize..700, 1..20), segment_bytes in 512_usize..4000) {
        let bytes = mixed_file();
        let whole = walked(&mut bytes.as_slice(), Limits::default());
        prop_assert!(whole.len() > 1000, "{} events and findings", whole.len());
        let mut pieces = Pieces { bytes: &bytes, sizes, turn: 0 };
        let limits = Limits { segment_bytes, ..Limits::default() };
        prop_assert!(walked(&mut pieces, limits) == whole);
    }
}

proptest! {
    #[test]
    fn mutations_of_the_samples_never_panic(bytes in mutated()) {
        let small = Limits { segment_bytes: 300, set_bytes: 1000, group_bytes: 1000, ..Limits::default() };
        for limits in [Limits::default(), small] {
            for text in [TextPolicy::Refuse, TextPolicy::Skip] {
                walk(WalkOptions { limits, text }, &bytes);
            }
            let (stage, _) = stage::convert(limits, "mutated.edi", &bytes);
            for document in &stage.documents {
                prop_assert!(document.entity.provenance().is_some_and(|provenance| provenance.edi.is_some()));
            }
        }
    }
}

/// A sample with some bytes changed, removed, doubled or moved.
fn mutated() -> impl Strategy<Value = Vec<u8>> {
    let edit = (
        0_u8..6,
        any::<prop::sample::Index>(),
        any::<u8>(),
        1_usize..40,
    );
    (0_usize..4, prop::collection::vec(edit, 1..12)).prop_map(|(sample, edits)| {
        let mut bytes = SAMPLES[sample].to_vec();
        for (kind, place, byte, length) in edits {
            let at = place.index(bytes.len().max(1));
            mutate(&mut bytes, kind, at, byte, length);
        }
        bytes
    })
}

fn mutate(bytes: &mut Vec<u8>, kind: u8, at: usize, byte: u8, length: usize) {
    let end = (at + length).min(bytes.len());
    let at = at.min(end);
    match kind {
        0 => bytes[at..end]
            .iter_mut()
            .take(1)
            .for_each(|old| *old = byte),
        1 => drop(bytes.drain(at..end)),
        2 => bytes.insert(at, byte),
        3 => bytes.insert(at, b"*~>\n0'+:?="[usize::from(byte) % 10]),
        4 => {
            let copy = bytes[at..end].to_vec();
            bytes.splice(at..at, copy);
        }
        _ => bytes.truncate(at.max(bytes.len() / 2)),
    }
}

/// Two seconds of anything: noise behind a good header, and samples cut and glued without mercy.
#[test]
fn two_seconds_of_noise_never_panic() {
    let began = Instant::now();
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        usize::try_from(state >> 33).unwrap()
    };
    let alphabet = b"ISAGSTE*~>^U0123456789PO1BEGCUXN \r\n\x1a\xc3\xff+:'?=BHTZMDR";
    while began.elapsed() < Duration::from_secs(2) {
        let sample = SAMPLES[next() % 4];
        let mut bytes = match next() % 3 {
            0 => sample[..80].to_vec(),
            1 => sample[..next() % sample.len()].to_vec(),
            _ => sample.to_vec(),
        };
        for _ in 0..next() % 200 {
            if bytes.is_empty() || next() % 2 == 0 {
                bytes.push(alphabet[next() % alphabet.len()]);
            } else {
                let (at, length) = (next() % bytes.len(), next() % 60);
                let byte = alphabet[next() % alphabet.len()];
                mutate(
                    &mut bytes,
                    u8::try_from(next() % 6).unwrap(),
                    at,
                    byte,
                    length,
                );
            }
        }
        walk(WalkOptions::default(), &bytes);
        stage::convert(Limits::default(), "noise.edi", &bytes);
    }
}
