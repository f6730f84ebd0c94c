//! `edi segments`: a file as lines of JSON, and such lines as the file again.
//! Invariant: what was written before an error is whole lines, or whole segments.

use std::io::{self, BufRead, BufReader, Read, Write};

use edi::segments::{Back, LineError, to_lines};

/// Longest line of JSON: the longest binary data as text, each byte six characters long.
const LINE: u64 = 64 << 20;

/// Why lines could not be written back.
#[derive(Debug, thiserror::Error)]
pub(super) enum BackError {
    /// A line is not as it should be.
    #[error(transparent)]
    Line(#[from] LineError),
    /// A line is too long.
    #[error("line {0} is longer than {LINE} bytes")]
    Long(u64),
    /// Input or output failed.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// Writes the lines of a file.
///
/// # Errors
/// The input's and the output's own.
pub(super) fn segments(input: &mut dyn Read, out: &mut dyn Write) -> io::Result<()> {
    to_lines(input, &mut |line| out.write_all(line))
}

/// Writes the file of such lines.
///
/// # Errors
/// For the first line of which no segment can be made; what came before it was written.
pub(super) fn back(input: &mut dyn Read, out: &mut dyn Write) -> Result<(), BackError> {
    let (mut back, mut bytes, mut line) = (Back::default(), Vec::new(), Vec::new());
    let mut input = BufReader::new(input);
    for number in 1.. {
        line.clear();
        let read = (&mut input).take(LINE).read_until(b'\n', &mut line)?;
        if read == 0 {
            break;
        }
        if read as u64 == LINE {
            return Err(BackError::Long(number));
        }
        back.line(&line, &mut bytes)?;
        out.write_all(&bytes)?;
        bytes.clear();
    }
    back.finish(&mut bytes);
    out.write_all(&bytes)?;
    Ok(())
}
