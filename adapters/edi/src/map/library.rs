//! The mappings that are shipped, and those that a partner lays over them.
//! Compiled for a version when the first message of it comes, and kept.
//! Invariant: what was compiled once is the same for every later message.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::dictionary::Dictionary;
use crate::syntax::Syntax;

use super::language::{MapError, Source};
use super::plan::{Compiler, Plan, asked};

macro_rules! shipped {
    ($($syntax:ident $name:literal;)+) => {
        &[$((Syntax::$syntax, $name, include_str!(concat!("../../mappings/", $name, ".toml"))),)+]
    };
}

/// Every mapping that is shipped. Files of shared places have names that are no set's.
const SHIPPED: &[(Syntax, &str, &str)] = shipped! {
    X12 "x12/codes";
    X12 "x12/references";
    X12 "x12/dates";
    X12 "x12/charges";
    X12 "x12/notes";
    X12 "x12/parties";
    X12 "x12/party";
    X12 "x12/buyer";
    X12 "x12/totals";
    X12 "x12/order_line";
    X12 "x12/change";
    X12 "x12/transport";
    X12 "x12/n9";
    X12 "x12/g62";
    X12 "x12/nte";
    X12 "x12/w06";
    X12 "x12/shipped_line";
    X12 "x12/received_line";
    X12 "x12/grocery_terms";
    X12 "x12/package";
    X12 "x12/place";
    X12 "x12/810";
    X12 "x12/816";
    X12 "x12/820";
    X12 "x12/824";
    X12 "x12/customer_numbers";
    X12 "x12/832";
    X12 "x12/846";
    X12 "x12/850";
    X12 "x12/852";
    X12 "x12/855";
    X12 "x12/856";
    X12 "x12/860";
    X12 "x12/861";
    X12 "x12/864";
    X12 "x12/865";
    X12 "x12/865-answer";
    X12 "x12/answer";
    X12 "x12/answer_line";
    X12 "x12/867";
    X12 "x12/875";
    X12 "x12/880";
    X12 "x12/940";
    X12 "x12/943";
    X12 "x12/944";
    X12 "x12/945";
    X12 "x12/947";
    Edifact "edifact/codes";
    Edifact "edifact/codes.EAN02";
    Edifact "edifact/party";
    Edifact "edifact/parties";
    Edifact "edifact/charges";
    Edifact "edifact/order_lines";
    Edifact "edifact/amounts";
    Edifact "edifact/prices";
    Edifact "edifact/terms";
    Edifact "edifact/totals";
    Edifact "edifact/package";
    Edifact "edifact/delivery";
    Edifact "edifact/packed_item";
    Edifact "edifact/despatch_item";
    Edifact "edifact/received_item";
    Edifact "edifact/APERAK";
    Edifact "edifact/DESADV";
    Edifact "edifact/INVOIC";
    Edifact "edifact/stock";
    Edifact "edifact/stock_place";
    Edifact "edifact/INVRPT";
    Edifact "edifact/price_list";
    Edifact "edifact/price_line";
    Edifact "edifact/PRICAT";
    Edifact "edifact/PRICAT.D93A";
    Edifact "edifact/PARTIN";
    Edifact "edifact/RECADV";
    Edifact "edifact/REMADV";
    Edifact "edifact/SLSRPT";
    Edifact "edifact/ORDCHG";
    Edifact "edifact/ORDERS";
    Edifact "edifact/ORDRSP";
    Tradacoms "tradacoms/codes";
    Tradacoms "tradacoms/header";
    Tradacoms "tradacoms/place";
    Tradacoms "tradacoms/ORDHDR";
    Tradacoms "tradacoms/ORDERS";
    Tradacoms "tradacoms/ORDTLR";
    Tradacoms "tradacoms/INVFIL";
    Tradacoms "tradacoms/INVOIC";
    Tradacoms "tradacoms/VATTLR";
    Tradacoms "tradacoms/INVTLR";
    Tradacoms "tradacoms/RSGRSG";
};

/// Syntax, set and version.
type PlanKey = (Syntax, String, String);

/// Mappings by syntax and set.
pub struct Mappings {
    texts: HashMap<(Syntax, String), (String, String)>,
    /// Laid over the shipped ones, in order.
    overlays: Vec<(Syntax, String, String, String)>,
    plans: Mutex<HashMap<PlanKey, Option<Arc<Plan>>>>,
}

impl std::fmt::Debug for Mappings {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut names: Vec<_> = self.texts.keys().collect();
        names.sort_unstable();
        formatter.debug_list().entries(names).finish()
    }
}

impl Mappings {
    /// The mappings that are shipped.
    #[must_use]
    pub fn shipped() -> Self {
        let texts = SHIPPED.iter().map(|(syntax, name, text)| {
            let (_, short) = name.split_once('/').unwrap_or(("", name));
            (
                (*syntax, short.to_owned()),
                (format!("{name}.toml"), (*text).to_owned()),
            )
        });
        Self {
            texts: texts.collect(),
            overlays: Vec::new(),
            plans: Mutex::default(),
        }
    }

    /// Lays a mapping's text over that of a set: its places and lines take the place of those of the same name. A set
    /// that is not shipped is taken as it is. `name` is how errors call the text.
    ///
    /// # Errors
    /// A text that is no mapping. Whether its places and paths exist is known when a message of the set comes, or by
    /// [`Mappings::plan`].
    pub fn lay_over(
        &mut self,
        syntax: Syntax,
        set: &str,
        text: &str,
        name: &str,
    ) -> Result<(), MapError> {
        Source::read(text, name)?;
        self.overlays
            .push((syntax, set.to_owned(), text.to_owned(), name.to_owned()));
        self.plans = Mutex::default();
        Ok(())
    }

    /// The mapping of a set, compiled for a dictionary; none where the set is not mapped.
    ///
    /// # Errors
    /// The first mistake in the mapping.
    pub fn plan(&self, dictionary: &Dictionary, set: &str) -> Result<Option<Arc<Plan>>, MapError> {
        let key = (
            dictionary.syntax(),
            dictionary.version().to_owned(),
            set.to_owned(),
        );
        let mut plans = self.plans.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(plan) = plans.get(&key) {
            return Ok(plan.clone());
        }
        let plan = self.compile_all(dictionary, set)?.map(Arc::new);
        plans.insert(key, plan.clone());
        Ok(plan)
    }

    /// The mapping of a set with those for certain messages of it: the files `SET-WORD`, in order.
    fn compile_all(&self, dictionary: &Dictionary, set: &str) -> Result<Option<Plan>, MapError> {
        let Some(mut plan) = self.compile(dictionary, set, set)? else {
            return Ok(None);
        };
        let certain = |name: &&String| {
            let word = name
                .strip_prefix(set)
                .and_then(|rest| rest.strip_prefix('-'));
            word.is_some_and(|word| !word.contains('.'))
        };
        let names = self
            .texts
            .keys()
            .filter(|(of, _)| *of == dictionary.syntax());
        let mut names: Vec<&String> = names.map(|(_, name)| name).filter(certain).collect();
        names.sort_unstable();
        for name in names {
            let having = self.text(dictionary, name)?.having;
            let Some(asked) =
                asked(&having).map_err(|message| MapError::new(name, "", "having", message))?
            else {
                continue;
            };
            if let Some(other) = self.compile(dictionary, set, name)? {
                plan.others.push((asked, Arc::new(other)));
            }
        }
        Ok(Some(plan))
    }

    fn compile(
        &self,
        dictionary: &Dictionary,
        set: &str,
        file: &str,
    ) -> Result<Option<Plan>, MapError> {
        let syntax = dictionary.syntax();
        let Some(structure) = dictionary.structure(set) else {
            return Ok(None);
        };
        let overlays: Vec<_> = self
            .overlays
            .iter()
            .filter(|(of, name, _, _)| *of == syntax && name == file)
            .collect();
        let own = self.text(dictionary, file)?;
        if own.file.is_empty() && overlays.is_empty() {
            return Ok(None);
        }
        let mut source = Source::default();
        for used in std::iter::once("codes").chain(own.uses.iter().map(String::as_str)) {
            let (name, below) = used.split_once(" at ").unwrap_or((used, ""));
            let mut shared = self.text(dictionary, name)?;
            if shared.file.is_empty() && name != "codes" {
                let message = format!("there is no {name:?}");
                return Err(MapError::new(&own.file, "", "use", message));
            }
            shared.share(below);
            source.lay_over(shared);
        }
        source.take_head(&own);
        source.lay_over(own);
        for (_, _, text, name) in overlays {
            let over = Source::read(text, name)?;
            source.take_head(&over);
            source.lay_over(over);
        }
        let compiler = Compiler {
            source,
            structure: Arc::clone(structure),
            dictionary,
            names: HashMap::new(),
        };
        compiler.compile().map(Some)
    }

    /// The text of a set or of shared places; over it what is said of it for this version and for those that it extends:
    /// the file `NAME.VERSION`. One that names an entity stands instead.
    fn text(&self, dictionary: &Dictionary, name: &str) -> Result<Source, MapError> {
        let read = |name: String| {
            let found = self.texts.get(&(dictionary.syntax(), name));
            found
                .map(|(file, text)| Source::read(text, file))
                .transpose()
        };
        let mut source = read(name.to_owned())?.unwrap_or_default();
        for version in dictionary.lineage() {
            let Some(over) = read(format!("{name}.{}", version.replace('.', "")))? else {
                continue;
            };
            if over.entity.is_empty() {
                source.lay_over(over);
            } else {
                source = over;
            }
        }
        Ok(source)
    }

    /// The sets that are mapped in a syntax, in order.
    #[must_use]
    pub fn sets(&self, syntax: Syntax) -> Vec<&str> {
        let shipped = self
            .texts
            .iter()
            .filter(|((of, _), (_, text))| *of == syntax && text.contains("\nentity"));
        let own = self
            .overlays
            .iter()
            .filter(|(of, ..)| *of == syntax)
            .map(|(_, set, ..)| set.as_str());
        let mut sets: Vec<&str> = shipped
            .filter_map(|((_, name), _)| name.split(['.', '-']).next())
            .chain(own)
            .collect();
        sets.sort_unstable();
        sets.dedup();
        sets
    }
}
