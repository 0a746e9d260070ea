//! Compares the table of treatments with HL7's list of elements, and each treatment with the entry it leads to.

#![allow(clippy::match_same_arms, reason = "a table: a line for each data type")]

use std::collections::BTreeMap;

use lcr_contracts::{record::Entry, registry::System};
use lcr_fhir::Item;
use serde_json::{Value, json};

use super::*;
use crate::domain::{entry, resource_type::ResourceType};
use samples::{chosen, differs_from, read, sample, with, with_parent};

#[path = "other_elements_tests/samples.rs"]
mod samples;

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
