//! Tests of names, unknown values and protected places in the banner.

use jiff::civil::date;
use lcr_contracts::record::Entry;
use lcr_model::{NhsNumber, PersonId, SourceState};

use super::*;
use crate::record::test_records::{self, record, source};

fn patient() -> PatientSummary {
    PatientSummary {
        id: PersonId::new(),
        nhs_number: NhsNumber::parse("9434765919").ok(),
        family: "Smith".into(),
        given: "Fredrica".into(),
        title: Some("Mrs".into()),
        birth_date: Some(date(1945, 7, 14)),
        sex: "female".into(),
        died: false,
        location_protected: false,
        address: Some("12 Elm Road, LS6 2AB".into()),
        address_withheld: false,
        matched_on: String::new(),
    }
}

fn now() -> Timestamp {
    "2026-11-21T14:05:02Z".parse().unwrap()
}

#[test]
fn the_name_line_follows_the_standard() {
    let banner = banner(&patient(), None, now());
    assert_eq!((banner.name.as_str(), banner.initials.as_str()), ("SMITH, Fredrica (Mrs)", "FS"));
    assert_eq!((banner.born.as_str(), banner.age.as_deref()), ("14-Jul-1945", Some("81y")));
    assert_eq!((banner.gender, banner.nhs_number.as_str()), ("Female", "943 476 5919"));
}

#[test]
fn unknown_values_read_not_known() {
    let bare =
        PatientSummary { birth_date: None, nhs_number: None, sex: "x".into(), address: None, title: None, ..patient() };
    let banner = banner(&bare, None, now());
    assert_eq!([banner.born.as_str(), banner.gender, &banner.nhs_number, &banner.contact.address], ["Not known"; 4]);
    assert_eq!(banner.name, "SMITH, Fredrica");
}

#[test]
fn what_a_source_may_still_tell_is_not_known_yet() {
    for (state, words) in [(SourceState::Asking, "Not known yet: still asking"), (SourceState::NoData, "Not known")] {
        let record = record(vec![source("GP", "gp", &[(Dataset::Demographics, state)])], vec![]);
        let banner = banner(&patient(), Some(&record), now());
        assert_eq!([banner.contact.phones.as_str(), banner.contact.practice.as_str()], [words; 2]);
        assert_eq!(banner.contact.address, "12 Elm Road, LS6 2AB", "the index knows it");
    }
}

#[test]
fn a_protected_place_is_never_shown_even_if_it_was_sent() {
    let banner = banner(&PatientSummary { location_protected: true, ..patient() }, None, now());
    assert_eq!(
        [&banner.contact.address, &banner.contact.phones, &banner.contact.practice].map(String::as_str),
        [PROTECTED; 3]
    );
}

#[test]
fn a_person_who_died_has_an_age_at_death_only() {
    let banner = banner(&PatientSummary { died: true, ..patient() }, None, now());
    assert_eq!(banner.age, None);
    let died = banner.died.unwrap();
    assert_eq!((died.date.as_str(), died.age.as_str()), ("date not known", "Not known"));
}

#[test]
fn what_the_authority_restricts_is_protected_before_the_index_knows() {
    let demographics = Demographics { restricted: true, address: Some("3 Hidden Garth".into()), ..Default::default() };
    let mut entry = test_records::entry("Details", "Authority", "", Detail::Demographics(Box::new(demographics)));
    let restricted_by = |kind: SystemKind, entry: &mut Entry| {
        entry.provenance.iter_mut().for_each(|one| one.kind = kind.clone());
        let record = record(vec![], vec![(Dataset::Demographics, vec![entry.clone()])]);
        banner(&patient(), Some(&record), now()).contact.address
    };
    assert_eq!(restricted_by(SystemKind::Authority, &mut entry), PROTECTED);
    assert_eq!(restricted_by(SystemKind::Hospital, &mut entry), "3 Hidden Garth", "only the authority restricts");
}
