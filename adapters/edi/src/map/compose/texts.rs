//! Dates and texts of a segment in the making: those that fill several elements, or continue in the next.
//! Never shortens a text.
//! Invariant: what does not fit is a fault of the draft or is left for the next segment.

use crate::map::compose::{Composing, Draft, Mode};
use crate::map::function::Function;
use crate::map::language::Address;
use crate::map::plan::Rule;
use crate::map::tree::NodeId;
use crate::map::unconvert;
use crate::map::write::Writing;
use crate::rule::Rule as Broken;

impl Writing {
    pub(super) fn moment(
        &self,
        with: Composing<'_>,
        node: NodeId,
        (date, time, zone): (Address, Address, Address),
        rule: &Rule,
        draft: &mut Draft,
    ) {
        if !self.takes(with, node) {
            return;
        }
        let text = self.text(node);
        let Some(day) = unconvert::day(&text, rule.width) else {
            return;
        };
        draft.row.set(date, day);
        if let Some((clock, offset)) = unconvert::clock(&text) {
            let ours = self.style.offset.as_deref() == Some(offset);
            let code = unconvert::zone(offset).filter(|_| zone.element > 0);
            if ours || code.is_some() {
                draft.row.set(time, clock);
                draft
                    .row
                    .set(zone, code.filter(|_| !ours).unwrap_or_default());
            } else {
                draft.fault = Some((date, Broken::NotWritten, text.clone()));
            }
        }
        self.take(with, node, draft);
    }

    pub(super) fn period(
        &self,
        with: Composing<'_>,
        rule: &Rule,
        node: NodeId,
        (at, format): (Address, Address),
        draft: &mut Draft,
    ) {
        if !self.takes(with, node) {
            return;
        }
        let text = self.text(node);
        let Some(day) = unconvert::day(&text, 8) else {
            return;
        };
        if rule.spans() {
            // The second target is the end of a period.
            let begun = draft.row.get(at).to_owned();
            let whole = if begun.is_empty() {
                day
            } else {
                format!("{begun}{day}")
            };
            let code = if begun.is_empty() { "102" } else { "718" };
            draft.row.replace(at, whole);
            draft.row.replace(format, code.to_owned());
            return self.take(with, node, draft);
        }
        match unconvert::clock(&text) {
            Some((clock, offset)) if self.style.offset.as_deref() == Some(offset) => {
                let seconds = clock.len() > 4;
                draft.row.set(at, format!("{day}{clock}"));
                draft
                    .row
                    .set(format, if seconds { "204" } else { "203" }.to_owned());
            }
            Some((clock, "Z")) if matches!(clock.len(), 4 | 6) => {
                let seconds = clock.len() > 4;
                draft.row.set(at, format!("{day}{clock}UTC"));
                draft
                    .row
                    .set(format, if seconds { "304" } else { "303" }.to_owned());
            }
            Some((clock, offset)) if clock.len() == 4 => {
                draft
                    .row
                    .set(at, format!("{day}{clock}{}", offset.replace(':', "")));
                draft.row.set(format, "205".to_owned());
            }
            Some(_) => {
                draft.fault = Some((at, Broken::NotWritten, text.clone()));
                draft.row.set(at, day);
                draft.row.set(format, "102".to_owned());
            }
            None => {
                draft.row.set(at, day);
                draft.row.set(format, "102".to_owned());
            }
        }
        self.take(with, node, draft);
    }

    pub(super) fn takes(&self, with: Composing<'_>, node: NodeId) -> bool {
        !self.tree.is_used(node) || with.mode == Mode::Again
    }

    pub(super) fn take(&self, with: Composing<'_>, node: NodeId, draft: &mut Draft) {
        draft.used.push(node);
        draft.fresh |= with.mode == Mode::First;
    }

    /// The next piece of a text: a line, or as many words as fit.
    pub(super) fn grow(
        &self,
        rule: &Rule,
        node: NodeId,
        (function, address): (&Function, Address),
        draft: &mut Draft,
    ) {
        let text = self.text(node);
        let done = self.progress_of(node, draft);
        let Some(rest) = text.get(done..).filter(|rest| !rest.is_empty()) else {
            return;
        };
        let width = usize::try_from(rule.width).unwrap_or(usize::MAX);
        let (piece, next) = if *function == Function::Lines {
            let line = rest.split('\n').next().unwrap_or(rest);
            if line.chars().count() > width && rule.first == rule.last && width < 100 {
                return; // a place for a short remark; the text goes where it fits
            }
            let (piece, end) = unconvert::cut(line, width);
            (
                piece,
                if end == line.len() {
                    (end + 1).min(rest.len())
                } else {
                    end
                },
            )
        } else {
            unconvert::cut(rest, width)
        };
        let cut = text
            .get(done + piece.len()..)
            .and_then(|rest| rest.chars().next());
        let joined = match function {
            Function::Lines => '\n',
            _ => ' ',
        };
        if cut.is_some_and(|cut| cut != joined) {
            // Written whole, but a reader joins the pieces with what was not there.
            draft.fault = Some((address, Broken::NotWritten, text.clone()));
        }
        draft.row.set(address, piece.to_owned());
        draft.progress.push((node, done + next));
        draft.used.push(node);
        draft.fresh = true;
    }
}
