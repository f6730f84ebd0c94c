//! What the headers of the envelopes say, in words that serve all three syntaxes: who sent what to whom, under which
//! numbers. Judges nothing; ids are trimmed, because an ISA pads them, and everything else is as written.
//! Invariant: [`Interchange::key`] is equal for two interchanges exactly when syntax, sender, receiver, number and usage are.

use crate::separators::Separators;
use crate::syntax::Syntax;

/// A trading partner as an envelope names it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    /// ISA05/ISA07, or 0007 of UNB; empty where none is stated.
    pub qualifier: String,
    /// ISA06/ISA08, or 0004/0010 of UNB, or the code of STX; trimmed.
    pub id: String,
    /// 0008/0014 of UNB: the address for reverse routing or routing; STX: the name. Empty where none is stated.
    pub internal: String,
}

/// An interchange by its ISA, UNB or STX.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interchange {
    /// Which syntax it is written in.
    pub syntax: Syntax,
    /// First, second, … in the file; 0 before any.
    pub ordinal: u64,
    /// Who sent it.
    pub sender: Address,
    /// Whom it is for.
    pub receiver: Address,
    /// ISA09 (`YYMMDD`), or 0017 of UNB (`YYMMDD`, from syntax 4 on `CCYYMMDD`), or the date of STX.
    pub date: String,
    /// ISA10, or 0019 of UNB: `HHMM`; STX: `HHMMSS`.
    pub time: String,
    /// ISA12 (`00401`); 0001 and 0002 of UNB (`UNOC:3`); the syntax rules of STX (`ANA:1`).
    pub version: String,
    /// ISA13, 0020 of UNB, or the sender's transmission reference of STX; as written.
    pub control_number: String,
    /// 0026 of UNB, or the application reference of STX.
    pub application: String,
    /// ISA14 is 1; 0031 of UNB is 1, or 2 for an acknowledgement of receipt.
    pub ack_requested: bool,
    /// ISA15 is T; 0035 of UNB is 1 or more.
    pub test: bool,
    /// ISA15 (`P`, `T`, `I`), or 0035 of UNB; as written.
    pub usage: String,
    /// 0032 of UNB: the agreement; empty where none is stated.
    pub agreement: String,
    /// The service characters in force.
    pub separators: Separators,
    /// Groups so far.
    pub groups: u64,
    /// Messages so far, in groups or not.
    pub messages: u64,
}

/// A group by its GS or UNG. EDIFACT mostly goes without: then it has no control number and holds every message.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// GS01, or 0038 of UNG.
    pub functional_id: String,
    /// GS02, or S006 of UNG.
    pub sender: Address,
    /// GS03, or S007 of UNG.
    pub receiver: Address,
    /// GS04, or 0017 of UNG.
    pub date: String,
    /// GS05, or 0019 of UNG.
    pub time: String,
    /// GS06, or 0048 of UNG; as written, and empty where messages stand directly in the interchange.
    pub control_number: String,
    /// GS07, or 0051 of UNG.
    pub agency: String,
    /// GS08 (`004010VICS`), or S008 of UNG (`D:96A:EAN008`).
    pub version: String,
    /// Ordinal of the GS or UNG in its interchange, the header being 1.
    pub first_segment: u32,
    /// Messages so far.
    pub messages: u64,
}

/// A transaction set by its ST, or a message by its UNH or MHD.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Message {
    /// ST01 (`850`), 0065 of UNH (`ORDERS`), or the type of MHD (`ORDHDR`).
    pub id: String,
    /// The version that its dictionary is looked up by: the first six digits of GS08; 0052 and 0054 of UNH joined by a
    /// full stop (`D.96A`); the version of MHD (`9`).
    pub version: String,
    /// 0051 of UNH (`UN`); GS07 in X12.
    pub agency: String,
    /// What narrows the version down: the rest of GS08 or ST03, or 0057 of UNH (`EAN008`). Empty where none is stated.
    pub guide: String,
    /// ST02, 0062 of UNH, or the number of MHD; as written.
    pub control_number: String,
    /// Whether it is a package, `UNO` to `UNP`: an object of any kind in place of segments, and no id.
    pub package: bool,
    /// Index in the file, from 0.
    pub record: u64,
    /// Segments so far, header included.
    pub segments: u32,
    /// Ordinal of the header in its interchange, the interchange's header being 1.
    pub first_segment: u32,
    /// Offset of the header in the file.
    pub offset: u64,
    /// Line of the header, from 1.
    pub line: u64,
}

impl Interchange {
    /// What makes an interchange the same one, sent again (X12: ISA05 to ISA08, ISA13, ISA15; EDIFACT: S002, S003, 0020, 0035).
    ///
    /// Parts are joined by the unit separator, which stands in none of them.
    #[must_use]
    pub fn key(&self) -> String {
        let parts = [
            self.syntax.as_str(),
            &self.sender.qualifier,
            &self.sender.id,
            &self.receiver.qualifier,
            &self.receiver.id,
            &self.control_number,
            &self.usage,
        ];
        parts.join("\u{1f}")
    }
}

/// A value as text: UTF-8 where it is, else ISO 8859-1, which has a character for every byte.
#[must_use]
pub fn shown(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().map(|byte| char::from(*byte)).collect(),
    }
}

/// The release of X12 that GS08 begins with, `004010` of `004010VICS`; none where it begins with no known one.
pub(crate) fn release(version: &str) -> Option<&str> {
    let release = version.get(..6)?;
    let known = matches!(release.as_bytes(), [b'0', b'0', b'1'..=b'8', ..]);
    (known && release.bytes().all(|byte| byte.is_ascii_digit())).then_some(release)
}

/// A control number of X12: one to nine digits.
pub(crate) fn control_number(bytes: &[u8]) -> Option<u64> {
    if bytes.len() <= 9 {
        digits(bytes)
    } else {
        None
    }
}

/// The value of up to eighteen digits.
pub(crate) fn digits(bytes: &[u8]) -> Option<u64> {
    if bytes.is_empty() || bytes.len() > 18 || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let digit = |byte: &u8| u64::from(byte - b'0');
    Some(bytes.iter().fold(0, |sum, byte| sum * 10 + digit(byte)))
}

#[cfg(test)]
mod tests {
    use super::release;

    #[test]
    fn releases() {
        for (version, known) in [
            ("004010", Some("004010")),
            ("004010VICS", Some("004010")),
            ("008060", Some("008060")),
            ("009000", None),
            ("000400", None),
            ("00401", None),
            ("0040é0", None),
            ("0040ab", None),
            ("", None),
        ] {
            assert_eq!(release(version), known, "{version}");
        }
    }
}
