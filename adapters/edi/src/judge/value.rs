//! Values of simple elements against their types: characters, lengths, numbers, dates, times, codes.
//! Rounds and converts nothing; a value comes here without its release characters, and never empty.
//! Invariant: a value breaks at most one rule, the first in the order of these checks.

use super::characters::{ClassTable, Classes, trimmed};
use super::period::{is_date, is_time};
use crate::dictionary::{ElementSpec, ElementType};
use crate::rule::Rule;

/// The first rule that a value of this element breaks. `exponents` says that the version knows them.
pub(super) fn fault(
    spec: &ElementSpec,
    value: &[u8],
    seen: Classes,
    table: &ClassTable,
    exponents: bool,
) -> Option<Rule> {
    let of_type = of_type(spec, value, seen, table, exponents);
    of_type.or_else(|| of_charset(value, seen, table))
}

/// Bytes that are none of the character set's, and characters that are none of the declared level's.
fn of_charset(value: &[u8], seen: Classes, table: &ClassTable) -> Option<Rule> {
    let charset = table.charset()?;
    if !seen.has(Classes::HIGH.and(Classes::FOREIGN)) {
        return None;
    }
    let (text, certain) = charset.decode(value);
    if certain {
        charset.foreign(&text).map(|_| Rule::Repertoire)
    } else {
        Some(Rule::Charset)
    }
}

fn of_type(
    spec: &ElementSpec,
    value: &[u8],
    seen: Classes,
    table: &ClassTable,
    exponents: bool,
) -> Option<Rule> {
    match spec.kind {
        ElementType::B => None,
        ElementType::Dt => moment(spec, value, seen, is_date, Rule::ElementDate),
        ElementType::Tm => moment(spec, value, seen, is_time, Rule::ElementTime),
        ElementType::N(_) => number(spec, &whole(value)),
        ElementType::R => number(spec, &real(value, exponents)),
        ElementType::EdifactN => number(spec, &numeric(value)),
        ElementType::Id | ElementType::An | ElementType::EdifactAn => {
            let unseen = seen.has(Classes::CONTROL);
            text(spec, value, seen, table, unseen)
        }
        ElementType::EdifactA => {
            let unfit = seen.has(Classes::CONTROL.and(Classes::DIGIT));
            text(spec, value, seen, table, unfit)
        }
    }
}

/// A date or a time; what is no number at all is never merely too long.
fn moment(
    spec: &ElementSpec,
    value: &[u8],
    seen: Classes,
    is_one: fn(&[u8]) -> bool,
    rule: Rule,
) -> Option<Rule> {
    let digits = seen.within(Classes::DIGIT);
    let long = beyond(spec, value.len()).filter(|_| digits);
    long.or_else(|| (!is_one(value)).then_some(rule))
}

fn text(
    spec: &ElementSpec,
    value: &[u8],
    seen: Classes,
    table: &ClassTable,
    unfit: bool,
) -> Option<Rule> {
    if unfit {
        return Some(Rule::ElementCharacters);
    }
    let short = table.length(value, seen) < spec.min as usize;
    // Blanks behind a value only pad it: they make it long enough, never too long.
    let long = table.length(trimmed(value), seen) > spec.max as usize;
    if short {
        Some(Rule::ElementShort)
    } else if long {
        Some(Rule::ElementLong)
    } else {
        let listed = spec
            .codes
            .as_ref()
            .is_none_or(|codes| codes.contains(trimmed(value)));
        (!listed).then_some(Rule::ElementCode)
    }
}

fn beyond(spec: &ElementSpec, count: usize) -> Option<Rule> {
    if count < spec.min as usize {
        Some(Rule::ElementShort)
    } else if count > spec.max as usize {
        Some(Rule::ElementLong)
    } else {
        None
    }
}

/// How a number is written: how many digits count for its length, and the rule that its form breaks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Number {
    digits: usize,
    fault: Option<Rule>,
}

impl Number {
    /// Reads digits with at most one decimal mark among them; `is_mark` says what can be one.
    fn read(bytes: &[u8], is_mark: fn(u8) -> bool) -> Self {
        let mut number = Self::default();
        let mut marks = 0_usize;
        for byte in bytes {
            match byte {
                b'0'..=b'9' => number.digits += 1,
                mark if is_mark(*mark) => marks += 1,
                b'-' | b'+' => number.fault = Some(Rule::ElementNumber),
                _ => return number.with(Rule::ElementCharacters),
            }
        }
        if marks > 1 {
            return number.with(Rule::NumberMarks);
        }
        if number.digits == 0 {
            return number.with(Rule::ElementNumber);
        }
        number
    }

    fn with(self, fault: Rule) -> Self {
        Self {
            fault: Some(fault),
            ..self
        }
    }
}

fn unsigned(value: &[u8]) -> &[u8] {
    value.strip_prefix(b"-").unwrap_or(value)
}

/// X12's types N0 to N9: sign and digits.
fn whole(value: &[u8]) -> Number {
    let number = Number::read(unsigned(value), |byte| byte == b'.');
    match number.fault {
        None if value.contains(&b'.') => number.with(Rule::ElementNumber),
        _ => number,
    }
}

/// X12's type R: sign, digits, a point anywhere among them; from 004020 on an exponent.
fn real(value: &[u8], exponents: bool) -> Number {
    let plus = value.strip_prefix(b"+");
    let rest = plus.unwrap_or_else(|| unsigned(value));
    let (base, power) = match rest.iter().position(|byte| *byte == b'E') {
        Some(place) => (rest.get(..place), rest.get(place + 1..)),
        None => (Some(rest), None),
    };
    let is_point = |byte| byte == b'.';
    let mut number = Number::read(base.unwrap_or_default(), is_point);
    if let Some(power) = power {
        let power = Number::read(unsigned(power), |_| false);
        number.digits += power.digits;
        number.fault = number.fault.or(power.fault);
    }
    let unknown = plus.is_some() || (power.is_some() && !exponents);
    match number.fault {
        None if unknown => number.with(Rule::NumberForm),
        _ => number,
    }
}

/// EDIFACT's `n`: sign, digits, one decimal mark with a digit on both sides. Full stop and comma both are one, whatever
/// the UNA says (ISO 9735, 10.1).
fn numeric(value: &[u8]) -> Number {
    let rest = unsigned(value);
    let is_mark = |byte: u8| matches!(byte, b'.' | b',');
    let number = Number::read(rest, is_mark);
    let open = |end: Option<&u8>| end.is_some_and(|byte| is_mark(*byte));
    match number.fault {
        None if open(rest.first()) || open(rest.last()) => number.with(Rule::NumberDigits),
        _ => number,
    }
}

/// An unreadable number breaks the rule of its form; a readable one first that of its length.
fn number(spec: &ElementSpec, number: &Number) -> Option<Rule> {
    let mild = |rule: &Rule| matches!(rule, Rule::NumberForm | Rule::NumberDigits);
    match number.fault {
        Some(rule) if !mild(&rule) => Some(rule),
        other => beyond(spec, number.digits).or(other),
    }
}
