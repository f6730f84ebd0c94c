//! A line of an order, and of a change to one.
//! Never adds up: the checks do.
//! Invariant: `line` is the buyer's own number, as text, unique in its document.

use serde::{Deserialize, Serialize};

use crate::date::Date;
use crate::identifiers::Identifier;
use crate::money::{Charge, Money, Tax, UnitPrice};
use crate::party::Party;
use crate::quantity::Quantity;
use crate::reference::{DateRef, Note, Reference};
use crate::verbatim::{Extension, Unmapped, Verbatim};
use crate::word::word;

/// A line of an order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderLine {
    /// The buyer's line number.
    pub line: String,
    /// What a change does with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub action: Option<LineAction>,
    /// The seller's article.
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
    /// How much before a change.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous_quantity: Option<Quantity>,
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
    /// Dates of the line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DateRef>,
    /// Where this line goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<Party>,
    /// Deliveries in parts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub schedule: Vec<ScheduleLine>,
    /// Other documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// Remarks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<Note>,
    /// Choices of a configured product.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub configuration: Vec<ConfigurationValue>,
    /// Values outside the model.
    #[serde(default, skip_serializing_if = "Extension::is_empty")]
    pub ext: Extension,
    /// What found no home.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(max = 5000)))]
    pub unmapped: Vec<Unmapped>,
}

impl OrderLine {
    /// One with the fields it must have and no others.
    pub fn new(line: impl Into<String>, quantity: Quantity) -> Self {
        Self {
            line: line.into(),
            action: None,
            sku: None,
            identifiers: Vec::new(),
            description: None,
            quantity,
            previous_quantity: None,
            unit_price: None,
            net_amount: None,
            charges: Vec::new(),
            taxes: Vec::new(),
            dates: Vec::new(),
            ship_to: None,
            schedule: Vec::new(),
            references: Vec::new(),
            notes: Vec::new(),
            configuration: Vec::new(),
            ext: Extension::default(),
            unmapped: Vec::new(),
        }
    }
}

word! {
/// What a change does with a line.
LineAction {
/// Adds it.
Add = "add",
/// Changes it.
Change = "change",
/// Removes it.
Remove = "remove",
/// Leaves it.
None = "none",
}
}

/// A part of a line's delivery.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ScheduleLine {
    /// How much.
    pub quantity: Quantity,
    /// When.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
    /// Where to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ship_to: Option<Party>,
}

impl ScheduleLine {
    /// One with the fields it must have and no others.
    pub fn new(quantity: Quantity) -> Self {
        Self {
            quantity,
            date: None,
            ship_to: None,
        }
    }
}

/// A choice of a configured product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ConfigurationValue {
    /// The characteristic.
    pub name: String,
    /// The choice.
    pub value: Verbatim,
}

impl ConfigurationValue {
    /// One with the fields it must have and no others.
    pub fn new(name: impl Into<String>, value: Verbatim) -> Self {
        Self {
            name: name.into(),
            value,
        }
    }
}
