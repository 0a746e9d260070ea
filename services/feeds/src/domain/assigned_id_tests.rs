//! Tests of local ids: no NHS number may become one in clear, however it is written, and one number has one hash.

use jiff::Timestamp;
use lcr_model::LocalId;
use proptest::prelude::*;
use serde_json::{Value, json};

use crate::domain::{
    MappedEvent, MappingResult, Mentions, PatientUpdate, StayKey, System, bundle,
    testing::{local_id_key, mapped_by, people, source, text},
};

#[path = "assigned_id_tests/hashes.rs"]
mod hashes;

const NUMBER: &str = "9990000018";
const OTHER: &str = "9990000026";

/// All local ids in a mapping.
fn local_ids(mapped: &[MappedEvent]) -> Vec<LocalId> {
    let mut all = Mentions::of_mapped(mapped).people;
    for one in mapped {
        match one {
            MappedEvent::Demographics(update) => {
                all.push(update.identity.local_id.clone());
                all.extend(update.replaces.clone());
            }
            MappedEvent::Encounter(key, message) => {
                all.push(message.identity.local_id.clone());
                if let StayKey::Renumbered { from, .. } = key {
                    all.push(from.clone());
                }
            }
            MappedEvent::Item(item) => {
                all.push(item.identity.local_id.clone());
                all.extend(item.pushed.resources.iter().filter_map(subject));
            }
            MappedEvent::Withdrawal(one) => all.extend(one.person.clone()),
            MappedEvent::CareLink(one) => all.extend([one.identity.local_id.clone(), LocalId(one.key.clone())]),
            MappedEvent::CareList(list) => all.extend(list.members.keys().cloned()),
            MappedEvent::CareLinkDeletion(_) => {}
        }
    }
    all
}

fn subject(resource: &Value) -> Option<LocalId> {
    let reference = resource["subject"]["reference"].as_str()?;
    Some(LocalId(reference.strip_prefix("Patient/").unwrap_or(reference).to_owned()))
}

/// The local ids of a mapping. Fails if one contains an NHS number.
fn checked_local_ids(mapping: MappingResult) -> Vec<LocalId> {
    let ids = local_ids(&mapping.unwrap_or_default());
    for id in &ids {
        let digits: String = id.0.chars().filter(char::is_ascii_digit).collect();
        assert!(!digits.contains(NUMBER) && !digits.contains(OTHER), "an NHS number left as a local id: {}", id.0);
    }
    ids
}

fn hospital() -> System {
    source(&[("PAS", "Z9H01")])
}

fn person(system: &System, kind: &str, segments: &[&str]) -> PatientUpdate {
    people(mapped_by(system, &text(kind, segments))).remove(0)
}

/// The number in different spellings and under different authorities.
fn written(number: &'static str) -> impl Strategy<Value = String> {
    let separator = prop::sample::select(vec!["", " ", "-", ".", "  ", " - "]);
    let around = prop::sample::select(vec![("", ""), ("NHS", ""), ("H", "A"), (" ", " "), ("", "-01"), ("MRN ", "")]);
    (separator, around).prop_map(move |(between, (before, after))| {
        let (one, rest) = number.split_at(3);
        let (two, three) = rest.split_at(3);
        format!("{before}{one}{between}{two}{between}{three}{after}")
    })
}

fn authority() -> impl Strategy<Value = &'static str> {
    prop::sample::select(vec!["", "^^^Z9H01^MR", "^^^RXX^MR", "^^^NHS^NH", "^^^NHS", "^^^SGH^PI", "^^^9990000018^MR"])
}

proptest! {
    #[test]
    fn no_nhs_number_leaves_as_a_local_id_of_a_message(
        (own, other) in (written(NUMBER), written(OTHER)),
        (of_own, of_other) in (authority(), authority()),
        beside in prop::sample::select(vec!["", "~9990000018^^^NHS^NH", "~4711^^^RXX^MR"]),
        (field, anybody) in (prop::sample::select(vec![2, 3, 4]), any::<bool>()),
        (kind, more) in prop::sample::select(vec![
            ("ADT^A01", "PV1|1|I|W1^1^1^Z9H01"), ("ADT^A08", "PV1|1|I|||||||||||||||||V1"), ("ADT^A40", ""),
            ("ADT^A45", "PV1|1|I|||||||||||||||||V1"), ("ORU^R01", "OBR|1||F1|T^Test^L|||20261120080000"),
            ("MDM^T02", "TXA|1|CN|TX|20261120||||||||D1"), ("ADT^A43", ""), ("ADT^A99", ""),
        ]),
    ) {
        let system = if anybody { source(&[]) } else { hospital() };
        let pid = format!("PID|1{}{own}{of_own}{beside}|||Ashdown", "|".repeat(field - 1));
        let mrg = if field == 4 { format!("MRG||||{other}{of_other}") } else { format!("MRG|{other}{of_other}") };
        let segments = [pid.as_str(), mrg.as_str(), more];
        checked_local_ids(mapped_by(&system, &text(kind, &segments)));
    }

    #[test]
    fn no_nhs_number_leaves_as_a_local_id_of_a_bundle(
        own in written(NUMBER),
        system in prop::sample::select(vec!["https://fhir.nhs.uk/Id/nhs-number", "https://st-hildas/mrn", ""]),
        is_id in any::<bool>(),
        anybody in any::<bool>(),
    ) {
        let registered = if anybody { source(&[]) } else { hospital() };
        let id: String = own.chars().filter(|one| one.is_ascii_alphanumeric() || *one == '-').collect();
        let mut patient = json!({ "resourceType": "Patient", "id": if is_id { id } else { "p".to_owned() } });
        if !is_id {
            patient["identifier"] = json!([{ "system": system, "value": own }]);
        }
        let report = json!({ "resourceType": "DiagnosticReport", "id": "r", "status": "final", "code": { "text": "Test" },
            "subject": { "reference": format!("Patient/{}", patient["id"].as_str().unwrap()) } });
        let bundle = json!({ "resourceType": "Bundle", "type": "collection",
            "entry": [{ "resource": patient }, { "resource": report }] });
        let arrival = bundle::BundleArrival { system: &registered, received: Timestamp::UNIX_EPOCH, content: "c",
            control_id: "1", local_id_key: &local_id_key() };
        let mapped = bundle::map(&arrival, &bundle);
        prop_assert!(!checked_local_ids(mapped).is_empty());
    }

    #[test]
    fn no_nhs_number_leaves_as_the_person_or_the_key_of_evidence(
        own in written(NUMBER),
        system in prop::sample::select(vec!["https://fhir.nhs.uk/Id/nhs-number", "https://st-hildas/mrn", ""]),
        anybody in any::<bool>(),
    ) {
        let registered = if anybody { source(&[]) } else { hospital() };
        let who = json!({ "identifier": { "system": system, "value": own } });
        let episode = json!({ "resourceType": "EpisodeOfCare", "id": own, "status": "active", "patient": who });
        let group = json!({ "resourceType": "Group", "id": "g", "type": "person", "actual": true,
            "member": [{ "entity": who }] });
        let bundle = json!({ "resourceType": "Bundle", "type": "collection",
            "entry": [{ "resource": episode }, { "resource": group }] });
        let arrival = bundle::BundleArrival { system: &registered, received: Timestamp::UNIX_EPOCH, content: "c",
            control_id: "1", local_id_key: &local_id_key() };
        let ids = checked_local_ids(bundle::map(&arrival, &bundle));
        prop_assert!(ids.len() >= 2, "the episode and the list name a person");
    }
}
