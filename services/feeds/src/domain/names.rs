//! Which of several names and addresses counts: the one in force when the message was sent, the official one before
//! others, a former one never.

use jiff::Timestamp;
use lcr_contracts::spell::Told;
use lcr_hl7::{Field, Repetition};

use super::validity::{self, Dates};

/// A person's name as far as it was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonName {
    pub family: Option<String>,
    pub given: Option<String>,
    pub title: Option<String>,
    /// The whole name stands in `family`, and in nothing else.
    pub is_text: bool,
}

/// An address as one line, and its postcode.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    pub line: Option<String>,
    pub postcode: Option<String>,
}

/// PID-5.
pub fn name(field: Field<'_>, at: Timestamp) -> Told<PersonName> {
    chosen(field, at, validity::NAME, name_rank, |one| Some(person_name(one)))
}

/// PID-11.
pub fn address(field: Field<'_>, at: Timestamp) -> Told<Address> {
    chosen(field, at, validity::ADDRESS, address_rank, |one| {
        let parts = [street(one), one.part(2), one.part(3), one.part(4)];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        Some(Address { line: (!parts.is_empty()).then(|| parts.join(", ")), postcode: one.part(5) })
    })
}

/// The first of the best rank. Where all are former ones, nothing is told.
fn chosen<'m, T>(
    field: Field<'m>,
    at: Timestamp,
    dates: Dates,
    rank: impl Fn(&str) -> Option<u8>,
    read: impl Fn(Repetition<'m>) -> Option<T>,
) -> Told<T> {
    if field.is_deleted() {
        return Told::Deleted;
    }
    let in_force = field.repetitions().filter(|one| validity::in_force(*one, dates, at));
    let ranked = in_force.filter_map(|one| {
        let kind = one.part(7).unwrap_or_default().to_ascii_uppercase();
        Some((rank(&kind)?, one))
    });
    let best = ranked.min_by_key(|(rank, _)| *rank);
    best.and_then(|(_, one)| read(one)).map_or(Told::Unchanged, Told::Set)
}

/// HL7 table 0200 and words seen in the field; `None` for a name that is no longer used.
fn name_rank(kind: &str) -> Option<u8> {
    match kind {
        "M" | "BAD" | "NOUSE" | "PREVIOUS" | "FORMER" | "OLD" | "MAIDEN" => None,
        "" | "L" | "OR" | "CURRENT" | "OFFICIAL" => Some(0),
        "D" | "U" | "USUAL" | "C" | "I" | "TEMP" => Some(1),
        // The birth name is a newborn's only one.
        "B" => Some(3),
        _ => Some(2),
    }
}

/// HL7 table 0190; `None` for an address where nobody is.
fn address_rank(kind: &str) -> Option<u8> {
    match kind {
        "BA" | "BAD" | "BDL" | "BI" | "BR" | "F" | "N" | "OLD" | "PREVIOUS" | "SH" | "TM" => None,
        "" | "H" | "HOME" | "P" | "L" | "RH" | "CURRENT" => Some(0),
        "C" | "TEMP" => Some(1),
        "M" => Some(2),
        _ => Some(3),
    }
}

/// `Ashdown^Ottilie^^^Mrs`; a name as text alone, in the first component or as its context (XPN-9).
fn person_name(one: Repetition<'_>) -> PersonName {
    let (family, given, title) = (one.part(1), one.part(2), one.part(5));
    if given.is_none() && family.as_ref().is_none_or(|text| text.contains(',')) {
        let text = family.clone().or_else(|| one.part_words(9));
        if let Some((family, given)) = text.as_deref().and_then(|text| text.split_once(',')) {
            let part = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            return PersonName { family: part(family), given: part(given), title, is_text: false };
        }
        return PersonName { is_text: text.is_some(), family: text, given: None, title };
    }
    PersonName { family, given, title, is_text: false }
}

/// The street as it is written on a letter, else the number and name of the street.
fn street(one: Repetition<'_>) -> Option<String> {
    let parts = || {
        let parts: Vec<String> = [one.sub(1, 3), one.sub(1, 2)].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    };
    one.part(1).or_else(parts)
}
