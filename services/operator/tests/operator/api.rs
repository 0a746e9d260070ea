//! As much of an API server as the operator speaks to, in memory: objects with versions, generations and a status of
//! their own, server-side apply of one manager, updates that conflict, lists by one label, watches. Every request is
//! written down. It checks no schema and no CEL: `definition.rs` does. It is not a general fake, and must not become
//! one: what is not used is refused.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::body::Body;
use futures::{FutureExt, StreamExt, future::BoxFuture, stream};
use http::{Method, Request, Response, StatusCode};
use http_body_util::BodyExt;
use kube::Client;
use serde_json::{Value, json};
use tokio::sync::watch;

#[derive(Default)]
struct State {
    version: u64,
    /// By collection and name.
    objects: BTreeMap<(String, String), Value>,
    /// What happened, by version and collection.
    happened: Vec<(u64, String, Value)>,
    asked: Vec<Asked>,
    /// Collections that are refused, and with what.
    refused: BTreeMap<String, u16>,
    /// How long every answer takes.
    takes: Duration,
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct Asked {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub body: Value,
}

#[derive(Clone)]
pub struct Api {
    state: Arc<Mutex<State>>,
    news: watch::Sender<u64>,
}

/// Where a request points.
struct Place {
    collection: String,
    name: Option<String>,
    status: bool,
}

impl Place {
    fn of(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let kind = if parts[0] == "api" { 2 } else { 3 };
        let kind =
            if parts.get(kind) == Some(&"namespaces") && parts.len() > kind + 2 { kind + 2 } else { kind };
        Self {
            collection: parts[..=kind].join("/"),
            name: parts.get(kind + 1).map(|name| (*name).to_owned()),
            status: parts.get(kind + 2) == Some(&"status"),
        }
    }
}

impl Default for Api {
    fn default() -> Self {
        Self { state: Arc::default(), news: watch::channel(0).0 }
    }
}

impl Api {
    pub fn client(&self) -> Client {
        let own = self.clone();
        let service = tower::service_fn(move |request: Request<kube::client::Body>| {
            let own = own.clone();
            async move { Ok::<_, Infallible>(own.answer(request).await) }
        });
        Client::new(service, "default")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Requests that change something, Leases aside.
    pub fn writes(&self) -> Vec<Asked> {
        let writes = |asked: &&Asked| asked.method != Method::GET && !asked.path.contains("/leases");
        self.state().asked.iter().filter(writes).cloned().collect()
    }

    pub fn asked(&self) -> Vec<Asked> {
        self.state().asked.clone()
    }

    pub fn forget_requests(&self) {
        self.state().asked.clear();
    }

    pub fn refuse(&self, collection: &str, code: u16) {
        self.state().refused.insert(collection.to_owned(), code);
    }

    /// Every answer takes so long, as of a busy server.
    pub fn takes(&self, long: Duration) {
        self.state().takes = long;
    }

    pub fn accept(&self, collection: &str) {
        self.state().refused.remove(collection);
    }

    /// All objects of a collection, `apis/<group>/<version>[/namespaces/<name>]/<plural>`.
    pub fn all(&self, collection: &str) -> Vec<Value> {
        let state = self.state();
        state.objects.iter().filter(|((of, _), _)| of == collection).map(|(_, one)| one.clone()).collect()
    }

    pub fn get(&self, collection: &str, name: &str) -> Option<Value> {
        self.state().objects.get(&(collection.to_owned(), name.to_owned())).cloned()
    }

    /// As somebody else would write it.
    pub fn put(&self, collection: &str, object: Value) -> Value {
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        self.write(&Place { collection: collection.to_owned(), name: Some(name), status: false }, object)
    }

    pub fn delete(&self, collection: &str, name: &str) {
        self.remove(&Place { collection: collection.to_owned(), name: Some(name.to_owned()), status: false });
    }

    async fn answer(&self, request: Request<kube::client::Body>) -> Response<Body> {
        let (head, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let (path, query) = (head.uri.path().to_owned(), head.uri.query().unwrap_or_default().to_owned());
        let place = Place::of(&path);
        let asked = Asked { method: head.method.clone(), path, query: query.clone(), body: body.clone() };
        self.state().asked.push(asked);
        let takes = self.state().takes;
        tokio::time::sleep(takes).await;
        if let Some(code) = self.state().refused.get(&place.collection) {
            return refusal(*code);
        }
        match (head.method.as_str(), &place.name) {
            ("GET", None) if query.contains("watch=true") => self.watch(place.collection, &query),
            ("GET", None) => self.list(&place.collection, &query),
            ("GET", Some(name)) => {
                self.get(&place.collection, name).map_or_else(|| refusal(404), |one| told(&one))
            }
            ("PATCH", Some(_)) if query.contains("fieldManager") => told(&self.write(&place, body)),
            ("POST", None) => self.create(place, body),
            ("PUT", Some(_)) => self.update(&place, body),
            ("DELETE", Some(_)) => self.remove(&place),
            _ => refusal(405),
        }
    }

    fn create(&self, mut place: Place, body: Value) -> Response<Body> {
        place.name = body["metadata"]["name"].as_str().map(str::to_owned);
        match self.get(&place.collection, place.name.as_deref().unwrap()) {
            Some(_) => refusal(409),
            None => told(&self.write(&place, body)),
        }
    }

    fn update(&self, place: &Place, body: Value) -> Response<Body> {
        let held = self.get(&place.collection, place.name.as_deref().unwrap());
        match held {
            Some(held) if held["metadata"]["resourceVersion"] == body["metadata"]["resourceVersion"] => {
                told(&self.write(place, body))
            }
            _ => refusal(409),
        }
    }

    /// What is named replaces what was there; a write that changes nothing is no news.
    #[allow(clippy::needless_pass_by_value, reason = "as a request's body comes")]
    fn write(&self, place: &Place, body: Value) -> Value {
        let mut state = self.state();
        let key = (place.collection.clone(), place.name.clone().unwrap());
        let held = state.objects.get(&key).cloned();
        let mut next = held.clone().unwrap_or_else(|| json!({"metadata": {}}));
        merge(&mut next, &body, place.status);
        if held.as_ref() == Some(&next) {
            return next;
        }
        state.version += 1;
        let version = state.version;
        let spec_changed = held.as_ref().is_none_or(|held| held["spec"] != next["spec"]);
        let generation =
            next["metadata"]["generation"].as_u64().unwrap_or_default() + u64::from(spec_changed);
        let metadata = next["metadata"].as_object_mut().unwrap();
        metadata.insert("generation".into(), generation.into());
        metadata.insert("resourceVersion".into(), version.to_string().into());
        metadata.entry("uid").or_insert_with(|| format!("uid-{}", key.1).into());
        metadata.entry("creationTimestamp").or_insert_with(|| "2026-11-22T10:00:00Z".into());
        let kind = if held.is_some() { "MODIFIED" } else { "ADDED" };
        state.happened.push((version, key.0.clone(), json!({"type": kind, "object": next})));
        state.objects.insert(key, next.clone());
        drop(state);
        self.news.send_replace(version);
        next
    }

    fn remove(&self, place: &Place) -> Response<Body> {
        let mut state = self.state();
        let key = (place.collection.clone(), place.name.clone().unwrap());
        let Some(gone) = state.objects.remove(&key) else { return refusal(404) };
        state.version += 1;
        let version = state.version;
        state.happened.push((version, key.0, json!({"type": "DELETED", "object": gone})));
        drop(state);
        self.news.send_replace(version);
        told(&gone)
    }

    fn list(&self, collection: &str, query: &str) -> Response<Body> {
        let wanted = query.split('&').find_map(|pair| pair.strip_prefix("labelSelector="));
        let wanted = wanted.map(|text| text.replace("%2F", "/").replace("%3D", "="));
        let carries = |one: &Value| {
            wanted.as_ref().is_none_or(|wanted| {
                let (key, value) = wanted.split_once('=').unwrap();
                one["metadata"]["labels"][key] == value
            })
        };
        let items: Vec<Value> = self.all(collection).into_iter().filter(carries).collect();
        let version = self.state().version.to_string();
        told(
            &json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": version}, "items": items}),
        )
    }

    fn watch(&self, collection: String, query: &str) -> Response<Body> {
        let from = query.split('&').find_map(|pair| pair.strip_prefix("resourceVersion="));
        let from: u64 = from.and_then(|text| text.parse().ok()).unwrap_or_default();
        let (own, news) = (self.clone(), self.news.subscribe());
        let lines = stream::unfold((from, news), move |(from, mut news)| {
            let (own, collection) = (own.clone(), collection.clone());
            async move {
                loop {
                    let next = own.next(&collection, from);
                    if let Some((version, line)) = next {
                        return Some((Ok::<_, Infallible>(line), (version, news)));
                    }
                    news.changed().await.ok()?;
                }
            }
        });
        Response::new(Body::from_stream(lines.boxed()))
    }

    fn next(&self, collection: &str, from: u64) -> Option<(u64, String)> {
        let state = self.state();
        let next = state.happened.iter().find(|(version, of, _)| *version > from && of == collection)?;
        Some((next.0, format!("{}\n", next.2)))
    }
}

/// A status is written by its own path and by no other.
fn merge(held: &mut Value, body: &Value, status: bool) {
    for (key, value) in body.as_object().unwrap().clone() {
        match key.as_str() {
            "status" if status => held[key] = value,
            "status" => {}
            "metadata" if !status => {
                for (key, value) in value.as_object().unwrap().clone() {
                    held["metadata"][key] = value;
                }
            }
            _ if !status => held[key] = value,
            _ => {}
        }
    }
}

fn told(value: &Value) -> Response<Body> {
    Response::new(Body::from(value.to_string()))
}

fn refusal(code: u16) -> Response<Body> {
    let reason = if code == 404 { "NotFound" } else { "Refused" };
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
        "reason": reason, "message": "refused"});
    let answer = Response::builder().status(StatusCode::from_u16(code).unwrap());
    answer.body(Body::from(status.to_string())).unwrap()
}

/// So that a test may wait for what the operator does by itself.
pub fn soon(until: impl Fn() -> bool + Send + 'static) -> BoxFuture<'static, ()> {
    async move {
        for _ in 0..600 {
            if until() {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        }
        panic!("it did not come about within 30 seconds");
    }
    .boxed()
}
