//! Tests of `home.rs`.

use lcr_model::PersonId;
use uuid::Uuid;

use super::*;

#[test]
fn a_long_list_and_a_list_without_names_are_told_by_their_number() {
    let one = PersonInCare {
        person: PersonId(Uuid::from_u128(7)),
        kind: CareLinkKind::Caseload,
        team: None,
        from: None,
        until: None,
    };
    let list = |total| KindList { kind: CareLinkKind::Caseload, total, people: vec![one.clone()] };
    assert!(home_list(&list(11), Some(&Names::new())).people.is_err());
    assert!(home_list(&list(10), None).people.unwrap_err().contains("cannot be shown"));
    let shown = home_list(&list(10), Some(&Names::new()));
    assert!(shown.people.is_ok() && shown.similar.is_empty());
    assert_eq!((shown.heading, shown.href.as_str()), ("Your caseload", "/people-in-care?kind=caseload"));
}
