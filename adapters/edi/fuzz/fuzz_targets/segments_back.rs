//! Lines of segments that somebody wrote: taken, or refused and nothing written.

#![no_main]

use edi::segments::Back;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| takes_or_refuses(data));

fn takes_or_refuses(data: &[u8]) {
    let (mut back, mut out) = (Back::default(), Vec::new());
    for line in data.split(|byte| *byte == b'\n') {
        let before = out.len();
        if back.line(line, &mut out).is_err() {
            assert_eq!(out.len(), before, "a line that is refused writes nothing");
            return;
        }
    }
    back.finish(&mut out);
}
