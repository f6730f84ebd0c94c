//! A document on its way: what a format yields, and the same sealed for the queue.
//! Never stores or sends; sealing is a pure step from a typed entity to bytes.
//! Invariant: sealing the same document again gives the same bytes.

use serde::{Deserialize, Serialize, Serializer};

use crate::entity::{Entity, EntityKind};

/// What a format yields.
#[derive(Clone, Debug, PartialEq)]
pub struct Document {
    /// The business document.
    pub entity: Entity,
    /// Record or transaction index within the claim, from 0.
    pub record: u64,
    /// What happened once, for EDI: `x12/{sender qual:id}/{receiver}/{ISA13}/{GS06}/{ST02}`.
    /// `None` stands for `{ingest_id}#{record}`.
    pub occurrence: Option<String>,
}

/// A document as the queue keeps it: the facts that route it, and its JSON.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sealed {
    /// Which entity `data` holds.
    pub kind: EntityKind,
    /// Record or transaction index within the claim, from 0.
    pub record: u64,
    /// 0; raised only when a person converts a claim again to send it anew.
    pub revision: u32,
    /// `{entity}/{business key}`.
    pub subject: String,
    /// Documents with the same key are delivered in order.
    pub partition_key: String,
    /// The as-of instant the entity states, if it states one.
    pub time: Option<String>,
    /// See [`Document::occurrence`].
    pub occurrence: Option<String>,
    /// The entity's JSON, provenance inside.
    pub data: Vec<u8>,
}

/// [`Sealed`], borrowed: what a block is read into without copying.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SealedRef<'a> {
    /// Which entity `data` holds.
    pub kind: EntityKind,
    /// Record or transaction index within the claim, from 0.
    pub record: u64,
    /// 0; raised only when a person converts a claim again to send it anew.
    pub revision: u32,
    /// `{entity}/{business key}`.
    pub subject: &'a str,
    /// Documents with the same key are delivered in order.
    pub partition_key: &'a str,
    /// The as-of instant the entity states, if it states one.
    pub time: Option<&'a str>,
    /// See [`Document::occurrence`].
    pub occurrence: Option<&'a str>,
    /// The entity's JSON, provenance inside.
    #[serde(serialize_with = "as_bytes")]
    pub data: &'a [u8],
}

/// In one piece; serde's own way writes byte by byte.
fn as_bytes<S: Serializer>(data: &&[u8], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_bytes(data)
}

impl Document {
    /// A document whose occurrence is its place in the claim.
    pub fn new(entity: impl Into<Entity>, record: u64) -> Self {
        Self {
            entity: entity.into(),
            record,
            occurrence: None,
        }
    }

    /// Turns the entity into bytes and reads off what routes it. Revision 0.
    pub fn seal(self) -> Sealed {
        let subject = self.entity.subject();
        Sealed {
            kind: self.entity.kind(),
            record: self.record,
            revision: 0,
            partition_key: self.entity.order_key().unwrap_or_else(|| subject.clone()),
            subject,
            time: self.entity.as_of().map(|time| time.as_str().to_owned()),
            occurrence: self.occurrence,
            data: self.entity.to_json(),
        }
    }
}

impl Sealed {
    /// The same, borrowed.
    pub fn view(&self) -> SealedRef<'_> {
        SealedRef {
            kind: self.kind,
            record: self.record,
            revision: self.revision,
            subject: &self.subject,
            partition_key: &self.partition_key,
            time: self.time.as_deref(),
            occurrence: self.occurrence.as_deref(),
            data: &self.data,
        }
    }
}

impl<'a> SealedRef<'a> {
    /// An owned copy.
    pub fn to_sealed(&self) -> Sealed {
        Sealed {
            kind: self.kind,
            record: self.record,
            revision: self.revision,
            subject: self.subject.to_owned(),
            partition_key: self.partition_key.to_owned(),
            time: self.time.map(str::to_owned),
            occurrence: self.occurrence.map(str::to_owned),
            data: self.data.to_vec(),
        }
    }

    /// The occurrence that goes into the id: the stated one, or the place in the claim.
    pub fn occurrence_in(&self, ingest_id: &str) -> std::borrow::Cow<'a, str> {
        match self.occurrence {
            Some(occurrence) => occurrence.into(),
            None => format!("{ingest_id}#{}", self.record).into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Document;
    use crate::entity::{Entity, EntityKind};

    #[test]
    fn sealing_is_pure_and_states_only_what_the_entity_states() {
        for (as_of, time) in [
            ("2026-11-23", None),
            ("2026-11-23T08:41:40.120Z", Some("2026-11-23T08:41:40.120Z")),
        ] {
            let json = format!(
                r#"{{"schema_version":"1.0","sku":"B1","location":{{"code":"STO"}},"as_of":"{as_of}","mode":"delta","quantities":{{}}}}"#
            );
            let entity = Entity::from_json(EntityKind::InventoryLevel, json.as_bytes()).unwrap();
            let sealed = Document {
                entity,
                record: 7,
                occurrence: None,
            };
            let (again, sealed) = (sealed.clone().seal(), sealed.seal());
            assert_eq!(sealed, again);
            assert_eq!(sealed.view().to_sealed(), sealed);
            assert_eq!(sealed.time.as_deref(), time);
            assert_eq!(
                (sealed.subject.as_str(), sealed.revision),
                ("inventory_level/B1@STO", 0)
            );
            assert_eq!(sealed.partition_key, sealed.subject);
            assert_eq!(String::from_utf8(sealed.data.clone()).unwrap(), json);
            assert_eq!(sealed.view().occurrence_in("01J"), "01J#7");
            let stated = super::SealedRef {
                occurrence: Some("x12/a/b/1/2/3"),
                ..sealed.view()
            };
            assert_eq!(stated.occurrence_in("01J"), "x12/a/b/1/2/3");
        }
    }
}
