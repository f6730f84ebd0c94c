//! Our control numbers towards partners: which was given out for what, in a journal that people can read.
//! The agent and the command line may take numbers at the same time: whoever takes one holds the journal's lock.
//! Never gives a number that left the house a second time, short of a whole turn through all of them. What is taken for
//! something that is then never sent is a gap, and the journal says what it was for.
//! Invariant: what [`Numbers::sync`] returned for is on disk, and nothing that carries a number leaves before.

mod line;

use std::collections::{BTreeMap, HashMap};
use std::ops::RangeInclusive;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::journal::{Journal, JournalError};
pub(crate) use line::plain;
use line::{Kind, Line};

/// How far numbers jump when the journal was damaged, because the last ones given out may be among what was lost.
const JUMP: u64 = 1000;
/// How many numbers a journal that is shortened still says the purpose of.
const KEPT: usize = 10_000;
/// What a turn weighs in [`Position::mark`]: more than any control number has digits.
const TURN: u64 = 1_000_000_000_000_000;

/// Why no number can be given out.
#[derive(Debug, thiserror::Error)]
pub enum NumbersError {
    /// The journal cannot be used now.
    #[error("control numbers: {0}")]
    Journal(#[from] JournalError),
    /// After a failed sync it is not known what is on disk.
    #[error("the journal of control numbers could not be made durable; start the program again")]
    Doubtful,
}

/// How far a counter is: the number given out last, and how often it began again.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    turn: u64,
    number: u64,
}

impl Position {
    /// As one number that grows, for the queue.
    fn mark(self) -> u64 {
        self.turn.saturating_mul(TURN).saturating_add(self.number)
    }

    fn of_mark(mark: u64) -> Self {
        Self {
            turn: mark / TURN,
            number: mark % TURN,
        }
    }

    /// The number after it.
    fn next(self, range: &RangeInclusive<u64>) -> Self {
        if range.contains(&self.number) && self.number < *range.end() {
            Self {
                number: self.number + 1,
                ..self
            }
        } else {
            Self {
                turn: self.turn + 1,
                number: *range.start(),
            }
        }
    }

    fn line(self, kind: Kind, counter: &str, words: &str) -> Line {
        Line {
            kind,
            counter: counter.to_owned(),
            turn: self.turn,
            number: self.number,
            words: words.to_owned(),
        }
    }
}

/// The control numbers of one data folder.
#[derive(Debug)]
pub struct Numbers(Mutex<State>);

#[derive(Debug)]
struct State {
    journal: Journal,
    known: Known,
    doubtful: bool,
}

/// What the journal says.
#[derive(Debug, Default)]
struct Known {
    counters: BTreeMap<String, Position>,
    /// By counter and thing: asking again for the same thing gives the same number.
    given: HashMap<(String, String), u64>,
}

impl Known {
    fn read(&mut self, line: &str) -> bool {
        let line = Line::read(line);
        line.as_ref().inspect(|line| self.apply(line)).is_some()
    }

    fn apply(&mut self, line: &Line) {
        let position = self.counters.entry(line.counter.clone()).or_default();
        *position = (*position).max(Position {
            turn: line.turn,
            number: line.number,
        });
        if line.kind == Kind::Take {
            let key = (line.counter.clone(), line.thing().to_owned());
            self.given.insert(key, line.number);
        }
    }

    /// How far every counter is; after damage further, because what was given out last may be among what was lost.
    fn heads(&self, damaged: bool) -> Vec<Line> {
        if damaged {
            tracing::error!(
                skipped = JUMP,
                "the journal of control numbers was damaged and is set aside, numbers jump"
            );
        }
        let head = |(counter, position): (&String, &Position)| {
            let jumped = Position {
                number: position.number + JUMP,
                ..*position
            };
            match damaged {
                true => jumped.line(Kind::Skip, counter, "the journal was damaged"),
                false => position.line(Kind::At, counter, "the journal was shortened"),
            }
        };
        self.counters.iter().map(head).collect()
    }
}

impl Numbers {
    /// Opens the journal in a data folder, or begins one. What is damaged of it is set aside, and numbers jump then.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn open(data: &Path) -> Result<Self, NumbersError> {
        let mut state = State {
            journal: Journal::new(data, "control-numbers"),
            known: Known::default(),
            doubtful: false,
        };
        state.locked(|_, _| Ok(()))?;
        Ok(Self(Mutex::new(state)))
    }

    /// The next number of a counter, or the one that was given out for this thing before: `thing` tells things apart and has
    /// no blanks, `purpose` says in words what it is. Durable only after [`Numbers::sync`].
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn take(
        &self,
        counter: &str,
        range: &RangeInclusive<u64>,
        thing: &str,
        purpose: &str,
    ) -> Result<u64, NumbersError> {
        let key = (plain(counter), plain(thing));
        self.state()?.locked(|journal, known| {
            if let Some(number) = known.given.get(&key) {
                return Ok(*number);
            }
            let next = match known.counters.get(&key.0) {
                Some(position) => position.next(range),
                None => Position {
                    turn: 0,
                    number: *range.start(),
                },
            };
            let words = format!("{} {}", key.1, plain(purpose));
            let line = next.line(Kind::Take, &key.0, &words);
            journal.append(&line.written())?;
            known.apply(&line);
            Ok(next.number)
        })
    }

    /// Makes durable what was taken.
    ///
    /// # Errors
    /// When the disk refuses. From then on no number is given out until the program was started again.
    pub fn sync(&self) -> Result<(), NumbersError> {
        let mut state = self.state()?;
        let synced = state.journal.sync();
        state.doubtful = synced.is_err();
        Ok(synced?)
    }

    /// How far a counter is, as a number that grows: to be remembered elsewhere, should the journal get lost.
    #[must_use]
    pub fn mark(&self, counter: &str) -> u64 {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let position = state.known.counters.get(&plain(counter));
        position.map_or(0, |position| position.mark())
    }

    /// A counter was at least that far, as [`Numbers::mark`] had it.
    ///
    /// # Errors
    /// When the journal cannot be written.
    pub fn raise(&self, counter: &str, mark: u64) -> Result<(), NumbersError> {
        let mut state = self.state()?;
        let (counter, position) = (plain(counter), Position::of_mark(mark));
        state.locked(|journal, known| {
            let behind = known
                .counters
                .get(&counter)
                .is_none_or(|known| *known < position);
            if behind {
                let line =
                    position.line(Kind::Skip, &counter, "the journal knew less than the queue");
                journal.append(&line.written())?;
                known.apply(&line);
            }
            Ok(())
        })?;
        Ok(state.journal.sync()?)
    }

    fn state(&self) -> Result<MutexGuard<'_, State>, NumbersError> {
        let state = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if state.doubtful {
            return Err(NumbersError::Doubtful);
        }
        Ok(state)
    }
}

impl State {
    /// Does something while nobody else reads or writes, and everything that others wrote is known.
    fn locked<T>(
        &mut self,
        act: impl FnOnce(&mut Journal, &mut Known) -> Result<T, NumbersError>,
    ) -> Result<T, NumbersError> {
        let _held = self.journal.hold()?;
        let Self { journal, known, .. } = self;
        journal.catch_up(&mut |line| known.read(line))?;
        if journal.is_damaged() || journal.is_long() {
            let mut lines = journal.lines()?;
            lines.retain(|line| Line::read(line).is_some_and(|line| line.kind == Kind::Take));
            lines.drain(..lines.len().saturating_sub(KEPT));
            lines.extend(known.heads(journal.is_damaged()).iter().map(Line::written));
            journal.begin(&lines)?;
            known.given.clear();
            journal.catch_up(&mut |line| known.read(line))?;
        }
        act(journal, known)
    }
}

#[cfg(test)]
mod tests;
