//! The admin listener: `/livez` checks no dependency, `/readyz` names what is missing, `/metrics` exports metrics. It
//! must never be reachable through the gateway.

use std::{
    sync::{Arc, Mutex, OnceLock, PoisonError},
    time::Duration,
};

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use futures::future::BoxFuture;
use lcr_model::Backoff;
use serde_json::{Map, Value, json};

use crate::{Metrics, Stop};

/// Checks one dependency. The error says what is missing.
pub type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// The readiness checks of a running service.
struct Checks {
    service: &'static str,
    /// The service cannot answer without these.
    needs: Vec<(&'static str, Check)>,
    /// The service continues without these for a while; `/readyz` still names them.
    degrades: Vec<(&'static str, Check)>,
}

/// The state behind `/readyz`.
#[derive(Clone)]
pub struct Admin {
    checks: Arc<OnceLock<Checks>>,
    metrics: Arc<Metrics>,
    /// Cancelled when the process is stopping: it is no longer ready while requests finish.
    stopping: Stop,
    /// What a starting process is waiting for.
    waits_for: Arc<Mutex<String>>,
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Admin")
    }
}

impl Admin {
    /// A process that is starting: alive, not ready.
    pub fn starting(metrics: Arc<Metrics>, stopping: Stop) -> Self {
        let waits_for = Arc::new(Mutex::new("starting".to_owned()));
        Self { checks: Arc::default(), metrics, stopping, waits_for }
    }

    /// Says in `/readyz` what the starting process waits for.
    pub fn set_waiting_for(&self, what: impl Into<String>) {
        *self.waits_for.lock().unwrap_or_else(PoisonError::into_inner) = what.into();
    }

    /// Retries `get` until it succeeds: services start in any order.
    pub async fn retry_until_ready<T, E: std::fmt::Display, F>(&self, what: &str, mut get: impl FnMut() -> F) -> T
    where
        F: Future<Output = Result<T, E>>,
    {
        let mut backoff = Backoff::new(Duration::from_millis(100), Duration::from_secs(2));
        self.set_waiting_for(format!("{what}: asked"));
        loop {
            match get().await {
                Ok(got) => return got,
                Err(why) => {
                    tracing::warn!(what, %why, "waiting");
                    self.set_waiting_for(format!("{what}: {why}"));
                }
            }
            tokio::time::sleep(backoff.next_delay()).await;
        }
    }

    /// The process has started. From now on `/readyz` runs these checks.
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
    if admin.stopping.is_cancelled() {
        return no("stopping");
    }
    let Some(checks) = admin.checks.get() else {
        return no(&admin.waits_for.lock().unwrap_or_else(PoisonError::into_inner));
    };
    let (needs, whole) = run_checks(&checks.needs).await;
    let (degrades, _) = run_checks(&checks.degrades).await;
    let status = if whole { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let parts: Map<String, Value> = needs.into_iter().chain(degrades).collect();
    (status, Json(json!({ "ready": whole, "service": checks.service, "parts": parts })))
}

/// The result of each check, and whether all succeeded.
async fn run_checks(checks: &[(&'static str, Check)]) -> (Map<String, Value>, bool) {
    let mut report = Map::new();
    let mut whole = true;
    for (part, check) in checks {
        let state = check().await;
        whole &= state.is_ok();
        report.insert((*part).to_owned(), json!(state.err().unwrap_or_else(|| "ready".to_owned())));
    }
    (report, whole)
}
