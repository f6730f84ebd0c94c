//! Every rule of the envelopes and of the dictionary broken once at each kind of place: what is found there, and what is
//! answered. The tables are in `tests/broken`, one row a broken document; how they are read is said in `table`.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test may panic"
)]

mod answered;
#[path = "broken/cut.rs"]
mod cut;
#[path = "broken/edit.rs"]
mod edit;
#[path = "broken/outcome.rs"]
mod outcome;
#[path = "broken/table.rs"]
mod table;
#[path = "broken/terms.rs"]
mod terms;

use std::collections::BTreeSet;

use edi::Rule;

/// Rules that no row can show, and why.
const EXCEPTED: &[(Rule, &str)] = &[
    (
        Rule::ControlNumberLimit,
        "takes more groups than a row has room for",
    ),
    (
        Rule::GroupLength,
        "is the conversion's, which goes further than the reading it is held against here",
    ),
    (
        Rule::FindingLimit,
        "takes more findings than a row has room for",
    ),
    (
        Rule::MessageUnmapped,
        "is the conversion's, which goes further than the reading it is held against here",
    ),
    (
        Rule::NotUsed,
        "needs a partner's guide: the judge's own tests break it",
    ),
    (
        Rule::ItemPassed,
        "content of reports: the mappings' own samples have it",
    ),
    (
        Rule::LocationMissing,
        "content of reports: the mappings' own samples have it",
    ),
    (
        Rule::UnmappedLimit,
        "takes more content than a row has room for",
    ),
    (Rule::SeparatorInData, "is about writing"),
    (Rule::CharacterUnwritable, "is about writing"),
    (Rule::ElementUnwritable, "is about writing"),
    (Rule::NotWritten, "is about writing"),
];

macro_rules! tables {
    ($($name:ident = $file:literal,)+) => {
        $(
            #[test]
            fn $name() {
                table::check($file);
            }
        )+

        const TABLES: &[&str] = &[$($file,)+];
    };
}

tables! {
    x12_envelope = "x12-envelope",
    x12_header = "x12-header",
    x12_structure = "x12-structure",
    x12_element = "x12-element",
    edifact_envelope = "edifact-envelope",
    edifact_message = "edifact-message",
    tradacoms = "tradacoms",
    agreement = "agreement",
}

#[test]
fn every_rule_is_broken_somewhere() {
    let (mut rows, mut broken) = (0, BTreeSet::new());
    for table in TABLES {
        let (_, tally) = table::read(table);
        rows += tally.rows;
        broken.extend(tally.rules);
    }
    assert!(rows >= 400, "{rows} rows");
    let excepted: BTreeSet<Rule> = EXCEPTED.iter().map(|(rule, _)| *rule).collect();
    let shown: Vec<_> = broken.intersection(&excepted).collect();
    assert!(shown.is_empty(), "these are no exceptions: {shown:?}");
    let known = |rule: &&Rule| broken.contains(rule) || excepted.contains(rule);
    let missing: Vec<_> = Rule::ALL.iter().filter(|rule| !known(rule)).collect();
    assert!(missing.is_empty(), "no row breaks {missing:?}");
}
