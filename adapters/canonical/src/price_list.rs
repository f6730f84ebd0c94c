//! A price list: a named container of prices.
//! Holds no price itself.
//! Invariant: the business key is `code`.

use serde::{Deserialize, Serialize};

use crate::codes::{Currency, SchemaVersion};
use crate::date::DateOrTime;
use crate::provenance::Provenance;
use crate::verbatim::{Extension, Unmapped};
use crate::word::word;

/// A price list. With `complete_snapshot`, articles without a price in the same claim leave the list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PriceList {
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
    /// Its code: the key.
    pub code: String,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// The currency of its prices.
    pub currency: Currency,
    /// What it is for.
    pub kind: PriceListKind,
    /// Which of several lists goes first; larger first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub priority: Option<i64>,
    /// Whether prices include tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_included: Option<bool>,
    /// From when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<DateOrTime>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<DateOrTime>,
    /// Who gets it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub assigned_to: Vec<Assignment>,
    /// Whether prices that are not sent are removed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete_snapshot: Option<bool>,
}

impl PriceList {
    /// An entity with the fields it must have and no others.
    pub fn new(code: impl Into<String>, currency: Currency, kind: PriceListKind) -> Self {
        Self {
            schema_version: SchemaVersion::CURRENT,
            provenance: None,
            ext: Extension::default(),
            unmapped: Vec::new(),
            code: code.into(),
            name: None,
            currency,
            kind,
            priority: None,
            tax_included: None,
            valid_from: None,
            valid_to: None,
            assigned_to: Vec::new(),
            complete_snapshot: None,
        }
    }
}

word! {
/// What a price list is for.
PriceListKind {
/// Everybody.
List = "list",
/// A group of customers.
Group = "group",
/// One contract.
Contract = "contract",
/// A time.
Promotion = "promotion",
/// Buying.
Cost = "cost",
}
}

/// Who gets a price list.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Assignment {
    /// What kind of receiver.
    pub r#type: AssigneeType,
    /// Its code.
    pub code: String,
}

impl Assignment {
    /// One with the fields it must have and no others.
    pub fn new(r#type: AssigneeType, code: impl Into<String>) -> Self {
        Self {
            r#type,
            code: code.into(),
        }
    }
}

word! {
/// What kind of receiver.
AssigneeType {
/// A customer account.
Customer = "customer",
/// A group of customers.
CustomerGroup = "customer_group",
/// A location of a customer.
Location = "location",
/// A sales channel.
Channel = "channel",
/// All.
Everyone = "everyone",
}
}
