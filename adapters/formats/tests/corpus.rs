//! Odd files that were collected or written for this project, each with the verdict that is written beside it.
//!
//! The files are in `shared/corpora`: beside a folder above this crate, or where `LB_SHARED` says.

mod kept;

use std::path::{Path, PathBuf};

use canonical::decode::DecodeError;
use formats::Plan;
use kept::decode;

fn corpora() -> Option<PathBuf> {
    let shared = match std::env::var_os("LB_SHARED") {
        Some(shared) => Some(PathBuf::from(shared)),
        None => Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .map(|folder| folder.join("shared"))
            .find(|shared| shared.is_dir()),
    };
    let corpora = shared.map(|shared| shared.join("corpora"));
    let found = corpora.filter(|corpora| corpora.is_dir());
    if found.is_none() {
        eprintln!(
            "SKIPPED: there is no shared/corpora above this crate and LB_SHARED does not name one; its tables were not read"
        );
    }
    found
}

/// A stock mapping over this input, with the article and the quantity from these columns.
fn plan(input: &str, sku: &str, quantity: &str) -> Plan {
    let text = format!(
        "{input}\n[document]\nentity = \"inventory_level\"\n[defaults]\nunit = {{ constant = \"C62\" }}\n[fields]\n\
         sku = {{ column = \"{sku}\" }}\nlocation.code = {{ constant = \"MAIN\" }}\nmode = {{ constant = \"absolute\" }}\n\
         as_of = {{ ingest = \"received_at\" }}\n{quantity}\n"
    );
    Plan::from_mapping(&text, "corpus.toml").unwrap_or_else(|error| panic!("{error}\n{text}"))
}

const COMMA: &str = "[input.delimited]\nseparator = \",\"";
const SEMICOLON: &str = "[input.delimited]\nseparator = \";\"";
const TAB: &str = "[input.delimited]\nseparator = \"\\t\"";
const PUNCHED: &str = "[input.fixed]\nrecords = \"lines\"\ncolumns = [{ name = \"LINE\", start = 2, length = 5 }, \
    { name = \"AMOUNT\", start = 7, length = 9, type = \"zoned\", decimals = 2 }]";

/// A file, how it is read, its column of articles and where its quantity comes from; and how many of its rows become
/// documents.
const FILES: [(&str, &str, &str, &str, &str); 8] = [
    (
        "csv/odd/bad-ragged.csv",
        COMMA,
        "a",
        "quantities.available = { column = \"b\" }",
        "0 of 2",
    ),
    (
        "csv/odd/bad-scientific-gtin.csv",
        COMMA,
        "sku",
        "identifiers.gtin = { column = \"gtin\" }\nquantities.available = { constant = 1 }",
        "0 of 1",
    ),
    // The row that was cut off is refused; that nobody still writes the file is for the source to see.
    (
        "csv/odd/ok-half-written.csv",
        SEMICOLON,
        "sku",
        "quantities.available = { column = \"qty\" }",
        "1 of 2",
    ),
    (
        "csv/odd/ok-header-bom-spaces.csv",
        COMMA,
        "Order No",
        "quantities.available = { column = \"Qty\" }",
        "1 of 1 utf-8",
    ),
    (
        "csv/odd/ok-semicolon-decimal-comma.csv",
        SEMICOLON,
        "sku",
        "quantities.available = { column = \"price\", decimal = { mark = \",\" } }",
        "1 of 1 utf-8",
    ),
    (
        "csv/odd/ok-sep-line.csv",
        SEMICOLON,
        "sku",
        "quantities.available = { column = \"qty\" }",
        "1 of 1 utf-8",
    ),
    (
        "csv/odd/ok-utf16le-bom.csv",
        TAB,
        "sku",
        "quantities.available = { constant = 1 }",
        "1 of 1 utf-16le",
    ),
    (
        "fixed/odd/ok-signed-overpunch.txt",
        PUNCHED,
        "LINE",
        "quantities.available = { column = \"AMOUNT\" }",
        "2 of 2 utf-8",
    ),
];

#[test]
fn verdicts() {
    let Some(corpora) = corpora() else {
        return;
    };
    for (file, input, sku, quantity, want) in FILES {
        let bytes =
            std::fs::read(corpora.join(file)).unwrap_or_else(|error| panic!("{file}: {error}"));
        let (kept, outcome) = decode(&plan(input, sku, quantity), file, &bytes);
        let found = match outcome {
            Ok(summary) => {
                let all = summary.documents + summary.refused;
                let encoding = summary.encoding.filter(|_| summary.refused == 0);
                format!(
                    "{} of {all} {}",
                    summary.documents,
                    encoding.unwrap_or_default()
                )
            }
            Err(DecodeError::Refused(problem)) => problem.to_string(),
            Err(other) => panic!("{other}"),
        };
        assert_eq!(found.trim_end(), want, "{file}: {:?}", kept.problems);
        if file.contains("overpunch") {
            for (document, amount) in kept.documents.iter().zip(["\"-125.00\"", "\"125.01\""]) {
                assert!(document.contains(amount), "{document}");
            }
        }
    }
}
