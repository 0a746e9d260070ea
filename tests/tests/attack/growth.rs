//! Twice the input takes at most about twice the time at each endpoint that accepts large input. Each endpoint is compared
//! with itself in the same run, so that a busy machine does not change the result.

use std::{fmt::Write as _, time::Duration};

use lcr_tests::{Actor, Platform};
use reqwest::Method;

/// The largest part of the time that does not depend on the input.
const FIXED: Duration = Duration::from_millis(60);

/// Attempts at each measurement. The shortest time is the least disturbed by other work.
const TRIES: usize = 10;

/// Whether one message of double size takes at most a tenth longer than two messages.
fn is_linear(two: Duration, at_once: Duration) -> bool {
    at_once <= two.mul_f64(1.1) + FIXED
}

/// Sends a body and returns how long the answer took.
async fn measure(actor: &Actor, (path, kind): (&str, &'static str), body: String) -> Duration {
    let answer = actor.send(Method::POST, path, Some((kind, body.into()))).await;
    assert!(answer.status < 500, "{path}: {} {}", answer.status, answer.text());
    answer.took
}

fn control() -> String {
    uuid::Uuid::new_v4().simple().to_string()[..20].to_owned()
}

fn header(kind: &str) -> String {
    format!("MSH|^~\\&|PAS|ANY|LCR|LCR|20261120080000||{kind}|{}|P|2.4\r", control())
}

fn people(many: usize) -> String {
    let mut message = header("ADT^A31");
    for at in 0..many {
        let _ = write!(message, "PID|{at}||G{at}^^^ANY^MR||FAM{at}^GIV||19700101|F\r");
    }
    message
}

fn orders(many: usize) -> String {
    let mut message = header("ORU^R01") + "PID|1||G1^^^ANY^MR||FAM^GIV||19700101|F\r";
    for at in 0..many {
        let _ = write!(
            message,
            "OBR|{at}||L{at}|FBC^Full blood count^L|||20261120080000|||||||||||||||||||F\rOBX|1|NM|HB^Hb^L||1{at}|g/L|||||F\r"
        );
    }
    message
}

fn notes(many: usize) -> String {
    let mut message = header("ORU^R01") + "PID|1||G2^^^ANY^MR||FAM^GIV||19700101|F\rOBR|1||L1|FBC^Full blood count^L\r";
    for at in 0..many {
        let _ = write!(message, "OBX|{at}|TX|T^Text^L||line {at}~and {at}||||||F\rNTE|{at}||a note\r");
    }
    message
}

fn repetitions(many: usize) -> String {
    let ids: Vec<String> = (0..many).map(|at| format!("G{at}^^^A{at}^MR")).collect();
    header("ADT^A31") + &format!("PID|1||{}||FAM^GIV||19700101|F\r", ids.join("~"))
}

fn bundle(many: usize) -> String {
    let mut entries = vec![serde_json::json!({ "fullUrl": "urn:uuid:p", "resource": {
        "resourceType": "Patient", "id": "p", "identifier": [{ "system": "https://any", "value": "G3" }],
        "name": [{ "family": "FAM", "given": ["GIV"] }], "birthDate": "1970-01-01", "gender": "female" } })];
    let all: Vec<_> = (0..many).map(|at| serde_json::json!({ "reference": format!("urn:uuid:o{at}") })).collect();
    entries.push(serde_json::json!({ "fullUrl": "urn:uuid:r", "resource": { "resourceType": "DiagnosticReport",
        "id": "r", "status": "final", "code": { "text": "FBC" }, "subject": { "reference": "urn:uuid:p" },
        "issued": "2026-11-20T08:00:00Z", "result": all } }));
    entries.extend((0..many).map(|at| {
        serde_json::json!({ "fullUrl": format!("urn:uuid:o{at}"), "resource": {
        "resourceType": "Observation", "id": format!("o{at}"), "status": "final", "code": { "text": "Hb" },
        "subject": { "reference": "urn:uuid:p" }, "effectiveDateTime": "2026-11-20T08:00:00Z" } })
    }));
    serde_json::json!({ "resourceType": "Bundle", "type": "collection", "timestamp": "2026-11-20T08:00:00Z",
        "identifier": { "system": "https://any", "value": control() }, "entry": entries })
    .to_string()
}

#[tokio::test(flavor = "multi_thread")]
async fn twice_the_message_takes_at_most_about_twice_the_time() {
    type Generator = fn(usize) -> String;
    let platform = Platform::start_loaded().await;
    let feeds = platform.actor("feeds-client").await.with_header("x-lcr-source", "sandbox");
    let (hl7, fhir) = ("application/hl7-v2", "application/fhir+json");
    let endpoints: [(&str, &str, &'static str, Generator, usize); 5] = [
        ("people of a message", "/api/feeds/v1/hl7v2", hl7, people, 400),
        ("orders of a result", "/api/feeds/v1/hl7v2", hl7, orders, 400),
        ("notes of a result", "/api/feeds/v1/hl7v2", hl7, notes, 400),
        ("identifiers of a person", "/api/feeds/v1/hl7v2", hl7, repetitions, 2_000),
        ("entries of a Bundle", "/api/feeds/v1/fhir", fhir, bundle, 200),
    ];
    for (name, path, kind, make, many) in endpoints {
        let (mut two, mut at_once) = (Duration::MAX, Duration::MAX);
        for _ in 0..TRIES {
            let first = measure(&feeds, (path, kind), make(many)).await;
            two = two.min(first + measure(&feeds, (path, kind), make(many)).await);
            at_once = at_once.min(measure(&feeds, (path, kind), make(2 * many)).await);
            if is_linear(two, at_once) {
                break;
            }
        }
        assert!(is_linear(two, at_once), "{name}: {two:?} for two, and of as many at once {at_once:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn repeated_parameters_cost_nothing_and_are_refused_or_read_once() {
    let platform = Platform::start_loaded().await;
    let gp = platform.actor("gp").await;
    let person = gp.find_person(super::FREDRICA).await;
    let api = format!("/api/record-aggregation/v1/people/{person}/record");
    for query in [
        format!("?datasets={}", vec!["medications"; 600].join(",")),
        format!("?{}", vec!["datasets=medications"; 300].join("&")),
    ] {
        let answer = gp.get(&format!("{api}{query}")).await;
        assert!([200, 400, 414, 431].contains(&answer.status), "{}: {}", answer.status, answer.text());
        assert!(answer.took < Duration::from_secs(5), "{:?}", answer.took);
    }
}
