//! The platform's boundary: nothing is shown before it is recorded, `/internal` accepts services only, and an ended
//! session opens nothing. Altered and expired permits are tested in `libs/model/src/permit_tests.rs`.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use lcr_model::ServiceName;
use lcr_tests::{
    Actor, Answer, Browser, Platform,
    mllp::{MllpConnection, admission, is_accepted},
    record_json,
};
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use serde_json::json;

#[path = "boundary/callers.rs"]
mod callers;
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
