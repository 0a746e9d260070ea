//! Chooses one of several names or addresses: one in force when the message was sent, preferably the official one. Must
//! never choose a former one.

use jiff::Timestamp;
use lcr_contracts::spell::FieldUpdate;
use lcr_hl7::{Field, Repetition};

use super::validity::{self, Dates};

/// A person's name. Missing parts are `None`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PersonName {
    pub family: Option<String>,
    pub given: Option<String>,
    pub title: Option<String>,
    /// Whether `family` holds the whole name.
    pub is_text: bool,
}

/// An address as one line, and its postcode.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Address {
    pub line: Option<String>,
    pub postcode: Option<String>,
}

/// PID-5.
pub fn choose_name(field: Field<'_>, at: Timestamp) -> FieldUpdate<PersonName> {
    choose(field, at, validity::NAME, name_rank, |one| Some(person_name(one)))
}

/// PID-11.
pub fn choose_address(field: Field<'_>, at: Timestamp) -> FieldUpdate<Address> {
    choose(field, at, validity::ADDRESS, address_rank, |one| {
        let parts = [street(one), one.component(2), one.component(3), one.component(4)];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        Some(Address { line: (!parts.is_empty()).then(|| parts.join(", ")), postcode: one.component(5) })
    })
}

/// The first repetition of the best rank. Unchanged if all are former ones.
fn choose<'m, T>(
    field: Field<'m>,
    at: Timestamp,
    dates: Dates,
    rank: impl Fn(&str) -> Option<u8>,
    read: impl Fn(Repetition<'m>) -> Option<T>,
) -> FieldUpdate<T> {
    if field.is_deleted() {
        return FieldUpdate::Deleted;
    }
    let in_force = field.repetitions().filter(|one| validity::is_in_force(*one, dates, at));
    let ranked = in_force.filter_map(|one| {
        let kind = one.component(7).unwrap_or_default().to_ascii_uppercase();
        Some((rank(&kind)?, one))
    });
    let best = ranked.min_by_key(|(rank, _)| *rank);
    best.and_then(|(_, one)| read(one)).map_or(FieldUpdate::Unchanged, FieldUpdate::Set)
}

/// Ranks HL7 table 0200 and other words that senders use. `None` for a name no longer used.
fn name_rank(kind: &str) -> Option<u8> {
    match kind {
        "M" | "BAD" | "NOUSE" | "PREVIOUS" | "FORMER" | "OLD" | "MAIDEN" => None,
        "" | "L" | "OR" | "CURRENT" | "OFFICIAL" => Some(0),
        "D" | "U" | "USUAL" | "C" | "I" | "TEMP" => Some(1),
        // A newborn has only a birth name.
        "B" => Some(3),
        _ => Some(2),
    }
}

/// Ranks HL7 table 0190. `None` for a former or other wrong address.
fn address_rank(kind: &str) -> Option<u8> {
    match kind {
        "BA" | "BAD" | "BDL" | "BI" | "BR" | "F" | "N" | "OLD" | "PREVIOUS" | "SH" | "TM" => None,
        "" | "H" | "HOME" | "P" | "L" | "RH" | "CURRENT" => Some(0),
        "C" | "TEMP" => Some(1),
        "M" => Some(2),
        _ => Some(3),
    }
}

/// Reads `Ashdown^Ottilie^^^Mrs`, or a name as text in the first component or in XPN-9.
fn person_name(one: Repetition<'_>) -> PersonName {
    let (family, given, title) = (one.component(1), one.component(2), one.component(5));
    if given.is_none() && family.as_ref().is_none_or(|text| text.contains(',')) {
        let text = family.clone().or_else(|| one.component_text(9));
        if let Some((family, given)) = text.as_deref().and_then(|text| text.split_once(',')) {
            let part = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
            return PersonName { family: part(family), given: part(given), title, is_text: false };
        }
        return PersonName { is_text: text.is_some(), family: text, given: None, title };
    }
    PersonName { family, given, title, is_text: false }
}

/// The street line, else the house number and street name.
fn street(one: Repetition<'_>) -> Option<String> {
    let parts = || {
        let parts: Vec<String> = [one.subcomponent(1, 3), one.subcomponent(1, 2)].into_iter().flatten().collect();
        (!parts.is_empty()).then(|| parts.join(" "))
    };
    one.component(1).or_else(parts)
}
