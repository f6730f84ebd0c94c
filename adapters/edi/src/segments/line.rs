//! One segment as JSON, and the rule by which its bytes are made again.
//! Never writes a list of elements from which other bytes would come: such a segment is written as it stands.
//! Invariant: [`put`] is the only place that knows where release characters belong.

use std::io;

use crate::charset::Encoding;
use crate::headers::digits;
use crate::segment::{Segment, Tag};
use crate::separators::Separators;
use crate::syntax::Syntax;

/// How a segment is written.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) syntax: Syntax,
    /// What the interchange's characters are.
    pub(super) encoding: Encoding,
    /// Whether a terminator follows.
    pub(super) terminated: bool,
}

/// Adds the line of a segment, with its end.
pub(super) fn write(segment: &Segment<'_>, form: Form, line: &mut Vec<u8>) -> io::Result<()> {
    let raw = segment.raw();
    let encoding = encoding_of(raw, form.encoding);
    let start = line.len();
    let mut pen = Pen {
        segment,
        encoding,
        line,
        bytes: Vec::with_capacity(raw.len()),
    };
    pen.list(form.syntax)?;
    let same = pen.bytes == raw;
    if !same {
        line.truncate(start);
        string(&encoding.decode(raw).unwrap_or_default(), line)?;
    }
    if !same || encoding != form.encoding || !form.terminated {
        let list = line.split_off(start);
        line.extend_from_slice(b"{\"segment\":");
        line.extend_from_slice(&list);
        if encoding != form.encoding {
            line.extend_from_slice(format!(",\"charset\":\"{}\"", encoding.name()).as_bytes());
        }
        if !form.terminated {
            line.extend_from_slice(b",\"terminator\":false");
        }
        line.push(b'}');
    }
    line.push(b'\n');
    Ok(())
}

/// Adds a string of JSON.
pub(super) fn string(text: &str, line: &mut Vec<u8>) -> io::Result<()> {
    Ok(serde_json::to_writer(line, text)?)
}

/// An encoding that gives these bytes again: the usual one, or UTF-8, or ISO 8859-1, which gives all.
pub(super) fn encoding_of(bytes: &[u8], usual: Encoding) -> Encoding {
    let gives = |encoding: Encoding| {
        let text = encoding.decode(bytes);
        text.is_some_and(|text| encoding.encode(&text).is_ok_and(|again| again == bytes))
    };
    if bytes.is_ascii() {
        return usual;
    }
    let mut known = [usual, Encoding::UTF8].into_iter();
    known
        .find(|encoding| gives(*encoding))
        .unwrap_or(Encoding::LATIN1)
}

/// Adds a value, with release characters before what would separate.
pub(super) fn put(data: &[u8], separators: &Separators, bytes: &mut Vec<u8>) {
    let Some(release) = separators.release else {
        bytes.extend_from_slice(data);
        return;
    };
    for &byte in data {
        if byte == release || separates(byte, separators) {
            bytes.push(release);
        }
        bytes.push(byte);
    }
}

/// Whether this byte separates within an interchange.
pub(super) fn separates(byte: u8, separators: &Separators) -> bool {
    let Separators {
        element,
        component,
        repetition,
        terminator,
        ..
    } = *separators;
    [element, component, terminator].contains(&byte) || repetition == Some(byte)
}

/// Whether the values of this segment are never split: an ISA is where the separators come from.
pub(super) fn is_plain(syntax: Syntax, tag: &[u8]) -> bool {
    syntax == Syntax::X12 && tag == b"ISA"
}

/// Which element of a segment with so many holds bytes of any kind (X12 785).
pub(super) fn payload(syntax: Syntax, tag: &[u8], count: usize) -> Option<usize> {
    match (tag, count) {
        (b"BIN", 2) | (b"BDS", 3) if syntax == Syntax::X12 => Some(count),
        _ => None,
    }
}

/// Whether a payload has the length that the element before it states.
pub(super) fn is_whole(stated: &[u8], payload: &[u8]) -> bool {
    digits(stated) == Some(payload.len() as u64)
}

/// How long the object is that follows a UNO.
pub(super) fn object_of(segment: &Segment<'_>, syntax: Syntax) -> Option<Vec<u8>> {
    let is_package = syntax == Syntax::Edifact && segment.tag() == Tag::new(b"UNO");
    is_package.then(|| crate::walk::object_length(segment))
}

/// Writes JSON, and beside it the bytes that would be made of it.
struct Pen<'a> {
    segment: &'a Segment<'a>,
    encoding: Encoding,
    line: &'a mut Vec<u8>,
    bytes: Vec<u8>,
}

impl Pen<'_> {
    fn list(&mut self, syntax: Syntax) -> io::Result<()> {
        let (separators, count) = (*self.segment.separators(), self.segment.count());
        let tag = self.segment.element(0);
        let whole = |number: &usize| {
            is_whole(
                self.segment.element(number.saturating_sub(1)),
                self.segment.element(*number),
            )
        };
        let payload = payload(syntax, tag, count).filter(whole);
        self.line.push(b'[');
        for number in 0..=count {
            match number {
                0 => {}
                1 => {
                    let separator = separators.tag.unwrap_or(separators.element);
                    self.bytes.push(separator);
                }
                _ => self.bytes.push(separators.element),
            }
            if number > 0 {
                self.line.push(b',');
            }
            if is_plain(syntax, tag) || payload == Some(number) {
                let data = self.segment.element(number);
                self.bytes.extend_from_slice(data);
                self.text(data)?;
            } else {
                self.element(number)?;
            }
        }
        self.line.push(b']');
        Ok(())
    }

    fn element(&mut self, number: usize) -> io::Result<()> {
        let mut repetitions = self.segment.repetitions(number).peekable();
        let first = repetitions.next().unwrap_or_default();
        if repetitions.peek().is_none() {
            return self.composite(first);
        }
        self.line.extend_from_slice(b"{\"repeat\":[");
        self.composite(first)?;
        for repetition in repetitions {
            self.line.push(b',');
            self.bytes.extend(self.segment.separators().repetition);
            self.composite(repetition)?;
        }
        self.line.extend_from_slice(b"]}");
        Ok(())
    }

    fn composite(&mut self, piece: &[u8]) -> io::Result<()> {
        let mut components = self.segment.components(piece).peekable();
        let first = components.next().unwrap_or_default();
        if components.peek().is_none() {
            return self.value(first);
        }
        self.line.push(b'[');
        self.value(first)?;
        for component in components {
            self.line.push(b',');
            self.bytes.push(self.segment.separators().component);
            self.value(component)?;
        }
        self.line.push(b']');
        Ok(())
    }

    fn value(&mut self, piece: &[u8]) -> io::Result<()> {
        let data = self.segment.released(piece);
        put(&data, self.segment.separators(), &mut self.bytes);
        self.text(&data)
    }

    fn text(&mut self, data: &[u8]) -> io::Result<()> {
        match self.encoding.decode(data) {
            Some(text) => string(&text, self.line),
            // The whole segment was decoded, so only a separator beyond ASCII can split a character.
            None => {
                self.bytes.clear();
                string("", self.line)
            }
        }
    }
}
