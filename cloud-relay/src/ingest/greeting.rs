//! The greeting: tells an agent which blocks are expected next, and begins the streams it announces.
//!
//! Invariant: a stream's first number is durable before the agent hears of it, and is never taken from it again.

use std::collections::BTreeMap;
use std::sync::Arc;

use canonical::link::{Hello, LinkLimits, Welcome};
use http::StatusCode;
use spool::Settlement;

use super::streams::{STREAMS_PER_AGENT, StreamName};
use super::{BLOCK_BYTES, Intake, off_thread};
use crate::identity::Identity;
use crate::refusal::Refused;

/// Blocks of one lane that an agent should have under way.
const IN_FLIGHT: u32 = 8;
/// Lanes in one greeting.
const LANES: usize = 16;

impl Intake {
    /// Greets an agent: tells it what is expected next, and takes its word for streams that were never seen.
    pub(crate) async fn hello(
        self: &Arc<Self>,
        who: &Identity,
        hello: Hello,
    ) -> Result<Welcome, Refused> {
        let (intake, who) = (Arc::clone(self), who.clone());
        off_thread(move || intake.welcome(&who, &hello)).await
    }

    fn welcome(&self, who: &Identity, hello: &Hello) -> Result<Welcome, Refused> {
        if hello.lanes.len() > LANES {
            return Err(Refused::bad(
                "bad_hello",
                format!("more than {LANES} lanes"),
            ));
        }
        let mut new = Vec::new();
        for (lane, next) in &hello.lanes {
            let name = StreamName::new(who, &hello.epoch, lane)
                .ok_or_else(|| Refused::bad("bad_hello", "epoch or lane is not what it must be"))?;
            let stored = next
                .checked_sub(1)
                .ok_or_else(|| Refused::bad("bad_hello", "ordinals begin at 1"))?;
            if self.streams.get(&self.spool, &name).is_none() {
                new.push((name.mark(), stored));
            }
        }
        if !new.is_empty() {
            let known = self.spool.marks(&StreamName::marks_of(who)).len();
            if known + new.len() > STREAMS_PER_AGENT {
                return Err(Refused::with(
                    StatusCode::TOO_MANY_REQUESTS,
                    "too_many_streams",
                    format!("this agent has begun {known} streams, the most are {STREAMS_PER_AGENT}"),
                )
                .hint("an agent begins new streams only when it lost its queue: find out why it keeps losing it"));
            }
            let marks: Vec<(&str, u64)> = new
                .iter()
                .map(|(mark, stored)| (mark.as_str(), *stored))
                .collect();
            let ticket = self.spool.settle(&Settlement {
                marks: &marks,
                ..Settlement::default()
            });
            ticket
                .and_then(|ticket| self.spool.wait(ticket))
                .map_err(|error| self.store_failed(&error))?;
        }
        let mut lanes = BTreeMap::new();
        for lane in hello.lanes.keys() {
            let stream = StreamName::new(who, &hello.epoch, lane)
                .and_then(|name| self.streams.get(&self.spool, &name));
            if let Some(stream) = stream {
                // A greeting is a new start of the agent: what it derived again before then has become earlier.
                stream.lock().earlier = None;
                lanes.insert(lane.clone(), stream.next());
            }
        }
        Ok(Welcome {
            tenant: who.tenant().to_owned(),
            agent: who.agent().to_owned(),
            relay_version: env!("CARGO_PKG_VERSION").to_owned(),
            lanes,
            limits: LinkLimits {
                block_bytes: BLOCK_BYTES as u64,
                in_flight: IN_FLIGHT,
            },
        })
    }
}
