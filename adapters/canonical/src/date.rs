//! Dates and times as the source wrote them: a bare date stays bare, "…40.120Z" keeps its digits.
//! Never invents a time zone and never reads a clock.
//! Invariant: every value is a real day of the proleptic Gregorian calendar, in RFC 3339 form.

use std::str::FromStr;

use crate::text::{Inline, clip, text_value};

/// A calendar day, `YYYY-MM-DD`.
///
/// ```
/// use canonical::date::Date;
/// assert_eq!("2028-02-29".parse::<Date>()?.to_string(), "2028-02-29");
/// assert!("2026-02-29".parse::<Date>().is_err());
/// # Ok::<(), canonical::date::DateError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Date(Inline<10>);

/// An instant, RFC 3339: `YYYY-MM-DDThh:mm:ss[.f…](Z|±hh:mm)` with at most nine fraction digits.
/// Second 60 is refused: no business system means a leap second.
/// Equality is that of the text; compare instants with [`DateTime::unix_nanos`].
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime(Inline<35>);

/// A bare date or an instant, whichever the source stated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DateOrTime {
    /// Only the day was stated.
    Date(Date),
    /// Day, time and offset were stated.
    DateTime(DateTime),
}

/// Why a text is not a date or an instant.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DateError {
    /// Not the form.
    #[error("expected {expected}, found {found:?}")]
    Form {
        /// The form that was expected, with an example.
        expected: &'static str,
        /// The text, clipped.
        found: String,
    },
    /// The form is right but there is no such day or time.
    #[error("{found:?} is not in the calendar")]
    Calendar {
        /// The text, clipped.
        found: String,
    },
}

impl Date {
    /// The day, or `None` when the calendar does not have it. Years 0 to 9999.
    pub fn from_ymd(year: u16, month: u8, day: u8) -> Option<Self> {
        if year > 9999 || !(1..=12).contains(&month) || day == 0 || day > days_in(year, month) {
            return None;
        }
        Inline::new(&format!("{year:04}-{month:02}-{day:02}")).map(Self)
    }

    /// `YYYY-MM-DD`.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Year, month (1 to 12), day (1 to 31).
    pub fn ymd(&self) -> (u16, u8, u8) {
        ymd(self.as_str()).unwrap_or_default()
    }

    /// Days since 1970-01-01.
    pub fn unix_days(&self) -> i64 {
        let (year, month, day) = self.ymd();
        days_from_civil(year.into(), month.into(), day.into())
    }
}

impl DateTime {
    /// The text as it was given.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// The calendar day as written, in the offset as written.
    pub fn date(&self) -> Date {
        let text = self.as_str().get(..10).unwrap_or_default();
        Inline::new(text).map_or(Date(Inline::full(b"1970-01-01")), Date)
    }

    /// Nanoseconds since 1970-01-01T00:00:00Z, for comparison.
    pub fn unix_nanos(&self) -> i128 {
        let text = self.as_str();
        let time = text.get(11..).and_then(clock).unwrap_or_default();
        let seconds = self.date().unix_days() * 86_400 + time.second_of_day - time.offset_seconds;
        i128::from(seconds) * 1_000_000_000 + i128::from(time.nanos)
    }
}

impl DateOrTime {
    /// The text as it was given.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Date(date) => date.as_str(),
            Self::DateTime(time) => time.as_str(),
        }
    }

    /// The calendar day.
    pub fn date(&self) -> Date {
        match self {
            Self::Date(date) => *date,
            Self::DateTime(time) => time.date(),
        }
    }

    /// The instant, when one was stated.
    pub fn date_time(&self) -> Option<DateTime> {
        match self {
            Self::Date(_) => None,
            Self::DateTime(time) => Some(*time),
        }
    }

    /// Whether this is certainly later than `other`: by instant when both state one, by day otherwise.
    pub fn is_after(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::DateTime(a), Self::DateTime(b)) => a.unix_nanos() > b.unix_nanos(),
            (Self::Date(_), _) | (_, Self::Date(_)) => self.date() > other.date(),
        }
    }
}

impl From<Date> for DateOrTime {
    fn from(date: Date) -> Self {
        Self::Date(date)
    }
}

impl From<DateTime> for DateOrTime {
    fn from(time: DateTime) -> Self {
        Self::DateTime(time)
    }
}

impl FromStr for Date {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let form = || DateError::Form {
            expected: "a date as YYYY-MM-DD",
            found: clip(text),
        };
        let (year, month, day) = ymd(text).ok_or_else(form)?;
        Self::from_ymd(year, month, day).ok_or_else(|| DateError::Calendar { found: clip(text) })
    }
}

impl FromStr for DateTime {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        let form = || DateError::Form {
            expected: "an instant as 2026-01-31T13:45:00Z or with an offset such as +01:00",
            found: clip(text),
        };
        let (date, rest) = text.split_once('T').ok_or_else(form)?;
        let (year, month, day) = ymd(date).ok_or_else(form)?;
        let time = clock(rest).ok_or_else(form)?;
        if Date::from_ymd(year, month, day).is_none() || !time.exists {
            return Err(DateError::Calendar { found: clip(text) });
        }
        Inline::new(text).map(Self).ok_or_else(form)
    }
}

impl FromStr for DateOrTime {
    type Err = DateError;

    fn from_str(text: &str) -> Result<Self, DateError> {
        if text.contains('T') {
            text.parse().map(Self::DateTime)
        } else {
            text.parse().map(Self::Date)
        }
    }
}

text_value!(Date, { "type": "string", "format": "date" });
text_value!(DateTime, { "type": "string", "format": "date-time" });

impl std::fmt::Display for DateOrTime {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(self.as_str())
    }
}

impl serde::Serialize for DateOrTime {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

crate::text::read_as_text!(DateOrTime, {
    "type": "string",
    "anyOf": [{ "format": "date-time" }, { "format": "date" }],
    "description": "A bare date stays a bare date; a time zone is never invented."
});

/// `count` ASCII digits at `start` as a number.
fn number(text: &str, start: usize, count: usize) -> Option<u16> {
    let digits = text.as_bytes().get(start..start + count)?;
    digits.iter().try_fold(0_u16, |sum, byte| {
        byte.is_ascii_digit()
            .then(|| sum * 10 + u16::from(byte - b'0'))
    })
}

fn ymd(text: &str) -> Option<(u16, u8, u8)> {
    let bytes = text.as_bytes();
    if bytes.len() != 10 || bytes.get(4) != Some(&b'-') || bytes.get(7) != Some(&b'-') {
        return None;
    }
    let month = u8::try_from(number(text, 5, 2)?).ok()?;
    let day = u8::try_from(number(text, 8, 2)?).ok()?;
    Some((number(text, 0, 4)?, month, day))
}

#[derive(Default)]
struct Clock {
    exists: bool,
    second_of_day: i64,
    nanos: u32,
    offset_seconds: i64,
}

/// `hh:mm:ss[.f…](Z|±hh:mm)`
fn clock(text: &str) -> Option<Clock> {
    let bytes = text.as_bytes();
    if bytes.get(2) != Some(&b':') || bytes.get(5) != Some(&b':') {
        return None;
    }
    let (hour, minute, second) = (
        number(text, 0, 2)?,
        number(text, 3, 2)?,
        number(text, 6, 2)?,
    );
    let mut rest = text.get(8..)?;
    let mut nanos = 0;
    if let Some(fraction) = rest.strip_prefix('.') {
        let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
        if digits == 0 || digits > 9 {
            return None;
        }
        let value: u32 = fraction.get(..digits)?.parse().ok()?;
        nanos = value * 10_u32.pow(9 - u32::try_from(digits).ok()?);
        rest = fraction.get(digits..)?;
    }
    let (offset_hour, offset_minute, sign) = match rest.as_bytes() {
        [b'Z'] => (0, 0, 1),
        [sign @ (b'+' | b'-'), _, _, b':', _, _] => (
            number(rest, 1, 2)?,
            number(rest, 4, 2)?,
            if *sign == b'+' { 1 } else { -1 },
        ),
        _ => return None,
    };
    let seconds = |hour: u16, minute: u16| i64::from(hour) * 3600 + i64::from(minute) * 60;
    Some(Clock {
        exists: hour < 24 && minute < 60 && second < 60 && offset_hour < 24 && offset_minute < 60,
        second_of_day: seconds(hour, minute) + i64::from(second),
        nanos,
        offset_seconds: sign * seconds(offset_hour, offset_minute),
    })
}

fn days_in(year: u16, month: u8) -> u8 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days since 1970-01-01, counted in years that begin in March so that leap days come last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

#[cfg(test)]
mod tests {
    use super::{Date, DateOrTime, DateTime};
    use proptest::prelude::{prop_assert_eq, proptest};

    #[test]
    fn days_of_the_calendar() {
        for (text, days) in [
            ("1970-01-01", Some(0)),
            ("1969-12-31", Some(-1)),
            ("2000-02-29", Some(11_016)),
            ("2024-02-29", Some(19_782)),
            ("2026-11-23", Some(20_780)),
            ("9999-12-31", Some(2_932_896)),
            ("1900-02-29", None),
            ("2026-02-29", None),
            ("2026-13-01", None),
            ("2026-00-01", None),
            ("2026-04-31", None),
            ("2026-01-00", None),
            ("20260131", None),
            ("2026-1-31", None),
            ("2026-01-31 ", None),
            ("２026-01-3", None),
            ("", None),
        ] {
            assert_eq!(
                text.parse::<Date>().ok().map(|d| d.unix_days()),
                days,
                "{text:?}"
            );
        }
    }

    #[test]
    fn instants() {
        for (text, nanos) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-01T00:00:01.5Z", Some(1_500_000_000)),
            ("1970-01-01T01:00:00+01:00", Some(0)),
            ("1969-12-31T23:30:00-00:30", Some(0)),
            ("2026-11-23T08:41:40.120Z", Some(1_795_423_300_120_000_000)),
            (
                "2026-11-23T08:41:40.123456789+05:30",
                Some(1_795_403_500_123_456_789),
            ),
            ("2026-11-23T24:00:00Z", None),
            ("2026-11-23T08:60:00Z", None),
            ("2026-11-23T23:59:60Z", None),
            ("2026-02-30T08:00:00Z", None),
            ("2026-11-23T08:41:40", None),
            ("2026-11-23T08:41Z", None),
            ("2026-11-23 08:41:40Z", None),
            ("2026-11-23t08:41:40z", None),
            ("2026-11-23T08:41:40.Z", None),
            ("2026-11-23T08:41:40.1234567890Z", None),
            ("2026-11-23T08:41:40+0100", None),
            ("2026-11-23T08:41:40+24:00", None),
            ("2026-11-23T08:41:40Zé", None),
        ] {
            let parsed = text.parse::<DateTime>();
            assert_eq!(
                parsed.as_ref().ok().map(|t| t.unix_nanos()),
                nanos,
                "{text:?}"
            );
            if let Ok(time) = parsed {
                assert_eq!(time.as_str(), text, "kept verbatim");
            }
        }
    }

    #[test]
    fn a_bare_date_stays_bare() {
        for text in ["2026-11-23", "2026-11-23T08:41:40.120Z"] {
            let value: DateOrTime = serde_json::from_str(&format!("{text:?}")).unwrap();
            assert_eq!(serde_json::to_string(&value).unwrap(), format!("{text:?}"));
            assert_eq!(value.date().as_str(), "2026-11-23");
        }
    }

    #[test]
    fn later_is_by_instant_or_by_day() {
        for (a, b, after) in [
            ("2026-01-02", "2026-01-01", true),
            ("2026-01-01", "2026-01-01", false),
            ("2026-01-01T23:00:00Z", "2026-01-01", false),
            ("2026-01-01T10:00:00+02:00", "2026-01-01T09:00:00Z", false),
            ("2026-01-01T10:00:00Z", "2026-01-01T10:30:00+01:00", true),
        ] {
            let of = |text: &str| text.parse::<DateOrTime>().unwrap();
            assert_eq!(of(a).is_after(&of(b)), after, "{a} after {b}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_kept_or_refused(text in "\\PC{0,40}") {
            if let Ok(value) = text.parse::<DateOrTime>() {
                prop_assert_eq!(value.as_str(), text);
            }
        }

        #[test]
        fn days_count_up(year in 0_u16..=9999, month in 1_u8..=12, day in 1_u8..=31) {
            if let (Some(today), Some(next)) = (Date::from_ymd(year, month, day), Date::from_ymd(year, month, day + 1)) {
                prop_assert_eq!(today.unix_days() + 1, next.unix_days());
            }
        }
    }
}
