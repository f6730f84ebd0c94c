//! The twelve business documents as one type: kind, keys, JSON.
//! Never judges content while reading: `check` does that, when asked.
//! Invariant: `subject` and `partition_key` are one line, and two different business keys never share one.

use std::fmt::Write as _;

use crate::ack_report::{AckReport, Issue};
use crate::customer::Customer;
use crate::date::DateTime;
use crate::inventory_level::InventoryLevel;
use crate::invoice::Invoice;
use crate::order_ack::OrderAck;
use crate::order_change::OrderChange;
use crate::payment::Payment;
use crate::price::Price;
use crate::price_list::PriceList;
use crate::product::Product;
use crate::provenance::Provenance;
use crate::reference::OrderReference;
use crate::sales_order::SalesOrder;
use crate::shipment::Shipment;
use crate::word::word;

word! {
    /// Which entity. The order is that of the blocks' wire format: new ones go to the end.
    EntityKind {
        /// [`Product`]
        Product = "product",
        /// [`InventoryLevel`]
        InventoryLevel = "inventory_level",
        /// [`PriceList`]
        PriceList = "price_list",
        /// [`Price`]
        Price = "price",
        /// [`Customer`]
        Customer = "customer",
        /// [`SalesOrder`]
        SalesOrder = "sales_order",
        /// [`OrderChange`]
        OrderChange = "order_change",
        /// [`OrderAck`]
        OrderAck = "order_ack",
        /// [`Shipment`]
        Shipment = "shipment",
        /// [`Invoice`]
        Invoice = "invoice",
        /// [`Payment`]
        Payment = "payment",
        /// [`AckReport`]
        AckReport = "ack_report",
    }
}

impl EntityKind {
    /// Whether only the newest document of a key counts (stock, prices); else each one does (orders).
    pub const fn is_state(self) -> bool {
        match self {
            Self::Product
            | Self::InventoryLevel
            | Self::PriceList
            | Self::Price
            | Self::Customer => true,
            Self::SalesOrder
            | Self::OrderChange
            | Self::OrderAck
            | Self::Shipment
            | Self::Invoice
            | Self::Payment
            | Self::AckReport => false,
        }
    }

    /// Every lane there is.
    pub const LANES: [&'static str; 2] = ["commands", "state"];

    /// The lane of the queue it travels in: `state` or `commands`, so that a million stock rows delay no order.
    pub const fn lane(self) -> &'static str {
        if self.is_state() { "state" } else { "commands" }
    }

    /// Where the schema of its current minor version is published.
    pub fn data_schema(self) -> String {
        format!(
            "https://schemas.legacy-bridge.example/v1/{self}/{}.json",
            crate::codes::SchemaVersion::CURRENT
        )
    }
}

/// Writes the enum, its conversions and everything that only forwards to the variant.
macro_rules! entities {
    ($($kind:ident),+) => {
        /// A business document of any kind.
        ///
        /// ```
        /// use canonical::entity::{Entity, EntityKind};
        /// let json = br#"{"schema_version":"1.0","sku":"B1","location":{"code":"STO"},"as_of":"2026-11-23",
        ///     "mode":"absolute","quantities":{"on_hand":{"value":"5","unit":"C62"}}}"#;
        /// let stock = Entity::from_json(EntityKind::InventoryLevel, json)?;
        /// assert_eq!(stock.subject(), "inventory_level/B1@STO");
        /// assert_eq!(stock.kind().lane(), "state");
        /// # Ok::<(), canonical::entity::EntityError>(())
        /// ```
        #[derive(Clone, Debug, PartialEq, Eq)]
        pub enum Entity {
            $(#[doc = concat!("See [`", stringify!($kind), "`].")] $kind(Box<$kind>),)+
        }

        $(impl From<$kind> for Entity {
            fn from(entity: $kind) -> Self {
                Self::$kind(Box::new(entity))
            }
        })+

        impl Entity {
            /// Which entity.
            pub const fn kind(&self) -> EntityKind {
                match self { $(Self::$kind(_) => EntityKind::$kind),+ }
            }

            /// Where it came from, if it says.
            pub fn provenance(&self) -> Option<&Provenance> {
                match self { $(Self::$kind(entity) => entity.provenance.as_ref()),+ }
            }

            /// Where it came from, to be set.
            pub fn provenance_mut(&mut self) -> &mut Option<Provenance> {
                match self { $(Self::$kind(entity) => &mut entity.provenance),+ }
            }

            /// Its JSON on one line.
            pub fn to_json(&self) -> Vec<u8> {
                let mut json = Vec::with_capacity(512);
                let written = match self { $(Self::$kind(entity) => serde_json::to_writer(&mut json, entity)),+ };
                written.expect("keys are strings and a vector takes every byte");
                json
            }

            /// Reads the JSON of one entity. Members this version does not know are ignored.
            ///
            /// # Errors
            /// When a member is missing or has not its form; line and column are in the message.
            pub fn from_json(kind: EntityKind, json: &[u8]) -> Result<Self, EntityError> {
                let read = match kind {
                    $(EntityKind::$kind => serde_json::from_slice::<Box<$kind>>(json).map(Self::$kind)),+
                };
                read.map_err(|source| EntityError { kind, source })
            }
        }
    };
}

entities!(
    Product,
    InventoryLevel,
    PriceList,
    Price,
    Customer,
    SalesOrder,
    OrderChange,
    OrderAck,
    Shipment,
    Invoice,
    Payment,
    AckReport
);

/// JSON that is not the entity it should be.
#[derive(Debug, thiserror::Error)]
#[error("not a {kind} of the canonical model: {source}")]
pub struct EntityError {
    /// What it should be.
    pub kind: EntityKind,
    source: serde_json::Error,
}

impl Entity {
    /// `{entity}/{business key}`, canonical model §4.4. In a key of several parts, `/` and `@` inside a
    /// part are percent-encoded, so that keys stay distinct; so are `%` and control characters everywhere.
    pub fn subject(&self) -> String {
        let mut key = Key::of(self.kind().as_str());
        match self {
            Self::Product(product) => key.only(&product.sku),
            Self::InventoryLevel(stock) => key
                .part("/", &stock.sku)
                .part("@", &stock.location.code)
                .maybe("/", stock.lot.as_deref()),
            Self::PriceList(list) => key.only(&list.code),
            Self::Price(price) => key
                .part("/", &price.price_list)
                .part("/", &price.sku)
                .maybe("/", price.customer.as_deref()),
            Self::Customer(customer) => key.only(&customer.account),
            Self::SalesOrder(order) => key.only(&order.order_id),
            Self::OrderChange(change) => key
                .part("/", &change.order_id)
                .part("@", &change.revision.to_string()),
            Self::OrderAck(ack) => key
                .part("/", &ack.order_id)
                .maybe("/", ack.erp_order_number.as_deref()),
            Self::Shipment(shipment) => key.only(&shipment.shipment_id),
            Self::Invoice(invoice) => key.only(&invoice.invoice_number),
            Self::Payment(payment) => key.only(&payment.payment_id),
            Self::AckReport(report) => concerned(&mut key, &|name| concern(report, name)),
        };
        key.0
    }

    /// Documents with the same key are delivered in order, §4.2: all that belongs to one order shares
    /// `order/{order_id}`; everything else has its subject as key. A shipment or invoice of several orders
    /// stands alone: it cannot wait in two queues.
    pub fn partition_key(&self) -> String {
        self.order_key().unwrap_or_else(|| self.subject())
    }

    /// The key of what belongs to exactly one order.
    pub(crate) fn order_key(&self) -> Option<String> {
        let order_id = match self {
            Self::SalesOrder(order) => &order.order_id,
            Self::OrderChange(change) => &change.order_id,
            Self::OrderAck(ack) => &ack.order_id,
            Self::Shipment(shipment) => only_order(&shipment.orders)?,
            Self::Invoice(invoice) => only_order(&invoice.orders)?,
            Self::Product(_)
            | Self::InventoryLevel(_)
            | Self::PriceList(_)
            | Self::Price(_)
            | Self::Customer(_)
            | Self::Payment(_)
            | Self::AckReport(_) => return None,
        };
        let mut key = Key::of("order");
        key.only(order_id);
        Some(key.0)
    }

    /// The instant the entity states as its own, where it states one (a bare date is none).
    pub fn as_of(&self) -> Option<DateTime> {
        match self {
            Self::InventoryLevel(stock) => stock.as_of.date_time(),
            Self::SalesOrder(order) => order.placed_at.and_then(|placed| placed.date_time()),
            Self::OrderChange(change) => change.requested_at,
            Self::OrderAck(ack) => ack.acknowledged_at,
            Self::Shipment(shipment) => shipment.shipped_at.and_then(|shipped| shipped.date_time()),
            Self::AckReport(report) => report.at,
            Self::Product(_)
            | Self::PriceList(_)
            | Self::Price(_)
            | Self::Customer(_)
            | Self::Invoice(_)
            | Self::Payment(_) => None,
        }
    }

    /// Verifies what the types cannot: lists, check digits, sums, trees. Empty when all is well.
    /// `Issue::path` is a JSON pointer into [`Entity::to_json`].
    pub fn check(&self) -> Vec<Issue> {
        crate::checks::check(self)
    }
}

fn only_order(orders: &[OrderReference]) -> Option<&String> {
    let first = &orders.first()?.order_id;
    orders
        .iter()
        .all(|order| order.order_id == *first)
        .then_some(first)
}

/// A report's key: the subject it is on, else the finest control numbers it names, else the event.
fn concerned<'a>(key: &'a mut Key, text: &dyn Fn(&str) -> Option<String>) -> &'a mut Key {
    if let Some(subject) = text("subject") {
        return key.only(&subject);
    }
    let numbers = ["interchange", "group", "transaction"].map(text);
    if numbers.iter().all(Option::is_none) {
        let id = text("event_id").or_else(|| text("ingest_id"));
        return key.only(id.as_deref().unwrap_or("unknown"));
    }
    for number in numbers {
        key.part("/", &number.unwrap_or_default());
    }
    key
}

/// What a report concerns, by the member's name.
fn concern(report: &AckReport, name: &str) -> Option<String> {
    let concerns = &report.concerns;
    let member = match name {
        "subject" => &concerns.subject,
        "interchange" => &concerns.interchange,
        "group" => &concerns.group,
        "transaction" => &concerns.transaction,
        "event_id" => &concerns.event_id,
        "ingest_id" => &concerns.ingest_id,
        _ => return None,
    };
    member.clone()
}

/// Where a document is filed: what [`Entity`] says of itself, for one that is written without being read into its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Keys {
    /// [`Entity::subject`]
    pub subject: String,
    /// [`Entity::partition_key`]
    pub partition_key: String,
    /// The instant that the document states for itself, if it states one.
    pub time: Option<String>,
}

impl Keys {
    /// The keys of a document of this kind. `text` gives the text of a member by its path (`location.code`), `orders` the
    /// `order_id` of each item of its list `orders`.
    pub fn of(kind: EntityKind, text: &dyn Fn(&str) -> Option<String>, orders: &[String]) -> Self {
        let part = |path: &str| text(path).unwrap_or_default();
        let mut key = Key::of(kind.as_str());
        match kind {
            EntityKind::Product => key.only(&part("sku")),
            EntityKind::InventoryLevel => key
                .part("/", &part("sku"))
                .part("@", &part("location.code"))
                .maybe("/", text("lot").as_deref()),
            EntityKind::PriceList => key.only(&part("code")),
            EntityKind::Price => key
                .part("/", &part("price_list"))
                .part("/", &part("sku"))
                .maybe("/", text("customer").as_deref()),
            EntityKind::Customer => key.only(&part("account")),
            EntityKind::SalesOrder => key.only(&part("order_id")),
            EntityKind::OrderChange => key
                .part("/", &part("order_id"))
                .part("@", &part("revision")),
            EntityKind::OrderAck => key
                .part("/", &part("order_id"))
                .maybe("/", text("erp_order_number").as_deref()),
            EntityKind::Shipment => key.only(&part("shipment_id")),
            EntityKind::Invoice => key.only(&part("invoice_number")),
            EntityKind::Payment => key.only(&part("payment_id")),
            EntityKind::AckReport => concerned(&mut key, &|name| text(&format!("concerns.{name}"))),
        };
        let order = match kind {
            EntityKind::SalesOrder | EntityKind::OrderChange | EntityKind::OrderAck => {
                text("order_id")
            }
            EntityKind::Shipment | EntityKind::Invoice => orders
                .first()
                .filter(|first| orders.iter().all(|order| order == *first))
                .cloned(),
            EntityKind::Product
            | EntityKind::InventoryLevel
            | EntityKind::PriceList
            | EntityKind::Price
            | EntityKind::Customer
            | EntityKind::Payment
            | EntityKind::AckReport => None,
        };
        let stated = match kind {
            EntityKind::InventoryLevel => Some("as_of"),
            EntityKind::SalesOrder => Some("placed_at"),
            EntityKind::OrderChange => Some("requested_at"),
            EntityKind::OrderAck => Some("acknowledged_at"),
            EntityKind::Shipment => Some("shipped_at"),
            EntityKind::AckReport => Some("at"),
            EntityKind::Product
            | EntityKind::PriceList
            | EntityKind::Price
            | EntityKind::Customer
            | EntityKind::Invoice
            | EntityKind::Payment => None,
        };
        let partition_key = order.map(|order| {
            let mut key = Key::of("order");
            key.only(&order);
            key.0
        });
        Self {
            partition_key: partition_key.unwrap_or_else(|| key.0.clone()),
            subject: key.0,
            time: stated.and_then(text).filter(|time| time.contains('T')),
        }
    }
}

/// A key in the making.
struct Key(String);

impl Key {
    fn of(entity: &str) -> Self {
        let mut text = String::with_capacity(64);
        text.push_str(entity);
        Self(text)
    }

    /// The key's only part.
    fn only(&mut self, part: &str) -> &mut Self {
        self.push("/", part, |character| {
            character == '%' || character.is_control()
        })
    }

    /// One of several parts.
    fn part(&mut self, separator: &str, part: &str) -> &mut Self {
        self.push(separator, part, |character| {
            matches!(character, '%' | '/' | '@') || character.is_control()
        })
    }

    fn maybe(&mut self, separator: &str, part: Option<&str>) -> &mut Self {
        match part {
            Some(part) => self.part(separator, part),
            None => self,
        }
    }

    fn push(&mut self, separator: &str, part: &str, escaped: impl Fn(char) -> bool) -> &mut Self {
        self.0.push_str(separator);
        if !part.contains(&escaped) {
            self.0.push_str(part);
            return self;
        }
        for character in part.chars() {
            if escaped(character) {
                let mut bytes = [0; 4];
                for byte in character.encode_utf8(&mut bytes).bytes() {
                    // Writing to a string cannot fail.
                    write!(self.0, "%{byte:02X}").unwrap_or_default();
                }
            } else {
                self.0.push(character);
            }
        }
        self
    }
}

#[cfg(test)]
mod tests {
    use super::{Entity, EntityKind};
    use proptest::prelude::{prop_assert, prop_assert_eq, prop_assume, proptest};

    fn entity(kind: EntityKind, members: &str) -> Entity {
        let json = format!(r#"{{"schema_version":"1.0",{members}}}"#);
        Entity::from_json(kind, json.as_bytes()).unwrap_or_else(|error| panic!("{error}"))
    }

    fn stock(sku: &str, location: &str, lot: Option<&str>) -> Entity {
        let lot = lot
            .map(|lot| format!(r#""lot":{},"#, serde_json::json!(lot)))
            .unwrap_or_default();
        let (sku, location) = (serde_json::json!(sku), serde_json::json!(location));
        entity(
            EntityKind::InventoryLevel,
            &format!(
                r#""sku":{sku},"location":{{"code":{location}}},{lot}"as_of":"2026-11-23","mode":"absolute","quantities":{{}}"#
            ),
        )
    }

    /// Rows of entity, members, subject, partition key.
    fn check_keys(rows: &[(EntityKind, &str, &str, &str)]) {
        for (kind, members, subject, partition) in rows {
            let entity = entity(*kind, members);
            assert_eq!(
                (entity.subject().as_str(), entity.partition_key().as_str()),
                (*subject, *partition)
            );
        }
    }

    #[test]
    fn keys_of_state() {
        use EntityKind::{Customer, Price, PriceList, Product};
        let product =
            r#""sku":"A/1@2","identifiers":[],"titles":[],"status":"active","base_unit":"C62""#;
        let customer = r#""account":"a@b.example","name":"N","status":"active""#;
        let account_price = r#""price_list":"L","sku":"A/B","customer":"C","tiers":[]"#;
        check_keys(&[
            (Product, product, "product/A/1@2", "product/A/1@2"),
            (
                PriceList,
                r#""code":"L","currency":"EUR","kind":"list""#,
                "price_list/L",
                "price_list/L",
            ),
            (
                Price,
                r#""price_list":"L","sku":"A","tiers":[]"#,
                "price/L/A",
                "price/L/A",
            ),
            (Price, account_price, "price/L/A%2FB/C", "price/L/A%2FB/C"),
            (
                Customer,
                customer,
                "customer/a@b.example",
                "customer/a@b.example",
            ),
        ]);
        assert_eq!(
            stock("B/1", "S@O", Some("L%1")).subject(),
            "inventory_level/B%2F1@S%40O/L%251"
        );
        assert_eq!(
            stock("a\nb", "ü", None).subject(),
            "inventory_level/a%0Ab@ü"
        );
    }

    #[test]
    fn keys_of_commands() {
        use EntityKind::{
            AckReport, Invoice, OrderAck, OrderChange, Payment, SalesOrder, Shipment,
        };
        let order = r#""order_id":"O1","currency":"EUR","parties":[],"lines":[]"#;
        let change = r#""order_id":"O1","revision":2,"change_type":"change","changes":[]"#;
        let numbered = r#""order_id":"O1","erp_order_number":"77","status":"accepted""#;
        let payment = r#""payment_id":"P","paid_on":"2026-01-01","amount":{"amount":"1","currency":"EUR"},"allocations":[]"#;
        let invoice = r#""invoice_number":"I1","type":"invoice","issued_on":"2026-01-01","currency":"EUR","parties":[],"lines":[],
            "totals":{"grand_total":{"amount":"1","currency":"EUR"}}"#;
        let shipment =
            |orders: &str| format!(r#""shipment_id":"S1","items":[],"orders":[{orders}]"#);
        let report = |concerns: &str| {
            format!(r#""kind":"functional","status":"accepted","concerns":{{{concerns}}}"#)
        };
        let (one, two) = (r#"{"order_id":"O1"}"#, r#"{"order_id":"O2"}"#);
        let on_order = report(r#""subject":"sales_order/O1","event_id":"e""#);
        let on_interchange = report(r#""interchange":"9","transaction":"1""#);
        check_keys(&[
            (SalesOrder, order, "sales_order/O1", "order/O1"),
            (OrderChange, change, "order_change/O1@2", "order/O1"),
            (
                OrderAck,
                r#""order_id":"O1","status":"accepted""#,
                "order_ack/O1",
                "order/O1",
            ),
            (OrderAck, numbered, "order_ack/O1/77", "order/O1"),
            (
                Shipment,
                &shipment(&format!("{one},{one}")),
                "shipment/S1",
                "order/O1",
            ),
            (
                Shipment,
                &shipment(&format!("{one},{two}")),
                "shipment/S1",
                "shipment/S1",
            ),
            (Invoice, invoice, "invoice/I1", "invoice/I1"),
            (
                Invoice,
                &format!(r#"{invoice},"orders":[{one}]"#),
                "invoice/I1",
                "order/O1",
            ),
            (Payment, payment, "payment/P", "payment/P"),
            (
                AckReport,
                &on_order,
                "ack_report/sales_order/O1",
                "ack_report/sales_order/O1",
            ),
            (
                AckReport,
                &on_interchange,
                "ack_report/9//1",
                "ack_report/9//1",
            ),
            (
                AckReport,
                &report(r#""event_id":"e""#),
                "ack_report/e",
                "ack_report/e",
            ),
        ]);
    }

    #[test]
    fn kinds() {
        let state: Vec<&str> = EntityKind::ALL
            .iter()
            .filter(|kind| kind.is_state())
            .map(|kind| kind.as_str())
            .collect();
        assert_eq!(
            state,
            [
                "product",
                "inventory_level",
                "price_list",
                "price",
                "customer"
            ]
        );
        assert_eq!(
            (EntityKind::Price.lane(), EntityKind::Invoice.lane()),
            ("state", "commands")
        );
        assert_eq!("stock".parse::<EntityKind>().unwrap_err().found, "stock");
    }

    #[test]
    fn what_is_not_the_entity_says_where() {
        let error = Entity::from_json(
            EntityKind::Customer,
            br#"{"schema_version":"1.0","account":7}"#,
        )
        .unwrap_err();
        assert_eq!(
            error.to_string(),
            "not a customer of the canonical model: invalid type: integer `7`, expected a string at line 1 column 35"
        );
    }

    proptest! {
        #[test]
        fn different_stock_has_different_keys(a in "[a%/@\n]{1,4}", b in "[a%/@\n]{1,4}", c in "[a%/@\n]{1,4}", d in "[a%/@\n]{1,4}") {
            let (one, two) = (stock(&a, &b, None), stock(&c, &d, None));
            prop_assert_eq!(one.subject() == two.subject(), (&a, &b) == (&c, &d));
            prop_assert!(!one.subject().contains('\n'));
            prop_assume!(a != c);
            prop_assert!(stock(&a, &b, Some(&d)).subject() != stock(&c, &b, Some(&d)).subject());
        }
    }
}
