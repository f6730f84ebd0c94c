//! A line of the journal of control numbers: what it is about, in columns that a person can read.
//! Pure.
//! Invariant: a line that is read again is the one that was written.

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

    /// Its columns.
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
        format!("{kind}\t{counter}\t{turn}\t{number}\t{words}")
    }

    /// `None` for a line that is none.
    pub(super) fn read(line: &str) -> Option<Self> {
        let mut columns = line.splitn(5, '\t');
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

/// Text for a column: without line ends and other control characters.
pub(crate) fn plain(text: &str) -> String {
    text.chars()
        .map(|sign| if sign.is_control() { ' ' } else { sign })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::{Kind, Line, plain};

    #[test]
    fn a_line_is_read_as_it_was_written() {
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
            "take\tnorthwind/x12/interchange\t0\t17\t01JD#1 997 for 000000001 of ZZ:NORTHWIND"
        );
        assert_eq!(Line::read(&written).as_ref(), Some(&line));
        assert_eq!(line.thing(), "01JD#1");
        for wrong in ["", "take\ta\t0\t1", "gave\ta\t0\t1\tx", "take\ta\t0\t-1\tx"] {
            assert_eq!(Line::read(wrong), None, "{wrong}");
        }
        assert_eq!(plain("a\tb\nc\u{1f}"), "a b c ");
    }
}
