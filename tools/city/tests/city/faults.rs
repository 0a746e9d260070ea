//! Tests of the faults of a source: each must behave as it is named, and must end.

use std::time::{Duration, Instant};

use lcr_city::Fault;

use super::{base, city, client, json, patient_id};

#[tokio::test]
async fn each_fault_behaves_as_named_and_can_be_ended() {
    let city = city(300).await;
    let gp = base(&city, "gp-east");
    let id = patient_id(&gp, "9434765919").await;
    let url = format!("{gp}/Condition?patient={id}");
    let short_request = || client().get(&url).timeout(Duration::from_millis(700));
    let set = |fault| city.set_fault("gp-east", fault);
    for fault in [Fault::Refuse, Fault::Reset, Fault::Hang] {
        set(Some(fault));
        assert!(short_request().send().await.is_err(), "{fault:?}");
    }
    for fault in [Fault::SlowDrip, Fault::Truncated] {
        set(Some(fault));
        let response = short_request().send().await.unwrap();
        assert!(response.status() == 200 && response.bytes().await.is_err(), "{fault:?}");
    }
    set(Some(Fault::Status(503)));
    assert_eq!(short_request().send().await.unwrap().status(), 503);
    set(Some(Fault::Redirect));
    assert_eq!(short_request().send().await.unwrap().status(), 302);
    set(Some(Fault::Huge));
    let size = client().get(&url).timeout(Duration::from_mins(1)).send().await.unwrap().bytes().await.unwrap().len();
    assert!(size > 50_000_000, "{size}");
    set(Some(Fault::OtherPatient));
    assert!(!json(&url).await.to_string().contains(&format!("Patient/{id}")), "about somebody else");
    set(None);
    assert!(json(&url).await.to_string().contains(&format!("Patient/{id}")));
    city.shutdown().await;
}

#[tokio::test]
async fn a_pooled_connection_fails_at_its_next_request() {
    let city = city(20).await;
    let url = format!("{}/metadata", base(&city, "gp-west"));
    let pooled = client();
    assert!(!pooled.get(&url).send().await.unwrap().bytes().await.unwrap().is_empty());
    city.set_fault("gp-west", Some(Fault::Reset));
    assert!(pooled.get(&url).send().await.is_err());
    city.shutdown().await;
}

#[tokio::test]
async fn one_source_is_slow_and_one_is_flaky() {
    let city = city(50).await;
    let slow = format!("{}/Condition?patient=WV0000000", base(&city, "wharfe-valley"));
    let began = Instant::now();
    json(&slow).await;
    assert!(began.elapsed() >= Duration::from_millis(900));
    let flaky = format!("{}/Condition?patient=CM0000000", base(&city, "community"));
    let mut refused = 0;
    for _ in 0..20 {
        refused += i32::from(client().get(&flaky).send().await.unwrap().status() == 503);
    }
    assert_eq!(refused, 5);
    city.shutdown().await;
}
