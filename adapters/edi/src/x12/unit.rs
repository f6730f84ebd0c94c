//! Units of measure: X12 element 355 to UN/ECE Recommendation 20, packages to `X` and Recommendation 21.
//! Never converts a quantity; the code received is kept beside the unit.
//! Invariant: the table is sorted by X12 code.

use canonical::codes::Unit;
use canonical::decimal::Decimal;
use canonical::quantity::Quantity;

const UNITS: &[(&str, &str)] = &[
    ("BA", "XBL"), // bale
    ("BG", "XBG"), // bag
    ("BO", "XBO"), // bottle
    ("BX", "XBX"), // box
    ("CA", "XCS"), // case
    ("CF", "FTQ"), // cubic foot
    ("CM", "CMT"),
    ("CQ", "XCQ"), // cartridge
    ("CT", "XCT"), // carton
    ("DA", "DAY"),
    ("DR", "XDR"), // drum
    ("DZ", "DZN"),
    ("EA", "C62"), // each: one of what is ordered
    ("FT", "FOT"),
    ("GA", "GLL"),
    ("GR", "GRM"),
    ("GS", "GRO"),
    ("HR", "HUR"),
    ("HU", "CEN"), // hundred
    ("IN", "INH"),
    ("JR", "XJR"), // jar
    ("KG", "KGM"),
    ("LB", "LBR"),
    ("LT", "LTR"),
    ("MM", "MMT"),
    ("MR", "MTR"),
    ("OZ", "ONZ"),
    ("PC", "H87"), // piece
    ("PK", "XPK"), // package
    ("PL", "XPX"), // pallet
    ("PR", "PR"),
    ("PT", "PTL"),
    ("QT", "QTL"),
    ("RL", "XRO"), // roll
    ("SF", "FTK"),
    ("SH", "XST"), // sheet
    ("SM", "MTK"),
    ("ST", "SET"),
    ("SY", "YDK"),
    ("TB", "XTU"), // tube
    ("TH", "MIL"), // thousand
    ("TN", "STN"),
    ("UN", "C62"),
    ("YD", "YRD"),
];

/// Recommendation 20's "mutually defined": what is left to say when no unit is stated, or one that has no counterpart.
const UNDEFINED: &str = "ZZ";

/// The unit for a code of element 355; `None` when the table has none.
pub(super) fn unit(code: &str) -> Option<Unit> {
    let place = UNITS.binary_search_by_key(&code, |(x12, _)| x12).ok()?;
    UNITS.get(place)?.1.parse().ok()
}

/// A quantity in the unit received, and whether the unit is known.
pub(super) fn quantity(value: Decimal, code: Option<String>) -> (Quantity, bool) {
    let known = code.as_deref().and_then(unit);
    let undefined = || UNDEFINED.parse().unwrap_or(Unit::ONE);
    let mut quantity = Quantity::new(value, known.unwrap_or_else(undefined));
    quantity.source_unit = code;
    (quantity, known.is_some())
}

#[cfg(test)]
mod tests {
    use super::{UNDEFINED, UNITS, unit};
    use canonical::codes::Unit;

    #[test]
    fn every_unit_is_one() {
        assert!(UNITS.is_sorted());
        for (x12, code) in UNITS.iter().chain(&[("", UNDEFINED)]) {
            assert!(code.parse::<Unit>().unwrap().is_listed(), "{x12} {code}");
        }
        assert_eq!(unit("EA"), Some(Unit::ONE));
        assert_eq!(unit("ea"), None);
    }
}
