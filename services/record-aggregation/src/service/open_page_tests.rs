//! Tests of `open_page.rs`.

use std::collections::BTreeSet;

use lcr_model::{Dataset, OdsCode, PersonId, Relationship, SourceId, permit::Hide};

use super::*;

fn grant(sharing: Option<&str>) -> PersonGrant {
    PersonGrant {
        person: PersonId(uuid::Uuid::nil()),
        index_version: 1,
        epoch: 1,
        relationship: None,
        grants: BTreeSet::new(),
        withheld: vec![],
        clearances: BTreeSet::new(),
        hide: BTreeSet::new(),
        sharing: sharing.map(|source| BTreeSet::from([SourceId::new(source)])),
        labels: BTreeSet::new(),
        dataset_labels: BTreeSet::new(),
        closed_units: BTreeSet::new(),
    }
}

#[test]
fn a_page_under_another_relationship_is_sent_again() {
    let organisation = "Beckside Surgery".to_owned();
    let registered = PersonGrant {
        relationship: Some(Relationship::RegisteredPractice { organisation: organisation.clone() }),
        ..grant(None)
    };
    let formerly = PersonGrant { relationship: Some(Relationship::FormerPractice { organisation }), ..grant(None) };
    assert!(shows_the_same(&registered, &registered));
    assert!(!shows_the_same(&formerly, &registered));
    assert!(!shows_the_same(&grant(None), &registered));
}

#[test]
fn a_unit_that_is_switched_on_or_off_changes_the_page() {
    let unit = (SourceId::new("gp"), Dataset::Results, OdsCode::new("Y90001"));
    let closed = PersonGrant { closed_units: BTreeSet::from([unit]), ..grant(None) };
    assert!(shows_the_same(&closed, &closed));
    assert!(!shows_the_same(&closed, &grant(None)) && !shows_the_same(&grant(None), &closed));
}

#[test]
fn the_sources_that_share_are_compared_only_if_both_decisions_name_them() {
    let cases = [(None, Some("gp"), true), (Some("gp"), None, true), (Some("gp"), Some("gp"), true)];
    for (now, before, same) in cases.into_iter().chain([(Some("gp"), Some("lab"), false)]) {
        assert_eq!(shows_the_same(&grant(now), &grant(before)), same, "{now:?} after {before:?}");
    }
    let hides = PersonGrant { hide: BTreeSet::from([Hide::Location]), ..grant(None) };
    assert!(!shows_the_same(&hides, &grant(Some("gp"))));
}
