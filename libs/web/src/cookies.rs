//! The cookies of the portal's own host: reads those of a request, and writes them with the attributes that all of them
//! have. A value must never be logged.

use cookie::{Cookie, SameSite, time::Duration};
use http::{HeaderMap, header};

/// The session's cookie.
pub const SESSION_COOKIE: &str = "__Host-lcr";
/// The cookie of a session in a frame of a partner's page. A session is accepted from one of the two cookies only.
pub const FRAME_COOKIE: &str = "__Host-lcr-frame";
/// The cookie of a launch, from its verification until the browser has followed the redirect.
pub const LAUNCH_COOKIE: &str = "__Host-lcr-launch";

/// The cookie of a sign-in whose role is still to be chosen.
pub const ROLE_COOKIE: &str = "__Host-lcr-role";
/// The cookie of somebody who may ask for access.
pub const APPLICANT_COOKIE: &str = "__Host-lcr-applicant";
/// The name of the provider where the user can sign out too. It says nothing about the user.
pub const PROVIDER_COOKIE: &str = "__Host-lcr-provider";

/// The cookies of a request, in the order in which the browser sent them.
pub fn read(headers: &HeaderMap) -> impl Iterator<Item = Cookie<'_>> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(Cookie::split_parse).filter_map(Result::ok)
}

/// The value of the first cookie of this name, if it is not empty.
pub fn value_of(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut found = read(headers).filter(|cookie| cookie.name() == name && !cookie.value().is_empty());
    found.next().map(|cookie| cookie.value().to_owned())
}

/// Where the browser sends a cookie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CookieScope {
    /// In pages of this host alone.
    OwnPages,
    /// In a frame of the partner's page that it was set in, and in no other place.
    Frame,
}

impl CookieScope {
    pub fn of_frame(framed: bool) -> Self {
        if framed { Self::Frame } else { Self::OwnPages }
    }

    /// The name of the session's cookie.
    pub fn session_cookie(self) -> &'static str {
        match self {
            Self::OwnPages => SESSION_COOKIE,
            Self::Frame => FRAME_COOKIE,
        }
    }

    /// The text of `Set-Cookie`: for this host, over TLS, hidden from scripts. Without `max_age` in seconds it ends with
    /// the browser.
    pub fn set(self, name: &str, value: &str, max_age: Option<i64>) -> String {
        let mut cookie = Cookie::new(name, value);
        cookie.set_path("/");
        cookie.set_secure(true);
        cookie.set_http_only(true);
        cookie.set_same_site(if self == Self::Frame { SameSite::None } else { SameSite::Lax });
        cookie.set_partitioned(self == Self::Frame);
        cookie.set_max_age(max_age.map(Duration::seconds));
        cookie.to_string()
    }

    /// The text of `Set-Cookie` that deletes the cookie.
    pub fn clear(self, name: &str) -> String {
        self.set(name, "", Some(0))
    }
}

/// The text of `Set-Cookie` for pages of this host alone.
pub fn set(name: &str, value: &str, max_age: Option<i64>) -> String {
    CookieScope::OwnPages.set(name, value, max_age)
}

/// The text of `Set-Cookie` that deletes such a cookie.
pub fn clear(name: &str) -> String {
    CookieScope::OwnPages.clear(name)
}

#[cfg(test)]
#[path = "cookies_tests.rs"]
mod tests;
