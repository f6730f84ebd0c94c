//! What is wrong with the elements of a segment, before it is known where the segment stands; and how that is said.
//! Invariant: every sentence is whole, lower case, without the value itself.

use std::borrow::Cow;

use crate::dictionary::{ElementSpec, ElementType, Note, Relation};
use crate::rule::Rule;

/// Something wrong with a segment's elements.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fault<'v> {
    pub(super) rule: Rule,
    pub(super) spot: Spot,
    /// Number of the data element; empty where there is none.
    pub(super) reference: Cow<'static, str>,
    /// What is there; empty for what is missing.
    pub(super) found: &'v [u8],
    /// What would have been right.
    pub(super) expected: Cow<'static, str>,
}

/// A place in a segment; numbers are 0 where they do not apply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) element: u16,
    pub(super) repetition: u16,
    pub(super) component: u16,
    /// Bytes from the element's first to what is meant.
    pub(super) within: usize,
}

impl Spot {
    /// What spots are sorted by.
    pub(super) fn order(&self) -> (u16, u16, u16) {
        (self.element, self.repetition, self.component)
    }
}

/// What a value of this element should have been, for a rule that it broke.
pub(super) fn expected(rule: Rule, spec: &ElementSpec) -> Cow<'static, str> {
    let is_number = matches!(
        spec.kind,
        ElementType::N(_) | ElementType::R | ElementType::EdifactN
    );
    let counted = if is_number { "digits" } else { "characters" };
    if rule == Rule::ElementShort {
        return format!("at least {} {counted}", spec.min).into();
    }
    if rule == Rule::ElementLong {
        return format!("at most {} {counted}", spec.max).into();
    }
    let said = [
        (Rule::ElementCode, "one of the listed codes"),
        (
            Rule::Charset,
            "bytes of the character set that was declared or agreed on",
        ),
        (
            Rule::Repertoire,
            "characters of the level that was declared",
        ),
        (
            Rule::NumberMarks,
            "one decimal mark, and none between thousands",
        ),
        (
            Rule::NumberDigits,
            "a digit on both sides of the decimal mark",
        ),
    ];
    let said = said.into_iter().find(|(known, _)| *known == rule);
    said.map_or_else(|| form(spec), |(_, text)| text).into()
}

/// What values of a type look like.
fn form(spec: &ElementSpec) -> &'static str {
    match spec.kind {
        ElementType::N(0) => "a whole number",
        ElementType::N(_) => "digits without a point: the last ones are the decimals",
        ElementType::R => "digits with at most one point, perhaps behind a minus sign",
        ElementType::EdifactN => {
            "digits with at most one decimal mark, perhaps behind a minus sign"
        }
        ElementType::EdifactA => "letters, no digits",
        ElementType::Dt if spec.max == 6 => "a date as YYMMDD",
        ElementType::Dt => "a date as CCYYMMDD",
        ElementType::Tm => "a time as HHMM, HHMMSS or HHMMSSDD",
        ElementType::Id | ElementType::An | ElementType::EdifactAn | ElementType::B => {
            "characters that can be seen, and blanks"
        }
    }
}

/// What a relational note asks for: `04 when 03 is there (P0304)`.
pub(super) fn note_expected(note: &Note) -> Cow<'static, str> {
    let positions: Vec<String> = note
        .positions()
        .iter()
        .map(|place| format!("{place:02}"))
        .collect();
    let all = positions.join(", ");
    let (first, rest) = match positions.split_first() {
        Some((first, rest)) => (first.as_str(), rest.join(", ")),
        None => ("", String::new()),
    };
    let text = match note.relation {
        Relation::Paired => format!("all of {all}, or none ({note})"),
        Relation::Required => format!("at least one of {all} ({note})"),
        Relation::Exclusive => format!("at most one of {all} ({note})"),
        Relation::Conditional => format!("{rest}, because {first} is there ({note})"),
        Relation::ListConditional => {
            format!("at least one of {rest}, because {first} is there ({note})")
        }
    };
    text.into()
}

/// What is wrong, by rule.
const SENTENCES: [(Rule, &str); 27] = [
    (
        Rule::ElementMissing,
        "an element is missing that has to be there",
    ),
    (
        Rule::ElementConditional,
        "an element is missing that another one calls for",
    ),
    (
        Rule::ElementExclusive,
        "elements stand together that exclude each other",
    ),
    (
        Rule::ElementsBeyond,
        "the segment has more elements than its version knows",
    ),
    (
        Rule::ComponentsBeyond,
        "the element has more components than its version knows",
    ),
    (
        Rule::ElementRepeats,
        "the element is repeated more often than allowed",
    ),
    (
        Rule::ElementShort,
        "the value is shorter than its element allows",
    ),
    (
        Rule::ElementLong,
        "the value is longer than its element allows",
    ),
    (
        Rule::ElementCharacters,
        "the value has characters that its type does not have",
    ),
    (Rule::ElementNumber, "this is no number of its type"),
    (Rule::NumberMarks, "the number has more than one mark"),
    (
        Rule::NumberDigits,
        "the number has no digit on one side of its decimal mark",
    ),
    (
        Rule::Charset,
        "the value has bytes that its character set does not have, or that look like those of another",
    ),
    (
        Rule::Repertoire,
        "the value has characters that the declared level does not have",
    ),
    (
        Rule::NumberForm,
        "the number is written in a form that its version does not know",
    ),
    (Rule::ElementDate, "this is no date"),
    (Rule::ElementTime, "this is no time"),
    (
        Rule::ElementCode,
        "the code is not in the list that is known here",
    ),
    (
        Rule::ElementCodeRefused,
        "the partner's guide does not have this code",
    ),
    (
        Rule::TrailingSeparators,
        "separators stand behind the last value of the segment",
    ),
    (Rule::SegmentEmpty, "the segment has no elements"),
    (Rule::SegmentUnknown, "no segment has this tag"),
    (
        Rule::SegmentNotInMessage,
        "this message has no such segment",
    ),
    (
        Rule::SegmentSequence,
        "the segment stands where it cannot be",
    ),
    (
        Rule::SegmentRepeats,
        "the segment comes more often than allowed",
    ),
    (Rule::LoopRepeats, "the loop comes more often than allowed"),
    (
        Rule::SegmentMissing,
        "a segment is missing that has to be there",
    ),
];

/// What is wrong when a rule of the dictionary is broken.
pub(super) fn sentence(rule: Rule) -> &'static str {
    let said = SENTENCES.iter().find(|(known, _)| *known == rule);
    said.map_or("a rule of the dictionary is broken", |(_, text)| text)
}
