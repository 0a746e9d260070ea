//! Which headers cross the door. An allow list inwards; outwards everything but what belongs to one
//! connection. Nothing that starts with `lcr-` crosses in either direction.

use axum::http::{HeaderMap, HeaderName, header};

/// `Prefer` is how a FHIR client says that an unknown parameter must be refused; `X-LCR-Source` is how a sender with
/// several systems says which of its own speaks.
const INWARDS: [HeaderName; 5] = [
    header::AUTHORIZATION,
    header::ACCEPT,
    header::CONTENT_TYPE,
    HeaderName::from_static("prefer"),
    HeaderName::from_static("x-lcr-source"),
];

/// Headers of one connection, and those this server writes itself.
const OF_THE_CONNECTION: [&str; 12] = [
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

pub(crate) fn outgoing(from: &HeaderMap, cookies: bool) -> HeaderMap {
    let mut to = HeaderMap::new();
    for name in INWARDS {
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

pub(crate) fn incoming(from: &HeaderMap, cookies: bool) -> HeaderMap {
    let named = from.get(header::CONNECTION).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named: Vec<String> = named.split(',').map(|name| name.trim().to_ascii_lowercase()).collect();
    let stays = |name: &HeaderName| {
        OF_THE_CONNECTION.contains(&name.as_str())
            || name.as_str().starts_with("lcr-")
            || named.iter().any(|one| one == name.as_str())
            || (name == header::SET_COOKIE && !cookies)
    };
    let mut to = HeaderMap::new();
    for (name, value) in from {
        if !stays(name) {
            to.append(name.clone(), value.clone());
        }
    }
    to
}
