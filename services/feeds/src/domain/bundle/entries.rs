//! The entries of a Bundle: what is read of them, and what they delete. It never takes an entry that deletes for one
//! that tells.

use std::collections::HashSet;

use lcr_contracts::events::Pushed;
use lcr_fhir::{Item, read};
use lcr_hl7::{Condition, Fault};
use lcr_model::SourceIdentity;
use serde_json::Value;

use super::{Bundle, Coming, linked::Linked};
use crate::domain::{Mapped, NotMapped, Withdrawal, values::digest};

/// The method of an entry's request, in capitals; empty where it has none.
fn method(entry: &Value) -> String {
    read::str_at(entry, "request.method").unwrap_or_default().to_ascii_uppercase()
}

/// Each resource that is told, with its type, its entry and the entry's place.
pub fn all(bundle: &Value) -> impl Iterator<Item = (usize, &Value, &Value, &str)> {
    read::list(bundle, "entry").iter().enumerate().filter_map(|(at, entry)| {
        let resource = entry.get("resource").filter(|_| method(entry) != "DELETE")?;
        Some((at, entry, resource, read::str_at(resource, "resourceType").unwrap_or_default()))
    })
}

pub fn open(bundle: &Value) -> Result<Bundle, Fault> {
    let (mut patients, mut others, mut made_ids) = (vec![], vec![], HashSet::new());
    for (at, entry, resource, kind) in all(bundle).filter(|(.., kind)| is_read(kind)) {
        let full_url = read::text(entry, "fullUrl");
        let (id, is_own) = id(resource, full_url.as_deref());
        if !is_own {
            made_ids.insert(format!("{kind}/{id}"));
        }
        let item = Item::read(with_id(resource.clone(), id)).map_err(|_| {
            let words = "the resource is not what FHIR R4 says it must be";
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
    Ok(Bundle { patient, names, others, made_ids, linked: Linked::of(bundle) })
}

/// What is read of a Bundle; everything else in it is left aside.
pub fn is_read(kind: &str) -> bool {
    matches!(kind, "Patient" | "Encounter" | "CarePlan" | "Task") || pushed(kind).is_some()
}

/// The resources that are pushed items.
fn pushed(kind: &str) -> Option<Pushed> {
    Some(match kind {
        "DiagnosticReport" | "Observation" => Pushed::Result,
        "DocumentReference" => Pushed::Document,
        "ServiceRequest" => Pushed::Referral,
        "Appointment" => Pushed::Appointment,
        _ => return None,
    })
}

/// The id of a resource, and whether it is its sender's own. In messages an entry may be named by its full URL alone,
/// or not at all: then by what it says.
fn id(resource: &Value, full_url: Option<&str>) -> (String, bool) {
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

/// An item that an entry deletes.
pub struct Deleted {
    kind: Pushed,
    /// `Type/id`.
    name: String,
}

impl Deleted {
    pub fn withdrawal(self, coming: &Coming<'_>, identity: Option<&SourceIdentity>) -> Mapped {
        Mapped::Withdrawal(Withdrawal {
            source: coming.system.id.clone(),
            person: identity.map(|identity| identity.local_id.clone()),
            kind: self.kind,
            name: self.name,
            sent: coming.received,
        })
    }
}

/// What the Bundle deletes. A deletion or a change that cannot be followed makes the Bundle wait.
pub fn deleted(bundle: &Value) -> Result<Vec<Deleted>, NotMapped> {
    let mut all = vec![];
    for entry in read::list(bundle, "entry") {
        match method(entry).as_str() {
            "DELETE" => all.extend(target(entry)?),
            "PATCH" => {
                return Err(NotMapped::waits(
                    "a change of a part of a resource (PATCH) is not read",
                    "request",
                ));
            }
            _ => {}
        }
    }
    Ok(all)
}

/// `None` where what is deleted only named something.
fn target(entry: &Value) -> Result<Option<Deleted>, NotMapped> {
    let url = read::str_at(entry, "request.url").unwrap_or_default();
    let path: Vec<&str> = url.split('?').next().unwrap_or_default().split('/').collect();
    let is_type = |part: &str| is_read(part) || super::left_aside::is_known(part);
    let named = path.windows(2).rfind(|pair| is_type(pair[0]) && !pair[1].is_empty());
    let of_resource = || {
        let resource = entry.get("resource")?;
        Some((read::str_at(resource, "resourceType")?, read::str_at(resource, "id")?))
    };
    let Some((kind, id)) = named.map(|pair| (pair[0], pair[1])).or_else(of_resource) else {
        return Err(NotMapped::waits("a deletion does not name one resource by its type and id", "request"));
    };
    match pushed(kind) {
        Some(pushed) => Ok(Some(Deleted { kind: pushed, name: format!("{kind}/{id}") })),
        None if super::left_aside::is_silent(kind) => Ok(None),
        None => Err(NotMapped::waits("resources of this type cannot be deleted here yet", "request")),
    }
}
