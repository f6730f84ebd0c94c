//! Dates, times and periods: X12's types DT and TM, and the formats that a code beside the value names (EDIFACT 2379, X12 1250).
//! Checks only; makes no date of anything, and an unknown format is nobody's fault here.
//! Invariant: a day that passed exists in its month, leap years included, wherever month and year are known.

/// What a format describes, which decides the rule that a bad value breaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// A date, perhaps with a time, or a span of them.
    Date,
    /// A time of day.
    Time,
}

/// A format as fields in order, one character each:
/// `C` year of four digits, `Y` of two, `M` month, `D` day, `J` day of the year, `W` week, `w` day of the week, `Q` quarter,
/// `S` half-year, `h` hour, `m` minute, `s` second, `Z` zone of three letters, `±` as `+` or `-`, `n` a number of units,
/// `-` a hyphen, `~` a hyphen or none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Format {
    /// What it describes.
    pub(super) kind: Kind,
    fields: &'static [u8],
}

const fn date(fields: &'static str) -> Option<Format> {
    Some(Format {
        kind: Kind::Date,
        fields: fields.as_bytes(),
    })
}

const fn time(fields: &'static str) -> Option<Format> {
    Some(Format {
        kind: Kind::Time,
        fields: fields.as_bytes(),
    })
}

/// EDIFACT 2379, where the format is one that is known here. The directories write spans with a hyphen that the data
/// need not have.
pub(super) fn edifact(code: &[u8]) -> Option<Format> {
    match code {
        b"2" => date("DMY"),
        b"3" => date("MDY"),
        b"4" => date("DMC"),
        b"5" => date("DMChm"),
        b"101" => date("YMD"),
        b"102" => date("CMD"),
        b"103" => date("YWw"),
        b"105" => date("YJ"),
        b"106" => date("MD"),
        b"107" => date("J"),
        b"108" => date("W"),
        b"109" => date("M"),
        b"110" => date("D"),
        b"201" => date("YMDhm"),
        b"202" => date("YMDhms"),
        b"203" => date("CMDhm"),
        b"204" => date("CMDhms"),
        b"205" => date("CMDhm+hm"),
        b"301" => date("YMDhmZ"),
        b"302" => date("YMDhmsZ"),
        b"303" => date("CMDhmZ"),
        b"304" => date("CMDhmsZ"),
        b"305" => date("MDhm"),
        b"306" => date("Dhm"),
        b"401" => time("hm"),
        b"402" => time("hms"),
        b"404" => time("hmsZ"),
        b"501" => time("hm~hm"),
        b"502" => time("hms~hms"),
        b"503" => time("hmsZ~hmsZ"),
        b"601" => date("Y"),
        b"602" => date("C"),
        b"604" => date("CS"),
        b"608" => date("CQ"),
        b"609" => date("YM"),
        b"610" => date("CM"),
        b"615" => date("YW"),
        b"616" => date("CW"),
        b"701" => date("Y~Y"),
        b"702" => date("C~C"),
        b"708" => date("CQ~CQ"),
        b"709" => date("YM~YM"),
        b"710" => date("CM~CM"),
        b"711" | b"718" => date("CMD~CMD"),
        b"713" => date("YMDhm~YMDhm"),
        b"715" => date("YW~YW"),
        b"716" => date("CW~CW"),
        b"717" => date("YMD~YMD"),
        b"719" => date("CMDhm~CMDhm"),
        b"801" | b"802" | b"803" | b"804" | b"805" | b"806" | b"807" => date("n"),
        _ => None,
    }
}

/// X12 1250, where the format is one that is known here.
pub(super) fn x12(code: &[u8]) -> Option<Format> {
    match code {
        b"CM" => date("CM"),
        b"CQ" => date("CQ"),
        b"CY" => date("C"),
        b"D6" => date("YMD"),
        b"D8" => date("CMD"),
        b"DB" => date("MDC"),
        b"DD" => date("D"),
        b"DT" => date("CMDhm"),
        b"MD" => date("MD"),
        b"MM" => date("M"),
        b"RD2" => date("Y-Y"),
        b"RD4" => date("C-C"),
        b"RD5" => date("CM-CM"),
        b"RD6" => date("YMD-YMD"),
        b"RD8" => date("CMD-CMD"),
        b"RDT" => date("CMDhm-CMDhm"),
        b"RMD" => date("MD-MD"),
        b"RMY" => date("YM-YM"),
        b"RTM" => time("hm-hm"),
        b"TM" => time("hm"),
        b"TS" => time("hms"),
        b"TT" => date("MDY"),
        b"TU" => date("YJ"),
        b"YY" => date("Y"),
        _ => None,
    }
}

impl Format {
    /// Whether the value is one of this format.
    pub(super) fn fits(self, value: &[u8]) -> bool {
        let mut rest = value;
        let mut day = Day::default();
        for (place, field) in self.fields.iter().enumerate() {
            if !day.field(*field, place == 0, &mut rest) {
                return false;
            }
        }
        rest.is_empty() && day.exists()
    }

    /// How people write it: `CCYYMMDD`.
    pub(super) fn shown(self) -> String {
        self.fields.iter().map(|field| picture(*field)).collect()
    }
}

fn picture(field: u8) -> &'static str {
    match field {
        b'C' => "CCYY",
        b'Y' => "YY",
        b'M' => "MM",
        b'D' => "DD",
        b'J' => "DDD",
        b'W' => "WW",
        b'w' => "D",
        b'Q' => "Q",
        b'S' => "S",
        b'h' => "HH",
        b'm' => "MM",
        b's' => "SS",
        b'Z' => "ZZZ",
        b'+' => "+",
        b'n' => "a whole number",
        _ => "-",
    }
}

/// The date that is being read, as far as it is known.
#[derive(Default)]
struct Day {
    year: Option<u16>,
    month: Option<u16>,
    day: Option<u16>,
}

impl Day {
    /// Reads one field from the front of `rest`; false where it is none.
    fn field(&mut self, field: u8, first: bool, rest: &mut &[u8]) -> bool {
        match field {
            b'-' | b'~' => {
                if !self.exists() {
                    return false;
                }
                *self = Self::default();
                take(rest, b"-") || field == b'~'
            }
            b'+' => take(rest, b"+") || take(rest, b"-"),
            b'Z' => match rest.split_at_checked(3) {
                Some((zone, behind)) if zone.iter().all(u8::is_ascii_alphanumeric) => {
                    *rest = behind;
                    true
                }
                _ => false,
            },
            b'n' => {
                let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
                *rest = rest.get(digits..).unwrap_or_default();
                first && digits > 0
            }
            _ => self.digits(field, rest),
        }
    }

    fn digits(&mut self, field: u8, rest: &mut &[u8]) -> bool {
        let (length, range) = match field {
            b'C' => (4, 1..=9999),
            b'Y' => (2, 0..=99),
            b'M' => (2, 1..=12),
            b'D' => (2, 1..=31),
            b'J' => (3, 1..=366),
            b'W' => (2, 1..=53),
            b'w' => (1, 1..=7),
            b'Q' => (1, 1..=4),
            b'S' => (1, 1..=2),
            b'h' => (2, 0..=23),
            _ => (2, 0..=59),
        };
        let Some((digits, behind)) = rest.split_at_checked(length) else {
            return false;
        };
        *rest = behind;
        let Some(value) = number(digits) else {
            return false;
        };
        match field {
            // Two digits are enough to know a leap year: 2000 was one.
            b'C' | b'Y' => self.year = Some(value),
            b'M' => self.month = Some(value),
            b'D' => self.day = Some(value),
            _ => {}
        }
        range.contains(&value)
    }

    /// Whether the month has such a day, in that year if a year is known.
    fn exists(&self) -> bool {
        match (self.month, self.day) {
            (Some(month), Some(day)) => day <= days(self.year.unwrap_or(0), month),
            _ => true,
        }
    }
}

fn take(rest: &mut &[u8], prefix: &[u8]) -> bool {
    match rest.strip_prefix(prefix) {
        Some(behind) => {
            *rest = behind;
            true
        }
        None => false,
    }
}

fn number(digits: &[u8]) -> Option<u16> {
    digits.iter().try_fold(0_u16, |sum, digit| {
        digit
            .is_ascii_digit()
            .then(|| sum * 10 + u16::from(digit - b'0'))
    })
}

fn days(year: u16, month: u16) -> u16 {
    match month {
        2 if year.is_multiple_of(4) && (!year.is_multiple_of(100) || year.is_multiple_of(400)) => {
            29
        }
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// X12's type DT: `CCYYMMDD`, or `YYMMDD`.
pub(super) fn is_date(bytes: &[u8]) -> bool {
    let (year, month, day) = match *bytes {
        [c, d, y, z, m, n, e, f] => (
            number(&[c, d, y, z]).filter(|year| *year > 0),
            [m, n],
            [e, f],
        ),
        [y, z, m, n, e, f] => (number(&[y, z]), [m, n], [e, f]),
        _ => return false,
    };
    match (year, number(&month), number(&day)) {
        (Some(year), Some(month @ 1..=12), Some(day @ 1..)) => day <= days(year, month),
        _ => false,
    }
}

/// X12's type TM: `HHMM[SS[D[D]]]`.
pub(super) fn is_time(bytes: &[u8]) -> bool {
    let within = |digits: Option<&[u8]>, last: u16| {
        digits.is_none_or(|digits| number(digits).is_some_and(|value| value <= last))
    };
    matches!(bytes.len(), 4 | 6 | 7 | 8)
        && within(bytes.get(..2), 23)
        && within(bytes.get(2..4), 59)
        && within(bytes.get(4..6), 59)
        && within(bytes.get(6..), 99)
}

#[cfg(test)]
mod tests {
    use super::{edifact, is_date, is_time, x12};

    #[test]
    fn dates_and_times_of_x12() {
        for (text, want) in [
            ("20260131", true),
            ("20240229", true),
            ("20000229", true),
            ("19000229", false),
            ("20250229", false),
            ("20261301", false),
            ("20260001", false),
            ("20260100", false),
            ("20260431", false),
            ("00000101", false),
            ("260131", true),
            ("240229", true),
            ("250229", false),
            ("2026013", false),
            ("2026-1-1", false),
            ("", false),
        ] {
            assert_eq!(is_date(text.as_bytes()), want, "{text}");
        }
        for (text, want) in [
            ("0000", true),
            ("2359", true),
            ("235959", true),
            ("2359599", true),
            ("23595999", true),
            ("2400", false),
            ("2561", false),
            ("1260", false),
            ("120060", false),
            ("12000", false),
            ("120", false),
            ("12:00", false),
            ("1200x", false),
            ("", false),
        ] {
            assert_eq!(is_time(text.as_bytes()), want, "{text}");
        }
    }

    #[test]
    fn formats_of_edifact() {
        for (code, good, bad) in [
            ("2", "310126", "320126"),
            ("4", "29022024", "29022025"),
            ("101", "260131", "261301"),
            ("102", "20240229", "20250229"),
            ("102", "20260131", "2026013"),
            ("103", "26535", "26541"),
            ("106", "0229", "0230"),
            ("201", "2601312359", "2601312400"),
            ("202", "260131235959", "260131235960"),
            ("203", "202601312359", "20260131"),
            ("204", "20260131235959", "202601312359"),
            ("205", "202601311200+0100", "202601311200Z0100"),
            ("301", "2601311200UTC", "2601311200"),
            ("302", "260131120000CET", "260131120000C"),
            ("303", "202601311200UTC", "202601311200+01"),
            ("304", "20260131120000UTC", "202601311200UTC"),
            ("401", "0000", "2400"),
            ("402", "235959", "2359"),
            ("501", "08001700", "08002500"),
            ("501", "0800-1700", "0800--1700"),
            ("602", "2026", "0000"),
            ("609", "2612", "2613"),
            ("610", "202612", "202600"),
            ("615", "2653", "2654"),
            ("616", "202601", "202600"),
            ("713", "26013112002602281200", "26013112002602291200"),
            ("718", "2026010120260131", "2026013120260132"),
            ("718", "20260101-20260131", "20260101/20260131"),
            ("719", "202601010000202601312359", "20260101000020260131"),
            (
                "719",
                "202601010000-202601312359",
                "2026010100002026013123590",
            ),
            ("801", "2", "two"),
            ("804", "30", "3.5"),
            ("804", "30", ""),
        ] {
            let format = edifact(code.as_bytes()).unwrap();
            assert!(format.fits(good.as_bytes()), "{code} {good}");
            assert!(!format.fits(bad.as_bytes()), "{code} {bad}");
        }
        assert_eq!(edifact(b"ZZZ"), None);
        assert_eq!(
            edifact(b"719").unwrap().shown(),
            "CCYYMMDDHHMM-CCYYMMDDHHMM"
        );
    }

    #[test]
    fn formats_of_x12() {
        for (code, good, bad) in [
            ("D8", "20240229", "20250229"),
            ("D6", "260131", "20260131"),
            ("RD8", "20260101-20260131", "2026010120260131"),
            ("RD8", "20260101-20240229", "20260101-20250229"),
            ("TM", "1200", "2561"),
            ("TS", "120000", "1200"),
            ("DT", "202601311200", "202601312400"),
            ("RTM", "0800-1700", "08001700"),
            ("CY", "2026", "26"),
            ("DB", "01312026", "20260131"),
            ("TU", "26366", "26367"),
        ] {
            let format = x12(code.as_bytes()).unwrap();
            assert!(format.fits(good.as_bytes()), "{code} {good}");
            assert!(!format.fits(bad.as_bytes()), "{code} {bad}");
        }
        assert_eq!(x12(b"UN"), None);
    }
}
