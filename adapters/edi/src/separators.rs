//! Which bytes separate an interchange, whatever its syntax.
//! Data only; how an interchange declares them is read by [`Header`](crate::Header).
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
