//! What becomes of each segment of an order: one row a segment, and where its content is then.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a test may panic, a table is long"
)]

mod sets;
mod stage;

use serde_json::Value;
use sets::{converted, file, json, show};

/// An order with more segments in its header and in its line.
fn order(header: &[&str], line: &[&str]) -> (Vec<Value>, String) {
    let mut body = vec!["BEG*00*SA*PO-1**20260131", "CUR*BY*EUR"];
    body.extend(header);
    body.push("PO1*1*5*EA*2**VN*V-1");
    body.extend(line);
    body.push("CTT*1");
    converted(&file("PO", "850", "004010", &body))
}

#[test]
fn header_segments() {
    for (segments, pointer, want) in [
        (vec!["REF*CT*C-9"], "/contract", r#""C-9""#),
        (
            vec!["REF*CT*C-9"],
            "/references/0",
            r#"{"type":"contract","value":"C-9"}"#,
        ),
        (vec!["REF*Q1*Q-9"], "/quote", r#""Q-9""#),
        (
            vec!["REF*2I*T-9*TEXT"],
            "/references/0",
            r#"{"type":"x12:2i","value":"T-9"}"#,
        ),
        (
            vec!["REF*2I*T-9*TEXT"],
            "/unmapped/0",
            r#"{"path":"x12:REF[1]/03","value":"TEXT","reason":"no_mapping"}"#,
        ),
        (
            vec!["DTM*064*20260301"],
            "/dates/0",
            r#"{"type":"do_not_deliver_before","code":"064","value":"2026-03-01"}"#,
        ),
        (
            vec!["DTM*037*20260301"],
            "/dates/0",
            r#"{"type":"other","code":"037","value":"2026-03-01"}"#,
        ),
        (
            vec!["DTM*002*20260301*1530*UT"],
            "/dates/0/value",
            r#""2026-03-01T15:30:00Z""#,
        ),
        (
            vec!["DTM*002*20260301*1530*ES"],
            "/dates/0/value",
            r#""2026-03-01T15:30:00-05:00""#,
        ),
        (
            vec!["DTM*002*20260301*1530*LT"],
            "/dates/0/value",
            r#""2026-03-01""#,
        ),
        (
            vec!["DTM*002*20260301*1530"],
            "/unmapped/0/value",
            r#""1530""#,
        ),
        (vec!["SAC*C*D240***-500"], "/charges", "-"),
        (
            vec!["SAC*C*D240****3*5"],
            "/unmapped/0/path",
            r#""x12:SAC[1]/01""#,
        ),
        (
            vec!["TXI*ST*1.25*5"],
            "/taxes/0",
            r#"{"code":"ST","rate_percent":"5","amount":{"amount":"1.25","currency":"EUR"}}"#,
        ),
        (
            vec!["ITD*01*3*2**10**30"],
            "/payment_terms",
            r#"{"code":"01","net_days":30,"discount_percent":"2","discount_days":10}"#,
        ),
        (vec!["FOB*PP*OR*X*01*DDP"], "/shipping/incoterm", r#""DDP""#),
        (vec!["TD5*O*2*ABFS"], "/shipping/carrier", r#""ABFS""#),
        (
            vec!["TD5*****BEST WAY"],
            "/shipping/carrier",
            r#""BEST WAY""#,
        ),
        (
            vec!["N9*ZZ*R-1", "MSG*ONE", "MSG*TWO"],
            "/notes/0",
            r#"{"type":"ZZ","text":"ONE\nTWO"}"#,
        ),
        (
            vec!["N1*BY*B*UL*4012345000009"],
            "/parties/0/identifiers/0",
            r#"{"scheme":"gln","value":"4012345000009"}"#,
        ),
        (
            vec!["N1*BY*B*1*123456789"],
            "/parties/0/identifiers/0/scheme",
            r#""duns""#,
        ),
        (
            vec!["N1*BY*B*92*77"],
            "/parties/0/identifiers/0/scheme",
            r#""x12:92""#,
        ),
        (
            vec!["N1*Z7*B"],
            "/parties/0",
            r#"{"role":"other","role_code":"Z7","name":"B"}"#,
        ),
        (
            vec!["N1*ST*B", "N3*A*B", "N3*C"],
            "/parties/0/address/lines",
            r#"["A","B","C"]"#,
        ),
        (
            vec!["N1*ST*B", "REF*VX*V-1"],
            "/parties/0/identifiers/0",
            r#"{"scheme":"x12:vx","value":"V-1"}"#,
        ),
        (
            vec!["PER*BD*ANN*TE*1"],
            "/parties/0",
            r#"{"role":"buyer","contact":{"name":"ANN","phone":"1"}}"#,
        ),
        (
            vec!["PER*BD*ANN", "N1*BY*B", "PER*OC*BOB"],
            "/unmapped/0",
            r#"{"path":"x12:PER[1]","value":"ANN","reason":"repeated_beyond_limit"}"#,
        ),
        (
            vec![],
            "/parties/0",
            r#"{"role":"buyer","identifiers":[{"scheme":"x12:i05.zz","value":"SENDER"}]}"#,
        ),
        (
            vec!["ZZZ**A*>B"],
            "/unmapped/1",
            r#"{"path":"x12:ZZZ[1]/03","value":">B","reason":"no_mapping"}"#,
        ),
    ] {
        let (documents, codes) = order(&segments, &[]);
        assert_eq!(
            show(documents.first().and_then(|order| order.pointer(pointer))),
            json(want),
            "{segments:?} {codes}"
        );
    }
}

#[test]
fn line_segments() {
    for (segments, pointer, want) in [
        (vec!["PID*F****TEXT"], "/description", r#""TEXT""#),
        (
            vec!["PID*F****TEXT", "PID*F****MORE"],
            "/unmapped/1/value",
            r#""MORE""#,
        ),
        (
            vec!["SDQ*EA*92*0421*2*0433*3"],
            "/schedule/1/ship_to/identifiers/0/value",
            r#""0433""#,
        ),
        (
            vec!["SCH*5*EA***002*20260301"],
            "/schedule/0/date",
            r#""2026-03-01""#,
        ),
        (
            vec!["SCH*5*EA***010*20260301"],
            "/unmapped/0",
            r#"{"path":"x12:PO1[1]/SCH[1]/05","value":"010","reason":"no_mapping"}"#,
        ),
        (vec!["AMT*1*10"], "/net_amount/amount", r#""10""#),
        (vec!["MSG*CARE"], "/notes/0", r#"{"text":"CARE"}"#),
        (
            vec!["N1*ST*B", "N4*ROME**00100*IT"],
            "/ship_to/address/country",
            r#""IT""#,
        ),
        (
            vec!["N1*SU*B", "N4*ROME"],
            "/unmapped/2",
            r#"{"path":"x12:PO1[1]/N1[1]/N4[1]/01","value":"ROME","reason":"no_mapping"}"#,
        ),
        (vec!["SLN*1**A*5*EA", "PID*F****PART"], "/description", "-"),
        (
            vec!["SLN*1**A*5*EA", "PID*F****PART"],
            "/unmapped/5/path",
            r#""x12:PO1[1]/SLN[1]/PID[1]/05""#,
        ),
        (vec!["REF*2I*T-9"], "/references/0/type", r#""x12:2i""#),
        (vec!["TXI*ST*1"], "/taxes/0/code", r#""ST""#),
    ] {
        let (documents, codes) = order(&[], &segments);
        let pointer = format!("/lines/0{pointer}");
        assert_eq!(
            show(documents.first().and_then(|order| order.pointer(&pointer))),
            json(want),
            "{segments:?} {codes}"
        );
    }
}

#[test]
fn lines() {
    for (line, pointer, want) in [
        ("PO1**5*EA", "/line", r#""1""#),
        ("PO1*7*5*EA", "/line", r#""7""#),
        (
            "PO1*1*5*EA*2*HP",
            "/unit_price/per",
            r#"{"value":"100","unit":"C62","source_unit":"EA"}"#,
        ),
        (
            "PO1*1*5*CA*2*PE",
            "/unit_price/per",
            r#"{"value":"1","unit":"C62"}"#,
        ),
        (
            "PO1*1*5*CA*2*CT",
            "/unit_price/per",
            r#"{"value":"1","unit":"XCS","source_unit":"CA"}"#,
        ),
        ("PO1*1*5*CA*2*CT", "/unmapped/0/path", r#""x12:PO1[1]/05""#),
        (
            "PO1*1*5*Q9",
            "/quantity",
            r#"{"value":"5","unit":"ZZ","source_unit":"Q9"}"#,
        ),
        ("PO1*1*5*EA***BP*A*VN*B*SK*C", "/sku", r#""C""#),
        ("PO1*1*5*EA***BP*A*VN*B", "/sku", r#""B""#),
        ("PO1*1*5*EA***BP*A", "/sku", "-"),
        ("PO1*1*5*EA***BP*A*VN", "/unmapped/0/value", r#""VN""#),
    ] {
        let body = ["BEG*00*SA*PO-1**20260131", "CUR*BY*EUR", line, "CTT*1"];
        let (documents, codes) = converted(&file("PO", "850", "004010", &body));
        let pointer = format!("/lines/0{pointer}");
        assert_eq!(
            show(documents.first().and_then(|order| order.pointer(&pointer))),
            json(want),
            "{line} {codes}"
        );
    }
}

#[test]
fn what_is_said_of_orders() {
    let beg = "BEG*00*SA*PO-1**20260131";
    for (body, want, orders) in [
        (vec![beg, "CUR*BY*EUR", "PO1*1*5*EA"], "", 1),
        (vec![beg, "PO1*1*5*EA"], "currency_missing", 1),
        (
            vec![beg, "CUR*BY*QQQ", "PO1*1*5*EA"],
            "currency_missing element_code",
            0,
        ),
        (vec!["CUR*BY*EUR", "PO1*1*5*EA"], "segment_missing", 0),
        (vec![beg, "CUR*BY*EUR"], "segment_missing", 0),
        (
            vec![beg, "CUR*BY*EUR", "PO1*1*5*EA", "PO1*1*6*EA"],
            "line_duplicate",
            0,
        ),
        (vec![beg, "CUR*BY*EUR", "PO1*1*0*EA"], "quantity_range", 1),
        (vec![beg, "CUR*BY*EUR", "PO1*1*5"], "unit_missing", 1),
        (
            vec![beg, "CUR*BY*EUR", "PO1*1*5*EA", "CTT*2"],
            "line_count",
            1,
        ),
        (vec![beg, "CUR*BY*EUR", "PO1*1*5*EA", "CTT*1*5"], "", 1),
        (
            vec![beg, "CUR*BY*EUR", "PO1*1*5*EA", "CTT*1*6"],
            "hash_total",
            1,
        ),
        (
            vec![beg, "CUR*BY*EUR", "PO1*1*5*EA***UP*123456789013"],
            "identifier_invalid",
            1,
        ),
        (
            vec![beg, "CUR*BY*EUR", "N1*BY*B*UL*4012345000008", "PO1*1*5*EA"],
            "identifier_invalid",
            1,
        ),
        (
            vec!["BEG*07*SA*PO-1**20260131", "CUR*BY*EUR", "PO1*1*5*EA"],
            "purpose_unusual",
            1,
        ),
    ] {
        let (documents, codes) = converted(&file("PO", "850", "004010", &body));
        assert_eq!(
            (codes.as_str(), documents.len()),
            (want, orders),
            "{body:?}"
        );
    }
}

#[test]
fn purposes_and_types() {
    for (codes, purpose, kind) in [
        ("00*SA", r#""original""#, r#""standard""#),
        ("01*NE", r#""cancel""#, r#""standard""#),
        ("04*BK", r#""change""#, r#""blanket""#),
        ("05*RL", r#""replace""#, r#""release""#),
        ("06*DS", r#""confirmation""#, r#""dropship""#),
        ("07*RO", "-", r#""rush""#),
        ("00*KN", r#""original""#, "-"),
    ] {
        let beg = format!("BEG*{codes}*PO-1*R-5*20260131");
        let (documents, _) = converted(&file(
            "PO",
            "850",
            "004010",
            &[&beg, "CUR*BY*EUR", "PO1*1*5*EA"],
        ));
        let order = documents.first().unwrap();
        assert_eq!(
            (show(order.get("purpose")), show(order.get("type"))),
            (purpose.to_owned(), kind.to_owned()),
            "{codes}"
        );
        assert_eq!(
            show(order.pointer("/references/0")),
            r#"{"type":"release","value":"R-5"}"#
        );
    }
}

/// Nothing is lost: whatever says more than a code of the sample's segments is in the document that they became.
#[test]
fn every_value_is_in_the_document() {
    let file = include_str!("../../../config/examples/orders.edi");
    let (documents, _) = converted(file);
    let mut checked = 0;
    for (set, document) in file.split("ST*850*").skip(1).zip(documents) {
        let json = document.to_string();
        let set = set.split("SE*").next().unwrap();
        for element in set
            .split(['~', '*', '\n'])
            .filter(|element| element.len() > 3)
        {
            let date = element.len() == 8 && element.starts_with("2026");
            let cents = ["1850", "0001", "0002", "0003"].contains(&element);
            checked += 1;
            assert!(date || cents || json.contains(element), "{element} is lost");
        }
    }
    assert!(checked > 80, "{checked}");
}
