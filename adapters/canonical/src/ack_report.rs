//! What became of a document or interchange: a verdict on its way back.
//! Never is a document of business by itself.
//! Invariant: `concerns` names at least one thing, and the business key follows from it.

use serde::{Deserialize, Serialize};

use crate::codes::SchemaVersion;
use crate::date::DateTime;
use crate::provenance::{Provenance, Span};
use crate::verbatim::{Extension, Unmapped, Verbatim};
use crate::word::word;

/// What became of a document or interchange. X12 997, 999, 824; EDIFACT CONTRL, APERAK.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AckReport {
    /// Version of the model.
    pub schema_version: SchemaVersion,
    /// Where it came from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Provenance>,
    /// Values outside the model.
    #[serde(default, skip_serializing_if = "Extension::is_empty")]
    pub ext: Extension,
    /// What found no home.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = 5000)))]
    pub unmapped: Vec<Unmapped>,
    /// Whose verdict.
    pub kind: AckKind,
    /// The verdict.
    pub status: AckStatus,
    /// On what.
    pub concerns: Concerns,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime>,
    /// Which attempt, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub attempt: Option<u32>,
    /// When the next one comes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_attempt_at: Option<DateTime>,
    /// The system that judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The id it gave the applied object.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target_id: Option<String>,
    /// What was wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub issues: Vec<Issue>,
    /// How many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub counts: Option<AckCounts>,
}

impl AckReport {
    /// An entity with the fields it must have and no others.
    pub fn new(kind: AckKind, status: AckStatus, concerns: Concerns) -> Self {
        Self {
            schema_version: SchemaVersion::CURRENT,
            provenance: None,
            ext: Extension::default(),
            unmapped: Vec::new(),
            kind,
            status,
            concerns,
            at: None,
            attempt: None,
            next_attempt_at: None,
            target: None,
            target_id: None,
            issues: Vec::new(),
            counts: None,
        }
    }
}

word! {
/// Whose verdict.
AckKind {
/// The channel's: did it arrive.
Transport = "transport",
/// The syntax's: can it be read.
Functional = "functional",
/// The business system's: was it applied.
Application = "application",
}
}

word! {
/// A verdict.
AckStatus {
/// Yes.
Accepted = "accepted",
/// Yes, with remarks.
AcceptedWithErrors = "accepted_with_errors",
/// In part.
PartiallyAccepted = "partially_accepted",
/// No.
Rejected = "rejected",
/// Not yet.
Retrying = "retrying",
/// It was given up.
DeadLettered = "dead_lettered",
}
}

/// What a verdict is on.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Concerns {
    /// Envelope id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event_id: Option<String>,
    /// Claim.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ingest_id: Option<String>,
    /// Entity.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub entity: Option<String>,
    /// Subject of the envelope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Interchange control number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interchange: Option<String>,
    /// Group control number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Transaction control number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction: Option<String>,
    /// Transaction set: 850, ORDERS.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub transaction_set: Option<String>,
}

/// One thing that is wrong, as a report tells it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Issue {
    /// Stable code.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = r"^[a-z][a-z0-9_.]{2,63}$"))
    )]
    pub code: String,
    /// How bad it is.
    pub severity: IssueSeverity,
    /// One sentence.
    pub message: String,
    /// Where: JSON pointer or element position.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<String>,
    /// The value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Verbatim>,
    /// Which bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub span: Option<Span>,
    /// X12 718/720/723, EDIFACT 0085, HTTP status, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub standard_code: Option<String>,
    /// What to do.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
}

impl Issue {
    /// One with the fields it must have and no others.
    pub fn new(
        code: impl Into<String>,
        severity: IssueSeverity,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code: code.into(),
            severity,
            message: message.into(),
            path: None,
            value: None,
            span: None,
            standard_code: None,
            hint: None,
        }
    }
}

word! {
/// How bad an issue is.
IssueSeverity {
/// It stops the document.
Error = "error",
/// It should be known.
Warning = "warning",
/// It is worth a note.
Info = "info",
}
}

/// How many documents.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AckCounts {
    /// Came.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub received: Option<u64>,
    /// Were accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accepted: Option<u64>,
    /// Were not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rejected: Option<u64>,
}
