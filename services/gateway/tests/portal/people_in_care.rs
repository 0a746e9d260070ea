//! The people in the reader's care: short lists on the home page, the whole list in pages.

use std::sync::{Arc, Mutex};

use axum::http::{StatusCode, header};
use lcr_contracts::{FailureKind, care_list::PersonInCare};
use lcr_model::{CareLinkKind, PersonId};
use uuid::Uuid;

use crate::{
    browser::{get_as, visible_text},
    fakes::World,
    pages::assert_well_formed,
    sample::{ALBERT, FREDERICA, FREDRICA, at},
};

fn one(person: PersonId, kind: CareLinkKind) -> PersonInCare {
    PersonInCare {
        person,
        kind,
        team: Some("Beckside District Nursing".into()),
        from: Some(at("2026-11-23T09:30:00Z")),
        until: None,
    }
}

fn world(in_care: Vec<PersonInCare>) -> Arc<World> {
    Arc::new(World { in_care, ..World::default() })
}

fn many(kind: &CareLinkKind, people: u128) -> Vec<PersonInCare> {
    (0..people).map(|id| one(PersonId(Uuid::from_u128(1000 + id)), kind.clone())).collect()
}

#[tokio::test]
async fn a_short_list_has_names_on_the_home_page_in_one_call() {
    let world = world(vec![
        one(FREDRICA, CareLinkKind::Caseload),
        one(FREDERICA, CareLinkKind::Caseload),
        one(ALBERT, CareLinkKind::Appointment),
    ]);
    let page = get_as(&world, "community-nurse", "/home").await;
    assert_well_formed("/home", &page.text);
    let text = visible_text(&page.text);
    for expected in [
        "Your people Your caseload",
        "SMITH, Fredrica (Mrs)",
        "943 476 5919",
        "Beckside District Nursing",
        "since 23-Nov-2026",
        "have similar names",
        "Appointments",
        "23-Nov-2026 09:30",
    ] {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    assert!(page.text.contains(&format!("href=\"/people/{FREDRICA}\"")), "one click to the record");
    assert_eq!(world.named.lock().unwrap().as_slice(), [vec![FREDRICA, FREDERICA, ALBERT]]);
}

#[tokio::test]
async fn a_long_list_has_its_number_and_a_link_and_names_nobody() {
    let mut people = many(&CareLinkKind::Resident, 120);
    people.push(one(FREDRICA, CareLinkKind::UrgentCase));
    let world = world(people);
    let page = get_as(&world, "care-home", "/home").await.text;
    assert!(page.contains("href=\"/people-in-care?kind=resident\"") && page.contains("Show all 120"));
    assert!(visible_text(&page).contains("Open cases"));
    assert_eq!(world.named.lock().unwrap().as_slice(), [vec![FREDRICA]], "only the short list is named");
}

#[tokio::test]
async fn nobody_is_asked_for_without_people_or_without_a_list() {
    for (role, in_care) in [("gp", vec![]), ("privacy-officer", vec![one(FREDRICA, CareLinkKind::Referral)])] {
        let world = world(in_care);
        assert!(!get_as(&world, role, "/home").await.text.contains("Your people"), "{role}");
        assert!(world.named.lock().unwrap().is_empty(), "{role}");
    }
    let failure = Mutex::new(Some(FailureKind::Unavailable));
    let page = get_as(&Arc::new(World { failure, ..World::default() }), "gp", "/home").await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("We cannot show your people right now."));
}

#[tokio::test]
async fn the_whole_list_is_in_pages_of_fifty() {
    let mut people = many(&CareLinkKind::Caseload, 50);
    people.extend([one(FREDRICA, CareLinkKind::Caseload), one(ALBERT, CareLinkKind::Referral)]);
    let world = world(people);
    let path = "/people-in-care?kind=caseload";
    let first = get_as(&world, "community-nurse", path).await;
    assert_eq!(first.status, StatusCode::OK);
    assert!(first.text.contains("1 to 50 of 51") && first.text.contains("kind=caseload&#38;page=2"), "{}", first.text);
    assert!(first.text.contains("None of these people can be shown right now."));
    let second = visible_text(&get_as(&world, "community-nurse", &format!("{path}&page=2")).await.text);
    assert!(second.contains("SMITH, Fredrica (Mrs)") && second.contains("Previous page") && !second.contains("Albert"));
    let past = get_as(&world, "community-nurse", &format!("{path}&page=9")).await;
    assert_eq!(
        (past.status, past.header(header::LOCATION)),
        (StatusCode::SEE_OTHER, "/people-in-care?kind=caseload&page=2")
    );
    let all = visible_text(&get_as(&world, "community-nurse", "/people-in-care?page=2").await.text);
    assert!(all.contains("Referred to you") && all.contains("Your caseload"), "all kinds, with a column for the kind");
}

#[tokio::test]
async fn an_empty_list_says_so_and_an_unknown_list_is_no_page() {
    let world: Arc<World> = Arc::default();
    let page = get_as(&world, "social-worker", "/people-in-care").await.text;
    assert!(page.contains("No one is recorded as in your care.") && page.contains("because of a choice they made"));
    let page = get_as(&world, "social-worker", "/people-in-care?kind=meeting-list").await.text;
    assert!(page.contains("No one is on this list now."));
    assert!(world.named.lock().unwrap().is_empty());
    for (role, path, status) in [
        ("gp", "/people-in-care?kind=enemies", 404),
        ("gp", "/people-in-care?page=x", 400),
        ("privacy-officer", "/people-in-care", 403),
        ("patient", "/people-in-care", 403),
    ] {
        assert_eq!(get_as(&world, role, path).await.status.as_u16(), status, "{role} {path}");
    }
    let failure = Mutex::new(Some(FailureKind::Unavailable));
    let page = get_as(&Arc::new(World { failure, ..World::default() }), "gp", "/people-in-care").await;
    assert!(page.status == StatusCode::SERVICE_UNAVAILABLE && page.text.contains("record who looks at them"));
}
