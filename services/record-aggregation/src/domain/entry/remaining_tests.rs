//! Holds the table of treatments to HL7's list of elements, and each treatment to what an entry then says.

#![allow(clippy::match_same_arms, reason = "a table: a line for each data type")]

use std::collections::BTreeMap;

use lcr_contracts::{identity::System, record::Entry};
use lcr_fhir::Item;
use serde_json::{Value, json};

use super::*;
use crate::domain::{entry, kind::Kind};

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

/// Choices that the table of `libs/fhir` leaves out, since no resource is refused because of them.
const CHOICES_NOT_CHECKED: [&str; 3] = [
    "Patient.multipleBirth[x]",
    "Immunization.protocolApplied.seriesDoses[x]",
    "MedicationRequest.reported[x]",
];

fn blocks() -> Vec<&'static str> {
    RULES.0.keys().copied().filter(|block| *block != "*").collect()
}

#[test]
fn every_element_of_every_type_we_read_has_a_treatment() {
    let hl7 = hl7();
    for kind in Kind::ALL {
        assert!(RULES.0.contains_key(kind.fhir()), "{} has no block", kind.fhir());
    }
    for block in blocks() {
        for (name, _) in &hl7[block] {
            assert!(RULES.of(block, name).is_some(), "{block}.{name} has no treatment");
        }
    }
}

#[test]
fn the_table_names_no_element_that_hl7_does_not() {
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
fn what_is_said_to_be_shown_is_shown_and_what_is_left_out_is_named() {
    let hl7 = hl7();
    let mut wrong = vec![];
    for kind in Kind::ALL {
        check(*kind, kind.fhir(), &[], &hl7, &mut wrong);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Tries every element of a block, alone, in an otherwise plain item.
fn check(kind: Kind, block: &'static str, path: &[&'static str], hl7: &Elements, wrong: &mut Vec<String>) {
    for (name, types) in &hl7[block] {
        let rule = RULES.of(block, name).unwrap();
        let in_every_type = RULES.0["*"].contains_key(name) && !RULES.0[block].contains_key(name);
        if in_every_type {
            continue;
        }
        for of in types {
            let field = chosen(name, of);
            let mut place = path.to_vec();
            place.push(field);
            if let Some(parts) = rule.parts {
                check(kind, parts, &place, hl7, wrong);
                continue;
            }
            let sample = sample(&place, of);
            let with = read(kind, &with(kind, &place, &sample));
            let without = read(kind, &with_parent(kind, &place));
            if let Some(why) = differs_from(rule.treatment, with.as_ref(), without.as_ref()) {
                wrong.push(format!("{}.{} ({of}): {why}", kind.fhir(), place.join(".")));
            }
        }
    }
}

/// Why an entry is not treated as the table says.
fn differs_from(treatment: Treatment, with: Option<&Entry>, without: Option<&Entry>) -> Option<String> {
    let (Some(with), Some(without)) = (with, without) else {
        return (treatment != Treatment::Used && treatment != Treatment::Shown)
            .then(|| "no entry".to_owned());
    };
    let says_more = |label: &str| with.more.iter().any(|(one, _)| one == label);
    let core = |entry: &Entry| Entry { more: vec![], left_out: vec![], provenance: vec![], ..entry.clone() };
    match treatment {
        Treatment::Shown if core(with) == core(without) && with.more == without.more => {
            Some("is not shown".to_owned())
        }
        Treatment::More(label) if !says_more(label) => Some(format!("has no line {label}")),
        Treatment::LeftOut(label) if !with.left_out.iter().any(|one| one == label) => {
            Some("is not named".to_owned())
        }
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

/// A value of a data type that no plain item has.
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

/// The least that an item of each type must have to be listed.
fn plain(kind: Kind) -> Value {
    let mut item = json!({ "resourceType": kind.fhir(), "id": "1" });
    let more = match kind {
        Kind::MedicationRequest => json!({ "status": "active", "intent": "order" }),
        Kind::MedicationStatement | Kind::Flag | Kind::ServiceRequest => json!({ "status": "active" }),
        Kind::Observation | Kind::DiagnosticReport => json!({ "status": "final" }),
        Kind::DocumentReference => json!({ "status": "current" }),
        Kind::Appointment => json!({ "status": "booked" }),
        Kind::Encounter => json!({ "status": "finished" }),
        Kind::Procedure | Kind::Immunization => json!({ "status": "completed" }),
        Kind::CarePlan => json!({ "status": "active", "intent": "plan" }),
        _ => json!({}),
    };
    item.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    item
}

/// What stands beside an element for it to mean anything.
fn beside(kind: Kind, place: &[&str]) -> Value {
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
        ["statusReason"] if kind == Kind::Immunization => json!({ "status": "not-done" }),
        _ => json!({}),
    }
}

fn listed(field: &str, value: Value) -> Value {
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

fn with(kind: Kind, place: &[&str], sample: &Value) -> Value {
    let (last, parents) = place.split_last().unwrap();
    let mut inner = beside(kind, place);
    let many = matches!((kind, *last, place.len()), (Kind::Encounter | Kind::Appointment, "type", 1));
    inner[*last] = if many { json!([sample]) } else { one_or_list(kind, place, sample.clone()) };
    place_in(kind, parents, inner)
}

/// Whether the element is a list depends on its type: `performer` of a prescription is one, of a result many.
fn one_or_list(kind: Kind, place: &[&str], sample: Value) -> Value {
    let single = matches!(
        (kind, place),
        (Kind::MedicationRequest, ["performer" | "location"] | [.., "dispenseRequest", "performer"])
            | (Kind::MedicationStatement, ["category"])
            | (Kind::Procedure, ["category" | "location"])
            | (Kind::Immunization, ["location"])
            | (Kind::CarePlan | Kind::Flag, ["author"])
            | (Kind::CarePlan, [.., "detail", "location"])
            | (Kind::Encounter, ["location", "location"])
    );
    if single { sample } else { listed(place.last().unwrap(), sample) }
}

fn with_parent(kind: Kind, place: &[&str]) -> Value {
    let parents = &place[..place.len() - 1];
    let beside = beside(kind, place);
    if parents.is_empty() || beside == json!({}) { plain(kind) } else { place_in(kind, parents, beside) }
}

fn place_in(kind: Kind, parents: &[&str], inner: Value) -> Value {
    let mut value = inner;
    for (at, parent) in parents.iter().enumerate().rev() {
        let mut outer = beside(kind, &parents[..=at]);
        outer[*parent] = one_or_list(kind, &parents[..=at], value);
        value = outer;
    }
    let mut item = plain(kind);
    item.as_object_mut().unwrap().extend(value.as_object().unwrap().clone());
    item
}

fn read(kind: Kind, value: &Value) -> Option<Entry> {
    let system: System = serde_json::from_value(json!({
        "id": "gp", "name": "Practice", "organisation": "A1", "base_url": "", "kind": "gp", "authority": false, "discreet": false,
        "datasets": {}, "rhythm": "real-time", "default_practice": null, "suspended": false, "feed": null }))
    .unwrap();
    entry::read_item(kind, &Item::kept(value.clone()), &system, jiff::Timestamp::UNIX_EPOCH)
        .entries
        .into_iter()
        .next()
}

#[test]
fn what_no_standard_names_is_told_by_its_own_name() {
    let odd = json!({ "resourceType": "Flag", "wasNotTaken": true, "_code": { "extension": [{ "url": "urn:remark" }] },
        "extension": [{ "url": "https://fhir.hl7.org.uk/StructureDefinition/Extension-UKCore-BodySiteReference", "valueReference": { "display": "Left arm" } },
            { "url": "urn:nested", "extension": [{ "url": "part" }] }] });
    let rest = remaining(&odd, &odd);
    assert_eq!(rest.more, [("Body site reference".to_owned(), "Left arm".to_owned())]);
    let mut left_out = rest.left_out;
    left_out.sort();
    assert_eq!(left_out, ["A remark on code", "Nested", "Was not taken"]);
}

#[test]
fn prose_that_adds_to_the_elements_is_named() {
    let with =
        |status: &str| json!({ "resourceType": "Flag", "text": { "status": status, "div": "<div>…</div>" } });
    assert_eq!(remaining(&with("generated"), &with("generated")), Remaining::default());
    assert_eq!(remaining(&with("additional"), &with("additional")).left_out, ["Prose beside the item"]);
}
