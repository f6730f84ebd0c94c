//! The text of a mapping: a TOML file in which each table is a place in a message and each line says where one of its
//! elements lives in the canonical document. Read here into plain values; whether the places exist is the plan's business.
//! Never looks at a dictionary or at the model.
//! Invariant: a mapping that was read has a unique rule for each element of each place.

use std::collections::BTreeMap;

use toml::{Table, Value};

/// A mapping that cannot be used: which file and table, and what is wrong there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {place}{message}")]
pub struct MapError {
    file: String,
    place: String,
    message: String,
}

impl MapError {
    pub(super) fn new(file: &str, section: &str, key: &str, message: impl Into<String>) -> Self {
        let place = match (section, key) {
            ("", "") => String::new(),
            ("", key) => format!("{key}: "),
            (section, "") => format!("[{section}]: "),
            (section, key) => format!("[{section}] {key}: "),
        };
        Self {
            file: file.to_owned(),
            place,
            message: message.into(),
        }
    }
}

/// A mapping's text, taken apart.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Source {
    /// What errors call the file.
    pub(super) file: String,
    /// The set or message, `850`; empty in a file of shared places.
    pub(super) set: String,
    /// The canonical entity.
    pub(super) entity: String,
    /// The segment that a message must have to be read by this text instead of by the set's own.
    pub(super) having: String,
    /// The loop of which each repetition makes a document of its own; empty where the message is one.
    pub(super) document: String,
    /// What a loop's repetition must say to be a document; empty where each is one.
    pub(super) needs: String,
    /// `header` or `trailer` where the message is no document, but says something of those around; else empty.
    pub(super) part: String,
    /// Files of shared places that this one builds on.
    pub(super) uses: Vec<String>,
    /// Whether the mapping is only for reading.
    pub(super) reads_only: bool,
    /// Code tables by name: code and word, in the order in which they were written.
    pub(super) codes: BTreeMap<String, Vec<(String, String)>>,
    /// What stands for a value that the message does not state: the first of these that there is.
    pub(super) defaults: Vec<(String, Vec<String>)>,
    /// The places.
    pub(super) sections: Vec<SectionSource>,
}

/// A place in the message, and what its elements mean.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct SectionSource {
    /// `PO1/N1[01=ST]/N3`.
    pub(super) place: String,
    /// The list of the document that gets an item for each such segment or loop.
    pub(super) each: String,
    /// The elements of a node of a hierarchy.
    pub(super) tree: Option<Levels>,
    /// The tag that the next segment must have, or must not have after `!`.
    pub(super) before: String,
    /// Whether the place is only read: what it says is written elsewhere.
    pub(super) reads_only: bool,
    /// A segment that must not stand beside it, in the loop around.
    pub(super) unless: String,
    /// A segment that must not stand inside the loop that it opens.
    pub(super) without: String,
    /// A path that the document must have something at for the place to be written, or not have after `!`.
    pub(super) when: String,
    /// Written with `?`: left out where the version has no such place.
    pub(super) optional: bool,
    /// Left out where the structure has no such place: it comes from a file of shared places.
    pub(super) shared: bool,
    /// Values of the document that come from somewhere else than an element: target and source.
    pub(super) set: Vec<(String, String)>,
    /// The elements.
    pub(super) rules: Vec<RuleSource>,
}

/// The elements of a node of a hierarchy that hold its own number, its parent's, and whether it has nodes below.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Levels {
    pub(super) own: Address,
    pub(super) parent: Address,
    pub(super) below: Option<Address>,
}

impl Levels {
    /// `01 02`, or `01 02 04`.
    fn read(text: &str) -> Option<Self> {
        let mut parts = text.split(' ').map(Address::read);
        let (own, parent, below) = (parts.next()??, parts.next()??, parts.next());
        let tree = Self {
            own,
            parent,
            below: below.flatten(),
        };
        (parts.next().is_none() && below.is_none_or(|below| below.is_some())).then_some(tree)
    }
}

/// What an element, or a run of them, means.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct RuleSource {
    /// The key as it was written, but for `?`.
    pub(super) key: String,
    /// Written with `?`: left out where the version has no such element.
    pub(super) optional: bool,
    /// The first element, and the last of the run.
    pub(super) first: Address,
    pub(super) last: Address,
    /// `target | function argument…`, one or several.
    pub(super) targets: Vec<String>,
}

/// An element, or a component of it (0: the element as a whole).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Address {
    pub(crate) element: u8,
    pub(crate) component: u8,
}

impl Address {
    /// `03` or `01.2`.
    pub(super) fn read(text: &str) -> Option<Self> {
        let (element, component) = text.split_once('.').unwrap_or((text, "0"));
        let address = Self {
            element: element.parse().ok()?,
            component: component.parse().ok()?,
        };
        (1..64).contains(&address.element).then_some(address)
    }
}

impl Source {
    /// Reads a mapping's text.
    pub(super) fn read(text: &str, file: &str) -> Result<Self, MapError> {
        let table: Table = text
            .parse()
            .map_err(|error: toml::de::Error| MapError::new(file, "", "", error.to_string()))?;
        let mut source = Self {
            file: file.to_owned(),
            ..Self::default()
        };
        for (key, value) in table {
            source.entry(key, value)?;
        }
        source
            .sections
            .sort_by(|one, two| one.place.cmp(&two.place));
        Ok(source)
    }

    fn entry(&mut self, key: String, value: Value) -> Result<(), MapError> {
        let wrong = |what: &str| MapError::new(&self.file, "", &key, what);
        match (key.as_str(), value) {
            ("set" | "message", Value::String(text)) => self.set = text,
            ("entity", Value::String(text)) => self.entity = text,
            ("having", Value::String(text)) => self.having = text,
            ("document", Value::String(text)) => self.document = text,
            ("needs", Value::String(text)) => self.needs = text,
            ("part", Value::String(text)) => self.part = text,
            ("write", Value::Boolean(write)) => self.reads_only = !write,
            ("use", Value::Array(names)) => {
                let names = names
                    .into_iter()
                    .map(|name| name.as_str().map(str::to_owned));
                self.uses = names
                    .collect::<Option<_>>()
                    .ok_or_else(|| wrong("expected a list of file names"))?;
            }
            ("codes", Value::Table(tables)) => {
                for (name, list) in tables {
                    let pairs = list.as_str().and_then(codes);
                    let pairs = pairs.ok_or_else(|| {
                        MapError::new(
                            &self.file,
                            "codes",
                            &name,
                            "expected \"CODE=word CODE=word …\"",
                        )
                    })?;
                    self.codes.insert(name, pairs);
                }
            }
            ("default", Value::Table(values)) => {
                for (target, value) in values {
                    let sources = texts(value).ok_or_else(|| {
                        MapError::new(
                            &self.file,
                            "default",
                            &target,
                            "expected a text, or a list of them",
                        )
                    })?;
                    self.defaults.push((target, sources));
                }
            }
            (_, Value::Table(rules)) => {
                let section = SectionSource::read(&self.file, &key, rules)?;
                self.sections.push(section);
            }
            (_, _) => {
                return Err(wrong(
                    "expected a table for a place in the message, or one of set, message, entity, having, document, needs, part, use, codes, default",
                ));
            }
        }
        Ok(())
    }

    /// Takes over what the text over this one says of the whole mapping.
    pub(super) fn take_head(&mut self, over: &Self) {
        self.reads_only |= over.reads_only;
        for (own, new) in [
            (&mut self.set, &over.set),
            (&mut self.entity, &over.entity),
            (&mut self.having, &over.having),
            (&mut self.document, &over.document),
            (&mut self.needs, &over.needs),
            (&mut self.part, &over.part),
            (&mut self.file, &over.file),
        ] {
            if !new.is_empty() {
                own.clone_from(new);
            }
        }
    }

    /// Makes this a file of shared places, below a place of the mapping that uses it.
    pub(super) fn share(&mut self, below: &str) {
        for section in &mut self.sections {
            section.shared = true;
            if section.place == "." {
                section.place = below.to_owned();
            } else if !below.is_empty() {
                section.place = format!("{below}/{}", section.place);
            }
        }
    }

    /// Lays another mapping's text over this one: its places and its rules take the place of those of the same name.
    pub(super) fn lay_over(&mut self, over: Self) {
        for (name, codes) in over.codes {
            let merged = self.codes.entry(name).or_default();
            let fresh: Vec<_> = codes;
            merged.retain(|(code, _)| fresh.iter().all(|(new, _)| new != code));
            merged.splice(0..0, fresh);
        }
        for (target, value) in over.defaults {
            self.defaults.retain(|(known, _)| *known != target);
            self.defaults.push((target, value));
        }
        for section in over.sections {
            match self
                .sections
                .iter_mut()
                .find(|known| known.place == section.place)
            {
                Some(known) => known.lay_over(section),
                None => self.sections.push(section),
            }
        }
    }
}

impl SectionSource {
    fn read(file: &str, place: &str, rules: Table) -> Result<Self, MapError> {
        let (place, optional) = optional(place);
        let mut section = Self {
            place: place.to_owned(),
            optional,
            ..Self::default()
        };
        for (key, value) in rules {
            section.entry(file, &key, value)?;
        }
        section.rules.sort_by_key(|rule| rule.first);
        Ok(section)
    }

    fn entry(&mut self, file: &str, key: &str, value: Value) -> Result<(), MapError> {
        let wrong = |what: &str| MapError::new(file, &self.place, key, what);
        match (key, value) {
            ("each", Value::String(list)) => self.each = list,
            ("before", Value::String(tag)) => self.before = tag,
            ("unless", Value::String(segment)) => self.unless = segment,
            ("without", Value::String(segment)) => self.without = segment,
            ("write", Value::Boolean(write)) => self.reads_only = !write,
            ("when", Value::String(path)) => self.when = path,
            ("tree", Value::String(text)) => {
                let tree = Levels::read(&text).ok_or_else(|| {
                    wrong(
                        "expected the elements of a node's own number and its parent's, perhaps of whether it has some below: \"01 02 04\"",
                    )
                })?;
                self.tree = Some(tree);
            }
            ("set", Value::Table(values)) => {
                for (target, value) in values {
                    let sources = texts(value).ok_or_else(|| wrong("expected texts"))?;
                    let pairs = sources.into_iter().map(|source| (target.clone(), source));
                    self.set.extend(pairs);
                }
            }
            (_, value) => {
                let rule = RuleSource::read(key, value).map_err(wrong)?;
                self.rules.push(rule);
            }
        }
        Ok(())
    }

    fn lay_over(&mut self, over: Self) {
        if !over.each.is_empty() {
            self.each = over.each;
        }
        for (own, new) in [
            (&mut self.before, over.before),
            (&mut self.unless, over.unless),
            (&mut self.without, over.without),
            (&mut self.when, over.when),
        ] {
            if !new.is_empty() {
                *own = new;
            }
        }
        self.reads_only |= over.reads_only;
        self.optional &= over.optional;
        self.shared &= over.shared;
        self.tree = over.tree.or(self.tree);
        self.set
            .retain(|(known, _)| over.set.iter().all(|(new, _)| new != known));
        self.set.extend(over.set);
        for rule in over.rules {
            self.rules.retain(|known| known.key != rule.key);
            self.rules.push(rule);
        }
        self.rules.sort_by_key(|rule| rule.first);
    }
}

impl RuleSource {
    fn read(key: &str, value: Value) -> Result<Self, &'static str> {
        let (key, optional) = optional(key);
        let (first, last) = key.split_once("..").unwrap_or((key, key));
        let (Some(first), Some(last)) = (Address::read(first), Address::read(last)) else {
            return Err(
                "expected an element (03), a component (01.2), a run (06..25), or one of each, before, unless, without, write, \
                 when, tree, set",
            );
        };
        Ok(Self {
            key: key.to_owned(),
            optional,
            first,
            last,
            targets: texts(value).ok_or("expected a target, or a list of them")?,
        })
    }
}

/// A place or element without the `?` that says that some versions lack it.
fn optional(text: &str) -> (&str, bool) {
    text.strip_prefix('?')
        .map_or((text, false), |rest| (rest, true))
}

/// One text, or a list of them.
fn texts(value: Value) -> Option<Vec<String>> {
    match value {
        Value::String(text) => Some(vec![text]),
        Value::Array(list) => list
            .into_iter()
            .map(|text| text.as_str().map(str::to_owned))
            .collect(),
        _ => None,
    }
}

/// `BY=buyer ST=ship_to`, over as many lines as it takes.
fn codes(text: &str) -> Option<Vec<(String, String)>> {
    let pair = |pair: &str| {
        pair.split_once('=')
            .map(|(code, word)| (code.to_owned(), word.to_owned()))
    };
    text.split_whitespace().map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::{Address, Source};

    #[test]
    fn a_mapping_is_taken_apart() {
        let text = "set = '850'\nentity = 'sales_order'\n[codes]\nrole = '''BY=buyer\n  *=other'''\n\
            [N1]\neach = 'parties'\n01 = ['role | codes role', 'role_code']\n\"06..25\" = 'identifiers | pairs x'\n";
        let mut source = Source::read(text, "850").unwrap();
        assert_eq!(source.codes["role"].len(), 2);
        let section = &source.sections[0];
        assert_eq!(
            (section.place.as_str(), section.each.as_str()),
            ("N1", "parties")
        );
        assert_eq!(section.rules[0].targets, ["role | codes role", "role_code"]);
        assert_eq!(
            section.rules[1].last,
            Address {
                element: 25,
                component: 0
            }
        );

        let over = Source::read(
            "[N1]\n01 = '-'\n03 = 'name'\n[codes]\nrole = 'XX=payer BY=seller'",
            "over",
        )
        .unwrap();
        source.lay_over(over);
        let targets: Vec<_> = source.sections[0]
            .rules
            .iter()
            .map(|rule| rule.targets[0].as_str())
            .collect();
        assert_eq!(targets, ["-", "name", "identifiers | pairs x"]);
        assert_eq!(
            source.codes["role"]
                .iter()
                .map(|(code, _)| code.as_str())
                .collect::<Vec<_>>(),
            ["XX", "BY", "*"]
        );
    }

    #[test]
    fn mistakes_are_named() {
        for (text, want) in [
            ("set = 3", "m: set: expected a table for a place"),
            ("[N1]\nx = 'a'", "m: [N1] x: expected an element (03)"),
            ("[N1]\n01 = 7", "m: [N1] 01: expected a target"),
            ("[codes]\na = 'b'", "m: [codes] a: expected \"CODE=word"),
            ("[HL]\ntree = '01'", "m: [HL] tree: expected the elements"),
        ] {
            let error = Source::read(text, "m").unwrap_err().to_string();
            assert!(error.starts_with(want), "{error}");
        }
    }
}
