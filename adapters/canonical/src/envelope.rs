//! The CloudEvents 1.0 envelope (structured JSON) around a document: attributes of the canonical model, §4.2.
//! Never re-parses the document's JSON: it is spliced in as it was sealed.
//! Invariant: the same sealed document of the same ingest and source always gets the same id.

use serde::{Deserialize, Serialize};

use crate::date::DateTime;
use crate::document::SealedRef;
use crate::entity::{Entity, EntityError, EntityKind};
use crate::id::{EnvelopeId, envelope_id};
use crate::ingest::Ingest;
use crate::verbatim::Verbatim;

const TYPE_PREFIX: &str = "dev.legacybridge.";
const TYPE_SUFFIX: &str = ".v1";

/// `urn:legacy-bridge:{tenant}:{agent}`.
pub fn source_urn(tenant: &str, agent: &str) -> String {
    format!("urn:legacy-bridge:{tenant}:{agent}")
}

/// `dev.legacybridge.{entity}.v1`.
///
/// ```
/// use canonical::{entity::EntityKind, envelope};
/// assert_eq!(envelope::event_type(EntityKind::InventoryLevel), "dev.legacybridge.inventory_level.v1");
/// assert_eq!(envelope::kind_of("dev.legacybridge.price.v1"), Some(EntityKind::Price));
/// ```
pub fn event_type(kind: EntityKind) -> String {
    format!("{TYPE_PREFIX}{kind}{TYPE_SUFFIX}")
}

/// The entity an event type stands for; `None` for types this version does not know.
pub fn kind_of(event_type: &str) -> Option<EntityKind> {
    event_type
        .strip_prefix(TYPE_PREFIX)?
        .strip_suffix(TYPE_SUFFIX)?
        .parse()
        .ok()
}

/// What all envelopes of one block share.
#[derive(Clone, Copy, Debug)]
pub struct EnvelopeContext<'a> {
    /// See [`source_urn`].
    pub source: &'a str,
    /// The tenant, as the certificate says.
    pub tenant: &'a str,
    /// The claim.
    pub ingest: &'a Ingest,
    /// When the agent made the event, if it is known.
    pub recorded_at: Option<DateTime>,
}

impl EnvelopeContext<'_> {
    /// The id of a document in this context.
    pub fn id(&self, document: &SealedRef<'_>) -> EnvelopeId {
        let occurrence = document.occurrence_in(self.ingest.ingest_id.as_str());
        let event_type = event_type(document.kind);
        envelope_id(
            self.source,
            &event_type,
            document.subject,
            &occurrence,
            document.revision,
        )
    }
}

/// One envelope as JSON. `sequence` is the document's number in the agent's log.
pub fn render(context: &EnvelopeContext<'_>, sequence: u64, document: &SealedRef<'_>) -> Vec<u8> {
    let mut out = Vec::with_capacity(document.data.len() + 768);
    let time = document.time.unwrap_or(context.ingest.received_at.as_str());
    out.extend(b"{\"specversion\":\"1.0\"");
    member(&mut out, "id", &context.id(document).to_string());
    member(&mut out, "source", context.source);
    member(&mut out, "type", &event_type(document.kind));
    member(&mut out, "subject", document.subject);
    member(&mut out, "time", time);
    if let Some(recorded) = &context.recorded_at {
        member(&mut out, "recordedtime", recorded.as_str());
    }
    member(&mut out, "datacontenttype", "application/json");
    member(&mut out, "dataschema", &document.kind.data_schema());
    member(&mut out, "partitionkey", document.partition_key);
    member(&mut out, "sequence", &format!("{sequence:020}"));
    member(&mut out, "tenantid", context.tenant);
    out.extend(b",\"data\":");
    out.extend(document.data);
    out.push(b'}');
    out
}

/// `,"name":"text"`; names are our own and need no escaping.
fn member(out: &mut Vec<u8>, name: &str, text: &str) {
    out.extend(b",\"");
    out.extend(name.as_bytes());
    out.extend(b"\":");
    serde_json::to_writer(out, text).expect("a string always serialises into a vector");
}

/// An envelope read back. Attributes this version does not know are ignored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Envelope {
    /// Always "1.0".
    pub specversion: SpecVersion,
    /// See [`envelope_id`].
    pub id: EnvelopeId,
    /// `urn:legacy-bridge:{tenant}:{agent}`.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = r"^urn:legacy-bridge:[a-z0-9-]+:[a-z0-9-]+(:.+)?$"))
    )]
    pub source: String,
    /// `dev.legacybridge.{entity}.v1`.
    #[cfg_attr(
        feature = "schema",
        schemars(regex(pattern = r"^[a-z0-9]+(\.[a-z0-9_-]+)+\.v[1-9][0-9]*$"))
    )]
    pub r#type: String,
    /// `{entity}/{business key}`.
    pub subject: String,
    /// The as-of time in the source, else when the claim was made.
    pub time: DateTime,
    /// When the agent made the event.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recordedtime: Option<DateTime>,
    /// Always `application/json`.
    pub datacontenttype: DataContentType,
    /// Where the schema of `data` is published.
    #[cfg_attr(feature = "schema", schemars(url))]
    pub dataschema: String,
    /// Events with the same key are delivered in order.
    pub partitionkey: String,
    /// The event's number in the agent's log, 20 digits.
    #[cfg_attr(feature = "schema", schemars(regex(pattern = r"^[0-9]{20}$")))]
    pub sequence: String,
    /// The thread the event belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub correlationid: Option<String>,
    /// The event that caused this one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub causationid: Option<String>,
    /// W3C trace context.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub traceparent: Option<String>,
    /// After this time the event is worthless.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expirytime: Option<DateTime>,
    /// Where the data is, when it is not inside.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dataref: Option<String>,
    /// The tenant.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tenantid: Option<String>,
    /// The entity's JSON, as it was sealed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(
        feature = "schema",
        schemars(with = "Option<serde_json::Map<String, serde_json::Value>>")
    )]
    pub data: Option<Verbatim>,
}

/// The CloudEvents version.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub enum SpecVersion {
    /// CloudEvents 1.0.
    #[serde(rename = "1.0")]
    V1,
}

/// The media type of `data`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(inline))]
pub enum DataContentType {
    /// JSON.
    #[serde(rename = "application/json")]
    Json,
}

/// Why an envelope holds no entity this version can read.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    /// A type of a newer version, or not ours.
    #[error("event type {0:?} is not known to this version")]
    Type(String),
    /// Only a reference to the data.
    #[error("the envelope carries no data")]
    NoData,
    /// The data is not the entity the type names.
    #[error(transparent)]
    Entity(#[from] EntityError),
}

impl Envelope {
    /// The entity inside.
    ///
    /// # Errors
    /// See [`EnvelopeError`].
    pub fn entity(&self) -> Result<Entity, EnvelopeError> {
        let kind = kind_of(&self.r#type).ok_or_else(|| EnvelopeError::Type(self.r#type.clone()))?;
        let data = self.data.as_ref().ok_or(EnvelopeError::NoData)?;
        Ok(Entity::from_json(kind, data.to_json().as_bytes())?)
    }
}

#[cfg(test)]
mod tests {
    use super::{
        Envelope, EnvelopeContext, EnvelopeError, event_type, kind_of, render, source_urn,
    };
    use crate::document::SealedRef;
    use crate::entity::EntityKind;
    use crate::id::envelope_id;
    use crate::ingest::Ingest;
    use expect_test::expect;

    fn ingest() -> Ingest {
        serde_json::from_str(
            r#"{"ingest_id":"01JDC4Z8Q2W3E4R5T6Y7H8J9K0","feed":"stock","received_at":"2026-11-23T08:41:40.120Z",
            "file":{"name":"stock.csv","size":0,"sha256":"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"}}"#,
        )
        .unwrap()
    }

    const DATA: &str = r#"{"schema_version":"1.0","sku":"B\"1","location":{"code":"STO"},"as_of":"2026-11-23","mode":"absolute","quantities":{}}"#;

    fn sealed() -> SealedRef<'static> {
        SealedRef {
            kind: EntityKind::InventoryLevel,
            record: 3,
            revision: 0,
            subject: "inventory_level/B\"1@STO",
            partition_key: "inventory_level/B\"1@STO",
            time: None,
            occurrence: None,
            data: DATA.as_bytes(),
        }
    }

    #[test]
    fn an_envelope_as_it_is_sent() {
        let (ingest, source) = (ingest(), source_urn("acme", "agent-1"));
        let mut context = EnvelopeContext {
            source: &source,
            tenant: "acme",
            ingest: &ingest,
            recorded_at: None,
        };
        let text = String::from_utf8(render(&context, 42, &sealed())).unwrap();
        expect![[r#"{"specversion":"1.0","id":"lb1-138107be93ae18b53aa2cf242b5a72bc882bc0896cd2dcad997c8a27e6cbfb6c","source":"urn:legacy-bridge:acme:agent-1","type":"dev.legacybridge.inventory_level.v1","subject":"inventory_level/B\"1@STO","time":"2026-11-23T08:41:40.120Z","datacontenttype":"application/json","dataschema":"https://schemas.legacy-bridge.example/v1/inventory_level/1.0.json","partitionkey":"inventory_level/B\"1@STO","sequence":"00000000000000000042","tenantid":"acme","data":{"schema_version":"1.0","sku":"B\"1","location":{"code":"STO"},"as_of":"2026-11-23","mode":"absolute","quantities":{}}}"#]].assert_eq(&text);
        let envelope: Envelope = serde_json::from_str(&text).unwrap();
        assert_eq!(
            serde_json::to_string(&envelope).unwrap(),
            text,
            "reads back to the byte"
        );
        let id = envelope_id(
            &source,
            &envelope.r#type,
            sealed().subject,
            "01JDC4Z8Q2W3E4R5T6Y7H8J9K0#3",
            0,
        );
        assert_eq!((envelope.id, context.id(&sealed())), (id, id));
        assert_eq!(envelope.entity().unwrap().subject(), sealed().subject);

        context.recorded_at = Some("2026-11-23T08:41:41Z".parse().unwrap());
        let timed = SealedRef {
            time: Some("2026-11-23T08:00:00Z"),
            revision: 1,
            ..sealed()
        };
        let envelope: Envelope = serde_json::from_slice(&render(&context, 42, &timed)).unwrap();
        assert_eq!(envelope.time.as_str(), "2026-11-23T08:00:00Z");
        assert_eq!(
            envelope.recordedtime.unwrap().as_str(),
            "2026-11-23T08:41:41Z"
        );
        assert_ne!(envelope.id, id, "a revision is a new event");
    }

    #[test]
    fn types_of_entities() {
        for kind in EntityKind::ALL {
            assert_eq!(kind_of(&event_type(*kind)), Some(*kind));
        }
        for unknown in [
            "dev.legacybridge.price.v2",
            "dev.legacybridge..v1",
            "price",
            "",
        ] {
            assert_eq!(kind_of(unknown), None, "{unknown:?}");
        }
    }

    #[test]
    fn what_holds_no_entity_says_so() {
        let ingest = ingest();
        let context = EnvelopeContext {
            source: "urn:legacy-bridge:a:b",
            tenant: "a",
            ingest: &ingest,
            recorded_at: None,
        };
        let envelope: Envelope = serde_json::from_slice(&render(&context, 1, &sealed())).unwrap();
        let wrong = Envelope {
            r#type: "com.example.x.v1".to_owned(),
            ..envelope.clone()
        };
        assert!(matches!(wrong.entity(), Err(EnvelopeError::Type(_))));
        let empty = Envelope {
            data: None,
            ..envelope.clone()
        };
        assert!(matches!(empty.entity(), Err(EnvelopeError::NoData)));
        let other = Envelope {
            r#type: event_type(EntityKind::Invoice),
            ..envelope
        };
        assert!(matches!(other.entity(), Err(EnvelopeError::Entity(_))));
    }
}
