//! Tests of `person.rs`.

use jiff::civil::date;
use lcr_contracts::patient_index::PatientSummary;
use uuid::Uuid;

use super::*;

fn summary(id: u128, birth_date: Option<Date>) -> PatientSummary {
    PatientSummary {
        id: PersonId(Uuid::from_u128(id)),
        nhs_number: None,
        family: "Smith".into(),
        given: "Fredrica".into(),
        title: None,
        birth_date,
        sex: "female".into(),
        died: false,
        location_protected: false,
        address: None,
        address_withheld: false,
        matched_on: String::new(),
    }
}

#[test]
fn only_one_person_with_the_birth_date_is_opened() {
    let born = date(1945, 7, 14);
    let found = |people: &[PatientSummary], more| SearchAnswer { people: people.to_vec(), more };
    let hers = summary(1, Some(born));
    assert_eq!(only_match(&found(std::slice::from_ref(&hers), false), born), Some(hers.id));
    assert_eq!(only_match(&found(std::slice::from_ref(&hers), false), date(1945, 7, 15)), None);
    assert_eq!(only_match(&found(std::slice::from_ref(&hers), true), born), None);
    assert_eq!(only_match(&found(&[hers, summary(2, Some(born))], false), born), None);
    assert_eq!(only_match(&found(&[summary(3, None)], false), born), None);
    assert_eq!(only_match(&found(&[], false), born), None);
}
