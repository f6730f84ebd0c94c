//! Records of each framing, cut and broken.

use canonical::decode::DecodeError;
use proptest::prelude::{any, prop, proptest};

use super::{Column, Framing, Kind, Layout, Records, Sign};
use crate::table::Step;
use crate::text::charset_for;

fn column(name: &str, start: usize, length: usize, kind: Kind) -> Column {
    Column {
        name: name.to_owned(),
        start,
        length,
        kind,
        is_read: true,
        overlays: false,
    }
}

fn layout(framing: Framing, label: Option<&str>) -> Layout {
    let number = match framing {
        Framing::Lines => Kind::Zoned {
            decimals: 1,
            sign: Sign::Trailing,
        },
        Framing::Length(_) | Framing::Rdw => Kind::Packed { decimals: 1 },
    };
    let columns = vec![column("a", 0, 2, Kind::Text), column("n", 3, 2, number)];
    Layout::new(framing, label.and_then(charset_for), columns, 100)
}

fn read(bytes: &[u8], layout: &Layout) -> Result<Vec<String>, DecodeError> {
    let mut input = bytes;
    let mut records = Records::open(&mut input, layout)?;
    let mut found = Vec::new();
    loop {
        match records.advance()? {
            Step::End => return Ok(found),
            Step::Broken(problem) => found.push(format!(
                "{} {:?}:{:?}",
                problem.code, problem.line, problem.byte
            )),
            Step::Row => {
                let row = records.row();
                let cells = (0..row.len()).map(|index| {
                    let place = records.cell_place(index);
                    format!(
                        "[{}]{}:{}",
                        row.cell(index).unwrap(),
                        place.line,
                        place.byte
                    )
                });
                let (start, end) = (records.start(), records.end());
                found.push(format!(
                    "{} ({}-{})",
                    cells.collect::<String>(),
                    start.byte,
                    end.byte
                ));
            }
        }
    }
}

fn check(bytes: &[u8], layout: &Layout, want: &[&str]) {
    let found = match read(bytes, layout) {
        Ok(found) => found,
        Err(DecodeError::Refused(problem)) => vec![format!(
            "refused: {} {:?}:{:?}",
            problem.code, problem.line, problem.byte
        )],
        Err(other) => panic!("{other}"),
    };
    assert_eq!(found, want, "{bytes:x?}");
}

#[test]
fn lines() {
    let plain = layout(Framing::Lines, None);
    check(
        b"AB 1}\n\nC\n",
        &plain,
        &["[AB]1:0[]1:2[-1.0]1:3 (0-5)", "[C]3:7[]3:8[]3:8 (7-8)"],
    );
    check(
        "\u{c4}B\u{df}12".as_bytes(),
        &plain,
        &["[\u{c4}B]1:0[\u{df}]1:3[1.2]1:5 (0-7)"],
    );
    check(
        b"AB x1\nAB 12  \nAB 12 x\n",
        &plain,
        &[
            "fixed.number Some(1):Some(3)",
            "[AB]2:6[]2:8[1.2]2:9 (6-13)",
            "fixed.record_long Some(3):Some(19)",
        ],
    );
    check(b"AB 1\n", &plain, &["fixed.number Some(1):Some(3)"]);
    check(b"", &plain, &["refused: file.empty None:None"]);
    check(
        b"\xc4B 12\n",
        &layout(Framing::Lines, Some("latin1")),
        &["[\u{c4}B]1:0[]1:2[1.2]1:3 (0-5)"],
    );
}

#[test]
fn bytes_of_one_length() {
    let of = layout(Framing::Length(5), Some("cp037"));
    check(
        b"\xc1\xc2\x40\x01\x2c\xc3\x40\x0a\x15\x2d\x40\x40\x40\x40\x40",
        &of,
        &[
            "[AB]0:0[]0:2[1.2]0:3 (0-5)",
            "[C ]0:5[\u{8e}]0:7[-15.2]0:8 (5-10)",
        ],
    );
    check(
        b"\xc1\xc2\x40\x1a\x2c\xc1\xc2\x40\x01\x2c",
        &of,
        &["fixed.number None:Some(3)", "[AB]0:5[]0:7[1.2]0:8 (5-10)"],
    );
    check(
        b"\xc1\xc2\x40\x01\x2c\r\n\x1a",
        &of,
        &["[AB]0:0[]0:2[1.2]0:3 (0-5)"],
    );
    check(
        b"\xc1\xc2\x40\x01\x2c\xc1",
        &of,
        &["refused: fixed.record_cut None:Some(5)"],
    );
    check(b"", &of, &["refused: file.empty None:None"]);
    // Never set: nothing.
    check(b"\xc1\xc2\0\0\0", &of, &["[AB]0:0[]0:2[]0:3 (0-5)"]);
}

#[test]
fn records_with_descriptor_words() {
    let of = layout(Framing::Rdw, Some("cp037"));
    check(
        b"\0\x09\0\0\xc1\xc2\x40\x01\x2c\0\x05\0\0\xc3",
        &of,
        &["[AB]0:4[]0:6[1.2]0:7 (4-9)", "[C]0:13[]0:14[]0:14 (13-14)"],
    );
    // Cut off inside a number: what is left would be another one.
    check(
        b"\0\x08\0\0\xc1\xc2\x40\x1c",
        &of,
        &["fixed.number None:Some(7)"],
    );
    // Nothing behind the last column is lost.
    check(
        b"\0\x0b\0\0\xc1\xc2\x40\x01\x2c\x40\x40\0\x0b\0\0\xc1\xc2\x40\x01\x2c\x40\xc1",
        &of,
        &[
            "[AB]0:4[]0:6[1.2]0:7 (4-11)",
            "fixed.record_long None:Some(20)",
        ],
    );
    check(b"\0\x03\0\0", &of, &["refused: fixed.rdw None:Some(0)"]);
    check(
        b"\0\x05\0\x01\xc1",
        &of,
        &["refused: fixed.rdw None:Some(0)"],
    );
    check(
        b"\0\x06\0\0\xc1",
        &of,
        &["refused: fixed.record_cut None:Some(0)"],
    );
}

/// What nothing reads is kept as it is, and refuses nothing.
#[test]
fn a_column_that_nothing_reads_is_kept_in_hexadecimal_digits() {
    let mut of = layout(Framing::Length(5), Some("cp037"));
    for column in &mut of.columns {
        column.is_read = false;
    }
    check(
        b"\xc1\xc2\x40\x1a\x2c",
        &of,
        &["[AB]0:0[]0:2[X'1A2C']0:3 (0-5)"],
    );
}

/// A column over others is read where a field asks for it; what it covers beyond them is kept besides.
#[test]
fn a_column_that_lies_over_others_is_no_second_copy() {
    for is_read in [false, true] {
        let mut over = column("o", 1, 3, Kind::Text);
        (over.is_read, over.overlays) = (is_read, true);
        let columns = vec![column("a", 0, 2, Kind::Text), over];
        let of = Layout::new(
            Framing::Length(4),
            Some(charset_for("cp037").unwrap()),
            columns,
            100,
        );
        let text = if is_read { "BCD" } else { "" };
        let want = format!("[AB]0:0[{text}]0:1[CD]0:2 (0-4)");
        check(b"\xc1\xc2\xc3\xc4", &of, &[&want]);
    }
}

proptest! {
    #[test]
    fn hostile_bytes_end_well(bytes in prop::collection::vec(any::<u8>(), 0..120)) {
        for framing in [Framing::Lines, Framing::Length(5), Framing::Rdw] {
            for label in [None, Some("cp037"), Some("latin1"), Some("utf-8"), Some("shift_jis")] {
                let _ended = read(&bytes, &layout(framing, label));
            }
        }
    }

    #[test]
    fn any_text_ends_well_as_a_copybook(text in "([0-9]{2} [A-Z]{1,3} (PIC|OCCURS|REDEFINES|COMP-3|VALUE|SIGN|'[.]'|X\\(3\\)|9V9|S9| |[.]|\n){0,6}){0,6}", any in ".{0,80}") {
        let _known = (super::read_copybook(&text), super::read_copybook(&any));
    }
}
