//! Tests of the lossless form: what comes back is what was there, and what was edited.

use expect_test::expect;
use proptest::prelude::{Just, Strategy, any, prop_oneof, proptest};

use super::Back;
use super::read::within;
use crate::limits::Limits;

const X12: &str = "ISA*00*          *00*          *ZZ*BUYER          *ZZ*SELLER         *260131*0800*^*00501*000000001*0*P*>~\n\
    GS*PO*BUYER*SELLER*20260131*0800*1*X*005010~\n\
    ST*850*0001~\n\
    REF*DP*8^DP*9*>~\n\
    PO1*1*10*EA*2.50**VN*BOLT-8>x>~\n\
    BIN*5*a*b~c~\n\
    BIN*6*a*b~\n\
    SE*6*0001~\n\
    GE*1*1~\n\
    IEA*1*000000001~\n";

const EDIFACT: &[u8] = b"UNA:+.? '\r\nUNB+UNOC:3+S+R+260131:1200+7'UNH+1+ORDERS:D:96A:UN'\nFTX+AAI+++10 ?+ 1 M\xFCller ??:x'\
    FTX+AAI+++a?b'LIN:1+1'UNT+5+1'UNO+1++++4'\x00'\xFF+UNP+4'UNZ+1+7";

fn lines(file: &[u8]) -> String {
    lines_within(Limits::default(), file)
}

fn lines_within(limits: Limits, file: &[u8]) -> String {
    let mut lines = Vec::new();
    within(limits, &mut &*file, &mut |line| {
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        lines.extend_from_slice(line);
        Ok(())
    })
    .unwrap();
    String::from_utf8(lines).unwrap()
}

fn back(lines: &str) -> Result<Vec<u8>, String> {
    let (mut back, mut bytes) = (Back::default(), Vec::new());
    for line in lines.lines() {
        let written = back.line(line.as_bytes(), &mut bytes);
        written.map_err(|error| error.to_string())?;
    }
    back.finish(&mut bytes);
    Ok(bytes)
}

#[track_caller]
fn comes_back(file: &[u8]) {
    let lines = lines(file);
    let again = back(&lines).unwrap();
    assert!(
        again == file,
        "{}\nbecame\n{lines}\nand that\n{}",
        String::from_utf8_lossy(file),
        String::from_utf8_lossy(&again)
    );
}

#[test]
fn a_header_that_ends_early_declares_what_stands_in_it() {
    comes_back(b"UNB+U'NOC:4+S+R+260131:1200+7'UNZ+0+7'");
    comes_back(b"UNB+UNOGISA*00*:4     ");
    comes_back(b"UNA:+.\xd7\xa8'\nUNB+UN+1'\0\x01");
    let padded = b"ISA*00*          *00*  )       *ZZ*HARBORPINE     *01*07912 6534     *260112*0915*U*AK9*A*1*1*\xc5~107*0*P*>~\nGS*PO*HA'\n~~\n";
    comes_back(padded);
    let long = "N1*BY*HARBOR AND PINE~".repeat(40);
    comes_back(format!("UNA:+.?*'\nUNB+UNOC{long}:4+S+R+260131:1200+7'UNZ+0+7'").as_bytes());
}

#[test]
fn x12_as_lines() {
    comes_back(X12.as_bytes());
    expect![[r#"
        {"interchange":{"syntax":"x12","separators":{"element":"*","component":">","repetition":"^","segment":"~"},"charset":"utf-8","after":"\n"}}
        ["ISA","00","          ","00","          ","ZZ","BUYER          ","ZZ","SELLER         ","260131","0800","^","00501","000000001","0","P",">"]
        ["GS","PO","BUYER","SELLER","20260131","0800","1","X","005010"]
        ["ST","850","0001"]
        ["REF","DP",{"repeat":["8","DP"]},"9",["",""]]
        ["PO1","1","10","EA","2.50","","VN",["BOLT-8","x",""]]
        ["BIN","5","a*b~c"]
        ["BIN","6","a","b"]
        ["SE","6","0001"]
        ["GE","1","1"]
        ["IEA","1","000000001"]
    "#]].assert_eq(&lines(X12.as_bytes()));
}

#[test]
fn edifact_as_lines() {
    comes_back(EDIFACT);
    expect![[r#"
        {"interchange":{"syntax":"edifact","separators":{"element":"+","component":":","segment":"'","release":"?"},"charset":"iso-8859-1","una":"UNA:+.? '\r\n"}}
        ["UNB",["UNOC","3"],"S","R",["260131","1200"],"7"]
        ["UNH","1",["ORDERS","D","96A","UN"]]
        {"text":"\n"}
        ["FTX","AAI","","",["10 + 1 Müller ?","x"]]
        {"segment":"FTX+AAI+++a?b"}
        [["LIN","1"],"1"]
        ["UNT","5","1"]
        ["UNO","1","","","","4"]
        {"text":"\u0000'ÿ+","charset":"iso-8859-1"}
        ["UNP","4"]
        {"segment":["UNZ","1","7"],"terminator":false}
    "#]].assert_eq(&lines(EDIFACT));
}

#[test]
fn tradacoms_and_text_as_lines() {
    let file = b"\xEF\xBB\xBFmail header\r\nSTX=ANA:1+5000:A+5001:B+260131+7'MHD=1+ORDHDR:9'MHD+2+a=b'x\xFF=c'END=1'\nbye";
    comes_back(file);
    expect![[r#"
        {"text":"﻿mail header\r\n"}
        {"interchange":{"syntax":"tradacoms","separators":{"element":"+","component":":","segment":"'","release":"?","tag":"="},"charset":"utf-8"}}
        ["STX",["ANA","1"],["5000","A"],["5001","B"],"260131","7"]
        ["MHD","1",["ORDHDR","9"]]
        {"segment":"MHD+2+a=b"}
        {"segment":["xÿ","c"],"charset":"iso-8859-1"}
        ["END","1"]
        {"text":"\nbye"}
    "#]].assert_eq(&lines(file));
}

fn cut(file: &[u8], width: usize, end: &[u8]) -> Vec<u8> {
    let lines: Vec<&[u8]> = file.chunks(width).collect();
    lines.join(end)
}

#[test]
fn lines_of_one_width_come_back() {
    let text = [EDIFACT, b"'\n", EDIFACT].concat();
    let text: Vec<u8> = text
        .into_iter()
        .filter(|byte| !b"\r\n".contains(byte))
        .collect();
    for end in [b"\n".as_slice(), b"\r\n"] {
        for width in [8, 20, 80] {
            let file = cut(&text, width, end);
            assert!(lines(&file).starts_with("{\"lines\":"), "{width}");
            comes_back(&file);
            comes_back(&[b"\xEF\xBB\xBF", file.as_slice()].concat());
            comes_back(&[file.as_slice(), end].concat());
            comes_back(&[file.as_slice(), b"\r"].concat());
            comes_back(&[file.as_slice(), end, end].concat());
            let full = cut(&text[..text.len() / width * width], width, end);
            comes_back(&full);
            comes_back(&[full.as_slice(), b"\r"].concat());
            comes_back(&[full.as_slice(), end].concat());
            comes_back(&[full.as_slice(), b"\rxy"].concat());
            comes_back(&[full.as_slice(), b"x", file.as_slice()].concat());
        }
    }
}

#[test]
fn an_edited_value_is_in_the_file() {
    let edifact = lines(EDIFACT);
    for (from, to, want) in [
        ("10 + 1", "it's 5:1", b"it?'s 5?:1".as_slice()),
        ("Müller", "Größe", b"Gr\xF6\xDFe"),
        ("\"LIN\",\"1\"", "\"LIN\",\"2\"", b"LIN:2"),
    ] {
        let edited = edifact.replace(from, to);
        let file = back(&edited).unwrap();
        let found = file.windows(want.len()).any(|bytes| bytes == want);
        assert!(found, "{to}: {}", String::from_utf8_lossy(&file));
        comes_back(&file);
    }
    let x12 = lines(X12.as_bytes());
    let file = back(
        &x12.replace("2.50", "3")
            .replace("[\"SE\"", "[\"CTT\",\"1\"]\n[\"SE\""),
    )
    .unwrap();
    let want = X12.replace("2.50", "3").replace("SE*", "CTT*1~\nSE*");
    assert_eq!(String::from_utf8(file).unwrap(), want);
    let file = back(&x12.replacen("\"*\"", "\"|\"", 1)).unwrap();
    let other = String::from_utf8(file).unwrap();
    assert!(
        other.contains("|BOLT-8>x>~") && other.contains("BIN|5|a*b~c~"),
        "{other}"
    );
}

#[test]
fn what_is_too_long_is_text() {
    let limits = Limits {
        segment_bytes: 2000,
        binary_bytes: 100_000,
        ..Limits::default()
    };
    let isa = X12.split('\n').next().unwrap();
    for (before, between, want) in [
        (0, 100, "[\"IEA\""),
        (300_000, 1, "{\"text\":\" "),
        (0, 3_000, "{\"text\":\"GS*\u{fc}"),
        (0, 300_000, "{\"text\":\"GS*\u{fc}"),
    ] {
        let file = format!(
            "{}{isa}GS*{}*1~{X12}",
            " ".repeat(before),
            "\u{fc}".repeat(between)
        );
        let lines = lines_within(limits, file.as_bytes());
        assert!(lines.contains(want), "{before} {between}");
        assert!(back(&lines).unwrap() == file.as_bytes());
    }
}

#[test]
fn what_cannot_be_written_is_said() {
    let x12 = lines(X12.as_bytes());
    let rows = [
        (
            "BOLT-8",
            "BOLT*8",
            "line 6: element 7 holds the separator '*', which this interchange cannot release; write it with other separators, here and in the header",
        ),
        (
            "a*b~c",
            "a*b",
            "line 7: the binary data has 3 bytes, its segment says \"5\"; correct element 1",
        ),
        (
            "\"2.50\"",
            "2.50",
            "line 6: found 2.5, expected an element: text, a list of components, or {\"repeat\": […]}",
        ),
        (
            "[\"GS\"",
            "\"GS\"",
            "line 3: not JSON: trailing characters, at column 5",
        ),
        (
            "component\":\">",
            "component\":\":",
            "line 2: the header declares other separators than the {\"interchange\":…} before it; change both, or none",
        ),
        (
            ",\"repetition\":\"^\"",
            "",
            "line 2: the header declares other separators than the {\"interchange\":…} before it; change both, or none",
        ),
        ("\"utf-8\"", "\"us-ascii\"", ""),
        (
            "\"utf-8\"",
            "\"klingon\"",
            "line 1: found \"klingon\", expected a character set: utf-8, iso-8859-1 to -9 and -15, windows-1250 to -1254",
        ),
        (
            "{\"interchange\"",
            "{\"letter\"",
            "line 1: found {\"letter\":{\"after\":\"\\n\",\"charset\":\"utf-8\",\"separators\":{\"com…, expected a segment as a list of elements, or an object with \"segment\", \"interchange\", \"text\" or \"lines\"",
        ),
    ];
    for (from, to, want) in rows {
        assert!(x12.contains(from), "{from}");
        let outcome = back(&x12.replacen(from, to, 1));
        assert_eq!(outcome.err().unwrap_or_default(), want, "{from} to {to}");
    }
    let error = back("[\"GS\"]").unwrap_err();
    assert!(error.contains("before the first"), "{error}");
    let latin = lines(EDIFACT).replace("Müller", "Мир");
    let error = back(&latin).unwrap_err();
    assert!(
        error.starts_with("line 5: iso-8859-1 does not have the character 'М'"),
        "{error}"
    );
}

/// Pieces that files are made of, well and badly.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    let known: &[&[u8]] = &[
        b"ISA*00*          *00*          *ZZ*A              *ZZ*B              *260131*0800*^*00501*000000001*0*P*>~",
        b"ISA|00|          |00|          |ZZ|A              |ZZ|B              |260131|0800|U|00401|000000001|0|P|:\n",
        b"ISA*00**00**ZZ*A*ZZ*B*260131*0800*U*00401*1*0*P*>~", b"ISA*00*", b"UNA:+.? '", b"UNA:+,?*'\n", b"UNB+UNOC:3+S+R+1:2+7'",
        b"UNB+UNOY:4+S+R+1:2+7'", b"UNB\x1DUNOB\x1F1\x1DS\x1C", b"UNB+", b"STX=ANA:1+5:A'", b"GS*PO~", b"BIN*3*~*~~", b"BIN*9*ab~",
        b"BDS*ASC*2*~~~", b"IEA*1*1~", b"UNZ+1+7'", b"END=1'", b"UNO+1++++3'''+UNP+3'", b"MHD=1+A:9'", b"\xEF\xBB\xBF", b"\r\n", b"~", b"'",
        b"?", b"??", b"?'", b"\0", b"\x1A", b" ", b"^", b"|", b"\xFC", b"\xC3\xBC",
    ];
    prop_oneof![
        3 => proptest::sample::select(known.to_vec()).prop_map(<[u8]>::to_vec),
        1 => proptest::collection::vec(proptest::sample::select(b"AB1*+:>^?~'=\n\xE9\"\\".to_vec()), 0..20),
        1 => proptest::collection::vec(any::<u8>(), 0..10),
    ]
}

proptest! {
    #[test]
    fn any_file_comes_back(pieces in proptest::collection::vec(piece(), 0..40), cut_at in prop_oneof![2 => Just(0_usize), 1 => 5..90_usize]) {
        let mut file = pieces.concat();
        if cut_at > 0 {
            file = cut(&file, cut_at, b"\n");
        }
        comes_back(&file);
    }
}
