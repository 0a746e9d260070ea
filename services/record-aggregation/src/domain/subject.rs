//! Whose an item is: the asked person's, somebody else's, or not said. An item that does not say is nobody's.

use std::collections::BTreeSet;

use lcr_fhir::{Item, read};
use lcr_model::NhsNumber;
use serde_json::Value;

use super::person::is_nhs_number_system;

/// The person as one source may name them.
#[derive(Debug, Clone, Default)]
pub struct Who {
    /// The id asked with.
    pub local_id: String,
    /// Every id the source knows the person by.
    pub local_ids: BTreeSet<String>,
    pub numbers: BTreeSet<NhsNumber>,
}

/// Whose an item is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    Person,
    /// It names another Patient of the source: this id.
    OtherPatient(String),
    /// It names another person's NHS number.
    OtherNumber,
    /// It names no patient that can be read.
    NotNamed,
}

/// Whose `item` is, by its own id, its subject or patient, or an appointment's participants.
pub fn subject_of(item: &Item, who: &Who) -> Subject {
    let value = item.value();
    if item.resource_type() == "Patient" {
        return by_id(item.id(), who);
    }
    let named = ["subject", "patient"].iter().find_map(|path| read::at(value, path));
    if let Some(reference) = named {
        return named_by(value, reference, who);
    }
    // An appointment names its patient among the participants, and others beside.
    let actors = read::list(value, "participant").iter().filter_map(|one| read::at(one, "actor"));
    let subjects: Vec<Subject> = actors.map(|actor| named_by(value, actor, who)).collect();
    if subjects.contains(&Subject::Person) {
        return Subject::Person;
    }
    let other = subjects.into_iter().find(|subject| *subject != Subject::NotNamed);
    other.unwrap_or(Subject::NotNamed)
}

/// Whose a reference is: by its own id, by a contained Patient, or by an NHS number as identifier.
fn named_by(item: &Value, reference: &Value, who: &Who) -> Subject {
    let link = read::str_at(reference, "reference").unwrap_or_default();
    if let Some(id) = patient_id(link) {
        // Its own id and another person's number: nobody can say whose it is.
        let number = read::at(reference, "identifier").and_then(number_of);
        let contradicts =
            number.is_some_and(|number| !who.numbers.is_empty() && !who.numbers.contains(&number));
        return if contradicts { Subject::NotNamed } else { by_id(id, who) };
    }
    let contained = link.strip_prefix('#').and_then(|id| {
        read::list(item, "contained").iter().find(|one| {
            read::str_at(one, "id") == Some(id) && read::str_at(one, "resourceType") == Some("Patient")
        })
    });
    let identifiers = contained.map(|patient| read::list(patient, "identifier")).unwrap_or_default();
    let own = read::at(reference, "identifier");
    let numbers: Vec<NhsNumber> = own.into_iter().chain(identifiers).filter_map(number_of).collect();
    match numbers.as_slice() {
        [] => Subject::NotNamed,
        numbers if numbers.iter().any(|number| who.numbers.contains(number)) => Subject::Person,
        // Without a number of the person's own there is nothing to compare with.
        _ if who.numbers.is_empty() => Subject::NotNamed,
        _ => Subject::OtherNumber,
    }
}

/// The id in `Patient/id`, relative or absolute, with or without a version.
pub fn patient_id(reference: &str) -> Option<&str> {
    let mut segments = reference.split('/').rev().peekable();
    while let Some(id) = segments.next() {
        if segments.peek() == Some(&"Patient") {
            return Some(id).filter(|id| !id.is_empty());
        }
    }
    None
}

fn by_id(id: &str, who: &Who) -> Subject {
    if who.local_ids.contains(id) || who.local_id == id {
        Subject::Person
    } else {
        Subject::OtherPatient(id.to_owned())
    }
}

fn number_of(identifier: &Value) -> Option<NhsNumber> {
    let ours = read::str_at(identifier, "system").is_some_and(is_nhs_number_system);
    ours.then(|| NhsNumber::parse(read::str_at(identifier, "value")?).ok()).flatten()
}

/// Whether a Patient answered under another id says that it is the asked one: it links to the old id, carries it
/// as an identifier, or has the same NHS number.
pub fn is_same_person(patient: &Value, who: &Who) -> bool {
    let is_ours = |id: &str| who.local_id == id || who.local_ids.contains(id);
    let links = read::list(patient, "link").iter();
    let linked =
        links.filter_map(|link| read::str_at(link, "other.reference")).filter_map(patient_id).any(is_ours);
    let identifiers = || read::list(patient, "identifier").iter();
    let carried =
        identifiers().filter_map(|one| read::str_at(one, "value")).any(|value| is_ours(value.trim()));
    linked || carried || identifiers().filter_map(number_of).any(|number| who.numbers.contains(&number))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const NHS: &str = "https://fhir.nhs.uk/Id/nhs-number";

    fn who() -> Who {
        Who {
            local_id: "7".into(),
            local_ids: BTreeSet::from(["7".into(), "8".into()]),
            numbers: BTreeSet::from([NhsNumber::parse("9990000018").unwrap()]),
        }
    }

    fn flag(more: &Value) -> Item {
        let mut value =
            json!({ "resourceType": "Flag", "id": "1", "status": "active", "code": { "text": "Falls" } });
        value.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        Item::kept(value)
    }

    #[test]
    fn an_item_is_the_persons_only_where_it_says_so() {
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
            (
                json!({ "subject": { "identifier": { "system": "urn:mrn", "value": "7" } } }),
                Subject::NotNamed,
            ),
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
            assert_eq!(subject_of(&flag(&more), &who()), subject, "{more}");
        }
        let unnumbered = Who { numbers: BTreeSet::new(), ..who() };
        assert_eq!(subject_of(&flag(&number("9990000018")), &unnumbered), Subject::NotNamed);
    }

    #[test]
    fn a_patient_under_a_new_id_must_prove_that_it_is_the_old_one() {
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
            assert_eq!(is_same_person(&patient(more.clone()), &who()), same, "{more}");
        }
    }
}
