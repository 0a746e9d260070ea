//! Reports with their observations, documents, referrals and appointments of a Bundle, as pushed items. Whatever
//! they called the patient, they name the patient of this source from here on.

use std::collections::{HashMap, HashSet};

use lcr_contracts::events::{Pushed, PushedItem};
use lcr_fhir::{Item as Resource, read};
use lcr_model::SourceIdentity;
use serde_json::Value;

use super::{
    Bundle, Coming,
    keys::{Keys, Numbers as ResourceNumbers},
    reference, updated, visit,
};
use crate::domain::{Change, Item, Mapped, numbers::Numbers};

pub fn read(coming: &Coming<'_>, bundle: &Bundle, identity: &SourceIdentity) -> Vec<Mapped> {
    let mut mapped = vec![];
    let mut by_id: HashMap<&str, Vec<&Resource>> = HashMap::new();
    for one in bundle.of("Observation") {
        by_id.entry(one.id()).or_default().push(one);
    }
    let numbers = ResourceNumbers::of(bundle);
    let item = |kind, main: &Resource, others: &[&Resource]| {
        item(coming, bundle, identity, kind, numbers.keys(bundle, main), main, others)
    };
    let mut reported: HashSet<&str> = HashSet::new();
    for report in bundle.of("DiagnosticReport") {
        let wanted = read::list(report.value(), "result").iter();
        let wanted = wanted.filter_map(|one| read::str_at(one, "reference")?.rsplit(['/', ':']).next());
        let mut seen = HashSet::new();
        let found = wanted.filter(|id| seen.insert(*id)).filter_map(|id| by_id.get(id)).flatten();
        let found: Vec<&Resource> = found.copied().collect();
        reported.extend(found.iter().map(|one| one.id()));
        mapped.push(item(Pushed::Result, report, &found));
    }
    for lone in bundle.of("Observation").filter(|one| !reported.contains(one.id())) {
        mapped.push(item(Pushed::Result, lone, &[]));
    }
    let kinds = [
        ("DocumentReference", Pushed::Document),
        ("ServiceRequest", Pushed::Referral),
        ("Appointment", Pushed::Appointment),
    ];
    for (name, kind) in kinds {
        mapped.extend(bundle.of(name).map(|one| item(kind, one, &[])));
    }
    mapped.into_iter().map(Mapped::Item).collect()
}

fn item(
    coming: &Coming<'_>,
    bundle: &Bundle,
    identity: &SourceIdentity,
    kind: Pushed,
    Keys { key, names }: Keys,
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
    let letter = kind == Pushed::Document
        && stands
        && (read::has_code(value, "type", "373942005")
            || name.as_deref().is_some_and(|name| name.to_lowercase().contains("discharge")));
    let awaited = kind == Pushed::Result
        && matches!(read::str_at(value, "status"), Some("registered" | "partial" | "preliminary"));
    let all = std::iter::once(main).chain(others.iter().copied());
    Item {
        identity: identity.clone(),
        kind,
        key,
        names,
        stay: stay(coming, value),
        pushed: PushedItem {
            resources: all.map(|one| renamed(one.value().clone(), bundle, identity)).collect(),
            name: name.unwrap_or_else(|| main.resource_type().to_owned()),
            awaited,
            discharge_letter: letter,
        },
        sent: updated(coming, main),
        change: Change::Whole,
    }
}

/// The stay it names by the visit number, not by a reference that only the sender can follow.
fn stay(coming: &Coming<'_>, value: &Value) -> Option<Numbers> {
    let paths = ["encounter.identifier", "context.encounter.0.identifier"];
    visit(coming, paths.iter().find_map(|path| read::at(value, path))?)
}

fn renamed(mut value: Value, bundle: &Bundle, identity: &SourceIdentity) -> Value {
    bundle.linked.write_into(&mut value);
    let is_appointment = read::str_at(&value, "resourceType") == Some("Appointment");
    let Some(fields) = value.as_object_mut() else { return value };
    if !is_appointment {
        fields.insert("subject".to_owned(), reference(identity));
    }
    let participants = fields.get_mut("participant").and_then(Value::as_array_mut);
    for one in participants.into_iter().flatten() {
        let names_patient = read::str_at(one, "actor.reference").is_some_and(|to| bundle.is_patient(to));
        if let Some(actor) = one.get_mut("actor").filter(|_| names_patient) {
            *actor = reference(identity);
        }
    }
    value
}
