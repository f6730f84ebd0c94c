//! Bytes of any kind inside an interchange, read by the length that is stated: the last element of `BIN` and `BDS` (X12
//! elements 784 and 785), and the object between `UNO` and `UNP` (EDIFACT 0810).
//! A length that does not lead to what has to follow is not believed; the bytes are then split like any others.
//! Invariant: lengths that lie cost no more than one read of [`Limits::binary_bytes`] for each interchange.
//!
//! [`Limits::binary_bytes`]: crate::Limits::binary_bytes

use std::io;

use super::{Reader, position};
use crate::headers::digits;

impl Reader<'_> {
    /// Whether the segment at the current start is binary.
    pub(super) fn at_binary(&mut self) -> io::Result<bool> {
        if self.filled - self.start < 4 {
            self.ensure(4)?;
        }
        let head = self.buffer.get(self.start..self.filled).unwrap_or_default();
        Ok(
            matches!(head, [b'B', b'I', b'N', last, ..] | [b'B', b'D', b'S', last, ..] if *last == self.separators.element),
        )
    }

    /// Takes a segment whose last element has the length that the element before it says.
    /// False when that cannot be: then it is split like any other segment.
    pub(super) fn binary(&mut self) -> io::Result<bool> {
        self.binary_fault = true;
        let filters = self.buffer.get(self.start + 1) == Some(&b'D');
        let wanted = if filters { 3 } else { 2 };
        while self.index.pending().len() < wanted {
            if self.scanned - self.start > self.limits.segment_bytes || !self.scan()? {
                return Ok(false);
            }
        }
        let ends: Vec<u32> = self.index.pending().iter().take(wanted).copied().collect();
        let element = self.separators.element;
        if ends
            .iter()
            .any(|end| self.buffer.get(*end as usize) != Some(&element))
        {
            return Ok(false);
        }
        let [.., before, last] = ends.as_slice() else {
            return Ok(false);
        };
        let stated = self.buffer.get(*before as usize + 1..*last as usize);
        let Some(length) = self.believed(stated.unwrap_or_default()) else {
            return Ok(false);
        };
        // Relative to the segment, because reading on moves the buffer.
        let relative: Vec<usize> = ends.iter().map(|end| *end as usize - self.start).collect();
        let payload_end = relative.last().map_or(0, |last| last + 1 + length);
        let terminator = [self.separators.terminator];
        if !self.leads_to(payload_end, &terminator)? {
            return Ok(false);
        }
        let end = self.start + payload_end;
        self.ends
            .extend(relative.iter().map(|end| position(self.start + end)));
        self.ends.push(position(end));
        self.pass_over(end + 1);
        self.next = end + 1;
        self.binary_fault = false;
        Ok(true)
    }

    /// Passes over the object of a package, whose `UNO` is current: so many bytes behind its terminator, and then a `UNP`.
    /// They become part of the gap before that. False when the length, as it is written, does not lead to one.
    ///
    /// # Errors
    /// The input's own.
    pub fn skip_object(&mut self, stated: &[u8]) -> io::Result<bool> {
        let Some(length) = self.believed(stated) else {
            return Ok(false);
        };
        // The object is not needed in one piece with its UNO.
        self.index.consume(self.count);
        self.count = 0;
        self.ends.clear();
        self.gap = self.next;
        self.start = self.next;
        self.scanned = self.scanned.max(self.next);
        if !self.leads_to(length, b"UNP")? {
            return Ok(false);
        }
        self.lead = length;
        self.pass_over(self.start + length);
        Ok(true)
    }

    /// A length that may be true.
    fn believed(&self, stated: &[u8]) -> Option<usize> {
        let length = digits(stated).and_then(|length| usize::try_from(length).ok())?;
        let allowed = if self.mistrust {
            self.limits.segment_bytes
        } else {
            self.limits.binary_bytes
        };
        (length <= allowed).then_some(length)
    }

    /// Whether these bytes stand `length` bytes behind the current start. If not, long lengths are not believed any more.
    fn leads_to(&mut self, length: usize, wanted: &[u8]) -> io::Result<bool> {
        self.ensure(length + wanted.len())?;
        let place = self.start + length;
        let there = self.buffer.get(..self.filled).unwrap_or_default();
        let leads = there
            .get(place..)
            .is_some_and(|rest| rest.starts_with(wanted));
        self.mistrust |= !leads;
        Ok(leads)
    }

    /// Takes the bytes before `end` out of the index. No byte behind it was released by one of them: it is no separator.
    fn pass_over(&mut self, end: usize) {
        if self.scanned >= end {
            self.index.consume_before(position(end));
            self.index.forget_released(position(end));
        } else {
            self.index.clear();
        }
        self.scanned = self.scanned.max(end);
    }
}
