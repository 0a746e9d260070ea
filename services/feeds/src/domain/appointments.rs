//! Maps `SIU` messages to appointments: booked, moved, cancelled or missed; and to evidence that the clinic's organisation
//! cares for the person. Each message is complete, so it must never be merged with an older one.

use jiff::{SignedDuration, Timestamp};
use lcr_contracts::events::{CareLink, PushedKind};
use lcr_hl7::{Condition, Fault, Repetition, Segment, time};
use lcr_model::{CareLinkKind, OdsCode};
use serde_json::{Value, json};

use super::{
    Arrival, CareLinkUpdate, Change, Item, MappedEvent, MappingError, MappingResult, care_links, demographics,
    fhir_json,
    hashed_ids::digest,
    identity,
    notes::Notes,
    ods,
    segment_groups::{SegmentGroup, missing_segment, segment_groups},
    spell, times,
};

/// Whether the trigger event is about a patient's appointment. S23 to S25 are not.
pub fn is_mapped(event: &str) -> bool {
    let number = event.strip_prefix('S').and_then(|number| number.parse::<u8>().ok());
    number.is_some_and(|number| (12..=26).contains(&number) && !matches!(number, 23..=25))
}

pub fn map(arrival: &Arrival<'_>, event: &str) -> MappingResult {
    let sch =
        arrival.message.first_segment("SCH").ok_or_else(|| missing_segment("SCH", "the appointment is missing"))?;
    let groups = segment_groups(arrival.message);
    let group = groups.first().ok_or_else(|| MappingError::waiting("the appointment names no patient", "PID"))?;
    let patient = identity::identify(arrival, group)?;
    let key = sch.field(2).code().or_else(|| sch.field(1).code());
    let key = key.ok_or_else(|| Fault::at(Condition::RequiredField, "SCH", 2, "the appointment has no number"))?;
    let id = digest(&["appointment", arrival.system.id.as_str(), &patient.identity.local_id.0, &key]);
    let service = group.first("AIS").and_then(|ais| ais.field(3).first());
    let name = service.or_else(|| sch.field(7).first()).and_then(fhir_json::concept_words);
    let (start, end) = times(arrival, group, sch);
    let mut notes = Notes::default();
    arrival.message.segments_named("NTE").for_each(|note| notes.push(note));
    let mut made = fhir_json::ResourceBuilder::new("Appointment", &id, &patient.identity);
    let status = status(event, sch);
    let evidence = evidence(arrival, group, &patient, &key, (is_booked(status, sch), status == "noshow", start));
    made.put("status", json!(status))
        .put("identifier", json!([{ "value": key }]))
        .put("serviceType", service.and_then(fhir_json::concept).map(|one| json!([one])))
        .put("appointmentType", sch.field(8).first().and_then(fhir_json::concept))
        .put("reasonCode", sch.field(7).first().and_then(fhir_json::concept).map(|one| json!([one])))
        .put("comment", notes.text().map(Value::String))
        .put("start", start.map(|at| json!(at.to_string())))
        .put("end", end.map(|at| json!(at.to_string())))
        .put("participant", Value::Array(participants(group, &patient)));
    let item = Item {
        identity: patient.identity.clone(),
        kind: PushedKind::Appointment,
        stay: spell::read_numbers(arrival, group),
        pushed: fhir_json::checked_item(
            vec![made.build()],
            name.unwrap_or_else(|| "Appointment".to_owned()),
            false,
            false,
            "SCH",
        )?,
        key,
        names: vec![],
        sent: times::reported_at(arrival),
        change: Change::Standalone,
    };
    let person = demographics::read(arrival, group, &patient);
    Ok(vec![MappedEvent::Demographics(person), MappedEvent::Item(item), MappedEvent::CareLink(evidence)])
}

/// The evidence for the clinic's organisation, else the sender's. One that the person did not attend counts until its start.
fn evidence(
    arrival: &Arrival<'_>,
    group: &SegmentGroup<'_>,
    patient: &identity::IdentifiedPatient,
    key: &str,
    (stands, was_missed, start): (bool, bool, Option<Timestamp>),
) -> CareLinkUpdate {
    let sent = times::reported_at(arrival);
    let link = CareLink {
        kind: CareLinkKind::Appointment,
        organisation: clinic(group).unwrap_or_else(|| arrival.system.organisation.clone()),
        team: None,
        from: start,
        until: was_missed.then(|| start.unwrap_or(sent)),
        stands,
    };
    let key = care_links::key(arrival.local_id_key, &arrival.system.id, "SIU|", key);
    CareLinkUpdate { identity: patient.identity.clone(), key, link, sent }
}

/// The organisation of the place (AIL), the clinician (AIP) or the resource (AIG), if its ODS code is sent.
fn clinic(group: &SegmentGroup<'_>) -> Option<OdsCode> {
    let find = |segment: &str, read: fn(Repetition<'_>) -> Option<OdsCode>| {
        group.all(segment).find_map(|one| read(one.field(3).first()?))
    };
    find("AIL", |place| ods::by_shape(&place.component(4)?))
        .or_else(|| find("AIP", |person| ods::by_shape(&person.component(14)?)))
        .or_else(|| find("AIG", |resource| ods::by_authority(&resource.component(1)?, &resource.component(3)?)))
}

/// Start and end: SCH-11, else TQ1, else the first resource's time. A missing end is computed from the duration.
fn times(arrival: &Arrival<'_>, group: &SegmentGroup<'_>, sch: Segment<'_>) -> (Option<Timestamp>, Option<Timestamp>) {
    let at = |text: Option<String>| time::parse_timestamp(&text?);
    let timing = sch.field(11).first();
    let of_timing = |part| timing.and_then(|one| one.component(part));
    let of_resource = || {
        let resource = |name: &str| group.all(name).next();
        let ais = resource("AIS").and_then(|ais| ais.field(4).code());
        ais.or_else(|| resource("AIG").and_then(|aig| aig.field(8).code()))
            .or_else(|| resource("AIL").and_then(|ail| ail.field(6).code()))
            .or_else(|| resource("AIP").and_then(|aip| aip.field(6).code()))
    };
    let quantity = |number| arrival.message.field("TQ1", number).code();
    let start = at(of_timing(4)).or_else(|| at(quantity(7))).or_else(|| at(of_resource()));
    let sent_end = at(of_timing(5)).or_else(|| at(quantity(8)));
    let end = sent_end.or_else(|| start?.checked_add(SignedDuration::from_mins(duration_minutes(sch)?)).ok());
    // Drop an end before the start instead of refusing the appointment.
    (start, end.filter(|end| start.is_none_or(|start| *end >= start)))
}

/// The duration in minutes: SCH-9 in the unit of SCH-10.
fn duration_minutes(sch: Segment<'_>) -> Option<i64> {
    let number: i64 = sch.field(9).code()?.parse().ok().filter(|number| (1..100_000).contains(number))?;
    match sch.field(10).code().unwrap_or_default().to_ascii_uppercase().as_str() {
        "" | "MIN" | "M" | "MINUTE" | "MINUTES" => Some(number),
        "H" | "HR" | "HRS" | "HOUR" | "HOURS" => Some(number * 60),
        "S" | "SEC" | "SECONDS" => Some(number / 60),
        _ => None,
    }
}

fn participants(group: &SegmentGroup<'_>, patient: &identity::IdentifiedPatient) -> Vec<Value> {
    let accepted = |actor: Value| json!({ "actor": actor, "status": "accepted" });
    let person = group.all("AIP").filter_map(|aip| fhir_json::clinician(aip.field(3).first()?));
    let place = group.all("AIL").filter_map(|ail| {
        let one = ail.field(3).first()?;
        let parts: Vec<String> = [one.component(9), one.component(1), one.component(4)].into_iter().flatten().collect();
        parts.first().map(|name| json!({ "display": name }))
    });
    std::iter::once(fhir_json::patient_reference(&patient.identity)).chain(person).chain(place).map(accepted).collect()
}

/// The appointment's status: from the trigger event, else from SCH-25.
fn status(event: &str, sch: Segment<'_>) -> &'static str {
    match event {
        "S15" | "S16" => return "cancelled",
        "S17" => return "entered-in-error",
        "S26" => return "noshow",
        _ => {}
    }
    match sch.field(25).code().unwrap_or_default().to_ascii_uppercase().as_str() {
        "CANCELLED" | "CANCELED" | "DC" | "DCED" | "DISCONTINUED" => "cancelled",
        "DELETED" => "entered-in-error",
        "NOSHOW" => "noshow",
        "COMPLETE" | "COMPLETED" => "fulfilled",
        "STARTED" | "ARRIVED" => "arrived",
        "PENDING" => "pending",
        "WAITLIST" => "waitlist",
        _ => "booked",
    }
}

/// Whether the appointment is booked or was attended or missed. A request, a place on a waiting list and a status that is not
/// listed here are not.
fn is_booked(status: &str, sch: Segment<'_>) -> bool {
    let code = sch.field(25).code().unwrap_or_default().to_ascii_uppercase();
    match status {
        "noshow" | "fulfilled" | "arrived" => true,
        "booked" => matches!(code.as_str(), "" | "BOOKED" | "OVERBOOK" | "SCH" | "SCHEDULED" | "CONFIRMED"),
        _ => false,
    }
}

#[cfg(test)]
#[path = "appointments_tests.rs"]
mod tests;
