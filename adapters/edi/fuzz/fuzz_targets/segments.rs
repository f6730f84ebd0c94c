//! Lines of segments give the very bytes back.

#![no_main]

use edi::segments::{Back, to_lines};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| gives_back(data));

fn gives_back(data: &[u8]) {
    let (mut back, mut again) = (Back::default(), Vec::new());
    to_lines(&mut { data }, &mut |line| {
        back.line(line, &mut again)
            .expect("our own line can be read");
        Ok(())
    })
    .expect("memory can be read");
    back.finish(&mut again);
    assert!(
        again == data,
        "{} became {}",
        data.escape_ascii(),
        again.escape_ascii()
    );
}
