//! A change to an order.
//! Never holds the changed order: only what changes.
//! Invariant: the business key is `order_id@revision`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::codes::{Currency, SchemaVersion};
use crate::date::DateTime;
use crate::money::Totals;
use crate::order_line::OrderLine;
use crate::party::Party;
use crate::provenance::Provenance;
use crate::reference::{DateRef, Reference};
use crate::verbatim::{Extension, Object, Unmapped};
use crate::word::word;

/// A change to an order. X12 860, EDIFACT ORDCHG.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderChange {
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
    /// Which change, from 1.
    #[cfg_attr(feature = "schema", schemars(range(min = 1)))]
    pub revision: u32,
    /// What it does.
    pub change_type: ChangeType,
    /// When it was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub requested_at: Option<DateTime>,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Lines that change, each with its action.
    pub changes: Vec<OrderLine>,
    /// Other fields that change, with their new values.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub header_changes: Object,
    /// Who takes part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Dates of the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DateRef>,
    /// Other documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// The order's currency.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Totals after the change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
}

impl OrderChange {
    /// An entity with the fields it must have and no others.
    pub fn new(
        order_id: impl Into<String>,
        revision: u32,
        change_type: ChangeType,
        changes: Vec<OrderLine>,
    ) -> Self {
        Self {
            schema_version: SchemaVersion::CURRENT,
            provenance: None,
            ext: Extension::default(),
            unmapped: Vec::new(),
            order_id: order_id.into(),
            po_number: None,
            revision,
            change_type,
            requested_at: None,
            reason: None,
            changes,
            header_changes: BTreeMap::new(),
            parties: Vec::new(),
            dates: Vec::new(),
            references: Vec::new(),
            currency: None,
            totals: None,
        }
    }
}

word! {
/// What a change does.
ChangeType {
/// Changes the lines it names.
Change = "change",
/// Cancels the order.
Cancel = "cancel",
/// Replaces the order.
Replace = "replace",
}
}
