//! The TA1: what became of an interchange of X12 as such.
//! Reference: X12.5, elements I17 (TA104) and I18 (TA105).
//! Invariant: a code other than 000 stands beside every E and R.

use super::Verdict;
use super::record::InterchangeRecord;
use crate::finding::Finding;
use crate::write::{SegmentBuilder, Writer};

/// Code for "its content", where no other one fits.
const CONTENT: &str = "024";

/// TA104 and TA105.
pub(super) fn verdict(record: &InterchangeRecord) -> (Verdict, &'static str) {
    let code = |error: bool| {
        let mut notes = record.notes.iter().filter(|note| note.error == error);
        notes.find_map(|note| Some(note.rule.codes().ta1).filter(|code| !code.is_empty()))
    };
    if !record.accepted {
        return (Verdict::Rejected, code(true).unwrap_or(CONTENT));
    }
    match code(false) {
        Some(code) => (Verdict::AcceptedWithErrors, code),
        None => (Verdict::Accepted, "000"),
    }
}

/// Writes it. Nothing is ever left out.
pub(super) fn write(record: &InterchangeRecord, writer: &mut Writer) -> Result<u64, Box<Finding>> {
    let (verdict, code) = verdict(record);
    let headers = &record.headers;
    let mut segment = SegmentBuilder::default();
    segment.start("TA1");
    for value in [&headers.control_number, &headers.date, &headers.time] {
        segment.element(value);
    }
    segment.element(verdict.x12()).element(code);
    writer.segment(&segment)?;
    Ok(0)
}
