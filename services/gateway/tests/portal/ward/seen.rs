//! Tests of the marks for rows that are new since the reader looked.

use std::sync::{Arc, Mutex};

use axum::http::{StatusCode, header};

use crate::{
    browser::{post_as, visible_text},
    fakes::World,
    stays,
};

#[tokio::test]
async fn new_rows_are_marked_until_they_are_seen() {
    let mut later = stays::inpatients();
    later[1].version += 1;
    later.push(stays::bare("new", stays::inpatients()[1].who.clone()));
    let script = vec![stays::inpatients(), later.clone(), later];
    let world = Arc::new(World { in_hospital: Mutex::new(script), ..World::default() });
    // One router for all three views, because its cache remembers what was seen.
    let router = world.router();
    let look = |path: &'static str| {
        let request = axum::http::Request::get(path)
            .header(header::HOST, "localhost:8080")
            .header(header::COOKIE, "__Host-lcr=gp")
            .body(axum::body::Body::empty());
        crate::browser::send(router.clone(), request.unwrap())
    };
    let first = look("/ward").await.text;
    assert!(first.contains("No earlier view of this list is known here"));
    let seen = "form_token=form-token&list=%2Fward%3Fpractice%3DB86000";
    let answer = crate::browser::post(router.clone(), "/ward/seen", seen).await;
    assert_eq!(answer.header(header::LOCATION), "/ward?practice=B86000");
    let text = look("/ward").await.text;
    assert!(
        visible_text(&text).contains("1 new since you looked · 1 changed since you looked"),
        "{}",
        visible_text(&text)
    );
    let again = look("/ward?show=new").await.text;
    assert!(again.contains("id=\"entry-new\"") && again.contains("Changed since you looked"));
    assert!(!again.contains("id=\"entry-long\""));
}

#[tokio::test]
async fn marking_as_seen_redirects_only_to_a_list() {
    let world: Arc<World> = Arc::default();
    for list in ["https://elsewhere.example", "//elsewhere.example", "/people/x", "/ward?x=%0d%0aLocation:", ""] {
        let answer = post_as(&world, "gp", "/ward/seen", &format!("list={list}")).await;
        let to = answer.header(header::LOCATION);
        assert!(to == "/ward", "{list}: {to}");
    }
    let answer = crate::browser::post(world.router(), "/ward/seen", "list=%2Fward").await;
    assert_eq!(answer.status, StatusCode::FORBIDDEN, "a form needs its token");
}
