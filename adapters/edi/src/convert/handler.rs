//! What is needed to read one kind of message: its judge and its mapping. Looked up once for each kind in a file.
//! Never reads a message.
//! Invariant: the plan is compiled for the structure that the judge walks.

use std::collections::HashMap;
use std::sync::Arc;

use crate::finding::Finding;
use crate::headers::Message;
use crate::judge::{Judge, Judged, Policy};
use crate::map::Plan;
use crate::message::MessageView;
use crate::rule::Rule;
use crate::syntax::Syntax;

use super::Engine;

/// Kinds of messages that one conversion looks up at most; more are looked up again each time.
const KINDS: usize = 1000;

/// How messages of one kind are read.
pub(super) struct Handler {
    judge: Judge,
    pub(super) judged: Judged,
    /// None where no mapping knows the kind.
    pub(super) plan: Option<Arc<Plan>>,
}

impl Handler {
    /// Judges a message; [`Handler::judged`] has what came of it.
    pub(super) fn judge(&mut self, view: MessageView<'_>, message: &Message) {
        self.judge.judge(view, message, &mut self.judged);
        if self.plan.is_none() {
            let what = "no mapping knows this message: it is checked, and not converted";
            let mut finding =
                Finding::new(Rule::MessageUnmapped, what).found(message.id.as_bytes());
            finding.place.record = Some(message.record);
            finding.place.byte = message.offset;
            finding.place.line = message.line;
            finding.place.segment = 1;
            self.judged.findings.push(finding);
        }
    }
}

/// A kind of message: syntax, version, guide and id.
type Kind = (Syntax, String, String, String);

/// The kinds that a conversion has met.
#[derive(Default)]
pub(super) struct Handlers {
    kinds: HashMap<Kind, Box<Handler>>,
}

impl Handlers {
    /// How messages of this kind are read.
    ///
    /// # Errors
    /// The finding for one that no dictionary knows, or whose mapping has a mistake.
    pub(super) fn of(
        &mut self,
        engine: &Engine,
        syntax: Syntax,
        message: &Message,
    ) -> Result<&mut Handler, Box<Finding>> {
        let kind = (
            syntax,
            message.version.clone(),
            message.guide.clone(),
            message.id.clone(),
        );
        if self.kinds.len() >= KINDS && !self.kinds.contains_key(&kind) {
            self.kinds.clear();
        }
        match self.kinds.entry(kind) {
            std::collections::hash_map::Entry::Occupied(known) => Ok(known.into_mut()),
            std::collections::hash_map::Entry::Vacant(free) => {
                let handler = make(engine, syntax, message)?;
                Ok(free.insert(Box::new(handler)))
            }
        }
    }
}

fn make(engine: &Engine, syntax: Syntax, message: &Message) -> Result<Handler, Box<Finding>> {
    let found = engine
        .dictionaries
        .find_guide(syntax, &message.version, &message.guide);
    let structure = found
        .as_ref()
        .and_then(|found| found.dictionary.structure(&message.id));
    let (Some(found), Some(structure)) = (&found, structure) else {
        return Err(Box::new(unsupported(message)));
    };
    let policy = if found.exact {
        Policy::default()
    } else {
        Policy::default().for_neighbour()
    };
    let plan = engine
        .mappings
        .plan(&found.dictionary, &message.id)
        .map_err(|error| {
            let finding = Finding::new(
                Rule::MessageUnmapped,
                format!("the mapping cannot be used: {error}"),
            );
            Box::new(finding.hint("mend the mapping, then send the file again"))
        })?;
    Ok(Handler {
        judge: Judge::new(Arc::clone(&found.dictionary), Arc::clone(structure), policy),
        judged: Judged::default(),
        plan,
    })
}

fn unsupported(message: &Message) -> Finding {
    let what = format!(
        "no dictionary knows the message {} of version {}",
        message.id, message.version
    );
    let finding = Finding::new(Rule::MessageUnsupported, what).found(message.id.as_bytes());
    finding.hint("have it sent in another version, or load a guide that describes it")
}
