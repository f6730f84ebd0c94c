//! Quantities, pack conversions and physical dimensions.
//! Never converts between units.
//! Invariant: a quantity always travels with its unit.

use serde::{Deserialize, Serialize};

use crate::codes::Unit;
use crate::decimal::Decimal;
use crate::identifiers::Gtin;
use crate::word::word;

/// An amount of a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Quantity {
    /// How many.
    pub value: Decimal,
    /// Of what.
    pub unit: Unit,
    /// The unit exactly as received: EA, ST, PCE.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_unit: Option<String>,
}

impl Quantity {
    /// One with the fields it must have and no others.
    pub fn new(value: Decimal, unit: Unit) -> Self {
        Self {
            value,
            unit,
            source_unit: None,
        }
    }
}

/// How many base units a pack holds.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Conversion {
    /// The pack.
    pub unit: Unit,
    /// Base units in it.
    pub base_per_unit: Decimal,
    /// Which level of packing it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<PackLevel>,
    /// The pack's own trade item number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gtin: Option<Gtin>,
}

impl Conversion {
    /// One with the fields it must have and no others.
    pub fn new(unit: Unit, base_per_unit: Decimal) -> Self {
        Self {
            unit,
            base_per_unit,
            level: None,
            gtin: None,
        }
    }
}

word! {
/// A level of packing.
PackLevel {
/// The single item.
Each = "each",
/// An inner pack.
Inner = "inner",
/// A case.
Case = "case",
/// A layer of a pallet.
Layer = "layer",
/// A pallet.
Pallet = "pallet",
/// Another level.
Other = "other",
}
}

/// Physical dimensions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Dimensions {
    /// Length.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub length: Option<Quantity>,
    /// Width.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub width: Option<Quantity>,
    /// Height.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub height: Option<Quantity>,
    /// Weight with packing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gross_weight: Option<Quantity>,
    /// Weight without packing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_weight: Option<Quantity>,
    /// Volume.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub volume: Option<Quantity>,
}
