//! The admin listener: `/livez` touches no dependency, `/readyz` names what is missing, `/metrics`.
//! It is never reachable through the gateway.

use std::sync::Arc;

use axum::{Json, Router, extract::State, http::StatusCode, response::IntoResponse, routing::get};
use futures::future::BoxFuture;
use serde_json::json;

use crate::Metrics;

/// Asks one part whether it is ready; the text says what is missing.
pub type Check = Arc<dyn Fn() -> BoxFuture<'static, Result<(), String>> + Send + Sync>;

/// What `/readyz` asks: (service, check).
#[derive(Clone)]
pub struct Admin {
    pub checks: Vec<(&'static str, Check)>,
    pub metrics: Arc<Metrics>,
}

impl std::fmt::Debug for Admin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Admin({} checks)", self.checks.len())
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
    let mut services = serde_json::Map::new();
    let mut all = true;
    for (service, check) in &admin.checks {
        let state = match check().await {
            Ok(()) => "ready".to_owned(),
            Err(missing) => {
                all = false;
                missing
            }
        };
        services.insert((*service).to_owned(), json!(state));
    }
    let status = if all { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": all, "services": services })))
}
