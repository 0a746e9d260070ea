//! Tests of `subject.rs`.

use serde_json::json;

use super::*;

const NHS: &str = "https://fhir.nhs.uk/Id/nhs-number";

fn ids() -> PersonIds {
    PersonIds {
        local_id: "7".into(),
        local_ids: BTreeSet::from(["7".into(), "8".into()]),
        nhs_numbers: BTreeSet::from([NhsNumber::parse("9990000018").unwrap()]),
    }
}

fn flag(more: &Value) -> Item {
    let mut value = json!({ "resourceType": "Flag", "id": "1", "status": "active", "code": { "text": "Falls" } });
    value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    Item::from_trusted(value)
}

#[test]
fn an_item_is_the_persons_only_if_it_names_them() {
    let other = |id: &str| Subject::OtherPatient(id.to_owned());
    let reference = |text: &str| json!({ "subject": { "reference": text } });
    let number = |value: &str| json!({ "subject": { "identifier": { "system": NHS, "value": value } } });
    let cases = [
        (reference("Patient/7"), Subject::Person),
        (reference("Patient/8"), Subject::Person),
        (reference("Patient/7/_history/2"), Subject::Person),
        (reference("https://fhir.example.org/R4/Patient/7"), Subject::Person),
        (reference("Patient/9"), other("9")),
        (reference("https://fhir.example.org/R4/Patient/77"), other("77")),
        (reference("Group/7"), Subject::NotNamed),
        (reference("urn:uuid:0b7e"), Subject::NotNamed),
        (reference("Patient/"), Subject::NotNamed),
        (number("999 000 0018"), Subject::Person),
        (number("9990000026"), Subject::OtherNumber),
        (number("12"), Subject::NotNamed),
        (json!({ "subject": { "identifier": { "system": "urn:mrn", "value": "7" } } }), Subject::NotNamed),
        (json!({ "subject": { "display": "SMITH" } }), Subject::NotNamed),
        (json!({}), Subject::NotNamed),
        (
            json!({ "subject": { "reference": "#p" }, "contained": [{ "resourceType": "Patient", "id": "p",
                    "identifier": [{ "system": NHS, "value": "9990000018" }] }] }),
            Subject::Person,
        ),
        (json!({ "subject": { "reference": "#p" } }), Subject::NotNamed),
        (
            json!({ "participant": [{ "actor": { "reference": "Practitioner/9" } },
                    { "actor": { "reference": "Patient/7" } }] }),
            Subject::Person,
        ),
        (json!({ "participant": [{ "actor": { "reference": "Patient/9" } }] }), other("9")),
        (json!({ "participant": [{ "actor": { "reference": "Practitioner/9" } }] }), Subject::NotNamed),
    ];
    for (more, subject) in cases {
        assert_eq!(subject_of(&flag(&more), &ids()), subject, "{more}");
    }
    let unnumbered = PersonIds { nhs_numbers: BTreeSet::new(), ..ids() };
    assert_eq!(subject_of(&flag(&number("9990000018")), &unnumbered), Subject::NotNamed);
}

#[test]
fn only_a_reference_within_the_source_names_its_own_patient() {
    let system = crate::testing::system("community", "community", "https://fhir.example.org/R4/");
    let own = ["Patient/7", "Patient/7/_history/2", "https://fhir.example.org/R4/Patient/7"];
    for reference in own {
        assert_eq!(own_patient_id(&system, reference), Some("7"), "{reference}");
    }
    let others = [
        "https://other.example/R4/Patient/7",
        "https://fhir.example.org/R4/x/Patient/7",
        "https://fhir.example.org/R4.evil/Patient/7",
        "/Patient/7",
        "Patient/",
        "Patient/7/Patient/8",
        "Group/7",
        "#7",
    ];
    for reference in others {
        assert_eq!(own_patient_id(&system, reference), None, "{reference}");
    }
}

#[test]
fn a_patient_with_a_new_id_must_prove_to_be_the_requested_person() {
    let patient = |more: Value| {
        let mut value = json!({ "resourceType": "Patient", "id": "new" });
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        value
    };
    for (more, same) in [
        (json!({ "link": [{ "type": "replaces", "other": { "reference": "Patient/7" } }] }), true),
        (json!({ "link": [{ "type": "replaces", "other": { "reference": "Patient/9" } }] }), false),
        (json!({ "identifier": [{ "system": "urn:mrn", "value": "7", "use": "old" }] }), true),
        (json!({ "identifier": [{ "system": NHS, "value": "999-000-0018" }] }), true),
        (json!({ "identifier": [{ "system": NHS, "value": "9990000026" }] }), false),
        (json!({}), false),
    ] {
        assert_eq!(is_same_person(&patient(more.clone()), &ids()), same, "{more}");
    }
}
