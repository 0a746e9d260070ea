//! Maps `REF^I12` to a referral. Each message is complete, so it must never be merged with an older one.

use lcr_contracts::events::PushedKind;
use lcr_hl7::{Condition, Fault, Segment};
use serde_json::{Value, json};

use super::{
    Arrival, Change, Item, MappedEvent, MappingError, MappingResult, demographics, fhir_json,
    hashed_ids::digest,
    identity,
    notes::Notes,
    segment_groups::{SegmentGroup, missing_segment, segment_groups},
    spell, times,
};

pub fn map(arrival: &Arrival<'_>) -> MappingResult {
    let groups = segment_groups(arrival.message);
    let group = groups.first().ok_or_else(|| missing_segment("PID", "the patient is missing"))?;
    let patient = identity::identify(arrival, group)?;
    // RF1 comes before PID, so no group contains it.
    let rf1 = arrival.message.first_segment("RF1");
    let rf1 = rf1.ok_or_else(|| MappingError::waiting("the referral has no RF1 segment", "RF1"))?;
    let key = rf1.field(6).code().or_else(|| rf1.field(11).code());
    let key = key.ok_or_else(|| Fault::at(Condition::RequiredField, "RF1", 6, "the referral has no identifier"))?;
    let id = digest(&["referral", arrival.system.id.as_str(), &patient.identity.local_id.0, &key]);
    let provider = |role| provider(arrival, role);
    let (status, priority) = (rf1.field(1).code(), rf1.field(2).code());
    let mut notes = Notes::default();
    arrival.message.segments_named("NTE").for_each(|note| notes.push(note));
    let mut made = fhir_json::ResourceBuilder::new("ServiceRequest", &id, &patient.identity);
    let kind = rf1.field(3).first();
    let name = kind.and_then(fhir_json::concept_words).unwrap_or_else(|| "Referral".to_owned());
    made.put("status", json!(request_status(status.as_deref())))
        .put("intent", json!("order"))
        .put("priority", json!(urgency(priority.as_deref())))
        .put("code", kind.and_then(fhir_json::concept).unwrap_or_else(|| json!({ "text": name })))
        .put("identifier", json!([{ "value": key }]))
        .put("authoredOn", fhir_json::date_time(rf1.field(7)))
        .put("requester", provider("RP"))
        .put("note", notes.annotations())
        .put("performer", provider("RT").map(|one| json!([one])))
        .put("reasonCode", Value::Array(reasons(group, rf1)));
    let item = Item {
        identity: patient.identity.clone(),
        kind: PushedKind::Referral,
        stay: spell::read_numbers(arrival, group),
        pushed: fhir_json::checked_item(vec![made.build()], name, false, false, "RF1")?,
        key,
        names: vec![],
        sent: times::reported_at(arrival),
        change: Change::Standalone,
    };
    Ok(vec![MappedEvent::Demographics(demographics::read(arrival, group, &patient)), MappedEvent::Item(item)])
}

/// The provider with this role (PRD): the name, else the place of work.
fn provider(arrival: &Arrival<'_>, role: &str) -> Option<Value> {
    let mut all = arrival.message.segments_named("PRD");
    let prd = all.find(|prd| prd.field(1).code().as_deref() == Some(role))?;
    let name = prd.field(2).first().map(|one| {
        let parts: Vec<String> = [one.component(5), one.component(2), one.component(1)].into_iter().flatten().collect();
        parts.join(" ")
    });
    let place = || prd.field(4).first().and_then(|one| one.component(1));
    let name = name.filter(|name| !name.is_empty()).or_else(place)?;
    Some(json!({ "display": name }))
}

fn reasons(group: &SegmentGroup<'_>, rf1: Segment<'_>) -> Vec<Value> {
    let stated = rf1.field(10).repetitions().filter_map(fhir_json::concept);
    let diagnoses = group.all("DG1").filter_map(|dg1| {
        let coded = dg1.field(3).first().and_then(fhir_json::concept);
        coded.or_else(|| dg1.field(4).first_text().map(|text| json!({ "text": text })))
    });
    stated.chain(diagnoses).collect()
}

/// HL7 table 0283.
fn request_status(code: Option<&str>) -> &'static str {
    match code {
        Some("A" | "P") => "active",
        Some("R") => "revoked",
        Some("E") => "completed",
        _ => "unknown",
    }
}

/// HL7 table 0280.
fn urgency(code: Option<&str>) -> &'static str {
    match code {
        Some("S") => "stat",
        Some("A") => "asap",
        _ => "routine",
    }
}
