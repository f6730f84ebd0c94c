//! Sums and products: lines against totals, quantity times price against net, allocations against a payment.
//! Never rounds: both sides are compared exactly, within a tolerance of minor units.
//! Invariant: amounts of different currencies are never added; numbers too large to compare are left alone.

use super::{Findings, Place};
use crate::codes::Currency;
use crate::decimal::Decimal;
use crate::invoice::Invoice;
use crate::money::{Charge, ChargeKind, Money, Totals, UnitPrice};
use crate::payment::Payment;
use crate::quantity::Quantity;
use crate::sales_order::SalesOrder;

/// What the rules need of a line of an order or invoice.
struct Line<'a> {
    quantity: &'a Quantity,
    price: Option<&'a UnitPrice>,
    net: Option<Money>,
    charges: &'a [Charge],
    taxed: bool,
}

pub(super) fn order(order: &SalesOrder, findings: &mut Findings) {
    let lines: Vec<Line<'_>> = order
        .lines
        .iter()
        .map(|line| Line {
            quantity: &line.quantity,
            price: line.unit_price.as_ref(),
            net: line.net_amount,
            charges: &line.charges,
            taxed: !line.taxes.is_empty(),
        })
        .collect();
    let plain = order.charges.is_empty() && order.taxes.is_empty();
    document(
        order.currency,
        &lines,
        order.totals.as_ref(),
        plain,
        findings,
    );
}

pub(super) fn invoice(invoice: &Invoice, findings: &mut Findings) {
    let lines: Vec<Line<'_>> = invoice
        .lines
        .iter()
        .map(|line| Line {
            quantity: &line.quantity,
            price: line.unit_price.as_ref(),
            net: line.net_amount,
            charges: &line.charges,
            taxed: !line.taxes.is_empty(),
        })
        .collect();
    let plain = invoice.charges.is_empty() && invoice.taxes.is_empty();
    document(
        invoice.currency,
        &lines,
        Some(&invoice.totals),
        plain,
        findings,
    );
}

fn document(
    currency: Currency,
    lines: &[Line<'_>],
    totals: Option<&Totals>,
    plain: bool,
    findings: &mut Findings,
) {
    let list = Place::Root.member("lines");
    for (index, line) in lines.iter().enumerate() {
        self::line(currency, line, &list.item(index), findings);
    }
    let Some(totals) = totals else { return };
    let at = Place::Root.member("totals");
    if totals.grand_total.currency != currency {
        let place = at.member("grand_total");
        findings.error(
            "money.currency_mixed",
            &place.member("currency"),
            format!("the document is in {currency}"),
        );
    }
    let count = u64::try_from(lines.len()).unwrap_or(u64::MAX);
    if let Some(claimed) = totals.line_count.filter(|claimed| *claimed != count) {
        let message = format!(
            "the totals count {claimed} lines, the document has {count}: lines may be missing"
        );
        findings.error("totals.line_count", &at.member("line_count"), message);
    }
    let Some(net) = sum(currency, lines.iter().map(|line| line.net)) else {
        return;
    };
    let tolerance = minor_units(currency, lines.len());
    let untaxed = plain && !lines.iter().any(|line| line.taxed);
    let only_lines = totals.tax.is_none()
        && totals.charges.is_none()
        && totals.allowances.is_none()
        && totals.shipping.is_none();
    let (name, total) = match totals.lines {
        Some(total) => ("lines", total),
        // Without tax, freight and charges anywhere, the lines are all there is to pay.
        None if untaxed && only_lines => ("grand_total", totals.grand_total),
        None => return,
    };
    if total.currency == currency && differ(net, total.amount, tolerance) {
        let message = format!("the lines add up to {net}, the total says {}", total.amount);
        findings.doubt(
            "totals.sum",
            &at.member(name),
            &total.amount.to_string(),
            message,
        );
    }
}

fn line(currency: Currency, line: &Line<'_>, at: &Place<'_>, findings: &mut Findings) {
    let foreign = |found: Option<Currency>| found.is_some_and(|found| found != currency);
    if foreign(line.net.map(|net| net.currency)) {
        let place = at.member("net_amount");
        findings.error(
            "money.currency_mixed",
            &place.member("currency"),
            format!("the document is in {currency}"),
        );
    }
    if foreign(line.price.map(|price| price.currency)) {
        let place = at.member("unit_price");
        findings.error(
            "money.currency_mixed",
            &place.member("currency"),
            format!("the document is in {currency}"),
        );
    }
    let (Some(price), Some(net)) = (line.price, line.net) else {
        return;
    };
    if price.per.unit != line.quantity.unit
        || price.currency != net.currency
        || price.per.value.is_zero()
    {
        return;
    }
    // Some senders state net before, some after the line's own charges and allowances: either is fine.
    let right = [Some(net.amount), without_charges(net, line.charges)]
        .into_iter()
        .flatten()
        .any(|net| times_price_is(line.quantity.value, price, net).unwrap_or(true));
    if !right {
        let message = format!(
            "{} times {} per {} is not {}",
            line.quantity.value, price.amount, price.per.value, net.amount
        );
        findings.doubt(
            "line.net_amount",
            &at.member("net_amount"),
            &net.amount.to_string(),
            message,
        );
    }
}

pub(super) fn payment(payment: &Payment, findings: &mut Findings) {
    let currency = payment.amount.currency;
    if payment.allocations.is_empty() {
        return;
    }
    let allocated = sum(
        currency,
        payment
            .allocations
            .iter()
            .map(|allocation| Some(allocation.amount)),
    );
    let rest = payment.unallocated.map_or(Some(Decimal::ZERO), |rest| {
        (rest.currency == currency).then_some(rest.amount)
    });
    let Some(total) = allocated
        .zip(rest)
        .and_then(|(allocated, rest)| allocated.checked_add(rest))
    else {
        return;
    };
    if differ(
        total,
        payment.amount.amount,
        minor_units(currency, payment.allocations.len()),
    ) {
        let message = format!(
            "allocations and rest add up to {total}, the payment says {}",
            payment.amount.amount
        );
        findings.doubt(
            "payment.sum",
            &Place::Root.member("amount"),
            &payment.amount.amount.to_string(),
            message,
        );
    }
}

/// `None` when an amount is missing, in another currency, or the sum is too large.
fn sum(currency: Currency, amounts: impl Iterator<Item = Option<Money>>) -> Option<Decimal> {
    let mut total = Decimal::ZERO;
    for amount in amounts {
        let amount = amount.filter(|amount| amount.currency == currency)?;
        total = total.checked_add(amount.amount)?;
    }
    Some(total)
}

/// Net as it was before the line's charges and allowances.
fn without_charges(net: Money, charges: &[Charge]) -> Option<Decimal> {
    charges
        .iter()
        .try_fold(net.amount, |net, charge| match charge.kind {
            ChargeKind::Charge => net.checked_sub(charge.amount.amount),
            ChargeKind::Allowance => net.checked_add(charge.amount.amount),
        })
}

/// `count` minor units, one at least.
fn minor_units(currency: Currency, count: usize) -> Decimal {
    let count = i128::try_from(count.max(1)).unwrap_or(1);
    Decimal::from_parts(count, currency.minor_digits()).unwrap_or(Decimal::ZERO)
}

fn differ(a: Decimal, b: Decimal, tolerance: Decimal) -> bool {
    a.checked_sub(b)
        .is_some_and(|difference| difference.abs() > tolerance)
}

/// Whether quantity × amount = net × per, within a minor unit for the quantity of `per`: multiplied out, so
/// that nothing is divided and nothing rounded. `None` when the numbers are too large.
fn times_price_is(quantity: Decimal, price: &UnitPrice, net: Decimal) -> Option<bool> {
    let gross = Product::of(quantity, price.amount)?;
    let net = Product::of(net, price.per.value)?;
    let tolerance = Product::of(minor_units(price.currency, 1), price.per.value.abs())?;
    let scale = gross.scale.max(net.scale).max(tolerance.scale);
    let difference = gross.at(scale)?.checked_sub(net.at(scale)?)?;
    Some(difference.unsigned_abs() <= tolerance.at(scale)?.unsigned_abs())
}

/// A product of two decimals, whose scale may pass what a decimal holds.
struct Product {
    mantissa: i128,
    scale: u32,
}

impl Product {
    fn of(a: Decimal, b: Decimal) -> Option<Self> {
        Some(Self {
            mantissa: a.mantissa().checked_mul(b.mantissa())?,
            scale: a.scale() + b.scale(),
        })
    }

    fn at(&self, scale: u32) -> Option<i128> {
        self.mantissa
            .checked_mul(10_i128.checked_pow(scale.checked_sub(self.scale)?)?)
    }
}
