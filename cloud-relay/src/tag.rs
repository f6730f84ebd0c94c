//! What the relay writes beside each stored block: who sent it, which place it had there, and which documents of it
//! are not to be delivered. Facts of a block, never of a document.

use canonical::ingest::Ingest;
use serde::{Deserialize, Serialize};

/// The tag of a stored block, as JSON.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct StreamTag {
    /// From the certificate.
    pub(crate) tenant: String,
    /// From the certificate.
    pub(crate) agent: String,
    /// The agent's log.
    pub(crate) epoch: String,
    /// The agent's lane.
    pub(crate) lane: String,
    /// The block's place on it.
    pub(crate) ordinal: u64,
    /// The agent's number of the block's first document.
    pub(crate) first_sequence: u64,
    /// The claim that the documents come from.
    pub(crate) ingest: Ingest,
    /// Documents that are not delivered (rejected, duplicate, conflict): first index and count, in order.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub(crate) skip: Vec<(u32, u32)>,
    /// For documents that a person replayed: the only destination they are for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) only: Option<String>,
}

impl StreamTag {
    /// Whether document `index` of the block is to be delivered.
    pub(crate) fn delivers(&self, index: u32) -> bool {
        let behind = self.skip.partition_point(|(first, _)| *first <= index);
        let run = behind.checked_sub(1).and_then(|at| self.skip.get(at));
        run.is_none_or(|(first, count)| index - first >= *count)
    }

    /// The lane of the relay's own spool that these blocks are on.
    pub(crate) fn stored_lane(tenant: &str, agent: &str, lane: &str) -> String {
        format!("{tenant}/{agent}/{lane}")
    }
}

#[cfg(test)]
mod tests {
    use super::StreamTag;

    #[test]
    fn skipped_documents() {
        let json = r#"{"tenant":"acme","agent":"a1","epoch":"00c0ffee00c0ffee","lane":"state","ordinal":1,"first_sequence":1,
            "ingest":{"ingest_id":"01JDC4Z8Q2W3E4R5T6Y7H8J9K0","feed":"stock","received_at":"2026-11-23T08:41:40Z",
            "file":{"name":"stock.csv","size":3,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}},
            "skip":[[1,2],[5,1]]}"#;
        let tag: StreamTag = serde_json::from_str(json).unwrap();
        let delivered: Vec<u32> = (0..8).filter(|index| tag.delivers(*index)).collect();
        assert_eq!(delivered, [0, 3, 4, 6, 7]);
    }
}
