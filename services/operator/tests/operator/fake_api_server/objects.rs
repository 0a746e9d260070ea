//! The objects of the fake API server: how requests read and change them, and what a watch sends.

use std::convert::Infallible;

use axum::{
    body::Body,
    http::{Response, StatusCode},
};
use futures::{StreamExt, stream};
use serde_json::{Value, json};

use super::FakeApiServer;

/// The object or collection that a request names.
pub(super) struct ObjectPath {
    pub(super) collection: String,
    pub(super) name: Option<String>,
    pub(super) status: bool,
}

impl ObjectPath {
    pub(super) fn of(path: &str) -> Self {
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

impl FakeApiServer {
    pub(super) fn create(&self, mut path: ObjectPath, body: Value) -> Response<Body> {
        path.name = body["metadata"]["name"].as_str().map(str::to_owned);
        match self.get(&path.collection, path.name.as_deref().unwrap()) {
            Some(_) => refusal(409),
            None => ok_response(&self.write(&path, body)),
        }
    }

    pub(super) fn update(&self, path: &ObjectPath, body: Value) -> Response<Body> {
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
    pub(super) fn write(&self, path: &ObjectPath, body: Value) -> Value {
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

    pub(super) fn remove(&self, path: &ObjectPath) -> Response<Body> {
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

    pub(super) fn list(&self, collection: &str, query: &str) -> Response<Body> {
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

    pub(super) fn watch(&self, collection: String, query: &str) -> Response<Body> {
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

pub(super) fn ok_response(value: &Value) -> Response<Body> {
    Response::new(Body::from(value.to_string()))
}

pub(super) fn refusal(code: u16) -> Response<Body> {
    let reason = if code == 404 { "NotFound" } else { "Refused" };
    let status = json!({"kind": "Status", "apiVersion": "v1", "status": "Failure", "code": code,
        "reason": reason, "message": "refused"});
    let answer = Response::builder().status(StatusCode::from_u16(code).unwrap());
    answer.body(Body::from(status.to_string())).unwrap()
}
