//! Which encoding a text is in, and decoding of one line of it.
//!
//! A declared encoding wins; then a byte order mark; then UTF-16 where every second byte is zero; then UTF-8, as long as
//! every byte is UTF-8. Nothing is decoded by a guess, and an undecodable byte is an error with its place, never U+FFFD.

mod guess;
mod page;

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

pub(crate) use guess::guess;
use guess::utf16_without_mark;
use page::Page;

/// An encoding, and whether it is certain.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charset {
    coding: Coding,
    certain: bool,
}

/// Where the meaning of bytes comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    /// The WHATWG encoding standard.
    Standard(&'static Encoding),
    /// A code page that the standard does not have.
    Page(&'static Page),
}

/// The bytes that line ends are made of. A new line (U+0085) is one in Unicode and EBCDIC; elsewhere its byte is a letter
/// or a dot in some page that is taken for another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LineBytes {
    pub(crate) lf: u8,
    pub(crate) cr: u8,
    pub(crate) nel: Option<u8>,
}

/// The encoding of a label: one of the WHATWG standard such as `windows-1252`, `latin1` or `utf-16le`, or a code page of
/// EBCDIC or DOS such as `cp037`, `IBM01140` or `cp850`.
///
/// `None` for an unknown label, and for the few that the standard maps to "replacement" because they are unsafe.
pub(crate) fn charset_for(label: &str) -> Option<Charset> {
    let standard = Encoding::for_label_no_replacement(label.as_bytes()).map(Coding::Standard);
    let coding = standard.or_else(|| page::page_for(label).map(Coding::Page))?;
    Some(Charset {
        coding,
        certain: true,
    })
}

/// What the first bytes say: the encoding, and how many bytes of byte order mark to skip.
pub(crate) fn detect(first: &[u8], declared: Option<Charset>) -> (Charset, usize) {
    let mark = Encoding::for_bom(first);
    let found = |encoding, certain| Charset {
        coding: Coding::Standard(encoding),
        certain,
    };
    match (declared, mark) {
        // A mark of the declared encoding is not part of the text; another one would be text in it, and is kept.
        (Some(charset), Some((encoding, length)))
            if charset.coding == Coding::Standard(encoding) =>
        {
            (charset, length)
        }
        (Some(charset), _) => (charset, 0),
        (None, Some((encoding, length))) => (found(encoding, true), length),
        (None, None) => match utf16_without_mark(first) {
            Some(encoding) => (found(encoding, true), 0),
            None => (found(UTF_8, false), 0),
        },
    }
}

/// Where in a line the bytes stop making sense.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Undecodable {
    /// Offset in the line's bytes.
    pub(crate) at: usize,
}

impl Charset {
    /// The encoding's name in lower case, as it is recorded in provenance.
    pub(crate) fn name(self) -> String {
        match self.coding {
            Coding::Standard(encoding) => encoding.name().to_ascii_lowercase(),
            Coding::Page(page) => page.name(),
        }
    }

    /// Whether somebody or the bytes themselves said so; otherwise UTF-8 is only assumed until a byte speaks against it.
    pub(crate) fn is_certain(self) -> bool {
        self.certain
    }

    fn is(self, encoding: &'static Encoding) -> bool {
        self.coding == Coding::Standard(encoding)
    }

    /// Whether its bytes are those of EBCDIC, where a digit is `F0` to `F9`.
    pub(crate) fn is_ebcdic(self) -> bool {
        matches!(self.coding, Coding::Page(page) if page.is_ebcdic())
    }

    /// Which bytes, in units, line ends are made of.
    pub(crate) fn line_bytes(self) -> LineBytes {
        let nel = match self.coding {
            Coding::Page(page) if page.is_ebcdic() => {
                return LineBytes {
                    lf: 0x25,
                    cr: 0x0D,
                    nel: Some(0x15),
                };
            }
            Coding::Page(_) => None,
            Coding::Standard(_) => (self.unit() == 2 || self.is(UTF_8)).then_some(0x85),
        };
        LineBytes {
            lf: b'\n',
            cr: b'\r',
            nel,
        }
    }

    /// How many bytes before the byte that was looked for a new line (U+0085) begins: in UTF-8 it has two.
    pub(crate) fn nel_lead(self) -> &'static [u8] {
        if self.is(UTF_8) { b"\xC2" } else { b"" }
    }

    /// The ASCII character that a byte stands for; where it stands for another, a byte that is no ASCII.
    pub(crate) fn ascii(self, byte: u8) -> u8 {
        match self.coding {
            Coding::Page(page) => page
                .character(byte)
                .and_then(|character| u8::try_from(character).ok())
                .filter(u8::is_ascii)
                .unwrap_or(0xFF),
            Coding::Standard(_) => byte,
        }
    }

    /// The width of a unit: 2 for UTF-16, otherwise 1. Line ends are looked for unit by unit.
    pub(crate) fn unit(self) -> usize {
        if self.is(UTF_16LE) || self.is(UTF_16BE) {
            2
        } else {
            1
        }
    }

    /// The code unit that starts at `at`; 0 when it is cut off.
    pub(crate) fn unit_at(self, bytes: &[u8], at: usize) -> u16 {
        let byte = |index: usize| bytes.get(index).copied();
        let pair = |low: Option<u8>, high: Option<u8>| match (low, high) {
            (Some(low), Some(high)) => u16::from_le_bytes([low, high]),
            (None, _) | (_, None) => 0,
        };
        if self.is(UTF_16LE) {
            pair(byte(at), byte(at + 1))
        } else if self.is(UTF_16BE) {
            pair(byte(at + 1), byte(at))
        } else {
            byte(at).map_or(0, u16::from)
        }
    }

    /// Whether `raw` is its own decoded form, so that places in both are the same.
    pub(crate) fn is_verbatim(self, raw: &[u8]) -> bool {
        match self.coding {
            Coding::Standard(encoding) => {
                encoding == UTF_8 || (encoding.is_ascii_compatible() && raw.is_ascii())
            }
            Coding::Page(page) => !page.is_ebcdic() && raw.is_ascii(),
        }
    }

    /// Decodes a whole line: borrowed when the bytes are text as they stand, otherwise into `buffer`.
    pub(crate) fn decode<'a>(
        self,
        raw: &'a [u8],
        buffer: &'a mut String,
    ) -> Result<&'a str, Undecodable> {
        if self.is_verbatim(raw) {
            return verbatim(raw);
        }
        buffer.clear();
        self.decode_onto(raw, buffer)?;
        Ok(buffer)
    }

    /// Adds the text of `raw` to `out`; on an error a part of it.
    pub(crate) fn decode_onto(self, raw: &[u8], out: &mut String) -> Result<(), Undecodable> {
        if self.is_verbatim(raw) {
            out.push_str(verbatim(raw)?);
            return Ok(());
        }
        let encoding = match self.coding {
            Coding::Standard(encoding) => encoding,
            Coding::Page(page) => {
                for (at, byte) in raw.iter().enumerate() {
                    out.push(page.character(*byte).ok_or(Undecodable { at })?);
                }
                return Ok(());
            }
        };
        let start = out.len();
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let room = decoder.max_utf8_buffer_length_without_replacement(raw.len());
        out.reserve(room.unwrap_or_default());
        let (result, read) = decoder.decode_to_string_without_replacement(raw, out, true);
        match result {
            DecoderResult::InputEmpty => {
                no_holes(encoding, raw, out.get(start..).unwrap_or_default())
            }
            DecoderResult::Malformed(length, after) => Err(Undecodable {
                at: read.saturating_sub(usize::from(length) + usize::from(after)),
            }),
            // Cannot happen: the buffer was sized for the worst case.
            DecoderResult::OutputFull => Err(Undecodable { at: read }),
        }
    }

    /// The byte of `raw` at which the character at `offset` of its decoded form starts.
    ///
    /// Decodes again, byte by byte: only for places that a person will be shown.
    pub(crate) fn source_offset(self, raw: &[u8], offset: usize) -> usize {
        if self.is_verbatim(raw) {
            return offset.min(raw.len());
        }
        let encoding = match self.coding {
            Coding::Standard(encoding) => encoding,
            Coding::Page(page) => {
                let lengths = raw
                    .iter()
                    .map(|byte| page.character(*byte).map_or(0, char::len_utf8));
                let mut ends = lengths.scan(0, |end, length| {
                    *end += length;
                    Some(*end)
                });
                return ends.position(|end| end > offset).unwrap_or(raw.len());
            }
        };
        let mut decoder = encoding.new_decoder_without_bom_handling();
        let mut decoded = String::new();
        let mut written = 0;
        let mut character_start = 0;
        for (at, byte) in raw.chunks(1).enumerate() {
            decoded.clear();
            decoded.reserve(ROOM_FOR_ONE_CHARACTER);
            let (_, _) = decoder.decode_to_string_without_replacement(byte, &mut decoded, false);
            if decoded.is_empty() {
                continue;
            }
            written += decoded.len();
            if written > offset {
                return character_start;
            }
            character_start = at + 1;
        }
        raw.len()
    }
}

fn verbatim(raw: &[u8]) -> Result<&str, Undecodable> {
    std::str::from_utf8(raw).map_err(|error| Undecodable {
        at: error.valid_up_to(),
    })
}

/// The standard's Windows code pages turn bytes that Microsoft left undefined into C1 control characters, which no
/// export means: such a file is in another encoding (0x81 is `ü` in the DOS code pages).
fn no_holes(encoding: &'static Encoding, raw: &[u8], decoded: &str) -> Result<(), Undecodable> {
    let has_holes = encoding.name().starts_with("windows-") && encoding.is_single_byte();
    if !has_holes || memchr::memchr(0xC2, decoded.as_bytes()).is_none() {
        return Ok(());
    }
    let hole = decoded
        .chars()
        .position(|c| matches!(c, '\u{80}'..='\u{9f}'));
    hole.map_or(Ok(()), |at| {
        Err(Undecodable {
            at: at.min(raw.len()),
        })
    })
}

/// More than any decoder writes for one byte.
const ROOM_FOR_ONE_CHARACTER: usize = 32;

#[cfg(test)]
mod tests;
