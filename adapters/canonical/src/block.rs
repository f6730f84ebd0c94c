//! Blocks: some hundred sealed documents as one run of bytes, the unit of log, link and store.
//! Never compresses and never checks sums: the spool and the link do.
//! Invariant: no bytes, however hostile, make `parse` panic or allocate beyond the limits it was given.
//!
//! Layout: version byte 1, document count (u32, little endian), then each document in postcard form.

use crate::document::{Sealed, SealedRef};

const VERSION: u8 = 1;
const HEAD: usize = 5;
/// No document is shorter: one byte for each field.
const SHORTEST: usize = 8;

/// How much goes into a block, or how much is accepted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BlockLimits {
    /// Documents.
    pub documents: u32,
    /// Bytes before compression.
    pub bytes: usize,
}

impl BlockLimits {
    /// What a builder fills: 500 documents or 512 KiB, whichever comes first. The document that
    /// reaches a limit is still inside, so one large document makes one large block.
    pub const BUILD: Self = Self {
        documents: 500,
        bytes: 512 * 1024,
    };
    /// What a reader takes: far above [`BlockLimits::BUILD`], yet bounded.
    pub const ACCEPT: Self = Self {
        documents: 10_000,
        bytes: 64 * 1024 * 1024,
    };
}

impl Default for BlockLimits {
    fn default() -> Self {
        Self::BUILD
    }
}

/// Collects sealed documents into one block.
#[derive(Debug)]
pub struct BlockBuilder {
    limits: BlockLimits,
    bytes: Vec<u8>,
    count: u32,
}

impl BlockBuilder {
    /// An empty block.
    pub fn new(limits: BlockLimits) -> Self {
        Self {
            limits,
            bytes: Vec::new(),
            count: 0,
        }
    }

    /// Adds a document; `true` when the block is full now and must be finished.
    pub fn push(&mut self, document: &Sealed) -> bool {
        if self.bytes.is_empty() {
            self.bytes.extend([VERSION, 0, 0, 0, 0]);
        }
        let bytes = std::mem::take(&mut self.bytes);
        self.bytes = postcard::to_extend(&document.view(), bytes)
            .expect("writing plain fields to a growing vector cannot fail");
        self.count += 1;
        self.count >= self.limits.documents || self.bytes.len() >= self.limits.bytes
    }

    /// Documents so far.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Bytes so far, before compression.
    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Whether nothing was pushed.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The block's bytes and its document count; the builder is empty again and keeps its limits.
    pub fn finish(&mut self) -> (Vec<u8>, u32) {
        let capacity = self.bytes.len();
        let mut bytes = std::mem::replace(&mut self.bytes, Vec::with_capacity(capacity));
        let count = std::mem::take(&mut self.count);
        if bytes.is_empty() {
            bytes.extend([VERSION, 0, 0, 0, 0]);
        }
        if let Some(slot) = bytes.get_mut(1..HEAD) {
            slot.copy_from_slice(&count.to_le_bytes());
        }
        (bytes, count)
    }
}

/// Why bytes are not a block.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    /// Larger than the reader accepts.
    #[error("block of {found} bytes is over the limit of {limit}")]
    TooLarge {
        /// Its length.
        found: usize,
        /// The limit.
        limit: usize,
    },
    /// More documents than the reader accepts, or than the bytes could hold.
    #[error("block claims {found} documents, at most {limit} are possible")]
    TooMany {
        /// The claimed count.
        found: u32,
        /// The limit.
        limit: u32,
    },
    /// Shorter than its head.
    #[error("block ends inside its head")]
    Short,
    /// Written by a newer program.
    #[error("block has version {0}, this program reads version 1: update it")]
    Version(u8),
    /// A document cannot be read.
    #[error("document {index} of the block cannot be read")]
    Document {
        /// Its place in the block, from 0.
        index: u32,
    },
    /// Bytes after the last document.
    #[error("{0} bytes follow the last document of the block")]
    Trailing(usize),
}

/// Reading side.
#[derive(Clone, Copy, Debug)]
pub enum Block {}

impl Block {
    /// Reads a block without copying.
    ///
    /// # Errors
    /// See [`BlockError`]: a block is read whole or not at all.
    pub fn parse(bytes: &[u8], limits: BlockLimits) -> Result<Vec<SealedRef<'_>>, BlockError> {
        if bytes.len() > limits.bytes {
            return Err(BlockError::TooLarge {
                found: bytes.len(),
                limit: limits.bytes,
            });
        }
        let (version, after) = bytes.split_first().ok_or(BlockError::Short)?;
        if *version != VERSION {
            return Err(BlockError::Version(*version));
        }
        let (count, mut rest) = after.split_first_chunk::<4>().ok_or(BlockError::Short)?;
        let count = u32::from_le_bytes(*count);
        let possible = u32::try_from(rest.len() / SHORTEST)
            .unwrap_or(u32::MAX)
            .min(limits.documents);
        if count > possible {
            return Err(BlockError::TooMany {
                found: count,
                limit: possible,
            });
        }
        let mut documents = Vec::with_capacity(usize::try_from(count).unwrap_or_default());
        for index in 0..count {
            let (document, next) = postcard::take_from_bytes::<SealedRef<'_>>(rest)
                .map_err(|_says_no_more| BlockError::Document { index })?;
            documents.push(document);
            rest = next;
        }
        if rest.is_empty() {
            Ok(documents)
        } else {
            Err(BlockError::Trailing(rest.len()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Block, BlockBuilder, BlockError, BlockLimits};
    use crate::document::{Sealed, SealedRef};
    use crate::entity::EntityKind;
    use proptest::prelude::{Strategy, any, prop, prop_assert, prop_assert_eq, proptest};

    fn sealed(record: u64) -> Sealed {
        Sealed {
            kind: EntityKind::InventoryLevel,
            record,
            revision: 0,
            subject: format!("inventory_level/B{record}@STO"),
            partition_key: format!("inventory_level/B{record}@STO"),
            time: None,
            occurrence: None,
            data: b"{}".to_vec(),
        }
    }

    fn any_sealed() -> impl Strategy<Value = Sealed> {
        let kind = prop::sample::select(EntityKind::ALL.to_vec());
        let texts = (
            ".{0,20}",
            ".{0,20}",
            prop::option::of(".{0,20}"),
            prop::option::of(".{0,20}"),
        );
        (
            kind,
            any::<u64>(),
            any::<u32>(),
            texts,
            prop::collection::vec(any::<u8>(), 0..300),
        )
            .prop_map(
                |(kind, record, revision, (subject, partition_key, time, occurrence), data)| {
                    Sealed {
                        kind,
                        record,
                        revision,
                        subject,
                        partition_key,
                        time,
                        occurrence,
                        data,
                    }
                },
            )
    }

    fn build(documents: &[Sealed]) -> Vec<u8> {
        let mut builder = BlockBuilder::new(BlockLimits::BUILD);
        for document in documents {
            builder.push(document);
        }
        builder.finish().0
    }

    #[test]
    fn full_at_either_limit() {
        let mut by_count = BlockBuilder::new(BlockLimits {
            documents: 3,
            bytes: 1 << 20,
        });
        assert_eq!(
            [0, 1, 2].map(|record| by_count.push(&sealed(record))),
            [false, false, true]
        );
        assert_eq!(by_count.finish().1, 3);
        assert!(
            by_count.is_empty() && !by_count.push(&sealed(9)),
            "the builder starts anew"
        );
        assert_eq!(
            Block::parse(&by_count.finish().0, BlockLimits::ACCEPT).unwrap()[0],
            sealed(9).view()
        );
        let mut by_bytes = BlockBuilder::new(BlockLimits {
            documents: 100,
            bytes: 100,
        });
        assert!(!by_bytes.push(&sealed(0)) && by_bytes.push(&sealed(1)));
    }

    #[test]
    fn what_is_refused() {
        let good = build(&[sealed(0), sealed(1)]);
        fn parse(bytes: &[u8]) -> Result<Vec<SealedRef<'_>>, BlockError> {
            Block::parse(bytes, BlockLimits::ACCEPT)
        }
        assert_eq!(parse(&good).unwrap().len(), 2);
        assert_eq!(parse(&build(&[])).unwrap().len(), 0);
        assert_eq!(parse(&[]), Err(BlockError::Short));
        assert_eq!(parse(&[1, 0]), Err(BlockError::Short));
        assert_eq!(parse(&[2, 0, 0, 0, 0]), Err(BlockError::Version(2)));
        assert_eq!(
            parse(&[1, 255, 255, 255, 255]),
            Err(BlockError::TooMany {
                found: u32::MAX,
                limit: 0
            })
        );
        assert_eq!(
            parse(&good[..good.len() - 1]),
            Err(BlockError::Document { index: 1 })
        );
        assert_eq!(
            parse(&[&good[..], &[0]].concat()),
            Err(BlockError::Trailing(1))
        );
        let small = BlockLimits {
            documents: 1,
            bytes: 10_000,
        };
        assert_eq!(
            Block::parse(&good, small),
            Err(BlockError::TooMany { found: 2, limit: 1 })
        );
        let short = BlockLimits {
            documents: 9,
            bytes: 10,
        };
        assert_eq!(
            Block::parse(&good, short),
            Err(BlockError::TooLarge {
                found: good.len(),
                limit: 10
            })
        );
    }

    proptest! {
        #[test]
        fn what_goes_in_comes_out(documents in prop::collection::vec(any_sealed(), 0..20)) {
            let bytes = build(&documents);
            let again = Block::parse(&bytes, BlockLimits::ACCEPT).unwrap();
            prop_assert_eq!(again.iter().map(|document| document.to_sealed()).collect::<Vec<_>>(), documents);
        }

        #[test]
        fn hostile_bytes_never_panic(mut bytes in prop::collection::vec(any::<u8>(), 0..400), head in any::<bool>()) {
            if head && bytes.len() > 5 {
                bytes[..5].copy_from_slice(&[1, 2, 0, 0, 0]);
            }
            prop_assert!(Block::parse(&bytes, BlockLimits::ACCEPT).map_or(true, |read| read.len() <= bytes.len()));
        }

        #[test]
        fn a_damaged_block_never_panics(documents in prop::collection::vec(any_sealed(), 1..5), at in any::<prop::sample::Index>(), flip in 1_u8..) {
            let mut bytes = build(&documents);
            let at = at.index(bytes.len());
            bytes[at] ^= flip;
            if let Ok(read) = Block::parse(&bytes, BlockLimits::ACCEPT) {
                prop_assert_eq!(read.len(), documents.len());
            }
        }
    }
}
