//! What every format is given and what it gives back. Formats are pure: they read one stream and
//! push documents and problems into a sink; this module holds the words for that and does nothing.
//! Invariant: a decode that ends in `Refused` voids every document it gave to the sink.

use std::any::Any;
use std::error::Error;
use std::io;

use serde::{Deserialize, Serialize};

use crate::date::DateTime;
use crate::document::Sealed;
use crate::id::Digest;
use crate::ingest::{Ingest, IngestId};
use crate::problem::Problem;
use crate::provenance::{LineEnding, Provenance};

/// What a format may know besides the bytes.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    /// The claim's ULID, 26 characters.
    pub ingest_id: &'a str,
    /// When the claim was made, RFC 3339.
    pub received_at: &'a str,
    /// File name without its folder.
    pub file_name: &'a str,
    /// The file's modification time, RFC 3339.
    pub modified_at: Option<&'a str>,
    /// The feed that the file came through, where it came through one.
    pub feed: Option<&'a str>,
}

impl<'a> Context<'a> {
    /// The context of a claim's file.
    pub fn of(ingest: &'a Ingest) -> Self {
        Self {
            ingest_id: ingest.ingest_id.as_str(),
            received_at: ingest.received_at.as_str(),
            file_name: &ingest.file.name,
            modified_at: ingest.file.mtime.as_ref().map(DateTime::as_str),
            feed: Some(&ingest.feed),
        }
    }
}

impl Context<'_> {
    /// The provenance every document of this file shares; a format clones it and adds span and EDI facts.
    ///
    /// # Errors
    /// Code `context.invalid` when the ingest id or the time is not in its form: the caller's mistake.
    pub fn provenance(&self) -> Result<Provenance, Box<Problem>> {
        let refuse = |what: &str, reason: String| {
            Box::new(
                Problem::error("context.invalid", format!("{what}: {reason}"))
                    .in_file(self.file_name),
            )
        };
        let ingest_id: IngestId = self
            .ingest_id
            .parse()
            .map_err(|error| refuse("ingest id", format!("{error}")))?;
        let received_at = self
            .received_at
            .parse()
            .map_err(|error| refuse("received at", format!("{error}")))?;
        Ok(Provenance::new(ingest_id, received_at))
    }
}

/// Where a format puts what it found. The caller stages documents until the decode has succeeded.
pub trait Sink {
    /// Takes one document.
    ///
    /// # Errors
    /// When it could not be stored; the format stops at once and returns the error.
    fn document(&mut self, document: Sealed) -> Result<(), SinkError>;

    /// Takes one complaint. How many are kept is the sink's decision.
    fn problem(&mut self, problem: Problem);

    /// Everything given so far stands, whatever comes later: an interchange closed well, for example.
    /// A format whose files stand or fall as a whole never calls it.
    fn boundary(&mut self);

    /// Takes back the documents given since the last boundary, or since the start: an interchange did not close.
    fn discard_to_boundary(&mut self);

    /// Whether what was given since the last boundary may stand: an interchange with this key ended well, and these are its
    /// bytes. A sink that remembers none admits everything.
    ///
    /// # Errors
    /// When it cannot be known.
    fn admit(&mut self, key: &str, digest: Digest) -> Result<Admission, SinkError> {
        let _ = (key, digest);
        Ok(Admission::New)
    }

    /// Our next control number towards a partner. A number is never given out twice for two things; asked again for the same
    /// thing, because a crash came between, it may be the same. A sink that sends nothing gives the first.
    ///
    /// # Errors
    /// When it cannot be made sure that the number is new.
    fn number(&mut self, request: &NumberRequest<'_>) -> Result<u64, SinkError> {
        Ok(request.first)
    }

    /// Takes what a partner answered to something of ours, in the format's own type. It stands and falls with the documents
    /// around it.
    fn answered(&mut self, answer: &dyn Any) {
        let _ = answer;
    }

    /// Takes an answer to the sender of an interchange. It is due once the documents are safe, and again when the
    /// interchange comes again.
    ///
    /// # Errors
    /// When it could not be stored.
    fn reply(&mut self, reply: Reply) -> Result<(), SinkError> {
        let _ = reply;
        Ok(())
    }
}

/// A control number that is asked for.
#[derive(Clone, Copy, Debug)]
pub struct NumberRequest<'a> {
    /// What is counted: partner, syntax and level, as in `northwind/x12/interchange`.
    pub counter: &'a str,
    /// The first number there is.
    pub first: u64,
    /// The last one; the first follows.
    pub last: u64,
    /// What it is for, in words.
    pub purpose: &'a str,
}

/// What is known of an interchange by its key: sender, receiver and control number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Admission {
    /// It never came before.
    New,
    /// It came before, byte for byte: it is answered again, and delivers nothing.
    Again,
    /// Its number came before with other bytes: it waits for a person.
    Conflict,
}

/// An answer to the sender of an interchange: a file for the partner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reply {
    /// The partner's id, or, as long as none is known, that of its envelope.
    pub partner: String,
    /// What it is: `997`, `CONTRL`.
    pub kind: String,
    /// The control number of the interchange that carries it.
    pub control_number: u64,
    /// The key of the interchange that it answers.
    pub interchange: String,
    /// The whole file.
    pub bytes: Vec<u8>,
}

/// Why a sink could not take a document. The cause is the store's own error.
#[derive(Debug, thiserror::Error)]
#[error("the document could not be staged")]
pub struct SinkError(#[source] Box<dyn Error + Send + Sync>);

impl SinkError {
    /// Wraps the store's error or a sentence.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into())
    }
}

/// Why a decode did not finish.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// Nothing of this file may be used.
    #[error("{0}")]
    Refused(Box<Problem>),
    /// The sink failed: try the file again later.
    #[error(transparent)]
    Sink(#[from] SinkError),
    /// The bytes could not be read: try the file again later.
    #[error("the file could not be read")]
    Read(#[from] io::Error),
}

impl From<Box<Problem>> for DecodeError {
    fn from(problem: Box<Problem>) -> Self {
        Self::Refused(problem)
    }
}

impl From<Problem> for DecodeError {
    fn from(problem: Problem) -> Self {
        Self::Refused(Box::new(problem))
    }
}

/// What a finished decode knows about the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Documents given to the sink.
    pub documents: u64,
    /// Records refused, each reported to the sink.
    pub refused: u64,
    /// Encoding of the text, WHATWG name in lower case.
    pub encoding: Option<String>,
    /// Whether the text began with a byte order mark.
    pub bom: Option<bool>,
    /// How lines end.
    pub line_ending: Option<LineEnding>,
}

#[cfg(test)]
mod tests {
    use super::{Context, DecodeError};

    #[test]
    fn a_wrong_context_is_refused_with_its_reason() {
        let good = Context {
            ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
            received_at: "2026-11-23T08:41:40.120Z",
            file_name: "stock.csv",
            modified_at: None,
            feed: None,
        };
        assert_eq!(
            good.provenance().unwrap().received_at.as_str(),
            good.received_at
        );
        for bad in [
            Context {
                ingest_id: "x",
                ..good
            },
            Context {
                received_at: "2026-11-23",
                ..good
            },
        ] {
            let error = DecodeError::from(bad.provenance().unwrap_err());
            assert!(error.to_string().starts_with("stock.csv: "), "{error}");
            assert!(error.to_string().ends_with("[context.invalid]"), "{error}");
        }
    }
}
