//! Which bytes separate an interchange, whatever its syntax; and how an ISA header declares them: by offset, checked by counting.
//! Never guesses from a file name or a profile, and never looks beyond the header.
//! Invariant: the bytes of a [`Separators`] that was read differ from each other and none is a letter, a digit or a space.

/// The service characters in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Separators {
    /// Between elements: the byte after `ISA`, or the second of UNA.
    pub element: u8,
    /// Between the components of a composite: ISA16, or the first of UNA.
    pub component: u8,
    /// Between the repetitions of an element: ISA11 from version 00402 on (many senders still write `U` there, which
    /// means that nothing repeats), or the fifth of UNA from syntax version 4 on.
    pub repetition: Option<u8>,
    /// After each segment: the byte after ISA16, or the sixth of UNA.
    pub terminator: u8,
    /// Before a byte that is data although it looks like one of these: the fourth of UNA; X12 has none.
    pub release: Option<u8>,
    /// Between whole and fraction: the third of UNA. X12 has the full stop.
    pub decimal: u8,
    /// Between a tag and the first element where that is not the element separator: `=` in TRADACOMS.
    pub tag: Option<u8>,
}

impl Separators {
    /// What X12 is mostly written with: `*`, `>`, `~`, no repetition.
    pub const X12: Self = Self {
        element: b'*',
        component: b'>',
        repetition: None,
        terminator: b'~',
        release: None,
        decimal: b'.',
        tag: None,
    };

    /// What EDIFACT has without a UNA (ISO 9735, level A): `+`, `:`, `'`, `?`, full stop, no repetition.
    pub const EDIFACT: Self = Self {
        element: b'+',
        component: b':',
        repetition: None,
        terminator: b'\'',
        release: Some(b'?'),
        decimal: b'.',
        tag: None,
    };

    /// What TRADACOMS is written with.
    pub const TRADACOMS: Self = Self {
        tag: Some(b'='),
        ..Self::EDIFACT
    };
}

impl Default for Separators {
    fn default() -> Self {
        Self::X12
    }
}

/// Length of an ISA segment with its terminator, when its elements are padded as the standard wants.
pub(crate) const FIXED_LENGTH: usize = 106;
/// How far a header is followed before it counts as none: far more than 16 unpadded elements need.
pub(crate) const HEADER_LIMIT: usize = 512;

/// Offsets of the 16 element separators of a padded header (X12.5: every ISA element has one length).
const FIXED: [usize; 16] = [
    3, 6, 17, 20, 31, 34, 50, 53, 69, 76, 81, 83, 89, 99, 101, 103,
];

/// What the first bytes of an interchange declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Header {
    /// The separators.
    pub separators: Separators,
    /// Bytes of the segment without its terminator.
    pub length: usize,
    /// Whether every element stands at its fixed offset.
    pub padded: bool,
}

/// Why no separators can be had from a header. Each says which ones were found, where that helps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeaderFault {
    /// The input ends inside the header, after this many bytes.
    Truncated(usize),
    /// Sixteen separators were not found where a header would have them.
    Malformed,
    /// The byte after `ISA` cannot separate elements.
    Element(u8),
    /// ISA16 cannot separate components.
    Component(u8),
    /// ISA11 cannot separate repetitions.
    Repetition(u8),
    /// The byte after ISA16 cannot end a segment.
    Terminator(u8),
}

impl Header {
    /// Reads `bytes`, which start with `ISA` and hold [`HEADER_LIMIT`] bytes unless the input is shorter.
    ///
    /// A padded header is read by offset. Where the separators do not stand at their offsets they are counted instead
    /// (senders that forget to pad), and `padded` says so.
    pub(crate) fn read(bytes: &[u8]) -> Result<Self, HeaderFault> {
        let element = *bytes.get(3).ok_or(HeaderFault::Truncated(bytes.len()))?;
        if element.is_ascii_alphanumeric() || matches!(element, b' ' | b'\r' | b'\n') {
            return Err(HeaderFault::Element(element));
        }
        let at = |offset: usize| bytes.get(offset).copied();
        let padded = FIXED.iter().all(|&offset| at(offset) == Some(element));
        let mut places = [0_usize; 16];
        if padded {
            places = FIXED;
        } else {
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
            if found < places.len() {
                let short = bytes.len() < FIXED_LENGTH;
                return Err(if short {
                    HeaderFault::Truncated(bytes.len())
                } else {
                    HeaderFault::Malformed
                });
            }
        }
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
        separators.check()?;
        Ok(Self {
            separators,
            length: last + 2,
            padded,
        })
    }
}

impl Separators {
    fn check(&self) -> Result<(), HeaderFault> {
        let unfit = |byte: u8| byte.is_ascii_alphanumeric() || byte == b' ';
        if unfit(self.terminator) || self.terminator == self.element {
            return Err(HeaderFault::Terminator(self.terminator));
        }
        if unfit(self.component)
            || self.component == self.element
            || self.component == self.terminator
        {
            return Err(HeaderFault::Component(self.component));
        }
        match self.repetition {
            Some(byte)
                if unfit(byte)
                    || [self.element, self.component, self.terminator].contains(&byte) =>
            {
                Err(HeaderFault::Repetition(byte))
            }
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Header, HeaderFault, Separators};

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
        let header = Header::read(PADDED.as_bytes()).unwrap();
        let separators = Separators {
            element: b'*',
            component: b'>',
            repetition: None,
            terminator: b'~',
            ..Separators::X12
        };
        assert_eq!(
            header,
            Header {
                separators,
                length: 105,
                padded: true
            }
        );
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
                Header::read(&bytes).unwrap().separators.repetition,
                want,
                "{version:?} {eleventh}"
            );
        }
    }

    #[test]
    fn an_unpadded_header_is_counted() {
        let header =
            Header::read(b"ISA*00**00**ZZ*S*ZZ*R*260131*1200*^*00501*1*0*P*:~GS*PO").unwrap();
        let separators = Separators {
            element: b'*',
            component: b':',
            repetition: Some(b'^'),
            terminator: b'~',
            ..Separators::X12
        };
        assert_eq!(
            header,
            Header {
                separators,
                length: 49,
                padded: false
            }
        );
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
                HeaderFault::Malformed,
            ),
        ] {
            assert_eq!(
                Header::read(&bytes),
                Err(want),
                "{}",
                String::from_utf8_lossy(&bytes)
            );
        }
    }
}
