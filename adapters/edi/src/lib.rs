//! EDI: X12, EDIFACT and TRADACOMS. Bytes in; segments, findings, acknowledgements, canonical documents and bytes out.
//! Pure: no file, no clock, no network.
//! Invariant: hostile bytes cost bounded memory and never a panic; nothing is released before its envelope closes well.

pub mod acknowledge;
mod charset;
mod control;
mod convert;
pub mod dictionary;
pub mod examine;
mod finding;
mod header;
mod headers;
pub mod judge;
mod limits;
#[allow(
    clippy::wildcard_enum_match_arm,
    reason = "its tables have many kinds, and most places care for two of them"
)]
pub mod map;
mod meaning;
mod message;
pub mod partner;
mod reader;
mod rule;
mod scan;
mod segment;
pub mod segments;
mod separators;
mod syntax;
mod walk;
pub mod write;

pub use charset::{Charset, Encoding, Repertoire};
pub use convert::{Engine, convert};
pub use finding::{Finding, Level, Place};
pub use header::{Header, HeaderFault};
pub use headers::{Address, Group, Interchange, Message, shown};
pub use limits::Limits;
pub use meaning::meaning;
pub use message::{Extent, KnownLine, MessageBuffer, MessageView};
pub use reader::{Advance, Blank, Opening, Reader, Skipped, TextPolicy};
pub use rule::{Codes, Rule};
pub use segment::{Parts, Segment, Tag};
pub use separators::Separators;
pub use syntax::Syntax;
pub use walk::{Event, Walk, WalkOptions};
