//! Encodings by the names that standards and partners give them.
//! ISO 8859-1 is strictly itself here: Windows 1252, which browsers take for it, is another encoding.
//! Invariant: decoding never loses a byte; what an encoding does not have is refused, in both directions.

use std::borrow::Cow;

use encoding_rs::{DecoderResult, EncoderResult};

/// How characters are written as bytes. ASCII is the same in all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding(Kind);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Ascii,
    Utf8,
    Latin1,
    Latin5,
    /// One of those that `encoding_rs` knows, with a byte for each character.
    Table(&'static encoding_rs::Encoding),
}

/// Where ISO 8859-9 differs from ISO 8859-1.
const LATIN5: [(u8, char); 6] = [
    (0xD0, 'Ğ'),
    (0xDD, 'İ'),
    (0xDE, 'Ş'),
    (0xF0, 'ğ'),
    (0xFD, 'ı'),
    (0xFE, 'ş'),
];

impl Encoding {
    /// ISO 646: seven bits.
    pub const ASCII: Self = Self(Kind::Ascii);
    /// UTF-8.
    pub const UTF8: Self = Self(Kind::Utf8);
    /// ISO 8859-1, which has a character for every byte.
    pub const LATIN1: Self = Self(Kind::Latin1);

    /// The encoding of this name, in whatever case: `us-ascii`, `utf-8`, `iso-8859-1` to `-9` and `-15`, `windows-1250` to
    /// `-1254`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let name = name.to_ascii_lowercase();
        match name.as_str() {
            "us-ascii" | "ascii" => return Some(Self::ASCII),
            "utf-8" | "utf8" => return Some(Self::UTF8),
            _ => {}
        }
        if let Some(part) = name.strip_prefix("iso-8859-") {
            return Self::iso_8859(part.parse().ok()?);
        }
        let table = match name.as_str() {
            "windows-1250" => encoding_rs::WINDOWS_1250,
            "windows-1251" => encoding_rs::WINDOWS_1251,
            "windows-1252" => encoding_rs::WINDOWS_1252,
            "windows-1253" => encoding_rs::WINDOWS_1253,
            "windows-1254" => encoding_rs::WINDOWS_1254,
            _ => return None,
        };
        Some(Self(Kind::Table(table)))
    }

    /// This part of ISO 8859.
    pub(super) fn iso_8859(part: u8) -> Option<Self> {
        let table = match part {
            1 => return Some(Self(Kind::Latin1)),
            2 => encoding_rs::ISO_8859_2,
            3 => encoding_rs::ISO_8859_3,
            4 => encoding_rs::ISO_8859_4,
            5 => encoding_rs::ISO_8859_5,
            6 => encoding_rs::ISO_8859_6,
            7 => encoding_rs::ISO_8859_7,
            8 => encoding_rs::ISO_8859_8,
            9 => return Some(Self(Kind::Latin5)),
            15 => encoding_rs::ISO_8859_15,
            _ => return None,
        };
        Some(Self(Kind::Table(table)))
    }

    /// The name, in lower case.
    #[must_use]
    pub fn name(self) -> String {
        match self.0 {
            Kind::Ascii => "us-ascii".to_owned(),
            Kind::Utf8 => "utf-8".to_owned(),
            Kind::Latin1 => "iso-8859-1".to_owned(),
            Kind::Latin5 => "iso-8859-9".to_owned(),
            Kind::Table(table) => table.name().to_ascii_lowercase(),
        }
    }

    /// Whether its bytes 0x80 to 0x9F are control characters, as in all parts of ISO 8859.
    pub(super) fn has_controls(self) -> bool {
        match self.0 {
            Kind::Latin1 | Kind::Latin5 => true,
            Kind::Table(table) => table.name().starts_with("ISO-8859"),
            Kind::Ascii | Kind::Utf8 => false,
        }
    }

    /// The text; `None` when a byte is none of this encoding's.
    pub(crate) fn decode(self, bytes: &[u8]) -> Option<Cow<'_, str>> {
        match self.0 {
            Kind::Ascii if !bytes.is_ascii() => None,
            Kind::Ascii | Kind::Utf8 => std::str::from_utf8(bytes).ok().map(Cow::Borrowed),
            Kind::Latin1 => Some(Self::latin1(bytes)),
            Kind::Latin5 => Some(bytes.iter().copied().map(latin5).collect()),
            Kind::Table(table) => {
                let mut decoder = table.new_decoder_without_bom_handling();
                // A byte becomes one character of the basic plane: three bytes at most.
                let mut text = String::with_capacity(bytes.len() * 3);
                match decoder.decode_to_string_without_replacement(bytes, &mut text, true) {
                    (DecoderResult::InputEmpty, _) => Some(Cow::Owned(text)),
                    (DecoderResult::OutputFull | DecoderResult::Malformed(..), _) => None,
                }
            }
        }
    }

    /// The bytes as ISO 8859-1, which has a character for each.
    pub(crate) fn latin1(bytes: &[u8]) -> Cow<'_, str> {
        bytes.iter().copied().map(char::from).collect()
    }

    /// The bytes, or the first character that this encoding does not have.
    pub(crate) fn encode(self, text: &str) -> Result<Vec<u8>, char> {
        let bytes = |byte: fn(char) -> Option<u8>| {
            let bytes = text
                .chars()
                .map(|character| byte(character).ok_or(character));
            bytes.collect()
        };
        match self.0 {
            Kind::Utf8 => Ok(text.as_bytes().to_vec()),
            Kind::Ascii => bytes(|character| u8::try_from(character).ok().filter(u8::is_ascii)),
            Kind::Latin1 => bytes(|character| u8::try_from(character).ok()),
            Kind::Latin5 => {
                bytes(
                    |character| match LATIN5.iter().find(|(_, other)| *other == character) {
                        Some((byte, _)) => Some(*byte),
                        None => {
                            let byte = u8::try_from(character).ok()?;
                            (latin5(byte) == character).then_some(byte)
                        }
                    },
                )
            }
            Kind::Table(table) => {
                let mut encoder = table.new_encoder();
                let mut bytes = Vec::with_capacity(text.len());
                let result =
                    encoder.encode_from_utf8_to_vec_without_replacement(text, &mut bytes, true);
                match result {
                    (EncoderResult::Unmappable(character), _) => Err(character),
                    (EncoderResult::InputEmpty | EncoderResult::OutputFull, _) => Ok(bytes),
                }
            }
        }
    }
}

fn latin5(byte: u8) -> char {
    let other = LATIN5.iter().find(|(known, _)| *known == byte);
    other.map_or(char::from(byte), |(_, character)| *character)
}

#[cfg(test)]
mod tests {
    use super::Encoding;

    #[test]
    fn names_lead_to_encodings_and_back() {
        for name in [
            "us-ascii",
            "utf-8",
            "iso-8859-1",
            "iso-8859-2",
            "iso-8859-5",
            "iso-8859-9",
            "iso-8859-15",
            "windows-1252",
        ] {
            let encoding = Encoding::named(&name.to_uppercase()).unwrap();
            assert_eq!(encoding.name(), name);
        }
        for name in ["", "ebcdic", "iso-8859-", "iso-8859-12", "windows-31j"] {
            assert_eq!(Encoding::named(name), None, "{name}");
        }
    }

    #[test]
    fn every_byte_of_a_table_comes_back() {
        for name in [
            "iso-8859-1",
            "iso-8859-2",
            "iso-8859-7",
            "iso-8859-9",
            "iso-8859-15",
            "windows-1252",
        ] {
            let encoding = Encoding::named(name).unwrap();
            for byte in 0..=u8::MAX {
                if let Some(text) = encoding.decode(&[byte]) {
                    assert_eq!(encoding.encode(&text), Ok(vec![byte]), "{name} {byte}");
                }
            }
        }
    }
}
