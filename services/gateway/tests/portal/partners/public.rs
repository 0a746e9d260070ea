//! Tests of what needs no session: the public register, and a request for access. Neither may show anything else.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};
use lcr_contracts::FailureKind;
use lcr_model::Role;

use super::assert_refused;
use crate::{
    browser::{Answer, get_as, get_from, send, visible_text},
    fakes::{ORIGIN, World},
    pages::assert_well_formed,
};

#[tokio::test]
async fn the_register_is_open_to_anybody_as_a_page_and_as_json() {
    let page = get_as(&Arc::default(), "nobody", "/sharing").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_well_formed("/sharing", &page.text);
    let text = visible_text(&page.text);
    for expected in
        ["Beckside Surgery GP practice, B86000", "since 02-Mar-2026", "Beckside system: medications", "direct care"]
    {
        assert!(text.contains(expected), "{expected}\n{text}");
    }
    let json = get_as(&Arc::default(), "nobody", "/sharing.json").await;
    assert!(json.header(header::CONTENT_TYPE).starts_with("application/json"));
    for answer in [&page, &json] {
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-cache");
    }
    let json: serde_json::Value = serde_json::from_str(&json.text).unwrap();
    assert_eq!(json["partners"][0]["gives"][0]["stage"], "on");
    assert!(get_as(&Arc::default(), "nobody", "/").await.text.contains("href=\"/sharing\""));
}

#[tokio::test]
async fn a_browser_that_has_the_register_receives_it_again_only_if_it_has_changed() {
    let world: Arc<World> = Arc::default();
    let ask = |path: &'static str, tag: &str| {
        let request = Request::get(path).header(header::HOST, "localhost:8080").header(header::IF_NONE_MATCH, tag);
        send(world.router(), request.body(Body::empty()).unwrap())
    };
    for path in ["/sharing", "/sharing.json"] {
        let first = get_as(&world, "nobody", path).await;
        let tag = first.header(header::ETAG);
        assert!(tag.starts_with("W/\""), "{path}: {tag}");
        let same = ask(path, tag).await;
        assert_eq!((same.status, same.text.as_str()), (StatusCode::NOT_MODIFIED, ""), "{path}");
        assert_eq!((same.header(header::ETAG), same.header(header::CACHE_CONTROL)), (tag, "no-cache"), "{path}");
        let changed = ask(path, "W/\"of-another-content\"").await;
        assert_eq!((changed.status, changed.text), (StatusCode::OK, first.text.clone()), "{path}");
    }
}

#[tokio::test]
async fn the_register_is_made_once_for_many_readers_and_a_failure_is_not_stored() {
    let world: Arc<World> = Arc::default();
    let router = world.router();
    *world.failure.lock().unwrap() = Some(FailureKind::Unavailable);
    let failed = get_from(&router, "nobody", "/sharing").await;
    assert_eq!((failed.status, failed.header(header::CACHE_CONTROL)), (StatusCode::SERVICE_UNAVAILABLE, "no-store"));
    *world.failure.lock().unwrap() = None;
    for path in ["/sharing", "/sharing.json", "/sharing"] {
        assert_eq!(get_from(&router, "nobody", path).await.status, StatusCode::OK, "{path}");
    }
    assert_eq!(*world.registers_made.lock().unwrap(), 1);
}

#[tokio::test]
async fn an_applicant_asks_for_access_and_sees_the_clock() {
    let world: Arc<World> = Arc::default();
    let page = applicant(&world, Request::get("/access-request"), "").await;
    assert_eq!(page.status, StatusCode::OK);
    assert_well_formed("/access-request", &page.text);
    assert!(visible_text(&page.text).contains("Kit Shaw") && page.text.contains("value=\"receptionist\""));
    let no_reason = applicant(&world, post_request(ORIGIN), "act=request-access&role=receptionist").await;
    assert_refused(&no_reason, "Say why you need access.");
    let fields = "act=request-access&role=receptionist&reason=I+started+on+Monday.";
    let elsewhere = applicant(&world, post_request("https://elsewhere.example"), fields).await;
    assert_eq!(elsewhere.status, StatusCode::FORBIDDEN);
    assert!(world.access_requests.lock().unwrap().is_empty());
    let asked = applicant(&world, post_request(ORIGIN), fields).await;
    assert_eq!((asked.status, asked.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/access-request"));
    assert_eq!(world.access_requests.lock().unwrap()[0].role, Role::Receptionist);
    let page = applicant(&world, Request::get("/access-request"), "").await.text;
    let text = visible_text(&page);
    assert!(text.contains("Asked 30-Nov-2026 09:12. A decision is due by 01-Dec-2026 17:00."), "{text}");
    assert!(!page.contains("id=\"request-access\""), "nobody asks twice");
    let stranger = get_as(&world, "gp", "/access-request").await;
    assert_eq!(stranger.status, StatusCode::UNAUTHORIZED);
}

fn post_request(origin: &str) -> http::request::Builder {
    Request::post("/access-request")
        .header(header::ORIGIN, origin)
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
}

async fn applicant(world: &Arc<World>, request: http::request::Builder, fields: &str) -> Answer {
    let request =
        request.header(header::HOST, "localhost:8080").header(header::COOKIE, "__Host-lcr-applicant=applicant");
    send(world.router(), request.body(Body::from(fields.to_owned())).unwrap()).await
}
