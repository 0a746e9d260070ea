//! The sign-in page and its neighbours: refusals in words, the search by e-mail address, the choice of a role, sign-out at the
//! provider.

use std::sync::Arc;

use crate::{
    browser::{form, get_as, send},
    fakes::{ORIGIN, World},
};
use axum::{
    body::Body,
    http::{Request, StatusCode, header},
};

fn with_cookie(path: &str, cookie: &str) -> Request<Body> {
    let request = Request::get(path).header(header::HOST, "localhost:8080").header(header::COOKIE, cookie);
    request.body(Body::empty()).unwrap()
}

#[tokio::test]
async fn a_user_with_several_roles_chooses_one_without_scripts() {
    let world: Arc<World> = Arc::default();
    let page = send(world.router(), with_cookie("/sign-in/role", "__Host-lcr-role=two-roles")).await;
    assert_eq!(page.status, StatusCode::OK);
    assert!(page.text.contains("action=\"/auth/role\"") && page.text.contains("value=\"choice-token\""));
    assert!(page.text.contains("GP, Beckside Surgery") && page.text.contains("General Medical Practitioner"));
    assert!(page.text.contains("Pharmacist, Kirkgate") && !page.text.contains("<Medical>"), "escaped");
    for cookie in ["__Host-lcr-role=too-old", "a=b"] {
        let answer = send(world.router(), with_cookie("/sign-in/role", cookie)).await;
        assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/sign-in"), "{cookie}");
    }
}

#[tokio::test]
async fn the_sign_in_page_says_why_nobody_was_signed_in() {
    let world: Arc<World> = Arc::default();
    let page = get_as(&world, "nobody", "/sign-in?refused=ended").await.text;
    assert!(page.contains("Your organisation has ended your access."), "{page}");
    let other = get_as(&world, "nobody", "/sign-in?refused=%3Cscript%3E").await.text;
    assert!(!other.contains("You are not signed in"));
}

#[tokio::test]
async fn a_work_address_finds_the_provider_and_is_never_in_a_link() {
    let world: Arc<World> = Arc::default();
    let page = get_as(&world, "nobody", "/sign-in").await.text;
    assert!(page.contains("action=\"/auth/find\"") && page.contains("name=\"email\""));
    let found = get_as(&world, "nobody", "/sign-in?return=/ward&provider=p-0f3a").await.text;
    assert!(found.contains("/auth/sign-in?return=%2Fward&#38;provider=p-0f3a\""), "{found}");
    let unknown = get_as(&world, "nobody", "/sign-in?unknown=1").await.text;
    assert!(unknown.contains("No organisation has registered the e-mail domain"));
    let strange = get_as(&world, "nobody", "/sign-in?provider=x%26y").await.text;
    assert!(!strange.contains("provider="));
}

#[tokio::test]
async fn signing_out_offers_to_sign_out_at_the_provider_too() {
    let world: Arc<World> = Arc::default();
    let mut request = form("/sign-out", ORIGIN, "form_token=form-token");
    let cookies = request.headers().get(header::COOKIE).unwrap().to_str().unwrap().to_owned();
    let both = format!("{cookies}; __Host-lcr-provider=p-0f3a");
    request.headers_mut().insert(header::COOKIE, both.parse().unwrap());
    let answer = send(world.router(), request).await;
    assert_eq!((answer.status, answer.header(header::LOCATION)), (StatusCode::SEE_OTHER, "/sign-in?signed-out=p-0f3a"));
    assert!(*world.session_ended.lock().unwrap());
    let page = get_as(&world, "nobody", "/sign-in?signed-out=p-0f3a").await.text;
    assert!(page.contains("href=\"/auth/sign-out?provider=p-0f3a\""));
}
