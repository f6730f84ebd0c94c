//! The known values of a coded element, packed so that a look-up touches no text and allocates nothing.
//! Invariant: without repeats, and at most half of the slots are taken, so a search ends.

use std::sync::Arc;

/// The longest code that can be listed.
const LONGEST: usize = 15;
/// The longest that is packed into a word, as nearly all are.
const SHORT: usize = 7;
/// A slot that no code takes: a packed code has its length in it.
const FREE: u64 = 0;

/// Known values, each of at most 15 characters. Cheap to clone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes {
    /// Short codes by open addressing, in as many slots as a power of two.
    slots: Arc<[u64]>,
    /// The others, in order.
    long: Arc<[Box<[u8]>]>,
    count: usize,
}

impl Codes {
    /// Whether this value is listed. Blanks count: `01 ` is not `01`.
    #[must_use]
    pub fn contains(&self, value: &[u8]) -> bool {
        match packed(value) {
            Some(value) => {
                let mut slots = probe(value, &self.slots);
                slots.find(|slot| **slot == value || **slot == FREE) == Some(&value)
            }
            None => self
                .long
                .binary_search_by(|code| code.as_ref().cmp(value))
                .is_ok(),
        }
    }

    /// How many values are listed.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether none is listed.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// These codes and those of `self`, or the first that is too long to be listed.
    pub(super) fn with<'t>(&self, codes: impl Iterator<Item = &'t str>) -> Result<Self, &'t str> {
        let taken = |slot: &u64| *slot != FREE;
        let mut short: Vec<u64> = self.slots.iter().copied().filter(taken).collect();
        let mut long = self.long.to_vec();
        for code in codes {
            match packed(code.as_bytes()) {
                Some(code) => short.push(code),
                None if (1..=LONGEST).contains(&code.len()) => long.push(code.as_bytes().into()),
                None => return Err(code),
            }
        }
        short.sort_unstable();
        short.dedup();
        long.sort_unstable();
        long.dedup();
        Ok(Self {
            slots: slots(&short).into(),
            count: short.len() + long.len(),
            long: long.into(),
        })
    }
}

/// The slots of these codes.
fn slots(codes: &[u64]) -> Vec<u64> {
    let mut slots = vec![FREE; (codes.len() * 2).next_power_of_two()];
    for code in codes {
        let taken = probe(*code, &slots)
            .take_while(|slot| **slot != FREE)
            .count();
        let last = slots.len() - 1;
        if let Some(slot) = slots.get_mut((home(*code) + taken) & last) {
            *slot = *code;
        }
    }
    slots
}

/// The slots to look at for a code, the first first.
fn probe(code: u64, slots: &[u64]) -> impl Iterator<Item = &u64> {
    let home = home(code);
    let places = home..home + slots.len();
    places.filter_map(move |place| slots.get(place & (slots.len() - 1)))
}

/// Where a code would stand in a table without end.
fn home(code: u64) -> usize {
    (code.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 40) as usize
}

/// The characters, and their count in the last byte; none when they are too many, or none.
fn packed(code: &[u8]) -> Option<u64> {
    if code.is_empty() || code.len() > SHORT {
        return None;
    }
    let characters = code
        .iter()
        .fold(0, |packed, byte| (packed << 8) | u64::from(*byte));
    Some((characters << 8) | code.len() as u64)
}

#[cfg(test)]
mod tests {
    use super::Codes;

    #[test]
    fn only_what_is_listed_is_contained() {
        let codes = Codes::default()
            .with(["22", "002", "B", "0040109VICS1234"].into_iter())
            .expect("short codes");
        for (value, listed) in [
            ("22", true),
            ("002", true),
            ("B", true),
            ("0040109VICS1234", true),
            ("", false),
            ("02", false),
            ("22 ", false),
            ("22\0", false),
            ("b", false),
            ("0040109VICS12345", false),
        ] {
            assert_eq!(codes.contains(value.as_bytes()), listed, "{value:?}");
        }
    }

    #[test]
    fn added_codes_stand_once() {
        let codes = Codes::default()
            .with(["A", "B"].into_iter())
            .expect("short");
        let more = codes.with(["B", "C"].into_iter()).expect("short");
        assert_eq!((codes.len(), more.len()), (2, 3));
        assert_eq!(codes.with(["B", "A"].into_iter()), Ok(codes));
        assert_eq!(
            more.with(["ABCDEFGHIJKLMNOP"].into_iter()),
            Err("ABCDEFGHIJKLMNOP")
        );
    }
}
