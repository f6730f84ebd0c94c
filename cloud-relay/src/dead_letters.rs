//! What a person does about documents that were given up: look, send again, or let go. Works on the store of a relay
//! that stands still; a running relay holds its store locked.
//!
//! A replay appends the document to its lane once more, for that destination only, with its old id and number, and then
//! closes the letter. Invariants: a crash in between sends nothing twice; documents of one key are replayed together
//! and in order, for a part of them would only be parked again behind the rest.

use std::collections::HashSet;

use canonical::block::{Block, BlockBuilder, BlockLimits};
use canonical::document::Sealed;
use spool::{Commit, DeadLetter, DeadLetterKey, OpenError, Packed, Settlement, Spool, SpoolError};

use crate::config::RelayConfig;
use crate::tag::StreamTag;

/// Letters read at once.
const PAGE: usize = 1_000;

/// Why dead letters cannot be worked on.
#[derive(Debug, thiserror::Error)]
pub enum DeadLetterError {
    /// The store cannot be opened, most likely because the relay runs.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The store cannot be read or written.
    #[error(transparent)]
    Store(#[from] SpoolError),
}

/// Which dead letters are meant.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of them.
    All,
    /// Those of these documents, by envelope id.
    Ids(HashSet<String>),
}

impl Selection {
    fn takes(&self, letter: &DeadLetter) -> bool {
        match self {
            Self::All => true,
            Self::Ids(ids) => ids.contains(&letter.id),
        }
    }
}

/// What a replay came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Replayed {
    /// Documents that will be sent again when the relay runs.
    pub documents: u64,
    /// Letters whose document cannot be read any more; they stay.
    pub unreadable: Vec<DeadLetterKey>,
}

/// An open store of a relay that stands still.
pub struct DeadLetters {
    spool: Spool,
}

impl DeadLetters {
    /// Opens the store.
    ///
    /// # Errors
    /// When the relay runs, or the folder cannot be used.
    pub fn open(config: &RelayConfig) -> Result<Self, DeadLetterError> {
        let spool = Spool::open(&config.data, &config.spool)?.spool;
        Ok(Self { spool })
    }

    /// The open letters, by lane and place in it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list(&self) -> Result<Vec<DeadLetter>, DeadLetterError> {
        let mut letters = Vec::new();
        loop {
            let page = self.spool.dead_letters(None, letters.len(), PAGE)?;
            let full = page.len() == PAGE;
            letters.extend(page);
            if !full {
                break;
            }
        }
        letters.sort_by(|a, b| (&a.lane, a.ordinal, a.index).cmp(&(&b.lane, b.ordinal, b.index)));
        Ok(letters)
    }

    /// Closes the selected letters; their documents are not delivered. How many there were.
    ///
    /// # Errors
    /// When the store cannot be read or written.
    pub fn let_go(&self, selection: &Selection) -> Result<usize, DeadLetterError> {
        let mut letters = self.list()?;
        letters.retain(|letter| selection.takes(letter));
        self.resolve(&letters)?;
        Ok(letters.len())
    }

    /// Puts the selected documents, and those of the same keys, onto their lanes again.
    ///
    /// # Errors
    /// When the store cannot be read or written. What was replayed by then is; the rest can be replayed again.
    pub fn replay(&self, selection: &Selection) -> Result<Replayed, DeadLetterError> {
        let mut replayed = Replayed::default();
        // Only the keys are held; a document is read again when its turn comes.
        let mut readable = Vec::new();
        let mut keys = HashSet::new();
        for letter in self.list()? {
            match self.document(&letter)? {
                Some((_, document)) => {
                    let key = key(&letter, &document);
                    if selection.takes(&letter) {
                        keys.insert(key.clone());
                    }
                    readable.push((letter, key));
                }
                None if selection.takes(&letter) => replayed.unreadable.push(letter.key()),
                None => {}
            }
        }
        for (letter, key) in readable {
            if !keys.contains(&key) {
                continue;
            }
            if let Some((tag, document)) = self.document(&letter)? {
                self.append(&letter, tag, &document)?;
                self.resolve(&[letter])?;
                replayed.documents += 1;
            }
        }
        Ok(replayed)
    }

    /// The letter's document with the tag of its block; `None` when the block cannot be read any more.
    fn document(
        &self,
        letter: &DeadLetter,
    ) -> Result<Option<(StreamTag, Sealed)>, DeadLetterError> {
        let stored = match self.spool.get(&letter.lane, letter.ordinal) {
            Ok(Some(stored)) => stored,
            Ok(None) | Err(SpoolError::Damaged { .. }) => return Ok(None),
            Err(error) => return Err(error.into()),
        };
        let tag = serde_json::from_slice::<StreamTag>(&stored.tag).ok();
        let raw = stored.body.unpack(BlockLimits::ACCEPT.bytes).ok();
        let document = raw.and_then(|raw| {
            let documents = Block::parse(&raw, BlockLimits::ACCEPT).ok()?;
            let index = usize::try_from(letter.index).ok()?;
            documents.get(index).map(|document| document.to_sealed())
        });
        Ok(tag.zip(document))
    }

    /// Appends a block of this one document, durably. Done already: nothing.
    fn append(
        &self,
        letter: &DeadLetter,
        tag: StreamTag,
        document: &Sealed,
    ) -> Result<(), DeadLetterError> {
        let DeadLetter {
            reader,
            lane,
            ordinal,
            index,
            ..
        } = letter;
        let claim = format!("replay/{reader}/{lane}/{ordinal}/{index}");
        if self.spool.claim(&claim)?.is_some() {
            return Ok(());
        }
        let mut builder = BlockBuilder::new(BlockLimits::BUILD);
        builder.push(document);
        let (raw, documents) = builder.finish();
        let body = Packed::pack(&raw).map_err(|error| SpoolError::Invalid {
            what: "document",
            problem: error.to_string(),
        })?;
        let tag = StreamTag {
            first_sequence: tag.first_sequence + u64::from(*index),
            skip: Vec::new(),
            only: Some(reader.clone()),
            ..tag
        };
        let tag = serde_json::to_vec(&tag).unwrap_or_default();
        let block = self.spool.write(&claim, lane, &tag, &body, documents)?;
        let ticket = self.spool.commit(&Commit {
            claim: &claim,
            blocks: &[block],
            ..Commit::default()
        })?;
        Ok(self.spool.wait(ticket)?)
    }

    fn resolve(&self, letters: &[DeadLetter]) -> Result<(), DeadLetterError> {
        for letters in letters.chunks(PAGE) {
            let keys: Vec<DeadLetterKey> = letters.iter().map(DeadLetter::key).collect();
            let ticket = self.spool.settle(&Settlement {
                resolved: &keys,
                ..Settlement::default()
            })?;
            self.spool.wait(ticket)?;
        }
        Ok(())
    }

    /// Closes the store.
    pub fn close(self) {
        self.spool.close();
    }
}

/// What is replayed together: the documents of one key on one lane that one destination refused.
fn key(letter: &DeadLetter, document: &Sealed) -> (String, String, String) {
    (
        letter.reader.clone(),
        letter.lane.clone(),
        document.partition_key.clone(),
    )
}
