//! The rules of each entity: what must be there, what must be unique, what must come before what.
//! Never repeats what the types enforce.
//! Invariant: a document whose key is empty always has an error.

use std::collections::HashSet;

use super::{Findings, Place, packages, sums};
use crate::ack_report::AckReport;
use crate::date::DateOrTime;
use crate::entity::Entity;
use crate::inventory_level::{InventoryLevel, StockQuantities};
use crate::price::Price;

pub(super) fn check(entity: &Entity, findings: &mut Findings) {
    match entity {
        Entity::Product(product) => {
            text("sku", &product.sku, findings);
            some("identifiers", &product.identifiers, findings);
            some("titles", &product.titles, findings);
            validity(
                product.valid_from.map(Into::into),
                product.valid_to.map(Into::into),
                findings,
            );
        }
        Entity::InventoryLevel(stock) => inventory_level(stock, findings),
        Entity::PriceList(list) => {
            text("code", &list.code, findings);
            validity(list.valid_from, list.valid_to, findings);
        }
        Entity::Price(price) => self::price(price, findings),
        Entity::Customer(customer) => {
            text("account", &customer.account, findings);
            text("name", &customer.name, findings);
        }
        Entity::SalesOrder(order) => {
            text("order_id", &order.order_id, findings);
            some("parties", &order.parties, findings);
            some("lines", &order.lines, findings);
            unique_lines(
                "lines",
                order.lines.iter().map(|line| line.line.as_str()),
                findings,
            );
            sums::order(order, findings);
        }
        Entity::OrderChange(change) => {
            text("order_id", &change.order_id, findings);
            unique_lines(
                "changes",
                change.changes.iter().map(|line| line.line.as_str()),
                findings,
            );
        }
        Entity::OrderAck(ack) => text("order_id", &ack.order_id, findings),
        Entity::Shipment(shipment) => {
            text("shipment_id", &shipment.shipment_id, findings);
            some("orders", &shipment.orders, findings);
            some("items", &shipment.items, findings);
            packages::check(shipment, findings);
        }
        Entity::Invoice(invoice) => {
            text("invoice_number", &invoice.invoice_number, findings);
            some("parties", &invoice.parties, findings);
            unique_lines(
                "lines",
                invoice.lines.iter().map(|line| line.line.as_str()),
                findings,
            );
            sums::invoice(invoice, findings);
        }
        Entity::Payment(payment) => {
            text("payment_id", &payment.payment_id, findings);
            sums::payment(payment, findings);
        }
        Entity::AckReport(report) => ack_report(report, findings),
    }
}

/// A required text says something.
fn text(name: &'static str, value: &str, findings: &mut Findings) {
    if value.is_empty() {
        findings.error(
            "field.empty",
            &Place::Root.member(name),
            format!("{name} must not be empty"),
        );
    }
}

/// A required list has an entry.
fn some<T>(name: &'static str, list: &[T], findings: &mut Findings) {
    if list.is_empty() {
        findings.error(
            "field.empty",
            &Place::Root.member(name),
            format!("{name} must have at least one entry"),
        );
    }
}

fn validity(from: Option<DateOrTime>, to: Option<DateOrTime>, findings: &mut Findings) {
    if let (Some(from), Some(to)) = (from, to)
        && from.is_after(&to)
    {
        let message = format!("valid_to {to} is before valid_from {from}");
        findings.error(
            "validity.reversed",
            &Place::Root.member("valid_to"),
            message,
        );
    }
}

fn unique_lines<'a>(
    list: &'static str,
    lines: impl Iterator<Item = &'a str>,
    findings: &mut Findings,
) {
    let mut seen = HashSet::new();
    let at = Place::Root.member(list);
    for (index, line) in lines.enumerate() {
        let item = at.item(index);
        if line.is_empty() {
            findings.error(
                "field.empty",
                &item.member("line"),
                "line must not be empty",
            );
        } else if !seen.insert(line) {
            findings.error(
                "line.duplicate",
                &item.member("line"),
                format!("line number {line:?} is used twice"),
            );
        }
    }
}

fn inventory_level(stock: &InventoryLevel, findings: &mut Findings) {
    text("sku", &stock.sku, findings);
    if stock.location.code.is_empty() {
        let location = Place::Root.member("location");
        findings.error(
            "field.empty",
            &location.member("code"),
            "code must not be empty",
        );
    }
    if stock.quantities == StockQuantities::default() {
        findings.error(
            "field.empty",
            &Place::Root.member("quantities"),
            "quantities must have at least one entry",
        );
    }
}

fn price(price: &Price, findings: &mut Findings) {
    text("price_list", &price.price_list, findings);
    text("sku", &price.sku, findings);
    some("tiers", &price.tiers, findings);
    validity(price.valid_from, price.valid_to, findings);
    let tiers = Place::Root.member("tiers");
    let currency = price.tiers.first().map(|tier| tier.unit_price.currency);
    for (index, tier) in price.tiers.iter().enumerate() {
        let at = tiers.item(index);
        if let Some(max) = &tier.max_quantity
            && max.unit == tier.min_quantity.unit
            && max.value < tier.min_quantity.value
        {
            let message = format!(
                "max_quantity {} is below min_quantity {}",
                max.value, tier.min_quantity.value
            );
            findings.error("price.tier", &at.member("max_quantity"), message);
        }
        if currency.is_some_and(|currency| currency != tier.unit_price.currency) {
            let at = at.member("unit_price");
            findings.error(
                "money.currency_mixed",
                &at.member("currency"),
                "all tiers of a price have one currency",
            );
        }
    }
}

fn ack_report(report: &AckReport, findings: &mut Findings) {
    if report.concerns == crate::ack_report::Concerns::default() {
        let message = "a report must say what it is on: an event, a claim or control numbers";
        findings.error("field.empty", &Place::Root.member("concerns"), message);
    }
}
