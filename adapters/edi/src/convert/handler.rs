//! What is needed to read one kind of message: its judge and its mapping. Looked up once for each kind in a file.
//! Never reads a message.
//! Invariant: the plan is compiled for the structure that the judge walks.

use std::collections::HashMap;
use std::sync::Arc;

use crate::charset::Charset;
use crate::dictionary::{Dictionary, Structure};
use crate::finding::{Finding, Place};
use crate::headers::Message;
use crate::judge::{Judge, Judged, Policy};
use crate::map::Plan;
use crate::message::MessageView;
use crate::partner::Terms;
use crate::rule::Rule;
use crate::syntax::Syntax;

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
    pub(super) fn judge(&mut self, view: MessageView<'_>, message: &Message, charset: Charset) {
        self.judge.set_charset(charset);
        self.judge.judge(view, message, &mut self.judged);
        let acknowledges = matches!(message.id.as_str(), "997" | "999" | "CONTRL");
        if self.plan.is_none() && !acknowledges {
            let what = "no mapping knows this message: it is checked, and not converted";
            let finding = Finding::new(Rule::MessageUnmapped, what);
            let finding = finding.found(message.id.as_bytes()).at(header_of(message));
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
        terms: &Terms,
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
                let handler = make(terms, syntax, message)?;
                Ok(free.insert(Box::new(handler)))
            }
        }
    }
}

/// By what a message is judged: a dictionary, one of its structures, and the partner's policy.
///
/// # Errors
/// The finding for a message that no dictionary knows.
pub(crate) fn measure(
    terms: &Terms,
    syntax: Syntax,
    message: &Message,
) -> Result<(Arc<Dictionary>, Arc<Structure>, Policy), Box<Finding>> {
    let found = terms
        .dictionaries
        .find_guide(syntax, &message.version, &message.guide);
    let structure = found
        .as_ref()
        .and_then(|found| found.dictionary.structure(&message.id));
    let (Some(found), Some(structure)) = (&found, structure) else {
        return Err(Box::new(unsupported(message)));
    };
    let policy = terms.policy.clone();
    let policy = if found.exact {
        policy
    } else {
        policy.for_neighbour()
    };
    Ok((Arc::clone(&found.dictionary), Arc::clone(structure), policy))
}

fn make(terms: &Terms, syntax: Syntax, message: &Message) -> Result<Handler, Box<Finding>> {
    let (dictionary, structure, policy) = measure(terms, syntax, message)?;
    let plan = terms
        .mappings
        .plan(&dictionary, &message.id)
        .map_err(|error| {
            let finding = Finding::new(
                Rule::MessageUnmapped,
                format!("the mapping cannot be used: {error}"),
            );
            Box::new(finding.hint("mend the mapping, then send the file again"))
        })?;
    Ok(Handler {
        judge: Judge::new(dictionary, structure, policy),
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
    finding
        .at(header_of(message))
        .hint("have it sent in another version, or load a guide that describes it")
}

/// Where a message begins.
fn header_of(message: &Message) -> Place {
    Place {
        byte: message.offset,
        line: message.line,
        record: Some(message.record),
        segment: 1,
        ..Place::default()
    }
}
