//! The platform's boundary: nothing is shown before it is recorded, `/internal` accepts services only, and an ended
//! session opens nothing. Altered and expired permits are tested in `libs/model/src/permit_tests.rs`.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use lcr_model::{Phi, ServiceName};
use lcr_tests::{
    Actor, Answer, Browser, Options, Platform,
    mllp::{MllpConnection, admission, is_accepted},
    record_json,
};
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use serde_json::json;

#[path = "boundary/internal.rs"]
mod internal;

const FREDRICA: &str = "9434765919";
/// Part of the text that a reader sees while views cannot be recorded.
const CANNOT_RECORD: &str = "record who looks at them";

/// Requests everything that shows a person at once. Returns the name and the answer of each request.
async fn request_every_view(
    gp: &Actor,
    browser: &Browser,
    person: &str,
    document: &str,
) -> Vec<(&'static str, Answer)> {
    let api = format!("/api/record-aggregation/v1/people/{person}");
    let page = format!("/people/{person}");
    let conditions = format!("/fhir/R4/Condition?patient={person}");
    let (stream, patient) = (format!("{api}/record/stream"), format!("/api/patient-index/v1/people/{person}"));
    let (read, by_number) = (format!("/fhir/R4/Patient/{person}"), format!("/fhir/R4/Patient?identifier={FREDRICA}"));
    let (viewer, bytes) = (format!("{page}/documents/{document}"), format!("{page}/documents/{document}/content"));
    let (whole, dataset) = (format!("{page}?whole=1"), format!("{page}/medications"));
    let search = json!({ "nhs_number": FREDRICA });
    let joined = tokio::join!(
        gp.record(person),
        gp.get(&stream),
        gp.search(&search),
        gp.get(&patient),
        gp.get(&conditions),
        gp.get(&read),
        gp.get(&by_number),
        browser.get(&page),
        browser.get(&whole),
        browser.get(&dataset),
        browser.get(&viewer),
        browser.get(&bytes),
    );
    let names = [
        "record",
        "stream",
        "search",
        "stub",
        "FHIR search",
        "FHIR read",
        "FHIR Patient search",
        "record page",
        "whole page",
        "dataset page",
        "document page",
        "document bytes",
    ];
    let answers = [
        joined.0, joined.1, joined.2, joined.3, joined.4, joined.5, joined.6, joined.7, joined.8, joined.9, joined.10,
        joined.11,
    ];
    names.into_iter().zip(answers).collect()
}

fn assert_refused(answers: &[(&str, Answer)]) {
    for (what, answer) in answers {
        let text = answer.text();
        assert_eq!(answer.status, 503, "{what}: {text}");
        assert!(text.contains(CANNOT_RECORD), "{what} says why: {text}");
        for hers in ["Fredrica", "FREDRICA", "SMITH", "-07-14", "14 July", "Elm Road", FREDRICA, "codeine"] {
            assert!(!text.contains(hers), "{what} shows {hers}");
        }
        assert!(answer.took < Duration::from_secs(4), "{what} took {:?}", answer.took);
    }
}

struct Scene {
    platform: Platform,
    gp: Actor,
    browser: Browser,
    person: String,
    document: String,
}

impl Scene {
    async fn set_up() -> Self {
        let platform = Platform::start_loaded().await;
        let (gp, browser) = (platform.actor("gp").await, platform.browser("gp").await);
        let person = gp.find_person(FREDRICA).await;
        let record = gp.record(&person).await.json();
        let document = record_json::entries(&record, "documents")[0]["id"].as_str().unwrap().to_owned();
        let scene = Self { platform, gp, browser, person, document };
        for (what, answer) in scene.views().await {
            assert_eq!(answer.status, 200, "before anything fails, {what}: {}", answer.text());
        }
        scene
    }

    async fn views(&self) -> Vec<(&'static str, Answer)> {
        request_every_view(&self.gp, &self.browser, &self.person, &self.document).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_while_audit_is_stopped() {
    let scene = Scene::set_up().await;
    // The view of a page that is open when audit stops must not show a document either.
    let page = scene.browser.get(&format!("/people/{}", scene.person)).await.text();
    let view = page.split("stream?view=").nth(1).and_then(|rest| rest.get(..36)).unwrap().to_owned();
    scene.platform.stop(ServiceName::Audit);
    assert_refused(&scene.views().await);
    let document = format!("/people/{}/documents/{}", scene.person, scene.document);
    let viewer = scene.browser.get(&format!("{document}?view={view}")).await;
    let bytes = scene.browser.get(&format!("{document}/content?view={view}")).await;
    assert_refused(&[("document page of an open view", viewer), ("document bytes of an open view", bytes)]);
}

/// An admission raises the person's epoch, so a decision that was made before it is made again.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_opens_while_its_person_is_admitted() {
    let scene = Scene::set_up().await;
    let document = format!("/people/{}/documents/{}", scene.person, scene.document);
    let mut hospital = MllpConnection::open(scene.platform.ports.mllp()).await.unwrap();
    let admissions = async {
        for visit in 0..10 {
            tokio::time::sleep(Duration::from_millis(400)).await;
            let visit = format!("MEANWHILE{visit}");
            assert!(is_accepted(&hospital.send(&admission(&visit, FREDRICA, "19450714", &visit)).await.unwrap()));
        }
    };
    let readers = (0..4).map(|reader| {
        let (browser, document) = (&scene.browser, &document);
        async move {
            for attempt in 0..20 {
                let answer = browser.get(document).await;
                assert_eq!(answer.status, 200, "attempt {attempt} of reader {reader}: {}", answer.text());
            }
        }
    });
    tokio::join!(admissions, futures::future::join_all(readers));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_shown_while_the_log_is_locked() {
    let scene = Scene::set_up().await;
    let file = scene.platform.database(ServiceName::Audit);
    let mut options = ConnectOptions::new(format!("sqlite://{}", file.display()));
    options.max_connections(1).sqlx_logging(false);
    let other = Database::connect(options).await.unwrap();
    other.execute_unprepared("BEGIN EXCLUSIVE").await.unwrap();
    assert_refused(&scene.views().await);
    other.execute_unprepared("ROLLBACK").await.unwrap();
    let released = Instant::now();
    while scene.gp.record(&scene.person).await.status != 200 {
        assert!(released.elapsed() < Duration::from_secs(8), "the log answers again once it is released");
    }
    for (what, answer) in scene.views().await {
        assert_eq!(answer.status, 200, "after the release, {what}: {}", answer.text());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_ended_session_opens_nothing() {
    let platform = Platform::start_loaded().await;
    let browser = platform.browser("gp").await;
    let identity = &platform.single_process().services.identity.api;
    let signed_in = identity.session(&Phi::new(browser.session_secret()), true).await.unwrap().unwrap();
    let machine = platform.anonymous().with_token(signed_in.token.as_ref());
    let person = machine.find_person(FREDRICA).await;
    assert_eq!(machine.record(&person).await.status, 200);
    assert_eq!(browser.post_form("/sign-out", "").await.status, 303);
    let signed_out = Instant::now();
    loop {
        let (record, search) = (machine.record(&person).await, machine.search(&json!({ "q": FREDRICA })).await);
        if (record.status, search.status) == (401, 401) {
            break;
        }
        assert!(signed_out.elapsed() < Duration::from_secs(1), "still answered: {}", record.status);
    }
    assert_eq!(browser.get("/home").await.status, 303, "the cookie opens no page either");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_cookie_the_portal_redirects_to_sign_in() {
    let platform = Platform::start_loaded().await;
    let gp = platform.actor("gp").await;
    let person = gp.find_person(FREDRICA).await;
    for who in [&platform.anonymous(), &gp] {
        for page in ["/home", "/search", "/sources", "/my-record", &format!("/people/{person}")] {
            let answer = who.get(page).await;
            assert_eq!(answer.status, 303, "{} at {page}: a bearer token is not a cookie", who.name);
            assert!(answer.header("location").starts_with("/sign-in?return=/"), "{page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_host_name_is_not_served() {
    let platform = Platform::start_loaded().await;
    let gp = platform.actor("gp").await.with_header("host", "portal.attacker.example");
    for service in ServiceName::ALL {
        let answer = gp.clone().at(platform.service_url(*service)).get("/openapi.json").await;
        assert_eq!(answer.status, 421, "{service}");
    }
    assert_eq!(gp.get("/home").await.status, 421);
}

/// Its name alone tells the care.
#[tokio::test(flavor = "multi_thread")]
async fn no_answer_names_a_discreet_service_to_anybody_but_the_platforms_administrators() {
    let platform = Platform::start(Options { patients: false, ..Options::default() }).await;
    for (persona, knows) in [("gp", false), ("data-steward", false), ("org-admin", false), ("platform-admin", true)] {
        let reader = platform.actor(persona).await;
        for (path, mark) in [
            ("/api/identity/v1/organisations", "Z9X01"),
            ("/api/identity/v1/organisations/Z9X01", "Canalside"),
            ("/api/identity/v1/organisations/Z9X01/systems", "\"sexual-health\""),
            ("/api/record-aggregation/v1/sources", "\"sexual-health\""),
        ] {
            let answer = reader.get(path).await;
            assert_eq!(answer.text().contains(mark), knows, "{persona} at {path}: {}", answer.text());
        }
        let unknown = reader.get("/api/identity/v1/organisations/Z9X99").await;
        let discreet = reader.get("/api/identity/v1/organisations/Z9X01").await;
        assert_eq!((discreet.status, unknown.status), (if knows { 200 } else { 404 }, 404), "{persona}");
    }
}

/// Otherwise any organisation's provider could give its users access to any patient's log and choices.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_provider_that_proofs_patients_may_sign_in_patients() {
    let platform = Platform::start(Options { city: false, patients: false, ..Options::default() }).await;
    let provider = platform.provider.issuer();
    let assertion = platform.anonymous().post(&format!("{provider}/demo/assert"), &json!({ "as": "patient" })).await;
    let id_token = assertion.json()["id_token"].as_str().unwrap().to_owned();
    let exchange = format!("grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={id_token}");
    let refused = platform.anonymous().post_form("/oauth2/token", exchange).await;
    assert!(refused.status >= 400 && !refused.text().contains("access_token"), "{}", refused.text());
    // Staff of the same provider can still sign in.
    assert_eq!(platform.actor("gp").await.get("/api/record-aggregation/v1/sources").await.status, 200);
}
