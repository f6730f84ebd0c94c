//! The canonical business documents, their CloudEvents envelope, ids, blocks and JSON Schema; and the words
//! that formats, queue, agent and relay share.
//! Never does IO, never reads a clock, never speaks a partner's dialect.
//! Invariant: what is read is written back as the same JSON value; numbers never pass through a float.

pub mod ack_report;
pub mod block;
mod checks;
pub mod codes;
pub mod customer;
pub mod date;
pub mod decimal;
pub mod decode;
pub mod document;
pub mod entity;
pub mod envelope;
pub mod id;
pub mod identifiers;
pub mod ingest;
pub mod inventory_level;
pub mod invoice;
pub mod link;
pub mod model;
pub mod money;
pub mod order_ack;
pub mod order_change;
pub mod order_line;
pub mod party;
pub mod payment;
pub mod price;
pub mod price_list;
pub mod problem;
pub mod product;
pub mod provenance;
pub mod quantity;
pub mod reference;
pub mod retry;
pub mod sales_order;
#[cfg(feature = "schema")]
pub mod schema;
pub mod shipment;
pub mod terms;
mod text;
pub mod verbatim;
pub mod word;
