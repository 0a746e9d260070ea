//! The restore drill: a backup is restored into an empty database, with an empty bus and the former keys. Everything
//! acknowledged before the backup is stored and in force, and the platform continues by itself.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

use std::time::Duration;

use lcr_bus::Bus;
use lcr_contracts::events::Stream;
use lcr_model::ServiceName;
use lcr_testkit::eventually;
use lcr_tests::{Actor, Platform, mllp, split::SERVICES};
use sea_orm::{ConnectionTrait, Statement};
use serde_json::json;

const LIMIT: Duration = Duration::from_secs(15);

async fn count(platform: &Platform, service: ServiceName, sql: &str) -> i64 {
    let store = platform.split().store(service).await;
    let query = Statement::from_string(store.read().get_database_backend(), sql.to_owned());
    store.read().query_one_raw(query).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// Objects, as soon as the sign-in is linked to the person.
async fn object(patient: &Actor, choices: &str) {
    eventually(LIMIT, "the objection is accepted", async || patient.post(choices, &json!({})).await.status == 201)
        .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restored_backup_has_the_state_of_its_time_and_the_platform_continues() {
    let platform = Platform::start_loaded().await;
    let (gp, patient) = (platform.actor("gp").await, platform.actor("patient").await);
    let person = gp.find_person("943 476 5919").await;
    let choices = format!("/api/consent/v1/people/{person}/opt-out");
    mllp::admit(&platform, "9434765919", "V-BEFORE").await;
    assert_eq!(gp.record(&person).await.status, 200);
    // Made before the backup, so it must be in force after the restore.
    object(&patient, &choices).await;
    let split = platform.split();
    split.wait_until_consumed().await;
    let entries = count(&platform, ServiceName::Audit, "SELECT COUNT(*) FROM entry").await;
    let backup = split.back_up();
    // Made after the backup, so it is lost in the restore.
    patient.delete(&choices).await;
    for service in SERVICES {
        split.kill(service, 0);
    }
    split.restore(&backup);
    split.nats.lose_everything();
    for service in SERVICES {
        split.start_replica(service, 0);
    }
    split.wait_until_ready().await;
    split.wait_until_consumed().await;
    let lag = split.bus().await.lag(Stream::People, "consent").await.unwrap();
    assert_eq!(lag, 0, "owners published their logs again, and consumers have caught up");
    let gp = platform.actor("gp").await;
    assert_eq!(gp.find_person("943 476 5919").await, person, "people keep their ids");
    let refused = gp.record(&person).await;
    assert_eq!((refused.status, refused.json()["type"].as_str().unwrap().ends_with("objected")), (403, true));
    assert!(count(&platform, ServiceName::Audit, "SELECT COUNT(*) FROM entry").await >= entries, "the log is complete");
    assert!(!split.read_logs().contains("log-rewritten"), "the log continues from its last signed size");
    let raw = "SELECT COUNT(*) FROM message WHERE control_id = 'V-BEFORE' AND status = 'accepted'";
    assert_eq!(count(&platform, ServiceName::Feeds, raw).await, 1);
    // The platform continues: a withdrawal, new messages, new views.
    let patient = platform.actor("patient").await;
    assert_eq!(patient.delete(&choices).await.status, 200);
    assert_eq!(gp.record(&person).await.status, 200);
    mllp::admit(&platform, "9434765919", "V-AFTER").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_objection_lost_in_a_restore_is_re_applied_from_the_log_before_any_view() {
    let platform = Platform::start_loaded().await;
    let (gp, patient) = (platform.actor("gp").await, platform.actor("patient").await);
    let person = gp.find_person("943 476 5919").await;
    let choices = format!("/api/consent/v1/people/{person}/opt-out");
    eventually(LIMIT, "the record opens", async || gp.record(&person).await.status == 200).await;
    let split = platform.split();
    object(&patient, &choices).await;
    assert_eq!(gp.record(&person).await.status, 403);
    split.kill(ServiceName::Consent, 0);
    // The state after a restore of consent's schema alone, without the log.
    let forget = "DELETE FROM consent.choice_cover; DELETE FROM consent.choice; DELETE FROM consent.log_seen";
    split.postgres.sql_in(&split.database_url(), forget);
    split.start_replica(ServiceName::Consent, 0);
    split.wait_until_replica_ready(ServiceName::Consent, 0).await;
    assert_eq!(gp.record(&person).await.status, 403, "it is in force from the first request");
    let choices_now = patient.get(&choices).await.json()["choices"].as_array().cloned().unwrap();
    assert_eq!((choices_now.len(), choices_now[0]["status"].as_str()), (1, Some("applied")));
    assert!(split.read_logs().contains("choices-done-again"));
}
