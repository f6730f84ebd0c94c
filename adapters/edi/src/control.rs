//! Which control numbers were used before, in bounded memory: what senders count up costs one entry however long it gets.
//! Compares as text: `0001` and `1` are two numbers here, because they are two occurrences downstream.
//! Invariant: a number that was answered with [`Seen::New`] is answered with [`Seen::Again`] for ever after.

use std::collections::{BTreeMap, HashSet};

/// Runs and odd names kept before a set of numbers counts as full.
const LIMIT: usize = 65_536;
/// Longest name that is kept: no standard's number is half as long.
const LONGEST: usize = 72;

/// What [`ControlNumbers::insert`] found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Seen {
    New,
    Again,
    /// New, but it cannot be remembered.
    Full,
}

/// The control numbers of one group or interchange.
#[derive(Default)]
pub(crate) struct ControlNumbers {
    /// First to last of each run. The number of digits is part of the number.
    runs: BTreeMap<u64, u64>,
    names: HashSet<Box<[u8]>>,
}

impl ControlNumbers {
    pub(crate) fn clear(&mut self) {
        self.runs.clear();
        self.names.clear();
    }

    pub(crate) fn insert(&mut self, text: &[u8]) -> Seen {
        match key(text) {
            Some(key) => self.insert_key(key),
            None if self.names.contains(text) => Seen::Again,
            None if self.names.len() >= LIMIT || text.len() > LONGEST => Seen::Full,
            None => {
                self.names.insert(text.into());
                Seen::New
            }
        }
    }

    fn insert_key(&mut self, key: u64) -> Seen {
        let before = self
            .runs
            .range(..=key)
            .next_back()
            .map(|(first, last)| (*first, *last));
        if before.is_some_and(|(_, last)| last >= key) {
            return Seen::Again;
        }
        let first = match before {
            Some((first, last)) if last + 1 == key => first,
            _ if self.runs.len() >= LIMIT => return Seen::Full,
            _ => key,
        };
        let last = self.runs.remove(&(key + 1)).unwrap_or(key);
        self.runs.insert(first, last);
        Seen::New
    }
}

fn key(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 14 || !text.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let value = text
        .iter()
        .fold(0_u64, |sum, digit| sum * 10 + u64::from(digit - b'0'));
    Some((text.len() as u64) << 56 | value)
}

#[cfg(test)]
mod tests {
    use super::{ControlNumbers, Seen};

    #[test]
    fn numbers_that_count_up_cost_one_run() {
        let mut numbers = ControlNumbers::default();
        for number in (0..10_000).step_by(2).chain((1..10_000).step_by(2)) {
            assert_eq!(numbers.insert(format!("{number:09}").as_bytes()), Seen::New);
        }
        assert_eq!(numbers.runs.len(), 1);
        assert_eq!(numbers.insert(b"000004711"), Seen::Again);
        assert_eq!(numbers.insert(b"4711"), Seen::New);
        assert_eq!(
            [
                numbers.insert(b"A1"),
                numbers.insert(b"A1"),
                numbers.insert(b"")
            ],
            [Seen::New, Seen::Again, Seen::New]
        );
    }

    #[test]
    fn memory_is_bounded() {
        let mut numbers = ControlNumbers::default();
        let seen: Vec<Seen> = (0..70_000)
            .map(|number| numbers.insert(format!("{:09}", number * 3).as_bytes()))
            .collect();
        assert_eq!(
            seen.iter().filter(|seen| **seen == Seen::New).count(),
            super::LIMIT
        );
        assert_eq!(seen.last(), Some(&Seen::Full));
    }
}
