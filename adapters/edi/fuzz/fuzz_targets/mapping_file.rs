//! Mappings that customers write: taken, or refused with a reason.

#![no_main]

use edi::Syntax;
use edi::map::Mappings;
use edi_fuzz::dictionary;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| taken_or_refused(data));

fn taken_or_refused(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut mappings = Mappings::shipped();
    if mappings
        .lay_over(Syntax::X12, "850", text, "f.toml")
        .is_ok()
    {
        _ = mappings.plan(dictionary(), "850");
    }
}
