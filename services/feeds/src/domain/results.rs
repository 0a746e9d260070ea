//! `ORU^R01`: each order (OBR) with its observations (OBX), specimens (SPM) and comments (NTE) is one report. Filed
//! under the order's filler number and test, so that a final result replaces a preliminary one.

mod absent;
mod findings;
mod observation;
mod orders;
mod status;
mod text_lines;

use lcr_contracts::events::Pushed;
use serde_json::{Value, json};

use super::{
    Arrival, Change, Item, Mapped, Mapping, NotMapped, demographics,
    groups::{Group, groups, missing},
    identity, r4, spell, times,
    values::digest,
};
use orders::{Order, Orders};

/// A comment on a patient is repeated in each of their reports up to this many bytes in all, else in the first.
const MOST_BYTES_REPEATED: usize = 4 << 20;

pub fn map(arrival: &Arrival<'_>) -> Mapping {
    let groups = groups(arrival.message);
    if groups.is_empty() {
        return Err(NotMapped::waits("the result names no patient", "PID"));
    }
    let mut mapped = vec![];
    for group in &groups {
        let named = identity::named(arrival, group)?;
        let orders = Orders::of(group);
        if orders.all.is_empty() {
            return Err(missing("OBR", "the order is missing").into());
        }
        mapped.push(Mapped::Demographics(demographics::told(arrival, group, &named)));
        let comment = orders.about_the_patient.text().map(|text| format!("About the patient: {text}"));
        let bytes = comment.as_ref().map_or(0, String::len).saturating_mul(orders.all.len());
        for (at, order) in orders.all.iter().enumerate() {
            let comment = comment.as_deref().filter(|_| at == 0 || bytes <= MOST_BYTES_REPEATED);
            mapped.push(Mapped::Item(report(arrival, group, &named, order, comment)?));
        }
    }
    Ok(mapped)
}

fn report(
    arrival: &Arrival<'_>,
    group: &Group<'_>,
    named: &identity::Named,
    order: &Order<'_>,
    about_the_patient: Option<&str>,
) -> Result<Item, NotMapped> {
    let obr = order.request;
    let key =
        key(order).ok_or_else(|| NotMapped::waits("the result has no number to be filed under", "OBR-3"))?;
    let id = digest(&["report", arrival.system.id.as_str(), &named.identity.local_id.0, &key]);
    let name = obr.field(4).first().and_then(r4::concept_words).unwrap_or_else(|| "Result".to_owned());
    let status = status::of_report(obr.field(25).code().as_deref());
    let found = observation::read(order, &id, &named.identity);
    let mut report = r4::Resource::new("DiagnosticReport", &id, &named.identity);
    let references = found.observations.iter().filter_map(|one| one.get("id")?.as_str());
    let references: Vec<Value> =
        references.map(|id| json!({ "reference": format!("Observation/{id}") })).collect();
    let of_order = order.notes.text().into_iter().chain(found.about_files);
    let conclusion: Vec<String> = of_order.chain(about_the_patient.map(str::to_owned)).collect();
    let labels: Vec<Value> = order.labels().into_iter().chain(found.labels).collect();
    let sent = times::told_at(arrival);
    let specimen = order.specimen();
    report
        .put("meta", (!labels.is_empty()).then(|| json!({ "security": labels })))
        .put("status", json!(status))
        .put("code", obr.field(4).first().and_then(r4::concept).unwrap_or_else(|| json!({ "text": name })))
        .put("effectiveDateTime", r4::when(obr.field(7)))
        .put("issued", r4::instant(obr.field(22)))
        .put("identifier", json!([{ "value": key }]))
        .put("resultsInterpreter", obr.field(32).first().and_then(interpreter).map(|one| json!([one])))
        .put("specimen", specimen.map(|words| json!([{ "display": words }])))
        .put("conclusion", (!conclusion.is_empty()).then(|| json!(conclusion.join("\n"))))
        .put("presentedForm", Value::Array(found.attachments))
        .put("result", Value::Array(references));
    let resources = [vec![report.done()], found.observations].concat();
    let awaited = matches!(status, "registered" | "partial" | "preliminary");
    Ok(Item {
        identity: named.identity.clone(),
        kind: Pushed::Result,
        key,
        names: vec![],
        stay: spell::numbers(arrival, group),
        pushed: r4::checked(resources, name, awaited, false, "OBR")?,
        change: if found.is_part { Change::SomeObservations(found.part.of(sent)) } else { Change::Whole },
        sent,
    })
}

/// The filler's number, else the placer's, with the test; else the test and when the specimen was taken.
fn key(order: &Order<'_>) -> Option<String> {
    let test = order.request.field(4).first().and_then(|one| one.part(1).or_else(|| one.part(2)));
    let of_control = |number| order.control.and_then(|orc| orc.field(number).code());
    let number = order.request.field(3).code().or_else(|| of_control(3));
    let number = number.or_else(|| order.request.field(2).code()).or_else(|| of_control(2));
    match (number, test) {
        (Some(number), test) => Some([number, test.unwrap_or_default()].join("|")),
        (None, Some(test)) => Some(format!("|{test}|{}", order.request.field(7).code()?)),
        (None, None) => None,
    }
}

/// OBR-32 is a name inside a component.
fn interpreter(one: lcr_hl7::Repetition<'_>) -> Option<Value> {
    let parts: Vec<String> = [one.sub(1, 6), one.sub(1, 3), one.sub(1, 2)].into_iter().flatten().collect();
    (!parts.is_empty()).then(|| json!({ "display": parts.join(" ") }))
}

#[cfg(test)]
#[path = "results_tests.rs"]
mod tests;
