//! Compiles one field of a mapping into a rule, and says what does not fit: a word that means nothing for this kind of
//! value, a constant that cannot be read, a number without its unit.

use canonical::codes::{Currency, Unit};
use canonical::decimal::Decimal;
use config::ConfigError;

use super::Fields;
use crate::mapping::leaf::{FormatOption, Leaf};
use crate::mapping::rule::{Column, QuantityRule, Rule, UnitPriceRule};
use crate::mapping::spec::{Fact, FieldSpec, Options, Origin};

impl Fields<'_> {
    pub(super) fn compile_quantity(
        &mut self,
        spec: &FieldSpec,
        needed: bool,
    ) -> Result<QuantityRule, ConfigError> {
        self.only_takes(spec, FormatOption::Decimal, &["unit"])?;
        let value = self.leaf(spec, needed)?;
        let unit = self.unit(spec)?;
        Ok(QuantityRule { value, unit })
    }

    pub(super) fn compile_unit_price(
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

    pub(super) fn currency(&mut self, spec: &FieldSpec) -> Result<Rule<Currency>, ConfigError> {
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
    pub(super) fn only_takes(
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
    pub(super) fn leaf<T: Leaf>(
        &mut self,
        spec: &FieldSpec,
        needed: bool,
    ) -> Result<Rule<T>, ConfigError> {
        let name = match spec.origin.get_ref() {
            Origin::Column(name) => name,
            Origin::Constant(text) => {
                self.no_column_words(spec)?;
                return self.value(text, spec.origin.span()).map(Rule::Constant);
            }
            Origin::Ingest(fact) => {
                self.no_column_words(spec)?;
                if T::takes(*fact) {
                    self.uses_modified_at |= *fact == Fact::ModifiedAt;
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
