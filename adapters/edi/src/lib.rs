//! EDI standards: bytes in, findings and canonical documents out. Pure: no file, no clock, no network.
//! Invariant: hostile bytes cost bounded memory and never a panic; nothing is released before its envelope closes well.

pub mod x12;
