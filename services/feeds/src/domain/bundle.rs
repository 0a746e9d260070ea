//! Maps a FHIR R4 Bundle (`PROFILE.md`): one Patient and resources about them. A Bundle with a resource about another
//! patient must be refused as a whole.

mod encounter;
mod entries;
mod item_keys;
mod items;
mod person;
mod plan;
mod references;
mod unread_types;

use std::collections::HashSet;

use jiff::Timestamp;
use lcr_contracts::{Moment, registry::System};
use lcr_fhir::{Item, read};
use lcr_hl7::{Condition, Fault};
use lcr_model::{LocalIdKey, SourceIdentity};
use serde_json::Value;

use super::{
    MappedEvent, MappingError, MappingResult, Mentions,
    assigned_id::AssignedId,
    stay_numbers::{StayNumber, StayNumbers},
};
use references::References;
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

/// A Bundle with parsed resources.
pub struct Bundle {
    patient: Item,
    /// References to the patient: `Patient/<id>` and the entry's full URL.
    patient_references: Vec<String>,
    resources: Vec<Item>,
    /// `Type/id` of resources whose id is valid only in this Bundle.
    generated_ids: HashSet<String>,
    /// Files and names that other resources refer to.
    references: References,
}

impl Bundle {
    pub fn resources_of(&self, kind: &str) -> impl Iterator<Item = &Item> {
        self.resources.iter().filter(move |item| item.resource_type() == kind)
    }

    /// Whether an identifier can belong to the patient: it is no NHS number, or the patient's own.
    fn can_be_patients(&self, identifier: &Value) -> bool {
        let number = read::str_at(identifier, "value").filter(|_| person::is_nhs(identifier));
        let number = number.and_then(|text| lcr_model::NhsNumber::parse(text).ok());
        let own = read::list(self.patient.value(), "identifier").iter().filter(|one| person::is_nhs(one));
        let mut own = own.filter_map(|one| lcr_model::NhsNumber::parse(read::str_at(one, "value")?).ok());
        number.is_none_or(|number| own.any(|one| one == number))
    }

    /// Whether a reference points to the Bundle's patient.
    fn refers_to_patient(&self, reference: &str) -> bool {
        self.patient_references.iter().any(|name| reference == name || reference.ends_with(&format!("/{name}")))
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
    if !deleted.is_empty() && !entries::resources(bundle).any(|(.., kind)| entries::is_read(kind)) {
        return Ok(deleted.into_iter().map(|one| one.withdrawal(arrival, None)).collect());
    }
    let unread = unread_types::unread_types(bundle);
    let bundle = entries::parse(bundle)?;
    let person::PatientIdentity { identity, in_clear } = person::identity(arrival, &bundle.patient);
    for item in &bundle.resources {
        check_subject(&bundle, item)?;
    }
    check_modifiers(&bundle)?;
    let mut mapped =
        vec![MappedEvent::Demographics(person::read(arrival, &bundle.patient, &identity).with_clear_ids(in_clear))];
    let plan = plan::read(&bundle);
    let encounters: Vec<&Item> = bundle.resources_of("Encounter").collect();
    if encounters.is_empty() && bundle.resources_of("CarePlan").next().is_some() {
        return Err(MappingError::waiting("the CarePlan has no Encounter that it belongs to", "CarePlan"));
    }
    for encounter in encounters {
        mapped.push(encounter::read(arrival, &identity, encounter, plan.clone())?);
    }
    mapped.extend(items::read(arrival, &bundle, &identity));
    mapped.extend(deleted.into_iter().map(|one| one.withdrawal(arrival, Some(&identity))));
    if mapped.len() == 1 && !unread.is_empty() {
        return Err(unread_types::only_unread_error(&unread));
    }
    Ok(mapped)
}

/// The people and stays that a Bundle names, if it can be parsed.
pub fn mentions(arrival: &BundleArrival<'_>, bundle: &Value) -> Mentions {
    let mut mentions = Mentions::default();
    let Ok(bundle) = entries::parse(bundle) else { return mentions };
    let identity = person::identity(arrival, &bundle.patient).identity;
    mentions.add_person(&identity.local_id);
    for encounter in bundle.resources_of("Encounter") {
        for identifier in read::list(encounter.value(), "identifier") {
            mentions.add_stay(&identity, visit_number(arrival, identifier).as_ref());
        }
    }
    mentions
}

/// Makes the Bundle a dead letter if an unknown modifier may change a person, a stay or a plan. The record handles
/// modifiers of other items.
fn check_modifiers(bundle: &Bundle) -> Result<(), MappingError> {
    let is_of_stay = |item: &&Item| matches!(item.resource_type(), "Encounter" | "CarePlan" | "Task");
    let mut all = bundle.resources.iter().filter(is_of_stay).chain([&bundle.patient]);
    let changed = all.find(|item| lcr_fhir::has_unknown_modifier(item.value()));
    changed.map_or(Ok(()), |item| {
        let words = "an unknown modifierExtension or implicitRules may change its meaning";
        Err(MappingError::waiting(words, item.resource_type()))
    })
}

fn check_subject(bundle: &Bundle, item: &Item) -> Result<(), Fault> {
    let direct = ["subject.reference", "patient.reference", "for.reference"];
    let named = direct.iter().filter_map(|path| read::str_at(item.value(), path));
    let participants = read::list(item.value(), "participant");
    let actors = participants.iter().filter_map(|one| read::str_at(one, "actor.reference"));
    let actors = actors.filter(|reference| reference.contains("Patient/"));
    let by_number = ["subject.identifier", "patient.identifier", "for.identifier"];
    let mut by_number = by_number.iter().filter_map(|path| read::at(item.value(), path));
    if named.chain(actors).all(|reference| bundle.refers_to_patient(reference))
        && by_number.all(|identifier| bundle.can_be_patients(identifier))
    {
        return Ok(());
    }
    let words = "the resource is about another patient than the Bundle";
    Err(Fault::in_segment(Condition::DataType, item.resource_type(), 1, words))
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
        write!(f, "Bundle({} resources)", self.resources.len() + 1)
    }
}

/// The reference to the patient that all our resources use.
fn patient_reference(identity: &SourceIdentity) -> Value {
    super::fhir_json::patient_reference(identity)
}
