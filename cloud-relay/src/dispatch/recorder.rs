//! Makes the dispatchers' progress durable: one settlement for everything that happened within some milliseconds.
//!
//! Invariant: a dead letter is durable no later than the cursor that passes its document, for both go into the same
//! settlement or into successive ones. A crash loses at most [`COALESCE`] of progress, and what is repeated then carries
//! the same ids.

use std::collections::BTreeMap;
use std::time::Duration;

use spool::{DeadLetter, Settlement, Spool, SpoolError};
use tokio::sync::mpsc;
use tokio::time::sleep;

/// How long notes are gathered before they are written.
const COALESCE: Duration = Duration::from_millis(50);
/// Notes that may wait; at the limit dispatchers wait.
const WAITING: usize = 1_024;
/// Dead letters in one settlement.
const LETTERS: usize = 1_024;

/// What a dispatcher wants remembered.
#[derive(Debug)]
pub(crate) enum Note {
    /// A mark and its new value.
    Cursor(String, u64),
    /// A document that was given up.
    Dead(Box<DeadLetter>),
}

/// Where dispatchers hand in their notes.
pub(crate) type Notes = mpsc::Sender<Note>;

/// A recorder on `spool`, to be spawned. It ends when every sender of notes is gone and everything is durable.
pub(crate) fn recorder(spool: Spool) -> (Notes, impl Future<Output = Result<(), SpoolError>>) {
    let (notes, inbox) = mpsc::channel(WAITING);
    (notes, record(spool, inbox))
}

async fn record(spool: Spool, mut inbox: mpsc::Receiver<Note>) -> Result<(), SpoolError> {
    while let Some(first) = inbox.recv().await {
        let mut marks = BTreeMap::new();
        let mut letters = Vec::new();
        let mut take = |note| match note {
            Note::Cursor(name, value) => {
                marks.insert(name, value);
            }
            Note::Dead(letter) => letters.push(*letter),
        };
        take(first);
        let mut gathered = 1;
        let deadline = sleep(COALESCE);
        tokio::pin!(deadline);
        while gathered < LETTERS {
            tokio::select! {
                biased;
                note = inbox.recv() => match note {
                    Some(note) => take(note),
                    // Nobody will write any more: do not let the stop wait.
                    None => break,
                },
                () = &mut deadline => break,
            }
            gathered += 1;
        }
        let spool = spool.clone();
        let written = tokio::task::spawn_blocking(move || {
            let marks: Vec<(&str, u64)> = marks
                .iter()
                .map(|(name, value)| (name.as_str(), *value))
                .collect();
            let settlement = Settlement {
                marks: &marks,
                dead_letters: &letters,
                resolved: &[],
            };
            let ticket = spool.settle(&settlement)?;
            spool.wait(ticket)
        });
        match written.await {
            Ok(result) => result?,
            Err(panicked) => std::panic::resume_unwind(panicked.into_panic()),
        }
    }
    Ok(())
}
