//! An invoice or credit note.
//! Never computes tax.
//! Invariant: the business key is `invoice_number`.

use serde::{Deserialize, Serialize};

use crate::codes::{Currency, SchemaVersion};
use crate::date::Date;
use crate::identifiers::Identifier;
use crate::money::{Charge, Money, Tax, Totals, UnitPrice};
use crate::party::Party;
use crate::provenance::Provenance;
use crate::quantity::Quantity;
use crate::reference::{Note, OrderReference, Reference};
use crate::terms::PaymentTerms;
use crate::verbatim::{Extension, Unmapped};
use crate::word::word;

/// An invoice or credit note. X12 810, EDIFACT INVOIC.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Invoice {
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
    pub invoice_number: String,
    /// What kind.
    pub r#type: InvoiceType,
    /// Date of issue.
    pub issued_on: Date,
    /// When it is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_on: Option<Date>,
    /// Its currency.
    pub currency: Currency,
    /// Who takes part.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub parties: Vec<Party>,
    /// Payment terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<PaymentTerms>,
    /// The orders it bills.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub orders: Vec<OrderReference>,
    /// Lines.
    pub lines: Vec<InvoiceLine>,
    /// Charges and allowances on the whole invoice.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// Taxes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
    /// Totals.
    pub totals: Totals,
    /// What is still to be paid.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_balance: Option<Money>,
    /// The invoice it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<String>,
    /// The invoice as a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<InvoiceDocument>,
    /// Other documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Remarks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
}

impl Invoice {
    /// An entity with the fields it must have and no others.
    pub fn new(
        invoice_number: impl Into<String>,
        r#type: InvoiceType,
        issued_on: Date,
        currency: Currency,
        parties: Vec<Party>,
        lines: Vec<InvoiceLine>,
        totals: Totals,
    ) -> Self {
        Self {
            schema_version: SchemaVersion::CURRENT,
            provenance: None,
            ext: Extension::default(),
            unmapped: Vec::new(),
            invoice_number: invoice_number.into(),
            r#type,
            issued_on,
            due_on: None,
            currency,
            parties,
            payment_terms: None,
            orders: Vec::new(),
            lines,
            charges: Vec::new(),
            taxes: Vec::new(),
            totals,
            open_balance: None,
            corrects: None,
            document: None,
            references: Vec::new(),
            notes: Vec::new(),
        }
    }
}

word! {
/// What kind of invoice.
InvoiceType {
/// An invoice.
Invoice = "invoice",
/// A credit note.
CreditNote = "credit_note",
/// A debit note.
DebitNote = "debit_note",
/// A pro-forma invoice.
Proforma = "proforma",
/// A corrected invoice.
Corrected = "corrected",
}
}

/// A line of an invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvoiceLine {
    /// Line number.
    pub line: String,
    /// The order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_id: Option<String>,
    /// Its line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_line: Option<String>,
    /// The article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The article in other numberings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub identifiers: Vec<Identifier>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How much.
    pub quantity: Quantity,
    /// The price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit_price: Option<UnitPrice>,
    /// Quantity times price, less allowances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_amount: Option<Money>,
    /// Charges and allowances on the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub charges: Vec<Charge>,
    /// Taxes on the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub taxes: Vec<Tax>,
    /// The shipment that brought it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipment_id: Option<String>,
    /// Values outside the model.
    #[serde(default, skip_serializing_if = "Extension::is_empty")]
    pub ext: Extension,
}

impl InvoiceLine {
    /// One with the fields it must have and no others.
    pub fn new(line: impl Into<String>, quantity: Quantity) -> Self {
        Self {
            line: line.into(),
            order_id: None,
            order_line: None,
            sku: None,
            identifiers: Vec::new(),
            description: None,
            quantity,
            unit_price: None,
            net_amount: None,
            charges: Vec::new(),
            taxes: Vec::new(),
            shipment_id: None,
            ext: Extension::default(),
        }
    }
}

/// The invoice as a file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InvoiceDocument {
    /// Where it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Media type.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
    /// Digest of its bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
}
