//! Mistakes in mapping files, as their authors see them.

mod sections;

use expect_test::{Expect, expect};

use super::Mapping;

const HEAD: &str =
    "[input.delimited]\nseparator = \";\"\n[document]\nentity = \"inventory_level\"\n";

/// A stock mapping with everything it needs, to which a mistake is added.
fn stock(fields: &str) -> String {
    format!(
        "{HEAD}[fields]\nlocation.code = {{ constant = \"MAIN\" }}\nmode = {{ constant = \"absolute\" }}\n{fields}"
    )
}

/// `stock` with all but the quantity.
fn almost(fields: &str) -> String {
    stock(&format!(
        "sku = {{ column = \"Artikel\" }}\nas_of = {{ ingest = \"received_at\" }}\n{fields}"
    ))
}

fn check(text: &str, want: &Expect) {
    match Mapping::compile(text, "stock.toml") {
        Ok(_) => panic!("this mapping compiles:\n{text}"),
        Err(error) => want.assert_eq(&error.to_string()),
    }
}

#[test]
fn paths() {
    check(
        &almost("\"quantities.avialable\" = { column = \"M\", unit = { constant = \"C62\" } }"),
        &expect![[r#"
            stock.toml:10:1: inventory_level has no field `quantities.avialable`
              10 | "quantities.avialable" = { column = "M", unit = { constant = "C62" } }
                 | ^^^^^^^^^^^^^^^^^^^^^^
              did you mean `quantities.available`?"#]],
    );
    check(
        &almost(
            "quantities.available = { column = \"M\", unit = { constant = \"C62\" } }\ncolour = { column = \"F\" }",
        ),
        &expect![[r#"
            stock.toml:11:1: inventory_level has no field `colour`
              11 | colour = { column = "F" }
                 | ^^^^^^
              known: as_of, identifiers.gtin, lead_time_days, location.code, location.identifiers.gtin, location.name, lot, mode, next_receipt.date, next_receipt.quantity, quantities.allocated, quantities.available, quantities.backordered, quantities.in_transit, quantities.on_hand, quantities.on_order, quantities.quarantined, quantities.safety, sku, snapshot_id"#]],
    );
    check(
        &stock("sku = { column = \"A\" }"),
        &expect![[r#"
        stock.toml:4:10: inventory_level needs `as_of`, which no field sets
          4 | entity = "inventory_level"
            |          ^^^^^^^^^^^^^^^^^
          add to [fields]: "as_of" = { column = "…" } or { constant = "…" }"#]],
    );
    check(
        &stock("ksu = { column = \"A\" }"),
        &expect![[r#"
        stock.toml:8:1: inventory_level has no field `ksu`
          8 | ksu = { column = "A" }
            | ^^^
          did you mean `sku`?"#]],
    );
    check(
        &almost(""),
        &expect![[r#"
            stock.toml:4:10: inventory_level needs `quantities`, and no field sets one
              4 | entity = "inventory_level"
                |          ^^^^^^^^^^^^^^^^^
              add to [fields]: "quantities.available" = { column = "…", unit = { constant = "C62" } }"#]],
    );
    check(
        &almost(
            "quantities.available = { column = \"M\", unit = { constant = \"C62\" } }\n\"quantities.available\" = { column = \"N\" }",
        ),
        &expect![[r#"
            stock.toml:11:1: `quantities.available` is set twice
              11 | "quantities.available" = { column = "N" }
                 | ^^^^^^^^^^^^^^^^^^^^^^
              remove one of the two"#]],
    );
    check(
        &almost(
            "quantities.available = { column = \"M\", unit = { constant = \"C62\" } }\nidentifiers.GTIN = { column = \"EAN\" }",
        ),
        &expect![[r#"
            stock.toml:11:13: `GTIN` cannot stand in `identifiers.…`
              11 | identifiers.GTIN = { column = "EAN" }
                 |             ^^^^
              write it as in "identifiers.gtin""#]],
    );
}

#[test]
fn origins() {
    check(
        &almost("quantities.available = { colum = \"M\" }"),
        &expect![[r#"
            stock.toml:10:26: unknown key `colum`
              10 | quantities.available = { colum = "M" }
                 |                          ^^^^^
              did you mean `column`?"#]],
    );
    check(
        &almost("quantities.available = { unit = { constant = \"C62\" } }"),
        &expect![[r#"
            stock.toml:10:26: inventory_level has no field `quantities.available.unit`
              10 | quantities.available = { unit = { constant = "C62" } }
                 |                          ^^^^
              did you mean `quantities.available`?"#]],
    );
    check(
        &almost("lot = \"Charge\""),
        &expect![[r#"
        stock.toml:10:7: `lot` needs to know where its value comes from
          10 | lot = "Charge"
             |       ^^^^^^^^
          write { column = "Charge" } or { constant = "Charge" }"#]],
    );
    check(
        &almost("lot = {}"),
        &expect![[r#"
        stock.toml:10:7: `lot` needs to know where its value comes from
          10 | lot = {}
             |       ^^
          add column = "…", constant = "…" or ingest = "…""#]],
    );
    check(
        &almost("lot = { column = \"A\", constant = \"B\" }"),
        &expect![[r#"
            stock.toml:10:23: `lot` has two origins; a value comes from one of `column`, `constant`, `ingest`
              10 | lot = { column = "A", constant = "B" }
                 |                       ^^^^^^^^
              remove all but one"#]],
    );
    check(
        &almost("lot = { ingest = \"recieved_at\" }"),
        &expect![[r#"
            stock.toml:10:18: nothing is known as `recieved_at` of a file
              10 | lot = { ingest = "recieved_at" }
                 |                  ^^^^^^^^^^^^^
              did you mean `received_at`?"#]],
    );
    check(
        &almost("lead_time_days = { ingest = \"file_name\" }"),
        &expect![[r#"
            stock.toml:4:10: inventory_level needs `quantities`, and no field sets one
              4 | entity = "inventory_level"
                |          ^^^^^^^^^^^^^^^^^
              add to [fields]: "quantities.available" = { column = "…", unit = { constant = "C62" } }"#]],
    );
    check(
        &almost("lot = { column = 7 }"),
        &expect![[r#"
        stock.toml:10:18: this is no text
          10 | lot = { column = 7 }
             |                  ^
          put it in double quotes"#]],
    );
}

#[test]
fn values_and_their_companions() {
    check(
        &almost("quantities.available = { column = \"M\" }"),
        &expect![[r#"
            stock.toml:10:12: `quantities.available` needs a unit
              10 | quantities.available = { column = "M" }
                 |            ^^^^^^^^^
              add unit = { constant = "C62" } to it, or to [defaults] for all"#]],
    );
    check(
        &almost("quantities.available = { column = \"M\", unit = { constant = \"Stück\" } }"),
        &expect![[r#"
            stock.toml:10:49: expected a UN/ECE unit code such as C62 (one), KGM or XBX (box)
              10 | quantities.available = { column = "M", unit = { constant = "Stück" } }
                 |                                                 ^^^^^^^^^^^^^^^^^^
              where the rows only have the ERP's own names, give one unit for all: unit = { constant = "C62" }"#]],
    );
    check(
        &almost("quantities.available = { column = \"M\", unit = \"C62\" }"),
        &expect![[r#"
            stock.toml:10:47: `unit` needs to know where its value comes from
              10 | quantities.available = { column = "M", unit = "C62" }
                 |                                               ^^^^^
              write unit = { constant = "…" } or unit = { column = "…" }"#]],
    );
    check(
        &almost("quantities.available = { column = \"M\", currency = { constant = \"EUR\" } }"),
        &expect![[r#"
            stock.toml:10:40: `currency` says nothing about `quantities.available`, which is a number
              10 | quantities.available = { column = "M", currency = { constant = "EUR" } }
                 |                                        ^^^^^^^^
              remove `currency`"#]],
    );
}

#[test]
fn words_that_do_not_fit() {
    check(
        &almost("lot = { column = \"Charge\", decimal = { mark = \",\" } }"),
        &expect![[r#"
            stock.toml:10:28: `decimal` says nothing about `lot`, which is no number and no date
              10 | lot = { column = "Charge", decimal = { mark = "," } }
                 |                            ^^^^^^^
              remove `decimal`"#]],
    );
    check(
        &almost(
            "quantities.available = { column = \"M\", decimal = { mark = \",\", group = \",\" }, unit = { constant = \"C62\" } }",
        ),
        &expect![[r#"
            stock.toml:10:50: the decimal mark and the group mark are the same
              10 | quantities.available = { column = "M", decimal = { mark = ",", group = "," }, unit = { constant = "C62" } }
                 |                                                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^
              with a decimal comma, thousands are grouped by a point or a blank"#]],
    );
    check(
        &almost("quantities.available = { column = \"M\", decimal = { marc = \",\" } }"),
        &expect![[r#"
            stock.toml:10:52: unknown key `marc`
              10 | quantities.available = { column = "M", decimal = { marc = "," } }
                 |                                                    ^^^^
              did you mean `mark`?"#]],
    );
    check(
        &almost("quantities.available = { column = \"M\", decimal = { mark = \"Komma\" } }"),
        &expect![[r#"
            stock.toml:10:59: a mark is one character such as "," or "."
              10 | quantities.available = { column = "M", decimal = { mark = "Komma" } }
                 |                                                           ^^^^^^^"#]],
    );
    check(
        &stock("sku = { column = \"A\", required = false }"),
        &expect![[r#"
            stock.toml:8:23: inventory_level cannot be without `sku`
              8 | sku = { column = "A", required = false }
                |                       ^^^^^^^^^^^^^^^^
              remove `required`, or add a `default`"#]],
    );
    check(
        &almost("lot = { column = \"A\", required = true, default = \"X\" }"),
        &expect![[r#"
            stock.toml:10:23: an empty cell is either refused or replaced by the default
              10 | lot = { column = "A", required = true, default = "X" }
                 |                       ^^^^^^^^^^^^^^^
              remove `required` or `default`"#]],
    );
    check(
        &almost("lot = { constant = \"A\", default = \"X\" }"),
        &expect![[r#"
            stock.toml:10:35: this only makes sense for a column
              10 | lot = { constant = "A", default = "X" }
                 |                                   ^^^
              remove it"#]],
    );
    check(
        &stock("sku = { column = \"A\" }\nas_of = { constant = \"yesterday\" }"),
        &expect![[r#"
            stock.toml:9:11: expected a day such as 2026-11-23, or a date and time with its offset such as 2026-11-23T08:41:00Z
              9 | as_of = { constant = "yesterday" }
                |           ^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn dates() {
    let as_of = |date: &str| {
        stock(&format!(
            "sku = {{ column = \"A\" }}\nas_of = {{ column = \"Stand\", date = {date} }}"
        ))
    };
    check(
        &as_of("\"TT.MM.JJJJ\""),
        &expect![[r#"
        stock.toml:9:36: `JJJJ` means nothing in a date pattern
          9 | as_of = { column = "Stand", date = "TT.MM.JJJJ" }
            |                                    ^^^^^^^^^^^^
          write it of yyyy, MM, dd, HH, mm, ss and what stands between, as in "dd.MM.yyyy"; or "iso""#]],
    );
    check(
        &as_of("\"dd.MM.yyyy HH:mm\""),
        &expect![[r#"
        stock.toml:9:29: `as_of`: a time of day needs a zone: write date = { pattern = "dd.MM.yyyy HH:mm", zone = "Europe/Berlin" }
          9 | as_of = { column = "Stand", date = "dd.MM.yyyy HH:mm" }
            |                             ^^^^"#]],
    );
    check(
        &as_of("{ pattern = \"dd.MM.yyyy HH:mm\" }"),
        &expect![[r#"
        stock.toml:9:36: a time of day needs a zone
          9 | as_of = { column = "Stand", date = { pattern = "dd.MM.yyyy HH:mm" } }
            |                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
          add zone = "Europe/Berlin", "+01:00" or "UTC""#]],
    );
    check(
        &as_of("{ pattern = \"dd.MM.yyyy\", zone = \"Europe/Berlin\" }"),
        &expect![[r#"
            stock.toml:9:36: a day alone has no zone
              9 | as_of = { column = "Stand", date = { pattern = "dd.MM.yyyy", zone = "Europe/Berlin" } }
                |                                    ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              add time = "00:00" to make an instant of it, or remove `zone`"#]],
    );
    check(
        &as_of("{ pattern = \"dd.MM.yyyy\", time = \"0:00\", zone = \"UTC\" }"),
        &expect![[r#"
            stock.toml:9:69: this is no time of day
              9 | as_of = { column = "Stand", date = { pattern = "dd.MM.yyyy", time = "0:00", zone = "UTC" } }
                |                                                                     ^^^^^^
              write it as "23:59" or "23:59:59""#]],
    );
    check(
        &as_of("{ pattern = \"dd.MM.yyyy\", time = \"00:00\", zone = \"Europe/Berln\" }"),
        &expect![[r#"
            stock.toml:9:85: there is no such time zone
              9 | as_of = { column = "Stand", date = { pattern = "dd.MM.yyyy", time = "00:00", zone = "Europe/Berln" } }
                |                                                                                     ^^^^^^^^^^^^^^
              write "UTC", an offset such as "+01:00", or a name such as "Europe/Berlin""#]],
    );
    check(
        &as_of("true"),
        &expect![[r#"
        stock.toml:9:36: `date` is a pattern or a table
          9 | as_of = { column = "Stand", date = true }
            |                                    ^^^^
          write date = "dd.MM.yyyy", or date = { pattern = "dd.MM.yyyy", zone = "Europe/Berlin" }"#]],
    );
    check(
        &almost(
            "next_receipt.date = { column = \"N\", date = { pattern = \"yyyyMMddHHmm\", zone = \"UTC\" } }\nquantities.available = { column = \"M\", unit = { constant = \"C62\" } }",
        ),
        &expect![[r#"
            stock.toml:10:37: `next_receipt.date`: this is a day: a time of day or a zone has no place in it
              10 | next_receipt.date = { column = "N", date = { pattern = "yyyyMMddHHmm", zone = "UTC" } }
                 |                                     ^^^^"#]],
    );
}
