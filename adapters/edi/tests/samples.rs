//! The shipped samples and their broken kin, held against what is committed beside them: `orders.edi` against
//! `orders.ndjson`, one document a line, then one problem a line. `UPDATE_EXPECT=1` rewrites.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test may panic"
)]

use edi::Limits;
mod stage;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

/// What a file gives: a line for each document (occurrence, subject, JSON), for each problem, and for the outcome.
fn rendered(file: &Path) -> String {
    let name = file.file_name().unwrap().to_str().unwrap();
    let (stage, summary) = stage::convert(Limits::default(), name, &std::fs::read(file).unwrap());
    let mut text = String::new();
    for document in stage.documents {
        let occurrence = document.occurrence.clone().unwrap();
        let sealed = document.seal();
        let data = String::from_utf8(sealed.data).unwrap();
        let subject = sealed.subject;
        writeln!(
            text,
            r#"{{"occurrence":{occurrence:?},"subject":{subject:?},"data":{data}}}"#
        )
        .unwrap();
    }
    for problem in stage.problems {
        writeln!(text, "{}", problem.to_json()).unwrap();
    }
    match summary {
        Some(summary) => {
            writeln!(
                text,
                r#"{{"documents":{},"refused":{}}}"#,
                summary.documents, summary.refused
            )
            .unwrap();
        }
        None => text.push_str("{\"refused\":\"file\"}\n"),
    }
    text
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn check(folder: &str, names: &[&str]) {
    for name in names {
        let file = root().join(folder).join(name);
        let golden = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("tests/golden")
            .join(name)
            .with_extension("ndjson");
        expect_test::expect_file![golden].assert_eq(&rendered(&file));
    }
}

#[test]
fn shipped_samples() {
    check("config/examples", &["orders.edi", "stock.edi"]);
}

#[test]
fn broken_samples() {
    let names = [
        "truncated_isa.edi",
        "truncated_file.edi",
        "se_count.edi",
        "bad_quantity.edi",
        "iea_mismatch.edi",
    ];
    check("tests/fixtures/broken", &names);
}
