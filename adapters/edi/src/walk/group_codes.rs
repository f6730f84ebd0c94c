//! Which functional ids (GS01, element 479) exist here and which transaction sets (ST01) travel under them.
//! Facts only. A set that is not listed may travel under any id: nothing is known about it.
//! Invariant: each id stands once.

/// Ids with the sets that travel under them.
const GROUPS: &[(&str, &[&str])] = &[
    ("AG", &["824"]),
    ("AR", &["943"]),
    ("AW", &["947"]),
    ("BE", &["834"]),
    ("CA", &["865"]),
    ("CD", &["812"]),
    ("FA", &["997", "999"]),
    ("GF", &["990"]),
    ("GP", &["880"]),
    ("HB", &["271"]),
    ("HC", &["837"]),
    ("HI", &["278"]),
    ("HN", &["277"]),
    ("HP", &["835"]),
    ("HR", &["276"]),
    ("HS", &["270"]),
    ("IB", &["846"]),
    ("IM", &["210"]),
    ("IN", &["810"]),
    ("IO", &["310"]),
    ("OG", &["875", "876"]),
    ("OR", &["816"]),
    ("OW", &["940"]),
    ("PC", &["860"]),
    ("PD", &["852"]),
    ("PO", &["850"]),
    ("PR", &["855"]),
    ("PS", &["830"]),
    ("PT", &["867"]),
    ("QM", &["214"]),
    ("RA", &["820"]),
    ("RC", &["861"]),
    ("RE", &["944"]),
    ("RQ", &["840"]),
    ("RR", &["843"]),
    ("RS", &["869", "870"]),
    ("SC", &["832"]),
    ("SH", &["856"]),
    ("SM", &["204"]),
    ("SS", &["862"]),
    ("SW", &["945"]),
    ("TX", &["864"]),
];

/// The other ids: whatever travels under them is taken as right.
const OTHERS: &str = "\
    AA AB AC AD AE AF AH AI AK AL AM AN AO AP AQ AS AT AU AV AX AY AZ BA BC BD BF BL BS CB CC CE CF CH CI CJ CK CL \
    CM CN CO CP CQ CR CS CT CU CV D3 D4 D5 DA DD DF DI DM DS DX EC ED EI EN EP ER ES EV EX FB FC FG FH FR FT GB GC \
    GE GL GR GT IA IC ID IE IF IG II IJ IP IR IS JB KM LA LB LI LN LR LS LT MA MC MD ME MF MG MH MI MJ MK MM MN MO \
    MP MQ MR MS MT MV MW MX MY NC NL NP NR NT OC OF PA PB PE PF PG PH PI PJ PK PL PN PQ PU PV PY QG QO RB RD RF RG \
    RH RI RJ RK RL RM RN RO RP RT RU RV RW RX RY RZ SA SB SD SE SI SJ SL SN SO SP SQ SR ST SU SV TA TB TD TE TF TI \
    TJ TM TN TO TP TR TS TT TU UA UB UC UD UI UP UW VA VB VC VD VE VH VI VS WA WB WG WI WL WR WT";

/// Whether `id` is a functional id.
pub(super) fn is_known(id: &str) -> bool {
    GROUPS.iter().any(|(known, _)| *known == id) || OTHERS.split(' ').any(|known| known == id)
}

/// The functional id a set travels under; `None` for a set that is not listed.
pub(super) fn group_of(set: &str) -> Option<&'static str> {
    let (id, _) = GROUPS.iter().find(|(_, sets)| sets.contains(&set))?;
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::{GROUPS, OTHERS, group_of, is_known};

    #[test]
    fn ids_stand_once_and_in_order() {
        assert!(GROUPS.is_sorted_by(|(a, _), (b, _)| a < b));
        assert!(OTHERS.split(' ').is_sorted_by(|a, b| a < b));
        assert!(GROUPS.iter().all(|(id, _)| !OTHERS.contains(id)));
        assert!(OTHERS.split(' ').all(|id| id.len() == 2));
        assert_eq!(
            (group_of("850"), group_of("846"), group_of("102")),
            (Some("PO"), Some("IB"), None)
        );
        assert!(is_known("PO") && is_known("DX") && !is_known("ZQ") && !is_known(""));
    }
}
