//! Stock of one article at one place.
//! Never says what "available" means: the source's mapping names the quantity.
//! Invariant: the business key is `sku@location[/lot]`, and at least one quantity is stated.

use serde::{Deserialize, Serialize};

use crate::codes::SchemaVersion;
use crate::date::{Date, DateOrTime};
use crate::identifiers::Identifier;
use crate::provenance::Provenance;
use crate::quantity::Quantity;
use crate::verbatim::{Extension, Unmapped};
use crate::word::word;

/// Stock of one article at one place. X12 846, EDIFACT INVRPT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct InventoryLevel {
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
    /// The article.
    pub sku: String,
    /// The article in other numberings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub identifiers: Vec<Identifier>,
    /// The place.
    pub location: Location,
    /// The lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// When the source counted. Wider than the first proposal of the model on purpose: an X12 846 states only a day (DTM 102), and a day stays a day, as no time zone may be invented.
    pub as_of: DateOrTime,
    /// Whether quantities replace or add.
    pub mode: InventoryMode,
    /// The source's number of the whole report.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub snapshot_id: Option<String>,
    /// The quantities, by kind.
    pub quantities: StockQuantities,
    /// The next delivery expected.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next_receipt: Option<NextReceipt>,
    /// Days to get more.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lead_time_days: Option<u32>,
}

impl InventoryLevel {
    /// An entity with the fields it must have and no others.
    pub fn new(
        sku: impl Into<String>,
        location: Location,
        as_of: DateOrTime,
        mode: InventoryMode,
        quantities: StockQuantities,
    ) -> Self {
        Self {
            schema_version: SchemaVersion::CURRENT,
            provenance: None,
            ext: Extension::default(),
            unmapped: Vec::new(),
            sku: sku.into(),
            identifiers: Vec::new(),
            location,
            lot: None,
            as_of,
            mode,
            snapshot_id: None,
            quantities,
            next_receipt: None,
            lead_time_days: None,
        }
    }
}

word! {
/// Whether quantities replace or add.
InventoryMode {
/// They replace what was known.
Absolute = "absolute",
/// They are added to what was known.
Delta = "delta",
}
}

/// A place that holds stock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Location {
    /// Its code in the ERP.
    pub code: String,
    /// A GLN for instance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub identifiers: Vec<Identifier>,
    /// Its name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

impl Location {
    /// One with the fields it must have and no others.
    pub fn new(code: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            identifiers: Vec::new(),
            name: None,
        }
    }
}

/// Quantities by kind; at least one.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(extend("minProperties" = 1)))]
pub struct StockQuantities {
    /// Physically there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_hand: Option<Quantity>,
    /// Promised to orders.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allocated: Option<Quantity>,
    /// Free to sell; may be below zero.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<Quantity>,
    /// Ordered from suppliers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub on_order: Option<Quantity>,
    /// On the way.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_transit: Option<Quantity>,
    /// Owed to customers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backordered: Option<Quantity>,
    /// There, but not to be used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quarantined: Option<Quantity>,
    /// Kept in reserve.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub safety: Option<Quantity>,
}

/// The next delivery expected.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct NextReceipt {
    /// When.
    pub date: Date,
    /// How much.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Quantity>,
}

impl NextReceipt {
    /// One with the fields it must have and no others.
    pub fn new(date: Date) -> Self {
        Self {
            date,
            quantity: None,
        }
    }
}
