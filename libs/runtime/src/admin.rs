//! The admin listener: `/livez` touches no dependency, `/readyz` names what is missing, `/metrics`.
//! It is never reachable through the gateway.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use futures::future::BoxFuture;
use serde_json::{Map, Value, json};

use crate::{Metrics, Stop};

/// Asks one part whether it is ready; the text says what is missing.
pub type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What a running service is asked.
struct Checks {
    service: &'static str,
    /// Nothing can be answered without these.
    needs: Vec<(&'static str, Check)>,
    /// It goes on without these for a while; they are named all the same.
    degrades: Vec<(&'static str, Check)>,
}

/// What `/readyz` asks.
#[derive(Clone)]
pub struct Admin {
    checks: Arc<OnceLock<Checks>>,
    metrics: Arc<Metrics>,
    /// Told to stop: not ready any more, while what runs is finished.
    leaving: Stop,
    /// What a process that is being built waits for.
    waits_for: Arc<Mutex<String>>,
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Admin")
    }
}

impl Admin {
    /// Of a process that is being built: alive, not ready.
    pub fn starting(metrics: Arc<Metrics>, leaving: Stop) -> Self {
        let waits_for = Arc::new(Mutex::new("starting".to_owned()));
        Self { checks: Arc::default(), metrics, leaving, waits_for }
    }

    /// Not built yet: it waits for this.
    pub fn waits_for(&self, what: impl Into<String>) {
        *self.waits_for.lock().unwrap_or_else(PoisonError::into_inner) = what.into();
    }

    /// Tries until it is there: services start in any order, and what they need may be the last to come.
    pub async fn patiently<T, E: std::fmt::Display, F>(&self, what: &str, mut get: impl FnMut() -> F) -> T
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut wait = Duration::from_millis(100);
        self.waits_for(format!("{what}: asked"));
        loop {
            match get().await {
                Ok(got) => return got,
                Err(why) => {
                    tracing::warn!(what, %why, "waiting");
                    self.waits_for(format!("{what}: {why}"));
                }
            }
            tokio::time::sleep(wait).await;
            wait = (wait * 2).min(Duration::from_secs(2));
        }
    }

    /// It is built; from now on these are asked.
    pub fn started(
        &self,
        service: &'static str,
        needs: Vec<(&'static str, Check)>,
        degrades: Vec<(&'static str, Check)>,
    ) {
        let _ = self.checks.set(Checks { service, needs, degrades });
    }
}

pub fn router(admin: Admin) -> Router {
    Router::new()
        .route("/livez", get(|| async { "alive" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(|State(admin): State<Admin>| async move { admin.metrics.text() }))
        .with_state(admin)
}

async fn ready(State(admin): State<Admin>) -> impl IntoResponse {
    let no = |why: &str| (StatusCode::SERVICE_UNAVAILABLE, Json(json!({ "ready": false, "missing": why })));
    if admin.leaving.is_cancelled() {
        return no("stopping");
    }
    let Some(checks) = admin.checks.get() else {
        return no(&admin.waits_for.lock().unwrap_or_else(PoisonError::into_inner));
    };
    let (needs, whole) = ask(&checks.needs).await;
    let (degrades, _) = ask(&checks.degrades).await;
    let status = if whole { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let parts: Map<String, Value> = needs.into_iter().chain(degrades).collect();
    (status, Json(json!({ "ready": whole, "service": checks.service, "parts": parts })))
}

/// What each says, and whether all are ready.
async fn ask(checks: &[(&'static str, Check)]) -> (Map<String, Value>, bool) {
    let mut said = Map::new();
    let mut whole = true;
    for (part, check) in checks {
        let state = check().await;
        whole &= state.is_ok();
        said.insert((*part).to_owned(), json!(state.err().unwrap_or_else(|| "ready".to_owned())));
    }
    (said, whole)
}
