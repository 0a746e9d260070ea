//! A day's work of everybody who cares for a person beyond practice and hospital: their home page lists their people, the
//! record opens for the reason on it, and a person of somebody else is refused in the right words (S-20 to S-29, S-93 to
//! S-97).

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::time::Duration;

use lcr_city::{Cast, CastMember};
use lcr_model::{Clock, SystemClock};
use lcr_testkit::eventually_ok;
use lcr_tests::{Actor, Platform, record_json};
use serde_json::{Value, json};

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
async fn a_district_nurse_visits_the_people_on_her_teams_caseload() {
    let (platform, cast) = city_with_carers().await;
    let (person, stranger) = (&cast.fredrica_smith, &cast.elsewhere);
    let because = "on the caseload of Beckside Neighbourhood Team";
    let datasets = &["medications", "care-plans"];
    a_day_of(
        &platform,
        Work { who: "community-nurse", organisations: &["Z9T01"], person, because, datasets, stranger },
    )
    .await;
    let nurse = platform.actor("community-nurse").await;
    let referred = find(&nurse, &cast.doreen_hallam).await;
    assert_eq!(reason(&nurse, &referred).await, "referred to Beckside Neighbourhood Team");
    // A result that the hospital labels as restricted is for the practice, and not for a nurse by referral.
    let test =
        |record: &Value| record_json::entries(record, "results").iter().any(|one| one.to_string().contains("Genetic"));
    let gp = platform.actor("gp").await;
    assert!(test(&gp.record(&referred).await.json()) && !test(&nurse.record(&referred).await.json()));
    // The team's care of somebody who died has ended.
    assert_eq!(nurse.record(&find(&nurse, &cast.deceased).await).await.status, 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_social_worker_opens_the_people_of_her_service_and_its_teams() {
    let (platform, cast) = city_with_carers().await;
    let (person, stranger) = (&cast.fredrica_smith, &cast.elsewhere);
    let organisations = &["Z9S01", "Z9S11", "Z9S12"];
    let because = "on the caseload of Adult Social Care";
    a_day_of(
        &platform,
        Work { who: "social-worker", organisations, person, because, datasets: &["social-care"], stranger },
    )
    .await;
    let worker = platform.actor("social-worker").await;
    let record = worker.record(&find(&worker, person).await).await.json();
    assert!(record_json::entries(&record, "results").is_empty(), "results are not for social workers");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_childrens_social_worker_opens_the_child_and_nobody_else_of_the_family() {
    let (platform, cast) = city_with_carers().await;
    let (person, stranger) = (&cast.child, &cast.osei);
    let organisations = &["Z9S02", "Z9S21", "Z9S22"];
    let because = "on the caseload of Children's Social Care";
    let datasets = &["social-care", "safeguarding"];
    a_day_of(&platform, Work { who: "childrens-social-worker", organisations, person, because, datasets, stranger })
        .await;
    let worker = platform.actor("childrens-social-worker").await;
    let adopted = find(&worker, &cast.adopted[1]).await;
    assert_eq!(worker.record(&adopted).await.status, 403, "known to the service, on no caseload");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_pilot_team_opens_its_own_caseload_and_no_other_teams() {
    let (platform, cast) = city_with_carers().await;
    let care = platform.city().care();
    for (who, ods, team) in [
        ("pilot-adults-east", "Z9S11", "Adult Social Care, East Team"),
        ("pilot-adults-west", "Z9S12", "Adult Social Care, West Team"),
        ("pilot-children-east", "Z9S21", "Children's Social Care, East Team"),
        ("pilot-children-west", "Z9S22", "Children's Social Care, West Team"),
        ("pilot-matron-east", "Z9C11", "Aire Community Nursing, East"),
        ("pilot-matron-west", "Z9C12", "Aire Community Nursing, West"),
    ] {
        let actor = platform.actor(who).await;
        let people = care.people_of(ods);
        assert!(!people.is_empty(), "{who}");
        for person in &people {
            let id = find(&actor, person).await;
            let because = format!("on the caseload of {team}");
            eventually_ok(LIMIT, "the caseload is read", async || {
                let found = reason(&actor, &id).await;
                if found == because { Ok(()) } else { Err(format!("{who}: {found}")) }
            })
            .await;
            assert_eq!(actor.record(&id).await.status, 200, "{who}");
        }
        assert_eq!(actor.record(&find(&actor, &cast.elsewhere).await).await.status, 403, "{who}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_mental_health_team_reads_its_own_letters_and_a_nurse_does_not() {
    let (platform, cast) = city_with_carers().await;
    let (person, stranger) = (&cast.fredrica_smith, &cast.osei);
    let because = "on the caseload of Northgate Mental Health";
    let datasets = &["documents"];
    a_day_of(&platform, Work { who: "mental-health", organisations: &["Z9M01"], person, because, datasets, stranger })
        .await;
    for (who, shown) in [("mental-health", true), ("community-nurse", false)] {
        let actor = platform.actor(who).await;
        let record = actor.record(&find(&actor, person).await).await.json();
        let of_team =
            |entry: &&Value| entry["provenance"].as_array().unwrap().iter().any(|one| one["source"] == "mental-health");
        let letters = record_json::entries(&record, "documents").into_iter().filter(of_team).count();
        assert_eq!(letters > 0, shown, "{who} sees {letters} letters of the mental health service");
    }
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

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_episode_closes_the_record_within_a_second() {
    let (platform, cast) = city_with_carers().await;
    let worker = platform.actor("social-worker").await;
    let id = find(&worker, &cast.fredrica_smith).await;
    let mut open = worker.stream(&format!("/api/record-aggregation/v1/people/{id}/record/stream?live=true")).await;
    loop {
        let (_, data) = open.next().await.unwrap();
        if serde_json::from_str::<Value>(&data).unwrap()["complete"] == true {
            break;
        }
    }
    let end = platform.city().care().end("fredrica", "Z9S01", SystemClock.now()).unwrap();
    platform.send_bundles(vec![end]).await;
    eventually_ok(EFFECT, "the record is closed", async || {
        let answer = worker.record(&id).await;
        if answer.status == 403 { Ok(()) } else { Err(answer.status) }
    })
    .await;
    assert_eq!(reason(&worker, &id).await, "no-relationship");
    // The open page closes too.
    while let Some((_, data)) = open.next().await {
        let data: Value = serde_json::from_str(&data).unwrap();
        if data["detail"].is_string() {
            assert_eq!(data["detail"], NOT_THEIRS);
        }
    }
    let list = platform.browser("social-worker").await.get("/people-in-care").await.text();
    assert!(!list.contains(&format!("/people/{id}")) && list.contains(&page_name(&cast.osei)), "{list}");
}

/// Waits until the record opens for this reason.
async fn await_reason(actor: &Actor, person: &str, because: &str) {
    eventually_ok(LIMIT, "the evidence is read", async || {
        let found = reason(actor, person).await;
        if found == because { Ok(()) } else { Err(found) }
    })
    .await;
}

/// The hospital's system says by HL7 v2 who is expected and who is referred, and takes it back the same way.
#[tokio::test(flavor = "multi_thread")]
async fn a_cancelled_appointment_or_referral_closes_the_record_within_a_second() {
    let (platform, cast) = city_with_carers().await;
    let (consultant, gp) = (platform.actor("consultant").await, platform.actor("gp").await);
    // An appointment that was booked for the wrong twin and cancelled opens nothing.
    let twins = [find(&consultant, &cast.twins[0]).await, find(&consultant, &cast.twins[1]).await];
    await_reason(&consultant, &twins[1], "appointment at St Hilda's Hospitals").await;
    assert_eq!(consultant.record(&twins[0]).await.status, 403);
    let clinic = platform.browser("consultant").await.get("/people-in-care").await.text();
    assert!(!clinic.contains(&format!("/people/{}", twins[0])), "{clinic}");
    // Their practice sees both.
    for (twin, status) in twins.iter().zip(["Cancelled", "Booked"]) {
        let record = gp.record(twin).await.json();
        let of_clinic = |one: &&Value| one["title"] == "Cardiology clinic";
        let found: Vec<&Value> = record_json::entries(&record, "appointments").into_iter().filter(of_clinic).collect();
        assert!(found.len() == 1 && found[0]["status"] == status, "{status}: {record}");
    }
    let mut hospital = lcr_tests::mllp::MllpConnection::open(platform.ports.mllp()).await.unwrap();
    for (who, organisation, because) in [
        ("consultant", "Z9H01", "appointment at St Hilda's Hospitals"),
        ("community-nurse", "Z9T01", "referred to Beckside Neighbourhood Team"),
    ] {
        let actor = platform.actor(who).await;
        let id = find(&actor, &cast.doreen_hallam).await;
        await_reason(&actor, &id, because).await;
        let cancellation = platform.city().care().cancel("hallam", organisation, SystemClock.now()).unwrap();
        hospital.send_accepted(&cancellation.bytes).await;
        eventually_ok(EFFECT, "the record is closed", async || {
            let answer = actor.record(&id).await;
            if answer.status == 403 { Ok(()) } else { Err(answer.status) }
        })
        .await;
    }
}
