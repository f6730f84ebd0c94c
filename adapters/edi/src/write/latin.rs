//! What stands in for a character that the receiver's character set does not have: its base letter, or how a typewriter
//! would have put it. Facts of Unicode (decompositions) and habit; no language's own rules, so `ä` is `a` and not `ae`.
//! Invariant: a stand-in is ASCII that can be seen, or nothing at all for what cannot be seen anyway; never `?` for what is unknown.

/// Base letters of U+00C0 to U+017F; a blank where it takes more than one letter, or has none.
const LATIN: &[u8] = b"AAAAAA CEEEEIIIIDNOOOOOxOUUUUY  aaaaaa ceeeeiiiidnooooo ouuuuy yAaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIi  JjKkqLlLlLl  LlNnNnNn NnOoOoOo  RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";
/// Those of U+01CD to U+021F.
const EXTENDED: &[u8] =
    b"AaIiOoUuUuUuUuUu AaAa    GgKkOoOo  j   Gg  NnAa    AaAaEeEeIiIiOoOoRrRrUuUuSsTt  Hh";
/// Those of U+1E00 to U+1EFF.
const ADDITIONAL: &[u8] = b"AaBbBbBbCcDdDdDdDdDdEeEeEeEeEeFfGgHhHhHhHhHhIiIiKkKkKkLlLlLlLlMmMmMmNnNnNnNnOoOoOoOoPpPpRrRrRrRrSsSsSsSsSsTtTtTtTtUuUuUuUuUuVvVvWwWwWwWwWwXxXxYyZzZzZzhtwy s    AaAaAaAaAaAaAaAaAaAaAaAaEeEeEeEeEeEeEeEeIiIiOoOoOoOoOoOoOoOoOoOoOoOoUuUuUuUuUuUuUuYyYyYyYy      ";

/// What stands in for a character; none where nothing does.
pub(super) fn stand_in(character: char) -> Option<&'static str> {
    several(character).or_else(|| letter(character))
}

/// The base letter.
fn letter(character: char) -> Option<&'static str> {
    let code = u32::from(character);
    let (table, first) = match code {
        0x00C0..=0x017F => (LATIN, 0x00C0),
        0x01CD..=0x021F => (EXTENDED, 0x01CD),
        0x1E00..=0x1EFF => (ADDITIONAL, 0x1E00),
        _ => return fullwidth(code),
    };
    let place = usize::try_from(code - first).ok()?;
    let letter = table.get(place..=place).filter(|letter| *letter != b" ")?;
    std::str::from_utf8(letter).ok()
}

/// The wide forms of ASCII that East Asian keyboards write.
fn fullwidth(code: u32) -> Option<&'static str> {
    const ASCII: &str = "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";
    let place = usize::try_from(code.checked_sub(0xFF01)?).ok()?;
    ASCII.get(place..=place)
}

/// What has no single letter: ligatures, marks, signs, blanks.
fn several(character: char) -> Option<&'static str> {
    Some(match character {
        'Æ' | 'Ǣ' | 'Ǽ' => "AE",
        'æ' | 'ǣ' | 'ǽ' => "ae",
        'Œ' => "OE",
        'œ' => "oe",
        'Þ' => "TH",
        'þ' => "th",
        'ß' => "ss",
        'ẞ' => "SS",
        'Ĳ' => "IJ",
        'ĳ' => "ij",
        'ŉ' => "'n",
        'Ŀ' => "L",
        'ŀ' => "l",
        'Ǿ' => "O",
        'ǿ' => "o",
        'Ơ' => "O",
        'ơ' => "o",
        'Ư' => "U",
        'ư' => "u",
        'ª' => "a",
        'º' => "o",
        'ﬁ' => "fi",
        'ﬂ' => "fl",
        '‘' | '’' | '‚' | '‛' | '′' | '´' | 'ʼ' => "'",
        '“' | '”' | '„' | '‟' | '″' | '«' | '»' => "\"",
        '‹' => "<",
        '›' => ">",
        '\u{2010}'..='\u{2015}' | '\u{2212}' => "-",
        '…' => "...",
        '·' | '•' => ".",
        '÷' => ":",
        '⁄' => "/",
        '±' => "+/-",
        '¼' => " 1/4",
        '½' => " 1/2",
        '¾' => " 3/4",
        '¹' => "1",
        '²' => "2",
        '³' => "3",
        '¡' => "!",
        '°' => "deg",
        'µ' | 'μ' => "u",
        '€' => "EUR",
        '£' => "GBP",
        '№' => "No.",
        '™' => "(TM)",
        '®' => "(R)",
        '©' => "(C)",
        '\t'
        | '\n'
        | '\r'
        | '\u{A0}'
        | '\u{2000}'..='\u{200A}'
        | '\u{202F}'
        | '\u{205F}'
        | '\u{3000}' => " ",
        '\u{AD}' | '\u{200B}'..='\u{200D}' | '\u{2060}' | '\u{FEFF}' | '\u{300}'..='\u{36F}' => "",
        // What the smallest sets of characters lack of ASCII itself.
        '@' => "(AT)",
        '#' => "NO.",
        '%' => "PCT",
        '[' | '{' | '<' => "(",
        ']' | '}' | '>' => ")",
        '\\' | '|' => "/",
        '_' | '~' => "-",
        '`' => "'",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::{ADDITIONAL, EXTENDED, LATIN, stand_in};

    #[test]
    fn the_tables_cover_their_ranges() {
        assert_eq!(
            [LATIN.len(), EXTENDED.len(), ADDITIONAL.len()],
            [0x180 - 0xC0, 0x220 - 0x1CD, 0x100]
        );
    }

    #[test]
    fn stand_ins() {
        for (text, want) in [
            ("Müller", "Muller"),
            ("Łódź", "Lodz"),
            ("Çeşme ığdır", "Cesme igdir"),
            ("straße", "strasse"),
            ("Phạm Thị Hưởng", "Pham Thi Huong"),
            ("“œuf” – l’été…", "\"oeuf\" - l'ete..."),
            ("1½ m²\u{A0}× 3 €", "1 1/2 m2 x 3 EUR"),
            ("Ｂ１", "B1"),
            ("e\u{301}", "e"),
        ] {
            let written: String = text
                .chars()
                .map(|c| stand_in(c).map_or_else(|| c.to_string(), str::to_owned))
                .collect();
            assert_eq!(written, want);
        }
        for none in ['中', 'Ж', 'א', '\u{7}', '^', '$', '¿', '§', '\u{10FFFF}'] {
            assert_eq!(stand_in(none), None, "{none:?}");
        }
    }

    #[test]
    fn every_stand_in_is_ascii_and_none_is_a_question_mark() {
        let visible = |text: &str| text.bytes().all(|byte| matches!(byte, b' '..=b'~'));
        for character in (0x80..=0x2FFFF).filter_map(char::from_u32) {
            if let Some(text) = stand_in(character) {
                assert!(visible(text), "{character:?} {text:?}");
                assert!(!text.contains('?') || character == '？', "{character:?}");
            }
        }
    }
}
