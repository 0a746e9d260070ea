//! The doors: nothing is shown that was not recorded first (promise 2), `/internal` is for services alone, an
//! ended session opens nothing. Altered and expired permits are tested in `libs/model/src/permit_tests.rs`.

#![allow(clippy::unwrap_used, reason = "tests")]

use std::time::{Duration, Instant};

use lcr_model::{Phi, ServiceName};
use lcr_tests::{
    Actor, Answer, Browser, Options, Platform,
    mllp::{Line, accepted, admission},
    views,
};
use sea_orm::{ConnectOptions, ConnectionTrait, Database};
use serde_json::json;

#[path = "doors/inside.rs"]
mod inside;

const FREDRICA: &str = "9434765919";
/// The words of portal.md for the moment when views cannot be recorded.
const CANNOT_RECORD: &str = "record who looks at them";

/// Everything that shows a person, asked at once: (what, answer).
async fn every_view(
    gp: &Actor,
    browser: &Browser,
    person: &str,
    document: &str,
) -> Vec<(&'static str, Answer)> {
    let api = format!("/api/record-aggregation/v1/people/{person}");
    let page = format!("/people/{person}");
    let conditions = format!("/fhir/R4/Condition?patient={person}");
    let (stream, stub) = (format!("{api}/record/stream"), format!("/api/patient-index/v1/people/{person}"));
    let (read, by_number) =
        (format!("/fhir/R4/Patient/{person}"), format!("/fhir/R4/Patient?identifier={FREDRICA}"));
    let (viewer, bytes) =
        (format!("{page}/documents/{document}"), format!("{page}/documents/{document}/content"));
    let (whole, dataset) = (format!("{page}?whole=1"), format!("{page}/medications"));
    let search = json!({ "nhs_number": FREDRICA });
    let asked = tokio::join!(
        gp.record(person),
        gp.get(&stream),
        gp.search(&search),
        gp.get(&stub),
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
        asked.0, asked.1, asked.2, asked.3, asked.4, asked.5, asked.6, asked.7, asked.8, asked.9, asked.10,
        asked.11,
    ];
    names.into_iter().zip(answers).collect()
}

fn refuses(answers: &[(&str, Answer)]) {
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
    async fn set() -> Self {
        let platform = Platform::loaded().await;
        let (gp, browser) = (platform.actor("gp").await, platform.browser("gp").await);
        let person = gp.find(FREDRICA).await;
        let record = gp.record(&person).await.json();
        let document = views::entries(&record, "documents")[0]["id"].as_str().unwrap().to_owned();
        let scene = Self { platform, gp, browser, person, document };
        for (what, answer) in scene.views().await {
            assert_eq!(answer.status, 200, "before anything fails, {what}: {}", answer.text());
        }
        scene
    }

    async fn views(&self) -> Vec<(&'static str, Answer)> {
        every_view(&self.gp, &self.browser, &self.person, &self.document).await
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn with_audit_stopped_nobody_sees_anything() {
    let scene = Scene::set().await;
    // A page that is open when audit stops: its view must not carry anything else past the log.
    let page = scene.browser.get(&format!("/people/{}", scene.person)).await.text();
    let view = page.split("stream?view=").nth(1).and_then(|rest| rest.get(..36)).unwrap().to_owned();
    scene.platform.stop(ServiceName::Audit);
    refuses(&scene.views().await);
    let document = format!("/people/{}/documents/{}", scene.person, scene.document);
    let viewer = scene.browser.get(&format!("{document}?view={view}")).await;
    let bytes = scene.browser.get(&format!("{document}/content?view={view}")).await;
    refuses(&[("document page of an open view", viewer), ("document bytes of an open view", bytes)]);
}

/// What was decided before an admission is told no longer stands after it, and is decided again.
#[tokio::test(flavor = "multi_thread")]
async fn a_document_opens_though_its_person_is_admitted_meanwhile() {
    let scene = Scene::set().await;
    let document = format!("/people/{}/documents/{}", scene.person, scene.document);
    let mut line = Line::open(scene.platform.ports.mllp()).await.unwrap();
    let admitted = async {
        for visit in 0..10 {
            tokio::time::sleep(Duration::from_millis(400)).await;
            let visit = format!("MEANWHILE{visit}");
            assert!(accepted(&line.send(&admission(&visit, FREDRICA, "19450714", &visit)).await.unwrap()));
        }
    };
    let opened = (0..4).map(|reader| {
        let (browser, document) = (&scene.browser, &document);
        async move {
            for look in 0..20 {
                let answer = browser.get(document).await;
                assert_eq!(answer.status, 200, "look {look} of {reader}: {}", answer.text());
            }
        }
    });
    tokio::join!(admitted, futures::future::join_all(opened));
}

#[tokio::test(flavor = "multi_thread")]
async fn with_the_log_locked_nobody_sees_anything_until_it_is_released() {
    let scene = Scene::set().await;
    let file = scene.platform.database(ServiceName::Audit);
    let mut options = ConnectOptions::new(format!("sqlite://{}", file.display()));
    options.max_connections(1).sqlx_logging(false);
    let other = Database::connect(options).await.unwrap();
    other.execute_unprepared("BEGIN EXCLUSIVE").await.unwrap();
    refuses(&scene.views().await);
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
async fn a_session_that_was_signed_out_opens_nothing_more() {
    let platform = Platform::loaded().await;
    let browser = platform.browser("gp").await;
    let identity = &platform.one().services.identity.api;
    let signed_in = identity.session(&Phi::new(browser.secret()), true).await.unwrap().unwrap();
    let machine = platform.anonymous().with_token(signed_in.token.as_ref());
    let person = machine.find(FREDRICA).await;
    assert_eq!(machine.record(&person).await.status, 200);
    assert_eq!(browser.post_form("/sign-out", "").await.status, 303);
    let out = Instant::now();
    loop {
        let (record, search) =
            (machine.record(&person).await, machine.search(&json!({ "q": FREDRICA })).await);
        if (record.status, search.status) == (401, 401) {
            break;
        }
        assert!(out.elapsed() < Duration::from_secs(1), "after {:?}: {}", out.elapsed(), record.status);
    }
    assert_eq!(browser.get("/home").await.status, 303, "the cookie opens no page either");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_cookie_the_portal_leads_to_sign_in() {
    let platform = Platform::loaded().await;
    let gp = platform.actor("gp").await;
    let person = gp.find(FREDRICA).await;
    for who in [&platform.anonymous(), &gp] {
        for page in ["/home", "/search", "/sources", "/my-record", &format!("/people/{person}")] {
            let answer = who.get(page).await;
            assert_eq!(answer.status, 303, "{} at {page}: a bearer token is not a cookie", who.name);
            assert!(answer.header("location").starts_with("/sign-in?return=/"), "{page}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_that_merely_points_here_is_not_served() {
    let platform = Platform::loaded().await;
    let gp = platform.actor("gp").await.with_header("host", "portal.attacker.example");
    for service in ServiceName::ALL {
        let answer = gp.clone().at(platform.address(*service)).get("/openapi.json").await;
        assert_eq!(answer.status, 421, "{service}");
    }
    assert_eq!(gp.get("/home").await.status, 421);
}

/// Otherwise any organisation's provider could give anybody's log and choices to whoever it likes.
#[tokio::test(flavor = "multi_thread")]
async fn only_a_provider_that_proofs_patients_may_vouch_for_one() {
    let platform = Platform::start(Options { city: false, patients: false, ..Options::default() }).await;
    let provider = platform.provider.issuer();
    let vouched =
        platform.anonymous().post(&format!("{provider}/demo/assert"), &json!({ "as": "patient" })).await;
    let id_token = vouched.json()["id_token"].as_str().unwrap().to_owned();
    let exchange =
        format!("grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={id_token}");
    let refused = platform.anonymous().post_form("/oauth2/token", exchange).await;
    assert!(refused.status >= 400 && !refused.text().contains("access_token"), "{}", refused.text());
    // Staff of the same provider sign in as ever.
    assert_eq!(platform.actor("gp").await.get("/api/record-aggregation/v1/sources").await.status, 200);
}
