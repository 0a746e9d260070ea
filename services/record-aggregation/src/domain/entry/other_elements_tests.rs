//! Compares the table of treatments with HL7's list of elements, and each treatment with the entry it leads to.

#![allow(clippy::match_same_arms, reason = "a table: a line for each data type")]

use std::collections::BTreeMap;

use lcr_contracts::{record::Entry, registry::System};
use lcr_fhir::Item;
use serde_json::{Value, json};

use super::*;
use crate::domain::{entry, resource_type::ResourceType};

/// HL7's elements of each type, with their data types.
type Elements = BTreeMap<&'static str, Vec<(&'static str, Vec<&'static str>)>>;

fn hl7() -> Elements {
    let mut all = Elements::new();
    let mut block = "";
    for line in include_str!("../../../../../libs/fhir/r4/elements.txt").lines() {
        match line.strip_prefix("  ") {
            _ if line.starts_with(['#', '=']) => {}
            Some(element) => {
                let mut words = element.split(' ');
                let name = words.next().unwrap().trim_end_matches(['!', '*', '+']);
                all.entry(block).or_default().push((name, words.collect()));
            }
            None => block = line,
        }
    }
    all
}

/// Choices that the table of `libs/fhir` lacks, because no resource is refused because of them.
const CHOICES_NOT_CHECKED: [&str; 3] =
    ["Patient.multipleBirth[x]", "Immunization.protocolApplied.seriesDoses[x]", "MedicationRequest.reported[x]"];

fn blocks() -> Vec<&'static str> {
    RULES.0.keys().copied().filter(|block| *block != "*").collect()
}

#[test]
fn every_element_of_every_type_we_read_has_a_treatment() {
    let hl7 = hl7();
    for resource_type in ResourceType::ALL {
        assert!(RULES.0.contains_key(resource_type.as_str()), "{} has no block", resource_type.as_str());
    }
    for block in blocks() {
        for (name, _) in &hl7[block] {
            assert!(RULES.find(block, name).is_some(), "{block}.{name} has no treatment");
        }
    }
}

#[test]
fn the_table_has_no_element_unknown_to_hl7() {
    let hl7 = hl7();
    for block in blocks() {
        for name in RULES.0[block].keys() {
            let known = hl7[block].iter().any(|(element, _)| element == name);
            let not_checked = CHOICES_NOT_CHECKED.contains(&format!("{block}.{name}").as_str());
            assert!(known || not_checked, "{block}.{name} is no element");
        }
    }
}

#[test]
fn shown_elements_are_shown_and_omitted_ones_are_named() {
    let hl7 = hl7();
    let mut wrong = vec![];
    for resource_type in ResourceType::ALL {
        check(*resource_type, resource_type.as_str(), &[], &hl7, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Tries every element of a block alone in an otherwise minimal item.
fn check(
    resource_type: ResourceType,
    block: &'static str,
    path: &[&'static str],
    hl7: &Elements,
    wrong: &mut Vec<String>,
) {
    for (name, types) in &hl7[block] {
        let rule = RULES.find(block, name).unwrap();
        let in_every_type = RULES.0["*"].contains_key(name) && !RULES.0[block].contains_key(name);
        if in_every_type {
            continue;
        }
        for of in types {
            let field = chosen(name, of);
            let mut place = path.to_vec();
            place.push(field);
            if let Some(parts) = rule.parts {
                check(resource_type, parts, &place, hl7, wrong);
                continue;
            }
            let sample = sample(&place, of);
            let with = read(resource_type, &with(resource_type, &place, &sample));
            let without = read(resource_type, &with_parent(resource_type, &place));
            if let Some(why) = differs_from(rule.treatment, with.as_ref(), without.as_ref()) {
                wrong.push(format!("{}.{} ({of}): {why}", resource_type.as_str(), place.join(".")));
            }
        }
    }
}

/// Why an entry does not match the treatment in the table.
fn differs_from(treatment: Treatment, with: Option<&Entry>, without: Option<&Entry>) -> Option<String> {
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

fn chosen(name: &'static str, of: &str) -> &'static str {
    let Some(base) = name.strip_suffix("[x]") else { return name };
    let (first, rest) = of.split_at(1);
    format!("{base}{}{rest}", first.to_ascii_uppercase()).leak()
}

/// A value of a data type that no minimal item has.
fn sample(place: &[&str], of: &str) -> Value {
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

fn with(resource_type: ResourceType, place: &[&str], sample: &Value) -> Value {
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

fn with_parent(resource_type: ResourceType, place: &[&str]) -> Value {
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

fn read(resource_type: ResourceType, value: &Value) -> Option<Entry> {
    let system: System = serde_json::from_value(json!({
        "id": "gp", "name": "Practice", "organisation": "A1", "base_url": "", "kind": "gp", "authority": false, "discreet": false,
        "datasets": {}, "rhythm": "real-time", "default_practice": null, "suspended": false, "feed": null }))
    .unwrap();
    entry::read_item(resource_type, &Item::from_trusted(value.clone()), &system, jiff::Timestamp::UNIX_EPOCH)
        .entries
        .into_iter()
        .next()
}

#[test]
fn unknown_elements_and_extensions_are_named() {
    let odd = json!({ "resourceType": "Flag", "wasNotTaken": true, "_code": { "extension": [{ "url": "urn:remark" }] },
        "extension": [{ "url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-BodySiteReference", "valueReference": { "display": "Left arm" } },
            { "url": "urn:nested", "extension": [{ "url": "part" }] }] });
    let other = read_other_elements(&odd, &odd);
    assert_eq!(other.more, [("Body site reference".to_owned(), "Left arm".to_owned())]);
    let mut left_out = other.left_out;
    left_out.sort();
    assert_eq!(left_out, ["A remark on code", "Nested", "Was not taken"]);
}

#[test]
fn additional_narrative_is_named_as_left_out() {
    let with = |status: &str| json!({ "resourceType": "Flag", "text": { "status": status, "div": "<div>…</div>" } });
    assert_eq!(read_other_elements(&with("generated"), &with("generated")), OtherElements::default());
    assert_eq!(read_other_elements(&with("additional"), &with("additional")).left_out, ["Prose beside the item"]);
}
