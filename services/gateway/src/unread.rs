//! What no page of ours got to see: an address that does not read as text, a query that says one thing twice, a way of
//! asking that a page does not know. The router's own bare words become a page; nothing of what was sent is repeated.

use axum::{
    extract::{Request, State},
    http::{StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use lcr_contracts::{Failure, Kind};

use crate::{page::Frame, state::App, trouble::trouble_page};

/// Says in words what the router refused.
pub(crate) async fn in_words(State(app): State<App>, request: Request, next: Next) -> Response {
    let answer = next.run(request).await;
    match refused(&answer) {
        // What may be sent instead (`Allow`) the router adds by itself.
        Some(failure) => trouble_page(Frame::new(&app, ""), &failure).into_response(),
        None => answer,
    }
}

/// Why, where the router and not a page of ours has answered: pages have a heading, it has a line of text or none.
fn refused(answer: &Response) -> Option<Failure> {
    let kind = answer.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| !kind.starts_with("text/plain")) {
        return None;
    }
    match answer.status() {
        StatusCode::BAD_REQUEST => Some(Failure::bad_request(
            "The address of this page could not be read. Go back, or start from the home page.",
        )),
        StatusCode::METHOD_NOT_ALLOWED => {
            Some(Failure::new(Kind::MethodNotAllowed, "This page does not take what was sent to it."))
        }
        _ => None,
    }
}
