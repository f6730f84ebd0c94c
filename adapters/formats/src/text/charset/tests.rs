//! Each encoding there and back, cut off and broken in each place.

use encoding_rs::Encoding;

use super::page::{numbers, page_for};
use super::{Charset, Undecodable, charset_for, detect};

#[test]
fn labels() {
    for (label, want) in [
        ("utf-8", Some("utf-8")),
        ("UTF8", Some("utf-8")),
        ("latin1", Some("windows-1252")),
        ("iso-8859-15", Some("iso-8859-15")),
        ("cp1252", Some("windows-1252")),
        ("utf-16", Some("utf-16le")),
        ("shift_jis", Some("shift_jis")),
        ("iso-2022-kr", None),
        ("ebcdic", None),
        ("cp037", Some("cp037")),
        ("IBM037", Some("cp037")),
        ("ibm-37", Some("cp037")),
        ("IBM01140", Some("cp1140")),
        ("IBM00858", Some("cp858")),
        ("CCSID 500", Some("cp500")),
        ("cp866", Some("ibm866")),
        ("cp1252", Some("windows-1252")),
        ("cp", None),
        ("cp+37", None),
        ("cp99999999", None),
        ("037", None),
        ("", None),
    ] {
        let found = charset_for(label).map(Charset::name);
        assert_eq!(found.as_deref(), want, "{label}");
    }
}

#[test]
fn byte_order_marks() {
    let utf16 = charset_for("utf-16le");
    let latin = charset_for("latin1");
    for (first, declared, name, skip) in [
        (&b"\xef\xbb\xbfa"[..], None, "utf-8", 3),
        (b"\xff\xfea\0", None, "utf-16le", 2),
        (b"\xfe\xff\0a", None, "utf-16be", 2),
        (b"a;b", None, "utf-8", 0),
        (b"a\0;\0\xac\x20b\0;\0c\0", None, "utf-16le", 0),
        (b"\0a\0;\0b\0;", None, "utf-16be", 0),
        (b"a\0;\0", None, "utf-8", 0),
        (b"a\0;\0b\0;\0", latin, "windows-1252", 0),
        (b"", None, "utf-8", 0),
        (b"\xff\xfea\0", utf16, "utf-16le", 2),
        (b"a\0", utf16, "utf-16le", 0),
        (b"\xef\xbb\xbfa", latin, "windows-1252", 0),
    ] {
        let (charset, found) = detect(first, declared);
        assert_eq!((charset.name().as_str(), found), (name, skip), "{first:?}");
    }
}

#[test]
fn decoding_keeps_places() {
    for (label, raw, want) in [
        ("utf-8", &b"Gr\xc3\xb6\xc3\x9fe"[..], Ok("Größe")),
        ("utf-8", b"Gr\xf6\xdfe", Err(2)),
        ("utf-8", b"Gr\xc3", Err(2)),
        ("windows-1252", b"Gr\xf6\xdfe \x80", Ok("Größe €")),
        ("windows-1252", b"Gr\xf6\xdfe \x81", Err(6)),
        ("iso-8859-15", b"\xa4", Ok("€")),
        ("windows-1253", b"ab\xaa", Err(2)),
        (
            "cp1141",
            b"\xd4\xd0\x93\x93\x85\x99\x40\xf1\xf2\x6b\xf5\xf0\x40\x9f",
            Ok("Müller 12,50 €"),
        ),
        ("cp850", b"Gr\x94\xe1e", Ok("Größe")),
        ("cp857", b"ab\xd5c", Err(2)),
        ("shift_jis", b"\x83\x65\x83\x58", Ok("テス")),
        ("shift_jis", b"a\x83", Err(1)),
        ("shift_jis", b"a\x83\x20b", Err(1)),
        ("utf-16le", b"a\0\xfc\0", Ok("aü")),
        ("utf-16le", b"a\0\xfc", Err(2)),
        ("utf-16be", b"\0a\xd8\x3d\xde\0", Ok("a\u{1f600}")),
    ] {
        let charset = charset_for(label).unwrap();
        let mut buffer = String::new();
        let found = charset.decode(raw, &mut buffer);
        assert_eq!(
            found,
            want.map_err(|at| Undecodable { at }),
            "{label} {raw:?}"
        );
    }
}

#[test]
fn a_place_in_the_text_leads_back_to_its_byte() {
    for (label, raw, text, byte) in [
        ("utf-8", &b"\xc3\xb6x"[..], 2, 2),
        ("windows-1252", b"\xf6\xf6x", 4, 2),
        ("windows-1252", b"\xf6\xf6x", 2, 1),
        ("windows-1252", b"\xf6", 0, 0),
        ("utf-16le", b"\xfc\0a\0b\0", 3, 4),
        ("utf-16be", b"\0\xfc\0a", 2, 2),
        ("shift_jis", b"\x83\x65;x", 3, 2),
        ("windows-1252", b"\xf6", 9, 1),
        ("cp850", b"\x94\x94x", 2, 1),
        ("cp273", b"\x6a\x6aa", 4, 2),
        ("cp273", b"\x6a", 9, 1),
    ] {
        let found = charset_for(label).unwrap().source_offset(raw, text);
        assert_eq!(found, byte, "{label} {raw:?} {text}");
    }
}

/// Labels, each with a text in its script. Those of one byte a character are tried with all bytes besides.
const STANDARD: [(&str, &str); 39] = [
    ("utf-8", "Größe Ω 品 😀"),
    ("utf-16le", "Größe Ω 品 😀"),
    ("utf-16be", "Größe Ω 品 😀"),
    ("ibm866", "Накладная №7"),
    ("iso-8859-2", "Žluťoučký kůň"),
    ("iso-8859-3", "Ĝis revido ħ"),
    ("iso-8859-4", "Šķūnis āž"),
    ("iso-8859-5", "Накладная №7"),
    ("iso-8859-6", "فاتورة"),
    ("iso-8859-7", "Τιμολόγιο €"),
    ("iso-8859-8", "חשבונית"),
    ("iso-8859-8-i", "חשבונית"),
    ("iso-8859-10", "Þórður Ŋ"),
    ("iso-8859-13", "Sąskaita Ž"),
    ("iso-8859-14", "Ŵyth ŷ"),
    ("iso-8859-15", "Œuvre 5 €"),
    ("iso-8859-16", "Șapte țări €"),
    ("koi8-r", "Накладная"),
    ("koi8-u", "Накладна їжі"),
    ("macintosh", "Größe √ €"),
    ("x-mac-cyrillic", "Накладная €"),
    ("windows-874", "ใบแจ้งหนี้"),
    ("windows-1250", "Žluťoučký kůň €"),
    ("windows-1251", "Накладная №7"),
    ("windows-1252", "Größe 5 €"),
    ("windows-1253", "Τιμολόγιο €"),
    ("windows-1254", "Şişe ığ €"),
    ("windows-1255", "חשבונית ₪"),
    ("windows-1256", "فاتورة پ"),
    ("windows-1257", "Sąskaita €"),
    ("windows-1258", "Hoa đơn ₫"),
    ("x-user-defined", "ab\u{f7ff}"),
    ("gbk", "发票 数量"),
    ("gb18030", "发票 😀"),
    ("big5", "發票 數量"),
    ("euc-jp", "請求書 ｶﾅ"),
    ("iso-2022-jp", "請求書 テスト"),
    ("shift_jis", "請求書 ｶﾅ"),
    ("euc-kr", "송장 수량"),
];

fn encoded(label: &str, text: &str) -> Vec<u8> {
    match label {
        "utf-16le" => text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        "utf-16be" => text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        _ => {
            let encoding = Encoding::for_label(label.as_bytes()).unwrap();
            let (bytes, _, lost) = encoding.encode(text);
            assert!(!lost, "{label} cannot say {text}");
            bytes.into_owned()
        }
    }
}

fn decoded(label: &str, raw: &[u8]) -> Result<String, usize> {
    let mut buffer = String::new();
    let charset = charset_for(label).unwrap();
    charset
        .decode(raw, &mut buffer)
        .map(str::to_owned)
        .map_err(|wrong| wrong.at)
}

#[test]
fn texts_come_back() {
    for (label, text) in STANDARD {
        let bytes = encoded(label, text);
        assert_eq!(decoded(label, &bytes).as_deref(), Ok(text), "{label}");
        // Each character leads back to its first byte.
        let charset = charset_for(label).unwrap();
        for (offset, character) in text.char_indices().filter(|_| label != "iso-2022-jp") {
            let before = encoded(label, text.get(..offset).unwrap());
            assert_eq!(
                charset.source_offset(&bytes, offset),
                before.len(),
                "{label} {character}"
            );
        }
    }
}

#[test]
fn every_byte_of_a_single_byte_encoding_comes_back_or_is_refused() {
    for (label, _) in STANDARD {
        let encoding = Encoding::for_label(label.as_bytes()).unwrap();
        for byte in (0..=0xFF).filter(|_| encoding.is_single_byte()) {
            match decoded(label, &[byte]) {
                Ok(text) => assert_eq!(encoded(label, &text), [byte], "{label} {byte:02X}"),
                Err(at) => assert_eq!((at, byte >= 0x80), (0, true), "{label} {byte:02X}"),
            }
        }
    }
    let mut pages = 0;
    for number in numbers() {
        let label = format!("cp{number}");
        let page = page_for(&label).unwrap();
        let characters: Vec<char> = (0..=0xFF).filter_map(|byte| page.character(byte)).collect();
        let mut different = characters.clone();
        different.sort_unstable();
        different.dedup();
        let holes = if number == 857 { 3 } else { 0 };
        assert_eq!(
            (characters.len(), different.len()),
            (256 - holes, 256 - holes),
            "{label}"
        );
        let all: Vec<u8> = (0..=0xFF)
            .filter(|byte| page.character(*byte).is_some())
            .collect();
        assert_eq!(
            decoded(&label, &all),
            Ok(characters.iter().collect()),
            "{label}"
        );
        pages += 1;
    }
    assert!(pages + STANDARD.len() >= 70, "{pages} pages");
}

/// A byte that is no text, at the begin, between letters, behind a letter of its script, and at the end.
#[test]
fn broken_bytes_are_told_where_they_stand() {
    for (label, text, broken) in [
        ("utf-8", "ö", &b"\xff"[..]),
        ("utf-8", "品", b"\xc0\xaf"),
        ("utf-8", "😀", b"\xed\xa0\x80"),
        ("utf-8", "ö", b"\x80"),
        ("utf-16le", "品", b"\0\xdc"),
        ("utf-16be", "品", b"\xdc\0"),
        ("gbk", "票", b"\xff"),
        ("gb18030", "票", b"\xff"),
        ("big5", "票", b"\xff"),
        ("euc-jp", "書", b"\xff"),
        ("shift_jis", "書", b"\xff"),
        ("euc-kr", "장", b"\xff"),
        ("iso-2022-jp", "a", b"\x80"),
        ("windows-1252", "ö", b"\x81"),
        ("windows-1253", "Ω", b"\xd2"),
        ("windows-1255", "ש", b"\xd9"),
        ("windows-1257", "ą", b"\xa1"),
        ("windows-874", "ใ", b"\xdb"),
        ("iso-8859-3", "ħ", b"\xa5"),
        ("iso-8859-6", "ف", b"\xa1"),
        ("iso-8859-7", "Ω", b"\xae"),
        ("iso-8859-8", "ש", b"\xa1"),
        ("cp857", "a", b"\xe7"),
    ] {
        let letter = |text: &str| {
            if label == "cp857" {
                text.as_bytes().to_vec()
            } else {
                encoded(label, text)
            }
        };
        let (a, own) = (letter("ab"), letter(text));
        for (before, after) in [
            (&[][..], &a),
            (&a, &a),
            (&own, &a),
            (&own, &own),
            (&a, &Vec::new()),
        ] {
            let raw = [before, broken, after].concat();
            assert_eq!(decoded(label, &raw), Err(before.len()), "{label} {raw:x?}");
        }
    }
}

#[test]
fn characters_that_are_cut_off_are_told_where_they_begin() {
    let mut tried = 0;
    for (label, text) in STANDARD
        .into_iter()
        .filter(|(label, _)| *label != "iso-2022-jp")
    {
        let all = encoded(label, text);
        for (offset, _) in text.char_indices() {
            let start = encoded(label, text.get(..offset).unwrap()).len();
            let rest = text.get(offset..).unwrap().chars().next().unwrap();
            for end in start + 1..start + encoded(label, &rest.to_string()).len() {
                assert_eq!(
                    decoded(label, all.get(..end).unwrap()),
                    Err(start),
                    "{label} {text} to {end}"
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 50, "{tried}");
}

/// The C library's tables say the same, but for a macron that it calls an overline.
#[test]
fn pages_are_those_of_iconv() {
    use std::io::Write as _;
    use std::process::{Command, Stdio};
    for number in numbers() {
        let page = page_for(&format!("cp{number}")).unwrap();
        let all: Vec<u8> = (0..=0xFF)
            .filter(|byte| page.character(*byte).is_some())
            .collect();
        let name = if number == 737 || number == 775 {
            format!("CP{number}")
        } else {
            format!("IBM{number:03}")
        };
        let child = Command::new("iconv")
            .args(["-f", &name, "-t", "UTF-8"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn();
        let Ok(mut child) = child else {
            eprintln!("SKIPPED: iconv is not installed");
            return;
        };
        let sent = child.stdin.take().unwrap().write_all(&all);
        let output = child.wait_with_output().unwrap();
        if sent.is_err() || !output.status.success() {
            eprintln!("SKIPPED: iconv has no {name}");
            continue;
        }
        let own: String = all
            .iter()
            .filter_map(|byte| page.character(*byte))
            .collect();
        let theirs = String::from_utf8(output.stdout).unwrap();
        let theirs = if number == 285 {
            theirs.replace('\u{203e}', "\u{af}")
        } else {
            theirs
        };
        assert_eq!(theirs, own, "{name}");
    }
}
