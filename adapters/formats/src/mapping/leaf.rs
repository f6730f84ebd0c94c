//! The kinds of single values a canonical document is made of, each with the way it is read from text.
//!
//! Reading is strict and says what was expected. It never trims, translates or guesses; blanks around a cell are gone
//! before it comes here.

use canonical::codes::{Country, Currency, Language, Unit};
use canonical::customer::{AddressUse, BuyerRole, CustomerLevel, CustomerStatus};
use canonical::date::{Date, DateOrTime, DateTime};
use canonical::decimal::Decimal;
use canonical::inventory_level::InventoryMode;
use canonical::price::PriceKind;
use canonical::product::{ProductKind, ProductStatus};
use canonical::sales_order::{ApprovalState, OrderPurpose, OrderType};
use jiff::civil::Time;

use super::moment::{InstantFormat, NotADate, Pattern};
use super::number::{NotANumber, NumberFormat};
use super::spec::{DateSpec, Fact};

/// A value that one cell, constant or fact of the file gives.
pub(crate) trait Leaf: Clone {
    /// What has to be known to read it.
    type Format: Clone + Default + std::fmt::Debug;
    /// Which option of a field belongs to it.
    const OPTION: FormatOption = FormatOption::None;

    /// Reads `text`, which is not empty.
    fn read(text: &str, format: &Self::Format) -> Result<Self, Wrong>;

    /// The format that a field's `decimal` asks for.
    fn number_format(_format: NumberFormat) -> Self::Format {
        Self::Format::default()
    }

    /// The format that a field's `date` asks for; the error is a sentence for the mapping's author.
    fn date_format(_spec: &DateSpec) -> Result<Self::Format, String> {
        Ok(Self::Format::default())
    }

    /// Whether this fact can be such a value.
    fn takes(_fact: Fact) -> bool {
        false
    }

    /// The value of a fact that [`Leaf::takes`] accepts.
    fn of_fact(_fact: Fact, _facts: &Facts<'_>) -> Option<Self> {
        None
    }
}

/// Which of a field's words say how it is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FormatOption {
    None,
    Decimal,
    Date,
}

/// What is known of the file besides its bytes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) received_at: DateTime,
    pub(crate) modified_at: Option<DateTime>,
    pub(crate) file_name: &'a str,
}

/// Why a text is not the value.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Wrong {
    /// The problem's code.
    pub(crate) code: &'static str,
    /// What would be right, as it reads after "expected".
    pub(crate) expected: String,
    pub(crate) hint: Option<String>,
}

impl Wrong {
    fn new(code: &'static str, expected: impl Into<String>) -> Self {
        let (expected, hint) = (expected.into(), None);
        Self {
            code,
            expected,
            hint,
        }
    }

    fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }
}

impl Leaf for String {
    type Format = ();

    fn read(text: &str, (): &()) -> Result<Self, Wrong> {
        Ok(text.to_owned())
    }

    fn takes(_fact: Fact) -> bool {
        true
    }

    fn of_fact(fact: Fact, facts: &Facts<'_>) -> Option<Self> {
        match fact {
            Fact::ReceivedAt => Some(facts.received_at.to_string()),
            Fact::ModifiedAt => facts.modified_at.map(|time| time.to_string()),
            Fact::FileName => Some(facts.file_name.to_owned()),
        }
    }
}

impl Leaf for Decimal {
    type Format = NumberFormat;
    const OPTION: FormatOption = FormatOption::Decimal;

    fn read(text: &str, format: &NumberFormat) -> Result<Self, Wrong> {
        format.read(text).map_err(|why| not_a_number(why, *format))
    }

    fn number_format(format: NumberFormat) -> NumberFormat {
        format
    }
}

fn not_a_number(why: NotANumber, format: NumberFormat) -> Wrong {
    let NumberFormat { mark, group } = format;
    let shape = match group {
        Some(group) => format!("a number such as 1{group}234{mark}50"),
        None => format!("a number such as 1234{mark}50"),
    };
    let wrong = Wrong::new("mapping.decimal", shape);
    match why {
        NotANumber::Form => wrong,
        NotANumber::OtherMark(' ') => wrong.hint("a blank stands in the number: clean the column, or declare it as decimal.group"),
        NotANumber::OtherMark(found) => wrong.hint(format!(
            "if {found:?} is how this column writes numbers, say so in its decimal.mark or decimal.group"
        )),
        NotANumber::Grouping => wrong.hint("a group mark stands every three digits of the whole part"),
        NotANumber::Range => wrong.hint("at most 18 digits before the mark and 10 behind it are kept"),
    }
}

/// How a column of days is written.
pub(crate) type DayFormat = Option<Pattern>;

impl Leaf for Date {
    type Format = DayFormat;
    const OPTION: FormatOption = FormatOption::Date;

    fn read(text: &str, format: &DayFormat) -> Result<Self, Wrong> {
        match format {
            None => text.parse().map_err(|_form: canonical::date::DateError| {
                Wrong::new("mapping.date", "a day such as 2026-11-23")
            }),
            Some(pattern) => pattern
                .read_date(text)
                .map_err(|why| not_a_date(why, pattern)),
        }
    }

    fn date_format(spec: &DateSpec) -> Result<DayFormat, String> {
        let is_instant = spec.zone.is_some();
        if is_instant {
            return Err("this is a day: a time of day or a zone has no place in it".to_owned());
        }
        Ok(spec.pattern.clone())
    }
}

/// How a column of instants, or of days and instants, is written.
#[derive(Clone, Debug, Default)]
pub(crate) enum MomentFormat {
    /// RFC 3339, as canonical documents have it.
    #[default]
    Iso,
    /// Days by a pattern.
    Day(Pattern),
    /// Instants by a pattern and a zone.
    Instant(Box<InstantFormat>),
}

fn moment_format(spec: &DateSpec) -> MomentFormat {
    match (&spec.pattern, &spec.zone) {
        (None, _) => MomentFormat::Iso,
        (Some(pattern), None) => MomentFormat::Day(pattern.clone()),
        (Some(pattern), Some(zone)) => MomentFormat::Instant(Box::new(InstantFormat {
            pattern: pattern.clone(),
            zone: zone.clone(),
            time: spec.time.unwrap_or(Time::midnight()),
        })),
    }
}

/// A pattern with a time of day needs a zone, or nobody knows which instant is meant.
fn refuse_local_time(spec: &DateSpec) -> Result<(), String> {
    match &spec.pattern {
        Some(pattern) if pattern.has_time() && spec.zone.is_none() => Err(format!(
            "a time of day needs a zone: write date = {{ pattern = \"{}\", zone = \"Europe/Berlin\" }}",
            pattern.as_str()
        )),
        Some(_) | None => Ok(()),
    }
}

impl Leaf for DateTime {
    type Format = MomentFormat;
    const OPTION: FormatOption = FormatOption::Date;

    fn read(text: &str, format: &MomentFormat) -> Result<Self, Wrong> {
        match format {
            MomentFormat::Instant(format) => format
                .read(text)
                .map_err(|why| not_a_date(why, &format.pattern)),
            MomentFormat::Iso | MomentFormat::Day(_) => {
                text.parse().map_err(|_form: canonical::date::DateError| {
                    Wrong::new(
                        "mapping.date",
                        "a date and time with its offset such as 2026-11-23T08:41:00Z",
                    )
                })
            }
        }
    }

    fn date_format(spec: &DateSpec) -> Result<MomentFormat, String> {
        refuse_local_time(spec)?;
        match moment_format(spec) {
            MomentFormat::Day(pattern) => Err(format!(
                "this is a point in time, and the pattern gives a day: write date = {{ pattern = \"{}\", time = \"00:00\", zone = \"Europe/Berlin\" }}",
                pattern.as_str()
            )),
            format @ (MomentFormat::Iso | MomentFormat::Instant(_)) => Ok(format),
        }
    }

    fn takes(fact: Fact) -> bool {
        fact != Fact::FileName
    }

    fn of_fact(fact: Fact, facts: &Facts<'_>) -> Option<Self> {
        match fact {
            Fact::ReceivedAt => Some(facts.received_at),
            Fact::ModifiedAt => facts.modified_at,
            Fact::FileName => None,
        }
    }
}

impl Leaf for DateOrTime {
    type Format = MomentFormat;
    const OPTION: FormatOption = FormatOption::Date;

    fn read(text: &str, format: &MomentFormat) -> Result<Self, Wrong> {
        match format {
            MomentFormat::Iso => text.parse().map_err(|_form: canonical::date::DateError| {
                Wrong::new("mapping.date", "a day such as 2026-11-23, or a date and time with its offset such as 2026-11-23T08:41:00Z")
            }),
            MomentFormat::Day(pattern) => pattern.read_date(text).map(Self::Date).map_err(|why| not_a_date(why, pattern)),
            MomentFormat::Instant(_) => DateTime::read(text, format).map(Self::DateTime),
        }
    }

    fn date_format(spec: &DateSpec) -> Result<MomentFormat, String> {
        refuse_local_time(spec)?;
        Ok(moment_format(spec))
    }

    fn takes(fact: Fact) -> bool {
        DateTime::takes(fact)
    }

    fn of_fact(fact: Fact, facts: &Facts<'_>) -> Option<Self> {
        DateTime::of_fact(fact, facts).map(Self::DateTime)
    }
}

fn not_a_date(why: NotADate, pattern: &Pattern) -> Wrong {
    let wrong = Wrong::new(
        "mapping.date",
        format!("a date written as {}", pattern.as_str()),
    );
    match why {
        NotADate::Form => wrong,
        NotADate::Calendar => wrong.hint("the calendar has no such day or time"),
    }
}

impl Leaf for Unit {
    type Format = ();

    /// Rec 20 grows twice a year, but a unit that this program does not list is far more often the ERP's own
    /// abbreviation than a new code, and would mean something else to the shop.
    fn read(text: &str, (): &()) -> Result<Self, Wrong> {
        let unit = text.parse().ok().filter(Self::is_listed);
        unit.ok_or_else(|| {
            Wrong::new("mapping.unit", "a UN/ECE unit code such as C62 (one), KGM or XBX (box)")
                .hint("where the rows only have the ERP's own names, give one unit for all: unit = { constant = \"C62\" }")
        })
    }
}

impl Leaf for bool {
    type Format = ();

    fn read(text: &str, (): &()) -> Result<Self, Wrong> {
        text.parse().map_err(|_other: std::str::ParseBoolError| {
            Wrong::new("mapping.boolean", "true or false")
        })
    }
}

impl Leaf for u32 {
    type Format = ();

    fn read(text: &str, (): &()) -> Result<Self, Wrong> {
        let is_plain = text.bytes().all(|byte| byte.is_ascii_digit());
        let value = text.parse().ok().filter(|_| is_plain);
        value.ok_or_else(|| Wrong::new("mapping.integer", "a whole number such as 14"))
    }
}

/// Codes of public lists.
macro_rules! codes {
    ($($type:ty: $code:literal, $expected:literal;)+) => {
        $(impl Leaf for $type {
            type Format = ();

            fn read(text: &str, (): &()) -> Result<Self, Wrong> {
                text.parse().ok().ok_or_else(|| Wrong::new($code, $expected))
            }
        })+
    };
}

codes! {
    Currency: "mapping.currency", "an ISO 4217 currency code such as EUR";
    Country: "mapping.country", "a two-letter ISO 3166 country code such as DE";
    Language: "mapping.language", "a language tag such as en or de-AT";
}

/// The canonical model's own closed lists of words.
macro_rules! words {
    ($($type:ty),+ $(,)?) => {
        $(impl Leaf for $type {
            type Format = ();

            fn read(text: &str, (): &()) -> Result<Self, Wrong> {
                text.parse().ok().ok_or_else(|| {
                    let wrong = Wrong::new("mapping.word", format!("one of {}", Self::WORDS.join(", ")));
                    match config::nearest(text, Self::WORDS) {
                        Some(near) => wrong.hint(super::spec::did_you_mean(near)),
                        None => wrong,
                    }
                })
            }
        })+
    };
}

words!(
    AddressUse,
    ApprovalState,
    BuyerRole,
    CustomerLevel,
    CustomerStatus,
    InventoryMode,
    OrderPurpose,
    OrderType,
    PriceKind,
    ProductKind,
    ProductStatus,
);

#[cfg(test)]
mod tests {
    use super::{Leaf, Wrong};
    use canonical::codes::{Currency, Unit};
    use canonical::product::ProductStatus;

    #[test]
    fn values() {
        fn read<T: Leaf>(text: &str) -> Result<T, Wrong> {
            T::read(text, &T::Format::default())
        }
        for (found, good) in [
            (read::<Unit>("C62").is_ok(), true),
            (read::<Unit>("XBX").is_ok(), true),
            (read::<Unit>("Stk").is_ok(), false),
            (read::<Unit>("Stück").is_ok(), false),
            (read::<Currency>("EUR").is_ok(), true),
            (read::<Currency>("eur").is_ok(), false),
            (read::<u32>("14").is_ok(), true),
            (read::<u32>("+14").is_ok(), false),
            (read::<u32>("99999999999").is_ok(), false),
            (read::<bool>("true").is_ok(), true),
            (read::<bool>("J").is_ok(), false),
            (read::<ProductStatus>("active").is_ok(), true),
        ] {
            assert_eq!(found, good);
        }
        let wrong = read::<ProductStatus>("Aktive").unwrap_err();
        assert_eq!(wrong.hint.as_deref(), Some("did you mean `active`?"));
        assert!(
            wrong.expected.starts_with("one of active, draft"),
            "{wrong:?}"
        );
    }
}
