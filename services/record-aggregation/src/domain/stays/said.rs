//! A stay in words, as an entry of the record. Its times are as precise as they were told.

use lcr_contracts::{
    Moment, Precision,
    events::OnRecord,
    identity::{Registry, System},
    record::{Detail, Entry, Provenance, WardStay},
    spell::Place,
};

use super::Stay;
use crate::domain::{entry::entry_id, kind::Kind};

pub fn entry(stay: &Stay, system: &System, registry: &Registry) -> Entry {
    let told = &stay.on_record;
    let (class, date) = (class(told), told.admitted.map(sent));
    Entry {
        id: entry_id(&system.id, Kind::Encounter.fhir(), &stay.item()),
        title: class.to_owned(),
        date: date.clone(),
        status: Some(status(stay).to_owned()),
        detail: Detail::Encounter {
            class: class.to_owned(),
            place: told.place.as_ref().and_then(|cell| place(&cell.value, registry)),
            ended: told.left.map(sent),
            in_progress: stay.in_progress(),
        },
        provenance: vec![Provenance {
            source: system.id.clone(),
            name: name(system),
            kind: system.kind.clone(),
            item: format!("{}/{}", Kind::Encounter.fhir(), stay.item()),
            updated: Some(told.last_told),
            date,
            says: None,
        }],
        notes: told.warnings.clone(),
        more: more(told),
        stay: Some(WardStay {
            attends: told.attends,
            on_leave: told.on_leave,
            destination: told.destination.clone(),
            died: told.died,
            last_told: told.last_told,
            warnings: told.warnings.clone(),
        }),
        ..Entry::default()
    }
}

/// Whose word it is.
fn name(system: &System) -> String {
    format!("{}, ward messages", system.name)
}

fn more(told: &OnRecord) -> Vec<(String, String)> {
    let died = told.died.then(|| "Yes; a hospital's word does not confirm it".to_owned());
    let lines = [
        ("Consultant", told.consultant.as_ref().map(|cell| cell.value.name.clone())),
        ("Specialty", told.specialty.as_ref().map(|cell| cell.value.name.clone())),
        ("Reported as died", died),
        ("Going or gone to", told.destination.clone()),
        ("Visit number", told.visit.clone()),
    ];
    lines.into_iter().filter_map(|(label, value)| Some((label.to_owned(), value?))).collect()
}

/// The patient class in words: HL7 table 0004 and the NHS's own figures.
pub fn class(told: &OnRecord) -> &'static str {
    let code = told.class.as_deref().map(str::trim).unwrap_or_default().to_uppercase();
    match (told.attends, code.as_str()) {
        (_, "E") => "Emergency department",
        (_, "2" | "DAY" | "DAYCASE") => "Day case",
        (true, "R" | "3" | "4") => "Regular attender",
        (true, _) => "Appointment",
        (false, _) => "In-patient",
    }
}

pub fn status(stay: &Stay) -> &'static str {
    match (stay.in_progress(), stay.on_record.on_leave, stay.on_record.died) {
        (_, _, true) => "Reported as died",
        (true, true, _) => "On leave",
        (true, false, _) => "In progress",
        (false, _, _) => "Finished",
    }
}

/// "Cardiology, bay C, bed 4, St Hilda's General": the ward by its name where it has one.
pub fn place(place: &Place, registry: &Registry) -> Option<String> {
    let said = |label: &str, part: &Option<String>| {
        let part = part.as_deref().map(str::trim).filter(|part| !part.is_empty())?;
        let labelled = label.is_empty() || part.to_lowercase().starts_with(label);
        Some(if labelled { part.to_owned() } else { format!("{label} {part}") })
    };
    let ward = said("", &place.ward_name).or_else(|| said("", &place.ward));
    let site = place.site.as_deref().and_then(|code| {
        registry.organisations.iter().find(|one| one.ods.as_str() == code).map(|one| one.name.clone())
    });
    let parts = [ward, said("bay", &place.bay), said("bed", &place.bed), site];
    let parts: Vec<String> = parts.into_iter().flatten().collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// A time as FHIR writes it: a day stays a day.
pub fn sent(at: Moment) -> String {
    match at.precision {
        Precision::Day => at.date().to_string(),
        Precision::Hour | Precision::Minute | Precision::Second => at.at.to_string(),
    }
}
