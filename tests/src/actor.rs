//! A user or program that calls the platform over HTTP, and the answers it gets. It must never check a rule of the
//! platform.

mod answer;

use std::time::{Duration, Instant};

pub use answer::{Answer, Events};
use bytes::{Bytes, BytesMut};
use futures::StreamExt;
use lcr_web::{EgressRules, Outbound, outbound::Request};
use reqwest::{
    Method, Url,
    header::{HeaderMap, HeaderName, HeaderValue},
};
use serde_json::{Value, json};

use crate::Browser;

/// Longer than any answer may take.
const REQUEST_TIMEOUT: Duration = Duration::from_secs(20);

/// A caller with or without a token.
#[derive(Debug, Clone)]
pub struct Actor {
    pub name: String,
    pub token: Option<String>,
    pub origin: String,
    outbound: Outbound,
    headers: HeaderMap,
}

impl Actor {
    pub(crate) fn new(outbound: Outbound, origin: String) -> Self {
        Self { name: "anonymous".to_owned(), token: None, origin, outbound, headers: HeaderMap::new() }
    }

    /// A caller without a token, for a demo platform in a process of its own.
    pub fn outside(port: u16) -> Self {
        let rules = EgressRules { loopback: true, ..EgressRules::default() };
        Self::new(Outbound::new(rules).expect("a client"), format!("http://localhost:{port}"))
    }

    /// Signs in with a browser, through both redirects.
    pub async fn in_browser(self, who: &str) -> Browser {
        Browser::sign_in(self, who).await
    }

    /// Signs in as `lcr token` does: exchanges the provider's assertion at the platform's token endpoint.
    pub async fn signed_in(self, who: &str, provider: &str) -> Self {
        let persona = lcr_demo_idp::find(who).expect("a known persona");
        let endpoint = format!("{}/oauth2/token", self.origin);
        let form = if persona.kind == "client" {
            let ask = json!({ "as": who, "audience": endpoint });
            let proof = self.post(&format!("{provider}/demo/client-assertion"), &ask).await.json();
            let assertion = proof["client_assertion"].as_str().expect("an assertion").to_owned();
            let kind = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
            format!("grant_type=client_credentials&client_assertion_type={kind}&client_assertion={assertion}")
        } else {
            let proof = self.post(&format!("{provider}/demo/assert"), &json!({ "as": who })).await.json();
            let id_token = proof["id_token"].as_str().expect("an ID token").to_owned();
            format!("grant_type=urn:ietf:params:oauth:grant-type:token-exchange&subject_token={id_token}")
        };
        let answer = self.post_form("/oauth2/token", form).await;
        let token = answer.json()["access_token"].as_str().map(str::to_owned);
        assert!(token.is_some(), "{who} gets no token: {}", answer.text());
        Self { name: who.to_owned(), token, ..self }
    }

    #[must_use]
    pub fn with_token(mut self, token: impl Into<String>) -> Self {
        self.token = Some(token.into());
        self
    }

    #[must_use]
    pub fn with_header(mut self, name: &'static str, value: &str) -> Self {
        self.headers.insert(HeaderName::from_static(name), HeaderValue::from_str(value).expect("a header"));
        self
    }

    /// Calls a service directly instead of the gateway.
    #[must_use]
    pub fn at(mut self, origin: impl Into<String>) -> Self {
        self.origin = origin.into();
        self
    }

    pub async fn get(&self, path: &str) -> Answer {
        self.send(Method::GET, path, None).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Answer {
        self.send(Method::POST, path, Some(("application/json", Bytes::from(body.to_string())))).await
    }

    pub async fn post_form(&self, path: &str, form: String) -> Answer {
        self.send(Method::POST, path, Some(("application/x-www-form-urlencoded", Bytes::from(form)))).await
    }

    /// Like `get`, but returns `None` if there is no complete answer.
    pub async fn try_get(&self, path: &str) -> Option<Answer> {
        let started = Instant::now();
        let answer = self.outbound.send(self.request(Method::GET, path, None)).await.ok()?;
        let took = started.elapsed();
        Some(Answer { status: answer.status, headers: answer.headers, body: answer.body, took })
    }

    /// Like `send`, but returns `None` if there is no complete answer.
    pub async fn try_send(&self, method: &str, path: &str, body: &Value) -> Option<Answer> {
        let started = Instant::now();
        let method = method.parse().expect("a method");
        let body = Some(("application/json", Bytes::from(body.to_string())));
        let answer = self.outbound.send(self.request(method, path, body)).await.ok()?;
        let took = started.elapsed();
        Some(Answer { status: answer.status, headers: answer.headers, body: answer.body, took })
    }

    pub async fn send(&self, method: Method, path: &str, body: Option<(&'static str, Bytes)>) -> Answer {
        let started = Instant::now();
        let sent = self.outbound.send(self.request(method, path, body)).await;
        let answer = sent.unwrap_or_else(|error| panic!("{} requests {path}: {error}", self.name));
        Answer { status: answer.status, headers: answer.headers, body: answer.body, took: started.elapsed() }
    }

    /// Opens a stream of server-sent events.
    pub async fn stream(&self, path: &str) -> Events {
        let started = Instant::now();
        let opened = self.outbound.open(self.request(Method::GET, path, None)).await;
        let opened = opened.unwrap_or_else(|error| panic!("{} opens {path}: {error}", self.name));
        assert_eq!(opened.status, 200, "{} opens {path}", self.name);
        let body = opened.body.filter_map(|chunk| std::future::ready(chunk.ok())).boxed();
        Events { opened: started, body, buffer: BytesMut::new() }
    }

    /// The status of an answer whose body may be endless.
    pub async fn status_of(&self, path: &str) -> u16 {
        let opened = self.outbound.open(self.request(Method::GET, path, None)).await;
        opened.unwrap_or_else(|error| panic!("{} opens {path}: {error}", self.name)).status
    }

    pub async fn delete(&self, path: &str) -> Answer {
        self.send(Method::DELETE, path, None).await
    }

    fn request(&self, method: Method, path: &str, body: Option<(&'static str, Bytes)>) -> Request {
        let url = if path.starts_with("http") { path.to_owned() } else { format!("{}{path}", self.origin) };
        let url = Url::parse(&url).expect("an address");
        let mut request = Request { method, ..Outbound::get(url, REQUEST_TIMEOUT) };
        request.headers.insert("accept", HeaderValue::from_static("*/*"));
        request.headers.extend(self.headers.clone());
        if let Some(token) = &self.token {
            let bearer = HeaderValue::from_str(&format!("Bearer {token}")).expect("a token");
            request.headers.insert("authorization", bearer);
        }
        if let Some((kind, bytes)) = body {
            request.headers.insert("content-type", HeaderValue::from_static(kind));
            request.body = Some(bytes);
        }
        request
    }

    /// Finds exactly one person by NHS number and returns the id.
    pub async fn find_person(&self, nhs_number: &str) -> String {
        let found = self.search(&json!({ "nhs_number": nhs_number })).await;
        let people = found.json()["people"].as_array().cloned().unwrap_or_default();
        assert_eq!(people.len(), 1, "{} finds one person: {}", self.name, found.text());
        people[0]["id"].as_str().expect("an id").to_owned()
    }

    pub async fn search(&self, query: &Value) -> Answer {
        self.post("/api/patient-index/v1/people/search", query).await
    }

    pub async fn record(&self, person: &str) -> Answer {
        self.get(&format!("/api/record-aggregation/v1/people/{person}/record")).await
    }

    /// The newest entries of the log, for users who may read it.
    pub async fn read_log(&self) -> Vec<Value> {
        let answer = self.get("/api/audit/v1/entries?limit=200").await;
        assert_eq!(answer.status, 200, "{} reads the log: {}", self.name, answer.text());
        answer.json()["entries"].as_array().cloned().unwrap_or_default()
    }
}
