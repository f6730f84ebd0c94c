//! What the engine must know of each object of the model for every document again, looked up once.
//! Data only. A set of members is a number with a bit for each.
//! Invariant: the facts follow from the model's table and from nothing else.

use std::sync::LazyLock;

use canonical::model::{Kind, Member, ObjectId, model};

/// What follows from the document around an object, by its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fill {
    /// Nothing.
    None,
    /// An amount: its currency.
    Money { currency: u16 },
    /// A price: its currency, and the quantity that it is for.
    Price { currency: u16, per: Per },
    /// A quantity: its unit.
    Quantity { value: u16, unit: u16 },
}

/// What a price is for: a quantity, and that one's members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Per {
    pub(super) member: u16,
    pub(super) object: ObjectId,
    pub(super) value: u16,
    pub(super) unit: u16,
}

/// An item that is a number and what a code says of it, by its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pairing {
    Identifier { scheme: u16, value: u16 },
    Reference { kind: u16, value: u16 },
    Date { kind: u16, code: u16, value: u16 },
}

/// One object's facts.
#[derive(Debug)]
pub(super) struct Facts {
    /// The members that it must have.
    pub(super) required: u64,
    /// Those of them that do not follow from what is there.
    pub(super) stated: u64,
    /// The members that are objects, or lists of them.
    pub(super) objects: u64,
    /// The lists that it must have and that can be empty: an address without a street still has a town.
    pub(super) empties: u64,
    pub(super) fill: Fill,
    /// Nothing follows for it and it holds no objects.
    pub(super) is_plain: bool,
    /// The member that is its quantity, and the unit of that.
    pub(super) quantity: Option<(u16, u16)>,
    pub(super) unmapped: Option<u16>,
    pub(super) currency: Option<u16>,
    /// The seller's article number.
    pub(super) sku: Option<u16>,
    pub(super) pairing: Option<Pairing>,
    /// `,"name":` of each member, ready to be written.
    pub(super) names: Vec<Box<[u8]>>,
}

/// The facts of an object.
pub(super) fn facts(object: ObjectId) -> &'static Facts {
    static FACTS: LazyLock<Vec<Facts>> =
        LazyLock::new(|| model().objects().map(Facts::of).collect());
    static NOTHING: Facts = Facts {
        required: 0,
        stated: 0,
        objects: 0,
        empties: 0,
        fill: Fill::None,
        is_plain: true,
        quantity: None,
        unmapped: None,
        currency: None,
        sku: None,
        pairing: None,
        names: Vec::new(),
    };
    FACTS.get(object.place()).unwrap_or(&NOTHING)
}

/// The bit of a member. No object of the model has more members than bits.
pub(super) const fn bit(member: u16) -> u64 {
    1 << if member < 63 { member } else { 63 }
}

/// The members of a set.
pub(super) fn members(mut set: u64) -> impl Iterator<Item = u16> {
    std::iter::from_fn(move || {
        let member = u16::try_from(set.trailing_zeros()).unwrap_or(63);
        (set != 0).then(|| {
            set &= set - 1;
            member
        })
    })
}

impl Facts {
    fn of(object: ObjectId) -> Self {
        let all = |is: &dyn Fn(&Member) -> bool| {
            let found = (0..).zip(model().members(object));
            found
                .filter(|(_, member)| is(member))
                .fold(0, |set, (place, _)| set | bit(place))
        };
        let place = |name: &str| model().member(object, name).map(|(place, _)| place);
        let empty = |member: &Member| member.required && member.list && !member.filled;
        let follows = |member: &Member| matches!(member.name, "currency" | "unit" | "per");
        let names = model().members(object).iter();
        let quantity = place("quantity").map_or("min_quantity", |_| "quantity");
        let quantity = inner(object, quantity)
            .and_then(|(member, object)| Some((member, model().member(object, "unit")?.0)));
        let objects = all(&|member| matches!(member.kind, Kind::Object(_)));
        let empties = all(&empty);
        let fill = Self::fill(object).unwrap_or(Fill::None);
        Self {
            required: all(&|member| member.required),
            stated: all(&|member| member.required && !empty(member) && !follows(member)),
            objects,
            empties,
            fill,
            is_plain: objects | empties == 0 && fill == Fill::None,
            quantity,
            unmapped: place("unmapped"),
            currency: place("currency"),
            sku: place("sku"),
            pairing: Self::pairing(object),
            names: names
                .map(|member| format!(",\"{}\":", member.name).into_bytes().into())
                .collect(),
        }
    }

    fn pairing(object: ObjectId) -> Option<Pairing> {
        let place = |name| model().member(object, name).map(|(place, _)| place);
        let value = place("value")?;
        Some(match model().name(object) {
            "reference" => Pairing::Reference {
                kind: place("type")?,
                value,
            },
            "date_ref" => Pairing::Date {
                kind: place("type")?,
                code: place("code")?,
                value,
            },
            _ => Pairing::Identifier {
                scheme: place("scheme")?,
                value,
            },
        })
    }

    fn fill(object: ObjectId) -> Option<Fill> {
        let place = |object, name| model().member(object, name).map(|(place, _)| place);
        match model().name(object) {
            "money" => Some(Fill::Money {
                currency: place(object, "currency")?,
            }),
            "unit_price" => {
                let (member, quantity) = inner(object, "per")?;
                let per = Per {
                    member,
                    object: quantity,
                    value: place(quantity, "value")?,
                    unit: place(quantity, "unit")?,
                };
                let currency = place(object, "currency")?;
                Some(Fill::Price { currency, per })
            }
            "quantity" => Some(Fill::Quantity {
                value: place(object, "value")?,
                unit: place(object, "unit")?,
            }),
            _ => None,
        }
    }
}

/// A member that is an object, and which.
fn inner(object: ObjectId, name: &str) -> Option<(u16, ObjectId)> {
    let (member, found) = model().member(object, name)?;
    let Kind::Object(inner) = found.kind else {
        return None;
    };
    Some((member, inner))
}

#[cfg(test)]
mod tests {
    use super::{Fill, bit, facts, members};
    use canonical::entity::EntityKind;
    use canonical::model::model;

    #[test]
    fn facts_follow_from_the_model() {
        let order = model().root(EntityKind::SalesOrder);
        let of_order = facts(order);
        assert_eq!(of_order.names[0].as_ref(), b",\"schema_version\":");
        assert_eq!(of_order.required & 1, 1);
        assert!(of_order.unmapped.is_some() && of_order.fill == Fill::None);
        let object = |name| model().objects().find(|id| model().name(*id) == name);
        let money = facts(object("money").unwrap());
        assert!(matches!(money.fill, Fill::Money { .. }));
        assert_eq!(money.required & !money.stated, bit(money.currency.unwrap()));
        let line = facts(object("order_line").unwrap());
        assert!(line.quantity.is_some());
        assert_eq!(members(0b10_0101).collect::<Vec<_>>(), [0, 2, 5]);
        for object in model().objects() {
            assert!(model().members(object).len() < 64, "a bit for each member");
        }
    }
}
