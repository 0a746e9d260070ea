//! An API server in memory with only what the operator uses: versions, generations, a status subresource, server-side
//! apply, conflicts, lists by one label, watches. It records every request and validates no schema (`definition.rs`
//! does). It must not become a general fake: it refuses any other request. It must not use `kube`: `kube_client.rs` beside it
//! makes a client of it, and `tests/tests/split_apply.rs` of the whole platform serves it over HTTP.

// With its path, since the platform's tests include this file from another folder.
#[path = "fake_api_server/objects.rs"]
mod objects;

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use axum::{
    body::{Body, Bytes},
    http::{Method, Request, Response},
};
use serde_json::Value;
use tokio::sync::watch;

use objects::{ObjectPath, ok_response, refusal};

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

impl Default for FakeApiServer {
    fn default() -> Self {
        Self { state: Arc::default(), version: watch::channel(0).0 }
    }
}

impl FakeApiServer {
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

    /// The answer to one request, as the API server would give it.
    pub async fn answer(&self, request: Request<Bytes>) -> Response<Body> {
        let (parts, body) = request.into_parts();
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
}
