//! A canonical document's JSON into the tree that writing works on.
//! Reads in one pass; members that the model does not know are left out, as the model's own reading does.
//! Invariant: values keep the JSON text they had.

use std::borrow::Cow;
use std::fmt;

use canonical::model::{Kind, ObjectId, model};
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;

use super::tree::{NodeId, Shape, Tree};

/// Adds a document to the tree and gives its top.
pub(super) fn load(
    tree: &mut Tree,
    root: ObjectId,
    json: &[u8],
) -> Result<NodeId, serde_json::Error> {
    let top = tree.spare(Shape::Object(root), 0);
    let mut reader = serde_json::Deserializer::from_slice(json);
    Members {
        tree,
        node: top,
        kind: root,
    }
    .deserialize(&mut reader)?;
    reader.end()?;
    Ok(top)
}

/// The members of an object.
struct Members<'t> {
    tree: &'t mut Tree,
    node: NodeId,
    kind: ObjectId,
}

impl<'de> DeserializeSeed<'de> for Members<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Members<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a {}", model().name(self.kind))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<Cow<'de, str>>()? {
            let Some((place, member)) = model().member(self.kind, &name) else {
                map.next_value::<IgnoredAny>()?;
                continue;
            };
            if member.list {
                let list = self.tree.ensure(self.node, place, Shape::List, 0);
                map.next_value_seed(Items {
                    tree: &mut *self.tree,
                    list,
                    kind: member.kind,
                })?;
            } else if let Kind::Object(kind) = member.kind {
                let node = self.tree.ensure(self.node, place, Shape::Object(kind), 0);
                map.next_value_seed(Members {
                    tree: &mut *self.tree,
                    node,
                    kind,
                })?;
            } else {
                let node = self.tree.ensure(self.node, place, Shape::Value, 0);
                set(self.tree, node, map.next_value::<&'de RawValue>()?);
            }
        }
        Ok(())
    }
}

/// The items of a list.
struct Items<'t> {
    tree: &'t mut Tree,
    list: NodeId,
    kind: Kind,
}

impl<'de> DeserializeSeed<'de> for Items<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for Items<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a list")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        loop {
            if let Kind::Object(kind) = self.kind {
                let node = self.tree.spare(Shape::Object(kind), 0);
                if items
                    .next_element_seed(Members {
                        tree: &mut *self.tree,
                        node,
                        kind,
                    })?
                    .is_none()
                {
                    return Ok(());
                }
                self.tree.append(self.list, node);
            } else {
                let Some(value) = items.next_element::<&'de RawValue>()? else {
                    return Ok(());
                };
                let node = self.tree.spare(Shape::Value, 0);
                set(self.tree, node, value);
                self.tree.append(self.list, node);
            }
        }
    }
}

fn set(tree: &mut Tree, node: NodeId, value: &RawValue) {
    let from = tree.text.len();
    tree.text.extend_from_slice(value.get().as_bytes());
    tree.set_from(node, from);
}

#[cfg(test)]
mod tests {
    use super::load;
    use crate::map::tree::Tree;
    use canonical::entity::EntityKind;
    use canonical::model::model;

    #[test]
    fn a_document_is_loaded_and_what_is_unknown_is_left_out() {
        let mut tree = Tree::default();
        let root = model().root(EntityKind::SalesOrder);
        let json = br#"{"order_id":"1","new":{"x":[1]},"parties":[{"role":"buyer","address":{"lines":["a","b"]}}],"lines":[]}"#;
        let top = load(&mut tree, root, json).unwrap();
        let (parties, _) = model().member(root, "parties").unwrap();
        assert_eq!(tree.count(tree.child(top, parties).unwrap()), 1);
        assert!(load(&mut tree, root, b"{\"lines\":7}").is_err());
        assert!(load(&mut tree, root, b"{} x").is_err());
    }
}
