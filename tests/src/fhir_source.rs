//! A FHIR R4 source of a partner, behind `OAuth2` client credentials or mutual TLS, with one person's medicines and two more people in its
//! list. It can also be broken in the ways that a conformance check must name. It must never check a rule of the platform.

mod answers;

use std::{
    collections::BTreeMap,
    fs,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};

use answers::{medication_statement, patient};
use axum::{
    Router,
    body::Bytes,
    http::{HeaderMap, StatusCode, Uri, header},
    response::{IntoResponse, Response},
};
use lcr_city::CastMember;
use lcr_testkit::Certificate;
use reqwest::Url;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::tls_listener::TlsListener;

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
    /// Answers everybody: its listener accepts only clients with a certificate.
    BehindMutualTls,
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
    /// The certificate with its key that a client must have.
    client: Option<Certificate>,
}

impl PartnerSource {
    /// Starts a source that knows this person, and takes this medicine for theirs.
    pub async fn start(person: &CastMember, medicine: &str, behaviour: SourceBehaviour) -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let origin = format!("http://{}", listener.local_addr().expect("an address"));
        let source = Self::new(origin, person, medicine, behaviour);
        let router = source.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        source
    }

    /// Starts such a source over TLS, with a certificate for `localhost`. It wants a token, or the certificate `client` if there
    /// is one.
    pub async fn start_secured(
        person: &CastMember,
        medicine: &str,
        own: &Certificate,
        client: Option<&Certificate>,
    ) -> Self {
        let listener = TlsListener::bind(own, client.map(|client| client.authority.as_path())).await;
        let origin = format!("https://localhost:{}", listener.port());
        let behaviour = if client.is_some() { SourceBehaviour::BehindMutualTls } else { SourceBehaviour::Protected };
        let source = Self { client: client.cloned(), ..Self::new(origin, person, medicine, behaviour) };
        let router = source.router();
        tokio::spawn(async move { axum::serve(listener, router).await });
        source
    }

    fn new(origin: String, person: &CastMember, medicine: &str, behaviour: SourceBehaviour) -> Self {
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
        Self { shared, origin, client: None }
    }

    fn router(&self) -> Router {
        let source = self.shared.clone();
        let answer = move |uri: Uri, headers: HeaderMap, body: Bytes| {
            let response = source.answer(&uri, &headers, &body);
            async move { response }
        };
        Router::new().fallback(answer)
    }

    pub fn base_url(&self) -> String {
        self.shared.base_url.clone()
    }

    /// Credentials that it accepts.
    pub fn credentials(&self) -> Value {
        self.client.as_ref().map_or_else(|| self.credentials_with(CLIENT_SECRET), Self::client_certificate)
    }

    /// Credentials with this client certificate.
    pub fn client_certificate(client: &Certificate) -> Value {
        let read = |path: &Path| fs::read_to_string(path).expect("a PEM file");
        json!({ "kind": "mutual-tls", "certificate": read(&client.certificate), "private_key": read(&client.key) })
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
            SourceBehaviour::Protected | SourceBehaviour::BehindMutualTls | SourceBehaviour::OldVersion => {}
        }
        let authorization = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        if uri.path() == "/token" {
            return self.give_token(authorization, body);
        }
        if self.behaviour != SourceBehaviour::BehindMutualTls && !self.accepts(authorization) {
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
