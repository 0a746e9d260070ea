//! The `/openapi.json` of a service, generated from its handlers.

use axum::{Json, Router, routing::get};
use utoipa::openapi::OpenApi;
use utoipa_axum::router::OpenApiRouter;

/// Splits a documented router into a plain router and its document, which is served beside it.
pub fn with_document(router: OpenApiRouter, title: &str) -> (Router, OpenApi) {
    let (router, mut document) = router.split_for_parts();
    title.clone_into(&mut document.info.title);
    document.info.description = None;
    let served = document.clone();
    (router.route("/openapi.json", get(move || async move { Json(served) })), document)
}
