//! Paths into a canonical document, checked against the model when a mapping is compiled: `quantity.value`,
//! `references[type=release].value`, `orders[1].order_id`, `address.lines[]`, `/packages` from the top.
//! Never sees a document.
//! Invariant: a path that was compiled leads to a member that every document of its kind can have.

use std::borrow::Cow;
use std::sync::Arc;

use canonical::model::{Kind, Member, ObjectId, model};

use super::language::Address;

/// A way from an object to one of its members or those below it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Path {
    /// From the document's top, not from the object at hand.
    pub(crate) from_root: bool,
    pub(crate) steps: Box<[Step]>,
    /// The member it ends at.
    pub(crate) member: u16,
    pub(crate) kind: Kind,
    /// Appends to the member, which is a list.
    pub(crate) list: bool,
    /// Some selector names an element of the segment at hand.
    pub(crate) asks: bool,
}

/// One object further down.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Step {
    /// Into the object of a member.
    Member { member: u16, object: ObjectId },
    /// Into the item of a list that has these words or texts, or the first where none are named; it is made when there
    /// is none.
    Item {
        member: u16,
        object: ObjectId,
        selectors: Arc<[Selector]>,
    },
}

/// A member of an item and what it must be; nothing stands for one that must not be there.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Selector {
    pub(crate) member: u16,
    pub(crate) value: Box<str>,
    /// The element of the segment at hand that has the value.
    pub(crate) from: Option<Address>,
}

impl Path {
    /// The member of a path that ends at the object itself.
    pub(crate) const SELF: u16 = u16::MAX;

    /// The path with the values of the elements that its selectors name; itself where they name none, nothing where such
    /// an element is empty.
    pub(crate) fn with_values(&self, value: impl Fn(Address) -> String) -> Option<Cow<'_, Self>> {
        if !self.asks {
            return Some(Cow::Borrowed(self));
        }
        let mut path = self.clone();
        for step in &mut path.steps {
            if let Step::Item { selectors, .. } = step {
                let filled = selectors.iter().map(|selector| {
                    let value = selector.from.map_or(selector.value.to_string(), &value);
                    let empty = selector.from.is_some() && value.is_empty();
                    (!empty).then(|| Selector {
                        value: value.into(),
                        ..*selector
                    })
                });
                *selectors = filled.collect::<Option<_>>()?;
            }
        }
        Some(Cow::Owned(path))
    }

    /// Compiles a path that starts at `object`, in a document whose top is `root`.
    pub(crate) fn read(text: &str, object: ObjectId, root: ObjectId) -> Result<Self, String> {
        let (text, from_root) = text
            .strip_prefix('/')
            .map_or((text, false), |rest| (rest, true));
        let mut object = if from_root { root } else { object };
        if text == "." {
            return Ok(Self {
                from_root,
                steps: Box::default(),
                member: Self::SELF,
                kind: Kind::Object(object),
                list: false,
                asks: false,
            });
        }
        let mut steps = Vec::new();
        let mut parts = split(text).into_iter().peekable();
        while let Some(part) = parts.next() {
            let (name, selectors) = part
                .split_once('[')
                .map_or((part, None), |(name, rest)| (name, rest.strip_suffix(']')));
            let (member, found) = find(object, name)?;
            if parts.peek().is_none() {
                return Self::end(from_root, steps, member, found, selectors);
            }
            let Kind::Object(inner) = found.kind else {
                return Err(format!("{name} has no members"));
            };
            steps.push(match (found.list, selectors) {
                (false, None) => Step::Member {
                    member,
                    object: inner,
                },
                (true, Some(text)) => Step::Item {
                    member,
                    object: inner,
                    selectors: read_selectors(text, inner)?,
                },
                (true, None) => {
                    return Err(format!(
                        "{name} is a list: say which item, as in {name}[type=contract]"
                    ));
                }
                (false, Some(_)) => return Err(format!("{name} is no list")),
            });
            object = inner;
        }
        Err("expected a path".to_owned())
    }

    fn end(
        from_root: bool,
        steps: Vec<Step>,
        member: u16,
        found: &Member,
        selectors: Option<&str>,
    ) -> Result<Self, String> {
        let list = match (found.list, selectors) {
            (list, Some("")) if list => true,
            (true, None) if matches!(found.kind, Kind::Object(_)) => true,
            (false, None) => false,
            (true, _) => return Err(format!("{} is a list: write {}[]", found.name, found.name)),
            (false, Some(_)) => return Err(format!("{} is no list", found.name)),
        };
        let asks = |step: &Step| match step {
            Step::Item { selectors, .. } => {
                selectors.iter().any(|selector| selector.from.is_some())
            }
            Step::Member { .. } => false,
        };
        Ok(Self {
            from_root,
            asks: steps.iter().any(asks),
            steps: steps.into(),
            member,
            kind: found.kind,
            list,
        })
    }
}

/// Splits at full stops that stand in no brackets.
fn split(text: &str) -> Vec<&str> {
    let mut depth = 0_u32;
    text.split(|character| {
        match character {
            '[' => depth += 1,
            ']' => depth = depth.saturating_sub(1),
            _ => {}
        }
        character == '.' && depth == 0
    })
    .collect()
}

fn find(object: ObjectId, name: &str) -> Result<(u16, &'static Member), String> {
    model().member(object, name).ok_or_else(|| {
        let names: Vec<&str> = model()
            .members(object)
            .iter()
            .map(|member| member.name)
            .collect();
        format!(
            "{} has no {name:?}, only {}",
            model().name(object),
            names.join(", ")
        )
    })
}

fn read_selectors(text: &str, object: ObjectId) -> Result<Arc<[Selector]>, String> {
    if text == "1" {
        return Ok(Arc::default()); // nothing is asked of it: the first
    }
    let one = |text: &str| {
        let (name, value) = text
            .split_once('=')
            .ok_or("expected member=word in the brackets")?;
        let (member, _) = find(object, name)?;
        let from = value.strip_prefix('@').and_then(Address::read);
        let value = if from.is_some() { "" } else { value };
        Ok(Selector {
            member,
            value: value.into(),
            from,
        })
    };
    text.split(',').map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::Path;
    use canonical::entity::EntityKind;
    use canonical::model::model;

    #[test]
    fn paths() {
        let root = model().root(EntityKind::SalesOrder);
        for (text, want) in [
            ("order_id", "ok"),
            ("shipping.carrier", "ok"),
            ("references[type=x12:zz].value", "ok"),
            ("/lines", "ok"),
            ("lines[1].sku", "ok"),
            ("parties[role=buyer].address.lines[]", "ok"),
            (
                "lines.quantity",
                "lines is a list: say which item, as in lines[type=contract]",
            ),
            ("shipping[a=b].carrier", "shipping is no list"),
            ("order_id.x", "order_id has no members"),
            (
                "parties[role=buyer].address.lines",
                "lines is a list: write lines[]",
            ),
            ("notes[text].type", "expected member=word in the brackets"),
            (
                "shipping.x",
                "shipping_terms has no \"x\", only carrier, service, account, incoterm, partial_allowed",
            ),
        ] {
            let path = Path::read(text, root, root);
            assert_eq!(path.err().unwrap_or("ok".to_owned()), want, "{text}");
        }
    }
}
