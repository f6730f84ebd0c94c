//! What is wrong with an interchange: one finding for each fault, with its place, the level that it spoils, and the codes
//! that acknowledgements have for it. Every output (people's text, JSON, TA1, 997, 999, CONTRL) is made from this list.
//! Data only; never decides what becomes of the data.
//! Invariant: levels are ordered from the outside in; a place counts as the standards do, from 1.

use std::borrow::Cow;

use canonical::problem::{Problem, Severity};

use crate::rule::Rule;
use crate::segment::Tag;
use crate::syntax::Syntax;

/// What a finding spoils when it is an error.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// What stands outside of any interchange: no message, but nothing behind it is read.
    File,
    /// The interchange with all its groups.
    Interchange,
    /// The group with all its messages.
    Group,
    /// The message (transaction set).
    #[default]
    Message,
}

/// Where a finding stands. Zero, or empty, where a part does not apply.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Offset in the file, from 0: of the component, element or segment, as exactly as it is known.
    pub byte: u64,
    /// Line in the file, from 1. Lines end with LF.
    pub line: u64,
    /// Index of the message in the file, from 0; none outside of messages.
    pub record: Option<u64>,
    /// Ordinal of the segment: in its message (ST or UNH is 1), else in its interchange (ISA or UNB is 1). For a segment
    /// that is missing: where it should have been.
    pub segment: u32,
    /// The segment, the missing one included.
    pub tag: Tag,
    /// Id of the innermost loop or segment group it stands in: `N9`, `25`; empty at the top.
    pub loop_id: Cow<'static, str>,
    /// The way through the loops, with ordinals: `PO1[2]/PID[1]`.
    pub path: String,
    /// Element of the segment, from 1.
    pub element: u16,
    /// Component of the element, from 1.
    pub component: u16,
    /// Repetition of the element, from 1 where elements repeat.
    pub repetition: u16,
    /// Number of the data element in its dictionary: `353`, `C040`, `2380`.
    pub reference: Cow<'static, str>,
}

/// A rule that was broken, where, and what was there instead.
///
/// ```
/// use edi::{Finding, Rule, Syntax};
/// let finding = Finding::new(Rule::SegmentCount, "SE01 does not count the segments from ST to SE")
///     .found(b"9").expected("8");
/// let problem = finding.problem(Syntax::X12);
/// assert_eq!((problem.code.as_str(), problem.found.as_deref()), ("x12.segment_count", Some("9")));
/// assert_eq!(finding.rule.codes().set, "4");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Which rule.
    pub rule: Rule,
    /// How bad: the rule's own severity, unless the partner's policy says otherwise.
    pub severity: Severity,
    /// What an error spoils.
    pub level: Level,
    /// Where.
    pub place: Place,
    /// What is wrong, one sentence, lowercase.
    pub message: Cow<'static, str>,
    /// The value that was found, as it stands in the file. Content: never into a log.
    pub found: Option<Box<[u8]>>,
    /// What would have been right.
    pub expected: Option<Cow<'static, str>>,
    /// What to do about it.
    pub hint: Option<Cow<'static, str>>,
}

impl Finding {
    /// A finding of the rule's own severity that spoils a message; its place follows.
    #[must_use]
    pub fn new(rule: Rule, message: impl Into<Cow<'static, str>>) -> Self {
        Self {
            rule,
            severity: rule.severity(),
            level: Level::Message,
            place: Place::default(),
            message: message.into(),
            found: None,
            expected: None,
            hint: None,
        }
    }

    /// What it spoils.
    #[must_use]
    pub fn at_level(mut self, level: Level) -> Self {
        self.level = level;
        self
    }

    /// Where it is.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// What was found.
    #[must_use]
    pub fn found(mut self, bytes: &[u8]) -> Self {
        self.found = Some(bytes.into());
        self
    }

    /// What would have been right.
    #[must_use]
    pub fn expected(mut self, expected: impl Into<Cow<'static, str>>) -> Self {
        self.expected = Some(expected.into());
        self
    }

    /// What to do.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Cow<'static, str>>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Whether it spoils its level.
    #[must_use]
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }

    /// The finding for people and machines outside of EDI. Its code is the syntax and the rule: `x12.segment_count`.
    #[must_use]
    pub fn problem(&self, syntax: Syntax) -> Problem {
        let code = format!("{syntax}.{}", self.rule.name());
        let message = self.message.as_ref();
        let mut problem = match self.severity {
            Severity::Error => Problem::error(code, message),
            Severity::Warning => Problem::warning(code, message),
        };
        let place = &self.place;
        problem = problem.at_byte(place.byte);
        problem.line = Some(place.line).filter(|line| *line > 0);
        problem.record = place.record;
        problem.segment = Some(place.segment).filter(|ordinal| *ordinal > 0);
        if let Some(path) = place.pointer() {
            problem = problem.at_path(path);
        }
        if let Some(found) = &self.found {
            problem = problem.found(&crate::headers::shown(found));
        }
        if let Some(expected) = &self.expected {
            problem = problem.expected(expected.as_ref());
        }
        if let Some(hint) = &self.hint {
            problem = problem.hint(hint.as_ref());
        }
        problem
    }
}

impl Place {
    /// The path down to the component: `PO1[2]/02`, `LIN[1]/QTY[1]/01.2`, and for a repetition `REF[1]/04(2)`.
    #[must_use]
    pub fn pointer(&self) -> Option<String> {
        let mut text = if self.path.is_empty() {
            Some(self.tag).filter(|tag| *tag != Tag::NONE)?.to_string()
        } else {
            self.path.clone()
        };
        if self.element > 0 {
            text.push_str(&format!("/{:02}", self.element));
        }
        if self.repetition > 1 {
            text.push_str(&format!("({})", self.repetition));
        }
        if self.component > 0 {
            text.push_str(&format!(".{}", self.component));
        }
        Some(text)
    }
}
