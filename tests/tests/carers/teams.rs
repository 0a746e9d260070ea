//! A day's work of teams: nurses, social workers, the pilot teams and mental health. Each opens its own caseload and must
//! open nobody else's.

use lcr_testkit::eventually_ok;
use lcr_tests::record_json;
use serde_json::Value;

use super::{LIMIT, Work, a_day_of, city_with_carers, find, reason};

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
