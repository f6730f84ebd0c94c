//! Amounts of money, prices, charges, taxes and totals.
//! Never rounds and never converts between currencies.
//! Invariant: an amount always travels with its currency.

use serde::{Deserialize, Serialize};

use crate::codes::Currency;
use crate::decimal::Decimal;
use crate::quantity::Quantity;
use crate::word::word;

/// An amount of money.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Money {
    /// The amount.
    pub amount: Decimal,
    /// Its currency.
    pub currency: Currency,
}

impl Money {
    /// One with the fields it must have and no others.
    pub fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }
}

/// A price for a quantity: 8.50 EUR per 100 pieces.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct UnitPrice {
    /// The amount.
    pub amount: Decimal,
    /// Its currency.
    pub currency: Currency,
    /// For how much; its value is above zero.
    pub per: Quantity,
}

impl UnitPrice {
    /// One with the fields it must have and no others.
    pub fn new(amount: Decimal, currency: Currency, per: Quantity) -> Self {
        Self {
            amount,
            currency,
            per,
        }
    }
}

/// A charge or an allowance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Charge {
    /// Which of the two.
    pub kind: ChargeKind,
    /// The source's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// In words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// The amount, without sign.
    pub amount: Money,
    /// Percent of the base.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub percent: Option<Decimal>,
    /// What the percentage is taken of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub base: Option<Money>,
    /// Whether it is taxed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taxable: Option<bool>,
}

impl Charge {
    /// One with the fields it must have and no others.
    pub fn new(kind: ChargeKind, amount: Money) -> Self {
        Self {
            kind,
            code: None,
            description: None,
            amount,
            percent: None,
            base: None,
            taxable: None,
        }
    }
}

word! {
/// Which way an amount goes.
ChargeKind {
/// Added.
Charge = "charge",
/// Taken off.
Allowance = "allowance",
}
}

/// One tax.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Tax {
    /// The source's code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// UN/ECE 5305 category: S, Z, E, …
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// The rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate_percent: Option<Decimal>,
    /// What it is taken of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub basis: Option<Money>,
    /// The tax.
    pub amount: Money,
    /// Whose tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jurisdiction: Option<String>,
    /// Why there is none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exempt_reason: Option<String>,
}

impl Tax {
    /// One with the fields it must have and no others.
    pub fn new(amount: Money) -> Self {
        Self {
            code: None,
            category: None,
            rate_percent: None,
            basis: None,
            amount,
            jurisdiction: None,
            exempt_reason: None,
        }
    }
}

/// Totals of an order or invoice.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Totals {
    /// Sum of the lines' net amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lines: Option<Money>,
    /// Sum of charges.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub charges: Option<Money>,
    /// Sum of allowances.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub allowances: Option<Money>,
    /// Freight.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping: Option<Money>,
    /// Sum of taxes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax: Option<Money>,
    /// What is to be paid.
    pub grand_total: Money,
    /// What was paid already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub paid: Option<Money>,
    /// How many lines the sender counted (X12 CTT01).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line_count: Option<u64>,
    /// The sender's hash total (X12 CTT02).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hash_total: Option<Decimal>,
}

impl Totals {
    /// One with the fields it must have and no others.
    pub fn new(grand_total: Money) -> Self {
        Self {
            lines: None,
            charges: None,
            allowances: None,
            shipping: None,
            tax: None,
            grand_total,
            paid: None,
            line_count: None,
            hash_total: None,
        }
    }
}
