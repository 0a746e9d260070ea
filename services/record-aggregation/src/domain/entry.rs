//! What one item says, as entries of the record; or why no list shows it. Nothing is dropped without a reason.

mod care;
mod clinical;
pub mod demographics;
mod dosage;
pub mod files;
mod medicines;
mod remaining;
mod results;
mod standing;
mod timing;
mod values;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use lcr_contracts::{
    identity::System,
    record::{Detail, Entry, Omission, Provenance},
};
use lcr_fhir::{Item, read, words as fhir_words};
use lcr_model::SourceId;
use serde_json::Value;

pub use medicines::DO_NOT_GIVE;

use super::kind::Kind;

/// The most results that are read out of one report.
const CONTAINED: usize = 500;
/// The most entries that one entry is linked with.
const LINKS: usize = 500;

/// What is read of an item before it is given whose and when.
#[derive(Default)]
pub struct Said {
    pub title: String,
    pub date: Option<String>,
    pub status: Option<String>,
    pub detail: Detail,
    /// What this source says where sources may differ.
    pub says: Option<String>,
    /// Comments that stand elsewhere than in `note`.
    pub notes: Vec<String>,
    /// Lines that no element alone gives.
    pub more: Vec<(String, String)>,
    /// (relation in words, reference `Type/id`).
    pub links: Vec<(&'static str, String)>,
}

/// What one item gives a record.
#[derive(Default)]
pub struct ReadItem {
    /// The item itself, then the results that it contains.
    pub entries: Vec<Entry>,
    /// Why a part of it, or all of it, is not listed, and the id under which it can be read as sent.
    pub omitted: Vec<(Omission, String)>,
}

/// Reads one item of one source.
pub fn read_item(kind: Kind, item: &Item, system: &System, now: Timestamp) -> ReadItem {
    let (value, id) = (item.value(), entry_id(&system.id, kind.fhir(), item.id()));
    let mut read = ReadItem::default();
    if let Some(omission) = standing::omission(kind, value) {
        read.omitted.push((omission, id));
        return read;
    }
    let origin = Origin { system, kind, item, now, inside: inside(value) };
    read.entries.push(origin.entry(kind, value, id));
    if matches!(kind, Kind::DiagnosticReport | Kind::Observation) {
        origin.contained(&mut read);
    }
    read
}

/// Where entries come from.
struct Origin<'a> {
    system: &'a System,
    kind: Kind,
    item: &'a Item,
    now: Timestamp,
    /// What the item contains, by its own ids.
    inside: HashMap<&'a str, &'a Value>,
}

/// What a resource contains, by its own ids.
pub fn inside(root: &Value) -> HashMap<&str, &Value> {
    let all = read::list(root, "contained").iter().rev();
    all.filter_map(|one| Some((read::str_at(one, "id")?.trim_start_matches('#'), one))).collect()
}

impl Origin<'_> {
    fn entry(&self, kind: Kind, value: &Value, id: String) -> Entry {
        let root = self.item.value();
        let said = said(kind, root, value, self);
        let rest = remaining::remaining(root, value);
        let notes = read::list(value, "note").iter().filter_map(fhir_words::annotation);
        let links = said.links.into_iter().take(LINKS);
        Entry {
            id,
            title: said.title,
            date: said.date.clone(),
            status: said.status,
            detail: said.detail,
            provenance: vec![Provenance {
                source: self.system.id.clone(),
                name: self.system.name.clone(),
                kind: self.system.kind.clone(),
                item: format!("{}/{}", self.kind.fhir(), self.item.id()),
                updated: read::str_at(root, "meta.lastUpdated").and_then(|text| text.parse().ok()),
                date: said.date,
                says: said.says,
            }],
            links: links.filter_map(|(how, to)| Some((how.to_owned(), self.linked(&to)?))).collect(),
            remark: None,
            marks: standing::marks(kind, value),
            notes: said.notes.into_iter().chain(notes).collect(),
            more: said.more.into_iter().chain(rest.more).collect(),
            left_out: rest.left_out,
            files: files::files(kind, value),
            stay: None,
        }
    }

    /// The observations inside the item, each an entry of its own: those that it names, and those that they name.
    fn contained(&self, read: &mut ReadItem) {
        let root = self.item.value();
        let results = self.inside.iter().map(|(id, one)| (*id, *one));
        let inside: HashMap<&str, &Value> =
            results.filter(|(_, one)| read::str_at(one, "resourceType") == Some("Observation")).collect();
        let mut found: Vec<&str> = named_inside(root).collect();
        let mut seen: HashSet<&str> = found.iter().copied().collect();
        let mut at = 0;
        while let Some(id) = found.get(at).copied().filter(|_| at < CONTAINED) {
            at += 1;
            let Some(result) = inside.get(id) else { continue };
            self.result(result, self.contained_id(&format!("#{id}")), read);
            found.extend(named_inside(result).filter(|id| seen.insert(id)));
        }
        let not_named = inside.keys().any(|id| !seen.contains(id));
        if let Some(whole) = read.entries.first_mut().filter(|_| at < found.len() || not_named) {
            whole.left_out.push("Results inside it".to_owned());
        }
    }

    /// One contained result. It is of the report's time where it names none.
    fn result(&self, result: &Value, id: String, read: &mut ReadItem) {
        if let Some(omission) = standing::omission(Kind::Observation, result) {
            read.omitted.push((omission, id));
            return;
        }
        let mut entry = self.entry(Kind::Observation, result, id);
        let of_report = read.entries.first().and_then(|report| report.date.clone());
        entry.date = entry.date.or(of_report);
        read.entries.push(entry);
    }

    fn contained_id(&self, reference: &str) -> String {
        entry_id(&self.system.id, self.kind.fhir(), &format!("{}{reference}", self.item.id()))
    }

    fn linked(&self, reference: &str) -> Option<String> {
        if let Some(id) = reference.strip_prefix('#') {
            let contained = self.inside.get(id)?;
            let is_entry = read::str_at(contained, "resourceType") == Some("Observation");
            return is_entry.then(|| self.contained_id(reference));
        }
        let mut parts = reference.split("/_history").next()?.rsplit('/');
        let (id, resource_type) = (parts.next()?, parts.next()?);
        Kind::named(resource_type).map(|kind| entry_id(&self.system.id, kind.fhir(), id))
    }
}

/// Ids of what a report or a result names inside the item.
fn named_inside(value: &Value) -> impl Iterator<Item = &str> {
    let named = ["result", "hasMember"].into_iter().flat_map(move |path| read::list(value, path));
    named.filter_map(|one| read::str_at(one, "reference")?.strip_prefix('#'))
}

fn said(kind: Kind, root: &Value, value: &Value, origin: &Origin<'_>) -> Said {
    match kind {
        Kind::Patient => demographics::patient(value, origin.now),
        Kind::AllergyIntolerance => clinical::allergy(value),
        Kind::Condition => clinical::condition(value),
        Kind::MedicationRequest | Kind::MedicationStatement => {
            medicines::medicine(kind, value, &origin.system.kind)
        }
        Kind::Observation => results::observation(root, value),
        Kind::DiagnosticReport => results::report(value),
        Kind::DocumentReference => care::document(value),
        Kind::Encounter => care::encounter(value),
        Kind::ServiceRequest => care::referral(value),
        Kind::Appointment => care::appointment(value),
        Kind::Procedure => care::procedure(value),
        Kind::Immunization => care::immunisation(value),
        Kind::RelatedPerson => care::contact(value, origin.now),
        Kind::CarePlan => care::plan(value),
        Kind::Flag => care::flag(value),
    }
}

/// The id of an entry: stable for an item of a source.
pub fn entry_id(source: &SourceId, resource_type: &str, id: &str) -> String {
    format!("{source}~{resource_type}~{id}")
}

/// Back from `entry_id`: the source, the type and the item's own id.
pub fn split_entry_id(id: &str) -> Option<(SourceId, Kind, &str)> {
    let mut parts = id.splitn(3, '~');
    let source = SourceId::new(parts.next()?);
    let (kind, item) = (Kind::named(parts.next()?)?, parts.next()?);
    // What stands after `#` is inside the item.
    Some((source, kind, item.split('#').next().unwrap_or(item)))
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

/// The item's status in words.
fn status_words(value: &Value) -> Option<String> {
    read::str_at(value, "status").map(words)
}

/// Every reason given, coded or by reference.
fn reasons(value: &Value) -> Option<String> {
    let coded = read::list(value, "reasonCode").iter().filter_map(|one| fhir_words::concept(Some(one)));
    let named =
        read::list(value, "reasonReference").iter().filter_map(|one| fhir_words::reference(value, one));
    let mut reasons: Vec<String> = coded.chain(named).collect();
    reasons.dedup();
    (!reasons.is_empty()).then(|| reasons.join("; "))
}

/// (label, value) pairs of what is there.
fn fields(pairs: impl IntoIterator<Item = (&'static str, Option<String>)>) -> Detail {
    let there = pairs.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?)));
    Detail::Other { fields: there.collect() }
}
