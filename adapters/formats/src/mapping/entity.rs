//! Which entities a mapping can make, and the step from a record to a document of that entity.
//!
//! One module per entity; each says twice what it consists of: once when the mapping is compiled, once when a record
//! is built. Nothing else in the mapping language knows an entity.

mod customer;
mod inventory_level;
mod party;
mod price;
mod product;
mod sales_order;

use canonical::entity::{Entity, EntityKind};
use canonical::identifiers::{Identifier, Scheme};
use canonical::provenance::Provenance;
use canonical::verbatim::Unmapped;
use config::ConfigError;

use super::fields::Fields;
use super::rule::{Fault, Record, Rule};

/// A mapping's entity with its compiled rules.
#[derive(Debug)]
pub(crate) enum EntityRules {
    Customer(Box<customer::Rules>),
    InventoryLevel(Box<inventory_level::Rules>),
    Price(Box<price::Rules>),
    Product(Box<product::Rules>),
    SalesOrder(Box<sales_order::Rules>),
}

/// The entities a record can be made into.
pub(crate) const SUPPORTED: [EntityKind; 5] = [
    EntityKind::Customer,
    EntityKind::InventoryLevel,
    EntityKind::Price,
    EntityKind::Product,
    EntityKind::SalesOrder,
];

/// What every document carries besides its fields.
pub(crate) struct Carried {
    pub(crate) provenance: Provenance,
    pub(crate) unmapped: Vec<Unmapped>,
}

impl EntityRules {
    /// Takes the entity's fields; `None` when the entity cannot be made of one record yet.
    pub(crate) fn compile(
        kind: EntityKind,
        fields: &mut Fields<'_>,
    ) -> Result<Option<Self>, ConfigError> {
        let rules = match kind {
            EntityKind::Customer => Self::Customer(Box::new(customer::Rules::compile(fields)?)),
            EntityKind::InventoryLevel => {
                Self::InventoryLevel(Box::new(inventory_level::Rules::compile(fields)?))
            }
            EntityKind::Price => Self::Price(Box::new(price::Rules::compile(fields)?)),
            EntityKind::Product => Self::Product(Box::new(product::Rules::compile(fields)?)),
            EntityKind::SalesOrder => {
                Self::SalesOrder(Box::new(sales_order::Rules::compile(fields)?))
            }
            EntityKind::PriceList
            | EntityKind::OrderChange
            | EntityKind::OrderAck
            | EntityKind::Shipment
            | EntityKind::Invoice
            | EntityKind::Payment
            | EntityKind::AckReport => return Ok(None),
        };
        Ok(Some(rules))
    }

    /// Makes the document of one record.
    pub(crate) fn build(&self, record: Record<'_>, carried: Carried) -> Result<Entity, Box<Fault>> {
        match self {
            Self::Customer(rules) => rules.build(record, carried).map(Entity::from),
            Self::InventoryLevel(rules) => rules.build(record, carried).map(Entity::from),
            Self::Price(rules) => rules.build(record, carried).map(Entity::from),
            Self::Product(rules) => rules.build(record, carried).map(Entity::from),
            Self::SalesOrder(rules) => rules.build(record, carried).map(Entity::from),
        }
    }
}

/// Identifiers by scheme, as in `identifiers.gtin`.
#[derive(Debug)]
struct IdentifierRules(Vec<(Scheme, Rule<String>)>);

impl IdentifierRules {
    fn compile(fields: &mut Fields<'_>, prefix: &str) -> Result<Self, ConfigError> {
        fields.named(prefix, "gtin").map(Self)
    }

    fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A GTIN is stored with 14 digits, however many of them the file has; another key stays as it stands.
    fn build(&self, record: Record<'_>) -> Result<Vec<Identifier>, Box<Fault>> {
        let mut identifiers = Vec::with_capacity(self.0.len());
        for (scheme, rule) in &self.0 {
            let Some(value) = rule.get(record)? else {
                continue;
            };
            let value = if *scheme == Scheme::GTIN {
                gtin(rule, &value)?
            } else {
                value
            };
            identifiers.push(Identifier::new(scheme.clone(), value));
        }
        Ok(identifiers)
    }
}

fn gtin(rule: &Rule<String>, value: &str) -> Result<String, Box<Fault>> {
    canonical::identifiers::Gtin::normalise(value)
        .map(|gtin| gtin.to_string())
        .map_err(|reason| {
            let column = match rule {
                Rule::Constant(_) | Rule::Fact(_) => None,
                Rule::Column(column) => Some(column.column),
            };
            let wrong = super::leaf::Wrong {
                code: "mapping.gtin",
                expected: "a GTIN of 8, 12, 13 or 14 digits with its check digit".to_owned(),
                hint: Some(reason.to_string()),
            };
            Box::new(Fault {
                column,
                path: None,
                wrong,
            })
        })
}
