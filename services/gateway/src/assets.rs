//! The style sheet and the script, embedded when the crate is built and served under names that change with
//! their content. Nothing else is ever served from here, and nothing is read from disk.

use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};

/// (name, name with digest, bytes); empty when the styles were not built.
const EMBEDDED: &[(&str, &str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));
const FOR_EVER: &str = "public, max-age=31536000, immutable";

/// Where a page finds an asset, if it was built.
pub(crate) fn address(name: &str) -> Option<String> {
    EMBEDDED.iter().find(|(plain, _, _)| *plain == name).map(|(_, hashed, _)| format!("/assets/{hashed}"))
}

pub(crate) async fn asset(Path(file): Path<String>) -> Response {
    let Some((_, _, bytes)) = EMBEDDED.iter().find(|(_, hashed, _)| *hashed == file) else {
        return (StatusCode::NOT_FOUND, "No such file.").into_response();
    };
    let kind = if file.starts_with("portal-") {
        "text/css; charset=utf-8"
    } else {
        "text/javascript; charset=utf-8"
    };
    let headers = [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, FOR_EVER),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ];
    (headers, *bytes).into_response()
}

/// Browsers ask for an icon by themselves; there is none.
pub(crate) async fn no_icon() -> Response {
    (StatusCode::NO_CONTENT, [(header::CACHE_CONTROL, "public, max-age=86400")]).into_response()
}
