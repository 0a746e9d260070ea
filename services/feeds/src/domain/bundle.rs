//! Maps a FHIR R4 Bundle (`PROFILE.md`): one Patient and resources about them, or evidence of who cares for whom. A Bundle
//! of one Patient with a resource about another must be refused as a whole.

mod checks;
mod discharge;
mod encounter;
mod entries;
mod item_keys;
mod items;
mod link_resources;
mod links;
mod periods;
mod person;
mod plan;
mod references;
mod service_requests;
mod subjects;
mod unread_types;

use std::collections::HashSet;

use jiff::Timestamp;
use lcr_contracts::{Moment, registry::System};
use lcr_fhir::{Item, read};
use lcr_model::{LocalIdKey, SourceIdentity};
use serde_json::Value;

use super::{
    MappedEvent, MappingError, MappingResult, Mentions,
    assigned_id::AssignedId,
    stay_numbers::{StayNumber, StayNumbers},
};
use link_resources::LinkResource;
use references::References;
use subjects::{Subject, Subjects};
pub use unread_types::summary as unread_summary;

/// A Bundle with its source and time of arrival.
#[derive(Debug, Clone, Copy)]
pub struct BundleArrival<'a> {
    pub system: &'a System,
    pub received: Timestamp,
    pub content: &'a str,
    pub control_id: &'a str,
    pub local_id_key: &'a LocalIdKey,
}

/// A Patient of a Bundle, with its entry's full URL.
pub struct BundlePatient {
    item: Item,
    full_url: Option<String>,
}

impl BundlePatient {
    /// What references to the patient say: `Patient/<id>` and the full URL.
    fn names(&self) -> impl Iterator<Item = String> {
        [Some(format!("Patient/{}", self.item.id())), self.full_url.clone()].into_iter().flatten()
    }
}

/// A Bundle with parsed resources.
pub struct Bundle {
    /// One, unless the Bundle holds only evidence.
    patients: Vec<BundlePatient>,
    resources: Vec<Item>,
    /// Resources that are only evidence.
    links: Vec<LinkResource>,
    /// `Bundle.timestamp`.
    made_at: Option<Timestamp>,
    /// `Type/id` of resources whose id is valid only in this Bundle.
    generated_ids: HashSet<String>,
    /// Files and names that other resources refer to.
    references: References,
}

impl Bundle {
    pub fn resources_of(&self, kind: &str) -> impl Iterator<Item = &Item> {
        self.resources.iter().filter(move |item| item.resource_type() == kind)
    }
}

/// The Bundle's identifier or id, else the id of its `MessageHeader`. Duplicates are detected by it.
pub fn control_id(bundle: &Value) -> Option<String> {
    let own = read::text(bundle, "identifier.value").or_else(|| read::text(bundle, "id"));
    own.or_else(|| read::text(header(bundle)?, "id")).filter(|id| id.chars().count() <= 199)
}

/// The name of the source: the last part of `MessageHeader.source`, else of `meta.source`.
pub fn source_name(bundle: &Value) -> Option<String> {
    let named = header(bundle)
        .and_then(|header| read::text(header, "source.name").or_else(|| read::text(header, "source.endpoint")));
    let named = named.or_else(|| read::text(bundle, "meta.source"))?;
    named.trim_end_matches('/').rsplit(['/', ':']).next().map(str::to_owned)
}

fn header(bundle: &Value) -> Option<&Value> {
    let mut resources = read::list(bundle, "entry").iter().filter_map(|entry| entry.get("resource"));
    resources.find(|resource| read::str_at(resource, "resourceType") == Some("MessageHeader"))
}

/// Whether the JSON is a Bundle of a supported type.
pub fn is_supported(bundle: &Value) -> bool {
    let kind = read::str_at(bundle, "type");
    read::str_at(bundle, "resourceType") == Some("Bundle")
        && matches!(kind, Some("collection" | "message" | "batch" | "transaction"))
}

pub fn map(arrival: &BundleArrival<'_>, bundle: &Value) -> MappingResult {
    let deleted = entries::deletions(bundle)?;
    let is_read = |(.., resource, kind): (usize, &Value, &Value, &str)| entries::is_about_somebody(resource, kind);
    if !deleted.is_empty() && !entries::resources(bundle).any(is_read) {
        return Ok(deleted.into_iter().flat_map(|one| one.events(arrival, None)).collect());
    }
    let unread = unread_types::unread_types(bundle);
    let bundle = entries::parse(bundle)?;
    checks::check_subjects(&bundle)?;
    checks::check_modifiers(&bundle)?;
    checks::check_keys(&bundle)?;
    let people: Vec<person::PatientIdentity> =
        bundle.patients.iter().map(|one| person::identity(arrival, &one.item)).collect();
    let identities: Vec<SourceIdentity> = people.iter().map(|one| one.identity.clone()).collect();
    let subjects = Subjects::of(&bundle, &identities);
    let mut mapped: Vec<MappedEvent> = bundle
        .patients
        .iter()
        .zip(people)
        .map(|(patient, one)| {
            let update = person::read(arrival, &patient.item, &one.identity);
            MappedEvent::Demographics(update.with_clear_ids(one.in_clear))
        })
        .collect();
    mapped.extend(stays(arrival, &bundle, identities.first())?);
    mapped.extend(items::read(arrival, &bundle, &subjects)?);
    mapped.extend(links::read(arrival, &bundle, &subjects)?);
    let person = if let [only] = &identities[..] { Some(only) } else { None };
    mapped.extend(deleted.into_iter().flat_map(|one| one.events(arrival, person)));
    if mapped.len() == identities.len() && !unread.is_empty() {
        return Err(unread_types::only_unread_error(&unread));
    }
    Ok(mapped)
}

/// The stays of the Bundle's patient, with their plan and whereto they were discharged. A Bundle with a stay has one Patient.
fn stays(arrival: &BundleArrival<'_>, bundle: &Bundle, identity: Option<&SourceIdentity>) -> MappingResult {
    let plan = plan::read(bundle);
    let encounters: Vec<&Item> = bundle.resources_of("Encounter").collect();
    if encounters.is_empty() && bundle.resources_of("CarePlan").next().is_some() {
        return Err(MappingError::waiting("the CarePlan has no Encounter that it belongs to", "CarePlan"));
    }
    let Some(identity) = identity else { return Ok(vec![]) };
    let mut mapped = vec![];
    for encounter in encounters {
        mapped.push(encounter::read(arrival, identity, encounter, plan.clone())?);
        mapped.extend(discharge::evidence(arrival, bundle, identity, encounter));
    }
    Ok(mapped)
}

/// The people and stays that a Bundle names, if it can be parsed.
pub fn mentions(arrival: &BundleArrival<'_>, bundle: &Value) -> Mentions {
    let mut mentions = Mentions::default();
    let Ok(bundle) = entries::parse(bundle) else { return mentions };
    let identities: Vec<SourceIdentity> =
        bundle.patients.iter().map(|one| person::identity(arrival, &one.item).identity).collect();
    for identity in &identities {
        mentions.add_person(&identity.local_id);
    }
    let subjects = Subjects::of(&bundle, &identities);
    for person in bundle.links.iter().flat_map(LinkResource::people) {
        if let Subject::Person(identity) = subjects.find(arrival, person) {
            mentions.add_person(&identity.local_id);
        }
    }
    let [identity] = &identities[..] else { return mentions };
    for encounter in bundle.resources_of("Encounter") {
        for identifier in read::list(encounter.value(), "identifier") {
            mentions.add_stay(identity, visit_number(arrival, identifier).as_ref());
        }
    }
    mentions
}

/// The person's local id for an identifier value.
fn assigned_id(arrival: &BundleArrival<'_>, value: &str, authority: Option<&str>) -> AssignedId {
    let accepts_any = arrival.system.feed.as_ref().is_some_and(|feed| feed.senders.is_empty());
    AssignedId::of(arrival.local_id_key, &arrival.system.id, authority.filter(|_| accepts_any), value)
}

/// The visit number in an identifier. FHIR has no account numbers here.
fn visit_number(arrival: &BundleArrival<'_>, identifier: &Value) -> Option<StayNumbers> {
    let number = read::text(identifier, "value")?;
    let accepts_any = arrival.system.feed.as_ref().is_some_and(|feed| feed.senders.is_empty());
    let scope = read::text(identifier, "system").filter(|_| accepts_any);
    let visit = StayNumber { named: scope.is_some(), digits: number, scope, space: String::new() };
    Some(StayNumbers { visit: Some(visit), account: None })
}

/// Parses a date-time with its precision.
fn parse_moment(text: Option<&str>) -> Option<Moment> {
    let text = text?;
    if let Ok(day) = text.parse::<jiff::civil::Date>()
        && !text.contains('T')
    {
        return lcr_hl7::time::parse_moment(&day.strftime("%Y%m%d").to_string());
    }
    text.parse().ok().map(Moment::exact)
}

/// Parses the first instant of a date-time.
fn parse_instant(text: Option<&str>) -> Option<Timestamp> {
    parse_moment(text).map(|moment| moment.at)
}

/// When the source last changed a resource, at most its time of arrival: a clock ahead of ours must not make later
/// versions look older.
fn last_updated(arrival: &BundleArrival<'_>, item: &Item) -> Timestamp {
    parse_instant(read::str_at(item.value(), "meta.lastUpdated")).unwrap_or(arrival.received).min(arrival.received)
}

/// The extension whose URL ends with `name`.
fn extension<'v>(value: &'v Value, name: &str) -> Option<&'v Value> {
    let mut all = read::list(value, "extension").iter();
    all.find(|one| read::str_at(one, "url").is_some_and(|url| url.rsplit('/').next() == Some(name)))
}

impl std::fmt::Debug for Bundle {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Bundle({} resources)", self.patients.len() + self.resources.len() + self.links.len())
    }
}

/// The reference to the patient that all our resources use.
fn patient_reference(identity: &SourceIdentity) -> Value {
    super::fhir_json::patient_reference(identity)
}
