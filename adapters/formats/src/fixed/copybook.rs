//! COBOL copybooks: the columns of a record as the program that wrote it declares them.
//!
//! Understands levels, PICTURE, USAGE (DISPLAY, COMP, COMP-3, COMP-4, COMP-5 as big-endian, BINARY, PACKED-DECIMAL), SIGN, OCCURS with a
//! fixed count, REDEFINES, VALUE and condition names (88), in fixed or free form. A redefinition lies over what it
//! redefines, and is read where a field asks for it. What is not understood is refused, never skipped.
//! Invariant: offsets are those of the compiler; SYNCHRONIZED, which moves them, is refused.

mod placing;
mod words;

use super::layout::{Column, Sign};
use placing::Placing;
use words::sentences;

/// Most columns of a record, so that OCCURS cannot fill the memory.
const MAX_COLUMNS: usize = 5000;
/// Longest record, in bytes.
const MAX_LENGTH: usize = 1 << 20;
/// A copybook's columns, and how long a record is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Copybook {
    pub(crate) columns: Vec<Column>,
    pub(crate) length: usize,
}

/// What is wrong, and in which line of the copybook, from 1.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mistake {
    pub(crate) line: usize,
    pub(crate) message: String,
}

/// A data description entry.
#[derive(Debug, Default)]
struct Entry {
    line: usize,
    level: u8,
    name: String,
    picture: Option<Picture>,
    usage: Option<Usage>,
    sign: Option<Sign>,
    occurs: usize,
    redefines: Option<String>,
    inner: Vec<Entry>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Usage {
    Display,
    Packed,
    Binary,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Picture {
    Text {
        length: usize,
    },
    Number {
        digits: usize,
        decimals: u8,
        signed: bool,
    },
}

/// Reads a copybook.
pub(crate) fn read_copybook(text: &str) -> Result<Copybook, Mistake> {
    let mut entries = Vec::new();
    for sentence in sentences(text) {
        let first = sentence.first().map(|(_, word)| word.as_str());
        if first == Some("88") {
            continue; // names for values
        }
        entries.push(entry(&sentence)?);
    }
    let last = entries.last().map_or(1, |entry| entry.line);
    let tree = nest(&mut entries.into_iter().peekable(), 0);
    let mut place = Placing::default();
    let length = place.all(&tree, 0, false, &mut Vec::new())?;
    if place.columns.is_empty() {
        let message = "there is no data description with a PICTURE".to_owned();
        return Err(Mistake {
            line: last,
            message,
        });
    }
    Ok(Copybook {
        columns: place.columns,
        length,
    })
}

fn entry(sentence: &[(usize, String)]) -> Result<Entry, Mistake> {
    let line = sentence.first().map_or(1, |(line, _)| *line);
    let wrong = |message: String| Mistake { line, message };
    let mut words = sentence.iter().map(|(_, word)| word.as_str()).peekable();
    let level = words.next().unwrap_or_default();
    let level: u8 = level
        .parse()
        .ok()
        .filter(|level| matches!(level, 1..=49 | 77))
        .ok_or_else(|| wrong(format!("expected a level from 01 to 49, found {level}")))?;
    let is_clause = |word: &str| {
        [
            "PIC",
            "PICTURE",
            "USAGE",
            "OCCURS",
            "REDEFINES",
            "VALUE",
            "COMP",
            "COMP-3",
            "BINARY",
            "PACKED-DECIMAL",
        ]
        .contains(&word)
    };
    let name = words.next_if(|word| !is_clause(word)).unwrap_or("FILLER");
    let mut found = Entry {
        line,
        level: if level == 77 { 1 } else { level },
        name: name.to_owned(),
        occurs: 1,
        ..Entry::default()
    };
    while let Some(word) = words.next() {
        clause(&mut found, word, &mut words).map_err(wrong)?;
    }
    Ok(found)
}

/// Takes a clause of an entry, whose first word is at hand.
fn clause<'w>(
    found: &mut Entry,
    word: &str,
    words: &mut std::iter::Peekable<impl Iterator<Item = &'w str>>,
) -> Result<(), String> {
    match word {
        "PIC" | "PICTURE" => {
            words.next_if_eq(&"IS");
            found.picture = Some(picture(words.next().unwrap_or_default())?);
        }
        // Words that change neither a column's place nor its bytes.
        "USAGE" | "IS" | "SIGN" | "TIMES" | "CHARACTER" | "JUST" | "JUSTIFIED" | "RIGHT"
        | "BLANK" | "WHEN" | "ZERO" | "ZEROS" | "ZEROES" | "GLOBAL" => {}
        "DISPLAY" => found.usage = Some(Usage::Display),
        "COMP-3" | "COMPUTATIONAL-3" | "PACKED-DECIMAL" => found.usage = Some(Usage::Packed),
        "COMP" | "COMPUTATIONAL" | "COMP-4" | "COMPUTATIONAL-4" | "COMP-5" | "COMPUTATIONAL-5"
        | "BINARY" => found.usage = Some(Usage::Binary),
        "LEADING" => found.sign = Some(Sign::Leading),
        "TRAILING" => found.sign = Some(Sign::Trailing),
        "SEPARATE" => {
            found.sign = Some(match found.sign {
                Some(Sign::Leading) => Sign::SeparateLeading,
                _ => Sign::SeparateTrailing,
            });
        }
        "OCCURS" => {
            let count = words.next().unwrap_or_default().parse().ok();
            let count = count.filter(|count| (1..=MAX_COLUMNS).contains(count));
            found.occurs =
                count.ok_or_else(|| format!("OCCURS takes a number from 1 to {MAX_COLUMNS}"))?;
            if words.peek() == Some(&"TO") {
                let message = "OCCURS DEPENDING ON is not understood: name the columns one by one";
                return Err(message.to_owned());
            }
        }
        "INDEXED" => {
            words.next_if_eq(&"BY");
            words.next();
        }
        "REDEFINES" => found.redefines = words.next().map(str::to_owned),
        "VALUE" | "VALUES" => {
            words.next_if(|word| matches!(*word, "IS" | "ARE"));
            words.next_if_eq(&"ALL");
            words.next();
        }
        other => return Err(format!("{other} is not understood")),
    }
    Ok(())
}

/// A PICTURE: `X(10)`, `9(5)V99`, `S9(7)`. One that edits (`ZZ9.99`) is text.
fn picture(text: &str) -> Result<Picture, String> {
    let mut symbols: Vec<(char, usize)> = Vec::new();
    let mut rest = text.chars().peekable();
    while let Some(symbol) = rest.next() {
        let mut count = 1;
        if rest.next_if_eq(&'(').is_some() {
            let digits: String =
                std::iter::from_fn(|| rest.next_if(char::is_ascii_digit)).collect();
            let closed = rest.next_if_eq(&')').is_some();
            let number = digits
                .parse()
                .ok()
                .filter(|count| (1..=MAX_LENGTH).contains(count) && closed);
            count = number
                .ok_or_else(|| format!("PICTURE {text} has no count between its brackets"))?;
        }
        symbols.push((symbol, count));
    }
    let of = |wanted: &[char]| -> usize {
        let found = symbols.iter().filter(|(symbol, _)| wanted.contains(symbol));
        found
            .map(|(_, count)| *count)
            .fold(0, usize::saturating_add)
    };
    let all = |known: &[char]| symbols.iter().all(|(symbol, _)| known.contains(symbol));
    if symbols.is_empty() || symbols.len() > 64 {
        return Err("a PICTURE is missing".to_owned());
    }
    if all(&['S', '9', 'V']) && of(&['9']) > 0 {
        let behind = symbols
            .iter()
            .skip_while(|(symbol, _)| *symbol != 'V')
            .skip(1);
        let decimals: usize = behind.map(|(_, count)| *count).sum();
        let digits = of(&['9']);
        if digits > 31 || of(&['V']) > 1 {
            return Err(format!(
                "PICTURE {text} has more than 31 digits or two decimal points"
            ));
        }
        return Ok(Picture::Number {
            digits,
            decimals: u8::try_from(decimals).unwrap_or(u8::MAX),
            signed: of(&['S']) > 0,
        });
    }
    const EDITING: [char; 15] = [
        'X', 'A', '9', 'Z', '*', '.', ',', '-', '+', '$', 'B', '0', '/', 'C', 'R',
    ];
    if !all(&EDITING) {
        return Err(format!("PICTURE {text} is not understood"));
    }
    Ok(Picture::Text {
        length: of(&EDITING),
    })
}

/// Puts entries of higher levels into the one before.
fn nest(entries: &mut std::iter::Peekable<std::vec::IntoIter<Entry>>, level: u8) -> Vec<Entry> {
    let mut found: Vec<Entry> = Vec::new();
    while let Some(mut entry) = entries.next_if(|next| next.level > level) {
        entry.inner = nest(entries, entry.level);
        found.push(entry);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::{Copybook, read_copybook};

    fn shown(text: &str) -> Vec<String> {
        match read_copybook(text) {
            Ok(Copybook { columns, length }) => {
                let mut lines: Vec<String> = columns
                    .iter()
                    .map(|column| {
                        let over = if column.overlays { " over" } else { "" };
                        format!(
                            "{} {}+{} {:?}{over}",
                            column.name, column.start, column.length, column.kind
                        )
                    })
                    .collect();
                lines.push(format!("{length}"));
                lines
            }
            Err(wrong) => vec![format!("{}: {}", wrong.line, wrong.message)],
        }
    }

    #[test]
    fn a_copybook() {
        let text = "\
000100*  STOCK FILE
000200 01  STOCK-RECORD.
000300     05  ITEM            PIC X(10).
000400     05  WAREHOUSE       PIC X(3) VALUE 'A.1'.
000500         88 MAIN-HOUSE   VALUE 'MN'.
000600     05  ON-HAND         PIC S9(7)V99 COMP-3.                     CHANGED
000700     05  FILLER          PIC X(2).
000800     05  COUNTS OCCURS 2 TIMES.
000900         10  QTY         PIC S9(4) COMP.
001000         10  FLAG        PIC X.
001100     05  STAMP           PIC 9(8).
001200     05  STAMP-PARTS REDEFINES STAMP.
001300         10 STAMP-YEAR   PIC 9(4).
001400     05  SOLD            PIC S9(3) SIGN IS TRAILING SEPARATE.
001500     05  PRICE           PIC ZZ,ZZ9.99.
";
        assert_eq!(
            shown(text),
            [
                "ITEM 0+10 Text",
                "WAREHOUSE 10+3 Text",
                "ON-HAND 13+5 Packed { decimals: 2 }",
                "QTY(1) 20+2 Binary { decimals: 0, signed: true }",
                "FLAG(1) 22+1 Text",
                "QTY(2) 23+2 Binary { decimals: 0, signed: true }",
                "FLAG(2) 25+1 Text",
                "STAMP 26+8 Zoned { decimals: 0, sign: Trailing }",
                "STAMP-YEAR 26+4 Zoned { decimals: 0, sign: Trailing } over",
                "SOLD 34+4 Zoned { decimals: 0, sign: SeparateTrailing }",
                "PRICE 38+9 Text",
                "47",
            ]
        );
    }

    #[test]
    fn columns_of_the_fixed_form_are_characters() {
        let remark = "ü".repeat(50);
        let text = format!(
            "000100\u{a0}01 R.\n000200     05 A PIC X. {remark:<60}\n000300 05 B PIC X(2).\n"
        );
        let cut = text.replace(&remark, "");
        assert_eq!(shown(&cut), ["A 0+1 Text", "B 1+2 Text", "3"]);
        let wide = format!("000200     05 A PIC X.{:>60}\n", "ü");
        assert_eq!(shown(&wide), ["A 0+1 Text", "1"]);
    }

    #[test]
    fn free_form() {
        let text =
            "01 R. *> a record\n  05 A PIC X. 05 B\n PIC 9(3)V9.\n* a comment\n  05 C PIC X(2).";
        assert_eq!(
            shown(text),
            [
                "A 0+1 Text",
                "B 1+4 Zoned { decimals: 1, sign: Trailing }",
                "C 5+2 Text",
                "7"
            ]
        );
    }

    #[test]
    fn what_is_not_understood_is_refused() {
        for (text, want) in [
            ("", "1: there is no data description with a PICTURE"),
            (
                "01 A.\n05 B.\n",
                "2: neither a PICTURE nor entries below it",
            ),
            (
                "05 A PIC X.\n05 B PIC N(5).",
                "2: PICTURE N(5) is not understood",
            ),
            (
                "05 A PIC X(0).",
                "1: PICTURE X(0) has no count between its brackets",
            ),
            (
                "05 A PIC X(5.",
                "1: PICTURE X(5 has no count between its brackets",
            ),
            (
                "05 A PIC 9(40).",
                "1: PICTURE 9(40) has more than 31 digits or two decimal points",
            ),
            ("05 A PIC 9 SYNC.", "1: SYNC is not understood"),
            ("05 A PIC 9 COMP-1.", "1: COMP-1 is not understood"),
            (
                "05 A PIC X COMP-3.",
                "1: this USAGE does not go with the PICTURE",
            ),
            (
                "05 A OCCURS 1 TO 5 DEPENDING ON B PIC X.",
                "1: OCCURS DEPENDING ON is not understood: name the columns one by one",
            ),
            (
                "05 A OCCURS 0 PIC X.",
                "1: OCCURS takes a number from 1 to 5000",
            ),
            (
                "05 A PIC X.\n05 B REDEFINES C PIC X.",
                "2: there is no C before it to redefine",
            ),
            (
                "66 A RENAMES B.",
                "1: expected a level from 01 to 49, found 66",
            ),
            (
                "MOVE A TO B.",
                "1: expected a level from 01 to 49, found MOVE",
            ),
            (
                "01 A OCCURS 5000. 05 B OCCURS 5000 PIC X(99).",
                "1: the record is longer than 1048576 bytes or has more than 5000 columns",
            ),
            (
                "01 A COMP-3. 05 B PIC 9.",
                "1: USAGE of a group is not understood: write it at each entry",
            ),
        ] {
            assert_eq!(shown(text), [want], "{text}");
        }
    }
}
