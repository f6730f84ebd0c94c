//! What an encoding may be, for the hint of an error: a person decides.
//!
//! Only UTF-16 is told for certain, by the zeros between its letters.

use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, UTF_8, UTF_16BE, UTF_16LE};

/// Bytes that are looked at, at most.
const SAMPLE: usize = 64 << 10;

/// UTF-16 without a byte order mark: most characters of a table's head are ASCII, so that nearly every second byte is
/// zero, and no other.
pub(super) fn utf16_without_mark(first: &[u8]) -> Option<&'static Encoding> {
    let (pairs, _) = first.as_chunks::<2>();
    let zeros = |is_zero: fn(&[u8; 2]) -> bool| pairs.iter().filter(|pair| is_zero(pair)).count();
    let (high, low) = (zeros(|pair| pair[0] == 0), zeros(|pair| pair[1] == 0));
    let most = |count: usize| pairs.len() > 2 && count * 4 >= pairs.len() * 3;
    match (high, low) {
        (0, low) if most(low) => Some(UTF_16LE),
        (high, 0) if most(high) => Some(UTF_16BE),
        _ => None,
    }
}

/// The label of the encoding that a text most likely has; nothing where nothing speaks for one.
pub(crate) fn guess(text: &[u8]) -> Option<String> {
    let text = text.get(..SAMPLE).unwrap_or(text);
    if let Some(encoding) = utf16_without_mark(text) {
        return Some(encoding.name().to_ascii_lowercase());
    }
    if is_like_ebcdic(text) {
        return Some("cp037".to_owned());
    }
    if text.is_ascii() || text.contains(&0) {
        return None;
    }
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(text, true);
    let found = detector.guess(None, Utf8Detection::Allow);
    if found.is_single_byte() && is_like_dos(text) {
        return Some("cp850".to_owned());
    }
    (found != UTF_8).then(|| found.name().to_ascii_lowercase())
}

/// Whether three of four bytes are letters, digits and blanks of EBCDIC. Of ASCII's, only `@` is among them.
fn is_like_ebcdic(text: &[u8]) -> bool {
    let is_word = |byte: &&u8| {
        matches!(byte, 0x40 | 0x81..=0x89 | 0x91..=0x99 | 0xA2..=0xA9
            | 0xC1..=0xC9 | 0xD1..=0xD9 | 0xE2..=0xE9 | 0xF0..=0xF9)
    };
    let words = text.iter().filter(is_word).count();
    text.len() > 7 && words * 4 >= text.len() * 3
}

/// Whether letters stand beside bytes that are letters in the code pages of DOS and quotes or dots in those of Windows,
/// more often than beside those that are letters in Windows.
fn is_like_dos(text: &[u8]) -> bool {
    let (mut dos, mut windows) = (0_usize, 0_usize);
    for three in text.windows(3) {
        if let [before, byte, after] = three
            && before.is_ascii_alphabetic()
            && after.is_ascii_alphabetic()
        {
            dos += usize::from(
                matches!(byte, 0x81 | 0x82 | 0x84..=0x88 | 0x8B | 0x8D | 0x8F | 0x90 | 0x93..=0x95 | 0x97 | 0x99),
            );
            windows += usize::from(*byte >= 0xC0);
        }
    }
    dos > windows
}

#[cfg(test)]
mod tests {
    use super::guess;

    #[test]
    fn what_a_text_looks_like() {
        let german = "Artikel;Bezeichnung\n4711;Müllers größter Bär\n4712;Schöne Grüße, Äpfel\n";
        let coded = |bytes: Vec<u8>| guess(&bytes);
        let page = |number: &str| {
            let of = |wanted: char| {
                let page = super::super::page::page_for(number).unwrap();
                (0..=255)
                    .find(|byte| page.character(*byte) == Some(wanted))
                    .unwrap()
            };
            german.chars().map(of).collect::<Vec<u8>>()
        };
        let latin = german
            .chars()
            .map(|c| u8::try_from(u32::from(c)).unwrap())
            .collect();
        let wide: Vec<u8> = german.encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(coded(latin).as_deref(), Some("windows-1252"));
        assert_eq!(coded(page("cp850")).as_deref(), Some("cp850"));
        assert_eq!(coded(page("cp273")).as_deref(), Some("cp037"));
        assert_eq!(coded(wide).as_deref(), Some("utf-16le"));
        let (russian, _, _) = encoding_rs::WINDOWS_1251.encode("Накладная;Количество\nГвоздь;12\n");
        assert_eq!(guess(&russian).as_deref(), Some("windows-1251"));
        let (japanese, _, _) = encoding_rs::SHIFT_JIS.encode("品番;数量;単価\nネジ;12;三百円\n");
        assert_eq!(guess(&japanese).as_deref(), Some("shift_jis"));
        for nothing in [
            &b""[..],
            b"plain;text\n",
            b"\0\x01\x02\x03\x04\xff\xfe\xfd",
            german.as_bytes(),
        ] {
            assert_eq!(guess(nothing), None, "{nothing:?}");
        }
    }
}
