//! Lines from inputs of all kinds, in reads of all sizes.

use std::io::{self, Read};

use canonical::decode::DecodeError;
use canonical::provenance::LineEnding;
use proptest::prelude::{Just, any, prop, prop_assert, prop_assert_eq, prop_oneof, proptest};

use super::Lines;
use crate::text::charset_for;

/// Gives its bytes in pieces of a few bytes, with an interruption now and then.
struct Pieces<'a> {
    rest: &'a [u8],
    size: usize,
    reads: usize,
}

impl Read for Pieces<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.reads += 1;
        if self.reads.is_multiple_of(3) {
            return Err(io::Error::from(io::ErrorKind::Interrupted));
        }
        let size = self.size.min(self.rest.len()).min(buffer.len());
        let (now, later) = self.rest.split_at(size);
        buffer[..size].copy_from_slice(now);
        self.rest = later;
        Ok(size)
    }
}

struct Found {
    /// Text, start byte, end byte of each line.
    lines: Vec<(String, u64, u64)>,
    bom: bool,
    ending: Option<LineEnding>,
    encoding: String,
}

fn read(bytes: &[u8], label: Option<&str>, size: usize) -> Result<Found, DecodeError> {
    let mut input = Pieces {
        rest: bytes,
        size,
        reads: 0,
    };
    let declared = label.map(|label| charset_for(label).expect("a known label"));
    let mut lines = Lines::open(&mut input, declared, 1000)?;
    let mut found = Vec::new();
    while lines.advance()? {
        assert_eq!(lines.start().line, found.len() as u64 + 1);
        found.push((lines.text().to_owned(), lines.start().byte, lines.end()));
    }
    let (bom, ending, encoding) = (lines.bom(), lines.line_ending(), lines.charset().name());
    Ok(Found {
        lines: found,
        bom,
        ending,
        encoding,
    })
}

fn refusal(bytes: &[u8], label: Option<&str>) -> String {
    match read(bytes, label, 4096) {
        Err(DecodeError::Refused(problem)) => {
            format!(
                "{} line {:?} byte {:?}",
                problem.code, problem.line, problem.byte
            )
        }
        Err(other) => panic!("{other}"),
        Ok(found) => panic!("{:?}", found.lines),
    }
}

#[test]
fn line_ends() {
    for (bytes, ending, want) in [
        (
            &b"ab\ncd\n"[..],
            LineEnding::Lf,
            vec![("ab", 0, 2), ("cd", 3, 5)],
        ),
        (b"ab\ncd", LineEnding::Lf, vec![("ab", 0, 2), ("cd", 3, 5)]),
        (
            b"ab\r\ncd\r\n",
            LineEnding::Crlf,
            vec![("ab", 0, 2), ("cd", 4, 6)],
        ),
        (
            b"ab\rcd\r",
            LineEnding::Cr,
            vec![("ab", 0, 2), ("cd", 3, 5)],
        ),
        (
            b"ab\n\r\ncd",
            LineEnding::Mixed,
            vec![("ab", 0, 2), ("", 3, 3), ("cd", 5, 7)],
        ),
        (b"abcd", LineEnding::None, vec![("abcd", 0, 4)]),
        (
            b"ab\n\n\n",
            LineEnding::Lf,
            vec![("ab", 0, 2), ("", 3, 3), ("", 4, 4)],
        ),
        (
            b"ab\r\r\n",
            LineEnding::Mixed,
            vec![("ab", 0, 2), ("", 3, 3)],
        ),
        (b"ab\r\n\x1a", LineEnding::Crlf, vec![("ab", 0, 2)]),
    ] {
        for size in [1, 2, 3, 4096] {
            let found = read(bytes, None, size).unwrap();
            let lines: Vec<_> = found
                .lines
                .iter()
                .map(|(text, start, end)| (text.as_str(), *start, *end))
                .collect();
            assert_eq!(
                (found.ending, lines),
                (Some(ending), want.clone()),
                "{bytes:?} in pieces of {size}"
            );
        }
    }
}

#[test]
fn encodings_keep_source_places() {
    let utf16: Vec<u8> = "\u{feff}ä;\u{a0a}\r\nb\u{d0d}"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (bytes, label, encoding, bom, want) in [
        (
            &b"\xef\xbb\xbf\xc3\xa4\nb"[..],
            None,
            "utf-8",
            true,
            vec![("ä", 3, 5), ("b", 6, 7)],
        ),
        (
            b"\xe4;\xf6\r\nb",
            Some("latin1"),
            "windows-1252",
            false,
            vec![("ä;ö", 0, 3), ("b", 5, 6)],
        ),
        (
            b"\x83\x65\n\x83\x58",
            Some("shift_jis"),
            "shift_jis",
            false,
            vec![("テ", 0, 2), ("ス", 3, 5)],
        ),
        (
            &utf16,
            None,
            "utf-16le",
            true,
            vec![("ä;\u{a0a}", 2, 8), ("b\u{d0d}", 12, 16)],
        ),
        (
            &utf16,
            Some("utf-16le"),
            "utf-16le",
            true,
            vec![("ä;\u{a0a}", 2, 8), ("b\u{d0d}", 12, 16)],
        ),
        (
            b"\0a\0\n\0b",
            Some("utf-16be"),
            "utf-16be",
            false,
            vec![("a", 0, 2), ("b", 4, 6)],
        ),
    ] {
        for size in [1, 3, 4096] {
            let found = read(bytes, label, size).unwrap();
            let lines: Vec<_> = found
                .lines
                .iter()
                .map(|(text, start, end)| (text.as_str(), *start, *end))
                .collect();
            assert_eq!(
                (found.encoding.as_str(), found.bom, lines),
                (encoding, bom, want.clone()),
                "{bytes:?}"
            );
        }
    }
}

#[test]
fn what_is_refused() {
    for (bytes, label, want) in [
        (&b""[..], None, "file.empty line None byte None"),
        (b"\xef\xbb\xbf", None, "file.empty line None byte None"),
        (b"a", None, "file.too_short line None byte Some(0)"),
        (b"ab\nc\0d", None, "file.binary line Some(2) byte Some(4)"),
        (
            b"\x01\x02\x03\x04abcdef",
            None,
            "file.binary line Some(1) byte Some(0)",
        ),
        (
            b"ab\nM\xfcller",
            None,
            "text.encoding_unknown line Some(2) byte Some(4)",
        ),
        (
            b"ab\nM\xfcller",
            Some("utf-8"),
            "text.undecodable line Some(2) byte Some(4)",
        ),
        (
            b"ab\n\xe4\x81",
            Some("windows-1252"),
            "text.undecodable line Some(2) byte Some(4)",
        ),
        (
            b"a\0\n\0\xfc",
            Some("utf-16le"),
            "text.undecodable line Some(2) byte Some(4)",
        ),
        (
            b"a\0\n\0\0\xd8b\0",
            Some("utf-16le"),
            "text.undecodable line Some(2) byte Some(4)",
        ),
        (
            b"ab\ncd\xc3",
            Some("utf-8"),
            "text.undecodable line Some(2) byte Some(5)",
        ),
    ] {
        assert_eq!(refusal(bytes, label), want, "{bytes:?} {label:?}");
    }
    let late = [b"ab\n".repeat(2000), b"c\0d\n".to_vec()].concat();
    assert_eq!(
        refusal(&late, None),
        "file.binary line Some(2001) byte Some(6001)"
    );
}

/// Without a declaration the error proposes what to declare.
#[test]
fn hints_name_the_encoding() {
    let hint = |bytes: &[u8]| match read(bytes, None, 9) {
        Err(DecodeError::Refused(problem)) => problem.hint.unwrap_or_default(),
        _ => "read".to_owned(),
    };
    for (bytes, want) in [
        (&b"Name;Ort\nM\xfcller;K\xf6ln\n"[..], "\"windows-1252\""),
        (b"Name;Ort\nM\x81ller;K\x94ln\n", "\"cp850\""),
        // NAME,ORT / MUELLER,KOELN
        (
            b"\xd5\xc1\xd4\xc5\x6b\xd6\xd9\xe3\x15\xd4\xe4\xc5\xd3\xd3\xc5\xd9\x6b\xd2\xd6\xc5\xd3\xd5\x15",
            "\"cp037\"",
        ),
        (b"a;b\n1;2\n", "read"),
        (b"a\0;\0b\0\n\0", "read"),
        (b"\0a\0;\0b\0\n", "read"),
    ] {
        assert!(hint(bytes).contains(want), "{bytes:?}: {}", hint(bytes));
    }
}

#[test]
fn new_lines() {
    let wide: Vec<u8> = "ab\u{85}cd"
        .encode_utf16()
        .flat_map(u16::to_le_bytes)
        .collect();
    for (bytes, label, ending, want) in [
        (
            &b"\x81\x82\x15\x83\x15"[..],
            "cp037",
            None,
            vec![("ab", 0, 2), ("c", 3, 4)],
        ),
        (
            b"\x81\x25\x83\x0d\x25\x84",
            "cp1047",
            Some(LineEnding::Mixed),
            vec![("a", 0, 1), ("c", 2, 3), ("d", 5, 6)],
        ),
        (
            b"ab\xc2\x85cd",
            "utf-8",
            None,
            vec![("ab", 0, 2), ("cd", 4, 6)],
        ),
        (
            b"\xc3\x85\xe2\x80\x85b\n",
            "utf-8",
            Some(LineEnding::Lf),
            vec![("\u{c5}\u{2005}b", 0, 6)],
        ),
        (&wide, "utf-16le", None, vec![("ab", 0, 4), ("cd", 6, 10)]),
        // Three dots, not a line end.
        (
            b"ab\x85\n",
            "windows-1252",
            Some(LineEnding::Lf),
            vec![("ab\u{2026}", 0, 3)],
        ),
        (
            b"ab\x85\n",
            "cp850",
            Some(LineEnding::Lf),
            vec![("ab\u{e0}", 0, 3)],
        ),
    ] {
        for size in [1, 2, 3, 4096] {
            let found = read(bytes, Some(label), size).unwrap();
            let lines: Vec<_> = found
                .lines
                .iter()
                .map(|(text, start, end)| (text.as_str(), *start, *end))
                .collect();
            assert_eq!(
                (found.ending, lines),
                (ending, want.clone()),
                "{label} in pieces of {size}"
            );
        }
    }
}

#[test]
fn the_longest_line() {
    let line = |length: usize| [vec![b'x'; length], b"\nab".to_vec()].concat();
    assert_eq!(read(&line(1000), None, 100).unwrap().lines.len(), 2);
    assert_eq!(
        refusal(&line(1001), None),
        "text.line_too_long line Some(1) byte Some(0)"
    );
    let second = [b"ab\n".to_vec(), vec![b'x'; 1001]].concat();
    assert_eq!(
        refusal(&second, None),
        "text.line_too_long line Some(2) byte Some(3)"
    );
}

proptest! {
    #[test]
    fn what_is_read_does_not_depend_on_the_size_of_reads(
        parts in prop::collection::vec(prop_oneof![
            Just("\n".to_owned()), Just("\r".to_owned()), Just("\r\n".to_owned()), "[a-zäöü;\"]{0,5}",
        ], 1..30),
        size in 1_usize..9,
        label in prop_oneof![Just("utf-8"), Just("utf-16le"), Just("utf-16be"), Just("windows-1252")],
    ) {
        let text = parts.concat();
        let bytes: Vec<u8> = match label {
            "utf-8" => text.into_bytes(),
            "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
            "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
            _ => text.chars().map(|c| u8::try_from(u32::from(c)).unwrap()).collect(),
        };
        match (read(&bytes, Some(label), size), read(&bytes, Some(label), 1 << 20)) {
            (Ok(small), Ok(large)) => {
                prop_assert_eq!(&small.lines, &large.lines);
                prop_assert_eq!(small.ending, large.ending);
                // Lines and line ends together are the whole input.
                let text: usize = small.lines.iter().map(|(_, start, end)| usize::try_from(end - start).unwrap()).sum();
                prop_assert!(text <= bytes.len());
            }
            (small, large) => prop_assert_eq!(small.is_err(), large.is_err()),
        }
    }

    #[test]
    fn hostile_bytes_end_well(bytes in prop::collection::vec(any::<u8>(), 0..300), size in 1_usize..50, label in prop::option::of(0_usize..40)) {
        let all = ["utf-8", "utf-16le", "utf-16be", "gbk", "gb18030", "big5", "euc-jp", "iso-2022-jp", "shift_jis", "euc-kr", "windows-1258", "koi8-r", "macintosh", "cp037", "cp1141", "cp850", "cp857", "x-user-defined", "ibm866"];
        let label = label.map(|index| all[index % all.len()]);
        if let Ok(found) = read(&bytes, label, size) {
            for (text, start, end) in found.lines {
                prop_assert!(start <= end && end <= bytes.len() as u64);
                let may_say_it = label.is_none_or(|label| label.starts_with("utf") || label.starts_with("gb"));
                prop_assert!(may_say_it || !text.contains(char::REPLACEMENT_CHARACTER));
            }
        }
    }
}
