//! Which functional ids (GS01, element 479) exist here and which transaction sets (ST01) travel under them.
//! Facts only. A set that is not listed may travel under any id: nothing is known about it.
//! Invariant: each id stands once.

const GROUPS: &[(&[u8; 2], &[&str])] = &[
    (b"AG", &["824"]),
    (b"AR", &["943"]),
    (b"AW", &["947"]),
    (b"BE", &["834"]),
    (b"CA", &["865"]),
    (b"CB", &[]),
    (b"CD", &["812"]),
    (b"CT", &[]),
    (b"FA", &["997", "999"]),
    (b"GE", &[]),
    (b"GF", &["990"]),
    (b"GP", &["875"]),
    (b"HB", &["271"]),
    (b"HC", &["837"]),
    (b"HI", &["278"]),
    (b"HN", &["277"]),
    (b"HP", &["835"]),
    (b"HR", &["276"]),
    (b"HS", &["270"]),
    (b"IB", &["846"]),
    (b"IM", &["210"]),
    (b"IN", &["810"]),
    (b"IO", &["310"]),
    (b"OF", &[]),
    (b"OG", &[]),
    (b"OW", &["940"]),
    (b"PC", &["860"]),
    (b"PD", &["852"]),
    (b"PI", &[]),
    (b"PO", &["850"]),
    (b"PR", &["855"]),
    (b"PS", &["830"]),
    (b"PT", &["867"]),
    (b"QM", &["214"]),
    (b"RA", &["820"]),
    (b"RC", &["861"]),
    (b"RE", &["944"]),
    (b"RQ", &["840"]),
    (b"RR", &["843"]),
    (b"RS", &["870"]),
    (b"RU", &[]),
    (b"SC", &["832"]),
    (b"SH", &["856"]),
    (b"SM", &["204"]),
    (b"SR", &[]),
    (b"SS", &["862"]),
    (b"SW", &["945"]),
    (b"TX", &["864"]),
];

/// Whether `id` is a functional id.
pub(super) fn is_known(id: &[u8]) -> bool {
    GROUPS.iter().any(|(known, _)| known.as_slice() == id)
}

/// The functional id a set travels under; `None` for a set that is not listed.
pub(super) fn group_of(set: &[u8]) -> Option<&'static str> {
    let (id, _) = GROUPS
        .iter()
        .find(|(_, sets)| sets.iter().any(|known| known.as_bytes() == set))?;
    std::str::from_utf8(id.as_slice()).ok()
}

#[cfg(test)]
mod tests {
    use super::{GROUPS, group_of, is_known};

    #[test]
    fn ids_stand_once_and_in_order() {
        assert!(GROUPS.is_sorted_by(|(a, _), (b, _)| a < b));
        assert_eq!(
            (group_of(b"850"), group_of(b"846"), group_of(b"102")),
            (Some("PO"), Some("IB"), None)
        );
        assert!(is_known(b"PO") && !is_known(b"ZQ") && !is_known(b""));
    }
}
