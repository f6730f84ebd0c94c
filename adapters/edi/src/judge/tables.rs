//! What judging the elements of a message needs of its dictionary, laid out for speed: for each node its segment, for each
//! element what a value of the plain sort has to pass, so that only others need a closer look.
//! Invariant: says the same as the dictionary; a value that passes as plain breaks no rule.

use std::sync::Arc;

use super::period::{self, Format};
use crate::dictionary::{
    Codes, Dictionary, ElementSpec, ElementType, ElementUse, Note, Structure, UseKind,
};
use crate::segment::Tag;
use crate::syntax::Syntax;

/// The segments of one structure.
pub(super) struct Tables {
    segments: Vec<SegmentTable>,
    /// By node, an index into `segments`.
    nodes: Vec<u16>,
}

/// A segment, or a composite within one.
#[derive(Clone, Default)]
pub(super) struct SegmentTable {
    /// What stands at each position.
    pub(super) uses: Box<[Use]>,
    /// The positions that must be there, as a note's mask.
    pub(super) mandatory: u64,
    /// The positions that may not be there.
    pub(super) unused: u64,
    /// What the positions say about each other.
    pub(super) notes: Box<[Note]>,
    /// A value, and the code of its format beside it.
    pub(super) period: Option<Period>,
}

/// Positions, from 1, of a date, time or period and of the code that says how it is written.
#[derive(Clone, Copy)]
pub(super) struct Period {
    pub(super) value: u16,
    pub(super) format: u16,
    /// The number of the value's element.
    pub(super) reference: &'static str,
    /// The format of a code.
    pub(super) formats: fn(&[u8]) -> Option<Format>,
}

/// What stands at a position.
#[derive(Clone)]
pub(super) struct Use {
    /// What a plain value has to pass.
    pub(super) test: Test,
    /// The fewest and most bytes of a plain value.
    pub(super) min: u32,
    pub(super) max: u32,
    /// The known codes, if any.
    pub(super) codes: Option<Codes>,
    /// How often it may repeat.
    pub(super) repeat: u16,
    /// What the dictionary calls it, and where it is.
    pub(super) id: Arc<str>,
    pub(super) kind: UseKind,
    /// The components of a composite.
    pub(super) components: Option<Box<SegmentTable>>,
    /// Where the list is named that a code here is from (EDIFACT 1131 and 3055), by position; 0 where it is not.
    pub(super) list: [u16; 2],
}

/// What a plain value has to pass beside its length.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Test {
    /// Bytes that nobody looks at.
    Any,
    /// Characters that can be seen.
    Text,
    /// One of the known codes.
    Codes,
    /// Digits.
    Digits,
    /// Digits with at most one full stop.
    Decimal,
    /// A date of X12.
    Date,
    /// A time of X12.
    Time,
    /// A closer look, always.
    Closer,
}

impl Tables {
    pub(super) fn new(dictionary: &Dictionary, structure: &Structure) -> Self {
        let mut tags: Vec<Tag> = Vec::new();
        let mut tables = Self {
            segments: Vec::new(),
            nodes: Vec::with_capacity(structure.nodes.len()),
        };
        for node in &structure.nodes {
            let known = tags.iter().position(|tag| *tag == node.tag);
            let place = known.unwrap_or_else(|| {
                let spec = dictionary.segment(node.tag);
                let table =
                    spec.map(|spec| SegmentTable::new(dictionary, &spec.elements, &spec.notes));
                tables.segments.push(table.unwrap_or_default());
                tags.push(node.tag);
                tags.len() - 1
            });
            tables.nodes.push(u16::try_from(place).unwrap_or(u16::MAX));
        }
        tables
    }

    /// The segment that stands at a node.
    pub(super) fn segment(&self, node: u16) -> Option<&SegmentTable> {
        let place = self.nodes.get(usize::from(node))?;
        self.segments.get(usize::from(*place))
    }
}

impl SegmentTable {
    fn new(dictionary: &Dictionary, uses: &[ElementUse], notes: &[Note]) -> Self {
        let mask = |is: fn(&ElementUse) -> bool| {
            let positions = (1..).zip(uses).filter(|(_, used)| is(used));
            positions.fold(0, |mask, (position, _)| mask | Note::bit(position))
        };
        let place = |id: &str| {
            let place = uses.iter().position(|used| *used.id == *id);
            place.and_then(|place| u16::try_from(place + 1).ok())
        };
        let pair = |reference: &'static str, format: &str, formats| {
            Some(Period {
                value: place(reference)?,
                format: place(format)?,
                reference,
                formats,
            })
        };
        let period = match dictionary.syntax() {
            Syntax::X12 => pair("1251", "1250", period::x12 as _),
            Syntax::Edifact => pair("2380", "2379", period::edifact as _),
            Syntax::Tradacoms => None,
        };
        Self {
            uses: (0..)
                .zip(uses)
                .map(|(index, used)| Use {
                    list: lists(uses, index),
                    ..Use::new(dictionary, used)
                })
                .collect(),
            mandatory: mask(|used| used.mandatory),
            unused: mask(|used| used.unused),
            notes: notes.into(),
            period,
        }
    }
}

impl SegmentTable {
    /// Whether what must be there is, and what must not stand together does not.
    #[inline]
    pub(super) fn holds(&self, present: u64) -> bool {
        self.mandatory & !present == 0
            && self.unused & present == 0
            && self.notes.iter().all(|note| note.faults(present) == 0)
    }

    /// Whether a value is of the format beside it, as far as that is known here.
    #[inline]
    pub(super) fn period_fits(&self, value: &[u8], format: &[u8]) -> bool {
        let known = self
            .period
            .filter(|_| !value.is_empty() && !format.is_empty());
        let format = known.and_then(|period| (period.formats)(format));
        format.is_none_or(|format| format.fits(value))
    }
}

/// The positions that name the code list of the one at `index`: the first of their kind behind it.
fn lists(uses: &[ElementUse], index: usize) -> [u16; 2] {
    ["1131", "3055"].map(|id| {
        let behind = uses.iter().skip(index + 1).position(|used| *used.id == *id);
        behind.map_or(0, |behind| u16::try_from(index + behind + 2).unwrap_or(0))
    })
}

impl Use {
    fn new(dictionary: &Dictionary, used: &ElementUse) -> Self {
        let closer = Self {
            test: Test::Closer,
            min: 0,
            max: 0,
            codes: None,
            repeat: used.max_repeat,
            id: Arc::clone(&used.id),
            kind: used.kind,
            components: None,
            list: [0, 0],
        };
        match used.kind {
            UseKind::Simple(index) => closer.simple(dictionary.element(index)),
            UseKind::Composite(index) => {
                let spec = dictionary.composite(index);
                let table = SegmentTable::new(dictionary, &spec.components, &spec.notes);
                Self {
                    components: Some(Box::new(table)),
                    ..closer
                }
            }
        }
    }

    fn simple(self, spec: &ElementSpec) -> Self {
        let test = match spec.kind {
            ElementType::Id | ElementType::An | ElementType::EdifactAn if spec.codes.is_some() => {
                Test::Codes
            }
            ElementType::Id | ElementType::An | ElementType::EdifactAn => Test::Text,
            ElementType::EdifactA => Test::Closer,
            ElementType::Dt => Test::Date,
            ElementType::Tm => Test::Time,
            ElementType::N(_) => Test::Digits,
            ElementType::R | ElementType::EdifactN => Test::Decimal,
            ElementType::B => Test::Any,
        };
        Self {
            test,
            min: spec.min,
            max: spec.max,
            codes: spec.codes.clone(),
            ..self
        }
    }
}
