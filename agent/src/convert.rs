//! The dry run: what a file would become. Envelopes as one line of JSON each, problems as one line of JSON each.
//! Sends and stores nothing; needs no relay, no certificate and no queue.
//! Envelopes are held back until they stand, so that a file refused at its end prints nothing; a very large file is
//! printed as it comes, and its problem then says that what was printed is void.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;

use canonical::decode::{Context, DecodeError, Sink, SinkError};
use canonical::document::Sealed;
use canonical::envelope::{self, EnvelopeContext};
use canonical::id::Digest;
use canonical::ingest::{Ingest, IngestId};
use canonical::problem::Problem;
use canonical::provenance::FileFacts;
use formats::Plan;

use crate::clock;

/// Output held back until the documents stand.
const HELD_BYTES: usize = 16 * 1024 * 1024;

/// What a dry run came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Converted {
    /// Envelopes printed.
    pub documents: u64,
    /// Records, sets or whole files refused.
    pub refused: u64,
}

/// Whose names the envelopes bear.
#[derive(Clone, Copy, Debug)]
pub struct Speaker<'a> {
    /// Tenant in the source URN.
    pub tenant: &'a str,
    /// Agent in the source URN.
    pub agent: &'a str,
    /// Feed in the ingest facts.
    pub feed: &'a str,
}

/// Converts one file: envelopes to `out`, problems to `complaints`.
///
/// # Errors
/// When the file cannot be read or an output cannot be written. Bad content is no error: it is counted and reported.
pub fn convert(
    plan: &Plan,
    path: &Path,
    speaker: Speaker<'_>,
    out: &mut dyn Write,
    complaints: &mut dyn Write,
) -> io::Result<Converted> {
    let mut file = File::open(path)?;
    let facts = file.metadata()?;
    let name = path
        .file_name()
        .unwrap_or(path.as_os_str())
        .to_string_lossy()
        .into_owned();
    let ingest = Ingest {
        ingest_id: IngestId::from_parts(0, 0),
        feed: speaker.feed.to_owned(),
        received_at: clock::rfc3339(clock::now()),
        file: FileFacts {
            name: name.clone(),
            dir: None,
            size: facts.len(),
            sha256: Digest([0; 32]),
            mtime: facts.modified().ok().map(clock::rfc3339),
            encoding: None,
            bom: None,
            line_ending: None,
        },
        mapping: plan.mapping_ref().cloned(),
    };
    let source = envelope::source_urn(speaker.tenant, speaker.agent);
    let mut printer = Printer {
        envelope: EnvelopeContext {
            source: &source,
            tenant: speaker.tenant,
            ingest: &ingest,
            recorded_at: None,
        },
        file: &name,
        out,
        held: Vec::new(),
        held_documents: 0,
        void_printed: 0,
        complaints,
        converted: Converted::default(),
        failure: None,
    };
    let decoded = plan.decode(&mut file, &Context::of(&ingest), &mut printer);
    match decoded {
        Ok(summary) => printer.converted.refused = summary.refused,
        Err(DecodeError::Refused(problem)) => {
            printer.discard_to_boundary();
            printer.converted.refused += 1;
            let void = printer.void_printed;
            printer.problem(if void > 0 {
                problem.hint(format!("the last {void} envelopes printed are void"))
            } else {
                *problem
            });
        }
        Err(DecodeError::Read(error)) => return Err(error),
        Err(DecodeError::Sink(error)) => {
            return Err(printer.failure.unwrap_or_else(|| io::Error::other(error)));
        }
    }
    printer.print();
    printer.failure.map_or(Ok(printer.converted), Err)
}

struct Printer<'a> {
    envelope: EnvelopeContext<'a>,
    file: &'a str,
    out: &'a mut dyn Write,
    held: Vec<u8>,
    held_documents: u64,
    void_printed: u64,
    complaints: &'a mut dyn Write,
    converted: Converted,
    failure: Option<io::Error>,
}

impl Printer<'_> {
    fn print(&mut self) {
        if let Err(error) = self.out.write_all(&self.held) {
            self.failure = Some(error);
        }
        self.held.clear();
        self.converted.documents += std::mem::take(&mut self.held_documents);
    }
}

impl Sink for Printer<'_> {
    fn document(&mut self, sealed: Sealed) -> Result<(), SinkError> {
        let sequence = self.converted.documents + self.held_documents + 1;
        self.held
            .extend_from_slice(&envelope::render(&self.envelope, sequence, &sealed.view()));
        self.held.push(b'\n');
        self.held_documents += 1;
        if self.held.len() > HELD_BYTES {
            self.void_printed += self.held_documents;
            self.print();
        }
        self.failure
            .as_ref()
            .map_or(Ok(()), |error| Err(SinkError::new(error.to_string())))
    }

    fn problem(&mut self, problem: Problem) {
        let problem = problem.in_file(self.file);
        let written = serde_json::to_vec(&problem)
            .map_err(io::Error::other)
            .and_then(|mut line| {
                line.push(b'\n');
                self.complaints.write_all(&line)
            });
        if let Err(error) = written {
            self.failure = Some(error);
        }
    }

    fn boundary(&mut self) {
        self.print();
        self.void_printed = 0;
    }

    fn discard_to_boundary(&mut self) {
        self.held.clear();
        self.held_documents = 0;
    }
}
