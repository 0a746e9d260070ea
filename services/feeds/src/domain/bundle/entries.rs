//! Reads the entries of a Bundle: its resources and its deletions. A deleted resource must never be read as a new one, and
//! two people must never share a Bundle about a stay, a result or a document.

use std::collections::HashSet;

use lcr_contracts::events::PushedKind;
use lcr_fhir::{Item, read};
use lcr_hl7::{Condition, Fault};
use lcr_model::SourceIdentity;
use serde_json::Value;

use super::{
    Bundle, BundleArrival, BundlePatient,
    link_resources::{self, LinkResource},
    parse_instant,
    references::References,
};
use crate::domain::{CareLinkDeletion, MappedEvent, MappingError, Withdrawal, care_links, hashed_ids::digest};

/// The most people in one Bundle, as in one HL7 v2 message.
const MAX_PATIENTS: usize = 10_000;

/// The method of an entry's request, in capitals. Empty if it has none.
fn method(entry: &Value) -> String {
    read::str_at(entry, "request.method").unwrap_or_default().to_ascii_uppercase()
}

/// Position, entry, resource and type of each entry that does not delete.
pub fn resources(bundle: &Value) -> impl Iterator<Item = (usize, &Value, &Value, &str)> {
    read::list(bundle, "entry").iter().enumerate().filter_map(|(at, entry)| {
        let resource = entry.get("resource").filter(|_| method(entry) != "DELETE")?;
        Some((at, entry, resource, read::str_at(resource, "resourceType").unwrap_or_default()))
    })
}

pub fn parse(bundle: &Value) -> Result<Bundle, Fault> {
    let (mut patients, mut others, mut links, mut made_ids) = (vec![], vec![], vec![], HashSet::new());
    for (at, entry, resource, kind) in
        resources(bundle).filter(|(.., resource, kind)| is_about_somebody(resource, kind))
    {
        let full_url = read::text(entry, "fullUrl");
        let (id, is_own) = resource_id(resource, full_url.as_deref());
        if let Some(kind) = link_resources::known_type(kind) {
            links.push(LinkResource::read(resource, kind, (id, is_own), at + 1)?);
            continue;
        }
        if !is_own {
            made_ids.insert(format!("{kind}/{id}"));
        }
        let item = Item::read(with_id(resource.clone(), id)).map_err(|_| {
            let words = "the resource is not valid FHIR R4";
            Fault::in_segment(Condition::DataType, kind, at + 1, words)
        })?;
        if kind == "Patient" { patients.push(BundlePatient { item, full_url }) } else { others.push(item) }
    }
    check_patients(patients.len(), &others, !links.is_empty())?;
    Ok(Bundle {
        patients,
        resources: others,
        links,
        made_at: parse_instant(read::str_at(bundle, "timestamp")),
        generated_ids: made_ids,
        references: References::of(bundle),
    })
}

/// Checks that a Bundle is about one patient, unless it holds only evidence: that may name each person itself.
fn check_patients(patients: usize, others: &[Item], has_links: bool) -> Result<(), Fault> {
    let names_its_person = |item: &Item| matches!(item.resource_type(), "ServiceRequest" | "Appointment");
    let is_evidence = others.iter().all(names_its_person) && (has_links || !others.is_empty());
    let fault = |condition, at, words: &str| Err(Fault::in_segment(condition, "Patient", at, words));
    match patients {
        1 => Ok(()),
        0 if is_evidence => Ok(()),
        0 => fault(Condition::RequiredField, 1, "the Bundle has no Patient"),
        many if many > MAX_PATIENTS => {
            fault(Condition::SegmentSequence, MAX_PATIENTS + 1, "the Bundle names more than 10,000 patients")
        }
        _ if is_evidence => Ok(()),
        _ => fault(Condition::SegmentSequence, 2, "a Bundle is about one patient"),
    }
}

/// Whether resources of this type are read.
pub fn is_read(kind: &str) -> bool {
    matches!(kind, "Patient" | "Encounter" | "CarePlan" | "Task")
        || pushed_kind(kind).is_some()
        || link_resources::known_type(kind).is_some()
}

/// Whether this resource is read. A Group is, if it lists people.
pub fn is_about_somebody(resource: &Value, kind: &str) -> bool {
    is_read(kind) && (kind != "Group" || link_resources::is_of_people(resource))
}

/// The kind of pushed item of this resource type.
fn pushed_kind(kind: &str) -> Option<PushedKind> {
    Some(match kind {
        "DiagnosticReport" | "Observation" => PushedKind::Result,
        "DocumentReference" => PushedKind::Document,
        "ServiceRequest" => PushedKind::Referral,
        "Appointment" => PushedKind::Appointment,
        _ => return None,
    })
}

/// The id of a resource, and whether the sender keeps it in later Bundles. Without an id, the full URL counts, else a
/// hash of the content.
fn resource_id(resource: &Value, full_url: Option<&str>) -> (String, bool) {
    if let Some(own) = read::text(resource, "id") {
        return (own, true);
    }
    let is_own = full_url.is_some_and(|url| !url.starts_with("urn:"));
    match full_url.and_then(|url| url.rsplit(['/', ':']).next()).filter(|id| !id.is_empty()) {
        Some(id) => (id.to_owned(), is_own),
        None => (format!("entry-{}", digest(&[&resource.to_string()])), false),
    }
}

fn with_id(mut resource: Value, id: String) -> Value {
    if let Some(fields) = resource.as_object_mut() {
        fields.insert("id".to_owned(), Value::String(id));
    }
    resource
}

/// The deletion of a pushed item, of evidence, or of a resource that is both.
pub struct Deletion {
    item: Option<PushedKind>,
    resource_type: String,
    id: String,
}

impl Deletion {
    pub fn events(self, arrival: &BundleArrival<'_>, identity: Option<&SourceIdentity>) -> Vec<MappedEvent> {
        let (source, sent) = (arrival.system.id.clone(), arrival.received);
        let prefix = format!("{}/", self.resource_type);
        let is_evidence = matches!(self.item, None | Some(PushedKind::Referral | PushedKind::Appointment));
        let link = is_evidence.then(|| {
            let key = care_links::key(arrival.local_id_key, &source, &prefix, &self.id);
            MappedEvent::CareLinkDeletion(CareLinkDeletion {
                source: source.clone(),
                key,
                sent,
                is_item: self.item.is_some(),
            })
        });
        let item = self.item.map(|kind| {
            let person = identity.map(|identity| identity.local_id.clone());
            let name = format!("{prefix}{}", self.id);
            MappedEvent::Withdrawal(Withdrawal { source: source.clone(), person, kind, name, sent })
        });
        [item, link].into_iter().flatten().collect()
    }
}

/// The deletions in the Bundle. An unsupported deletion or a PATCH makes the Bundle a dead letter.
pub fn deletions(bundle: &Value) -> Result<Vec<Deletion>, MappingError> {
    let mut deletions = vec![];
    for entry in read::list(bundle, "entry") {
        match method(entry).as_str() {
            "DELETE" => deletions.extend(deletion_target(entry)?),
            "PATCH" => {
                return Err(MappingError::waiting("PATCH requests are not supported", "request"));
            }
            _ => {}
        }
    }
    Ok(deletions)
}

/// The deleted item. `None` for a resource that says nothing clinical.
fn deletion_target(entry: &Value) -> Result<Option<Deletion>, MappingError> {
    let url = read::str_at(entry, "request.url").unwrap_or_default();
    let path: Vec<&str> = url.split('?').next().unwrap_or_default().split('/').collect();
    let is_type = |part: &str| is_read(part) || super::unread_types::is_known(part);
    let named = path.windows(2).rfind(|pair| is_type(pair[0]) && !pair[1].is_empty());
    let of_resource = || {
        let resource = entry.get("resource")?;
        Some((read::str_at(resource, "resourceType")?, read::str_at(resource, "id")?))
    };
    let Some((kind, id)) = named.map(|pair| (pair[0], pair[1])).or_else(of_resource) else {
        return Err(MappingError::waiting("a deletion does not name a resource by type and id", "request"));
    };
    match pushed_kind(kind) {
        item if item.is_some() || link_resources::known_type(kind).is_some() => {
            Ok(Some(Deletion { item, resource_type: kind.to_owned(), id: id.to_owned() }))
        }
        _ if super::unread_types::is_non_clinical(kind) => Ok(None),
        _ => Err(MappingError::waiting("resources of this type cannot be deleted here yet", "request")),
    }
}
