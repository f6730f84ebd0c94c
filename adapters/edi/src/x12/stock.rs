//! 846, inventory report → one `inventory_level` for each LIN.
//! Never adds up locations or lots, and never takes a figure of one kind for another.
//! Invariant: what the header says and the model has no place for is in the first document of the set, and only there.

use canonical::date::DateOrTime;
use canonical::decode::SinkError;
use canonical::identifiers::{Identifier, Scheme};
use canonical::inventory_level::{
    InventoryLevel, InventoryMode, Location, NextReceipt, StockQuantities,
};
use canonical::verbatim::{Unmapped, UnmappedReason};

use super::fields::Fields;
use super::finding::Rule;
use super::parts;
use super::party;
use super::product;
use super::run::Run;
use super::tags::{BIA, DTM, LIN, N1, QTY, REF, SCH, SE, ST, UIT};
use crate::headers::shown;

/// A document and the segments it was made of.
pub(super) struct Item {
    pub(super) level: InventoryLevel,
    pub(super) first: usize,
    pub(super) last: usize,
}

/// What the header says of every item.
struct Report {
    as_of: Option<DateOrTime>,
    snapshot_id: Option<String>,
    location: Option<Location>,
    /// Index of the N1 that names it.
    location_at: Option<usize>,
    unmapped: Vec<Unmapped>,
}

/// An item in the making.
struct Draft {
    first: usize,
    identifiers: Vec<Identifier>,
    quantities: StockQuantities,
    location: Option<Location>,
    lot: Option<String>,
    next_receipt: Option<NextReceipt>,
    /// Whether the UIT that comes next belongs to a quantity that was taken.
    unit_follows: bool,
    unmapped: Vec<Unmapped>,
}

/// Maps one set, giving each item to `emit` as it is complete. Returns how many items were refused.
/// `sender` stands in for a warehouse that is not named.
pub(super) fn map(
    run: &mut Run<'_>,
    sender: &Location,
    emit: &mut dyn FnMut(&mut Run<'_>, Item) -> Result<(), SinkError>,
) -> Result<u64, SinkError> {
    let location_at = header_location(run);
    let mut report = Report {
        as_of: None,
        snapshot_id: None,
        location: None,
        location_at,
        unmapped: Vec::new(),
    };
    let mut draft: Option<Draft> = None;
    let mut refused = 0;
    let mut items = 0_u64;
    while let Some(mut fields) = run.advance() {
        let inside = run.place.loops().first() == Some(&LIN);
        if !inside || fields.tag() == LIN {
            refused += close(run, &mut report, draft.take(), emit)?;
        }
        if fields.tag() == LIN {
            items += 1;
            if items == 1 {
                begin_items(run, &mut report, sender);
            }
            draft = Some(Draft::open(run, &mut fields));
        } else if let Some(draft) = &mut draft {
            draft.segment(run, &mut fields);
        } else {
            report.header(run, &mut fields);
        }
        let home = draft
            .as_mut()
            .map_or(&mut report.unmapped, |draft| &mut draft.unmapped);
        run.leave(&fields, UnmappedReason::NoMapping, home);
    }
    if items == 0 {
        run.report_missing("LIN[1]");
    }
    Ok(refused)
}

/// The header is complete: what it has to say must be there now.
fn begin_items(run: &mut Run<'_>, report: &mut Report, sender: &Location) {
    if report.as_of.is_none() && !run.is_broken() {
        run.report_missing("BIA[1]");
    }
    if report.location.is_none() {
        let problem = Rule::LocationMissing
            .problem("no N1 names a warehouse: the stock is taken as the sender's");
        run.report(
            0,
            problem.hint("have the sender name it, or set the partner's location"),
        );
        report.location = Some(sender.clone());
    }
}

/// Which N1 of the header says where the stock is: the warehouse, else who ships or sells it.
fn header_location(run: &Run<'_>) -> Option<usize> {
    let mut best: Option<(usize, usize)> = None;
    for index in 0..run.set.len() {
        let segment = run.set.segment(index)?;
        if segment.tag() == LIN {
            break;
        }
        let rank = [b"WH".as_slice(), b"SF", b"SU", b"VN", b"SE"]
            .iter()
            .position(|code| segment.element(1) == *code);
        if segment.tag() == N1
            && let Some(rank) = rank.filter(|rank| best.is_none_or(|(best, _)| *rank < best))
        {
            best = Some((rank, index));
        }
    }
    best.map(|(_, index)| index)
}

impl Report {
    fn header(&mut self, run: &mut Run<'_>, fields: &mut Fields<'_>) {
        match fields.tag() {
            ST | SE => (1..=3).for_each(|number| fields.take(number)),
            BIA if self.as_of.is_none() => {
                // Full reports: what is not in them is not in stock. A change or status report says nothing of the rest.
                if matches!(fields.peek(1), b"00" | b"05" | b"07") {
                    fields.take(1);
                    self.snapshot_id = fields.text(3);
                }
                self.as_of = parts::day_or_instant(fields, 4, 5, 0);
            }
            N1 if Some(run.index) == self.location_at => self.location = location(run, fields),
            _ => {}
        }
    }
}

/// N1: a place by its number, else by its name.
fn location(run: &mut Run<'_>, fields: &mut Fields<'_>) -> Option<Location> {
    let identifier = party::take_id(run, fields, 3, 4);
    let name = fields.text(2);
    let code = identifier
        .as_ref()
        .map(|identifier| identifier.value.clone())
        .or_else(|| name.clone())?;
    fields.take(1);
    let mut location = Location::new(code);
    location.identifiers.extend(identifier);
    location.name = name;
    Some(location)
}

impl Draft {
    fn open(run: &mut Run<'_>, fields: &mut Fields<'_>) -> Self {
        Self {
            first: run.index,
            identifiers: product::identifiers(run, fields, 2, 31),
            quantities: StockQuantities::default(),
            location: None,
            lot: None,
            next_receipt: None,
            unit_follows: false,
            unmapped: Vec::new(),
        }
    }

    fn segment(&mut self, run: &mut Run<'_>, fields: &mut Fields<'_>) {
        let inner = run.place.loops().get(1).copied();
        match (inner, fields.tag()) {
            (Some(QTY), QTY) => self.quantity(run, fields),
            (Some(QTY), UIT) if self.unit_follows => {
                self.unit_follows = false;
                if run.first_component(fields.peek(1)).1 {
                    fields.take(1);
                }
            }
            (None | Some(QTY), REF) if fields.peek(1) == b"LT" && self.lot.is_none() => {
                self.lot = fields.text(2);
                fields.take(1);
            }
            (None | Some(QTY), DTM) if fields.peek(1) == b"018" && self.next_receipt.is_none() => {
                self.next_receipt = fields.date(2).map(NextReceipt::new);
                fields.take(1);
            }
            (None, SCH) if self.next_receipt.is_none() => self.receipt(run, fields),
            (Some(N1), N1) if fields.peek(1) == b"WH" && self.location.is_none() => {
                self.location = location(run, fields);
            }
            _ => {}
        }
    }

    /// QTY: the kind decides the field; one that the model does not have stays unmapped.
    fn quantity(&mut self, run: &mut Run<'_>, fields: &mut Fields<'_>) {
        let home = match fields.peek(1) {
            b"33" => &mut self.quantities.available,
            b"17" => &mut self.quantities.on_hand,
            b"63" => &mut self.quantities.on_order,
            _ => return,
        };
        let Some(value) = fields.peek_real(2) else {
            return;
        };
        if home.is_some() {
            let problem = Rule::QuantityRepeated
                .problem("a quantity of this kind was stated before for this item");
            run.report(1, problem.found(&shown(fields.peek(1))));
            return;
        }
        let (mut unit, mut whole) = run.first_component(fields.peek(3));
        if unit.is_empty()
            && let Some(next) = run
                .set
                .segment(run.index + 1)
                .filter(|next| next.tag() == UIT)
        {
            (unit, whole) = (run.first_component(next.element(1)).0, true);
            self.unit_follows = true;
        }
        let code = Some(shown(unit)).filter(|code| !code.is_empty());
        *home = Some(parts::known_quantity(run, value, code, 3));
        fields.take(1);
        fields.take(2);
        if whole {
            fields.take(3);
        }
    }

    /// SCH: what is expected, and when.
    fn receipt(&mut self, run: &mut Run<'_>, fields: &mut Fields<'_>) {
        let Some(date) = fields.date(6) else { return };
        let mut receipt = NextReceipt::new(date);
        receipt.quantity = parts::take_quantity(run, fields, 1, 2);
        if fields.peek(5) == b"018" {
            fields.take(5);
        }
        self.next_receipt = Some(receipt);
    }

    fn is_empty(&self) -> bool {
        self.quantities == StockQuantities::default()
    }
}

/// An item is complete: 1 when it is refused.
fn close(
    run: &mut Run<'_>,
    report: &mut Report,
    draft: Option<Draft>,
    emit: &mut dyn FnMut(&mut Run<'_>, Item) -> Result<(), SinkError>,
) -> Result<u64, SinkError> {
    let Some(draft) = draft else { return Ok(0) };
    let last = run.index - 1;
    if draft.is_empty() {
        let problem = Rule::QuantityMissing
            .problem("the item before this segment has no quantity of a known kind");
        run.refuse(
            0,
            problem.expected("QTY with kind 17 (on hand), 33 (available) or 63 (on order)"),
        );
        return Ok(1);
    }
    let (Some(sku), Some(as_of), Some(location)) = (
        article(&draft.identifiers),
        report.as_of,
        draft.location.or_else(|| report.location.clone()),
    ) else {
        // What is missing broke the set where it should have stood.
        return Ok(0);
    };
    let mut level = InventoryLevel::new(
        sku,
        location,
        as_of,
        InventoryMode::Absolute,
        draft.quantities,
    );
    level.identifiers = draft.identifiers;
    level.snapshot_id.clone_from(&report.snapshot_id);
    level.lot = draft.lot;
    level.next_receipt = draft.next_receipt;
    level.unmapped = std::mem::take(&mut report.unmapped);
    level.unmapped.extend(draft.unmapped);
    emit(
        run,
        Item {
            level,
            first: draft.first,
            last,
        },
    )?;
    Ok(0)
}

/// The article's key: the seller's number, else the best of what is stated.
fn article(identifiers: &[Identifier]) -> Option<String> {
    let by = |scheme: Scheme| {
        identifiers
            .iter()
            .find(|identifier| identifier.scheme == scheme)
    };
    product::sku(identifiers).or_else(|| {
        let other = by(Scheme::BUYER_PART)
            .or_else(|| by(Scheme::GTIN))
            .or_else(|| by(Scheme::MANUFACTURER_PART));
        other
            .or_else(|| identifiers.first())
            .map(|identifier| identifier.value.clone())
    })
}
