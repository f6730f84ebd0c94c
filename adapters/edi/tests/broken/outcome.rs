//! What becomes of a broken document, as a row says it.
//!
//! A finding is `rule M2:7 PO1[1]/02 in PO1 #330`: in brackets when it is a warning; the level that it spoils (File, Interchange, Group,
//! Message, or Content, which is the mapping's); the message by its number in the file; the segment's ordinal; the way down to
//! the component; the loop; the data element. Its offset and line are checked and not shown: they are those of that place, or of
//! the row's `@` where one follows; any other offset or line is shown.
//! Of the answers stands what differs from those to the good document: each segment that only this one has, and with a minus
//! each that has no counterpart here.
//! Invariant: reading step by step and [`edi::Engine::convert`] find and answer the same, or the call panics.

use canonical::decode::{Admission, Context, DecodeError, Reply, Sink, SinkError};
use canonical::document::Sealed;
use canonical::id::Digest;
use canonical::problem::{Problem, Severity};
use edi::{Finding, Level, Place, Rule, Tag};

use crate::answered;
use crate::cut::{Cut, Marks};
use crate::terms::Terms;

/// A document that was read.
pub(crate) struct Outcome {
    /// Each finding, as a row says it.
    pub(crate) findings: Vec<String>,
    /// The rules that were broken.
    pub(crate) rules: Vec<Rule>,
    /// The segments of each answer that say something, its kind before them.
    pub(crate) answers: Vec<Answer>,
}

/// An answer: its kind, and the segments that say something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    kind: String,
    /// What it answers.
    key: String,
    segments: Vec<String>,
}

/// Reads a document.
pub(crate) fn of(bytes: &[u8], marks: Marks, mark: Option<u64>, terms: &Terms) -> Outcome {
    let answered = answered::answer(&terms.engine, terms.feed.as_deref(), bytes);
    let kept = convert(bytes, terms);
    let mut content = compared(&answered.findings, &kept.problems);
    // No message of TRADACOMS is mapped: that is not worth a word in every row.
    content.retain(|problem| problem.code != "tradacoms.message_unmapped");
    let cut = Cut::new(bytes.to_vec(), marks);
    let shown = |finding: &Finding| line(&cut, mark, finding, level(finding.level));
    let mut findings: Vec<String> = answered.findings.iter().map(shown).collect();
    let content: Vec<Finding> = content.iter().map(finding_of).collect();
    let told = content.iter().map(|finding| line(&cut, mark, finding, "C"));
    findings.extend(told);
    let answers: Vec<Answer> = answered
        .answers
        .iter()
        .map(|answer| Answer::new(answer.kind.as_str(), &answer.interchange, &answer.bytes))
        .collect();
    let replies = kept.replies.iter();
    let replies: Vec<Answer> = replies
        .map(|reply| Answer::new(&reply.kind, &reply.interchange, &reply.bytes))
        .collect();
    if !terms.seen {
        assert_eq!(answers, replies, "`convert` answers the same");
    }
    let rules = answered.findings.iter().chain(&content);
    Outcome {
        rules: rules.map(|finding| finding.rule).collect(),
        findings,
        answers: if terms.seen { replies } else { answers },
    }
}

fn level(level: Level) -> &'static str {
    match level {
        Level::File => "F",
        Level::Interchange => "I",
        Level::Group => "G",
        Level::Message => "M",
    }
}

fn line(cut: &Cut, mark: Option<u64>, finding: &Finding, level: &str) -> String {
    let place = &finding.place;
    let name = finding.rule.name();
    let mut line = if finding.is_error() {
        name.to_owned()
    } else {
        format!("({name})")
    };
    let message = place.record.map(|record| (record + 1).to_string());
    line += &format!(" {level}{}:{}", message.unwrap_or_default(), place.segment);
    if let Some(pointer) = place.pointer() {
        line += &format!(" {pointer}");
    }
    if !place.loop_id.is_empty() {
        line += &format!(" in {}", place.loop_id);
    }
    if !place.reference.is_empty() {
        line += &format!(" #{}", place.reference);
    }
    let meant = cut.offsets(place);
    if mark == Some(place.byte) {
        line += " @";
    } else if !meant.iter().any(|byte| *byte as u64 == place.byte) {
        line += &format!(" byte {}", place.byte);
    }
    let before = usize::try_from(place.byte).unwrap().min(cut.bytes.len());
    let lines = cut.bytes[..before]
        .iter()
        .filter(|byte| **byte == b'\n')
        .count();
    if finding.rule != Rule::LinesJoined && place.line != lines as u64 + 1 {
        line += &format!(" line {}", place.line);
    }
    line
}

/// The problems that no finding stands for: the mapping's.
fn compared(findings: &[Finding], problems: &[Problem]) -> Vec<Problem> {
    let mut left = problems.to_vec();
    let rule = |problem: &Problem| problem.code.rsplit('.').next().map(str::to_owned);
    for finding in findings {
        let same = |problem: &Problem| {
            rule(problem).as_deref() == Some(finding.rule.name())
                && problem.byte == Some(finding.place.byte)
                && problem.severity == finding.severity
                && problem.record == finding.place.record
                && problem.segment.unwrap_or_default() == finding.place.segment
                && problem.path == finding.place.pointer()
        };
        let place = left.iter().position(same);
        let place =
            place.unwrap_or_else(|| panic!("`convert` does not find {finding:?}: {problems:?}"));
        left.remove(place);
    }
    left
}

/// A problem of the mapping as a finding.
fn finding_of(problem: &Problem) -> Finding {
    let name = problem.code.rsplit('.').next().unwrap();
    let mut finding = Finding::new(Rule::named(name).unwrap(), problem.message.clone());
    finding.severity = problem.severity;
    let path = problem.path.clone().unwrap_or_default();
    // `PO1[2]/03.1`: what stands behind the last stroke is an element when it begins with a digit.
    let (way, element) = match path.rsplit_once('/') {
        Some((way, element)) if element.starts_with(|first: char| first.is_ascii_digit()) => {
            (way, element)
        }
        _ => (path.as_str(), ""),
    };
    let (element, component) = element.split_once('.').unwrap_or((element, ""));
    finding.at(Place {
        byte: problem.byte.unwrap_or_default(),
        line: problem.line.unwrap_or_default(),
        record: problem.record,
        segment: problem.segment.unwrap_or_default(),
        path: way.to_owned(),
        element: element.parse().unwrap_or_default(),
        component: component.parse().unwrap_or_default(),
        tag: Tag::NONE,
        ..Place::default()
    })
}

impl Answer {
    fn new(kind: &str, key: &str, bytes: &[u8]) -> Self {
        let text = std::str::from_utf8(bytes).unwrap();
        let (end, envelope): (char, &[&str]) = match kind {
            "CONTRL" => ('\'', &["UNA", "UNB", "UNH", "UNT", "UNZ"]),
            _ => ('~', &["ISA", "GS", "ST", "SE", "GE", "IEA"]),
        };
        let mut segments = Vec::new();
        for segment in text.split_inclusive(end).map(str::trim) {
            let tag = segment.split(['*', '+', ':', end]).next().unwrap();
            if !envelope.contains(&tag) && !segment.is_empty() {
                segments.push(segment.to_owned());
            }
        }
        Self {
            kind: kind.to_owned(),
            key: key.to_owned(),
            segments,
        }
    }

    fn shown(&self, segments: &[String]) -> String {
        format!("{}: {}", self.kind, segments.concat())
    }
}

/// The answers as they are; a hyphen when there are none.
pub(crate) fn whole(answers: &[Answer]) -> String {
    let all: Vec<String> = answers
        .iter()
        .map(|answer| answer.shown(&answer.segments))
        .collect();
    joined(&all)
}

/// What the answers have otherwise than those to the good document.
pub(crate) fn difference(good: &[Answer], answers: &[Answer]) -> String {
    let mut before = good.to_vec();
    let mut said = Vec::new();
    for answer in answers {
        let same = |other: &Answer| (&other.kind, &other.key) == (&answer.kind, &answer.key);
        let alone = |other: &Answer| {
            let others = answers.iter().filter(|one| one.kind == answer.kind);
            other.kind == answer.kind
                && others.count() == good.iter().filter(|one| one.kind == answer.kind).count()
        };
        let place = before
            .iter()
            .position(same)
            .or_else(|| before.iter().position(alone));
        let other = place
            .map(|place| before.remove(place).segments)
            .unwrap_or_default();
        let (mut gone, mut new) = (other, Vec::new());
        for segment in &answer.segments {
            match gone.iter().position(|other| other == segment) {
                Some(place) => drop(gone.remove(place)),
                None => new.push(segment.clone()),
            }
        }
        // What another one of its kind stands for is not worth a word.
        let tag = |segment: &str| segment.get(..3).unwrap_or_default().to_owned();
        let mut tags: Vec<String> = new.iter().map(|segment| tag(segment)).collect();
        for segment in gone {
            match tags.iter().position(|known| *known == tag(&segment)) {
                Some(place) => drop(tags.remove(place)),
                None => new.push(format!("-{segment}")),
            }
        }
        if !new.is_empty() {
            said.push(answer.shown(&new));
        }
    }
    said.extend(before.iter().map(|answer| format!("no {}", answer.kind)));
    joined(&said)
}

/// Parts of a column; a hyphen when there are none.
pub(crate) fn joined(parts: &[String]) -> String {
    if parts.is_empty() {
        "-".to_owned()
    } else {
        parts.join("; ")
    }
}

/// What a conversion gives, beside its documents.
#[derive(Default)]
struct Kept {
    problems: Vec<Problem>,
    replies: Vec<Reply>,
    seen: bool,
}

impl Sink for Kept {
    fn document(&mut self, _document: Sealed) -> Result<(), SinkError> {
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn boundary(&mut self) {}

    fn discard_to_boundary(&mut self) {}

    fn admit(&mut self, _key: &str, _digest: Digest) -> Result<Admission, SinkError> {
        Ok(if self.seen {
            Admission::Conflict
        } else {
            Admission::New
        })
    }

    fn reply(&mut self, reply: Reply) -> Result<(), SinkError> {
        self.replies.push(reply);
        Ok(())
    }
}

fn convert(mut bytes: &[u8], terms: &Terms) -> Kept {
    let context = Context {
        ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
        received_at: "2026-11-23T09:16:00Z",
        file_name: "broken.edi",
        modified_at: None,
        feed: terms.feed.as_deref(),
    };
    let mut kept = Kept {
        seen: terms.seen,
        ..Kept::default()
    };
    match terms.engine.convert(&mut bytes, &context, &mut kept) {
        Ok(_) => {}
        Err(DecodeError::Refused(problem)) => {
            assert_eq!(problem.severity, Severity::Error);
            kept.problems.push(*problem);
        }
        Err(other) => panic!("{other}"),
    }
    kept
}
