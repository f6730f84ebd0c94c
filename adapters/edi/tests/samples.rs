//! The shipped samples and their broken kin, held against what is committed beside them: `orders.edi` against
//! `orders.ndjson`, one document a line, then one problem a line. `UPDATE_EXPECT=1` rewrites.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use canonical::decode::{Context, DecodeError, Sink, SinkError};
use canonical::document::Document;
use canonical::problem::Problem;

/// Keeps what stands, as a caller's stage does.
#[derive(Default)]
struct Stage {
    documents: Vec<Document>,
    problems: Vec<Problem>,
    standing: usize,
}

impl Sink for Stage {
    fn document(&mut self, document: Document) -> Result<(), SinkError> {
        self.documents.push(document);
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

/// What a file gives: a line for each document (occurrence, subject, JSON) and for each problem.
fn rendered(file: &Path) -> String {
    let name = file.file_name().unwrap().to_str().unwrap();
    let context = Context {
        ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
        received_at: "2026-01-13T08:00:00Z",
        file_name: name,
        modified_at: None,
    };
    let bytes = std::fs::read(file).unwrap();
    let mut stage = Stage::default();
    let result = edi::x12::convert(&mut bytes.as_slice(), &context, &mut stage);
    let mut text = String::new();
    for document in stage.documents {
        let occurrence = document.occurrence.clone().unwrap();
        let sealed = document.seal();
        let data = String::from_utf8(sealed.data).unwrap();
        writeln!(text, r#"{{"occurrence":{occurrence:?},"subject":{:?},"data":{data}}}"#, sealed.subject).unwrap();
    }
    for problem in stage.problems {
        writeln!(text, "{}", problem.to_json()).unwrap();
    }
    match result {
        Ok(summary) => writeln!(text, r#"{{"documents":{},"refused":{}}}"#, summary.documents, summary.refused).unwrap(),
        Err(DecodeError::Refused(problem)) => writeln!(text, r#"{{"refusal":{}}}"#, problem.to_json()).unwrap(),
        Err(other) => panic!("{other}"),
    }
    text
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn check(folder: &str, names: &[&str]) {
    for name in names {
        let file = root().join(folder).join(name);
        let golden = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(name).with_extension("ndjson");
        expect_test::expect_file![golden].assert_eq(&rendered(&file));
    }
}

#[test]
fn shipped_samples() {
    check("config/examples", &["orders.edi", "stock.edi"]);
}

#[test]
fn broken_samples() {
    let names = ["truncated_isa.edi", "truncated_file.edi", "se_count.edi", "bad_quantity.edi", "iea_mismatch.edi"];
    check("tests/fixtures/broken", &names);
}
