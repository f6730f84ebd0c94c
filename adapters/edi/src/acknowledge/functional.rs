//! The 997 and the 999: what became of the groups of X12, set by set.
//! Reference: X12 transaction sets 997 and 999, elements 715 to 718, 720, 723 (997) and 618, 620, 621 (999).
//! Invariant: AK9 counts what was delivered; a set of a group that was not delivered is rejected.

use super::Verdict;
use super::record::{GroupRecord, InterchangeRecord, MessageKind, MessageRecord, Note};
use super::reply::Kind;
use crate::finding::Finding;
use crate::headers::{Address, Group, Message, release};
use crate::rule::Rule;
use crate::write::{SegmentBuilder, Writer};

/// Version and guide of the 999 (GS08 and ST03).
const GUIDE: &str = "005010X231A1";
/// AK304 of a segment whose elements are in error.
const ELEMENT: &str = "8";
/// Most AK4 of an AK3, and most codes of an AK5 or AK9.
const ELEMENTS: usize = 99;
const CODES: usize = 5;
/// Most sets that AK902 can count.
const SETS: u64 = 999_999;

/// What is said of all groups together.
pub(super) fn verdict(record: &InterchangeRecord) -> Verdict {
    let mut groups = answered(record).map(|group| Outcome::of(record, group).verdict);
    let first = groups.next().unwrap_or(Verdict::Rejected);
    groups.fold(first, |all, next| match (all, next) {
        _ if all == next => all,
        (Verdict::Accepted, Verdict::AcceptedWithErrors)
        | (Verdict::AcceptedWithErrors, Verdict::Accepted) => Verdict::AcceptedWithErrors,
        _ => Verdict::PartiallyAccepted,
    })
}

fn answered(record: &InterchangeRecord) -> impl Iterator<Item = &GroupRecord> {
    record.groups.iter().filter(|group| !group.acknowledges())
}

/// Writes one set for each group that is answered. Returns how many findings it does not name.
pub(super) fn write(
    record: &InterchangeRecord,
    kind: Kind,
    group: &Group,
    writer: &mut Writer,
) -> Result<u64, Box<Finding>> {
    let version = answered(record).next().map(|first| version(kind, first));
    let version = version.unwrap_or_default();
    let mut sheet = Sheet {
        kind,
        since_4010: version.as_str() >= "004010",
        since_5010: is_5010(&version),
        segment: SegmentBuilder::default(),
        writer,
        unlisted: 0,
    };
    for (index, received) in answered(record).enumerate() {
        if index == 0 {
            let ids = &record.headers;
            sheet.writer.open_group(&Group {
                functional_id: "FA".to_owned(),
                sender: party(&received.headers.receiver, &ids.receiver),
                receiver: party(&received.headers.sender, &ids.sender),
                version: version.clone(),
                ..group.clone()
            })?;
        }
        let message = Message {
            id: kind.as_str().to_owned(),
            control_number: (index + 1).to_string(),
            ..Message::default()
        };
        sheet.writer.open_message(&message)?;
        sheet.group(record, received)?;
    }
    Ok(sheet.unlisted)
}

/// The party of a group, or of its interchange where the group's cannot be written.
fn party(group: &Address, interchange: &Address) -> Address {
    let fits = (1..=15).contains(&group.id.chars().count());
    if fits { group } else { interchange }.clone()
}

/// The version of the answer: that of what it answers, without its guide; one that everybody reads where that is none.
fn version(kind: Kind, group: &GroupRecord) -> String {
    if kind == Kind::F999 {
        return GUIDE.to_owned();
    }
    release(&group.headers.version)
        .unwrap_or("004010")
        .to_owned()
}

/// Whether a version has what came with 005010: the 999, and versions in AK1.
pub(super) fn is_5010(version: &str) -> bool {
    release(version).is_some_and(|release| release >= "005010")
}

/// AK9 of a group.
struct Outcome {
    verdict: Verdict,
    accepted: u64,
}

impl Outcome {
    fn of(record: &InterchangeRecord, group: &GroupRecord) -> Self {
        let counts = group.counts;
        let accepted = if record.accepted && group.accepted {
            counts.accepted
        } else {
            0
        };
        let flawed = counts.with_errors > 0
            || group
                .notes
                .iter()
                .any(|note| !note.rule.codes().group.is_empty());
        let verdict = match accepted {
            0 => Verdict::Rejected,
            _ if accepted < counts.received => Verdict::PartiallyAccepted,
            _ if flawed => Verdict::AcceptedWithErrors,
            _ => Verdict::Accepted,
        };
        Self { verdict, accepted }
    }
}

/// The set that is being written.
struct Sheet<'w> {
    kind: Kind,
    /// Whether its version names components in an AK4, and whether it names repetitions.
    since_4010: bool,
    since_5010: bool,
    segment: SegmentBuilder,
    writer: &'w mut Writer,
    unlisted: u64,
}

type Written = Result<(), Box<Finding>>;

impl Sheet<'_> {
    /// AK1 to AK9.
    fn group(&mut self, record: &InterchangeRecord, group: &GroupRecord) -> Written {
        let headers = &group.headers;
        self.segment
            .start("AK1")
            .element(&headers.functional_id)
            .element(&headers.control_number);
        if is_5010(&headers.version) {
            self.segment.element(&headers.version);
        }
        self.put()?;
        let delivered = record.accepted && group.accepted;
        for message in &group.messages {
            if let Some(kind) = group.kinds.get(message.kind) {
                self.message(kind, message, delivered)?;
            }
        }
        let outcome = Outcome::of(record, group);
        let received = group.counts.received;
        let claimed = group
            .claimed
            .filter(|count| *count <= SETS)
            .unwrap_or(received);
        let codes = distinct(group.notes.iter().map(|note| note.rule.codes().group));
        self.segment
            .start("AK9")
            .element(outcome.verdict.x12())
            .element(&claimed.to_string())
            .element(&received.to_string())
            .element(&outcome.accepted.to_string());
        self.codes(&codes);
        self.put()
    }

    /// AK2 to AK5, or IK5.
    fn message(&mut self, kind: &MessageKind, message: &MessageRecord, delivered: bool) -> Written {
        self.segment
            .start("AK2")
            .element(&kind.id)
            .element(&message.control_number);
        if self.kind == Kind::F999 {
            // ST03 as it was; the walk keeps what follows the version where a set has none.
            let stated =
                Some(kind.guide.as_str()).filter(|guide| guide.starts_with(kind.version.as_str()));
            self.segment.element(stated.unwrap_or_default());
        }
        self.put()?;
        let mut notes: Vec<&Note> = message.notes.iter().collect();
        notes.sort_by_key(|note| note.segment);
        let mut flawed = false;
        let place = |note: &&Note| (note.segment, note.tag);
        for here in
            notes.chunk_by(|one, other| place(one) == place(other) && one.loop_id == other.loop_id)
        {
            flawed |= self.at(here)?;
        }
        let mut codes = distinct(message.notes.iter().map(|note| self.set_code(note.rule)));
        if (flawed || message.unheard) && !codes.contains(&"5") {
            codes.push("5");
        }
        let verdict = match (delivered && message.accepted, message.has_errors()) {
            (false, _) => Verdict::Rejected,
            (true, true) => Verdict::AcceptedWithErrors,
            (true, false) => Verdict::Accepted,
        };
        self.segment
            .start(self.tag("AK5", "IK5"))
            .element(verdict.x12());
        self.codes(&codes);
        self.put()
    }

    /// What is wrong at one place: an AK3 for each code, and behind that of code 8 the elements. Whether there was any code.
    fn at(&mut self, notes: &[&Note]) -> Result<bool, Box<Finding>> {
        let Some(first) = notes.first() else {
            return Ok(false);
        };
        let elements: Vec<_> = notes
            .iter()
            .filter(|note| !self.element_code(note).is_empty())
            .collect();
        let codes = distinct(notes.iter().map(|note| self.segment_code(note)));
        for code in &codes {
            if *code != ELEMENT || elements.is_empty() {
                self.segment_in_error(first, code)?;
            }
        }
        if !elements.is_empty() && self.segment_in_error(first, ELEMENT)? {
            self.unlisted += elements.len().saturating_sub(ELEMENTS) as u64;
            for note in elements.iter().take(ELEMENTS) {
                self.element_in_error(note)?;
            }
        }
        Ok(!codes.is_empty() || !elements.is_empty())
    }

    /// AK3. False when the segment has no tag that could be named.
    fn segment_in_error(&mut self, note: &Note, code: &str) -> Result<bool, Box<Finding>> {
        let tag = note.tag.to_string();
        let named = if note.tag.is_valid() {
            tag.as_str()
        } else {
            note.value.get(..3).unwrap_or(&note.value)
        };
        if named.len() < 2 || note.segment == 0 {
            self.unlisted += 1;
            return Ok(false);
        }
        let longest = if self.kind == Kind::F999 { 6 } else { 4 };
        let around = Some(&*note.loop_id)
            .filter(|id| id.len() <= longest)
            .unwrap_or_default();
        self.segment
            .start(self.tag("AK3", "IK3"))
            .element(named)
            .element(&note.segment.to_string())
            .element(around)
            .element(code);
        self.put()?;
        Ok(true)
    }

    /// AK4. The value is copied where a value is what is wrong, and the answer can carry it.
    fn element_in_error(&mut self, note: &Note) -> Written {
        let code = self.element_code(note);
        let position = note.element.to_string();
        let beyond = |number: u16, least: u16| {
            if number >= least {
                number.to_string()
            } else {
                String::new()
            }
        };
        let component = beyond(if self.since_4010 { note.component } else { 0 }, 1);
        let repetition = beyond(if self.since_5010 { note.repetition } else { 0 }, 2);
        let reference =
            Some(&*note.reference).filter(|id| id.bytes().all(|byte| byte.is_ascii_digit()));
        self.segment
            .start(self.tag("AK4", "IK4"))
            .composite(&[&position, &component, &repetition])
            .element(reference.unwrap_or_default())
            .element(code);
        let copied = matches!(code, "4" | "5" | "6" | "7" | "8" | "9" | "I6");
        if copied && note.value.is_ascii() && !note.value.is_empty() {
            let bare = self.segment.clone();
            self.segment.element(&note.value);
            if self.put().is_ok() {
                return Ok(());
            }
            self.segment = bare;
        }
        self.put()
    }

    fn codes(&mut self, codes: &[&'static str]) {
        self.unlisted += codes.len().saturating_sub(CODES) as u64;
        for code in codes.iter().take(CODES) {
            self.segment.element(code);
        }
    }

    fn put(&mut self) -> Written {
        self.writer.segment(&self.segment)
    }

    fn tag(&self, f997: &'static str, f999: &'static str) -> &'static str {
        if self.kind == Kind::F999 { f999 } else { f997 }
    }

    /// AK502 or IK502.
    fn set_code(&self, rule: Rule) -> &'static str {
        if rule == Rule::MessageNotInGroup && self.kind == Kind::F999 {
            return "18";
        }
        rule.codes().set
    }

    /// AK304 or IK304; the 8 of segments whose elements are wrong is none of these.
    fn segment_code(&self, note: &Note) -> &'static str {
        match (note.rule == Rule::NotUsed, note.element, self.kind) {
            (true, 0, Kind::F999) => "I4",
            (true, 1.., _) => "",
            _ => note.rule.codes().segment,
        }
    }

    /// AK403 or IK403.
    fn element_code(&self, note: &Note) -> &'static str {
        if self.kind == Kind::F999 {
            if note.rule == Rule::NotUsed && note.element > 0 {
                return "I10";
            }
            if note.rule == Rule::ElementCodeRefused {
                return "I6";
            }
        }
        match note.rule.codes().element {
            // Too many repetitions or components are too many elements before there was a code for them.
            "12" | "13" if !self.since_5010 => "3",
            code => code,
        }
    }
}

/// Codes in their order, each once, empty ones never.
fn distinct(codes: impl Iterator<Item = &'static str>) -> Vec<&'static str> {
    let mut found = Vec::new();
    for code in codes.filter(|code| !code.is_empty()) {
        if !found.contains(&code) {
            found.push(code);
        }
    }
    found
}
