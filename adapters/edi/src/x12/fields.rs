//! The elements of one segment while it is mapped. What is taken has found a home; the rest is handed over as unmapped.
//! Never decides what an element means.
//! Invariant: an element is either taken or among [`Fields::left`]; there is no third way to lose it.

use canonical::date::Date;
use canonical::decimal::Decimal;

use super::value::{date, implied, real, trimmed};
use crate::headers::shown;
use crate::segment::{Segment, Tag};

/// Elements that can be marked as taken. Those beyond are never taken: no segment of the standard has so many.
const MARKS: usize = 128;

/// One segment's elements.
pub(super) struct Fields<'a> {
    segment: Segment<'a>,
    taken: u128,
}

impl<'a> Fields<'a> {
    pub(super) fn new(segment: Segment<'a>) -> Self {
        Self { segment, taken: 0 }
    }

    pub(super) fn tag(&self) -> Tag {
        self.segment.tag()
    }

    /// The bytes of element `number`, without the blanks that pad it.
    pub(super) fn peek(&self, number: usize) -> &'a [u8] {
        trimmed(self.segment.element(number))
    }

    pub(super) fn has(&self, number: usize) -> bool {
        !self.peek(number).is_empty()
    }

    /// The element has found a home.
    pub(super) fn take(&mut self, number: usize) {
        if number < MARKS {
            self.taken |= 1 << number;
        }
    }

    /// Takes a text; `None` when the element is empty.
    pub(super) fn text(&mut self, number: usize) -> Option<String> {
        let text = self.peek_text(number)?;
        self.take(number);
        Some(text)
    }

    /// The text of an element that is not taken.
    pub(super) fn peek_text(&self, number: usize) -> Option<String> {
        Some(self.peek(number))
            .filter(|bytes| !bytes.is_empty())
            .map(shown)
    }

    /// Takes a number with an explicit point.
    pub(super) fn real(&mut self, number: usize) -> Option<Decimal> {
        let value = real(self.peek(number))?.value;
        self.take(number);
        Some(value)
    }

    /// The number of an element that is not taken.
    pub(super) fn peek_real(&self, number: usize) -> Option<Decimal> {
        Some(real(self.peek(number))?.value)
    }

    /// The amount of an element of type N2 that is not taken.
    pub(super) fn peek_cents(&self, number: usize) -> Option<Decimal> {
        Some(implied(self.peek(number), 2)?.value)
    }

    /// Takes a whole number.
    pub(super) fn whole(&mut self, number: usize) -> Option<u32> {
        let value = u32::try_from(implied(self.peek(number), 0)?.value.mantissa()).ok()?;
        self.take(number);
        Some(value)
    }

    /// Takes a date.
    pub(super) fn date(&mut self, number: usize) -> Option<Date> {
        let value = date(self.peek(number))?;
        self.take(number);
        Some(value)
    }

    /// The elements that say something and were not taken.
    pub(super) fn left(&self) -> impl Iterator<Item = (usize, String)> {
        (1..=self.segment.count())
            .filter(|number| *number >= MARKS || self.taken & (1 << number) == 0)
            .filter_map(|number| Some((number, self.peek_text(number)?)))
    }
}
