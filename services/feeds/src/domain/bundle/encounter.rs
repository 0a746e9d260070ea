//! Maps an Encounter to a snapshot of a stay at `meta.lastUpdated`. Must never guess the stay of an Encounter without
//! an identifier and a start.

use jiff::civil::Date;
use lcr_contracts::{
    Moment,
    spell::{
        CodedName, DischargePlanUpdate, FieldUpdate, PatientDetails, Place, Reside, SnapshotState, SpellEvent,
        SpellMessage,
    },
};
use lcr_fhir::{Item, read};
use lcr_model::SourceIdentity;
use serde_json::Value;

use super::{BundleArrival, extension, last_updated, parse_moment, visit_number};
use crate::domain::{MappedEvent, MappingError, StayKey, hashed_ids, place, profile_fields};

fn set<T>(value: Option<T>) -> FieldUpdate<T> {
    value.map_or(FieldUpdate::Unchanged, FieldUpdate::Set)
}

pub fn read(
    arrival: &BundleArrival<'_>,
    identity: &SourceIdentity,
    encounter: &Item,
    mut plan: DischargePlanUpdate,
) -> Result<MappedEvent, MappingError> {
    let value = encounter.value();
    let numbers = read::list(value, "identifier").iter().find_map(|one| visit_number(arrival, one));
    let admitted = parse_moment(read::str_at(value, "period.start"));
    let source = &arrival.system.id;
    let number = numbers.as_ref().and_then(|numbers| Some(numbers.visit.as_ref()?.digits.clone()));
    let key = match (numbers, admitted) {
        (Some(numbers), _) => StayKey::Numbered(numbers),
        (None, Some(admitted)) => StayKey::Admitted(hashed_ids::spell_by_time(source, &identity.local_id, admitted.at)),
        (None, None) => {
            let words = "the Encounter has neither an identifier nor a start";
            return Err(MappingError::waiting(words, "Encounter"));
        }
    };
    plan.reside = reside(value);
    let state = state(read::str_at(value, "status"))
        .ok_or_else(|| MappingError::waiting("the status of the Encounter is missing or unknown", "Encounter"))?;
    let discharged = parse_moment(read::str_at(value, "period.end"));
    let updated = parse_moment(read::str_at(value, "meta.lastUpdated"));
    let message = SpellMessage {
        identity: identity.clone(),
        event: SpellEvent::Snapshot,
        snapshot: Some(state),
        visit: number,
        formerly: None,
        moves_visit: false,
        happened: Moment::exact(last_updated(arrival, encounter)),
        occurred: None,
        sent: updated.unwrap_or(Moment::exact(arrival.received)),
        sequence: None,
        received: arrival.received,
        control_id: arrival.control_id.to_owned(),
        content: arrival.content.to_owned(),
        patient: PatientDetails::default(),
        class: set(read::text(value, "class.code")),
        place: set(place(value).map(|place| place::with_name(place, None, arrival.system))),
        prior_place: FieldUpdate::Unchanged,
        consultant: set(consultant(value)),
        specialty: set(read::concept_at(value, "serviceType")
            .map(|name| CodedName { code: read::code_at(value, "serviceType").map(str::to_owned), name })),
        admitted: set(admitted),
        discharged: set(discharged),
        expected_discharge: set(expected(value)),
        expected_stay: set(days(value)),
        method: FieldUpdate::Unchanged,
        destination: set(read::code_at(value, "hospitalization.dischargeDisposition").map(str::to_owned)),
        discharge_method: FieldUpdate::Unchanged,
        plan,
        further: profile_fields::read_encounter(arrival.system, value),
    };
    Ok(MappedEvent::Encounter(key, Box::new(message)))
}

fn state(status: Option<&str>) -> Option<SnapshotState> {
    Some(match status? {
        "planned" => SnapshotState::Planned,
        "arrived" | "triaged" | "in-progress" => SnapshotState::Present,
        "onleave" => SnapshotState::OnLeave,
        "finished" => SnapshotState::Finished,
        "cancelled" | "entered-in-error" => SnapshotState::Void,
        _ => return None,
    })
}

/// The active location: by its physical type, else from text of the form "ward / bed".
fn place(encounter: &Value) -> Option<Place> {
    let mut place = Place::default();
    for one in read::list(encounter, "location") {
        if read::str_at(one, "status").is_some_and(|status| status != "active") {
            continue;
        }
        let Some(words) = read::reference_display(one, "location") else { continue };
        let mut parts = words.split('/').map(|part| part.trim().to_owned()).filter(|part| !part.is_empty());
        match read::code_at(one, "physicalType") {
            Some("wa") => place.ward = parts.next(),
            Some("bd") => {
                let last = parts.next_back();
                place.ward = parts.next().or(place.ward);
                place.bed = last;
            }
            Some("ro") => place.bay = parts.next_back(),
            Some("si" | "bu") => place.site = parts.next(),
            _ => {
                place.ward = parts.next().or(place.ward);
                place.bed = parts.next_back().or(place.bed);
                place.bay = parts.next().or(place.bay);
            }
        }
    }
    (place != Place::default()).then_some(place)
}

fn consultant(encounter: &Value) -> Option<CodedName> {
    let participants = read::list(encounter, "participant");
    let in_charge = |one: &&Value| read::has_code(one, "type", "ATND") || read::has_code(one, "type", "CON");
    let one = participants.iter().find(in_charge)?;
    let name = read::reference_display(one, "individual")?;
    Some(CodedName { code: read::text(one, "individual.identifier.value"), name })
}

fn expected(encounter: &Value) -> Option<Date> {
    read::str_at(extension(encounter, "expected-discharge-date")?, "valueDate")?.parse().ok()
}

fn days(encounter: &Value) -> Option<u16> {
    let unit = read::str_at(encounter, "length.code").or_else(|| read::str_at(encounter, "length.unit"));
    let days = matches!(unit, None | Some("d" | "day" | "days"));
    let number = read::at(encounter, "length.value")?.as_f64().filter(|_| days)?;
    (number.fract() == 0.0).then(|| format!("{number:.0}").parse().ok())?
}

fn reside(encounter: &Value) -> FieldUpdate<Reside> {
    let Some(criteria) = extension(encounter, "criteria-to-reside") else { return FieldUpdate::Unchanged };
    let part = |name| extension(criteria, name);
    let meets = part("meets").and_then(|one| read::at(one, "valueBoolean")).and_then(Value::as_bool);
    let code = part("code").and_then(|one| read::text(one, "valueCode").or_else(|| read::text(one, "valueString")));
    let since = part("since").and_then(|one| read::str_at(one, "valueDate")?.parse().ok());
    set(meets.map(|meets| Reside { meets, code, since }))
}
