//! A product: what it is, its units and packs.
//! Holds no stock and no price: those are documents of their own.
//! Invariant: the business key is `sku`.

use serde::{Deserialize, Serialize};

use crate::codes::{Country, SchemaVersion, Unit};
use crate::date::Date;
use crate::decimal::Decimal;
use crate::identifiers::Identifier;
use crate::provenance::Provenance;
use crate::quantity::{Conversion, Dimensions};
use crate::reference::Text;
use crate::verbatim::{Extension, Unmapped, Verbatim};
use crate::word::word;

/// A product. X12 832, EDIFACT PRICAT.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Product {
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
    /// The seller's stock keeping unit: the key.
    pub sku: String,
    /// The article in all numberings.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub identifiers: Vec<Identifier>,
    /// The product this is a variant of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_sku: Option<String>,
    /// What kind of product.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<ProductKind>,
    /// Names by language.
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub titles: Vec<Text>,
    /// Descriptions by language.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub descriptions: Vec<Text>,
    /// Brand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub brand: Option<String>,
    /// Manufacturer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub manufacturer: Option<String>,
    /// Whether it is sold.
    pub status: ProductStatus,
    /// The sku that takes its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<String>,
    /// Where it belongs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub categories: Vec<Category>,
    /// Characteristics.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub attributes: Vec<Attribute>,
    /// What makes it this variant.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub options: Vec<ProductOption>,
    /// The unit that stock is kept in.
    pub base_unit: Unit,
    /// The unit that is sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sales_unit: Option<Unit>,
    /// Packs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conversions: Vec<Conversion>,
    /// How much can be ordered.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_rule: Option<OrderRule>,
    /// Size and weight of the base unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimensions: Option<Dimensions>,
    /// Tax class in the ERP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_class: Option<String>,
    /// Country of origin.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country_of_origin: Option<Country>,
    /// Harmonised system code, 6 to 13 digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[0-9]{6,13}$")))]
    pub hs_code: Option<String>,
    /// Dangerous goods data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hazmat: Option<Hazmat>,
    /// Pictures and documents.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub media: Vec<Media>,
    /// Whether lots are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lot_tracked: Option<bool>,
    /// Whether serial numbers are kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub serial_tracked: Option<bool>,
    /// First day it is sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_from: Option<Date>,
    /// Last day it is sold.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub valid_to: Option<Date>,
}

impl Product {
    /// An entity with the fields it must have and no others.
    pub fn new(
        sku: impl Into<String>,
        identifiers: Vec<Identifier>,
        titles: Vec<Text>,
        status: ProductStatus,
        base_unit: Unit,
    ) -> Self {
        Self {
            schema_version: SchemaVersion::CURRENT,
            provenance: None,
            ext: Extension::default(),
            unmapped: Vec::new(),
            sku: sku.into(),
            identifiers,
            parent_sku: None,
            kind: None,
            titles,
            descriptions: Vec::new(),
            brand: None,
            manufacturer: None,
            status,
            replaced_by: None,
            categories: Vec::new(),
            attributes: Vec::new(),
            options: Vec::new(),
            base_unit,
            sales_unit: None,
            conversions: Vec::new(),
            order_rule: None,
            dimensions: None,
            tax_class: None,
            country_of_origin: None,
            hs_code: None,
            hazmat: None,
            media: Vec::new(),
            lot_tracked: None,
            serial_tracked: None,
            valid_from: None,
            valid_to: None,
        }
    }
}

word! {
/// What kind of product.
ProductKind {
/// One article.
Simple = "simple",
/// The head of variants.
VariantParent = "variant_parent",
/// One variant.
Variant = "variant",
/// Several articles at one price.
Bundle = "bundle",
/// Several articles put together.
Kit = "kit",
/// A service.
Service = "service",
}
}

word! {
/// Whether a product is sold.
ProductStatus {
/// It is sold.
Active = "active",
/// Not yet.
Draft = "draft",
/// Not at present.
Blocked = "blocked",
/// No more, stock may remain.
Discontinued = "discontinued",
/// It is gone.
Deleted = "deleted",
}
}

/// A place in a classification.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Category {
    /// Which classification.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scheme: Option<String>,
    /// The place's code.
    pub code: String,
    /// Names from the root to the place.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(inner(length(min = 0))))]
    pub path: Vec<String>,
}

impl Category {
    /// One with the fields it must have and no others.
    pub fn new(code: impl Into<String>) -> Self {
        Self {
            scheme: None,
            code: code.into(),
            path: Vec::new(),
        }
    }
}

/// A characteristic.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Attribute {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: Verbatim,
    /// The value's unit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The value's language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
}

impl Attribute {
    /// One with the fields it must have and no others.
    pub fn new(name: impl Into<String>, value: Verbatim) -> Self {
        Self {
            name: name.into(),
            value,
            unit: None,
            lang: None,
        }
    }
}

/// What makes a variant this one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ProductOption {
    /// Size, colour, …
    pub name: String,
    /// Its value.
    pub value: String,
}

impl ProductOption {
    /// One with the fields it must have and no others.
    pub fn new(name: impl Into<String>, value: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            value: value.into(),
        }
    }
}

/// How much of a product can be ordered.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderRule {
    /// At least.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<Decimal>,
    /// At most.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub maximum: Option<Decimal>,
    /// In steps of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub multiple: Option<Decimal>,
    /// In this unit; the sales unit where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Unit>,
}

/// Dangerous goods data.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Hazmat {
    /// UN number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub un_number: Option<String>,
    /// Class.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub class: Option<String>,
    /// Packing group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub packing_group: Option<String>,
}

/// A picture or document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Media {
    /// Where it is.
    pub url: String,
    /// Media type or role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Text in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alt: Option<String>,
    /// Its place in the order.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub position: Option<i64>,
}

impl Media {
    /// One with the fields it must have and no others.
    pub fn new(url: impl Into<String>) -> Self {
        Self {
            url: url.into(),
            r#type: None,
            alt: None,
            position: None,
        }
    }
}
