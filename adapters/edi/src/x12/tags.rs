//! The tags that code acts on, as constants that a `match` can use.
//! Names only. What a segment holds is in the dictionary.
//! Invariant: a constant is named as its tag.

use crate::segment::Tag;

macro_rules! tags {
    ($($name:ident)+) => {
        $(pub(super) const $name: Tag = Tag::new(stringify!($name).as_bytes());)+
    };
}

tags! {
    ST SE
    AMT BEG BIA CTT CUR DTM FOB ITD LIN MSG MTX N1 N2 N3 N4 N9 PER PID PO1 QTY REF SAC SCH SDQ TD5 TXI UIT
}
