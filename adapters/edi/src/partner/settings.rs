//! Single settings of a partner's file: is it a version, a set, a currency, an encoding, a rule that there is?
//! Invariant: what is wrong is said with its place and with what to write instead.

use std::ops::RangeInclusive;

use canonical::problem::Severity;
use toml::Spanned;

use super::error::Mistake;
use super::file::{ControlNumbersSection, PartnerFile};
use crate::charset::Encoding;
use crate::judge::{Policy, Weight};
use crate::rule::Rule;
use crate::syntax::Syntax;

/// A version and the guide that narrows it down: `004010` and `VICS`, `D.96A` and `EAN008`.
pub(super) fn apart(syntax: Syntax, version: &str) -> (&str, &str) {
    let parts = match syntax {
        Syntax::X12 => version.split_at_checked(6),
        Syntax::Edifact | Syntax::Tradacoms => version.split_once(':'),
    };
    parts.unwrap_or((version, ""))
}

/// An encoding by its name.
pub(super) fn encoding(name: &Spanned<String>) -> Result<Encoding, Mistake> {
    Encoding::named(name.get_ref()).ok_or_else(|| {
        Mistake::at(
            name.span(),
            format!("no encoding is called `{}`", name.get_ref()),
        )
        .hint("known are us-ascii, utf-8, iso-8859-1 to -9 and -15, windows-1250 to -1254")
    })
}

/// A version in the form in which messages name it.
pub(super) fn checked_version(
    syntax: Syntax,
    version: &Spanned<String>,
) -> Result<String, Mistake> {
    let text = version.get_ref();
    let (base, guide) = apart(syntax, text);
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let (good, form) = match syntax {
        Syntax::X12 => (
            base.len() == 6 && digits(base) && guide.len() <= 6,
            "six digits, and perhaps a guide behind them: 004010 or 004010VICS",
        ),
        Syntax::Edifact => (
            base.split_once('.')
                .is_some_and(|(one, two)| !one.is_empty() && !two.is_empty()),
            "version, full stop and release, and perhaps a guide behind a colon: D.96A or D.96A:EAN008",
        ),
        Syntax::Tradacoms => (digits(base), "the version in MHD: 9"),
    };
    if good {
        Ok(text.clone())
    } else {
        Err(Mistake::at(
            version.span(),
            format!("`{text}` is no version of {syntax}"),
        )
        .hint(format!("write {form}")))
    }
}

pub(super) fn checked_set(syntax: Syntax, set: &Spanned<String>) -> Result<String, Mistake> {
    let text = set.get_ref();
    let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
    let (good, form) = match syntax {
        Syntax::X12 => (
            text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_digit()),
            "three digits, as ST01 has them: 850",
        ),
        Syntax::Edifact | Syntax::Tradacoms => (
            (1..=6).contains(&text.len()) && text.bytes().all(plain),
            "the name in the message's header, in capitals: ORDERS",
        ),
    };
    if good {
        Ok(text.clone())
    } else {
        Err(
            Mistake::at(set.span(), format!("`{text}` is no message of {syntax}"))
                .hint(format!("write {form}")),
        )
    }
}

/// Rules of the envelope that stay errors, because what breaks them cannot be told from something else or is not whole.
const FIRM: [Rule; 25] = [
    Rule::SegmentLength,
    Rule::Truncated,
    Rule::HeaderTruncated,
    Rule::HeaderMalformed,
    Rule::ElementSeparator,
    Rule::ComponentSeparator,
    Rule::RepetitionSeparator,
    Rule::Terminator,
    Rule::ServiceCharacters,
    Rule::UnaLength,
    Rule::SyntaxVersion,
    Rule::CharacterSet,
    Rule::Interactive,
    Rule::SenderMissing,
    Rule::InterchangeDuplicate,
    Rule::ControlNumberReused,
    Rule::InterchangeTrailerMissing,
    Rule::GroupTrailerMissing,
    Rule::MessageTrailerMissing,
    Rule::FileHeaderRefused,
    Rule::ControlNumberLimit,
    Rule::GroupLength,
    Rule::MessageLength,
    Rule::BinaryLength,
    Rule::MessageUnsupported,
];

/// Whether a partner's agreement can give a rule this weight.
fn settable(rule: Rule, weight: Weight) -> Result<(), &'static str> {
    let is_error = rule.severity() == Severity::Error;
    let milder = is_error && weight != Weight::Error;
    if rule < Rule::SegmentLength {
        Err("is about the file, before anybody knows whose it is")
    } else if milder && FIRM.contains(&rule) {
        Err("stays an error: what breaks it cannot be used")
    } else if rule >= Rule::SeparatorInData {
        Err("is about writing, which has its own settings")
    } else if rule >= Rule::CurrencyMissing && milder {
        Err("stays an error: there is no document without it")
    } else if rule >= Rule::CurrencyMissing && !is_error && weight == Weight::Error {
        Err(
            "stays a warning: the document is made all the same; write \"ignore\" to hear nothing of it",
        )
    } else {
        Ok(())
    }
}

pub(super) fn policy(file: &PartnerFile, closed: &[String]) -> Result<Policy, Mistake> {
    let mut policy = Policy::default();
    for (name, weight) in &file.severity {
        let Some(rule) = Rule::named(name.get_ref()) else {
            let names = Rule::ALL.iter().map(|rule| rule.name());
            let mistake = Mistake::at(
                name.span(),
                format!("no rule is called `{}`", name.get_ref()),
            );
            return Err(match super::explain::nearest(name.get_ref(), names) {
                Some(name) => mistake.hint(format!("did you mean `{name}`?")),
                None => mistake.hint("write the name that findings show behind the full stop: `x12.segment_count` is segment_count"),
            });
        };
        if let Err(why) = settable(rule, *weight) {
            let message = format!("`{}` {why}", name.get_ref());
            return Err(Mistake::at(name.span(), message));
        }
        policy.weights.insert(rule, *weight);
    }
    policy.closed = closed
        .iter()
        .map(|element| element.as_str().into())
        .collect();
    Ok(policy)
}

pub(super) fn currency(code: &Spanned<String>) -> Result<String, Mistake> {
    let text = code.get_ref();
    if text.len() == 3 && text.bytes().all(|byte| byte.is_ascii_uppercase()) {
        Ok(text.clone())
    } else {
        Err(Mistake::at(code.span(), format!("`{text}` is no currency"))
            .hint("write three capitals of ISO 4217: EUR"))
    }
}

pub(super) fn utc_offset(offset: &Spanned<String>) -> Result<String, Mistake> {
    let text = offset.get_ref();
    let good = match text.as_bytes() {
        b"Z" => true,
        [b'+' | b'-', hours @ .., b':', tens, ones] => {
            let hour = std::str::from_utf8(hours)
                .ok()
                .and_then(|hours| hours.parse::<u8>().ok());
            hours.len() == 2
                && hour.is_some_and(|hour| hour <= 14)
                && (b'0'..=b'5').contains(tens)
                && ones.is_ascii_digit()
        }
        _ => false,
    };
    if good {
        Ok(text.clone())
    } else {
        Err(
            Mistake::at(offset.span(), format!("`{text}` is no offset from UTC"))
                .hint("write hours and minutes: +01:00, or Z"),
        )
    }
}

/// Our control numbers, within those of the syntax.
pub(super) fn control_numbers(
    section: Option<&Spanned<ControlNumbersSection>>,
    highest: u64,
) -> Result<RangeInclusive<u64>, Mistake> {
    let Some(section) = section else {
        return Ok(1..=highest);
    };
    let ControlNumbersSection { first, last } = *section.get_ref();
    let last = last.unwrap_or(highest);
    if first >= 1 && first < last && last <= highest {
        return Ok(first..=last);
    }
    let mistake = Mistake::at(section.span(), "these cannot be control numbers");
    Err(mistake.hint(format!("from 1 to {highest}, the first below the last")))
}
