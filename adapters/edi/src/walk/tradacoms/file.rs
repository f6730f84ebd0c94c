//! The files within a transmission of TRADACOMS: a header message, the messages that it speaks for, and trailer messages.
//! Who sells, who buys and what for is said by the header message alone, so that no message stands without its own.
//! Judges no content: that a message is refused for what it says is told by [`Walk::refuse`].
//! Invariant: a message of a file is good only behind a header message that was not refused, in the order of its kind.

use crate::finding::{Finding, Level};
use crate::headers::digits;
use crate::rule::Rule;
use crate::segment::{Segment, Tag};
use crate::walk::Walk;
use crate::walk::element::{count, fault};

const OFT: Tag = Tag::new(b"OFT");
/// The reconciliation message, which belongs to no file and stands behind them all.
const RECONCILIATION: &str = "RSGRSG";

/// The messages of a file.
#[derive(Debug)]
struct Kind {
    header: &'static str,
    detail: &'static str,
    trailers: &'static [&'static str],
}

/// The kinds of files whose messages a dictionary describes.
static KINDS: [Kind; 3] = [
    Kind {
        header: "ORDHDR",
        detail: "ORDERS",
        trailers: &["ORDTLR"],
    },
    Kind {
        header: "INVFIL",
        detail: "INVOIC",
        trailers: &["VATTLR", "INVTLR"],
    },
    Kind {
        header: "CREHDR",
        detail: "CREDIT",
        trailers: &["VATTLR", "CRETLR"],
    },
];

/// A file that a header message opened.
#[derive(Clone, Copy, Debug)]
pub(in crate::walk) struct File {
    kind: &'static Kind,
    /// Which message of the transmission its header message is.
    header: u64,
    /// Whether that is refused.
    refused: bool,
    /// Messages between header and trailer messages.
    messages: u64,
    /// The trailer messages that may still come: none when the file is closed.
    ahead: &'static [&'static str],
}

impl Kind {
    fn has(&self, message: &str) -> bool {
        self.detail == message || self.trailers.contains(&message)
    }

    /// `ORDHDR, ORDERS, ORDTLR`.
    fn order(&self) -> String {
        format!(
            "{}, {}, {}",
            self.header,
            self.detail,
            self.trailers.join(", ")
        )
    }
}

impl File {
    fn opened(kind: &'static Kind, header: u64) -> Self {
        Self {
            kind,
            header,
            refused: false,
            messages: 0,
            ahead: kind.trailers,
        }
    }

    /// The trailer message that came last.
    fn trailer(&self) -> Option<&'static str> {
        let passed = self.kind.trailers.len() - self.ahead.len();
        self.kind
            .trailers
            .get(..passed)
            .and_then(|trailers| trailers.last())
            .copied()
    }

    /// Goes on to a message of the file's kind; what is wrong with its place.
    fn take(&mut self, message: &str, header: &Segment<'_>) -> Option<Finding> {
        if let Some(place) = self.ahead.iter().position(|trailer| *trailer == message) {
            self.ahead = self.ahead.get(place + 1..).unwrap_or_default();
            return None;
        }
        let kind = self.kind;
        if let Some(trailer) = self.trailer() {
            let what = format!("this {message} stands behind the {trailer} of its file");
            let finding = fault(Rule::MessageSequence, header, 2, what).expected(kind.order());
            return Some(
                finding.hint("have the sender put the messages of the file in this order"),
            );
        }
        self.messages += 1;
        if !self.refused {
            return None;
        }
        let (name, number) = (kind.header, self.header);
        let what = format!(
            "the {name} before this {message}, message {number} of the transmission, was refused: \
             who sells, who buys and what for is said there"
        );
        let finding = fault(Rule::FileHeaderRefused, header, 2, what);
        let hint = format!("mend what was found in message {number}, and send the file again");
        Some(
            finding
                .expected(format!("a good {name} before it"))
                .hint(hint),
        )
    }
}

impl Walk<'_> {
    /// A message of the transmission opened: its place among those of its file.
    pub(in crate::walk) fn enter_file(&mut self) {
        let message = self.message.id.clone();
        let opens = KINDS.iter().find(|kind| kind.header == message);
        if opens.is_some() || message == RECONCILIATION {
            self.leave_file();
            self.file = opens.map(|kind| File::opened(kind, self.interchange.messages));
            return;
        }
        let header = self.reader.segment();
        let finding = match &mut self.file {
            Some(file) if file.kind.has(&message) => file.take(&message, &header),
            _ if KINDS.iter().any(|kind| kind.has(&message)) => Some(headless(&message, &header)),
            Some(file) => {
                file.messages += 1;
                None
            }
            None => None,
        };
        if let Some(finding) = finding {
            self.note(Level::Message, finding);
        }
    }

    /// Another file, the reconciliation or the end of the transmission is at hand.
    pub(in crate::walk) fn leave_file(&mut self) {
        let Some(file) = self.file.take() else { return };
        let Some(trailer) = file.ahead.last() else {
            return;
        };
        let (name, number) = (file.kind.header, file.header);
        let tag = self.reader.segment().tag();
        let what = format!(
            "the file that {name} opened, message {number} of the transmission, is not closed by {trailer} before this {tag}"
        );
        let finding = Finding::new(Rule::FileTrailerMissing, what).expected(*trailer);
        let hint = "ask the sender whether messages of the file are missing";
        self.note(Level::Interchange, finding.hint(hint));
    }

    /// The segment of a trailer message that counts the messages of its file.
    pub(super) fn count_file(&self) -> Option<Finding> {
        let segment = self.reader.segment();
        let file = self.file.filter(|file| {
            segment.tag() == OFT && file.kind.trailers.contains(&self.message.id.as_str())
        })?;
        digits(segment.element(1))?; // what is no number is the dictionary's to say
        let text = "the OFT does not count the orders of the file";
        let finding = count(Rule::FileCount, &segment, 1, file.messages, text)?;
        Some(finding.hint("ask the sender whether orders of the file are missing"))
    }

    /// The message that ended last is refused by whoever reads it, good as its envelope may be. What cannot do without it, as the
    /// messages behind a header message of TRADACOMS, is then refused, too.
    pub fn refuse(&mut self) {
        self.refuse_since(self.interchange.messages);
    }

    /// The group that ends is broken, and so is the header message in it.
    pub(in crate::walk) fn refuse_group(&mut self) {
        self.refuse_since(self.interchange.messages - self.group.messages + 1);
    }

    fn refuse_since(&mut self, message: u64) {
        if let Some(file) = self.file.as_mut().filter(|file| file.header >= message) {
            file.refused = true;
        }
    }
}

/// A message of a file that no header message opened.
fn headless(message: &str, header: &Segment<'_>) -> Finding {
    let kinds = KINDS.iter().filter(|kind| kind.has(message));
    let names: Vec<&str> = kinds.map(|kind| kind.header).collect();
    let names = names.join(" or ");
    let what = format!(
        "no {names} opens the file that this {message} is of: who sells, who buys and what for is said there"
    );
    let finding = fault(Rule::FileHeaderMissing, header, 2, what);
    finding
        .expected(format!("{names} before it"))
        .hint("have the file sent again with its header message")
}

#[cfg(test)]
mod tests {
    use super::{KINDS, RECONCILIATION};
    use crate::dictionary::Dictionaries;
    use crate::syntax::Syntax;

    #[test]
    fn every_message_that_is_described_has_its_place() {
        let found = Dictionaries::shipped().find(Syntax::Tradacoms, "9");
        let dictionary = found.expect("it is shipped").dictionary;
        let of = |message: &str| {
            KINDS
                .iter()
                .any(|kind| kind.header == message || kind.has(message))
        };
        for structure in dictionary.structures() {
            let message = &*structure.set_id;
            assert!(
                of(message) || message == RECONCILIATION,
                "{message} is of no file"
            );
        }
        for kind in &KINDS {
            let messages = [kind.header, kind.detail]
                .into_iter()
                .chain(kind.trailers.iter().copied());
            for message in messages {
                assert!(
                    dictionary.structure(message).is_some(),
                    "{message} is not described"
                );
            }
        }
    }
}
