//! The portal with invented people, to look at pages: `cargo run -p lcr-gateway --example preview`, then
//! <http://localhost:8080/as/gp>. It must never be deployed.

#![allow(clippy::unwrap_used, reason = "an example for looking at pages")]

#[allow(dead_code, clippy::wildcard_imports, clippy::pedantic, reason = "shared with the tests")]
#[path = "../tests/portal/fake_audit.rs"]
mod fake_audit;
#[allow(dead_code, clippy::wildcard_imports, clippy::pedantic, reason = "shared with the tests")]
#[path = "../tests/portal/fake_consent.rs"]
mod fake_consent;
#[allow(dead_code, clippy::wildcard_imports, clippy::pedantic, reason = "shared with the tests")]
#[path = "../tests/portal/fake_launch.rs"]
mod fake_launch;
#[allow(dead_code, clippy::wildcard_imports, clippy::pedantic, reason = "shared with the tests")]
#[path = "../tests/portal/fake_messages.rs"]
mod fake_messages;
#[allow(dead_code, clippy::wildcard_imports, clippy::pedantic, reason = "shared with the tests")]
#[path = "../tests/portal/fake_partners.rs"]
mod fake_partners;
#[allow(dead_code, clippy::wildcard_imports, clippy::pedantic, reason = "shared with the tests")]
#[path = "../tests/portal/fake_ward.rs"]
mod fake_ward;
#[allow(dead_code, clippy::wildcard_imports, clippy::pedantic, reason = "shared with the tests")]
#[path = "../tests/portal/fakes.rs"]
mod fakes;
#[allow(dead_code, clippy::wildcard_imports, clippy::pedantic, reason = "shared with the tests")]
#[path = "../tests/portal/record.rs"]
mod record;
#[allow(dead_code, clippy::wildcard_imports, clippy::pedantic, reason = "shared with the tests")]
#[path = "../tests/portal/sample.rs"]
mod sample;
#[allow(dead_code, clippy::wildcard_imports, clippy::pedantic, reason = "shared with the tests")]
#[path = "../tests/portal/stays.rs"]
mod stays;

use std::{collections::HashMap, sync::Arc, time::Duration};

use axum::{
    extract::{Path, Query},
    http::header,
    response::{IntoResponse, Redirect},
    routing::get,
};
use lcr_contracts::ward::ListChange;

#[tokio::main]
async fn main() {
    let world = Arc::new(fakes::World {
        step: Duration::from_millis(700),
        stays_open: true,
        news: vec![ListChange { changed: 3, closed: false }].into(),
        ..fakes::World::default()
    });
    let router = world.router().route("/as/{role}", get(sign_in_as));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:8080").await.unwrap();
    println!("http://localhost:8080/as/gp");
    println!("http://localhost:8080/people/{}", sample::FREDRICA);
    println!("http://localhost:8080/as/gp?to=/ward");
    println!("http://localhost:8080/as/patient?to=/my-record");
    println!("http://localhost:8080/as/privacy-officer?to=/privacy");
    axum::serve(listener, router).await.unwrap();
}

/// Signs in without a provider: `/as/gp`, `/as/privacy-officer`, `/as/patient`, and to any page with `?to=/sources`.
async fn sign_in_as(Path(role): Path<String>, Query(then): Query<HashMap<String, String>>) -> impl IntoResponse {
    let cookie = format!("__Host-lcr={role}; Path=/; Secure; HttpOnly; SameSite=Lax");
    ([(header::SET_COOKIE, cookie)], Redirect::to(then.get("to").map_or("/home", String::as_str)))
}
