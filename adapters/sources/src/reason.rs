//! Why a file was set aside, beside the file: `NAME.reason.json` for programs, `NAME.reason.txt` for people.
//! It may quote the file's content, because it lies where the file lies; it never goes into a log.

use std::fmt::Write as _;

use canonical::problem::Problem;
use serde::{Deserialize, Serialize};

/// What a quarantined file's reason file says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The feed that took the file.
    pub feed: String,
    /// Original file name.
    pub file: String,
    /// Id of the claim, as in logs and in the raw store.
    pub ingest_id: String,
    /// Documents that were fine and were queued all the same.
    pub queued: u64,
    /// Records or transaction sets that were refused.
    pub refused: u64,
    /// The first problems; `more` counts the ones left out.
    pub problems: Vec<Problem>,
    /// Problems beyond those listed.
    #[serde(default)]
    pub more: u64,
}

impl Reason {
    /// The text for people: what happened, where, and what to do next.
    #[must_use]
    pub fn to_text(&self) -> String {
        let mut text = format!("{} was set aside by feed {}.\n\n", self.file, self.feed);
        for problem in &self.problems {
            // Writing to a String cannot fail.
            let _infallible = writeln!(text, "- {problem}");
        }
        if self.more > 0 {
            let _infallible = writeln!(text, "- and {} more", self.more);
        }
        let _infallible = match self.queued {
            0 => writeln!(
                text,
                "\nNothing of this file was sent. Mend the cause, then drop the file again."
            ),
            queued => writeln!(
                text,
                "\nDocuments of this file that were queued: {queued}; refused: {}.\n\
                 Mend and send only what was refused; what was queued needs nothing more.",
                self.refused
            ),
        };
        let _infallible = writeln!(text, "Ingest id: {}", self.ingest_id);
        text
    }
}
