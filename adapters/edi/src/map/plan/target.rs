//! The text of one target and of one setting, read against the canonical model.
//! Knows nothing of segments: a place's elements are `compile`'s.
//! Invariant: a path that is given back exists, and its words are words of the model.

use std::sync::Arc;

use canonical::model::{Kind, ObjectId, model};

use crate::map::function::Function;
use crate::map::language::Address;
use crate::map::path::{Path, Step};

use super::{Compiler, Default, Plan, SetFrom, Target, Whole};

impl Compiler<'_> {
    pub(super) fn target(
        &self,
        plan: &Plan,
        text: &str,
        object: ObjectId,
    ) -> Result<Target, String> {
        if let Some(values) = text.strip_prefix('-') {
            let values = values.trim().split('|').filter(|value| !value.is_empty());
            return Ok(Target::Nowhere(values.map(Box::from).collect()));
        }
        if text == "#" {
            return Ok(Target::Ordinal);
        }
        if let Some(literal) = text
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''))
        {
            return Ok(Target::Literal(literal.into()));
        }
        if let Some((literal, at)) = text
            .strip_prefix('\'')
            .and_then(|rest| rest.split_once("' with "))
        {
            let at = Address::read(at).ok_or_else(|| format!("{at:?} is no element"))?;
            return Ok(Target::Beside(literal.into(), at));
        }
        if let Some((literal, path)) = text
            .strip_prefix('\'')
            .and_then(|rest| rest.split_once("' if "))
        {
            return Ok(Target::If(
                literal.into(),
                Path::read(path, object, plan.root)?,
            ));
        }
        if let Some(path) = text.strip_prefix("else ") {
            return match self.target(plan, path, object)? {
                Target::Path(path, function) => Ok(Target::Else(path, function)),
                _ => Err("expected a path behind else".to_owned()),
            };
        }
        if let Some(path) = text.strip_prefix("echo ") {
            return match self.target(plan, path, object)? {
                Target::Path(path, function) => Ok(Target::Echo(path, function)),
                _ => Err("expected a path behind echo".to_owned()),
            };
        }
        if let Some(whole) = text.strip_prefix('@') {
            return match whole {
                "currency" => Ok(Target::Message(Whole::Currency)),
                "date" => Ok(Target::Message(Whole::Date)),
                "time" => Ok(Target::Message(Whole::Time)),
                "number" => Ok(Target::Message(Whole::Number)),
                "levels" => Ok(Target::Message(Whole::Levels)),
                "documents" => Ok(Target::Message(Whole::Documents)),
                _ => Err(
                    "there are @currency, @date, @time, @number, @levels, @documents".to_owned(),
                ),
            };
        }
        let (path, function) = text.split_once('|').unwrap_or((text, ""));
        let function = Function::read(function.trim(), &self.names)?;
        let path = path.trim();
        // A count or a sum is of a list of which no item is named.
        if matches!(function, Function::Sum | Function::Count) {
            let (list, _) = path.split_once('.').unwrap_or((path, ""));
            return Ok(Target::Path(Path::read(list, object, plan.root)?, function))
                .and_then(|target| sum(target, path));
        }
        let path = Path::read(path, object, plan.root)?;
        if path.member == Path::SELF && !matches!(function, Function::Member { .. }) {
            return Err("the object itself takes no value: . | member QUALIFIER TABLE".to_owned());
        }
        known_words(plan, &path, &function)?;
        Ok(Target::Path(path, function))
    }

    pub(super) fn set_from(
        &self,
        text: &str,
        object: ObjectId,
        root: ObjectId,
    ) -> Result<SetFrom, String> {
        if let Some(literal) = text
            .strip_prefix('\'')
            .and_then(|rest| rest.strip_suffix('\''))
        {
            return Ok(SetFrom::Literal(literal.into()));
        }
        if let Some(literal) = text
            .strip_prefix("else '")
            .and_then(|rest| rest.strip_suffix('\''))
        {
            return Ok(SetFrom::Else(literal.into()));
        }
        if let Some(name) = text.strip_prefix('^').filter(|path| !path.contains('.')) {
            let (member, _) = model().member(root, name).ok_or("no such member")?;
            return Ok(SetFrom::Above { member });
        }
        if let Some(path) = text.strip_prefix('^') {
            let (list, member) = member_of_list(path, root)?;
            return Ok(SetFrom::Around { list, member });
        }
        if let Some(path) = text.strip_prefix('>') {
            let (list, member) = member_of_list(path, root)?;
            return Ok(SetFrom::Below { list, member });
        }
        match text {
            "#" => Ok(SetFrom::Ordinal),
            "sender" => Ok(SetFrom::Sender { role: "".into() }),
            path if path.starts_with("sender ") => Ok(SetFrom::Sender {
                role: path.trim_start_matches("sender ").into(),
            }),
            path => {
                let (path, table) = match path.split_once(" | codes ") {
                    Some((path, name)) => {
                        let table = self.names.get(name).copied();
                        (
                            path,
                            Some(table.ok_or_else(|| format!("there is no code table {name:?}"))?),
                        )
                    }
                    None => (path, None),
                };
                Ok(SetFrom::Copy(Path::read(path, object, root)?, table))
            }
        }
    }

    /// A default of the document, or of each item of one of its lists.
    pub(super) fn default(
        &self,
        target: &str,
        value: &str,
        root: ObjectId,
    ) -> Result<Default, String> {
        let (name, rest) = target.split_once('.').unwrap_or((target, ""));
        let list = model()
            .member(root, name)
            .filter(|(_, found)| found.list && !rest.is_empty());
        let (list, object, path) = match list {
            Some((place, found)) => match found.kind {
                Kind::Object(item) => (Some(place), item, rest),
                _ => return Err(format!("{name} has no members")),
            },
            None => (None, root, target),
        };
        Ok(Default {
            list,
            path: Path::read(path, object, root)?,
            from: self.set_from(value, object, root)?,
        })
    }
}

/// A sum's path ends at a member of the list's items.
fn sum(target: Target, text: &str) -> Result<Target, String> {
    let Target::Path(list, function) = target else {
        return Ok(target);
    };
    let Kind::Object(item) = list.kind else {
        return Err("expected a list".to_owned());
    };
    if function == Function::Count {
        return Ok(Target::Path(list, function));
    }
    let (_, rest) = text
        .split_once('.')
        .ok_or("expected a member of the list's items")?;
    let mut inner = Path::read(rest, item, item)?;
    let mut steps = vec![Step::Item {
        member: list.member,
        object: item,
        selectors: Arc::default(),
    }];
    steps.extend(inner.steps);
    inner.steps = steps.into();
    inner.from_root = list.from_root;
    Ok(Target::Path(inner, function))
}

/// `orders.order_id`: a list of the document and a member of its items.
fn member_of_list(path: &str, root: ObjectId) -> Result<(u16, u16), String> {
    let (list, member) = path.split_once('.').ok_or("expected list.member")?;
    let (list, found) = model().member(root, list).ok_or("no such list")?;
    let Kind::Object(item) = found.kind else {
        return Err("expected a list of objects".to_owned());
    };
    let (member, _) = model()
        .member(item, member)
        .ok_or("its items have no such member")?;
    Ok((list, member))
}

/// A table of codes may only have words that its member takes.
fn known_words(plan: &Plan, path: &Path, function: &Function) -> Result<(), String> {
    let words = match (function, path.kind) {
        (Function::Codes(table), Kind::Words(words)) => Some((table, model().words(words))),
        (Function::Plain, Kind::Words(_)) => {
            return Err("a code becomes a word by a table: | codes TABLE".to_owned());
        }
        _ => None,
    };
    if let Some((table, words)) = words
        && let Some(table) = plan.tables.get(usize::from(*table))
        && let Some(unknown) = table.words().find(|word| !words.contains(word))
    {
        return Err(format!(
            "the table {} has {unknown:?}, which is none of {}",
            table.name,
            words.join(", ")
        ));
    }
    Ok(())
}
