//! Mistakes outside of single fields: the input, the entity, what an entity needs, and the mapping's own name.

use expect_test::expect;

use super::{HEAD, almost, check};
use crate::mapping::Mapping;

#[test]
fn the_input() {
    let with = |input: &str| {
        format!("[input.delimited]\n{input}\n[document]\nentity = \"inventory_level\"\n[fields]\n")
    };
    check(
        &with("separator = \"; \""),
        &expect![[r#"
            stock.toml:4:10: inventory_level needs `sku`, which no field sets
              4 | entity = "inventory_level"
                |          ^^^^^^^^^^^^^^^^^
              add to [fields]: "sku" = { column = "…" } or { constant = "…" }"#]],
    );
    check(
        &with("separator = \";\"\nquote = \";\""),
        &expect![[r#"
            stock.toml:5:10: inventory_level needs `sku`, which no field sets
              5 | entity = "inventory_level"
                |          ^^^^^^^^^^^^^^^^^
              add to [fields]: "sku" = { column = "…" } or { constant = "…" }"#]],
    );
    check(
        &with("separator = \";\"\nencoding = \"ansi\""),
        &expect![[r#"
            stock.toml:5:10: inventory_level needs `sku`, which no field sets
              5 | entity = "inventory_level"
                |          ^^^^^^^^^^^^^^^^^
              add to [fields]: "sku" = { column = "…" } or { constant = "…" }"#]],
    );
    check(
        &with("separator = \";\"\nencodng = \"utf-8\""),
        &expect![[r#"
            stock.toml:3:1: unknown field `encodng`, expected one of `separator`, `quote`, `escape`, `encoding`, `skip_lines`, `header`, `header_lines`, `ragged_rows`, `record_limit_bytes`
              3 | encodng = "utf-8"
                | ^^^^^^^
              did you mean `encoding`?"#]],
    );
    check(
        &with("separator = \";\"\nrecord_limit_bytes = 0"),
        &expect![[r#"
            stock.toml:5:10: inventory_level needs `sku`, which no field sets
              5 | entity = "inventory_level"
                |          ^^^^^^^^^^^^^^^^^
              add to [fields]: "sku" = { column = "…" } or { constant = "…" }"#]],
    );
    check(
        &with(""),
        &expect![[r#"
        stock.toml:1:1: missing field `separator`
          1 | [input.delimited]
            | ^^^^^^^^^^^^^^^^^
          add `separator` here"#]],
    );
    check(
        "[input.delimted]\n",
        &expect![[r#"
            stock.toml:1:8: unknown variant `delimted`, expected `delimited` or `fixed`
              1 | [input.delimted]
                |        ^^^^^^^^
              did you mean `delimited`?"#]],
    );
}

#[test]
fn the_shape_of_a_table() {
    let with =
        |words: &str| HEAD.replace("[document]", &format!("{words}\n[document]")) + "[fields]\n";
    check(
        &with("quote = \"\"\nescape = \"\\\\\""),
        &expect![[r#"
            stock.toml:6:10: inventory_level needs `sku`, which no field sets
              6 | entity = "inventory_level"
                |          ^^^^^^^^^^^^^^^^^
              add to [fields]: "sku" = { column = "…" } or { constant = "…" }"#]],
    );
    check(
        &with("escape = \";\""),
        &expect![[r#"
            stock.toml:5:10: inventory_level needs `sku`, which no field sets
              5 | entity = "inventory_level"
                |          ^^^^^^^^^^^^^^^^^
              add to [fields]: "sku" = { column = "…" } or { constant = "…" }"#]],
    );
    check(
        &with("header_lines = 0"),
        &expect![[r#"
            stock.toml:5:10: inventory_level needs `sku`, which no field sets
              5 | entity = "inventory_level"
                |          ^^^^^^^^^^^^^^^^^
              add to [fields]: "sku" = { column = "…" } or { constant = "…" }"#]],
    );
    check(
        &with("header_lines = 2\nheader = [\"a\"]"),
        &expect![[r#"
            stock.toml:6:10: inventory_level needs `sku`, which no field sets
              6 | entity = "inventory_level"
                |          ^^^^^^^^^^^^^^^^^
              add to [fields]: "sku" = { column = "…" } or { constant = "…" }"#]],
    );
    check(
        &with("ragged_rows = \"pad\""),
        &expect![[r#"
            stock.toml:3:15: unknown variant `pad`, expected `refuse` or `fill`
              3 | ragged_rows = "pad"
                |               ^^^^^"#]],
    );
    check(
        &almost("quantities.available = { column = \"M\", unit = { constant = \"C62\" } }")
            .replace("[document]", "header = [\"Artikl\", \"M\"]\n[document]"),
        &expect![[r#"
            stock.toml:3:10: a field reads column `Artikel`, which is not named once here
              3 | header = ["Artikl", "M"]
                |          ^^^^^^^^^^^^^^^
              did you mean `Artikl`?"#]],
    );
}

/// A good mapping but for its records.
fn with_records(words: &str) -> String {
    let fields = "quantities.available = { column = \"Artikel\", unit = { constant = \"C62\" } }";
    almost(fields).replace(
        "[input.delimited]\nseparator = \";\"",
        &format!("[input.fixed]\n{words}"),
    )
}

#[test]
fn columns_of_records() {
    let with = with_records;
    check(
        &with("columns = []"),
        &expect![[r#"
        stock.toml:1:1: `[input.fixed]` has no columns
          1 | [input.fixed]
            | ^
          add columns = [{ name = "…", start = 1, length = 10 }], or copybook = """…""""#]],
    );
    check(
        &with("columns = [{ name = \"A\", start = 0, length = 3 }]"),
        &expect![[r#"
            stock.toml:2:12: a column starts at 1 or behind and ends before 1048576
              2 | columns = [{ name = "A", start = 0, length = 3 }]
                |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              write start = 1, length = 10 for the first ten"#]],
    );
    check(
        &with("columns = [{ name = \"A\", start = 1, length = 9, type = \"binary\" }]"),
        &expect![[r#"
            stock.toml:2:12: no such number is so long
              2 | columns = [{ name = "A", start = 1, length = 9, type = "binary" }]
                |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              a zoned number has up to 31 digits, a packed one up to 16 bytes, a binary one up to 8"#]],
    );
    check(
        &with("columns = [{ name = \"A\", start = 1, length = 3, typ = \"packed\" }]"),
        &expect![[r#"
            stock.toml:2:49: unknown field `typ`, expected one of `name`, `start`, `length`, `type`, `decimals`, `sign`, `signed`
              2 | columns = [{ name = "A", start = 1, length = 3, typ = "packed" }]
                |                                                 ^^^
              did you mean `type`?"#]],
    );
    check(
        &with(
            "records = \"lines\"\ncolumns = [{ name = \"A\", start = 1, length = 3, type = \"packed\" }]",
        ),
        &expect![[r#"
            stock.toml:3:12: `A` is a number in bytes, which can look like a line end
              3 | columns = [{ name = "A", start = 1, length = 3, type = "packed" }]
                |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              declare record_length instead of records = "lines""#]],
    );
    check(
        &with("record_length = 2\ncolumns = [{ name = \"A\", start = 1, length = 3 }]"),
        &expect![[r#"
            stock.toml:2:17: the columns take 3 bytes
              2 | record_length = 2
                |                 ^
              a record is as long as its columns, or longer"#]],
    );
}

#[test]
fn layouts_of_records() {
    let with = with_records;
    check(
        &with(
            "records = \"rdw\"\nrecord_length = 9\ncolumns = [{ name = \"A\", start = 1, length = 3 }]",
        ),
        &expect![[r#"
            stock.toml:3:17: `record_length` is for records without line ends and descriptor words
              3 | record_length = 9
                |                 ^
              remove one of the two"#]],
    );
    check(
        &with("copybook = \"05 A PIC X.\"\ncolumns = [{ name = \"A\", start = 1, length = 3 }]"),
        &expect![[r#"
            stock.toml:2:12: columns come from `columns` or from `copybook`
              2 | copybook = "05 A PIC X."
                |            ^^^^^^^^^^^^^
              remove one of the two"#]],
    );
    check(
        &with("copybook = \"05 A PIC N.\""),
        &expect![[r#"
        stock.toml:2:12: line 1 of the copybook: PICTURE N is not understood
          2 | copybook = "05 A PIC N."
            |            ^^^^^^^^^^^^^"#]],
    );
    check(
        &with("columns = [{ name = \"Artikl\", start = 1, length = 3 }]"),
        &expect![[r#"
            stock.toml:2:12: a field reads column `Artikel`, which the layout does not have
              2 | columns = [{ name = "Artikl", start = 1, length = 3 }]
                |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              did you mean `Artikl`?"#]],
    );
    check(
        &with("copybook = \"05 Artikel PIC X. 05 A PIC X.\""),
        &expect![[r#"
            stock.toml:2:12: a field reads column `Artikel`, which the layout does not have
              2 | copybook = "05 Artikel PIC X. 05 A PIC X."
                |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
              did you mean `ARTIKEL`?"#]],
    );
    check(
        &with(
            "columns = [{ name = \"Artikel\", start = 1, length = 3 }, { name = \"Artikel\", start = 4, length = 3 }]",
        ),
        &expect![[r#"
            stock.toml:2:12: two columns are called `Artikel`, which a field reads
              2 | columns = [{ name = "Artikel", start = 1, length = 3 }, { name = "Artikel", start = 4, length = 3 }]
                |            ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^"#]],
    );
}

#[test]
fn the_document() {
    let of = |entity: &str| HEAD.replace("inventory_level", entity) + "[fields]\n";
    check(
        &of("inventory_levels"),
        &expect![[r#"
        stock.toml:4:10: there is no entity `inventory_levels`
          4 | entity = "inventory_levels"
            |          ^^^^^^^^^^^^^^^^^^
          did you mean `inventory_level`?"#]],
    );
    check(
        &of("invoice"),
        &expect![[r#"
        stock.toml:4:10: invoice cannot be made of single rows
          4 | entity = "invoice"
            |          ^^^^^^^^^
          rows can be made into customer, inventory_level, price, product, sales_order"#]],
    );
    check(
        &format!(
            "ignore = [\"M\"]\n{}",
            almost("quantities.available = { column = \"M\", unit = { constant = \"C62\" } }")
        ),
        &expect![[r#"
            stock.toml:1:11: column `M` is used by a field and ignored
              1 | ignore = ["M"]
                |           ^^^
              remove it from `ignore`"#]],
    );
    check(
        &format!(
            "id = \"\"\n{}",
            almost("quantities.available = { column = \"M\", unit = { constant = \"C62\" } }")
        ),
        &expect![[r#"
            stock.toml:1:6: this is empty
              1 | id = ""
                |      ^^"#]],
    );
    check(
        &format!("{HEAD}fields = 1\n"),
        &expect![[r#"
        stock.toml:5:1: unknown field `fields`, expected `entity`
          5 | fields = 1
            | ^^^^^^"#]],
    );
    check(
        &format!("{HEAD}[defaults]\nlookup = 1\n[fields]\n"),
        &expect![[r#"
            stock.toml:6:1: unknown key `lookup`
              6 | lookup = 1
                | ^^^^^^
              known here: decimal, date, unit, currency"#]],
    );
}

#[test]
fn what_an_entity_needs() {
    let of = |entity: &str| HEAD.replace("inventory_level", entity) + "[fields]\n";
    check(
        &of("sales_order"),
        &expect![[r#"
        stock.toml:4:10: sales_order needs `parties`, and no field sets one
          4 | entity = "sales_order"
            |          ^^^^^^^^^^^^^
          add to [fields]: "parties.buyer.identifiers.erp:main" = { column = "…" }"#]],
    );
    check(
        &(of("sales_order") + "parties.byer.name = { column = \"K\" }"),
        &expect![[r#"
            stock.toml:6:14: `byer` is no role of a party
              6 | parties.byer.name = { column = "K" }
                |              ^^^^
              did you mean `parties.buyer`?"#]],
    );
    check(
        &of("product"),
        &expect![[r#"
            stock.toml:4:10: product needs `titles`, and no field sets one
              4 | entity = "product"
                |          ^^^^^^^^^
              add to [fields]: "titles.de" = { column = "…" }, or titles = { column = "…" }"#]],
    );
    check(
        &(of("price")
            + "price_list = { constant = \"L\" }\nsku = { column = \"A\" }\n\"tiers.unit_prise\" = { column = \"P\" }"),
        &expect![[r#"
            stock.toml:8:1: price has no field `tiers.unit_prise`
              8 | "tiers.unit_prise" = { column = "P" }
                | ^^^^^^^^^^^^^^^^^^
              did you mean `tiers.unit_price`?"#]],
    );
    check(
        &(of("customer") + "buyers.first_name = { column = \"V\" }"),
        &expect![[r#"
            stock.toml:6:8: `buyers` needs `buyers.email`, which no field sets
              6 | buyers.first_name = { column = "V" }
                |        ^^^^^^^^^^
              a buyer is known by the e-mail address"#]],
    );
}

#[test]
fn the_reference_names_the_mapping() {
    let good = almost("quantities.available = { column = \"M\", unit = { constant = \"C62\" } }");
    let plain = Mapping::compile(&good, "C:\\mappings\\stock.toml")
        .unwrap()
        .reference;
    let sha256 = plain.sha256.unwrap().to_string();
    assert_eq!(plain.id, "stock");
    assert!(plain.version.len() == 12 && sha256.starts_with(&plain.version));
    let named = format!("id = \"lager\"\nversion = \"7\"\n{good}");
    let named = Mapping::compile(&named, "stock.toml").unwrap().reference;
    assert_eq!((named.id.as_str(), named.version.as_str()), ("lager", "7"));
    assert_ne!(named.sha256.unwrap().to_string(), sha256);
}
