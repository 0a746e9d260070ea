//! Maps `ORU^R01` to reports: one per order (OBR), with its observations (OBX), specimens (SPM) and comments (NTE). The
//! key is the filler number with the test, so that a final result replaces a preliminary one. Must never drop a
//! comment.

mod absent_reason;
mod findings;
mod observation;
mod orders;
mod status;
mod text_lines;

use lcr_contracts::events::PushedKind;
use serde_json::{Value, json};

use super::{
    Arrival, Change, Item, MappedEvent, MappingError, MappingResult, demographics, fhir_json,
    hashed_ids::digest,
    identity,
    segment_groups::{SegmentGroup, missing_segment, segment_groups},
    spell, times,
};
use orders::{Order, Orders};

/// A patient comment is repeated in each report of the patient up to this many bytes in total, else only in the first.
const MAX_REPEATED_BYTES: usize = 4 << 20;

pub fn map(arrival: &Arrival<'_>) -> MappingResult {
    let groups = segment_groups(arrival.message);
    if groups.is_empty() {
        return Err(MappingError::waiting("the result names no patient", "PID"));
    }
    let mut mapped = vec![];
    for group in &groups {
        let patient = identity::identify(arrival, group)?;
        let orders = Orders::of(group);
        if orders.all.is_empty() {
            return Err(missing_segment("OBR", "the order is missing").into());
        }
        mapped.push(MappedEvent::Demographics(demographics::read(arrival, group, &patient)));
        let comment = orders.patient_notes.text().map(|text| format!("About the patient: {text}"));
        let bytes = comment.as_ref().map_or(0, String::len).saturating_mul(orders.all.len());
        for (at, order) in orders.all.iter().enumerate() {
            let comment = comment.as_deref().filter(|_| at == 0 || bytes <= MAX_REPEATED_BYTES);
            mapped.push(MappedEvent::Item(report(arrival, group, &patient, order, comment)?));
        }
    }
    Ok(mapped)
}

fn report(
    arrival: &Arrival<'_>,
    group: &SegmentGroup<'_>,
    patient: &identity::IdentifiedPatient,
    order: &Order<'_>,
    patient_comment: Option<&str>,
) -> Result<Item, MappingError> {
    let obr = order.request;
    let key = key(order).ok_or_else(|| {
        MappingError::waiting("the result has no filler number, placer number or test with a time", "OBR-3")
    })?;
    let id = digest(&["report", arrival.system.id.as_str(), &patient.identity.local_id.0, &key]);
    let name = obr.field(4).first().and_then(fhir_json::concept_words).unwrap_or_else(|| "Result".to_owned());
    let status = status::report_status(obr.field(25).code().as_deref());
    let found = observation::read(order, &id, &patient.identity);
    let mut report = fhir_json::ResourceBuilder::new("DiagnosticReport", &id, &patient.identity);
    let references = found.observations.iter().filter_map(|one| one.get("id")?.as_str());
    let references: Vec<Value> = references.map(|id| json!({ "reference": format!("Observation/{id}") })).collect();
    let of_order = order.notes.text().into_iter().chain(found.about_files);
    let conclusion: Vec<String> = of_order.chain(patient_comment.map(str::to_owned)).collect();
    let labels: Vec<Value> = order.labels().into_iter().chain(found.labels).collect();
    let sent = times::reported_at(arrival);
    let specimen = order.specimen();
    report
        .put("meta", (!labels.is_empty()).then(|| json!({ "security": labels })))
        .put("status", json!(status))
        .put("code", obr.field(4).first().and_then(fhir_json::concept).unwrap_or_else(|| json!({ "text": name })))
        .put("effectiveDateTime", fhir_json::date_time(obr.field(7)))
        .put("issued", fhir_json::instant(obr.field(22)))
        .put("identifier", json!([{ "value": key }]))
        .put("resultsInterpreter", obr.field(32).first().and_then(interpreter).map(|one| json!([one])))
        .put("specimen", specimen.map(|words| json!([{ "display": words }])))
        .put("conclusion", (!conclusion.is_empty()).then(|| json!(conclusion.join("\n"))))
        .put("presentedForm", Value::Array(found.attachments))
        .put("result", Value::Array(references));
    let resources = [vec![report.build()], found.observations].concat();
    let awaited = matches!(status, "registered" | "partial" | "preliminary");
    Ok(Item {
        identity: patient.identity.clone(),
        kind: PushedKind::Result,
        key,
        names: vec![],
        stay: spell::read_numbers(arrival, group),
        pushed: fhir_json::checked_item(resources, name, awaited, false, "OBR")?,
        change: if found.is_partial {
            Change::SomeObservations(found.correction.sent_on(sent))
        } else {
            Change::Complete
        },
        sent,
    })
}

/// The filler's or placer's number with the test, else the test and the time of the specimen.
fn key(order: &Order<'_>) -> Option<String> {
    let test = order.request.field(4).first().and_then(|one| one.component(1).or_else(|| one.component(2)));
    let of_control = |number| order.control.and_then(|orc| orc.field(number).code());
    let number = order.request.field(3).code().or_else(|| of_control(3));
    let number = number.or_else(|| order.request.field(2).code()).or_else(|| of_control(2));
    match (number, test) {
        (Some(number), test) => Some([number, test.unwrap_or_default()].join("|")),
        (None, Some(test)) => Some(format!("|{test}|{}", order.request.field(7).code()?)),
        (None, None) => None,
    }
}

/// OBR-32, whose name is in the subcomponents of its first component.
fn interpreter(one: lcr_hl7::Repetition<'_>) -> Option<Value> {
    let parts: Vec<String> =
        [one.subcomponent(1, 6), one.subcomponent(1, 3), one.subcomponent(1, 2)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| json!({ "display": parts.join(" ") }))
}

#[cfg(test)]
#[path = "results_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "results_values_tests.rs"]
mod values_tests;

#[cfg(test)]
#[path = "results_files_tests.rs"]
mod files_tests;
