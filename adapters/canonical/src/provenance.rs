//! Where a document came from: claim, file, byte span, EDI envelope, platform, mapping.
//! Never copied from what a mapping computes: the reader of the bytes states it.
//! Invariant: byte and line ranges point into the claim's own file; ends of byte ranges are exclusive.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::date::DateTime;
use crate::id::Digest;
use crate::ingest::IngestId;
use crate::verbatim::Object;
use crate::word::word;

/// Where a document came from. A row of a file states only ingest id, time and span (and its EDI envelope): what is the same for a whole file is in [`crate::ingest::Ingest`], once.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Provenance {
    /// The agent's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub agent_id: Option<String>,
    /// What produced the file or the call: a feed, a platform connector.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub connector: Option<String>,
    /// The claim's id, durable before the first byte was parsed.
    pub ingest_id: IngestId,
    /// When the claim was made.
    pub received_at: DateTime,
    /// The file, where it is not in the ingest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<Box<FileFacts>>,
    /// Which bytes of the file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// The EDI envelope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edi: Option<Box<EdiProvenance>>,
    /// The platform the document was fetched from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub platform: Option<Box<PlatformProvenance>>,
    /// The mapping, where it is not in the ingest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mapping: Option<Box<MappingRef>>,
}

impl Provenance {
    /// One with the fields it must have and no others.
    pub fn new(ingest_id: IngestId, received_at: DateTime) -> Self {
        Self {
            agent_id: None,
            connector: None,
            ingest_id,
            received_at,
            file: None,
            span: None,
            edi: None,
            platform: None,
            mapping: None,
        }
    }
}

/// What is known about a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct FileFacts {
    /// Name without its folder.
    pub name: String,
    /// Its folder, as configured.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// Bytes.
    pub size: u64,
    /// Over the whole file.
    pub sha256: Digest,
    /// Modification time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mtime: Option<DateTime>,
    /// Encoding of the text, WHATWG name in lower case.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub encoding: Option<String>,
    /// Whether the text begins with a byte order mark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bom: Option<bool>,
    /// How lines end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_ending: Option<LineEnding>,
}

impl FileFacts {
    /// One with the fields it must have and no others.
    pub fn new(name: impl Into<String>, size: u64, sha256: Digest) -> Self {
        Self {
            name: name.into(),
            dir: None,
            size,
            sha256,
            mtime: None,
            encoding: None,
            bom: None,
            line_ending: None,
        }
    }
}

word! {
/// How the lines of a text end.
LineEnding {
/// Line feed.
Lf = "lf",
/// Carriage return and line feed.
Crlf = "crlf",
/// Carriage return.
Cr = "cr",
/// More than one of them.
Mixed = "mixed",
/// There is only one line.
None = "none",
}
}

/// A range of a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Span {
    /// First byte, from 0.
    pub byte_start: u64,
    /// One past the last byte.
    pub byte_end: u64,
    /// First line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub line_start: Option<u64>,
    /// Last line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub line_end: Option<u64>,
    /// Record or transaction index, from 0.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record_index: Option<u64>,
    /// Which columns gave which fields.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub column_map: Object,
}

impl Span {
    /// One with the fields it must have and no others.
    pub fn new(byte_start: u64, byte_end: u64) -> Self {
        Self {
            byte_start,
            byte_end,
            line_start: None,
            line_end: None,
            record_index: None,
            column_map: BTreeMap::new(),
        }
    }
}

/// The EDI envelope of a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct EdiProvenance {
    /// The syntax.
    pub standard: EdiStandard,
    /// Version: `004010`, `D`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Release: `96A`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub release: Option<String>,
    /// UNB or ISA.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interchange: Option<Interchange>,
    /// UNG or GS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Group>,
    /// UNH or ST.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<Transaction>,
    /// Separators as the interchange declares them: element, component, segment, …
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub delimiters: BTreeMap<String, String>,
}

impl EdiProvenance {
    /// One with the fields it must have and no others.
    pub fn new(standard: EdiStandard) -> Self {
        Self {
            standard,
            version: None,
            release: None,
            interchange: None,
            group: None,
            transaction: None,
            delimiters: BTreeMap::new(),
        }
    }
}

word! {
/// An EDI syntax.
EdiStandard {
/// ANSI ASC X12.
X12 = "x12",
/// UN/EDIFACT.
Edifact = "edifact",
/// TRADACOMS.
Tradacoms = "tradacoms",
/// SAP IDoc.
Idoc = "idoc",
/// VDA flat files.
Vda = "vda",
/// Odette.
Odette = "odette",
/// Something else.
Other = "other",
}
}

/// The interchange's header.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Interchange {
    /// ISA13 or UNB 0020, as received.
    pub control_number: String,
    /// Sender's identification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// Its qualifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender_qualifier: Option<String>,
    /// Receiver's identification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<String>,
    /// Its qualifier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver_qualifier: Option<String>,
    /// Date and time of preparation, as received.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(length(min = 0)))]
    pub prepared_at: Option<String>,
    /// Whether it is marked as a test.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<bool>,
    /// Whether an acknowledgement is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ack_requested: Option<bool>,
}

impl Interchange {
    /// One with the fields it must have and no others.
    pub fn new(control_number: impl Into<String>) -> Self {
        Self {
            control_number: control_number.into(),
            sender: None,
            sender_qualifier: None,
            receiver: None,
            receiver_qualifier: None,
            prepared_at: None,
            test: None,
            ack_requested: None,
        }
    }
}

/// The functional group's header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Group {
    /// GS01: `PO`, `IB`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub functional_id: Option<String>,
    /// GS06.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_number: Option<String>,
    /// GS02.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sender: Option<String>,
    /// GS03.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receiver: Option<String>,
    /// GS08.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
}

/// The transaction set's or message's header.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Transaction {
    /// ST01 or message type: `850`, `ORDERS`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set_id: Option<String>,
    /// ST02 or message reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub control_number: Option<String>,
    /// ST03 or association code: `EAN008`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub implementation: Option<String>,
    /// Ordinal of its first segment in the interchange, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment_first: Option<u32>,
    /// Ordinal of its last segment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub segment_last: Option<u32>,
}

/// The platform a document was fetched from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PlatformProvenance {
    /// Which one.
    pub name: PlatformName,
    /// Version of its API.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api_version: Option<String>,
    /// Shop, store or tenant there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Id of the delivery.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub webhook_id: Option<String>,
    /// Id of the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// The event's topic.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub topic: Option<String>,
    /// When it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub fetched_at: Option<DateTime>,
}

impl PlatformProvenance {
    /// One with the fields it must have and no others.
    pub fn new(name: PlatformName) -> Self {
        Self {
            name,
            api_version: None,
            account: None,
            webhook_id: None,
            event_id: None,
            topic: None,
            fetched_at: None,
        }
    }
}

word! {
/// A commerce platform.
PlatformName {
/// Shopify.
Shopify = "shopify",
/// Adobe Commerce or Magento.
AdobeCommerce = "adobe_commerce",
/// BigCommerce.
BigCommerce = "bigcommerce",
/// Vendure.
Vendure = "vendure",
/// Another one.
Other = "other",
}
}

/// The mapping that read a file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct MappingRef {
    /// Its name.
    pub id: String,
    /// Its version.
    pub version: String,
    /// Over its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<Digest>,
}

impl MappingRef {
    /// One with the fields it must have and no others.
    pub fn new(id: impl Into<String>, version: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            version: version.into(),
            sha256: None,
        }
    }
}
