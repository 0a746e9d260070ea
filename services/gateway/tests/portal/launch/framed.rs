//! Tests of a launch in a frame: only its partner may frame the session.

use std::sync::Arc;

use axum::{
    body::Body,
    http::{Request, header},
};

use super::{get_with, launch, set_cookies};
use crate::{
    browser::{get_as, send, visible_text},
    fake_launch::HOST_PAGE,
    fakes::{ORIGIN, World},
    sample::FREDRICA,
};

#[tokio::test]
async fn only_a_framed_session_is_framed_and_only_by_its_partner() {
    let world = Arc::new(World::default());
    let accepted = launch(&world, "token=framed-gp.9434765919.1945-07-14").await;
    assert!(set_cookies(&accepted)[0].contains("SameSite=None; Partitioned; Secure"), "{:?}", set_cookies(&accepted));
    let ticket = "__Host-lcr-launch=framed-gp.9434765919.1945-07-14";
    let opened = get_with(&world, "/launch/open", ticket).await;
    assert!(set_cookies(&opened)[0].starts_with("__Host-lcr-frame=framed-gp; HttpOnly; SameSite=None; Partitioned"));
    let framed = get_with(&world, "/home", "__Host-lcr-frame=framed-gp").await;
    assert_eq!(framed.status.as_u16(), 200);
    let policy = framed.header(header::CONTENT_SECURITY_POLICY);
    assert!(policy.contains(&format!("frame-ancestors {HOST_PAGE};")), "{policy}");
    assert_eq!(framed.header(header::X_FRAME_OPTIONS), "");
    let own = get_as(&world, "gp", "/home").await;
    assert!(own.header(header::CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"));
    assert_eq!(own.header(header::X_FRAME_OPTIONS), "DENY");
    for swapped in ["__Host-lcr=framed-gp", "__Host-lcr-frame=gp"] {
        let answer = get_with(&world, "/home", swapped).await;
        assert_eq!(answer.status.as_u16(), 303, "{swapped}");
        assert!(answer.header(header::CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"), "{swapped}");
    }
    let out_of_frame =
        Request::get("/home").header(header::HOST, "localhost:8080").header("sec-fetch-dest", "document");
    let out_of_frame = out_of_frame.header(header::COOKIE, "__Host-lcr-frame=framed-gp").body(Body::empty()).unwrap();
    assert_eq!(send(world.router(), out_of_frame).await.status.as_u16(), 303);
}

/// A request that the browser makes for its frame, with these cookies.
fn in_frame(request: axum::http::request::Builder, cookies: &str) -> axum::http::request::Builder {
    let request = request.header(header::HOST, "localhost:8080").header("sec-fetch-dest", "iframe");
    request.header(header::COOKIE, cookies)
}

#[tokio::test]
async fn the_end_of_a_framed_session_is_readable_in_its_frame() {
    let world = Arc::new(World::default());
    let router = world.router();
    let get = async |path: &str, cookies: &str| {
        send(router.clone(), in_frame(Request::get(path), cookies).body(Body::empty()).unwrap()).await
    };
    let opened = get("/launch/open", "__Host-lcr-launch=framed-gp.9434765919.1945-07-14").await;
    assert_eq!(opened.status.as_u16(), 303, "{}", opened.text);
    world.ended.lock().unwrap().push("framed-gp".to_owned());
    let policy = format!("frame-ancestors {HOST_PAGE};");
    for (path, status, words) in [
        ("/home", 401, "You were signed out"),
        ("/launch/refused", 403, "Your system could not open the patient here"),
        ("/launch/open", 400, "Open the patient from your own system"),
    ] {
        let answer = get(path, "__Host-lcr-frame=framed-gp").await;
        assert_eq!(answer.status.as_u16(), status, "{path}");
        assert!(visible_text(&answer.text).contains(words), "{path}");
        assert!(answer.header(header::CONTENT_SECURITY_POLICY).contains(&policy), "{path}");
    }
    let unknown = get("/home", "__Host-lcr-frame=nobody").await;
    assert_eq!(unknown.status.as_u16(), 303, "nobody is known who may frame it");
    assert!(unknown.header(header::CONTENT_SECURITY_POLICY).contains("frame-ancestors 'none'"));
}

#[tokio::test]
async fn the_forms_and_streams_of_a_framed_page_use_its_session() {
    let world = Arc::new(World::default());
    let both = "__Host-lcr=consultant; __Host-lcr-frame=framed-gp";
    let page = in_frame(Request::get("/search"), both).body(Body::empty()).unwrap();
    let page = send(world.router(), page).await;
    assert!(page.text.contains("value=\"frame.form-token\""), "{}", page.text);
    let sign_out = async |token: &str| {
        let request = Request::post("/sign-out")
            .header(header::HOST, "localhost:8080")
            .header(header::ORIGIN, ORIGIN)
            .header(header::COOKIE, both)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        send(world.router(), request.body(Body::from(format!("form_token={token}"))).unwrap()).await
    };
    let answer = sign_out("frame.form-token").await;
    assert!(set_cookies(&answer)[0].starts_with("__Host-lcr-frame=;"), "{:?}", set_cookies(&answer));
    let answer = sign_out("form-token").await;
    assert!(set_cookies(&answer)[0].starts_with("__Host-lcr=;"), "{:?}", set_cookies(&answer));
    let record = in_frame(Request::get(format!("/people/{FREDRICA}?whole=1")), both).body(Body::empty()).unwrap();
    let record = send(world.router(), record).await;
    assert!(record.text.contains("frame=1\""), "its stream says that it is framed: {}", record.text);
}
