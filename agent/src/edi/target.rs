//! What `edi write` is to write, as the arguments say it: a set in a syntax and version, and who writes to whom.
//! Arguments that describe a partner are read as the partner's file that they stand for, so that both mean the same.

use std::fmt::Write as _;
use std::path::Path;
use std::str::FromStr;
use std::sync::Arc;

use edi::Syntax;
use edi::partner::{Agreement, Agreements, Identity};

use crate::partners;

/// Most messages in an interchange, which is held in memory until it is whole.
const MESSAGES: u32 = 10_000;

/// `x12:850:004010`, `edifact:ORDERS:D.96A:EAN008`; the version may be left to the partner's file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// The syntax.
    pub syntax: Syntax,
    /// The set or message.
    pub set: String,
    /// The version, with a guide's name where there is one.
    pub version: Option<String>,
}

impl FromStr for Target {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "{text:?} is not SYNTAX:SET:VERSION, as in x12:850:004010 or edifact:ORDERS:D.96A"
            )
        };
        let mut parts = text.splitn(3, ':');
        let (syntax, set) = (parts.next(), parts.next());
        let syntax = match syntax {
            Some("x12") => Syntax::X12,
            Some("edifact") => Syntax::Edifact,
            _ => return Err(wrong()),
        };
        let set = set.filter(|set| !set.is_empty()).ok_or_else(wrong)?;
        Ok(Self {
            syntax,
            set: set.to_owned(),
            version: parts.next().map(str::to_owned),
        })
    }
}

/// Who writes to whom, where no partner's file says it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parties<'a> {
    /// We.
    pub(super) sender: &'a Identity,
    /// The partner.
    pub(super) receiver: &'a Identity,
    /// Whether it is a test.
    pub(super) test: bool,
    /// What follows each segment, as in a partner's file.
    pub(super) line_ends: &'a str,
}

/// The partner that the arguments describe.
///
/// # Errors
/// What would be wrong in the partner's file.
pub(super) fn described(target: &Target, parties: Parties<'_>) -> Result<Arc<Agreement>, String> {
    let version = target.version.as_deref().ok_or_else(|| {
        format!(
            "say the version too, as in --to {}:{}:{}",
            target.syntax,
            target.set,
            example(target.syntax)
        )
    })?;
    let text = text(target, version, parties);
    let added = Agreements::default().add(&text, "arguments", &mut |_| {
        Err(std::io::ErrorKind::NotFound.into())
    });
    added.map_err(|error| match error.hint() {
        Some(hint) => format!("{}; {hint}", error.message()),
        None => error.message().to_owned(),
    })
}

fn text(target: &Target, version: &str, parties: Parties<'_>) -> String {
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let identity = |identity: &Identity| quoted(&format!("{}:{}", identity.qualifier, identity.id));
    let (base, guide) = match target.syntax {
        Syntax::Edifact => version.split_once(':').unwrap_or((version, "")),
        Syntax::X12 | Syntax::Tradacoms => (version, ""),
    };
    let mut text = format!(
        "id = \"arguments\"\nname = \"the receiver\"\nids = [{}]\nour_ids = [{}]\nusage = \"{}\"\n[{}.write]\nversion = {}\nline_ends = {}\nbatch.messages = {}\n",
        identity(parties.receiver),
        identity(parties.sender),
        if parties.test { "test" } else { "production" },
        target.syntax,
        quoted(base),
        quoted(parties.line_ends),
        MESSAGES,
    );
    if !guide.is_empty() {
        // A string always has room for more.
        let _infallible = writeln!(
            text,
            "associations = {{ {} = {} }}",
            quoted(&target.set),
            quoted(guide)
        );
    }
    text
}

/// A version as people write it.
fn example(syntax: Syntax) -> &'static str {
    match syntax {
        Syntax::X12 => "004010",
        Syntax::Edifact | Syntax::Tradacoms => "D.96A",
    }
}

/// The one partner of a file.
///
/// # Errors
/// The first mistake in the file.
pub(super) fn partner(path: &Path) -> Result<Arc<Agreement>, String> {
    let read = partners::read(&[path.to_owned()]).map_err(|error| error.to_string())?;
    let first = read.iter().next().cloned();
    first.ok_or_else(|| format!("{} names no partner", path.display()))
}
