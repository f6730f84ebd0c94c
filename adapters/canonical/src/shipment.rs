//! A shipment: what was sent, how it is packed, who carries it.
//! Never holds nested packages: each names its parent.
//! Invariant: the business key is `shipment_id`; `parent` links make a tree (X12 HL S/O/T/P/I, EDIFACT CPS).

use serde::{Deserialize, Serialize};

use crate::codes::{SchemaVersion, Unit};
use crate::date::{Date, DateOrTime, DateTime};
use crate::identifiers::{Identifier, Sscc};
use crate::party::Party;
use crate::provenance::Provenance;
use crate::quantity::{Dimensions, Quantity};
use crate::reference::{OrderReference, Reference};
use crate::verbatim::{Extension, Unmapped};
use crate::word::word;

/// A shipment. X12 856, EDIFACT DESADV.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Shipment {
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
    /// Its number in the ERP: the key.
    pub shipment_id: String,
    /// How far it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub status: Option<ShipmentStatus>,
    /// What the sender wants.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub purpose: Option<ShipmentPurpose>,
    /// When it left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipped_at: Option<DateOrTime>,
    /// When it should arrive.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub estimated_delivery: Option<DateOrTime>,
    /// When it arrived.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivered_at: Option<DateTime>,
    /// Who takes part.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parties: Vec<Party>,
    /// Who carries it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<Carrier>,
    /// Tracking numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tracking: Vec<Tracking>,
    /// Other documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub references: Vec<Reference>,
    /// The orders it belongs to.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub orders: Vec<OrderReference>,
    /// Packages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub packages: Vec<Package>,
    /// What was sent.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub items: Vec<ShipmentItem>,
    /// Totals.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub totals: Option<ShipmentTotals>,
}

impl Shipment {
    /// An entity with the fields it must have and no others.
    pub fn new(
        shipment_id: impl Into<String>,
        orders: Vec<OrderReference>,
        items: Vec<ShipmentItem>,
    ) -> Self {
        Self {
            schema_version: SchemaVersion::CURRENT,
            provenance: None,
            ext: Extension::default(),
            unmapped: Vec::new(),
            shipment_id: shipment_id.into(),
            status: None,
            purpose: None,
            shipped_at: None,
            estimated_delivery: None,
            delivered_at: None,
            parties: Vec::new(),
            carrier: None,
            tracking: Vec::new(),
            references: Vec::new(),
            orders,
            packages: Vec::new(),
            items,
            totals: None,
        }
    }
}

word! {
/// How far a shipment is.
ShipmentStatus {
/// Planned.
Planned = "planned",
/// Packed.
Packed = "packed",
/// It has left.
Dispatched = "dispatched",
/// On the way.
InTransit = "in_transit",
/// It has arrived.
Delivered = "delivered",
/// It will not be sent.
Cancelled = "cancelled",
}
}

word! {
/// What the sender of a shipment wants.
ShipmentPurpose {
/// A new shipment.
Original = "original",
/// This in place of an earlier one.
Replace = "replace",
/// No shipment.
Cancel = "cancel",
}
}

/// Who carries a shipment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Carrier {
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Standard carrier alpha code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[A-Z]{2,4}$")))]
    pub scac: Option<String>,
    /// Service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// How.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<TransportMode>,
    /// The ERP's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
}

word! {
/// How goods travel.
TransportMode {
/// As parcels.
Parcel = "parcel",
/// In part of a truck.
Ltl = "ltl",
/// In a whole truck.
Ftl = "ftl",
/// By air.
Air = "air",
/// By sea.
Ocean = "ocean",
/// By rail.
Rail = "rail",
/// The buyer fetches them.
Pickup = "pickup",
/// Another way.
Other = "other",
}
}

/// A tracking number.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tracking {
    /// The number.
    pub number: String,
    /// Where to look.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Whose number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// Which package: its local id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
}

impl Tracking {
    /// One with the fields it must have and no others.
    pub fn new(number: impl Into<String>) -> Self {
        Self {
            number: number.into(),
            url: None,
            carrier: None,
            package: None,
        }
    }
}

/// A package.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Package {
    /// Local id.
    pub id: String,
    /// Local id of the package around it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<String>,
    /// What it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<PackageLevel>,
    /// Serial shipping container code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sscc: Option<Sscc>,
    /// Its tracking number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tracking: Option<String>,
    /// Kind of package, Rec 21.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package_type: Option<Unit>,
    /// Size and weight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Dimensions>,
    /// Names in other numberings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub identifiers: Vec<Identifier>,
}

impl Package {
    /// One with the fields it must have and no others.
    pub fn new(id: impl Into<String>) -> Self {
        Self {
            id: id.into(),
            parent: None,
            level: None,
            sscc: None,
            tracking: None,
            package_type: None,
            dimensions: None,
            identifiers: Vec::new(),
        }
    }
}

word! {
/// What a package is.
PackageLevel {
/// A pallet.
Pallet = "pallet",
/// A carton.
Carton = "carton",
/// An inner pack.
Inner = "inner",
/// A tote.
Tote = "tote",
/// Something else.
Other = "other",
}
}

/// A quantity of an order line in a shipment.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShipmentItem {
    /// The order.
    pub order_id: String,
    /// Its line.
    pub line: String,
    /// The article.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<String>,
    /// The article in other numberings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub identifiers: Vec<Identifier>,
    /// How much was sent.
    pub quantity: Quantity,
    /// How much was ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ordered: Option<Quantity>,
    /// In which package: its local id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// The lot.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot: Option<String>,
    /// Best before.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expiry: Option<Date>,
    /// Serial numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub serials: Vec<String>,
    /// How much comes later.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub backordered: Option<Quantity>,
    /// Values outside the model.
    #[serde(default, skip_serializing_if = "Extension::is_empty")]
    pub ext: Extension,
}

impl ShipmentItem {
    /// One with the fields it must have and no others.
    pub fn new(order_id: impl Into<String>, line: impl Into<String>, quantity: Quantity) -> Self {
        Self {
            order_id: order_id.into(),
            line: line.into(),
            sku: None,
            identifiers: Vec::new(),
            quantity,
            ordered: None,
            package: None,
            lot: None,
            expiry: None,
            serials: Vec::new(),
            backordered: None,
            ext: Extension::default(),
        }
    }
}

/// Totals of a shipment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShipmentTotals {
    /// Packages.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packages: Option<u64>,
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
