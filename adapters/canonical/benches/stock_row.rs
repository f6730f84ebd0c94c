//! How many stock rows a second one core takes from a typed document to a block, against a named baseline.
//! Prints ratios, as absolute numbers say more about the machine than about the code.
//! Run: `cargo bench -p canonical`.

use std::hint::black_box;
use std::time::Instant;

use canonical::block::{BlockBuilder, BlockLimits};
use canonical::codes::Unit;
use canonical::decimal::Decimal;
use canonical::document::Document;
use canonical::ingest::IngestId;
use canonical::inventory_level::{InventoryLevel, InventoryMode, Location, StockQuantities};
use canonical::provenance::{Provenance, Span};
use canonical::quantity::Quantity;

const ROWS: u32 = 400_000;

fn row(record: u32, base: &Provenance) -> Document {
    let quantities = StockQuantities {
        on_hand: Some(Quantity::new(Decimal::from(record % 1000), Unit::ONE)),
        available: Decimal::from_parts(i128::from(record), 3)
            .map(|value| Quantity::new(value, Unit::ONE)),
        ..StockQuantities::default()
    };
    let sku = format!("SKU-{record:08}");
    let mut stock = InventoryLevel::new(
        sku,
        Location::new("BERLIN-1"),
        base.received_at.into(),
        InventoryMode::Absolute,
        quantities,
    );
    let start = u64::from(record) * 40;
    stock.provenance = Some(Provenance {
        span: Some(Span::new(start, start + 40)),
        ..base.clone()
    });
    Document::new(stock, record.into())
}

fn rate(work: impl FnOnce()) -> f64 {
    let start = Instant::now();
    work();
    f64::from(ROWS) / start.elapsed().as_secs_f64()
}

fn main() {
    let received_at = "2026-11-23T08:41:40.120Z".parse().expect("an instant");
    let base = Provenance::new(IngestId::from_parts(1_795_423_300_120, 7), received_at);
    let sealed = rate(|| {
        let mut builder = BlockBuilder::new(BlockLimits::BUILD);
        for record in 0..ROWS {
            if builder.push(&row(record, &base).seal()) {
                black_box(builder.finish());
            }
        }
    });
    let checked = rate(|| {
        for record in 0..ROWS {
            black_box(row(record, &base).entity.check());
        }
    });
    let tree: serde_json::Value =
        serde_json::from_slice(&row(0, &base).entity.to_json()).expect("JSON");
    let baseline = rate(|| {
        for _record in 0..ROWS {
            black_box(serde_json::to_vec(black_box(&tree.clone())).expect("a tree serialises"));
        }
    });
    eprintln!(
        "document to block: {sealed:>10.0} rows/s, {:.2} of the baseline",
        sealed / baseline
    );
    eprintln!(
        "document checked:  {checked:>10.0} rows/s, {:.2} of the baseline",
        checked / baseline
    );
    eprintln!(
        "baseline:          {baseline:>10.0} rows/s, clone and serialise the same row as a serde_json::Value"
    );
}
