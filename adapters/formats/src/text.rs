//! Text as it really comes: bytes in any encoding, cut into decoded lines whose place in the source is known.
//!
//! Nothing here replaces a byte that cannot be decoded, and nothing reads ahead further than one line and one
//! read buffer. A format works on [`Lines`] and never sees encodings, byte order marks or line ends.

mod charset;
mod lines;

pub(crate) use charset::{Charset, charset_for};
pub(crate) use lines::{Lines, Place};
