//! Small files of one set for the tests of the mappings, and what they become as JSON.
//! Holds no expectations.

use edi::Limits;
use std::fmt::Write as _;

use serde_json::Value;

use crate::stage;

/// An interchange with one set of these segments.
pub(crate) fn file(group: &str, set: &str, version: &str, body: &[&str]) -> String {
    let count = body.len() + 2;
    let mut text = format!(
        "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260131*1200*U*00401*000000007*0*P*>~\
         GS*{group}*S*R*20260131*1200*1*X*{version}~ST*{set}*0001~"
    );
    for segment in body {
        write!(text, "{segment}~").unwrap();
    }
    text + &format!("SE*{count}*0001~GE*1*1~IEA*1*000000007~")
}

/// The documents as JSON, and codes of the problems.
pub(crate) fn converted(text: &str) -> (Vec<Value>, String) {
    let (stage, _) = stage::convert(Limits::default(), "f", text.as_bytes());
    let documents = stage
        .documents
        .iter()
        .map(|document| serde_json::from_slice(&document.entity.to_json()).unwrap());
    let codes: Vec<&str> = stage
        .problems
        .iter()
        .map(|problem| problem.code.trim_start_matches("x12."))
        .collect();
    (documents.collect(), codes.join(" "))
}

/// An expectation with its members in the order that [`show`] writes them.
pub(crate) fn json(text: &str) -> String {
    if text == "-" {
        text.to_owned()
    } else {
        serde_json::from_str::<Value>(text).unwrap().to_string()
    }
}

pub(crate) fn show(value: Option<&Value>) -> String {
    value.map_or("-".to_owned(), Value::to_string)
}
