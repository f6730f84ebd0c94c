//! From canonical values to what elements hold: numbers, dates, codes. The other way is `convert`'s.
//! Never looks at where a value comes from or goes to.
//! Invariant: what is written here is read back by `convert` as the same value.

use canonical::model::Kind;

use super::function::CodeTable;

/// A decimal as an element has it: with the point implied, or with the mark in force. `None` where digits would be lost.
pub(super) fn decimal(text: &str, decimals: u8, mark: u8) -> Option<String> {
    let (sign, digits) = text
        .strip_prefix('-')
        .map_or(("", text), |digits| ("-", digits));
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if decimals == 0 {
        if fraction.is_empty() {
            return Some(text.to_owned());
        }
        return Some(format!("{sign}{whole}{}{fraction}", char::from(mark)));
    }
    let places = usize::from(decimals);
    let kept = fraction.get(..places.min(fraction.len()))?;
    if fraction
        .get(kept.len()..)?
        .bytes()
        .any(|digit| digit != b'0')
    {
        return None;
    }
    let written = format!("{whole}{kept:0<places$}");
    let written = written.trim_start_matches('0');
    Some(format!(
        "{sign}{}",
        if written.is_empty() { "0" } else { written }
    ))
}

/// `2026-01-31…` as `20260131`, or `260131` where the element has six places.
pub(super) fn day(text: &str, width: u32) -> Option<String> {
    let day: String = text
        .get(..10)?
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    if width == 6 {
        day.get(2..).map(str::to_owned)
    } else {
        Some(day)
    }
}

/// The time of an instant, `HHMM` or `HHMMSS`, and its offset; nothing for a bare date.
pub(super) fn clock(text: &str) -> Option<(String, &str)> {
    let rest = text.get(11..)?;
    let place = rest.find(['Z', '+', '-'])?;
    let (time, offset) = rest.split_at_checked(place)?;
    let digits: String = time.chars().filter(char::is_ascii_digit).collect();
    let short = digits.strip_suffix("00").filter(|_| digits.len() == 6);
    Some((short.unwrap_or(&digits).to_owned(), offset))
}

/// The X12 time code (element 623) for an offset: `UT`, or `P02` and the like, for full hours.
pub(super) fn zone(offset: &str) -> Option<String> {
    if offset == "Z" || offset == "+00:00" {
        return Some("UT".to_owned());
    }
    let hours = offset.strip_suffix(":00")?;
    let (sign, hours) = hours.split_at_checked(1)?;
    let hours: u32 = hours
        .parse()
        .ok()
        .filter(|hours| (1..=12).contains(hours))?;
    Some(if sign == "+" {
        format!("{hours:02}")
    } else {
        format!("{:02}", 25 - hours)
    })
}

/// A plain value of a kind, given as text.
pub(super) fn plain(
    text: &str,
    kind: Kind,
    (decimals, width, mark): (u8, u32, u8),
) -> Option<String> {
    match kind {
        Kind::Decimal => decimal(text, decimals, mark),
        Kind::Integer | Kind::Ordinal if decimals > 0 => decimal(text, decimals, mark),
        Kind::Date | Kind::DateTime | Kind::DateOrTime => day(text, width),
        Kind::Boolean => Some(if text == "true" { "Y" } else { "N" }.to_owned()),
        _ => Some(text.to_owned()),
    }
}

/// The code and number for an identifier. A GTIN is written with the code that its length has, unless the table begins with
/// a code for all lengths.
pub(super) fn identifier(table: &CodeTable, scheme: &str, value: &str) -> Option<(String, String)> {
    if scheme != "gtin" {
        let code = table.code(scheme)?;
        return Some((
            if code == "none" { String::new() } else { code },
            value.to_owned(),
        ));
    }
    let by_length = |code: &str| matches!(code, "UP" | "EN" | "UK");
    let (code, number) = if let Some(upc) = value.strip_prefix("00") {
        ("UP", upc)
    } else if let Some(ean) = value.strip_prefix('0') {
        ("EN", ean)
    } else {
        ("UK", value)
    };
    let first = table.code("gtin")?;
    if by_length(&first) && table.listed(code.as_bytes()) == Some("gtin") {
        return Some((code.to_owned(), number.to_owned()));
    }
    Some((first, number.to_owned()))
}

/// Cuts a text for an element of so many characters: at a blank where there is one. Returns the piece and where the rest begins.
pub(super) fn cut(text: &str, width: usize) -> (&str, usize) {
    let Some((end, _)) = text.char_indices().nth(width) else {
        return (text, text.len());
    };
    let fits = text.get(..end).unwrap_or(text);
    // A blank right behind what fits is as good as one inside it.
    if text.get(end..).is_some_and(|rest| rest.starts_with(' ')) {
        return (fits, end + 1);
    }
    match fits.rfind(' ').filter(|place| *place > 0) {
        Some(place) => (fits.get(..place).unwrap_or(fits), place + 1),
        None => (fits, end),
    }
}

#[cfg(test)]
mod tests {
    use super::{clock, cut, day, decimal, zone};

    #[test]
    fn numbers() {
        for (text, decimals, mark, want) in [
            ("125.00", 2, b'.', Some("12500")),
            ("0.05", 2, b'.', Some("5")),
            ("-9.95", 2, b'.', Some("-995")),
            ("1", 2, b'.', Some("100")),
            ("1.005", 2, b'.', None),
            ("1.0500", 2, b'.', Some("105")),
            ("0", 2, b'.', Some("0")),
            ("12.50", 0, b',', Some("12,50")),
            ("12", 0, b',', Some("12")),
        ] {
            assert_eq!(decimal(text, decimals, mark).as_deref(), want, "{text}");
        }
    }

    #[test]
    fn days_times_and_zones() {
        assert_eq!(day("2026-01-31", 8).as_deref(), Some("20260131"));
        assert_eq!(day("2026-01-31T09:15:00Z", 6).as_deref(), Some("260131"));
        assert_eq!(
            clock("2026-01-31T09:15:00Z"),
            Some(("0915".to_owned(), "Z"))
        );
        assert_eq!(
            clock("2026-01-31T09:15:30+02:00"),
            Some(("091530".to_owned(), "+02:00"))
        );
        assert_eq!(clock("2026-01-31"), None);
        for (offset, want) in [
            ("Z", Some("UT")),
            ("+02:00", Some("02")),
            ("-05:00", Some("20")),
            ("+05:30", None),
        ] {
            assert_eq!(zone(offset).as_deref(), want, "{offset}");
            let back = want.and_then(|code| super::super::convert::zone(code.as_bytes()));
            assert_eq!(back.as_deref(), want.map(|_| offset), "{offset}");
        }
    }

    #[test]
    fn texts_are_cut_at_blanks() {
        for (text, width, want) in [
            ("short", 10, ("short", 5)),
            ("two words", 5, ("two", 4)),
            ("two words", 3, ("two", 4)),
            ("onelongword", 5, ("onelo", 5)),
            ("ééé é", 3, ("ééé", 7)),
        ] {
            assert_eq!(cut(text, width), want, "{text}");
        }
    }
}
