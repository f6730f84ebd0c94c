//! The `edi` commands as people run them: what the real program prints for files of ours, good and bad, and how it exits.
//! Snapshots: `UPDATE_EXPECT=1 cargo test -p legacy-bridge --test edi` rewrites them.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use expect_test::expect_file;

/// What the program printed, and how it ended.
struct Run {
    code: Option<i32>,
    out: Vec<u8>,
    errors: String,
}

impl Run {
    fn text(&self) -> String {
        String::from_utf8(self.out.clone()).unwrap()
    }
}

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/edi")
}

/// Runs `legacy-bridge edi` in the folder of the fixtures.
fn edi(arguments: &[&str], input: &[u8]) -> Run {
    let mut child = Command::new(env!("CARGO_BIN_EXE_legacy-bridge"))
        .arg("edi")
        .args(arguments)
        .current_dir(folder())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    // A program that reads no input closes it: that is no failure.
    let feeder = std::thread::spawn(move || stdin.write_all(&input).is_ok());
    let output = child.wait_with_output().unwrap();
    feeder.join().unwrap();
    Run {
        code: output.status.code(),
        out: output.stdout,
        errors: String::from_utf8(output.stderr).unwrap(),
    }
}

/// What is printed for these arguments is what the file of this name holds.
#[track_caller]
fn prints(arguments: &[&str], code: i32, want: &str) -> Run {
    let run = edi(arguments, b"");
    shows(&(run.text() + &run.errors), want);
    assert_eq!(run.code, Some(code), "{arguments:?}");
    run
}

#[track_caller]
fn shows(text: &str, want: &str) {
    expect_file![folder().join("printed").join(want)].assert_eq(text);
}

#[test]
fn inspect_shows_names_and_findings_at_their_place() {
    prints(&["inspect", "orders.x12"], 3, "inspect.x12.txt");
    prints(&["inspect", "orders.edi"], 3, "inspect.edi.txt");
}

#[test]
fn inspect_shows_one_message_or_the_outline() {
    prints(&["inspect", "--limit", "0", "orders.x12"], 3, "outline.txt");
    let one = ["inspect", "--message", "1", "--limit", "2", "orders.x12"];
    prints(&one, 0, "one_message.txt");
}

#[test]
fn inspect_has_the_same_text_in_colour() {
    let coloured = edi(&["inspect", "--color", "always", "orders.x12"], b"").text();
    assert!(coloured.contains("\u{1b}[31merror: "), "{coloured}");
    let plain = ["1", "2", "31", "32", "33", "0"]
        .iter()
        .fold(coloured, |text, code| {
            text.replace(&format!("\u{1b}[{code}m"), "")
        });
    assert_eq!(plain, edi(&["inspect", "orders.x12"], b"").text());
}

#[test]
fn validate_tells_each_finding_in_a_line() {
    prints(&["validate", "orders.x12", "orders.edi"], 3, "validate.txt");
    let json = prints(&["validate", "--json", "orders.x12"], 3, "validate.json").text();
    let parse = |line| serde_json::from_str::<serde_json::Value>(line).unwrap();
    let lines: Vec<_> = json.lines().map(parse).collect();
    let (summary, findings) = lines.split_last().unwrap();
    assert_eq!(summary.pointer("/summary/errors").unwrap(), findings.len());
}

#[test]
fn standard_input_is_a_file() {
    let bytes = std::fs::read(folder().join("orders.x12")).unwrap();
    let named = edi(&["inspect", "orders.x12"], b"");
    let piped = edi(&["inspect", "-"], &bytes);
    assert_eq!((piped.code, piped.text()), (named.code, named.text()));
    let empty = edi(&["validate", "-"], b"");
    let want = "(standard input): 0 interchanges";
    assert!(empty.text().contains(want), "{}", empty.text());
    assert_eq!(empty.code, Some(3));
    let missing = edi(&["inspect", "nothing.edi"], b"");
    let want = "could not open nothing.edi";
    assert!(missing.errors.contains(want), "{}", missing.errors);
    assert_eq!(missing.code, Some(1));
}

#[test]
fn segments_come_back_byte_for_byte_and_edited() {
    for file in ["orders.x12", "orders.edi"] {
        let bytes = std::fs::read(folder().join(file)).unwrap();
        let lines = edi(&["segments", file], b"");
        let back = edi(&["segments", "--back", "-"], &lines.out);
        assert_eq!((back.code, back.out == bytes), (Some(0), true), "{file}");
    }
    let lines = prints(&["segments", "orders.edi"], 0, "segments.json").text();
    let edited = lines.replace("Schlüssel 10'", "O'Öse");
    let back = edi(&["segments", "--back", "-"], edited.as_bytes());
    let wanted = b"IMD+F++:::O?'\xD6se'";
    assert!(back.out.windows(wanted.len()).any(|bytes| bytes == wanted));
    let wrong = edi(&["segments", "--back", "-"], b"[\"ST\"]\n");
    let want = "line 1: a segment stands before the first";
    assert!(wrong.errors.contains(want), "{}", wrong.errors);
    assert_eq!(wrong.code, Some(1));
}

/// Runs `edi ack` at one moment and shows a line for each segment.
fn ack(more: &[&str], want: &str) -> Run {
    let run = edi(&[&["ack", "--at", AT], more].concat(), b"");
    shows(&(run.text().replace(['~', '\''], "\n") + &run.errors), want);
    assert_eq!(run.code, Some(3), "{more:?}");
    run
}

#[test]
fn ack_prints_what_would_be_sent() {
    let answers = ack(&["orders.x12"], "ack.x12.txt");
    ack(&["--control-number", "12", "orders.edi"], "ack.edi.txt");
    let only_999 = ["--functional", "999", "--ta1", "never", "orders.x12"];
    ack(&only_999, "ack_999.txt");
    // What we answer passes our own checks, and is not answered again.
    let judged = edi(&["validate", "-"], &answers.out);
    assert_eq!(judged.code, Some(0), "{}", judged.text());
    let again = edi(&["ack", "-"], &answers.out);
    assert!(again.out.is_empty() && again.errors.contains("nothing is answered"));
}

const ORDER: &str = r#"{"schema_version":"1.0","order_id":"PO-7","type":"standard","placed_at":"2026-01-31","currency":"EUR",
    "parties":[{"role":"buyer","name":"Müller"}],"incoterms":"XYZ",
    "lines":[{"line":"1","identifiers":[{"scheme":"seller_part","value":"BOLT-8"}],"quantity":{"value":"10","unit":"C62"}}]}"#;
const AT: &str = "2026-01-31T08:00:00Z";

fn enveloped() -> String {
    let event = "dev.legacybridge.sales_order.v1";
    format!(r#"{{"specversion":"1.0","type":"{event}","data":{ORDER}}}"#)
}

fn write(to: &str, input: &str) -> Run {
    let parties = ["--sender", "ZZ:US", "--receiver", "14:4012345000009"];
    let arguments = ["write", "--to", to, "--line-ends", "lf", "--at", AT, "-"];
    edi(&[arguments.as_slice(), &parties].concat(), input.as_bytes())
}

#[test]
fn write_makes_interchanges_of_documents() {
    let x12 = write("x12:850:004010", &format!("{ORDER}\n{}", enveloped()));
    shows(&(x12.text() + &x12.errors), "write.x12.txt");
    let edifact = write("edifact:ORDERS:D.96A:EAN008", &format!("[{ORDER}]"));
    let text: String = edifact.out.iter().copied().map(char::from).collect();
    shows(&(text + &edifact.errors), "write.edi.txt");
    assert_eq!([x12.code, edifact.code], [Some(0), Some(0)]);
}

#[test]
fn write_says_what_it_cannot_write() {
    let envelope = enveloped();
    for (to, input, code, want) in [
        (
            "x12:856:004010",
            envelope.as_str(),
            3,
            "856 is written from shipment, this is sales_order",
        ),
        (
            "x12:850:004010",
            "{\"lines\":7}",
            3,
            "this is no sales_order",
        ),
        ("x12:850:004010", "{", 1, "could not read (standard input)"),
        (
            "x12:850",
            ORDER,
            2,
            "say the version too, as in --to x12:850:004010",
        ),
        (
            "x12:849:004010",
            ORDER,
            2,
            "`legacy-bridge edi sets` lists what can",
        ),
        ("edi:850", ORDER, 2, "is not SYNTAX:SET:VERSION"),
    ] {
        let run = write(to, input);
        assert_eq!(run.code, Some(code), "{to}: {}", run.errors);
        assert!(run.errors.contains(want), "{to}: {}", run.errors);
    }
}

#[test]
fn write_follows_the_partner() {
    let partner = ["--partner", "../../../config/partners/northwind.toml"];
    let arguments = [
        "write",
        "--to",
        "x12:850",
        "--control-number",
        "41",
        "--at",
        AT,
        "-",
    ];
    let run = edi(&[arguments.as_slice(), &partner].concat(), ORDER.as_bytes());
    assert_eq!(run.code, Some(0), "{}", run.errors);
    let text = run.text();
    assert!(
        text.contains("*ZZ*ACME           *01*006922827      *"),
        "{text}"
    );
    assert!(
        text.contains("GS*PO*ACME*006922827*20260131*0800*41*X*004010VICS~"),
        "{text}"
    );
}

#[test]
fn write_uses_up_the_agents_numbers_and_notes_what_is_to_be_acknowledged() {
    let home = tempfile::tempdir().unwrap();
    let config = home.path().join("agent.toml");
    let text = "[agent]\ntenant = \"acme\"\nname = \"berlin-1\"\ndata = \"data\"\n";
    std::fs::write(&config, text).unwrap();
    std::fs::create_dir(home.path().join("data")).unwrap();
    let config = config.to_str().unwrap();
    let write = |to: &str, partner: &str| {
        let partner = format!("../../../config/partners/{partner}.toml");
        let run = edi(
            &[
                "write",
                "--to",
                to,
                "--partner",
                &partner,
                "--config",
                config,
                "--at",
                AT,
                "-",
            ],
            ORDER.as_bytes(),
        );
        assert_eq!(run.code, Some(0), "{}", run.errors);
        run.out.iter().copied().map(char::from).collect::<String>()
    };
    let one = write("x12:850", "northwind");
    assert!(
        one.contains("*000000001*0*P*>") && one.contains("GS*PO*ACME*006922827*20260131*0800*1*X*"),
        "{one}"
    );
    let two = write("x12:850", "northwind");
    assert!(two.contains("*000000002*0*P*>"), "{two}");
    let other = write("edifact:ORDERS", "hansa-markt");
    assert!(other.contains("+260131:0800+1+"), "{other}");
    let journal =
        |name: &str| std::fs::read_to_string(home.path().join("data").join(name)).unwrap();
    let numbers = journal("control-numbers.journal");
    let counters: Vec<&str> = numbers
        .lines()
        .skip(1)
        .filter_map(|line| line.split('\t').nth(2))
        .collect();
    assert_eq!(
        counters,
        [
            "northwind/x12/interchange",
            "northwind/x12/group",
            "northwind/x12/interchange",
            "northwind/x12/group",
            "hansa-markt/edifact/interchange",
        ]
    );
    let sent = journal("sent.journal");
    assert_eq!(sent.lines().count(), 1 + 3, "{sent}");
    assert!(
        sent.contains("\"functional_id\":\"PO\",\"group\":\"2\"")
            && sent.contains("\"key\":\"hansa-markt/edifact/1\""),
        "{sent}"
    );
}

#[test]
fn partners_are_explained() {
    let partners = ["--partner", "../../../config/partners"];
    let explain = ["explain-agreement", "orders.edi", "orders.x12"];
    prints(&[explain.as_slice(), &partners].concat(), 3, "explain.txt");
    let missing = edi(&["validate", "--partner", "nobody.toml", "orders.edi"], b"");
    assert_eq!(missing.code, Some(2));
    let want = "nobody.toml: could not be read";
    assert!(missing.errors.contains(want), "{}", missing.errors);
}

#[test]
fn sets_are_listed() {
    let text = edi(&["sets"], b"").text();
    let order = text.lines().find(|line| line.contains(" 850 ")).unwrap();
    assert!(
        order.starts_with("x12 ") && order.contains(" sales_order "),
        "{order}"
    );
    let json = edi(&["sets", "--json"], b"").text();
    assert_eq!(json.lines().count(), text.lines().count() - 1);
}
