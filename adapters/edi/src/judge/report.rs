//! Makes findings of what is wrong with a message: severity by the partner's policy, place by the way through the loops.
//! Invariant: a message has at most [`MOST`] findings and one that says so; whether there is an error among them is true of
//! the whole message all the same.

use std::borrow::Cow;
use std::fmt::Write as _;

use canonical::problem::Severity;

use super::fault::{Fault, sentence};
use super::policy::Policy;
use super::position::Stand;
use super::steps::Steps;
use super::structure::Track;
use crate::finding::{Finding, Place};
use crate::headers::Message;
use crate::message::{KnownLine, MessageView};
use crate::rule::Rule;
use crate::segment::{Segment, Tag};

/// The findings that a message can have.
const MOST: usize = 1000;

/// Collects the findings of one message.
pub(super) struct Report<'r, 'v> {
    pub(super) view: MessageView<'v>,
    message: &'r Message,
    policy: &'r Policy,
    findings: &'r mut Vec<Finding>,
    line: KnownLine,
    errors: bool,
    /// Rules of the character set that were reported: once a message is enough.
    told: Vec<Rule>,
}

impl<'r, 'v> Report<'r, 'v> {
    pub(super) fn new(
        view: MessageView<'v>,
        message: &'r Message,
        policy: &'r Policy,
        findings: &'r mut Vec<Finding>,
    ) -> Self {
        Self {
            view,
            message,
            policy,
            findings,
            line: view.known_line(),
            errors: false,
            told: Vec::new(),
        }
    }

    /// How many findings there are.
    pub(super) fn len(&self) -> usize {
        self.findings.len()
    }

    /// Takes a finding back.
    pub(super) fn take_back(&mut self, index: usize) {
        if index < self.findings.len() {
            self.findings.remove(index);
        }
    }

    /// A fault of the elements of segment `index`, which was placed last.
    pub(super) fn element(
        &mut self,
        track: &Track,
        segment: &Segment<'v>,
        index: usize,
        fault: Fault<'v>,
    ) {
        let closed =
            fault.rule == Rule::ElementCode && self.policy.closed.contains(&*fault.reference);
        let rule = if closed {
            Rule::ElementCodeRefused
        } else {
            fault.rule
        };
        if !self.wants(rule) || self.told.contains(&rule) {
            return;
        }
        if matches!(rule, Rule::Charset | Rule::Repertoire) {
            self.told.push(rule);
        }
        let mut place = self.place(index, segment.tag());
        place.loop_id = track.loop_id();
        place.path = track.path(segment.tag());
        place.element = fault.spot.element;
        place.component = fault.spot.component;
        place.repetition = fault.spot.repetition;
        place.reference = fault.reference;
        if fault.spot.element > 0 {
            place.byte =
                segment.element_offset(fault.spot.element.into()) + fault.spot.within as u64;
            place.line = self.view.line_of(place.byte, &mut self.line.clone());
        }
        let mut finding = Finding::new(rule, sentence(rule))
            .expected(fault.expected)
            .at(place);
        if rule != Rule::ElementMissing && rule != Rule::ElementConditional {
            finding = finding.found(fault.found);
        }
        self.push(finding);
    }

    /// A fault of the structure, at segment `index`.
    pub(super) fn structure(
        &mut self,
        rule: Rule,
        index: usize,
        tag: Tag,
        (loop_id, path): (Cow<'static, str>, String),
        expected: impl Into<Cow<'static, str>>,
    ) {
        let mut place = self.place(index, tag);
        place.loop_id = loop_id;
        place.path = path;
        self.push(
            Finding::new(rule, sentence(rule))
                .expected(expected)
                .at(place),
        );
    }

    /// Whether a finding of this rule will be kept.
    pub(super) fn wants(&self, rule: Rule) -> bool {
        // The one beyond the most makes way for the finding that says so.
        match self.policy.severity(rule) {
            Some(_) if self.findings.len() <= MOST => true,
            Some(Severity::Error) => !self.errors,
            Some(Severity::Warning) | None => false,
        }
    }

    fn push(&mut self, mut finding: Finding) {
        let Some(severity) = self.policy.severity(finding.rule) else {
            return;
        };
        finding.severity = severity;
        if self.findings.len() < MOST {
            self.errors |= finding.is_error();
            self.findings.push(finding);
            return;
        }
        if self.findings.len() == MOST {
            let message = "the message has more faults than are listed";
            let place = finding.place.clone();
            self.findings
                .push(Finding::new(Rule::FindingLimit, message).at(place));
        }
        if finding.is_error() && !self.errors {
            self.errors = true;
            self.findings.push(finding);
        }
    }

    /// The place of segment `index`; its line is the one from which others are counted.
    fn place(&mut self, index: usize, tag: Tag) -> Place {
        let byte = self
            .view
            .segment(index)
            .map_or(0, |segment| segment.offset());
        Place {
            byte,
            line: self.view.line_of(byte, &mut self.line),
            record: Some(self.message.record),
            segment: u32::try_from(index + 1).unwrap_or(u32::MAX),
            tag,
            ..Place::default()
        }
    }
}

/// The id of the innermost loop around a node.
pub(super) fn loop_id(steps: &Steps, index: Option<u16>) -> Cow<'static, str> {
    let found = index.and_then(|index| steps.loop_at(index));
    found.map_or_else(|| "".into(), |found| String::from(&*found.id).into())
}

/// The way through the first `depth` open loops, to the tag with its ordinal if it has one: `PO1[2]/PID[1]`.
pub(super) fn path(steps: &Steps, stand: &Stand, depth: usize, last: Option<(Tag, u32)>) -> String {
    let mut path = String::new();
    // Writing to a string cannot fail.
    for open in stand.open.iter().take(depth) {
        let trigger = steps
            .loop_at(open.loop_index)
            .map_or(Tag::NONE, |around| around.trigger);
        write!(path, "{trigger}[{}]/", open.ordinal).unwrap_or_default();
    }
    match last {
        Some((tag, 0)) => write!(path, "{tag}").unwrap_or_default(),
        Some((tag, ordinal)) => write!(path, "{tag}[{ordinal}]").unwrap_or_default(),
        None => {
            path.pop();
        }
    }
    path
}
