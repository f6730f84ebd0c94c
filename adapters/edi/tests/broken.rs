//! Every rule of the envelopes and of the dictionary broken once at each kind of place: what is found there, and what is
//! answered. The tables are in `tests/broken`, one row a broken document; how they are read is said in `table`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

mod answered;
#[path = "broken/cut.rs"]
mod cut;
#[path = "broken/edit.rs"]
mod edit;
#[path = "broken/outcome.rs"]
mod outcome;
#[path = "broken/table.rs"]
mod table;
#[path = "broken/terms.rs"]
mod terms;

macro_rules! tables {
    ($($name:ident = $file:literal,)+) => {
        $(
            #[test]
            fn $name() {
                table::check($file);
            }
        )+
    };
}

tables! {
    x12_envelope = "x12-envelope",
    x12_header = "x12-header",
    x12_structure = "x12-structure",
    x12_element = "x12-element",
    edifact_envelope = "edifact-envelope",
    edifact_message = "edifact-message",
    tradacoms = "tradacoms",
}
