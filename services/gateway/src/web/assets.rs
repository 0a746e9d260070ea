//! Serves the style sheet and scripts that the build embedded, under names that change with their content.
//! It must never serve anything else or read from disk.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// (name, name with digest, bytes). Empty when the styles were not built.
const EMBEDDED: &[(&str, &str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));
const CACHE_FOREVER: &str = "public, max-age=31536000, immutable";

/// The path of an asset, if it was built.
pub(crate) fn url(name: &str) -> Option<String> {
    EMBEDDED.iter().find(|(plain, _, _)| *plain == name).map(|(_, hashed, _)| format!("/assets/{hashed}"))
}

pub(crate) async fn serve_asset(Path(file): Path<String>) -> Response {
    let Some((_, _, bytes)) = EMBEDDED.iter().find(|(_, hashed, _)| *hashed == file) else {
        return (StatusCode::NOT_FOUND, "No such file.").into_response();
    };
    let content_type =
        if file.starts_with("portal-") { "text/css; charset=utf-8" } else { "text/javascript; charset=utf-8" };
    let headers = [
        (header::CONTENT_TYPE, content_type),
        (header::CACHE_CONTROL, CACHE_FOREVER),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, *bytes).into_response()
}

/// Browsers request `/favicon.ico` unasked. There is none.
pub(crate) async fn no_favicon() -> Response {
    (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "public, max-age=86400")]).into_response()
}
