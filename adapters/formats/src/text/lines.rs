//! Cuts a stream of bytes into decoded lines, and knows where each line stands in the source.
//!
//! Reads ahead by one buffer only; a line longer than the limit ends the file, so that memory stays bounded whatever
//! comes in. LF, CRLF, CR and NEL (U+0085, in Unicode and EBCDIC) end a line; a line end at the end of the file is not needed.

use std::io::Read;
use std::ops::Range;

use canonical::decode::DecodeError;
use canonical::problem::Problem;
use canonical::provenance::LineEnding;

use super::charset::{Charset, LineBytes, detect, guess};
use crate::ahead::{Ahead, empty_file};

/// How much of the start is looked at to tell text from other things, in bytes.
const SAMPLE: usize = 4 << 10;

/// Decoded lines of an input. After [`Lines::advance`] has said `true`, the other methods speak of that line.
pub(crate) struct Lines<'r> {
    ahead: Ahead<'r>,
    charset: Charset,
    bom: bool,
    limit: usize,
    /// Where the line is in what was read ahead.
    line: Range<usize>,
    number: u64,
    ending: Ending,
    seen: Seen,
    decoded: String,
}

/// Where something stands in the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// Line, counted from 1; 0 where there are no lines.
    pub(crate) line: u64,
    /// Byte offset, counted from 0.
    pub(crate) byte: u64,
}

impl Place {
    /// A problem that is here.
    pub(crate) fn of(self, problem: Problem) -> Problem {
        let problem = match self.known_line() {
            Some(line) => problem.at_line(line),
            None => problem,
        };
        problem.at_byte(self.byte)
    }

    /// The line, where there are lines.
    pub(crate) fn known_line(self) -> Option<u64> {
        Some(self.line).filter(|line| *line > 0)
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    None,
    Lf,
    CrLf,
    Cr,
    Nel,
}

/// Which line ends the file has shown so far.
#[derive(Clone, Copy, Default)]
struct Seen {
    lf: bool,
    crlf: bool,
    cr: bool,
    nel: bool,
}

impl<'r> Lines<'r> {
    /// Looks at the first bytes: byte order mark, emptiness, and whether this is text at all.
    ///
    /// `limit` is the longest line in bytes. Refuses with `file.empty`, `file.too_short` or `file.binary`.
    pub(crate) fn open(
        input: &'r mut dyn Read,
        declared: Option<Charset>,
        limit: usize,
    ) -> Result<Self, DecodeError> {
        let mut lines = Self {
            ahead: Ahead::new(input),
            charset: detect(b"", declared).0,
            bom: false,
            limit,
            line: 0..0,
            number: 0,
            ending: Ending::None,
            seen: Seen::default(),
            decoded: String::new(),
        };
        lines.ahead.have(SAMPLE)?;
        let sample = lines.ahead.unread();
        let sample = sample.get(..SAMPLE).unwrap_or(sample);
        let (charset, mark) = detect(sample, declared);
        refuse_what_is_no_text(sample, mark, charset)?;
        lines.charset = charset;
        lines.bom = mark > 0;
        lines.ahead.pass(mark);
        Ok(lines)
    }

    /// Goes to the next line; `false` at the end of the file.
    ///
    /// Refuses the file with `text.line_too_long`, `text.undecodable`, `text.encoding_unknown` or `file.binary`.
    pub(crate) fn advance(&mut self) -> Result<bool, DecodeError> {
        let unit = self.charset.unit();
        let mut searched = 0;
        let (length, ending) = loop {
            let unread = self.ahead.unread();
            let found = find_line_end(self.charset, unread, searched, self.ahead.is_at_end());
            if let Some((length, ending)) = found {
                break (length, ending);
            }
            if self.ahead.is_at_end() {
                break (unread.len(), Ending::None);
            }
            // A CR or half a unit at the end of the buffer must be looked at again with what follows it.
            searched = unread.len().saturating_sub(2 * unit) / unit * unit;
            if unread.len() > self.limit {
                return Err(self.too_long());
            }
            self.line = 0..0;
            self.ahead.fill()?;
        };
        if length > self.limit {
            return Err(self.too_long());
        }
        if length == 0 && ending == Ending::None {
            return Ok(false);
        }
        let next = self.ahead.next();
        self.line = next..next + length;
        self.ahead.pass(length + ending.length(self.charset));
        self.number += 1;
        self.ending = ending;
        self.seen.note(ending);
        if self.is_dos_end_of_file() {
            return Ok(false);
        }
        self.decode()?;
        Ok(true)
    }

    /// The line without its line end.
    pub(crate) fn text(&self) -> &str {
        let raw = self.raw();
        if self.charset.is_verbatim(raw) {
            // `advance` has seen that it is valid.
            std::str::from_utf8(raw).unwrap_or_default()
        } else {
            &self.decoded
        }
    }

    /// The line's bytes as they stand in the source, without its line end.
    pub(crate) fn raw(&self) -> &[u8] {
        self.ahead.bytes(self.line.clone())
    }

    /// The line end as text: empty at the end of the file.
    pub(crate) fn ending(&self) -> &'static str {
        match self.ending {
            Ending::None => "",
            Ending::Lf => "\n",
            Ending::CrLf => "\r\n",
            Ending::Cr => "\r",
            Ending::Nel => "\u{85}",
        }
    }

    /// Where the line starts.
    pub(crate) fn start(&self) -> Place {
        Place {
            line: self.number,
            byte: self.ahead.offset(self.line.start),
        }
    }

    /// Byte offset of the line's end, before its line end.
    pub(crate) fn end(&self) -> u64 {
        self.ahead.offset(self.line.end)
    }

    /// The encoding of the file.
    pub(crate) fn charset(&self) -> Charset {
        self.charset
    }

    /// Whether the file began with a byte order mark, which is not part of the first line.
    pub(crate) fn bom(&self) -> bool {
        self.bom
    }

    /// How lines ended so far; nothing where they ended with NEL, for which the canonical model has no word.
    pub(crate) fn line_ending(&self) -> Option<LineEnding> {
        let Seen { lf, crlf, cr, nel } = self.seen;
        Some(match (lf, crlf, cr, nel) {
            (false, false, false, false) => LineEnding::None,
            (true, false, false, false) => LineEnding::Lf,
            (false, true, false, false) => LineEnding::Crlf,
            (false, false, true, false) => LineEnding::Cr,
            (false, false, false, true) => return None,
            _ => LineEnding::Mixed,
        })
    }

    /// Some DOS programs end a text with the byte 0x1A, which is no line.
    fn is_dos_end_of_file(&self) -> bool {
        self.ending == Ending::None && self.raw() == [0x1A]
    }

    fn decode(&mut self) -> Result<(), DecodeError> {
        let mut decoded = std::mem::take(&mut self.decoded);
        let raw = self.ahead.bytes(self.line.clone());
        let outcome = self.charset.decode(raw, &mut decoded);
        let outcome = outcome.map(|text| memchr::memchr(0, text.as_bytes()));
        self.decoded = decoded;
        match outcome {
            Ok(None) => Ok(()),
            Ok(Some(at)) => Err(binary(Place {
                line: self.number,
                byte: self.start().byte + self.charset.source_offset(self.raw(), at) as u64,
            })),
            Err(undecodable) => Err(self.undecodable(undecodable.at)),
        }
    }

    fn undecodable(&self, at: usize) -> DecodeError {
        let byte = self.raw().get(at).copied().unwrap_or_default();
        let name = self.charset.name();
        let problem = if self.charset.is_certain() {
            Problem::error("text.undecodable", "a byte cannot be decoded").hint(
                "the file was damaged, or it is in another encoding than the mapping declares",
            )
        } else {
            Problem::error(
                "text.encoding_unknown",
                "the text is not UTF-8, and no encoding is declared",
            )
            .hint(declare(self.ahead.bytes_from(self.line.start)))
        };
        let offset = self.start().byte + at as u64;
        let problem = problem.at_line(self.number).at_byte(offset);
        problem
            .found(&format!("0x{byte:02X}"))
            .expected(format!("a character in {name}"))
            .into()
    }

    fn too_long(&self) -> DecodeError {
        let message = format!("the line is longer than {} bytes", self.limit);
        Problem::error("text.line_too_long", message)
            .at_line(self.number + 1)
            .at_byte(self.ahead.offset(self.ahead.next()))
            .hint("the file has no line ends where they are expected, or it is not a text file")
            .into()
    }
}

impl Ending {
    /// In bytes.
    fn length(self, charset: Charset) -> usize {
        let unit = charset.unit();
        match self {
            Self::None => 0,
            Self::Lf | Self::Cr => unit,
            Self::CrLf => 2 * unit,
            Self::Nel => unit + charset.nel_lead().len(),
        }
    }
}

impl Seen {
    fn note(&mut self, ending: Ending) {
        match ending {
            Ending::None => {}
            Ending::Lf => self.lf = true,
            Ending::CrLf => self.crlf = true,
            Ending::Cr => self.cr = true,
            Ending::Nel => self.nel = true,
        }
    }
}

/// The first line end in `bytes`, looked for from `from` on: bytes before it, and its kind.
///
/// `None` when there is none, or when a CR stands so near the end that the byte after it decides and is not there yet.
fn find_line_end(
    charset: Charset,
    bytes: &[u8],
    from: usize,
    at_end: bool,
) -> Option<(usize, Ending)> {
    let unit = charset.unit();
    let LineBytes { lf, cr, nel } = charset.line_bytes();
    let rest = bytes.get(from..)?;
    for at in memchr::memchr3_iter(lf, cr, nel.unwrap_or(lf), rest) {
        let at = (from + at) / unit * unit;
        let found = charset.unit_at(bytes, at);
        let is = |found: u16, byte: u8| found == u16::from(byte);
        if is(found, lf) {
            return Some((at, Ending::Lf));
        }
        if is(found, cr) {
            let after = at + unit;
            if after + unit > bytes.len() {
                return at_end.then_some((at, Ending::Cr));
            }
            let both = is(charset.unit_at(bytes, after), lf);
            return Some((at, if both { Ending::CrLf } else { Ending::Cr }));
        }
        let line = bytes.get(..at).unwrap_or_default();
        if let Some(line) = line.strip_suffix(charset.nel_lead())
            && nel.is_some_and(|nel| is(found, nel))
        {
            return Some((line.len(), Ending::Nel));
        }
    }
    None
}

/// What to write into the mapping for a text that is not UTF-8.
fn declare(text: &[u8]) -> String {
    match guess(text) {
        Some(label) if label == "cp037" => "it looks like EBCDIC: declare the code page of the machine that wrote it in the mapping, as in: \
            encoding = \"cp037\" (USA), \"cp273\" (Germany), \"cp500\" (international), \"cp1140\" to \"cp1149\" (with the euro sign)"
            .to_owned(),
        Some(label) => format!("it looks like {label}: if its letters come out right, declare it in the mapping, as in: encoding = \"{label}\""),
        None => "declare it in the mapping, as in: encoding = \"windows-1252\" (or \"iso-8859-15\", \"cp850\", …)".to_owned(),
    }
}

fn refuse_what_is_no_text(sample: &[u8], mark: usize, charset: Charset) -> Result<(), DecodeError> {
    if sample.is_empty() {
        return Err(empty_file().into());
    }
    let text = sample.get(mark..).unwrap_or_default();
    if text.is_empty() {
        let message = "the file holds a byte order mark and nothing else";
        return Err(Problem::error("file.empty", message).into());
    }
    if text.len() == 1 {
        let message = "the file has one byte, which is no table";
        let problem = Problem::error("file.too_short", message)
            .at_byte(mark as u64)
            .expected("a header and rows")
            .hint("the program that writes it may have failed, or was still writing");
        return Err(problem.found(&String::from_utf8_lossy(text)).into());
    }
    if charset.unit() > 1 {
        return Ok(());
    }
    let is_control = |byte: &u8| {
        let byte = charset.ascii(*byte);
        byte < 0x20 && !matches!(byte, b'\t' | b'\n' | 0x0B | 0x0C | b'\r' | 0x1A | 0x1B)
    };
    let controls = text.iter().filter(|byte| is_control(byte)).count();
    let zero = memchr::memchr(0, text);
    let Some(first) = zero.or_else(|| text.iter().position(is_control)) else {
        return Ok(());
    };
    // A stray control character in a field is data; noise has about one in ten.
    if zero.is_none() && controls * 50 < text.len() {
        return Ok(());
    }
    let is_line_feed = |byte: &&u8| charset.ascii(**byte) == b'\n';
    let line = 1 + text.iter().take(first).filter(is_line_feed).count() as u64;
    let byte = (mark + first) as u64;
    let refused = binary(Place { line, byte });
    let is_other_text = !charset.is_certain() && guess(text).is_some();
    match refused {
        DecodeError::Refused(problem) if is_other_text => Err(problem.hint(declare(text)).into()),
        other @ (DecodeError::Refused(_) | DecodeError::Sink(_) | DecodeError::Read(_)) => {
            Err(other)
        }
    }
}

fn binary(place: Place) -> DecodeError {
    Problem::error(
        "file.binary",
        "this is not a text file: it has control characters that no text has",
    )
    .at_line(place.line)
    .at_byte(place.byte)
    .hint(
        "look at what was dropped: a damaged file, an archive, or a workbook needs another format",
    )
    .into()
}

#[cfg(test)]
mod tests;
