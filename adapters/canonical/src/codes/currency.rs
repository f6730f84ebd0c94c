//! ISO 4217 alphabetic currency codes in use, with their minor units.
//! Never converts an amount.
//! Invariant: the list is sorted, and a `Currency` is in it.

use std::str::FromStr;

use super::CodeError;
use crate::text::{Inline, text_value};

/// A currency of ISO 4217, including XXX (none), XTS (test) and the precious metals.
///
/// ```
/// use canonical::codes::Currency;
/// assert_eq!("JPY".parse::<Currency>()?.minor_digits(), 0);
/// assert!("EUX".parse::<Currency>().is_err() && "eur".parse::<Currency>().is_err());
/// # Ok::<(), canonical::codes::CodeError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency(Inline<3>);

impl Currency {
    /// Euro.
    pub const EUR: Self = Self(Inline::full(b"EUR"));
    /// US dollar.
    pub const USD: Self = Self(Inline::full(b"USD"));
    /// No currency.
    pub const XXX: Self = Self(Inline::full(b"XXX"));

    /// The three letters.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// Digits of the minor unit: 2 for EUR, 0 for JPY. Where the list has none (gold, test), 2.
    pub fn minor_digits(&self) -> u32 {
        let code = self.as_str();
        let is = |list: &[&str]| list.contains(&code);
        if is(&ZERO) {
            0
        } else if is(&THREE) {
            3
        } else if is(&FOUR) {
            4
        } else {
            2
        }
    }
}

impl FromStr for Currency {
    type Err = CodeError;

    fn from_str(text: &str) -> Result<Self, CodeError> {
        let error = || CodeError::new("an ISO 4217 currency code such as EUR", text);
        LIST.binary_search(&text).map_err(|_place| error())?;
        Inline::new(text).map(Self).ok_or_else(error)
    }
}

text_value!(Currency, { "type": "string", "pattern": "^[A-Z]{3}$", "description": "ISO 4217 alphabetic code." });

const ZERO: [&str; 17] = [
    "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "UYI", "VND",
    "VUV", "XAF", "XOF", "XPF",
];
const THREE: [&str; 7] = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"];
const FOUR: [&str; 2] = ["CLF", "UYW"];

#[rustfmt::skip]
const LIST: &[&str] = &[
    "AED", "AFN", "ALL", "AMD", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN", "BHD", "BIF", "BMD",
    "BND", "BOB", "BOV", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHE", "CHF", "CHW", "CLF", "CLP",
    "CNY", "COP", "COU", "CRC", "CUP", "CVE", "CZK", "DJF", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD",
    "FKP", "GBP", "GEL", "GHS", "GIP", "GMD", "GNF", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR",
    "IQD", "IRR", "ISK", "JMD", "JOD", "JPY", "KES", "KGS", "KHR", "KMF", "KPW", "KRW", "KWD", "KYD", "KZT", "LAK",
    "LBP", "LKR", "LRD", "LSL", "LYD", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT", "MOP", "MRU", "MUR", "MVR", "MWK",
    "MXN", "MXV", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "OMR", "PAB", "PEN", "PGK", "PHP", "PKR",
    "PLN", "PYG", "QAR", "RON", "RSD", "RUB", "RWF", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD", "SHP", "SLE", "SOS",
    "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TND", "TOP", "TRY", "TTD", "TWD", "TZS", "UAH",
    "UGX", "USD", "USN", "UYI", "UYU", "UYW", "UZS", "VED", "VES", "VND", "VUV", "WST", "XAD", "XAF", "XAG", "XAU",
    "XBA", "XBB", "XBC", "XBD", "XCD", "XCG", "XDR", "XOF", "XPD", "XPF", "XPT", "XSU", "XTS", "XUA", "XXX", "YER",
    "ZAR", "ZMW", "ZWG",
];

#[cfg(test)]
mod tests {
    use super::{Currency, FOUR, LIST, THREE, ZERO};

    #[test]
    fn the_list_is_sorted_and_whole() {
        assert!(LIST.is_sorted_by(|a, b| a < b));
        assert!(
            LIST.iter()
                .all(|code| code.parse::<Currency>().is_ok_and(|c| c.as_str() == *code))
        );
        assert!(
            ZERO.iter()
                .chain(&THREE)
                .chain(&FOUR)
                .all(|code| LIST.binary_search(code).is_ok())
        );
        assert_eq!(LIST.len(), 179);
    }

    #[test]
    fn minor_digits() {
        for (code, digits) in [
            ("EUR", 2),
            ("JPY", 0),
            ("KWD", 3),
            ("CLF", 4),
            ("XXX", 2),
            ("XAF", 0),
        ] {
            assert_eq!(
                code.parse::<Currency>().unwrap().minor_digits(),
                digits,
                "{code}"
            );
        }
        for bad in ["", "EU", "EURO", "eur", "E R", "DEM", "€"] {
            assert!(bad.parse::<Currency>().is_err(), "{bad:?}");
        }
    }
}
