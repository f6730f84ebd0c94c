//! What was sent to partners and waits for their acknowledgement: kept in a journal that the command line may write as well.
//! Sends nothing and reads no answer by itself. Invariant: what [`Outstanding::sent`] returned for is on disk; an answer that
//! comes twice changes nothing the second time.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use edi::acknowledge::{Answer, Matched, Matcher, Sent};

use crate::journal::{Journal, JournalError};

/// Most groups that are kept, the answered ones included.
const MOST: usize = 10_000;

/// What waits for acknowledgements.
#[derive(Debug)]
pub struct Outstanding(Mutex<State>);

#[derive(Debug)]
struct State {
    journal: Journal,
    matcher: Matcher,
}

/// Why something that was sent could not be noted.
#[derive(Debug, thiserror::Error)]
pub enum OutstandingError {
    /// The journal cannot be used now.
    #[error("what waits for acknowledgements: {0}")]
    Journal(#[from] JournalError),
    /// It could not be written as JSON, which only a program error can cause.
    #[error("what was sent could not be described: {0}")]
    Json(#[from] serde_json::Error),
    /// Too much waits already.
    #[error("{MOST} groups wait for acknowledgements already; find out why partners do not answer")]
    Full,
}

impl Outstanding {
    /// Opens the journal in a data folder, or begins one.
    ///
    /// # Errors
    /// When it cannot be read or written.
    pub fn open(data: &Path) -> Result<Self, OutstandingError> {
        let mut state = State {
            journal: Journal::new(data, "sent"),
            matcher: Matcher::new(MOST),
        };
        state.locked(|_, _| Ok(()))?;
        Ok(Self(Mutex::new(state)))
    }

    /// A group is about to be sent, or the messages of an interchange that stand in none. Durable when it returns.
    ///
    /// # Errors
    /// When it cannot be written, or too much waits already: then it must not be sent.
    pub fn sent(&self, sent: Sent) -> Result<(), OutstandingError> {
        self.state().locked(|journal, matcher| {
            let line = serde_json::to_string(&sent)?;
            matcher.sent(sent).map_err(|_full| OutstandingError::Full)?;
            journal.append(&line)?;
            Ok(journal.sync()?)
        })
    }

    /// An answer came. What it is about is noted durably before it returns.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn received(&self, answer: &Answer) -> Result<Matched, OutstandingError> {
        self.state().locked(|journal, matcher| {
            let matched = matcher.received(answer);
            for sent in matcher
                .kept()
                .filter(|sent| matched.sent.contains(&sent.key))
            {
                journal.append(&serde_json::to_string(sent)?)?;
            }
            journal.sync()?;
            Ok(matched)
        })
    }

    /// What waits too long at `now`, in seconds since 1970, oldest first.
    ///
    /// # Errors
    /// When the journal cannot be read.
    pub fn overdue(&self, now: u64) -> Result<Vec<Sent>, OutstandingError> {
        self.state()
            .locked(|_, matcher| Ok(matcher.overdue(now).cloned().collect()))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Does something while nobody else reads or writes, and everything that others wrote is known.
    fn locked<T>(
        &mut self,
        act: impl FnOnce(&mut Journal, &mut Matcher) -> Result<T, OutstandingError>,
    ) -> Result<T, OutstandingError> {
        let _held = self.journal.hold()?;
        let mut fresh = Vec::new();
        self.journal.catch_up(&mut |line| {
            let sent = serde_json::from_str::<Sent>(line);
            sent.map(|sent| fresh.push(sent)).is_ok()
        })?;
        if !fresh.is_empty() {
            self.take_in(fresh);
        }
        if self.journal.is_damaged() || self.journal.is_long() {
            if self.journal.is_damaged() {
                tracing::error!(
                    "the journal of what was sent was damaged and is set aside; what is whole of it is kept"
                );
            }
            let kept = self.matcher.kept().map(serde_json::to_string);
            let lines: Vec<String> = kept.collect::<Result<_, _>>()?;
            self.journal.begin(&lines)?;
            self.journal.catch_up(&mut |_| true)?;
        }
        act(&mut self.journal, &mut self.matcher)
    }

    /// Takes in what is new, and of what is known the state that was written last.
    fn take_in(&mut self, fresh: Vec<Sent>) {
        let mut order: Vec<String> = Vec::new();
        let mut latest: BTreeMap<String, Sent> = BTreeMap::new();
        for sent in self.matcher.kept().cloned().chain(fresh) {
            if latest.insert(sent.key.clone(), sent.clone()).is_none() {
                order.push(sent.key);
            }
        }
        let mut matcher = Matcher::new(MOST);
        for sent in order.iter().filter_map(|key| latest.remove(key)) {
            if let Err(sent) = matcher.sent(sent) {
                tracing::error!(
                    key = sent.key,
                    "too much waits for acknowledgements, this is no longer watched"
                );
            }
        }
        self.matcher = matcher;
    }
}

#[cfg(test)]
mod tests {
    use edi::Address;
    use edi::acknowledge::{Answer, GroupAnswer, Kind, Sent, SentMessage, Verdict};

    use super::Outstanding;

    fn sent(group: &str) -> Sent {
        Sent {
            key: format!("invoice-{group}"),
            sender: "ACME".into(),
            receiver: "BUYER".into(),
            interchange: "17".into(),
            functional_id: "IN".into(),
            group: group.into(),
            messages: vec![SentMessage {
                id: "810".into(),
                control_number: "0001".into(),
                verdict: None,
            }],
            due: 100,
            ..Sent::default()
        }
    }

    fn answer(group: &str) -> Answer {
        let address = |id: &str| Address {
            qualifier: "ZZ".into(),
            id: id.into(),
            ..Address::default()
        };
        Answer {
            kind: Kind::F997,
            sender: address("BUYER"),
            receiver: address("ACME"),
            interchange: None,
            faults: Vec::new(),
            groups: vec![GroupAnswer {
                functional_id: "IN".into(),
                control_number: group.into(),
                verdict: Verdict::Accepted,
                counts: [Some(1), Some(1), Some(1)],
                faults: Vec::new(),
                messages: Vec::new(),
            }],
            omitted: 0,
        }
    }

    fn overdue(outstanding: &Outstanding, now: u64) -> Vec<String> {
        let overdue = outstanding.overdue(now).unwrap();
        overdue.into_iter().map(|sent| sent.key).collect()
    }

    #[test]
    fn what_is_answered_waits_no_longer_whoever_sent_it() {
        let data = tempfile::tempdir().unwrap();
        let agent = Outstanding::open(data.path()).unwrap();
        let command = Outstanding::open(data.path()).unwrap();
        agent.sent(sent("1")).unwrap();
        command.sent(sent("2")).unwrap();
        command.sent(sent("3")).unwrap();
        assert_eq!(overdue(&agent, 99), Vec::<String>::new());
        assert_eq!(
            overdue(&agent, 100),
            ["invoice-1", "invoice-2", "invoice-3"]
        );

        let matched = agent.received(&answer("2")).unwrap();
        assert_eq!(
            (matched.sent.as_slice(), matched.messages.len()),
            (&["invoice-2".to_owned()][..], 1)
        );
        assert_eq!(
            agent.received(&answer("2")).unwrap().messages[0].before,
            Some(Verdict::Accepted)
        );
        assert_eq!(agent.received(&answer("9")).unwrap().unknown.len(), 1);
        assert_eq!(
            overdue(&command, 100),
            ["invoice-1", "invoice-3"],
            "the other program knows"
        );
        drop((agent, command));
        let again = Outstanding::open(data.path()).unwrap();
        assert_eq!(overdue(&again, 100), ["invoice-1", "invoice-3"]);
    }

    #[test]
    fn a_damaged_line_costs_what_it_says_and_no_more() {
        let data = tempfile::tempdir().unwrap();
        let outstanding = Outstanding::open(data.path()).unwrap();
        for group in ["1", "2", "3"] {
            outstanding.sent(sent(group)).unwrap();
        }
        drop(outstanding);
        let journal = data.path().join("sent.journal");
        let text = std::fs::read_to_string(&journal)
            .unwrap()
            .replace("invoice-2", "invoice-7");
        std::fs::write(&journal, text).unwrap();
        let outstanding = Outstanding::open(data.path()).unwrap();
        assert_eq!(overdue(&outstanding, 100), ["invoice-1", "invoice-3"]);
        assert!(journal.with_extension("damaged").exists());
        outstanding.sent(sent("4")).unwrap();
        assert_eq!(overdue(&outstanding, 100).len(), 3);
    }
}
