//! The whole road, whatever the bytes: documents can be read by whoever gets them, answers by whoever is answered.

#![no_main]

use canonical::entity::Entity;
use edi_fuzz::{Drops, convert, is_good};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| goes(data));

fn goes(data: &[u8]) {
    let (stage, summary) = convert(&mut { data });
    let given = summary.map_or(0, |summary| summary.documents);
    assert_eq!(given, stage.documents.len() as u64, "documents that stand");
    for document in &stage.documents {
        let read = Entity::from_json(document.kind, &document.data);
        assert!(
            read.is_ok(),
            "{read:?} {}",
            String::from_utf8_lossy(&document.data)
        );
    }
    for reply in &stage.replies {
        is_good(&reply.bytes);
        let (answered, _) = convert(&mut reply.bytes.as_slice());
        assert!(
            answered.replies.is_empty(),
            "an answer is answered: {}",
            reply.bytes.escape_ascii()
        );
    }
    let (again, _) = convert(&mut Drops(data));
    assert_eq!(stage.documents, again.documents, "a few bytes at a time");
    assert_eq!(stage.replies, again.replies, "a few bytes at a time");
    assert_eq!(stage.problems, again.problems, "a few bytes at a time");
}
