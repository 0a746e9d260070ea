//! The run against servers on this machine: a good one, and ones with the faults that partners' servers have.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use axum::{
    Router,
    http::{StatusCode, Uri},
    response::{IntoResponse, Response},
};
use lcr_contracts::{partners::system::CheckOutcome, registry::Credentials};
use lcr_model::{Clock, Phi, SystemClock};
use lcr_web::{EgressRules, Outbound};
use serde_json::{Value, json};

use super::*;
use server::{
    BRIEF, NHS, assert_failed, bundle, client, condition, good, ok, outcome, parameter, patient, people, run_against,
    run_at, start, statement, target,
};

mod server;

#[tokio::test]
async fn a_good_source_passes() {
    let report = run_against(good).await;
    assert!(report.passed(), "{report:?}");
    for check in &report.checks {
        // Plain http and no credentials are right only for a demonstration.
        let is_demo = ["tls", "authentication"].contains(&check.name.as_str());
        let expected = if is_demo { CheckOutcome::Warning } else { CheckOutcome::Passed };
        assert_eq!(check.outcome, expected, "{check:?}");
    }
}

#[tokio::test]
async fn a_source_that_refuses_us_says_where_to_look() {
    let (base, hits) = start(|_, _| Some(StatusCode::UNAUTHORIZED.into_response())).await;
    let report = run_at(&base, BRIEF).await;
    assert_failed(&report, "authentication", "401");
    assert_eq!(outcome(&report, "capability").0, CheckOutcome::Skipped);
    assert_eq!(hits.load(Ordering::SeqCst), 1, "nothing more is asked");
    // A server may show its statement to everybody.
    let report = run_against(|uri, _| match uri.path() {
        "/fhir/metadata" => ok(&statement("4.0.1")),
        _ => Some(StatusCode::FORBIDDEN.into_response()),
    });
    assert_failed(&report.await, "authentication", "403");
    let token = Credentials::OAuth2Secret {
        token_url: format!("{}/token", start(good).await.0),
        client_id: "lcr".into(),
        client_secret: Phi::new("s".into()),
        scope: None,
    };
    let (base, hits) = start(good).await;
    let report = run_within(&target(&base), &client(vec![token]), SystemClock.now(), BRIEF).await;
    assert_failed(&report, "authentication", "token endpoint");
    assert_eq!(hits.load(Ordering::SeqCst), 0, "the source is not asked without its token");
}

#[tokio::test]
async fn another_version_of_fhir_and_another_kind_of_server_are_named() {
    assert_failed(&run_against(|_, _| ok(&statement("3.0.2"))).await, "capability", "FHIR 3.0.2");
    assert_failed(&run_against(|_, _| ok(&statement("SMITH"))).await, "capability", "another version");
    assert_failed(&run_against(|_, _| Some("<html>".into_response())).await, "capability", "CapabilityStatement");
    assert_failed(&run_against(|_, _| Some(StatusCode::NOT_FOUND.into_response())).await, "capability", "404");
    assert_failed(&run_at("not a url", BRIEF).await, "reachable", "not a URL");
    assert_failed(&run_at("http://10.0.0.1/fhir", BRIEF).await, "reachable", "may not call");
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let free = format!("http://{}/fhir", listener.local_addr().unwrap());
    drop(listener);
    assert_failed(&run_at(&free, BRIEF).await, "reachable", "No connection");
}

#[tokio::test]
async fn a_next_link_to_another_host_is_refused_and_never_followed() {
    let (other, hits) = start(good).await;
    let lying = move |uri: &Uri, base: &str| match (uri.path(), parameter(uri, "_count").as_deref()) {
        ("/fhir/Patient", Some("2")) => ok(&bundle(&people()[..2], Some(&format!("{other}/Patient?page=2")))),
        _ => good(uri, base),
    };
    assert_failed(&run_against(lying).await, "paging", "another address");
    assert_eq!(hits.load(Ordering::SeqCst), 0);
    let same = |uri: &Uri, base: &str| match (uri.path(), parameter(uri, "_count").as_deref()) {
        ("/fhir/Patient", Some("2")) => ok(&bundle(&people()[..2], Some(&format!("{base}/Patient?_count=2")))),
        _ => good(uri, base),
    };
    assert_failed(&run_against(same).await, "paging", "same people");
    let short = |uri: &Uri, base: &str| match (uri.path(), parameter(uri, "_count").as_deref()) {
        ("/fhir/Patient", Some("2")) => {
            let mut page = bundle(&people()[..2], None);
            page["total"] = json!(3);
            ok(&page)
        }
        _ => good(uri, base),
    };
    assert_failed(&run_against(short).await, "paging", "no next link");
}

async fn with_identifier(identifier: Value) -> CheckReport {
    run_against(move |uri, base| match uri.path() {
        "/fhir/Patient" => ok(&bundle(&[patient("1", &identifier)], None)),
        _ => good(uri, base),
    })
    .await
}

#[tokio::test]
async fn an_nhs_number_of_another_system_or_with_wrong_digits_fails() {
    let report = with_identifier(json!({ "system": "urn:oid:1.2.3", "value": "9990000018" })).await;
    assert_failed(&report, "nhs-number", "another system");
    for value in ["9990000019", "999 000 0018", "none"] {
        let report = with_identifier(json!({ "system": NHS, "value": value })).await;
        assert_failed(&report, "nhs-number", "check digit");
    }
    let report = with_identifier(json!({ "system": "urn:own", "value": "A1" })).await;
    assert_failed(&report, "nhs-number", "Nobody");
    let empty = run_against(|uri, base| match uri.path() {
        "/fhir/Patient" => ok(&bundle(&[], None)),
        _ => good(uri, base),
    });
    assert_failed(&empty.await, "nhs-number", "empty");
}

/// The good source, with this answer to each search for diagnoses.
fn conditions(make: fn() -> Value) -> impl Fn(&Uri, &str) -> Option<Response> + Send + Sync + 'static {
    move |uri, base| match uri.path() {
        "/fhir/Condition" => ok(&bundle(&[make()], None)),
        _ => good(uri, base),
    }
}

#[tokio::test]
async fn resources_of_another_patient_or_that_are_not_fhir_fail() {
    let report = run_against(conditions(|| condition("another"))).await;
    assert_failed(&report, "search-diagnoses", "do not name that patient");
    let report = run_against(conditions(|| {
        let mut broken = condition("1");
        broken["recordedDate"] = json!("2026-01-05T10:00:00");
        broken
    }))
    .await;
    assert_failed(&report, "must-have-diagnoses", "not valid FHIR R4");
    assert_failed(&report, "time", "no zone");
    let report = run_against(conditions(|| {
        let mut bare = condition("1");
        bare.as_object_mut().unwrap().remove("code");
        bare
    }))
    .await;
    assert_failed(&report, "must-have-diagnoses", "no code");
    let report = run_against(|uri, base| match uri.path() {
        "/fhir/Condition" => Some(StatusCode::INTERNAL_SERVER_ERROR.into_response()),
        _ => good(uri, base),
    });
    assert_failed(&report.await, "search-diagnoses", "500");
}

#[tokio::test]
async fn a_dataset_that_the_source_does_not_offer_fails() {
    let (base, _) = start(good).await;
    let target = CheckTarget { datasets: BTreeSet::from([Dataset::Medications]), ..target(&base) };
    let report = run_within(&target, &client(vec![]), SystemClock.now(), BRIEF).await;
    assert_failed(&report, "search-medications", "MedicationRequest or MedicationStatement");
    assert_eq!(outcome(&report, "must-have-medications").0, CheckOutcome::Skipped);
}

#[tokio::test]
async fn a_clock_that_is_an_hour_off_fails() {
    let (base, _) = start(good).await;
    let later = SystemClock.now() + jiff::SignedDuration::from_hours(1);
    let report = run_within(&target(&base), &client(vec![]), later, BRIEF).await;
    assert_failed(&report, "time", "clock");
}

#[tokio::test]
async fn a_slow_source_is_given_up_and_does_not_pass() {
    let report = run_against(|_, _| None).await;
    assert_failed(&report, "reachable", "No answer");
    let limits = Limits { call: Duration::from_secs(30), run: Duration::from_millis(300) };
    let (base, _) = start(|uri, base| (uri.path() != "/fhir/Condition").then(|| good(uri, base)).flatten()).await;
    let report = run_at(&base, limits).await;
    assert_failed(&report, "reachable", "limit");
    let (outcome, text) = outcome(&report, "search-diagnoses");
    assert_eq!(outcome, CheckOutcome::Skipped);
    assert!(text.contains("limit"), "{text}");
}
