//! Price rows: one row is the price of one article in one list, with one tier (`tiers.unit_price`) or several
//! (`tiers.1.unit_price`, `tiers.2.unit_price`, …).

use canonical::codes::Unit;
use canonical::date::DateOrTime;
use canonical::decimal::Decimal;
use canonical::price::{Price, PriceKind, PriceOrderRule, PriceTier};
use config::ConfigError;

use super::{Carried, IdentifierRules};
use crate::mapping::fields::Fields;
use crate::mapping::rule::{
    Compound, Fault, QuantityRule, Record, Rule, UnitPriceRule, maybe, maybe_compound, nothing_in,
};

#[derive(Debug)]
pub(crate) struct Rules {
    price_list: Rule<String>,
    sku: Rule<String>,
    identifiers: IdentifierRules,
    kind: Option<Rule<PriceKind>>,
    customer: Option<Rule<String>>,
    tiers: Vec<TierRules>,
    compare_at: Option<UnitPriceRule>,
    valid_from: Option<Rule<DateOrTime>>,
    valid_to: Option<Rule<DateOrTime>>,
    removed: Option<Rule<bool>>,
    minimum: Option<Rule<Decimal>>,
    multiple: Option<Rule<Decimal>>,
    rule_unit: Option<Rule<Unit>>,
}

#[derive(Debug)]
struct TierRules {
    min_quantity: QuantityRule,
    max_quantity: Option<QuantityRule>,
    unit_price: UnitPriceRule,
    discount_percent: Option<Rule<Decimal>>,
}

const TIER_PARTS: [&str; 4] = [
    "min_quantity",
    "max_quantity",
    "unit_price",
    "discount_percent",
];

impl Rules {
    pub(crate) fn compile(fields: &mut Fields<'_>) -> Result<Self, ConfigError> {
        let price_list = fields.need("price_list")?;
        let sku = fields.need("sku")?;
        let groups = fields.groups("tiers", &TIER_PARTS);
        if groups.is_empty() {
            let hint = "\"tiers.min_quantity\" = { … } and \"tiers.unit_price\" = { … }";
            return Err(fields.unset_group("tiers", hint));
        }
        let mut tiers = Vec::new();
        for group in groups {
            // The first tier is what makes the row a price; further ones may be empty.
            let tier = TierRules::compile(fields, &group, tiers.is_empty())?;
            tiers.push(tier);
        }
        Ok(Self {
            price_list,
            sku,
            identifiers: IdentifierRules::compile(fields, "identifiers")?,
            kind: fields.maybe("kind")?,
            customer: fields.maybe("customer")?,
            tiers,
            compare_at: fields.unit_price("compare_at")?,
            valid_from: fields.maybe("valid_from")?,
            valid_to: fields.maybe("valid_to")?,
            removed: fields.maybe("removed")?,
            minimum: fields.maybe("order_rule.minimum")?,
            multiple: fields.maybe("order_rule.multiple")?,
            rule_unit: fields.maybe("order_rule.unit")?,
        })
    }

    pub(crate) fn build(&self, record: Record<'_>, carried: Carried) -> Result<Price, Box<Fault>> {
        let mut tiers = Vec::with_capacity(self.tiers.len());
        for rules in &self.tiers {
            tiers.extend(rules.build(record)?);
        }
        if tiers.is_empty() {
            return Err(nothing_in("tiers"));
        }
        let mut price = Price::new(self.price_list.need(record)?, self.sku.need(record)?, tiers);
        price.provenance = Some(carried.provenance);
        price.unmapped = carried.unmapped;
        price.identifiers = self.identifiers.build(record)?;
        price.kind = maybe(self.kind.as_ref(), record)?;
        price.customer = maybe(self.customer.as_ref(), record)?;
        price.compare_at = maybe_compound(self.compare_at.as_ref(), record)?;
        price.valid_from = maybe(self.valid_from.as_ref(), record)?;
        price.valid_to = maybe(self.valid_to.as_ref(), record)?;
        price.removed = maybe(self.removed.as_ref(), record)?;
        let rule = PriceOrderRule {
            minimum: maybe(self.minimum.as_ref(), record)?,
            multiple: maybe(self.multiple.as_ref(), record)?,
            unit: maybe(self.rule_unit.as_ref(), record)?,
        };
        // A unit alone is no rule.
        let says_something = rule.minimum.is_some() || rule.multiple.is_some();
        price.order_rule = says_something.then_some(rule);
        Ok(price)
    }
}

impl TierRules {
    fn compile(fields: &mut Fields<'_>, prefix: &str, first: bool) -> Result<Self, ConfigError> {
        let path = |part: &str| format!("{prefix}.{part}");
        let unit_price = if first {
            fields.need_unit_price(&path("unit_price"))?
        } else {
            let found = fields.unit_price(&path("unit_price"))?;
            found.ok_or_else(|| {
                let message =
                    format!("`{prefix}` needs `{prefix}.unit_price`, which no field sets");
                fields.wrong_group(prefix, message, "a tier is a quantity and a price")
            })?
        };
        Ok(Self {
            min_quantity: fields.need_quantity(&path("min_quantity"))?,
            max_quantity: fields.quantity(&path("max_quantity"))?,
            unit_price,
            discount_percent: fields.maybe(&path("discount_percent"))?,
        })
    }

    /// Nothing when the row has no price for this tier.
    fn build(&self, record: Record<'_>) -> Result<Option<PriceTier>, Box<Fault>> {
        let Some(unit_price) = self.unit_price.get(record)? else {
            return Ok(None);
        };
        let mut tier = PriceTier::new(self.min_quantity.need(record)?, unit_price);
        tier.max_quantity = maybe_compound(self.max_quantity.as_ref(), record)?;
        tier.discount_percent = maybe(self.discount_percent.as_ref(), record)?;
        Ok(Some(tier))
    }
}
