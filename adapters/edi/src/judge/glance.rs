//! Tells at a glance that an element breaks no rule, eight bytes at a time and without a branch for each byte. Nearly every
//! element of nearly every file is settled here; of all others nothing is said but that they need a closer look.
//! Invariant: what passes here breaks no rule in a closer look either.

use super::period::{is_date, is_time};
use super::tables::{SegmentTable, Test, Use};
use crate::charset::Charset;
use crate::dictionary::Note;
use crate::separators::Separators;

/// A byte in every place of a word.
const fn every(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The upper bit of every byte.
const UPPER: u64 = every(0x80);

/// The upper bit of each byte that is zero, up to the lowest that is: those above it may be wrong.
const fn zeros(word: u64) -> u64 {
    word.wrapping_sub(every(1)) & !word & UPPER
}

/// Non-zero when a byte is below 32.
const fn controls(word: u64) -> u64 {
    word.wrapping_sub(every(b' ')) & !word & UPPER
}

/// Non-zero when a byte is no digit.
const fn no_digits(word: u64) -> u64 {
    let upper = every(0xF0);
    ((word & upper) | (word.wrapping_add(every(6)) & upper)) ^ every(b'0')
        | (word & upper) ^ every(b'0')
}

/// Part of a buffer, which goes on behind it.
#[derive(Clone, Copy)]
pub(super) struct Window<'v> {
    pub(super) buffer: &'v [u8],
    pub(super) start: usize,
    pub(super) end: usize,
}

impl<'v> Window<'v> {
    pub(super) fn is_empty(self) -> bool {
        self.start >= self.end
    }

    fn len(self) -> usize {
        self.end - self.start
    }

    pub(super) fn bytes(self) -> &'v [u8] {
        self.buffer.get(self.start..self.end).unwrap_or_default()
    }

    /// The eight bytes from `at` on; none where the buffer ends before.
    fn word(self, at: usize) -> Option<u64> {
        let bytes = self.buffer.get(at..)?.first_chunk()?;
        Some(u64::from_le_bytes(*bytes))
    }

    /// Whether a question, which a byte answers with a bit of its own, is answered with none by all bytes.
    fn none(self, ask: impl Fn(u64) -> u64) -> bool {
        let Some(first) = self.word(self.start) else {
            return false;
        };
        let length = self.len();
        if length <= 8 {
            // What is behind the value looks like a digit, which is plain to everybody.
            let keep = u64::MAX
                .checked_shr(64 - 8 * u32::try_from(length).unwrap_or(8))
                .unwrap_or(0);
            return ask((first & keep) | (every(b'0') & !keep)) == 0;
        }
        let last = self.end - 8;
        let mut found = ask(first);
        let mut at = self.start + 8;
        while at < last {
            found |= self.word(at).map_or(u64::MAX, &ask);
            at += 8;
        }
        (found | self.word(last).map_or(u64::MAX, &ask)) == 0
    }
}

/// What plain text is, under certain separators and in a certain character set.
pub(super) struct Glance {
    component: u64,
    repetition: u64,
    release: u64,
    /// Bytes above this one are not plain.
    beyond: u64,
    /// Nor are these.
    marks: [u64; 3],
}

impl Glance {
    pub(super) fn new(separators: &Separators, charset: Option<&Charset>) -> Self {
        // Of the levels that lack some characters of ASCII, what the least of them has is plain: up to `Z`, without these.
        let lacking = charset.is_some_and(|charset| charset.foreign("#$@[]^_`{|}~").is_some());
        let (last, marks) = if lacking {
            (b'Z', *b"#$@")
        } else {
            (b'~', [0x7F; 3])
        };
        Self {
            component: every(separators.component),
            // The terminator stands in no element: it is in place of what there is not.
            repetition: every(separators.repetition.unwrap_or(separators.terminator)),
            release: every(separators.release.unwrap_or(separators.terminator)),
            beyond: every(0x7F - last),
            marks: marks.map(every),
        }
    }

    /// Whether an element breaks no rule, as far as can be told.
    #[inline]
    pub(super) fn passes(&self, used: &Use, element: Window<'_>) -> bool {
        match &used.components {
            None => self.value(used, element),
            Some(table) => self.composite(table, element),
        }
    }

    #[inline]
    fn value(&self, used: &Use, value: Window<'_>) -> bool {
        let length = value.len();
        if length < used.min as usize || length > used.max as usize {
            return used.test == Test::Any;
        }
        match used.test {
            Test::Any => true,
            Test::Text => value.buffer.get(value.start) != Some(&b' ') && self.is_text(value),
            Test::Codes => used
                .codes
                .as_ref()
                .is_some_and(|codes| codes.contains(value.bytes())),
            Test::Digits => value.none(no_digits),
            Test::Decimal => is_decimal(value.bytes(), used.min as usize),
            Test::Date => is_date(value.bytes()),
            Test::Time => is_time(value.bytes()),
            Test::Closer => false,
        }
    }

    #[inline]
    fn is_text(&self, value: Window<'_>) -> bool {
        value.none(|word| {
            let services = zeros(word ^ self.component)
                | zeros(word ^ self.repetition)
                | zeros(word ^ self.release);
            let [a, b, c] = self.marks.map(|mark| zeros(word ^ mark));
            let beyond = (word.wrapping_add(self.beyond) | word) & UPPER;
            services | controls(word) | beyond | a | b | c
        })
    }

    /// A composite without repetitions and release characters, whose components all pass.
    fn composite(&self, table: &SegmentTable, element: Window<'_>) -> bool {
        let mut present = 0;
        let (mut value, mut format): (&[u8], &[u8]) = (&[], &[]);
        let mut at = element.start;
        for (position, used) in (1_u16..).zip(&table.uses) {
            let Some(end) = self.component_end(element, at) else {
                return false;
            };
            if end > at {
                let component = Window {
                    start: at,
                    end,
                    ..element
                };
                if !self.value(used, component) {
                    return false;
                }
                present |= Note::bit(position.into());
                if let Some(pair) = table.period {
                    if pair.value == position {
                        value = component.bytes();
                    } else if pair.format == position {
                        format = component.bytes();
                    }
                }
            }
            if end == element.end {
                // The last component says something: no separator trails.
                return end > at && table.holds(present) && table.period_fits(value, format);
            }
            at = end + 1;
        }
        false
    }

    /// Where the component ends that begins at `at`; none where a release character or a repetition may be in it.
    #[inline]
    fn component_end(&self, element: Window<'_>, at: usize) -> Option<usize> {
        let mut from = at;
        loop {
            let word = element.word(from)?;
            let ends = zeros(word ^ self.component);
            let others = zeros(word ^ self.release) | zeros(word ^ self.repetition);
            let place = from + (ends.trailing_zeros() / 8) as usize;
            let end = place.min(element.end).min(from + 8);
            let other = from + (others.trailing_zeros() / 8) as usize;
            if other < end {
                return None;
            }
            if end < from + 8 || end == element.end {
                return Some(end);
            }
            from += 8;
        }
    }
}

/// Digits, at least so many, with at most one full stop among them.
#[inline]
fn is_decimal(bytes: &[u8], least: usize) -> bool {
    let (mut points, mut others) = (0_usize, 0_usize);
    for byte in bytes {
        points += usize::from(*byte == b'.');
        others += usize::from(!byte.is_ascii_digit());
    }
    let within = bytes.first() != Some(&b'.') && bytes.last() != Some(&b'.');
    others == points && points <= 1 && within && bytes.len() >= least + points
}
