//! Which separators an interchange is written with: the partner's, as far as the version has them; and others, when the data
//! of X12 holds one of these.
//! Invariant: separators in force are ASCII, differ from each other, and none is a letter, a digit or a blank.

use super::style::Style;
use crate::finding::{Finding, Level};
use crate::headers::Interchange;
use crate::rule::Rule;
use crate::separators::Separators;
use crate::syntax::Syntax;

/// What may separate instead: first what data hardly ever holds, control characters last.
const CANDIDATES: &[u8] = b"~^|*><!`\\{}[]=;$%\"@_:+'?&\x1d\x1f\x1e\x1c\x07";

/// Repetition separator of syntax version 4 where no UNA says otherwise.
const REPETITION: u8 = b'*';

/// Separators that data made unusable in this interchange.
pub(super) struct Refused([bool; 256]);

impl Default for Refused {
    fn default() -> Self {
        Self([false; 256])
    }
}

impl Refused {
    fn mark(&mut self, byte: u8) {
        if let Some(place) = self.0.get_mut(usize::from(byte)) {
            *place = true;
        }
    }

    /// What separates instead of `byte`: neither what was written nor the next segment's text holds it.
    pub(super) fn instead_of(
        &mut self,
        byte: u8,
        separators: Separators,
        written: &[u8],
        text: &str,
    ) -> Option<u8> {
        self.mark(byte);
        let mut held = [false; 256];
        for byte in written.iter().chain(text.as_bytes()) {
            if let Some(place) = held.get_mut(usize::from(*byte)) {
                *place = true;
            }
        }
        let Separators {
            element,
            component,
            repetition,
            terminator,
            ..
        } = separators;
        let free = |candidate: &u8| {
            let place = usize::from(*candidate);
            let taken = [&self.0, &held]
                .iter()
                .any(|set| set.get(place).is_none_or(|held| *held));
            !taken
                && ![element, component, terminator].contains(candidate)
                && repetition != Some(*candidate)
        };
        CANDIDATES.iter().copied().find(free)
    }
}

/// The separators with one exchanged.
pub(super) fn exchanged(separators: Separators, byte: u8, other: u8) -> Separators {
    let instead = |place: u8| if place == byte { other } else { place };
    Separators {
        element: instead(separators.element),
        component: instead(separators.component),
        repetition: separators.repetition.map(instead),
        terminator: instead(separators.terminator),
        ..separators
    }
}

/// The style's separators, as far as this interchange has them.
pub(super) fn in_force(
    style: &Style,
    interchange: &Interchange,
) -> Result<Separators, Box<Finding>> {
    let stated = style.separators;
    let separators = match interchange.syntax {
        Syntax::X12 => Separators {
            repetition: stated
                .repetition
                .filter(|_| interchange.version.as_str() >= "00402"),
            release: None,
            tag: None,
            ..stated
        },
        Syntax::Edifact | Syntax::Tradacoms => Separators {
            repetition: stated.repetition.filter(|_| style.syntax_version >= 4),
            tag: None,
            ..stated
        },
    };
    check(separators)?;
    Ok(separators)
}

/// Whether these can separate.
pub(super) fn check(separators: Separators) -> Result<(), Box<Finding>> {
    let Separators {
        element,
        component,
        repetition,
        terminator,
        release,
        ..
    } = separators;
    let named = [
        (Some(element), Rule::ElementSeparator),
        (Some(component), Rule::ComponentSeparator),
        (repetition, Rule::RepetitionSeparator),
        (Some(terminator), Rule::Terminator),
        (release, Rule::ServiceCharacters),
    ];
    for (place, (byte, rule)) in named.into_iter().enumerate() {
        let Some(byte) = byte else { continue };
        let breaks = matches!(byte, b'\r' | b'\n') && rule != Rule::Terminator;
        let unfit = !byte.is_ascii() || byte.is_ascii_alphanumeric() || byte == b' ' || breaks;
        let twice = named
            .iter()
            .take(place)
            .any(|(other, _)| *other == Some(byte));
        if unfit || twice {
            let finding = Finding::new(
                rule,
                "a service character of the partner's settings cannot be one",
            )
            .at_level(Level::Interchange)
            .found(&[byte])
            .expected("a sign of ASCII that no other service character is")
            .hint("correct the separators in the partner's settings");
            return Err(Box::new(finding));
        }
    }
    Ok(())
}

/// The UNA, where it is needed or wanted.
pub(super) fn una(style: &Style, separators: Separators, out: &mut Vec<u8>) {
    let repetition = (style.syntax_version >= 4).then_some(REPETITION);
    if separators
        == (Separators {
            repetition,
            ..Separators::EDIFACT
        })
        && !style.una
    {
        return;
    }
    let Separators {
        element,
        component,
        repetition,
        terminator,
        release,
        decimal,
        ..
    } = separators;
    let or_blank = |byte: Option<u8>| byte.unwrap_or(b' ');
    out.extend_from_slice(b"UNA");
    out.extend_from_slice(&[
        component,
        element,
        decimal,
        or_blank(release),
        or_blank(repetition),
        terminator,
    ]);
    out.extend_from_slice(style.suffix.bytes());
}
