//! Random histories against a model that is a handful of maps: whatever is written, committed, settled, pruned, killed,
//! copied or damaged, the spool holds what the model says.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use proptest::prelude::*;
use spool::{BlockId, Commit, Options, Packed, Settlement, Spool, Ticket};

use crate::fixture::{copy, open, small};

const LANES: [&str; 2] = ["commands", "state"];

/// One step of a history.
#[derive(Clone, Debug)]
enum Step {
    Write {
        claim: u8,
        lane: usize,
        size: usize,
    },
    Commit {
        claim: u8,
    },
    Settle {
        lane: usize,
        cursor: u64,
    },
    Wait,
    Prune,
    Reopen {
        clean: bool,
    },
    /// Opens a copy of the directory as it is, as after a kill.
    Copy,
    HarmIndex,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => (0..4_u8, 0..2_usize, 0..400_usize).prop_map(|(claim, lane, size)| Step::Write { claim, lane, size }),
        4 => (0..4_u8).prop_map(|claim| Step::Commit { claim }),
        2 => (0..2_usize, 0..12_u64).prop_map(|(lane, cursor)| Step::Settle { lane, cursor }),
        3 => Just(Step::Wait),
        1 => Just(Step::Prune),
        1 => any::<bool>().prop_map(|clean| Step::Reopen { clean }),
        1 => Just(Step::Copy),
        1 => Just(Step::HarmIndex),
    ]
}

/// What was committed.
#[derive(Clone, Default, PartialEq, Debug)]
struct Held {
    lanes: BTreeMap<&'static str, Vec<(String, Vec<u8>)>>,
    marks: BTreeMap<String, u64>,
    claims: BTreeMap<String, Vec<u8>>,
}

#[derive(Default)]
struct Model {
    /// Everything appended, and everything confirmed.
    appended: Held,
    durable: Held,
    uncommitted: BTreeMap<u8, Vec<(BlockId, usize, Vec<u8>)>>,
    last: Option<Ticket>,
    committed: u64,
    cursors: BTreeMap<usize, u64>,
    /// What pruning may have taken, per lane.
    prunable: BTreeMap<&'static str, u64>,
}

fn check(spool: &Spool, held: &Held, prunable: &BTreeMap<&'static str, u64>, what: &str) {
    for lane in LANES {
        let want = held.lanes.get(lane).map_or(&[][..], Vec::as_slice);
        assert_eq!(
            spool.head(lane),
            want.len() as u64,
            "{what}: head of {lane}"
        );
        for (ordinal, (claim, body)) in (1..).zip(want) {
            match spool
                .get(lane, ordinal)
                .unwrap_or_else(|e| panic!("{what}: {lane} {ordinal}: {e}"))
            {
                Some(stored) => {
                    assert_eq!((&stored.claim, stored.ordinal), (claim, ordinal), "{what}");
                    assert_eq!(&stored.body.unpack(1 << 20).unwrap(), body, "{what}");
                }
                None => assert!(
                    ordinal <= prunable.get(lane).copied().unwrap_or(0),
                    "{what}: {lane} {ordinal} is gone"
                ),
            }
        }
        assert!(
            spool.get(lane, want.len() as u64 + 1).unwrap().is_none(),
            "{what}"
        );
    }
    assert_eq!(
        spool.marks("").into_iter().collect::<BTreeMap<_, _>>(),
        held.marks,
        "{what}"
    );
    for (claim, memo) in &held.claims {
        let record = spool
            .claim(claim)
            .unwrap()
            .unwrap_or_else(|| panic!("{what}: {claim} is forgotten"));
        assert_eq!(&record.memo, memo, "{what}");
    }
    assert_eq!(
        spool.claims("", "", 1000).unwrap().len(),
        held.claims.len(),
        "{what}"
    );
}

impl Model {
    fn commit(&mut self, spool: &Spool, claim: u8) {
        let blocks = self.uncommitted.remove(&claim).unwrap_or_default();
        let ids: Vec<BlockId> = blocks.iter().map(|(id, ..)| *id).collect();
        self.committed += 1;
        let (name, memo) = (format!("claim{claim}"), self.committed.to_le_bytes());
        let marks = [("commits", self.committed)];
        let commit = Commit {
            claim: &name,
            blocks: &ids,
            marks: &marks,
            keys: &[],
            memo: &memo,
        };
        self.last = Some(spool.commit(&commit).unwrap());
        for (_, lane, body) in blocks {
            self.appended
                .lanes
                .entry(LANES[lane])
                .or_default()
                .push((name.clone(), body));
        }
        self.appended
            .marks
            .insert("commits".to_owned(), self.committed);
        self.appended.claims.insert(name, memo.to_vec());
    }

    fn wait(&mut self, spool: &Spool) {
        if let Some(ticket) = self.last {
            spool.wait(ticket).unwrap();
            self.durable = self.appended.clone();
        }
    }

    /// A new process: uncommitted blocks are gone, and what was appended was found in the log.
    fn reopened(&mut self) {
        self.uncommitted.clear();
        self.last = None;
        self.durable = self.appended.clone();
    }
}

fn harm_index(dir: &Path) {
    let Ok(entries) = fs::read_dir(dir.join("index")) else {
        return;
    };
    for entry in entries {
        let path = entry.unwrap().path();
        if path.is_file() {
            fs::write(path, b"noise").unwrap();
        }
    }
}

/// A spool, its model, and where they live.
struct History {
    dir: tempfile::TempDir,
    options: Options,
    /// There except in the instant between closing and opening.
    spool: Option<Spool>,
    model: Model,
}

impl History {
    fn spool(&self) -> Spool {
        self.spool.clone().expect("open between steps")
    }

    fn write(&mut self, n: usize, claim: u8, lane: usize, size: usize) {
        let body: Vec<u8> = (0..size)
            .map(|i| ((i * 31 + n) % 251).try_into().unwrap())
            .collect();
        let packed = Packed::pack(&body).unwrap();
        let id = self
            .spool()
            .write(&format!("claim{claim}"), LANES[lane], b"", &packed, 1)
            .unwrap();
        self.model
            .uncommitted
            .entry(claim)
            .or_default()
            .push((id, lane, body));
    }

    fn settle(&mut self, lane: usize, cursor: u64) {
        let model = &mut self.model;
        let cursor = cursor.max(model.cursors.get(&lane).copied().unwrap_or(0));
        let name = format!("cursor/relay/{}", LANES[lane]);
        let settlement = Settlement {
            marks: &[(&name, cursor)],
            ..Settlement::default()
        };
        model.last = self
            .spool
            .as_ref()
            .map(|spool| spool.settle(&settlement).unwrap());
        model.cursors.insert(lane, cursor);
        model.appended.marks.insert(name, cursor);
    }

    fn prune(&mut self) {
        let spool = self.spool();
        self.model.wait(&spool);
        let cursor = |lane: &str| spool.mark(&format!("cursor/relay/{lane}")).unwrap_or(0);
        let settled = |lane: &str, ordinal: u64| ordinal <= cursor(lane);
        spool
            .prune(&settled, UNIX_EPOCH + Duration::from_secs(1 << 33))
            .unwrap();
        self.model.prunable = LANES.iter().map(|lane| (*lane, cursor(lane))).collect();
    }

    fn reopen(&mut self, clean: bool, meanwhile: impl FnOnce(&Path), what: &str) {
        let spool = self.spool.take().expect("open between steps");
        if clean {
            spool.close()
        } else {
            drop(spool)
        }
        meanwhile(self.dir.path());
        let (spool, report) = open(self.dir.path(), &self.options);
        assert!(report.damaged.is_empty(), "{what}: {report}");
        self.spool = Some(spool);
        self.model.reopened();
    }

    fn open_copy(&self, what: &str) {
        let other = tempfile::tempdir().unwrap();
        copy(self.dir.path(), other.path());
        let (copied, report) = open(other.path(), &self.options);
        assert!(report.damaged.is_empty(), "{what}: {report}");
        check(&copied, &self.model.appended, &self.model.prunable, what);
    }
}

fn run(steps: Vec<Step>) {
    let dir = tempfile::tempdir().unwrap();
    let options = Options {
        remember: Duration::MAX,
        ..small()
    };
    let spool = Some(open(dir.path(), &options).0);
    let mut history = History {
        dir,
        options,
        spool,
        model: Model::default(),
    };
    for (n, step) in steps.into_iter().enumerate() {
        let what = format!("step {n} {step:?}");
        match step {
            Step::Write { claim, lane, size } => history.write(n, claim, lane, size),
            Step::Commit { claim } => history
                .model
                .commit(&history.spool.clone().expect("open"), claim),
            Step::Settle { lane, cursor } => history.settle(lane, cursor),
            Step::Wait => history.model.wait(&history.spool.clone().expect("open")),
            Step::Prune => history.prune(),
            Step::Reopen { clean } => history.reopen(clean, |_| (), &what),
            Step::Copy => history.open_copy(&what),
            Step::HarmIndex => history.reopen(true, harm_index, &what),
        }
        check_heads(&history.spool(), &history.model, &what);
    }
    let spool = history.spool();
    history.model.wait(&spool);
    check(
        &spool,
        &history.model.durable,
        &history.model.prunable,
        "at the end",
    );
    let report = spool.verify().unwrap();
    assert!(
        report.index_agrees && report.damaged.is_empty(),
        "{report:?}"
    );
}

/// What is visible is at least what was confirmed and at most what was appended.
fn check_heads(spool: &Spool, model: &Model, what: &str) {
    for lane in LANES {
        let count = |held: &Held| held.lanes.get(lane).map_or(0, |blocks| blocks.len() as u64);
        assert!(
            (count(&model.durable)..=count(&model.appended)).contains(&spool.head(lane)),
            "{what}: {lane}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, max_shrink_iters: 200, failure_persistence: None, ..ProptestConfig::default() })]
    #[test]
    fn any_history_holds_what_the_model_holds(steps in proptest::collection::vec(step(), 1..40)) {
        run(steps);
    }
}
