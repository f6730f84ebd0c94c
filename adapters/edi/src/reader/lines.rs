//! Files that were cut into lines of one width, as mainframes do: the line ends stand anywhere, also inside tags and values.
//! They are taken out before anything else sees them. Never touches a file whose lines are its segments.
//! Invariant: no other byte is lost; from the first line of another width on, every byte is kept.

use crate::header::{HEADER_LIMIT, Header};

/// The line ends of a file that are none of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lines {
    width: usize,
    /// Bytes of a line end: CR and LF, or LF.
    ending: usize,
    /// Bytes of the current line so far, its end included.
    column: usize,
    regular: bool,
    /// Bytes that were joined: all up to the first line of another width.
    joined: u64,
}

impl Lines {
    /// Looks at the first bytes of a file: at least two lines of one width, one of which does not end where a segment does.
    pub(crate) fn detect(bytes: &[u8]) -> Option<Self> {
        let sample = bytes.get(..HEADER_LIMIT).unwrap_or(bytes);
        let first = sample.iter().position(|byte| *byte == b'\n')?;
        let before = first.checked_sub(1)?;
        let ending = if sample.get(before) == Some(&b'\r') {
            2
        } else {
            1
        };
        let lines = Self {
            width: first + 1 - ending,
            ending,
            column: 0,
            regular: true,
            joined: 0,
        };
        let mut joined = sample.to_vec();
        let mut strip = lines;
        let kept = strip.strip(&mut joined);
        joined.truncate(kept);
        if !strip.regular || kept + 2 * ending > sample.len() || lines.width < 8 {
            return None;
        }
        let header = Header::read(&joined)?.ok()?;
        let terminator = header.separators.terminator;
        let mut ends = (lines.width..=kept).step_by(lines.width);
        let cuts = ends.any(|end| joined.get(end - 1) != Some(&terminator));
        let own = joined.strip_suffix(b"\n").unwrap_or(&joined);
        (cuts && !own.contains(&b'\n')).then_some(lines)
    }

    /// How many bytes a line has without its end.
    pub(crate) fn width(self) -> usize {
        self.width
    }

    /// The line end.
    pub(crate) fn ending(self) -> &'static str {
        if self.ending == 2 { "\r\n" } else { "\n" }
    }

    /// How many bytes stood in lines of one width, once another line has come.
    pub(crate) fn broken_after(self) -> Option<u64> {
        (!self.regular).then_some(self.joined)
    }

    /// What has been taken out behind the last byte: a line end, half of one, or nothing.
    pub(crate) fn tail(self) -> &'static str {
        match self.column.checked_sub(self.width) {
            Some(1) => "\r",
            None if self.column == 0 && self.joined > 0 => self.ending(),
            _ => "",
        }
    }

    /// Takes the line ends out of the next bytes of the file; how many are left at their front.
    pub(crate) fn strip(&mut self, bytes: &mut [u8]) -> usize {
        let (mut read, mut kept) = (0, 0);
        while self.regular && read < bytes.len() {
            if let Some(room) = self.width.checked_sub(self.column).filter(|room| *room > 0) {
                let taken = room.min(bytes.len() - read);
                bytes.copy_within(read..read + taken, kept);
                self.column += taken;
                self.joined += taken as u64;
                read += taken;
                kept += taken;
                continue;
            }
            let wanted = if self.column + 1 == self.width + self.ending {
                b'\n'
            } else {
                b'\r'
            };
            self.regular = bytes.get(read) == Some(&wanted);
            if self.regular {
                self.column = (self.column + 1) % (self.width + self.ending);
                read += 1;
            }
        }
        bytes.copy_within(read.., kept);
        kept + bytes.len() - read
    }
}

#[cfg(test)]
mod tests {
    use super::Lines;

    const FILE: &str = "UNB+UNOA:3+SENDER+RECEIVER+260131:1200+7'UNH+1+ORDERS:D:96A:UN'BGM+220+4711+9'UNT+3+1'UNZ+1+7'";

    fn cut(text: &str, width: usize, end: &str) -> String {
        let lines = text.as_bytes().chunks(width);
        let lines: Vec<String> = lines
            .map(|line| String::from_utf8_lossy(line).into_owned())
            .collect();
        lines.join(end)
    }

    #[test]
    fn lines_of_one_width_are_joined() {
        for (width, end) in [(8, "\n"), (15, "\n"), (30, "\r\n"), (40, "\n")] {
            let text = cut(FILE, width, end);
            let lines = Lines::detect(text.as_bytes()).unwrap();
            assert_eq!(lines.width(), width);
            for size in [1, 7, 1000] {
                let mut strip = lines;
                let mut joined = Vec::new();
                for piece in text.as_bytes().chunks(size) {
                    let mut piece = piece.to_vec();
                    let kept = strip.strip(&mut piece);
                    joined.extend_from_slice(&piece[..kept]);
                }
                assert_eq!(
                    String::from_utf8(joined).unwrap(),
                    FILE,
                    "{width} by {size}"
                );
            }
        }
    }

    #[test]
    fn other_files_are_left_alone() {
        let by_segment = FILE.replace('\'', "'\n");
        let one_end = format!("{FILE}\n");
        for text in [
            FILE,
            &by_segment,
            &one_end,
            "",
            "\n\n\n",
            "text\ntext\ntext\n",
        ] {
            assert_eq!(Lines::detect(text.as_bytes()), None, "{text}");
        }
    }

    #[test]
    fn a_line_of_another_width_ends_it() {
        let long = FILE.repeat(10);
        let text = format!("{}\nshort\n{FILE}\n{FILE}", cut(&long, 15, "\n"));
        let mut bytes = text.clone().into_bytes();
        let mut lines = Lines::detect(text.as_bytes()).unwrap();
        let kept = lines.strip(&mut bytes);
        let want = format!("{long}\nshort\n{FILE}\n{FILE}");
        assert_eq!(String::from_utf8_lossy(&bytes[..kept]), want);
    }
}
