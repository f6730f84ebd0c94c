//! Whole files through whole mappings: the shipped samples against their expected documents, broken files against what
//! a person is told, and the properties that hold for every input.
//!
//! `UPDATE_EXPECT=1` rewrites the snapshots and the `.ndjson` beside each sample.

mod kept;

use std::io::{self, Read};
use std::path::PathBuf;

use canonical::decode::{Context, DecodeError, Summary};
use expect_test::{Expect, expect, expect_file};
use formats::Plan;
use kept::{Kept, decode};
use proptest::prelude::{ProptestConfig, any, prop, prop_assert, prop_assert_eq, proptest};

fn path(relative: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("../..")
        .join(relative)
}

fn shipped(mapping: &str) -> Plan {
    let name = format!("config/mappings/{mapping}.toml");
    let text = std::fs::read_to_string(path(&name)).expect("a shipped mapping");
    Plan::from_mapping(&text, &name).unwrap_or_else(|error| panic!("{error}"))
}

fn sample(name: &str, rows: u64, encoding: &str) {
    sample_file(name, "csv", rows, encoding);
}

fn sample_file(name: &str, ending: &str, rows: u64, encoding: &str) {
    let file = format!("{name}.{ending}");
    let bytes = std::fs::read(path(&format!("config/examples/{file}"))).expect("a shipped sample");
    let (kept, outcome) = decode(&shipped(name), &file, &bytes);
    let summary = outcome.unwrap_or_else(|error| panic!("{error}"));
    assert!(kept.problems.is_empty(), "{:?}", kept.problems);
    assert_eq!(
        (
            summary.documents,
            summary.refused,
            summary.encoding.as_deref()
        ),
        (rows, 0, Some(encoding))
    );
    let lines = kept
        .documents
        .iter()
        .map(|line| format!("{line}\n"))
        .collect::<String>();
    expect_file![path(&format!("config/examples/{name}.ndjson"))].assert_eq(&lines);
}

#[test]
fn the_german_stock_sample() {
    sample("stock_de", 40, "windows-1252");
}

#[test]
fn the_stock_of_a_real_erp() {
    sample("erp_stock_de", 25, "utf-8");
}

#[test]
fn the_products_of_a_real_erp() {
    sample("erp_products", 25, "utf-8");
}

#[test]
fn the_stock_of_an_as_400() {
    sample_file("as400_stock", "dat", 20, "cp1141");
}

/// What nothing reads of a record is kept: a column by its name, the bytes between columns by their places.
#[test]
fn records_lose_nothing() {
    let text = PLAIN.replace(
        "[input.delimited]\nseparator = \";\"",
        "[input.fixed]\nrecords = \"lines\"\ncolumns = [\n{ name = \"Los\", start = 16, length = 2 },\n{ name = \"Artikel\", start = 1, length = 4 },\n\
         { name = \"Menge\", start = 6, length = 4, type = \"zoned\", decimals = 1 },\n\
         { name = \"Charge\", start = 10, length = 2 },\n{ name = \"Farbe\", start = 12, length = 4 },\n]",
    );
    let plan = Plan::from_mapping(&text, "plain.toml").unwrap_or_else(|error| panic!("{error}"));
    let (kept, outcome) = decode(
        &plan,
        "plain.txt",
        "AB1 x001}L1rot Z9\nCD  00x5\n\nEF   0020\n".as_bytes(),
    );
    assert_eq!(
        outcome
            .map(|summary| (summary.documents, summary.refused))
            .unwrap(),
        (2, 1)
    );
    expect![[r#"
        {"schema_version":"1.0","provenance":{"ingest_id":"01JDC4Z8Q2W3E4R5T6Y7H8J9K0","received_at":"2026-11-23T08:41:40.120Z","span":{"byte_start":0,"byte_end":17,"line_start":1,"line_end":1,"record_index":0}},"unmapped":[{"path":"fixed:column=#5-5","value":"x"},{"path":"fixed:column=Farbe","value":"rot "},{"path":"fixed:column=Los","value":"Z9"}],"sku":"AB1","location":{"code":"MAIN"},"lot":"L1","as_of":"2026-11-23T08:41:40.120Z","mode":"absolute","quantities":{"available":{"value":"-1.0","unit":"C62"}}}
        {"schema_version":"1.0","provenance":{"ingest_id":"01JDC4Z8Q2W3E4R5T6Y7H8J9K0","received_at":"2026-11-23T08:41:40.120Z","span":{"byte_start":28,"byte_end":37,"line_start":4,"line_end":4,"record_index":2}},"sku":"EF","location":{"code":"MAIN"},"as_of":"2026-11-23T08:41:40.120Z","mode":"absolute","quantities":{"available":{"value":"2.0","unit":"C62"}}}"#]].assert_eq(&kept.documents.join("\n"));
    expect![[r#"plain.txt line 2, byte 23, column "Menge": the column holds no such number, expected digits, a sign in the place that the mapping declares, found "0x5" — the layout does not fit, or a transfer has changed the bytes: transfer the file in binary mode [fixed.number]"#]].assert_eq(
        &kept
            .problems
            .iter()
            .map(ToString::to_string)
            .collect::<String>(),
    );
}

#[test]
fn a_shipped_mapping_is_known_by_its_hash() {
    let reference = shipped("stock_de").mapping_ref().cloned().unwrap();
    assert_eq!(
        (reference.id.as_str(), reference.version.as_str()),
        ("stock_de", "1")
    );
    assert_eq!(reference.sha256.unwrap().to_string().len(), 64);
}

#[test]
fn interchanges_need_no_mapping() {
    assert!(Plan::x12().mapping_ref().is_none());
    match decode(&Plan::x12(), "orders.edi", b"Artikel;Menge\nA;1\n").1 {
        Err(DecodeError::Refused(problem)) => {
            assert!(problem.code.starts_with("x12."), "{problem}")
        }
        other => panic!("{other:?}"),
    }
}

/// What a person is told of a broken file, and how many rows went on nevertheless.
fn broken(name: &str, want: Expect) {
    let bytes =
        std::fs::read(path(&format!("tests/fixtures/broken/{name}"))).expect("a broken fixture");
    let (kept, outcome) = decode(&shipped("stock_de"), name, &bytes);
    let mut told: Vec<String> = kept.problems.iter().map(ToString::to_string).collect();
    match outcome {
        Ok(summary) => told.push(format!(
            "{} documents, {} refused",
            summary.documents, summary.refused
        )),
        Err(error) => told.push(format!("file refused: {error}")),
    }
    want.assert_eq(&told.join("\n"));
}

#[test]
fn broken_files() {
    broken(
        "empty.csv",
        expect![
            "file refused: empty.csv: the file is empty (0 bytes) — the program that writes it may have failed, or was still writing [file.empty]"
        ],
    );
    broken(
        "one_byte.csv",
        expect![[
            r#"file refused: one_byte.csv byte 0: the file has one byte, which is no table, expected a header and rows, found "A" — the program that writes it may have failed, or was still writing [file.too_short]"#
        ]],
    );
    broken(
        "noise.bin",
        expect![
            "file refused: noise.bin line 1, byte 143: this is not a text file: it has control characters that no text has — look at what was dropped: a damaged file, an archive, or a workbook needs another format [file.binary]"
        ],
    );
    broken(
        "stock_bad_byte.csv",
        expect![[
            r#"file refused: stock_bad_byte.csv line 20, byte 1445: a byte cannot be decoded, expected a character in windows-1252, found "0x81" — the file was damaged, or it is in another encoding than the mapping declares [text.undecodable]"#
        ]],
    );
    broken(
        "stock_missing_column.csv",
        expect![[
            r#"file refused: stock_missing_column.csv line 1, byte 0, column "Menge": the header has no column "Menge"; it has "Artikel", "Bezeichnung", "EAN", "Bestand", "Stand", "Lagerplatz", expected a column "Menge", found "" — name one of the file's columns in the mapping, or mend the export [delimited.column_missing]"#
        ]],
    );
    broken(
        "stock_ragged.csv",
        expect![[r#"
        stock_ragged.csv line 4, byte 222: the row has another number of cells than the header, expected 6 cells, found "7 cells" — a cell holds the separator without being quoted, or the export grew a column without a name [delimited.ragged]
        stock_ragged.csv line 6, byte 390: the row has another number of cells than the header, expected 6 cells, found "2 cells" — the row is cut off, or a line end inside a cell is not quoted [delimited.ragged]
        5 documents, 2 refused"#]],
    );
    broken(
        "stock_unclosed_quote.csv",
        expect![[
            r#"file refused: stock_unclosed_quote.csv line 5, byte 323: a quote opens here and is never closed, expected a closing quote before the end of the file, found "\"Sechskantschraube M6×40;4006381331043;0,00;23.11.2026;A-01-06" — the file is cut off, or a cell begins with a quote that is not doubled; if it has no quoting, declare quote = "" [delimited.unclosed_quote]"#
        ]],
    );
    broken(
        "stock_bad_values.csv",
        expect![[r#"
        stock_bad_values.csv line 3, byte 195, column "Menge": the value cannot be used, expected a number such as 1.234,50, found "980.00" — a group mark stands every three digits of the whole part [mapping.decimal]
        stock_bad_values.csv line 5, byte 369, column "Stand": the value cannot be used, expected a date written as dd.MM.yyyy, found "31.11.2026" — the calendar has no such day or time [mapping.date]
        stock_bad_values.csv line 7, byte 471, column "Artikel": a required value is missing, expected a value, found "" — the field is required: fill the cell, or give the field a `default` in the mapping [mapping.required]
        stock_bad_values.csv line 8, byte 596, column "Menge": the value cannot be used, expected a number such as 1.234,50, found "zwanzig" [mapping.decimal]
        3 documents, 4 refused"#]],
    );
}

const PLAIN: &str = r#"
ignore = ["Regal"]
[input.delimited]
separator = ";"
[document]
entity = "inventory_level"
[defaults]
unit = { constant = "C62" }
[fields]
sku = { column = "Artikel" }
lot = { column = "Charge" }
location.code = { constant = "MAIN" }
quantities.available = { column = "Menge", default = 0 }
as_of = { ingest = "received_at" }
mode = { constant = "absolute" }
"#;

fn plain(input: &str) -> (Kept, Result<Summary, DecodeError>) {
    decode(
        &Plan::from_mapping(PLAIN, "plain.toml").expect("a good mapping"),
        "plain.csv",
        input.as_bytes(),
    )
}

#[test]
fn headers() {
    for (input, want) in [
        ("Artikel;Menge;Charge\nA;1;\n", "1 documents"),
        ("Charge;Artikel;Menge\n;A;1\n", "1 documents"),
        ("Artikel;Menge;Charge", "0 documents"),
        ("\n\n\"Artikel\"; Menge ;Charge\nA;1;", "1 documents"),
        ("\u{feff}Artikel;Menge;Charge\nA;1;", "1 documents"),
        ("\n \n;;\n", "file.empty"),
        (
            "Artikel;Menge;Artikel;Charge\nA;1;B;\n",
            "delimited.column_twice",
        ),
        ("Artikel;Menge;X;X;Charge\nA;1;;;\n", "1 documents"),
        ("Artikel,Menge,Charge\nA,1,\n", "delimited.column_missing"),
        ("Artikel;Menge;\"Charge\"x\nA;1;\n", "delimited.quote"),
        ("Artikel;Menge;\"Charge\nA;1;\n", "delimited.unclosed_quote"),
    ] {
        let found = match plain(input) {
            (_, Ok(summary)) => format!("{} documents", summary.documents),
            (_, Err(DecodeError::Refused(problem))) => problem.code,
            (_, Err(other)) => panic!("{other}"),
        };
        assert_eq!(found, want, "{input:?}");
    }
}

/// Files as reports print them, by what the mapping says of their shape.
#[test]
fn shapes_of_tables() {
    for (shape, input, want) in [
        (
            "",
            "sep=;\nArtikel;Menge;Charge\nA;1;\n",
            "1 documents, 0 refused",
        ),
        (
            "",
            "sep=,\nArtikel,Menge,Charge\nA,1,\n",
            "delimited.separator",
        ),
        (
            "",
            "Artikel;Menge;Charge\nA;1;\nArtikel; Menge;Charge\nB;1;\n",
            "2 documents, 0 refused",
        ),
        (
            "skip_lines = 2",
            "Stock list\n\"of today\nArtikel;Menge;Charge\nA;1;\n",
            "1 documents, 0 refused",
        ),
        (
            "skip_lines = 9",
            "Artikel;Menge;Charge\nA;1;\n",
            "file.empty",
        ),
        (
            "header = [\"Artikel\", \"Menge\", \"Charge\"]",
            "A;1;\nB;2;\n",
            "2 documents, 0 refused",
        ),
        (
            "header_lines = 2",
            "Arti;Menge;\nkel;;Charge\nA;1;\n",
            "delimited.column_missing",
        ),
        (
            "header_lines = 2",
            "Artikel;;\n;Menge;Charge\nA;1;\n",
            "1 documents, 0 refused",
        ),
        ("header_lines = 2", "Artikel;Menge;Charge\n", "file.empty"),
        (
            "ragged_rows = \"fill\"",
            "Artikel;Menge;Charge\nA\nB;1\nC;1;;; \nD;1;;x\n",
            "3 documents, 1 refused",
        ),
        (
            "escape = \"\\\\\"",
            "Artikel;Menge;Charge\n\"A\\\"\";1;\n",
            "1 documents, 0 refused",
        ),
    ] {
        let text = PLAIN.replace("[document]", &format!("{shape}\n[document]"));
        let plan =
            Plan::from_mapping(&text, "plain.toml").unwrap_or_else(|error| panic!("{error}"));
        let found = match decode(&plan, "plain.csv", input.as_bytes()).1 {
            Ok(summary) => format!(
                "{} documents, {} refused",
                summary.documents, summary.refused
            ),
            Err(DecodeError::Refused(problem)) => problem.code,
            Err(other) => panic!("{other}"),
        };
        assert_eq!(found, want, "{shape} {input:?}");
    }
}

/// An export of an AS/400 is read as it comes.
#[test]
fn a_table_in_ebcdic() {
    let text = PLAIN.replace("[document]", "encoding = \"cp1141\"\n[document]");
    let plan = Plan::from_mapping(&text, "plain.toml").expect("a good mapping");
    // Artikel;Menge;Charge / GRÜN 7;12;Ä€ , each ended by a new line.
    let bytes =
        b"\xc1\x99\xa3\x89\x92\x85\x93\x5e\xd4\x85\x95\x87\x85\x5e\xc3\x88\x81\x99\x87\x85\x15\
        \xc7\xd9\x5a\xd5\x40\xf7\x5e\xf1\xf2\x5e\x4a\x9f\x15";
    let (kept, outcome) = decode(&plan, "stock.txt", bytes);
    let summary = outcome.unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(summary.encoding.as_deref(), Some("cp1141"));
    let document: serde_json::Value = serde_json::from_str(&kept.documents[0]).unwrap();
    assert_eq!(
        (&document["sku"], &document["lot"]),
        (&"GRÜN 7".into(), &"Ä€".into())
    );
    assert_eq!(document["provenance"]["span"]["byte_start"], 21);
}

#[test]
fn records_are_numbered_as_they_come_and_refused_ones_keep_their_number() {
    let (kept, outcome) = plain("Artikel;Menge;Charge\nA;1;\n\n;2;\nB;x;\nC;3;L\n");
    assert_eq!(outcome.unwrap().documents, 2);
    let records: Vec<_> = kept
        .problems
        .iter()
        .map(|problem| (problem.record, problem.line, problem.byte))
        .collect();
    assert_eq!(
        records,
        [(Some(1), Some(4), Some(27)), (Some(2), Some(5), Some(33))]
    );
    assert!(
        kept.documents[1].contains(r#""record_index":3"#),
        "{}",
        kept.documents[1]
    );
    assert!(
        kept.documents[1].contains(r#""line_start":6,"line_end":6"#),
        "{}",
        kept.documents[1]
    );
}

#[test]
fn an_empty_cell_takes_the_default_and_columns_without_a_name_are_kept() {
    let (kept, outcome) = plain("Artikel;Menge;Charge;;Farbe;Farbe\nA;;;x;rot;blau\n");
    assert!(outcome.is_ok() && kept.problems.is_empty());
    expect![[r#"{"schema_version":"1.0","provenance":{"ingest_id":"01JDC4Z8Q2W3E4R5T6Y7H8J9K0","received_at":"2026-11-23T08:41:40.120Z","span":{"byte_start":34,"byte_end":48,"line_start":2,"line_end":2,"record_index":0}},"unmapped":[{"path":"csv:column=#4","value":"x"},{"path":"csv:column=Farbe","value":"rot"},{"path":"csv:column=Farbe#6","value":"blau"}],"sku":"A","location":{"code":"MAIN"},"as_of":"2026-11-23T08:41:40.120Z","mode":"absolute","quantities":{"available":{"value":"0","unit":"C62"}}}"#]].assert_eq(&kept.documents[0]);
}

#[test]
fn a_mapping_that_needs_the_files_time_says_so_when_there_is_none() {
    let text = PLAIN.replace("received_at", "modified_at");
    let plan = Plan::from_mapping(&text, "plain.toml").unwrap();
    let context = Context {
        ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
        received_at: "2026-11-23T08:41:40.120Z",
        file_name: "plain.csv",
        modified_at: None,
        feed: None,
    };
    let mut kept = Kept::default();
    let outcome = plan.decode(
        &mut "Artikel;Menge;Charge\nA;1;\n".as_bytes(),
        &context,
        &mut kept,
    );
    match outcome {
        Err(DecodeError::Refused(problem)) => assert_eq!(problem.code, "mapping.no_modified_at"),
        other => panic!("{other:?}"),
    }
}

/// Endless `x`, counted.
struct Endless {
    head: &'static [u8],
    given: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let given = self.head.read(buffer)?;
        let given = if given > 0 {
            given
        } else {
            buffer.fill(b'x');
            buffer.len()
        };
        self.given += given as u64;
        assert!(self.given < 200 << 20, "the whole giant line was read");
        Ok(given)
    }
}

/// What has been read and not given back is all that is held, so a bound on reading is a bound on memory.
#[test]
fn a_giant_line_is_refused_after_the_record_limit() {
    for (head, code) in [
        (&b""[..], "text.line_too_long"),
        (b"Artikel;Menge;Charge\nA;1;", "text.line_too_long"),
        (b"Artikel;Menge;Charge\nA;1;\"", "text.line_too_long"),
    ] {
        let mut input = Endless { head, given: 0 };
        let plan = Plan::from_mapping(PLAIN, "plain.toml").unwrap();
        let context = Context {
            ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
            received_at: "2026-11-23T08:41:40.120Z",
            file_name: "giant.csv",
            modified_at: None,
            feed: None,
        };
        match plan.decode(&mut input, &context, &mut Kept::default()) {
            Err(DecodeError::Refused(problem)) => assert_eq!(problem.code, code),
            other => panic!("{other:?}"),
        }
        assert!(input.given < 2 << 20, "{} bytes were read", input.given);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Nothing is lost: every cell of every accepted row is in its field, in `unmapped`, or was ignored on purpose.
    #[test]
    fn every_cell_is_mapped_unmapped_or_ignored(
        extra in prop::collection::vec("[A-Za-z][a-z ]{0,6}[a-z]", 0..5),
        rows in prop::collection::vec((0_u32..100_000, prop::collection::vec("[a-zäöü\";\n]{0,5}", 6)), 1..6),
        turn in any::<prop::sample::Index>(),
    ) {
        let mut names = vec!["Artikel".to_owned(), "Menge".to_owned(), "Charge".to_owned(), "Regal".to_owned()];
        names.extend(extra.iter().enumerate().map(|(index, name)| format!("{name}{index}")));
        let width = names.len();
        let turn = turn.index(width);
        names.rotate_left(turn);
        let quoted = |cell: &str| format!("\"{}\"", cell.replace('"', "\"\""));
        let mut text = names.iter().map(|name| quoted(name)).collect::<Vec<_>>().join(";") + "\n";
        let mut expected = Vec::new();
        for (number, (amount, cells)) in rows.iter().enumerate() {
            let mut row: Vec<String> = vec![format!("SKU-{number}"), amount.to_string(), format!("L{number}"), "shelf".to_owned()];
            row.extend(cells.iter().take(width - 4).cloned());
            row.resize(width, String::new());
            row.rotate_left(turn);
            text += &(row.iter().map(|cell| quoted(cell)).collect::<Vec<_>>().join(";") + "\n");
            expected.push(row);
        }
        let (kept, outcome) = plain(&text);
        prop_assert!(kept.problems.is_empty(), "{:?}", kept.problems);
        prop_assert_eq!(outcome.unwrap().documents, rows.len() as u64);
        for (row, document) in expected.iter().zip(&kept.documents) {
            let document: serde_json::Value = serde_json::from_str(document).unwrap();
            let unmapped = document.get("unmapped").and_then(|list| list.as_array()).cloned().unwrap_or_default();
            let mut kept_cells = 0;
            for (name, cell) in names.iter().zip(row) {
                match name.as_str() {
                    "Artikel" => prop_assert_eq!(&document["sku"], cell),
                    "Menge" => prop_assert_eq!(&document["quantities"]["available"]["value"], cell),
                    "Charge" => prop_assert_eq!(&document["lot"], cell),
                    "Regal" => {}
                    _ if cell.is_empty() => {}
                    other => {
                        let path = format!("csv:column={other}");
                        prop_assert!(unmapped.iter().any(|kept| kept["path"] == path.as_str() && kept["value"] == cell.as_str()));
                        kept_cells += 1;
                    }
                }
            }
            prop_assert_eq!(kept_cells, unmapped.len(), "and nothing else is kept");
        }
    }

    #[test]
    fn hostile_bytes_end_well(head in prop::bool::ANY, bytes in prop::collection::vec(any::<u8>(), 0..300), text in "[A-Za-z0-9;,.\"\n\r -]{0,200}") {
        let plan = Plan::from_mapping(PLAIN, "plain.toml").unwrap();
        for tail in [bytes.as_slice(), text.as_bytes()] {
            let start: &[u8] = if head { b"Artikel;Menge;Charge\n" } else { b"" };
            let input = [start, tail].concat();
            let (kept, outcome) = decode(&plan, "hostile.csv", &input);
            if let Ok(summary) = outcome {
                prop_assert_eq!(summary.documents, kept.documents.len() as u64);
                prop_assert_eq!(summary.refused, kept.problems.len() as u64);
            }
            for problem in &kept.problems {
                prop_assert!(problem.byte.is_none_or(|byte| byte <= input.len() as u64), "{}", problem);
            }
        }
    }
}
