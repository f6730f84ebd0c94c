//! A payment, spread over invoices.
//! Never decides which invoice is paid: the source says.
//! Invariant: the business key is `payment_id`.

use serde::{Deserialize, Serialize};

use crate::codes::SchemaVersion;
use crate::date::Date;
use crate::money::Money;
use crate::party::Party;
use crate::provenance::Provenance;
use crate::verbatim::{Extension, Unmapped};
use crate::word::word;

/// A payment. X12 820, EDIFACT REMADV.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Payment {
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
    /// Its number: the key.
    pub payment_id: String,
    /// What kind.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<PaymentKind>,
    /// How it was paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub method: Option<String>,
    /// When.
    pub paid_on: Date,
    /// How much.
    pub amount: Money,
    /// Who pays.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payer: Option<Party>,
    /// Who is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payee: Option<Party>,
    /// The bank's reference.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bank_reference: Option<String>,
    /// What it pays.
    pub allocations: Vec<Allocation>,
    /// What is left over.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unallocated: Option<Money>,
}

impl Payment {
    /// An entity with the fields it must have and no others.
    pub fn new(
        payment_id: impl Into<String>,
        paid_on: Date,
        amount: Money,
        allocations: Vec<Allocation>,
    ) -> Self {
        Self {
            schema_version: SchemaVersion::CURRENT,
            provenance: None,
            ext: Extension::default(),
            unmapped: Vec::new(),
            payment_id: payment_id.into(),
            kind: None,
            method: None,
            paid_on,
            amount,
            payer: None,
            payee: None,
            bank_reference: None,
            allocations,
            unallocated: None,
        }
    }
}

word! {
/// What kind of payment.
PaymentKind {
/// The buyer announces it.
Remittance = "remittance",
/// The seller has it.
Receipt = "receipt",
/// Money goes back.
Refund = "refund",
/// The rest is given up.
Writeoff = "writeoff",
}
}

/// What part of a payment pays what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Allocation {
    /// The invoice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice_number: Option<String>,
    /// The order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// How much.
    pub amount: Money,
    /// Discount taken.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_taken: Option<Money>,
    /// Why less or more is paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub adjustment: Option<Adjustment>,
}

impl Allocation {
    /// One with the fields it must have and no others.
    pub fn new(amount: Money) -> Self {
        Self {
            invoice_number: None,
            order_id: None,
            amount,
            discount_taken: None,
            adjustment: None,
        }
    }
}

/// Why less or more is paid.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Adjustment {
    /// The source's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// How much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amount: Option<Money>,
}
