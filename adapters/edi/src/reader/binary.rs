//! Segments that hold bytes of any kind, `BIN` and `BDS`: read by the length they state (X12 elements 784 and 785).
//! A length that does not lead to a terminator is not believed; the segment is then split like any other and marked.
//! Invariant: lengths that lie cost no more than one read of [`Limits::binary_bytes`] for each interchange.
//!
//! [`Limits::binary_bytes`]: crate::x12::Limits::binary_bytes

use std::io;

use super::{Reader, position};

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

    /// Takes a segment whose last element has the length that the element before it says (X12 elements 784 and 785).
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
        let digits = self
            .buffer
            .get(*before as usize + 1..*last as usize)
            .unwrap_or_default();
        let length = std::str::from_utf8(digits)
            .ok()
            .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()));
        let Some(length) = length.and_then(|text| text.parse::<usize>().ok()) else {
            return Ok(false);
        };
        let allowed = if self.mistrust {
            self.limits.segment_bytes
        } else {
            self.limits.binary_bytes
        };
        if length > allowed {
            return Ok(false);
        }
        // Relative to the segment, because reading on moves the buffer.
        let relative: Vec<usize> = ends.iter().map(|end| *end as usize - self.start).collect();
        let payload_end = relative.last().map_or(0, |last| last + 1 + length);
        while self.filled - self.start <= payload_end {
            if !self.refill()? {
                self.mistrust = true;
                return Ok(false);
            }
        }
        let end = self.start + payload_end;
        if self.buffer.get(end) != Some(&self.separators.terminator) {
            self.mistrust = true;
            return Ok(false);
        }
        self.ends
            .extend(relative.iter().map(|end| position(self.start + end)));
        self.ends.push(position(end));
        self.next = end + 1;
        if self.scanned > end {
            self.index.consume_before(position(self.next))
        } else {
            self.index.clear()
        }
        self.scanned = self.scanned.max(self.next);
        self.binary_fault = false;
        Ok(true)
    }
}
