//! The bytes that are written: one buffer, of which the front never changes again and the end may be taken back, or be
//! separated anew. Knows segments, and no envelopes.
//! Invariant: positions count from the first byte ever written, so they stay right when the front is taken away; nothing
//! that is settled is ever taken back or changed.

use super::builder::SegmentBuilder;
use super::encode::{Changes, Encoder, Fault};
use super::separate::{Refused, exchanged, in_force};
use super::style::{OnSeparator, Style};
use crate::finding::{Finding, Place};
use crate::headers::Interchange;
use crate::rule::Rule;
use crate::segment::Tag;
use crate::separators::Separators;
use crate::syntax::Syntax;

/// Bytes of an ISA before its last separator and element.
const ISA_LENGTH: usize = 103;
/// Where ISA11 stands in it.
const ISA11: usize = 82;

pub(super) struct Output {
    bytes: Vec<u8>,
    /// How many were taken before these.
    taken: usize,
    settled: usize,
    encoder: Encoder,
    /// Where the interchange begins, and whether it may yet get other separators.
    start: usize,
    may_choose: bool,
    refused: Refused,
}

impl Output {
    pub(super) fn new(style: Style) -> Self {
        Self {
            bytes: Vec::new(),
            taken: 0,
            settled: 0,
            encoder: Encoder::new(style),
            start: 0,
            may_choose: false,
            refused: Refused::default(),
        }
    }

    pub(super) fn style(&self) -> &Style {
        self.encoder.style()
    }

    pub(super) fn changes(&self) -> Changes {
        self.encoder.changes
    }

    /// Where the next byte goes.
    pub(super) fn position(&self) -> usize {
        self.taken + self.bytes.len()
    }

    /// Takes back what was written from this position on.
    pub(super) fn take_back(&mut self, position: usize) {
        let from = position.saturating_sub(self.taken).max(self.settled);
        self.bytes.truncate(from);
    }

    /// An interchange begins here.
    pub(super) fn begin(&mut self, interchange: &Interchange) -> Result<(), Box<Finding>> {
        let separators = in_force(self.style(), interchange)?;
        let charset = self.style().charset(interchange.syntax)?;
        self.encoder.begin(charset, separators);
        self.start = self.position();
        self.may_choose =
            interchange.syntax == Syntax::X12 && self.style().on_separator == OnSeparator::Choose;
        self.refused = Refused::default();
        if interchange.syntax == Syntax::Edifact {
            super::separate::una(self.encoder.style(), separators, &mut self.bytes);
        }
        Ok(())
    }

    /// Appends a segment, under other separators if need be and the style allows it. `ordinal` is its own, for findings.
    pub(super) fn put(
        &mut self,
        segment: &SegmentBuilder,
        ordinal: u64,
    ) -> Result<(), Box<Finding>> {
        loop {
            let before = self.bytes.len();
            let Err((value, fault)) = self.encoder.segment(segment, &mut self.bytes) else {
                return Ok(());
            };
            self.bytes.truncate(before);
            let chosen = match fault {
                Fault::Separator(byte) => self.choose(byte, segment),
                Fault::Tag | Fault::Character(_) | Fault::Repetition => false,
            };
            if !chosen {
                return Err(Box::new(refusal(segment, value, fault, ordinal)));
            }
        }
    }

    /// Another separator in the place of `byte`, for the whole interchange. False when that is not allowed, or there is none.
    fn choose(&mut self, byte: u8, segment: &SegmentBuilder) -> bool {
        let start = self.start.saturating_sub(self.taken);
        let Some(written) = self.bytes.get_mut(start..).filter(|_| self.may_choose) else {
            return false;
        };
        let separators = self.encoder.separators();
        let other = self
            .refused
            .instead_of(byte, separators, written, segment.text());
        let Some(other) = other else {
            return false;
        };
        // Until now the byte stood in no data, so wherever it stands it separates.
        for place in written.iter_mut().filter(|place| **place == byte) {
            *place = other;
        }
        self.encoder.separate(exchanged(separators, byte, other));
        self.encoder.changes.separators_chosen += 1;
        true
    }

    /// Appends an ISA: 106 bytes with its terminator, and two of its elements are separators.
    pub(super) fn put_isa(&mut self, segment: &SegmentBuilder) -> Result<(), Box<Finding>> {
        let before = self.bytes.len();
        self.put(segment, 1)?;
        let Separators {
            element,
            component,
            repetition,
            ..
        } = self.encoder.separators();
        let end = 1 + self.encoder.suffix().len();
        self.bytes.truncate(self.bytes.len().saturating_sub(end));
        if self.bytes.len() - before != ISA_LENGTH {
            // A stand-in for a character is longer than the character, or a character takes several bytes.
            self.bytes.truncate(before);
            let message = "the ISA does not have its length in this character set";
            let finding = Finding::new(Rule::ElementUnwritable, message)
                .hint("give sender and receiver ids in ASCII");
            return Err(Box::new(finding));
        }
        if let Some((repetition, place)) = repetition.zip(self.bytes.get_mut(before + ISA11)) {
            *place = repetition;
        }
        self.bytes.extend_from_slice(&[element, component]);
        self.encoder.end(&mut self.bytes);
        Ok(())
    }

    /// A message or a group stands as it is, unless its interchange may yet get other separators.
    pub(super) fn settle(&mut self) {
        if !self.may_choose {
            self.settled = self.bytes.len();
        }
    }

    /// An interchange stands as it is.
    pub(super) fn end(&mut self) {
        self.settled = self.bytes.len();
    }

    pub(super) fn settled(&self) -> &[u8] {
        self.bytes.get(..self.settled).unwrap_or_default()
    }

    pub(super) fn take(&mut self) -> Vec<u8> {
        let rest = self.bytes.split_off(self.settled);
        self.taken += self.settled;
        self.settled = 0;
        std::mem::replace(&mut self.bytes, rest)
    }

    pub(super) fn forget(&mut self) {
        self.bytes.drain(..self.settled);
        self.taken += self.settled;
        self.settled = 0;
    }
}

fn refusal(segment: &SegmentBuilder, value: usize, fault: Fault, ordinal: u64) -> Finding {
    let spot = segment.spot(value);
    let content = segment.values().nth(value);
    let beyond_first = |number: u16| if number > 1 { number } else { 0 };
    let place = Place {
        segment: u32::try_from(ordinal).unwrap_or(u32::MAX),
        tag: Tag::new(segment.tag().as_bytes()),
        element: spot.element,
        component: beyond_first(spot.component),
        repetition: beyond_first(spot.repetition),
        ..Place::default()
    };
    let content = content.map_or(segment.tag(), |(_, value)| value);
    named(fault).found(content.as_bytes()).at(place)
}

fn named(fault: Fault) -> Finding {
    let (rule, message, expected, hint) = match fault {
        Fault::Tag => (
            Rule::ElementUnwritable,
            "the tag of the segment is none",
            "a capital letter, then one or two capitals or digits".to_owned(),
            "correct the mapping that writes the segment",
        ),
        Fault::Separator(byte) => (
            Rule::SeparatorInData,
            "a separator stands in the data, and X12 cannot release it",
            format!("a value without {:?}", char::from(byte)),
            "let the partner's settings choose other separators, or put a text in its place",
        ),
        Fault::Character(character) => (
            Rule::CharacterUnwritable,
            "the receiver's character set does not have this character",
            format!("a value without {character:?}"),
            "change the value, or agree on a larger character set with the partner",
        ),
        Fault::Repetition => (
            Rule::ElementUnwritable,
            "an element repeats, but nothing separates repetitions in this version",
            "one value".to_owned(),
            "write version 00402 (EDIFACT: syntax version 4) or later, or correct the mapping",
        ),
    };
    Finding::new(rule, message).expected(expected).hint(hint)
}
