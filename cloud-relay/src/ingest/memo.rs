//! What the relay remembers of each stored block after the block itself is gone: the answer it gave, and which
//! documents it has had. By ranges, not by document.
//!
//! Invariant: a memo fits the spool's 64 KiB, whatever an agent sends.

use canonical::document::SealedRef;
use canonical::entity::EntityKind;
use canonical::link::{BlockAnswer, DocumentVerdict};
use serde::{Deserialize, Serialize};

/// All reasons of one memo together, in bytes. Beyond it a repeat is answered with the code alone.
const REASON_BYTES: usize = 16 << 10;

/// Documents with consecutive records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Run {
    kind: EntityKind,
    revision: u32,
    first: u64,
    last: u64,
}

/// See the module.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Memo {
    /// Documents that were stored with this block. Duplicates and conflicts are in the memo of the block that has them.
    runs: Vec<Run>,
    /// The different verdicts but `accepted` and `duplicate`.
    verdicts: Vec<Kept>,
    /// First document, how many, and which of `verdicts`.
    answers: Vec<(u32, u32, u32)>,
}

/// A verdict as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Kept {
    Rejected { code: String, reason: String },
    Conflict { reason: String },
}

impl Memo {
    /// The memo of a block that was answered with `answer`.
    pub(crate) fn new(documents: &[SealedRef<'_>], answer: &BlockAnswer) -> Self {
        let mut memo = Self::default();
        let mut reasons = 0;
        for run in &answer.answers {
            let kept = match &run.verdict {
                DocumentVerdict::Accepted | DocumentVerdict::Duplicate => None,
                DocumentVerdict::Rejected { code, reason } => Some(Kept::Rejected {
                    code: code.clone(),
                    reason: reason.clone(),
                }),
                DocumentVerdict::Conflict { reason } => Some(Kept::Conflict {
                    reason: reason.clone(),
                }),
            };
            if run.verdict == DocumentVerdict::Accepted {
                let documents = documents
                    .iter()
                    .skip(run.first as usize)
                    .take(run.count as usize);
                documents.for_each(|document| memo.remember(document));
            }
            if let Some(kept) = kept {
                let which = memo.which(kept, &mut reasons);
                memo.answers.push((run.first, run.count, which));
            }
        }
        memo
    }

    fn remember(&mut self, document: &SealedRef<'_>) {
        let SealedRef {
            kind,
            revision,
            record,
            ..
        } = *document;
        if let Some(run) = self.runs.last_mut()
            && (run.kind, run.revision) == (kind, revision)
            && record >= run.first
            && record <= run.last.saturating_add(1)
        {
            run.last = run.last.max(record);
            return;
        }
        self.runs.push(Run {
            kind,
            revision,
            first: record,
            last: record,
        });
    }

    /// The place of `kept` in the table, where it is put without its reason once the reasons are too long.
    fn which(&mut self, kept: Kept, reasons: &mut usize) -> u32 {
        let found = self.verdicts.iter().position(|known| *known == kept);
        let at = found.unwrap_or_else(|| {
            let (length, bare) = match &kept {
                Kept::Rejected { code, reason } => {
                    let (code, reason_bytes) = (code.clone(), reason.len());
                    (
                        reason_bytes,
                        Kept::Rejected {
                            code,
                            reason: String::new(),
                        },
                    )
                }
                Kept::Conflict { reason } => (
                    reason.len(),
                    Kept::Conflict {
                        reason: String::new(),
                    },
                ),
            };
            *reasons += length;
            let kept = if *reasons > REASON_BYTES { bare } else { kept };
            let at = self.verdicts.iter().position(|known| *known == kept);
            at.unwrap_or_else(|| {
                self.verdicts.push(kept);
                self.verdicts.len() - 1
            })
        });
        u32::try_from(at).unwrap_or(u32::MAX)
    }

    /// Whether a document with this kind, revision and record was stored with the block.
    pub(crate) fn holds(&self, document: &SealedRef<'_>) -> bool {
        self.runs.iter().any(|run| {
            (run.kind, run.revision) == (document.kind, document.revision)
                && (run.first..=run.last).contains(&document.record)
        })
    }

    /// The answer to the same block sent once more: what was refused is refused again, the rest is here already.
    pub(crate) fn repeat(&self, documents: u32) -> BlockAnswer {
        let mut answer = BlockAnswer::default();
        let mut refused = self.answers.iter().peekable();
        for index in 0..documents {
            while refused
                .next_if(|(first, count, _)| index >= first.saturating_add(*count))
                .is_some()
            {}
            let kept = refused.peek().filter(|(first, _, _)| *first <= index);
            let kept = kept.and_then(|(_, _, which)| self.verdicts.get(*which as usize));
            answer.push(match kept {
                None => DocumentVerdict::Duplicate,
                Some(Kept::Rejected { code, reason }) => DocumentVerdict::Rejected {
                    code: code.clone(),
                    reason: reason.clone(),
                },
                Some(Kept::Conflict { reason }) => DocumentVerdict::Conflict {
                    reason: reason.clone(),
                },
            });
        }
        answer
    }

    /// As bytes for the spool.
    pub(crate) fn to_bytes(&self) -> Vec<u8> {
        postcard::to_stdvec(self).unwrap_or_default()
    }

    /// From the spool's bytes. A memo of another version remembers nothing.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Self {
        postcard::from_bytes(bytes).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use canonical::link::AnswerRun;

    fn documents(records: &[(u64, EntityKind)]) -> Vec<SealedRef<'static>> {
        let sealed = |&(record, kind)| SealedRef {
            kind,
            record,
            revision: 0,
            subject: "s",
            partition_key: "s",
            time: None,
            occurrence: None,
            data: b"{}",
        };
        records.iter().map(sealed).collect()
    }

    fn rejected(reason: &str) -> DocumentVerdict {
        DocumentVerdict::Rejected {
            code: "bad_document".to_owned(),
            reason: reason.to_owned(),
        }
    }

    #[test]
    fn it_remembers_what_is_here_and_what_was_refused() {
        let stock = EntityKind::InventoryLevel;
        let documents = documents(&[
            (0, stock),
            (1, stock),
            (1, stock),
            (2, stock),
            (9, stock),
            (9, EntityKind::Price),
        ]);
        let mut answer = BlockAnswer::default();
        for verdict in [
            DocumentVerdict::Accepted,
            DocumentVerdict::Duplicate,
            DocumentVerdict::Accepted,
            rejected("why"),
            DocumentVerdict::Accepted,
            DocumentVerdict::Conflict {
                reason: "other".to_owned(),
            },
        ] {
            answer.push(verdict);
        }
        let memo = Memo::from_bytes(&Memo::new(&documents, &answer).to_bytes());
        let held: Vec<bool> = documents
            .iter()
            .map(|document| memo.holds(document))
            .collect();
        assert_eq!(held, [true, true, true, false, true, false]);
        assert_eq!(memo.runs.len(), 2);
        let revised = SealedRef {
            revision: 1,
            ..documents[0]
        };
        assert!(!memo.holds(&revised));
        let repeated = memo.repeat(6);
        assert!(repeated.covers(6));
        let run = |first, count, verdict| AnswerRun {
            first,
            count,
            verdict,
        };
        assert_eq!(
            repeated.answers,
            [
                run(0, 3, DocumentVerdict::Duplicate),
                run(3, 1, rejected("why")),
                run(4, 1, DocumentVerdict::Duplicate),
                run(
                    5,
                    1,
                    DocumentVerdict::Conflict {
                        reason: "other".to_owned()
                    }
                ),
            ]
        );
    }

    #[test]
    fn the_worst_block_fits() {
        let records: Vec<_> = (0..1_000_u64)
            .map(|n| {
                (
                    u64::MAX - n * 1_000_000_007,
                    EntityKind::ALL[usize::try_from(n % 12).unwrap()],
                )
            })
            .collect();
        let documents = documents(&records);
        let mut answer = BlockAnswer::default();
        for n in 0..1_000 {
            answer.push(if n % 2 == 0 {
                DocumentVerdict::Conflict {
                    reason: format!("{n}: {}", "x".repeat(290)),
                }
            } else {
                rejected(&format!("{n}: {}", "y".repeat(290)))
            });
        }
        let memo = Memo::new(&documents, &answer);
        let bytes = memo.to_bytes();
        assert!(bytes.len() < 64 << 10, "{}", bytes.len());
        assert!(memo.repeat(1_000).covers(1_000));
        assert_eq!(Memo::from_bytes(&bytes), memo);
        assert_eq!(Memo::from_bytes(b"\xff\xff\xff"), Memo::default());
    }
}
