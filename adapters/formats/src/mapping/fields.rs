//! Hands the fields of a mapping to the entity that asks for them, compiled and with every mistake pointed at.
//!
//! An entity asks for each of its paths by name; what is left over at the end is a path that the entity does not have.
//! So the closed set of paths is written down once, in the code that uses them.

use std::collections::{BTreeMap, BTreeSet};

use canonical::codes::{Currency, Unit};
use canonical::decimal::Decimal;
use config::{ConfigError, nearest};

use super::leaf::{FormatOption, Leaf};
use super::rule::{Column, MoneyRule, QuantityRule, Rule, UnitPriceRule};
use super::spec::{FieldSpec, Options, Origin, Source, did_you_mean};

/// The fields nobody has asked for yet, and the columns that were named so far.
pub(crate) struct Fields<'s> {
    source: Source<'s>,
    specs: BTreeMap<String, FieldSpec>,
    defaults: Options,
    /// Every path that was asked for, for suggestions.
    known: BTreeSet<String>,
    columns: Vec<String>,
    entity: &'static str,
    /// Where the mapping says which entity it makes.
    entity_span: std::ops::Range<usize>,
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

    /// The columns the mapping names, in the order rules refer to them; refuses paths that nobody asked for.
    pub(crate) fn finish(self) -> Result<Vec<String>, ConfigError> {
        let Some(spec) = self.specs.values().min_by_key(|spec| spec.key.start) else {
            return Ok(self.columns);
        };
        let hint = match nearest(&spec.path, &self.known) {
            Some(near) => did_you_mean(near),
            None => format!(
                "known: {}",
                self.known.iter().cloned().collect::<Vec<_>>().join(", ")
            ),
        };
        let message = format!("{} has no field `{}`", self.entity, spec.path);
        Err(self.source.error(spec.key.clone(), message, hint))
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

    fn compile_quantity(
        &mut self,
        spec: &FieldSpec,
        needed: bool,
    ) -> Result<QuantityRule, ConfigError> {
        self.only_takes(spec, FormatOption::Decimal, &["unit"])?;
        let value = self.leaf(spec, needed)?;
        let unit = self.unit(spec)?;
        Ok(QuantityRule { value, unit })
    }

    fn compile_unit_price(
        &mut self,
        spec: &FieldSpec,
        needed: bool,
    ) -> Result<UnitPriceRule, ConfigError> {
        self.only_takes(spec, FormatOption::Decimal, &["unit", "currency", "per"])?;
        let amount = self.leaf(spec, needed)?;
        let currency = self.currency(spec)?;
        let unit = self.unit(spec)?;
        let per = match &spec.options.per {
            Some(per) => self.leaf(per, true)?,
            None => Rule::Constant(Decimal::ONE),
        };
        Ok(UnitPriceRule {
            amount,
            currency,
            per,
            unit,
        })
    }

    fn unit(&mut self, spec: &FieldSpec) -> Result<Rule<Unit>, ConfigError> {
        self.companion(spec, "unit", "C62", |options| options.unit.as_deref())
    }

    fn currency(&mut self, spec: &FieldSpec) -> Result<Rule<Currency>, ConfigError> {
        self.companion(spec, "currency", "EUR", |options| {
            options.currency.as_deref()
        })
    }

    /// What a number travels with: said at the field, or in `[defaults]`.
    fn companion<T: Leaf>(
        &mut self,
        spec: &FieldSpec,
        word: &str,
        example: &str,
        find: impl Fn(&Options) -> Option<&FieldSpec>,
    ) -> Result<Rule<T>, ConfigError> {
        if let Some(own) = find(&spec.options) {
            self.only_takes(own, T::OPTION, &[])?;
            return self.leaf(own, true);
        }
        let defaults = std::mem::take(&mut self.defaults);
        let found = match find(&defaults) {
            Some(shared) => self
                .only_takes(shared, T::OPTION, &[])
                .and_then(|()| self.leaf(shared, true)),
            None => {
                let message = format!("`{}` needs a {word}", spec.path);
                let hint = format!(
                    "add {word} = {{ constant = \"{example}\" }} to it, or to [defaults] for all"
                );
                Err(self.source.error(spec.key.clone(), message, hint))
            }
        };
        self.defaults = defaults;
        found
    }

    /// Refuses words that mean nothing for this kind of field.
    fn only_takes(
        &self,
        spec: &FieldSpec,
        option: FormatOption,
        companions: &[&str],
    ) -> Result<(), ConfigError> {
        let Options {
            decimal,
            date,
            unit,
            currency,
            per,
        } = &spec.options;
        let kind = match option {
            FormatOption::None => "no number and no date",
            FormatOption::Decimal => "a number",
            FormatOption::Date => "a date",
        };
        let companion = |name: &'static str, spec: &Option<Box<FieldSpec>>| {
            let misplaced = spec.as_ref().filter(|_| !companions.contains(&name));
            misplaced.map(|spec| (name, spec.key.clone()))
        };
        let misplaced = [
            decimal
                .as_ref()
                .filter(|_| option != FormatOption::Decimal)
                .map(|found| ("decimal", found.span())),
            date.as_ref()
                .filter(|_| option != FormatOption::Date)
                .map(|found| ("date", found.span())),
            companion("unit", unit),
            companion("currency", currency),
            companion("per", per),
        ];
        match misplaced.into_iter().flatten().next() {
            None => Ok(()),
            Some((word, span)) => {
                let message = format!(
                    "`{word}` says nothing about `{}`, which is {kind}",
                    spec.path
                );
                Err(self.source.error(span, message, format!("remove `{word}`")))
            }
        }
    }

    /// Compiles one value. `needed`: the canonical model cannot do without it.
    fn leaf<T: Leaf>(&mut self, spec: &FieldSpec, needed: bool) -> Result<Rule<T>, ConfigError> {
        let name = match spec.origin.get_ref() {
            Origin::Column(name) => name,
            Origin::Constant(text) => {
                self.no_column_words(spec)?;
                return self.value(text, spec.origin.span()).map(Rule::Constant);
            }
            Origin::Ingest(fact) => {
                self.no_column_words(spec)?;
                if T::takes(*fact) {
                    return Ok(Rule::Fact(*fact));
                }
                let message = format!("this fact of the file cannot be a value of `{}`", spec.path);
                return Err(self.source.error(spec.origin.span(), message, ""));
            }
        };
        let default: Option<T> = match &spec.default {
            Some(text) => Some(self.value(text.get_ref(), text.span())?),
            None => None,
        };
        let said = spec.required.as_ref();
        if let Some(flag) = said.filter(|flag| needed && !*flag.get_ref() && default.is_none()) {
            let message = format!("{} cannot be without `{}`", self.entity, spec.path);
            return Err(self.source.error(
                flag.span(),
                message,
                "remove `required`, or add a `default`",
            ));
        }
        if let Some(flag) = said.filter(|flag| *flag.get_ref() && default.is_some()) {
            let message = "an empty cell is either refused or replaced by the default";
            return Err(self
                .source
                .error(flag.span(), message, "remove `required` or `default`"));
        }
        let required = said.map_or(needed, |flag| *flag.get_ref());
        let format = self.format::<T>(spec)?;
        let column = self.column(name);
        Ok(Rule::Column(Column {
            column,
            format,
            default,
            required,
        }))
    }

    fn format<T: Leaf>(&self, spec: &FieldSpec) -> Result<T::Format, ConfigError> {
        match T::OPTION {
            FormatOption::None => Ok(T::Format::default()),
            FormatOption::Decimal => {
                let own = spec
                    .options
                    .decimal
                    .as_ref()
                    .or(self.defaults.decimal.as_ref());
                Ok(own.map_or_else(T::Format::default, |format| {
                    T::number_format(*format.get_ref())
                }))
            }
            FormatOption::Date => {
                match spec.options.date.as_ref().or(self.defaults.date.as_ref()) {
                    None => Ok(T::Format::default()),
                    Some(date) => T::date_format(date.get_ref()).map_err(|reason| {
                        self.source
                            .error(date.span(), format!("`{}`: {reason}", spec.path), "")
                    }),
                }
            }
        }
    }

    /// Constants and defaults are written as canonical documents have them, whatever the file's columns look like.
    fn value<T: Leaf>(&self, text: &str, span: std::ops::Range<usize>) -> Result<T, ConfigError> {
        T::read(text, &T::Format::default()).map_err(|wrong| {
            let message = format!("expected {}", wrong.expected);
            self.source
                .error(span, message, wrong.hint.unwrap_or_default())
        })
    }

    fn no_column_words(&self, spec: &FieldSpec) -> Result<(), ConfigError> {
        let spans = [
            spec.default.as_ref().map(toml::Spanned::span),
            spec.required.as_ref().map(toml::Spanned::span),
        ];
        match spans.into_iter().flatten().next() {
            None => Ok(()),
            Some(span) => {
                Err(self
                    .source
                    .error(span, "this only makes sense for a column", "remove it"))
            }
        }
    }

    fn column(&mut self, name: &str) -> usize {
        match self.columns.iter().position(|known| known == name) {
            Some(index) => index,
            None => {
                self.columns.push(name.to_owned());
                self.columns.len() - 1
            }
        }
    }
}
