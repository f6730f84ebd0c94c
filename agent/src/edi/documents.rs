//! Canonical documents as files hold them: one after the other or in a list, alone or in the envelopes that `convert` prints.
//! Never looks into a document further than to find it.
//! Invariant: one document is in memory at a time.

use std::io::Read;

use canonical::entity::EntityKind;
use canonical::envelope::kind_of;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A document as it was written.
pub(super) struct Document {
    /// Its JSON.
    pub(super) json: Box<RawValue>,
    /// What its envelope says that it is; none without an envelope.
    pub(super) kind: Option<EntityKind>,
}

/// What tells an envelope from a document.
#[derive(Deserialize)]
struct Envelope {
    specversion: Option<String>,
    r#type: Option<String>,
    data: Option<Box<RawValue>>,
}

/// Gives every document of one input to `each`.
///
/// # Errors
/// For the first that is no JSON, and what `each` returns.
pub(super) fn documents(
    input: &mut dyn Read,
    each: &mut dyn FnMut(Document) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let values = serde_json::Deserializer::from_reader(input).into_iter::<Box<RawValue>>();
    for value in values {
        let value = value?;
        if !value.get().starts_with('[') {
            each(unwrapped(value)?)?;
            continue;
        }
        let list: Vec<Box<RawValue>> = serde_json::from_str(value.get())?;
        for value in list {
            each(unwrapped(value)?)?;
        }
    }
    Ok(())
}

/// The document in an envelope; one without an envelope itself.
fn unwrapped(value: Box<RawValue>) -> anyhow::Result<Document> {
    if !value.get().contains("\"specversion\"") {
        return Ok(Document {
            json: value,
            kind: None,
        });
    }
    let envelope: Envelope = serde_json::from_str(value.get())?;
    Ok(match (envelope.specversion, envelope.data) {
        (Some(_), Some(json)) => Document {
            json,
            kind: envelope.r#type.as_deref().and_then(kind_of),
        },
        _ => Document {
            json: value,
            kind: None,
        },
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may panic")]
mod tests {
    use super::documents;

    #[test]
    fn documents_are_found_alone_in_lists_and_in_envelopes() {
        let text = r#"{"sku":"A"} [{"sku":"B"},{"type":"standard"}]
            {"specversion":"1.0","type":"dev.legacybridge.price.v1","data":{"sku":"C"}}
            {"note":"\"specversion\""}"#;
        let mut found = Vec::new();
        documents(&mut text.as_bytes(), &mut |document| {
            let kind = document.kind.map(|kind| kind.to_string());
            found.push(format!("{} {}", kind.unwrap_or_default(), document.json));
            Ok(())
        })
        .unwrap();
        let want = [
            r#" {"sku":"A"}"#,
            r#" {"sku":"B"}"#,
            r#" {"type":"standard"}"#,
            r#"price {"sku":"C"}"#,
            r#" {"note":"\"specversion\""}"#,
        ];
        assert_eq!(found, want);
        let broken = documents(&mut "{\"a\":1} {".as_bytes(), &mut |_| Ok(()));
        assert!(broken.unwrap_err().to_string().contains("EOF"));
    }
}
