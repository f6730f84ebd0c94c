//! The records of the log other than blocks: what they say and how they are written (postcard).
//! Pure. Every sequence is bounded by the frame it came in; a record that does not parse is damage.

use serde::{Deserialize, Serialize};

use crate::dead_letter::{DeadLetter, DeadLetterKey};
use crate::frame::Kind;

/// Where a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct Location {
    pub(crate) segment: u64,
    pub(crate) offset: u64,
    /// Bytes of the whole frame.
    pub(crate) length: u32,
}

/// The whole state at a point of the log.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Checkpoint {
    pub(crate) at: u64,
    pub(crate) epoch: u64,
    /// Lowest segment that is still needed: what is below it was pruned.
    pub(crate) first_segment: u64,
    pub(crate) next_sequence: u64,
    pub(crate) lanes: Vec<LaneHead>,
    pub(crate) marks: Vec<(String, u64)>,
}

/// How far a lane goes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct LaneHead {
    pub(crate) lane: String,
    /// Highest ordinal committed.
    pub(crate) head: u64,
    /// Highest ordinal pruned.
    pub(crate) floor: u64,
}

/// One block of a commit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CommittedBlock {
    pub(crate) location: Location,
    /// Place of its lane in the commit's list.
    pub(crate) lane: u32,
    pub(crate) ordinal: u64,
    pub(crate) first_sequence: u64,
    pub(crate) documents: u32,
}

/// A claim becomes visible.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct CommitRecord {
    pub(crate) claim: String,
    pub(crate) at: u64,
    pub(crate) lanes: Vec<String>,
    pub(crate) blocks: Vec<CommittedBlock>,
    pub(crate) marks: Vec<(String, u64)>,
    pub(crate) keys: Vec<(String, [u8; 32])>,
    pub(crate) memo: Vec<u8>,
}

impl CommitRecord {
    /// The lane of one of its blocks; `None` when the record contradicts itself.
    pub(crate) fn lane_of(&self, block: &CommittedBlock) -> Option<&str> {
        self.lanes
            .get(usize::try_from(block.lane).ok()?)
            .map(String::as_str)
    }
}

/// Progress.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct SettleRecord {
    pub(crate) marks: Vec<(String, u64)>,
    pub(crate) dead_letters: Vec<DeadLetter>,
    pub(crate) resolved: Vec<DeadLetterKey>,
}

/// What outlives its segment.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RememberRecord {
    pub(crate) claims: Vec<RememberedClaim>,
    pub(crate) keys: Vec<RememberedKey>,
    pub(crate) dead_letters: Vec<DeadLetter>,
}

/// A claim whose blocks are gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RememberedClaim {
    pub(crate) claim: String,
    pub(crate) at: u64,
    pub(crate) memo: Vec<u8>,
}

/// An occurrence key whose claim may be gone.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct RememberedKey {
    pub(crate) key: String,
    pub(crate) at: u64,
    pub(crate) digest: [u8; 32],
}

/// Any record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Record {
    Checkpoint(Checkpoint),
    Commit(CommitRecord),
    Settle(SettleRecord),
    Remember(RememberRecord),
    Epoch(u64),
}

impl Record {
    pub(crate) const fn kind(&self) -> Kind {
        match self {
            Self::Checkpoint(_) => Kind::Checkpoint,
            Self::Commit(_) => Kind::Commit,
            Self::Settle(_) => Kind::Settle,
            Self::Remember(_) => Kind::Remember,
            Self::Epoch(_) => Kind::Epoch,
        }
    }

    /// The payload; `None` only when memory ran out.
    pub(crate) fn encode(&self) -> Option<Vec<u8>> {
        match self {
            Self::Checkpoint(record) => postcard::to_stdvec(record),
            Self::Commit(record) => postcard::to_stdvec(record),
            Self::Settle(record) => postcard::to_stdvec(record),
            Self::Remember(record) => postcard::to_stdvec(record),
            Self::Epoch(epoch) => postcard::to_stdvec(epoch),
        }
        .ok()
    }

    /// Reads a payload of `kind`; `None` for a block and for bytes that are no such record.
    pub(crate) fn decode(kind: Kind, payload: &[u8]) -> Option<Self> {
        Some(match kind {
            Kind::Block => return None,
            Kind::Checkpoint => Self::Checkpoint(postcard::from_bytes(payload).ok()?),
            Kind::Commit => Self::Commit(postcard::from_bytes(payload).ok()?),
            Kind::Settle => Self::Settle(postcard::from_bytes(payload).ok()?),
            Kind::Remember => Self::Remember(postcard::from_bytes(payload).ok()?),
            Kind::Epoch => Self::Epoch(postcard::from_bytes(payload).ok()?),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KINDS: [Kind; 6] = [
        Kind::Checkpoint,
        Kind::Block,
        Kind::Commit,
        Kind::Settle,
        Kind::Remember,
        Kind::Epoch,
    ];

    proptest! {
        #[test]
        fn hostile_payloads_never_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), kind in 0..6_usize) {
            Record::decode(KINDS[kind], &bytes);
        }
    }

    #[test]
    fn a_record_that_announces_more_than_it_holds_is_refused() {
        let settle = Record::Settle(SettleRecord {
            marks: vec![("a".into(), 1)],
            ..SettleRecord::default()
        });
        let mut payload = settle.encode().unwrap();
        assert_eq!(Record::decode(Kind::Settle, &payload), Some(settle));
        payload[0] = 0xFF; // 127 more marks than there are
        assert_eq!(Record::decode(Kind::Settle, &payload), None);
        assert_eq!(
            Record::decode(Kind::Settle, &[0xFF, 0xFF, 0xFF, 0xFF, 0x0F]),
            None,
            "four thousand million marks"
        );
    }
}
