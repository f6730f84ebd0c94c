//! Which characters the bytes of an interchange are: what its header declares, or what was agreed with the partner.
//! Values are decoded one by one where they are used, never a whole file; and nothing is replaced in silence.
//! Invariant: what was decoded cleanly is encoded to the same bytes again.

mod encoding;
mod repertoire;

use std::borrow::Cow;

use crate::finding::{Finding, Level, Place};
use crate::headers::Interchange;
use crate::rule::Rule;
use crate::segment::Tag;
use crate::syntax::Syntax;
pub use encoding::Encoding;
pub use repertoire::Repertoire;

/// How the values of an interchange are read and written.
///
/// ```
/// use edi::{Charset, Interchange, Syntax};
/// let header = Interchange { syntax: Syntax::Edifact, version: "UNOE:3".into(), ..Interchange::default() };
/// let charset = Charset::for_interchange(&header, None)?;
/// assert_eq!(charset.decode(b"\xBC\xD8\xE0"), ("Мир".into(), true));
/// assert_eq!(charset.encode("Мир"), Ok(b"\xBC\xD8\xE0".to_vec()));
/// assert_eq!(charset.encode("Größe"), Err('ö'));
/// # Ok::<(), Box<edi::Finding>>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Charset {
    encoding: Encoding,
    /// Whether header or agreement names the encoding; without that every byte beyond ASCII is a guess.
    declared: bool,
    /// Whether valid UTF-8 beyond ASCII is more likely a sender's mistake than text.
    suspicious: bool,
    /// What the level of the header allows.
    repertoire: Option<Repertoire>,
}

impl Charset {
    /// The encoding that was agreed with the partner, or else the one that the header declares.
    ///
    /// X12 and TRADACOMS declare none: values are then UTF-8 where they can be, and ISO 8859-1 elsewhere.
    ///
    /// # Errors
    /// A finding for the interchange when its header declares an encoding that is not read, and none was agreed.
    pub fn for_interchange(
        interchange: &Interchange,
        agreed: Option<Encoding>,
    ) -> Result<Self, Box<Finding>> {
        let identifier = interchange.version.split(':').next().unwrap_or_default();
        let (declared, repertoire) = match interchange.syntax {
            Syntax::Edifact => level(identifier),
            Syntax::X12 | Syntax::Tradacoms => (Some(Encoding::ASCII), None),
        };
        match (agreed, declared) {
            (Some(encoding), _) => Ok(Self {
                encoding,
                declared: true,
                suspicious: false,
                repertoire,
            }),
            (None, Some(encoding)) => Ok(Self {
                encoding,
                declared: encoding != Encoding::ASCII,
                suspicious: matches!(identifier, "UNOC" | "UNOL"),
                repertoire,
            }),
            (None, None) => Err(Box::new(unknown(identifier))),
        }
    }

    /// The same, with values held to these characters; [`Charset::foreign`] tells which are not among them.
    #[must_use]
    pub fn within(self, repertoire: Repertoire) -> Self {
        Self {
            repertoire: Some(repertoire),
            ..self
        }
    }

    /// The encoding.
    #[must_use]
    pub fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// A value as text, and whether it certainly is that. It is not where its bytes are none of the encoding's or look
    /// like another one: then it is read as UTF-8 or ISO 8859-1, and [`Rule::Charset`] is due.
    #[must_use]
    pub fn decode<'a>(&self, bytes: &'a [u8]) -> (Cow<'a, str>, bool) {
        let utf8 = std::str::from_utf8(bytes).ok();
        if let Some(text) = utf8.filter(|_| bytes.is_ascii()) {
            return (Cow::Borrowed(text), true);
        }
        match self.encoding.decode(bytes) {
            Some(text) => {
                let mistaken = self.suspicious && utf8.is_some()
                    || self.encoding.has_controls() && bytes.iter().any(is_control);
                (text, !mistaken)
            }
            None => {
                let text = utf8.map(Cow::Borrowed);
                (text.unwrap_or_else(|| Encoding::latin1(bytes)), false)
            }
        }
    }

    /// Text as bytes.
    ///
    /// # Errors
    /// The first character that the encoding does not have.
    pub fn encode(&self, text: &str) -> Result<Vec<u8>, char> {
        self.encoding.encode(text)
    }

    /// The first character that the declared level does not have, although the encoding may.
    #[must_use]
    pub fn foreign(&self, text: &str) -> Option<char> {
        let repertoire = self.repertoire?;
        text.chars().find(|character| !repertoire.has(*character))
    }

    /// Whether header or agreement says which bytes beyond ASCII there may be.
    #[must_use]
    pub fn is_declared(&self) -> bool {
        self.declared
    }
}

/// A control character of the upper half: no text has it, but Windows 1252 has others there.
fn is_control(byte: &u8) -> bool {
    matches!(byte, 0x80..=0x9F)
}

/// What a syntax identifier (0001) stands for.
fn level(identifier: &str) -> (Option<Encoding>, Option<Repertoire>) {
    let iso = |part| (Encoding::iso_8859(part), None);
    match identifier {
        // The airlines' names for levels A and B.
        "UNOA" | "IATA" => (Some(Encoding::ASCII), Some(Repertoire::LevelA)),
        "UNOB" | "IATB" => (Some(Encoding::ASCII), Some(Repertoire::LevelB)),
        "UNOC" => iso(1),
        "UNOD" => iso(2),
        "UNOE" => iso(5),
        "UNOF" => iso(7),
        "UNOG" => iso(3),
        "UNOH" => iso(4),
        "UNOI" => iso(6),
        "UNOJ" => iso(8),
        "UNOK" => iso(9),
        "UNOL" => iso(15),
        "UNOW" | "UNOY" => (Some(Encoding::UTF8), None),
        _ => (None, None),
    }
}

fn unknown(identifier: &str) -> Finding {
    let place = Place {
        tag: Tag::new(b"UNB"),
        element: 1,
        component: 1,
        ..Place::default()
    };
    Finding::new(Rule::CharacterSet, "the character set is none that is read")
        .at_level(Level::Interchange)
        .at(place)
        .found(identifier.as_bytes())
        .expected("UNOA to UNOL, UNOW or UNOY")
        .hint("ask the sender which encoding it writes, and put that into its agreement")
}

#[cfg(test)]
mod tests {
    use super::{Charset, Encoding, Repertoire};
    use crate::headers::Interchange;
    use crate::rule::Rule;
    use crate::syntax::Syntax;
    use proptest::prelude::{any, prop, prop_assert_eq, proptest};

    fn charset(version: &str, agreed: Option<Encoding>) -> Result<Charset, Rule> {
        let interchange = Interchange {
            syntax: match version {
                "00401" => Syntax::X12,
                "ANA:1" => Syntax::Tradacoms,
                _ => Syntax::Edifact,
            },
            version: version.to_owned(),
            ..Interchange::default()
        };
        Charset::for_interchange(&interchange, agreed).map_err(|finding| finding.rule)
    }

    #[test]
    fn each_level_has_its_characters() {
        for (version, bytes, text) in [
            ("UNOA:1", b"ABC".as_slice(), "ABC"),
            ("UNOB:1", b"Abc", "Abc"),
            ("UNOC:3", b"M\xDCLLER & S\xD8HNE", "MÜLLER & SØHNE"),
            ("UNOD:3", b"\xA3\xF3d\xBC", "Łódź"),
            ("UNOE:3", b"\xBC\xD8\xE0", "Мир"),
            ("UNOF:3", b"\xC5\xEB\xEB\xDC\xE4\xE1", "Ελλάδα"),
            ("UNOG:3", b"\xA1\xA6", "ĦĤ"),
            ("UNOH:3", b"\xA1\xAE", "ĄŽ"),
            ("UNOI:3", b"\xD3\xE4\xC7\xE5", "سلام"),
            ("UNOJ:3", b"\xF9\xEC\xE5\xED", "שלום"),
            ("UNOK:3", b"\xDDstanbul \xDE\xF0\xFD", "İstanbul Şğı"),
            ("UNOL:4", b"100 \xA4", "100 €"),
            ("UNOY:4", "Łódź 日本".as_bytes(), "Łódź 日本"),
            ("UNOW:4", "Łódź".as_bytes(), "Łódź"),
            ("00401", b"BUYER", "BUYER"),
        ] {
            let charset = charset(version, None).unwrap();
            assert_eq!(charset.decode(bytes), (text.into(), true), "{version}");
            assert_eq!(charset.encode(text), Ok(bytes.to_vec()), "{version}");
        }
    }

    #[test]
    fn what_is_not_read_needs_an_agreement() {
        for version in ["UNOX:3", "KECA:3", "XXXA:1", "", "UNOZ:4"] {
            assert_eq!(charset(version, None), Err(Rule::CharacterSet), "{version}");
            let agreed = charset(version, Encoding::named("utf-8")).unwrap();
            assert_eq!(agreed.decode("日本".as_bytes()), ("日本".into(), true));
        }
    }

    #[test]
    fn files_that_lie_are_noticed() {
        let cp1252 = Encoding::named("windows-1252");
        for (version, agreed, bytes, text, clean) in [
            ("UNOC:3", None, b"12 \x80".as_slice(), "12 \u{80}", false),
            ("UNOC:3", cp1252, b"12 \x80", "12 €", true),
            ("UNOC:3", None, "MÜLLER".as_bytes(), "MÃ\u{9c}LLER", false),
            ("UNOC:3", None, "für".as_bytes(), "fÃ¼r", false),
            (
                "UNOC:3",
                Encoding::named("UTF-8"),
                "für".as_bytes(),
                "für",
                true,
            ),
            ("UNOC:3", Encoding::named("UTF-8"), b"f\xFCr", "für", false),
            ("UNOE:3", None, b"\x80", "\u{80}", false),
            ("UNOA:1", None, b"f\xFCr", "für", false),
            ("UNOA:1", None, "für".as_bytes(), "für", false),
            ("UNOY:4", None, b"f\xFCr", "für", false),
            ("UNOI:3", None, b"\xFF", "ÿ", false),
            ("00401", None, b"f\xFCr", "für", false),
            ("00401", None, "für".as_bytes(), "für", false),
            (
                "00401",
                Encoding::named("iso-8859-1"),
                b"f\xFCr",
                "für",
                true,
            ),
            ("ANA:1", None, b"12 \xA3", "12 £", false),
        ] {
            let charset = charset(version, agreed).unwrap();
            assert_eq!(
                charset.decode(bytes),
                (text.into(), clean),
                "{version} {bytes:?}"
            );
        }
    }

    #[test]
    fn nothing_is_replaced_in_writing() {
        for (version, text, want) in [
            ("UNOA:1", "PRICE 12 €", Err('€')),
            ("UNOC:3", "PRICE 12 €", Err('€')),
            ("UNOL:3", "PRICE 12 €", Ok(b"PRICE 12 \xA4".to_vec())),
            ("UNOC:3", "日", Err('日')),
            ("UNOK:3", "Ð", Err('Ð')),
            ("00401", "für", Err('ü')),
        ] {
            assert_eq!(
                charset(version, None).unwrap().encode(text),
                want,
                "{version} {text}"
            );
        }
    }

    #[test]
    fn levels_are_held_to() {
        let level_a = charset("UNOA:3", None).unwrap();
        assert_eq!(level_a.foreign("BOLT M8 (50%)"), None);
        assert_eq!(level_a.foreign("Bolt"), Some('o'));
        let level_b = charset("UNOB:3", None).unwrap();
        assert_eq!(level_b.foreign("Bolt"), None);
        assert_eq!(level_b.foreign("a@b"), Some('@'));
        let x12 = charset("00401", None).unwrap();
        assert_eq!(x12.foreign("any§"), None);
        assert_eq!(x12.within(Repertoire::Basic).foreign("Bolt"), Some('o'));
        assert_eq!(x12.within(Repertoire::Extended).foreign("a@b#"), None);
        assert_eq!(
            x12.within(Repertoire::Extended).foreign("a\u{7}"),
            Some('\u{7}')
        );
    }

    proptest! {
        #[test]
        fn clean_text_is_written_as_it_was_read(bytes in prop::collection::vec(any::<u8>(), 0..40), version in 0_usize..16, agreed in 0_usize..4) {
            let versions = [
                "UNOA:1", "UNOB:1", "UNOC:3", "UNOD:3", "UNOE:3", "UNOF:3", "UNOG:3", "UNOH:3", "UNOI:3", "UNOJ:3", "UNOK:3",
                "UNOL:4", "UNOW:4", "UNOY:4", "00401", "ANA:1",
            ];
            let agreed = ["", "utf-8", "windows-1252", "iso-8859-2"].map(Encoding::named)[agreed];
            let charset = charset(versions[version], agreed).unwrap();
            let (text, clean) = charset.decode(&bytes);
            if clean {
                prop_assert_eq!(charset.encode(&text), Ok(bytes));
            }
        }
    }
}
