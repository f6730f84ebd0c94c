//! The part of the walk that opens interchanges: what may stand before one, and whether its header can be used.
//! Text is passed over only where the policy says so.
//! Invariant: after a header that cannot be used nothing more is read, because nobody knows where its segments end.

use std::hash::{DefaultHasher, Hash, Hasher};
use std::io;

use super::event::Event;
use super::{Walk, element, envelope};
use crate::finding::{Finding, Level, Place};
use crate::header::{Header, HeaderFault, unfit};
use crate::headers::{Interchange, shown};
use crate::judge::Policy;
use crate::reader::{Advance, Blank, Opening, Skipped};
use crate::rule::Rule;
use crate::segment::Tag;
use crate::syntax::Syntax;

impl Walk<'_> {
    /// What stands at an interchange's place.
    pub(super) fn open(&mut self) -> io::Result<Event> {
        let first = self.interchange.ordinal == 0;
        match self.reader.open(self.options.text)? {
            Opening::Header {
                header,
                before,
                skipped,
            } => {
                self.skipped(skipped);
                self.open_header(header, before)
            }
            Opening::Fault(fault) => Ok(self.open_fault(fault)),
            Opening::End { before, skipped } => {
                let empty = first && skipped.is_none();
                match skipped {
                    Some(text) if first => self.note(Level::File, no_interchange(&text.first)),
                    skipped => self.skipped(skipped),
                }
                if empty {
                    let finding = Finding::new(Rule::Empty, "the file is empty");
                    let finding = finding.hint("the sender wrote nothing into it");
                    self.note(Level::File, finding);
                } else if let Some((byte, line)) = before.control {
                    let message = "an end-of-file byte or NULs follow the last interchange";
                    let place = Place {
                        byte,
                        line,
                        ..Place::default()
                    };
                    let finding = Finding::new(Rule::TrailingBytes, message).at(place);
                    self.note(Level::File, finding);
                }
                self.ended = true;
                Ok(Event::End)
            }
            Opening::Text(bytes) => {
                let finding = if first {
                    no_interchange(&bytes)
                } else {
                    let message = "something else than an interchange follows the last one; nothing is read from here on";
                    Finding::new(Rule::TextOutside, message)
                        .found(&bytes)
                        .expected("ISA, UNA, UNB, STX, or the end of the file")
                };
                self.note(Level::File, finding);
                self.ended = true;
                Ok(Event::End)
            }
        }
    }

    /// Text that was passed over.
    fn skipped(&mut self, skipped: Option<Skipped>) {
        let Some(text) = skipped else { return };
        let bytes = text.length;
        let message = format!("{bytes} bytes outside of any interchange were passed over");
        let place = Place {
            byte: text.offset,
            line: text.line,
            ..Place::default()
        };
        let finding = Finding::new(Rule::TextSkipped, message).found(&text.first);
        self.note(Level::File, finding.at(place));
    }

    fn open_header(&mut self, header: Header, before: Blank) -> io::Result<Event> {
        self.begin(header.syntax);
        let advance = self.reader.advance()?;
        let whole = advance == Advance::Segment;
        let length = self.reader.segment().raw().len();
        let cut = header
            .length
            .is_some_and(|stated| stated != length || !whole);
        if cut {
            self.reader.salvage();
        }
        self.enter();
        if before.bom {
            let message = "a byte order mark stands before the first interchange";
            let finding = Finding::new(Rule::ByteOrderMark, message);
            self.note(Level::Interchange, finding);
        }
        if before.space && self.interchange.ordinal == 1 {
            let message = "blanks or line ends stand before the first interchange";
            let finding = Finding::new(Rule::LeadingBytes, message);
            self.note(Level::Interchange, finding);
        }
        if let Some(width) = self
            .reader
            .joined_lines()
            .filter(|_| self.interchange.ordinal == 1)
        {
            let message = format!(
                "the file was cut into lines of {width} bytes, whose ends were taken out: offsets count without them"
            );
            let finding = Finding::new(Rule::LinesJoined, message);
            self.note(Level::Interchange, finding);
        }
        if cut {
            let segment = self.reader.segment();
            let message = "the byte after ISA16 also stands inside the ISA segment";
            let place = Place {
                byte: segment.element_offset(16) + 1,
                ..Place::default()
            };
            let finding = Finding::new(Rule::Terminator, message).at(place);
            let finding = finding.found(&[header.separators.terminator]);
            self.note(Level::Interchange, finding.expected("a byte of its own"));
            self.ended = true;
            return Ok(Event::Interchange);
        }
        if !whole {
            self.break_off(advance);
            return Ok(Event::Interchange);
        }
        if !header.padded {
            let message =
                "the elements of the ISA are not padded: its separators were found by counting";
            let finding = Finding::new(Rule::HeaderLength, message)
                .expected("105 bytes before the terminator")
                .found(length.to_string().as_bytes());
            self.note(Level::Interchange, finding);
        }
        let findings = self.envelope.check_interchange(&self.reader.segment());
        self.note_all(Level::Interchange, findings);
        self.check_again();
        Ok(Event::Interchange)
    }

    /// Forgets the interchange before; the next one is in this syntax.
    fn begin(&mut self, syntax: Syntax) {
        self.envelope = envelope::of(syntax);
        self.tags = self.envelope.tags();
        self.segments = 1;
        self.blank_reported = false;
        self.outside_reported = false;
        self.ungrouped = false;
        self.acknowledgements = 0;
        self.implicit = false;
        self.message.package = false;
        self.interchange_good = true;
        self.opened = self.findings.len();
        self.policy = Policy::default();
        self.group_numbers.clear();
        self.file = None;
    }

    /// The header is current: what it says.
    fn enter(&mut self) {
        let ordinal = self.interchange.ordinal + 1;
        let separators = self.reader.separators();
        let segment = self.reader.segment();
        self.interchange = Interchange {
            ordinal,
            ..self.envelope.interchange(&segment, separators)
        };
        self.level = Level::Interchange;
    }

    /// A header that cannot be used. Where it still names its sender, an interchange opens that is lost.
    fn open_fault(&mut self, fault: HeaderFault) -> Event {
        self.ended = true;
        let finding = header_fault(fault);
        let legible = self.reader.segment().count() >= 5;
        if !legible {
            self.note(Level::File, finding);
            return Event::End;
        }
        let isa = self.reader.segment().raw().starts_with(b"ISA");
        self.begin(if isa { Syntax::X12 } else { Syntax::Edifact });
        self.enter();
        let finding = finding.at(self.place_of(fault));
        self.note(Level::Interchange, finding);
        Event::Interchange
    }

    /// Where a header shows that it cannot be used: in its UNA, or else in its ISA or UNB, which is current.
    fn place_of(&mut self, fault: HeaderFault) -> Place {
        let line = self.reader.line();
        let segment = self.reader.segment();
        let start = segment.offset();
        let una = self.reader.gap();
        let at = |byte: u64, element: u16| Place {
            byte,
            tag: segment.tag(),
            element,
            ..Place::default()
        };
        let in_una = |byte: usize| {
            let behind = una.get(byte..).unwrap_or_default();
            let lines = behind.iter().filter(|byte| **byte == b'\n').count();
            Place {
                byte: start.saturating_sub(behind.len() as u64),
                line: line.saturating_sub(lines as u64),
                tag: Tag::new(b"UNA"),
                ..Place::default()
            }
        };
        let isa = |element: u16| at(segment.element_offset(element.into()), element);
        match fault {
            HeaderFault::Element(byte) if una.is_empty() || !unfit(byte) => at(start + 3, 0),
            HeaderFault::Element(_) => in_una(4),
            HeaderFault::Component(_) if una.is_empty() => isa(16),
            HeaderFault::Component(_) => in_una(3),
            HeaderFault::Repetition(_) if una.is_empty() => isa(11),
            HeaderFault::Repetition(_) => in_una(7),
            HeaderFault::Terminator(_) if una.is_empty() => at(isa(16).byte + 1, 0),
            HeaderFault::Terminator(_) => in_una(8),
            // The second of two.
            HeaderFault::ServiceCharacter(byte) => {
                in_una(una.iter().rposition(|other| *other == byte).unwrap_or(0))
            }
            HeaderFault::UnaLength => in_una(0),
            HeaderFault::Truncated(_) | HeaderFault::Malformed(_) | HeaderFault::Interactive => {
                at(start, 0)
            }
        }
    }

    /// Whether an interchange of this key came before in the file.
    fn check_again(&mut self) {
        let mut hasher = DefaultHasher::new();
        self.interchange.key().hash(&mut hasher);
        let key = hasher.finish();
        let limit = self.options.limits.interchanges;
        if self.interchanges.contains(&key) {
            let message = "an interchange of this sender, receiver and control number came before in this file";
            let number = match self.interchange.syntax {
                Syntax::X12 => 13,
                Syntax::Edifact | Syntax::Tradacoms => 5,
            };
            let segment = self.reader.segment();
            let finding = element::fault(Rule::InterchangeDuplicate, &segment, number, message);
            self.note(Level::Interchange, finding);
        } else if self.interchanges.len() >= limit {
            let message = "more interchanges than one file may have";
            let finding = Finding::new(Rule::InterchangeLimit, message);
            let finding = finding.expected(format!("at most {limit}"));
            self.note(Level::Interchange, finding);
        } else {
            self.interchanges.insert(key);
        }
    }
}

/// A header whose separators cannot be used.
fn header_fault(fault: HeaderFault) -> Finding {
    let unfit = |rule: Rule, what: &'static str, byte: u8| {
        Finding::new(rule, what)
            .found(&[byte])
            .hint("separators are no letters, digits or blanks, and differ from each other")
    };
    match fault {
        HeaderFault::Truncated(found) => {
            let message = "the file ends inside the header of an interchange";
            Finding::new(Rule::HeaderTruncated, message)
                .expected("a whole ISA (106 bytes), or a UNA and UNB")
                .hint("the file is not complete: send it again")
                .found(format!("{found} bytes").as_bytes())
        }
        HeaderFault::Malformed(Syntax::X12) => {
            let message = "the ISA segment does not have its sixteen elements";
            Finding::new(Rule::HeaderMalformed, message)
                .expected("sixteen element separators")
                .at(tag(b"ISA"))
        }
        HeaderFault::Malformed(_) => Finding::new(Rule::HeaderMalformed, "no UNB follows the UNA")
            .expected("UNB")
            .at(tag(b"UNB")),
        HeaderFault::Element(byte) => {
            let what = "the header declares an unusable element separator, or its UNA is missing";
            unfit(Rule::ElementSeparator, what, byte)
        }
        HeaderFault::Component(byte) => {
            let what = "the header declares an unusable component separator";
            unfit(Rule::ComponentSeparator, what, byte)
        }
        HeaderFault::Repetition(byte) => {
            let what = "the header declares an unusable repetition separator";
            unfit(Rule::RepetitionSeparator, what, byte)
        }
        HeaderFault::Terminator(byte) => {
            let what = "the header declares an unusable segment terminator";
            unfit(Rule::Terminator, what, byte)
        }
        HeaderFault::UnaLength => {
            Finding::new(Rule::UnaLength, "the UNA does not have its six characters")
                .expected("UNA and six characters: UNA:+.? '")
                .at(tag(b"UNA"))
        }
        HeaderFault::ServiceCharacter(byte) => {
            let what = "the UNA declares one character twice, or a letter or digit";
            unfit(Rule::ServiceCharacters, what, byte).at(tag(b"UNA"))
        }
        HeaderFault::Interactive => {
            Finding::new(Rule::Interactive, "interactive interchanges are not read")
                .found(b"UIB")
                .expected("a batch interchange, UNB to UNZ")
                .at(tag(b"UIB"))
        }
    }
}

fn tag(bytes: &[u8]) -> Place {
    Place {
        tag: Tag::new(bytes),
        ..Place::default()
    }
}

/// A file that begins with something else than an interchange.
fn no_interchange(bytes: &[u8]) -> Finding {
    let hint = match bytes {
        [0xC9, 0xE2, 0xC1, ..] | [0xE4, 0xD5, 0xC1 | 0xC2, ..] => {
            "the file is in EBCDIC: have it sent as ASCII"
        }
        [0xFF, 0xFE, ..] | [0xFE, 0xFF, ..] | [0, b'I' | b'U', ..] | [b'I' | b'U', 0, ..] => {
            "the file is in UTF-16: have it sent as ASCII"
        }
        [b'G', b'S', ..] | [b'S', b'T', ..] | [b'U', b'N', b'H' | b'G', ..] => {
            "the envelope around this is missing: have the whole interchange sent"
        }
        _ => "an interchange begins with ISA (X12), UNA or UNB (EDIFACT) or STX (TRADACOMS)",
    };
    let message = "the file does not begin with an interchange";
    let finding = Finding::new(Rule::InterchangeExpected, message);
    let found = shown(bytes);
    finding
        .found(found.as_bytes())
        .expected("ISA, UNA, UNB or STX")
        .hint(hint)
}
