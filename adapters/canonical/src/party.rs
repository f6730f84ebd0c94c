//! Parties to a document, their addresses and contacts.
//! Never looks a party up.
//! Invariant: a party always says its role.

use serde::{Deserialize, Serialize};

use crate::codes::Country;
use crate::identifiers::Identifier;
use crate::word::word;

/// Somebody with a role in a document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Party {
    /// The role.
    pub role: PartyRole,
    /// The source's code for it, where the list has no word.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role_code: Option<String>,
    /// Names in somebody's numbering.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub identifiers: Vec<Identifier>,
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Postal address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub address: Option<Address>,
    /// Whom to ask.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<Contact>,
    /// Tax registration.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tax_id: Option<String>,
}

impl Party {
    /// One with the fields it must have and no others.
    pub fn new(role: PartyRole) -> Self {
        Self {
            role,
            role_code: None,
            identifiers: Vec::new(),
            name: None,
            address: None,
            contact: None,
            tax_id: None,
        }
    }
}

word! {
/// A role.
PartyRole {
/// Who buys.
Buyer = "buyer",
/// Who sells.
Seller = "seller",
/// Where goods go.
ShipTo = "ship_to",
/// Where goods come from.
ShipFrom = "ship_from",
/// Who gets the invoice.
BillTo = "bill_to",
/// Who owns the contract.
SoldTo = "sold_to",
/// Who pays.
Payer = "payer",
/// Who is paid.
Payee = "payee",
/// Who moves the goods.
Carrier = "carrier",
/// Who made them.
Manufacturer = "manufacturer",
/// Where they are kept.
Warehouse = "warehouse",
/// Who uses them.
EndCustomer = "end_customer",
/// Who acts for another.
Agent = "agent",
/// Another role, see the role code.
Other = "other",
}
}

/// A person or department.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Contact {
    /// Name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// Department.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub department: Option<String>,
}

/// A postal address.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Address {
    /// Addressee.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Attention line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attention: Option<String>,
    /// Street lines, at most six.
    #[cfg_attr(feature = "schema", schemars(length(max = 6), inner(length(min = 0))))]
    pub lines: Vec<String>,
    /// City.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub city: Option<String>,
    /// State, province or region.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Postal code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
    /// Country.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub country: Option<Country>,
    /// Telephone number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub phone: Option<String>,
    /// E-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// Names of the place, a GLN for instance.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[cfg_attr(feature = "schema", schemars(length(min = 1)))]
    pub identifiers: Vec<Identifier>,
}

impl Address {
    /// One with the fields it must have and no others.
    pub fn new(lines: Vec<String>) -> Self {
        Self {
            name: None,
            attention: None,
            lines,
            city: None,
            region: None,
            postal_code: None,
            country: None,
            phone: None,
            email: None,
            identifiers: Vec::new(),
        }
    }
}
