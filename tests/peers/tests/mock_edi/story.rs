//! What happens between us and mock-edi, told line by line: who sent what, what became of it, what was answered.
//! Both clocks stand still, so that the same story is told each time.

use std::fmt::Write as _;

use engine::Syntax;
use serde_json::Value;

use crate::mock::Mock;
use crate::us::{Taken, Us};

/// The two sides and what was told so far.
pub(crate) struct Story {
    pub(crate) mock: Mock,
    pub(crate) us: Us,
    pub(crate) text: String,
    files: u32,
}

impl Story {
    /// A new mock-edi, and us with this agreement; none where it is not installed.
    pub(crate) fn begin(agreement: &str) -> Option<Self> {
        let mock = Mock::start()?;
        Some(Self {
            mock,
            us: Us::with(&[agreement]),
            text: String::new(),
            files: 0,
        })
    }

    fn tell(&mut self, line: &str) {
        writeln!(self.text, "{line}").expect("a String takes what is written");
    }

    /// Lays bytes into its folder, and tells what it says of them.
    pub(crate) fn lay(&mut self, what: &str, bytes: &[u8]) {
        self.files += 1;
        let became = self.mock.send(&format!("{}.edi", self.files), bytes);
        let word = match became["ok"].as_bool() {
            Some(true) => "taken",
            _ => became["error"].as_str().unwrap_or("nothing"),
        };
        self.tell(&format!("we send {what}: {word}"));
    }

    /// Writes documents for it and sends them.
    pub(crate) fn send(&mut self, kind: (Syntax, &str, &str), documents: &[Value]) {
        let bytes = self.us.write("mock", kind, documents);
        self.lay(kind.2, &bytes);
    }

    /// Takes what it sent, answers, and so on until nobody says anything more.
    pub(crate) fn answer_everything(&mut self) -> Vec<Taken> {
        let mut all = Vec::new();
        loop {
            let files = self.mock.received();
            if files.is_empty() {
                return all;
            }
            for (name, bytes) in files {
                let kind = name.split('-').nth(1).unwrap_or_default().to_owned();
                self.tell(&format!("it sends {}", said(&kind, &bytes)));
                for line in self.us.matched(&bytes) {
                    self.tell(&format!("  of ours: {line}"));
                }
                let taken = self.us.take(&bytes);
                self.tell_of(&taken);
                for reply in &taken.replies {
                    self.lay(&said(&reply.kind, &reply.bytes), &reply.bytes);
                }
                all.push(taken);
            }
        }
    }

    fn tell_of(&mut self, taken: &Taken) {
        for problem in &taken.problems {
            let place = problem.path.as_deref().unwrap_or_default();
            self.tell(&format!("  {} {place}", problem.code));
        }
        for (subject, document) in &taken.documents {
            let status = document["status"].as_str().unwrap_or_default();
            self.tell(format!("  {subject} {status}").trim_end());
        }
    }

    /// Where what we sold and what it ordered disagree.
    fn disagreements(&self) -> Vec<String> {
        let found = self.mock.call("GET", "/_mock/disagreements", &Value::Null);
        found
            .as_array()
            .into_iter()
            .flatten()
            .map(Value::to_string)
            .collect()
    }

    /// Has it do what it does in the next hour and a little.
    pub(crate) fn wait(&mut self) {
        self.mock
            .call("POST", "/_mock/advance?seconds=3700", &Value::Null);
        self.tell("an hour passes");
        let overdue: Vec<String> = self
            .us
            .matcher
            .overdue(3700)
            .map(|sent| sent.key.clone())
            .collect();
        for key in overdue {
            self.tell(&format!("we miss an answer to {key}"));
        }
    }

    /// What it holds for acknowledged and what not.
    pub(crate) fn close(&mut self, partner: &str) {
        for finding in self.disagreements() {
            self.tell(&format!("it disagrees: {finding}"));
        }
        let timeline = self.mock.call(
            "GET",
            &format!("/_mock/orders/PO-100/timeline?partner={partner}"),
            &Value::Null,
        );
        let events = timeline["events"].as_array().cloned().unwrap_or_default();
        for event in events
            .iter()
            .filter(|event| event["event"] == "acknowledged")
        {
            self.tell(&format!(
                "it knows: {}",
                event["summary"].as_str().unwrap_or_default()
            ));
        }
        let waiting = self.mock.call("GET", "/_mock/unacknowledged", &Value::Null);
        for document in waiting.as_array().into_iter().flatten() {
            self.tell(&format!(
                "it waits for an answer to its {}",
                document["code"].as_str().unwrap_or_default()
            ));
        }
    }
}

/// An acknowledgement by what it says of each message and of all.
fn said(kind: &str, bytes: &[u8]) -> String {
    let text = String::from_utf8_lossy(bytes);
    let mut words = vec![kind.to_owned()];
    for segment in text.split(['~', '\'']) {
        let segment = segment.trim();
        if [
            "TA1", "AK3", "AK4", "AK5", "AK9", "UCI", "UCM", "UCS", "UCD",
        ]
        .iter()
        .any(|tag| segment.starts_with(tag))
        {
            words.push(segment.to_owned());
        }
    }
    words.join(" ")
}
