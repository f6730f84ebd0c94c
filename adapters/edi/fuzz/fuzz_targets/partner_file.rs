//! Partners' files: taken, or refused with a reason that names the file.

#![no_main]

use std::io;

use edi::partner::Agreements;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| taken_or_refused(data));

fn taken_or_refused(data: &[u8]) {
    let Ok(text) = std::str::from_utf8(data) else {
        return;
    };
    let mut agreements = Agreements::default();
    let added = agreements.add(text, "f.toml", &mut |_| Err(io::ErrorKind::NotFound.into()));
    if let Err(error) = added {
        assert!(error.to_string().contains("f.toml"), "{error}");
    }
}
