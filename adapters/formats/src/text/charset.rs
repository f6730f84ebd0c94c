//! Which encoding a text is in, and decoding of one line of it.
//!
//! A declared encoding wins; then a byte order mark; then UTF-8, as long as every byte is UTF-8. There is no guessing
//! beyond that, and an undecodable byte is an error with its place, never U+FFFD.

use encoding_rs::{DecoderResult, Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// An encoding, and whether somebody declared it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Charset {
    encoding: &'static Encoding,
    declared: bool,
}

/// The encoding of a WHATWG label such as `windows-1252`, `latin1` or `utf-16le`.
///
/// `None` for an unknown label, and for the few that the standard maps to "replacement" because they are unsafe.
pub(crate) fn charset_for(label: &str) -> Option<Charset> {
    let encoding = Encoding::for_label_no_replacement(label.as_bytes())?;
    Some(Charset {
        encoding,
        declared: true,
    })
}

/// What the first bytes say: the encoding, and how many bytes of byte order mark to skip.
pub(crate) fn detect(first: &[u8], declared: Option<Charset>) -> (Charset, usize) {
    let mark = Encoding::for_bom(first);
    match (declared, mark) {
        // A mark of the declared encoding is not part of the text; another one would be text in it, and is kept.
        (Some(charset), Some((encoding, length))) if encoding == charset.encoding => {
            (charset, length)
        }
        (Some(charset), _) => (charset, 0),
        (None, Some((encoding, length))) => {
            let declared = true;
            (Charset { encoding, declared }, length)
        }
        (None, None) => {
            let (encoding, declared) = (UTF_8, false);
            (Charset { encoding, declared }, 0)
        }
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
        self.encoding.name().to_ascii_lowercase()
    }

    /// Whether somebody, or a byte order mark, said so; otherwise UTF-8 is only assumed until a byte speaks against it.
    pub(crate) fn is_declared(self) -> bool {
        self.declared
    }

    /// The width of a unit: 2 for UTF-16, otherwise 1. Line ends are looked for unit by unit.
    pub(crate) fn unit(self) -> usize {
        if self.encoding == UTF_16LE || self.encoding == UTF_16BE {
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
        if self.encoding == UTF_16LE {
            pair(byte(at), byte(at + 1))
        } else if self.encoding == UTF_16BE {
            pair(byte(at + 1), byte(at))
        } else {
            byte(at).map_or(0, u16::from)
        }
    }

    /// Whether `raw` is its own decoded form, so that places in both are the same.
    pub(crate) fn is_verbatim(self, raw: &[u8]) -> bool {
        self.encoding == UTF_8 || (self.encoding.is_ascii_compatible() && raw.is_ascii())
    }

    /// Decodes a whole line: borrowed when the bytes are text as they stand, otherwise into `buffer`.
    pub(crate) fn decode<'a>(
        self,
        raw: &'a [u8],
        buffer: &'a mut String,
    ) -> Result<&'a str, Undecodable> {
        if self.is_verbatim(raw) {
            return std::str::from_utf8(raw).map_err(|error| Undecodable {
                at: error.valid_up_to(),
            });
        }
        let mut decoder = self.encoding.new_decoder_without_bom_handling();
        buffer.clear();
        let room = decoder.max_utf8_buffer_length_without_replacement(raw.len());
        buffer.reserve(room.unwrap_or_default());
        let (result, read) = decoder.decode_to_string_without_replacement(raw, buffer, true);
        match result {
            DecoderResult::InputEmpty => self.no_holes(raw, buffer),
            DecoderResult::Malformed(length, after) => Err(Undecodable {
                at: read.saturating_sub(usize::from(length) + usize::from(after)),
            }),
            // Cannot happen: the buffer was sized for the worst case.
            DecoderResult::OutputFull => Err(Undecodable { at: read }),
        }
    }

    /// The standard's Windows code pages turn bytes that Microsoft left undefined into C1 control characters, which no
    /// export means: such a file is in another encoding (0x81 is `ü` in the DOS code pages).
    fn no_holes<'a>(self, raw: &[u8], decoded: &'a str) -> Result<&'a str, Undecodable> {
        let has_holes =
            self.encoding.name().starts_with("windows-") && self.encoding.is_single_byte();
        if has_holes && memchr::memchr(0xC2, decoded.as_bytes()).is_some() {
            let hole = decoded
                .chars()
                .position(|c| matches!(c, '\u{80}'..='\u{9f}'));
            if let Some(at) = hole {
                return Err(Undecodable {
                    at: at.min(raw.len()),
                });
            }
        }
        Ok(decoded)
    }

    /// The byte of `raw` at which the character at `offset` of its decoded form starts.
    ///
    /// Decodes again, byte by byte: only for places that a person will be shown.
    pub(crate) fn source_offset(self, raw: &[u8], offset: usize) -> usize {
        if self.is_verbatim(raw) {
            return offset.min(raw.len());
        }
        let mut decoder = self.encoding.new_decoder_without_bom_handling();
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

/// More than any decoder writes for one byte.
const ROOM_FOR_ONE_CHARACTER: usize = 32;

#[cfg(test)]
mod tests {
    use super::{Undecodable, charset_for, detect};

    #[test]
    fn labels() {
        for (label, want) in [
            ("utf-8", Some("utf-8")),
            ("UTF8", Some("utf-8")),
            ("latin1", Some("windows-1252")),
            ("iso-8859-15", Some("iso-8859-15")),
            ("cp1252", Some("windows-1252")),
            ("utf-16", Some("utf-16le")),
            ("shift_jis", Some("shift_jis")),
            ("iso-2022-kr", None),
            ("ebcdic", None),
            ("", None),
        ] {
            let found = charset_for(label).map(super::Charset::name);
            assert_eq!(found.as_deref(), want, "{label}");
        }
    }

    #[test]
    fn byte_order_marks() {
        let utf16 = charset_for("utf-16le");
        let latin = charset_for("latin1");
        for (first, declared, name, skip) in [
            (&b"\xef\xbb\xbfa"[..], None, "utf-8", 3),
            (b"\xff\xfea\0", None, "utf-16le", 2),
            (b"\xfe\xff\0a", None, "utf-16be", 2),
            (b"a;b", None, "utf-8", 0),
            (b"", None, "utf-8", 0),
            (b"\xff\xfea\0", utf16, "utf-16le", 2),
            (b"a\0", utf16, "utf-16le", 0),
            (b"\xef\xbb\xbfa", latin, "windows-1252", 0),
        ] {
            let (charset, found) = detect(first, declared);
            assert_eq!((charset.name().as_str(), found), (name, skip), "{first:?}");
        }
    }

    #[test]
    fn decoding_keeps_places() {
        for (label, raw, want) in [
            ("utf-8", &b"Gr\xc3\xb6\xc3\x9fe"[..], Ok("Größe")),
            ("utf-8", b"Gr\xf6\xdfe", Err(2)),
            ("utf-8", b"Gr\xc3", Err(2)),
            ("windows-1252", b"Gr\xf6\xdfe \x80", Ok("Größe €")),
            ("windows-1252", b"Gr\xf6\xdfe \x81", Err(6)),
            ("iso-8859-15", b"\xa4", Ok("€")),
            ("windows-1253", b"ab\xaa", Err(2)),
            ("shift_jis", b"\x83\x65\x83\x58", Ok("テス")),
            ("shift_jis", b"a\x83", Err(1)),
            ("shift_jis", b"a\x83\x20b", Err(1)),
            ("utf-16le", b"a\0\xfc\0", Ok("aü")),
            ("utf-16le", b"a\0\xfc", Err(2)),
            ("utf-16be", b"\0a\xd8\x3d\xde\0", Ok("a\u{1f600}")),
        ] {
            let charset = charset_for(label).unwrap();
            let mut buffer = String::new();
            let found = charset.decode(raw, &mut buffer);
            assert_eq!(
                found,
                want.map_err(|at| Undecodable { at }),
                "{label} {raw:?}"
            );
        }
    }

    #[test]
    fn a_place_in_the_text_leads_back_to_its_byte() {
        for (label, raw, text, byte) in [
            ("utf-8", &b"\xc3\xb6x"[..], 2, 2),
            ("windows-1252", b"\xf6\xf6x", 4, 2),
            ("windows-1252", b"\xf6\xf6x", 2, 1),
            ("windows-1252", b"\xf6", 0, 0),
            ("utf-16le", b"\xfc\0a\0b\0", 3, 4),
            ("utf-16be", b"\0\xfc\0a", 2, 2),
            ("shift_jis", b"\x83\x65;x", 3, 2),
            ("windows-1252", b"\xf6", 9, 1),
        ] {
            let found = charset_for(label).unwrap().source_offset(raw, text);
            assert_eq!(found, byte, "{label} {raw:?} {text}");
        }
    }
}
