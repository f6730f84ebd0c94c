//! Partners' files and the interchanges that belong to them: what is found, what is missed and why, and what is a mistake.

use std::io;

use canonical::problem::Severity;
use expect_test::{Expect, expect};

use super::{AgreementError, Agreements, Decision};
use crate::acknowledge::{AckPolicy, Contrl, Functional, Ta1};
use crate::headers::{Address, Interchange, Message};
use crate::reader::TextPolicy;
use crate::rule::Rule;
use crate::syntax::Syntax;
use crate::write::Style;

const GUIDE: &str = "x12 004010NW extends 004010\ncodes 353 99";

fn load(name: &str) -> io::Result<String> {
    match name {
        "nw.dict" => Ok(GUIDE.to_owned()),
        _ => Err(io::ErrorKind::NotFound.into()),
    }
}

fn of(files: &[(&str, &str)]) -> Result<Agreements, AgreementError> {
    let mut agreements = Agreements::default();
    for (name, text) in files {
        agreements.add(text, name, &mut load)?;
    }
    Ok(agreements)
}

/// The files that are shipped, by name.
fn shipped() -> Vec<(String, String)> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../config/partners");
    let entries = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = entries
        .map(|path| {
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            (name, std::fs::read_to_string(path).unwrap())
        })
        .collect();
    files.sort();
    files
}

fn examples() -> Agreements {
    let files = shipped();
    let files: Vec<_> = files
        .iter()
        .map(|(name, text)| (name.as_str(), text.as_str()))
        .collect();
    of(&files).unwrap()
}

fn address(text: &str) -> Address {
    let (qualifier, id) = text.split_once(':').unwrap();
    Address {
        qualifier: qualifier.into(),
        id: id.into(),
        ..Address::default()
    }
}

fn interchange(syntax: Syntax, sender: &str, receiver: &str) -> Interchange {
    Interchange {
        syntax,
        sender: address(sender),
        receiver: address(receiver),
        control_number: "000000017".into(),
        ..Interchange::default()
    }
}

fn message(id: &str, version: &str, guide: &str) -> Message {
    Message {
        id: id.into(),
        version: version.into(),
        guide: guide.into(),
        ..Message::default()
    }
}

fn rules(decision: &Decision) -> Vec<Rule> {
    decision
        .findings()
        .iter()
        .map(|finding| finding.rule)
        .collect()
}

#[test]
fn everybody_is_welcome_as_long_as_nobody_is_known() {
    let agreements = Agreements::default();
    let decision = agreements.find(&interchange(Syntax::X12, "ZZ:ANY", "ZZ:ME"), Some("orders"));
    assert_eq!(rules(&decision), []);
    assert!(decision.agreement().is_none());
    assert_eq!(decision.terms().acknowledge, AckPolicy::default());
    assert_eq!(decision.message(&message("850", "004010", "")), None);
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn an_agreement_is_found_or_the_reason_is_a_finding() {
    let agreements = examples();
    let (x12, edifact) = (Syntax::X12, Syntax::Edifact);
    let orders = Some("edi");
    for (syntax, sender, receiver, test, source, partner, want) in [
        (
            x12,
            "01:006922827",
            "ZZ:ACME",
            false,
            orders,
            "northwind",
            &[][..],
        ),
        (
            x12,
            "zz:northwind",
            "ZZ:Acme",
            false,
            None,
            "northwind",
            &[],
        ),
        (
            x12,
            "01:6922827",
            "ZZ:ACME",
            false,
            orders,
            "",
            &[Rule::SenderUnknown],
        ),
        (
            x12,
            "12:006922827",
            "ZZ:ACME",
            false,
            orders,
            "",
            &[Rule::SenderUnknown],
        ),
        (
            x12,
            "ZZ:ACME",
            "01:006922827",
            false,
            orders,
            "",
            &[Rule::SenderUnknown],
        ),
        (
            x12,
            "01:006922827",
            "01:ACME",
            false,
            orders,
            "northwind",
            &[Rule::ReceiverUnknown],
        ),
        (
            x12,
            "01:006922827",
            "ZZ:ACME",
            true,
            orders,
            "northwind",
            &[Rule::TestIndicator],
        ),
        (
            x12,
            "01:006922827",
            "ZZ:ACME",
            false,
            Some("mail"),
            "northwind",
            &[Rule::SenderNotHere],
        ),
        (
            edifact,
            "1:006922827",
            "ZZ:ACME",
            false,
            orders,
            "northwind",
            &[Rule::NoAgreement],
        ),
        (
            edifact,
            "14:4012345000009",
            "14:4098765000003",
            true,
            Some("any"),
            "hansa-markt",
            &[],
        ),
        (
            edifact,
            "14:4012345000009",
            "14:4098765000004",
            false,
            None,
            "hansa-markt",
            &[Rule::ReceiverUnknown],
        ),
        (
            x12,
            "01:006922827",
            "ZZ:X",
            true,
            Some("mail"),
            "northwind",
            &[
                Rule::ReceiverUnknown,
                Rule::TestIndicator,
                Rule::SenderNotHere,
            ],
        ),
    ] {
        let header = Interchange {
            test,
            ..interchange(syntax, sender, receiver)
        };
        let decision = agreements.find(&header, source);
        let found = decision
            .agreement()
            .map_or("", |agreement| agreement.id.as_str());
        assert_eq!(
            (found, rules(&decision)),
            (partner, want.to_vec()),
            "{sender} {receiver}"
        );
        let answered = decision.terms().acknowledge
            != AckPolicy {
                functional: Functional::None,
                ta1: Ta1::Never,
                contrl: Contrl::None,
            };
        assert_eq!(
            answered,
            !partner.is_empty(),
            "a stranger is not answered: {sender}"
        );
    }
}

#[test]
fn a_finding_says_what_to_do() {
    let agreements = examples();
    let told = |sender: &str, receiver: &str, source: &str| {
        let decision = agreements.find(&interchange(Syntax::X12, sender, receiver), Some(source));
        let finding = decision.findings().first().unwrap().clone();
        finding.problem(Syntax::X12).to_string()
    };
    let all = [
        told("12:006922827", "ZZ:ACME", "edi"),
        told("01:6922827", "ZZ:ACME", "edi"),
        told("ZZ:NOBODY", "ZZ:ACME", "edi"),
        told("ZZ:ACME", "ZZ:NORTHWIND", "edi"),
        told("ZZ:NORTHWIND", "ZZ:ACMEE", "edi"),
        told("ZZ:NORTHWIND", "ZZ:ACME", "mail"),
    ];
    expect![[r#"
        byte 0, column "ISA/06": no partner goes by the sender's id, expected 01:006922827, found "12:006922827" — if Northwind Retail goes by this id too, add "12:006922827" to `ids` in northwind.toml [x12.sender_unknown]
        byte 0, column "ISA/06": no partner goes by the sender's id, expected 01:006922827, found "01:6922827" — if Northwind Retail goes by this id too, add "01:6922827" to `ids` in northwind.toml [x12.sender_unknown]
        byte 0, column "ISA/06": no partner goes by the sender's id, found "ZZ:NOBODY" — add "ZZ:NOBODY" to the `ids` of its partner's file, or make one [x12.sender_unknown]
        byte 0, column "ISA/06": no partner goes by the sender's id, found "ZZ:ACME" — this is what we send to Northwind Retail: it was dropped where it is read [x12.sender_unknown]
        byte 0, column "ISA/08": Northwind Retail sends this to somebody else than us, expected ZZ:ACME, found "ZZ:ACMEE" — if it is one of ours, add "ZZ:ACMEE" to `our_ids` in northwind.toml [x12.receiver_unknown]
        byte 0, column "ISA/06": Northwind Retail does not send through the feed "mail", expected edi, found "ZZ:NORTHWIND" — find out who put it there; if it is right, add "mail" to `sources` in northwind.toml [x12.sender_not_here]"#]].assert_eq(&all.join("\n"));
}

#[test]
fn messages_are_held_to_the_versions_and_sets() {
    let agreements = examples();
    let x12 = agreements.find(&interchange(Syntax::X12, "ZZ:NORTHWIND", "ZZ:ACME"), None);
    let edifact = agreements.find(
        &interchange(Syntax::Edifact, "14:4012345000009", "14:4098765000003"),
        None,
    );
    for (decision, id, version, guide, accepted) in [
        (&x12, "850", "004010", "", true),
        (&x12, "850", "004010", "VICS", true),
        (&x12, "850", "004030", "", false),
        (&x12, "810", "004010", "", false),
        (&edifact, "ORDERS", "D.96A", "EAN008", true),
        (&edifact, "ORDERS", "D.96A", "EAN010", false),
        (&edifact, "ORDERS", "D.96A", "", false),
        (&edifact, "ORDERS", "D.01B", "EAN010", true),
        (&edifact, "INVOIC", "D.01B", "", false),
    ] {
        let finding = decision.message(&message(id, version, guide));
        assert_eq!(finding.is_none(), accepted, "{id} {version} {guide}");
        assert!(
            finding.is_none_or(|finding| finding.rule == Rule::NoAgreement && finding.is_error())
        );
    }
}

const TEST: &str = r#"
id = "a-test"
name = "A, test"
ids = ["ZZ:A"]
our_ids = ["ZZ:ME"]
usage = "test"
[severity]
no_agreement = "warning"
element_date = "ignore"
[x12]
guides = ["nw.dict"]
read.versions = ["004010"]
[tradacoms]
read.text = "skip"
"#;

const PRODUCTION: &str = r#"
id = "a"
name = "A"
ids = ["ZZ:A", "ZZ:A-OLD"]
our_ids = ["ZZ:ME"]
sources = ["edi"]
[severity]
sender_not_here = "ignore"
[x12]
"#;

const OTHERS: &str = r#"
id = "others"
name = "Whoever else"
ids = ["*"]
our_ids = ["*"]
usage = "any"
[edifact]
acknowledge.contrl = "none"
"#;

#[test]
fn test_and_production_may_be_two_agreements_and_order_does_not_matter() {
    let mut files = [("t.toml", TEST), ("p.toml", PRODUCTION), ("o.toml", OTHERS)];
    for _ in 0..2 {
        let agreements = of(&files).unwrap();
        for (sender, test, want) in [
            ("ZZ:A", true, "a-test"),
            ("ZZ:A", false, "a"),
            ("ZZ:A-OLD", false, "a"),
            ("ZZ:A-OLD", true, "a"),
            ("ZZ:B", true, "others"),
        ] {
            let header = Interchange {
                test,
                ..interchange(Syntax::X12, sender, "ZZ:ME")
            };
            let decision = agreements.find(&header, None);
            assert_eq!(
                decision.agreement().unwrap().id.as_str(),
                want,
                "{sender} {test}"
            );
        }
        files.reverse();
    }
}

#[test]
fn an_agreement_sets_how_bad_a_rule_is() {
    let agreements = of(&[("t.toml", TEST), ("p.toml", PRODUCTION)]).unwrap();
    let header = interchange(Syntax::X12, "ZZ:A", "ZZ:ME");
    assert_eq!(rules(&agreements.find(&header, Some("mail"))), []);
    let test = agreements.find(
        &Interchange {
            test: true,
            ..header
        },
        None,
    );
    assert_eq!(test.terms().policy.severity(Rule::ElementDate), None);
    let finding = test.message(&message("850", "005010", "")).unwrap();
    assert_eq!(finding.severity, Severity::Warning);
    let guide = test
        .terms()
        .dictionaries
        .find(Syntax::X12, "004010NW")
        .unwrap();
    assert_eq!(guide.dictionary.version(), "004010NW");
    let others = agreements.find(&interchange(Syntax::X12, "ZZ:A-OLD", "ZZ:ME"), None);
    assert_eq!(
        others
            .terms()
            .dictionaries
            .find(Syntax::X12, "004010NW")
            .unwrap()
            .dictionary
            .version(),
        "004010",
        "a guide is its partner's"
    );
}

#[test]
fn text_is_skipped_where_somebody_who_sends_there_has_it_so() {
    let skips = OTHERS
        .replace("[edifact]", "[edifact]\nread.text = \"skip\"")
        .replace("usage", "sources = [\"mail\"]\nusage");
    let agreements = of(&[("o.toml", &skips), ("p.toml", PRODUCTION)]).unwrap();
    for (source, want) in [
        (None, TextPolicy::Skip),
        (Some("mail"), TextPolicy::Skip),
        (Some("edi"), TextPolicy::Refuse),
    ] {
        assert_eq!(agreements.text_policy(source), want, "{source:?}");
    }
}

#[test]
fn documents_are_written_as_agreed() {
    let agreements = examples();
    let x12 = agreements.find(&interchange(Syntax::X12, "ZZ:NORTHWIND", "ZZ:ACME"), None);
    let write = x12.terms().write.clone().unwrap();
    let header = write.interchange("17", "20260131", "1200");
    assert_eq!(
        (header.version.as_str(), header.receiver.qualifier.as_str()),
        ("00401", "01")
    );
    assert_eq!(
        (header.receiver.id.as_str(), header.sender.id.as_str()),
        ("006922827", "ACME")
    );
    let group = write.group("PR", "17", "20260131", "1200");
    assert_eq!(
        (group.version.as_str(), group.sender.id.as_str()),
        ("004010VICS", "ACME")
    );
    assert_eq!(x12.terms().answering(&header), write.style);
    let edifact = agreements.find(
        &interchange(Syntax::Edifact, "14:4012345000009", "14:4098765000003"),
        None,
    );
    let write = edifact.terms().write.clone().unwrap();
    let message = write.message("INVOIC", "1");
    assert_eq!(
        (
            message.version.as_str(),
            message.agency.as_str(),
            message.guide.as_str()
        ),
        ("D.96A", "UN", "EAN008")
    );
    assert_eq!(write.acknowledged_within_hours, Some(4));
    let nobody = Agreements::default().find(&header, None);
    assert_eq!(nobody.terms().answering(&header), Style::answering(&header));
}

#[test]
#[allow(clippy::too_many_lines, reason = "a table")]
fn it_can_be_said_how_an_agreement_was_found_or_missed() {
    let agreements = examples();
    let told = |header: &Interchange, source, messages: &[Message]| {
        agreements.explain(header, source, messages).to_string()
    };
    let all = [
        told(
            &interchange(Syntax::X12, "1:006922827", "ZZ:ACME"),
            Some("edi"),
            &[
                message("850", "004010", "VICS"),
                message("850", "004010", "VICS"),
                message("810", "004010", ""),
            ],
        ),
        told(
            &interchange(Syntax::X12, "12:00-692-2827", "ZZ:ACME"),
            None,
            &[],
        ),
        told(
            &interchange(Syntax::Edifact, "14:4012345000008", "14:4098765000003"),
            Some("mail"),
            &[message("ORDERS", "D.96A", "EAN008")],
        ),
        told(
            &interchange(Syntax::Edifact, "ZZ:NOBODY", "14:4098765000003"),
            None,
            &[],
        ),
        Agreements::default()
            .explain(&interchange(Syntax::X12, "ZZ:A", "ZZ:B"), None, &[])
            .to_string(),
    ];
    expect![[r#"
        x12 000000017: 1:006922827 to ZZ:ACME, production, through feed "edi"
        agreed with northwind, but not like this
          no_agreement: the message was not agreed with Northwind Retail; if it is wanted, add it to `x12.read.sets` in northwind.toml
        northwind (northwind.toml)
          yes ids: 1:006922827 is listed, as 01:006922827
          yes our_ids: ZZ:ACME is listed
          yes usage: production is agreed
          yes x12: it is agreed
          yes sources: edi is listed
          yes 850 004010VICS: it is agreed
          no  810 004010: not among `read.sets`
        1 other partner has nothing like it

        x12 000000017: 12:00-692-2827 to ZZ:ACME, production, through no feed
        no agreement
          sender_unknown: no partner goes by the sender's id; if Northwind Retail goes by this id too, add "12:00-692-2827" to `ids` in northwind.toml
        northwind (northwind.toml)
          no  ids: 12:00-692-2827 is not listed, 01:006922827 is: alike, but not the same
          yes our_ids: ZZ:ACME is listed
          yes usage: production is agreed
          yes x12: it is agreed
          yes sources: no feed is named, edi would do
        1 other partner has nothing like it

        edifact 000000017: 14:4012345000008 to 14:4098765000003, production, through feed "mail"
        no agreement
          sender_unknown: no partner goes by the sender's id; add "14:4012345000008" to the `ids` of its partner's file, or make one
        hansa-markt (hansa-markt.toml)
          no  ids: 14:4012345000008 is not listed, 14:4012345000009 is
          yes our_ids: 14:4098765000003 is listed
          yes usage: test and production are agreed
          yes edifact: it is agreed
          yes sources: any feed will do
        1 other partner has nothing like it

        edifact 000000017: ZZ:NOBODY to 14:4098765000003, production, through no feed
        no agreement
          sender_unknown: no partner goes by the sender's id; add "ZZ:NOBODY" to the `ids` of its partner's file, or make one
        2 other partners have nothing like it

        x12 000000017: ZZ:A to ZZ:B, production, through no feed
        no partners are configured: everybody is accepted, by the default rules
    "#]].assert_eq(&all.join("\n"));
}

#[test]
fn a_file_is_explained_interchange_by_interchange() {
    let order = |number: &str| {
        format!("UNH+{number}+ORDERS:D:96A:UN:EAN008'BGM+220+4711+9'UNT+3+{number}'")
    };
    let file = format!(
        "MAILBOX 7\nUNB+UNOC:3+4012345000009:14+4098765000003:14+260131:1200+7'{}{}UNH+3+INVOIC:D:96A:UN:EAN008'BGM+380+1+9'UNT+3+3'UNZ+3+7'\n\
         UNB+UNOC:3+4012345000009:14+4098765000004:14+260131:1200+8'{}UNZ+1+8'",
        order("1"),
        order("2"),
        order("1")
    );
    let told = examples()
        .explain_file(&mut file.as_bytes(), Some("edi"))
        .unwrap();
    let found: Vec<_> = told
        .iter()
        .map(|told| (told.found.as_deref(), told.findings.len()))
        .collect();
    assert_eq!(found, [(Some("hansa-markt"), 1), (Some("hansa-markt"), 1)]);
    let kinds: Vec<_> = told[0].partners[0]
        .checks
        .iter()
        .skip(5)
        .map(|check| (check.setting.as_str(), check.fits))
        .collect();
    assert_eq!(
        kinds,
        [
            ("ORDERS D.96A:EAN008", true),
            ("INVOIC D.96A:EAN008", false)
        ]
    );
    assert!(told[1].findings[0].starts_with("receiver_unknown: "));
}

fn mistake(text: &str, want: &Expect) {
    let error = of(&[("p.toml", PRODUCTION), ("o.toml", OTHERS), ("q.toml", text)]).unwrap_err();
    let place = text.get(error.span()).unwrap();
    want.assert_eq(&format!("{error}\n  at {place:?}"));
}

/// A good file with one part of it exchanged.
fn with(part: &str, other: &str) -> String {
    let text =
        "id = \"q\"\nname = \"Q\"\nids = [\"ZZ:Q\"]\nour_ids = [\"ZZ:ME\"]\n[x12]\n[edifact]\n";
    assert!(of(&[("q.toml", text)]).is_ok() && text.contains(part));
    text.replace(part, other)
}

#[test]
fn mistakes_in_who_a_partner_is() {
    mistake(
        &with("[x12]", "[x12]\nsets = [\"850\"]"),
        &expect![[r#"
            q.toml:6: unknown field `sets`, expected one of `guides`, `map`, `read`, `control_numbers`, `acknowledge`, `write`
              at "sets""#]],
    );
    mistake(
        &with("\"q\"", "\"Q & Co\""),
        &expect![[r#"
        q.toml:1: `Q & Co` cannot be the id of a partner; write 1 to 35 of a to z, 0 to 9 and -
          at "\"Q & Co\"""#]],
    );
    mistake(
        &with("\"q\"", "\"a\""),
        &expect![[r#"
        q.toml:1: the id `a` is that of p.toml
          at "\"a\"""#]],
    );
    mistake(
        &with("\"ZZ:Q\"", "\"ZZ:Q\", \"zz:q \""),
        &expect![[r#"
        q.toml:3: zz:q is listed twice: case, blanks and zeros before a qualifier make no difference
          at "\"zz:q \"""#]],
    );
    mistake(
        &with("\"ZZ:Q\"", "\"Q\""),
        &expect![[r#"
        q.toml:3: an id needs its qualifier before it, as in "ZZ:ACME"; ":ACME" has none
          at "\"Q\"""#]],
    );
    mistake(
        &with("\"ZZ:Q\"", ""),
        &expect![[r#"
        q.toml:1: `ids` is empty; list the ids that stand in the envelopes: "ZZ:ACME"
          at "\"q\"""#]],
    );
    mistake(
        &with("\"ZZ:Q\"", "\"ZZ:Q\", \"*\""),
        &expect![[r#"
        q.toml:3: `*` is everybody, and stands alone
          at "\"*\"""#]],
    );
    mistake(
        &with("\"ZZ:Q\"", "\"ZZ:Q\", \"ZZ:a-old\""),
        &expect![[r#"
            q.toml:3: ZZ:a-old is a partner in p.toml already, with the same usage and id of ours; let the two differ in `usage` or `our_ids`, or make them one
              at "\"ZZ:a-old\"""#]],
    );
    mistake(
        &with(
            "[\"ZZ:Q\"]\nour_ids = [\"ZZ:ME\"]",
            "[\"*\"]\nour_ids = [\"*\"]",
        ),
        &expect![[r#"
            q.toml:3: * is a partner in o.toml already, with the same usage and id of ours; let the two differ in `usage` or `our_ids`, or make them one
              at "\"*\"""#]],
    );
    mistake(
        &with("[x12]\n[edifact]\n", ""),
        &expect![[r#"
        q.toml:1: nothing is agreed with this partner; add a table [x12], [edifact] or [tradacoms], be it empty
          at "\"q\"""#]],
    );
}

#[test]
fn mistakes_in_what_holds_for_all() {
    mistake(
        &with("[x12]", "[severity]\nsegment_cuont = \"warning\"\n[x12]"),
        &expect![[r#"
            q.toml:6: no rule is called `segment_cuont`; did you mean `segment_count`?
              at "segment_cuont""#]],
    );
    mistake(
        &with("[x12]", "[severity]\nsegment_count = \"warn\"\n[x12]"),
        &expect![[r#"
            q.toml:6: unknown variant `warn`, expected one of `error`, `warning`, `ignore`
              at "\"warn\"""#]],
    );
    mistake(
        &with("[x12]", "[defaults]\ncurrency = \"Euro\"\n[x12]"),
        &expect![[r#"
            q.toml:6: `Euro` is no currency; write three capitals of ISO 4217: EUR
              at "\"Euro\"""#]],
    );
    mistake(
        &with("[x12]", "[defaults]\nutc_offset = \"+1\"\n[x12]"),
        &expect![[r#"
            q.toml:6: `+1` is no offset from UTC; write hours and minutes: +01:00, or Z
              at "\"+1\"""#]],
    );
}

#[test]
fn some_rules_are_not_to_be_agreed_upon() {
    for (rule, weight, why) in [
        ("segment_count", "warning", ""),
        ("sender_unknown", "warning", ""),
        ("element_code", "error", ""),
        ("line_duplicate", "error", ""),
        ("currency_missing", "ignore", ""),
        ("truncated", "error", ""),
        ("truncated", "warning", "stays an error: what"),
        ("file_header_refused", "warning", "stays an error: what"),
        ("file_header_missing", "warning", ""),
        ("file_count", "error", ""),
        ("empty", "ignore", "is about the file"),
        ("line_duplicate", "ignore", "stays an error: there"),
        ("currency_missing", "error", "stays a warning"),
        ("separator_in_data", "ignore", "is about writing"),
    ] {
        let text = with(
            "[x12]",
            &format!("[severity]\n{rule} = \"{weight}\"\n[x12]"),
        );
        let told =
            of(&[("q.toml", &text)]).map_or_else(|error| error.to_string(), |_| String::new());
        assert!(
            told.is_empty() == why.is_empty() && told.contains(why),
            "{rule} {weight}: {told}"
        );
    }
}

/// Sets of the interchange that are accepted when these weights are agreed, and the findings' severities.
fn read_with(severity: &str, file: &str) -> (u64, Vec<String>) {
    struct Kept(Vec<String>);
    impl canonical::decode::Sink for Kept {
        fn document(
            &mut self,
            _: canonical::document::Sealed,
        ) -> Result<(), canonical::decode::SinkError> {
            Ok(())
        }
        fn problem(&mut self, problem: canonical::problem::Problem) {
            self.0
                .push(format!("{:?} {}", problem.severity, problem.code));
        }
        fn boundary(&mut self) {}
        fn discard_to_boundary(&mut self) {}
    }
    let text = with("[x12]", &format!("[severity]\n{severity}\n[x12]"));
    let engine = crate::Engine {
        agreements: of(&[("q.toml", &text)]).unwrap(),
        ..crate::Engine::default()
    };
    let context = canonical::decode::Context {
        ingest_id: "01JDC4Z8Q2W3E4R5T6Y7H8J9K0",
        received_at: "2026-01-31T08:00:00Z",
        file_name: "q.edi",
        modified_at: None,
        feed: None,
    };
    let mut kept = Kept(Vec::new());
    let converted = engine.convert(&mut file.as_bytes(), &context, &mut kept);
    let documents = match converted {
        Ok(summary) => summary.documents,
        Err(canonical::decode::DecodeError::Refused(problem)) => {
            kept.0
                .push(format!("{:?} {}", problem.severity, problem.code));
            0
        }
        Err(error) => panic!("{error}"),
    };
    (documents, kept.0)
}

#[test]
fn agreed_severities_hold_for_envelopes_too() {
    let good = "ISA*00*          *00*          *ZZ*Q              *ZZ*ME             *260131*0800*U*00401*000000001*0*P*>~\
        GS*PO*Q*ME*20260131*0800*1*X*004010~ST*850*0001~BEG*00*SA*PO-7**20260131~CUR*BY*EUR~\
        PO1*1*10*EA*2.50**VN*BOLT-8~CTT*1~SE*6*0001~GE*1*1~IEA*1*000000001~";
    for (severity, from, to, documents, told) in [
        ("", "", "", 1, ""),
        ("", "SE*6", "SE*9", 0, "Error x12.segment_count"),
        (
            "segment_count = \"warning\"",
            "SE*6",
            "SE*9",
            1,
            "Warning x12.segment_count",
        ),
        ("segment_count = \"ignore\"", "SE*6", "SE*9", 1, ""),
        ("", "GE*1", "GE*2", 0, "Error x12.message_count"),
        (
            "message_count = \"warning\"",
            "GE*1",
            "GE*2",
            1,
            "Warning x12.message_count",
        ),
        (
            "",
            "*ZZ*ME",
            "*Z1*ME",
            0,
            "Warning x12.receiver_qualifier, Error x12.receiver_unknown",
        ),
        (
            "receiver_unknown = \"ignore\"",
            "*ZZ*ME",
            "*Z1*ME",
            1,
            "Warning x12.receiver_qualifier",
        ),
        ("usage = \"error\"", "*0*P*", "*0*X*", 0, "Error x12.usage"),
        (
            "currency_missing = \"ignore\"",
            "CUR*BY*EUR~",
            "N9*PO*1~",
            1,
            "",
        ),
        (
            "",
            "CUR*BY*EUR~",
            "N9*PO*1~",
            1,
            "Warning x12.currency_missing",
        ),
    ] {
        let (made, problems) = read_with(severity, &good.replacen(from, to, 1));
        let problems = problems.join(", ");
        assert_eq!(made, documents, "{severity} {to}: {problems}");
        assert!(
            problems.starts_with(told) && problems.is_empty() == told.is_empty(),
            "{severity} {to}: {problems}"
        );
    }
}

#[test]
fn mistakes_in_control_numbers() {
    for numbers in [
        "{ first = 0 }",
        "{ first = 9, last = 9 }",
        "{ last = 1000000000 }",
    ] {
        let text = with("[x12]", &format!("[x12]\ncontrol_numbers = {numbers}"));
        let error = of(&[("q.toml", &text)]).unwrap_err();
        assert_eq!(text.get(error.span()), Some(numbers), "{error}");
    }
    let text = with("[x12]", "[x12]\ncontrol_numbers = { first = 5000 }");
    let agreements = of(&[("q.toml", &text)]).unwrap();
    let ours = |syntax| {
        let found = agreements.find(&interchange(syntax, "ZZ:Q", "ZZ:ME"), None);
        found.terms().control_numbers.clone()
    };
    assert_eq!(ours(Syntax::X12), 5000..=999_999_999);
    assert_eq!(ours(Syntax::Edifact), 1..=99_999_999_999_999);
}

#[test]
fn mistakes_in_what_is_read() {
    mistake(
        &with("[x12]", "[x12]\nread.versions = [\"4010\"]"),
        &expect![[r#"
            q.toml:6: `4010` is no version of x12; write six digits, and perhaps a guide behind them: 004010 or 004010VICS
              at "\"4010\"""#]],
    );
    mistake(
        &with("[edifact]", "[edifact]\nread.versions = [\"D96A\"]"),
        &expect![[r#"
            q.toml:7: `D96A` is no version of edifact; write version, full stop and release, and perhaps a guide behind a colon: D.96A or D.96A:EAN008
              at "\"D96A\"""#]],
    );
    mistake(
        &with("[x12]", "[x12]\nread.sets = [\"ORDERS\"]"),
        &expect![[r#"
            q.toml:6: `ORDERS` is no message of x12; write three digits, as ST01 has them: 850
              at "\"ORDERS\"""#]],
    );
    mistake(
        &with("[x12]", "[x12]\nread.charset = \"latin\""),
        &expect![[r#"
            q.toml:6: no encoding is called `latin`; known are us-ascii, utf-8, iso-8859-1 to -9 and -15, windows-1250 to -1254
              at "\"latin\"""#]],
    );
    mistake(
        &with("[x12]", "[x12]\nguides = [\"gone.dict\"]"),
        &expect![[r#"
            q.toml:6: the guide gone.dict could not be read: entity not found
              at "\"gone.dict\"""#]],
    );
    mistake(
        &with("[x12]", "[x12]\n[x12.map.850.\"N1[01\"]\n02 = \"x\""),
        &expect![[r#"
            q.toml:6: x12.map.850: [N1[01]: a bracket is not closed
              at "850""#]],
    );
    mistake(
        &with("[x12]", "[x12]\n[x12.map.850.BEG]\n03 = \"order_no\""),
        &expect![[r#"
            q.toml:6: x12.map.850: [BEG] 03: sales_order has no "order_no", only schema_version, provenance, ext, unmapped, order_id, order_number, po_number, revision, type, purpose, placed_at, currency, parties, approval, payment_terms, payment, shipping, dates, lines, charges, taxes, totals, references, notes, quote, contract
              at "850""#]],
    );
    mistake(
        &with("[x12]", "[x12]\n[x12.map.999.BEG]\n03 = \"order_id\""),
        &expect![[r#"
            q.toml:6: the dictionary of version 004010 has no 999; load a guide that has it
              at "999""#]],
    );
}

#[test]
fn mistakes_in_what_is_written() {
    mistake(
        &with("[x12]", "[x12.write]\nversion = \"004010\"\nto = \"ZZ:R\""),
        &expect![[r#"
            q.toml:7: ZZ:R is not listed; add it to `ids`, so that answers are recognised
              at "\"ZZ:R\"""#]],
    );
    mistake(
        &with(
            "[x12]",
            "[x12.write]\nversion = \"004010\"\nseparators = { element = \"A\" }",
        ),
        &expect![[r#"
            q.toml:7: a service character of the partner's settings cannot be one; a sign of ASCII that no other service character is
              at "{ element = \"A\" }""#]],
    );
    mistake(
        &with(
            "[x12]",
            "[x12.write]\nversion = \"004010\"\nseparators = { release = \"?\" }",
        ),
        &expect![[r#"
            q.toml:7: X12 has neither a release character nor a decimal mark to choose
              at "{ release = \"?\" }""#]],
    );
    mistake(
        &with(
            "[x12]",
            "[x12.write]\nversion = \"004010\"\nseparators = { element = \"§\" }",
        ),
        &expect![[r#"
            q.toml:7: a service character of the partner's settings cannot be one; a sign of ASCII that no other service character is
              at "{ element = \"§\" }""#]],
    );
    mistake(
        &with(
            "[edifact]",
            "[edifact.write]\nversion = \"D.96A\"\nlevel = \"UNOX\"",
        ),
        &expect![[r#"
            q.toml:8: the character set is none that is read
              at "\"UNOX\"""#]],
    );
    mistake(
        &with(
            "[edifact]",
            "[edifact.write]\nversion = \"D.96A\"\nsyntax_version = 5",
        ),
        &expect![[r#"
            q.toml:8: syntax versions are 1 to 4
              at "5""#]],
    );
    mistake(
        &with(
            "[\"ZZ:Q\"]\nour_ids = [\"ZZ:ME\"]\n[x12]",
            "[\"ZZ:Q\"]\nour_ids = [\"*\"]\n[x12.write]\nversion = \"004010\"",
        ),
        &expect![[r#"
            q.toml:1: nothing can be written where `our_ids` names nobody
              at "\"q\"""#]],
    );
}
