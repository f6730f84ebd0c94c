//! The PO1 loop of an 850 → a line of the order.
//! Takes only what is the line's own: sub-lines, packing and item terms stay unmapped under their path.
//! Invariant: a line always has a quantity; where the set states none, the set is broken and the line is dropped.

use canonical::codes::{Currency, Unit};
use canonical::decimal::Decimal;
use canonical::identifiers::Identifier;
use canonical::money::{Money, UnitPrice};
use canonical::order_line::{OrderLine, ScheduleLine};
use canonical::party::{Party, PartyRole};
use canonical::quantity::Quantity;

use super::fields::Fields;
use super::finding::Rule;
use super::parts::{self, Notes};
use super::party;
use super::product;
use super::run::Run;
use super::tags::{AMT, DTM, MSG, MTX, N1, N9, PID, REF, SAC, SCH, SDQ, TXI};

/// A line in the making.
pub(super) struct LineDraft {
    pub(super) line: OrderLine,
    notes: Notes,
    /// Whether the N1 loop that is open is the line's ship-to.
    ship_to_open: bool,
}

impl LineDraft {
    /// PO1.
    pub(super) fn open(run: &mut Run<'_>, fields: &mut Fields<'_>, currency: Currency) -> Self {
        let stated = parts::take_quantity(run, fields, 2, 3);
        if let Some(quantity) = stated
            .as_ref()
            .filter(|stated| stated.value.is_zero() || stated.value.is_negative())
        {
            let problem = Rule::QuantityRange.problem("an order's quantity should be above zero");
            run.report(2, problem.found(&quantity.value.to_string()));
        }
        // Without one the set is broken already: the line only keeps the others in their places.
        let quantity = stated.unwrap_or_else(|| Quantity::new(Decimal::ZERO, Unit::ONE));
        let mut line = OrderLine::new(fields.text(1).unwrap_or_default(), quantity);
        line.unit_price = price(fields, &line.quantity, currency);
        line.identifiers = product::identifiers(run, fields, 6, 25);
        line.sku = product::sku(&line.identifiers);
        Self {
            line,
            notes: Notes::default(),
            ship_to_open: false,
        }
    }

    /// A segment of the PO1 loop.
    pub(super) fn segment(
        &mut self,
        run: &mut Run<'_>,
        fields: &mut Fields<'_>,
        currency: Currency,
    ) {
        let line = &mut self.line;
        let inner = run.place.loops().get(1).copied();
        let tag = fields.tag();
        if inner != Some(N9) && tag != MSG {
            self.notes.close();
        }
        match (inner, tag) {
            (Some(PID), PID) if line.description.is_none() && fields.peek(1) == b"F" => {
                line.description = fields.text(5);
                if line.description.is_some() {
                    fields.take(1);
                }
            }
            (None, REF) => line.references.extend(parts::reference(fields)),
            (None, DTM) => line.dates.extend(parts::date_ref(fields)),
            (None, TXI) => line.taxes.extend(parts::tax(fields, currency)),
            (None, SDQ) => store_split(run, fields, line),
            (None, MSG) | (Some(N9), MSG | MTX) => self.notes.line(fields, &mut line.notes),
            (Some(N9), N9) => self
                .notes
                .open(fields, &mut line.references, &mut line.notes),
            (Some(SAC), SAC) => line.charges.extend(parts::charge(fields, currency)),
            (Some(SCH), SCH) => schedule(run, fields, line),
            (Some(AMT), AMT) if fields.peek(1) == b"1" && line.net_amount.is_none() => {
                line.net_amount = fields.real(2).map(|amount| Money::new(amount, currency));
                fields.take(1);
            }
            (Some(N1), N1) => {
                self.ship_to_open = fields.peek(1) == b"ST" && line.ship_to.is_none();
                if self.ship_to_open {
                    line.ship_to = Some(party::n1(run, fields));
                }
            }
            (Some(N1), _) if self.ship_to_open => {
                if let Some(party) = &mut line.ship_to {
                    party::detail(run, fields, party);
                }
            }
            _ => {}
        }
    }
}

/// PO104 with its basis in PO105 (element 639).
fn price(fields: &mut Fields<'_>, quantity: &Quantity, currency: Currency) -> Option<UnitPrice> {
    let amount = fields.real(4)?;
    let per = |value: u32| Quantity {
        value: Decimal::from(value),
        ..quantity.clone()
    };
    let basis = match fields.peek(5) {
        // Per each, whatever unit is ordered.
        b"PE" | b"TE" | b"WE" | b"LE" => Some(Quantity::new(Decimal::ONE, Unit::ONE)),
        b"HP" => Some(per(100)),
        b"TP" => Some(per(1000)),
        _ => None,
    };
    if basis.is_some() {
        fields.take(5);
    }
    Some(UnitPrice::new(
        amount,
        currency,
        basis.unwrap_or_else(|| per(1)),
    ))
}

/// SDQ: up to ten stores with their quantities.
fn store_split(run: &mut Run<'_>, fields: &mut Fields<'_>, line: &mut OrderLine) {
    let unit = fields.peek_text(1);
    for store in (3..22).step_by(2) {
        let Some(value) = fields.peek_real(store + 1) else {
            continue;
        };
        let Some(id) = store_id(fields, store) else {
            continue;
        };
        fields.take(store);
        fields.take(store + 1);
        fields.take(1);
        fields.take(2);
        let mut part = ScheduleLine::new(parts::known_quantity(run, value, unit.clone(), 1));
        let mut party = Party::new(PartyRole::ShipTo);
        party.identifiers.push(id);
        part.ship_to = Some(party);
        line.schedule.push(part);
    }
}

fn store_id(fields: &Fields<'_>, store: usize) -> Option<Identifier> {
    let (identifier, _fits) = party::party_id(fields.peek(2), &fields.peek_text(store)?)?;
    Some(identifier)
}

/// SCH: a part of the quantity and its day.
fn schedule(run: &mut Run<'_>, fields: &mut Fields<'_>, line: &mut OrderLine) {
    let Some(quantity) = parts::take_quantity(run, fields, 1, 2) else {
        return;
    };
    let mut part = ScheduleLine::new(quantity);
    part.date = fields.date(6);
    // The model's date is one of delivery: another meaning stays beside it.
    if part.date.is_some() && matches!(fields.peek(5), b"002" | b"106") {
        fields.take(5);
    }
    line.schedule.push(part);
}
