//! The part of the walk that opens interchanges: what may stand before one, and whether its ISA can be used.
//! Never skips text to look for an ISA further on: an interchange begins where one is due or not at all.
//! Invariant: after an ISA that cannot be used nothing more is read, because nobody knows where its segments end.

use std::io;

use super::super::event::{Event, Level};
use super::super::finding::Rule;
use super::super::headers;
use super::super::rules;
use super::Walk;
use crate::headers::shown;
use crate::reader::{Advance, Blank, Opening};
use crate::separators::Header;

impl Walk<'_> {
    /// What stands at an interchange's place.
    pub(super) fn open(&mut self) -> io::Result<Event> {
        let first = self.interchange.ordinal == 0;
        let problem = match self.reader.open()? {
            Opening::Header { header, before } => return self.open_header(header, before),
            Opening::End { before } => {
                self.ended = true;
                if first {
                    self.note(Level::File, Rule::Empty.problem("the file is empty").hint("the sender wrote nothing into it"));
                } else if before.control {
                    let problem = Rule::TrailingBytes.problem("an end-of-file byte or NULs follow the last interchange");
                    self.note(Level::File, problem);
                }
                return Ok(Event::End);
            }
            Opening::Fault(fault) => rules::header(fault),
            Opening::Text(bytes) if first => rules::no_interchange(&bytes),
            Opening::Text(bytes) => Rule::TextOutside
                .problem("other bytes than an ISA segment follow an interchange; nothing is read from here on")
                .found(&shown(&bytes))
                .expected("ISA, or the end of the file"),
        };
        self.ended = true;
        self.note(Level::File, problem);
        Ok(Event::End)
    }

    fn open_header(&mut self, header: Header, before: Blank) -> io::Result<Event> {
        let ordinal = self.interchange.ordinal + 1;
        self.segments = 0;
        self.blank_reported = false;
        self.gs_reported = false;
        let advance = self.reader.advance()?;
        let length = self.reader.segment().raw().len();
        self.interchange = headers::isa(&self.reader.segment(), ordinal, self.reader.separators());
        self.segments = 1;
        if advance != Advance::Segment || length != header.length {
            self.ended = true;
            let problem = Rule::Terminator
                .problem("the byte after ISA16 also stands inside the ISA segment")
                .at_path("ISA/16")
                .found(&shown(&[header.separators.terminator]));
            self.note(Level::File, problem);
            return Ok(Event::End);
        }
        self.level = Level::Interchange;
        self.interchange_good = true;
        self.group_numbers.clear();
        if ordinal == 1 && before.bom {
            self.note(
                Level::Interchange,
                Rule::ByteOrderMark
                    .problem("a byte order mark stands before the first interchange"),
            );
        }
        if ordinal == 1 && before.space {
            self.note(
                Level::Interchange,
                Rule::LeadingBytes
                    .problem("blanks or line ends stand before the first interchange"),
            );
        }
        if !header.padded {
            let problem = Rule::IsaLength
                .problem(
                    "the elements of the ISA are not padded: its separators were found by counting",
                )
                .expected("105 bytes before the terminator")
                .found(&length.to_string());
            self.note(Level::Interchange, problem);
        }
        self.check_isa();
        Ok(Event::Interchange)
    }

    fn check_isa(&mut self) {
        let mut problems = rules::isa(&self.reader.segment());
        let key = self.interchange.key();
        if self.interchanges.contains(key.as_str()) {
            let problem = Rule::InterchangeDuplicate
                .problem("an interchange of this sender, receiver and control number came before in this file")
                .at_path("ISA/13")
                .found(&self.interchange.control_number);
            problems.push(problem);
        } else if self.interchanges.len() >= self.limits.interchanges {
            let problem = Rule::InterchangeLimit
                .problem("more interchanges than one file may have")
                .expected(format!("at most {}", self.limits.interchanges));
            problems.push(problem);
        } else {
            self.interchanges.insert(key.into());
        }
        self.note_all(Level::Interchange, problems);
    }
}
