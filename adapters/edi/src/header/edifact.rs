//! How EDIFACT declares its separators: by a UNA, or by none, and then the syntax level says which ones there are.
//! Never looks further into the UNB than its syntax identifier and version.
//! Invariant: nothing repeats before syntax version 4.

use super::{HEADER_LIMIT, Header, HeaderFault, unfit};
use crate::headers::digits;
use crate::separators::Separators;
use crate::syntax::Syntax;

/// Bytes of a UNA with its six characters.
const UNA: usize = 9;
/// The separators of level B where it is written without printable ones (ISO 9735: IS3, IS1 and IS4 of ISO 646).
const CONTROL: Separators = Separators {
    element: 0x1D,
    component: 0x1F,
    terminator: 0x1C,
    release: None,
    ..Separators::EDIFACT
};

/// Reads `bytes`, which start with `UNA`.
pub(super) fn read_una(bytes: &[u8]) -> Result<Header, HeaderFault> {
    let Some((una, rest)) = bytes.split_at_checked(UNA) else {
        return Err(HeaderFault::Truncated(bytes.len()));
    };
    let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\r' | b'\n');
    let gap = rest.iter().take_while(blank).count();
    let header = rest.get(gap..).unwrap_or_default();
    match header {
        [b'U', b'N', b'B', ..] => read_unb(header, Some(una)).map(|header| Header {
            before: UNA + gap,
            ..header
        }),
        [b'U', b'I', b'B', ..] => Err(HeaderFault::Interactive),
        _ if bytes.len() < HEADER_LIMIT && b"UNB".starts_with(header) => {
            Err(HeaderFault::Truncated(bytes.len()))
        }
        // A character too many or too few: the UNB begins nearby.
        _ if near_unb(bytes).is_some() => Err(HeaderFault::UnaLength),
        _ => Err(HeaderFault::Malformed(Syntax::Edifact)),
    }
}

/// Where a UNB begins behind a UNA that does not have six characters.
fn near_unb(bytes: &[u8]) -> Option<usize> {
    let near = bytes.get(3..24.min(bytes.len()))?;
    Some(3 + near.windows(3).position(|window| window == b"UNB")?)
}

/// In how many bytes the syntax identifier and version (S001) are looked for: they have 4 and 1, and few have blanks.
const IDENTIFIER: usize = 16;

/// Reads `bytes`, which start with `UNB`, by the UNA before it.
pub(super) fn read_unb(bytes: &[u8], una: Option<&[u8]>) -> Result<Header, HeaderFault> {
    let first = *bytes.get(3).ok_or(HeaderFault::Truncated(bytes.len()))?;
    let (mut separators, repetition) = match una {
        Some(una) => declared(una)?,
        None if first == CONTROL.element => (CONTROL, None),
        None => (Separators::EDIFACT, Some(b'*')),
    };
    if first != separators.element {
        return Err(HeaderFault::Element(first));
    }
    // The same bytes are looked at however much of the segment is there.
    let version = bytes.get(4..).unwrap_or_default();
    let version = version.get(..IDENTIFIER).unwrap_or(version);
    let ends = |byte: &u8| [separators.element, separators.terminator].contains(byte);
    let identifier = version.split(ends).next();
    let mut parts = identifier
        .unwrap_or_default()
        .split(|byte| *byte == separators.component);
    if parts
        .nth(1)
        .and_then(digits)
        .is_some_and(|version| version >= 4)
    {
        separators.repetition = repetition;
    }
    check(&separators)?;
    Ok(Header {
        syntax: Syntax::Edifact,
        separators,
        before: 0,
        length: None,
        padded: true,
    })
}

/// The separators of a UNA, and what repeats elements from syntax version 4 on: a blank stands for none.
fn declared(una: &[u8]) -> Result<(Separators, Option<u8>), HeaderFault> {
    let [
        _,
        _,
        _,
        component,
        element,
        decimal,
        release,
        repetition,
        terminator,
    ] = *una
    else {
        return Err(HeaderFault::UnaLength);
    };
    // A line end for a terminator is allowed; behind an apostrophe it is what follows a UNA of five.
    if repetition == b'\'' && matches!(terminator, b'\r' | b'\n') {
        return Err(HeaderFault::UnaLength);
    }
    let stated = |byte: u8| (byte != b' ').then_some(byte);
    let separators = Separators {
        element,
        component,
        repetition: None,
        terminator,
        release: stated(release),
        decimal,
        tag: None,
    };
    Ok((separators, stated(repetition)))
}

fn check(separators: &Separators) -> Result<(), HeaderFault> {
    let Separators {
        element,
        component,
        terminator,
        ..
    } = *separators;
    let named = [
        (HeaderFault::Element(element), element),
        (HeaderFault::Component(component), component),
        (HeaderFault::Terminator(terminator), terminator),
    ];
    if let Some((fault, _)) = named.into_iter().find(|(_, byte)| unfit(*byte)) {
        return Err(fault);
    }
    let release = separators.release;
    if let Some(byte) = release.filter(u8::is_ascii_alphanumeric) {
        return Err(HeaderFault::ServiceCharacter(byte));
    }
    if let Some(byte) = separators.repetition.filter(u8::is_ascii_alphanumeric) {
        return Err(HeaderFault::Repetition(byte));
    }
    let decimal = Some(separators.decimal).filter(|byte| *byte != b' ');
    let all = named.map(|(_, byte)| Some(byte));
    let all = all
        .into_iter()
        .chain([release, separators.repetition, decimal])
        .flatten();
    let mut seen = [false; 256];
    for byte in all {
        if let Some(seen) = seen.get_mut(usize::from(byte))
            && std::mem::replace(seen, true)
        {
            return Err(HeaderFault::ServiceCharacter(byte));
        }
    }
    Ok(())
}

/// The elements of a UNB whose UNA cannot be used, by the separators that it shows itself.
pub(super) fn salvage(bytes: &[u8]) -> Option<(Separators, usize, Vec<u32>)> {
    let start = near_unb(bytes)?;
    let header = bytes.get(start..)?;
    let separators = Separators {
        element: *header.get(3)?,
        component: *header.get(8)?,
        ..Separators::EDIFACT
    };
    let length = header
        .iter()
        .position(|byte| *byte == separators.terminator)?;
    let elements = (start..).zip(header.get(..length)?);
    let ends = elements.filter(|(_, byte)| **byte == separators.element);
    let ends = ends.map(|(end, _)| end).chain([start + length]);
    let ends = ends.map(|end| u32::try_from(end).unwrap_or(u32::MAX));
    Some((separators, start, ends.collect()))
}

#[cfg(test)]
mod tests {
    use super::{CONTROL, HeaderFault};
    use crate::header::Header;
    use crate::separators::Separators;
    use crate::syntax::Syntax;

    fn read(text: &str) -> Result<Header, HeaderFault> {
        Header::read(text.as_bytes()).unwrap()
    }

    #[test]
    fn a_una_declares_or_the_level_does() {
        let plain = Separators::EDIFACT;
        let repeats = |byte| Separators {
            repetition: Some(byte),
            ..plain
        };
        for (text, before, want) in [
            ("UNB+UNOC:3+S+R", 0, plain),
            ("UNB+UNOA:4+S+R", 0, repeats(b'*')),
            ("UNB\u{1d}UNOB\u{1f}1\u{1d}S", 0, CONTROL),
            ("UNA:+.? 'UNB+UNOC:3+S", 9, plain),
            ("UNA:+.? '\r\nUNB+UNOC:3+S", 11, plain),
            ("UNA:+.?*'UNB+UNOC:3+S", 9, plain),
            ("UNA:+.?*'UNB+UNOC:4+S", 9, repeats(b'*')),
            ("UNA:+.? 'UNB+UNOC:4+S", 9, plain),
            (
                "UNA:+,  'UNB+UNOC:3+S",
                9,
                Separators {
                    decimal: b',',
                    release: None,
                    ..plain
                },
            ),
            (
                "UNA=*.? ~UNB*UNOA=3*S",
                9,
                Separators {
                    component: b'=',
                    element: b'*',
                    terminator: b'~',
                    ..plain
                },
            ),
        ] {
            let header = read(text).unwrap();
            assert_eq!((header.before, header.separators), (before, want), "{text}");
        }
    }

    #[test]
    fn unfit_bytes_are_named() {
        let long = format!("UNA:+.? '{}", "x".repeat(600));
        for (text, want) in [
            ("UNA++.? 'UNB+UNOC:3+S", HeaderFault::ServiceCharacter(b'+')),
            ("UNA:+.+ 'UNB+UNOC:3+S", HeaderFault::ServiceCharacter(b'+')),
            ("UNA:+:? 'UNB+UNOC:3+S", HeaderFault::ServiceCharacter(b':')),
            ("UNA:+.?+'UNB+UNOC:4+S", HeaderFault::ServiceCharacter(b'+')),
            ("UNA:+.X 'UNB+UNOC:4+S", HeaderFault::ServiceCharacter(b'X')),
            ("UNA:+.?X'UNB+UNOC:4+S", HeaderFault::Repetition(b'X')),
            ("UNA:A.? 'UNBAUNOC:3AS", HeaderFault::Element(b'A')),
            ("UNAA+.? 'UNB+UNOC:3+S", HeaderFault::Component(b'A')),
            ("UNA:+.? AUNB+UNOC:3+S", HeaderFault::Terminator(b'A')),
            ("UNA:+.? 'UNB*UNOC:3*S", HeaderFault::Element(b'*')),
            ("UNB*UNOC:3*S", HeaderFault::Element(b'*')),
            ("UNA:+.?'UNB+UNOC:3+S", HeaderFault::UnaLength),
            ("UNA:+.?'\nUNB+UNOC:3+S", HeaderFault::UnaLength),
            ("UNA:+.? *'UNB+UNOC:3+S", HeaderFault::UnaLength),
            ("UNA:+.? 'UIB+UNOA:3+S", HeaderFault::Interactive),
            ("UIB+UNOA:3+S", HeaderFault::Interactive),
            ("UNA:+", HeaderFault::Truncated(5)),
            ("UNA:+.? 'UN", HeaderFault::Truncated(11)),
            ("UNA:+.? '", HeaderFault::Truncated(9)),
            (
                "UNA:+.? 'UNH+1+ORDERS:D:96A:UN'",
                HeaderFault::Malformed(Syntax::Edifact),
            ),
            (long.as_str(), HeaderFault::Malformed(Syntax::Edifact)),
        ] {
            assert_eq!(read(text), Err(want), "{text}");
        }
    }
}
