//! A sink that keeps everything, for looking at it afterwards.

use canonical::decode::{Context, DecodeError, Sink, SinkError, Summary};
use canonical::document::Sealed;
use canonical::problem::Problem;
use formats::Plan;

/// Keeps everything it is given.
#[derive(Default)]
pub(crate) struct Kept {
    pub(crate) documents: Vec<String>,
    pub(crate) problems: Vec<Problem>,
}

impl Sink for Kept {
    fn document(&mut self, document: Sealed) -> Result<(), SinkError> {
        self.documents
            .push(String::from_utf8(document.data).map_err(SinkError::new)?);
        Ok(())
    }

    fn problem(&mut self, problem: Problem) {
        self.problems.push(problem);
    }

    fn boundary(&mut self) {}

    fn discard_to_boundary(&mut self) {}
}

/// Decodes `bytes` as a file called `name`, with fixed facts.
pub(crate) fn decode(
    plan: &Plan,
    name: &str,
    mut bytes: &[u8],
) -> (Kept, Result<Summary, DecodeError>) {
    let context = Context {
        ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
        received_at: "2026-11-23T08:41:40.120Z",
        file_name: name,
        modified_at: Some("2026-11-23T08:40:00Z"),
        feed: None,
    };
    let mut kept = Kept::default();
    let outcome = plan.decode(&mut bytes, &context, &mut kept);
    (kept, outcome)
}
