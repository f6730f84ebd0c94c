//! Stock rows: one row is the level of one article at one place.

use canonical::date::{Date, DateOrTime};
use canonical::inventory_level::{
    InventoryLevel, InventoryMode, Location, NextReceipt, StockQuantities,
};
use config::ConfigError;

use super::{Carried, IdentifierRules};
use crate::mapping::fields::Fields;
use crate::mapping::rule::{Fault, QuantityRule, Record, Rule, maybe, maybe_compound, nothing_in};

#[derive(Debug)]
pub(crate) struct Rules {
    sku: Rule<String>,
    identifiers: IdentifierRules,
    location_code: Rule<String>,
    location_name: Option<Rule<String>>,
    location_identifiers: IdentifierRules,
    lot: Option<Rule<String>>,
    as_of: Rule<DateOrTime>,
    mode: Rule<InventoryMode>,
    snapshot_id: Option<Rule<String>>,
    quantities: Quantities,
    next_receipt: Option<Rule<Date>>,
    next_receipt_quantity: Option<QuantityRule>,
    lead_time_days: Option<Rule<u32>>,
}

#[derive(Debug)]
struct Quantities {
    on_hand: Option<QuantityRule>,
    allocated: Option<QuantityRule>,
    available: Option<QuantityRule>,
    on_order: Option<QuantityRule>,
    in_transit: Option<QuantityRule>,
    backordered: Option<QuantityRule>,
    quarantined: Option<QuantityRule>,
    safety: Option<QuantityRule>,
}

impl Rules {
    pub(crate) fn compile(fields: &mut Fields<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            sku: fields.need("sku")?,
            identifiers: IdentifierRules::compile(fields, "identifiers")?,
            location_code: fields.need("location.code")?,
            location_name: fields.maybe("location.name")?,
            location_identifiers: IdentifierRules::compile(fields, "location.identifiers")?,
            lot: fields.maybe("lot")?,
            as_of: fields.need("as_of")?,
            mode: fields.need("mode")?,
            snapshot_id: fields.maybe("snapshot_id")?,
            quantities: Quantities::compile(fields)?,
            next_receipt: fields.maybe("next_receipt.date")?,
            next_receipt_quantity: fields.quantity("next_receipt.quantity")?,
            lead_time_days: fields.maybe("lead_time_days")?,
        })
    }

    pub(crate) fn build(
        &self,
        record: Record<'_>,
        carried: Carried,
    ) -> Result<InventoryLevel, Box<Fault>> {
        let mut location = Location::new(self.location_code.need(record)?);
        location.name = maybe(self.location_name.as_ref(), record)?;
        location.identifiers = self.location_identifiers.build(record)?;
        let mut level = InventoryLevel::new(
            self.sku.need(record)?,
            location,
            self.as_of.need(record)?,
            self.mode.need(record)?,
            self.quantities.build(record)?,
        );
        level.provenance = Some(carried.provenance);
        level.unmapped = carried.unmapped;
        level.identifiers = self.identifiers.build(record)?;
        level.lot = maybe(self.lot.as_ref(), record)?;
        level.snapshot_id = maybe(self.snapshot_id.as_ref(), record)?;
        level.lead_time_days = maybe(self.lead_time_days.as_ref(), record)?;
        if let Some(date) = maybe(self.next_receipt.as_ref(), record)? {
            let mut receipt = NextReceipt::new(date);
            receipt.quantity = maybe_compound(self.next_receipt_quantity.as_ref(), record)?;
            level.next_receipt = Some(receipt);
        }
        Ok(level)
    }
}

impl Quantities {
    fn compile(fields: &mut Fields<'_>) -> Result<Self, ConfigError> {
        let quantities = Self {
            on_hand: fields.quantity("quantities.on_hand")?,
            allocated: fields.quantity("quantities.allocated")?,
            available: fields.quantity("quantities.available")?,
            on_order: fields.quantity("quantities.on_order")?,
            in_transit: fields.quantity("quantities.in_transit")?,
            backordered: fields.quantity("quantities.backordered")?,
            quarantined: fields.quantity("quantities.quarantined")?,
            safety: fields.quantity("quantities.safety")?,
        };
        if quantities.all().iter().all(|rule| rule.is_none()) {
            let hint =
                "\"quantities.available\" = { column = \"…\", unit = { constant = \"C62\" } }";
            return Err(fields.unset_group("quantities", hint));
        }
        Ok(quantities)
    }

    fn all(&self) -> [&Option<QuantityRule>; 8] {
        let Self {
            on_hand,
            allocated,
            available,
            on_order,
            in_transit,
            backordered,
            quarantined,
            safety,
        } = self;
        [
            on_hand,
            allocated,
            available,
            on_order,
            in_transit,
            backordered,
            quarantined,
            safety,
        ]
    }

    fn build(&self, record: Record<'_>) -> Result<StockQuantities, Box<Fault>> {
        let quantities = StockQuantities {
            on_hand: maybe_compound(self.on_hand.as_ref(), record)?,
            allocated: maybe_compound(self.allocated.as_ref(), record)?,
            available: maybe_compound(self.available.as_ref(), record)?,
            on_order: maybe_compound(self.on_order.as_ref(), record)?,
            in_transit: maybe_compound(self.in_transit.as_ref(), record)?,
            backordered: maybe_compound(self.backordered.as_ref(), record)?,
            quarantined: maybe_compound(self.quarantined.as_ref(), record)?,
            safety: maybe_compound(self.safety.as_ref(), record)?,
        };
        if quantities == StockQuantities::default() {
            return Err(nothing_in("quantities"));
        }
        Ok(quantities)
    }
}
