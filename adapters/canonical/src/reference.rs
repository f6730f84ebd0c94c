//! References between documents, dates with a meaning, and free text.
//! Never resolves a reference.
//! Invariant: a reference and a date always say what they are.

use serde::{Deserialize, Serialize};

use crate::codes::Language;
use crate::date::{Date, DateOrTime};
use crate::identifiers::ReferenceType;
use crate::word::word;

/// A number of another document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Reference {
    /// What kind of document.
    pub r#type: ReferenceType,
    /// Its number.
    pub value: String,
    /// Its line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<String>,
    /// Its date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<Date>,
}

impl Reference {
    /// One with the fields it must have and no others.
    pub fn new(r#type: ReferenceType, value: impl Into<String>) -> Self {
        Self {
            r#type,
            value: value.into(),
            line: None,
            date: None,
        }
    }
}

/// A date with a meaning.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct DateRef {
    /// The meaning.
    pub r#type: DateType,
    /// The source's code, where the list has no word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The date; a bare date stays bare.
    pub value: DateOrTime,
}

impl DateRef {
    /// One with the fields it must have and no others.
    pub fn new(r#type: DateType, value: DateOrTime) -> Self {
        Self {
            r#type,
            code: None,
            value,
        }
    }
}

word! {
/// What a date means.
DateType {
/// Delivery the buyer asks for.
RequestedDelivery = "requested_delivery",
/// Dispatch the buyer asks for.
RequestedShip = "requested_ship",
/// Delivery the seller promises.
PromisedDelivery = "promised_delivery",
/// Dispatch the seller promises.
PromisedShip = "promised_ship",
/// Dispatched.
Shipped = "shipped",
/// Delivered.
Delivered = "delivered",
/// Cancel what is not shipped by then.
CancelAfter = "cancel_after",
/// Earliest delivery.
DoNotDeliverBefore = "do_not_deliver_before",
/// First day of validity.
ValidFrom = "valid_from",
/// Last day of validity.
ValidTo = "valid_to",
/// Payment is due.
Due = "due",
/// Last day of the discount.
DiscountDue = "discount_due",
/// First day of a service.
ServiceFrom = "service_from",
/// Last day of a service.
ServiceTo = "service_to",
/// Another meaning, see the code.
Other = "other",
}
}

/// An order that a shipment or invoice belongs to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct OrderReference {
    /// The order's stable id.
    pub order_id: String,
    /// The buyer's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po_number: Option<String>,
    /// The ERP's number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub erp_order_number: Option<String>,
    /// Whether the order is complete with this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub complete: Option<bool>,
}

impl OrderReference {
    /// One with the fields it must have and no others.
    pub fn new(order_id: impl Into<String>) -> Self {
        Self {
            order_id: order_id.into(),
            po_number: None,
            erp_order_number: None,
            complete: None,
        }
    }
}

/// A text in a language.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Text {
    /// The language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<Language>,
    /// The text.
    #[cfg_attr(feature = "schema", schemars(length(min = 0)))]
    pub value: String,
    /// How it is marked up; plain where it does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub format: Option<TextFormat>,
}

impl Text {
    /// One with the fields it must have and no others.
    pub fn new(value: impl Into<String>) -> Self {
        Self {
            lang: None,
            value: value.into(),
            format: None,
        }
    }
}

word! {
/// Markup of a text.
TextFormat {
/// None.
Plain = "plain",
/// HTML.
Html = "html",
/// Markdown.
Markdown = "markdown",
}
}

/// A remark.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Note {
    /// What kind of remark.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Its language.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lang: Option<String>,
    /// The remark.
    #[cfg_attr(feature = "schema", schemars(length(min = 0)))]
    pub text: String,
}

impl Note {
    /// One with the fields it must have and no others.
    pub fn new(text: impl Into<String>) -> Self {
        Self {
            r#type: None,
            lang: None,
            text: text.into(),
        }
    }
}
