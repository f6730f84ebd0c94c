//! 850, purchase order → `sales_order`.
//! Takes what the model has a place for; nothing that the order does not state is made up, least of all its currency.
//! Invariant: every element with content is in the order or in an `unmapped`, under its path.

use std::collections::HashSet;

use canonical::codes::Currency;
use canonical::date::DateOrTime;
use canonical::decimal::Decimal;
use canonical::identifiers::ReferenceType;
use canonical::money::{Money, Totals};
use canonical::party::{Contact, Party, PartyRole};
use canonical::reference::Reference;
use canonical::sales_order::{OrderPurpose, OrderType, SalesOrder};
use canonical::terms::{PaymentTerms, ShippingTerms};
use canonical::verbatim::{Unmapped, UnmappedReason};

use super::fields::Fields;
use super::finding::Rule;
use super::order_line::LineDraft;
use super::parts::{self, Notes};
use super::party;
use super::run::Run;
use super::tags::{
    AMT, BEG, CTT, CUR, DTM, FOB, ITD, MSG, MTX, N1, N9, PER, PO1, REF, SAC, SE, ST, TD5, TXI,
};

/// An order in the making.
struct Draft {
    order: SalesOrder,
    currency: Currency,
    began: bool,
    line: Option<LineDraft>,
    numbers: HashSet<String>,
    /// The header's contact and its path: the buyer's, who is named after it.
    contact: Option<(String, Contact)>,
    notes: Notes,
    hash_total: Option<Decimal>,
    grand_total: Option<Decimal>,
    counted: Option<u64>,
    hashed: Option<Decimal>,
}

/// Maps one set. `None` when it broke a rule; the run knows which. `sender` stands in for a buyer that is not named.
pub(super) fn map(run: &mut Run<'_>, sender: Party) -> Option<SalesOrder> {
    let stated = run.currency();
    let currency = stated.unwrap_or(Currency::XXX);
    let mut draft = Draft {
        order: SalesOrder::new("", currency, Vec::new(), Vec::new()),
        currency,
        began: false,
        line: None,
        numbers: HashSet::new(),
        contact: None,
        notes: Notes::default(),
        hash_total: Some(Decimal::ZERO),
        grand_total: None,
        counted: None,
        hashed: None,
    };
    while let Some(mut fields) = run.advance() {
        draft.segment(run, &mut fields, stated.is_some());
    }
    draft.finish(run, sender);
    (!run.is_broken()).then_some(draft.order)
}

impl Draft {
    fn segment(&mut self, run: &mut Run<'_>, fields: &mut Fields<'_>, currency_stated: bool) {
        let tag = fields.tag();
        let outer = run.place.loops().first().copied();
        if tag == PO1 {
            self.open_line(run, fields);
        } else if outer == Some(PO1) {
            if let Some(line) = &mut self.line {
                line.segment(run, fields, self.currency);
            }
        } else {
            self.close_line();
            self.header(run, fields, currency_stated);
        }
        let unmapped = match &mut self.line {
            Some(line) => &mut line.line.unmapped,
            None => &mut self.order.unmapped,
        };
        run.leave(fields, UnmappedReason::NoMapping, unmapped);
    }

    fn header(&mut self, run: &mut Run<'_>, fields: &mut Fields<'_>, currency_stated: bool) {
        let outer = run.place.loops().first().copied();
        match (outer, fields.tag()) {
            (_, ST | SE) => (1..=3).for_each(|number| fields.take(number)),
            (None, BEG) => self.beg(run, fields, currency_stated),
            (None, CUR) => self.cur(run, fields),
            (None, REF) => self.reference(fields),
            (None, PER)
                if self.contact.is_none() && matches!(fields.peek(1), b"BD" | b"OC" | b"IC") =>
            {
                self.contact = party::per(fields).map(|contact| (run.place.path(), contact));
            }
            (None, DTM) => self.order.dates.extend(parts::date_ref(fields)),
            (None, TXI) => self.order.taxes.extend(parts::tax(fields, self.currency)),
            (None, ITD) if self.order.payment_terms.is_none() => {
                self.order.payment_terms = terms(fields)
            }
            (None, FOB) => self.fob(fields),
            (None, TD5) => self.carrier(fields),
            (Some(SAC), SAC) => self
                .order
                .charges
                .extend(parts::charge(fields, self.currency)),
            (Some(N9), N9) => {
                self.notes
                    .open(fields, &mut self.order.references, &mut self.order.notes)
            }
            (Some(N9), MSG | MTX) => self.notes.line(fields, &mut self.order.notes),
            (Some(N1), N1) => {
                let party = party::n1(run, fields);
                self.order.parties.push(party);
            }
            (Some(N1), _) => {
                if let Some(party) = self.order.parties.last_mut() {
                    party::detail(run, fields, party);
                }
            }
            (Some(CTT), CTT) => self.ctt(run, fields),
            (Some(CTT | AMT), AMT) if fields.peek(1) == b"TT" && self.grand_total.is_none() => {
                self.grand_total = fields.real(2);
                fields.take(1);
            }
            _ => {}
        }
    }

    fn beg(&mut self, run: &mut Run<'_>, fields: &mut Fields<'_>, currency_stated: bool) {
        if self.began {
            return;
        }
        self.began = true;
        if !currency_stated {
            let problem =
                Rule::CurrencyMissing.problem("no CUR states a currency: amounts are in XXX");
            run.report(
                0,
                problem.hint("have the sender state it, or set the partner's currency"),
            );
        }
        self.order.purpose = match fields.peek(1) {
            b"00" => Some(OrderPurpose::Original),
            b"01" => Some(OrderPurpose::Cancel),
            b"04" => Some(OrderPurpose::Change),
            b"05" => Some(OrderPurpose::Replace),
            b"06" => Some(OrderPurpose::Confirmation),
            _ => None,
        };
        if self.order.purpose.is_some() {
            fields.take(1);
        } else if fields.peek(1) == b"07" {
            run.report(
                1,
                Rule::PurposeUnusual
                    .problem("the order says that it is a duplicate")
                    .found("07"),
            );
        }
        self.order.r#type = match fields.peek(2) {
            b"SA" | b"NE" => Some(OrderType::Standard),
            b"BK" => Some(OrderType::Blanket),
            b"RL" => Some(OrderType::Release),
            b"DS" => Some(OrderType::Dropship),
            b"RO" => Some(OrderType::Rush),
            _ => None,
        };
        if self.order.r#type.is_some() {
            fields.take(2);
        }
        self.order.order_id = fields.text(3).unwrap_or_default();
        self.order.po_number = Some(self.order.order_id.clone());
        if let Some(release) = fields.text(4)
            && let Ok(kind) = "release".parse::<ReferenceType>()
        {
            self.order.references.push(Reference::new(kind, release));
        }
        self.order.placed_at = fields.date(5).map(DateOrTime::Date);
        self.order.contract = fields.text(6);
    }

    /// The currency itself was read before anything that needs it.
    fn cur(&mut self, run: &mut Run<'_>, fields: &mut Fields<'_>) {
        match parts::code(fields, 2).parse::<Currency>() {
            Ok(currency) if currency == self.currency => {
                fields.take(1);
                fields.take(2);
            }
            Ok(_other) => {}
            Err(_unknown) if fields.has(2) => {
                let found = parts::code(fields, 2);
                run.report(
                    2,
                    Rule::ElementCode
                        .problem("this is no currency")
                        .expected("a code of ISO 4217")
                        .found(&found),
                );
            }
            Err(_missing) => {}
        }
    }

    fn reference(&mut self, fields: &mut Fields<'_>) {
        let code = fields.peek(1);
        if let Some(reference) = parts::reference(fields) {
            match code {
                b"CT" if self.order.contract.is_none() => {
                    self.order.contract = Some(reference.value.clone())
                }
                b"Q1" if self.order.quote.is_none() => {
                    self.order.quote = Some(reference.value.clone())
                }
                _ => {}
            }
            self.order.references.push(reference);
        }
    }

    fn fob(&mut self, fields: &mut Fields<'_>) {
        // Qualifier 01 in FOB04: the code in FOB05 is an Incoterm.
        if fields.peek(4) == b"01" && fields.has(5) {
            self.shipping().incoterm = fields.text(5);
            fields.take(4);
        }
    }

    fn carrier(&mut self, fields: &mut Fields<'_>) {
        if self
            .order
            .shipping
            .as_ref()
            .is_some_and(|shipping| shipping.carrier.is_some())
        {
            return;
        }
        // Qualifier 2 in TD502: TD503 is a SCAC. Otherwise the routing text is all there is to say.
        let carrier = if fields.peek(2) == b"2" && fields.has(3) {
            fields.take(2);
            fields.text(3)
        } else {
            fields.text(5)
        };
        let service = fields.text(12);
        if carrier.is_some() || service.is_some() {
            let shipping = self.shipping();
            shipping.carrier = carrier;
            shipping.service = service;
        }
    }

    fn shipping(&mut self) -> &mut ShippingTerms {
        self.order
            .shipping
            .get_or_insert_with(ShippingTerms::default)
    }

    fn ctt(&mut self, run: &mut Run<'_>, fields: &mut Fields<'_>) {
        let lines = self.order.lines.len();
        if let Some(count) = fields.whole(1) {
            self.counted = Some(count.into());
            if usize::try_from(count) != Ok(lines) {
                let problem = Rule::LineCount
                    .problem("CTT01 does not count the lines")
                    .expected(lines.to_string());
                run.report(1, problem.found(&count.to_string()));
            }
        }
        let Some(hash) = fields.real(2) else { return };
        self.hashed = Some(hash);
        // The sum's leading digits are dropped where it is longer than the element.
        let sum = self.hash_total.filter(|sum| {
            sum.mantissa()
                .unsigned_abs()
                .checked_ilog10()
                .is_none_or(|power| power < 10)
        });
        if let Some(sum) = sum.filter(|sum| {
            sum.checked_sub(hash)
                .is_none_or(|difference| !difference.is_zero())
        }) {
            let problem = Rule::HashTotal
                .problem("CTT02 is not the sum of the quantities")
                .expected(sum.to_string());
            run.report(2, problem.found(&hash.to_string()));
        }
    }

    /// PO1. A line without a number gets its place in the order, counted from 1.
    fn open_line(&mut self, run: &mut Run<'_>, fields: &mut Fields<'_>) {
        self.close_line();
        let mut draft = LineDraft::open(run, fields, self.currency);
        if draft.line.line.is_empty() {
            draft.line.line = (self.order.lines.len() + 1).to_string();
        }
        if !self.numbers.insert(draft.line.line.clone()) {
            let problem =
                Rule::LineDuplicate.problem("the line number was used before in this order");
            run.report(
                1,
                problem
                    .found(&draft.line.line)
                    .expected("another number for each line"),
            );
        }
        self.line = Some(draft);
    }

    fn close_line(&mut self) {
        if let Some(draft) = self.line.take() {
            self.hash_total = self
                .hash_total
                .and_then(|sum| sum.checked_add(draft.line.quantity.value));
            self.order.lines.push(draft.line);
        }
    }

    /// The header's contact becomes the buyer's, named or not, unless the buyer has one.
    fn settle_contact(&mut self) {
        let Some((path, contact)) = self.contact.take() else {
            return;
        };
        let mut buyers = self
            .order
            .parties
            .iter_mut()
            .filter(|party| party.role == PartyRole::Buyer);
        match buyers.next() {
            Some(buyer) if buyer.contact.is_none() => buyer.contact = Some(contact),
            Some(_) => {
                let texts = [
                    contact.name,
                    contact.department,
                    contact.phone,
                    contact.email,
                ];
                let texts: Vec<String> = texts.into_iter().flatten().collect();
                let mut unmapped = Unmapped::new(format!("x12:{path}"), texts.join("; "));
                unmapped.reason = Some(UnmappedReason::RepeatedBeyondLimit);
                self.order.unmapped.push(unmapped);
            }
            None => {
                let mut buyer = Party::new(PartyRole::Buyer);
                buyer.contact = Some(contact);
                self.order.parties.insert(0, buyer);
            }
        }
    }

    fn finish(&mut self, run: &mut Run<'_>, sender: Party) {
        if !self.began {
            run.report_missing("BEG[1]");
        }
        if self.order.lines.is_empty() {
            run.report_missing("PO1[1]");
        }
        self.settle_contact();
        if self.order.parties.is_empty() {
            self.order.parties.push(sender);
        }
        if let Some(total) = self.grand_total {
            let mut totals = Totals::new(Money::new(total, self.currency));
            totals.line_count = self.counted;
            totals.hash_total = self.hashed;
            self.order.totals = Some(totals);
        }
    }
}

/// ITD: when to pay.
fn terms(fields: &mut Fields<'_>) -> Option<PaymentTerms> {
    let terms = PaymentTerms {
        code: fields.text(1),
        net_days: fields.whole(7),
        discount_percent: fields.real(3),
        discount_days: fields.whole(5),
        description: fields.text(12),
    };
    (terms != PaymentTerms::default()).then_some(terms)
}
