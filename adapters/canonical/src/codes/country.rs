//! ISO 3166-1 alpha-2 country codes.
//! Never accepts alpha-3 or names: a mapping translates those.
//! Invariant: the list is sorted, and a `Country` is in it.

use std::str::FromStr;

use super::CodeError;
use crate::text::{Inline, text_value};

/// A country or territory of ISO 3166-1, alpha-2. `XK` (Kosovo, user-assigned but in general use) is taken too.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Country(Inline<2>);

impl Country {
    /// The two letters.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }
}

impl FromStr for Country {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let error = || CodeError::new("an ISO 3166-1 country code such as DE", text);
        LIST.binary_search(&text).map_err(|_place| error())?;
        Inline::new(text).map(Self).ok_or_else(error)
    }
}

text_value!(Country, { "type": "string", "pattern": "^[A-Z]{2}$", "description": "ISO 3166-1 alpha-2 code." });

#[rustfmt::skip]
const LIST: &[&str] = &[
    "AD", "AE", "AF", "AG", "AI", "AL", "AM", "AO", "AQ", "AR", "AS", "AT", "AU", "AW", "AX", "AZ", "BA", "BB", "BD",
    "BE", "BF", "BG", "BH", "BI", "BJ", "BL", "BM", "BN", "BO", "BQ", "BR", "BS", "BT", "BV", "BW", "BY", "BZ", "CA",
    "CC", "CD", "CF", "CG", "CH", "CI", "CK", "CL", "CM", "CN", "CO", "CR", "CU", "CV", "CW", "CX", "CY", "CZ", "DE",
    "DJ", "DK", "DM", "DO", "DZ", "EC", "EE", "EG", "EH", "ER", "ES", "ET", "FI", "FJ", "FK", "FM", "FO", "FR", "GA",
    "GB", "GD", "GE", "GF", "GG", "GH", "GI", "GL", "GM", "GN", "GP", "GQ", "GR", "GS", "GT", "GU", "GW", "GY", "HK",
    "HM", "HN", "HR", "HT", "HU", "ID", "IE", "IL", "IM", "IN", "IO", "IQ", "IR", "IS", "IT", "JE", "JM", "JO", "JP",
    "KE", "KG", "KH", "KI", "KM", "KN", "KP", "KR", "KW", "KY", "KZ", "LA", "LB", "LC", "LI", "LK", "LR", "LS", "LT",
    "LU", "LV", "LY", "MA", "MC", "MD", "ME", "MF", "MG", "MH", "MK", "ML", "MM", "MN", "MO", "MP", "MQ", "MR", "MS",
    "MT", "MU", "MV", "MW", "MX", "MY", "MZ", "NA", "NC", "NE", "NF", "NG", "NI", "NL", "NO", "NP", "NR", "NU", "NZ",
    "OM", "PA", "PE", "PF", "PG", "PH", "PK", "PL", "PM", "PN", "PR", "PS", "PT", "PW", "PY", "QA", "RE", "RO", "RS",
    "RU", "RW", "SA", "SB", "SC", "SD", "SE", "SG", "SH", "SI", "SJ", "SK", "SL", "SM", "SN", "SO", "SR", "SS", "ST",
    "SV", "SX", "SY", "SZ", "TC", "TD", "TF", "TG", "TH", "TJ", "TK", "TL", "TM", "TN", "TO", "TR", "TT", "TV", "TW",
    "TZ", "UA", "UG", "UM", "US", "UY", "UZ", "VA", "VC", "VE", "VG", "VI", "VN", "VU", "WF", "WS", "XK", "YE", "YT",
    "ZA", "ZM", "ZW",
];

#[cfg(test)]
mod tests {
    use super::{Country, LIST};

    #[test]
    fn the_list_is_sorted_and_whole() {
        assert!(LIST.is_sorted_by(|a, b| a < b));
        assert_eq!(LIST.len(), 250, "249 of the standard and XK");
        for (code, good) in [
            ("DE", true),
            ("US", true),
            ("XK", true),
            ("UK", false),
            ("de", false),
            ("DEU", false),
            ("", false),
            ("ZZ", false),
        ] {
            assert_eq!(code.parse::<Country>().is_ok(), good, "{code:?}");
        }
    }
}
