//! A live choreography with somebody else's trading partner, mock-edi 0.9.0, over folders: orders in both directions, what
//! follows from them, and its failures on demand. Both sides read, judge and answer each other's files.
//! Where it is not installed the tests say so and pass; `tests/run` installs it.
//!
//! What it does otherwise than the standards, so that our answers differ from what it hopes for:
//! - 855: `PID` and `REF` of a line come behind its `ACK`. 004010 has them before the ACK loop.
//! - INVOIC: `CNT` comes behind the `MOA` of the summary. D.96A has it before them.
//! - ORDRSP: `FTX` of a line comes behind `PRI`. D.96A has it before.
//! - Its code lists are parts of the standards': it takes `VN` in PO106, `ST` in NAD and `C62` in QTY for errors, which
//!   partners do as well: the agreement says what to write instead.
//!
//! By the letter these are out of sequence and reject the message; an agreement that says so delivers them with a warning.

mod mock;
mod story;
mod us;

use engine::Syntax;
use expect_test::expect_file;
use serde_json::{Value, json};
use story::Story;

const ACME: &str = r#"
id = "mock"
name = "Mock EDI Supply Co"
ids = ["ZZ:MOCKEDI"]
our_ids = ["ZZ:ACME"]
usage = "test"
[x12.write]
version = "004010"
[x12.map.850.codes]
product = "VP=seller_part"
"#;

/// mock-edi wants the quantity of an 855 in PO1, where the standard lets it be left out; what is written there is not written
/// again in ACK, which it then takes for a zero.
const NORTHWIND: &str = r#"
id = "mock"
name = "Mock EDI Supply Co"
ids = ["ZZ:MOCKEDI"]
our_ids = ["ZZ:NORTHWIND"]
usage = "test"
[x12.write]
version = "004010"
[x12.map.855.codes]
article = "VP=sku"
[x12.map.855.PO1]
02 = "quantity.value"
03 = ["quantity.unit | unit unit", "quantity.source_unit"]
[x12.map.855."PO1/ACK[01=IA|IC|IP|DR|AC|AR|IE|SP 02!=]"]
[x12.map.855."PO1/ACK"]
01 = ["status | codes line_status", "status_code"]
[x12.map.856.codes]
product = "VP=seller_part"
[x12.map.810.codes]
product = "VP=seller_part"
"#;

const EURODIS: &str = r#"
id = "mock"
name = "Mock EDI Supply Co"
ids = ["ZZ:MOCKEDI"]
our_ids = ["14:EURODIS"]
usage = "test"
[edifact.write]
version = "D.96A"
"#;

/// What is agreed with a partner who mixes up the order of segments.
const LENIENT: &str = "[severity]\nsegment_sequence = \"warning\"\n";

const X12: (Syntax, &str, &str) = (Syntax::X12, "PO", "850");
const EDIFACT: (Syntax, &str, &str) = (Syntax::Edifact, "", "ORDERS");

/// An order of two lines of mock-edi's catalogue.
fn order(buyer: &str, scheme: &str, (place, source, unit): (&str, &str, &str)) -> Value {
    let party = |role: &str, code: &str, id: &str| {
        json!({
            "role": role, "role_code": code, "name": "Harbor and Pine",
            "identifiers": [{ "scheme": scheme, "value": id }],
        })
    };
    let line = |number: &str, sku: &str, quantity: &str, price: &str| {
        json!({
            "line": number, "sku": sku, "identifiers": [{ "scheme": "seller_part", "value": sku }],
            "quantity": { "value": quantity, "unit": unit, "source_unit": source },
            "unit_price": { "amount": price, "currency": "USD", "per": { "value": "1", "unit": unit } },
        })
    };
    json!({
        "schema_version": "1.0", "order_id": "PO-100", "po_number": "PO-100", "purpose": "original", "type": "standard",
        "placed_at": "2026-11-02", "currency": "USD", "parties": [party("buyer", "BY", buyer), party("ship_to", place, "DC07")],
        "lines": [line("1", "WIDGET-001", "100", "12.50"), line("2", "PANEL-A4", "10", "89.00")],
    })
}

/// We buy, and it behaves as said.
fn bought(
    agreement: &str,
    lenient: bool,
    behaviour: &str,
    kind: (Syntax, &str, &str),
) -> Option<String> {
    let agreement = agreement.replace(
        "usage = \"test\"\n",
        &format!("usage = \"test\"\n{}", if lenient { LENIENT } else { "" }),
    );
    let mut story = Story::begin(&agreement)?;
    let (buyer, order) = match kind.0 {
        Syntax::X12 => ("ACME", order("ACME", "x12:92", ("ST", "EA", "C62"))),
        Syntax::Edifact | Syntax::Tradacoms => (
            "EURODIS",
            order("EURODIS", "edifact:92", ("DP", "PCE", "H87")),
        ),
    };
    story.mock.behave(buyer, behaviour);
    story.send(kind, &[order]);
    story.answer_everything();
    if matches!(behaviour, "late" | "no-ack" | "duplicate-invoice") {
        story.wait();
        story.answer_everything();
    }
    story.close(buyer);
    Some(story.text)
}

/// The story as it is told beside this file. `UPDATE_EXPECT=1` tells it anew.
fn check(name: &str, told: Option<String>) {
    if let Some(told) = told {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/mock_edi/stories");
        let file = format!("{folder}/{name}.txt");
        expect_file![file].assert_eq(&told);
    }
}

#[test]
fn by_the_letter() {
    check("x12-by-the-letter", bought(ACME, false, "reject-line", X12));
    check(
        "edifact-by-the-letter",
        bought(EURODIS, false, "reject-line", EDIFACT),
    );
}

#[test]
fn we_buy_from_a_good_partner_and_from_each_bad_one() {
    for behaviour in [
        "accept",
        "corrupt",
        "duplicate-invoice",
        "late",
        "no-ack",
        "no-invoice",
        "out-of-order",
        "over-ship",
        "reject-ack",
        "reject-all",
        "reject-line",
        "short-ship",
        "strict",
    ] {
        check(
            &format!("x12-{behaviour}"),
            bought(ACME, true, behaviour, X12),
        );
        check(
            &format!("edifact-{behaviour}"),
            bought(EURODIS, true, behaviour, EDIFACT),
        );
    }
}

/// What we send broken is refused, and the refusal is matched with what was sent.
#[test]
fn what_we_break_is_refused() {
    let Some(mut story) = Story::begin(ACME) else {
        return;
    };
    let order = order("ACME", "x12:92", ("ST", "EA", "C62"));
    for (what, from, to) in [
        ("a wrong count", "SE*", "SE*1"),
        ("another control number behind", "~IEA*1*0", "~IEA*1*1"),
        ("no quantity", "PO1*1*100*", "PO1*1**"),
        ("what nobody has heard of", "CTT*", "ZZZ*1~CTT*"),
        ("nothing wrong", "ISA", "ISA"),
    ] {
        let bytes = story.us.write("mock", X12, std::slice::from_ref(&order));
        let good = String::from_utf8(bytes).expect("it is ASCII");
        assert!(good.contains(from), "{from} in {good}");
        let broken = good.replacen(from, to, 1);
        story.lay(what, broken.as_bytes());
        story.answer_everything();
        if from == to {
            story.lay("the same again", broken.as_bytes());
            story.answer_everything();
        }
    }
    check("x12-broken", Some(story.text));
}

/// A document of ours that answers an order of its.
fn answers(order: &Value) -> [((Syntax, &'static str, &'static str), Value); 3] {
    let number = &order["po_number"];
    let line = &order["lines"][0];
    let reference = json!([{ "type": "purchase_order", "value": number, "date": "2026-11-02" }]);
    let acknowledged = json!({
        "schema_version": "1.0", "order_id": number, "po_number": number, "status": "accepted", "status_code": "AD",
        "acknowledged_at": "2026-11-02", "references": reference,
        "lines": [{
            "line": "1", "sku": "WIDGET-001", "status": "accepted", "status_code": "IA", "quantity": line["quantity"],
            "unit_price": line["unit_price"],
        }],
    });
    let party = |role: &str, code: &str, id: &str| {
        json!({
            "role": role, "role_code": code, "name": "Northwind Components",
            "identifiers": [{ "scheme": "x12:92", "value": id }],
        })
    };
    let article = json!([{ "scheme": "seller_part", "value": "WIDGET-001" }]);
    let shipped = json!({
        "schema_version": "1.0", "shipment_id": "SHP-1", "purpose": "original", "shipped_at": "2026-11-02",
        "parties": [party("ship_from", "SF", "NORTHWIND"), party("ship_to", "ST", "MOCKEDI")],
        "orders": [{ "order_id": number, "po_number": number }], "references": reference,
        "carrier": { "name": "United Parcel Service", "scac": "UPSN" },
        "items": [{
            "order_id": number, "line": "1", "sku": "WIDGET-001", "identifiers": article, "quantity": line["quantity"],
        }],
    });
    let billed = json!({
        "schema_version": "1.0", "invoice_number": "INV-1", "type": "invoice", "issued_on": "2026-11-02", "currency": "USD",
        "parties": [party("seller", "SE", "NORTHWIND"), party("buyer", "BY", "MOCKEDI")], "references": reference,
        "orders": [{ "order_id": number, "po_number": number }],
        "lines": [{
            "line": "1", "order_id": number, "sku": "WIDGET-001", "identifiers": article, "quantity": line["quantity"],
            "unit_price": line["unit_price"],
        }],
        "totals": { "grand_total": { "amount": "1250.00", "currency": "USD" }, "line_count": 1 },
    });
    [
        ((Syntax::X12, "PR", "855"), acknowledged),
        ((Syntax::X12, "SH", "856"), shipped),
        ((Syntax::X12, "IN", "810"), billed),
    ]
}

/// It buys from us: its order is read and answered, and what we send after it is accepted.
#[test]
fn we_sell_in_x12() {
    let Some(mut story) = Story::begin(NORTHWIND) else {
        return;
    };
    story.mock.call(
        "POST",
        "/_mock/purchase",
        &json!({
            "partner": "NORTHWIND", "po_number": "PO-100", "requested_on": "2026-11-16",
            "lines": [{ "sku": "WIDGET-001", "quantity": "100", "uom": "EA", "price": "12.50" }],
        }),
    );
    let mut taken = story.answer_everything();
    let (_, order) = taken.remove(0).documents.remove(0);
    for (kind, document) in answers(&order) {
        story.send(kind, &[document]);
        story.answer_everything();
    }
    story.close("NORTHWIND");
    check("x12-sold", Some(story.text));
}
