//! Maps `REF` messages to a referral, and to evidence that its receiver cares for the person. Each message is complete, so
//! it must never be merged with an older one.

use lcr_contracts::events::{CareLink, PushedKind};
use lcr_hl7::{Condition, Fault, Segment, time};
use lcr_model::{CareLinkKind, OdsCode, SourceIdentity};
use serde_json::{Value, json};

use super::{
    Arrival, CareLinkDeletion, CareLinkUpdate, Change, Item, MappedEvent, MappingError, MappingResult, care_links,
    demographics, fhir_json,
    hashed_ids::digest,
    identity,
    notes::Notes,
    ods,
    segment_groups::{SegmentGroup, missing_segment, segment_groups},
    spell, times,
};

/// Whether the trigger event is about one referral: made, changed, cancelled, or its status.
pub fn is_mapped(event: &str) -> bool {
    matches!(event, "I12" | "I13" | "I14" | "I15")
}

pub fn map(arrival: &Arrival<'_>, event: &str) -> MappingResult {
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
    made.put("status", json!(request_status(event, status.as_deref())))
        .put("intent", json!("order"))
        .put("priority", json!(urgency(priority.as_deref())))
        .put("code", kind.and_then(fhir_json::concept).unwrap_or_else(|| json!({ "text": name })))
        .put("identifier", json!([{ "value": key }]))
        .put("authoredOn", fhir_json::date_time(rf1.field(7)))
        .put("requester", provider("RP"))
        .put("note", notes.annotations())
        .put("performer", provider("RT").map(|one| json!([one])))
        .put("reasonCode", Value::Array(reasons(group, rf1)));
    let evidence = evidence(arrival, rf1, &patient.identity, &key);
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
    let person = demographics::read(arrival, group, &patient);
    Ok([MappedEvent::Demographics(person), MappedEvent::Item(item)].into_iter().chain(evidence).collect())
}

/// The evidence for the receiver: from RF1-7, else the message's time, until RF1-8. Without an identified receiver it ends
/// what an earlier version said. `None` for an enquiry (I15), which changes nothing.
fn evidence(arrival: &Arrival<'_>, rf1: Segment<'_>, identity: &SourceIdentity, number: &str) -> Option<MappedEvent> {
    let event = arrival.header.event.as_str();
    if event == "I15" {
        return None;
    }
    let sent = times::reported_at(arrival);
    let key = care_links::key(arrival.local_id_key, &arrival.system.id, "REF|", number);
    let Some(organisation) = receiver(arrival) else {
        let source = arrival.system.id.clone();
        return Some(MappedEvent::CareLinkDeletion(CareLinkDeletion { source, key, sent, is_item: true }));
    };
    let moment = |number| rf1.field(number).time_text().and_then(|text| time::parse_moment(&text));
    let end = moment(8).map(care_links::end_of);
    let status = rf1.field(1).code();
    let has_expired = status.as_deref() == Some("E");
    let link = CareLink {
        kind: CareLinkKind::Referral,
        organisation,
        team: None,
        from: Some(moment(7).map_or(sent, |moment| moment.at)),
        until: if has_expired { Some(end.map_or(sent, |end| end.min(sent))) } else { end },
        // Accepted (A), or not stated. A pending one (P) has not been accepted yet.
        stands: matches!(event, "I12" | "I13") && (has_expired || matches!(status.as_deref(), None | Some("A"))),
    };
    Some(MappedEvent::CareLink(CareLinkUpdate { identity: identity.clone(), key, link, sent }))
}

/// The organisation that the person is referred to: by the receiving provider's organisation or place of work. The receiver
/// of the message (MSH-6) is not it.
fn receiver(arrival: &Arrival<'_>) -> Option<OdsCode> {
    let of_provider = |prd: Segment<'_>| {
        let of_organisation = prd.field(10).repetitions().find_map(ods::in_organisation);
        // A provider's own identifier may be a person's, so it must say that it is an ODS code.
        let of_identifier =
            || prd.field(7).repetitions().find_map(|one| ods::by_authority(&one.component(1)?, &one.component(2)?));
        let of_place = || ods::by_shape(&prd.field(4).first()?.component(4)?);
        of_organisation.or_else(of_identifier).or_else(of_place)
    };
    provider_segment(arrival, "RT").and_then(of_provider)
}

/// The provider (PRD) with this role.
fn provider_segment<'m>(arrival: &Arrival<'m>, role: &str) -> Option<Segment<'m>> {
    arrival.message.segments_named("PRD").find(|prd| prd.field(1).code().as_deref() == Some(role))
}

/// The provider with this role: the name, else the place of work.
fn provider(arrival: &Arrival<'_>, role: &str) -> Option<Value> {
    let prd = provider_segment(arrival, role)?;
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

/// The status by the trigger event, else by HL7 table 0283 and the usual codes of a cancelled referral.
fn request_status(event: &str, code: Option<&str>) -> &'static str {
    match code {
        _ if event == "I14" => "revoked",
        Some("A" | "P") => "active",
        Some("R" | "C" | "X" | "CA") => "revoked",
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

#[cfg(test)]
#[path = "referrals_tests.rs"]
mod tests;
