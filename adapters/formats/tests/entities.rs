//! Every entity that rows can be made into, once with all of its fields.

mod kept;

use expect_test::{Expect, expect};
use formats::Plan;
use kept::decode;

fn check(mapping: &str, input: &str, want: &Expect) {
    let plan = Plan::from_mapping(mapping, "test.toml").unwrap_or_else(|error| panic!("{error}"));
    let (kept, outcome) = decode(&plan, "test.csv", input.as_bytes());
    assert!(outcome.is_ok(), "{outcome:?}");
    let mut shown: Vec<String> = kept.problems.iter().map(ToString::to_string).collect();
    for document in &kept.documents {
        let mut value: serde_json::Value =
            serde_json::from_str(document).expect("documents are JSON");
        if let Some(object) = value.as_object_mut() {
            object.remove("provenance");
            object.remove("schema_version");
        }
        shown.push(value.to_string());
    }
    want.assert_eq(&shown.join("\n"));
}

#[test]
fn inventory_level() {
    check(
        r#"
[input.delimited]
separator = "|"
[document]
entity = "inventory_level"
[defaults]
date = "yyyyMMdd"
[fields]
sku = { column = "item" }
identifiers.gtin = { column = "ean" }
identifiers."erp:navision" = { column = "no" }
location.code = { column = "site" }
location.name = { column = "site name" }
location.identifiers.gln = { constant = "4012345000009" }
lot = { column = "lot" }
as_of = { column = "at", date = { pattern = "yyyyMMddHHmmss", zone = "-05:00" } }
mode = { column = "mode", default = "absolute" }
snapshot_id = { ingest = "file_name" }
lead_time_days = { column = "lead" }
next_receipt.date = { column = "next" }
next_receipt.quantity = { column = "next qty", unit = { column = "uom" } }
[fields.quantities]
on_hand = { column = "oh", unit = { column = "uom" } }
allocated = { column = "al", unit = { column = "uom" } }
"#,
        "item|ean|no|site|site name|lot|at|mode|lead|next|next qty|uom|oh|al\n\
         A1|4006381333931|7|S1|North|L9|20261123084140||14|20261201|50|KGM|12.5|3\n\
         A2|||S1|||20261123084140|delta||||KGM|-1|\n\
         A3|||S1|||20261123084140|deltas||||KGM|-1|\n\
         A4|||S1|||20261123084140|||||KGM||\n\
         A5|||S1|||20261123084140||||||1|\n\
         A6|4006381333932||S1|||20261123084140|||||KGM|1|\n",
        &expect![[r#"
            test.csv line 4, byte 208, column "mode": the value cannot be used, expected one of absolute, delta, found "deltas" — did you mean `delta`? [mapping.word]
            test.csv line 5, byte 226, /quantities: a required value is missing, expected at least one value — all columns that the mapping reads this from are empty [mapping.required]
            test.csv line 6, byte 290, column "uom": a required value is missing, expected a value, found "" — the field is required: fill the cell, or give the field a `default` in the mapping [mapping.required]
            test.csv line 7, byte 297, column "ean": the value cannot be used, expected a GTIN of 8, 12, 13 or 14 digits with its check digit, found "4006381333932" — GTIN "4006381333932" has the wrong check digit, 1 would be right: a digit was mistyped or cut off [mapping.gtin]
            {"as_of":"2026-11-23T13:41:40Z","identifiers":[{"scheme":"erp:navision","value":"7"},{"scheme":"gtin","value":"04006381333931"}],"lead_time_days":14,"location":{"code":"S1","identifiers":[{"scheme":"gln","value":"4012345000009"}],"name":"North"},"lot":"L9","mode":"absolute","next_receipt":{"date":"2026-12-01","quantity":{"unit":"KGM","value":"50"}},"quantities":{"allocated":{"unit":"KGM","value":"3"},"on_hand":{"unit":"KGM","value":"12.5"}},"sku":"A1","snapshot_id":"test.csv"}
            {"as_of":"2026-11-23T13:41:40Z","location":{"code":"S1","identifiers":[{"scheme":"gln","value":"4012345000009"}]},"mode":"delta","quantities":{"on_hand":{"unit":"KGM","value":"-1"}},"sku":"A2","snapshot_id":"test.csv"}"#]],
    );
}

#[test]
fn product() {
    check(
        r#"
[input.delimited]
separator = ";"
[document]
entity = "product"
[fields]
sku = { column = "nr" }
identifiers.manufacturer_part = { column = "hnr" }
parent_sku = { column = "vater" }
kind = { constant = "variant" }
titles = { column = "text" }
"titles.de" = { column = "text" }
"titles.en-GB" = { column = "text en" }
descriptions.de = { column = "lang" }
brand = { column = "marke" }
manufacturer = { column = "marke" }
status = { column = "status" }
replaced_by = { column = "ersatz" }
categories.code = { column = "gruppe" }
attributes.Farbe = { column = "farbe" }
base_unit = { constant = "C62" }
sales_unit = { constant = "XBX" }
order_rule.minimum = { column = "min" }
order_rule.multiple = { column = "min" }
order_rule.unit = { constant = "C62" }
dimensions.net_weight = { column = "kg", decimal = { mark = "," }, unit = { constant = "KGM" } }
tax_class = { constant = "voll" }
country_of_origin = { column = "land" }
hs_code = { constant = "73181595" }
lot_tracked = { constant = false }
valid_from = { column = "ab", date = "d.M.yyyy" }
"#,
        "nr;hnr;vater;text;text en;lang;marke;status;ersatz;gruppe;farbe;min;kg;land;ab\n\
         M8;H-8;M;Schraube;Screw;\"Lang,\nmit Umbruch\";Acme;active;M8b;SCHR;blau;100;0,012;DE;1.1.2026\n\
         M9;;;Mutter;;;;aktiv;;;;;;;\n\
         M9;;;Mutter;;;;draft;;;;;;;\n",
        &expect![[r#"
            test.csv line 4, byte 186, column "status": the value cannot be used, expected one of active, draft, blocked, discontinued, deleted, found "aktiv" — did you mean `active`? [mapping.word]
            {"attributes":[{"name":"Farbe","value":"blau"}],"base_unit":"C62","brand":"Acme","categories":[{"code":"SCHR"}],"country_of_origin":"DE","descriptions":[{"lang":"de","value":"Lang,\nmit Umbruch"}],"dimensions":{"net_weight":{"unit":"KGM","value":"0.012"}},"hs_code":"73181595","identifiers":[{"scheme":"sku","value":"M8"},{"scheme":"manufacturer_part","value":"H-8"}],"kind":"variant","lot_tracked":false,"manufacturer":"Acme","order_rule":{"minimum":"100","multiple":"100","unit":"C62"},"parent_sku":"M","replaced_by":"M8b","sales_unit":"XBX","sku":"M8","status":"active","tax_class":"voll","titles":[{"value":"Schraube"},{"lang":"de","value":"Schraube"},{"lang":"en-GB","value":"Screw"}],"valid_from":"2026-01-01"}
            {"base_unit":"C62","hs_code":"73181595","identifiers":[{"scheme":"sku","value":"M9"}],"kind":"variant","lot_tracked":false,"sales_unit":"XBX","sku":"M9","status":"draft","tax_class":"voll","titles":[{"value":"Mutter"},{"lang":"de","value":"Mutter"}]}"#]],
    );
}

#[test]
fn price() {
    check(
        r#"
[input.delimited]
separator = ","
[document]
entity = "price"
[defaults]
currency = { column = "cur" }
unit = { constant = "C62" }
[fields]
price_list = { constant = "LIST-2026" }
sku = { column = "sku" }
kind = { constant = "list" }
customer = { column = "customer" }
valid_from = { column = "from", date = "yyyy-MM-dd" }
tiers.1.min_quantity = { constant = 1 }
tiers.1.unit_price = { column = "p1", per = { column = "per", default = 1 } }
tiers.2.min_quantity = { column = "q2" }
tiers.2.unit_price = { column = "p2", per = { column = "per", default = 1 } }
compare_at = { column = "rrp" }
"#,
        "sku,customer,from,cur,per,p1,q2,p2,rrp\n\
         A,C1,2026-01-01,EUR,100,9.50,1000,8.50,12.00\n\
         B,,,EUR,,0.10,,,\n\
         C,,,EURO,,0.10,,,\n\
         D,,,EUR,,,5,0.10,\n\
         E,,,EUR,,0.10,,0.09,\n\
         F,,,EUR,0,0.10,,,\n",
        &expect![[r#"
            test.csv line 4, byte 105, column "cur": the value cannot be used, expected an ISO 4217 currency code such as EUR, found "EURO" [mapping.currency]
            test.csv line 5, byte 128, column "p1": a required value is missing, expected a value, found "" — the field is required: fill the cell, or give the field a `default` in the mapping [mapping.required]
            test.csv line 6, byte 151, column "q2": a required value is missing, expected a value, found "" — the field is required: fill the cell, or give the field a `default` in the mapping [mapping.required]
            test.csv line 7, byte 158, /tiers/0/unit_price/per/value: a price is for a quantity above zero [price.per]
            {"compare_at":{"amount":"12.00","currency":"EUR","per":{"unit":"C62","value":"1"}},"customer":"C1","kind":"list","price_list":"LIST-2026","sku":"A","tiers":[{"min_quantity":{"unit":"C62","value":"1"},"unit_price":{"amount":"9.50","currency":"EUR","per":{"unit":"C62","value":"100"}}},{"min_quantity":{"unit":"C62","value":"1000"},"unit_price":{"amount":"8.50","currency":"EUR","per":{"unit":"C62","value":"100"}}}],"valid_from":"2026-01-01"}
            {"kind":"list","price_list":"LIST-2026","sku":"B","tiers":[{"min_quantity":{"unit":"C62","value":"1"},"unit_price":{"amount":"0.10","currency":"EUR","per":{"unit":"C62","value":"1"}}}]}"#]],
    );
}

#[test]
fn customer() {
    check(
        r#"
[input.delimited]
separator = ";"
[document]
entity = "customer"
[defaults]
currency = { constant = "EUR" }
decimal = { mark = "," }
[fields]
account = { column = "Code" }
name = { column = "Name" }
status = { constant = "active" }
level = { constant = "company" }
price_lists = { column = "Liste" }
tax_ids.vat = { column = "UStId" }
credit.limit = { column = "Limit" }
payment_terms.net_days = { column = "Ziel" }
addresses.1.code = { constant = "01" }
addresses.1.use = { constant = "billing" }
addresses.1.lines.1 = { column = "Straße" }
addresses.1.postal_code = { column = "PLZ" }
addresses.1.city = { column = "Ort" }
addresses.1.country = { column = "Land", default = "DE" }
buyers.email = { column = "Mail" }
buyers.role = { constant = "buyer" }
po_required = { constant = true }
"#,
        "Code;Name;Liste;UStId;Limit;Ziel;Straße;PLZ;Ort;Land;Mail\n\
         C1;Müller & Söhne KG;L1;DE123456789;50000,00;30;Werkstr. 2;10111;Köln;;einkauf@example.com\n\
         C2;\"O'Neill \"\"Parts\"\"\";;;;;;;;IE;\n\
         ;Niemand;;;;;;;;;\n",
        &expect![[r#"
            test.csv line 4, byte 187, column "Code": a required value is missing, expected a value, found "" — the field is required: fill the cell, or give the field a `default` in the mapping [mapping.required]
            {"account":"C1","addresses":[{"address":{"city":"Köln","country":"DE","lines":["Werkstr. 2"],"postal_code":"10111"},"code":"01","use":["billing"]}],"buyers":[{"email":"einkauf@example.com","roles":["buyer"]}],"credit":{"limit":{"amount":"50000.00","currency":"EUR"}},"level":"company","name":"Müller & Söhne KG","payment_terms":{"net_days":30},"po_required":true,"price_lists":["L1"],"status":"active","tax_ids":[{"scheme":"vat","value":"DE123456789"}]}
            {"account":"C2","addresses":[{"address":{"country":"IE","lines":[]},"code":"01","use":["billing"]}],"level":"company","name":"O'Neill \"Parts\"","po_required":true,"status":"active"}"#]],
    );
}

#[test]
fn sales_order() {
    check(
        r#"
[input.delimited]
separator = ","
[document]
entity = "sales_order"
[defaults]
unit = { constant = "C62" }
currency = { column = "currency" }
[fields]
order_id = { column = "number" }
po_number = { column = "po" }
placed_at = { column = "date" }
currency = { column = "currency" }
type = { constant = "standard" }
parties.buyer.identifiers."erp:main" = { column = "customer" }
parties.buyer.name = { column = "name" }
parties.ship_to.address.city = { column = "city" }
dates.requested_delivery = { column = "wanted" }
notes = { column = "note" }
lines.line = { constant = "1" }
lines.sku = { column = "sku" }
lines.quantity = { column = "qty" }
lines.unit_price = { column = "price" }
lines.net_amount = { column = "net" }
"#,
        "number,po,date,currency,customer,name,city,wanted,note,sku,qty,price,net\n\
         1001,PO-1,2026-11-23,EUR,C1,ACME,Berlin,2026-12-01,handle with care,A,120,0.0850,10.20\n\
         1002,,2026-11-23T08:00:00Z,EUR,C1,,,,,A,1,,\n\
         1003,,23.11.2026,EUR,C1,,,,,A,1,,\n\
         1004,,2026-11-23,EUR,,,,,,A,1,,\n\
         1005,,2026-11-23,EUR,C1,,,,,A,,,\n\
         1006,,2026-11-23,EUR,C1,,,,,A,2,5.00,99.00\n",
        &expect![[r#"
            test.csv line 4, byte 210, column "date": the value cannot be used, expected a day such as 2026-11-23, or a date and time with its offset such as 2026-11-23T08:41:00Z, found "23.11.2026" [mapping.date]
            test.csv line 5, byte 238, /parties: a required value is missing, expected at least one value — all columns that the mapping reads this from are empty [mapping.required]
            test.csv line 6, byte 270, /lines: a required value is missing, expected at least one value — all columns that the mapping reads this from are empty [mapping.required]
            {"currency":"EUR","dates":[{"type":"requested_delivery","value":"2026-12-01"}],"lines":[{"line":"1","net_amount":{"amount":"10.20","currency":"EUR"},"quantity":{"unit":"C62","value":"120"},"sku":"A","unit_price":{"amount":"0.0850","currency":"EUR","per":{"unit":"C62","value":"1"}}}],"notes":[{"text":"handle with care"}],"order_id":"1001","parties":[{"identifiers":[{"scheme":"erp:main","value":"C1"}],"name":"ACME","role":"buyer"},{"address":{"city":"Berlin","lines":[]},"role":"ship_to"}],"placed_at":"2026-11-23","po_number":"PO-1","type":"standard"}
            {"currency":"EUR","lines":[{"line":"1","quantity":{"unit":"C62","value":"1"},"sku":"A"}],"order_id":"1002","parties":[{"identifiers":[{"scheme":"erp:main","value":"C1"}],"role":"buyer"}],"placed_at":"2026-11-23T08:00:00Z","type":"standard"}
            {"currency":"EUR","lines":[{"line":"1","net_amount":{"amount":"99.00","currency":"EUR"},"quantity":{"unit":"C62","value":"2"},"sku":"A","unit_price":{"amount":"5.00","currency":"EUR","per":{"unit":"C62","value":"1"}}}],"order_id":"1006","parties":[{"identifiers":[{"scheme":"erp:main","value":"C1"}],"role":"buyer"}],"placed_at":"2026-11-23","type":"standard"}"#]],
    );
}
