//! Properties of reading: what comes out is what went in, however it is cut into reads; nothing panics on any bytes.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

mod stage;

use std::io::{self, Read};
use std::time::{Duration, Instant};

use edi::x12::Options;
use edi::{Advance, Limits, Opening, Reader, TextPolicy};
use proptest::prelude::{
    ProptestConfig, Strategy, any, prop, prop_assert, prop_assert_eq, proptest,
};

const ORDERS: &[u8] = include_bytes!("../../../config/examples/orders.edi");
const STOCK: &[u8] = include_bytes!("../../../config/examples/stock.edi");

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

proptest! {
    #[test]
    fn mutations_of_the_samples_never_panic(bytes in mutated()) {
        let small = Limits { segment_bytes: 300, set_bytes: 1000, group_bytes: 1000, ..Limits::default() };
        for limits in [Limits::default(), small] {
            let (stage, _) = stage::convert(Options { limits }, "mutated.edi", &bytes);
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
    (any::<bool>(), prop::collection::vec(edit, 1..12)).prop_map(|(orders, edits)| {
        let mut bytes = if orders {
            ORDERS.to_vec()
        } else {
            STOCK.to_vec()
        };
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
        3 => bytes.insert(at, b"*~>\n0"[usize::from(byte) % 5]),
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
    let alphabet = b"ISAGSTE*~>^U0123456789PO1BEGCUXN \r\n\x1a\xc3\xff";
    while began.elapsed() < Duration::from_secs(2) {
        let mut bytes = match next() % 3 {
            0 => ORDERS[..106].to_vec(),
            1 => ORDERS[..next() % ORDERS.len()].to_vec(),
            _ => STOCK.to_vec(),
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
        stage::convert(Options::default(), "noise.edi", &bytes);
    }
}
