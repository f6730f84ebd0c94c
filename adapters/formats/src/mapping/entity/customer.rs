//! Customer rows: one row is one account, with one address (`addresses.city`) or several (`addresses.1.city`, …) and
//! in the same way its buyers.

use canonical::customer::{
    AddressUse, Buyer, BuyerRole, Credit, Customer, CustomerAddress, CustomerLevel, CustomerStatus,
};
use canonical::terms::PaymentTerms;
use config::ConfigError;

use super::party::AddressRules;
use super::{Carried, IdentifierRules};
use crate::mapping::fields::Fields;
use crate::mapping::rule::{Fault, MoneyRule, Record, Rule, maybe, maybe_compound};

#[derive(Debug)]
pub(crate) struct Rules {
    account: Rule<String>,
    identifiers: IdentifierRules,
    name: Rule<String>,
    legal_name: Option<Rule<String>>,
    status: Rule<CustomerStatus>,
    parent_account: Option<Rule<String>>,
    level: Option<Rule<CustomerLevel>>,
    group: Option<Rule<String>>,
    price_lists: Option<Rule<String>>,
    tax_ids: IdentifierRules,
    tax_exempt: Option<Rule<bool>>,
    addresses: Vec<PlaceRules>,
    buyers: Vec<BuyerRules>,
    credit: CreditRules,
    payment_terms: TermRules,
    sales_rep: Option<Rule<String>>,
    po_required: Option<Rule<bool>>,
    locale: Option<Rule<String>>,
}

impl Rules {
    pub(crate) fn compile(fields: &mut Fields<'_>) -> Result<Self, ConfigError> {
        let mut addresses = Vec::new();
        for group in fields.groups("addresses", &PLACE_PARTS) {
            addresses.push(PlaceRules::compile(fields, &group)?);
        }
        let mut buyers = Vec::new();
        for group in fields.groups("buyers", &BUYER_PARTS) {
            buyers.push(BuyerRules::compile(fields, &group)?);
        }
        Ok(Self {
            account: fields.need("account")?,
            identifiers: IdentifierRules::compile(fields, "identifiers")?,
            name: fields.need("name")?,
            legal_name: fields.maybe("legal_name")?,
            status: fields.need("status")?,
            parent_account: fields.maybe("parent_account")?,
            level: fields.maybe("level")?,
            group: fields.maybe("group")?,
            price_lists: fields.maybe("price_lists")?,
            tax_ids: IdentifierRules::compile(fields, "tax_ids")?,
            tax_exempt: fields.maybe("tax_exempt")?,
            addresses,
            buyers,
            credit: CreditRules::compile(fields)?,
            payment_terms: TermRules::compile(fields)?,
            sales_rep: fields.maybe("sales_rep")?,
            po_required: fields.maybe("po_required")?,
            locale: fields.maybe("locale")?,
        })
    }

    pub(crate) fn build(
        &self,
        record: Record<'_>,
        carried: Carried,
    ) -> Result<Customer, Box<Fault>> {
        let mut customer = Customer::new(
            self.account.need(record)?,
            self.name.need(record)?,
            self.status.need(record)?,
        );
        customer.provenance = Some(carried.provenance);
        customer.unmapped = carried.unmapped;
        customer.identifiers = self.identifiers.build(record)?;
        customer.legal_name = maybe(self.legal_name.as_ref(), record)?;
        customer.parent_account = maybe(self.parent_account.as_ref(), record)?;
        customer.level = maybe(self.level.as_ref(), record)?;
        customer.group = maybe(self.group.as_ref(), record)?;
        customer.price_lists = maybe(self.price_lists.as_ref(), record)?
            .into_iter()
            .collect();
        customer.tax_ids = self.tax_ids.build(record)?;
        customer.tax_exempt = maybe(self.tax_exempt.as_ref(), record)?;
        for rules in &self.addresses {
            customer.addresses.extend(rules.build(record)?);
        }
        for rules in &self.buyers {
            customer.buyers.extend(rules.build(record)?);
        }
        customer.credit = self.credit.build(record)?;
        customer.payment_terms = self.payment_terms.build(record)?;
        customer.sales_rep = maybe(self.sales_rep.as_ref(), record)?;
        customer.po_required = maybe(self.po_required.as_ref(), record)?;
        customer.locale = maybe(self.locale.as_ref(), record)?;
        Ok(customer)
    }
}

const PLACE_PARTS: [&str; 13] = [
    "code",
    "use",
    "default",
    "name",
    "attention",
    "lines.1",
    "lines.2",
    "city",
    "region",
    "postal_code",
    "country",
    "phone",
    "email",
];

/// An address with its code and what it is used for.
#[derive(Debug)]
struct PlaceRules {
    code: Rule<String>,
    r#use: Rule<AddressUse>,
    default: Option<Rule<bool>>,
    address: AddressRules,
}

impl PlaceRules {
    fn compile(fields: &mut Fields<'_>, prefix: &str) -> Result<Self, ConfigError> {
        let path = |part: &str| format!("{prefix}.{part}");
        Ok(Self {
            code: fields.need(&path("code"))?,
            r#use: fields.need(&path("use"))?,
            default: fields.maybe(&path("default"))?,
            address: AddressRules::compile(fields, prefix)?,
        })
    }

    fn build(&self, record: Record<'_>) -> Result<Option<CustomerAddress>, Box<Fault>> {
        let Some(address) = self.address.build(record)? else {
            return Ok(None);
        };
        let mut place = CustomerAddress::new(
            self.code.need(record)?,
            vec![self.r#use.need(record)?],
            address,
        );
        place.default = maybe(self.default.as_ref(), record)?;
        Ok(Some(place))
    }
}

const BUYER_PARTS: [&str; 8] = [
    "code",
    "email",
    "first_name",
    "last_name",
    "phone",
    "job_title",
    "role",
    "spend_limit",
];

#[derive(Debug)]
struct BuyerRules {
    code: Option<Rule<String>>,
    email: Rule<String>,
    first_name: Option<Rule<String>>,
    last_name: Option<Rule<String>>,
    phone: Option<Rule<String>>,
    job_title: Option<Rule<String>>,
    role: Option<Rule<BuyerRole>>,
    spend_limit: Option<MoneyRule>,
}

impl BuyerRules {
    fn compile(fields: &mut Fields<'_>, prefix: &str) -> Result<Self, ConfigError> {
        let path = |part: &str| format!("{prefix}.{part}");
        let Some(email) = fields.maybe(&path("email"))? else {
            let message = format!("`{prefix}` needs `{prefix}.email`, which no field sets");
            return Err(fields.wrong_group(
                prefix,
                message,
                "a buyer is known by the e-mail address",
            ));
        };
        Ok(Self {
            code: fields.maybe(&path("code"))?,
            email,
            first_name: fields.maybe(&path("first_name"))?,
            last_name: fields.maybe(&path("last_name"))?,
            phone: fields.maybe(&path("phone"))?,
            job_title: fields.maybe(&path("job_title"))?,
            role: fields.maybe(&path("role"))?,
            spend_limit: fields.money(&path("spend_limit"))?,
        })
    }

    /// Nothing when the row has no e-mail address.
    fn build(&self, record: Record<'_>) -> Result<Option<Buyer>, Box<Fault>> {
        let Some(email) = self.email.get(record)? else {
            return Ok(None);
        };
        let mut buyer = Buyer::new(email);
        buyer.code = maybe(self.code.as_ref(), record)?;
        buyer.first_name = maybe(self.first_name.as_ref(), record)?;
        buyer.last_name = maybe(self.last_name.as_ref(), record)?;
        buyer.phone = maybe(self.phone.as_ref(), record)?;
        buyer.job_title = maybe(self.job_title.as_ref(), record)?;
        buyer.roles = maybe(self.role.as_ref(), record)?.into_iter().collect();
        buyer.spend_limit = maybe_compound(self.spend_limit.as_ref(), record)?;
        Ok(Some(buyer))
    }
}

#[derive(Debug)]
struct CreditRules {
    limit: Option<MoneyRule>,
    balance: Option<MoneyRule>,
    available: Option<MoneyRule>,
    hold: Option<Rule<bool>>,
}

impl CreditRules {
    fn compile(fields: &mut Fields<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            limit: fields.money("credit.limit")?,
            balance: fields.money("credit.balance")?,
            available: fields.money("credit.available")?,
            hold: fields.maybe("credit.hold")?,
        })
    }

    fn build(&self, record: Record<'_>) -> Result<Option<Credit>, Box<Fault>> {
        let credit = Credit {
            limit: maybe_compound(self.limit.as_ref(), record)?,
            balance: maybe_compound(self.balance.as_ref(), record)?,
            available: maybe_compound(self.available.as_ref(), record)?,
            hold: maybe(self.hold.as_ref(), record)?,
            as_of: None,
        };
        Ok((credit != Credit::default()).then_some(credit))
    }
}

/// Payment terms, which orders repeat.
#[derive(Debug)]
pub(super) struct TermRules {
    code: Option<Rule<String>>,
    net_days: Option<Rule<u32>>,
    discount_percent: Option<Rule<canonical::decimal::Decimal>>,
    discount_days: Option<Rule<u32>>,
    description: Option<Rule<String>>,
}

impl TermRules {
    pub(super) fn compile(fields: &mut Fields<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            code: fields.maybe("payment_terms.code")?,
            net_days: fields.maybe("payment_terms.net_days")?,
            discount_percent: fields.maybe("payment_terms.discount_percent")?,
            discount_days: fields.maybe("payment_terms.discount_days")?,
            description: fields.maybe("payment_terms.description")?,
        })
    }

    pub(super) fn build(&self, record: Record<'_>) -> Result<Option<PaymentTerms>, Box<Fault>> {
        let terms = PaymentTerms {
            code: maybe(self.code.as_ref(), record)?,
            net_days: maybe(self.net_days.as_ref(), record)?,
            discount_percent: maybe(self.discount_percent.as_ref(), record)?,
            discount_days: maybe(self.discount_days.as_ref(), record)?,
            description: maybe(self.description.as_ref(), record)?,
        };
        Ok((terms != PaymentTerms::default()).then_some(terms))
    }
}
