//! The formats files come in, and the mapping language that makes documents of them.
//!
//! Pure: bytes in, canonical documents and positioned problems out. No files, no sockets, no clock; what is known of a
//! file besides its bytes comes in as a [`Context`](canonical::decode::Context).
//! Memory is bounded by the longest record, whatever the size of the input.
//!
//! A further format is a module beside `delimited` and `fixed`, one more kind of `[input.…]` in a mapping, and one fixture
//! with its expected output.

mod ahead;
mod delimited;
mod fixed;
mod mapping;
mod plan;
mod table;
mod text;

pub use plan::Plan;
