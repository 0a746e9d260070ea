//! Reads the entries of a Bundle: its resources and its deletions. A deleted resource must never be read as a new one.

use std::collections::HashSet;

use lcr_contracts::events::PushedKind;
use lcr_fhir::{Item, read};
use lcr_hl7::{Condition, Fault};
use lcr_model::SourceIdentity;
use serde_json::Value;

use super::{Bundle, BundleArrival, references::References};
use crate::domain::{MappedEvent, MappingError, Withdrawal, hashed_ids::digest};

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
    let (mut patients, mut others, mut made_ids) = (vec![], vec![], HashSet::new());
    for (at, entry, resource, kind) in resources(bundle).filter(|(.., kind)| is_read(kind)) {
        let full_url = read::text(entry, "fullUrl");
        let (id, is_own) = resource_id(resource, full_url.as_deref());
        if !is_own {
            made_ids.insert(format!("{kind}/{id}"));
        }
        let item = Item::read(with_id(resource.clone(), id)).map_err(|_| {
            let words = "the resource is not valid FHIR R4";
            Fault::in_segment(Condition::DataType, kind, at + 1, words)
        })?;
        if kind == "Patient" { patients.push((item, full_url)) } else { others.push(item) }
    }
    if patients.len() > 1 {
        let words = "a Bundle is about one patient";
        return Err(Fault::in_segment(Condition::SegmentSequence, "Patient", 2, words));
    }
    let missing = || Fault::in_segment(Condition::RequiredField, "Patient", 1, "the Bundle has no Patient");
    let (patient, full_url) = patients.pop().ok_or_else(missing)?;
    let names = [Some(format!("Patient/{}", patient.id())), full_url].into_iter().flatten().collect();
    Ok(Bundle {
        patient,
        patient_references: names,
        resources: others,
        generated_ids: made_ids,
        references: References::of(bundle),
    })
}

/// Whether resources of this type are read.
pub fn is_read(kind: &str) -> bool {
    matches!(kind, "Patient" | "Encounter" | "CarePlan" | "Task") || pushed_kind(kind).is_some()
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

/// The deletion of a pushed item.
pub struct Deletion {
    kind: PushedKind,
    /// `Type/id`.
    name: String,
}

impl Deletion {
    pub fn withdrawal(self, arrival: &BundleArrival<'_>, identity: Option<&SourceIdentity>) -> MappedEvent {
        MappedEvent::Withdrawal(Withdrawal {
            source: arrival.system.id.clone(),
            person: identity.map(|identity| identity.local_id.clone()),
            kind: self.kind,
            name: self.name,
            sent: arrival.received,
        })
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
        Some(pushed) => Ok(Some(Deletion { kind: pushed, name: format!("{kind}/{id}") })),
        None if super::unread_types::is_non_clinical(kind) => Ok(None),
        None => Err(MappingError::waiting("resources of this type cannot be deleted here yet", "request")),
    }
}
