//! Where a document came from: its envelope's ids, its bytes and lines, and the occurrence that makes it one of a kind.
//! Never reads a set's content.
//! Invariant: two documents of one set never share subject and occurrence, and the same bytes give the same ones again.

use std::collections::HashMap;

use canonical::decode::{Sink, SinkError};
use canonical::document::Document;
use canonical::entity::Entity;
use canonical::identifiers::Identifier;
use canonical::inventory_level::Location;
use canonical::party::{Party, PartyRole};
use canonical::provenance::{self, EdiProvenance, EdiStandard, Provenance, Span};

use super::party::x12_scheme;
use crate::headers::{Group, Interchange, Message};
use crate::message::{Extent, KnownLine, MessageView};
use crate::walk::Walk;

/// Where the documents of one set go.
pub(super) struct Output<'o> {
    sink: &'o mut dyn Sink,
    provenance: &'o Provenance,
    envelope: EdiProvenance,
    occurrence: String,
    record: u64,
    first_segment: u32,
    /// How many documents of the set had a subject: the occurrence tells them apart.
    subjects: HashMap<String, u32>,
    /// A place whose line is known.
    line: KnownLine,
}

impl<'o> Output<'o> {
    /// Documents of `set`, which belongs to the group and interchange that are open.
    pub(super) fn new(
        sink: &'o mut dyn Sink,
        provenance: &'o Provenance,
        walk: &Walk<'_>,
        set: &Message,
        view: MessageView<'_>,
    ) -> Self {
        Self {
            sink,
            provenance,
            envelope: envelope(walk.interchange(), walk.group(), set),
            occurrence: occurrence(walk.interchange(), walk.group(), set),
            record: set.record,
            first_segment: set.first_segment,
            subjects: HashMap::new(),
            line: view.known_line(),
        }
    }

    /// Gives away a document made of the segments `first` to `last`.
    pub(super) fn document(
        &mut self,
        set: MessageView<'_>,
        mut entity: Entity,
        first: usize,
        last: usize,
    ) -> Result<(), SinkError> {
        let mut provenance = self.provenance.clone();
        if let Some(extent) = set.extent(first, last, &mut self.line) {
            provenance.span = Some(span(extent, self.record));
        }
        let mut edi = self.envelope.clone();
        if let Some(transaction) = &mut edi.transaction {
            let ordinal = |index: usize| self.first_segment.checked_add(u32::try_from(index).ok()?);
            transaction.segment_first = ordinal(first);
            transaction.segment_last = ordinal(last);
        }
        provenance.edi = Some(Box::new(edi));
        *entity.provenance_mut() = Some(provenance);
        let count = self.subjects.entry(entity.subject()).or_default();
        *count += 1;
        let occurrence = match *count {
            1 => self.occurrence.clone(),
            again => format!("{}#{again}", self.occurrence),
        };
        let document = Document {
            entity,
            record: self.record,
            occurrence: Some(occurrence),
        };
        self.sink.document(document.seal())
    }
}

fn span(extent: Extent, record: u64) -> Span {
    let mut span = Span::new(extent.byte_start, extent.byte_end);
    span.line_start = Some(extent.line_start);
    span.line_end = Some(extent.line_end);
    span.record_index = Some(record);
    span
}

/// `x12/{qualifier}:{sender}/{qualifier}:{receiver}/{ISA13}/{GS06}/{ST02}`: what a partner never sends twice.
fn occurrence(interchange: &Interchange, group: &Group, set: &Message) -> String {
    format!(
        "x12/{}:{}/{}:{}/{}/{}/{}",
        interchange.sender.qualifier,
        interchange.sender.id,
        interchange.receiver.qualifier,
        interchange.receiver.id,
        interchange.control_number,
        group.control_number,
        set.control_number,
    )
}

fn envelope(interchange: &Interchange, group: &Group, set: &Message) -> EdiProvenance {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let mut edi = EdiProvenance::new(EdiStandard::X12);
    edi.version = some(&group.version);
    let mut header = provenance::Interchange::new(interchange.control_number.clone());
    header.sender = some(&interchange.sender.id);
    header.sender_qualifier = some(&interchange.sender.qualifier);
    header.receiver = some(&interchange.receiver.id);
    header.receiver_qualifier = some(&interchange.receiver.qualifier);
    header.prepared_at = some(format!("{} {}", interchange.date, interchange.time).trim());
    header.test = Some(interchange.usage == "T");
    header.ack_requested = Some(interchange.ack_requested);
    edi.interchange = Some(header);
    edi.group = Some(provenance::Group {
        functional_id: some(&group.functional_id),
        control_number: some(&group.control_number),
        sender: some(&group.sender.id),
        receiver: some(&group.receiver.id),
        version: some(&group.version),
    });
    edi.transaction = Some(provenance::Transaction {
        set_id: some(&set.id),
        control_number: some(&set.control_number),
        implementation: some(&set.guide),
        segment_first: None,
        segment_last: None,
    });
    edi
}

/// The interchange's sender, by its id there: who buys, when an order names nobody.
pub(super) fn sender_party(interchange: &Interchange) -> Party {
    let mut party = Party::new(PartyRole::Buyer);
    party.identifiers.extend(sender_id(interchange));
    party
}

/// The interchange's sender as a place: whose stock it is, when a report names no place.
pub(super) fn sender_location(interchange: &Interchange) -> Location {
    let mut location = Location::new(interchange.sender.id.clone());
    location.identifiers.extend(sender_id(interchange));
    location
}

fn sender_id(interchange: &Interchange) -> Option<Identifier> {
    let scheme = x12_scheme(format!("i05.{}", interchange.sender.qualifier).as_bytes())?;
    Some(Identifier::new(scheme, interchange.sender.id.clone()))
        .filter(|identifier| !identifier.value.is_empty())
}
