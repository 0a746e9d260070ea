//! Malformed input at every endpoint that accepts input: it is refused with a text and must never cause a server error or
//! a hang.

use std::{fs, time::Duration};

use bytes::Bytes;
use lcr_testkit::data;
use lcr_tests::{Actor, Answer, Platform};
use reqwest::Method;
use serde_json::{Value, json};

const JSON_ENDPOINTS: [&str; 3] = ["/api/patient-index/v1/people/search", "/api/consent/v1/decisions", "/oauth2/token"];

fn assert_refused_properly(answer: &Answer, what: &str) {
    assert!(answer.status < 500, "{what}: {} {}", answer.status, answer.text());
    assert!(answer.took < Duration::from_secs(3), "{what} took {:?}", answer.took);
    assert!(answer.status == 200 || answer.header("content-type").contains("json"), "{what} is answered with JSON");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_file_of_the_json_test_suite_is_answered_at_every_json_endpoint() {
    let Some(folder) = data::folder("badinput/json-test-suite") else { return };
    let platform = Platform::start_loaded().await;
    let gp = platform.actor("gp").await;
    let mut by_status = std::collections::BTreeMap::<(&str, u16), usize>::new();
    for file in data::files(&folder).unwrap() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let body = Bytes::from(fs::read(&file).unwrap());
        for endpoint in JSON_ENDPOINTS {
            for kind in ["application/json", "application/x-www-form-urlencoded"] {
                let answer = gp.send(Method::POST, endpoint, Some((kind, body.clone()))).await;
                assert_refused_properly(&answer, &format!("{name} as {kind} at {endpoint}"));
                assert!(!name.starts_with("n_") || answer.status != 200, "{name} is no JSON, at {endpoint}");
                *by_status.entry((endpoint, answer.status)).or_default() += 1;
            }
        }
    }
    println!("{by_status:?}");
    assert_eq!(gp.search(&json!({ "nhs_number": "9434765919" })).await.status, 200, "the platform still works");
}

/// The endpoints of hospitals and patients: messages, Bundles, choices.
#[tokio::test(flavor = "multi_thread")]
async fn every_file_of_the_json_test_suite_is_answered_at_the_endpoints_of_feeds_and_choices() {
    let Some(folder) = data::folder("badinput/json-test-suite") else { return };
    let platform = Platform::start_loaded().await;
    let (sender, patient) = (platform.actor("feeds-client").await, platform.actor("patient").await);
    let person = platform.actor("gp").await.find_person("9434765919").await;
    let choices = format!("/api/consent/v1/people/{person}/opt-out");
    for file in data::files(&folder).unwrap() {
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let body = Bytes::from(fs::read(&file).unwrap());
        for (who, endpoint, kind) in
            [(&sender, "/api/feeds/v1/fhir", "application/fhir+json"), (&patient, choices.as_str(), "application/json")]
        {
            let answer = who.send(Method::POST, endpoint, Some((kind, body.clone()))).await;
            assert_refused_properly(&answer, &format!("{name} at {endpoint}"));
            assert!(!name.starts_with("n_") || answer.status >= 400, "{name} is no JSON, at {endpoint}");
        }
        // Everything that is posted as HL7 v2 is acknowledged and stored.
        let answer = sender.send(Method::POST, "/api/feeds/v1/hl7v2", Some(("application/hl7-v2", body))).await;
        assert!(answer.status < 500, "{name} as HL7 v2: {} {}", answer.status, answer.text());
    }
}

/// The strings of a file, which is a JSON array or has one string in each line.
fn strings(text: &str) -> Vec<String> {
    if let Ok(Value::Array(all)) = serde_json::from_str::<Value>(text) {
        return all.iter().filter_map(|one| one.as_str().map(str::to_owned)).collect();
    }
    text.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).map(str::to_owned).collect()
}

async fn search(gp: &Actor, query: Value) {
    let answer = gp.search(&query).await;
    let what = query.to_string();
    assert_refused_properly(&answer, &what);
    assert!(matches!(answer.status, 200 | 400), "{what}: {}", answer.status);
    assert!(answer.json()["people"].as_array().is_none_or(Vec::is_empty), "{what} finds nobody");
}

#[tokio::test(flavor = "multi_thread")]
async fn naughty_strings_find_nobody_and_break_nothing() {
    let Some(folder) = data::folder("badinput/naughty-strings") else { return };
    let platform = Platform::start_loaded().await;
    let gp = platform.actor("gp").await;
    let mut tried = 0;
    for file in data::files(&folder).unwrap() {
        for naughty in strings(&fs::read_to_string(&file).unwrap_or_default()) {
            search(&gp, json!({ "q": naughty })).await;
            search(&gp, json!({ "family": naughty, "given": naughty, "birth_date": "1945-07-14" })).await;
            search(&gp, json!({ "family": "Smith", "given": "Fredrica", "birth_date": naughty })).await;
            search(&gp, json!({ "nhs_number": naughty, "postcode": naughty })).await;
            tried += 1;
        }
    }
    println!("{tried} strings, four searches each");
    assert!(tried > 100);
}
