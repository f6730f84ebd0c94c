//! The first bytes of an interchange: which syntax it is in and which bytes separate it.
//! Never guesses from a file name or a profile, and never looks beyond [`HEADER_LIMIT`] bytes.
//! Invariant: separators that were read differ from each other, and none is a letter, a digit or a space.

mod edifact;
mod isa;

use crate::separators::Separators;
use crate::syntax::Syntax;

/// How far a header is followed before it counts as none: far more than its elements need.
pub(crate) const HEADER_LIMIT: usize = 512;

/// What the first bytes of an interchange declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The syntax.
    pub syntax: Syntax,
    /// The separators.
    pub separators: Separators,
    /// Bytes before the header segment that belong to it: a UNA and the line end behind it.
    pub before: usize,
    /// Bytes of the ISA segment without its terminator; `None` in the other syntaxes, which find their end like any segment.
    pub length: Option<usize>,
    /// Whether every element of the ISA stands at its fixed offset.
    pub padded: bool,
}

/// Why no separators can be had from a header. Each says which ones were found, where that helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderFault {
    /// The input ends inside the header, after this many bytes.
    Truncated(usize),
    /// An ISA without its sixteen elements, or a UNA without a UNB behind it.
    Malformed(Syntax),
    /// This byte cannot separate elements.
    Element(u8),
    /// This byte cannot separate components.
    Component(u8),
    /// This byte cannot separate repetitions.
    Repetition(u8),
    /// This byte cannot end a segment.
    Terminator(u8),
    /// A UNA that does not have its six characters.
    UnaLength,
    /// This byte of the UNA stands there twice, or is a letter or digit.
    ServiceCharacter(u8),
    /// An interactive interchange, `UIB`.
    Interactive,
}

impl Header {
    /// Whether whatever follows these bytes, which end with a terminator, changes nothing of what they declare: an ISA whose
    /// terminator stands inside an element can be a padded one with more of it.
    pub(crate) fn is_settled(bytes: &[u8]) -> bool {
        !bytes.starts_with(b"ISA") || bytes.len() >= isa::FIXED_LENGTH
    }

    /// Reads `bytes`, which hold [`HEADER_LIMIT`] bytes unless the input is shorter. `None` when no interchange begins there.
    pub(crate) fn read(bytes: &[u8]) -> Option<Result<Self, HeaderFault>> {
        match bytes {
            [b'I', b'S', b'A', ..] => Some(isa::read(bytes)),
            [b'U', b'N', b'A', ..] => Some(edifact::read_una(bytes)),
            [b'U', b'N', b'B', byte, ..] if !byte.is_ascii_alphanumeric() => {
                Some(edifact::read_unb(bytes, None))
            }
            [b'U', b'I', b'B', byte, ..] if !byte.is_ascii_alphanumeric() => {
                Some(Err(HeaderFault::Interactive))
            }
            [b'S', b'T', b'X', b'=' | b'+', ..] => Some(Ok(Self {
                syntax: Syntax::Tradacoms,
                separators: Separators::TRADACOMS,
                before: 0,
                length: None,
                padded: true,
            })),
            _ => None,
        }
    }
}

/// Where the elements of a header end whose separators cannot be used, as far as it can be told: enough to answer its sender.
pub(crate) fn salvage(bytes: &[u8]) -> Option<(Separators, usize, Vec<u32>)> {
    match bytes {
        [b'I', b'S', b'A', ..] => isa::salvage(bytes),
        _ => edifact::salvage(bytes),
    }
}

/// What no separator can be.
pub(crate) fn unfit(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b' '
}

#[cfg(test)]
mod tests {
    use super::{Header, salvage};
    use crate::syntax::Syntax;

    #[test]
    fn the_first_bytes_name_the_syntax() {
        for (text, want) in [
            ("ISA*00*", Some(false)),
            ("UNA:+.? 'UNB+UNOA:1+", Some(true)),
            ("UNB+UNOA:1+S", Some(true)),
            ("UNBELIEVABLE", None),
            ("UIB+UNOA:1", Some(false)),
            ("STX=ANA:1+", Some(true)),
            ("STX+ANA:1+", Some(true)),
            ("STXX", None),
            ("UNH+1+ORDERS", None),
            ("", None),
        ] {
            let found = Header::read(text.as_bytes()).map(|header| header.is_ok());
            assert_eq!(found, want, "{text}");
        }
    }

    #[test]
    fn a_header_that_cannot_be_used_still_names_its_sender() {
        for (text, number, want) in [
            (
                "ISA 00            00            ZZ SENDER          ZZ RECEIVER        260131 1200 U 00401 000000007 0 P >~",
                6,
                "SENDER         ",
            ),
            ("UNA++.? 'UNB+UNOC:3+SENDER:14+R'", 2, "SENDER:14"),
            ("UNA:+.?'UNB+UNOC:3+SENDER:14+R'", 2, "SENDER:14"),
        ] {
            let (_, start, ends) = salvage(text.as_bytes()).unwrap();
            let bytes = text.as_bytes();
            assert!(matches!(&bytes[start..start + 3], b"ISA" | b"UNB"));
            let range = ends[number - 1] as usize + 1..ends[number] as usize;
            assert_eq!(&bytes[range], want.as_bytes());
        }
        assert_eq!(salvage(b"ISA*00*"), None);
        assert_eq!(salvage(b"UNA:+.? 'UNH+1"), None);
        let header = Header::read(b"UNB+UNOA:1+S").unwrap().unwrap();
        assert_eq!(header.syntax, Syntax::Edifact);
    }
}
