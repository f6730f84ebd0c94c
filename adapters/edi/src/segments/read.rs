//! From a file to lines. Knows where interchanges begin and end, and nothing else about them.
//! Invariant: every byte that the reader was given is in exactly one line, or is what `after` says.

use std::cell::RefCell;
use std::io::{self, Read};

use super::line::{self, Form};
use super::source::{Kept, Source, whole};
use super::{LINE_ENDS, TEXT, ends_interchange};
use crate::charset::{Charset, Encoding};
use crate::header::Header;
use crate::headers::{Interchange, shown};
use crate::limits::Limits;
use crate::reader::{Advance, Opening, Reader, TextPolicy};
use crate::segment::Segment;
use crate::syntax::Syntax;

/// Writes the lines of a file, each to one call of `sink`, with its line end.
///
/// ```
/// use edi::segments::{Back, to_lines};
/// let file = b"UNB+UNOC:3+S+R+260131:1200+7'UNH+1+ORDERS:D:96A:UN'FTX+AAI+++10 ?+ 1 M\xFCller:x'UNT+3+1'UNZ+1+7'\n";
/// let mut lines = Vec::new();
/// to_lines(&mut file.as_slice(), &mut |line| Ok(lines.extend_from_slice(line)))?;
/// let text = String::from_utf8(lines).unwrap();
/// assert_eq!(text.lines().nth(3), Some(r#"["FTX","AAI","","",["10 + 1 Müller","x"]]"#));
///
/// let (mut back, mut again) = (Back::default(), Vec::new());
/// for line in text.replace("10 + 1", "11?").lines() {
///     back.line(line.as_bytes(), &mut again).unwrap();
/// }
/// back.finish(&mut again);
/// assert!(again.windows(8).any(|bytes| bytes == b"11?? M\xFCl"));
/// # Ok::<(), std::io::Error>(())
/// ```
///
/// # Errors
/// The input's and the sink's own. What is wrong with the content is none: it is written as it stands.
pub fn to_lines(
    input: &mut dyn Read,
    sink: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    within(Limits::default(), input, sink)
}

/// The same with these limits: what is longer is text.
pub(super) fn within(
    limits: Limits,
    input: &mut dyn Read,
    sink: &mut dyn FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let kept = RefCell::new(Kept::default());
    // As much as the reader may look ahead; beyond that there is nothing but text.
    let most = limits.binary_bytes * 2;
    let mut source = Source::new(input, &kept, most);
    let mut lines = Lines {
        sink,
        kept: &kept,
        line: Vec::new(),
        form: Form {
            syntax: Syntax::X12,
            encoding: Encoding::UTF8,
            terminated: true,
        },
        held: None,
        after: b"",
        pending: false,
        cut: false,
    };
    lines.interchanges(&mut Reader::new(&mut source, limits))?;
    lines.rest(&mut source)
}

/// An interchange of which only the header was read: what follows each segment shows at the second.
struct Held {
    interchange: Vec<u8>,
    header: Vec<u8>,
}

struct Lines<'k> {
    sink: &'k mut dyn FnMut(&[u8]) -> io::Result<()>,
    kept: &'k RefCell<Kept>,
    line: Vec<u8>,
    form: Form,
    held: Option<Held>,
    after: &'static [u8],
    /// A segment was written: whoever writes back would let `after` follow.
    pending: bool,
    /// The lines of one width that are declared have not ended.
    cut: bool,
}

impl Lines<'_> {
    /// Everything up to where no interchange can be read any more.
    fn interchanges(&mut self, reader: &mut Reader<'_>) -> io::Result<()> {
        while let Opening::Header { header, .. } = reader.open(TextPolicy::Skip)? {
            let advance = reader.advance()?;
            if advance == Advance::TooLong {
                break;
            }
            self.open(reader, &header)?;
            if !self.segments(reader, advance)? {
                break;
            }
        }
        Ok(())
    }

    /// The header is current.
    fn open(&mut self, reader: &Reader<'_>, header: &Header) -> io::Result<()> {
        let segment = reader.segment();
        let begin = segment.offset() - header.before as u64;
        self.declare_lines()?;
        let end = segment.offset() + segment.raw().len() as u64 + 1;
        let ends_lines = self.ends_lines(end)?;
        self.text_to(begin, ends_lines)?;
        let una = self.kept.borrow_mut().take(segment.offset());
        self.form = Form {
            syntax: header.syntax,
            encoding: encoding(header.syntax, &segment),
            terminated: true,
        };
        self.held = Some(Held {
            interchange: describe(header, &una, self.form.encoding)?,
            header: Vec::new(),
        });
        Ok(())
    }

    /// The segments of one interchange, the first of which is current. False when nothing more can be read.
    fn segments(&mut self, reader: &mut Reader<'_>, header: Advance) -> io::Result<bool> {
        let mut advance = header;
        let mut first = true;
        loop {
            match advance {
                Advance::End => return Ok(true),
                _ if !first && header_begins(reader) => {
                    reader.rewind();
                    return Ok(true);
                }
                Advance::TooLong => return Ok(false),
                Advance::Segment | Advance::Unterminated => {}
            }
            self.segment(&reader.segment(), advance == Advance::Segment)?;
            if ends_interchange(reader.segment().tag()) || advance == Advance::Unterminated {
                return Ok(true);
            }
            if let Some(length) = line::object_of(&reader.segment(), self.form.syntax) {
                reader.skip_object(&length)?;
            }
            first = false;
            advance = reader.advance()?;
        }
    }

    fn segment(&mut self, segment: &Segment<'_>, terminated: bool) -> io::Result<()> {
        let end = segment.offset() + segment.raw().len() as u64 + u64::from(terminated);
        let mut line = std::mem::take(&mut self.line);
        line.clear();
        let form = Form {
            terminated,
            ..self.form
        };
        line::write(segment, form, &mut line)?;
        match &mut self.held {
            Some(held) if held.header.is_empty() => {
                held.header = line;
                self.kept.borrow_mut().pass(end);
                return Ok(());
            }
            _ => {}
        }
        let ends_lines = self.ends_lines(end)?;
        self.text_to(segment.offset(), ends_lines)?;
        self.kept.borrow_mut().pass(end);
        (self.sink)(&line)?;
        self.line = line;
        self.pending = true;
        Ok(())
    }

    /// Writes the header that was held back, now that it is known what follows it.
    fn release(&mut self, gap: &[u8]) -> io::Result<()> {
        let Some(mut held) = self.held.take() else {
            return Ok(());
        };
        let usual = LINE_ENDS.into_iter().find(|end| *end == gap);
        self.after = usual.unwrap_or_default();
        if !self.after.is_empty() {
            held.interchange.extend_from_slice(b",\"after\":");
            line::string(&latin(self.after), &mut held.interchange)?;
        }
        held.interchange.extend_from_slice(b"}}\n");
        (self.sink)(&held.interchange)?;
        (self.sink)(&held.header)?;
        self.pending = true;
        Ok(())
    }
}

impl Lines<'_> {
    /// Text up to this offset, unless it is what follows every segment anyway and need not be stated.
    fn text_to(&mut self, end: u64, stated: bool) -> io::Result<()> {
        let text = self.kept.borrow_mut().take(end);
        self.release(&text)?;
        self.text(&text, stated)
    }

    fn text(&mut self, text: &[u8], stated: bool) -> io::Result<()> {
        let usual = if self.pending { self.after } else { b"" };
        if text == usual && !(stated && self.pending) {
            self.pending = false;
            return Ok(());
        }
        self.pending = false;
        if text.is_empty() {
            return (self.sink)(b"{\"text\":\"\"}\n");
        }
        let mut rest = text;
        while !rest.is_empty() {
            let (piece, more) = rest.split_at(whole(rest, TEXT));
            rest = more;
            let encoding = line::encoding_of(piece, Encoding::UTF8);
            let mut line = b"{\"text\":".to_vec();
            line::string(&encoding.decode(piece).unwrap_or_default(), &mut line)?;
            if encoding != Encoding::UTF8 {
                line.extend_from_slice(format!(",\"charset\":\"{}\"", encoding.name()).as_bytes());
            }
            line.extend_from_slice(b"}\n");
            (self.sink)(&line)?;
        }
        Ok(())
    }

    /// What the reader had no use for.
    fn rest(&mut self, source: &mut Source<'_>) -> io::Result<()> {
        self.declare_lines()?;
        source.unbounded();
        let mut room = vec![0; TEXT];
        loop {
            while self.kept.borrow().len() <= TEXT && source.read(&mut room)? > 0 {}
            let length = self.kept.borrow().len();
            let end = self.kept.borrow().end_of(TEXT);
            let ends_lines = self.ends_lines(end)?;
            let lines = self.kept.borrow().lines().filter(|_| self.cut);
            let tail = lines.map_or("", |lines| lines.tail());
            if length > TEXT || tail.is_empty() {
                self.text_to(end, ends_lines)?;
            } else {
                self.text_to(end, true)?;
                self.end_lines(0, tail)?;
            }
            if length <= TEXT {
                return Ok(());
            }
        }
    }

    /// Says that the file was cut into lines of one width, behind its mark.
    fn declare_lines(&mut self) -> io::Result<()> {
        let (lines, offset) = (self.kept.borrow().lines(), self.kept.borrow().offset());
        let Some(lines) = lines.filter(|_| offset == 0) else {
            return Ok(());
        };
        self.cut = true;
        let from = self.kept.borrow().lines_from();
        self.text_to(from, false)?;
        let line = serde_json::json!({"lines": {"width": lines.width(), "end": lines.ending()}});
        (self.sink)(format!("{line}\n").as_bytes())
    }

    /// Says where the lines end that have one width, if that is within the next bytes. Then text is stated, because the
    /// bytes count from here.
    fn ends_lines(&mut self, end: u64) -> io::Result<bool> {
        let (broken, offset) = (self.kept.borrow().broken_at(), self.kept.borrow().offset());
        let lines = self.kept.borrow().lines();
        let (Some(lines), Some(broken)) = (lines, broken.filter(|at| self.cut && *at <= end))
        else {
            return Ok(false);
        };
        self.release(b"")?;
        self.end_lines(broken.saturating_sub(offset), lines.tail())?;
        Ok(true)
    }

    fn end_lines(&mut self, more: u64, last: &str) -> io::Result<()> {
        self.cut = false;
        let line = serde_json::json!({"lines": {"more": more, "last": last}});
        (self.sink)(format!("{line}\n").as_bytes())
    }
}

/// Whether another interchange begins at the current place, in the syntax of the open one or one that cannot be mistaken.
fn header_begins(reader: &Reader<'_>) -> bool {
    let head = reader.head();
    if !matches!(head, [b'I' | b'U' | b'S', ..]) {
        return false;
    }
    match Header::read(head) {
        Some(Ok(header)) => {
            header.syntax != Syntax::Tradacoms || reader.syntax() == Syntax::Tradacoms
        }
        Some(Err(_)) | None => false,
    }
}

/// What the interchange of this header is written in; UTF-8 where it does not say.
fn encoding(syntax: Syntax, header: &Segment<'_>) -> Encoding {
    let interchange = Interchange {
        syntax,
        version: shown(header.component(1, 1)),
        ..Interchange::default()
    };
    match Charset::for_interchange(&interchange, None) {
        Ok(charset) if charset.encoding() != Encoding::ASCII => charset.encoding(),
        _ => Encoding::UTF8,
    }
}

/// The line of an interchange, so far as its header tells.
fn describe(header: &Header, una: &[u8], encoding: Encoding) -> io::Result<Vec<u8>> {
    let separators = header.separators;
    let syntax = header.syntax;
    let mut line =
        format!("{{\"interchange\":{{\"syntax\":\"{syntax}\",\"separators\":{{").into_bytes();
    for (name, byte) in [
        ("element", Some(separators.element)),
        ("component", Some(separators.component)),
        ("repetition", separators.repetition),
        ("segment", Some(separators.terminator)),
        ("release", separators.release),
        ("tag", separators.tag),
    ] {
        let Some(byte) = byte else { continue };
        if !line.ends_with(b"{") {
            line.push(b',');
        }
        line.extend_from_slice(format!("\"{name}\":").as_bytes());
        line::string(char::from(byte).encode_utf8(&mut [0; 4]), &mut line)?;
    }
    line.extend_from_slice(format!("}},\"charset\":\"{}\"", encoding.name()).as_bytes());
    if !una.is_empty() {
        line.extend_from_slice(b",\"una\":");
        line::string(&latin(una), &mut line)?;
    }
    Ok(line)
}

/// A character for each byte, as the separators are written.
fn latin(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| char::from(*byte)).collect()
}
