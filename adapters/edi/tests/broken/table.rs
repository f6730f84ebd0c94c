//! Tables of broken documents: a row names a change of a good document, the findings it leads to, and what is answered.
//!
//! ```text
//! base x12-850                     the good document that the rows below change; findings: none; its answers
//! SE*7*0002 => SE*@8*0002  | segment_count M2:7 SE/01 @  | 997: AK5*R*4~AK9*P*2*2*1~
//! # why this is right, where that is not plain
//! ```
//!
//! The first column is written by hand, the others are held against what the engine says; `UPDATE_EXPECT=1` writes them.
//! Invariant: what is written back differs from what was read in these columns alone.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use edi::Rule;

use crate::cut::Marks;
use crate::edit::Document;
use crate::outcome::{self, Answer};
use crate::terms::Engines;

/// What a table holds.
#[derive(Default)]
pub(crate) struct Tally {
    pub(crate) rows: usize,
    pub(crate) rules: BTreeSet<Rule>,
}

/// Where the second and third columns begin, where there is room.
const COLUMNS: [usize; 2] = [56, 116];

pub(crate) fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

fn file(name: &str) -> PathBuf {
    folder().join(name).with_extension("table")
}

/// Breaks every document of a table and holds what comes of it against what stands there.
pub(crate) fn check(name: &str) {
    expect_test::expect_file![file(name)].assert_eq(&read(name).0);
}

/// Breaks every document of a table: the table as it comes out, and what it holds.
pub(crate) fn read(name: &str) -> (String, Tally) {
    let text = std::fs::read_to_string(file(name)).unwrap();
    let mut run = Run::default();
    let mut written = String::new();
    for line in text.lines() {
        let first = line.split(" | ").next().unwrap().trim_end();
        written += &match first {
            "" => String::new(),
            comment if comment.starts_with('#') => line.to_owned(),
            base if base.starts_with("base ") => run.base(base),
            row => run.row(row),
        };
        written.push('\n');
    }
    (written, run.tally)
}

/// The base that rows change, and what was counted so far.
#[derive(Default)]
struct Run {
    base: Option<Base>,
    engines: Engines,
    tally: Tally,
}

struct Base {
    text: String,
    marks: Marks,
    settings: Vec<String>,
    answers: Vec<Answer>,
}

impl Run {
    fn base(&mut self, line: &str) -> String {
        let mut parts = line.trim_start_matches("base ").split(" & ");
        let name = parts.next().unwrap();
        let settings: Vec<String> = parts.map(|part| setting(part).unwrap()).collect();
        let file = folder().join("base").join(name).with_extension("edi");
        let text = std::fs::read_to_string(file).unwrap();
        let marks = Marks::of(name);
        let found = outcome::of(text.as_bytes(), marks, None, &self.engines.terms(&settings));
        let shown = row(
            line,
            &outcome::joined(&found.findings),
            &outcome::whole(&found.answers),
        );
        self.base = Some(Base {
            text,
            marks,
            settings,
            answers: found.answers,
        });
        shown
    }

    fn row(&mut self, edit: &str) -> String {
        let base = self.base.as_ref().expect("a base stands before the rows");
        let mut settings = base.settings.clone();
        let mut document = Document::new(&base.text, base.marks);
        for change in edit.split(" & ") {
            match setting(change) {
                Some(setting) => settings.push(setting),
                None => document.change(change),
            }
        }
        let (bytes, mark) = document.finish();
        let terms = self.engines.terms(&settings);
        let found = outcome::of(&bytes, base.marks, mark, &terms);
        self.tally.rows += 1;
        self.tally.rules.extend(found.rules);
        let answers = outcome::difference(&base.answers, &found.answers);
        row(edit, &outcome::joined(&found.findings), &answers)
    }
}

fn setting(part: &str) -> Option<String> {
    part.strip_prefix("with ").map(str::to_owned)
}

fn row(edit: &str, findings: &str, answers: &str) -> String {
    let [second, third] = COLUMNS;
    let line = format!("{edit:<second$} | {findings}");
    format!("{line:<third$} | {answers}")
}
