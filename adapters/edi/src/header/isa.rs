//! How an ISA declares its separators: by offset, checked by counting.
//! Never looks at what an element means. Invariant: a header that was read has sixteen elements.

use super::{HEADER_LIMIT, Header, HeaderFault, unfit};
use crate::separators::Separators;
use crate::syntax::Syntax;

/// Length of an ISA segment with its terminator, when its elements are padded as the standard wants.
pub(super) const FIXED_LENGTH: usize = 106;

/// Offsets of the 16 element separators of a padded header (X12.5: every ISA element has one length).
const FIXED: [usize; 16] = [
    3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103,
];

/// Reads `bytes`, which start with `ISA`.
///
/// A padded header is read by offset. Where the separators do not stand at their offsets they are counted instead
/// (senders that forget to pad), and `padded` says so.
pub(super) fn read(bytes: &[u8]) -> Result<Header, HeaderFault> {
    let element = *bytes.get(3).ok_or(HeaderFault::Truncated(bytes.len()))?;
    if unfit(element) || matches!(element, b'\r' | b'\n') {
        return Err(HeaderFault::Element(element));
    }
    let at = |offset: usize| bytes.get(offset).copied();
    let places = places(bytes, element)?;
    let [
        ..,
        before_repetition,
        before_version,
        after_version,
        _,
        _,
        last,
    ] = places;
    let truncated = HeaderFault::Truncated(bytes.len());
    let component = at(last + 1).ok_or(truncated)?;
    let terminator = at(last + 2).ok_or(truncated)?;
    let eleventh = bytes
        .get(before_repetition + 1..before_version)
        .unwrap_or_default();
    let version = bytes
        .get(before_version + 1..after_version)
        .unwrap_or_default();
    let repetition = match eleventh {
        [byte] if version >= b"00402".as_slice() && !matches!(byte, b'U' | b' ') => Some(*byte),
        _ => None,
    };
    let separators = Separators {
        element,
        component,
        repetition,
        terminator,
        ..Separators::X12
    };
    check(&separators)?;
    Ok(Header {
        syntax: Syntax::X12,
        separators,
        before: 0,
        length: Some(last + 2),
        padded: places == FIXED,
    })
}

/// Where the sixteen separators stand: at their offsets, or else the first sixteen.
fn places(bytes: &[u8], element: u8) -> Result<[usize; 16], HeaderFault> {
    if FIXED
        .iter()
        .all(|&offset| bytes.get(offset) == Some(&element))
    {
        return Ok(FIXED);
    }
    let mut places = [0_usize; 16];
    let mut found = 0;
    let separators = bytes
        .iter()
        .take(HEADER_LIMIT)
        .enumerate()
        .filter(|(_, byte)| **byte == element);
    for (place, (offset, _)) in places.iter_mut().zip(separators) {
        *place = offset;
        found += 1;
    }
    if found == places.len() {
        Ok(places)
    } else if bytes.len() < FIXED_LENGTH {
        Err(HeaderFault::Truncated(bytes.len()))
    } else {
        Err(HeaderFault::Malformed(Syntax::X12))
    }
}

fn check(separators: &Separators) -> Result<(), HeaderFault> {
    let Separators {
        element,
        component,
        terminator,
        ..
    } = *separators;
    if unfit(terminator) || terminator == element {
        return Err(HeaderFault::Terminator(terminator));
    }
    if unfit(component) || component == element || component == terminator {
        return Err(HeaderFault::Component(component));
    }
    match separators.repetition {
        Some(byte) if unfit(byte) || [element, component, terminator].contains(&byte) => {
            Err(HeaderFault::Repetition(byte))
        }
        _ => Ok(()),
    }
}

/// The elements of a header by their offsets, or else by counting.
pub(super) fn salvage(bytes: &[u8]) -> Option<(Separators, usize, Vec<u32>)> {
    // The byte behind the tag may be the one that is wrong.
    let [element, other] = [*bytes.get(3)?, *bytes.get(6)?];
    let mut others = FIXED.iter().skip(1);
    let stands =
        !other.is_ascii_alphanumeric() && others.all(|&offset| bytes.get(offset) == Some(&other));
    let places = if stands {
        FIXED
    } else {
        places(bytes, element).ok()?
    };
    let [.., last] = places;
    let separators = Separators {
        element,
        component: *bytes.get(last + 1)?,
        terminator: *bytes.get(last + 2).unwrap_or(&Separators::X12.terminator),
        ..Separators::X12
    };
    let ends = places.into_iter().chain([last + 2]);
    let ends = ends.map(|end| u32::try_from(end).unwrap_or(u32::MAX));
    Some((separators, 0, ends.collect()))
}

#[cfg(test)]
mod tests {
    use super::{HeaderFault, read};
    use crate::separators::Separators;
    use crate::syntax::Syntax;

    const PADDED: &str = "ISA*00*          *00*          *ZZ*SENDER         *ZZ*RECEIVER       *260131*1200*U*00401*000000001*0*P*>~";

    fn with(changes: &[(usize, u8)]) -> Vec<u8> {
        let mut bytes = PADDED.as_bytes().to_vec();
        for &(offset, byte) in changes {
            bytes[offset] = byte;
        }
        bytes
    }

    #[test]
    fn a_padded_header_is_read_by_offset() {
        let header = read(PADDED.as_bytes()).unwrap();
        assert_eq!(header.separators, Separators::X12);
        assert_eq!((header.length, header.padded), (Some(105), true));
    }

    #[test]
    fn the_repetition_separator_exists_from_00402_on() {
        for (version, eleventh, want) in [
            (b"00401", b'^', None),
            (b"00402", b'^', Some(b'^')),
            (b"00501", b'U', None),
            (b"00501", b' ', None),
            (b"00501", b'^', Some(b'^')),
        ] {
            let mut bytes = with(&[(82, eleventh)]);
            bytes[84..89].copy_from_slice(version);
            assert_eq!(
                read(&bytes).unwrap().separators.repetition,
                want,
                "{version:?} {eleventh}"
            );
        }
    }

    #[test]
    fn an_unpadded_header_is_counted() {
        let header = read(b"ISA*00**00**ZZ*S*ZZ*R*260131*1200*^*00501*1*0*P*:~GS*PO").unwrap();
        let separators = Separators {
            component: b':',
            repetition: Some(b'^'),
            ..Separators::X12
        };
        assert_eq!(header.separators, separators);
        assert_eq!((header.length, header.padded), (Some(49), false));
    }

    #[test]
    fn unfit_bytes_are_named() {
        let mut repeats = with(&[(82, b'*'), (83, b'*')]);
        repeats[84..89].copy_from_slice(b"00501");
        for (bytes, want) in [
            (with(&[(3, b' ')]), HeaderFault::Element(b' ')),
            (with(&[(3, b'A')]), HeaderFault::Element(b'A')),
            (with(&[(104, b'A')]), HeaderFault::Component(b'A')),
            (with(&[(104, b'*')]), HeaderFault::Component(b'*')),
            (with(&[(105, b' ')]), HeaderFault::Terminator(b' ')),
            (with(&[(105, b'7')]), HeaderFault::Terminator(b'7')),
            (with(&[(104, b'~')]), HeaderFault::Component(b'~')),
            (repeats, HeaderFault::Repetition(b'*')),
            (
                PADDED.as_bytes()[..105].to_vec(),
                HeaderFault::Truncated(105),
            ),
            (b"ISA".to_vec(), HeaderFault::Truncated(3)),
            (b"ISA*00".to_vec(), HeaderFault::Truncated(6)),
            (
                b"ISA|".iter().copied().chain([b'x'; 600]).collect(),
                HeaderFault::Malformed(Syntax::X12),
            ),
        ] {
            assert_eq!(
                read(&bytes),
                Err(want),
                "{}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }
}
