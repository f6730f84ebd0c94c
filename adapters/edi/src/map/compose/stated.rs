//! What a document says besides its members' values: its currency, counts and sums, and an item's place in its list.
//! Knows nothing of the message's own envelope beyond what the style gives.
//! Invariant: a sum that the document does not state is not invented where the document has a place for it.

use canonical::model::model;

use crate::map::finish::checks;
use crate::map::function::Function;
use crate::map::language::Address;
use crate::map::path::{Path, Step};
use crate::map::plan::{Rule, Target, Whole};
use crate::map::tree::{NodeId, Shape};
use crate::map::unconvert;
use crate::map::write::Writing;

use super::{Composing, Draft, Mode};

impl Writing {
    /// The item's place in its list, from 1.
    pub(super) fn ordinal(&self, with: Composing<'_>) -> Option<String> {
        let Some(each) = with.section.each.as_ref() else {
            return with.plan.document.map(|_| self.document.to_string());
        };
        let owner = self.tree.look(self.root, each)?;
        let list = self.tree.child(owner, each.member)?;
        let place = self
            .tree
            .children(list)
            .position(|item| item == with.object)?;
        Some((place + 1).to_string())
    }

    /// Whether the currency of an amount is that of the document, which says it elsewhere, or none.
    pub(super) fn is_stated(&self, with: Composing<'_>, path: &Path, text: &str) -> bool {
        let own = model()
            .member(with.plan.root, "currency")
            .and_then(|(member, _)| self.tree.child(self.root, member));
        let stated = match own {
            Some(own) => Some(self.text(own)),
            None => self.currency.clone().filter(|_| with.plan.states_currency),
        };
        if text == "XXX" {
            return self.currency_below(self.root).is_none();
        }
        !path.steps.is_empty() && stated.as_deref() == Some(text)
    }

    /// What is said of the message as a whole.
    pub(super) fn whole(&self, whole: Whole) -> Option<String> {
        let text = match whole {
            Whole::Currency => self.currency.clone()?,
            Whole::Date => self.style.date.clone(),
            Whole::Time => self.style.time.clone(),
            Whole::Number => self.style.number.clone(),
            Whole::Levels => self.levels.len().to_string(),
            Whole::Documents => self.documents.to_string(),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    /// The currency of the first amount of an object; none for what stands for no currency.
    pub(in crate::map) fn currency_below(&self, object: NodeId) -> Option<String> {
        let kind = match self.tree.shape(object) {
            Shape::Object(kind) => Some(kind),
            Shape::List => None,
            Shape::Value => return None,
        };
        let own = kind
            .and_then(|kind| model().member(kind, "currency"))
            .and_then(|(member, _)| self.tree.child(object, member))
            .map(|node| self.text(node))
            .filter(|code| code != "XXX");
        own.or_else(|| {
            self.tree
                .children(object)
                .find_map(|child| self.currency_below(child))
        })
    }

    /// A count or a sum over the document.
    pub(super) fn tally(
        &self,
        with: Composing<'_>,
        rule: &Rule,
        (path, function): (&Path, &Function),
        address: Address,
        draft: &mut Draft,
    ) {
        let start = if path.from_root {
            self.root
        } else {
            with.object
        };
        // A sum is only written where the document states it, or has no place for it.
        let stated = |target: &Target| match target {
            Target::Path(path, Function::Plain) => Some(self.value_at(with.object, path).is_some()),
            _ => None,
        };
        let wanted = rule.targets.iter().find_map(stated).unwrap_or(true);
        if *function == Function::Sum && !wanted {
            return;
        }
        let value = if *function == Function::Count {
            self.tree
                .child(start, path.member)
                .map(|list| self.tree.count(list).to_string())
        } else {
            let list = path.steps.first().and_then(|step| match step {
                Step::Item { member, .. } => self.tree.child(start, *member),
                Step::Member { .. } => None,
            });
            list.and_then(|list| checks::sum_of(&self.tree, list, path))
                .map(|sum| sum.to_string())
        };
        if let Some(value) =
            value.and_then(|value| unconvert::decimal(&value, rule.decimals, self.style.decimal))
        {
            draft.row.set(address, value);
            draft.fresh |= with.mode == Mode::First;
        }
    }
}
