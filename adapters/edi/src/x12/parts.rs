//! What orders have in their header and in their lines alike: references, dates, charges, taxes, quantities, notes.
//! Never computes an amount that is not stated.
//! Invariant: a function that returns `None` has taken nothing.

use canonical::codes::Currency;
use canonical::date::DateOrTime;
use canonical::identifiers::ReferenceType;
use canonical::money::{Charge, ChargeKind, Money, Tax};
use canonical::quantity::Quantity;
use canonical::reference::{DateRef, DateType, Note, Reference};

use super::fields::Fields;
use super::finding::Rule;
use super::party::x12_scheme;
use super::run::Run;
use super::tags::MTX;
use super::unit::quantity;
use super::value::{date, time, zone};
use crate::headers::shown;

/// REF: qualifier and number. Also N9, which has them in the same places.
pub(super) fn reference(fields: &mut Fields<'_>) -> Option<Reference> {
    let word = match fields.peek(1) {
        b"CT" => "contract".to_owned(),
        b"PD" => "promotion".to_owned(),
        b"DP" => "department".to_owned(),
        b"PO" => "purchase_order".to_owned(),
        b"VN" => "sales_order".to_owned(),
        b"Q1" => "quote".to_owned(),
        b"BM" => "bill_of_lading".to_owned(),
        b"CN" => "pro_number".to_owned(),
        b"IV" => "invoice".to_owned(),
        other => x12_scheme(other)?.as_str().to_owned(),
    };
    let kind: ReferenceType = word.parse().ok()?;
    let value = fields.text(2)?;
    fields.take(1);
    Some(Reference::new(kind, value))
}

/// DTM: a day, and the time where its zone is stated. A time without a zone is no instant and stays unmapped.
pub(super) fn date_ref(fields: &mut Fields<'_>) -> Option<DateRef> {
    let kind = match fields.peek(1) {
        b"002" | b"106" => DateType::RequestedDelivery,
        b"010" => DateType::RequestedShip,
        b"017" | b"067" => DateType::PromisedDelivery,
        b"068" => DateType::PromisedShip,
        b"011" => DateType::Shipped,
        b"035" => DateType::Delivered,
        b"001" => DateType::CancelAfter,
        b"064" => DateType::DoNotDeliverBefore,
        b"007" => DateType::ValidFrom,
        b"036" => DateType::ValidTo,
        _ => DateType::Other,
    };
    let value = day_or_instant(fields, 2, 3, 4)?;
    let mut date = DateRef::new(kind, value);
    date.code = fields.text(1);
    Some(date)
}

/// Takes a day in element `day`, with the time and time code in the others where they make it an instant.
pub(super) fn day_or_instant(
    fields: &mut Fields<'_>,
    day: usize,
    clock: usize,
    code: usize,
) -> Option<DateOrTime> {
    let date = date(fields.peek(day))?;
    fields.take(day);
    if let (Some(time), Some(zone)) = (time(fields.peek(clock)), zone(fields.peek(code)))
        && let Ok(instant) = format!("{date}T{time}{zone}").parse()
    {
        fields.take(clock);
        fields.take(code);
        return Some(DateOrTime::DateTime(instant));
    }
    Some(DateOrTime::Date(date))
}

/// SAC: a charge or an allowance with its amount. One that states only a rate has no home in the model.
pub(super) fn charge(fields: &mut Fields<'_>, currency: Currency) -> Option<Charge> {
    let kind = match fields.peek(1) {
        b"A" => ChargeKind::Allowance,
        b"C" => ChargeKind::Charge,
        _ => return None,
    };
    let amount = fields
        .peek_cents(5)
        .filter(|amount| !amount.is_negative())?;
    fields.take(1);
    fields.take(5);
    let mut charge = Charge::new(kind, Money::new(amount, currency));
    charge.code = fields.text(2);
    charge.percent = fields.real(7);
    charge.description = fields.text(15);
    Some(charge)
}

/// TXI: a tax with its amount.
pub(super) fn tax(fields: &mut Fields<'_>, currency: Currency) -> Option<Tax> {
    let amount = fields.peek_real(2)?;
    fields.take(2);
    let mut tax = Tax::new(Money::new(amount, currency));
    tax.code = fields.text(1);
    tax.rate_percent = fields.real(3);
    tax.jurisdiction = fields.text(5);
    tax.basis = fields.real(8).map(|basis| Money::new(basis, currency));
    Some(tax)
}

/// Takes a quantity in element `value`, with its unit in element `unit`.
pub(super) fn take_quantity(
    run: &mut Run<'_>,
    fields: &mut Fields<'_>,
    value: usize,
    unit: usize,
) -> Option<Quantity> {
    let number = fields.real(value)?;
    let code = fields.text(unit);
    Some(known_quantity(run, number, code, unit))
}

/// A quantity in the unit received; an unknown unit, or none, is warned about at element `at`.
pub(super) fn known_quantity(
    run: &mut Run<'_>,
    value: canonical::decimal::Decimal,
    code: Option<String>,
    at: usize,
) -> Quantity {
    let (quantity, known) = quantity(value, code);
    if !known {
        let problem = match &quantity.source_unit {
            Some(code) => Rule::UnitUnknown
                .problem("the unit has no counterpart in UN/ECE Recommendation 20")
                .found(code),
            None => Rule::UnitMissing.problem("the quantity has no unit"),
        };
        run.report(at, problem.hint("it is passed on as ZZ, mutually defined"));
    }
    quantity
}

/// Notes in the making: the N9 loop opens one, MSG and MTX add lines to it.
#[derive(Default)]
pub(super) struct Notes {
    code: Option<String>,
    open: bool,
}

impl Notes {
    /// N9: a number becomes a reference, a text the note's first line.
    pub(super) fn open(
        &mut self,
        fields: &mut Fields<'_>,
        references: &mut Vec<Reference>,
        notes: &mut Vec<Note>,
    ) {
        self.open = false;
        self.code = fields.peek_text(1);
        references.extend(reference(fields));
        if let Some(text) = fields.text(3) {
            self.add(text, notes);
        }
        fields.take(1);
    }

    /// MSG01, or MTX02.
    pub(super) fn line(&mut self, fields: &mut Fields<'_>, notes: &mut Vec<Note>) {
        let number = if fields.tag() == MTX { 2 } else { 1 };
        if let Some(text) = fields.text(number) {
            self.add(text, notes);
        }
    }

    /// What follows does not belong to the note before.
    pub(super) fn close(&mut self) {
        *self = Self::default();
    }

    fn add(&mut self, text: String, notes: &mut Vec<Note>) {
        match notes.last_mut().filter(|_| self.open) {
            Some(note) => {
                note.text.push('\n');
                note.text.push_str(&text);
            }
            None => {
                let mut note = Note::new(text);
                note.r#type = self.code.clone();
                notes.push(note);
                self.open = true;
            }
        }
    }
}

/// A code as it is shown to people.
pub(super) fn code(fields: &Fields<'_>, number: usize) -> String {
    shown(fields.peek(number))
}
