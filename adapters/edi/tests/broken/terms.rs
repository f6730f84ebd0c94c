//! Under which terms a document is read: what the `with` of a row says.
//! `with limits.elements=10` sets a limit, `with feed=drop` the feed that it comes through, `with seen` has its control number
//! come before with other content; every other name is a setting of the partner's file: `with severity.segment_count=warning`.
//! Invariant: rows of the same terms share one engine.

use std::collections::HashMap;
use std::rc::Rc;

use edi::{Engine, Limits};

use crate::answered;

/// Terms of a row.
#[derive(Clone)]
pub(crate) struct Terms {
    pub(crate) engine: Rc<Engine>,
    pub(crate) feed: Option<String>,
    /// Whether the sink knows the interchange's control number already, with other bytes.
    pub(crate) seen: bool,
}

/// The engines that were needed so far.
#[derive(Default)]
pub(crate) struct Engines(HashMap<String, Rc<Engine>>);

impl Engines {
    /// The terms that these settings make.
    pub(crate) fn terms(&mut self, settings: &[String]) -> Terms {
        let mut limits = Limits::default();
        let mut file = toml::Table::new();
        let (mut feed, mut seen) = (None, false);
        for setting in settings {
            let (name, value) = setting.split_once('=').unwrap_or((setting, ""));
            match name.split_once('.') {
                Some(("limits", name)) => limit(&mut limits, name, value.parse().unwrap()),
                _ if name == "feed" => feed = Some(value.to_owned()),
                _ if name == "seen" => seen = true,
                _ => {
                    let line = format!("{name} = {value}");
                    let quoted = || toml::from_str(&format!("{name} = '{value}'")).unwrap();
                    lay_over(
                        &mut file,
                        toml::from_str(&line).unwrap_or_else(|_| quoted()),
                    );
                }
            }
        }
        let text = file.to_string();
        let engine = self.0.entry(format!("{limits:?}{text}"));
        let engine = engine.or_insert_with(|| Rc::new(answered::engine(&text, limits)));
        Terms {
            engine: Rc::clone(engine),
            feed,
            seen,
        }
    }
}

fn limit(limits: &mut Limits, name: &str, value: usize) {
    let limit = match name {
        "segment_bytes" => &mut limits.segment_bytes,
        "elements" => &mut limits.elements,
        "binary_bytes" => &mut limits.binary_bytes,
        "set_bytes" => &mut limits.set_bytes,
        "group_bytes" => &mut limits.group_bytes,
        "interchanges" => &mut limits.interchanges,
        _ => panic!("{name} is no limit"),
    };
    *limit = value;
}

fn lay_over(file: &mut toml::Table, other: toml::Table) {
    for (key, value) in other {
        match (file.get_mut(&key), value) {
            (Some(toml::Value::Table(under)), toml::Value::Table(over)) => lay_over(under, over),
            (_, value) => drop(file.insert(key, value)),
        }
    }
}
