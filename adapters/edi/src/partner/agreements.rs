//! All partners that are known, by the identities that envelopes name them by.
//! Invariant: no interchange fits two agreements: what could fit both was refused when the second was added.

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io;
use std::sync::Arc;

use super::agreement::{Agreement, PartnerId};
use super::error::{AgreementError, Mistake};
use super::file::PartnerFile;
use super::identity::Identity;
use super::terms::Terms;
use crate::dictionary::Dictionaries;
use crate::map::Mappings;
use crate::reader::TextPolicy;
use crate::syntax::Syntax;

/// The partners that are known. As long as there are none, everybody is welcome.
///
/// ```
/// use edi::partner::Agreements;
/// use edi::{Address, Interchange, Rule};
/// let mut agreements = Agreements::default();
/// let text = r#"
/// id = "northwind"
/// name = "Northwind Retail"
/// ids = ["ZZ:NORTHWIND", "01:006922827"]
/// our_ids = ["ZZ:ACME"]
/// [x12]
/// "#;
/// agreements.add(text, "northwind.toml", &mut |_guide| unreachable!("it names none"))?;
///
/// let address = |qualifier: &str, id: &str| Address { qualifier: qualifier.into(), id: id.into(), ..Address::default() };
/// let known = Interchange { sender: address("01", "006922827"), receiver: address("ZZ", "ACME"), ..Interchange::default() };
/// let decision = agreements.find(&known, None);
/// assert_eq!(decision.agreement().map(|agreement| agreement.id.as_str()), Some("northwind"));
///
/// let unknown = Interchange { sender: address("12", "006922827"), ..known };
/// let decision = agreements.find(&unknown, None);
/// assert_eq!(decision.findings()[0].rule, Rule::SenderUnknown);
/// # Ok::<(), edi::partner::AgreementError>(())
/// ```
pub struct Agreements {
    dictionaries: Dictionaries,
    mappings: Arc<Mappings>,
    partners: BTreeMap<PartnerId, Arc<Agreement>>,
    /// Who goes by an identity, in the order of their ids.
    by_identity: HashMap<Identity, Vec<Arc<Agreement>>>,
    /// Who stands for everybody that nobody else names.
    for_others: Vec<Arc<Agreement>>,
    /// What each identity looks like without what people write differently.
    alike: HashMap<String, Vec<(Identity, Arc<Agreement>)>>,
    /// What holds as long as there are no partners, and what holds for strangers afterwards.
    pub(super) anybody: Arc<Terms>,
    pub(super) stranger: Arc<Terms>,
}

impl fmt::Debug for Agreements {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_set().entries(self.partners.keys()).finish()
    }
}

impl Default for Agreements {
    /// None, over the dictionaries and mappings that are shipped.
    fn default() -> Self {
        Self::new(Dictionaries::shipped(), Mappings::shipped())
    }
}

impl Agreements {
    /// None, over these dictionaries and mappings.
    #[must_use]
    pub fn new(dictionaries: Dictionaries, mappings: Mappings) -> Self {
        let mappings = Arc::new(mappings);
        Self {
            anybody: Arc::new(Terms::anybody(&dictionaries, &mappings)),
            stranger: Arc::new(Terms::stranger(&dictionaries, &mappings)),
            dictionaries,
            mappings,
            partners: BTreeMap::new(),
            by_identity: HashMap::new(),
            for_others: Vec::new(),
            alike: HashMap::new(),
        }
    }

    /// Adds a partner by the text of its file. `name` is what errors and explanations call the file; `load` gives the texts
    /// of the guides that it names.
    ///
    /// # Errors
    /// The first mistake; then nothing was added.
    pub fn add(
        &mut self,
        text: &str,
        name: &str,
        load: &mut dyn FnMut(&str) -> io::Result<String>,
    ) -> Result<Arc<Agreement>, AgreementError> {
        let file: Result<PartnerFile, toml::de::Error> = toml::from_str(text);
        let added = match file {
            Ok(file) => self.add_file(&file, name, load),
            Err(error) => Err(Mistake::at(error.span().unwrap_or(0..0), error.message())),
        };
        added.map_err(|mistake| mistake.within(name, text))
    }

    fn add_file(
        &mut self,
        file: &PartnerFile,
        name: &str,
        load: &mut dyn FnMut(&str) -> io::Result<String>,
    ) -> Result<Arc<Agreement>, Mistake> {
        let agreement = Agreement::read(file, name, &self.dictionaries, &self.mappings, load)?;
        if let Some(other) = self.partners.get(&agreement.id) {
            let message = format!("the id `{}` is that of {}", agreement.id, other.file);
            return Err(Mistake::at(file.id.span(), message));
        }
        let clash = |other: &Arc<Agreement>| Some((agreement.clash(other)?, Arc::clone(other)));
        if let Some((identity, other)) = self.partners.values().find_map(clash) {
            let listed = file
                .ids
                .iter()
                .find(|listed| same(listed.get_ref(), &identity));
            let message = format!(
                "{identity} is a partner in {} already, with the same usage and id of ours",
                other.file
            );
            let mistake = Mistake::at(listed.unwrap_or(&file.id).span(), message);
            return Err(
                mistake.hint("let the two differ in `usage` or `our_ids`, or make them one")
            );
        }
        let agreement = Arc::new(agreement);
        self.partners
            .insert(agreement.id.clone(), Arc::clone(&agreement));
        self.index();
        Ok(agreement)
    }

    /// Sorts everybody in again, so that the order in which files came does not matter.
    fn index(&mut self) {
        self.by_identity.clear();
        self.for_others.clear();
        self.alike.clear();
        for agreement in self.partners.values() {
            if agreement.theirs.is_empty() {
                self.for_others.push(Arc::clone(agreement));
            }
            for identity in &agreement.theirs {
                let known = self.by_identity.entry(identity.clone()).or_default();
                known.push(Arc::clone(agreement));
                let alike = self.alike.entry(identity.loose()).or_default();
                alike.push((identity.clone(), Arc::clone(agreement)));
            }
        }
    }

    /// Whether no partner is known, so that everybody is welcome.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.partners.is_empty()
    }

    /// Every partner, in the order of their ids.
    pub fn iter(&self) -> impl Iterator<Item = &Arc<Agreement>> {
        self.partners.values()
    }

    /// The partner of this id.
    #[must_use]
    pub fn partner(&self, id: &PartnerId) -> Option<&Arc<Agreement>> {
        self.partners.get(id)
    }

    /// What becomes of text around interchanges in a file of this source, before it is known whose they are: it is skipped
    /// where some partner that sends through it has it so.
    #[must_use]
    pub fn text_policy(&self, source: Option<&str>) -> TextPolicy {
        let here = |agreement: &&Arc<Agreement>| {
            let sources = &agreement.sources;
            sources.is_empty()
                || source.is_none_or(|source| sources.iter().any(|listed| listed == source))
        };
        let skips = |agreement: &Arc<Agreement>| {
            let syntaxes = [Syntax::X12, Syntax::Edifact, Syntax::Tradacoms];
            let mut terms = syntaxes
                .into_iter()
                .filter_map(|syntax| agreement.terms(syntax));
            terms.any(|terms| terms.text == TextPolicy::Skip)
        };
        if self.partners.values().filter(here).any(skips) {
            TextPolicy::Skip
        } else {
            TextPolicy::Refuse
        }
    }

    /// Who goes by an identity; where nobody does, whoever stands for everybody else.
    pub(super) fn known_as(&self, identity: &Identity) -> &[Arc<Agreement>] {
        self.by_identity.get(identity).unwrap_or(&self.for_others)
    }

    /// Identities that look like this one and are written differently.
    pub(super) fn alike(&self, identity: &Identity) -> &[(Identity, Arc<Agreement>)] {
        self.alike.get(&identity.loose()).map_or(&[], Vec::as_slice)
    }
}

/// Whether a listed text is that identity.
fn same(listed: &str, identity: &str) -> bool {
    let read = |text: &str| text.parse::<Identity>().ok();
    listed == identity || read(listed).is_some_and(|listed| Some(listed) == read(identity))
}
