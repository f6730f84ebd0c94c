//! Character sets: what is decoded cleanly is encoded to the same bytes.

#![no_main]

use edi::{Charset, Interchange, Syntax};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| comes_back(data));

fn comes_back(data: &[u8]) {
    let (&level, data) = data.split_first().unwrap_or((&b'A', &[]));
    let header = Interchange {
        syntax: if level == 0 {
            Syntax::X12
        } else {
            Syntax::Edifact
        },
        version: format!("UNO{}:4", char::from(level)),
        ..Interchange::default()
    };
    let Ok(charset) = Charset::for_interchange(&header, None) else {
        return;
    };
    let (text, clean) = charset.decode(data);
    let encoded = charset.encode(&text);
    if clean && charset.is_declared() {
        assert_eq!(encoded.as_deref(), Ok(data), "{level} {text:?}");
    }
    assert!(charset.decode(b"plain ASCII").1);
}
