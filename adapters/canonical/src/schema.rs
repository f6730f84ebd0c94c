//! The model's JSON Schemas (2020-12), generated from the types. Feature `schema`.
//! Never describes what reading tolerates (unknown members): the published schema is what producers must keep.
//! Invariant: each schema stands alone; its `$id` is the `dataschema` that envelopes name.

use std::collections::{BTreeMap, BTreeSet};

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use crate::ack_report::AckReport;
use crate::customer::Customer;
use crate::entity::EntityKind;
use crate::envelope::{Envelope, event_type};
use crate::inventory_level::InventoryLevel;
use crate::invoice::Invoice;
use crate::order_ack::OrderAck;
use crate::order_change::OrderChange;
use crate::payment::Payment;
use crate::price::Price;
use crate::price_list::PriceList;
use crate::product::Product;
use crate::sales_order::SalesOrder;
use crate::shipment::Shipment;

const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
const BASE: &str = "https://schemas.legacy-bridge.example/v1";

/// Every schema by file name: `{entity}.schema.json`, `envelope.schema.json` (which also holds the entity that
/// the event's type names against its schema) and `canonical-v1.schema.json`.
///
/// ```
/// let schemas = canonical::schema::all();
/// assert_eq!(schemas["price.schema.json"]["$id"], "https://schemas.legacy-bridge.example/v1/price/1.0.json");
/// ```
pub fn all() -> BTreeMap<String, Value> {
    let definitions = definitions();
    let mut files = BTreeMap::new();
    for kind in EntityKind::ALL {
        let mut root = head(&kind.data_schema(), kind.as_str());
        if let Some(Value::Object(entity)) = definitions.get(kind.as_str()) {
            root.extend(entity.clone());
        }
        files.insert(
            format!("{kind}.schema.json"),
            standing_alone(root, &definitions),
        );
    }
    files.insert("envelope.schema.json".to_owned(), envelope(&definitions));
    let mut root = head(&format!("{BASE}/canonical.json"), "canonical model v1");
    root.insert(
        "oneOf".to_owned(),
        EntityKind::ALL
            .iter()
            .map(|kind| reference(kind.as_str()))
            .collect(),
    );
    files.insert(
        "canonical-v1.schema.json".to_owned(),
        standing_alone(root, &definitions),
    );
    files
}

/// The envelope closes nothing: CloudEvents allows extensions, which its names' pattern bounds.
fn envelope(definitions: &Map<String, Value>) -> Value {
    let mut root = head(&format!("{BASE}/envelope.json"), "envelope");
    if let Some(Value::Object(envelope)) = definitions.get("envelope") {
        root.extend(envelope.clone());
    }
    root.remove("additionalProperties");
    root.insert(
        "propertyNames".to_owned(),
        json!({ "pattern": "^[a-z0-9]{1,20}$|^data_base64$" }),
    );
    root.insert(
        "anyOf".to_owned(),
        json!([{ "required": ["data"] }, { "required": ["dataref"] }]),
    );
    let by_type = EntityKind::ALL.iter().map(|kind| {
        json!({
            "if": { "properties": { "type": { "const": event_type(*kind) } } },
            "then": { "properties": { "data": reference(kind.as_str()) } }
        })
    });
    root.insert("allOf".to_owned(), by_type.collect());
    standing_alone(root, definitions)
}

fn head(id: &str, title: &str) -> Map<String, Value> {
    let pairs = [("$schema", DIALECT), ("$id", id), ("title", title)];
    pairs
        .into_iter()
        .map(|(name, text)| (name.to_owned(), Value::from(text)))
        .collect()
}

fn reference(name: &str) -> Value {
    json!({ "$ref": format!("#/$defs/{name}") })
}

/// Adds the definitions a schema refers to, and those they refer to.
fn standing_alone(mut root: Map<String, Value>, definitions: &Map<String, Value>) -> Value {
    let mut wanted = BTreeSet::new();
    let mut open = Vec::new();
    root.values().for_each(|value| references(value, &mut open));
    while let Some(name) = open.pop() {
        if let Some(definition) = definitions.get(&name)
            && wanted.insert(name)
        {
            references(definition, &mut open);
        }
    }
    let wanted = definitions
        .iter()
        .filter(|(name, _)| wanted.contains(*name));
    let wanted: Map<String, Value> = wanted
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect();
    if !wanted.is_empty() {
        root.insert("$defs".to_owned(), wanted.into());
    }
    root.into()
}

fn references(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            let target = members.get("$ref").and_then(Value::as_str);
            found.extend(
                target
                    .and_then(|target| target.strip_prefix("#/$defs/"))
                    .map(str::to_owned),
            );
            members
                .values()
                .for_each(|member| references(member, found));
        }
        Value::Array(items) => items.iter().for_each(|item| references(item, found)),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// All types by snake-case name, in the form they are published in.
fn definitions() -> Map<String, Value> {
    let mut generator = SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator();
    fn add<T: JsonSchema>(generator: &mut SchemaGenerator) {
        generator.subschema_for::<T>();
    }
    add::<Product>(&mut generator);
    add::<InventoryLevel>(&mut generator);
    add::<PriceList>(&mut generator);
    add::<Price>(&mut generator);
    add::<Customer>(&mut generator);
    add::<SalesOrder>(&mut generator);
    add::<OrderChange>(&mut generator);
    add::<OrderAck>(&mut generator);
    add::<Shipment>(&mut generator);
    add::<Invoice>(&mut generator);
    add::<Payment>(&mut generator);
    add::<AckReport>(&mut generator);
    add::<Envelope>(&mut generator);
    let definitions = generator.take_definitions(true);
    definitions
        .into_iter()
        .map(|(name, schema)| (snake(&name), published(schema)))
        .collect()
}

/// A generated schema as it is published: names in snake case, no `null` (an absent member is left out), no
/// member beyond the named ones, no empty text where the type does not ask for one, no widths of Rust's integers.
fn published(schema: Value) -> Value {
    match schema {
        Value::Object(members) => object(members),
        Value::Array(items) => items.into_iter().map(published).collect(),
        other @ (Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_)) => other,
    }
}

fn object(mut members: Map<String, Value>) -> Value {
    if let Some(Value::Array(options)) = members.get_mut("anyOf") {
        options.retain(|option| *option != json!({ "type": "null" }));
        if let [Value::Object(only)] = options.as_slice() {
            let only = only.clone();
            members.remove("anyOf");
            members.extend(only);
        }
    }
    if let Some(Value::Array(types)) = members.get_mut("type") {
        types.retain(|name| name != "null");
        if let [only] = types.as_slice() {
            let only = only.clone();
            members.insert("type".to_owned(), only);
        }
    }
    if let Some(Value::Array(words)) = members.get_mut("enum") {
        words.retain(|word| !word.is_null());
    }
    match members.get("type").and_then(Value::as_str) {
        Some("integer") => {
            members.remove("format");
        }
        Some("string") => text(&mut members),
        Some("object") if members.contains_key("properties") => {
            members.insert("additionalProperties".to_owned(), false.into());
        }
        Some(_) | None => {}
    }
    if let Some(Value::String(text)) = members.get_mut("description") {
        *text = text.replace(['`', '[', ']'], "").replace("crate::", "");
    }
    if let Some(Value::String(target)) = members.get_mut("$ref")
        && let Some(name) = target.strip_prefix("#/$defs/")
    {
        *target = format!("#/$defs/{}", snake(name));
    }
    members
        .into_iter()
        .map(|(name, member)| (name, published(member)))
        .collect()
}

/// A text that no pattern or format bounds says something; `minLength: 0` is how a type asks for the opposite.
fn text(members: &mut Map<String, Value>) {
    let bounded = ["pattern", "format", "enum", "const", "anyOf", "minLength"];
    if !bounded.iter().any(|bound| members.contains_key(*bound)) {
        members.insert("minLength".to_owned(), 1.into());
    } else if members.get("minLength") == Some(&json!(0)) {
        members.remove("minLength");
    }
}

fn snake(name: &str) -> String {
    let mut snake = String::with_capacity(name.len() + 4);
    for (place, character) in name.char_indices() {
        if character.is_ascii_uppercase() && place > 0 {
            snake.push('_');
        }
        snake.push(character.to_ascii_lowercase());
    }
    snake
}
