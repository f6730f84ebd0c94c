//! Postal addresses, which customers and the parties of an order have alike.

use canonical::codes::Country;
use canonical::party::Address;
use config::ConfigError;

use crate::mapping::fields::Fields;
use crate::mapping::rule::{Fault, Record, Rule, maybe};

#[derive(Debug)]
pub(super) struct AddressRules {
    name: Option<Rule<String>>,
    attention: Option<Rule<String>>,
    lines: Vec<Rule<String>>,
    city: Option<Rule<String>>,
    region: Option<Rule<String>>,
    postal_code: Option<Rule<String>>,
    country: Option<Rule<Country>>,
    phone: Option<Rule<String>>,
    email: Option<Rule<String>>,
}

/// The model keeps this many street lines.
const MAX_LINES: usize = 6;

impl AddressRules {
    pub(super) fn compile(fields: &mut Fields<'_>, prefix: &str) -> Result<Self, ConfigError> {
        let path = |part: &str| format!("{prefix}.{part}");
        let mut lines = Vec::new();
        for number in 1..=MAX_LINES {
            lines.extend(fields.maybe(&path(&format!("lines.{number}")))?);
        }
        Ok(Self {
            name: fields.maybe(&path("name"))?,
            attention: fields.maybe(&path("attention"))?,
            lines,
            city: fields.maybe(&path("city"))?,
            region: fields.maybe(&path("region"))?,
            postal_code: fields.maybe(&path("postal_code"))?,
            country: fields.maybe(&path("country"))?,
            phone: fields.maybe(&path("phone"))?,
            email: fields.maybe(&path("email"))?,
        })
    }

    /// Nothing when no part of it is filled.
    pub(super) fn build(&self, record: Record<'_>) -> Result<Option<Address>, Box<Fault>> {
        let mut lines = Vec::with_capacity(self.lines.len());
        for line in &self.lines {
            lines.extend(line.get(record)?);
        }
        let mut address = Address::new(lines);
        address.name = maybe(self.name.as_ref(), record)?;
        address.attention = maybe(self.attention.as_ref(), record)?;
        address.city = maybe(self.city.as_ref(), record)?;
        address.region = maybe(self.region.as_ref(), record)?;
        address.postal_code = maybe(self.postal_code.as_ref(), record)?;
        address.country = maybe(self.country.as_ref(), record)?;
        address.phone = maybe(self.phone.as_ref(), record)?;
        address.email = maybe(self.email.as_ref(), record)?;
        Ok((address != Address::new(Vec::new())).then_some(address))
    }
}
