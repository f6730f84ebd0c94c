//! An order of a customer.
//! Never changes an order: [`crate::order_change`] does.
//! Invariant: the business key is `order_id`, the stable id in the system that made the order.

use serde::{Deserialize, Serialize};

use crate::codes::{Currency, SchemaVersion};
use crate::date::{DateOrTime, DateTime};
use crate::money::{Charge, Money, Tax, Totals};
use crate::order_line::OrderLine;
use crate::party::Party;
use crate::provenance::Provenance;
use crate::reference::{DateRef, Note, Reference};
use crate::terms::{PaymentTerms, ShippingTerms};
use crate::verbatim::{Extension, Unmapped};
use crate::word::word;

/// An order of a customer. X12 850, EDIFACT ORDERS.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct SalesOrder {
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
    /// Stable id in the system that made the order: the key.
    pub order_id: String,
    /// The number people see there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_number: Option<String>,
    /// The buyer's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
    /// Which version of the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub revision: Option<u32>,
    /// What kind of order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<OrderType>,
    /// What the sender wants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<OrderPurpose>,
    /// When it was placed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub placed_at: Option<DateOrTime>,
    /// Its currency.
    pub currency: Currency,
    /// Who takes part.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub parties: Vec<Party>,
    /// Whether it was approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approval: Option<Approval>,
    /// Payment terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<PaymentTerms>,
    /// Payments made with the order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub payment: Vec<OrderPayment>,
    /// Shipping terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping: Option<ShippingTerms>,
    /// Dates of the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DateRef>,
    /// Lines.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub lines: Vec<OrderLine>,
    /// Charges and allowances on the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// Taxes on the whole order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
    /// Totals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<Totals>,
    /// Other documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Remarks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// The quotation it answers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quote: Option<String>,
    /// The contract it draws on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<String>,
}

impl SalesOrder {
    /// An entity with the fields it must have and no others.
    pub fn new(
        order_id: impl Into<String>,
        currency: Currency,
        parties: Vec<Party>,
        lines: Vec<OrderLine>,
    ) -> Self {
        Self {
            schema_version: SchemaVersion::CURRENT,
            provenance: None,
            ext: Extension::default(),
            unmapped: Vec::new(),
            order_id: order_id.into(),
            order_number: None,
            po_number: None,
            revision: None,
            r#type: None,
            purpose: None,
            placed_at: None,
            currency,
            parties,
            approval: None,
            payment_terms: None,
            payment: Vec::new(),
            shipping: None,
            dates: Vec::new(),
            lines,
            charges: Vec::new(),
            taxes: Vec::new(),
            totals: None,
            references: Vec::new(),
            notes: Vec::new(),
            quote: None,
            contract: None,
        }
    }
}

word! {
/// What kind of order.
OrderType {
/// A single order.
Standard = "standard",
/// A frame for later releases.
Blanket = "blanket",
/// A call against a blanket order.
Release = "release",
/// To be sent to somebody else.
Dropship = "dropship",
/// Urgent.
Rush = "rush",
/// Samples.
Sample = "sample",
/// Goods come back.
Return = "return",
}
}

word! {
/// What the sender of an order wants.
OrderPurpose {
/// A new order.
Original = "original",
/// A changed order.
Change = "change",
/// No order.
Cancel = "cancel",
/// This in place of an earlier one.
Replace = "replace",
/// What was agreed before, in writing.
Confirmation = "confirmation",
}
}

/// Whether an order was approved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Approval {
    /// The state.
    pub state: ApprovalState,
    /// By whom.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<DateTime>,
}

impl Approval {
    /// One with the fields it must have and no others.
    pub fn new(state: ApprovalState) -> Self {
        Self {
            state,
            by: None,
            at: None,
        }
    }
}

word! {
/// A state of approval.
ApprovalState {
/// None is needed.
NotRequired = "not_required",
/// Not decided.
Pending = "pending",
/// Yes.
Approved = "approved",
/// No.
Rejected = "rejected",
}
}

/// A payment made with an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderPayment {
    /// How.
    pub method: String,
    /// How much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
    /// Its state on the platform.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub state: Option<String>,
    /// Its number there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
}

impl OrderPayment {
    /// One with the fields it must have and no others.
    pub fn new(method: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            amount: None,
            state: None,
            reference: None,
        }
    }
}
