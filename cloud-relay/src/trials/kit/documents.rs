//! Documents as an agent makes them, and the frames they are sent in.

use canonical::block::{BlockBuilder, BlockLimits};
use canonical::document::Sealed;
use canonical::entity::{Entity, EntityKind};
use canonical::ingest::Ingest;
use canonical::link::{self, BlockHeader};
use spool::Packed;

/// The claim number `n`.
pub(in crate::trials) fn ingest(n: u32) -> Ingest {
    serde_json::from_value(serde_json::json!({
        "ingest_id": format!("01JDC4Z8Q2W3E4R5T6Y7{n:06}"),
        "feed": "stock",
        "received_at": "2026-11-23T08:41:40Z",
        "file": { "name": "stock.csv", "size": 3, "sha256": "0".repeat(64) },
    }))
    .unwrap()
}

fn sealed(kind: EntityKind, ingest: &Ingest, record: u64, members: &str) -> Sealed {
    let id = ingest.ingest_id.as_str();
    let text = format!(
        r#"{{"schema_version":"1.0","provenance":{{"ingest_id":"{id}","received_at":"2026-11-23T08:41:40Z"}},{members}}}"#
    );
    let entity = Entity::from_json(kind, text.as_bytes()).unwrap();
    Sealed {
        kind,
        record,
        revision: 0,
        subject: entity.subject(),
        partition_key: entity.partition_key(),
        time: None,
        occurrence: None,
        data: text.into_bytes(),
    }
}

/// The stock of `sku` as record `record` of `ingest`.
pub(in crate::trials) fn stock(ingest: &Ingest, record: u64, sku: &str, on_hand: u32) -> Sealed {
    let members = format!(
        r#""sku":"{sku}","location":{{"code":"STO"}},"as_of":"2026-11-23","mode":"absolute","quantities":{{"on_hand":{{"value":"{on_hand}","unit":"C62"}}}}"#
    );
    sealed(EntityKind::InventoryLevel, ingest, record, &members)
}

/// The order `id` with `note` in it, as record `record` of `ingest`.
pub(in crate::trials) fn order(ingest: &Ingest, record: u64, id: &str, note: &str) -> Sealed {
    let members = format!(
        r#""order_id":"{id}","currency":"EUR","parties":[{{"role":"buyer","name":"{note}"}}],"lines":[{{"line":"1","quantity":{{"value":"1","unit":"C62"}}}}]"#
    );
    sealed(EntityKind::SalesOrder, ingest, record, &members)
}

/// `count` stock rows of as many articles, records 0 to `count`.
pub(in crate::trials) fn stocks(ingest: &Ingest, count: u64) -> Vec<Sealed> {
    (0..count)
        .map(|record| stock(ingest, record, &format!("B{record}"), 5))
        .collect()
}

/// A frame with these documents.
pub(in crate::trials) fn frame(
    ingest: &Ingest,
    first_sequence: u64,
    documents: &[Sealed],
) -> Vec<u8> {
    frame_with(ingest, first_sequence, documents, false)
}

pub(in crate::trials) fn frame_with(
    ingest: &Ingest,
    first_sequence: u64,
    documents: &[Sealed],
    derived_again: bool,
) -> Vec<u8> {
    let mut builder = BlockBuilder::new(BlockLimits::BUILD);
    for document in documents {
        builder.push(document);
    }
    let (raw, documents) = builder.finish();
    let packed = Packed::pack(&raw).unwrap();
    let header = BlockHeader {
        ingest: ingest.clone(),
        first_sequence,
        documents,
        raw_bytes: packed.raw_len(),
        derived_again,
    };
    link::encode_block(&header, packed.bytes())
}
