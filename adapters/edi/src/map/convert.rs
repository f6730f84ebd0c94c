//! From an element's bytes to the JSON text of a canonical value: texts, numbers, dates. The other way is `write`'s.
//! Never looks at where a value comes from or goes to.
//! Invariant: what is written to `out` is one JSON value, or nothing at all.

use canonical::date::DateTime;
use canonical::decimal::Decimal;

use crate::headers::shown;

/// Whether all stand in a JSON string as they are: printable ASCII without the quote and the backslash.
fn is_plain(bytes: &[u8]) -> bool {
    let plain = |byte: &u8| matches!(byte, b' '..=b'~') & (*byte != b'"') & (*byte != b'\\');
    let (eights, rest) = bytes.as_chunks::<8>();
    // Eight at a time without a branch for each.
    let all = |eight: &[u8; 8]| eight.iter().fold(true, |all, byte| all & plain(byte));
    eights.iter().all(all) && rest.iter().all(plain)
}

/// A text as a JSON string.
pub(super) fn json_text(data: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    json_inner(data, out);
    out.push(b'"');
}

/// A text as it stands between the quotes of a JSON string.
pub(super) fn json_inner(data: &[u8], out: &mut Vec<u8>) {
    if is_plain(data) {
        out.extend_from_slice(data);
        return;
    }
    for character in shown(data).chars() {
        match character {
            '"' => out.extend_from_slice(b"\\\""),
            '\\' => out.extend_from_slice(b"\\\\"),
            '\n' => out.extend_from_slice(b"\\n"),
            '\r' => out.extend_from_slice(b"\\r"),
            '\t' => out.extend_from_slice(b"\\t"),
            '\u{8}' => out.extend_from_slice(b"\\b"),
            '\u{c}' => out.extend_from_slice(b"\\f"),
            control if control < ' ' => {
                out.extend_from_slice(format!("\\u{:04x}", u32::from(control)).as_bytes())
            }
            other => out.extend_from_slice(other.encode_utf8(&mut [0; 4]).as_bytes()),
        }
    }
}

/// A number as a JSON string: `decimals` digits from the right are behind an implied point; `mark` is another decimal
/// mark than the full stop. False when it is no number that the model can hold.
pub(super) fn decimal(data: &[u8], decimals: u8, mark: u8, out: &mut Vec<u8>) -> bool {
    if let Some(point) = simple_number(data, decimals) {
        out.push(b'"');
        match point {
            Some(point) => {
                let (whole, fraction) = data.split_at_checked(point).unwrap_or_default();
                out.extend_from_slice(whole);
                out.push(b'.');
                out.extend_from_slice(fraction);
            }
            None => out.extend_from_slice(data),
        }
        out.push(b'"');
        return true;
    }
    let Some(value) = number(data, decimals, mark) else {
        return false;
    };
    out.extend_from_slice(format!("\"{value}\"").as_bytes());
    true
}

/// Whether the digits can be written as they stand; with the place where an implied point goes.
#[allow(
    clippy::option_option,
    reason = "no number, a number as it stands, a number with a point put in"
)]
fn simple_number(data: &[u8], decimals: u8) -> Option<Option<usize>> {
    let decimals = usize::from(decimals);
    if data.len() > 17 {
        return None;
    }
    let mut point = None;
    for (place, byte) in data.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {}
            b'.' if point.is_none() && decimals == 0 => point = Some(place),
            _ => return None,
        }
    }
    let whole = point.unwrap_or_else(|| data.len().saturating_sub(decimals));
    let leads = whole == 0 || (whole > 1 && data.first() == Some(&b'0'));
    let fraction = data.len() - whole;
    if leads || point.is_some_and(|point| point + 1 == data.len()) || fraction > 11 {
        return None;
    }
    Some(if decimals > 0 { Some(whole) } else { None })
}

/// A number in any form of the standards: sign, leading zeros, one mark, exponent.
pub(super) fn number(data: &[u8], decimals: u8, mark: u8) -> Option<Decimal> {
    let (negative, digits) = match data {
        [b'-', rest @ ..] => (true, rest),
        [b'+', rest @ ..] => (false, rest),
        rest => (false, rest),
    };
    let place = digits.iter().position(|byte| matches!(byte, b'E' | b'e'));
    let (digits, exponent) = match place.and_then(|place| digits.split_at_checked(place)) {
        Some((digits, exponent)) => (
            digits,
            std::str::from_utf8(exponent.get(1..)?)
                .ok()?
                .parse::<i32>()
                .ok()?,
        ),
        None => (digits, 0),
    };
    let mut mantissa = 0_i128;
    let mut scale = i32::from(decimals);
    let mut marked = false;
    let mut any = false;
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                any = true;
                mantissa = mantissa
                    .checked_mul(10)?
                    .checked_add(i128::from(byte - b'0'))?;
                scale += i32::from(marked);
            }
            _ if !marked && decimals == 0 && (byte == b'.' || byte == mark) => marked = true,
            _ => return None,
        }
    }
    scale = scale.checked_sub(exponent)?;
    if !any || !(-18..=40).contains(&scale) {
        return None;
    }
    while scale > 10 && mantissa % 10 == 0 {
        mantissa /= 10;
        scale -= 1;
    }
    while scale < 0 {
        mantissa = mantissa.checked_mul(10)?;
        scale += 1;
    }
    Decimal::from_parts(
        if negative { -mantissa } else { mantissa },
        u32::try_from(scale).ok()?,
    )
}

/// A whole number as a JSON number.
pub(super) fn integer(data: &[u8], out: &mut Vec<u8>) -> bool {
    let Some(value) = crate::headers::digits(data) else {
        return false;
    };
    out.extend_from_slice(value.to_string().as_bytes());
    true
}

/// A calendar day: year, month, day. `YYYYMMDD`, or `YYMMDD` of the years 1970 to 2069.
pub(super) fn day(data: &[u8]) -> Option<[u8; 10]> {
    let mut full = [0_u8; 8];
    match data.len() {
        8 => full.copy_from_slice(data),
        6 => {
            let century = if data.first()? < &b'7' { b"20" } else { b"19" };
            full.get_mut(..2)?.copy_from_slice(century);
            full.get_mut(2..)?.copy_from_slice(data);
        }
        _ => return None,
    }
    if !full.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let [a, b, c, d, e, f, g, h] = full;
    let two = |one: u8, two: u8| u32::from(one - b'0') * 10 + u32::from(two - b'0');
    let (year, month, date) = (two(a, b) * 100 + two(c, d), two(e, f), two(g, h));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        _ => 0,
    };
    (1..=days)
        .contains(&date)
        .then_some([a, b, c, d, b'-', e, f, b'-', g, h])
}

/// A day, or an instant where a time and its offset from UTC are known, as a JSON string. True when the time was needed.
pub(super) fn moment(day: [u8; 10], time: &[u8], offset: Option<&str>, out: &mut Vec<u8>) -> bool {
    let instant = offset.zip(clock(time)).and_then(|(offset, clock)| {
        let text = format!("{}T{clock}{offset}", shown(&day));
        text.parse::<DateTime>().ok()
    });
    out.push(b'"');
    match &instant {
        Some(instant) => out.extend_from_slice(instant.as_str().as_bytes()),
        None => out.extend_from_slice(&day),
    }
    out.push(b'"');
    instant.is_some()
}

/// `HHMM`, `HHMMSS`, with tenths and hundredths in X12, as RFC 3339 has it.
fn clock(data: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(data)
        .ok()
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_digit()))?;
    let part = |from: usize| text.get(from..from + 2);
    let seconds = part(4).unwrap_or("00");
    let fraction = text.get(6..).filter(|fraction| !fraction.is_empty());
    let fraction = fraction
        .map(|fraction| format!(".{fraction}"))
        .unwrap_or_default();
    matches!(text.len(), 4 | 6 | 7 | 8).then_some(())?;
    Some(format!("{}:{}:{seconds}{fraction}", part(0)?, part(2)?))
}

/// The offset that an X12 time code (element 623) stands for; daylight saving codes included, `LT` is none.
pub(super) fn zone(code: &[u8]) -> Option<String> {
    if let [sign, hours @ ..] = code
        && matches!(sign, b'P' | b'M')
        && hours.len() == 2
        && hours.iter().all(u8::is_ascii_digit)
    {
        return Some(format!(
            "{}{}:00",
            if *sign == b'P' { '+' } else { '-' },
            shown(hours)
        ));
    }
    let offset = match code {
        b"UT" | b"GM" | b"Z" => "Z",
        b"ES" | b"CD" => "-05:00",
        b"ED" | b"AS" => "-04:00",
        b"CS" | b"MD" => "-06:00",
        b"MS" | b"PD" => "-07:00",
        b"PS" => "-08:00",
        _ => {
            return code
                .iter()
                .all(u8::is_ascii_digit)
                .then(|| numbered_zone(code))
                .flatten();
        }
    };
    Some(offset.to_owned())
}

/// Codes 01 to 24: ISO hours east of Greenwich, 13 and up being west.
fn numbered_zone(code: &[u8]) -> Option<String> {
    let hours =
        crate::headers::digits(code).filter(|hours| code.len() == 2 && (1..=24).contains(hours))?;
    Some(if hours <= 12 {
        format!("+{hours:02}:00")
    } else {
        format!("-{:02}:00", 25 - hours)
    })
}

/// What an EDIFACT date of a format (element 2379) says: a day, the time behind it, and the second day of a period.
pub(super) struct Period<'a> {
    pub(super) day: [u8; 10],
    pub(super) time: &'a [u8],
    pub(super) end: Option<[u8; 10]>,
}

/// Reads a date of EDIFACT. `None` for formats that name no day, and for what is no date.
pub(super) fn period<'a>(data: &'a [u8], format: &[u8]) -> Option<Period<'a>> {
    let plain = |day: [u8; 10], time: &'a [u8]| {
        Some(Period {
            day,
            time,
            end: None,
        })
    };
    let at = |from: usize, to: usize| data.get(from..to);
    match (format, data.len()) {
        (b"2" | b"13", 6) => {
            let [a, b, c, d, e, f] = data.try_into().ok()?;
            plain(day(&[e, f, c, d, a, b])?, b"")
        }
        (b"101", 6) | (b"102" | b"D8" | b"", 8) | (b"", 6) => plain(day(data)?, b""),
        (b"201", 10) | (b"202", 12) => plain(day(at(0, 6)?)?, at(6, data.len())?),
        (b"203" | b"", 12) | (b"204", 14) => plain(day(at(0, 8)?)?, at(8, data.len())?),
        (b"301", _) | (b"302", _) if data.len() > 10 => plain(day(at(0, 6)?)?, at(6, 10)?),
        (b"205" | b"303", _) if data.len() > 12 => plain(day(at(0, 8)?)?, at(8, 12)?),
        (b"304", _) if data.len() > 14 => plain(day(at(0, 8)?)?, at(8, 14)?),
        (b"711" | b"718", 16) => Some(Period {
            day: day(at(0, 8)?)?,
            time: b"",
            end: Some(day(at(8, 16)?)?),
        }),
        (b"718", 17) => Some(Period {
            day: day(at(0, 8)?)?,
            time: b"",
            end: Some(day(at(9, 17)?)?),
        }),
        (b"719", 24) => Some(Period {
            day: day(at(0, 8)?)?,
            time: at(8, 12)?,
            end: Some(day(at(12, 20)?)?),
        }),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::{day, decimal, json_text, moment, number, period, zone};
    use crate::headers::shown;

    #[test]
    fn numbers() {
        for (data, decimals, mark, want) in [
            ("12500", 2, b'.', "125.00"),
            ("5", 2, b'.', "0.05"),
            ("-995", 2, b'.', "-9.95"),
            ("12.50", 0, b'.', "12.50"),
            ("0012.50", 0, b'.', "12.50"),
            ("10.", 0, b'.', "10"),
            (".5", 0, b'.', "0.5"),
            ("12,5", 0, b',', "12.5"),
            ("12,5", 0, b'.', ""),
            ("1E3", 0, b'.', "1000"),
            ("1.5E-2", 0, b'.', "0.015"),
            ("", 0, b'.', ""),
            (".", 0, b'.', ""),
            ("1.2.3", 0, b'.', ""),
            ("99999999999999999999999", 0, b'.', ""),
            ("0", 0, b'.', "0"),
            ("0", 2, b'.', "0.00"),
        ] {
            let mut out = Vec::new();
            let fits = decimal(data.as_bytes(), decimals, mark, &mut out);
            assert_eq!(shown(&out).trim_matches('"'), want, "{data}");
            assert_eq!(fits, !want.is_empty(), "{data}");
            let slow = number(data.as_bytes(), decimals, mark).map(|value| value.to_string());
            assert_eq!(slow.unwrap_or_default(), want, "{data}");
        }
    }

    #[test]
    fn days_and_instants() {
        for (data, want) in [
            ("20260131", "2026-01-31"),
            ("20280229", "2028-02-29"),
            ("20260229", ""),
            ("690101", "2069-01-01"),
            ("700101", "1970-01-01"),
            ("2026013", ""),
            ("2026013x", ""),
        ] {
            assert_eq!(
                day(data.as_bytes())
                    .map(|day| shown(&day))
                    .unwrap_or_default(),
                want,
                "{data}"
            );
        }
        let instant = |time: &str, code: &str| {
            let mut out = Vec::new();
            let taken = moment(
                *b"2026-01-31",
                time.as_bytes(),
                zone(code.as_bytes()).as_deref(),
                &mut out,
            );
            (shown(&out), taken)
        };
        for (time, code, want, taken) in [
            ("0915", "UT", "\"2026-01-31T09:15:00Z\"", true),
            ("091530", "ES", "\"2026-01-31T09:15:30-05:00\"", true),
            ("09153055", "P02", "\"2026-01-31T09:15:30.55+02:00\"", true),
            ("0915", "LT", "\"2026-01-31\"", false),
            ("", "UT", "\"2026-01-31\"", false),
            ("2561", "UT", "\"2026-01-31\"", false),
        ] {
            assert_eq!(
                instant(time, code),
                (want.to_owned(), taken),
                "{time} {code}"
            );
        }
    }

    #[test]
    fn periods() {
        for (data, format, want) in [
            ("310126", "2", "2026-01-31 "),
            ("260131", "101", "2026-01-31 "),
            ("20260131", "102", "2026-01-31 "),
            ("202601310915", "203", "2026-01-31 0915"),
            ("2026013109", "203", "-"),
            ("2026013120260228", "718", "2026-01-31 2026-02-28"),
            ("20260131-20260228", "718", "2026-01-31 2026-02-28"),
            ("20260131091530UTC", "304", "2026-01-31 091530"),
            ("202601310915UTC", "303", "2026-01-31 0915"),
            ("202601", "610", "-"),
        ] {
            let found = period(data.as_bytes(), format.as_bytes()).map(|period| {
                let end = period.end.map(|end| shown(&end)).unwrap_or_default();
                format!("{} {}{end}", shown(&period.day), shown(period.time))
            });
            assert_eq!(found.unwrap_or("-".to_owned()), want, "{data} {format}");
        }
    }

    #[test]
    fn texts_are_json() {
        for (data, want) in [
            (b"plain".as_slice(), r#""plain""#),
            (b"a\"b\\c\nd\x01", r#""a\"b\\c\nd\u0001""#),
            (b"caf\xE9", "\"caf\u{e9}\""),
            ("café".as_bytes(), "\"caf\u{e9}\""),
        ] {
            let mut out = Vec::new();
            json_text(data, &mut out);
            assert_eq!(String::from_utf8(out).unwrap(), want);
        }
    }
}
