//! Compiled rules: how one field of a document gets its value from a record. This is the hot loop's only vocabulary.
//!
//! Columns are positions and constants are ready values by now; nothing is looked up by name. A rule never panics and
//! never changes a value: it yields it, yields nothing, or says what is wrong with it.

use canonical::codes::{Currency, Unit};
use canonical::decimal::Decimal;
use canonical::money::{Money, UnitPrice};
use canonical::quantity::Quantity;

use super::leaf::{Facts, Leaf, Wrong};
use super::spec::Fact;
use crate::table::Row;

/// One row, as rules see it.
#[derive(Clone, Copy)]
pub(crate) struct Record<'a> {
    pub(crate) row: Row<'a>,
    /// For every column of the mapping its position in this file.
    pub(crate) positions: &'a [usize],
    pub(crate) facts: &'a Facts<'a>,
}

/// Where a field's value comes from.
#[derive(Clone, Debug)]
pub(crate) enum Rule<T: Leaf> {
    Constant(T),
    Fact(Fact),
    Column(Column<T>),
}

/// A column of the mapping, and how its cells are read.
#[derive(Clone, Debug)]
pub(crate) struct Column<T: Leaf> {
    /// Index into the mapping's columns.
    pub(crate) column: usize,
    pub(crate) format: T::Format,
    /// What an empty cell means.
    pub(crate) default: Option<T>,
    pub(crate) required: bool,
}

/// A value that cannot be used, and the column it came from.
#[derive(Debug)]
pub(crate) struct Fault {
    /// Index into the mapping's columns; `None` when no column is to blame.
    pub(crate) column: Option<usize>,
    /// The canonical path, where a group of fields is to blame and not one column.
    pub(crate) path: Option<&'static str>,
    pub(crate) wrong: Wrong,
}

impl<'a> Record<'a> {
    /// The cell of a column without the blanks around it; empty when there is none.
    pub(crate) fn cell(self, column: usize) -> &'a str {
        let position = self.positions.get(column);
        let cell = position.and_then(|position| self.row.cell(*position));
        cell.unwrap_or_default().trim()
    }
}

impl<T: Leaf> Rule<T> {
    /// The value, or nothing for an empty cell of a field that is not required.
    pub(crate) fn get(&self, record: Record<'_>) -> Result<Option<T>, Box<Fault>> {
        match self {
            Self::Constant(value) => Ok(Some(value.clone())),
            Self::Fact(fact) => Ok(T::of_fact(*fact, record.facts)),
            Self::Column(column) => column.get(record),
        }
    }

    /// The value of a field that a document cannot be without.
    pub(crate) fn need(&self, record: Record<'_>) -> Result<T, Box<Fault>> {
        match self.get(record)? {
            Some(value) => Ok(value),
            None => Err(self.missing()),
        }
    }

    fn missing(&self) -> Box<Fault> {
        let column = match self {
            Self::Constant(_) | Self::Fact(_) => None,
            Self::Column(column) => Some(column.column),
        };
        Box::new(Fault {
            column,
            path: None,
            wrong: empty(),
        })
    }
}

impl<T: Leaf> Column<T> {
    fn get(&self, record: Record<'_>) -> Result<Option<T>, Box<Fault>> {
        let text = record.cell(self.column);
        if text.is_empty() {
            if self.default.is_none() && self.required {
                return Err(Box::new(Fault {
                    column: Some(self.column),
                    path: None,
                    wrong: empty(),
                }));
            }
            return Ok(self.default.clone());
        }
        match T::read(text, &self.format) {
            Ok(value) => Ok(Some(value)),
            Err(wrong) => Err(Box::new(Fault {
                column: Some(self.column),
                path: None,
                wrong,
            })),
        }
    }
}

fn empty() -> Wrong {
    Wrong {
        code: "mapping.required",
        expected: "a value".to_owned(),
        hint: Some(
            "the field is required: fill the cell, or give the field a `default` in the mapping"
                .to_owned(),
        ),
    }
}

/// A group of fields of which none has a value, though a document needs one.
pub(crate) fn nothing_in(path: &'static str) -> Box<Fault> {
    let wrong = Wrong {
        code: "mapping.required",
        expected: "at least one value".to_owned(),
        hint: Some("all columns that the mapping reads this from are empty".to_owned()),
    };
    Box::new(Fault {
        column: None,
        path: Some(path),
        wrong,
    })
}

/// The value of an optional rule.
pub(crate) fn maybe<T: Leaf>(
    rule: Option<&Rule<T>>,
    record: Record<'_>,
) -> Result<Option<T>, Box<Fault>> {
    match rule {
        Some(rule) => rule.get(record),
        None => Ok(None),
    }
}

/// Text with the unit it counts: without a value there is no quantity, whatever the unit says.
#[derive(Clone, Debug)]
pub(crate) struct QuantityRule {
    pub(crate) value: Rule<Decimal>,
    pub(crate) unit: Rule<Unit>,
}

/// An amount with its currency.
#[derive(Clone, Debug)]
pub(crate) struct MoneyRule {
    pub(crate) amount: Rule<Decimal>,
    pub(crate) currency: Rule<Currency>,
}

/// A price for so many of a unit.
#[derive(Clone, Debug)]
pub(crate) struct UnitPriceRule {
    pub(crate) amount: Rule<Decimal>,
    pub(crate) currency: Rule<Currency>,
    pub(crate) per: Rule<Decimal>,
    pub(crate) unit: Rule<Unit>,
}

/// A value made of several: present when its first part is.
pub(crate) trait Compound {
    type Value;
    fn get(&self, record: Record<'_>) -> Result<Option<Self::Value>, Box<Fault>>;
    /// The rule of the part that decides whether there is a value.
    fn first(&self) -> &Rule<Decimal>;

    fn need(&self, record: Record<'_>) -> Result<Self::Value, Box<Fault>> {
        match self.get(record)? {
            Some(value) => Ok(value),
            None => Err(self.first().missing()),
        }
    }
}

impl Compound for QuantityRule {
    type Value = Quantity;

    fn get(&self, record: Record<'_>) -> Result<Option<Quantity>, Box<Fault>> {
        let Some(value) = self.value.get(record)? else {
            return Ok(None);
        };
        Ok(Some(Quantity::new(value, self.unit.need(record)?)))
    }

    fn first(&self) -> &Rule<Decimal> {
        &self.value
    }
}

impl Compound for MoneyRule {
    type Value = Money;

    fn get(&self, record: Record<'_>) -> Result<Option<Money>, Box<Fault>> {
        let Some(amount) = self.amount.get(record)? else {
            return Ok(None);
        };
        Ok(Some(Money::new(amount, self.currency.need(record)?)))
    }

    fn first(&self) -> &Rule<Decimal> {
        &self.amount
    }
}

impl Compound for UnitPriceRule {
    type Value = UnitPrice;

    fn get(&self, record: Record<'_>) -> Result<Option<UnitPrice>, Box<Fault>> {
        let Some(amount) = self.amount.get(record)? else {
            return Ok(None);
        };
        let per = Quantity::new(self.per.need(record)?, self.unit.need(record)?);
        Ok(Some(UnitPrice::new(
            amount,
            self.currency.need(record)?,
            per,
        )))
    }

    fn first(&self) -> &Rule<Decimal> {
        &self.amount
    }
}

/// The value of an optional compound rule.
pub(crate) fn maybe_compound<C: Compound>(
    rule: Option<&C>,
    record: Record<'_>,
) -> Result<Option<C::Value>, Box<Fault>> {
    match rule {
        Some(rule) => rule.get(record),
        None => Ok(None),
    }
}
