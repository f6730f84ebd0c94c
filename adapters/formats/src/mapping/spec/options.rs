//! How `decimal`, `date` and `ingest` are written in a mapping.

use config::{ConfigError, nearest};
use toml::Spanned;
use toml::de::DeValue;

use super::{DateSpec, Fact, Source, did_you_mean};
use crate::mapping::moment::{Pattern, time_of_day, zone};
use crate::mapping::number::NumberFormat;

impl Source<'_> {
    pub(super) fn number_format(
        self,
        value: &Spanned<DeValue<'_>>,
    ) -> Result<NumberFormat, ConfigError> {
        let Some(table) = value.as_ref().as_table() else {
            let hint =
                "write decimal = { mark = \",\" }, with group = \".\" when thousands are grouped";
            return Err(self.error(value.span(), "`decimal` is a table", hint));
        };
        let mut format = NumberFormat::default();
        for (word, value) in table {
            match word.as_ref().as_ref() {
                "mark" => format.mark = self.number_mark(value)?,
                "group" => format.group = Some(self.number_mark(value)?),
                _ => return Err(self.unknown_word(word, &["mark", "group"])),
            }
        }
        if format.group == Some(format.mark) {
            let message = "the decimal mark and the group mark are the same";
            return Err(self.error(
                value.span(),
                message,
                "with a decimal comma, thousands are grouped by a point or a blank",
            ));
        }
        Ok(format)
    }

    fn number_mark(self, value: &Spanned<DeValue<'_>>) -> Result<char, ConfigError> {
        let text = self.text_of(value)?;
        let mut characters = text.chars();
        match (characters.next(), characters.next()) {
            (Some(mark), None) if !mark.is_alphanumeric() && mark != '-' => Ok(mark),
            _ => Err(self.error(
                value.span(),
                "a mark is one character such as \",\" or \".\"",
                "",
            )),
        }
    }

    pub(super) fn date(self, value: &Spanned<DeValue<'_>>) -> Result<DateSpec, ConfigError> {
        let mut spec = DateSpec::default();
        if value.as_ref().is_str() {
            spec.pattern = self.pattern(value)?;
            return Ok(spec);
        }
        let Some(table) = value.as_ref().as_table() else {
            let hint = "write date = \"dd.MM.yyyy\", or date = { pattern = \"dd.MM.yyyy\", zone = \"Europe/Berlin\" }";
            return Err(self.error(value.span(), "`date` is a pattern or a table", hint));
        };
        for (word, value) in table {
            match word.as_ref().as_ref() {
                "pattern" => spec.pattern = self.pattern(value)?,
                "zone" => {
                    let found = zone(&self.text_of(value)?);
                    let hint = "write \"UTC\", an offset such as \"+01:00\", or a name such as \"Europe/Berlin\"";
                    spec.zone = Some(found.ok_or_else(|| {
                        self.error(value.span(), "there is no such time zone", hint)
                    })?);
                }
                "time" => {
                    let found = time_of_day(&self.text_of(value)?);
                    let wrong = || {
                        self.error(
                            value.span(),
                            "this is no time of day",
                            "write it as \"23:59\" or \"23:59:59\"",
                        )
                    };
                    spec.time = Some(found.ok_or_else(wrong)?);
                }
                _ => return Err(self.unknown_word(word, &["pattern", "zone", "time"])),
            }
        }
        let whole = value.span();
        match &spec.pattern {
            None => Err(self.error(
                whole,
                "`zone` and `time` need a `pattern`",
                "ISO dates state both themselves",
            )),
            Some(pattern) if pattern.has_time() && spec.time.is_some() => Err(self.error(
                whole,
                "the pattern has a time of day, so `time` says nothing",
                "remove `time`",
            )),
            Some(pattern) if spec.zone.is_none() && (pattern.has_time() || spec.time.is_some()) => {
                Err(self.error(
                    whole,
                    "a time of day needs a zone",
                    "add zone = \"Europe/Berlin\", \"+01:00\" or \"UTC\"",
                ))
            }
            Some(pattern) if spec.zone.is_some() && !pattern.has_time() && spec.time.is_none() => {
                Err(self.error(
                    whole,
                    "a day alone has no zone",
                    "add time = \"00:00\" to make an instant of it, or remove `zone`",
                ))
            }
            Some(_) => Ok(spec),
        }
    }

    /// `None` for "iso".
    fn pattern(self, value: &Spanned<DeValue<'_>>) -> Result<Option<Pattern>, ConfigError> {
        let text = self.text_of(value)?;
        if text.eq_ignore_ascii_case("iso") {
            return Ok(None);
        }
        let hint = "write it of yyyy, MM, dd, HH, mm, ss and what stands between, as in \"dd.MM.yyyy\"; or \"iso\"";
        Pattern::parse(&text)
            .map(Some)
            .map_err(|reason| self.error(value.span(), reason, hint))
    }

    pub(super) fn fact(self, value: &Spanned<DeValue<'_>>) -> Result<Fact, ConfigError> {
        match self.text_of(value)?.as_str() {
            "received_at" => Ok(Fact::ReceivedAt),
            "modified_at" => Ok(Fact::ModifiedAt),
            "file_name" => Ok(Fact::FileName),
            other => {
                let known = ["received_at", "modified_at", "file_name"];
                let hint = nearest(other, &known)
                    .map_or_else(|| format!("one of: {}", known.join(", ")), did_you_mean);
                Err(self.error(
                    value.span(),
                    format!("nothing is known as `{other}` of a file"),
                    hint,
                ))
            }
        }
    }
}
