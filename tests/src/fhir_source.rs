//! A FHIR R4 source of a partner, behind `OAuth2` client credentials, with one person's medicines and two more people in its
//! list. It can also be broken in the ways that a conformance check must name. It must never check a rule of the platform.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use lcr_city::CastMember;
use reqwest::Url;
use serde_json::{Value, json};
use uuid::Uuid;

const NHS_NUMBER: &str = "https://fhir.nhs.uk/Id/nhs-number";
/// The id of the city's person in this source.
const PERSON: &str = "KH0001";
/// Valid numbers that nobody of the city has.
const OTHERS: [(&str, &str); 2] = [("KH0002", "9990000018"), ("KH0003", "9990000026")];
const CLIENT_ID: &str = "leeds-care-record";
const CLIENT_SECRET: &str = "sea-holly";
/// The id and the secret by HTTP Basic.
const BASIC: &str = "Basic bGVlZHMtY2FyZS1yZWNvcmQ6c2VhLWhvbGx5";
const TOKEN_TIME: Duration = Duration::from_mins(1);
const CHANGED: &str = "2026-11-01T09:00:00Z";

/// What the source does with a request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceBehaviour {
    /// Answers who has a token.
    Protected,
    /// Answers 401, also to its own tokens.
    RefusesEverybody,
    /// Says that it speaks FHIR 3.
    OldVersion,
    /// Sends everybody to this address.
    RedirectsTo(&'static str),
}

#[derive(Debug)]
struct Shared {
    base_url: String,
    behaviour: SourceBehaviour,
    patients: Vec<Value>,
    statement: Value,
    /// The tokens with the end of each.
    tokens: Mutex<BTreeMap<String, Instant>>,
    tokens_given: AtomicUsize,
    answers: AtomicUsize,
}

/// A running source. It ends with the test.
#[derive(Debug)]
pub struct PartnerSource {
    shared: Arc<Shared>,
    origin: String,
}

impl PartnerSource {
    /// Starts a source that knows this person, and takes this medicine for theirs.
    pub async fn start(person: &CastMember, medicine: &str, behaviour: SourceBehaviour) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let number = person.nhs_number.as_deref().expect("somebody with a number");
        let mut patients = vec![patient(PERSON, number, (&person.family, &person.given), &person.birth_date)];
        patients.extend(OTHERS.map(|(id, number)| patient(id, number, ("Kirkgate", "Testcase"), "1961-04-05")));
        let shared = Arc::new(Shared {
            base_url: format!("{origin}/R4"),
            behaviour,
            patients,
            statement: medication_statement(medicine),
            tokens: Mutex::default(),
            tokens_given: AtomicUsize::new(0),
            answers: AtomicUsize::new(0),
        });
        let source = shared.clone();
        let answer = move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let response = source.answer(&uri, &headers, &body);
            async move { response }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        Self { shared, origin }
    }

    pub fn base_url(&self) -> String {
        self.shared.base_url.clone()
    }

    /// Credentials that its token endpoint accepts.
    pub fn credentials(&self) -> Value {
        self.credentials_with(CLIENT_SECRET)
    }

    /// Credentials with another secret.
    pub fn credentials_with(&self, secret: &str) -> Value {
        json!({
            "kind": "oauth2-secret", "token_url": format!("{}/token", self.origin), "client_id": CLIENT_ID,
            "client_secret": secret,
        })
    }

    /// How many tokens its token endpoint has given.
    pub fn tokens_given(&self) -> usize {
        self.shared.tokens_given.load(Ordering::SeqCst)
    }

    /// How many requests for data it has answered with data.
    pub fn answers(&self) -> usize {
        self.shared.answers.load(Ordering::SeqCst)
    }
}

impl Shared {
    fn answer(&self, uri: &Uri, headers: &HeaderMap, body: &Bytes) -> Response {
        match &self.behaviour {
            SourceBehaviour::RedirectsTo(address) => {
                return (StatusCode::FOUND, [(header::LOCATION, *address)]).into_response();
            }
            SourceBehaviour::RefusesEverybody => return StatusCode::UNAUTHORIZED.into_response(),
            SourceBehaviour::Protected | SourceBehaviour::OldVersion => {}
        }
        let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if uri.path() == "/token" {
            return self.give_token(authorization, body);
        }
        if !self.accepts(authorization) {
            return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")]).into_response();
        }
        let found = uri.path().strip_prefix("/R4/").and_then(|path| self.find(path, &Query::of(uri)));
        match found {
            Some(resource) => {
                self.answers.fetch_add(1, Ordering::SeqCst);
                ([(header::CONTENT_TYPE, "application/fhir+json")], resource.to_string()).into_response()
            }
            None => StatusCode::NOT_FOUND.into_response(),
        }
    }

    /// RFC 6749 section 4.4.
    fn give_token(&self, authorization: Option<&str>, body: &Bytes) -> Response {
        let form = String::from_utf8_lossy(body);
        if authorization != Some(BASIC) || !form.contains("grant_type=client_credentials") {
            let refusal = json!({ "error": "invalid_client" });
            return (StatusCode::UNAUTHORIZED, axum::Json(refusal)).into_response();
        }
        let token = Uuid::new_v4().to_string();
        self.tokens.lock().expect("tokens").insert(token.clone(), Instant::now() + TOKEN_TIME);
        self.tokens_given.fetch_add(1, Ordering::SeqCst);
        let seconds = TOKEN_TIME.as_secs();
        axum::Json(json!({ "access_token": token, "token_type": "Bearer", "expires_in": seconds })).into_response()
    }

    fn accepts(&self, authorization: Option<&str>) -> bool {
        let token = authorization.and_then(|value| value.strip_prefix("Bearer "));
        let tokens = self.tokens.lock().expect("tokens");
        token.and_then(|token| tokens.get(token)).is_some_and(|until| Instant::now() < *until)
    }

    /// The resource at a path below the base.
    fn find(&self, path: &str, query: &Query) -> Option<Value> {
        match path {
            "metadata" => Some(self.capability_statement()),
            "Patient" => Some(self.list_patients(query)),
            "MedicationStatement" if query.get("patient") == Some(PERSON) => {
                Some(searchset(std::slice::from_ref(&self.statement), 1, None))
            }
            "MedicationStatement" | "MedicationRequest" => Some(searchset(&[], 0, None)),
            _ => {
                let id = path.strip_prefix("Patient/")?;
                self.patients.iter().find(|patient| patient["id"] == id).cloned()
            }
        }
    }

    fn capability_statement(&self) -> Value {
        let version = if self.behaviour == SourceBehaviour::OldVersion { "3.0.2" } else { "4.0.1" };
        let types = ["Patient", "MedicationRequest", "MedicationStatement"].map(|name| json!({ "type": name }));
        json!({
            "resourceType": "CapabilityStatement", "status": "active", "kind": "instance", "date": CHANGED,
            "fhirVersion": version, "format": ["json"], "rest": [{ "mode": "server", "resource": types }],
        })
    }

    /// A page of the people: all, or who has this identifier.
    fn list_patients(&self, query: &Query) -> Value {
        let wanted = query.get("identifier").map(|text| text.rsplit('|').next().unwrap_or_default());
        let has = |patient: &&Value| wanted.is_none_or(|number| patient["identifier"][0]["value"] == number);
        let found: Vec<Value> = self.patients.iter().filter(has).cloned().collect();
        let number = |name: &str| query.get(name).and_then(|text| text.parse::<usize>().ok());
        let (size, first) = (number("_count").unwrap_or(50).max(1), number("_first").unwrap_or(0));
        let page: Vec<Value> = found.iter().skip(first).take(size).cloned().collect();
        let after = first + page.len();
        let next = format!("{}/Patient?_count={size}&_first={after}", self.base_url);
        searchset(&page, found.len(), (after < found.len()).then_some(next))
    }
}

/// The parameters of a search.
struct Query(BTreeMap<String, String>);

impl Query {
    fn of(uri: &Uri) -> Self {
        let url = Url::parse(&format!("http://source{uri}"));
        Self(url.map(|url| url.query_pairs().into_owned().collect()).unwrap_or_default())
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str)
    }
}

fn searchset(resources: &[Value], total: usize, next: Option<String>) -> Value {
    let entries: Vec<Value> = resources.iter().map(|one| json!({ "resource": one })).collect();
    let links: Vec<Value> = next.into_iter().map(|url| json!({ "relation": "next", "url": url })).collect();
    json!({ "resourceType": "Bundle", "type": "searchset", "total": total, "link": links, "entry": entries })
}

fn patient(id: &str, number: &str, (family, given): (&str, &str), birth_date: &str) -> Value {
    json!({
        "resourceType": "Patient", "id": id, "meta": { "lastUpdated": CHANGED }, "active": true,
        "identifier": [{ "system": NHS_NUMBER, "value": number }],
        "name": [{ "use": "official", "family": family, "given": [given] }],
        "gender": "female", "birthDate": birth_date, "address": [{ "line": ["1 Kirkgate"], "city": "Leeds" }],
    })
}

fn medication_statement(medicine: &str) -> Value {
    json!({
        "resourceType": "MedicationStatement", "id": "KHM0001", "meta": { "lastUpdated": CHANGED },
        "identifier": [{ "system": "https://kirkgate.example/Id/statement", "value": "KHM0001" }],
        "status": "active", "medicationCodeableConcept": { "text": medicine },
        "subject": { "reference": format!("Patient/{PERSON}") },
        "effectiveDateTime": CHANGED, "dateAsserted": CHANGED, "dosage": [{ "text": "2.5 ml when needed" }],
    })
}
