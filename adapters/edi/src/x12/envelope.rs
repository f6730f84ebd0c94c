//! Walks the envelopes: interchange, group, set. Every count, control number and order of rules is checked here,
//! whether or not anybody understands what is inside.
//! Holds no segment: the caller takes from [`Walk::segment`] what it wants to keep.
//! Invariant: whatever opens is closed once, innermost first, also when the input breaks off; it is good only if every
//! rule of its level held. A broken set spoils no other set, a broken group no other group.

mod opening;

use std::collections::HashSet;
use std::io::{self, Read};

use canonical::problem::{Problem, Severity};

use super::event::{Event, Finding, Level};
use super::finding::Rule;
use super::headers;
use super::rules;
use super::tags::{GE, GS, IEA, ISA, SE, ST, TA1};
use crate::control::ControlNumbers;
use crate::headers::{Group, Interchange, Message};
use crate::limits::Limits;
use crate::reader::{Advance, Reader};
use crate::segment::{Segment, Tag};

/// A walk through one input.
pub struct Walk<'r> {
    reader: Reader<'r>,
    limits: Limits,
    level: Level,
    /// The current segment was not dealt with: it closed something first.
    again: bool,
    /// The input broke off or ended.
    ended: bool,
    interchange: Interchange,
    group: Group,
    set: Message,
    records: u64,
    /// Whether the rules of each open level held so far.
    interchange_good: bool,
    group_good: bool,
    set_good: bool,
    /// One finding of these kinds per interchange is enough.
    blank_reported: bool,
    gs_reported: bool,
    segments: u32,
    interchanges: HashSet<Box<str>>,
    group_numbers: ControlNumbers,
    set_numbers: ControlNumbers,
    findings: Vec<Finding>,
}

impl<'r> Walk<'r> {
    /// A walk through `input`.
    #[must_use]
    pub fn new(input: &'r mut dyn Read, limits: Limits) -> Self {
        Self {
            reader: Reader::new(input, limits),
            limits,
            level: Level::File,
            again: false,
            ended: false,
            interchange: Interchange::default(),
            group: Group::default(),
            set: Message::default(),
            records: 0,
            interchange_good: false,
            group_good: false,
            set_good: false,
            blank_reported: false,
            gs_reported: false,
            segments: 0,
            interchanges: HashSet::new(),
            group_numbers: ControlNumbers::default(),
            set_numbers: ControlNumbers::default(),
            findings: Vec::new(),
        }
    }

    /// Goes on to the next event. After [`Event::End`] it stays there.
    ///
    /// # Errors
    /// Only the input's own: what is wrong with the content is a finding.
    pub fn advance(&mut self) -> io::Result<Event> {
        loop {
            if self.ended {
                return Ok(self.close_at_end());
            }
            if self.level == Level::File {
                return self.open();
            }
            if !self.again && !self.next_segment()? {
                continue;
            }
            self.again = false;
            let segment = self.reader.segment();
            let tag = segment.tag();
            let event = match tag {
                ISA if self.segments > 1 => self.reopen(),
                SE | ST | GS | GE | IEA => self.service(tag),
                _ => self.plain(tag),
            };
            if let Some(event) = event {
                return Ok(event);
            }
        }
    }

    /// The current segment.
    #[must_use]
    pub fn segment(&self) -> Segment<'_> {
        self.reader.segment()
    }

    /// The reader, for the bytes around the segment.
    pub(super) fn reader(&self) -> &Reader<'r> {
        &self.reader
    }

    /// The interchange that is open, or ended last.
    #[must_use]
    pub fn interchange(&self) -> &Interchange {
        &self.interchange
    }

    /// The group that is open, or ended last.
    #[must_use]
    pub fn group(&self) -> &Group {
        &self.group
    }

    /// The set that is open, or ended last.
    #[must_use]
    pub fn set(&self) -> &Message {
        &self.set
    }

    /// The findings since the last call, in the order they were made.
    pub fn take_findings(&mut self) -> Vec<Finding> {
        std::mem::take(&mut self.findings)
    }

    /// A finding of the caller's, at the current segment.
    pub(super) fn complain(&mut self, level: Level, problem: Problem) {
        self.note(level, problem);
    }

    /// Reads on. False when there is nothing to deal with.
    fn next_segment(&mut self) -> io::Result<bool> {
        match self.reader.advance()? {
            Advance::Segment => {}
            Advance::End => {
                self.ended = true;
                return Ok(false);
            }
            Advance::Unterminated if self.reader.segment().tag() == IEA => {
                self.note(
                    Level::Interchange,
                    Rule::TerminatorMissing.problem("the last segment has no terminator"),
                );
            }
            Advance::Unterminated => {
                let problem = Rule::Truncated.problem("the file ends inside a segment");
                self.break_off(problem.hint("send the whole file again"));
                return Ok(false);
            }
            Advance::TooLong => {
                let limit = self.limits.segment_bytes;
                let problem = Rule::SegmentLength
                    .problem("no segment terminator where one was due")
                    .expected(format!("a terminator within {limit} bytes"))
                    .hint("the file is damaged, or its ISA declares another terminator");
                self.break_off(problem);
                return Ok(false);
            }
        }
        self.segments = self.segments.saturating_add(1);
        if self.level == Level::Set {
            self.set.segments = self.set.segments.saturating_add(1);
        }
        if !self.blank_reported
            && self.segments > 1
            && !matches!(self.reader.gap(), b"" | b"\n" | b"\r" | b"\r\n")
        {
            self.blank_reported = true;
            self.note(
                Level::Interchange,
                Rule::BlankLines.problem("blanks or blank lines before a segment"),
            );
        }
        Ok(true)
    }

    /// An ISA while an interchange is open: that one is not closed properly, a new one begins.
    fn reopen(&mut self) -> Option<Event> {
        if self.level == Level::Interchange {
            self.reader.rewind();
        } else {
            self.again = true;
        }
        let problem = Rule::IeaMissing
            .problem("another ISA begins before the interchange is closed by an IEA");
        if self.interchange_good {
            self.note(
                Level::Interchange,
                problem.hint("send the whole interchange again"),
            );
        }
        self.interchange_good = false;
        Some(self.close_unfinished())
    }

    /// A segment of the envelope.
    fn service(&mut self, tag: Tag) -> Option<Event> {
        match (self.level, tag) {
            (Level::Set, SE) => {
                let problems = rules::se(&self.reader.segment(), &self.set);
                self.note_all(Level::Set, problems);
                Some(self.close())
            }
            (Level::Set, _) => {
                self.again = true;
                self.set.segments -= 1;
                let problem = Rule::SeMissing
                    .problem(format!("the set is not closed by an SE before this {tag}"))
                    .expected("SE");
                self.note(Level::Set, problem);
                Some(self.close())
            }
            (Level::Group, ST) => {
                self.open_set();
                Some(Event::Set)
            }
            (Level::Group, GE) => {
                let problems = rules::ge(&self.reader.segment(), &self.group);
                self.note_all(Level::Group, problems);
                Some(self.close())
            }
            (Level::Group, GS | IEA) => {
                self.again = true;
                self.note(
                    Level::Group,
                    Rule::GeMissing
                        .problem(format!("the group is not closed by a GE before this {tag}"))
                        .expected("GE"),
                );
                Some(self.close())
            }
            (Level::Interchange, GS) => {
                self.open_group();
                Some(Event::Group)
            }
            (Level::Interchange, IEA) => {
                let problems = rules::iea(&self.reader.segment(), &self.interchange);
                self.note_all(Level::Interchange, problems);
                Some(self.close())
            }
            _ => self.plain(tag),
        }
    }

    /// A segment that belongs to whoever is open.
    fn plain(&mut self, tag: Tag) -> Option<Event> {
        match self.level {
            Level::Set => {
                let problems = rules::body(&self.reader, &self.limits);
                self.note_all(Level::Set, problems);
                Some(Event::Segment)
            }
            Level::Group => {
                if self.group_good {
                    let problem = Rule::SegmentOutsideSet
                        .problem("a segment stands between sets")
                        .found(&tag.to_string())
                        .expected("ST or GE");
                    self.note(Level::Group, problem);
                }
                None
            }
            Level::Interchange if tag == TA1 => Some(Event::Acknowledgement),
            Level::Interchange | Level::File => {
                if !self.gs_reported {
                    self.gs_reported = true;
                    let problem = Rule::GsMissing
                        .problem("a segment stands outside of any group")
                        .found(&tag.to_string())
                        .expected("GS, TA1 or IEA");
                    self.note(Level::Interchange, problem);
                }
                None
            }
        }
    }

    fn open_group(&mut self) {
        self.interchange.groups += 1;
        let segment = self.reader.segment();
        self.group = headers::gs(&segment, self.segments);
        self.level = Level::Group;
        self.group_good = true;
        self.set_numbers.clear();
        let seen = self.group_numbers.insert(segment.element(6));
        let problems = rules::gs(&segment, seen);
        self.note_all(Level::Group, problems);
    }

    fn open_set(&mut self) {
        self.group.messages += 1;
        self.interchange.messages += 1;
        let line = self.reader.line();
        let segment = self.reader.segment();
        self.set = headers::st(&segment, &self.group, self.records, self.segments, line);
        self.records += 1;
        self.level = Level::Set;
        self.set_good = true;
        let seen = self.set_numbers.insert(segment.element(2));
        let problems = rules::st(&segment, &self.group, seen);
        self.note_all(Level::Set, problems);
    }

    /// Closes the innermost open level.
    fn close(&mut self) -> Event {
        match self.level {
            Level::Set => {
                self.level = Level::Group;
                Event::SetEnd(self.set_good)
            }
            Level::Group => {
                self.level = Level::Interchange;
                Event::GroupEnd(self.group_good)
            }
            Level::Interchange => {
                self.level = Level::File;
                Event::InterchangeEnd(self.interchange_good)
            }
            Level::File => Event::End,
        }
    }

    /// Closes what is open when nothing more is read. One finding says so, not one for each level.
    fn close_at_end(&mut self) -> Event {
        if self.level != Level::File && self.interchange_good {
            let missing = match self.level {
                Level::Set => "the file ends inside a set: SE, GE and IEA are missing",
                Level::Group => "the file ends inside a group: GE and IEA are missing",
                Level::Interchange | Level::File => {
                    "the file ends before the interchange is closed by an IEA"
                }
            };
            let problem = Rule::IeaMissing
                .problem(missing)
                .hint("the file is not complete: send it again");
            self.note(Level::Interchange, problem);
        }
        self.close_unfinished()
    }

    /// Closes the innermost open level, whose trailer never came.
    fn close_unfinished(&mut self) -> Event {
        match self.level {
            Level::Set => self.set_good = false,
            Level::Group => self.group_good = false,
            Level::Interchange | Level::File => {}
        }
        self.close()
    }

    /// Nothing more can be read; the open interchange is lost.
    fn break_off(&mut self, problem: Problem) {
        self.ended = true;
        self.note(Level::Interchange, problem);
    }

    fn note_all(&mut self, level: Level, problems: Vec<Problem>) {
        for problem in problems {
            self.note(level, problem);
        }
    }

    /// Records a finding at the current segment. An error spoils its level.
    fn note(&mut self, level: Level, problem: Problem) {
        if problem.severity == Severity::Error {
            match level {
                Level::Set => self.set_good = false,
                Level::Group => self.group_good = false,
                Level::Interchange => self.interchange_good = false,
                Level::File => {}
            }
        }
        let line = self.reader.line();
        let mut problem = problem.at_line(line);
        if problem.byte.is_none() {
            problem = problem.at_byte(self.reader.segment_offset());
        }
        if self.level == Level::Set {
            problem = problem
                .at_record(self.set.record)
                .at_segment(self.set.segments);
        } else if self.level > Level::File {
            problem = problem.at_segment(self.segments);
        }
        self.findings.push(Finding { level, problem });
    }
}
