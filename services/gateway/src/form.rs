//! Forms that change something: they must come from our own page and carry the token bound to the session.
//! The body's text is never part of a rejection or a log line.

use axum::{
    Form,
    extract::{FromRequest, FromRequestParts, Request},
    http::{HeaderMap, header},
    response::{IntoResponse, Response},
};
use lcr_contracts::{Failure, Kind};
use serde::{Deserialize, de::DeserializeOwned};

use crate::{session::SignedInReader, state::App};

/// A form the signed-in reader sent on purpose.
pub(crate) struct Posted<T> {
    pub reader: SignedInReader,
    pub form: T,
}

#[derive(Deserialize)]
struct Tokened<T> {
    #[serde(default)]
    form_token: String,
    #[serde(flatten)]
    form: T,
}

impl<T: DeserializeOwned + Send> FromRequest<App> for Posted<T> {
    type Rejection = Response;

    async fn from_request(request: Request, app: &App) -> Result<Self, Response> {
        let (mut parts, body) = request.into_parts();
        let ours = from_our_page(&parts.headers, &app.deps.settings.public_origin);
        let reader = SignedInReader::from_request_parts(&mut parts, app).await?;
        if !ours {
            return Err(refused(&reader));
        }
        let sent = Form::<Tokened<T>>::from_request(Request::from_parts(parts, body), app).await;
        let Ok(Form(sent)) = sent else {
            let words = "The form could not be read. Go back and try again.";
            return Err(reader.fails(&Failure::bad_request(words)).into_response());
        };
        if !same(sent.form_token.as_bytes(), reader.signed_in.form_token.as_ref().as_bytes()) {
            return Err(refused(&reader));
        }
        Ok(Self { form: sent.form, reader })
    }
}

fn refused(reader: &SignedInReader) -> Response {
    let words = "This form did not come from an open page of yours. Go back, reload the page and try again.";
    reader.fails(&Failure::new(Kind::Forbidden, words)).into_response()
}

/// Browsers send `Origin: null` from a page with `no-referrer`; then the browser's own word on where the
/// request comes from decides, which no page can set.
fn from_our_page(headers: &HeaderMap, public_origin: &str) -> bool {
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok());
    match text(header::ORIGIN.as_str()) {
        Some("null") => text("sec-fetch-site") == Some("same-origin"),
        Some(origin) => origin == public_origin,
        None => false,
    }
}

/// Compares without stopping at the first difference. An empty token is never right.
fn same(one: &[u8], other: &[u8]) -> bool {
    let differ = one.iter().zip(other).fold(0, |differ, (a, b)| differ | (a ^ b));
    std::hint::black_box(differ) == 0 && one.len() == other.len() && !one.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap())).collect()
    }

    #[test]
    fn only_our_own_origin_may_post() {
        let ours = "http://localhost:8080";
        assert!(from_our_page(&headers(&[("origin", ours)]), ours));
        assert!(from_our_page(&headers(&[("origin", "null"), ("sec-fetch-site", "same-origin")]), ours));
        assert!(!from_our_page(&headers(&[("origin", "null"), ("sec-fetch-site", "cross-site")]), ours));
        assert!(!from_our_page(&headers(&[("origin", "null")]), ours));
        assert!(!from_our_page(&headers(&[("origin", "http://localhost:8090")]), ours));
        assert!(!from_our_page(&headers(&[]), ours));
    }

    #[test]
    fn tokens_are_compared_whole() {
        assert!(same(b"abc", b"abc"));
        assert!(!same(b"abc", b"abd") && !same(b"ab", b"abc") && !same(b"", b""));
    }
}
