//! Parties: the N1 loop (N1, N2, N3, N4, REF, PER), their numbers and contacts.
//! Never guesses a party's role or country: what the tables do not know keeps its code.
//! Invariant: an identifier of a GS1 or D-U-N-S scheme has that scheme's form; any other is `x12:` and its qualifier.

use canonical::identifiers::{self, Identifier, Scheme};
use canonical::party::{Address, Contact, Party, PartyRole};

use super::fields::Fields;
use super::finding::Rule;
use super::run::Run;
use super::tags::{N2, N3, N4, PER, REF};
use crate::headers::shown;

fn role(code: &[u8]) -> PartyRole {
    match code {
        b"BY" => PartyRole::Buyer,
        b"ST" => PartyRole::ShipTo,
        b"BT" => PartyRole::BillTo,
        b"SE" | b"SU" | b"VN" => PartyRole::Seller,
        b"SF" => PartyRole::ShipFrom,
        b"SO" => PartyRole::SoldTo,
        b"PR" => PartyRole::Payer,
        b"RE" => PartyRole::Payee,
        b"CA" => PartyRole::Carrier,
        b"MF" => PartyRole::Manufacturer,
        b"WH" => PartyRole::Warehouse,
        b"UC" => PartyRole::EndCustomer,
        b"AG" => PartyRole::Agent,
        _ => PartyRole::Other,
    }
}

/// `x12:` and a qualifier.
pub(super) fn x12_scheme(qualifier: &[u8]) -> Option<Scheme> {
    format!("x12:{}", shown(qualifier).to_ascii_lowercase())
        .parse()
        .ok()
}

/// A party's number under an N103 qualifier (element 66), and whether it has its scheme's form.
pub(super) fn party_id(qualifier: &[u8], value: &str) -> Option<(Identifier, bool)> {
    let digits =
        |length: usize| value.len() == length && value.bytes().all(|byte| byte.is_ascii_digit());
    let (scheme, fits) = match qualifier {
        b"UL" => (Scheme::GLN, identifiers::gln(value).is_ok()),
        b"1" => (Scheme::DUNS, digits(9)),
        b"9" => (
            Scheme::DUNS4,
            value.len() == 13 && value.bytes().all(|byte| byte.is_ascii_alphanumeric()),
        ),
        b"2" => (Scheme::SCAC, true),
        b"" => return x12_scheme(b"n104").map(|scheme| (Identifier::new(scheme, value), true)),
        _ => return x12_scheme(qualifier).map(|scheme| (Identifier::new(scheme, value), true)),
    };
    let scheme = if fits { scheme } else { x12_scheme(qualifier)? };
    Some((Identifier::new(scheme, value), fits))
}

/// Takes the number in element `value`, qualified by element `qualifier`.
pub(super) fn take_id(
    run: &mut Run<'_>,
    fields: &mut Fields<'_>,
    qualifier: usize,
    value: usize,
) -> Option<Identifier> {
    let (identifier, fits) = party_id(fields.peek(qualifier), &fields.peek_text(value)?)?;
    if !fits {
        let problem = Rule::IdentifierInvalid
            .problem("the number has not the form that its qualifier promises");
        run.report(value, problem.found(&identifier.value));
    }
    fields.take(qualifier);
    fields.take(value);
    Some(identifier)
}

/// N1: who.
pub(super) fn n1(run: &mut Run<'_>, fields: &mut Fields<'_>) -> Party {
    let mut party = Party::new(role(fields.peek(1)));
    party.role_code = fields.text(1);
    party.name = fields.text(2);
    party.identifiers.extend(take_id(run, fields, 3, 4));
    party
}

/// A segment inside an N1 loop.
pub(super) fn detail(run: &mut Run<'_>, fields: &mut Fields<'_>, party: &mut Party) {
    match fields.tag() {
        N2 => {
            let address = address(party);
            if address.attention.is_none() {
                address.attention = fields.text(1);
            }
        }
        N3 => {
            let address = address(party);
            for number in [1, 2] {
                if address.lines.len() < 6 {
                    address.lines.extend(fields.text(number));
                }
            }
        }
        N4 => n4(run, fields, party),
        REF => {
            if let Some(scheme) = x12_scheme(fields.peek(1))
                && let Some(value) = fields.text(2)
            {
                fields.take(1);
                party.identifiers.push(Identifier::new(scheme, value));
            }
        }
        PER if party.contact.is_none() => party.contact = per(fields),
        _ => {}
    }
}

fn n4(run: &mut Run<'_>, fields: &mut Fields<'_>, party: &mut Party) {
    let address = address(party);
    address.city = fields.text(1);
    address.region = fields.text(2);
    address.postal_code = fields.text(3);
    let Some(code) = fields.peek_text(4) else {
        return;
    };
    match code.parse() {
        Ok(country) => {
            address.country = Some(country);
            fields.take(4);
        }
        Err(_not_iso) => {
            let problem = Rule::IdentifierInvalid
                .problem("the country is not one of ISO 3166-1 with two letters");
            run.report(4, problem.found(&code));
        }
    }
}

fn address(party: &mut Party) -> &mut Address {
    party
        .address
        .get_or_insert_with(|| Address::new(Vec::new()))
}

/// PER: whom to ask. `None` when it names neither a person nor a number that the model has.
pub(super) fn per(fields: &mut Fields<'_>) -> Option<Contact> {
    let mut contact = Contact {
        name: fields.text(2),
        ..Contact::default()
    };
    for (qualifier, value) in [(3, 4), (5, 6), (7, 8)] {
        let home = match fields.peek(qualifier) {
            b"TE" if contact.phone.is_none() => &mut contact.phone,
            b"EM" if contact.email.is_none() => &mut contact.email,
            _ => continue,
        };
        *home = fields.text(value);
        fields.take(qualifier);
    }
    if contact == Contact::default() {
        return None;
    }
    // Buyer's, order and information contacts: the party's role says as much.
    if matches!(fields.peek(1), b"BD" | b"OC" | b"IC") {
        fields.take(1);
    }
    Some(contact)
}
