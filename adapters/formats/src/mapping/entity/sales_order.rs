//! Flat order rows: one row is an order with one line (`lines.sku`), or with several in columns (`lines.1.sku`, …).
//!
//! Rows that belong together are not grouped into one order yet: two rows with the same order number are two documents.

use canonical::codes::Currency;
use canonical::date::DateOrTime;
use canonical::order_line::OrderLine;
use canonical::party::{Contact, Party, PartyRole};
use canonical::reference::{DateRef, DateType, Note};
use canonical::sales_order::{OrderPurpose, OrderType, SalesOrder};
use config::ConfigError;

use super::customer::TermRules;
use super::party::AddressRules;
use super::{Carried, IdentifierRules};
use crate::mapping::fields::Fields;
use crate::mapping::rule::{
    Compound, Fault, MoneyRule, QuantityRule, Record, Rule, UnitPriceRule, maybe, maybe_compound,
    nothing_in,
};

#[derive(Debug)]
pub(crate) struct Rules {
    order_id: Rule<String>,
    order_number: Option<Rule<String>>,
    po_number: Option<Rule<String>>,
    revision: Option<Rule<u32>>,
    r#type: Option<Rule<OrderType>>,
    purpose: Option<Rule<OrderPurpose>>,
    placed_at: Option<Rule<DateOrTime>>,
    currency: Rule<Currency>,
    parties: Vec<PartyRules>,
    payment_terms: TermRules,
    dates: Vec<(DateType, Rule<DateOrTime>)>,
    lines: Vec<LineRules>,
    note: Option<Rule<String>>,
    quote: Option<Rule<String>>,
    contract: Option<Rule<String>>,
}

impl Rules {
    pub(crate) fn compile(fields: &mut Fields<'_>) -> Result<Self, ConfigError> {
        let mut parties = Vec::new();
        for role in fields.chosen("parties") {
            parties.push(PartyRules::compile(fields, &role)?);
        }
        let mut lines = Vec::new();
        for group in fields.groups("lines", &LINE_PARTS) {
            lines.push(LineRules::compile(fields, &group)?);
        }
        for (name, is_empty, example) in [
            (
                "parties",
                parties.is_empty(),
                "\"parties.buyer.identifiers.erp:main\" = { column = \"…\" }",
            ),
            (
                "lines",
                lines.is_empty(),
                "\"lines.line\" = { … } and \"lines.quantity\" = { … }",
            ),
        ] {
            if is_empty {
                return Err(fields.unset_group(name, example));
            }
        }
        Ok(Self {
            order_id: fields.need("order_id")?,
            order_number: fields.maybe("order_number")?,
            po_number: fields.maybe("po_number")?,
            revision: fields.maybe("revision")?,
            r#type: fields.maybe("type")?,
            purpose: fields.maybe("purpose")?,
            placed_at: fields.maybe("placed_at")?,
            currency: fields.need("currency")?,
            parties,
            payment_terms: TermRules::compile(fields)?,
            dates: fields.named("dates", "requested_delivery")?,
            lines,
            note: fields.maybe("notes")?,
            quote: fields.maybe("quote")?,
            contract: fields.maybe("contract")?,
        })
    }

    pub(crate) fn build(
        &self,
        record: Record<'_>,
        carried: Carried,
    ) -> Result<SalesOrder, Box<Fault>> {
        let mut parties = Vec::with_capacity(self.parties.len());
        for rules in &self.parties {
            parties.extend(rules.build(record)?);
        }
        if parties.is_empty() {
            return Err(nothing_in("parties"));
        }
        let mut lines = Vec::with_capacity(self.lines.len());
        for rules in &self.lines {
            lines.extend(rules.build(record)?);
        }
        if lines.is_empty() {
            return Err(nothing_in("lines"));
        }
        let mut order = SalesOrder::new(
            self.order_id.need(record)?,
            self.currency.need(record)?,
            parties,
            lines,
        );
        order.provenance = Some(carried.provenance);
        order.unmapped = carried.unmapped;
        order.order_number = maybe(self.order_number.as_ref(), record)?;
        order.po_number = maybe(self.po_number.as_ref(), record)?;
        order.revision = maybe(self.revision.as_ref(), record)?;
        order.r#type = maybe(self.r#type.as_ref(), record)?;
        order.purpose = maybe(self.purpose.as_ref(), record)?;
        order.placed_at = maybe(self.placed_at.as_ref(), record)?;
        order.payment_terms = self.payment_terms.build(record)?;
        order.dates = dates(&self.dates, record)?;
        order.notes = maybe(self.note.as_ref(), record)?
            .map(Note::new)
            .into_iter()
            .collect();
        order.quote = maybe(self.quote.as_ref(), record)?;
        order.contract = maybe(self.contract.as_ref(), record)?;
        Ok(order)
    }
}

fn dates(
    rules: &[(DateType, Rule<DateOrTime>)],
    record: Record<'_>,
) -> Result<Vec<DateRef>, Box<Fault>> {
    let mut dates = Vec::new();
    for (r#type, rule) in rules {
        dates.extend(rule.get(record)?.map(|value| DateRef::new(*r#type, value)));
    }
    Ok(dates)
}

/// A party by its role: `parties.buyer.name`.
#[derive(Debug)]
struct PartyRules {
    role: PartyRole,
    identifiers: IdentifierRules,
    name: Option<Rule<String>>,
    address: AddressRules,
    contact_name: Option<Rule<String>>,
    contact_email: Option<Rule<String>>,
    contact_phone: Option<Rule<String>>,
    tax_id: Option<Rule<String>>,
}

impl PartyRules {
    fn compile(fields: &mut Fields<'_>, role: &str) -> Result<Self, ConfigError> {
        let prefix = format!("parties.{role}");
        let path = |part: &str| format!("{prefix}.{part}");
        let Ok(known) = role.parse::<PartyRole>() else {
            let hint = match config::nearest(role, PartyRole::WORDS) {
                Some(near) => crate::mapping::spec::did_you_mean(&format!("parties.{near}")),
                None => format!("the roles are: {}", PartyRole::WORDS.join(", ")),
            };
            return Err(fields.wrong_group(
                &prefix,
                format!("`{role}` is no role of a party"),
                &hint,
            ));
        };
        Ok(Self {
            role: known,
            identifiers: IdentifierRules::compile(fields, &path("identifiers"))?,
            name: fields.maybe(&path("name"))?,
            address: AddressRules::compile(fields, &path("address"))?,
            contact_name: fields.maybe(&path("contact.name"))?,
            contact_email: fields.maybe(&path("contact.email"))?,
            contact_phone: fields.maybe(&path("contact.phone"))?,
            tax_id: fields.maybe(&path("tax_id"))?,
        })
    }

    /// Nothing when the row says nothing of this party.
    fn build(&self, record: Record<'_>) -> Result<Option<Party>, Box<Fault>> {
        let mut party = Party::new(self.role);
        party.identifiers = self.identifiers.build(record)?;
        party.name = maybe(self.name.as_ref(), record)?;
        party.address = self.address.build(record)?;
        let contact = Contact {
            name: maybe(self.contact_name.as_ref(), record)?,
            email: maybe(self.contact_email.as_ref(), record)?,
            phone: maybe(self.contact_phone.as_ref(), record)?,
            department: None,
        };
        party.contact = (contact != Contact::default()).then_some(contact);
        party.tax_id = maybe(self.tax_id.as_ref(), record)?;
        Ok((party != Party::new(self.role)).then_some(party))
    }
}

const LINE_PARTS: [&str; 7] = [
    "line",
    "sku",
    "identifiers.gtin",
    "description",
    "quantity",
    "unit_price",
    "net_amount",
];

#[derive(Debug)]
struct LineRules {
    line: Rule<String>,
    sku: Option<Rule<String>>,
    identifiers: IdentifierRules,
    description: Option<Rule<String>>,
    quantity: QuantityRule,
    unit_price: Option<UnitPriceRule>,
    net_amount: Option<MoneyRule>,
    dates: Vec<(DateType, Rule<DateOrTime>)>,
}

impl LineRules {
    fn compile(fields: &mut Fields<'_>, prefix: &str) -> Result<Self, ConfigError> {
        let path = |part: &str| format!("{prefix}.{part}");
        let Some(quantity) = fields.quantity(&path("quantity"))? else {
            let message = format!("`{prefix}` needs `{prefix}.quantity`, which no field sets");
            return Err(fields.wrong_group(
                prefix,
                message,
                "an order line is a number and a quantity",
            ));
        };
        let rules = Self {
            line: fields.need(&path("line"))?,
            sku: fields.maybe(&path("sku"))?,
            identifiers: IdentifierRules::compile(fields, &path("identifiers"))?,
            description: fields.maybe(&path("description"))?,
            quantity,
            unit_price: fields.unit_price(&path("unit_price"))?,
            net_amount: fields.money(&path("net_amount"))?,
            dates: fields.named(&path("dates"), "requested_delivery")?,
        };
        if rules.sku.is_none() && rules.identifiers.is_empty() {
            let message = format!("nothing says which article `{prefix}` is about");
            return Err(fields.wrong_group(
                prefix,
                message,
                &format!("add \"{prefix}.sku\" or \"{prefix}.identifiers.gtin\""),
            ));
        }
        Ok(rules)
    }

    /// Nothing when the row has no quantity for this line.
    fn build(&self, record: Record<'_>) -> Result<Option<OrderLine>, Box<Fault>> {
        let Some(quantity) = self.quantity.get(record)? else {
            return Ok(None);
        };
        let mut line = OrderLine::new(self.line.need(record)?, quantity);
        line.sku = maybe(self.sku.as_ref(), record)?;
        line.identifiers = self.identifiers.build(record)?;
        line.description = maybe(self.description.as_ref(), record)?;
        line.unit_price = maybe_compound(self.unit_price.as_ref(), record)?;
        line.net_amount = maybe_compound(self.net_amount.as_ref(), record)?;
        line.dates = dates(&self.dates, record)?;
        Ok(Some(line))
    }
}
