//! CSRF protection: a form must come from our own origin and carry the token bound to the session.
//! A rejection or log line must never contain text from the body.

use axum::{
    Form,
    extract::{FromRequest, Request},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use lcr_contracts::{Failure, FailureKind};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{
    state::App,
    web::session::{FRAMED_TOKEN, SignedInReader, load_reader},
};

/// A form whose origin and token were checked, and the reader who sent it.
pub(crate) struct CsrfForm<T> {
    pub reader: SignedInReader,
    pub form: T,
}

#[derive(Deserialize)]
struct FormWithToken<T> {
    #[serde(default)]
    form_token: String,
    #[serde(flatten)]
    form: T,
}

impl<T: DeserializeOwned + Send> FromRequest<App> for CsrfForm<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (parts, body) = request.into_parts();
        let same_origin = is_same_origin(&parts.headers, &app.deps.settings.public_origin);
        let posted = Form::<FormWithToken<T>>::from_request(Request::from_parts(parts.clone(), body), app).await;
        let is_framed = posted.as_ref().is_ok_and(|Form(posted)| posted.form_token.starts_with(FRAMED_TOKEN));
        let reader = load_reader(&parts, app, true, is_framed).await?;
        if !same_origin {
            return Err(rejection(&reader));
        }
        let Ok(Form(posted)) = posted else {
            let text = "The form could not be read. Go back and try again.";
            return Err(reader.error_page(&Failure::bad_request(text)).into_response());
        };
        if !tokens_match(posted.form_token.as_bytes(), reader.signed_in.form_token.as_ref().as_bytes()) {
            return Err(rejection(&reader));
        }
        Ok(Self { form: posted.form, reader })
    }
}

fn rejection(reader: &SignedInReader) -> Response {
    let text = "This form did not come from an open page of yours. Go back, reload the page and try again.";
    reader.error_page(&Failure::new(FailureKind::Forbidden, text)).into_response()
}

/// A page with `no-referrer` makes browsers send `Origin: null`. Then `Sec-Fetch-Site` decides, which no page
/// can forge.
pub(crate) fn is_same_origin(headers: &HeaderMap, public_origin: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text(header::ORIGIN.as_str()) {
        Some("null") => text("sec-fetch-site") == Some("same-origin"),
        Some(origin) => origin == public_origin,
        None => false,
    }
}

/// Compares in constant time. An empty token never matches.
pub(crate) fn tokens_match(one: &[u8], other: &[u8]) -> bool {
    let differ = one.iter().zip(other).fold(0, |differ, (a, b)| differ | (a ^ b));
    std::hint::black_box(differ) == 0 && one.len() == other.len() && !one.is_empty()
}

#[cfg(test)]
#[path = "csrf_tests.rs"]
mod tests;
