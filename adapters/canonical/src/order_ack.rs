//! The seller's answer to an order.
//! Never changes the order.
//! Invariant: the business key is `order_id[/erp_order_number]`.

use serde::{Deserialize, Serialize};

use crate::codes::SchemaVersion;
use crate::date::DateTime;
use crate::money::{Totals, UnitPrice};
use crate::provenance::Provenance;
use crate::quantity::Quantity;
use crate::reference::{DateRef, Reference};
use crate::verbatim::{Extension, Unmapped};
use crate::word::word;

/// The seller's answer to an order. X12 855, EDIFACT ORDRSP.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderAck {
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
    /// The order.
    pub order_id: String,
    /// The buyer's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
    /// The ERP's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_order_number: Option<String>,
    /// The answer.
    pub status: OrderStatus,
    /// The source's code for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acknowledged_at: Option<DateTime>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Answers by line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<AckLine>,
    /// Dates of the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DateRef>,
    /// Other documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Totals as accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
}

impl OrderAck {
    /// An entity with the fields it must have and no others.
    pub fn new(order_id: impl Into<String>, status: OrderStatus) -> Self {
        Self {
            schema_version: SchemaVersion::CURRENT,
            provenance: None,
            ext: Extension::default(),
            unmapped: Vec::new(),
            order_id: order_id.into(),
            po_number: None,
            erp_order_number: None,
            status,
            status_code: None,
            acknowledged_at: None,
            reason: None,
            lines: Vec::new(),
            dates: Vec::new(),
            references: Vec::new(),
            totals: None,
        }
    }
}

word! {
/// An answer to an order.
OrderStatus {
/// It has come.
Received = "received",
/// Yes.
Accepted = "accepted",
/// Yes, but different.
AcceptedWithChanges = "accepted_with_changes",
/// Some lines.
PartiallyAccepted = "partially_accepted",
/// No.
Rejected = "rejected",
/// Later.
OnHold = "on_hold",
/// It is cancelled.
Cancelled = "cancelled",
}
}

/// The answer to a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AckLine {
    /// The buyer's line number.
    pub line: String,
    /// The article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The article in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub substitute_sku: Option<String>,
    /// The answer.
    pub status: LineStatus,
    /// The source's code for it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status_code: Option<String>,
    /// How much is accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
    /// How much comes later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backordered: Option<Quantity>,
    /// The price accepted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<UnitPrice>,
    /// When it comes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DateRef>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Values outside the model.
    #[serde(default, skip_serializing_if = "Extension::is_empty")]
    pub ext: Extension,
}

impl AckLine {
    /// One with the fields it must have and no others.
    pub fn new(line: impl Into<String>, status: LineStatus) -> Self {
        Self {
            line: line.into(),
            sku: None,
            substitute_sku: None,
            status,
            status_code: None,
            quantity: None,
            backordered: None,
            unit_price: None,
            dates: Vec::new(),
            reason: None,
            ext: Extension::default(),
        }
    }
}

word! {
/// An answer to a line.
LineStatus {
/// Yes.
Accepted = "accepted",
/// Another quantity.
QuantityChanged = "quantity_changed",
/// Another price.
PriceChanged = "price_changed",
/// Another date.
DateChanged = "date_changed",
/// Later.
Backordered = "backordered",
/// Another article.
Substituted = "substituted",
/// No.
Rejected = "rejected",
/// It is cancelled.
Cancelled = "cancelled",
/// Not decided.
OnHold = "on_hold",
}
}
