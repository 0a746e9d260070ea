//! The drill: a backup of the database restored into an empty one, the bus empty too, the keys those of before. What was
//! acknowledged before the backup is there, in force and whole; the platform goes on from it by itself.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use lcr_bus::Bus;
use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_tests::{Platform, mllp, split::SERVICES};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

async fn count(platform: &Platform, service: ServiceName, sql: &str) -> i64 {
    let store = platform.split().store(service).await;
    let query = Statement::from_string(store.read().get_database_backend(), sql.to_owned());
    store.read().query_one_raw(query).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_restored_into_nothing_is_the_platform_of_its_moment_and_goes_on() {
    let platform = Platform::loaded().await;
    let (gp, patient) = (platform.actor("gp").await, platform.actor("patient").await);
    let person = gp.find("943 476 5919").await;
    let choices = format!("/api/consent/v1/people/{person}/opt-out");
    mllp::admit(&platform, "9434765919", "V-BEFORE").await;
    assert_eq!(gp.record(&person).await.status, 200);
    // Made before the backup: it must hold after it.
    while patient.post(&choices, &json!({})).await.status != 201 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let split = platform.split();
    split.until_heard().await;
    let entries = count(&platform, ServiceName::Audit, "SELECT COUNT(*) FROM entry").await;
    let backup = split.back_up();
    // What comes after the backup is not in it.
    patient.delete(&choices).await;
    for service in SERVICES {
        split.kill(service, 0);
    }
    split.restore(&backup);
    split.nats.lose_everything();
    for service in SERVICES {
        split.run(service, 0);
    }
    split.until_ready().await;
    split.until_heard().await;
    let held = split.bus().await.behind(Stream::People, "consent").await.unwrap();
    assert_eq!(held, 0, "owners handed their logs over again, and everybody has taken them in");
    let gp = platform.actor("gp").await;
    assert_eq!(gp.find("943 476 5919").await, person, "people are who they were");
    let refused = gp.record(&person).await;
    assert_eq!((refused.status, refused.json()["type"].as_str().unwrap().ends_with("objected")), (403, true));
    assert!(
        count(&platform, ServiceName::Audit, "SELECT COUNT(*) FROM entry").await >= entries,
        "the log is whole"
    );
    assert!(!split.said().contains("log-rewritten"), "and grows from what was signed");
    let raw = "SELECT COUNT(*) FROM message WHERE control_id = 'V-BEFORE' AND status = 'accepted'";
    assert_eq!(count(&platform, ServiceName::Feeds, raw).await, 1);
    // And it goes on: changed minds, new messages, new views.
    let patient = platform.actor("patient").await;
    assert_eq!(patient.delete(&choices).await.status, 200);
    assert_eq!(gp.record(&person).await.status, 200);
    mllp::admit(&platform, "9434765919", "V-AFTER").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_that_only_the_log_remembers_is_in_force_again_before_anybody_looks() {
    let platform = Platform::loaded().await;
    let (gp, patient) = (platform.actor("gp").await, platform.actor("patient").await);
    let person = gp.find("943 476 5919").await;
    let choices = format!("/api/consent/v1/people/{person}/opt-out");
    while gp.record(&person).await.status != 200 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    let split = platform.split();
    while patient.post(&choices, &json!({})).await.status != 201 {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(gp.record(&person).await.status, 403);
    split.kill(ServiceName::Consent, 0);
    // As when consent's schema comes from a backup of this morning and the log does not.
    let forget = "DELETE FROM consent.choice_cover; DELETE FROM consent.choice; DELETE FROM consent.log_seen";
    split.postgres.sql_in(&split.database(), forget);
    split.run(ServiceName::Consent, 0);
    split.until_one_is_ready(ServiceName::Consent, 0).await;
    assert_eq!(gp.record(&person).await.status, 403, "it is in force from the first question");
    let held = patient.get(&choices).await.json()["choices"].as_array().cloned().unwrap();
    assert_eq!((held.len(), held[0]["status"].as_str()), (1, Some("applied")));
    assert!(split.said().contains("choices-done-again"));
}
