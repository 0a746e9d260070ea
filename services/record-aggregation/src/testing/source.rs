//! A FHIR server for tests, which answers on this machine only.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{Router, extract::State, http::Uri};
use serde_json::{Value, json};
use tokio::sync::watch;

/// A FHIR server on this machine. While it is held, its answers wait.
#[derive(Debug, Clone)]
pub struct FakeSource {
    pub(super) items: Arc<Mutex<Vec<Value>>>,
    is_held: Arc<watch::Sender<bool>>,
    waiting: Arc<AtomicUsize>,
    /// Requests so far.
    pub requests: Arc<AtomicUsize>,
}

impl FakeSource {
    /// Starts a server with these items. Returns it and its base address.
    pub async fn start(items: Vec<Value>) -> (Self, String) {
        let source = Self {
            items: Arc::new(Mutex::new(items)),
            is_held: Arc::new(watch::channel(false).0),
            waiting: Arc::default(),
            requests: Arc::default(),
        };
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let base = format!("http://{}/fhir", listener.local_addr().unwrap());
        let router = Router::new().fallback(answer).with_state(source.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        (source, base)
    }

    pub fn hold(&self) {
        self.is_held.send_replace(true);
    }

    pub fn release(&self) {
        self.is_held.send_replace(false);
    }

    /// Waits until a request waits at the held source.
    pub async fn wait_until_asked(&self) {
        lcr_testkit::eventually(Duration::from_secs(10), "a request waits", async || {
            self.waiting.load(Ordering::SeqCst) > 0
        })
        .await;
    }

    pub fn add(&self, item: Value) {
        self.items.lock().unwrap().push(item);
    }

    fn bundle(&self, path: &str) -> Value {
        let items = self.items.lock().unwrap();
        let kind = path.rsplit('/').next().unwrap_or_default();
        if path.contains("/Patient/") {
            return items.iter().find(|one| one["resourceType"] == "Patient").cloned().unwrap_or(json!({}));
        }
        let of_kind = items.iter().filter(|one| one["resourceType"] == kind);
        let entries: Vec<Value> = of_kind.map(|one| json!({ "resource": one })).collect();
        json!({ "resourceType": "Bundle", "type": "searchset", "total": entries.len(), "entry": entries })
    }
}

async fn answer(State(source): State<FakeSource>, uri: Uri) -> Result<String, axum::http::StatusCode> {
    source.requests.fetch_add(1, Ordering::SeqCst);
    source.waiting.fetch_add(1, Ordering::SeqCst);
    let mut is_held = source.is_held.subscribe();
    let _ = is_held.wait_for(|is_held| !*is_held).await;
    source.waiting.fetch_sub(1, Ordering::SeqCst);
    let body = source.bundle(uri.path());
    if body == json!({}) { Err(axum::http::StatusCode::NOT_FOUND) } else { Ok(body.to_string()) }
}
