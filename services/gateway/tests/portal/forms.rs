//! Sign-in, sign-out, search, and forms from other origins.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

use crate::{
    browser::{form, get_as, post, send},
    fakes::{ORIGIN, World},
    sample::FREDRICA,
};

#[tokio::test]
async fn signed_out_readers_go_to_sign_in_with_only_a_path() {
    let world: Arc<World> = Arc::default();
    let request = Request::get(format!("/people/{FREDRICA}?whole=1"))
        .header(header::HOST, "localhost:8080")
        .body(Body::empty())
        .unwrap();
    let answer = send(world.router(), request).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    assert_eq!(answer.header(header::LOCATION), format!("/sign-in?return=/people/{FREDRICA}"));
    assert_eq!(answer.header(header::CACHE_CONTROL), "no-store");
    let ended = get_as(&world, "nobody", "/home").await;
    assert_eq!(ended.header(header::LOCATION), "/sign-in?return=/home&ended=1");
    let page = get_as(&world, "nobody", "/sign-in?return=//elsewhere.example&ended=1").await.text;
    assert!(page.contains("You were signed out after 15 minutes.") && page.contains("/auth/sign-in?return=%2Fhome\""));
    let again = get_as(&world, "nobody", "/sign-in?return=/home&again=1").await.text;
    assert!(again.contains("/auth/sign-in?return=%2Fhome&#38;again=1\""), "{again}");
}

#[tokio::test]
async fn a_search_leaves_nothing_in_the_url() {
    let world: Arc<World> = Arc::default();
    let router = world.router();
    let answer = post(router.clone(), "/search", "form_token=form-token&q=Smith+14%2F07%2F1945").await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER);
    let to = answer.header(header::LOCATION).to_owned();
    assert!(to.starts_with("/search?r=") && !to.to_lowercase().contains("smith") && !to.contains("07%2F1945"), "{to}");
    let request = |role: &str| {
        Request::get(&to)
            .header(header::HOST, "localhost:8080")
            .header(header::COOKIE, format!("__Host-lcr={role}"))
            .body(Body::empty())
            .unwrap()
    };
    let page = send(router.clone(), request("gp")).await.text;
    for expected in [
        "SMITH, Fredrica (Mrs)",
        "943 476 5919",
        "Location details protected.",
        "have similar names",
        "family name and date of birth",
        "More people match than are shown here",
    ] {
        assert!(page.contains(expected), "{expected}");
    }
    let other = get_as(&world, "gp", "/search?r=0190a1b2-0000-4000-8000-000000000000").await.text;
    assert!(other.contains("no longer stored"));
}

#[tokio::test]
async fn an_empty_search_shows_the_form_again_and_is_not_sent() {
    let world: Arc<World> = Arc::default();
    let answer = post(world.router(), "/search", "form_token=form-token&q=+").await;
    assert_eq!(answer.status, StatusCode::BAD_REQUEST);
    assert!(answer.text.contains("Enter an NHS number"));
    assert_eq!(*world.search_count.lock().unwrap(), 0);
}

#[tokio::test]
async fn a_form_from_elsewhere_or_without_its_token_does_nothing() {
    let world: Arc<World> = Arc::default();
    for (origin, fields) in [
        (ORIGIN, "q=smith"),
        (ORIGIN, "form_token=&q=smith"),
        (ORIGIN, "form_token=wrong&q=smith"),
        ("http://127.0.0.1:8090", "form_token=form-token&q=smith"),
        ("null", "form_token=form-token&q=smith"),
    ] {
        let posts = [
            "/search",
            "/privacy",
            "/privacy/claims/x",
            "/people/x/claim",
            "/people/x/override",
            "/people/x/override/end",
            "/sign-out",
        ];
        for path in posts {
            let answer = send(world.router(), form(path, origin, fields)).await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {origin} {fields}");
        }
    }
    assert_eq!(*world.search_count.lock().unwrap(), 0);
    assert!(!*world.session_ended.lock().unwrap());
}

#[tokio::test]
async fn signing_out_ends_the_session_and_the_cookie() {
    let world: Arc<World> = Arc::default();
    let answer = post(world.router(), "/sign-out", "form_token=form-token").await;
    assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/"));
    assert!(answer.header(header::SET_COOKIE).contains("Max-Age=0") && *world.session_ended.lock().unwrap());
}
