//! The walk of a mapping through one buffered set: where it is, what it complained about, what was left over.
//! Judges every element before the mapping sees it, so that a mapping can take what it needs and ask no questions.
//! Invariant: an error reported here breaks the set, and a warning of one kind is reported a bounded number of times.

use canonical::ack_report::IssueSeverity;
use canonical::codes::Currency;
use canonical::entity::Entity;
use canonical::problem::{Problem, Severity};
use canonical::verbatim::{MAX_UNMAPPED, Unmapped, UnmappedReason};

use super::check::{self, Version};
use super::dictionary;
use super::fields::Fields;
use super::finding::Rule;
use super::place::{Place, Structure};
use super::tags::{CUR, PO1};
use crate::headers::shown;
use crate::message::MessageView;
use crate::segment::Segment;
use crate::separators::Separators;

/// Warnings of one rule that are reported for one set.
const WARNINGS: usize = 10;

/// A mapping's walk through a set.
pub(super) struct Run<'a> {
    pub(super) set: MessageView<'a>,
    pub(super) place: Place<'a>,
    /// Index of the current segment.
    pub(super) index: usize,
    next: usize,
    record: u64,
    version: Version,
    separators: Separators,
    problems: Vec<Problem>,
    broken: bool,
    warned: Vec<(String, usize)>,
}

impl<'a> Run<'a> {
    pub(super) fn new(
        set: MessageView<'a>,
        structure: &'a Structure,
        record: u64,
        version: &str,
        separators: Separators,
    ) -> Self {
        Self {
            set,
            place: Place::new(structure),
            index: 0,
            next: 0,
            record,
            version: Version::of(version),
            separators,
            problems: Vec::new(),
            broken: false,
            warned: Vec::new(),
        }
    }

    /// Goes on to the next segment and judges it.
    pub(super) fn advance(&mut self) -> Option<Fields<'a>> {
        let segment = self.set.segment(self.next)?;
        self.index = self.next;
        self.next += 1;
        self.place.enter(segment.tag());
        if let Some(spec) = dictionary::segment(segment.tag()) {
            let mut found = Vec::new();
            check::elements(
                spec,
                &segment,
                self.version,
                self.separators,
                |number, problem| found.push((number, problem)),
            );
            for (number, problem) in found {
                self.report(number, problem);
            }
        }
        Some(Fields::new(segment))
    }

    /// Element 2 of the first `CUR` before the lines, where it is a currency.
    pub(super) fn currency(&self) -> Option<Currency> {
        let header = (0..self.set.len()).map_while(|index| self.set.segment(index));
        let mut header = header.take_while(|segment| segment.tag() != PO1);
        let currency = header.find(|segment| segment.tag() == CUR)?;
        shown(currency.element(2)).parse().ok()
    }

    /// Complains about element `number` of the current segment; 0 stands for the segment.
    pub(super) fn report(&mut self, number: usize, problem: Problem) {
        let Some(segment) = self.set.segment(self.index) else {
            return;
        };
        let path = match number {
            0 => self.place.path(),
            _ => format!("{}/{number:02}", self.place.path()),
        };
        self.report_at(&segment, number, problem.at_path(path));
    }

    /// The part of an element before its first component separator, and whether that is all of it.
    pub(super) fn first_component(&self, bytes: &'a [u8]) -> (&'a [u8], bool) {
        let mut parts = bytes.split(|byte| *byte == self.separators.component);
        (parts.next().unwrap_or_default(), parts.next().is_none())
    }

    /// Complains about one document of several: it is refused, the others of the set are not.
    pub(super) fn refuse(&mut self, number: usize, problem: Problem) {
        let broken = self.broken;
        self.report(number, problem);
        self.broken = broken;
    }

    /// Complains that a segment is missing which would have stood before the current one.
    pub(super) fn report_missing(&mut self, path: &str) {
        let Some(segment) = self.set.segment(self.index) else {
            return;
        };
        let problem = Rule::SegmentMissing
            .problem("a segment is missing that has to be there")
            .at_path(path);
        self.report_at(&segment, 0, problem);
    }

    fn report_at(&mut self, segment: &Segment<'_>, number: usize, problem: Problem) {
        if problem.severity == Severity::Error {
            self.broken = true;
        } else if !self.may_warn(&problem.code) {
            return;
        }
        let offset = segment.element_offset(number);
        let ordinal = u32::try_from(self.index + 1).unwrap_or(u32::MAX);
        let line = self.set.line_of(offset, &mut self.set.known_line());
        self.problems.push(
            problem
                .at_byte(offset)
                .at_line(line)
                .at_record(self.record)
                .at_segment(ordinal),
        );
    }

    fn may_warn(&mut self, code: &str) -> bool {
        if let Some((_, count)) = self.warned.iter_mut().find(|(known, _)| known == code) {
            *count += 1;
            return *count <= WARNINGS;
        }
        self.warned.push((code.to_owned(), 1));
        true
    }

    /// Moves what the mapping did not take of a segment to `home`, under its path.
    pub(super) fn leave(
        &mut self,
        fields: &Fields<'_>,
        reason: UnmappedReason,
        home: &mut Vec<Unmapped>,
    ) {
        for (number, value) in fields.left() {
            if home.len() >= MAX_UNMAPPED {
                let problem = Rule::UnmappedLimit.problem(
                    "more content without a home than a document can carry; the file keeps it",
                );
                self.report(
                    number,
                    problem.expected(format!("at most {MAX_UNMAPPED} values")),
                );
                return;
            }
            let mut unmapped =
                Unmapped::new(format!("x12:{}/{number:02}", self.place.path()), value);
            unmapped.reason = Some(reason);
            home.push(unmapped);
        }
    }

    /// Asks the model itself: lists, check digits, sums. What it finds is about the document, not one segment.
    /// False when the document cannot be given away.
    pub(super) fn judge(&mut self, entity: &Entity) -> bool {
        for issue in entity.check() {
            let rule = match issue.severity {
                IssueSeverity::Error => Rule::DocumentInvalid,
                IssueSeverity::Warning | IssueSeverity::Info => Rule::Inconsistent,
            };
            let place = issue.path.unwrap_or_default();
            let problem = rule.problem(format!("{} ({})", issue.message, issue.code));
            self.report(
                0,
                if place.is_empty() {
                    problem
                } else {
                    problem.hint(format!("in the document: {place}"))
                },
            );
        }
        !self.broken
    }

    /// Whether an error was reported.
    pub(super) fn is_broken(&self) -> bool {
        self.broken
    }

    /// The complaints since the last call.
    pub(super) fn take_problems(&mut self) -> Vec<Problem> {
        std::mem::take(&mut self.problems)
    }
}
