//! Finds the values that have a list, a check digit or a sign wherever they stand in a document.
//! Never looks at two values together: the rules do.
//! Invariant: every unit, identifier, GTIN, SSCC, unit price, extension and unmapped list of the model is visited.

use super::{Findings, Place};
use crate::ack_report::AckReport;
use crate::codes::Unit;
use crate::customer::{Customer, CustomerAddress};
use crate::entity::Entity;
use crate::identifiers::{self, Gtin, Identifier, KeyError, Sscc};
use crate::inventory_level::{InventoryLevel, Location, NextReceipt, StockQuantities};
use crate::invoice::{Invoice, InvoiceLine};
use crate::money::UnitPrice;
use crate::order_ack::{AckLine, OrderAck};
use crate::order_change::OrderChange;
use crate::order_line::{OrderLine, ScheduleLine};
use crate::party::{Address, Party};
use crate::payment::Payment;
use crate::price::{Price, PriceOrderRule, PriceTier};
use crate::price_list::PriceList;
use crate::product::{OrderRule, Product};
use crate::quantity::{Conversion, Dimensions, Quantity};
use crate::sales_order::SalesOrder;
use crate::shipment::{Package, Shipment, ShipmentItem, ShipmentTotals};
use crate::verbatim::{Extension, MAX_UNMAPPED, Unmapped};

pub(super) fn walk(entity: &Entity, findings: &mut Findings) {
    let root = Place::Root;
    match entity {
        Entity::Product(product) => product.visit(&root, findings),
        Entity::InventoryLevel(stock) => stock.visit(&root, findings),
        Entity::PriceList(list) => list.visit(&root, findings),
        Entity::Price(price) => price.visit(&root, findings),
        Entity::Customer(customer) => customer.visit(&root, findings),
        Entity::SalesOrder(order) => order.visit(&root, findings),
        Entity::OrderChange(change) => change.visit(&root, findings),
        Entity::OrderAck(ack) => ack.visit(&root, findings),
        Entity::Shipment(shipment) => shipment.visit(&root, findings),
        Entity::Invoice(invoice) => invoice.visit(&root, findings),
        Entity::Payment(payment) => payment.visit(&root, findings),
        Entity::AckReport(report) => report.visit(&root, findings),
    }
}

trait Visit {
    fn visit(&self, at: &Place<'_>, findings: &mut Findings);
}

impl<T: Visit> Visit for Option<T> {
    fn visit(&self, at: &Place<'_>, findings: &mut Findings) {
        if let Some(value) = self {
            value.visit(at, findings);
        }
    }
}

impl<T: Visit> Visit for Vec<T> {
    fn visit(&self, at: &Place<'_>, findings: &mut Findings) {
        for (index, value) in self.iter().enumerate() {
            value.visit(&at.item(index), findings);
        }
    }
}

impl Visit for Unit {
    fn visit(&self, at: &Place<'_>, findings: &mut Findings) {
        if !self.is_listed() {
            let message = "the unit is not in UN/ECE Recommendation 20 nor X and a package code of Recommendation 21";
            findings.doubt("unit.unlisted", at, self.as_str(), message);
        }
    }
}

impl Visit for UnitPrice {
    fn visit(&self, at: &Place<'_>, findings: &mut Findings) {
        let per = at.member("per");
        self.per.visit(&per, findings);
        if self.per.value.is_zero() || self.per.value.is_negative() {
            findings.error(
                "price.per",
                &per.member("value"),
                "a price is for a quantity above zero",
            );
        }
    }
}

impl Visit for Conversion {
    fn visit(&self, at: &Place<'_>, findings: &mut Findings) {
        self.unit.visit(&at.member("unit"), findings);
        self.gtin.visit(&at.member("gtin"), findings);
        if self.base_per_unit.is_zero() || self.base_per_unit.is_negative() {
            findings.error(
                "unit.conversion",
                &at.member("base_per_unit"),
                "a pack holds more than zero base units",
            );
        }
    }
}

impl Visit for Identifier {
    fn visit(&self, at: &Place<'_>, findings: &mut Findings) {
        let verdict = match self.scheme.as_str() {
            "gtin" => identifiers::gtin(&self.value),
            "gln" => identifiers::gln(&self.value),
            "sscc" => identifiers::sscc(&self.value),
            _ => return,
        };
        report(verdict, &self.value, &at.member("value"), findings);
    }
}

impl Visit for Gtin {
    fn visit(&self, at: &Place<'_>, findings: &mut Findings) {
        report(
            identifiers::gtin(self.as_str()),
            self.as_str(),
            at,
            findings,
        );
    }
}

impl Visit for Sscc {
    fn visit(&self, at: &Place<'_>, findings: &mut Findings) {
        report(
            identifiers::sscc(self.as_str()),
            self.as_str(),
            at,
            findings,
        );
    }
}

fn report(verdict: Result<(), KeyError>, value: &str, at: &Place<'_>, findings: &mut Findings) {
    match verdict {
        Ok(()) => {}
        Err(error @ KeyError::Form { .. }) => {
            findings.doubt("identifier.form", at, value, error.to_string())
        }
        Err(error @ KeyError::CheckDigit { .. }) => {
            findings.doubt("identifier.check_digit", at, value, error.to_string())
        }
    }
}

impl Visit for Extension {
    fn visit(&self, at: &Place<'_>, findings: &mut Findings) {
        for key in self.0.keys().filter(|key| !Extension::key_is_valid(key)) {
            let message = "the key has no namespace: write a dotted name such as erp.colour, or a prefix such as csv:";
            findings.add(
                crate::ack_report::IssueSeverity::Error,
                "ext.key",
                at,
                message.into(),
                Some(key.as_str().into()),
            );
        }
    }
}

/// Not through `Vec<T>`: the list as a whole has a bound, its entries have none.
fn unmapped(list: &[Unmapped], at: &Place<'_>, findings: &mut Findings) {
    if list.len() > MAX_UNMAPPED {
        findings.error(
            "unmapped.too_many",
            at,
            format!("at most {MAX_UNMAPPED} unmapped values fit a document"),
        );
    }
}

/// The members of a type that lead to something to visit; the name in JSON is the field's name.
macro_rules! visit {
    ($($type:ty: $($field:ident)+ $(, $bounded:ident)?;)+) => {
        $(impl Visit for $type {
            fn visit(&self, at: &Place<'_>, findings: &mut Findings) {
                $(self.$field.visit(&at.member(stringify!($field)), findings);)+
                $(unmapped(&self.$bounded, &at.member("unmapped"), findings);)?
            }
        })+
    };
}

visit! {
    Quantity: unit;
    Dimensions: length width height gross_weight net_weight volume;
    OrderRule: unit;
    PriceOrderRule: unit;
    Address: identifiers;
    Party: identifiers address;
    Location: identifiers;
    StockQuantities: on_hand allocated available on_order in_transit backordered quarantined safety;
    NextReceipt: quantity;
    PriceTier: min_quantity max_quantity unit_price;
    CustomerAddress: address;
    OrderLine: identifiers quantity previous_quantity unit_price ship_to schedule ext, unmapped;
    ScheduleLine: quantity ship_to;
    AckLine: quantity backordered unit_price ext;
    Package: sscc package_type dimensions identifiers;
    ShipmentItem: identifiers quantity ordered backordered ext;
    ShipmentTotals: gross_weight net_weight volume;
    InvoiceLine: identifiers quantity unit_price ext;
    Product: ext identifiers base_unit sales_unit conversions order_rule dimensions, unmapped;
    InventoryLevel: ext identifiers location quantities next_receipt, unmapped;
    PriceList: ext, unmapped;
    Price: ext identifiers tiers compare_at order_rule, unmapped;
    Customer: ext identifiers tax_ids addresses, unmapped;
    SalesOrder: ext parties lines, unmapped;
    OrderChange: ext changes parties, unmapped;
    OrderAck: ext lines, unmapped;
    Shipment: ext parties packages items totals, unmapped;
    Invoice: ext parties lines, unmapped;
    Payment: ext payer payee, unmapped;
    AckReport: ext, unmapped;
}
