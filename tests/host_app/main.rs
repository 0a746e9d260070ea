//! The sample host application: a small record system that opens the Leeds Care Record for its signed-in user, in a tab of
//! its own and in a frame, by a signed token and by a SMART launch. `host-app PORT` serves a demonstration on PORT, 15 ports
//! above it. It must never hold a key: the demo provider signs for it.

#![allow(clippy::expect_used, reason = "a program for tests")]

mod pages;

use std::{net::Ipv4Addr, sync::Arc};

use axum::{
    Router,
    extract::{Path, State},
    response::{Html, Redirect},
    routing::get,
};
use lcr_tests::{Actor, HostPatient, HostSystem};
use serde_json::json;

/// The distances of the demonstration's ports from the portal's.
const OWN_PORT: u16 = 15;
const PROVIDER_PORT: u16 = 10;
const SOURCE_PORTS: std::ops::Range<u16> = 20..40;
/// The prefix of the ids of St Hilda's, whose consultant uses the SMART launch.
const SOURCE_PREFIX: &str = "SH";

/// Dr Khan's patient of the demo city.
const FREDRICA: &str = "9434765919";

struct Host {
    portal: String,
    system: HostSystem,
    /// St Hilda's FHIR base address.
    fhir_base: String,
    patients: Vec<HostPatient>,
}

#[tokio::main]
async fn main() {
    let port = std::env::args().nth(1).and_then(|port| port.parse::<u16>().ok());
    let Some(portal_port) = port else {
        eprintln!("usage: host-app PORT-OF-THE-PORTAL");
        std::process::exit(2);
    };
    let portal = format!("http://localhost:{portal_port}");
    let provider = format!("http://127.0.0.1:{}", portal_port + PROVIDER_PORT);
    let system = HostSystem::new(Actor::outside(portal_port), provider, portal.clone());
    let (fhir_base, patients) = load_patients(&system, portal_port).await.expect("St Hilda's among the city's sources");
    let router = Router::new()
        .route("/", get(list))
        .route("/{patient}/signed", get(signed))
        .route("/{patient}/signed/framed", get(signed_in_frame))
        .route("/{patient}/smart", get(smart))
        .route("/{patient}/smart/framed", get(smart_in_frame))
        .with_state(Arc::new(Host { portal, system, fhir_base, patients }));
    // Another name than the portal's, so that the browser sees two sites.
    let address = (Ipv4Addr::LOCALHOST, portal_port + OWN_PORT);
    let listener = tokio::net::TcpListener::bind(address).await.expect("a free port");
    println!("ready http://127.0.0.1:{}", portal_port + OWN_PORT);
    axum::serve(listener, router).await.expect("it serves");
}

/// Finds St Hilda's by the ids that it gives, and two of its patients.
async fn load_patients(system: &HostSystem, portal_port: u16) -> Option<(String, Vec<HostPatient>)> {
    for port in SOURCE_PORTS {
        let base = format!("http://127.0.0.1:{}", portal_port + port);
        let known = system.patients(&base, &format!("identifier=https://fhir.nhs.uk/Id/nhs-number%7C{FREDRICA}")).await;
        let Some(fredrica) = known.into_iter().find(|patient| patient.local_id.starts_with(SOURCE_PREFIX)) else {
            continue;
        };
        let all = system.patients(&base, "_count=20").await;
        let other = all.into_iter().find(|patient| patient.nhs_number != FREDRICA);
        return Some((base, std::iter::once(fredrica).chain(other).collect()));
    }
    None
}

async fn list(State(host): State<Arc<Host>>) -> Html<String> {
    Html(pages::list(&host.patients))
}

/// A page whose form posts a fresh token to the portal, in this tab.
async fn signed(State(host): State<Arc<Host>>, Path(patient): Path<usize>) -> Html<String> {
    let token = host.token(patient, false).await;
    Html(pages::post_form(&host.portal, &token, None))
}

async fn signed_in_frame(State(host): State<Arc<Host>>, Path(patient): Path<usize>) -> Html<String> {
    let token = host.token(patient, true).await;
    Html(pages::post_form(&host.portal, &token, Some("record")))
}

async fn smart(State(host): State<Arc<Host>>, Path(patient): Path<usize>) -> Redirect {
    let id = &host.patient(patient).local_id;
    let path = host.system.smart_path("consultant", &host.fhir_base, id).await;
    Redirect::to(&format!("{}{path}", host.portal))
}

async fn smart_in_frame(Path(patient): Path<usize>) -> Html<String> {
    Html(pages::frame(&format!("/{patient}/smart")))
}

impl Host {
    /// The patient at this place of the list, or else the first.
    fn patient(&self, at: usize) -> &HostPatient {
        self.patients.get(at).unwrap_or(&self.patients[0])
    }

    async fn token(&self, patient: usize, embed: bool) -> String {
        let patient = self.patient(patient);
        let mut claims = self.system.claims(&patient.nhs_number, &patient.birth_date);
        claims["embed"] = json!(embed);
        self.system.sign(&claims).await
    }
}
