//! Matches what partners answer with what was sent to them: which messages were accepted, which answers belong to nothing,
//! and what waits too long for one.
//! Works on values: keeps nothing on disk, reads no clock; seconds count from whenever the caller likes.
//! Invariant: an answer counts only for what was sent to whoever answers; memory is bounded by the limit that was given.

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

use super::answer::{Answer, GroupAnswer};
use super::{Kind, Verdict};
use crate::headers::Address;

/// How long an answer is waited for where no agreement says otherwise.
pub const DEADLINE_SECONDS: u64 = 24 * 60 * 60;

/// A group that was sent, or in EDIFACT the messages of an interchange that stand in none.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sent {
    /// What the caller knows it by.
    pub key: String,
    /// Our id, as the interchange has it.
    pub sender: String,
    /// The partner's id, as the interchange has it.
    pub receiver: String,
    /// Control number of the interchange.
    pub interchange: String,
    /// GS01; empty in EDIFACT.
    pub functional_id: String,
    /// Control number of the group; empty where messages stand in none.
    pub group: String,
    /// Its messages.
    pub messages: Vec<SentMessage>,
    /// Whether the partner answers with a receipt only: a TA1, or a CONTRL with action 8.
    pub receipt_suffices: bool,
    /// When it was sent.
    pub at: u64,
    /// When it is overdue.
    pub due: u64,
    /// Whether the partner said that it arrived.
    pub received: bool,
}

/// A message that was sent.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct SentMessage {
    /// `855`, `ORDRSP`.
    pub id: String,
    /// Its control number.
    pub control_number: String,
    /// What the partner said last.
    pub verdict: Option<Verdict>,
}

impl Sent {
    /// Whether nothing is waited for any more.
    #[must_use]
    pub fn is_answered(&self) -> bool {
        let mut messages = self.messages.iter();
        let receipt_suffices = self.receipt_suffices || self.messages.is_empty();
        receipt_suffices && self.received
            || !receipt_suffices && messages.all(|message| message.verdict.is_some())
    }

    /// Whether it is waited for too long.
    #[must_use]
    pub fn is_overdue(&self, now: u64) -> bool {
        now >= self.due && !self.is_answered()
    }
}

/// What an answer says of one message that was sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Match {
    /// [`Sent::key`].
    pub key: String,
    /// The message, by its index in [`Sent::messages`].
    pub message: usize,
    /// What became of it.
    pub verdict: Verdict,
    /// What the partner had said before.
    pub before: Option<Verdict>,
}

/// What an answer speaks of although it was not sent, or not to whoever answers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Unknown {
    /// An interchange of this control number.
    Interchange(String),
    /// A group of this functional id and control number.
    Group(String, String),
    /// In that group, a message of this control number.
    Message(String, String),
}

/// What came of an answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Matched {
    /// [`Sent::key`] of whatever the answer is about.
    pub sent: Vec<String>,
    /// Verdicts on messages.
    pub messages: Vec<Match>,
    /// What it speaks of and nobody sent.
    pub unknown: Vec<Unknown>,
}

/// What was sent and is not answered yet, or was lately.
#[derive(Debug)]
pub struct Matcher {
    limit: usize,
    next: u64,
    sent: BTreeMap<u64, Sent>,
    /// By the partner's id and the number of the interchange, and by that, functional id and number of the group.
    interchanges: HashMap<(String, String), Vec<u64>>,
    groups: HashMap<(String, String, String), Vec<u64>>,
}

impl Matcher {
    /// One that keeps so many groups.
    #[must_use]
    pub fn new(limit: usize) -> Self {
        Self {
            limit,
            next: 0,
            sent: BTreeMap::new(),
            interchanges: HashMap::new(),
            groups: HashMap::new(),
        }
    }

    /// Something was sent. Where there is no room, what was answered longest ago is forgotten.
    ///
    /// # Errors
    /// What was to be kept, when everything that is kept waits for an answer.
    pub fn sent(&mut self, sent: Sent) -> Result<(), Box<Sent>> {
        if self.sent.len() >= self.limit && !self.forget_answered() {
            return Err(Box::new(sent));
        }
        let id = self.next;
        self.next += 1;
        self.interchanges
            .entry(interchange_key(&sent))
            .or_default()
            .push(id);
        self.groups.entry(group_key(&sent)).or_default().push(id);
        self.sent.insert(id, sent);
        Ok(())
    }

    fn forget_answered(&mut self) -> bool {
        let answered = self.sent.iter().find(|(_, sent)| sent.is_answered());
        let Some(id) = answered.map(|(id, _)| *id) else {
            return false;
        };
        if let Some(sent) = self.sent.remove(&id) {
            drop_from(&mut self.interchanges, &interchange_key(&sent), id);
            drop_from(&mut self.groups, &group_key(&sent), id);
        }
        true
    }

    /// What was sent and waits too long for its answer, oldest first.
    pub fn overdue(&self, now: u64) -> impl Iterator<Item = &Sent> {
        self.sent.values().filter(move |sent| sent.is_overdue(now))
    }

    /// What was sent and is kept, oldest first.
    pub fn kept(&self) -> impl Iterator<Item = &Sent> {
        self.sent.values()
    }

    /// An answer came.
    pub fn received(&mut self, answer: &Answer) -> Matched {
        let mut matched = Matched::default();
        match (answer.kind, &answer.interchange) {
            (Kind::Ta1 | Kind::Contrl, Some((number, verdict))) => {
                self.interchange(answer, number, *verdict, &mut matched);
            }
            (Kind::F997 | Kind::F999, _) => {
                for group in &answer.groups {
                    self.group(answer, group, &mut matched);
                }
            }
            (Kind::Ta1 | Kind::Contrl, None) => {}
        }
        matched
    }

    /// A TA1 or CONTRL.
    fn interchange(
        &mut self,
        answer: &Answer,
        number: &str,
        verdict: Verdict,
        matched: &mut Matched,
    ) {
        let key = (answer.sender.id.clone(), plain(number));
        let ids = self.interchanges.get(&key).cloned().unwrap_or_default();
        let mut any = false;
        for id in ids {
            let Some(sent) = self
                .sent
                .get_mut(&id)
                .filter(|sent| is_ours(sent, &answer.receiver))
            else {
                continue;
            };
            any = true;
            matched.sent.push(sent.key.clone());
            sent.received = true;
            if verdict == Verdict::Rejected {
                judge_all(sent, verdict, matched);
            } else if answer.kind == Kind::Contrl && verdict != Verdict::Received {
                let listed = answer
                    .groups
                    .iter()
                    .find(|group| plain(&group.control_number) == plain(&sent.group));
                match listed {
                    Some(group) => judge(sent, group, matched),
                    // Whatever is not listed is accepted with its interchange.
                    None => judge_all(sent, Verdict::Accepted, matched),
                }
            }
        }
        if !any {
            matched
                .unknown
                .push(Unknown::Interchange(number.to_owned()));
        }
    }

    /// A group of a 997 or 999. Where one control number was used twice, the later group is meant.
    fn group(&mut self, answer: &Answer, group: &GroupAnswer, matched: &mut Matched) {
        let key = (
            answer.sender.id.clone(),
            group.functional_id.clone(),
            plain(&group.control_number),
        );
        let ids = self.groups.get(&key).cloned().unwrap_or_default();
        for id in ids.into_iter().rev() {
            if let Some(sent) = self
                .sent
                .get_mut(&id)
                .filter(|sent| is_ours(sent, &answer.receiver))
            {
                matched.sent.push(sent.key.clone());
                sent.received = true;
                judge(sent, group, matched);
                return;
            }
        }
        let unknown = Unknown::Group(group.functional_id.clone(), group.control_number.clone());
        matched.unknown.push(unknown);
    }
}

fn interchange_key(sent: &Sent) -> (String, String) {
    (sent.receiver.clone(), plain(&sent.interchange))
}

fn group_key(sent: &Sent) -> (String, String, String) {
    (
        sent.receiver.clone(),
        sent.functional_id.clone(),
        plain(&sent.group),
    )
}

fn drop_from<K: std::hash::Hash + Eq>(index: &mut HashMap<K, Vec<u64>>, key: &K, id: u64) {
    if let Some(ids) = index.get_mut(key) {
        ids.retain(|other| *other != id);
        if ids.is_empty() {
            index.remove(key);
        }
    }
}

/// Whether the answer goes back to whom this was sent from.
fn is_ours(sent: &Sent, receiver: &Address) -> bool {
    sent.sender == receiver.id
}

/// A control number without the zeros before it: partners write them or not.
fn plain(number: &str) -> String {
    let digits = number.bytes().all(|byte| byte.is_ascii_digit());
    let trimmed = number.trim_start_matches('0');
    if digits && !number.is_empty() {
        trimmed
    } else {
        number
    }
    .to_owned()
}

/// The same verdict for every message.
fn judge_all(sent: &mut Sent, verdict: Verdict, matched: &mut Matched) {
    for (index, message) in sent.messages.iter_mut().enumerate() {
        let before = message.verdict.replace(verdict);
        matched.messages.push(Match {
            key: sent.key.clone(),
            message: index,
            verdict,
            before,
        });
    }
}

/// The verdict of each message: its own where the answer lists it, else what follows from the group's.
fn judge(sent: &mut Sent, group: &GroupAnswer, matched: &mut Matched) {
    if group.verdict == Verdict::Rejected {
        // A rejected group takes its messages with it, also those that are said to be good.
        return judge_all(sent, Verdict::Rejected, matched);
    }
    let mut listed: HashMap<String, Verdict> = HashMap::new();
    for message in &group.messages {
        listed.insert(plain(&message.control_number), message.verdict);
    }
    let rest = implied(group);
    for (index, message) in sent.messages.iter_mut().enumerate() {
        let stated = listed.remove(&plain(&message.control_number)).or(rest);
        let Some(verdict) = stated.filter(|verdict| *verdict != Verdict::Received) else {
            continue;
        };
        let before = message.verdict.replace(verdict);
        matched.messages.push(Match {
            key: sent.key.clone(),
            message: index,
            verdict,
            before,
        });
    }
    let mut strangers: Vec<_> = listed.into_keys().collect();
    strangers.sort();
    let unknown = |number| Unknown::Message(sent.group.clone(), number);
    matched.unknown.extend(strangers.into_iter().map(unknown));
}

/// The verdict on messages that are not listed: none when the group is accepted in part and the listed ones do not
/// explain which part is not.
fn implied(group: &GroupAnswer) -> Option<Verdict> {
    match group.verdict {
        Verdict::Accepted | Verdict::AcceptedWithErrors => Some(Verdict::Accepted),
        Verdict::Rejected => Some(Verdict::Rejected),
        Verdict::Received => None,
        Verdict::PartiallyAccepted => {
            let [_, received, accepted] = group.counts;
            let missing = received?.checked_sub(accepted?)?;
            let rejected = group
                .messages
                .iter()
                .filter(|message| message.verdict == Verdict::Rejected);
            (rejected.count() as u64 == missing).then_some(Verdict::Accepted)
        }
    }
}
