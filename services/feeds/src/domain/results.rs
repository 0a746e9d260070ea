//! `ORU^R01`: each order (OBR) with its observations (OBX) and notes (NTE) is one report. Filed under the order's
//! filler number and test, so that a final result replaces a preliminary one.

mod observation;

use lcr_contracts::events::Pushed;
use lcr_hl7::Segment;
use serde_json::{Value, json};

use super::{
    Arrival, Item, Mapped, Mapping, NotMapped, demographics,
    groups::{Group, groups, missing},
    identity, r4, spell,
    values::digest,
};

/// An order and what was found.
struct Order<'m> {
    request: Segment<'m>,
    /// ORC of the same order, where it came.
    control: Option<Segment<'m>>,
    /// OBX and NTE in the order they came.
    found: Vec<Segment<'m>>,
}

pub fn map(arrival: &Arrival<'_>) -> Mapping {
    let groups = groups(arrival.message);
    if groups.is_empty() {
        return Err(NotMapped::waits("the result names no patient", "PID"));
    }
    let mut mapped = vec![];
    for group in &groups {
        let named = identity::named(arrival, group)?;
        let orders = orders(group);
        if orders.is_empty() {
            return Err(missing("OBR", "the order is missing").into());
        }
        mapped.push(Mapped::Demographics(demographics::told(arrival, group, &named)));
        for order in &orders {
            mapped.push(Mapped::Item(report(arrival, group, &named, order)?));
        }
    }
    Ok(mapped)
}

fn orders<'m>(group: &Group<'m>) -> Vec<Order<'m>> {
    let mut orders: Vec<Order<'m>> = vec![];
    let mut control = None;
    for segment in &group.segments {
        match segment.name() {
            "ORC" => control = Some(*segment),
            "OBR" => orders.push(Order { request: *segment, control: control.take(), found: vec![] }),
            "OBX" | "NTE" => {
                if let Some(order) = orders.last_mut() {
                    order.found.push(*segment);
                }
            }
            _ => {}
        }
    }
    orders
}

fn report(
    arrival: &Arrival<'_>,
    group: &Group<'_>,
    named: &identity::Named,
    order: &Order<'_>,
) -> Result<Item, NotMapped> {
    let obr = order.request;
    let key =
        key(order).ok_or_else(|| NotMapped::waits("the result has no number to be filed under", "OBR-3"))?;
    let id = digest(&["report", arrival.system.id.as_str(), &named.identity.local_id.0, &key]);
    let name = obr.field(4).first().and_then(r4::concept_words).unwrap_or_else(|| "Result".to_owned());
    let status = status(obr.field(25).code().as_deref());
    let found = observation::read(&order.found, &id, &named.identity, obr);
    let mut report = r4::Resource::new("DiagnosticReport", &id, &named.identity);
    let references = found.observations.iter().filter_map(|one| one.get("id")?.as_str());
    let references: Vec<Value> =
        references.map(|id| json!({ "reference": format!("Observation/{id}") })).collect();
    report
        .put("status", json!(status))
        .put("code", obr.field(4).first().and_then(r4::concept).unwrap_or_else(|| json!({ "text": name })))
        .put("effectiveDateTime", r4::when(obr.field(7)))
        .put("issued", r4::instant(obr.field(22)))
        .put("identifier", json!([{ "value": key }]))
        .put("resultsInterpreter", obr.field(32).first().and_then(interpreter).map(|one| json!([one])))
        .put("conclusion", found.notes.map(Value::String))
        .put("presentedForm", Value::Array(found.attachments))
        .put("result", Value::Array(references));
    let resources = [vec![report.done()], found.observations].concat();
    let awaited = matches!(status, "registered" | "partial" | "preliminary");
    Ok(Item {
        identity: named.identity.clone(),
        kind: Pushed::Result,
        key,
        spell: spell::of_item(arrival, group),
        pushed: r4::checked(resources, name, awaited, false, "OBR")?,
        sent: spell::told_at(arrival),
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

/// HL7 table 0123 as `DiagnosticReport.status`.
fn status(code: Option<&str>) -> &'static str {
    match code {
        Some("F") => "final",
        Some("C") => "corrected",
        Some("X") => "cancelled",
        Some("P" | "R") => "preliminary",
        Some("A") => "partial",
        Some("O" | "I" | "S") => "registered",
        _ => "unknown",
    }
}
