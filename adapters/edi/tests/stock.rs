//! What becomes of each segment of a stock report: one row a report, and where its content is then.

#![allow(
    clippy::unwrap_used,
    clippy::too_many_lines,
    reason = "a test may panic, a table is long"
)]

mod sets;
mod stage;

use edi::x12::Options;
use sets::{converted, file, json, show};

#[test]
fn stock() {
    let bia = "BIA*00*SI*S-1*20260131";
    for (body, pointer, want) in [
        (
            vec![bia, "N1*WH*W*92*W1", "LIN**VN*A", "QTY*33*5*EA"],
            "/location/code",
            r#""W1""#,
        ),
        (
            vec![bia, "N1*SU*S*92*S1", "N1*WH*W", "LIN**VN*A", "QTY*33*5*EA"],
            "/location/code",
            r#""W""#,
        ),
        (
            vec![bia, "LIN**VN*A", "QTY*33*5*EA"],
            "/location/code",
            r#""SENDER""#,
        ),
        (
            vec![bia, "LIN**VN*A", "QTY*33*5*EA", "N1*WH*W*92*W2"],
            "/location/code",
            r#""W2""#,
        ),
        (
            vec![bia, "LIN**VN*A", "QTY*33*5*EA"],
            "/snapshot_id",
            r#""S-1""#,
        ),
        (
            vec!["BIA*04*SI*S-1*20260131", "LIN**VN*A", "QTY*33*5*EA"],
            "/snapshot_id",
            "-",
        ),
        (
            vec![bia, "LIN**VN*A", "QTY*33*5*EA"],
            "/as_of",
            r#""2026-01-31""#,
        ),
        (
            vec![bia, "LIN**VN*A", "QTY*17*-5*EA"],
            "/quantities",
            r#"{"on_hand":{"value":"-5","unit":"C62","source_unit":"EA"}}"#,
        ),
        (
            vec![bia, "LIN**VN*A", "QTY*33*5", "UIT*CA"],
            "/quantities/available/unit",
            r#""XCS""#,
        ),
        (
            vec![bia, "LIN**VN*A", "QTY*33*5*EA", "QTY*29*7*EA"],
            "/unmapped/1/path",
            r#""x12:LIN[1]/QTY[2]/01""#,
        ),
        (
            vec![bia, "LIN**VN*A", "QTY*33*5*EA", "REF*LT*L1"],
            "/lot",
            r#""L1""#,
        ),
        (
            vec![bia, "LIN**VN*A", "QTY*33*5*EA", "SCH*9*EA***018*20260301"],
            "/next_receipt/quantity/value",
            r#""9""#,
        ),
        (
            vec![bia, "LIN**BP*B*UP*036000291452", "QTY*33*5*EA"],
            "/sku",
            r#""B""#,
        ),
        (
            vec![bia, "LIN**UP*036000291452", "QTY*33*5*EA"],
            "/sku",
            r#""00036000291452""#,
        ),
        (vec![bia, "LIN**PL*X", "QTY*33*5*EA"], "/sku", r#""X""#),
    ] {
        let (documents, codes) = converted(&file("IB", "846", "004010", &body));
        assert_eq!(
            show(documents.first().and_then(|stock| stock.pointer(pointer))),
            json(want),
            "{body:?} {codes}"
        );
    }
}

#[test]
fn what_is_said_of_stock_reports() {
    let (bia, wh) = ("BIA*00*SI*S-1*20260131", "N1*WH*W");
    for (body, want, items) in [
        (
            vec![
                bia,
                wh,
                "LIN**VN*A",
                "QTY*33*5*EA",
                "LIN**VN*B",
                "QTY*33*5*EA",
            ],
            "",
            2,
        ),
        (
            vec![
                bia,
                wh,
                "LIN**VN*A",
                "QTY*29*5*EA",
                "LIN**VN*B",
                "QTY*33*5*EA",
            ],
            "quantity_missing",
            1,
        ),
        (
            vec![bia, wh, "LIN**VN*A", "QTY*33*5*EA", "QTY*33*6*EA"],
            "quantity_repeated",
            1,
        ),
        (vec![bia, "LIN**VN*A", "QTY*33*5*EA"], "location_missing", 1),
        (vec![wh, "LIN**VN*A", "QTY*33*5*EA"], "segment_missing", 0),
        (vec![bia, wh], "segment_missing", 0),
        (
            vec![
                bia,
                wh,
                "LIN**VN*A",
                "QTY*33*5*EA",
                "LIN**VN",
                "QTY*33*5*EA",
            ],
            "element_missing element_pair",
            0,
        ),
        (
            vec!["BIA*03*SI*S-1*20260131", wh, "LIN**VN*A", "QTY*33*5*EA"],
            "element_code",
            0,
        ),
        (
            vec![bia, wh, "LIN**VN*A", "QTY*33*5x*EA"],
            "element_characters quantity_missing",
            0,
        ),
    ] {
        let (documents, codes) = converted(&file("IB", "846", "004010", &body));
        assert_eq!((codes.as_str(), documents.len()), (want, items), "{body:?}");
    }
}

#[test]
fn one_subject_twice_in_a_set_is_two_occurrences() {
    let body = [
        "BIA*00*SI*S-1*20260131",
        "N1*WH*W",
        "LIN**VN*A",
        "QTY*33*5*EA",
        "LIN**VN*A",
        "QTY*33*6*EA",
        "LIN**VN*B",
        "QTY*33*6*EA",
    ];
    let (stage, _) = stage::convert(
        Options::default(),
        "f",
        file("IB", "846", "004010", &body).as_bytes(),
    );
    let occurrences: Vec<_> = stage
        .documents
        .iter()
        .map(|document| document.occurrence.as_deref().unwrap())
        .collect();
    let first = "x12/ZZ:SENDER/ZZ:RECEIVER/000000007/1/0001";
    assert_eq!(
        occurrences,
        [first.to_owned(), format!("{first}#2"), first.to_owned()]
    );
}
