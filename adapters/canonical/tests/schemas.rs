//! The published schemas are those the types generate, and the types keep the model that was agreed:
//! every shared example parses, comes back the same and validates, against ours and against the shared schema.
//! Never reaches the network: the schemas stand alone. `UPDATE_EXPECT=1` rewrites `config/schemas`.

use std::fs;
use std::path::{Path, PathBuf};

use canonical::entity::{Entity, EntityKind};
use canonical::envelope::Envelope;
use canonical::schema;
use expect_test::expect;
use jsonschema::Validator;
use serde_json::{Value, json};

fn here() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// The folder with the agreed model: `LB_SHARED`, or `shared` beside one of the folders above.
fn shared() -> Option<PathBuf> {
    let named = std::env::var_os("LB_SHARED").map(PathBuf::from);
    let beside = here().ancestors().map(|folder| folder.join("shared"));
    named
        .into_iter()
        .chain(beside)
        .map(|folder| folder.join("schemas/canonical"))
        .find(|folder| folder.is_dir())
}

/// Loud, as a run without the agreed model proves less.
fn shared_or_say_so(test: &str) -> Option<PathBuf> {
    let found = shared();
    if found.is_none() {
        eprintln!(
            "NOT RUN: {test}: no folder `shared` above {} and LB_SHARED names none",
            here().display()
        );
        assert!(
            std::env::var_os("LB_SHARED").is_none(),
            "LB_SHARED names a folder without schemas/canonical"
        );
    }
    found
}

fn read(path: &Path) -> Value {
    let text =
        fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn validator(schema: &Value) -> Validator {
    jsonschema::options()
        .should_validate_formats(true)
        .build(schema)
        .expect("the schema is one")
}

fn assert_valid(validator: &Validator, value: &Value, what: &str) {
    let errors: Vec<String> = validator
        .iter_errors(value)
        .map(|error| format!("{}: {error}", error.instance_path()))
        .collect();
    assert!(errors.is_empty(), "{what}:\n{}", errors.join("\n"));
}

fn ours(file: &str) -> Validator {
    validator(
        schema::all()
            .get(file)
            .unwrap_or_else(|| panic!("{file} is generated")),
    )
}

/// Name and envelope of each shared example.
fn examples(folder: &Path) -> Vec<(EntityKind, Value)> {
    let files = fs::read_dir(folder.join("examples")).expect("examples are beside the schema");
    let mut examples: Vec<(EntityKind, Value)> = files
        .map(|file| file.expect("a readable folder").path())
        .map(|path| {
            (
                path.file_stem()
                    .and_then(|stem| stem.to_str())
                    .expect("a name in UTF-8")
                    .parse()
                    .expect("named after an entity"),
                read(&path),
            )
        })
        .collect();
    examples.sort_by_key(|(kind, _)| *kind);
    assert_eq!(
        examples.iter().map(|(kind, _)| *kind).collect::<Vec<_>>(),
        EntityKind::ALL,
        "one example of each entity"
    );
    examples
}

#[test]
fn the_committed_schemas_are_the_generated_ones() {
    let folder = here().join("../../config/schemas");
    let schemas = schema::all();
    assert_eq!(schemas.len(), EntityKind::ALL.len() + 2);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        for (name, schema) in &schemas {
            fs::write(
                folder.join(name),
                serde_json::to_string_pretty(schema).unwrap() + "\n",
            )
            .unwrap();
        }
    }
    for (name, schema) in &schemas {
        assert_eq!(
            &read(&folder.join(name)),
            schema,
            "{name} is out of date: UPDATE_EXPECT=1 rewrites it"
        );
        assert!(
            schema["$id"]
                .as_str()
                .unwrap()
                .starts_with("https://schemas.legacy-bridge.example/v1/"),
            "{name}"
        );
        assert!(
            schema["title"].is_string() && jsonschema::meta::is_valid(schema),
            "{name}"
        );
    }
    let strangers: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.ends_with(".schema.json") && !schemas.contains_key(name))
        .collect();
    assert!(strangers.is_empty(), "nothing generates {strangers:?}");
}

#[test]
fn shared_examples_come_back_the_same_and_validate() {
    let Some(folder) = shared_or_say_so("shared_examples_come_back_the_same_and_validate") else {
        return;
    };
    let agreed = read(&folder.join("canonical-v1.schema.json"));
    let agreed_envelope =
        validator(&json!({ "$defs": agreed["$defs"], "$ref": "#/$defs/envelope" }));
    let agreed = validator(&agreed);
    let (envelope_schema, whole) = (
        ours("envelope.schema.json"),
        ours("canonical-v1.schema.json"),
    );
    for (kind, example) in examples(&folder) {
        let text = example.to_string();
        let envelope: Envelope =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(
            serde_json::to_value(&envelope).unwrap(),
            example,
            "{kind}: the envelope comes back"
        );
        let entity = envelope
            .entity()
            .unwrap_or_else(|error| panic!("{kind}: {error}"));
        assert_eq!(entity.kind(), kind);
        let again: Value = serde_json::from_slice(&entity.to_json()).unwrap();
        assert_eq!(again, example["data"], "{kind}: the entity comes back");
        assert_valid(&agreed, &again, "the agreed model");
        assert_valid(&agreed_envelope, &example, "the agreed envelope");
        assert_valid(&envelope_schema, &example, "our envelope");
        assert_valid(&whole, &again, "our model");
        assert_valid(&ours(&format!("{kind}.schema.json")), &again, "our entity");
    }
}

#[test]
fn shared_examples_have_no_error() {
    let Some(folder) = shared_or_say_so("shared_examples_have_no_error") else {
        return;
    };
    for (kind, example) in examples(&folder) {
        let entity = Entity::from_json(kind, example["data"].to_string().as_bytes()).unwrap();
        let issues: Vec<String> = entity
            .check()
            .iter()
            .map(|issue| format!("{} {:?}", issue.code, issue.path))
            .collect();
        assert!(issues.is_empty(), "{kind}: {issues:?}");
    }
}

/// Both schemas name the same members and require the same ones. What differs on purpose is listed.
#[test]
fn the_model_is_the_agreed_one_member_for_member() {
    let Some(folder) = shared_or_say_so("the_model_is_the_agreed_one_member_for_member") else {
        return;
    };
    let agreed = read(&folder.join("canonical-v1.schema.json"));
    let all = schema::all();
    let mut differences = Vec::new();
    for kind in EntityKind::ALL {
        let ours = &all[&format!("{kind}.schema.json")];
        compare(
            &agreed,
            &agreed["$defs"][kind.as_str()],
            ours,
            ours,
            kind.as_str(),
            &mut differences,
        );
    }
    let envelope = &all["envelope.schema.json"];
    compare(
        &agreed,
        &agreed["$defs"]["envelope"],
        envelope,
        envelope,
        "envelope",
        &mut differences,
    );
    // What every entity has is listed once.
    for difference in &mut differences {
        for everywhere in ["/provenance", "/schema_version"] {
            if let Some(place) = difference.find(everywhere) {
                difference.replace_range(..place, "");
            }
        }
    }
    differences.sort();
    differences.dedup();
    expect![[r#"
        /provenance/edi/delimiters additionalProperties: agreed null, ours {"minLength":1,"type":"string"}
        /provenance/edi/transaction/segment_first minimum: agreed null, ours 0
        /provenance/edi/transaction/segment_last minimum: agreed null, ours 0
        /provenance/ingest_id minLength: agreed 1, ours null
        /provenance/ingest_id pattern: agreed null, ours "^[0-7][0-9A-HJKMNP-TV-Z]{25}$"
        /provenance/span/column_map additionalProperties: agreed null, ours true
        /schema_version pattern: agreed "^1\\.[0-9]+$", ours "^1\\.(0|[1-9][0-9]{0,4})$"
        ack_report/counts/accepted minimum: agreed null, ours 0
        ack_report/counts/received minimum: agreed null, ours 0
        ack_report/counts/rejected minimum: agreed null, ours 0
        ack_report/issues[]/span/column_map additionalProperties: agreed null, ours true
        envelope/data additionalProperties: agreed null, ours true
        inventory_level/as_of format: agreed "date-time", ours null
        order_change/header_changes additionalProperties: agreed null, ours true
        shipment/totals/packages minimum: agreed null, ours 0"#]].assert_eq(&differences.join("\n"));
}

fn follow<'a>(root: &'a Value, schema: &'a Value) -> &'a Value {
    match schema["$ref"].as_str() {
        Some(target) => root
            .pointer(target.trim_start_matches('#'))
            .expect("a reference leads somewhere"),
        None => schema,
    }
}

fn compare(
    agreed_root: &Value,
    agreed: &Value,
    our_root: &Value,
    ours: &Value,
    place: &str,
    differences: &mut Vec<String>,
) {
    let (agreed, ours) = (follow(agreed_root, agreed), follow(our_root, ours));
    let names = |schema: &Value, key: &str| -> Vec<String> {
        let mut names: Vec<String> = match &schema[key] {
            Value::Object(members) => members.keys().cloned().collect(),
            Value::Array(items) => items.iter().map(Value::to_string).collect(),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
        };
        names.sort();
        names
    };
    for key in ["properties", "required", "enum"] {
        let (theirs, ours) = (names(agreed, key), names(ours, key));
        if theirs != ours {
            differences.push(format!("{place} {key}: agreed {theirs:?}, ours {ours:?}"));
        }
    }
    for key in [
        "minItems",
        "maxItems",
        "minLength",
        "minimum",
        "pattern",
        "format",
        "minProperties",
        "additionalProperties",
    ] {
        let same = agreed[key] == ours[key]
            || (key == "minItems" && agreed[key] == 0 && ours[key].is_null());
        if !same {
            differences.push(format!(
                "{place} {key}: agreed {}, ours {}",
                agreed[key], ours[key]
            ));
        }
    }
    let our_members = ours["properties"].as_object();
    for (name, member) in agreed["properties"].as_object().into_iter().flatten() {
        if let Some(our_member) = our_members.and_then(|members| members.get(name)) {
            compare(
                agreed_root,
                member,
                our_root,
                our_member,
                &format!("{place}/{name}"),
                differences,
            );
        }
    }
    if agreed["items"].is_object() {
        compare(
            agreed_root,
            &agreed["items"],
            our_root,
            &ours["items"],
            &format!("{place}[]"),
            differences,
        );
    }
}

#[test]
fn the_published_schema_is_strict_and_reading_is_not() {
    let schema = ours("inventory_level.schema.json");
    let good = json!({
        "schema_version": "1.0", "sku": "B1", "location": { "code": "STO" }, "as_of": "2026-11-23", "mode": "absolute",
        "quantities": { "on_hand": { "value": "5", "unit": "C62" } }
    });
    assert_valid(&schema, &good, "a bare date is allowed");
    let with = |pointer: &str, value: Value| {
        let mut changed = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        changed.pointer_mut(parent).unwrap()[name] = value;
        changed
    };
    for (pointer, value, reads) in [
        ("/colour", json!("red"), true),
        ("/location/colour", json!("red"), true),
        ("/sku", json!(""), true),
        ("/lot", json!(null), true),
        ("/quantities", json!({}), true),
        ("/mode", json!("sometimes"), false),
        ("/as_of", json!("yesterday"), false),
        ("/schema_version", json!("2.0"), false),
        ("/quantities/on_hand/value", json!(5), false),
        ("/quantities/on_hand/value", json!("-0"), false),
        ("/quantities/on_hand/value", json!("5,0"), false),
        ("/quantities/on_hand/unit", json!("pieces"), false),
        (
            "/identifiers",
            json!([{ "scheme": "GTIN", "value": "1" }]),
            false,
        ),
        ("/ext", json!({ "plain": 1 }), true),
    ] {
        let bad = with(pointer, value);
        assert!(!schema.is_valid(&bad), "{bad}");
        let read = Entity::from_json(EntityKind::InventoryLevel, bad.to_string().as_bytes());
        assert_eq!(read.is_ok(), reads, "{bad}: {read:?}");
    }
}

/// Holds an object of the table of the model against its schema, and goes on to what its members are.
fn compare_with_table(
    defs: &Value,
    name: &str,
    object: canonical::model::ObjectId,
    seen: &mut Vec<canonical::model::ObjectId>,
) {
    use canonical::model::{Kind, model};
    if seen.contains(&object) {
        return;
    }
    seen.push(object);
    let schema = &defs[name];
    let properties = schema["properties"]
        .as_object()
        .unwrap_or_else(|| panic!("{name} has members"));
    let required = |member: &str| {
        schema["required"]
            .as_array()
            .is_some_and(|names| names.iter().any(|name| name == member))
    };
    let mut named: Vec<&str> = Vec::new();
    for member in model().members(object) {
        let property = properties
            .get(member.name)
            .unwrap_or_else(|| panic!("{name}.{} is in the schema", member.name));
        assert_eq!(
            required(member.name),
            member.required,
            "{name}.{}",
            member.name
        );
        let text = property.to_string();
        assert_eq!(
            text.contains("\"array\""),
            member.list,
            "{name}.{}: {text}",
            member.name
        );
        assert_eq!(
            text.contains("\"minItems\":1"),
            member.filled,
            "{name}.{}: {text}",
            member.name
        );
        if matches!(member.kind, Kind::Integer | Kind::Ordinal) {
            let from_one = property["minimum"].as_f64() == Some(1.0);
            assert_eq!(
                from_one,
                member.kind == Kind::Ordinal,
                "{name}.{}",
                member.name
            );
        }
        if let Kind::Object(inner) = member.kind {
            let inner_name = model().name(inner);
            assert!(
                text.contains(&format!("/{inner_name}\"")),
                "{name}.{}: {text}",
                member.name
            );
            compare_with_table(defs, inner_name, inner, seen);
        }
        named.push(member.name);
    }
    named.sort_unstable();
    let mut published: Vec<&str> = properties.keys().map(String::as_str).collect();
    published.sort_unstable();
    assert_eq!(named, published, "{name}");
}

#[test]
fn the_table_of_the_model_is_the_published_schemas() {
    let all = schema::all();
    let defs = &all["canonical-v1.schema.json"]["$defs"];
    let model = canonical::model::model();
    for kind in EntityKind::ALL {
        let root = model.root(*kind);
        compare_with_table(defs, model.name(root), root, &mut Vec::new());
    }
}
