//! Control numbers for what `edi write` writes: counted from a number that was given, or taken from the agent's data, where
//! they are used up and where it is noted what is to be acknowledged.
//! Invariant: what the agent's numbers are on leaves only after they are on disk, and after it was noted.

use std::ops::RangeInclusive;
use std::path::Path;

use edi::acknowledge::{Sent, SentMessage};
use edi::partner::{Agreement, WriteTerms};

use crate::clock;
use crate::config::AgentFile;
use crate::numbers::{Numbers, NumbersError};
use crate::outstanding::{Outstanding, OutstandingError};

/// Where the numbers of interchanges and their groups come from.
pub(super) enum Ledger {
    /// Counted from here; nothing is remembered.
    Counted(u64),
    /// The agent's.
    Kept(Box<Kept>),
}

/// The agent's numbers towards one partner.
pub(super) struct Kept {
    numbers: Numbers,
    outstanding: Outstanding,
    /// `northwind/x12`
    counter: String,
    range: RangeInclusive<u64>,
    /// Tells this run of the command from every other.
    run: String,
    given: u64,
}

/// Why there is no number, or why what has one may not leave.
#[derive(Debug, thiserror::Error)]
pub(super) enum LedgerError {
    #[error(transparent)]
    Numbers(#[from] NumbersError),
    #[error(transparent)]
    Outstanding(#[from] OutstandingError),
}

/// An interchange of one group, as far as it was written.
pub(super) struct Written<'w> {
    pub(super) set: &'w str,
    /// GS01; none in EDIFACT.
    pub(super) functional_id: Option<&'w str>,
    pub(super) interchange: u64,
    pub(super) group: u64,
    /// How many messages, numbered from 1.
    pub(super) messages: u32,
}

impl Ledger {
    /// The numbers in the data of the agent with this configuration.
    ///
    /// # Errors
    /// When the configuration has a mistake, or the agent's data cannot be used.
    pub(super) fn of_agent(
        config: &Path,
        partner: &Agreement,
        write: &WriteTerms,
        range: RangeInclusive<u64>,
    ) -> Result<Self, String> {
        let file: AgentFile = config::read(config).map_err(|error| error.to_string())?;
        let folder = config.parent().unwrap_or(Path::new("."));
        let data = folder.join(file.agent.data);
        let wrong =
            |error: LedgerError| format!("{error}; let it run under the account of the service");
        Ok(Self::Kept(Box::new(Kept {
            numbers: Numbers::open(&data).map_err(|error| wrong(error.into()))?,
            outstanding: Outstanding::open(&data).map_err(|error| wrong(error.into()))?,
            counter: format!("{}/{}", partner.id, write.syntax),
            range,
            run: format!("write-{}", clock::new_ingest_id()),
            given: 0,
        })))
    }

    /// The numbers of the next interchange and, where it has one, its group.
    pub(super) fn next(&mut self, set: &str, grouped: bool) -> Result<(u64, u64), LedgerError> {
        match self {
            Self::Counted(next) => {
                let number = *next;
                *next += 1;
                Ok((number, number))
            }
            Self::Kept(kept) => {
                let interchange = kept.take("interchange", set)?;
                let group = if grouped { kept.take("group", set)? } else { 0 };
                Ok((interchange, group))
            }
        }
    }

    /// Notes an interchange that is whole and may leave when this returns.
    pub(super) fn note(
        &self,
        write: &WriteTerms,
        written: &Written<'_>,
    ) -> Result<(), LedgerError> {
        let Self::Kept(kept) = self else {
            return Ok(());
        };
        kept.numbers.sync()?;
        let Some(hours) = write.acknowledged_within_hours else {
            return Ok(());
        };
        let now = clock::unix_millis(clock::now()) / 1000;
        let message = |number: u32| SentMessage {
            id: written.set.to_owned(),
            control_number: number.to_string(),
            verdict: None,
        };
        kept.outstanding.sent(Sent {
            key: format!("{}/{}", kept.counter, written.interchange),
            sender: write.from.id.clone(),
            receiver: write.to.id.clone(),
            interchange: written.interchange.to_string(),
            functional_id: written.functional_id.unwrap_or_default().to_owned(),
            group: written
                .functional_id
                .map_or_else(String::new, |_| written.group.to_string()),
            messages: (1..=written.messages).map(message).collect(),
            at: now,
            due: now + u64::from(hours) * 3600,
            ..Sent::default()
        })?;
        Ok(())
    }
}

impl Kept {
    fn take(&mut self, level: &str, set: &str) -> Result<u64, NumbersError> {
        self.given += 1;
        let counter = format!("{}/{level}", self.counter);
        let thing = format!("{}#{}", self.run, self.given);
        self.numbers.take(&counter, &self.range, &thing, set)
    }
}
