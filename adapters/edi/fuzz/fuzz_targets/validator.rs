//! The verdict on whatever bytes: each segment has a place in its message's structure or none, each finding says something,
//! and the same is found however the bytes arrive.

#![no_main]

use std::io::Read;

use edi::examine::{Examination, Step};
use edi::judge::Judged;
use edi_fuzz::{Drops, engine};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| judges_alike(data));

/// The steps and what is found on them.
fn told(input: &mut dyn Read) -> Vec<String> {
    let mut examination = Examination::new(input, &engine().agreements, None);
    let mut told = Vec::new();
    loop {
        let step = examination.advance().expect("memory can be read");
        if matches!(step, Step::Message(_)) {
            places_exist(&examination);
        }
        told.push(format!("{step:?} {:?}", examination.charset()));
        let syntax = examination.walk().interchange().syntax;
        for finding in examination.take_findings() {
            let problem = finding.problem(syntax).to_string();
            assert!(!problem.is_empty(), "{finding:?}");
            told.push(problem);
        }
        if step == Step::End {
            return told;
        }
    }
}

fn places_exist(examination: &Examination<'_>) {
    let Some(examined) = examination.examined() else {
        return;
    };
    let Some((_, structure)) = examined.kind else {
        return;
    };
    for node in examined.nodes {
        assert!(
            *node == Judged::NONE || usize::from(*node) < structure.nodes.len(),
            "{node} of {}",
            structure.nodes.len()
        );
    }
}

fn judges_alike(data: &[u8]) {
    let usual = told(&mut { data });
    assert_eq!(usual, told(&mut Drops(data)), "a few bytes at a time");
}
