//! Cuts a document the plain way, one byte after the other, so that the tests know places without asking the engine.
//! Knows no binary data and no other separators than it is told.
//! Invariant: places are offsets in the bytes it was given.

use std::ops::Range;

use edi::Place;

/// The service characters of a base.
#[derive(Clone, Copy)]
pub(crate) struct Marks {
    pub(crate) element: u8,
    pub(crate) component: u8,
    pub(crate) repetition: u8,
    pub(crate) terminator: u8,
    pub(crate) release: Option<u8>,
    /// Behind a tag.
    pub(crate) tag: u8,
    /// Header and trailer of interchange and message.
    pub(crate) tags: [&'static str; 3],
}

impl Marks {
    /// Those of the syntax that the base's name begins with.
    pub(crate) fn of(base: &str) -> Self {
        let edifact = Self {
            element: b'+',
            component: b':',
            repetition: b'*',
            terminator: b'\'',
            release: Some(b'?'),
            tag: b'+',
            tags: ["UNB", "UNH", "UNT"],
        };
        match base.split('-').next() {
            Some("x12") => Self {
                element: b'*',
                component: b'>',
                repetition: b'^',
                terminator: b'~',
                release: None,
                tag: b'*',
                tags: ["ISA", "ST", "SE"],
            },
            Some("tradacoms") => Self {
                tag: b'=',
                tags: ["STX", "MHD", "MTR"],
                ..edifact
            },
            _ => edifact,
        }
    }

    /// The ranges between the separators within a range.
    fn split(&self, bytes: &[u8], range: Range<usize>, separators: &[u8]) -> Vec<Range<usize>> {
        let mut parts = Vec::new();
        let (mut start, mut released) = (range.start, false);
        for at in range.clone() {
            let byte = bytes[at];
            if separators.contains(&byte) && !released {
                parts.push(start..at);
                start = at + 1;
            }
            released = !released && self.release == Some(byte);
        }
        parts.push(start..range.end);
        parts
    }
}

/// A document in its segments.
pub(crate) struct Cut {
    pub(crate) bytes: Vec<u8>,
    pub(crate) marks: Marks,
    /// Each without its terminator.
    pub(crate) segments: Vec<Range<usize>>,
}

/// What the trailer of a message says, and what is so.
pub(crate) struct Counted {
    pub(crate) counted: Option<usize>,
    pub(crate) stated: Option<usize>,
    /// Where it says so.
    pub(crate) place: Option<Range<usize>>,
}

impl Cut {
    pub(crate) fn new(bytes: Vec<u8>, marks: Marks) -> Self {
        let una = bytes.starts_with(b"UNA");
        let mut segments = marks.split(
            &bytes,
            if una { 9 } else { 0 }..bytes.len(),
            &[marks.terminator],
        );
        for segment in &mut segments {
            let blank = bytes[segment.clone()]
                .iter()
                .take_while(|byte| byte.is_ascii_whitespace());
            segment.start += blank.count();
        }
        segments.retain(|segment| !segment.is_empty());
        Self {
            bytes,
            marks,
            segments,
        }
    }

    pub(crate) fn tag(&self, index: usize) -> &str {
        let segment = &self.bytes[self.segments[index].clone()];
        let end = segment
            .iter()
            .position(|byte| !byte.is_ascii_alphanumeric());
        std::str::from_utf8(&segment[..end.unwrap_or(segment.len())]).unwrap()
    }

    /// The segments at which something of this tag begins; where messages do, packages do as well.
    fn headers(&self, tag: &str) -> Vec<usize> {
        let all = 0..self.segments.len();
        let begins = |found: &str| found == tag || (tag, found) == ("UNH", "UNO");
        all.filter(|index| begins(self.tag(*index))).collect()
    }

    /// Every message, by its trailer.
    pub(crate) fn messages(&self) -> Vec<Counted> {
        let [_, header, trailer] = self.marks.tags;
        let message = |first: usize| {
            let last = (first..self.segments.len()).find(|index| self.tag(*index) == trailer);
            let place = last.map(|last| self.elements(last)[1].clone());
            let text = place
                .clone()
                .map(|place| String::from_utf8_lossy(&self.bytes[place]).into_owned());
            Counted {
                counted: last.map(|last| last - first + 1),
                stated: text.and_then(|text| text.parse().ok()),
                place,
            }
        };
        self.headers(header).into_iter().map(message).collect()
    }

    /// Tag and elements of a segment.
    fn elements(&self, index: usize) -> Vec<Range<usize>> {
        let segment = self.segments[index].clone();
        let tag_end = segment.start + self.tag(index).len();
        let mut elements: Vec<Range<usize>> = Vec::new();
        elements.push(segment.start..tag_end);
        if tag_end < segment.end {
            let marks = &self.marks;
            elements.extend(marks.split(&self.bytes, tag_end + 1..segment.end, &[marks.element]));
        }
        elements.resize(elements.len().max(2), segment.end..segment.end);
        elements
    }

    /// The offsets that a place may mean: one, or, where it stands in no message, one in each interchange.
    pub(crate) fn offsets(&self, place: &Place) -> Vec<usize> {
        let [interchange, message, _] = self.marks.tags;
        let ordinal = usize::try_from(place.segment).unwrap();
        let firsts = match place.record {
            Some(record) => {
                let record = usize::try_from(record).unwrap();
                self.headers(message)
                    .into_iter()
                    .skip(record)
                    .take(1)
                    .collect()
            }
            None => self.headers(interchange),
        };
        let indices = firsts
            .into_iter()
            .filter_map(|first| (first + ordinal).checked_sub(1));
        indices
            .filter(|index| *index < self.segments.len())
            .map(|index| self.within(index, place))
            .collect()
    }

    /// Where an element, repetition or component of a segment begins; what is not there begins where the segment or element ends.
    fn within(&self, index: usize, place: &Place) -> usize {
        if place.element == 0 {
            return self.segments[index].start;
        }
        let nth = |parts: Vec<Range<usize>>, number: u16, end: usize| {
            let found = parts.get(usize::from(number) - 1).cloned();
            found.unwrap_or(end..end)
        };
        let end = self.segments[index].end;
        let element = nth(self.elements(index), place.element + 1, end);
        let marks = &self.marks;
        let repetitions = marks.split(&self.bytes, element.clone(), &[marks.repetition]);
        let repetition = match place.repetition {
            0 => element,
            number => nth(repetitions, number, element.end),
        };
        match place.component {
            0 => repetition.start,
            number => {
                let parts = marks.split(&self.bytes, repetition.clone(), &[marks.component]);
                nth(parts, number, repetition.end).start
            }
        }
    }
}
