//! Transaction sets in memory, for as long as the trailers that judge them are awaited: nothing of them is used before.
//! Bytes and positions of all sets lie in three buffers that the next group uses again.
//! Invariant: a set's bytes are exactly what the file holds from its ST to the end of its last segment, so that every
//! place in the buffer is a place in the file.

use super::headers::Set;
use super::reader::Reader;
use super::segment::Segment;

#[derive(Clone, Copy)]
struct Entry {
    start: u32,
    /// Where its ends begin in `ends`, and how many they are.
    first: u32,
    count: u32,
}

/// Where a set begins in each of the buffers.
#[derive(Clone, Copy, Default)]
struct Mark {
    bytes: usize,
    ends: usize,
    entries: usize,
}

struct Held {
    set: Set,
    mark: Mark,
    entries: usize,
}

/// The sets of a group that wait, and the one that is being read.
#[derive(Default)]
pub(super) struct SetBuffer {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    entries: Vec<Entry>,
    held: Vec<Held>,
    open: Mark,
}

impl SetBuffer {
    /// Forgets every set.
    pub(super) fn clear(&mut self) {
        self.held.clear();
        self.open = Mark::default();
        self.abandon();
    }

    /// Forgets the set that is being read.
    pub(super) fn abandon(&mut self) {
        self.bytes.truncate(self.open.bytes);
        self.ends.truncate(self.open.ends);
        self.entries.truncate(self.open.entries);
    }

    /// Adds the reader's current segment; false when the set would take more than `limit` bytes.
    pub(super) fn push(&mut self, reader: &Reader<'_>, limit: usize) -> bool {
        let segment = reader.segment();
        let gap = if self.entries.len() == self.open.entries {
            b"".as_slice()
        } else {
            reader.gap()
        };
        let start = self.bytes.len() + gap.len();
        let positions = (self.ends.len() - self.open.ends) * size_of::<u32>();
        if start - self.open.bytes + segment.raw().len() + positions >= limit {
            return false;
        }
        self.bytes.extend_from_slice(gap);
        self.bytes.extend_from_slice(segment.raw());
        self.bytes.push(reader.separators().terminator);
        let (Ok(start), Ok(first), Ok(count)) = (
            u32::try_from(start),
            u32::try_from(self.ends.len()),
            u32::try_from(segment.ends.len()),
        ) else {
            return false;
        };
        self.ends
            .extend(segment.ends.iter().map(|end| end - segment.start + start));
        self.entries.push(Entry {
            start,
            first,
            count,
        });
        true
    }

    /// The set that is being read has ended well: it waits with the others.
    pub(super) fn hold(&mut self, set: Set) {
        self.held.push(Held {
            set,
            mark: self.open,
            entries: self.entries.len(),
        });
        self.open = Mark {
            bytes: self.bytes.len(),
            ends: self.ends.len(),
            entries: self.entries.len(),
        };
    }

    /// Bytes that the sets take.
    pub(super) fn size(&self) -> usize {
        self.bytes.len()
            + self.ends.len() * size_of::<u32>()
            + self.entries.len() * size_of::<Entry>()
    }

    /// The sets that wait.
    pub(super) fn sets(&self) -> impl Iterator<Item = (&Set, SetView<'_>)> {
        self.held.iter().map(|held| {
            let entries = self
                .entries
                .get(held.mark.entries..held.entries)
                .unwrap_or_default();
            let start = held.mark.bytes;
            let view = SetView {
                bytes: &self.bytes,
                ends: &self.ends,
                entries,
                start,
                offset: held.set.offset,
                line: held.set.line,
            };
            (&held.set, view)
        })
    }

    /// How many sets wait.
    pub(super) fn len(&self) -> usize {
        self.held.len()
    }
}

/// The segments of one set.
#[derive(Clone, Copy)]
pub(super) struct SetView<'a> {
    bytes: &'a [u8],
    ends: &'a [u32],
    entries: &'a [Entry],
    /// Where the set begins in `bytes`, and where that is in the file.
    start: usize,
    offset: u64,
    line: u64,
}

/// Where a run of segments stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Extent {
    pub(super) byte_start: u64,
    pub(super) byte_end: u64,
    pub(super) line_start: u64,
    pub(super) line_end: u64,
}

/// A place whose line is known, so that the bytes before it are not counted again.
#[derive(Clone, Copy, Debug)]
pub(super) struct KnownLine {
    offset: u64,
    line: u64,
}

impl<'a> SetView<'a> {
    /// How many segments there are, ST and SE included.
    pub(super) fn len(&self) -> usize {
        self.entries.len()
    }

    /// Segment `index`, from 0.
    pub(super) fn segment(&self, index: usize) -> Option<Segment<'a>> {
        let entry = self.entries.get(index)?;
        let first = entry.first as usize;
        let ends = self.ends.get(first..first + entry.count as usize)?;
        // The buffer holds parts of the file in their order, so a place in it is never beyond that in the file.
        let origin = self.offset.saturating_sub(self.start as u64);
        Some(Segment {
            bytes: self.bytes,
            ends,
            start: entry.start,
            origin,
        })
    }

    /// The place where the set begins.
    pub(super) fn known_line(&self) -> KnownLine {
        KnownLine {
            offset: self.offset,
            line: self.line,
        }
    }

    /// The line of an offset in the file that is not before the known place, which becomes this one.
    pub(super) fn line_of(&self, offset: u64, known: &mut KnownLine) -> u64 {
        let place = |offset: u64| {
            let within = usize::try_from(offset.saturating_sub(self.offset)).unwrap_or(usize::MAX);
            self.start.saturating_add(within).min(self.bytes.len())
        };
        let between = self
            .bytes
            .get(place(known.offset)..place(offset))
            .unwrap_or_default();
        known.line += memchr::memchr_iter(b'\n', between).count() as u64;
        known.offset = offset;
        known.line
    }

    /// From the first byte of segment `first` to the terminator of segment `last`.
    pub(super) fn extent(
        &self,
        first: usize,
        last: usize,
        known: &mut KnownLine,
    ) -> Option<Extent> {
        let byte_start = self.segment(first)?.offset();
        let end = self.segment(last)?;
        let byte_end = end.offset() + end.raw().len() as u64 + 1;
        let line_start = self.line_of(byte_start, known);
        let line_end = self.line_of(byte_end - 1, known);
        Some(Extent {
            byte_start,
            byte_end,
            line_start,
            line_end,
        })
    }

    /// Whether every byte is ASCII.
    pub(super) fn is_ascii(&self) -> bool {
        let end = self
            .segment(self.len().saturating_sub(1))
            .and_then(|last| last.ends.last().copied());
        let end = end.map_or(self.bytes.len(), |end| end as usize);
        self.bytes
            .get(self.start..end)
            .unwrap_or_default()
            .is_ascii()
    }
}
