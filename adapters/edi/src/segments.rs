//! Lossless JSON of any file that holds interchanges, and back: every byte comes again, and a person can read and edit what is
//! between. One line of JSON for each segment, in the order of the file; judges nothing, so that broken files can be mended.
//! Invariant: the lines of a file, written back unchanged, are the file, byte for byte, whatever it holds.
//!
//! | line | is |
//! | --- | --- |
//! | `["PO1","1","10"]` | a segment: its tag, then its elements, without release characters. An element with components is a list of them, `["a","b"]`; one that repeats is `{"repeat":["a",["b","c"]]}` |
//! | `{"segment":…,"charset":"iso-8859-1","terminator":false}` | the same where there is more to say: other characters than the interchange's, no terminator behind it. A string in place of the list is the segment as it stands, release characters and all |
//! | `{"interchange":{…}}` | what the header behind it declares: syntax, separators, characters, the UNA, and what follows each segment (`after`: mostly nothing or a line end) |
//! | `{"text":"…"}` | bytes between two segments, in place of what `after` says; also what stands outside of interchanges, the object of a package, and what cannot be read |
//! | `{"lines":{"width":80,"end":"\n"}}` | from here on the file was cut into lines of one width |
//! | `{"lines":{"more":17,"last":"\n"}}` | only so many bytes more, and then this |

mod back;
mod compose;
mod fault;
mod line;
mod read;
mod source;
mod wrap;

pub use back::Back;
pub use fault::{Fault, LineError};
pub use read::to_lines;

/// How much text stands in one line at most.
const TEXT: usize = 64 << 10;

/// What follows every segment of an interchange, where something does.
const LINE_ENDS: [&[u8]; 3] = [b"\n", b"\r\n", b"\r"];

/// Which tag ends an interchange, whatever the syntax.
fn ends_interchange(tag: crate::Tag) -> bool {
    const ENDS: [crate::Tag; 3] = [
        crate::Tag::new(b"IEA"),
        crate::Tag::new(b"UNZ"),
        crate::Tag::new(b"END"),
    ];
    ENDS.contains(&tag)
}

#[cfg(test)]
mod tests;
