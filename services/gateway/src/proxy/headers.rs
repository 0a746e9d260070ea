//! Which headers the proxy forwards: an allow list for requests; for responses all but those of one connection. A header
//! that starts with `lcr-` must never pass in either direction.

use axum::http::{HeaderMap, HeaderName, header};

/// With `Prefer` a FHIR client asks for strict handling of parameters. With `X-LCR-Source` a sender with several systems
/// names the one that sends. With `If-Match` a SCIM client changes only what it has read (RFC 7644, 3.14).
const FORWARDED_HEADERS: [HeaderName; 7] = [
    header::AUTHORIZATION,
    header::ACCEPT,
    header::CONTENT_TYPE,
    header::IF_MATCH,
    header::IF_NONE_MATCH,
    HeaderName::from_static("prefer"),
    HeaderName::from_static("x-lcr-source"),
];

/// Headers of one connection (RFC 9110, 7.6.1), and those that this server writes itself.
const HOP_BY_HOP: [&str; 12] = [
    "connection",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "content-length",
    "server",
    "date",
];

pub(crate) fn request_headers(from: &HeaderMap, cookies: bool) -> HeaderMap {
    let mut to = HeaderMap::new();
    for name in FORWARDED_HEADERS {
        if let Some(value) = from.get(&name) {
            to.insert(name, value.clone());
        }
    }
    if cookies && !from.contains_key(header::AUTHORIZATION) {
        for value in from.get_all(header::COOKIE) {
            to.append(header::COOKIE, value.clone());
        }
    }
    to
}

pub(crate) fn response_headers(from: &HeaderMap, cookies: bool) -> HeaderMap {
    let connection = from.get(header::CONNECTION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let connection: Vec<String> = connection.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
    let is_dropped = |name: &HeaderName| {
        HOP_BY_HOP.contains(&name.as_str())
            || name.as_str().starts_with("lcr-")
            || connection.iter().any(|named| named == name.as_str())
            || (name == header::SET_COOKIE && !cookies)
    };
    let mut to = HeaderMap::new();
    for (name, value) in from {
        if !is_dropped(name) {
            to.append(name.clone(), value.clone());
        }
    }
    to
}
