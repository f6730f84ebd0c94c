//! Which documents of a lane may be delivered now. A pure state machine: no clock, no task, no store.
//!
//! Documents are pushed in the order of their lane and given out as jobs. Invariants, held by the property tests:
//! two jobs never hold documents of one key; the documents of a key are settled in their order; every document is
//! settled exactly once; [`Scheduler::cursor`] only passes documents that are settled.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::sync::Arc;

use super::cursor::Cursor;

/// How much is looked at ahead of what is settled. A limit is passed by at most the block that reaches it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    /// Documents held and not yet settled.
    pub documents: usize,
    /// Their bytes.
    pub bytes: usize,
    /// Documents between the cursor and the newest one, settled or not: what a crash repeats at most.
    pub span: usize,
    /// Documents in one job.
    pub batch: usize,
    /// Bytes in one job; a larger document goes alone.
    pub batch_bytes: usize,
}

impl Limits {
    /// What the relay uses: 2,000 documents or 8 MiB held, 20,000 between the cursor and the newest; a job takes 1 MiB.
    pub(crate) fn of_batch(batch: usize) -> Self {
        Self {
            documents: 2_000,
            bytes: 8 << 20,
            span: 20_000,
            batch,
            batch_bytes: 1 << 20,
        }
    }
}

/// A document with its place in the lane.
#[derive(Debug)]
pub(crate) struct Planned<T> {
    number: u64,
    key: Arc<str>,
    bytes: usize,
    /// What the caller needs to deliver it.
    pub load: T,
}

/// Documents to be delivered together, in this order.
#[derive(Debug)]
pub(crate) struct Job<T> {
    id: u64,
    /// At least one.
    pub documents: Vec<Planned<T>>,
}

/// What a refused job comes to.
#[derive(Debug)]
pub(crate) enum Refused<T> {
    /// It was a batch: try its first half now. The second half follows by itself.
    Halved(Job<T>),
    /// It was one document: this one is the cause. Settle it, then go on with [`Scheduler::resume`].
    Culprit {
        /// The document.
        document: Planned<T>,
        /// What to resume.
        rest: Rest,
    },
}

/// The name of a job whose current part is done and whose further parts, if any, wait.
#[derive(Debug)]
#[must_use = "a job that is not resumed keeps its keys for ever"]
pub(crate) struct Rest(u64);

struct Slot {
    /// The cursor once this document and all before it are settled.
    after: Cursor,
    settled: bool,
}

struct Lane<T> {
    /// Held by a job.
    busy: bool,
    waiting: VecDeque<Planned<T>>,
}

/// What a job holds besides the part that is out.
struct Held<T> {
    keys: Vec<Arc<str>>,
    /// Later parts of a batch that was halved; the next one last.
    parts: Vec<Vec<Planned<T>>>,
}

/// See the module.
pub(crate) struct Scheduler<T> {
    limits: Limits,
    cursor: Cursor,
    /// Number of the first slot.
    base: u64,
    slots: VecDeque<Slot>,
    keys: HashMap<Arc<str>, Lane<T>>,
    /// The first waiting document of every key that no job holds.
    ready: BTreeMap<u64, Arc<str>>,
    jobs: HashMap<u64, Held<T>>,
    next_job: u64,
    held_documents: usize,
    held_bytes: usize,
    /// Keys behind a document that was given up, with that document's id.
    parked: HashMap<Arc<str>, String>,
    /// Documents of parked keys, to be given up too.
    behind: VecDeque<Planned<T>>,
}

impl<T> Scheduler<T> {
    /// Nothing planned, everything before `cursor` settled.
    pub(crate) fn new(limits: Limits, cursor: Cursor) -> Self {
        Self {
            limits,
            cursor,
            base: 0,
            slots: VecDeque::new(),
            keys: HashMap::new(),
            ready: BTreeMap::new(),
            jobs: HashMap::new(),
            next_job: 0,
            held_documents: 0,
            held_bytes: 0,
            parked: HashMap::new(),
            behind: VecDeque::new(),
        }
    }

    /// Whether another block should be read.
    pub(crate) fn has_room(&self) -> bool {
        self.held_documents < self.limits.documents
            && self.held_bytes < self.limits.bytes
            && self.slots.len() < self.limits.span
    }

    /// Everything before this is settled.
    pub(crate) fn cursor(&self) -> Cursor {
        self.cursor
    }

    /// Whether [`next_job`](Self::next_job) would give one.
    pub(crate) fn has_ready(&self) -> bool {
        !self.ready.is_empty()
    }

    /// Plans the lane's next document. `after` is the cursor behind it, `bytes` what it takes in memory.
    pub(crate) fn push(&mut self, after: Cursor, key: &str, bytes: usize, load: T) {
        let number = self.slot(after, false);
        self.held_documents += 1;
        self.held_bytes += bytes;
        let key: Arc<str> = match self.keys.get_key_value(key) {
            Some((known, _)) => Arc::clone(known),
            None => key.into(),
        };
        let document = Planned {
            number,
            key: Arc::clone(&key),
            bytes,
            load,
        };
        if self.parked.contains_key(&key) {
            self.behind.push_back(document);
            return;
        }
        let lane = self.keys.entry(Arc::clone(&key)).or_insert_with(|| Lane {
            busy: false,
            waiting: VecDeque::new(),
        });
        if !lane.busy && lane.waiting.is_empty() {
            self.ready.insert(number, key);
        }
        lane.waiting.push_back(document);
    }

    /// Passes over documents that are not to be delivered here, up to `after`.
    pub(crate) fn skip(&mut self, after: Cursor) {
        self.slot(after, true);
        self.advance();
    }

    fn slot(&mut self, after: Cursor, settled: bool) -> u64 {
        let number = self.base + self.slots.len() as u64;
        self.slots.push_back(Slot { after, settled });
        number
    }

    /// The next job: the first documents in lane order whose keys no other job holds, as many as a batch takes.
    pub(crate) fn next_job(&mut self) -> Option<Job<T>> {
        let mut documents: Vec<Planned<T>> = Vec::new();
        let mut keys: Vec<Arc<str>> = Vec::new();
        let mut bytes = 0;
        while documents.len() < self.limits.batch {
            let Some((number, key)) = self.ready.pop_first() else {
                break;
            };
            let Some(lane) = self.keys.get_mut(&key) else {
                continue;
            };
            let size = lane.waiting.front().map_or(0, |document| document.bytes);
            if !documents.is_empty() && bytes + size > self.limits.batch_bytes {
                self.ready.insert(number, key);
                break;
            }
            bytes += size;
            documents.extend(lane.waiting.pop_front());
            // The next one of this key may ride in the same batch, behind the one just taken.
            if let Some(next) = lane.waiting.front() {
                self.ready.insert(next.number, Arc::clone(&key));
            }
            if !lane.busy {
                lane.busy = true;
                keys.push(key);
            }
        }
        if documents.is_empty() {
            return None;
        }
        for key in &keys {
            let front = self.keys.get(key).and_then(|lane| lane.waiting.front());
            if let Some(front) = front {
                self.ready.remove(&front.number);
            }
        }
        let id = self.next_job;
        self.next_job += 1;
        let parts = Vec::new();
        self.jobs.insert(id, Held { keys, parts });
        Some(Job { id, documents })
    }

    /// All documents of the job were taken. Gives what is to be sent next in its place, if it was halved before.
    pub(crate) fn delivered(&mut self, job: Job<T>) -> Option<Job<T>> {
        for document in &job.documents {
            self.settle(document);
        }
        self.resume(Rest(job.id))
    }

    /// The receiver will not have the job as it is.
    pub(crate) fn refused(&mut self, mut job: Job<T>) -> Refused<T> {
        if job.documents.len() == 1
            && let Some(document) = job.documents.pop()
        {
            let rest = Rest(job.id);
            return Refused::Culprit { document, rest };
        }
        let second = job.documents.split_off(job.documents.len() / 2);
        if let Some(held) = self.jobs.get_mut(&job.id) {
            held.parts.push(second);
        }
        Refused::Halved(job)
    }

    /// Goes on with a job whose current part is done: its next part, or nothing, and then its keys are free.
    pub(crate) fn resume(&mut self, rest: Rest) -> Option<Job<T>> {
        let Rest(id) = rest;
        while let Some(part) = self.jobs.get_mut(&id).and_then(|held| held.parts.pop()) {
            let mut documents = Vec::with_capacity(part.len());
            for document in part {
                if self.parked.contains_key(&document.key) {
                    self.behind.push_back(document);
                } else {
                    documents.push(document);
                }
            }
            if !documents.is_empty() {
                return Some(Job { id, documents });
            }
        }
        for key in self
            .jobs
            .remove(&id)
            .map(|held| held.keys)
            .unwrap_or_default()
        {
            self.release(&key);
        }
        None
    }

    fn release(&mut self, key: &Arc<str>) {
        let Some(lane) = self.keys.get_mut(key) else {
            return;
        };
        lane.busy = false;
        match lane.waiting.front() {
            Some(front) => {
                self.ready.insert(front.number, Arc::clone(key));
            }
            None => {
                self.keys.remove(key);
            }
        }
    }

    /// Gives up the key of `document` from here on: what waits under it, and what comes later, is behind `id`.
    pub(crate) fn park(&mut self, document: &Planned<T>, id: &str) {
        self.park_key(&document.key, id);
    }

    /// The same for a key that was parked before this scheduler began.
    pub(crate) fn park_key(&mut self, key: &str, id: &str) {
        self.parked.insert(key.into(), id.to_owned());
        if let Some(lane) = self.keys.get_mut(key) {
            if let Some(front) = lane.waiting.front() {
                self.ready.remove(&front.number);
            }
            self.behind.append(&mut lane.waiting);
            if !lane.busy {
                self.keys.remove(key);
            }
        }
    }

    /// The next document of a parked key, with the id of the document it is behind. The caller settles it.
    pub(crate) fn next_behind(&mut self) -> Option<(Planned<T>, String)> {
        let document = self.behind.pop_front()?;
        let id = self.parked.get(&document.key).cloned().unwrap_or_default();
        Some((document, id))
    }

    /// Nothing more is to be done for this document.
    pub(crate) fn settle(&mut self, document: &Planned<T>) {
        let index = document.number.checked_sub(self.base);
        let index = index.and_then(|index| usize::try_from(index).ok());
        let slot = index.and_then(|index| self.slots.get_mut(index));
        debug_assert!(
            slot.as_ref().is_some_and(|slot| !slot.settled),
            "settled twice"
        );
        if let Some(slot) = slot {
            slot.settled = true;
        }
        self.held_documents = self.held_documents.saturating_sub(1);
        self.held_bytes = self.held_bytes.saturating_sub(document.bytes);
        self.advance();
    }

    fn advance(&mut self) {
        while let Some(slot) = self.slots.pop_front_if(|slot| slot.settled) {
            self.cursor = slot.after;
            self.base += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};

    use proptest::prelude::*;

    use super::*;

    const LIMITS: Limits = Limits {
        documents: 40,
        bytes: 1_000,
        span: 60,
        batch: 4,
        batch_bytes: 100,
    };

    fn plan(limits: Limits, keys: &[&str]) -> Scheduler<u32> {
        let mut scheduler = Scheduler::new(limits, Cursor::START);
        for (index, key) in (0..).zip(keys) {
            scheduler.push(Cursor::at(1, index + 1), key, 1, index);
        }
        scheduler
    }

    fn loads(job: &Job<u32>) -> Vec<u32> {
        job.documents.iter().map(|document| document.load).collect()
    }

    #[test]
    fn one_key_never_flies_twice_and_others_pass() {
        let mut scheduler = plan(Limits { batch: 1, ..LIMITS }, &["a", "a", "b", "a", "c"]);
        let a = scheduler.next_job().unwrap();
        let b = scheduler.next_job().unwrap();
        let c = scheduler.next_job().unwrap();
        assert_eq!([loads(&a), loads(&b), loads(&c)], [[0], [2], [4]]);
        assert!(scheduler.next_job().is_none());
        assert!(scheduler.delivered(b).is_none());
        assert_eq!(scheduler.cursor(), Cursor::START, "a is still out");
        assert!(scheduler.delivered(a).is_none());
        assert_eq!(scheduler.cursor(), Cursor::at(1, 1));
        assert_eq!(loads(&scheduler.next_job().unwrap()), [1]);
    }

    #[test]
    fn a_batch_takes_several_of_one_key_in_order() {
        let mut scheduler = plan(LIMITS, &["a", "a", "b", "a", "a", "c"]);
        let first = scheduler.next_job().unwrap();
        assert_eq!(loads(&first), [0, 1, 2, 3]);
        let second = scheduler.next_job().unwrap();
        assert_eq!(loads(&second), [5], "a is out");
        assert!(scheduler.delivered(first).is_none());
        assert_eq!(scheduler.cursor(), Cursor::at(1, 4));
        assert_eq!(loads(&scheduler.next_job().unwrap()), [4]);
    }

    #[test]
    fn a_batch_is_bounded_by_bytes_but_a_large_document_goes_alone() {
        let mut scheduler = Scheduler::new(LIMITS, Cursor::START);
        for (index, bytes) in [(0, 500), (1, 60), (2, 60)] {
            scheduler.push(Cursor::at(1, index + 1), &index.to_string(), bytes, index);
        }
        for want in [0, 1, 2] {
            assert_eq!(loads(&scheduler.next_job().unwrap()), [want]);
        }
    }

    #[test]
    fn halving_finds_the_culprit_and_keeps_the_order() {
        let mut scheduler = plan(LIMITS, &["a", "b", "a", "c"]);
        let job = scheduler.next_job().unwrap();
        let Refused::Halved(first) = scheduler.refused(job) else {
            panic!("four documents are halved")
        };
        assert_eq!(loads(&first), [0, 1]);
        let second = scheduler.delivered(first).unwrap();
        assert_eq!(loads(&second), [2, 3]);
        let Refused::Halved(third) = scheduler.refused(second) else {
            panic!("two documents are halved")
        };
        let Refused::Culprit { document, rest } = scheduler.refused(third) else {
            panic!("one document is the culprit")
        };
        assert_eq!(document.load, 2);
        scheduler.settle(&document);
        let last = scheduler.resume(rest).unwrap();
        assert_eq!(loads(&last), [3]);
        assert!(scheduler.delivered(last).is_none());
        assert_eq!(scheduler.cursor(), Cursor::at(1, 4));
        assert!(scheduler.keys.is_empty() && scheduler.jobs.is_empty());
    }

    #[test]
    fn behind_a_parked_document_everything_of_its_key_is_given_up() {
        let mut scheduler = plan(Limits { batch: 3, ..LIMITS }, &["a", "b", "a", "a", "b"]);
        let job = scheduler.next_job().unwrap();
        let Refused::Halved(first) = scheduler.refused(job) else {
            panic!("three documents are halved")
        };
        let Refused::Culprit { document, rest } = scheduler.refused(first) else {
            panic!("one document is the culprit")
        };
        scheduler.settle(&document);
        scheduler.park(&document, "id-0");
        let rest = scheduler.resume(rest).unwrap();
        assert_eq!(loads(&rest), [1], "2 is behind 0");
        let mut behind = Vec::new();
        while let Some((document, id)) = scheduler.next_behind() {
            assert_eq!(id, "id-0");
            scheduler.settle(&document);
            behind.push(document.load);
        }
        assert_eq!(behind, [3, 2]);
        assert!(scheduler.delivered(rest).is_none());
        scheduler.push(Cursor::at(2, 0), "a", 1, 5);
        assert_eq!(
            loads(&scheduler.next_job().unwrap()),
            [4],
            "the key b goes on"
        );
        assert_eq!(
            scheduler.next_behind().map(|(document, _)| document.load),
            Some(5)
        );
    }

    #[test]
    fn limits_close_the_window_and_settling_opens_it() {
        let mut scheduler: Scheduler<u32> = Scheduler::new(LIMITS, Cursor::START);
        for index in 0..40 {
            assert!(scheduler.has_room());
            scheduler.push(Cursor::at(1, index + 1), "a", 1, index);
        }
        assert!(!scheduler.has_room());
        let job = scheduler.next_job().unwrap();
        assert!(scheduler.delivered(job).is_none());
        assert!(scheduler.has_room());
        scheduler.push(Cursor::at(2, 1), "b", 1_000, 40);
        assert!(!scheduler.has_room(), "bytes count too");
    }

    /// What happens to a job.
    #[derive(Clone, Copy, Debug)]
    enum Step {
        Push { key: u8, bytes: usize },
        Skip,
        Start,
        Deliver(usize),
        Refuse(usize),
        RefuseAndPark(usize),
    }

    fn steps() -> impl Strategy<Value = Vec<Step>> {
        let step = prop_oneof![
            5 => (0..6_u8, 1..70_usize).prop_map(|(key, bytes)| Step::Push { key, bytes }),
            1 => Just(Step::Skip),
            4 => Just(Step::Start),
            3 => (0..8_usize).prop_map(Step::Deliver),
            2 => (0..8_usize).prop_map(Step::Refuse),
            1 => (0..8_usize).prop_map(Step::RefuseAndPark),
        ];
        prop::collection::vec(step, 1..300)
    }

    /// A scheduler beside the simplest thing that knows what it should do.
    struct Bench {
        scheduler: Scheduler<u32>,
        flying: Vec<Job<u32>>,
        keys: HashMap<u32, u8>,
        settled: Vec<Option<bool>>,
        order: HashMap<u8, Vec<u32>>,
    }

    impl Bench {
        fn new() -> Self {
            Self {
                scheduler: Scheduler::new(LIMITS, Cursor::START),
                flying: Vec::new(),
                keys: HashMap::new(),
                settled: Vec::new(),
                order: HashMap::new(),
            }
        }

        fn note(&mut self, load: u32) {
            let slot = &mut self.settled[load as usize];
            assert_eq!(*slot, None, "document {load} is settled once");
            *slot = Some(true);
            self.order.entry(self.keys[&load]).or_default().push(load);
        }

        fn give_up_behind(&mut self) {
            let mut behind = Vec::new();
            while let Some((document, _)) = self.scheduler.next_behind() {
                self.scheduler.settle(&document);
                behind.push(document.load);
            }
            // Given up in any order: none of them has an effect. They count as settled all the same.
            behind.sort_unstable();
            for load in behind {
                self.settled[load as usize] = Some(true);
            }
        }

        fn refuse(&mut self, job: Job<u32>, park: bool) {
            match self.scheduler.refused(job) {
                Refused::Halved(half) => self.flying.push(half),
                Refused::Culprit { document, rest } => {
                    self.note(document.load);
                    self.scheduler.settle(&document);
                    if park {
                        self.scheduler.park(&document, "culprit");
                    }
                    self.flying.extend(self.scheduler.resume(rest));
                }
            }
        }

        fn deliver(&mut self, job: Job<u32>) {
            for load in loads(&job) {
                self.note(load);
            }
            self.flying.extend(self.scheduler.delivered(job));
        }

        fn step(&mut self, step: Step) {
            let pick = |at: usize, flying: &mut Vec<Job<u32>>| {
                (!flying.is_empty()).then(|| flying.swap_remove(at % flying.len()))
            };
            match step {
                Step::Push { key, bytes } if self.scheduler.has_room() => {
                    let load = u32::try_from(self.settled.len()).unwrap();
                    self.settled.push(None);
                    self.keys.insert(load, key);
                    let after = Cursor::at(1, load + 1);
                    self.scheduler.push(after, &key.to_string(), bytes, load);
                }
                Step::Push { .. } => {}
                Step::Skip => {
                    self.settled.push(Some(true));
                    let after = u32::try_from(self.settled.len()).unwrap();
                    self.scheduler.skip(Cursor::at(1, after));
                }
                Step::Start => self.flying.extend(self.scheduler.next_job()),
                Step::Deliver(at) => {
                    if let Some(job) = pick(at, &mut self.flying) {
                        self.deliver(job);
                    }
                }
                Step::Refuse(at) | Step::RefuseAndPark(at) => {
                    if let Some(job) = pick(at, &mut self.flying) {
                        self.refuse(job, matches!(step, Step::RefuseAndPark(_)));
                    }
                }
            }
            self.give_up_behind();
        }

        fn check(&self) {
            let mut held = HashSet::new();
            for job in &self.flying {
                assert!(!job.documents.is_empty() && job.documents.len() <= LIMITS.batch);
                let keys: HashSet<u8> = loads(job).iter().map(|load| self.keys[load]).collect();
                for key in keys {
                    assert!(held.insert(key), "key {key} is in two jobs");
                }
            }
            let prefix = self
                .settled
                .iter()
                .take_while(|settled| settled.is_some())
                .count();
            let want = match prefix {
                0 => Cursor::START,
                n => Cursor::at(1, u32::try_from(n).unwrap()),
            };
            assert_eq!(
                self.scheduler.cursor(),
                want,
                "the cursor is the settled prefix"
            );
            for (key, order) in &self.order {
                assert!(order.is_sorted(), "key {key} was settled as {order:?}");
            }
        }
    }

    proptest! {
        #[test]
        fn whatever_happens(steps in steps()) {
            let mut bench = Bench::new();
            for step in steps {
                bench.step(step);
                bench.check();
            }
            while let Some(job) = bench.flying.pop().or_else(|| bench.scheduler.next_job()) {
                bench.deliver(job);
                bench.give_up_behind();
                bench.check();
            }
            prop_assert!(bench.settled.iter().all(Option::is_some), "nothing is left behind");
            prop_assert!(bench.scheduler.keys.is_empty() && bench.scheduler.jobs.is_empty());
            prop_assert_eq!((bench.scheduler.held_documents, bench.scheduler.held_bytes), (0, 0));
        }
    }
}
