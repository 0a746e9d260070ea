//! The end of care: an ended episode, a cancelled appointment or referral. An open record must close within a second.

use lcr_model::{Clock, SystemClock};
use lcr_testkit::eventually_ok;
use lcr_tests::{Actor, record_json};
use serde_json::Value;

use super::{EFFECT, LIMIT, NOT_THEIRS, city_with_carers, find, page_name, reason};

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
