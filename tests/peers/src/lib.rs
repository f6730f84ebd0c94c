//! The EDI engine beside other implementations. Compares and measures; nothing that is shipped depends on it.
//! Invariant: whatever is compared gets the same bytes in the same run.

pub mod flow;
pub mod others;
pub mod ours;
