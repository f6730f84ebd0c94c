//! All dictionaries that can be used: those shipped and those a customer added. Finds the one for a version, or the nearest.
//! Invariant: the same version finds the same dictionary, in whatever order dictionaries were used before.

use std::fmt;
use std::sync::Arc;

use super::error::{DictionaryError, Mistake};
use super::shipped::{SHIPPED, Shipped};
use super::text;
use super::{Dictionary, compile, json_entries, syntax_named};
use crate::syntax::Syntax;

/// The dictionaries at hand. Cheap to clone: each is compiled once in a process, when it is first found.
///
/// ```
/// use edi::Syntax;
/// use edi::dictionary::Dictionaries;
///
/// let mut dictionaries = Dictionaries::shipped();
/// dictionaries.add("x12 004010ACME extends 004010\ncodes 353 99", "acme.dict")?;
///
/// let guide = dictionaries.find(Syntax::X12, "004010ACME").expect("just added");
/// assert_eq!((guide.dictionary.version(), guide.exact), ("004010ACME", true));
/// let neighbour = dictionaries.find_guide(Syntax::Edifact, "D.96B", "EAN008").expect("D.96A");
/// assert_eq!((neighbour.dictionary.version(), neighbour.exact), ("EAN97", false));
/// # Ok::<(), edi::dictionary::DictionaryError>(())
/// ```
#[derive(Clone)]
pub struct Dictionaries(Vec<Entry>);

impl fmt::Debug for Dictionaries {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_list().entries(self.versions()).finish()
    }
}

/// A dictionary and how exactly it fits what was asked for.
#[derive(Clone, Debug)]
pub struct Found {
    /// The dictionary.
    pub dictionary: Arc<Dictionary>,
    /// Whether it is that of the version asked for, not of a neighbour.
    pub exact: bool,
}

#[derive(Clone)]
struct Entry {
    syntax: Syntax,
    version: Box<str>,
    extends: Option<Box<str>>,
    /// Other names: association assigned codes (perhaps with a `*` at the end) or versions.
    names: Vec<Box<str>>,
    /// Where it stands among the releases of its syntax; none for a guide.
    release: Option<u32>,
    source: Source,
}

#[derive(Clone)]
enum Source {
    Shipped(&'static Shipped),
    Added(Arc<Dictionary>),
}

impl Dictionaries {
    /// Those that come with the program.
    #[must_use]
    pub fn shipped() -> Self {
        let entry = |shipped: &'static Shipped| {
            let header = shipped.header();
            let syntax = syntax_named(header.syntax)?;
            Some(Entry {
                syntax,
                version: header.version.into(),
                extends: header.extends.map(Box::from),
                names: header.names.into_iter().map(Box::from).collect(),
                release: release(syntax, header.version),
                source: Source::Shipped(shipped),
            })
        };
        Self(SHIPPED.iter().filter_map(entry).collect())
    }

    /// Adds a dictionary or guide, in the text form or (beginning with `{`) the open JSON form. It may extend any that is
    /// there already and is found before one of the same version. `name` is the file's, for its mistakes.
    ///
    /// # Errors
    /// The first mistake; then nothing was added.
    pub fn add(&mut self, text: &str, name: &str) -> Result<Arc<Dictionary>, DictionaryError> {
        let entry = self.read(text).map_err(|mistake| mistake.within(name))?;
        let dictionary = entry.dictionary();
        self.0.push(entry);
        Ok(dictionary)
    }

    fn read(&self, text: &str) -> Result<Entry, Mistake> {
        let entries = match text.trim_start().starts_with('{') {
            true => json_entries(text)?,
            false => text::read(text)?,
        };
        let base = entries.extends.as_deref().and_then(|wanted| {
            let syntax = syntax_named(&entries.syntax)?;
            self.of(syntax).find(|entry| *entry.version == *wanted)
        });
        let base = base.map(Entry::dictionary);
        let dictionary = compile::compile(&entries, base.as_deref())?;
        let owned = |text: &std::borrow::Cow<'_, str>| Box::from(text.as_ref());
        Ok(Entry {
            syntax: dictionary.syntax(),
            version: dictionary.version().into(),
            extends: entries.extends.as_ref().map(owned),
            names: entries.names.iter().map(owned).collect(),
            release: release(dictionary.syntax(), dictionary.version()),
            source: Source::Added(Arc::new(dictionary)),
        })
    }

    /// The dictionary for a version: exactly that one, or that of the nearest older release, else of the nearest newer.
    /// None where the version cannot be placed, or the syntax has no dictionary.
    ///
    /// - X12: GS08 as it stands (`004010VICS`); ISA12 works as well.
    /// - EDIFACT: version and release of S009 (`D.96A`), perhaps with the association assigned code (`D.96A:EAN008`).
    ///   Service segments and CONTRL by themselves are `D.3` and, for syntax version 4, `D.4`.
    /// - TRADACOMS: the version of MHD (`9`).
    /// - A guide or overlay by its own name (`EAN97`).
    #[must_use]
    pub fn find(&self, syntax: Syntax, version: &str) -> Option<Found> {
        let split = match syntax {
            Syntax::X12 => version.split_at_checked(6),
            Syntax::Edifact | Syntax::Tradacoms => version.split_once(':'),
        };
        let (base, guide) = split.unwrap_or((version, ""));
        match self.of(syntax).find(|entry| entry.is(version)) {
            Some(entry) => Some(entry.found(true)),
            None => self.find_guide(syntax, base, guide),
        }
    }

    /// The same with what narrows a version down set apart, as [`Message`](crate::Message) holds it: the rest of GS08, or
    /// the association assigned code of S009. A guide is found by it when it extends the dictionary of that version and
    /// is called `004010VICS` (X12) or says that it is `for EAN*` (EDIFACT). An unknown guide narrows nothing down.
    #[must_use]
    pub fn find_guide(&self, syntax: Syntax, version: &str, guide: &str) -> Option<Found> {
        let (base, exact) = match self.of(syntax).find(|entry| entry.is(version)) {
            Some(entry) => (entry, true),
            None => {
                let wanted = release(syntax, version)?;
                let nearest = self.nearest(syntax, wanted)?;
                (nearest, nearest.release == Some(wanted))
            }
        };
        let narrowed = self.of(syntax).find(|entry| entry.narrows(base, guide));
        Some(narrowed.unwrap_or(base).found(exact))
    }

    /// Every dictionary and guide by syntax and version, the last added first.
    pub fn versions(&self) -> impl Iterator<Item = (Syntax, &str)> {
        self.0
            .iter()
            .rev()
            .map(|entry| (entry.syntax, &*entry.version))
    }

    fn of(&self, syntax: Syntax) -> impl Iterator<Item = &Entry> {
        self.0
            .iter()
            .rev()
            .filter(move |entry| entry.syntax == syntax)
    }

    /// The newest release up to the one wanted, else the oldest after it.
    fn nearest(&self, syntax: Syntax, wanted: u32) -> Option<&Entry> {
        let distance = |entry: &&Entry| {
            let release = entry.release?;
            Some((release > wanted, release.abs_diff(wanted)))
        };
        self.of(syntax)
            .filter(|entry| entry.release.is_some())
            .min_by_key(distance)
    }
}

impl Entry {
    fn dictionary(&self) -> Arc<Dictionary> {
        match &self.source {
            Source::Shipped(shipped) => shipped.dictionary(),
            Source::Added(dictionary) => Arc::clone(dictionary),
        }
    }

    /// Whether it goes by this name.
    fn is(&self, name: &str) -> bool {
        *self.version == *name || self.names.iter().any(|other| **other == *name)
    }

    /// Whether it is the guide of this name to the other.
    fn narrows(&self, base: &Self, guide: &str) -> bool {
        !guide.is_empty()
            && self.extends.as_deref() == Some(&*base.version)
            && (self.version.strip_prefix(&*base.version) == Some(guide)
                || self.names.iter().any(|pattern| matches(pattern, guide)))
    }

    fn found(&self, exact: bool) -> Found {
        Found {
            dictionary: self.dictionary(),
            exact,
        }
    }
}

fn matches(pattern: &str, name: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => pattern == name,
    }
}

/// Where a version stands among the releases of its syntax.
fn release(syntax: Syntax, version: &str) -> Option<u32> {
    match syntax {
        Syntax::X12 => x12_release(version),
        Syntax::Edifact => directory(version),
        Syntax::Tradacoms => version.parse().ok(),
    }
}

/// `004010`, or shorter as ISA12 (`00401`) and old GS08 (`4010`) have it.
fn x12_release(version: &str) -> Option<u32> {
    let number: u32 = version.parse().ok()?;
    match version.len() {
        4 | 6 => Some(number),
        5 => Some(number * 10),
        _ => None,
    }
}

/// `D.96A`: version (draft or standard), then the year and a letter. `90.1` and `1.911` are older than any letter.
fn directory(version: &str) -> Option<u32> {
    let (version, release) = version.split_once('.')?;
    let (year, half) = match release.as_bytes() {
        [tens, ones, half] => ([*tens, *ones], *half),
        [half] => (version.as_bytes().try_into().ok()?, *half),
        _ => return None,
    };
    let year: u32 = std::str::from_utf8(&year).ok()?.parse().ok()?;
    let century = if year < 80 { 2000 } else { 1900 };
    half.is_ascii_alphanumeric()
        .then(|| (century + year) * 256 + u32::from(half.to_ascii_uppercase()))
}

#[cfg(test)]
mod tests {
    use super::{Dictionaries, release};
    use crate::syntax::Syntax;

    fn of(syntax: &str, versions: &[&str]) -> Dictionaries {
        let mut dictionaries = Dictionaries(Vec::new());
        for version in versions {
            let added = dictionaries.add(&format!("{syntax} {version}"), version);
            added.expect("an empty dictionary");
        }
        dictionaries
    }

    #[test]
    fn the_nearest_release_stands_in() {
        let x12 = of(
            "x12",
            &[
                "004010",
                "005010",
                "ACME extends 004010",
                "004010VICS extends 004010",
            ],
        );
        let edifact = of(
            "edifact",
            &["D.3", "D.4 for 4.1", "D.93A", "D.96A", "D.97A", "D.01B"],
        );
        let tradacoms = of("tradacoms", &["9"]);
        for (dictionaries, syntax, version, found, exact) in [
            (&x12, Syntax::X12, "004010", "004010", true),
            (&x12, Syntax::X12, "00401", "004010", true),
            (&x12, Syntax::X12, "4010", "004010", true),
            (&x12, Syntax::X12, "004010VICS", "004010VICS", true),
            (&x12, Syntax::X12, "004010UCS", "004010", true),
            (&x12, Syntax::X12, "004030", "004010", false),
            (&x12, Syntax::X12, "004060VICS", "004010VICS", false),
            (&x12, Syntax::X12, "005010X222A1", "005010", true),
            (&x12, Syntax::X12, "007010", "005010", false),
            (&x12, Syntax::X12, "003040", "004010", false),
            (&x12, Syntax::X12, "ACME", "ACME", true),
            (&x12, Syntax::X12, "", "none", false),
            (&x12, Syntax::X12, "D96A", "none", false),
            (&edifact, Syntax::Edifact, "D.96A", "D.96A", true),
            (&edifact, Syntax::Edifact, "S.96A", "D.96A", true),
            (&edifact, Syntax::Edifact, "D.96A:ZZZ", "D.96A", true),
            (&edifact, Syntax::Edifact, "D.96B", "D.96A", false),
            (&edifact, Syntax::Edifact, "D.95B", "D.93A", false),
            (&edifact, Syntax::Edifact, "D.99B", "D.97A", false),
            (&edifact, Syntax::Edifact, "D.00A", "D.97A", false),
            (&edifact, Syntax::Edifact, "D.11A", "D.01B", false),
            (&edifact, Syntax::Edifact, "1.911", "D.93A", false),
            (&edifact, Syntax::Edifact, "90.1", "D.93A", false),
            (&edifact, Syntax::Edifact, "D.3", "D.3", true),
            (&edifact, Syntax::Edifact, "4.1", "D.4", true),
            (&edifact, Syntax::Edifact, "D.9É", "none", false),
            (&tradacoms, Syntax::Tradacoms, "9", "9", true),
            (&tradacoms, Syntax::Tradacoms, "2", "9", false),
            (&tradacoms, Syntax::X12, "004010", "none", false),
        ] {
            let got = dictionaries.find(syntax, version);
            let got = got
                .as_ref()
                .map_or(("none", false), |got| (got.dictionary.version(), got.exact));
            assert_eq!(got, (found, exact), "{syntax} {version}");
        }
    }

    #[test]
    fn a_guide_is_found_by_its_association_code() {
        let edifact = of(
            "edifact",
            &[
                "D.96A",
                "D.01B",
                "EAN97 extends D.96A for EAN*",
                "EAN02 extends D.01B for EAN*",
                "ACME extends D.01B for EAN010 ACM",
            ],
        );
        for (version, guide, found, exact) in [
            ("D.96A", "EAN008", "EAN97", true),
            ("D.96B", "EAN008", "EAN97", false),
            ("D.01B", "EAN011", "EAN02", true),
            ("D.01B", "EAN010", "ACME", true),
            ("D.01B", "ACM", "ACME", true),
            ("D.96A", "ACM", "D.96A", true),
            ("D.96A", "", "D.96A", true),
            ("EAN97", "EAN010", "EAN97", true),
        ] {
            let got = edifact
                .find_guide(Syntax::Edifact, version, guide)
                .expect("a neighbour");
            assert_eq!(
                (got.dictionary.version(), got.exact),
                (found, exact),
                "{version} {guide}"
            );
        }
    }

    #[test]
    fn what_is_added_comes_first_and_leaves_the_shipped_alone() {
        let mut dictionaries = Dictionaries::shipped();
        let before = dictionaries.versions().count();
        let guide = r#"{ "syntax": "edifact", "version": "D.96A", "extends": "D.96A" }"#;
        let added = dictionaries.add(guide, "ours.json").expect("a guide");
        let find = |dictionaries: &Dictionaries| {
            dictionaries
                .find(Syntax::Edifact, "D.96A")
                .expect("D.96A")
                .dictionary
        };
        assert!(std::sync::Arc::ptr_eq(&find(&dictionaries), &added));
        assert!(!std::sync::Arc::ptr_eq(
            &find(&Dictionaries::shipped()),
            &added
        ));
        let error = dictionaries
            .add("edifact MINE extends D.88A", "mine.dict")
            .expect_err("no such base");
        assert_eq!(
            error.to_string(),
            "mine.dict:1: extends edifact D.88A, which is not known here"
        );
        assert_eq!(dictionaries.versions().count(), before + 1);
    }

    #[test]
    fn releases_are_ordered() {
        for (syntax, versions) in [
            (Syntax::X12, &["002001", "003040", "004010", "010000"][..]),
            (
                Syntax::Edifact,
                &[
                    "1.911", "2.912", "D.93A", "D.96A", "D.96B", "D.99B", "D.00A", "D.21B",
                ][..],
            ),
            (Syntax::Tradacoms, &["2", "9", "10"][..]),
        ] {
            assert!(
                versions.is_sorted_by(|a, b| release(syntax, a) < release(syntax, b)),
                "{versions:?}"
            );
            assert!(
                versions
                    .iter()
                    .all(|version| release(syntax, version).is_some())
            );
        }
    }
}
