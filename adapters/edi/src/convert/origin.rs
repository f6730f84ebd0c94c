//! Where a document came from: its envelope's ids, its bytes and lines, and the occurrence that makes it one of a kind.
//! Never reads a message's content.
//! Invariant: two documents of one message never share subject and occurrence, and the same bytes give the same ones again.

use std::collections::HashMap;

use canonical::provenance::{self, EdiProvenance, EdiStandard, Provenance, Span};

use crate::headers::{Group, Interchange, Message};
use crate::message::{KnownLine, MessageView};
use crate::syntax::Syntax;
use crate::walk::Walk;

/// Room for the JSON of a provenance: most need less.
const PROVENANCE: usize = 1 << 10;

/// Where the documents of one message come from.
pub(super) struct Origin<'a> {
    view: MessageView<'a>,
    provenance: Provenance,
    occurrence: String,
    first_segment: u32,
    /// How many documents of the message had a subject: the occurrence tells them apart.
    subjects: HashMap<String, u32>,
    /// A place whose line is known.
    line: KnownLine,
    record: u64,
}

impl<'a> Origin<'a> {
    /// Documents of `message`, which belongs to the group and interchange that are open.
    pub(super) fn new(
        provenance: &Provenance,
        walk: &Walk<'_>,
        message: &Message,
        view: MessageView<'a>,
    ) -> Self {
        let mut provenance = provenance.clone();
        provenance.edi = Some(Box::new(envelope(
            walk.interchange(),
            walk.group(),
            message,
        )));
        Self {
            view,
            provenance,
            occurrence: occurrence(walk.interchange(), walk.group(), message),
            first_segment: message.first_segment,
            subjects: HashMap::new(),
            line: view.known_line(),
            record: message.record,
        }
    }

    /// What tells this document from every other of its subject.
    pub(super) fn occurrence(&mut self, subject: &str) -> String {
        let count = self.subjects.entry(subject.to_owned()).or_default();
        *count += 1;
        match *count {
            1 => self.occurrence.clone(),
            again => format!("{}#{again}", self.occurrence),
        }
    }

    /// A document's JSON with the provenance of the segments from the one to the other.
    pub(super) fn insert(
        &mut self,
        json: &[u8],
        at: usize,
        (first, last): (usize, usize),
    ) -> Vec<u8> {
        self.provenance.span = self.view.extent(first, last, &mut self.line).map(|extent| {
            let mut span = Span::new(extent.byte_start, extent.byte_end);
            span.line_start = Some(extent.line_start);
            span.line_end = Some(extent.line_end);
            span.record_index = Some(self.record);
            span
        });
        if let Some(transaction) = self
            .provenance
            .edi
            .as_mut()
            .and_then(|edi| edi.transaction.as_mut())
        {
            let ordinal = |index: usize| self.first_segment.checked_add(u32::try_from(index).ok()?);
            transaction.segment_first = ordinal(first);
            transaction.segment_last = ordinal(last);
        }
        let (before, behind) = json.split_at_checked(at).unwrap_or_default();
        let mut data = Vec::with_capacity(json.len() + PROVENANCE);
        data.extend_from_slice(before);
        data.extend_from_slice(b",\"provenance\":");
        // A vector takes every byte.
        serde_json::to_writer(&mut data, &self.provenance).unwrap_or_default();
        data.extend_from_slice(behind);
        data
    }
}

/// `x12/{qualifier}:{sender}/{qualifier}:{receiver}/{ISA13}/{GS06}/{ST02}`: what a partner never sends twice.
pub(super) fn occurrence(interchange: &Interchange, group: &Group, message: &Message) -> String {
    format!(
        "{}/{}:{}/{}:{}/{}/{}/{}",
        interchange.syntax,
        interchange.sender.qualifier,
        interchange.sender.id,
        interchange.receiver.qualifier,
        interchange.receiver.id,
        interchange.control_number,
        group.control_number,
        message.control_number,
    )
}

pub(super) fn envelope(
    interchange: &Interchange,
    group: &Group,
    message: &Message,
) -> EdiProvenance {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let mut edi = EdiProvenance::new(match interchange.syntax {
        Syntax::X12 => EdiStandard::X12,
        Syntax::Edifact => EdiStandard::Edifact,
        Syntax::Tradacoms => EdiStandard::Tradacoms,
    });
    edi.version = some(if group.version.is_empty() {
        &message.version
    } else {
        &group.version
    });
    let mut header = provenance::Interchange::new(interchange.control_number.clone());
    header.sender = some(&interchange.sender.id);
    header.sender_qualifier = some(&interchange.sender.qualifier);
    header.receiver = some(&interchange.receiver.id);
    header.receiver_qualifier = some(&interchange.receiver.qualifier);
    header.prepared_at = some(format!("{} {}", interchange.date, interchange.time).trim());
    header.test = Some(interchange.test);
    header.ack_requested = Some(interchange.ack_requested);
    edi.interchange = Some(header);
    edi.group = Some(provenance::Group {
        functional_id: some(&group.functional_id),
        control_number: some(&group.control_number),
        sender: some(&group.sender.id),
        receiver: some(&group.receiver.id),
        version: some(&group.version),
    })
    .filter(|group| *group != provenance::Group::default());
    edi.transaction = Some(provenance::Transaction {
        set_id: some(&message.id),
        control_number: some(&message.control_number),
        implementation: some(&message.guide),
        segment_first: None,
        segment_last: None,
    });
    edi
}
