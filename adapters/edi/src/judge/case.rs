//! The segment under judgement: what was found in it so far, and what its elements say about each other.
//! Asks no type: a value is only there or not, but for a date and the code of its format.
//! Invariant: what is missing is said once, however many notes ask for it.

use std::borrow::Cow;

use super::characters::trimmed;
use super::fault::{Fault, Spot, note_expected};
use super::period::Kind;
use super::tables::{Period, SegmentTable};
use crate::dictionary::{Note, Relation};
use crate::rule::Rule;
use crate::segment::Segment;

/// The segment under judgement.
pub(super) struct Case<'c, 'v> {
    pub(super) segment: &'c Segment<'v>,
    pub(super) faults: &'c mut Vec<Fault<'v>>,
    /// The first separator behind which nothing stands.
    trailing: Option<Spot>,
    /// What a value is without its release characters.
    pub(super) scratch: &'c mut Vec<u8>,
}

/// What stands at the positions of a segment or composite, as far as other positions ask for it.
#[derive(Default)]
pub(super) struct Content<'v> {
    /// As a note's mask.
    pub(super) present: u64,
    value: &'v [u8],
    format: &'v [u8],
}

impl<'v> Content<'v> {
    pub(super) fn note(&mut self, position: u16, bytes: &'v [u8], period: Option<&Period>) {
        self.present |= Note::bit(position.into());
        if let Some(period) = period {
            if period.value == position {
                self.value = bytes;
            } else if period.format == position {
                self.format = bytes;
            }
        }
    }
}

/// The bits that are set, as positions from 1.
fn positions(mut mask: u64) -> impl Iterator<Item = u16> {
    std::iter::from_fn(move || {
        let lowest = mask.trailing_zeros();
        mask &= mask.wrapping_sub(1);
        u16::try_from(lowest + 1).ok().filter(|place| *place <= 64)
    })
}

impl<'c, 'v> Case<'c, 'v> {
    pub(super) fn new(
        segment: &'c Segment<'v>,
        scratch: &'c mut Vec<u8>,
        faults: &'c mut Vec<Fault<'v>>,
    ) -> Self {
        Self {
            segment,
            faults,
            scratch,
            trailing: None,
        }
    }

    pub(super) fn fault(
        &mut self,
        rule: Rule,
        spot: Spot,
        found: &'v [u8],
        expected: &'static str,
    ) {
        self.faults.push(Fault {
            rule,
            spot,
            reference: "".into(),
            found,
            expected: expected.into(),
        });
    }

    /// More elements than there may be: the first of them is at fault, even when a later one is the first to say something.
    pub(super) fn elements_beyond(&mut self, most: usize) {
        let spot = Spot {
            element: u16::try_from(most + 1).unwrap_or(u16::MAX),
            ..Spot::default()
        };
        self.beyond(
            Rule::ElementsBeyond,
            spot,
            self.segment.element(most + 1),
            most,
        );
    }

    /// More components than there may be in a piece that begins at `base`.
    pub(super) fn components_beyond(&mut self, base: Spot, piece: &'v [u8], most: usize) {
        let mut spot = base;
        let mut parts = self.segment.components(piece);
        for part in parts.by_ref().take(most) {
            spot.within += part.len() + 1;
        }
        spot.component = u16::try_from(most + 1).unwrap_or(u16::MAX);
        self.beyond(
            Rule::ComponentsBeyond,
            spot,
            parts.next().unwrap_or_default(),
            most,
        );
    }

    /// More than there may be.
    pub(super) fn beyond(&mut self, rule: Rule, spot: Spot, found: &'v [u8], most: usize) {
        self.faults.push(Fault {
            rule,
            spot,
            reference: "".into(),
            found,
            expected: format!("at most {most}").into(),
        });
    }

    pub(super) fn trailing(&mut self, spot: Spot) {
        self.trailing.get_or_insert(spot);
    }

    /// What is said once a segment.
    pub(super) fn close(&mut self) {
        if let Some(spot) = self.trailing {
            let expected = "no separators behind the last value";
            self.fault(Rule::TrailingSeparators, spot, &[], expected);
        }
    }

    /// Says what is there that must not be, and what is not there that must. `base` is the segment, or the first component of a composite.
    pub(super) fn relations(&mut self, table: &SegmentTable, present: u64, base: Spot) {
        let missing = table.mandatory & !present;
        let mut told = missing;
        for position in positions(table.unused & present) {
            self.missing(Rule::NotUsed, table, position, base, "nothing".into());
        }
        for position in positions(missing) {
            self.missing(
                Rule::ElementMissing,
                table,
                position,
                base,
                "a value".into(),
            );
        }
        for note in &table.notes {
            let faults = note.faults(present) & !told;
            let (rule, most) = match note.relation {
                Relation::Paired | Relation::Conditional => (Rule::ElementConditional, usize::MAX),
                // One of them is enough.
                Relation::Required | Relation::ListConditional => (Rule::ElementConditional, 1),
                Relation::Exclusive => (Rule::ElementExclusive, 1),
            };
            for position in positions(faults).take(most) {
                self.missing(rule, table, position, base, note_expected(note));
                told |= Note::bit(position.into());
            }
        }
    }

    /// A fault of a position that should or should not be there.
    fn missing(
        &mut self,
        rule: Rule,
        table: &SegmentTable,
        position: u16,
        base: Spot,
        expected: Cow<'static, str>,
    ) {
        let (spot, found) = self.at(base, position);
        let used = table.uses.get(usize::from(position) - 1);
        self.faults.push(Fault {
            rule,
            spot,
            reference: used
                .map_or_else(String::new, |used| used.id.to_string())
                .into(),
            found,
            expected,
        });
    }

    /// Where a position is, and what is there.
    fn at(&self, base: Spot, position: u16) -> (Spot, &'v [u8]) {
        if base.component == 0 {
            let spot = Spot {
                element: position,
                ..base
            };
            return (spot, self.segment.element(position.into()));
        }
        let mut pieces = self.segment.repetitions(base.element.into());
        let piece = pieces.nth(usize::from(base.repetition.saturating_sub(1)));
        // What is not there stands behind the last that is.
        let end = base.within + piece.map_or(0, <[u8]>::len);
        let mut within = base.within;
        let mut found: &[u8] = &[];
        for (component, bytes) in (1_u16..).zip(self.segment.components(piece.unwrap_or_default()))
        {
            found = bytes;
            if component == position {
                break;
            }
            found = &[];
            within += bytes.len() + 1;
        }
        let spot = Spot {
            component: position,
            within: within.min(end),
            ..base
        };
        (spot, found)
    }

    /// Judges a date, time or period by the code beside it.
    pub(super) fn period(&mut self, table: &SegmentTable, content: &Content<'v>, base: Spot) {
        let Some(period) = table.period.filter(|_| !content.format.is_empty()) else {
            return;
        };
        let Some(format) = (period.formats)(content.format) else {
            return;
        };
        let value = self.segment.released(trimmed(content.value));
        if value.is_empty() || format.fits(&value) {
            return;
        }
        let (spot, found) = self.at(base, period.value);
        if self.faults.iter().any(|fault| fault.spot == spot) {
            return;
        }
        let rule = match format.kind {
            Kind::Date => Rule::ElementDate,
            Kind::Time => Rule::ElementTime,
        };
        self.faults.push(Fault {
            rule,
            spot,
            reference: period.reference.into(),
            found,
            expected: format.shown().into(),
        });
    }
}
