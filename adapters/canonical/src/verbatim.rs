//! Any JSON value, kept as it was written, and the two places that hold such values: `ext` and `unmapped`.
//! Never turns a number into a float: digits beyond 2^53 and trailing zeros survive every hop.
//! Invariant: a value that was read is written back with the same text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::value::RawValue;

use crate::word::word;

/// Any JSON value. Texts compare by content, everything else by how it is written.
///
/// ```
/// use canonical::verbatim::Verbatim;
/// let big = Verbatim::parse("820982911946154508.10")?;
/// assert_eq!(serde_json::to_string(&big)?, "820982911946154508.10");
/// assert_eq!(Verbatim::text("u").as_text(), Some("u"));
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Verbatim(Value);

#[derive(Clone, Debug)]
enum Value {
    Text(String),
    Other(Box<RawValue>),
}

impl Verbatim {
    /// A JSON string.
    pub fn text(text: impl Into<String>) -> Self {
        Self(Value::Text(text.into()))
    }

    /// Any one JSON value from its text.
    ///
    /// # Errors
    /// When the text is not exactly one JSON value.
    pub fn parse(json: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(json)
    }

    /// The content, when the value is a JSON string.
    pub fn as_text(&self) -> Option<&str> {
        match &self.0 {
            Value::Text(text) => Some(text),
            Value::Other(_) => None,
        }
    }

    /// The value as JSON.
    pub fn to_json(&self) -> Cow<'_, str> {
        match &self.0 {
            Value::Text(text) => serde_json::to_string(text)
                .expect("a string always serialises")
                .into(),
            Value::Other(raw) => raw.get().into(),
        }
    }
}

impl From<&str> for Verbatim {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Verbatim {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl From<i64> for Verbatim {
    fn from(value: i64) -> Self {
        Self::parse(&value.to_string()).unwrap_or_else(|_never| Self::text(value.to_string()))
    }
}

impl From<bool> for Verbatim {
    fn from(value: bool) -> Self {
        Self::parse(if value { "true" } else { "false" })
            .unwrap_or_else(|_never| Self::text(value.to_string()))
    }
}

impl PartialEq for Verbatim {
    fn eq(&self, other: &Self) -> bool {
        match (&self.0, &other.0) {
            (Value::Text(a), Value::Text(b)) => a == b,
            (Value::Other(a), Value::Other(b)) => a.get() == b.get(),
            (Value::Text(_), Value::Other(_)) | (Value::Other(_), Value::Text(_)) => false,
        }
    }
}

impl Eq for Verbatim {}

impl Serialize for Verbatim {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match &self.0 {
            Value::Text(text) => serializer.serialize_str(text),
            Value::Other(raw) => raw.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Verbatim {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        if raw.get().starts_with('"') {
            let text = serde_json::from_str(raw.get()).map_err(serde::de::Error::custom)?;
            return Ok(Self(Value::Text(text)));
        }
        Ok(Self(Value::Other(raw)))
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Verbatim {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Verbatim".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!(true)
    }
}

/// A JSON object whose members this model does not name.
pub type Object = BTreeMap<String, Verbatim>;

/// Values outside the model, under namespaced keys (`erp.tryton.rec_name`, `sap:…`). Every hop copies
/// them untouched. Canonical model, §4.3 "nothing lost".
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Extension(pub Object);

impl Extension {
    /// Whether there is none; such an extension is not written.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Sets a value; the key's form is verified by [`crate::entity::Entity::check`].
    pub fn insert(&mut self, key: impl Into<String>, value: impl Into<Verbatim>) {
        self.0.insert(key.into(), value.into());
    }

    /// The value under a key.
    pub fn get(&self, key: &str) -> Option<&Verbatim> {
        self.0.get(key)
    }

    /// Whether a key has a form the model allows: dotted lower-case names, or a known prefix and a colon.
    pub fn key_is_valid(key: &str) -> bool {
        const PREFIXES: [&str; 10] = [
            "sap",
            "idoc",
            "x12",
            "edifact",
            "erp",
            "csv",
            "xml",
            "shopify",
            "adobe",
            "bigcommerce",
        ];
        let prefixed = key
            .split_once(':')
            .is_some_and(|(prefix, rest)| PREFIXES.contains(&prefix) && !rest.is_empty());
        let part = |text: &str| {
            !text.is_empty()
                && text
                    .bytes()
                    .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'-'))
        };
        let dotted = key.contains('.')
            && key.starts_with(|first: char| first.is_ascii_lowercase())
            && key.split('.').all(part);
        prefixed || dotted
    }
}

#[cfg(feature = "schema")]
impl schemars::JsonSchema for Extension {
    fn schema_name() -> Cow<'static, str> {
        "Extension".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "propertyNames": {
                "pattern": "^[a-z][a-z0-9_-]*(\\.[a-z0-9_-]+)+$|^(sap|idoc|x12|edifact|erp|csv|xml|shopify|adobe|bigcommerce):.+$"
            },
            "description": "Values outside the model under namespaced keys; every hop copies them untouched."
        })
    }
}

/// Most `unmapped` entries of one document; a format stops collecting there.
pub const MAX_UNMAPPED: usize = 5000;

/// A value of the source that found no home in the model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Unmapped {
    /// Where it stood: `x12:PO1[2]/REF[1]/02`, `csv:column=FOO`, `idoc:E1EDP01/Z1FIELD`.
    pub path: String,
    /// The value.
    pub value: Verbatim,
    /// Why it was not mapped.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<UnmappedReason>,
}

impl Unmapped {
    /// A text that no mapping names.
    pub fn new(path: impl Into<String>, value: impl Into<Verbatim>) -> Self {
        Self {
            path: path.into(),
            value: value.into(),
            reason: None,
        }
    }
}

word! {
    /// Why a value was not mapped.
    UnmappedReason {
        /// No mapping names it.
        NoMapping = "no_mapping",
        /// A code that the mapping does not translate.
        UnknownCode = "unknown_code",
        /// More repetitions than the model holds.
        RepeatedBeyondLimit = "repeated_beyond_limit",
        /// It is not what its place demands.
        InvalidValue = "invalid_value",
    }
}

#[cfg(test)]
mod tests {
    use super::{Extension, Verbatim};

    #[test]
    fn what_was_read_is_written() {
        for json in [
            "820982911946154508",
            "1.10",
            "-0.0",
            "1e400",
            "null",
            "true",
            r#"{"b":[1.0,"x"],"a":{}}"#,
            r#""ä\"""#,
        ] {
            let value = Verbatim::parse(json).expect(json);
            assert_eq!(serde_json::to_string(&value).unwrap(), json);
            assert_eq!(value.to_json(), json);
        }
        assert_eq!(
            Verbatim::parse(r#""\u0041""#).unwrap(),
            Verbatim::text("A"),
            "texts compare by content"
        );
        assert_ne!(Verbatim::parse("1").unwrap(), Verbatim::text("1"));
        assert!(Verbatim::parse("1 2").is_err() && Verbatim::parse("").is_err());
        assert_eq!(Verbatim::from(7).to_json(), "7");
        assert_eq!(Verbatim::from(true).to_json(), "true");
    }

    #[test]
    fn a_value_read_through_a_tree_survives() {
        let tree: serde_json::Value = serde_json::from_str(r#"{"erp.x":[1,"a"]}"#).unwrap();
        let ext: Extension = serde_json::from_value(tree).unwrap();
        assert_eq!(ext.get("erp.x").unwrap().to_json(), r#"[1,"a"]"#);
    }

    #[test]
    fn extension_keys() {
        for (key, valid) in [
            ("erp.tryton.rec_name", true),
            ("csv:Größe", true),
            ("x12:PO1/02", true),
            ("a.b", true),
            ("plain", false),
            ("a..b", false),
            (".a", false),
            ("A.b", false),
            ("1a.b", false),
            ("csv:", false),
            ("other:x", false),
            ("", false),
        ] {
            assert_eq!(Extension::key_is_valid(key), valid, "{key:?}");
        }
    }
}
