//! Reads one item into entries of the record, or into the reason why no list shows it. It never drops anything without
//! a reason.

mod allergies;
mod care_plans;
mod contacts;
pub mod demographics;
mod diagnoses;
mod documents;
mod dosage;
mod encounters;
pub mod files;
mod medications;
mod other_elements;
mod procedures;
mod referrals;
mod results;
mod status;
mod text;
mod timing;
mod values;

use std::collections::{HashMap, HashSet};

use jiff::Timestamp;
use lcr_contracts::{
    record::{Detail, Entry, Omission, Provenance},
    registry::System,
};
use lcr_fhir::{Item, display, read};
use lcr_model::SourceId;
use serde_json::Value;

pub use medications::DO_NOT_GIVE;

use super::resource_type::ResourceType;

/// How many results are read from one report.
const MAX_CONTAINED_RESULTS: usize = 500;
/// How many entries one entry links to.
const MAX_LINKS: usize = 500;

/// The content of an entry, without its id and provenance.
#[derive(Default)]
pub struct EntryContent {
    pub title: String,
    pub date: Option<String>,
    pub status: Option<String>,
    pub detail: Detail,
    /// The words of this source that a discrepancy quotes.
    pub says: Option<String>,
    /// Comments from elements other than `note`.
    pub notes: Vec<String>,
    /// Further lines that combine several elements.
    pub more: Vec<(String, String)>,
    /// (relation in words, reference `Type/id`).
    pub links: Vec<(&'static str, String)>,
}

/// The entries of one item.
#[derive(Clone, Default, PartialEq)]
pub struct ItemEntries {
    /// The item itself, then its contained results.
    pub entries: Vec<Entry>,
    /// Why the item or a contained result is not listed, and the id under which it can be read as sent.
    pub omitted: Vec<(Omission, String)>,
}

/// Reads one item of one source.
pub fn read_item(resource_type: ResourceType, item: &Item, system: &System, now: Timestamp) -> ItemEntries {
    let (value, id) = (item.value(), entry_id(&system.id, resource_type.as_str(), item.id()));
    let mut item_entries = ItemEntries::default();
    if let Some(omission) = status::omission_reason(resource_type, value) {
        item_entries.omitted.push((omission, id));
        return item_entries;
    }
    let builder = EntryBuilder { system, resource_type, item, now, contained: contained_resources(value) };
    item_entries.entries.push(builder.build_entry(resource_type, value, id));
    if matches!(resource_type, ResourceType::DiagnosticReport | ResourceType::Observation) {
        builder.add_contained_results(&mut item_entries);
    }
    item_entries
}

/// Reads an allergy or a problem that its source ruled out or entered in error. No list shows it, but it may contradict
/// another source's entry.
pub fn read_denied(resource_type: ResourceType, item: &Item, system: &System, now: Timestamp) -> Option<Entry> {
    let reason =
        can_be_denied(resource_type).then(|| status::omission_reason(resource_type, item.value())).flatten()?;
    let (value, id) = (item.value(), entry_id(&system.id, resource_type.as_str(), item.id()));
    let builder = EntryBuilder { system, resource_type, item, now, contained: HashMap::new() };
    matches!(reason, Omission::EnteredInError | Omission::RuledOut)
        .then(|| builder.build_entry(resource_type, value, id))
}

/// Whether entries of the type are compared with what other sources deny.
pub fn can_be_denied(resource_type: ResourceType) -> bool {
    matches!(resource_type, ResourceType::AllergyIntolerance | ResourceType::Condition)
}

/// Builds the entries of one item of one source.
struct EntryBuilder<'a> {
    system: &'a System,
    resource_type: ResourceType,
    item: &'a Item,
    now: Timestamp,
    /// The contained resources by id.
    contained: HashMap<&'a str, &'a Value>,
}

/// The contained resources of a resource by id. The first one wins if two have the same id.
pub fn contained_resources(root: &Value) -> HashMap<&str, &Value> {
    let all = read::list(root, "contained").iter().rev();
    all.filter_map(|one| Some((read::str_at(one, "id")?.trim_start_matches('#'), one))).collect()
}

impl EntryBuilder<'_> {
    fn build_entry(&self, resource_type: ResourceType, value: &Value, id: String) -> Entry {
        let root = self.item.value();
        let content = read_content(resource_type, root, value, self);
        let other = other_elements::read_other_elements(root, value);
        let notes = read::list(value, "note").iter().filter_map(display::annotation);
        let links = content.links.into_iter().take(MAX_LINKS);
        Entry {
            id,
            title: content.title,
            date: content.date.clone(),
            status: content.status,
            detail: content.detail,
            provenance: vec![Provenance {
                source: self.system.id.clone(),
                name: self.system.name.clone(),
                kind: self.system.kind.clone(),
                item: format!("{}/{}", self.resource_type.as_str(), self.item.id()),
                updated: read::str_at(root, "meta.lastUpdated").and_then(|text| text.parse().ok()),
                date: content.date,
                says: content.says,
                organisation_name: None,
            }],
            links: links.filter_map(|(relation, to)| Some((relation.to_owned(), self.linked_entry_id(&to)?))).collect(),
            remark: None,
            marks: status::marks(resource_type, value),
            notes: content.notes.into_iter().chain(notes).collect(),
            more: content.more.into_iter().chain(other.more).collect(),
            left_out: other.left_out,
            files: files::files(resource_type, value),
            stay: None,
        }
    }

    /// Adds an entry for each contained observation that the item or an added observation names.
    fn add_contained_results(&self, item_entries: &mut ItemEntries) {
        let root = self.item.value();
        let results = self.contained.iter().map(|(id, one)| (*id, *one));
        let observations: HashMap<&str, &Value> =
            results.filter(|(_, one)| read::str_at(one, "resourceType") == Some("Observation")).collect();
        let mut found: Vec<&str> = contained_result_ids(root).collect();
        let mut seen: HashSet<&str> = found.iter().copied().collect();
        let mut at = 0;
        while let Some(id) = found.get(at).copied().filter(|_| at < MAX_CONTAINED_RESULTS) {
            at += 1;
            let Some(result) = observations.get(id) else { continue };
            self.add_contained_result(result, self.contained_entry_id(&format!("#{id}")), item_entries);
            found.extend(contained_result_ids(result).filter(|id| seen.insert(id)));
        }
        let not_named = observations.keys().any(|id| !seen.contains(id));
        if let Some(entry) = item_entries.entries.first_mut().filter(|_| at < found.len() || not_named) {
            entry.left_out.push("Results inside it".to_owned());
        }
    }

    /// Adds one contained result. It takes the report's date if it has none.
    fn add_contained_result(&self, result: &Value, id: String, item_entries: &mut ItemEntries) {
        if let Some(omission) = status::omission_reason(ResourceType::Observation, result) {
            item_entries.omitted.push((omission, id));
            return;
        }
        let mut entry = self.build_entry(ResourceType::Observation, result, id);
        let report_date = item_entries.entries.first().and_then(|report| report.date.clone());
        entry.date = entry.date.or(report_date);
        item_entries.entries.push(entry);
    }

    fn contained_entry_id(&self, reference: &str) -> String {
        entry_id(&self.system.id, self.resource_type.as_str(), &format!("{}{reference}", self.item.id()))
    }

    fn linked_entry_id(&self, reference: &str) -> Option<String> {
        if let Some(id) = reference.strip_prefix('#') {
            let contained = self.contained.get(id)?;
            let is_entry = read::str_at(contained, "resourceType") == Some("Observation");
            return is_entry.then(|| self.contained_entry_id(reference));
        }
        let mut parts = reference.split("/_history").next()?.rsplit('/');
        let (id, resource_type) = (parts.next()?, parts.next()?);
        ResourceType::parse(resource_type).map(|resource_type| entry_id(&self.system.id, resource_type.as_str(), id))
    }
}

/// Ids of the contained resources that a report or a result names.
fn contained_result_ids(value: &Value) -> impl Iterator<Item = &str> {
    let named = ["result", "hasMember"].into_iter().flat_map(move |path| read::list(value, path));
    named.filter_map(|one| read::str_at(one, "reference")?.strip_prefix('#'))
}

fn read_content(resource_type: ResourceType, root: &Value, value: &Value, builder: &EntryBuilder<'_>) -> EntryContent {
    match resource_type {
        ResourceType::Patient => demographics::read_patient(value, builder.now),
        ResourceType::AllergyIntolerance => allergies::read_allergy(value),
        ResourceType::Condition => diagnoses::read_diagnosis(value),
        ResourceType::MedicationRequest | ResourceType::MedicationStatement => {
            medications::read_medication(resource_type, value, &builder.system.kind)
        }
        ResourceType::Observation => results::read_observation(root, value),
        ResourceType::DiagnosticReport => results::read_report(value),
        ResourceType::DocumentReference => documents::read_document(value),
        ResourceType::Encounter => encounters::read_encounter(value),
        ResourceType::ServiceRequest => referrals::read_referral(value),
        ResourceType::Appointment => referrals::read_appointment(value),
        ResourceType::Procedure => procedures::read_procedure(value),
        ResourceType::Immunization => procedures::read_immunisation(value),
        ResourceType::RelatedPerson => contacts::read_contact(value, builder.now),
        ResourceType::CarePlan => care_plans::read_care_plan(value),
        ResourceType::Flag => care_plans::read_flag(value),
    }
}

/// Whether the entries of a type depend on when they are read, because an address or a name in them ends. They change only
/// when a period of the item begins or ends (`person::period_boundaries`).
pub fn changes_with_time(resource_type: ResourceType) -> bool {
    matches!(resource_type, ResourceType::Patient | ResourceType::RelatedPerson)
}

/// The id of an entry. It is the same each time the item is read.
pub fn entry_id(source: &SourceId, resource_type: &str, id: &str) -> String {
    format!("{source}~{resource_type}~{id}")
}

/// Splits an entry id into the source, the type and the item's own id.
pub fn split_entry_id(id: &str) -> Option<(SourceId, ResourceType, &str)> {
    let mut parts = id.splitn(3, '~');
    let source = SourceId::new(parts.next()?);
    let (resource_type, item) = (ResourceType::parse(parts.next()?)?, parts.next()?);
    // The id of a contained resource follows `#`.
    Some((source, resource_type, item.split('#').next().unwrap_or(item)))
}
