//! What agent and relay say to each other over HTTP/2 and mutual TLS. Types and the block's framing only.
//! Never connects, never compresses. Who is speaking is the certificate's matter, never the body's.
//! Invariant: frames are bounded before they are read, and an answer covers each document exactly once.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::ingest::Ingest;

/// Content type of a block's frame.
pub const BLOCK_CONTENT_TYPE: &str = "application/vnd.legacy-bridge.block";
/// Path of the greeting (`POST`).
pub const HELLO_PATH: &str = "/v1/hello";
/// Longest header of a frame, in bytes.
pub const MAX_HEADER_BYTES: usize = 64 * 1024;

const VERSION: u8 = 1;

/// Path of a block (`PUT`).
///
/// ```
/// assert_eq!(canonical::link::block_path("00c0ffee00c0ffee", "state", 7), "/v1/streams/00c0ffee00c0ffee/state/blocks/7");
/// ```
pub fn block_path(epoch: &str, lane: &str, ordinal: u64) -> String {
    format!("/v1/streams/{epoch}/{lane}/blocks/{ordinal}")
}

/// The agent's greeting: which log it reads from and how far each lane is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// Identity of the agent's log, 16 hex digits.
    pub epoch: String,
    /// The agent's version.
    pub agent_version: String,
    /// Per lane: the next ordinal the agent will send.
    pub lanes: BTreeMap<String, u64>,
}

/// The relay's answer to [`Hello`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Welcome {
    /// The tenant the certificate stands for.
    pub tenant: String,
    /// The agent the certificate stands for.
    pub agent: String,
    /// The relay's version.
    pub relay_version: String,
    /// Per lane: the ordinal the relay expects next.
    pub lanes: BTreeMap<String, u64>,
    /// What the relay accepts.
    pub limits: LinkLimits,
}

/// What a relay accepts from one agent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LinkLimits {
    /// Largest frame, in bytes.
    pub block_bytes: u64,
    /// Blocks of one lane under way at the same time.
    pub in_flight: u32,
}

/// What stands before a block's compressed bytes.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockHeader {
    /// The claim all documents of the block come from.
    pub ingest: Ingest,
    /// Sequence number of the block's first document; the others follow without a gap.
    pub first_sequence: u64,
    /// Documents in the block.
    pub documents: u32,
    /// Bytes after decompression: the reader's bound.
    pub raw_bytes: u32,
    /// Whether the agent lost documents to damage and derived this claim again: the relay then compares with
    /// everything it has of the claim, under whatever epoch.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub derived_again: bool,
}

/// Why bytes are not a frame.
#[derive(Debug, thiserror::Error)]
pub enum LinkError {
    /// Shorter than it says.
    #[error("frame ends inside its {0}")]
    Short(&'static str),
    /// Written by a newer program.
    #[error("frame has version {0}, this program reads version 1: update it")]
    Version(u8),
    /// A header beyond [`MAX_HEADER_BYTES`].
    #[error("frame header of {0} bytes is over the limit of 65536")]
    HeaderTooLarge(u32),
    /// The header is not the JSON it must be.
    #[error("frame header cannot be read")]
    Header(#[source] serde_json::Error),
}

/// A block's frame: version byte 1, header length (u32, little endian), header as JSON, zstd bytes.
pub fn encode_block(header: &BlockHeader, compressed: &[u8]) -> Vec<u8> {
    let json = serde_json::to_vec(header).expect("plain fields always serialise");
    let length = u32::try_from(json.len()).expect("a header is far below 4 GiB");
    let mut frame = Vec::with_capacity(5 + json.len() + compressed.len());
    frame.push(VERSION);
    frame.extend(length.to_le_bytes());
    frame.extend(json);
    frame.extend(compressed);
    frame
}

/// Takes a frame apart; the second part is still compressed.
///
/// # Errors
/// See [`LinkError`].
pub fn decode_block(frame: &[u8]) -> Result<(BlockHeader, &[u8]), LinkError> {
    let (version, rest) = frame.split_first().ok_or(LinkError::Short("version"))?;
    if *version != VERSION {
        return Err(LinkError::Version(*version));
    }
    let (length, rest) = rest
        .split_first_chunk::<4>()
        .ok_or(LinkError::Short("length"))?;
    let length = u32::from_le_bytes(*length);
    let size = usize::try_from(length).unwrap_or(usize::MAX);
    if size > MAX_HEADER_BYTES {
        return Err(LinkError::HeaderTooLarge(length));
    }
    let (json, compressed) = rest
        .split_at_checked(size)
        .ok_or(LinkError::Short("header"))?;
    let header = serde_json::from_slice(json).map_err(LinkError::Header)?;
    Ok((header, compressed))
}

/// The relay's word on one document.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentVerdict {
    /// Stored durably.
    Accepted,
    /// Known already, with the same digest.
    Duplicate,
    /// Never to be sent again as it is: a dead letter at the agent.
    Rejected {
        /// Stable code.
        code: String,
        /// One sentence for a person.
        reason: String,
    },
    /// Known already, with another digest: dropped and reported.
    Conflict {
        /// One sentence for a person.
        reason: String,
    },
}

/// Consecutive documents with the same verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerRun {
    /// Place of the first one in the block, from 0.
    pub first: u32,
    /// How many.
    pub count: u32,
    /// The verdict on each.
    pub verdict: DocumentVerdict,
}

/// The relay's answer to a block.
///
/// ```
/// use canonical::link::{BlockAnswer, DocumentVerdict};
/// let mut answer = BlockAnswer::default();
/// for verdict in [DocumentVerdict::Accepted, DocumentVerdict::Accepted, DocumentVerdict::Duplicate] {
///     answer.push(verdict);
/// }
/// assert_eq!(answer.answers.len(), 2);
/// assert!(answer.covers(3) && !answer.covers(4));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct BlockAnswer {
    /// Runs in order, without a gap.
    pub answers: Vec<AnswerRun>,
}

impl BlockAnswer {
    /// The same verdict on all of a block's documents.
    pub fn all(documents: u32, verdict: DocumentVerdict) -> Self {
        let run = AnswerRun {
            first: 0,
            count: documents,
            verdict,
        };
        Self {
            answers: if documents == 0 {
                Vec::new()
            } else {
                vec![run]
            },
        }
    }

    /// Adds the verdict on the next document.
    pub fn push(&mut self, verdict: DocumentVerdict) {
        let first = match self.answers.last_mut() {
            Some(run) if run.verdict == verdict => {
                run.count += 1;
                return;
            }
            Some(run) => run.first + run.count,
            None => 0,
        };
        self.answers.push(AnswerRun {
            first,
            count: 1,
            verdict,
        });
    }

    /// Whether the runs cover exactly the documents 0 to `documents`, each once and in order.
    pub fn covers(&self, documents: u32) -> bool {
        let end = self.answers.iter().try_fold(0_u32, |next, run| {
            if run.first == next && run.count > 0 {
                next.checked_add(run.count)
            } else {
                None
            }
        });
        end == Some(documents)
    }
}

/// Why the relay does not take a request. `code` is stable; `message` is for a person.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Refusal {
    /// `out_of_order`, `unknown_stream`, …
    pub code: String,
    /// One sentence for a person.
    pub message: String,
    /// What to do about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hint: Option<String>,
    /// For `out_of_order`: the ordinal the relay expects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expected: Option<u64>,
}

impl Refusal {
    /// A block came before the one it follows (409).
    pub const OUT_OF_ORDER: &'static str = "out_of_order";
    /// The relay does not know this log: the agent says hello again (409).
    pub const UNKNOWN_STREAM: &'static str = "unknown_stream";

    /// A refusal without hint.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            hint: None,
            expected: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{
        AnswerRun, BlockAnswer, BlockHeader, DocumentVerdict, LinkError, Refusal, decode_block,
        encode_block,
    };
    use proptest::prelude::{any, prop, prop_assert, proptest};

    fn header() -> BlockHeader {
        serde_json::from_str(
            r#"{"ingest":{"ingest_id":"01JDC4Z8Q2W3E4R5T6Y7H8J9K0","feed":"stock","received_at":"2026-11-23T08:41:40Z",
            "file":{"name":"stock.csv","size":3,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}},
            "first_sequence":1,"documents":2,"raw_bytes":99}"#,
        )
        .unwrap()
    }

    #[test]
    fn a_frame_reads_back() {
        let frame = encode_block(&header(), b"zstd");
        assert_eq!(decode_block(&frame).unwrap(), (header(), &b"zstd"[..]));
        for cut in 0..frame.len() - 4 {
            assert!(decode_block(&frame[..cut]).is_err(), "cut at {cut}");
        }
        assert!(matches!(decode_block(&[2]), Err(LinkError::Version(2))));
        assert!(matches!(
            decode_block(&[1, 0, 0, 0, 255, 0]),
            Err(LinkError::HeaderTooLarge(_))
        ));
        assert!(matches!(
            decode_block(&[1, 1, 0, 0, 0, b'{']),
            Err(LinkError::Header(_))
        ));
    }

    #[test]
    fn verdicts_on_the_wire() {
        for (verdict, json) in [
            (DocumentVerdict::Accepted, r#""accepted""#),
            (DocumentVerdict::Duplicate, r#""duplicate""#),
            (
                DocumentVerdict::Rejected {
                    code: "c".into(),
                    reason: "r".into(),
                },
                r#"{"rejected":{"code":"c","reason":"r"}}"#,
            ),
            (
                DocumentVerdict::Conflict { reason: "r".into() },
                r#"{"conflict":{"reason":"r"}}"#,
            ),
        ] {
            assert_eq!(serde_json::to_string(&verdict).unwrap(), json);
            assert_eq!(
                serde_json::from_str::<DocumentVerdict>(json).unwrap(),
                verdict
            );
        }
        let refusal = Refusal {
            expected: Some(4),
            ..Refusal::new(Refusal::OUT_OF_ORDER, "block 4 is missing")
        };
        let json = r#"{"code":"out_of_order","message":"block 4 is missing","expected":4}"#;
        assert_eq!(serde_json::to_string(&refusal).unwrap(), json);
    }

    #[test]
    fn an_answer_must_cover_each_document_once() {
        let of = |runs: &[(u32, u32)]| BlockAnswer {
            answers: runs
                .iter()
                .map(|&(first, count)| AnswerRun {
                    first,
                    count,
                    verdict: DocumentVerdict::Accepted,
                })
                .collect(),
        };
        for (runs, documents, covers) in [
            (&[(0, 3)][..], 3, true),
            (&[(0, 1), (1, 2)], 3, true),
            (&[], 0, true),
            (&[], 1, false),
            (&[(0, 2)], 3, false),
            (&[(0, 4)], 3, false),
            (&[(1, 2)], 3, false),
            (&[(0, 2), (1, 1)], 3, false),
            (&[(0, 1), (2, 1)], 3, false),
            (&[(0, 0), (0, 3)], 3, false),
            (&[(0, u32::MAX), (u32::MAX, 4)], 3, false),
        ] {
            assert_eq!(
                of(runs).covers(documents),
                covers,
                "{runs:?} of {documents}"
            );
        }
        assert!(BlockAnswer::all(0, DocumentVerdict::Duplicate).covers(0));
        assert!(BlockAnswer::all(5, DocumentVerdict::Duplicate).covers(5));
    }

    proptest! {
        #[test]
        fn hostile_frames_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(decode_block(&bytes).is_err() || bytes.len() > 5);
        }
    }
}
