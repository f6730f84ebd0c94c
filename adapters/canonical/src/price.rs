//! Prices of one article in one list.
//! Never picks the price that applies: the platform does.
//! Invariant: the business key is `list/sku[/customer]`, and there is at least one tier.

use serde::{Deserialize, Serialize};

use crate::codes::{SchemaVersion, Unit};
use crate::date::DateOrTime;
use crate::decimal::Decimal;
use crate::identifiers::Identifier;
use crate::money::UnitPrice;
use crate::provenance::Provenance;
use crate::quantity::Quantity;
use crate::reference::Reference;
use crate::verbatim::{Extension, Unmapped};
use crate::word::word;

/// Prices of one article in one list, by quantity.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Price {
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
    /// The list's code.
    pub price_list: String,
    /// The article.
    pub sku: String,
    /// The article in other numberings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub identifiers: Vec<Identifier>,
    /// What the price is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<PriceKind>,
    /// The account it is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub customer: Option<String>,
    /// The contract it comes from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contract: Option<Reference>,
    /// Prices by quantity.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub tiers: Vec<PriceTier>,
    /// The price to be shown struck through.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compare_at: Option<UnitPrice>,
    /// From when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<DateOrTime>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<DateOrTime>,
    /// Whether the price is withdrawn.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub removed: Option<bool>,
    /// How much can be ordered at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_rule: Option<PriceOrderRule>,
}

impl Price {
    /// An entity with the fields it must have and no others.
    pub fn new(
        price_list: impl Into<String>,
        sku: impl Into<String>,
        tiers: Vec<PriceTier>,
    ) -> Self {
        Self {
            schema_version: SchemaVersion::CURRENT,
            provenance: None,
            ext: Extension::default(),
            unmapped: Vec::new(),
            price_list: price_list.into(),
            sku: sku.into(),
            identifiers: Vec::new(),
            kind: None,
            customer: None,
            contract: None,
            tiers,
            compare_at: None,
            valid_from: None,
            valid_to: None,
            removed: None,
            order_rule: None,
        }
    }
}

word! {
/// What a price is for.
PriceKind {
/// Everybody.
List = "list",
/// A group of customers.
Group = "group",
/// One contract.
Contract = "contract",
/// A time.
Promotion = "promotion",
}
}

/// The price from a quantity on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PriceTier {
    /// From.
    pub min_quantity: Quantity,
    /// Up to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_quantity: Option<Quantity>,
    /// The price.
    pub unit_price: UnitPrice,
    /// Percent off the list price.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_percent: Option<Decimal>,
}

impl PriceTier {
    /// One with the fields it must have and no others.
    pub fn new(min_quantity: Quantity, unit_price: UnitPrice) -> Self {
        Self {
            min_quantity,
            max_quantity: None,
            unit_price,
            discount_percent: None,
        }
    }
}

/// How much can be ordered at a price.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PriceOrderRule {
    /// At least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Decimal>,
    /// In steps of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiple: Option<Decimal>,
    /// In this unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
}
