//! X12: read, walk the envelopes, judge, and turn orders and stock reports into canonical documents.

mod check;
mod convert;
mod dictionary;
mod envelope;
mod event;
mod fields;
mod finding;
mod group_codes;
mod headers;
mod order;
mod order_line;
mod origin;
mod parts;
mod party;
mod place;
mod product;
mod rules;
mod run;
mod stock;
mod tags;
mod unit;
mod value;

pub use convert::{Options, convert, convert_with};
pub use envelope::Walk;
pub use event::{Event, Finding, Level};
pub use finding::Rule;
