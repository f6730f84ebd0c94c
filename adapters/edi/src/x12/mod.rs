//! X12: read, walk the envelopes, judge, and turn orders and stock reports into canonical documents.

mod check;
mod control;
mod convert;
mod dictionary;
mod envelope;
mod fields;
mod finding;
mod group_codes;
mod headers;
mod index;
mod order;
mod order_line;
mod parts;
mod party;
mod place;
mod product;
mod reader;
mod run;
mod segment;
mod separators;
mod set;
mod stock;
mod tags;
mod trailers;
mod unit;
mod value;

pub use convert::{Options, convert, convert_with};
pub use envelope::{Event, Finding, Level, Walk};
pub use finding::Rule;
pub use headers::{Group, Interchange, Set, shown};
pub use reader::{Limits, Reader};
pub use segment::{Segment, Tag};
pub use separators::Separators;
