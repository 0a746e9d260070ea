//! Tests of `session.rs`.

use axum::http::HeaderValue;

use super::*;

#[test]
fn sign_in_returns_only_to_a_plain_path_of_the_portal() {
    assert_eq!(safe_return_path("/people/0190a1b2-0000"), Some("/people/0190a1b2-0000"));
    for bad in ["//elsewhere.example", "https://elsewhere.example", "/search?q=smith", "/\\elsewhere", "/../x", ""] {
        assert_eq!(safe_return_path(bad), None, "{bad}");
    }
}

/// The scope of the session of a request with these cookies.
fn scope(cookies: &'static str, dest: Option<&'static str>, is_framed: bool) -> Option<CookieScope> {
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, HeaderValue::from_static(cookies));
    if let Some(dest) = dest {
        headers.insert("sec-fetch-dest", HeaderValue::from_static(dest));
    }
    session_cookie(&headers, is_framed).map(|(_, scope)| scope)
}

#[test]
fn two_sessions_in_one_browser_never_mix() {
    use CookieScope::{Frame, OwnPages};
    let both = "__Host-lcr-frame=framed; __Host-lcr=own";
    assert_eq!(scope(both, None, false), Some(OwnPages), "an old browser");
    assert_eq!(scope(both, Some("empty"), false), Some(OwnPages), "a stream of an own page");
    assert_eq!(scope(both, Some("empty"), true), Some(Frame), "a stream of a framed page");
    assert_eq!(scope(both, Some("iframe"), false), Some(Frame));
    assert_eq!(scope(both, Some("document"), true), Some(OwnPages));
    assert_eq!(scope("__Host-lcr=own", Some("iframe"), false), None);
    assert_eq!(scope("__Host-lcr-frame=framed", Some("document"), false), None);
    assert_eq!(scope("__Host-lcr-frame=framed", None, false), Some(Frame), "an old browser");
}

#[test]
fn a_request_with_a_bearer_token_has_no_session_cookie() {
    let mut headers = HeaderMap::new();
    headers.insert(header::COOKIE, "a=b; __Host-lcr=secret".parse().unwrap());
    assert_eq!(session_cookie(&headers, false).unwrap().0.as_ref(), "secret");
    headers.insert(header::AUTHORIZATION, "Bearer x".parse().unwrap());
    assert!(session_cookie(&headers, false).is_none());
}
