//! What the tests of the conversion share: a sink that keeps what stands, and one call that converts a file.
//! Holds no expectations. Invariant: what was taken back is gone.

use canonical::decode::{Context, DecodeError, Sink, SinkError, Summary};
use canonical::document::{Document, Sealed};
use canonical::entity::Entity;
use canonical::problem::Problem;
use edi::{Engine, Limits};

/// Keeps what stands, as a caller's stage does.
#[derive(Default)]
pub(crate) struct Stage {
    pub(crate) documents: Vec<Document>,
    pub(crate) problems: Vec<Problem>,
    standing: usize,
}

impl Sink for Stage {
    fn document(&mut self, document: Sealed) -> Result<(), SinkError> {
        let entity = Entity::from_json(document.kind, &document.data).map_err(SinkError::new)?;
        self.documents.push(Document {
            entity,
            record: document.record,
            occurrence: document.occurrence,
        });
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn boundary(&mut self) {
        self.standing = self.documents.len();
    }

    fn discard_to_boundary(&mut self) {
        self.documents.truncate(self.standing);
    }
}

/// Converts a file with what is shipped. The stage has what stands and every problem, a refusal last.
pub(crate) fn convert(limits: Limits, name: &str, bytes: &[u8]) -> (Stage, Option<Summary>) {
    let engine = Engine {
        limits,
        ..Engine::default()
    };
    convert_by(&engine, name, bytes)
}

/// Converts a file by an engine.
pub(crate) fn convert_by(engine: &Engine, name: &str, bytes: &[u8]) -> (Stage, Option<Summary>) {
    let context = Context {
        ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
        received_at: "2026-01-13T08:00:00Z",
        file_name: name,
        modified_at: None,
        feed: None,
    };
    let mut stage = Stage::default();
    match engine.convert(&mut { bytes }, &context, &mut stage) {
        Ok(summary) => {
            assert_eq!(
                summary.documents,
                stage.documents.len() as u64,
                "{name}: documents that stand"
            );
            (stage, Some(summary))
        }
        Err(DecodeError::Refused(problem)) => {
            assert!(
                stage.documents.is_empty(),
                "{name}: a refused file leaves documents behind"
            );
            stage.problems.push(*problem);
            (stage, None)
        }
        Err(other) => panic!(
            "{name}: {other}: {:?}",
            std::error::Error::source(&other)
                .and_then(|cause| cause.source())
                .map(ToString::to_string)
        ),
    }
}
