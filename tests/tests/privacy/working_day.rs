//! A clinician's working day with valid and invalid requests, and the search of logs and metrics for the people who were
//! viewed or searched for. It must never print a person of real data.

#[path = "working_day/identifiers.rs"]
mod identifiers;

pub use identifiers::PatientIdentifiers;
use lcr_tests::Actor;
use serde_json::json;

/// The platform under test: the gateway's port and the identity provider.
pub struct PlatformAddress {
    pub port: u16,
    pub provider: String,
    /// The number of people in the city.
    pub people: u32,
}

impl PlatformAddress {
    async fn actor(&self, who: &str) -> Actor {
        Actor::outside(self.port).signed_in(who, &self.provider).await
    }

    async fn browser(&self, who: &str) -> lcr_tests::Browser {
        Actor::outside(self.port).in_browser(who).await
    }
}

/// A day's work of valid and invalid requests. Adds everybody who is viewed to `known`.
pub async fn journey(at: &PlatformAddress, known: &mut PatientIdentifiers) {
    let city = lcr_city::CityOptions { people: at.people, seed: lcr_cli::commands::up::SEED, first_port: 0 };
    let city = lcr_city::start(city).await.unwrap();
    for sent in city.history() {
        known.add_message(&sent.bytes);
    }
    let cast = city.cast().clone();
    let everybody = [cast.fredrica_smith, cast.restricted, cast.elsewhere, cast.deceased, cast.osei, cast.child];
    let (gp, machine) = (at.actor("gp").await, at.actor("fhir-client").await);
    let browser = at.browser("gp").await;
    for member in &everybody {
        known.add_member(member);
        let number = member.nhs_number.clone().unwrap();
        let id = gp.find_person(&number).await;
        known.ids.push(id.clone());
        known.add_address(&gp.record(&id).await.json());
        view_in_browser(&browser, &id, &number, &member.family).await;
        read_fhir(&machine, &id, &number, member).await;
        send_invalid_requests(&gp, &id, &number, member).await;
    }
    read_ward_lists(at, &browser).await;
    use_patient_pages(at).await;
    browser.post_form("/sign-out", "").await;
}

/// Reads lists and sends messages, valid and invalid ones.
async fn read_ward_lists(at: &PlatformAddress, browser: &lcr_tests::Browser) {
    for page in ["/ward", "/ward/discharged", "/ward?ward=J27", "/ward?consultant=OSEI", "/ward?nonsense=OSEI"] {
        browser.get(page).await;
    }
    let mut line = lcr_tests::mllp::MllpConnection::open(at.port - 5505).await.unwrap();
    let good = lcr_tests::mllp::admission("PRIVACY", "9434765919", "19450714", "VPRIVACY");
    for message in
        [&good, &good.replace("PID|1||", "PID|1|"), &good.replace("ADT^A01", "XXX^Y01"), &good[4..].to_owned()]
    {
        line.send(message).await.unwrap();
    }
    let feeds = at.actor("feeds-client").await;
    feeds.post("/api/feeds/v1/fhir", &json!({ "resourceType": "Bundle", "entry": [{ "resource": "SMITH" }] })).await;
    feeds.get("/api/feeds/v1/messages?limit=200").await;
}

/// A patient reads their log, objects and withdraws the objection.
async fn use_patient_pages(at: &PlatformAddress) {
    let (patient, browser) = (at.actor("patient").await, at.browser("patient").await);
    for page in ["/my-record", "/my-record/choices", "/my-record/sharing"] {
        browser.get(page).await;
    }
    let id = patient.get("/api/patient-index/v1/people/own").await.json()["id"].clone();
    let path = format!("/api/consent/v1/people/{}/opt-out", id.as_str().unwrap_or_default());
    patient.post(&path, &json!({ "reason": "Fredrica Smith of Elm Road says no" })).await;
    patient.delete(&path).await;
    patient.get("/api/audit/v1/my-looks").await;
}

async fn view_in_browser(browser: &lcr_tests::Browser, id: &str, number: &str, family: &str) {
    let found = browser.post_form("/search", &format!("q={number}")).await;
    browser.get(found.header("location")).await;
    browser.post_form("/search", &format!("q={family}")).await;
    for page in ["", "?whole=1", "/timeline", "/medications", "/results", "/documents", "/access", "/nothing"] {
        browser.get(&format!("/people/{id}{page}")).await;
    }
    let page = browser.get(&format!("/people/{id}/documents")).await.text();
    for link in page.split('"').filter(|one| one.starts_with("/people/") && one.contains("/documents/")) {
        browser.get(link).await;
        browser.get(&format!("{link}/content")).await;
    }
}

async fn read_fhir(machine: &Actor, id: &str, number: &str, member: &lcr_city::CastMember) {
    let (family, given, born) = (&member.family, &member.given, &member.birth_date);
    for path in [
        format!("/fhir/R4/Patient?identifier=https://fhir.nhs.uk/Id/nhs-number|{number}"),
        format!("/fhir/R4/Patient?family={family}&given={given}&birthdate={born}"),
        format!("/fhir/R4/Patient?family={family}"),
        format!("/fhir/R4/Patient/{id}"),
        format!("/fhir/R4/Condition?patient={id}"),
        format!("/fhir/R4/Condition?patient={number}"),
        format!("/fhir/R4/Nothing?patient={id}"),
        format!("/fhir/R4/Patient?identifier={number}&_format=xml"),
    ] {
        machine.get(&path).await;
    }
    machine.post_form("/fhir/R4/Patient/_search", format!("family={family}&birthdate={born}")).await;
}

/// Sends requests that are refused, because refusals are logged.
async fn send_invalid_requests(gp: &Actor, id: &str, number: &str, member: &lcr_city::CastMember) {
    let (family, born) = (&member.family, &member.birth_date);
    gp.search(&json!({ "q": format!("{family} {born}"), "nonsense": number })).await;
    gp.search(&json!({ "family": family })).await;
    gp.search(&json!({ "nhs_number": format!("{number}0") })).await;
    for path in [
        format!("/api/patient-index/v1/people?q={family}"),
        format!("/api/patient-index/v1/people?name={family}&born={born}"),
        format!("/api/patient-index/v1/people/{number}"),
        format!("/api/record-aggregation/v1/people/{id}/record?datasets={family}"),
        format!("/api/audit/v1/entries?user={family}"),
        format!("/api/nowhere/v1/{family}"),
        format!("/people/{number}"),
        format!("/people/{id}/stream?view={family}"),
        format!("/{family}"),
    ] {
        gp.get(&path).await;
    }
    gp.post("/api/consent/v1/decisions", &json!({ "person": number })).await;
    gp.post("/api/consent/v1/decisions", &json!({ "person": family })).await;
    gp.post_form("/oauth2/token", format!("grant_type={family}&subject_token={number}")).await;
}
