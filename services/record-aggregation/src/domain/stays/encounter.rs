//! Turns a stay into a FHIR Encounter. Its tag always says that it was made from ward messages.

use lcr_contracts::{registry::Registry, whereabouts::VisitKind};
use serde_json::{Map, Value, json};

use super::{Stay, entry};

/// The system of the tag of an Encounter that no source answered.
const TAGS: &str = "urn:lcr:made-from";

pub fn encounter_resource(stay: &Stay, registry: &Registry, subject: Option<&String>) -> Value {
    let on_record = &stay.on_record;
    let name = |display: &str| json!({ "display": display });
    let place = on_record.place.as_ref().and_then(|cell| entry::place_words(&cell.value, registry));
    let fields = [
        ("identifier", on_record.visit.as_ref().map(|visit| json!([{ "value": visit }]))),
        ("subject", subject.map(|id| json!({ "reference": format!("Patient/{id}") }))),
        ("period", period(stay)),
        ("location", place.map(|place| json!([{ "location": name(&place) }]))),
        ("participant", on_record.consultant.as_ref().map(|cell| json!([{ "individual": name(&cell.value.name) }]))),
        ("serviceType", on_record.specialty.as_ref().map(|cell| json!({ "text": cell.value.name }))),
        ("hospitalization", disposition(stay).map(|text| json!({ "dischargeDisposition": { "text": text } }))),
    ];
    let mut resource = Map::from_iter([
        ("resourceType".to_owned(), json!("Encounter")),
        ("id".to_owned(), json!(stay.item_id())),
        (
            "meta".to_owned(),
            json!({ "lastUpdated": on_record.last_message_at.to_string(),
                "tag": [{ "system": TAGS, "code": "ward-messages", "display": "Made from the hospital's ward messages" }] }),
        ),
        ("status".to_owned(), json!(status(stay))),
        ("class".to_owned(), class(stay)),
    ]);
    resource.extend(fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))));
    Value::Object(resource)
}

fn status(stay: &Stay) -> &'static str {
    match (stay.is_in_progress(), stay.on_record.on_leave) {
        (true, true) => "onleave",
        (true, false) => "in-progress",
        (false, _) => "finished",
    }
}

fn class(stay: &Stay) -> Value {
    let kind = entry::visit_kind(&stay.on_record);
    let code = match kind {
        VisitKind::Emergency => "EMER",
        VisitKind::DayCase => "SS",
        VisitKind::HospitalAtHome => "HH",
        VisitKind::InPatient | VisitKind::CommunityBed => "IMP",
        VisitKind::RegularAttender | VisitKind::OutPatient | VisitKind::Expected => "AMB",
    };
    json!({ "system": "http://terminology.hl7.org/CodeSystem/v3-ActCode", "code": code, "display": kind.words() })
}

fn period(stay: &Stay) -> Option<Value> {
    let on_record = &stay.on_record;
    let ends = [("start", on_record.admitted), ("end", on_record.left)];
    let ends = ends.into_iter().filter_map(|(end, at)| Some((end.to_owned(), json!(entry::fhir_time(at?)))));
    let period: Map<String, Value> = ends.collect();
    (!period.is_empty()).then_some(Value::Object(period))
}

fn disposition(stay: &Stay) -> Option<String> {
    let on_record = &stay.on_record;
    let died = on_record.died.then(|| "Died, as the hospital reports".to_owned());
    died.or_else(|| on_record.destination.clone())
}
