//! A sample of each data type of HL7, and a resource that has it at one element.

use super::*;

/// Why an entry does not match the treatment in the table.
pub(super) fn differs_from(treatment: Treatment, with: Option<&Entry>, without: Option<&Entry>) -> Option<String> {
    let (Some(with), Some(without)) = (with, without) else {
        return (treatment != Treatment::Used && treatment != Treatment::Shown).then(|| "no entry".to_owned());
    };
    let says_more = |label: &str| with.more.iter().any(|(one, _)| one == label);
    let core = |entry: &Entry| Entry { more: vec![], left_out: vec![], provenance: vec![], ..entry.clone() };
    match treatment {
        Treatment::Shown if core(with) == core(without) && with.more == without.more => Some("is not shown".to_owned()),
        Treatment::More(label) if !says_more(label) => Some(format!("has no line {label}")),
        Treatment::LeftOut(label) if !with.left_out.iter().any(|one| one == label) => Some("is not named".to_owned()),
        Treatment::Shown | Treatment::Used | Treatment::Technical if with.left_out != without.left_out => {
            Some(format!("is named as left out: {:?}", with.left_out))
        }
        _ => None,
    }
}

pub(super) fn chosen(name: &'static str, of: &str) -> &'static str {
    let Some(base) = name.strip_suffix("[x]") else { return name };
    let (first, rest) = of.split_at(1);
    format!("{base}{}{rest}", first.to_ascii_uppercase()).leak()
}

/// A value of a data type that no minimal item has.
pub(super) fn sample(place: &[&str], of: &str) -> Value {
    let field = place.last().copied().unwrap_or_default();
    let zebra = json!({ "value": 77, "unit": "zebras" });
    match (field, of) {
        ("status", _) if place.len() > 1 => json!("cancelled"),
        ("status", _) => json!("unknown"),
        ("docStatus", _) => json!("amended"),
        ("dayOfWeek", _) => json!(["sun"]),
        ("when", _) => json!(["HS"]),
        ("periodUnit" | "durationUnit", _) => json!("wk"),
        ("offset", _) => json!(30),
        ("criticality", _) => json!("high"),
        ("severity", "code:reaction-event-severity") => json!("severe"),
        ("class", _) => json!({ "code": "EMER" }),
        ("clinicalStatus", _) => json!({ "coding": [{ "code": "resolved" }] }),
        ("verificationStatus", _) => json!({ "coding": [{ "code": "unconfirmed" }] }),
        ("interpretation", _) => json!([{ "text": "Zebra" }]),
        ("courseOfTherapyType", _) => json!({ "coding": [{ "code": "continuous" }] }),
        ("generalPractitioner", _) => json!([{ "display": "Zebra" }]),
        ("contact", _) => json!([{ "name": { "text": "Zebra" } }]),
        ("name", "HumanName") => json!([{ "family": "Zebra" }]),
        ("birthDate", _) => json!("1999-12-31"),
        ("gender", _) => json!("other"),
        ("participant", _) => json!([]),
        (_, "boolean") => json!(true),
        (_, "integer" | "positiveInt" | "unsignedInt" | "decimal") => json!(77),
        (_, "date") => json!("1999-12-31"),
        (_, "dateTime" | "instant") => json!("1999-12-31T10:00:00Z"),
        (_, "time") => json!("07:07:07"),
        (_, "CodeableConcept") => json!({ "text": "Zebra" }),
        (_, "Coding") => json!({ "display": "Zebra" }),
        (_, "Reference") => json!({ "display": "Zebra" }),
        (_, "Quantity" | "Age" | "Duration" | "Count" | "Distance") => zebra,
        (_, "Range") => json!({ "low": zebra, "high": zebra }),
        (_, "Ratio") => json!({ "numerator": zebra, "denominator": { "value": 3, "unit": "h" } }),
        (_, "Period") => json!({ "start": "1999-12-30", "end": "1999-12-31" }),
        (_, "Timing") => json!({ "event": ["1999-12-31"] }),
        (_, "SampledData") => {
            json!({ "origin": { "value": 0 }, "period": 1, "dimensions": 1, "data": "1 2 3" })
        }
        (_, "Annotation") => json!([{ "text": "Zebra" }]),
        (_, "Identifier") => json!({ "value": "Zebra" }),
        (_, "ContactPoint") => json!([{ "value": "Zebra" }]),
        (_, "Address") => json!([{ "text": "Zebra" }]),
        (_, "Attachment") => json!({ "title": "Zebra", "data": "Wg==" }),
        (_, "Money") => json!({ "value": 77 }),
        (_, named) if named.starts_with(char::is_uppercase) => json!({ "text": "Zebra" }),
        _ => json!("Zebra"),
    }
}

/// The minimal item of each type that is listed.
fn minimal(resource_type: ResourceType) -> Value {
    let mut item = json!({ "resourceType": resource_type.as_str(), "id": "1" });
    let more = match resource_type {
        ResourceType::MedicationRequest => json!({ "status": "active", "intent": "order" }),
        ResourceType::MedicationStatement | ResourceType::Flag | ResourceType::ServiceRequest => {
            json!({ "status": "active" })
        }
        ResourceType::Observation | ResourceType::DiagnosticReport => json!({ "status": "final" }),
        ResourceType::DocumentReference => json!({ "status": "current" }),
        ResourceType::Appointment => json!({ "status": "booked" }),
        ResourceType::Encounter => json!({ "status": "finished" }),
        ResourceType::Procedure | ResourceType::Immunization => json!({ "status": "completed" }),
        ResourceType::CarePlan => json!({ "status": "active", "intent": "plan" }),
        _ => json!({}),
    };
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    item
}

/// The sibling elements without which an element means nothing.
fn siblings(resource_type: ResourceType, place: &[&str]) -> Value {
    match place {
        [.., "dosageInstruction" | "dosage", _] => {
            json!({ "doseAndRate": [{ "doseQuantity": { "value": 1, "unit": "g" } }] })
        }
        [.., "repeat", "periodUnit"] => json!({ "period": 3, "frequency": 1 }),
        [.., "repeat", "periodMax"] => json!({ "period": 3, "frequency": 1, "periodUnit": "d" }),
        [.., "repeat", "period"] => json!({ "periodUnit": "d" }),
        [.., "repeat", "durationUnit"] => json!({ "duration": 3 }),
        [.., "repeat", "offset"] => json!({ "when": ["C"] }),
        [.., "referenceRange", "low" | "high" | "text"] => json!({}),
        [.., "referenceRange", _] => json!({ "low": { "value": 1 } }),
        [.., "component", "referenceRange" | "interpretation" | "dataAbsentReason"] => {
            json!({ "code": { "text": "Part" } })
        }
        [.., "reaction", "severity"] => json!({ "manifestation": [{ "text": "Rash" }] }),
        ["statusReason"] if resource_type == ResourceType::Immunization => json!({ "status": "not-done" }),
        _ => json!({}),
    }
}

fn wrap_in_list(field: &str, value: Value) -> Value {
    const LISTS: [&str; 40] = [
        "name",
        "telecom",
        "address",
        "communication",
        "category",
        "reaction",
        "manifestation",
        "note",
        "stage",
        "evidence",
        "code.list",
        "dosageInstruction",
        "dosage",
        "doseAndRate",
        "additionalInstruction",
        "event",
        "timeOfDay",
        "component",
        "referenceRange",
        "appliesTo",
        "interpretation",
        "participant",
        "performer",
        "location",
        "diagnosis",
        "activity",
        "progress",
        "reasonCode",
        "reasonReference",
        "presentedForm",
        "content",
        "author",
        "conclusionCode",
        "specialty",
        "serviceType",
        "protocolApplied",
        "relationship",
        "complication",
        "focus",
        "type.list",
    ];
    if value.is_array() || !LISTS.contains(&field) { value } else { json!([value]) }
}

pub(super) fn with(resource_type: ResourceType, place: &[&str], sample: &Value) -> Value {
    let (last, parents) = place.split_last().unwrap();
    let mut inner = siblings(resource_type, place);
    let many =
        matches!((resource_type, *last, place.len()), (ResourceType::Encounter | ResourceType::Appointment, "type", 1));
    inner[*last] = if many { json!([sample]) } else { one_or_list(resource_type, place, sample.clone()) };
    place_in(resource_type, parents, inner)
}

/// Wraps the sample in a list if the element is one in this type. `performer` is single in a prescription and a list in
/// a result.
fn one_or_list(resource_type: ResourceType, place: &[&str], sample: Value) -> Value {
    let single = matches!(
        (resource_type, place),
        (ResourceType::MedicationRequest, ["performer" | "location"] | [.., "dispenseRequest", "performer"])
            | (ResourceType::MedicationStatement, ["category"])
            | (ResourceType::Procedure, ["category" | "location"])
            | (ResourceType::Immunization, ["location"])
            | (ResourceType::CarePlan | ResourceType::Flag, ["author"])
            | (ResourceType::CarePlan, [.., "detail", "location"])
            | (ResourceType::Encounter, ["location", "location"])
    );
    if single { sample } else { wrap_in_list(place.last().unwrap(), sample) }
}

pub(super) fn with_parent(resource_type: ResourceType, place: &[&str]) -> Value {
    let parents = &place[..place.len() - 1];
    let siblings = siblings(resource_type, place);
    if parents.is_empty() || siblings == json!({}) {
        minimal(resource_type)
    } else {
        place_in(resource_type, parents, siblings)
    }
}

fn place_in(resource_type: ResourceType, parents: &[&str], inner: Value) -> Value {
    let mut value = inner;
    for (at, parent) in parents.iter().enumerate().rev() {
        let mut outer = siblings(resource_type, &parents[..=at]);
        outer[*parent] = one_or_list(resource_type, &parents[..=at], value);
        value = outer;
    }
    let mut item = minimal(resource_type);
    item.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
    item
}

pub(super) fn read(resource_type: ResourceType, value: &Value) -> Option<Entry> {
    let system: System = serde_json::from_value(json!({
        "id": "gp", "name": "Practice", "organisation": "A1", "base_url": "", "kind": "gp", "authority": false, "discreet": false,
        "datasets": {}, "rhythm": "real-time", "default_practice": null, "suspended": false, "feed": null }))
    .unwrap();
    entry::read_item(resource_type, &Item::from_trusted(value.clone()), &system, jiff::Timestamp::UNIX_EPOCH)
        .entries
        .into_iter()
        .next()
}
