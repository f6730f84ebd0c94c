//! X12: judge orders and stock reports and turn them into canonical documents.
//! Never looks at envelopes: the walk does. Invariant: every element is judged before a mapping sees it.

mod check;
mod convert;
mod dictionary;
mod fields;
mod finding;
mod order;
mod order_line;
mod origin;
mod parts;
mod party;
mod place;
mod product;
mod run;
mod stock;
mod tags;
mod unit;
mod value;

pub use convert::{Options, convert, convert_with};
