//! Messages (transaction sets) in memory, for as long as the trailers that judge them are awaited: nothing of them is used before.
//! Bytes and positions of all sets lie in three buffers that the next group uses again.
//! Invariant: a message's bytes are exactly what the file holds from its header to the end of its last segment, so that every
//! place in the buffer is a place in the file.

use crate::headers::Message;
use crate::reader::Reader;
use crate::segment::Segment;
use crate::separators::Separators;

#[derive(Clone, Copy)]
struct Entry {
    start: u32,
    /// Where its ends begin in `ends`, and how many they are.
    first: u32,
    count: u32,
}

/// Where a message begins in each of the buffers.
#[derive(Clone, Copy, Default)]
struct Mark {
    bytes: usize,
    ends: usize,
    entries: usize,
}

struct Held {
    message: Message,
    mark: Mark,
    entries: usize,
}

/// The messages of a group that wait, and the one that is being read.
///
/// ```
/// use edi::{Event, MessageBuffer, Walk, WalkOptions};
/// let file = "UNB+UNOA:3+S+R+260131:1200+7'UNH+1+ORDERS:D:96A:UN'BGM+220+4711+9'UNT+3+1'UNZ+1+7'";
/// let mut input = file.as_bytes();
/// let mut walk = Walk::new(&mut input, WalkOptions::default());
/// let mut buffer = MessageBuffer::default();
/// loop {
///     match walk.advance()? {
///         Event::Group => buffer.clear(),
///         Event::Message | Event::Segment => assert!(buffer.push(walk.reader(), 1 << 20)),
///         Event::MessageEnd(true) => {
///             assert!(buffer.push(walk.reader(), 1 << 20));
///             buffer.hold(walk.message().clone());
///         }
///         Event::MessageEnd(false) => buffer.abandon(),
///         Event::GroupEnd(true) => {
///             let (message, view) = buffer.messages().next().expect("there is one");
///             assert_eq!((message.id.as_str(), view.len()), ("ORDERS", 3));
///         }
///         Event::End => break,
///         _ => {}
///     }
/// }
/// # Ok::<(), std::io::Error>(())
/// ```
#[derive(Default)]
pub struct MessageBuffer {
    bytes: Vec<u8>,
    ends: Vec<u32>,
    entries: Vec<Entry>,
    /// For each segment of a held message the node of its structure, once it was judged.
    nodes: Vec<u16>,
    held: Vec<Held>,
    open: Mark,
    separators: Separators,
}

impl MessageBuffer {
    /// Forgets every message.
    pub fn clear(&mut self) {
        self.held.clear();
        self.open = Mark::default();
        self.abandon();
    }

    /// Forgets the message that is being read.
    pub fn abandon(&mut self) {
        self.bytes.truncate(self.open.bytes);
        self.ends.truncate(self.open.ends);
        self.entries.truncate(self.open.entries);
        self.nodes.truncate(self.open.entries);
    }

    /// Forgets the message that was held last.
    pub(crate) fn drop_last(&mut self) {
        if let Some(held) = self.held.pop() {
            self.open = held.mark;
            self.abandon();
        }
    }

    /// Keeps the nodes of the message that was held last; false when they are not as many as its segments.
    pub(crate) fn note(&mut self, nodes: &[u16]) -> bool {
        self.nodes.extend_from_slice(nodes);
        self.nodes.len() == self.entries.len()
    }

    /// Adds the reader's current segment; false when the message would take more than `limit` bytes.
    pub fn push(&mut self, reader: &Reader<'_>, limit: usize) -> bool {
        self.separators = reader.separators();
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

    /// The message that is being read has ended well: it waits with the others.
    pub fn hold(&mut self, message: Message) {
        self.held.push(Held {
            message,
            mark: self.open,
            entries: self.entries.len(),
        });
        self.open = Mark {
            bytes: self.bytes.len(),
            ends: self.ends.len(),
            entries: self.entries.len(),
        };
    }

    /// Bytes that the messages take.
    #[must_use]
    pub fn size(&self) -> usize {
        self.bytes.len()
            + self.ends.len() * size_of::<u32>()
            + self.entries.len() * (size_of::<Entry>() + size_of::<u16>())
    }

    /// The messages that wait.
    pub fn messages(&self) -> impl Iterator<Item = (&Message, MessageView<'_>)> {
        self.held
            .iter()
            .map(|held| (&held.message, self.view(held)))
    }

    /// The messages that wait, with their nodes.
    pub(crate) fn judged(&self) -> impl Iterator<Item = (&Message, MessageView<'_>, &[u16])> {
        self.held.iter().map(|held| {
            let nodes = self.nodes.get(held.mark.entries..held.entries);
            (&held.message, self.view(held), nodes.unwrap_or_default())
        })
    }

    /// Whether no message waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// The message that was held last.
    pub(crate) fn last(&self) -> Option<(&Message, MessageView<'_>)> {
        self.held
            .last()
            .map(|held| (&held.message, self.view(held)))
    }

    fn view(&self, held: &Held) -> MessageView<'_> {
        let entries = self.entries.get(held.mark.entries..held.entries);
        MessageView {
            bytes: &self.bytes,
            ends: &self.ends,
            entries: entries.unwrap_or_default(),
            start: held.mark.bytes,
            offset: held.message.offset,
            line: held.message.line,
            separators: self.separators,
        }
    }

    /// How many messages wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }
}

/// The segments of one message.
#[derive(Clone, Copy)]
pub struct MessageView<'a> {
    bytes: &'a [u8],
    ends: &'a [u32],
    entries: &'a [Entry],
    /// Where the message begins in `bytes`, and where that is in the file.
    start: usize,
    offset: u64,
    line: u64,
    separators: Separators,
}

/// Where a run of segments stands in the file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Extent {
    /// Offset of the first byte.
    pub byte_start: u64,
    /// Offset behind the last byte.
    pub byte_end: u64,
    /// Line of the first byte, from 1.
    pub line_start: u64,
    /// Line of the last byte, from 1.
    pub line_end: u64,
}

/// A place whose line is known, so that the bytes before it are not counted again.
#[derive(Clone, Copy, Debug)]
pub struct KnownLine {
    offset: u64,
    line: u64,
}

impl<'a> MessageView<'a> {
    /// How many segments there are, header and trailer included.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    /// The segments in order.
    pub fn segments(self) -> impl Iterator<Item = Segment<'a>> {
        (0..self.entries.len()).map_while(move |index| self.segment(index))
    }

    /// Segment `index`, from 0.
    #[must_use]
    pub fn segment(&self, index: usize) -> Option<Segment<'a>> {
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
            separators: self.separators,
        })
    }

    /// The place where the message begins.
    #[must_use]
    pub fn known_line(&self) -> KnownLine {
        KnownLine {
            offset: self.offset,
            line: self.line,
        }
    }

    /// The line of an offset in the file that is not before the known place, which becomes this one.
    #[must_use]
    pub fn line_of(&self, offset: u64, known: &mut KnownLine) -> u64 {
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
    #[must_use]
    pub fn extent(&self, first: usize, last: usize, known: &mut KnownLine) -> Option<Extent> {
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
    #[must_use]
    pub fn is_ascii(&self) -> bool {
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

#[cfg(test)]
impl MessageBuffer {
    /// One message of these segments, at the start of a file.
    pub(crate) fn sample(text: &[u8], separators: Separators, message: Message) -> Self {
        let mut buffer = Self {
            bytes: text.to_vec(),
            separators,
            ..Self::default()
        };
        let (mut start, mut released) = (0, false);
        let mut ends = Vec::new();
        for (place, &byte) in (0_u32..).zip(text) {
            let data = released;
            released = !data && Some(byte) == separators.release;
            let separates = !data && (byte == separators.element || Some(byte) == separators.tag);
            let ends_segment = !data && byte == separators.terminator;
            if separates || ends_segment {
                ends.push(place);
            }
            if ends_segment {
                buffer.entries.push(Entry {
                    start,
                    first: u32::try_from(buffer.ends.len()).unwrap(),
                    count: u32::try_from(ends.len()).unwrap(),
                });
                buffer.ends.append(&mut ends);
                let gap = text[place as usize + 1..]
                    .iter()
                    .take_while(|byte| **byte == b'\n');
                start = place + 1 + u32::try_from(gap.count()).unwrap();
            }
        }
        buffer.hold(message);
        buffer
    }
}
