//! Files to feed in: X12 orders and stock exports whose content tells in which order they were written, so that order
//! and completeness are judged by what was sent and not by numbers the programs under test made up.

use std::collections::HashMap;
use std::fmt::Write as _;

use serde_json::Value;

use crate::shop::Book;

/// The mapping for [`stock`]: columns `Artikel;Lager;Bestand;Stand`.
pub const STOCK_MAPPING: &str = include_str!("stock.toml");

/// A stock export: one row for each article in `articles`, all with the quantity `version`. Latin-1, semicolons,
/// decimal commas, as a German ERP writes it.
#[must_use]
pub fn stock(articles: std::ops::Range<u32>, version: u32) -> Vec<u8> {
    let mut text = "Artikel;Lager;Bestand;Stand\r\n".to_owned();
    for article in articles {
        write!(text, "A-{article:06};HAUPT;{version},50;23.11.2026\r\n")
            .expect("a string takes all");
    }
    text.into_bytes()
}

/// As [`stock`], with a column that nobody maps and nothing compresses: about 60 MiB of log for 80,000 rows.
#[must_use]
pub fn fat_stock(articles: std::ops::Range<u32>, version: u32) -> Vec<u8> {
    let mut random = fastrand::Rng::with_seed(1);
    let mut text = "Artikel;Lager;Bestand;Stand;Notiz\r\n".to_owned();
    for article in articles {
        write!(text, "A-{article:06};HAUPT;{version},50;23.11.2026;").expect("a string takes all");
        text.extend((0..1_000).map(|_| random.alphanumeric()));
        text.push_str("\r\n");
    }
    text.into_bytes()
}

/// An X12 interchange with control number `control`: one 850 for each order in `orders`, whose only line has the
/// quantity `version`.
#[must_use]
pub fn orders(control: u32, orders: std::ops::Range<u32>, version: u32) -> Vec<u8> {
    let mut text = format!(
        "ISA*00*          *00*          *ZZ*BUYER          *ZZ*ACME           *261123*0915*U*00401*{control:09}*0*T*>~\n\
         GS*PO*BUYER*ACME*20261123*0915*{control}*X*004010~\n"
    );
    let count = orders.len();
    for (index, order) in orders.enumerate() {
        let set = index + 1;
        write!(
            text,
            "ST*850*{set:04}~\nBEG*00*NE*PO-{order:06}**20261123~\nCUR*BY*EUR~\nN1*BY*Nordwind Handel*92*C-1001~\n\
             PO1*1*{version}*EA*12.5**VP*A-{order:06}~\nCTT*1~\nSE*7*{set:04}~\n"
        )
        .expect("a string takes all");
    }
    write!(text, "GE*{count}*{control}~\nIEA*1*{control:09}~\n").expect("a string takes all");
    text.into_bytes()
}

/// The version that an effect's document carries, as [`stock`] and [`orders`] put it there.
fn version(data: &str) -> Option<u32> {
    let document: Value = serde_json::from_str(data).ok()?;
    let quantity = document
        .pointer("/quantities/on_hand/value")
        .or_else(|| document.pointer("/lines/0/quantity/value"))?
        .as_str()?;
    quantity.split('.').next()?.parse().ok()
}

/// What was fed in: by partition key, how many versions from 1 on.
#[derive(Debug, Default)]
pub struct Expected(HashMap<String, u32>);

impl Expected {
    /// Notes that `articles` were exported once more.
    pub fn stock(&mut self, articles: std::ops::Range<u32>) {
        articles.for_each(|article| {
            *self
                .0
                .entry(format!("inventory_level/A-{article:06}@HAUPT"))
                .or_default() += 1
        });
    }

    /// Notes that `orders` were sent once more.
    pub fn orders(&mut self, orders: std::ops::Range<u32>) {
        orders.for_each(|order| *self.0.entry(format!("order/PO-{order:06}")).or_default() += 1);
    }

    /// How many documents that is.
    #[must_use]
    pub fn documents(&self) -> usize {
        self.0.values().map(|&versions| versions as usize).sum()
    }

    /// Holds the shop's book against what was fed in: each document had its effect once, and in order per key.
    ///
    /// # Errors
    /// What is missing, doubled, out of order or unknown, and what the shop itself complained about.
    pub fn check(&self, book: &Book) -> Result<(), String> {
        let mut next: HashMap<&str, u32> = self.0.keys().map(|key| (key.as_str(), 1)).collect();
        let mut wrong: Vec<String> = book.complaints.clone();
        for effect in &book.effects {
            let got = version(&effect.data);
            match next.get_mut(effect.partition_key.as_str()) {
                Some(want) if got == Some(*want) => *want += 1,
                Some(want) => wrong.push(format!(
                    "{}: version {got:?} where {want} was due",
                    effect.partition_key
                )),
                None => wrong.push(format!("{}: never sent", effect.partition_key)),
            }
        }
        for (key, next) in next {
            let sent = self.0.get(key).copied().unwrap_or(0);
            if next <= sent {
                wrong.push(format!("{key}: versions {next} to {sent} are missing"));
            }
        }
        if wrong.is_empty() {
            return Ok(());
        }
        wrong.sort();
        let more = wrong.len().saturating_sub(10);
        wrong.truncate(10);
        Err(format!(
            "{book}\n  {}\n  and {more} more",
            wrong.join("\n  ")
        ))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shop::Effect;

    fn effect(key: &str, version: u32) -> Effect {
        Effect {
            id: format!("{key}#{version}"),
            subject: key.to_owned(),
            partition_key: key.to_owned(),
            sequence: 1,
            data: format!(r#"{{"lines":[{{"quantity":{{"value":"{version}"}}}}]}}"#).into(),
        }
    }

    #[test]
    fn the_judge_sees_what_is_missing_doubled_disordered_and_unknown() {
        let mut expected = Expected::default();
        expected.orders(1..3);
        expected.orders(1..2);
        assert_eq!(expected.documents(), 3);
        let (one, two) = ("order/PO-000001", "order/PO-000002");
        for (effects, want) in [
            (vec![(one, 1), (two, 1), (one, 2)], None),
            (
                vec![(one, 1), (two, 1)],
                Some("versions 2 to 2 are missing"),
            ),
            (
                vec![(one, 1), (two, 1), (one, 2), (one, 2)],
                Some("version Some(2) where 3 was due"),
            ),
            (
                vec![(one, 2), (two, 1), (one, 1)],
                Some("version Some(2) where 1 was due"),
            ),
            (
                vec![(one, 1), (two, 1), (one, 2), ("order/PO-000009", 1)],
                Some("never sent"),
            ),
        ] {
            let mut book = Book::default();
            book.effects = effects
                .iter()
                .map(|&(key, version)| effect(key, version))
                .collect();
            let got = expected.check(&book);
            match want {
                None => assert_eq!(got, Ok(())),
                Some(want) => assert!(
                    got.as_ref().is_err_and(|text| text.contains(want)),
                    "{effects:?}: {got:?}"
                ),
            }
        }
        let mut complaining = Book::default();
        complaining.complaints.push("bad signature".to_owned());
        assert!(Expected::default().check(&complaining).is_err());
    }
}
