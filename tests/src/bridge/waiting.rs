//! Waiting for something to be so on a road, always with an end, and what to say when it is not.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use super::{Bridge, Feed, Side, files};
use crate::shop::Book;

/// Asks again and again until it is so; `false` when it is not after `within`.
pub fn until(within: Duration, mut is_so: impl FnMut() -> bool) -> bool {
    let began = Instant::now();
    loop {
        if is_so() {
            return true;
        }
        if began.elapsed() > within {
            return false;
        }
        thread::sleep(Duration::from_millis(5));
    }
}

impl Bridge {
    /// Waits until the shop's book holds what is asked.
    ///
    /// # Panics
    /// When it does not within `within`, with the ends of both logs.
    pub fn wait(&self, what: &str, within: Duration, enough: impl Fn(&Book) -> bool) {
        let arrived = until(within, || enough(&self.ledger.book()));
        assert!(
            arrived,
            "{what}: not within {within:?}; the shop has {}\n{}",
            self.ledger.book(),
            self.last_words()
        );
    }

    /// Waits until the shop has `count` effects.
    pub fn wait_for_effects(&self, count: usize, within: Duration) {
        self.wait(&format!("{count} effects"), within, |book| {
            book.effects.len() >= count
        });
    }

    /// Waits until a feed has archived `count` files, which means that their documents are queued.
    ///
    /// # Errors
    /// When it has not after `within`.
    pub fn wait_until_archived(
        &self,
        feed: Feed,
        count: usize,
        within: Duration,
    ) -> Result<(), String> {
        let archived = until(within, || self.archived(feed).len() >= count);
        let problem = || {
            format!(
                "{feed:?}: not {count} files queued after {within:?}\n{}",
                self.last_words()
            )
        };
        if archived { Ok(()) } else { Err(problem()) }
    }

    /// Waits until the relay has taken what the agent had: until its log has stopped growing for a second.
    ///
    /// # Errors
    /// When it still grows after `within`.
    pub fn wait_until_forwarded(&self, within: Duration) -> Result<(), String> {
        let (mut size, mut quiet_since) = (0, Instant::now());
        let quiet = until(within, || {
            let now = files(&self.data(Side::Relay))
                .iter()
                .filter_map(|file| Some(fs::metadata(file).ok()?.len()))
                .sum();
            if now != size {
                (size, quiet_since) = (now, Instant::now());
            }
            size > 0 && quiet_since.elapsed() > Duration::from_secs(1)
        });
        let problem = || {
            format!(
                "the relay still takes documents after {within:?}\n{}",
                self.last_words()
            )
        };
        if quiet { Ok(()) } else { Err(problem()) }
    }

    /// Waits until the shop has `count` effects and a quiet second has followed, in which what comes twice would come.
    /// Gives up after `within` without a panic: what is missing then is the caller's verdict.
    pub fn settle(&self, count: usize, within: Duration) {
        let (mut calls, mut quiet_since) = (0, Instant::now());
        until(within, || {
            let (effects, now) = {
                let book = self.ledger.book();
                (book.effects.len(), book.calls.len())
            };
            if effects < count || now > calls {
                (calls, quiet_since) = (now, Instant::now());
            }
            quiet_since.elapsed() > Duration::from_secs(1)
        });
    }

    /// Looks whether a program has ever found its queue damaged: a crash or a power cut must not do that, even though
    /// what was lost would be made good from the raw copies.
    ///
    /// # Errors
    /// The first such line of the logs.
    pub fn check_never_damaged(&self) -> Result<(), String> {
        for side in [Side::Agent, Side::Relay] {
            let log = fs::read_to_string(self.log(side)).unwrap_or_default();
            if let Some(line) = log.lines().find(|line| line.contains(side.damaged())) {
                return Err(format!("{side:?}: {line}"));
            }
        }
        Ok(())
    }

    /// How many blocks a program said it found when it opened its queue at this start: `"report":"12 blocks in …`.
    pub fn blocks_at_start(&mut self, side: Side) -> Option<usize> {
        let said = self.program(side).said();
        let before = said.split(" blocks in ").next()?;
        before
            .rsplit(|letter: char| !letter.is_ascii_digit())
            .next()?
            .parse()
            .ok()
    }

    /// The ends of both logs, for a failing test's message.
    #[must_use]
    pub fn last_words(&self) -> String {
        let end = |side| {
            let text = fs::read_to_string(self.log(side)).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            lines
                .get(lines.len().saturating_sub(15)..)
                .unwrap_or_default()
                .join("\n")
        };
        format!("agent:\n{}\nrelay:\n{}", end(Side::Agent), end(Side::Relay))
    }
}
