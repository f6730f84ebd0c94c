//! Payment and shipping terms, as customers have them and orders repeat them.
//! Never computes a due date.
//! Invariant: all parts are optional; an empty one is not written.

use serde::{Deserialize, Serialize};

use crate::decimal::Decimal;

/// When and how to pay.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct PaymentTerms {
    /// The ERP's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Days until the full amount is due.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub net_days: Option<u32>,
    /// Discount for early payment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_percent: Option<Decimal>,
    /// Days in which the discount holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub discount_days: Option<u32>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
}

/// How to ship.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ShippingTerms {
    /// Carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub carrier: Option<String>,
    /// Its service.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub service: Option<String>,
    /// The buyer's account with the carrier.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Incoterm.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incoterm: Option<String>,
    /// Whether partial deliveries are allowed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial_allowed: Option<bool>,
}
