//! Relational conditions: which elements of a segment or components of a composite must or must not stand together
//! (X12.6, section 3.8.3). Evaluated on a bit mask of what is present; it never sees a value.
//! Invariant: at least two positions, each from 1 to 64, none twice.

use std::fmt;

/// How the positions of a note depend on each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Relation {
    /// `P`: when any is there, all must be.
    Paired,
    /// `R`: at least one must be there.
    Required,
    /// `E`: at most one may be there.
    Exclusive,
    /// `C`: when the first is there, all others must be.
    Conditional,
    /// `L`: when the first is there, at least one other must be.
    ListConditional,
}

impl Relation {
    const ALL: [(char, Self); 5] = [
        ('P', Self::Paired),
        ('R', Self::Required),
        ('E', Self::Exclusive),
        ('C', Self::Conditional),
        ('L', Self::ListConditional),
    ];

    /// The letter that the standard writes.
    #[must_use]
    pub const fn letter(self) -> char {
        match self {
            Self::Paired => 'P',
            Self::Required => 'R',
            Self::Exclusive => 'E',
            Self::Conditional => 'C',
            Self::ListConditional => 'L',
        }
    }
}

/// One relational condition, such as `P0304`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Note {
    /// How the positions depend on each other.
    pub relation: Relation,
    positions: Box<[u8]>,
    mask: u64,
    /// The bit of the first position.
    first: u64,
}

impl Note {
    /// The bit of a position (1 to 64) in a mask of what is present; no bit for any other.
    #[must_use]
    pub const fn bit(position: usize) -> u64 {
        match position {
            1..=64 => 1 << (position - 1),
            _ => 0,
        }
    }

    /// The positions in the order of the note: for `C` and `L` the first is the condition.
    #[must_use]
    pub fn positions(&self) -> &[u8] {
        &self.positions
    }

    /// The positions at fault among those [present](Self::bit), as a mask; 0 when the condition holds. These are the
    /// positions that are missing (of which one is enough for `R` and `L`); for `E` those present besides the first.
    ///
    /// ```
    /// # use edi::dictionary::Note;
    /// let note: Note = "P0304".parse().unwrap();
    /// assert_eq!(note.faults(Note::bit(3) | Note::bit(4)), 0);
    /// assert_eq!(note.faults(Note::bit(3)), Note::bit(4));
    /// ```
    #[must_use]
    pub fn faults(&self, present: u64) -> u64 {
        let found = present & self.mask;
        let missing = self.mask & !present;
        match self.relation {
            Relation::Paired if found != 0 => missing,
            Relation::Required if found == 0 => missing,
            Relation::Exclusive => found & found.wrapping_sub(1),
            Relation::Conditional if found & self.first != 0 => missing,
            Relation::ListConditional if found == self.first => missing,
            Relation::Paired
            | Relation::Required
            | Relation::Conditional
            | Relation::ListConditional => 0,
        }
    }

    /// The highest position it speaks of.
    pub(super) fn last(&self) -> usize {
        self.positions
            .iter()
            .max()
            .copied()
            .unwrap_or_default()
            .into()
    }
}

impl std::str::FromStr for Note {
    type Err = &'static str;

    /// Reads `P0304`: the relation's letter, then two digits for each position.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        const EXPECTED: &str = "one of P, R, E, C, L and two digits for each of two or more positions from 01 to 64, as in P0304";
        let mut characters = text.chars();
        let letter = characters.next().ok_or(EXPECTED)?;
        let (_, relation) = Relation::ALL
            .into_iter()
            .find(|(known, _)| *known == letter)
            .ok_or(EXPECTED)?;
        let mut note = Self {
            relation,
            positions: Box::default(),
            mask: 0,
            first: 0,
        };
        let mut positions = Vec::new();
        for pair in characters.as_str().as_bytes().chunks(2) {
            let position = match pair {
                [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => (tens - b'0') * 10 + (ones - b'0'),
                _ => return Err(EXPECTED),
            };
            let bit = Self::bit(position.into());
            if bit == 0 || note.mask & bit != 0 {
                return Err(EXPECTED);
            }
            if note.mask == 0 {
                note.first = bit;
            }
            note.mask |= bit;
            positions.push(position);
        }
        note.positions = positions.into();
        if note.positions.len() < 2 {
            return Err(EXPECTED);
        }
        Ok(note)
    }
}

impl fmt::Display for Note {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.relation.letter())?;
        self.positions
            .iter()
            .try_for_each(|position| write!(formatter, "{position:02}"))
    }
}

#[cfg(test)]
mod tests {
    use super::Note;

    fn mask(positions: &[usize]) -> u64 {
        positions.iter().map(|position| Note::bit(*position)).sum()
    }

    #[test]
    fn what_each_relation_faults() {
        let none: &[usize] = &[];
        for (note, present, faults) in [
            ("P0304", none, none),
            ("P0304", &[3, 4], none),
            ("P0304", &[3], &[4]),
            ("P030405", &[1, 5], &[3, 4]),
            ("R020305", none, &[2, 3, 5]),
            ("R020305", &[1, 4], &[2, 3, 5]),
            ("R020305", &[5], none),
            ("E0204", none, none),
            ("E0204", &[4], none),
            ("E0204", &[2, 4], &[4]),
            ("E020406", &[2, 4, 6], &[4, 6]),
            ("C0403", none, none),
            ("C0403", &[3], none),
            ("C0403", &[4], &[3]),
            ("C0403", &[3, 4], none),
            ("L010203", &[2], none),
            ("L010203", &[1], &[2, 3]),
            ("L010203", &[1, 3], none),
            ("L6402", &[64], &[2]),
            ("E0102", &[3], none),
        ] {
            let parsed: Note = note.parse().expect("a note");
            assert_eq!(parsed.to_string(), note);
            assert_eq!(
                parsed.faults(mask(present)),
                mask(faults),
                "{note} of {present:?}"
            );
        }
    }

    #[test]
    fn what_is_no_note() {
        for text in [
            "", "P", "P03", "P3", "P030", "X0304", "P0065", "P0366", "P0303", "P03é", "p0304",
        ] {
            assert!(text.parse::<Note>().is_err(), "{text}");
        }
    }
}
