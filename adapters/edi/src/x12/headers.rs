//! What ISA, GS and ST say, in words: who sent what to whom, under which numbers.
//! Judges nothing; ids are trimmed, because an ISA pads them, and everything else is as written.
//! Invariant: [`Interchange::key`] is equal for two interchanges exactly when sender, receiver, number and usage are.

use super::segment::Segment;
use super::separators::Separators;

/// An interchange by its ISA.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Interchange {
    /// First, second, … in the file; 0 before any.
    pub ordinal: u64,
    /// ISA05 and ISA06.
    pub sender_qualifier: String,
    /// ISA06, trimmed.
    pub sender: String,
    /// ISA07.
    pub receiver_qualifier: String,
    /// ISA08, trimmed.
    pub receiver: String,
    /// ISA09, `YYMMDD`.
    pub date: String,
    /// ISA10, `HHMM`.
    pub time: String,
    /// ISA12.
    pub version: String,
    /// ISA13, as written.
    pub control_number: String,
    /// ISA14 is 1.
    pub ack_requested: bool,
    /// ISA15: `P` production, `T` test, `I` information.
    pub usage: String,
    /// What the header declares.
    pub separators: Option<Separators>,
    /// Groups so far.
    pub groups: u64,
}

impl Interchange {
    pub(super) fn read(segment: &Segment<'_>, ordinal: u64, separators: Separators) -> Self {
        let word = |number: usize| shown(segment.element(number)).trim().to_owned();
        Self {
            ordinal,
            sender_qualifier: word(5),
            sender: word(6),
            receiver_qualifier: word(7),
            receiver: word(8),
            date: word(9),
            time: word(10),
            version: word(12),
            control_number: word(13),
            ack_requested: segment.element(14) == b"1",
            usage: word(15),
            separators: Some(separators),
            groups: 0,
        }
    }

    /// What makes an interchange the same one, sent again.
    #[must_use]
    pub fn key(&self) -> String {
        let Self {
            sender_qualifier,
            sender,
            receiver_qualifier,
            receiver,
            control_number,
            usage,
            ..
        } = self;
        [
            sender_qualifier,
            sender,
            receiver_qualifier,
            receiver,
            control_number,
            usage,
        ]
        .map(String::as_str)
        .join("\u{1f}")
    }
}

/// A group by its GS.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// GS01.
    pub functional_id: String,
    /// GS02.
    pub sender: String,
    /// GS03.
    pub receiver: String,
    /// GS04, `CCYYMMDD` (`YYMMDD` in versions before 004010).
    pub date: String,
    /// GS05, `HHMM`, with seconds or more.
    pub time: String,
    /// GS06, as written.
    pub control_number: String,
    /// GS08: version and release, then perhaps a guide's name.
    pub version: String,
    /// Sets so far.
    pub sets: u64,
}

impl Group {
    pub(super) fn read(segment: &Segment<'_>) -> Self {
        let word = |number: usize| shown(segment.element(number)).trim().to_owned();
        Self {
            functional_id: word(1),
            sender: word(2),
            receiver: word(3),
            date: word(4),
            time: word(5),
            control_number: word(6),
            version: word(8),
            sets: 0,
        }
    }
}

/// A transaction set by its ST.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Set {
    /// ST01.
    pub id: String,
    /// ST02, as written.
    pub control_number: String,
    /// ST03, from version 005010 on.
    pub implementation: Option<String>,
    /// Index in the file, from 0.
    pub record: u64,
    /// Index of the set that comes after it.
    pub(super) next_record: u64,
    /// Segments so far, ST included.
    pub segments: u32,
    /// Ordinal of the ST in its interchange, the ISA being 1.
    pub first_segment: u32,
    /// Offset of the ST in the file.
    pub offset: u64,
    /// Line of the ST, from 1.
    pub line: u64,
}

impl Set {
    pub(super) fn read(segment: &Segment<'_>, record: u64, first_segment: u32, line: u64) -> Self {
        Self {
            id: shown(segment.element(1)),
            control_number: shown(segment.element(2)),
            implementation: Some(shown(segment.element(3))).filter(|text| !text.is_empty()),
            record,
            next_record: record + 1,
            segments: 1,
            first_segment,
            offset: segment.offset(),
            line,
        }
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

/// A control number: one to nine digits.
pub(super) fn control_number(bytes: &[u8]) -> Option<u64> {
    if bytes.len() <= 9 {
        digits(bytes)
    } else {
        None
    }
}

/// The value of up to eighteen digits.
pub(super) fn digits(bytes: &[u8]) -> Option<u64> {
    if bytes.is_empty() || bytes.len() > 18 || !bytes.iter().all(u8::is_ascii_digit) {
        return None;
    }
    Some(
        bytes
            .iter()
            .fold(0, |sum, digit| sum * 10 + u64::from(digit - b'0')),
    )
}
