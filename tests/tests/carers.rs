//! A day's work of everybody who cares for a person beyond practice and hospital: their home page lists their people, the
//! record opens for the reason on it, and a person of somebody else is refused in the right words (S-20 to S-29, S-93 to
//! S-97).

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

#[path = "carers/endings.rs"]
mod endings;
#[path = "carers/teams.rs"]
mod teams;

use std::time::Duration;

use lcr_city::{Cast, CastMember};
use lcr_testkit::eventually_ok;
use lcr_tests::{Actor, Platform, record_json};
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(15);
/// From the acknowledgement of evidence to its effect.
const EFFECT: Duration = Duration::from_secs(1);
const NOT_THEIRS: &str = "We have no record that you are caring for this person.";

/// What a persona does in a day.
struct Work<'a> {
    who: &'static str,
    /// The organisations whose people are on the list: the persona's and its teams.
    organisations: &'static [&'static str],
    person: &'a CastMember,
    because: &'static str,
    /// What the persona came for.
    datasets: &'static [&'static str],
    stranger: &'a CastMember,
}

async fn city_with_carers() -> (Platform, Cast) {
    let platform = Platform::start_loaded().await;
    platform.send_care().await;
    let cast = platform.city().cast().clone();
    (platform, cast)
}

async fn find(actor: &Actor, member: &CastMember) -> String {
    actor.find_person(member.nhs_number.as_deref().unwrap()).await
}

/// The relationship that opens the record, or the reason why it does not open.
async fn reason(actor: &Actor, person: &str) -> String {
    let answer = actor.post("/api/consent/v1/decisions", &json!({ "person": person })).await;
    answer.json()["reason"].as_str().unwrap_or_default().to_owned()
}

/// The name as pages write it.
fn page_name(member: &CastMember) -> String {
    member.family.to_uppercase().replace('\'', "&#39;")
}

async fn a_day_of(platform: &Platform, work: Work<'_>) {
    let Work { who, organisations, person, because, datasets, stranger } = work;
    let (actor, browser) = (platform.actor(who).await, platform.browser(who).await);
    let care = platform.city().care();
    let people: Vec<CastMember> = organisations.iter().flat_map(|ods| care.people_of(ods)).collect();
    assert!((3..=12).contains(&people.len()), "{who} cares for {} people", people.len());
    let id = find(&actor, person).await;
    let link = format!("href=\"/people/{id}\"");
    // Everybody is on the whole list, and the home page has the link to the record.
    eventually_ok(LIMIT, "the list of people in care is complete", async || {
        let page = browser.get("/people-in-care").await.text();
        let missing: Vec<String> = people.iter().map(page_name).filter(|name| !page.contains(name)).collect();
        if missing.is_empty() { Ok(()) } else { Err(format!("{who} misses {missing:?}: {page}")) }
    })
    .await;
    let home = browser.get("/home").await.text();
    assert!(home.contains(&link) && home.contains(&page_name(person)), "{who}: {home}");
    // One click.
    let page = browser.get(&format!("/people/{id}?whole=1")).await;
    assert!(page.status == 200 && page.text().contains(&page_name(person)), "{who}: {}", page.text());
    assert_eq!(reason(&actor, &id).await, because, "{who}");
    let record = actor.record(&id).await.json();
    for dataset in datasets {
        assert!(!record_json::entries(&record, dataset).is_empty(), "{who} sees {dataset}: {record}");
    }
    // Somebody else's person.
    let refused = browser.get(&format!("/people/{}", find(&actor, stranger).await)).await;
    assert!(refused.status == 403 && refused.text().contains(NOT_THEIRS), "{who}: {}", refused.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pharmacist_opens_the_people_who_nominated_the_pharmacy() {
    let (platform, cast) = city_with_carers().await;
    let (person, stranger) = (&cast.leonard_pike, &cast.osei);
    let because = "nominated the pharmacy Loom Street Pharmacy";
    let datasets = &["medications", "allergies"];
    a_day_of(&platform, Work { who: "pharmacist", organisations: &["Z9P01"], person, because, datasets, stranger })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_paramedic_opens_the_open_cases() {
    let (platform, cast) = city_with_carers().await;
    let (person, stranger) = (&cast.leonard_pike, &cast.fredrica_smith);
    let because = "open case at Broad Acres Ambulance Service";
    let datasets = &["medications", "allergies"];
    a_day_of(&platform, Work { who: "paramedic", organisations: &["Z9A01"], person, because, datasets, stranger })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_out_of_hours_gp_opens_the_open_cases() {
    let (platform, cast) = city_with_carers().await;
    let (person, stranger) = (&cast.elsewhere, &cast.fredrica_smith);
    let because = "open case at Beacon Out of Hours";
    let datasets = &["demographics"];
    a_day_of(
        &platform,
        Work { who: "out-of-hours-gp", organisations: &["Z9O01"], person, because, datasets, stranger },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_care_home_opens_its_residents() {
    let (platform, cast) = city_with_carers().await;
    let (residents, stranger) = (platform.city().care().people_of("Z9N01"), &cast.fredrica_smith);
    let person = residents.first().unwrap();
    let because = "resident at Rowan House Care Home";
    a_day_of(&platform, Work { who: "care-home", organisations: &["Z9N01"], person, because, datasets: &[], stranger })
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_consultant_has_a_clinic() {
    let (platform, cast) = city_with_carers().await;
    let (person, stranger) = (&cast.twins[1], &cast.elsewhere);
    let because = "appointment at St Hilda's Hospitals";
    a_day_of(
        &platform,
        Work { who: "consultant", organisations: &["Z9H01"], person, because, datasets: &["demographics"], stranger },
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_hospitals_other_staff_open_whom_the_hospital_treats() {
    let (platform, cast) = city_with_carers().await;
    platform.send_history().await;
    for (who, person) in [("ward-nurse", &cast.osei), ("ed-clinician", &cast.leonard_pike)] {
        let (actor, browser) = (platform.actor(who).await, platform.browser(who).await);
        let id = find(&actor, person).await;
        eventually_ok(LIMIT, "the record opens", async || {
            let answer = actor.record(&id).await;
            if answer.status == 200 { Ok(()) } else { Err(answer.text()) }
        })
        .await;
        assert_eq!(reason(&actor, &id).await, "in hospital at St Hilda's Hospitals");
        let stranger = find(&actor, &cast.elsewhere).await;
        let refused = browser.get(&format!("/people/{stranger}")).await;
        assert!(refused.status == 403 && refused.text().contains(NOT_THEIRS), "{who}: {}", refused.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_practice_and_its_hub_open_the_people_registered_there() {
    let (platform, cast) = city_with_carers().await;
    for (who, because) in [
        ("gp", "registered at Beckside Surgery"),
        ("practice-manager", "registered at Beckside Surgery"),
        ("receptionist", "registered at Beckside Surgery"),
        ("hub-gp", "working a session for Beckside Surgery"),
    ] {
        let (actor, browser) = (platform.actor(who).await, platform.browser(who).await);
        let id = find(&actor, &cast.fredrica_smith).await;
        assert_eq!(reason(&actor, &id).await, because);
        assert_eq!(browser.get(&format!("/people/{id}?whole=1")).await.status, 200, "{who}");
        let stranger = find(&actor, &cast.elsewhere).await;
        let refused = browser.get(&format!("/people/{stranger}")).await;
        assert!(refused.status == 403 && refused.text().contains(NOT_THEIRS), "{who}: {}", refused.text());
    }
}

/// The home page of a persona without patients says so, and has no list of people in care.
#[tokio::test(flavor = "multi_thread")]
async fn staff_who_care_for_nobody_are_told_what_they_can_do() {
    let (platform, _) = city_with_carers().await;
    for (who, words) in [
        ("commissioner", "You see no patient"),
        ("org-admin", "You see no patient"),
        ("platform-admin", "You see no patient"),
        ("data-steward", "You see no clinical record"),
        ("practice-officer", "You see no clinical record"),
        ("privacy-officer", "You see no clinical record"),
        ("caldicott-guardian", "You see no clinical record"),
    ] {
        let home = platform.browser(who).await.get("/home").await;
        assert!(home.status == 200 && home.text().contains(words), "{who}: {}", home.text());
        assert!(!home.text().contains("Your caseload"), "{who}");
    }
}
