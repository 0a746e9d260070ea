//! What one item says, as an entry of the record; or why no list shows it. Nothing is dropped without a reason.

mod care;
mod clinical;
pub mod demographics;
mod medicines;
mod results;

use lcr_contracts::{
    identity::System,
    record::{Detail, Entry, Provenance},
};
use lcr_fhir::{Item, read};
use lcr_model::SourceId;

use super::kind::Kind;

/// Why an item is not listed, in words.
pub type NotListed = &'static str;

/// What is read of an item before it is given whose and when.
pub struct Said {
    pub title: String,
    pub date: Option<String>,
    pub status: Option<String>,
    pub detail: Detail,
    /// What this source says where sources may differ.
    pub says: Option<String>,
    /// (relation in words, reference `Type/id`).
    pub links: Vec<(&'static str, String)>,
}

/// An entry of one source.
pub fn read_item(kind: Kind, item: &Item, system: &System) -> Result<Entry, NotListed> {
    let value = item.value();
    if read::str_at(value, "status") == Some("entered-in-error")
        || read::has_code(value, "verificationStatus", "entered-in-error")
    {
        return Err("entered in error");
    }
    let said = match kind {
        Kind::Patient => demographics::patient(item),
        Kind::AllergyIntolerance => clinical::allergy(value),
        Kind::Condition => clinical::condition(value)?,
        Kind::MedicationRequest | Kind::MedicationStatement => medicines::medicine(kind, value, &system.kind),
        Kind::Observation => results::observation(value),
        Kind::DiagnosticReport => results::report(value),
        Kind::DocumentReference => care::document(value)?,
        Kind::Encounter => care::encounter(value)?,
        Kind::ServiceRequest => care::referral(value),
        Kind::Appointment => care::appointment(value),
        Kind::Procedure => care::procedure(value)?,
        Kind::Immunization => care::immunisation(value),
        Kind::RelatedPerson => care::contact(value),
        Kind::CarePlan => care::plan(value),
        Kind::Flag => care::flag(value),
    };
    let links = said.links.into_iter();
    Ok(Entry {
        id: entry_id(&system.id, kind.fhir(), item.id()),
        title: said.title,
        date: said.date.clone(),
        status: said.status,
        detail: said.detail,
        provenance: vec![Provenance {
            source: system.id.clone(),
            name: system.name.clone(),
            kind: system.kind.clone(),
            item: format!("{}/{}", kind.fhir(), item.id()),
            updated: read::str_at(value, "meta.lastUpdated").and_then(|text| text.parse().ok()),
            date: said.date,
            says: said.says,
        }],
        links: links.filter_map(|(how, to)| Some((how.to_owned(), linked_id(&system.id, &to)?))).collect(),
        remark: None,
    })
}

/// The id of an entry: stable for an item of a source.
pub fn entry_id(source: &SourceId, resource_type: &str, id: &str) -> String {
    format!("{source}~{resource_type}~{id}")
}

/// Back from `entry_id`.
pub fn split_entry_id(id: &str) -> Option<(SourceId, Kind, &str)> {
    let mut parts = id.splitn(3, '~');
    let source = SourceId::new(parts.next()?);
    Some((source, Kind::named(parts.next()?)?, parts.next()?))
}

fn linked_id(source: &SourceId, reference: &str) -> Option<String> {
    let mut parts = reference.rsplit('/');
    let (id, resource_type) = (parts.next()?, parts.next()?);
    Kind::named(resource_type).map(|kind| entry_id(source, kind.fhir(), id))
}

/// What to call an item whose source gave it no name.
fn named(words: Option<String>) -> String {
    words.unwrap_or_else(|| "Not named by the source".to_owned())
}

/// A code in words: `in-progress` → `In progress`.
fn words(code: &str) -> String {
    let spaced = code.replace(['-', '_'], " ");
    let mut letters = spaced.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// (label, value) pairs of what is there.
fn fields(pairs: impl IntoIterator<Item = (&'static str, Option<String>)>) -> Detail {
    let there = pairs.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?)));
    Detail::Other { fields: there.collect() }
}
