//! A server on this machine that answers as a test says, and a good FHIR source.

use super::*;

pub(super) const NHS: &str = "https://fhir.nhs.uk/Id/nhs-number";

pub(super) const BRIEF: Limits = Limits { call: Duration::from_millis(300), run: Duration::from_secs(30) };

/// Answers by path and query, with the base address to write links. `None` never answers.
type Answer = dyn Fn(&Uri, &str) -> Option<Response> + Send + Sync;

/// Starts a source. Returns its base address, and counts the requests.
pub(super) async fn start(
    answer: impl Fn(&Uri, &str) -> Option<Response> + Send + Sync + 'static,
) -> (String, Arc<AtomicUsize>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let base = format!("http://{}/fhir", listener.local_addr().unwrap());
    let (hits, answer): (_, Arc<Answer>) = (Arc::new(AtomicUsize::new(0)), Arc::new(answer));
    let (counter, address) = (hits.clone(), base.clone());
    let handler = move |uri: Uri| {
        counter.fetch_add(1, Ordering::SeqCst);
        let response = answer(&uri, &address);
        async move {
            match response {
                Some(response) => response,
                None => futures::future::pending().await,
            }
        }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().fallback(handler)).await });
    (base, hits)
}

pub(super) fn client(credentials: Vec<Credentials>) -> AuthenticatedOutbound {
    let outbound = Outbound::new(EgressRules { loopback: true, ..EgressRules::default() }).unwrap();
    AuthenticatedOutbound::new(outbound, credentials, Arc::new(SystemClock)).unwrap()
}

pub(super) fn target(base_url: &str) -> CheckTarget {
    CheckTarget { base_url: base_url.to_owned(), datasets: BTreeSet::from([Dataset::Demographics, Dataset::Diagnoses]) }
}

/// Runs the checks, and checks that no text holds anything about a patient.
pub(super) async fn run_at(base: &str, limits: Limits) -> CheckReport {
    let report = run_within(&target(base), &client(vec![]), SystemClock.now(), limits).await;
    let texts: String = report.checks.iter().map(|check| check.text.as_str()).collect();
    for secret in ["SMITH", "9990000018", "1980", "Asthma"] {
        assert!(!texts.contains(secret), "{texts}");
    }
    assert_eq!(report.checks.len(), 11);
    report
}

pub(super) async fn run_against(
    answer: impl Fn(&Uri, &str) -> Option<Response> + Send + Sync + 'static,
) -> CheckReport {
    run_at(&start(answer).await.0, BRIEF).await
}

pub(super) fn outcome(report: &CheckReport, name: &str) -> (CheckOutcome, String) {
    let check = report.checks.iter().find(|check| check.name == name).unwrap();
    (check.outcome, check.text.clone())
}

/// Fails unless this check failed with a text that holds `part`, and the report did not pass.
pub(super) fn assert_failed(report: &CheckReport, name: &str, part: &str) {
    let (outcome, text) = outcome(report, name);
    assert_eq!(outcome, CheckOutcome::Failed, "{name}: {text}");
    assert!(text.contains(part), "{name}: {text}");
    assert!(!report.passed());
}

#[expect(clippy::unnecessary_wraps, reason = "an answer of a test's source is optional")]
pub(super) fn ok(body: &Value) -> Option<Response> {
    Some(body.to_string().into_response())
}

pub(super) fn statement(version: &str) -> Value {
    let types = ["Patient", "Condition"].map(|name| json!({ "type": name }));
    json!({ "resourceType": "CapabilityStatement", "fhirVersion": version, "rest": [{ "mode": "server", "resource": types }] })
}

pub(super) fn patient(id: &str, identifier: &Value) -> Value {
    json!({ "resourceType": "Patient", "id": id, "identifier": [identifier], "name": [{ "family": "SMITH" }],
        "gender": "female", "birthDate": "1980-01-02", "address": [{ "text": "1 High Street" }] })
}

pub(super) fn people() -> Vec<Value> {
    let number = json!({ "system": NHS, "value": "9990000018" });
    ["1", "2", "3"].map(|id| patient(id, &number)).to_vec()
}

pub(super) fn condition(patient: &str) -> Value {
    let coded = |system: &str, code: &str| {
        let system = format!("http://terminology.hl7.org/CodeSystem/{system}");
        json!({ "coding": [{ "system": system, "code": code }] })
    };
    json!({ "resourceType": "Condition", "id": "c1", "code": { "text": "Asthma" },
        "subject": { "reference": format!("Patient/{patient}") }, "recordedDate": "2026-01-05T10:00:00Z",
        "clinicalStatus": coded("condition-clinical", "active"),
        "verificationStatus": coded("condition-ver-status", "confirmed") })
}

pub(super) fn bundle(resources: &[Value], next: Option<&str>) -> Value {
    let entries: Vec<Value> = resources.iter().map(|one| json!({ "resource": one })).collect();
    let link: Vec<Value> = next.iter().map(|url| json!({ "relation": "next", "url": url })).collect();
    json!({ "resourceType": "Bundle", "type": "searchset", "entry": entries, "link": link })
}

pub(super) fn parameter(uri: &Uri, name: &str) -> Option<String> {
    let mut pairs = uri.query()?.split('&').filter_map(|pair| pair.split_once('='));
    pairs.find(|(key, _)| *key == name).map(|(_, value)| value.to_owned())
}

/// The people by pages of two, and one diagnosis of each.
pub(super) fn good(uri: &Uri, base: &str) -> Option<Response> {
    let is_second = parameter(uri, "page").is_some();
    match (uri.path(), parameter(uri, "_count").as_deref()) {
        ("/fhir/metadata", _) => ok(&statement("4.0.1")),
        ("/fhir/Patient", Some("2")) if is_second => ok(&bundle(&people()[2..], None)),
        ("/fhir/Patient", Some("2")) => ok(&bundle(&people()[..2], Some(&format!("{base}/Patient?_count=2&page=2")))),
        ("/fhir/Patient", _) => ok(&bundle(&people(), None)),
        ("/fhir/Condition", _) => ok(&bundle(&[condition(&parameter(uri, "patient")?)], None)),
        _ => Some(StatusCode::NOT_FOUND.into_response()),
    }
}
