//! Between messages and canonical documents, both ways, by mappings that are data: a TOML file for each set or message.
//!
//! A mapping names places in a message and says where their elements live in the document:
//!
//! ```toml
//! set = "850"
//! entity = "sales_order"
//!
//! [BEG]
//! 03 = ["order_id", "po_number"]        # one element, two members
//! 05 = "placed_at"
//!
//! ["PO1"]                               # the loop that PO1 opens
//! each = "lines"                        # gives an item of the list for each repetition
//! 02 = "quantity.value"
//! "06..25" = "identifiers | pairs product"
//!
//! ["PO1/N1[01=ST]"]                     # only where the first element is ST
//! each = "ship_to"
//! ```
//!
//! Whatever no line takes is kept in the document's `unmapped`, under its path. The language is described in
//! `adapters/edi/mappings/README.md`.
//! Invariant: a mapping is checked against the dictionary and the model when it is compiled; nothing of it can fail later.

mod apply;
mod compose;
mod convert;
mod facts;
mod fields;
mod finish;
mod function;
mod hierarchy;
mod language;
mod library;
mod load;
mod path;
mod place;
mod plan;
mod read;
#[cfg(test)]
mod round_trip_tests;
mod row;
#[cfg(test)]
mod tests;
mod tree;
mod unconvert;
mod write;

pub use finish::Made;
pub use language::MapError;
pub use library::Mappings;
pub use plan::{Part, Plan};
pub use read::{Context, Reading};
pub use write::{Style, Writing};
