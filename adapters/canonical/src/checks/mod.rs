//! What the types cannot see: lists, check digits, sums, unique numbers, trees. Canonical model, §4.4.
//! Never changes a document and never stops at the first finding.
//! Invariant: at most `MAX_ISSUES` findings of a document; each path is a JSON pointer into its JSON.
//!
//! An error means the document contradicts itself or lacks its key; a warning, that a person should look:
//! trading partners do send unlisted units, invented GTINs and rounded totals, and orders must flow.

mod packages;
mod rules;
mod sums;
mod walk;

use std::fmt;

use crate::ack_report::{Issue, IssueSeverity};
use crate::entity::Entity;
use crate::verbatim::Verbatim;

/// Findings kept of one document.
pub(crate) const MAX_ISSUES: usize = 100;

pub(crate) fn check(entity: &Entity) -> Vec<Issue> {
    let mut findings = Findings::default();
    walk::walk(entity, &mut findings);
    rules::check(entity, &mut findings);
    findings.issues
}

/// Collects issues up to the limit.
#[derive(Default)]
pub(crate) struct Findings {
    issues: Vec<Issue>,
}

impl Findings {
    fn error(&mut self, code: &str, at: &Place<'_>, message: impl Into<String>) {
        self.add(IssueSeverity::Error, code, at, message.into(), None);
    }

    /// A warning about a value that is quoted.
    fn doubt(&mut self, code: &str, at: &Place<'_>, value: &str, message: impl Into<String>) {
        self.add(
            IssueSeverity::Warning,
            code,
            at,
            message.into(),
            Some(Verbatim::text(value)),
        );
    }

    fn add(
        &mut self,
        severity: IssueSeverity,
        code: &str,
        at: &Place<'_>,
        message: String,
        value: Option<Verbatim>,
    ) {
        if self.issues.len() < MAX_ISSUES {
            let path = at.to_string();
            let path = (!path.is_empty()).then_some(path);
            self.issues.push(Issue {
                path,
                value,
                ..Issue::new(code, severity, message)
            });
        }
    }
}

/// A place in a document, linked on the stack: it costs nothing until something is wrong there.
#[derive(Clone, Copy)]
pub(crate) enum Place<'a> {
    Root,
    Member(&'a Place<'a>, &'static str),
    Item(&'a Place<'a>, usize),
}

impl<'a> Place<'a> {
    fn member(&'a self, name: &'static str) -> Place<'a> {
        Place::Member(self, name)
    }

    fn item(&'a self, index: usize) -> Place<'a> {
        Place::Item(self, index)
    }
}

/// A JSON pointer (RFC 6901); names of members hold nothing to escape.
impl fmt::Display for Place<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Member(parent, name) => write!(f, "{parent}/{name}"),
            Self::Item(parent, index) => write!(f, "{parent}/{index}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::MAX_ISSUES;
    use crate::entity::{Entity, EntityKind};
    use expect_test::{Expect, expect};

    /// One line per issue: severity, code, path, message, value.
    fn check(kind: EntityKind, json: &str, want: &Expect) {
        let entity = Entity::from_json(kind, json.as_bytes()).expect("the document has the form");
        let tree: serde_json::Value = serde_json::from_slice(&entity.to_json()).unwrap();
        let lines: Vec<String> = entity
            .check()
            .into_iter()
            .map(|issue| {
                let path = issue.path.unwrap_or_default();
                assert!(
                    tree.pointer(&path).is_some(),
                    "{path} points into the document"
                );
                let value = issue
                    .value
                    .map(|value| format!(" ({})", value.to_json()))
                    .unwrap_or_default();
                format!(
                    "{} {} {path}: {}{value}",
                    issue.severity, issue.code, issue.message
                )
            })
            .collect();
        want.assert_eq(&lines.join("\n"));
    }

    const PARTY: &str =
        r#"{"role":"buyer","identifiers":[{"scheme":"gln","value":"4012345000009"}]}"#;

    fn order(lines: &str, rest: &str) -> String {
        format!(
            r#"{{"schema_version":"1.0","order_id":"O1","currency":"EUR","parties":[{PARTY}],"lines":[{lines}]{rest}}}"#
        )
    }

    fn line(number: u32, quantity: &str, price: &str, per: &str, net: &str) -> String {
        format!(
            r#"{{"line":"{number}","quantity":{{"value":"{quantity}","unit":"C62"}},
            "unit_price":{{"amount":"{price}","currency":"EUR","per":{{"value":"{per}","unit":"C62"}}}},
            "net_amount":{{"amount":"{net}","currency":"EUR"}}}}"#
        )
    }

    #[test]
    fn a_good_order_has_no_issue() {
        let lines = [
            line(1, "120", "8.50", "100", "10.20"),
            line(2, "3", "0.333", "1", "1.00"),
        ]
        .join(",");
        let totals = r#","totals":{"lines":{"amount":"11.22","currency":"EUR"},"grand_total":{"amount":"13.35","currency":"EUR"},"line_count":2}"#;
        check(EntityKind::SalesOrder, &order(&lines, totals), &expect![""]);
    }

    #[test]
    fn lists_and_check_digits() {
        let lines = r#"{"line":"1","identifiers":[{"scheme":"gtin","value":"04006381333932"},{"scheme":"gtin","value":"123"},{"scheme":"erp:x","value":"?"}],
            "quantity":{"value":"1","unit":"ZZZ"},"ship_to":{"role":"ship_to","identifiers":[{"scheme":"gln","value":"4012345000008"}]},
            "schedule":[{"quantity":{"value":"1","unit":"CT"}}],"ext":{"plain":1}}"#;
        check(
            EntityKind::SalesOrder,
            &order(lines, ""),
            &expect![[r#"
            warning identifier.check_digit /lines/0/identifiers/0/value: GTIN "04006381333932" has the wrong check digit, 1 would be right: a digit was mistyped or cut off ("04006381333932")
            warning identifier.form /lines/0/identifiers/1/value: expected a GTIN of 8, 12, 13 or 14 digits, found "123" ("123")
            warning unit.unlisted /lines/0/quantity/unit: the unit is not in UN/ECE Recommendation 20 nor X and a package code of Recommendation 21 ("ZZZ")
            warning identifier.check_digit /lines/0/ship_to/identifiers/0/value: GLN "4012345000008" has the wrong check digit, 9 would be right: a digit was mistyped or cut off ("4012345000008")
            warning unit.unlisted /lines/0/schedule/0/quantity/unit: the unit is not in UN/ECE Recommendation 20 nor X and a package code of Recommendation 21 ("CT")
            error ext.key /lines/0/ext: the key has no namespace: write a dotted name such as erp.colour, or a prefix such as csv: ("plain")"#]],
        );
    }

    #[test]
    fn sums() {
        let lines = [
            line(1, "2", "5.00", "1", "10.02"),
            line(1, "1", "5.00", "0", "5.00"),
            line(3, "1", "5.00", "1", "5.01"),
        ]
        .join(",");
        let totals = r#","totals":{"lines":{"amount":"20.07","currency":"EUR"},"grand_total":{"amount":"1.00","currency":"USD"},"line_count":4}"#;
        check(
            EntityKind::SalesOrder,
            &order(&lines, totals),
            &expect![[r#"
            error price.per /lines/1/unit_price/per/value: a price is for a quantity above zero
            error line.duplicate /lines/1/line: line number "1" is used twice
            warning line.net_amount /lines/0/net_amount: 2 times 5.00 per 1 is not 10.02 ("10.02")
            error money.currency_mixed /totals/grand_total/currency: the document is in EUR
            error totals.line_count /totals/line_count: the totals count 4 lines, the document has 3: lines may be missing
            warning totals.sum /totals/lines: the lines add up to 20.03, the total says 20.07 ("20.07")"#]],
        );
        let plain = r#","totals":{"grand_total":{"amount":"10.03","currency":"EUR"}}"#;
        check(
            EntityKind::SalesOrder,
            &order(&line(1, "2", "5.00", "1", "10.00"), plain),
            &expect![[
                r#"warning totals.sum /totals/grand_total: the lines add up to 10.00, the total says 10.03 ("10.03")"#
            ]],
        );
        let reduced = r#"{"line":"1","quantity":{"value":"2","unit":"C62"},
            "unit_price":{"amount":"5.00","currency":"EUR","per":{"value":"1","unit":"C62"}},"net_amount":{"amount":"9.00","currency":"EUR"},
            "charges":[{"kind":"allowance","amount":{"amount":"1.00","currency":"EUR"}}]}"#;
        check(EntityKind::SalesOrder, &order(reduced, ""), &expect![""]);
        let yen = r#"{"line":"1","quantity":{"value":"3","unit":"C62"},
            "unit_price":{"amount":"33.4","currency":"JPY","per":{"value":"1","unit":"C62"}},"net_amount":{"amount":"101","currency":"JPY"}}"#;
        check(
            EntityKind::SalesOrder,
            &order(yen, "").replace("\"EUR\"", "\"JPY\""),
            &expect![""],
        );
    }

    #[test]
    fn packages_form_a_tree() {
        let shipment = |packages: &str| {
            format!(
                r#"{{"schema_version":"1.0","shipment_id":"S1","orders":[{{"order_id":"O1"}}],"tracking":[{{"number":"T","package":"x"}}],
            "packages":[{packages}],"items":[{{"order_id":"O1","line":"1","quantity":{{"value":"1","unit":"C62"}},"package":"y"}}]}}"#
            )
        };
        let packages = r#"{"id":"a","parent":"b"},{"id":"b","parent":"c"},{"id":"c","parent":"a","sscc":"340123450000000018"},{"id":"d","parent":"d"},{"id":"e","parent":"gone"},{"id":"f"},{"id":"f","parent":"f"}"#;
        check(
            EntityKind::Shipment,
            &shipment(packages),
            &expect![[r#"
            warning identifier.check_digit /packages/2/sscc: SSCC "340123450000000018" has the wrong check digit, 7 would be right: a digit was mistyped or cut off ("340123450000000018")
            error package.duplicate /packages/6/id: package id "f" is used twice
            error package.unknown /packages/4/parent: there is no package with id "gone"
            error package.cycle /packages/0/parent: the package stands inside itself: parents must form a tree
            error package.cycle /packages/3/parent: the package stands inside itself: parents must form a tree
            error package.cycle /packages/6/parent: the package stands inside itself: parents must form a tree
            error package.unknown /items/0/package: there is no package with id "y"
            error package.unknown /tracking/0/package: there is no package with id "x""#]],
        );
        let good = r#"{"id":"x"},{"id":"y","parent":"x"},{"id":"z","parent":"x"}"#;
        check(EntityKind::Shipment, &shipment(good), &expect![""]);
    }

    #[test]
    fn validity_tiers_and_missing_parts() {
        let quantity = |value: &str| format!(r#"{{"value":"{value}","unit":"C62"}}"#);
        let price = |currency: &str| {
            format!(
                r#"{{"amount":"1","currency":"{currency}","per":{}}}"#,
                quantity("1")
            )
        };
        check(
            EntityKind::Price,
            &format!(
                r#"{{"schema_version":"1.0","price_list":"","sku":"A","valid_from":"2026-02-01","valid_to":"2026-01-31T23:00:00Z",
            "tiers":[{{"min_quantity":{},"max_quantity":{},"unit_price":{}}},{{"min_quantity":{},"unit_price":{}}}]}}"#,
                quantity("10"),
                quantity("9"),
                price("EUR"),
                quantity("20"),
                price("USD")
            ),
            &expect![[r#"
                error field.empty /price_list: price_list must not be empty
                error validity.reversed /valid_to: valid_to 2026-01-31T23:00:00Z is before valid_from 2026-02-01
                error price.tier /tiers/0/max_quantity: max_quantity 9 is below min_quantity 10
                error money.currency_mixed /tiers/1/unit_price/currency: all tiers of a price have one currency"#]],
        );
        check(
            EntityKind::InventoryLevel,
            r#"{"schema_version":"1.0","sku":"A","location":{"code":""},"as_of":"2026-01-01","mode":"absolute","quantities":{}}"#,
            &expect![[r#"
                error field.empty /location/code: code must not be empty
                error field.empty /quantities: quantities must have at least one entry"#]],
        );
        check(
            EntityKind::SalesOrder,
            r#"{"schema_version":"1.0","order_id":"O","currency":"EUR","parties":[],"lines":[]}"#,
            &expect![[r#"
                error field.empty /parties: parties must have at least one entry
                error field.empty /lines: lines must have at least one entry"#]],
        );
        check(
            EntityKind::Product,
            r#"{"schema_version":"1.0","sku":"A","identifiers":[],"titles":[],"status":"active","base_unit":"C62","valid_from":"2026-01-02","valid_to":"2026-01-01",
            "conversions":[{"unit":"XBX","base_per_unit":"0","gtin":"00000000000001"}]}"#,
            &expect![[r#"
                warning identifier.check_digit /conversions/0/gtin: GTIN "00000000000001" has the wrong check digit, 0 would be right: a digit was mistyped or cut off ("00000000000001")
                error unit.conversion /conversions/0/base_per_unit: a pack holds more than zero base units
                error field.empty /identifiers: identifiers must have at least one entry
                error field.empty /titles: titles must have at least one entry
                error validity.reversed /valid_to: valid_to 2026-01-01 is before valid_from 2026-01-02"#]],
        );
        check(
            EntityKind::AckReport,
            r#"{"schema_version":"1.0","kind":"transport","status":"accepted","concerns":{}}"#,
            &expect![
                "error field.empty /concerns: a report must say what it is on: an event, a claim or control numbers"
            ],
        );
        check(
            EntityKind::Payment,
            r#"{"schema_version":"1.0","payment_id":"P","paid_on":"2026-01-01","amount":{"amount":"10.00","currency":"EUR"},
            "allocations":[{"amount":{"amount":"4.00","currency":"EUR"}},{"amount":{"amount":"5.00","currency":"EUR"}}],"unallocated":{"amount":"0.50","currency":"EUR"}}"#,
            &expect![[
                r#"warning payment.sum /amount: allocations and rest add up to 9.50, the payment says 10.00 ("10.00")"#
            ]],
        );
    }

    #[test]
    fn findings_are_bounded() {
        let lines: Vec<String> = (0..500).map(|_| line(7, "1", "1", "1", "1")).collect();
        let entity = Entity::from_json(
            EntityKind::SalesOrder,
            order(&lines.join(","), "").as_bytes(),
        )
        .unwrap();
        assert_eq!(entity.check().len(), MAX_ISSUES);
    }
}
