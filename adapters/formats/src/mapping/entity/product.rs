//! Article rows: one row is one product.

use canonical::codes::{Country, Language, Unit};
use canonical::date::Date;
use canonical::decimal::Decimal;
use canonical::identifiers::{Identifier, Scheme};
use canonical::product::{Attribute, Category, OrderRule, Product, ProductKind, ProductStatus};
use canonical::quantity::Dimensions;
use canonical::reference::Text;
use canonical::verbatim::Verbatim;
use config::ConfigError;

use super::{Carried, IdentifierRules};
use crate::mapping::fields::Fields;
use crate::mapping::rule::{Fault, QuantityRule, Record, Rule, maybe, maybe_compound, nothing_in};

#[derive(Debug)]
pub(crate) struct Rules {
    sku: Rule<String>,
    identifiers: IdentifierRules,
    parent_sku: Option<Rule<String>>,
    kind: Option<Rule<ProductKind>>,
    titles: TextRules,
    descriptions: TextRules,
    brand: Option<Rule<String>>,
    manufacturer: Option<Rule<String>>,
    status: Rule<ProductStatus>,
    replaced_by: Option<Rule<String>>,
    category: Option<Rule<String>>,
    attributes: Vec<(String, Rule<String>)>,
    base_unit: Rule<Unit>,
    sales_unit: Option<Rule<Unit>>,
    minimum: Option<Rule<Decimal>>,
    maximum: Option<Rule<Decimal>>,
    multiple: Option<Rule<Decimal>>,
    rule_unit: Option<Rule<Unit>>,
    dimensions: DimensionRules,
    tax_class: Option<Rule<String>>,
    country_of_origin: Option<Rule<Country>>,
    hs_code: Option<Rule<String>>,
    lot_tracked: Option<Rule<bool>>,
    serial_tracked: Option<Rule<bool>>,
    valid_from: Option<Rule<Date>>,
    valid_to: Option<Rule<Date>>,
}

impl Rules {
    pub(crate) fn compile(fields: &mut Fields<'_>) -> Result<Self, ConfigError> {
        let titles = TextRules::compile(fields, "titles")?;
        if titles.is_empty() {
            let hint = "\"titles.de\" = { column = \"…\" }, or titles = { column = \"…\" }";
            return Err(fields.unset_group("titles", hint));
        }
        Ok(Self {
            sku: fields.need("sku")?,
            identifiers: IdentifierRules::compile(fields, "identifiers")?,
            parent_sku: fields.maybe("parent_sku")?,
            kind: fields.maybe("kind")?,
            titles,
            descriptions: TextRules::compile(fields, "descriptions")?,
            brand: fields.maybe("brand")?,
            manufacturer: fields.maybe("manufacturer")?,
            status: fields.need("status")?,
            replaced_by: fields.maybe("replaced_by")?,
            category: fields.maybe("categories.code")?,
            attributes: fields.named("attributes", "colour")?,
            base_unit: fields.need("base_unit")?,
            sales_unit: fields.maybe("sales_unit")?,
            minimum: fields.maybe("order_rule.minimum")?,
            maximum: fields.maybe("order_rule.maximum")?,
            multiple: fields.maybe("order_rule.multiple")?,
            rule_unit: fields.maybe("order_rule.unit")?,
            dimensions: DimensionRules::compile(fields)?,
            tax_class: fields.maybe("tax_class")?,
            country_of_origin: fields.maybe("country_of_origin")?,
            hs_code: fields.maybe("hs_code")?,
            lot_tracked: fields.maybe("lot_tracked")?,
            serial_tracked: fields.maybe("serial_tracked")?,
            valid_from: fields.maybe("valid_from")?,
            valid_to: fields.maybe("valid_to")?,
        })
    }

    pub(crate) fn build(
        &self,
        record: Record<'_>,
        carried: Carried,
    ) -> Result<Product, Box<Fault>> {
        let sku = self.sku.need(record)?;
        let mut identifiers = self.identifiers.build(record)?;
        // The model wants every name of the product in this list, the SKU among them.
        if !identifiers
            .iter()
            .any(|identifier| identifier.scheme == Scheme::SKU)
        {
            identifiers.insert(0, Identifier::new(Scheme::SKU, sku.clone()));
        }
        let titles = self.titles.build(record)?;
        if titles.is_empty() {
            return Err(nothing_in("titles"));
        }
        let mut product = Product::new(
            sku,
            identifiers,
            titles,
            self.status.need(record)?,
            self.base_unit.need(record)?,
        );
        product.provenance = Some(carried.provenance);
        product.unmapped = carried.unmapped;
        product.parent_sku = maybe(self.parent_sku.as_ref(), record)?;
        product.kind = maybe(self.kind.as_ref(), record)?;
        product.descriptions = self.descriptions.build(record)?;
        product.brand = maybe(self.brand.as_ref(), record)?;
        product.manufacturer = maybe(self.manufacturer.as_ref(), record)?;
        product.replaced_by = maybe(self.replaced_by.as_ref(), record)?;
        product.categories = maybe(self.category.as_ref(), record)?
            .map(Category::new)
            .into_iter()
            .collect();
        for (name, rule) in &self.attributes {
            if let Some(value) = rule.get(record)? {
                product
                    .attributes
                    .push(Attribute::new(name.as_str(), Verbatim::text(value)));
            }
        }
        product.sales_unit = maybe(self.sales_unit.as_ref(), record)?;
        let rule = OrderRule {
            minimum: maybe(self.minimum.as_ref(), record)?,
            maximum: maybe(self.maximum.as_ref(), record)?,
            multiple: maybe(self.multiple.as_ref(), record)?,
            unit: maybe(self.rule_unit.as_ref(), record)?,
        };
        // A unit alone is no rule.
        let says_something =
            rule.minimum.is_some() || rule.maximum.is_some() || rule.multiple.is_some();
        product.order_rule = says_something.then_some(rule);
        product.dimensions = self.dimensions.build(record)?;
        product.tax_class = maybe(self.tax_class.as_ref(), record)?;
        product.country_of_origin = maybe(self.country_of_origin.as_ref(), record)?;
        product.hs_code = maybe(self.hs_code.as_ref(), record)?;
        product.lot_tracked = maybe(self.lot_tracked.as_ref(), record)?;
        product.serial_tracked = maybe(self.serial_tracked.as_ref(), record)?;
        product.valid_from = maybe(self.valid_from.as_ref(), record)?;
        product.valid_to = maybe(self.valid_to.as_ref(), record)?;
        Ok(product)
    }
}

/// Texts by language: `titles` without one, `titles.de` with one.
#[derive(Debug)]
struct TextRules {
    plain: Option<Rule<String>>,
    by_language: Vec<(Language, Rule<String>)>,
}

impl TextRules {
    fn compile(fields: &mut Fields<'_>, path: &str) -> Result<Self, ConfigError> {
        let plain = fields.maybe(path)?;
        let by_language = fields.named(path, "en")?;
        Ok(Self { plain, by_language })
    }

    fn is_empty(&self) -> bool {
        self.plain.is_none() && self.by_language.is_empty()
    }

    fn build(&self, record: Record<'_>) -> Result<Vec<Text>, Box<Fault>> {
        let mut texts = Vec::new();
        texts.extend(maybe(self.plain.as_ref(), record)?.map(Text::new));
        for (language, rule) in &self.by_language {
            if let Some(value) = rule.get(record)? {
                let mut text = Text::new(value);
                text.lang = Some(*language);
                texts.push(text);
            }
        }
        Ok(texts)
    }
}

#[derive(Debug)]
struct DimensionRules {
    length: Option<QuantityRule>,
    width: Option<QuantityRule>,
    height: Option<QuantityRule>,
    gross_weight: Option<QuantityRule>,
    net_weight: Option<QuantityRule>,
    volume: Option<QuantityRule>,
}

impl DimensionRules {
    fn compile(fields: &mut Fields<'_>) -> Result<Self, ConfigError> {
        Ok(Self {
            length: fields.quantity("dimensions.length")?,
            width: fields.quantity("dimensions.width")?,
            height: fields.quantity("dimensions.height")?,
            gross_weight: fields.quantity("dimensions.gross_weight")?,
            net_weight: fields.quantity("dimensions.net_weight")?,
            volume: fields.quantity("dimensions.volume")?,
        })
    }

    fn build(&self, record: Record<'_>) -> Result<Option<Dimensions>, Box<Fault>> {
        let dimensions = Dimensions {
            length: maybe_compound(self.length.as_ref(), record)?,
            width: maybe_compound(self.width.as_ref(), record)?,
            height: maybe_compound(self.height.as_ref(), record)?,
            gross_weight: maybe_compound(self.gross_weight.as_ref(), record)?,
            net_weight: maybe_compound(self.net_weight.as_ref(), record)?,
            volume: maybe_compound(self.volume.as_ref(), record)?,
        };
        Ok((dimensions != Dimensions::default()).then_some(dimensions))
    }
}
