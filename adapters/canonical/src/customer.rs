//! A customer account with addresses, buyers and terms.
//! Holds no order.
//! Invariant: the business key is `account`.

use serde::{Deserialize, Serialize};

use crate::codes::SchemaVersion;
use crate::date::DateTime;
use crate::identifiers::Identifier;
use crate::money::Money;
use crate::party::Address;
use crate::provenance::Provenance;
use crate::terms::{PaymentTerms, ShippingTerms};
use crate::verbatim::{Extension, Unmapped};
use crate::word::word;

/// A customer account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Customer {
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
    pub account: String,
    /// Names in other numberings.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub identifiers: Vec<Identifier>,
    /// Name.
    pub name: String,
    /// Registered name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_name: Option<String>,
    /// Whether it may buy.
    pub status: CustomerStatus,
    /// The account above it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent_account: Option<String>,
    /// Its level in a tree of accounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<CustomerLevel>,
    /// The customer group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<String>,
    /// Codes of its price lists.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub price_lists: Vec<String>,
    /// Codes of its catalogues.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub catalogs: Vec<String>,
    /// Tax registrations.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub tax_ids: Vec<Identifier>,
    /// Whether it is exempt from tax.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_exempt: Option<bool>,
    /// Addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub addresses: Vec<CustomerAddress>,
    /// People who buy.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub buyers: Vec<Buyer>,
    /// Which orders need approval.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approval_rules: Vec<ApprovalRule>,
    /// Credit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credit: Option<Credit>,
    /// Payment terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<PaymentTerms>,
    /// Shipping terms.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shipping: Option<ShippingTerms>,
    /// Sales representative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sales_rep: Option<String>,
    /// Whether an order needs a purchase order number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub po_required: Option<bool>,
    /// Language and region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub locale: Option<String>,
}

impl Customer {
    /// An entity with the fields it must have and no others.
    pub fn new(
        account: impl Into<String>,
        name: impl Into<String>,
        status: CustomerStatus,
    ) -> Self {
        Self {
            schema_version: SchemaVersion::CURRENT,
            provenance: None,
            ext: Extension::default(),
            unmapped: Vec::new(),
            account: account.into(),
            identifiers: Vec::new(),
            name: name.into(),
            legal_name: None,
            status,
            parent_account: None,
            level: None,
            group: None,
            price_lists: Vec::new(),
            catalogs: Vec::new(),
            tax_ids: Vec::new(),
            tax_exempt: None,
            addresses: Vec::new(),
            buyers: Vec::new(),
            approval_rules: Vec::new(),
            credit: None,
            payment_terms: None,
            shipping: None,
            sales_rep: None,
            po_required: None,
            locale: None,
        }
    }
}

word! {
/// Whether a customer may buy.
CustomerStatus {
/// Yes.
Active = "active",
/// Not yet.
Pending = "pending",
/// Not at present.
OnHold = "on_hold",
/// No.
Blocked = "blocked",
/// The account is closed.
Closed = "closed",
}
}

word! {
/// A level in a tree of accounts.
CustomerLevel {
/// A group of companies.
Group = "group",
/// A company.
Company = "company",
/// A branch.
Branch = "branch",
/// A place of delivery.
ShipTo = "ship_to",
}
}

/// An address of an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct CustomerAddress {
    /// Its code in the ERP.
    pub code: String,
    /// What it is for.
    pub r#use: Vec<AddressUse>,
    /// Whether it is taken when none is named.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<bool>,
    /// The address.
    pub address: Address,
}

impl CustomerAddress {
    /// One with the fields it must have and no others.
    pub fn new(code: impl Into<String>, r#use: Vec<AddressUse>, address: Address) -> Self {
        Self {
            code: code.into(),
            r#use,
            default: None,
            address,
        }
    }
}

word! {
/// What an address is for.
AddressUse {
/// Invoices.
Billing = "billing",
/// Goods.
Shipping = "shipping",
/// The registered office.
Registered = "registered",
/// Payments.
RemitTo = "remit_to",
}
}

/// A person who buys for an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Buyer {
    /// Number in the ERP.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// E-mail address: the name on the platform.
    pub email: String,
    /// First name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_name: Option<String>,
    /// Last name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_name: Option<String>,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Job title.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job_title: Option<String>,
    /// Whether the person may log in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub active: Option<bool>,
    /// Address codes the person buys for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub locations: Vec<String>,
    /// What the person may do.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<BuyerRole>,
    /// A role of the platform's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub custom_role: Option<String>,
    /// Up to this amount without approval.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spend_limit: Option<Money>,
    /// Who approves: an e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approver: Option<String>,
}

impl Buyer {
    /// One with the fields it must have and no others.
    pub fn new(email: impl Into<String>) -> Self {
        Self {
            code: None,
            email: email.into(),
            first_name: None,
            last_name: None,
            phone: None,
            job_title: None,
            active: None,
            locations: Vec::new(),
            roles: Vec::new(),
            custom_role: None,
            spend_limit: None,
            approver: None,
        }
    }
}

word! {
/// What a buyer may do.
BuyerRole {
/// Everything.
Admin = "admin",
/// Order.
Buyer = "buyer",
/// Approve.
Approver = "approver",
/// Look.
Viewer = "viewer",
/// See invoices.
AccountsPayable = "accounts_payable",
/// What the platform's own role says.
Custom = "custom",
}
}

/// Which orders need approval.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApprovalRule {
    /// The condition.
    pub when: ApprovalCondition,
    /// Who approves: e-mail addresses.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub approvers: Vec<String>,
}

impl ApprovalRule {
    /// One with the fields it must have and no others.
    pub fn new(when: ApprovalCondition) -> Self {
        Self {
            when,
            approvers: Vec::new(),
        }
    }
}

/// When an order needs approval.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct ApprovalCondition {
    /// Above this total.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub order_total_over: Option<Money>,
    /// With one of these articles.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sku_in: Vec<String>,
}

/// Credit of an account.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Credit {
    /// The limit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub limit: Option<Money>,
    /// What is owed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub balance: Option<Money>,
    /// What is left.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub available: Option<Money>,
    /// Whether deliveries are stopped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hold: Option<bool>,
    /// When this was true.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<DateTime>,
}
