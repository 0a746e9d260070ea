//! Replaces the router's plain-text rejections (unreadable path, repeated query parameter, wrong method) by an error
//! page. The page must never repeat any part of the request.

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use lcr_contracts::{Failure, FailureKind};

use crate::{layout::Layout, state::App, web::error_page::error_page};

/// Middleware that turns a rejection into an error page.
pub(crate) async fn explain_rejections(State(app): State<App>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    match rejection(&response) {
        // The router adds the `Allow` header itself.
        Some(failure) => error_page(Layout::new(&app, ""), &failure).into_response(),
        None => response,
    }
}

/// The failure, if the router rejected the request. Its rejections are plain text or empty; our pages are HTML.
fn rejection(response: &Response) -> Option<Failure> {
    let content_type = response.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if content_type.is_some_and(|value| !value.starts_with("text/plain")) {
        return None;
    }
    match response.status() {
        StatusCode::BAD_REQUEST => Some(Failure::bad_request(
            "The address of this page could not be read. Go back, or start from the home page.",
        )),
        StatusCode::METHOD_NOT_ALLOWED => {
            Some(Failure::new(FailureKind::MethodNotAllowed, "This page does not take what was sent to it."))
        }
        _ => None,
    }
}
