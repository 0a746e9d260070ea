//! Turns a stay into an entry of the record. A time is never more precise than the hospital sent it.

use lcr_contracts::{
    Moment, Precision,
    events::OnRecord,
    record::{Detail, Entry, Provenance, WardStay},
    registry::{Registry, System},
    spell::Place,
    whereabouts::{PlaceWords, VisitKind},
};

use super::Stay;
use crate::domain::{entry::entry_id, resource_type::ResourceType};

pub fn stay_entry(stay: &Stay, system: &System, registry: &Registry) -> Entry {
    let on_record = &stay.on_record;
    let (class, date) = (visit_kind(on_record).words(), on_record.admitted.map(fhir_time));
    Entry {
        id: entry_id(&system.id, ResourceType::Encounter.as_str(), &stay.item_id()),
        title: class.to_owned(),
        date: date.clone(),
        status: Some(status_words(stay).to_owned()),
        detail: Detail::Encounter {
            class: class.to_owned(),
            place: on_record.place.as_ref().and_then(|cell| place_words(&cell.value, registry)),
            ended: on_record.left.map(fhir_time),
            in_progress: stay.is_in_progress(),
        },
        provenance: vec![Provenance {
            source: system.id.clone(),
            name: source_name(system),
            kind: system.kind.clone(),
            item: format!("{}/{}", ResourceType::Encounter.as_str(), stay.item_id()),
            updated: Some(on_record.last_message_at),
            date,
            says: None,
            organisation_name: None,
        }],
        notes: on_record.warnings.clone(),
        more: more_lines(on_record),
        stay: Some(WardStay {
            attends: on_record.attends,
            on_leave: on_record.on_leave,
            destination: on_record.destination.clone(),
            died: on_record.died,
            last_message_at: on_record.last_message_at,
            last_movement: on_record.last_movement,
            warnings: on_record.warnings.clone(),
        }),
        ..Entry::default()
    }
}

/// The name of the source, marked as ward messages.
fn source_name(system: &System) -> String {
    format!("{}, ward messages", system.name)
}

fn more_lines(on_record: &OnRecord) -> Vec<(String, String)> {
    let died = on_record.died.then(|| "Yes; a hospital's word does not confirm it".to_owned());
    let lines = [
        ("Consultant", on_record.consultant.as_ref().map(|cell| cell.value.name.clone())),
        ("Specialty", on_record.specialty.as_ref().map(|cell| cell.value.name.clone())),
        ("Reported as died", died),
        ("Going or gone to", on_record.destination.clone()),
        ("Visit number", on_record.visit.clone()),
    ];
    lines.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?))).collect()
}

/// The kind of the visit. If the class is not known, a patient who was admitted is an in-patient.
pub fn visit_kind(on_record: &OnRecord) -> VisitKind {
    let fallback = if on_record.attends { VisitKind::OutPatient } else { VisitKind::InPatient };
    on_record.class.as_deref().and_then(VisitKind::of_class).unwrap_or(fallback)
}

pub fn status_words(stay: &Stay) -> &'static str {
    match (stay.is_in_progress(), stay.on_record.on_leave, stay.on_record.died) {
        (_, _, true) => "Reported as died",
        (true, true, _) => "On leave",
        (true, false, _) => "In progress",
        (false, _, _) => "Finished",
    }
}

/// The place in words: "Cardiology, bay C, bed 4, St Hilda's General".
pub fn place_words(place: &Place, registry: &Registry) -> Option<String> {
    let words = PlaceWords::of(place);
    let site = words.site.as_deref().and_then(|code| {
        registry.organisations.iter().find(|one| one.ods.as_str() == code).map(|one| one.name.clone())
    });
    let parts: Vec<String> = [words.within_site(), site].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A time in FHIR form. FHIR has no hour without minutes, so such a time is given as its day.
pub fn fhir_time(at: Moment) -> String {
    match at.precision {
        Precision::Day | Precision::Hour => at.date().to_string(),
        Precision::Minute | Precision::Second => at.at.to_string(),
    }
}
