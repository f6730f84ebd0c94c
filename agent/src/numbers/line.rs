//! A line of the journal of control numbers: a checksum, and what it is about, in columns that a person can read.
//! Pure.
//! Invariant: a line that is read is the one that was written, or none.

/// What a line says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A number was given out.
    Take,
    /// The numbers up to this one were passed over; why is said.
    Skip,
    /// A counter was that far when the journal was shortened.
    At,
}

const KINDS: [(Kind, &str); 3] = [(Kind::Take, "take"), (Kind::Skip, "skip"), (Kind::At, "at")];

/// A line that was read, or that is to be written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    pub(super) kind: Kind,
    pub(super) counter: String,
    pub(super) turn: u64,
    pub(super) number: u64,
    /// What the number is for: the thing, a blank, and words; or why numbers were passed over.
    pub(super) words: String,
}

impl Line {
    /// What a number was given out for.
    pub(super) fn thing(&self) -> &str {
        self.words.split(' ').next().unwrap_or_default()
    }

    /// With its line end.
    pub(super) fn written(&self) -> String {
        let kind = KINDS.iter().find(|(kind, _)| *kind == self.kind);
        let kind = kind.map_or("", |(_, name)| name);
        let Self {
            counter,
            turn,
            number,
            words,
            ..
        } = self;
        sealed(&format!("{kind}\t{counter}\t{turn}\t{number}\t{words}"))
    }

    /// `None` for a line that is not whole.
    pub(super) fn read(line: &str) -> Option<Self> {
        let mut columns = unsealed(line)?.splitn(5, '\t');
        let kind = columns.next()?;
        let (kind, _) = KINDS.iter().find(|(_, name)| *name == kind)?;
        Some(Self {
            kind: *kind,
            counter: columns.next()?.to_owned(),
            turn: columns.next()?.parse().ok()?,
            number: columns.next()?.parse().ok()?,
            words: columns.next()?.to_owned(),
        })
    }
}

/// A line with its checksum before it and its end behind.
pub(super) fn sealed(text: &str) -> String {
    format!("{:08x}\t{text}\n", crc32c::crc32c(text.as_bytes()))
}

/// The text of a line that is whole.
pub(super) fn unsealed(line: &str) -> Option<&str> {
    let (sum, text) = line.split_once('\t')?;
    let whole =
        sum.len() == 8 && u32::from_str_radix(sum, 16) == Ok(crc32c::crc32c(text.as_bytes()));
    whole.then_some(text)
}

/// Text for a column: without line ends and other control characters.
pub(super) fn plain(text: &str) -> String {
    text.chars()
        .map(|sign| if sign.is_control() { ' ' } else { sign })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Kind, Line, plain};

    #[test]
    fn a_line_is_read_as_it_was_written_or_not_at_all() {
        let line = Line {
            kind: Kind::Take,
            counter: "northwind/x12/interchange".into(),
            turn: 0,
            number: 17,
            words: "01JD#1 997 for 000000001 of ZZ:NORTHWIND".into(),
        };
        let written = line.written();
        assert_eq!(
            written,
            "792cdd5d\ttake\tnorthwind/x12/interchange\t0\t17\t01JD#1 997 for 000000001 of ZZ:NORTHWIND\n"
        );
        let whole = written.trim_end();
        assert_eq!(Line::read(whole).as_ref(), Some(&line));
        assert_eq!(line.thing(), "01JD#1");
        for place in 0..whole.len() {
            let mut bytes = whole.as_bytes().to_vec();
            bytes[place] ^= 1;
            let harmed = String::from_utf8(bytes).unwrap();
            assert_eq!(Line::read(&harmed), None, "{harmed}");
            assert_eq!(Line::read(whole.get(..place).unwrap()), None);
        }
        assert_eq!(plain("a\tb\nc\u{1f}"), "a b c ");
    }
}
