//! Dates and times as ERPs write them, read by a declared pattern.
//!
//! Never invents what the file does not say: a day stays a day, and a local time becomes an instant only through
//! the zone that the mapping declares. Reads no clock and no zone files: the zone rules are part of the program.

use canonical::date::{Date, DateTime};
use jiff::civil;
use jiff::tz::{TimeZone, TimeZoneDatabase};

/// A date pattern, cut into its parts. Letters as in Unicode's date patterns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Pattern {
    parts: Vec<Part>,
    text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    /// `yyyy`
    Year,
    /// `yy`: 70 to 99 are 1970 to 1999, 00 to 69 are 2000 to 2069.
    ShortYear,
    /// A number of exactly `min` to 2 digits: `MM` two, `M` one or two.
    Two(Field, usize),
    /// Any other character, as it stands.
    Literal(char),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Field {
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// How a column of dates becomes instants: its pattern, and what the file leaves unsaid.
#[derive(Clone, Debug)]
pub(crate) struct InstantFormat {
    pub(crate) pattern: Pattern,
    /// The zone of the file's times.
    pub(crate) zone: TimeZone,
    /// The time of day that is meant when the pattern has none.
    pub(crate) time: civil::Time,
}

/// Why a text is not a date by its pattern.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NotADate {
    /// Not the pattern.
    Form,
    /// The pattern, but no day or time of the calendar.
    Calendar,
}

impl Pattern {
    /// Reads a pattern: `yyyy yy MM M dd d HH H mm ss`, everything that is no letter as it stands, `T` too.
    ///
    /// The error is a sentence for the mapping's author.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(first) = rest.chars().next() {
            let run = rest.len() - rest.trim_start_matches(first).len();
            let (same, after) = rest.split_at(run);
            let part = match same {
                "yyyy" => Part::Year,
                "yy" => Part::ShortYear,
                "MM" => Part::Two(Field::Month, 2),
                "M" => Part::Two(Field::Month, 1),
                "dd" => Part::Two(Field::Day, 2),
                "d" => Part::Two(Field::Day, 1),
                "HH" => Part::Two(Field::Hour, 2),
                "H" => Part::Two(Field::Hour, 1),
                "mm" => Part::Two(Field::Minute, 2),
                "ss" => Part::Two(Field::Second, 2),
                _ if first.is_alphabetic() && first != 'T' => {
                    return Err(format!("`{same}` means nothing in a date pattern"));
                }
                _ => {
                    parts.extend(same.chars().map(Part::Literal));
                    rest = after;
                    continue;
                }
            };
            if parts.iter().any(|other| part.same_field(*other)) {
                return Err(format!(
                    "`{same}` says something that stands in the pattern already"
                ));
            }
            parts.push(part);
            rest = after;
        }
        let pattern = Self {
            parts,
            text: text.to_owned(),
        };
        for (part, letters) in [
            (Part::Year, "yyyy"),
            (Part::Two(Field::Month, 2), "MM"),
            (Part::Two(Field::Day, 2), "dd"),
        ] {
            if !pattern.has(part) {
                return Err(format!("the pattern has no `{letters}`"));
            }
        }
        if pattern.has(Part::Two(Field::Minute, 2)) != pattern.has_time()
            || pattern.has(Part::Two(Field::Second, 2)) && !pattern.has_time()
        {
            return Err("a time of day needs `HH` and `mm`".to_owned());
        }
        Ok(pattern)
    }

    /// The pattern as it was written.
    pub(crate) fn as_str(&self) -> &str {
        &self.text
    }

    /// Whether it reads a time of day.
    pub(crate) fn has_time(&self) -> bool {
        self.has(Part::Two(Field::Hour, 2))
    }

    fn has(&self, part: Part) -> bool {
        self.parts.iter().any(|other| part.same_field(*other))
    }

    /// The day, for a pattern without a time.
    pub(crate) fn read_date(&self, text: &str) -> Result<Date, NotADate> {
        let read = self.read(text)?;
        Date::from_ymd(read.year, read.month, read.day).ok_or(NotADate::Calendar)
    }

    fn read(&self, text: &str) -> Result<Read, NotADate> {
        let mut read = Read::default();
        let mut rest = text;
        for part in &self.parts {
            rest = match part {
                Part::Year => {
                    let (year, rest) = number(rest, 4, 4)?;
                    read.year = year;
                    rest
                }
                Part::ShortYear => {
                    let (year, rest) = number(rest, 2, 2)?;
                    read.year = if year < 70 { 2000 + year } else { 1900 + year };
                    rest
                }
                Part::Two(field, least) => {
                    let (value, rest) = number(rest, *least, 2)?;
                    let value = u8::try_from(value).unwrap_or(u8::MAX);
                    *read.field(*field) = value;
                    rest
                }
                Part::Literal(literal) => rest.strip_prefix(*literal).ok_or(NotADate::Form)?,
            };
        }
        if rest.is_empty() {
            Ok(read)
        } else {
            Err(NotADate::Form)
        }
    }
}

impl Part {
    fn same_field(self, other: Self) -> bool {
        match (self, other) {
            (Self::Year | Self::ShortYear, Self::Year | Self::ShortYear) => true,
            (Self::Two(field, _), Self::Two(other, _)) => field == other,
            (Self::Year | Self::ShortYear | Self::Two(..) | Self::Literal(_), _) => false,
        }
    }
}

#[derive(Clone, Copy, Debug, Default)]
struct Read {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
}

impl Read {
    fn field(&mut self, field: Field) -> &mut u8 {
        match field {
            Field::Month => &mut self.month,
            Field::Day => &mut self.day,
            Field::Hour => &mut self.hour,
            Field::Minute => &mut self.minute,
            Field::Second => &mut self.second,
        }
    }
}

/// A number of `least` to `most` (at most 4) ASCII digits, and what follows it.
fn number(text: &str, least: usize, most: usize) -> Result<(u16, &str), NotADate> {
    let digits = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    if digits < least {
        return Err(NotADate::Form);
    }
    let (digits, rest) = text.split_at_checked(digits).ok_or(NotADate::Form)?;
    let value = digits
        .bytes()
        .fold(0, |sum, digit| sum * 10 + u16::from(digit - b'0'));
    Ok((value, rest))
}

impl InstantFormat {
    /// The instant in UTC.
    ///
    /// A local time that a clock change skips or repeats is taken as RFC 5545 does: the later of the gap, the
    /// earlier of the repetition.
    pub(crate) fn read(&self, text: &str) -> Result<DateTime, NotADate> {
        let read = self.pattern.read(text)?;
        let small = |value: u8| i8::try_from(value).unwrap_or(i8::MAX);
        let year = i16::try_from(read.year).unwrap_or(i16::MAX);
        let calendar = |_error: jiff::Error| NotADate::Calendar;
        let date = civil::Date::new(year, small(read.month), small(read.day)).map_err(calendar)?;
        let time = if self.pattern.has_time() {
            let [hour, minute, second] = [read.hour, read.minute, read.second].map(small);
            civil::Time::new(hour, minute, second, 0).map_err(calendar)?
        } else {
            self.time
        };
        let zoned = self
            .zone
            .to_timestamp(date.to_datetime(time))
            .map_err(calendar)?;
        // A timestamp displays as RFC 3339 with Z.
        zoned
            .to_string()
            .parse()
            .map_err(|_outside: canonical::date::DateError| NotADate::Calendar)
    }
}

/// A zone by its name: `UTC`, an offset such as `+01:00`, or a name of the IANA list such as `Europe/Berlin`.
pub(crate) fn zone(name: &str) -> Option<TimeZone> {
    if name == "UTC" || name == "Z" {
        return Some(TimeZone::UTC);
    }
    if let Some(sign) = name.chars().next().filter(|c| matches!(c, '+' | '-')) {
        let (hours, minutes) = name.get(1..)?.split_once(':')?;
        let two = |text: &str| {
            number(text, 2, 2)
                .ok()
                .filter(|(_, rest)| rest.is_empty())
                .map(|(value, _)| i32::from(value))
        };
        let (hours, minutes) = (two(hours)?, two(minutes)?);
        let seconds = (hours * 60 + minutes) * 60;
        let seconds = if sign == '-' { -seconds } else { seconds };
        let in_use = hours <= 15 && minutes <= 59;
        let offset = jiff::tz::Offset::from_seconds(seconds)
            .ok()
            .filter(|_| in_use)?;
        return Some(TimeZone::fixed(offset));
    }
    TimeZoneDatabase::bundled().get(name).ok()
}

/// A time of day, `HH:mm` or `HH:mm:ss`.
pub(crate) fn time_of_day(text: &str) -> Option<civil::Time> {
    let mut numbers = text
        .split(':')
        .map(|part| number(part, 2, 2).ok().filter(|(_, rest)| rest.is_empty()));
    let mut next = || {
        numbers
            .next()
            .map(|found| found.and_then(|(value, _)| i8::try_from(value).ok()))
    };
    let (hour, minute) = (next()??, next()??);
    let second = match next() {
        Some(second) => second?,
        None => 0,
    };
    if next().is_some() {
        return None;
    }
    civil::Time::new(hour, minute, second, 0).ok()
}

#[cfg(test)]
mod tests {
    use super::{InstantFormat, NotADate, Pattern, time_of_day, zone};
    use proptest::prelude::{any, proptest};

    #[test]
    fn patterns() {
        for (pattern, want) in [
            ("dd.MM.yyyy", None),
            ("yyyyMMdd", None),
            ("yyyy-MM-ddTHH:mm:ss", None),
            ("d/M/yy H:mm", None),
            ("dd.mm.yyyy", Some("the pattern has no `MM`")),
            ("DD.MM.YYYY", Some("`DD` means nothing in a date pattern")),
            ("dd.MM", Some("the pattern has no `yyyy`")),
            ("dd.MM.yyyy HH", Some("a time of day needs `HH` and `mm`")),
            ("dd.MM.yyyy ss", Some("a time of day needs `HH` and `mm`")),
            (
                "dd.MM.yyyy dd",
                Some("`dd` says something that stands in the pattern already"),
            ),
            ("", Some("the pattern has no `yyyy`")),
        ] {
            assert_eq!(Pattern::parse(pattern).err().as_deref(), want, "{pattern}");
        }
    }

    #[test]
    fn days() {
        use NotADate::{Calendar, Form};
        for (pattern, text, want) in [
            ("dd.MM.yyyy", "23.11.2026", Ok("2026-11-23")),
            ("dd.MM.yyyy", "29.02.2028", Ok("2028-02-29")),
            ("dd.MM.yyyy", "29.02.2026", Err(Calendar)),
            ("dd.MM.yyyy", "31.13.2026", Err(Calendar)),
            ("dd.MM.yyyy", "1.1.2026", Err(Form)),
            ("dd.MM.yyyy", "23.11.26", Err(Form)),
            ("dd.MM.yyyy", "23.11.2026 ", Err(Form)),
            ("dd.MM.yyyy", "2026-11-23", Err(Form)),
            ("d.M.yyyy", "1.1.2026", Ok("2026-01-01")),
            ("d.M.yyyy", "01.12.2026", Ok("2026-12-01")),
            ("yyyyMMdd", "20261123", Ok("2026-11-23")),
            ("yyyyMMdd", "00000000", Err(Calendar)),
            ("yyMMdd", "261123", Ok("2026-11-23")),
            ("yyMMdd", "701123", Ok("1970-11-23")),
            ("yyyyMMdd", "２0261123", Err(Form)),
        ] {
            let found = Pattern::parse(pattern).unwrap().read_date(text);
            assert_eq!(
                found.map(|date| date.to_string()),
                want.map(str::to_owned),
                "{pattern} {text}"
            );
        }
    }

    #[test]
    fn instants() {
        use NotADate::{Calendar, Form};
        for (pattern, zone, time, text, want) in [
            (
                "dd.MM.yyyy",
                "Europe/Berlin",
                "00:00",
                "23.11.2026",
                Ok("2026-11-22T23:00:00Z"),
            ),
            (
                "dd.MM.yyyy",
                "Europe/Berlin",
                "00:00",
                "23.07.2026",
                Ok("2026-07-22T22:00:00Z"),
            ),
            (
                "dd.MM.yyyy",
                "Europe/Berlin",
                "23:59:59",
                "23.11.2026",
                Ok("2026-11-23T22:59:59Z"),
            ),
            (
                "yyyyMMdd HH:mm",
                "+05:30",
                "00:00",
                "20261123 06:00",
                Ok("2026-11-23T00:30:00Z"),
            ),
            (
                "yyyyMMdd HH:mm:ss",
                "UTC",
                "00:00",
                "20261123 06:00:07",
                Ok("2026-11-23T06:00:07Z"),
            ),
            // The hour that is skipped, and the one that comes twice.
            (
                "yyyyMMddHHmm",
                "Europe/Berlin",
                "00:00",
                "202603290230",
                Ok("2026-03-29T01:30:00Z"),
            ),
            (
                "yyyyMMddHHmm",
                "Europe/Berlin",
                "00:00",
                "202610250230",
                Ok("2026-10-25T00:30:00Z"),
            ),
            (
                "yyyyMMddHHmm",
                "UTC",
                "00:00",
                "202611232460",
                Err(Calendar),
            ),
            ("yyyyMMddHHmm", "UTC", "00:00", "20261123", Err(Form)),
        ] {
            let format = InstantFormat {
                pattern: Pattern::parse(pattern).unwrap(),
                zone: super::zone(zone).unwrap(),
                time: time_of_day(time).unwrap(),
            };
            let found = format.read(text).map(|instant| instant.to_string());
            assert_eq!(found, want.map(str::to_owned), "{pattern} {zone} {text}");
        }
    }

    #[test]
    fn zones_and_times() {
        for (name, good) in [
            ("UTC", true),
            ("Z", true),
            ("+01:00", true),
            ("-03:30", true),
            ("Europe/Berlin", true),
            ("Europe/Belin", false),
            ("+1", false),
            ("+16:00", false),
            ("+01:60", false),
            ("+01:00:00", false),
            ("", false),
        ] {
            assert_eq!(zone(name).is_some(), good, "{name}");
        }
        for (text, good) in [
            ("00:00", true),
            ("23:59:59", true),
            ("24:00", false),
            ("7:00", false),
            ("12:60", false),
            ("12", false),
            ("12:00:00:00", false),
            ("12:00:", false),
            ("", false),
        ] {
            assert_eq!(time_of_day(text).is_some(), good, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_panics(pattern in "[yMdHmsT. :/-]{0,20}", text in any::<String>(), digits in "[0-9. :]{0,20}") {
            let utc = zone("UTC").unwrap();
            if let Ok(pattern) = Pattern::parse(&pattern) {
                let format = InstantFormat { pattern, zone: utc, time: jiff::civil::Time::midnight() };
                for text in [&text, &digits] {
                    let (_, _) = (format.pattern.read_date(text), format.read(text));
                }
            }
            let (_, _) = (zone(&text), time_of_day(&text));
        }
    }
}
