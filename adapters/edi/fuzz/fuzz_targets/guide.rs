//! Partners' guides: taken, or refused with a reason that names the file.

#![no_main]

use edi::dictionary::Dictionary;
use edi_fuzz::dictionary;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| taken_or_refused(data));

fn taken_or_refused(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    if let Err(error) = Dictionary::from_json(text, "f.json", Some(dictionary())) {
        assert!(error.to_string().contains("f.json"), "{error}");
    }
}
