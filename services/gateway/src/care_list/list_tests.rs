//! Tests of `list.rs`.

use lcr_model::PersonId;
use uuid::Uuid;

use super::*;

fn person(kind: CareLinkKind, from: Option<&str>, until: Option<&str>) -> PersonInCare {
    let at = |text: &str| text.parse().unwrap();
    PersonInCare { person: PersonId(Uuid::from_u128(7)), kind, team: None, from: from.map(at), until: until.map(at) }
}

#[test]
fn every_known_kind_is_on_the_home_page_once() {
    let all: std::collections::HashSet<_> = KINDS.iter().collect();
    assert!(all.len() == CareLinkKind::KNOWN.len() && CareLinkKind::KNOWN.iter().all(|kind| all.contains(kind)));
}

#[test]
fn an_appointment_has_a_time_and_the_others_have_days() {
    let start = Some("2026-11-23T09:30:00Z");
    let words = |kind, until| when(&person(kind, start, until)).text().join(", ");
    assert_eq!(words(CareLinkKind::Appointment, None), "23-Nov-2026 09:30");
    assert_eq!(words(CareLinkKind::Caseload, None), "since 23-Nov-2026");
    let until = Some("2026-12-01T00:00:00Z");
    assert_eq!(words(CareLinkKind::Referral, until), "since 23-Nov-2026, until 01-Dec-2026");
    assert_eq!(when(&person(CareLinkKind::Resident, None, None)).text(), ["not sent"]);
}

#[test]
fn a_list_says_in_which_order_it_is() {
    let of = |kinds: &[CareLinkKind]| {
        let people: Vec<_> = kinds.iter().map(|kind| person(kind.clone(), None, None)).collect();
        caption(&people)
    };
    assert_eq!(of(&[CareLinkKind::Appointment]), "By time");
    assert_eq!(of(&[CareLinkKind::Caseload, CareLinkKind::Referral]), "The newest first");
    assert!(of(&[CareLinkKind::Appointment, CareLinkKind::Caseload]).starts_with("Appointments by time"));
}

#[test]
fn somebody_without_a_summary_is_left_out() {
    let table = care_table(&[person(CareLinkKind::Caseload, None, None)], &Names::new(), None);
    assert!(table.rows.is_empty() && table.columns.contains(&"List".into()));
}

#[test]
fn an_address_holds_a_kind_and_a_page_only() {
    assert_eq!(list_href(None, 1), "/people-in-care");
    assert_eq!(list_href(Some(&CareLinkKind::UrgentCase), 2), "/people-in-care?kind=urgent-case&page=2");
}
