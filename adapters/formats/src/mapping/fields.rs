//! Hands the fields of a mapping to the entity that asks for them, compiled and with every mistake pointed at.
//!
//! An entity asks for each of its paths by name; what is left over at the end is a path that the entity does not have.
//! So the closed set of paths is written down once, in the code that uses them.

mod compile;

use std::collections::{BTreeMap, BTreeSet};

use config::{ConfigError, nearest};

use super::leaf::{FormatOption, Leaf};
use super::rule::{MoneyRule, QuantityRule, Rule, UnitPriceRule};
use super::spec::{FieldSpec, Options, Source, did_you_mean};

/// The fields nobody has asked for yet, and the columns that were named so far.
pub(crate) struct Fields<'s> {
    source: Source<'s>,
    specs: BTreeMap<String, FieldSpec>,
    defaults: Options,
    /// Every path that was asked for, for suggestions.
    known: BTreeSet<String>,
    columns: Vec<String>,
    entity: &'static str,
    /// Whether a field takes the file's modification time.
    uses_modified_at: bool,
    /// Where the mapping says which entity it makes.
    entity_span: std::ops::Range<usize>,
}

/// What a mapping needs of every file.
#[derive(Debug)]
pub(crate) struct Needs {
    /// The columns, in the order rules refer to them.
    pub(crate) columns: Vec<String>,
    /// Whether the file's modification time must be known.
    pub(crate) modified_at: bool,
}

impl<'s> Fields<'s> {
    pub(crate) fn new(
        source: Source<'s>,
        specs: Vec<FieldSpec>,
        defaults: Options,
        entity: &'static str,
        entity_span: std::ops::Range<usize>,
    ) -> Self {
        let specs = specs
            .into_iter()
            .map(|spec| (spec.path.clone(), spec))
            .collect();
        let (known, columns) = (BTreeSet::new(), Vec::new());
        Self {
            source,
            specs,
            defaults,
            known,
            columns,
            uses_modified_at: false,
            entity,
            entity_span,
        }
    }

    /// A field that every document of the entity has.
    pub(crate) fn need<T: Leaf>(&mut self, path: &str) -> Result<Rule<T>, ConfigError> {
        let spec = self.take(path).ok_or_else(|| self.unset(path))?;
        self.only_takes(&spec, T::OPTION, &[])?;
        self.leaf(&spec, true)
    }

    /// A field that a document may lack.
    pub(crate) fn maybe<T: Leaf>(&mut self, path: &str) -> Result<Option<Rule<T>>, ConfigError> {
        let Some(spec) = self.take(path) else {
            return Ok(None);
        };
        self.only_takes(&spec, T::OPTION, &[])?;
        self.leaf(&spec, false).map(Some)
    }

    /// A quantity that every document has.
    pub(crate) fn need_quantity(&mut self, path: &str) -> Result<QuantityRule, ConfigError> {
        let spec = self.take(path).ok_or_else(|| self.unset(path))?;
        self.compile_quantity(&spec, true)
    }

    /// A quantity that a document may lack.
    pub(crate) fn quantity(&mut self, path: &str) -> Result<Option<QuantityRule>, ConfigError> {
        let spec = self.take(path);
        spec.map(|spec| self.compile_quantity(&spec, false))
            .transpose()
    }

    /// An amount of money that a document may lack.
    pub(crate) fn money(&mut self, path: &str) -> Result<Option<MoneyRule>, ConfigError> {
        let Some(spec) = self.take(path) else {
            return Ok(None);
        };
        self.only_takes(&spec, FormatOption::Decimal, &["currency"])?;
        let amount = self.leaf(&spec, false)?;
        let currency = self.currency(&spec)?;
        Ok(Some(MoneyRule { amount, currency }))
    }

    /// A unit price that every document has.
    pub(crate) fn need_unit_price(&mut self, path: &str) -> Result<UnitPriceRule, ConfigError> {
        let spec = self.take(path).ok_or_else(|| self.unset(path))?;
        self.compile_unit_price(&spec, true)
    }

    /// A unit price that a document may lack.
    pub(crate) fn unit_price(&mut self, path: &str) -> Result<Option<UnitPriceRule>, ConfigError> {
        let spec = self.take(path);
        spec.map(|spec| self.compile_unit_price(&spec, false))
            .transpose()
    }

    /// Fields whose last part the mapping chooses, such as `identifiers.gtin`: the chosen part is read as `K`.
    pub(crate) fn named<K: std::str::FromStr, T: Leaf>(
        &mut self,
        prefix: &str,
        example: &str,
    ) -> Result<Vec<(K, Rule<T>)>, ConfigError> {
        self.known.insert(format!("{prefix}.{example}"));
        let start = format!("{prefix}.");
        let chosen: Vec<String> = self
            .specs
            .range(start.clone()..)
            .map(|(path, _)| path.clone())
            .take_while(|path| path.starts_with(&start))
            .collect();
        let mut rules = Vec::new();
        for path in chosen {
            let Some(spec) = self.specs.remove(&path) else {
                continue;
            };
            let name = path.strip_prefix(&start).unwrap_or_default();
            let Ok(key) = name.parse::<K>() else {
                let message = format!("`{name}` cannot stand in `{prefix}.…`");
                return Err(self.source.error(
                    spec.key,
                    message,
                    format!("write it as in \"{prefix}.{example}\""),
                ));
            };
            self.only_takes(&spec, T::OPTION, &[])?;
            rules.push((key, self.leaf(&spec, false)?));
        }
        Ok(rules)
    }

    /// The prefixes of a group that may occur several times: `tiers` (the one this row is about) or `tiers.1`, `tiers.2`.
    pub(crate) fn groups(&mut self, name: &str, parts: &[&str]) -> Vec<String> {
        self.known
            .extend(parts.iter().map(|part| format!("{name}.{part}")));
        let start = format!("{name}.");
        let mut groups = BTreeSet::new();
        for path in self
            .specs
            .keys()
            .filter_map(|path| path.strip_prefix(&start))
        {
            let first = path.split('.').next().unwrap_or_default();
            match first.parse::<u32>() {
                Ok(number) => groups.insert((number, format!("{name}.{first}"))),
                Err(_not_numbered) => groups.insert((0, name.to_owned())),
            };
        }
        groups.into_iter().map(|(_, prefix)| prefix).collect()
    }

    /// The second parts under `name` that the mapping uses: `buyer` and `ship_to` for `parties.buyer.name`, ….
    pub(crate) fn chosen(&self, name: &str) -> BTreeSet<String> {
        let start = format!("{name}.");
        let paths = self
            .specs
            .keys()
            .filter_map(|path| path.strip_prefix(&start));
        paths
            .filter_map(|path| path.split('.').next())
            .map(str::to_owned)
            .collect()
    }

    /// A group of which the mapping sets nothing, though the entity needs it. A path under it that nobody asked for is
    /// what was meant.
    pub(crate) fn unset_group(&self, name: &str, hint: &str) -> ConfigError {
        let start = format!("{name}.");
        if let Some(spec) = self
            .specs
            .values()
            .find(|spec| spec.path.starts_with(&start))
        {
            return self.unknown(spec);
        }
        let message = format!("{} needs `{name}`, and no field sets one", self.entity);
        let hint = format!("add to [fields]: {hint}");
        self.source.error(self.entity_span.clone(), message, hint)
    }

    /// A mistake in a group of fields: pointed at the first of them, or else at the entity.
    pub(crate) fn wrong_group(&self, prefix: &str, message: String, hint: &str) -> ConfigError {
        let start = format!("{prefix}.");
        let spec = self
            .specs
            .values()
            .find(|spec| spec.path.starts_with(&start));
        let span = spec.map_or_else(|| self.entity_span.clone(), |spec| spec.key.clone());
        self.source.error(span, message, hint)
    }

    /// What the mapping needs of a file; refuses paths that nobody asked for.
    pub(crate) fn finish(self) -> Result<Needs, ConfigError> {
        let Some(spec) = self.specs.values().min_by_key(|spec| spec.key.start) else {
            let (columns, modified_at) = (self.columns, self.uses_modified_at);
            return Ok(Needs {
                columns,
                modified_at,
            });
        };
        Err(self.unknown(spec))
    }

    fn unknown(&self, spec: &FieldSpec) -> ConfigError {
        let hint = match nearest(&spec.path, &self.known) {
            Some(near) => did_you_mean(near),
            None => format!(
                "known: {}",
                self.known.iter().cloned().collect::<Vec<_>>().join(", ")
            ),
        };
        let message = format!("{} has no field `{}`", self.entity, spec.path);
        self.source.error(spec.key.clone(), message, hint)
    }

    fn take(&mut self, path: &str) -> Option<FieldSpec> {
        self.known.insert(path.to_owned());
        self.specs.remove(path)
    }

    fn unset(&self, path: &str) -> ConfigError {
        // A path that is almost this one is what was meant.
        if let Some(near) = nearest(path, self.specs.keys())
            && let Some(spec) = self.specs.get(near)
            && !self.known.contains(near)
        {
            let message = format!("{} has no field `{near}`", self.entity);
            return self
                .source
                .error(spec.key.clone(), message, did_you_mean(path));
        }
        let message = format!("{} needs `{path}`, which no field sets", self.entity);
        let hint =
            format!("add to [fields]: \"{path}\" = {{ column = \"…\" }} or {{ constant = \"…\" }}");
        self.source.error(self.entity_span.clone(), message, hint)
    }
}
