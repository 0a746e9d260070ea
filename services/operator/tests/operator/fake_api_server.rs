//! An API server in memory with only what the operator uses: versions, generations, a status subresource, server-side
//! apply, conflicts, lists by one label, watches. It records every request and validates no schema (`definition.rs`
//! does). It must not become a general fake: it refuses any other request.

use std::{
    collections::BTreeMap,
    convert::Infallible,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::body::Body;
use futures::{StreamExt, stream};
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
    /// Watch events by version and collection.
    events: Vec<(u64, String, Value)>,
    requests: Vec<RecordedRequest>,
    /// The status code for refused collections.
    refused: BTreeMap<String, u16>,
    /// The delay of every response.
    delay: Duration,
}

/// A received request.
#[derive(Debug, Clone)]
pub struct RecordedRequest {
    pub method: Method,
    pub path: String,
    pub query: String,
    pub body: Value,
}

#[derive(Clone)]
pub struct FakeApiServer {
    state: Arc<Mutex<State>>,
    version: watch::Sender<u64>,
}

/// The object or collection that a request names.
struct ObjectPath {
    collection: String,
    name: Option<String>,
    status: bool,
}

impl ObjectPath {
    fn of(path: &str) -> Self {
        let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        let kind = if parts[0] == "api" { 2 } else { 3 };
        let kind = if parts.get(kind) == Some(&"namespaces") && parts.len() > kind + 2 { kind + 2 } else { kind };
        Self {
            collection: parts[..=kind].join("/"),
            name: parts.get(kind + 1).map(|name| (*name).to_owned()),
            status: parts.get(kind + 2) == Some(&"status"),
        }
    }
}

impl Default for FakeApiServer {
    fn default() -> Self {
        Self { state: Arc::default(), version: watch::channel(0).0 }
    }
}

impl FakeApiServer {
    pub fn client(&self) -> Client {
        let server = self.clone();
        let service = tower::service_fn(move |request: Request<kube::client::Body>| {
            let server = server.clone();
            async move { Ok::<_, Infallible>(server.answer(request).await) }
        });
        Client::new(service, "default")
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// Requests that change something, Leases aside.
    pub fn writes(&self) -> Vec<RecordedRequest> {
        let is_write = |request: &&RecordedRequest| request.method != Method::GET && !request.path.contains("/leases");
        self.state().requests.iter().filter(is_write).cloned().collect()
    }

    pub fn requests(&self) -> Vec<RecordedRequest> {
        self.state().requests.clone()
    }

    pub fn forget_requests(&self) {
        self.state().requests.clear();
    }

    pub fn refuse(&self, collection: &str, code: u16) {
        self.state().refused.insert(collection.to_owned(), code);
    }

    /// Delays every response, like a busy server.
    pub fn set_delay(&self, delay: Duration) {
        self.state().delay = delay;
    }

    pub fn stop_refusing(&self, collection: &str) {
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

    /// Writes an object as another client would.
    pub fn put(&self, collection: &str, object: Value) -> Value {
        let name = object["metadata"]["name"].as_str().unwrap().to_owned();
        self.write(&ObjectPath { collection: collection.to_owned(), name: Some(name), status: false }, object)
    }

    pub fn delete(&self, collection: &str, name: &str) {
        self.remove(&ObjectPath { collection: collection.to_owned(), name: Some(name.to_owned()), status: false });
    }

    async fn answer(&self, request: Request<kube::client::Body>) -> Response<Body> {
        let (parts, body) = request.into_parts();
        let body = body.collect().await.unwrap().to_bytes();
        let body: Value = serde_json::from_slice(&body).unwrap_or_default();
        let (path, query) = (parts.uri.path().to_owned(), parts.uri.query().unwrap_or_default().to_owned());
        let object_path = ObjectPath::of(&path);
        let recorded = RecordedRequest { method: parts.method.clone(), path, query: query.clone(), body: body.clone() };
        self.state().requests.push(recorded);
        let delay = self.state().delay;
        tokio::time::sleep(delay).await;
        if let Some(code) = self.state().refused.get(&object_path.collection) {
            return refusal(*code);
        }
        match (parts.method.as_str(), &object_path.name) {
            ("GET", None) if query.contains("watch=true") => self.watch(object_path.collection, &query),
            ("GET", None) => self.list(&object_path.collection, &query),
            ("GET", Some(name)) => {
                self.get(&object_path.collection, name).map_or_else(|| refusal(404), |one| ok_response(&one))
            }
            ("PATCH", Some(_)) if query.contains("fieldManager") => ok_response(&self.write(&object_path, body)),
            ("POST", None) => self.create(object_path, body),
            ("PUT", Some(_)) => self.update(&object_path, body),
            ("DELETE", Some(_)) => self.remove(&object_path),
            _ => refusal(405),
        }
    }

    fn create(&self, mut path: ObjectPath, body: Value) -> Response<Body> {
        path.name = body["metadata"]["name"].as_str().map(str::to_owned);
        match self.get(&path.collection, path.name.as_deref().unwrap()) {
            Some(_) => refusal(409),
            None => ok_response(&self.write(&path, body)),
        }
    }

    fn update(&self, path: &ObjectPath, body: Value) -> Response<Body> {
        let stored = self.get(&path.collection, path.name.as_deref().unwrap());
        match stored {
            Some(stored) if stored["metadata"]["resourceVersion"] == body["metadata"]["resourceVersion"] => {
                ok_response(&self.write(path, body))
            }
            _ => refusal(409),
        }
    }

    /// Merges the body into the object. A write without a change creates no event.
    #[allow(clippy::needless_pass_by_value, reason = "callers pass a request's body")]
    fn write(&self, path: &ObjectPath, body: Value) -> Value {
        let mut state = self.state();
        let key = (path.collection.clone(), path.name.clone().unwrap());
        let stored = state.objects.get(&key).cloned();
        let mut next = stored.clone().unwrap_or_else(|| json!({"metadata": {}}));
        merge(&mut next, &body, path.status);
        if stored.as_ref() == Some(&next) {
            return next;
        }
        state.version += 1;
        let version = state.version;
        let spec_changed = stored.as_ref().is_none_or(|stored| stored["spec"] != next["spec"]);
        let generation = next["metadata"]["generation"].as_u64().unwrap_or_default() + u64::from(spec_changed);
        let metadata = next["metadata"].as_object_mut().unwrap();
        metadata.insert("generation".into(), generation.into());
        metadata.insert("resourceVersion".into(), version.to_string().into());
        metadata.entry("uid").or_insert_with(|| format!("uid-{}", key.1).into());
        metadata.entry("creationTimestamp").or_insert_with(|| "2026-11-22T10:00:00Z".into());
        let kind = if stored.is_some() { "MODIFIED" } else { "ADDED" };
        state.events.push((version, key.0.clone(), json!({"type": kind, "object": next})));
        state.objects.insert(key, next.clone());
        drop(state);
        self.version.send_replace(version);
        next
    }

    fn remove(&self, path: &ObjectPath) -> Response<Body> {
        let mut state = self.state();
        let key = (path.collection.clone(), path.name.clone().unwrap());
        let Some(removed) = state.objects.remove(&key) else { return refusal(404) };
        state.version += 1;
        let version = state.version;
        state.events.push((version, key.0, json!({"type": "DELETED", "object": removed})));
        drop(state);
        self.version.send_replace(version);
        ok_response(&removed)
    }

    fn list(&self, collection: &str, query: &str) -> Response<Body> {
        let selector = query.split('&').find_map(|pair| pair.strip_prefix("labelSelector="));
        let selector = selector.map(|text| text.replace("%2F", "/").replace("%3D", "="));
        let has_label = |one: &Value| {
            selector.as_ref().is_none_or(|selector| {
                let (key, value) = selector.split_once('=').unwrap();
                one["metadata"]["labels"][key] == value
            })
        };
        let items: Vec<Value> = self.all(collection).into_iter().filter(has_label).collect();
        let version = self.state().version.to_string();
        ok_response(
            &json!({"kind": "List", "apiVersion": "v1", "metadata": {"resourceVersion": version}, "items": items}),
        )
    }

    fn watch(&self, collection: String, query: &str) -> Response<Body> {
        let from = query.split('&').find_map(|pair| pair.strip_prefix("resourceVersion="));
        let from: u64 = from.and_then(|text| text.parse().ok()).unwrap_or_default();
        let (server, changes) = (self.clone(), self.version.subscribe());
        let lines = stream::unfold((from, changes), move |(from, mut changes)| {
            let (server, collection) = (server.clone(), collection.clone());
            async move {
                loop {
                    let next = server.next(&collection, from);
                    if let Some((version, line)) = next {
                        return Some((Ok::<_, Infallible>(line), (version, changes)));
                    }
                    changes.changed().await.ok()?;
                }
            }
        });
        Response::new(Body::from_stream(lines.boxed()))
    }

    fn next(&self, collection: &str, from: u64) -> Option<(u64, String)> {
        let state = self.state();
        let next = state.events.iter().find(|(version, of, _)| *version > from && of == collection)?;
        Some((next.0, format!("{}\n", next.2)))
    }
}

/// Merges metadata and spec, or only the status.
fn merge(stored: &mut Value, body: &Value, status: bool) {
    for (key, value) in body.as_object().unwrap().clone() {
        match key.as_str() {
            "status" if status => stored[key] = value,
            "status" => {}
            "metadata" if !status => {
                for (key, value) in value.as_object().unwrap().clone() {
                    stored["metadata"][key] = value;
                }
            }
            _ if !status => stored[key] = value,
            _ => {}
        }
    }
}

fn ok_response(value: &Value) -> Response<Body> {
    Response::new(Body::from(value.to_string()))
}

fn refusal(code: u16) -> Response<Body> {
    let reason = if code == 404 { "NotFound" } else { "Refused" };
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
        "reason": reason, "message": "refused"});
    let answer = Response::builder().status(StatusCode::from_u16(code).unwrap());
    answer.body(Body::from(status.to_string())).unwrap()
}
