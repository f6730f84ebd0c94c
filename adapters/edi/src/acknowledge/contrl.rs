//! The CONTRL: that an interchange of EDIFACT arrived, or what became of it, message by message.
//! Reference: ISO 9735 syntax version 3 (CONTRL D 3) and ISO 9735-4 (CONTRL D 4). Positions of data elements count the
//! tag as 1 there (0098); a missing segment is named by the last one before it (0096).
//! Invariant: below what is rejected nothing is listed; what is not listed below something accepted is accepted.

use super::Verdict;
use super::grid::{Depth, UNSPECIFIED, code_at, depth, service_tag};
use super::policy::Contrl;
use super::record::{GroupRecord, InterchangeRecord, MessageKind, MessageRecord, Note};
use crate::finding::Finding;
use crate::headers::{Address, Message};
use crate::rule::Rule;
use crate::write::{SegmentBuilder, Writer};

/// Most UCS of a message, and most UCD of a UCS.
const SEGMENTS: usize = 999;
const ELEMENTS: usize = 99;

/// What UCI says.
pub(super) fn verdict(record: &InterchangeRecord) -> Verdict {
    let rejected =
        |group: &GroupRecord| !group.accepted || group.counts.accepted < group.counts.received;
    if !record.accepted {
        return Verdict::Rejected;
    }
    // Rejected messages that cannot be listed would pass as accepted.
    if record.policy.contrl == Contrl::Receipt || record.omitted.rejected > 0 {
        return Verdict::Received;
    }
    if record.groups.iter().any(rejected) {
        return Verdict::PartiallyAccepted;
    }
    if !record.notes.is_empty() || record.groups.iter().any(GroupRecord::has_errors) {
        return Verdict::AcceptedWithErrors;
    }
    Verdict::Accepted
}

/// Writes it. Returns how many findings it does not name.
pub(super) fn write(record: &InterchangeRecord, writer: &mut Writer) -> Result<u64, Box<Finding>> {
    let release = if syntax_version(record) >= 4 {
        "D.4"
    } else {
        "D.3"
    };
    writer.open_message(&Message {
        id: "CONTRL".to_owned(),
        version: release.to_owned(),
        agency: "UN".to_owned(),
        control_number: "1".to_owned(),
        ..Message::default()
    })?;
    let mut sheet = Sheet {
        segment: SegmentBuilder::default(),
        version: syntax_version(record),
        writer,
        unlisted: 0,
    };
    let verdict = verdict(record);
    let headers = &record.headers;
    sheet.segment.start("UCI").element(&headers.control_number);
    for party in [&headers.sender, &headers.receiver] {
        sheet.party(party);
        sheet.segment.component(&party.internal);
    }
    sheet.judged(verdict, &record.notes, Depth::Interchange)?;
    if !matches!(verdict, Verdict::Rejected | Verdict::Received) {
        for group in &record.groups {
            sheet.group(group)?;
        }
    }
    Ok(sheet.unlisted)
}

fn syntax_version(record: &InterchangeRecord) -> u8 {
    let stated = record.headers.version.split(':').nth(1);
    stated.and_then(|version| version.parse().ok()).unwrap_or(3)
}

/// The message that is being written.
struct Sheet<'w> {
    segment: SegmentBuilder,
    /// The interchange's syntax version: from 4 on an occurrence of a repeating element can be named.
    version: u8,
    writer: &'w mut Writer,
    unlisted: u64,
}

type Written = Result<(), Box<Finding>>;

impl Sheet<'_> {
    fn party(&mut self, party: &Address) {
        self.segment.element(&party.id).component(&party.qualifier);
    }

    /// A group with its UCF, or messages that stand in none.
    fn group(&mut self, group: &GroupRecord) -> Written {
        let headers = &group.headers;
        if !headers.control_number.is_empty() {
            self.segment.start("UCF").element(&headers.control_number);
            self.party(&headers.sender);
            self.party(&headers.receiver);
            let verdict = if group.accepted {
                Verdict::Accepted
            } else {
                Verdict::Rejected
            };
            self.judged(verdict, &group.notes, Depth::Group)?;
            if !group.accepted {
                return Ok(());
            }
        }
        for message in &group.messages {
            let kind = group.kinds.get(message.kind);
            if let Some(kind) = kind.filter(|kind| !MessageKind::acknowledges(&kind.id)) {
                self.message(kind, message, message.accepted && group.accepted)?;
            }
        }
        Ok(())
    }

    fn message(&mut self, kind: &MessageKind, message: &MessageRecord, accepted: bool) -> Written {
        self.segment.start("UCM");
        if kind.package {
            self.segment.element("").element("");
        } else {
            let (version, release) = kind.version.split_once('.').unwrap_or((&kind.version, ""));
            self.segment.element(&message.control_number).composite(&[
                &kind.id,
                version,
                release,
                &kind.agency,
                &kind.guide,
            ]);
        }
        let (own, inner): (Vec<&Note>, Vec<&Note>) = message
            .notes
            .iter()
            .partition(|note| depth(note) == Depth::Message);
        let verdict = if accepted {
            Verdict::Accepted
        } else {
            Verdict::Rejected
        };
        let unexplained = !accepted && message.notes.is_empty();
        let error = own.iter().find(|note| note.error).or(own.first());
        self.action(verdict, error.copied(), unexplained, Depth::Message);
        if kind.package {
            self.pad(7);
            self.segment.element(&message.control_number);
        }
        self.put()?;
        self.unlisted += own.len().saturating_sub(1) as u64;
        self.segments(inner)
    }

    /// UCS and UCD, in the order of the segments.
    fn segments(&mut self, mut notes: Vec<&Note>) -> Written {
        notes.sort_by_key(|note| place(note));
        let mut room = SEGMENTS;
        for here in notes.chunk_by(|one, other| place(one) == place(other)) {
            let named = |wanted| {
                here.iter()
                    .copied()
                    .filter(move |note| depth(note) == wanted)
            };
            let elements: Vec<&Note> = named(Depth::Element).collect();
            // A UCS has one code: the elements go with the first one.
            let mut codes = named(Depth::Segment).map(Some);
            let first = codes.next().flatten();
            for (index, code) in std::iter::once(first).chain(codes).enumerate() {
                let elements = if index == 0 { elements.as_slice() } else { &[] };
                if room == 0 {
                    self.unlisted += (elements.len() + usize::from(code.is_some())) as u64;
                    continue;
                }
                room -= 1;
                let position = here.first().map_or(1, |note| place(note).0);
                self.segment_in_error(position, code, elements)?;
            }
        }
        Ok(())
    }

    fn segment_in_error(
        &mut self,
        position: u32,
        code: Option<&Note>,
        elements: &[&Note],
    ) -> Written {
        let code = code.map_or("", |note| code_at(note, Depth::Segment));
        self.segment
            .start("UCS")
            .element(&position.to_string())
            .element(code);
        self.put()?;
        self.unlisted += elements.len().saturating_sub(ELEMENTS) as u64;
        for note in elements.iter().take(ELEMENTS) {
            let code = code_at(note, Depth::Element);
            self.segment.start("UCD").element(code);
            self.element(note);
            self.put()?;
        }
        Ok(())
    }

    /// Action and, of what is wrong with the service segments, the first; then the segment is written.
    fn judged(&mut self, verdict: Verdict, notes: &[Note], depth: Depth) -> Written {
        let error = notes.iter().find(|note| note.error);
        let named = error
            .or(notes.first())
            .filter(|_| verdict != Verdict::Received);
        let unexplained = verdict == Verdict::Rejected && notes.is_empty();
        self.action(verdict, named, unexplained, depth);
        self.unlisted += notes.len().saturating_sub(1) as u64;
        self.put()
    }

    /// 0083, 0085, 0135 and S011.
    fn action(&mut self, verdict: Verdict, note: Option<&Note>, unexplained: bool, depth: Depth) {
        self.segment.element(verdict.edifact());
        let Some(note) = note else {
            if unexplained {
                self.segment.element(UNSPECIFIED);
            }
            return;
        };
        let code = code_at(note, depth);
        self.segment.element(code);
        let tag = note.tag.to_string();
        let service = match depth {
            Depth::Interchange => ["UNA", "UNB", "UNZ"]
                .contains(&tag.as_str())
                .then_some(tag.as_str()),
            Depth::Group => ["UNG", "UNE"]
                .contains(&tag.as_str())
                .then_some(tag.as_str()),
            Depth::Message | Depth::Segment | Depth::Element => service_tag(note),
        };
        if let Some(service) = service {
            self.segment.element(service);
            self.element(note);
        }
    }

    /// S011, where an element is meant.
    fn element(&mut self, note: &Note) {
        if note.element == 0 {
            return;
        }
        self.segment
            .element(&note.element.saturating_add(1).to_string());
        let component = if note.component > 0 {
            note.component.to_string()
        } else {
            String::new()
        };
        self.segment.component(&component);
        if self.version >= 4 && note.repetition > 0 {
            self.segment.component(&note.repetition.to_string());
        }
    }

    /// Empty elements up to the one before `number`.
    fn pad(&mut self, number: usize) {
        for _ in self.segment.count()..number - 1 {
            self.segment.element("");
        }
    }

    fn put(&mut self) -> Written {
        self.writer.segment(&self.segment)
    }
}

/// 0096, which of a missing segment is the position of the one before it; and whether a segment is missing there.
fn place(note: &Note) -> (u32, bool) {
    let missing = note.rule == Rule::SegmentMissing;
    let before = note.segment.saturating_sub(u32::from(missing));
    (before.max(1), missing)
}
