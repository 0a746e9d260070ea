//! Maps reports, documents, referrals and appointments of a Bundle to pushed items. Each item must refer to the patient
//! by our local id, never by the sender's.

use std::collections::{HashMap, HashSet};

use lcr_contracts::events::{PushedItem, PushedKind};
use lcr_fhir::{Item as Resource, read};
use lcr_hl7::Fault;
use lcr_model::SourceIdentity;
use serde_json::Value;

use super::{
    Bundle, BundleArrival,
    item_keys::{ItemKeys, ResourceNumbers},
    last_updated,
    link_resources::Reference,
    patient_reference,
    subjects::Subjects,
    visit_number,
};
use crate::domain::{Change, Item, MappedEvent, stay_numbers::StayNumbers};

pub fn read(arrival: &BundleArrival<'_>, bundle: &Bundle, subjects: &Subjects) -> Result<Vec<MappedEvent>, Fault> {
    let mut mapped = vec![];
    let mut by_id: HashMap<&str, Vec<&Resource>> = HashMap::new();
    for one in bundle.resources_of("Observation") {
        by_id.entry(one.id()).or_default().push(one);
    }
    let numbers = ResourceNumbers::of(bundle);
    let item = |kind, main: &Resource, others: &[&Resource]| {
        let identity = subjects.of_item(arrival, main)?;
        let item = item(arrival, bundle, (subjects, &identity), kind, numbers.keys(bundle, main), main, others);
        Ok::<_, Fault>(MappedEvent::Item(item))
    };
    let mut reported: HashSet<&str> = HashSet::new();
    for report in bundle.resources_of("DiagnosticReport") {
        let wanted = read::list(report.value(), "result").iter();
        let wanted = wanted.filter_map(|one| read::str_at(one, "reference")?.rsplit(['/', ':']).next());
        let mut seen = HashSet::new();
        let found = wanted.filter(|id| seen.insert(*id)).filter_map(|id| by_id.get(id)).flatten();
        let found: Vec<&Resource> = found.copied().collect();
        reported.extend(found.iter().map(|one| one.id()));
        mapped.push(item(PushedKind::Result, report, &found)?);
    }
    for lone in bundle.resources_of("Observation").filter(|one| !reported.contains(one.id())) {
        mapped.push(item(PushedKind::Result, lone, &[])?);
    }
    let kinds = [
        ("DocumentReference", PushedKind::Document),
        ("ServiceRequest", PushedKind::Referral),
        ("Appointment", PushedKind::Appointment),
    ];
    for (name, kind) in kinds {
        for one in bundle.resources_of(name) {
            mapped.push(item(kind, one, &[])?);
        }
    }
    Ok(mapped)
}

fn item(
    arrival: &BundleArrival<'_>,
    bundle: &Bundle,
    (subjects, identity): (&Subjects, &SourceIdentity),
    kind: PushedKind,
    ItemKeys { key, names }: ItemKeys,
    main: &Resource,
    others: &[&Resource],
) -> Item {
    let value = main.value();
    let name = ["code", "type", "serviceType.0", "appointmentType"]
        .iter()
        .find_map(|path| read::concept_at(value, path))
        .or_else(|| read::text(value, "description"));
    let stands = read::str_at(value, "status") == Some("current")
        && read::str_at(value, "docStatus") != Some("entered-in-error");
    let letter = kind == PushedKind::Document
        && stands
        && (read::has_code(value, "type", "373942005")
            || name.as_deref().is_some_and(|name| name.to_lowercase().contains("discharge")));
    let awaited = kind == PushedKind::Result
        && matches!(read::str_at(value, "status"), Some("registered" | "partial" | "preliminary"));
    let all = std::iter::once(main).chain(others.iter().copied());
    let resources = all.map(|one| {
        let mut value = one.value().clone();
        bundle.references.inline_into(&mut value);
        with_patient_reference(value, subjects, identity)
    });
    Item {
        identity: identity.clone(),
        kind,
        key,
        names,
        stay: stay_numbers(arrival, value),
        pushed: PushedItem {
            resources: resources.collect(),
            name: name.unwrap_or_else(|| main.resource_type().to_owned()),
            awaited,
            discharge_letter: letter,
        },
        sent: last_updated(arrival, main),
        change: Change::Complete,
    }
}

/// The stay by its visit number. A reference does not count, because only the sender can resolve it.
fn stay_numbers(arrival: &BundleArrival<'_>, value: &Value) -> Option<StayNumbers> {
    let paths = ["encounter.identifier", "context.encounter.0.identifier"];
    visit_number(arrival, paths.iter().find_map(|path| read::at(value, path))?)
}

fn with_patient_reference(mut value: Value, subjects: &Subjects, identity: &SourceIdentity) -> Value {
    let is_appointment = read::str_at(&value, "resourceType") == Some("Appointment");
    let Some(fields) = value.as_object_mut() else { return value };
    if !is_appointment {
        fields.insert("subject".to_owned(), patient_reference(identity));
    }
    let participants = fields.get_mut("participant").and_then(Value::as_array_mut);
    for one in participants.into_iter().flatten() {
        let names_patient = Reference::at(one, "actor").is_some_and(|actor| subjects.is_patient(&actor));
        if let Some(actor) = one.get_mut("actor").filter(|_| names_patient) {
            *actor = patient_reference(identity);
        }
    }
    value
}
