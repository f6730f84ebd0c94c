//! X12: read, walk the envelopes, judge, and turn orders and stock reports into canonical documents.

mod control;
mod envelope;
mod finding;
mod group_codes;
mod headers;
mod index;
mod reader;
mod segment;
mod separators;
mod trailers;

pub use envelope::{Event, Walk};
pub use finding::Rule;
pub use headers::{Group, Interchange, Set, shown};
pub use reader::{Limits, Reader};
pub use segment::{Segment, Tag};
pub use separators::Separators;
