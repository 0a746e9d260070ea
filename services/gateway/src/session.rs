//! The session behind the one cookie: who is reading. A bearer token never stands in for it on a page, the
//! cookie's value is never logged, and a redirect to sign-in carries a path and no query.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{Caller, Failure, identity::SignedIn};
use lcr_model::{Phi, Role, ServiceName, SessionId};

use crate::{
    page::{Frame, Nav},
    state::App,
    trouble::{Trouble, trouble_page},
};

pub(crate) const COOKIE: &str = "__Host-lcr";
/// What ends the cookie in the browser.
pub(crate) const CLEARED: &str = "__Host-lcr=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";

/// Somebody signed in, at work on a page.
pub(crate) struct SignedInReader {
    pub app: App,
    pub signed_in: SignedIn,
    pub secret: Phi<String>,
}

/// The same, where nobody is at work: an open stream never keeps a session alive.
pub(crate) struct QuietReader(pub SignedInReader);

impl SignedInReader {
    pub fn caller(&self) -> Caller {
        let SignedIn { actor, token, until, .. } = &self.signed_in;
        Caller { service: ServiceName::Gateway, actor: actor.clone(), token: token.clone(), until: *until }
    }

    pub fn session(&self) -> SessionId {
        self.signed_in.actor.session
    }

    pub fn is(&self, roles: &[Role]) -> bool {
        roles.contains(&self.signed_in.actor.role)
    }

    pub fn frame(&self, title: impl Into<String>, nav: Nav) -> Frame {
        Frame::new(&self.app, title).for_reader(&self.signed_in, nav)
    }

    /// The page that says what went wrong.
    pub fn fails(&self, failure: &Failure) -> Trouble {
        trouble_page(self.frame("", Nav::None), failure)
    }
}

impl FromRequestParts<App> for SignedInReader {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        reader(parts, app, true).await
    }
}

impl FromRequestParts<App> for QuietReader {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        reader(parts, app, false).await.map(Self)
    }
}

async fn reader(parts: &Parts, app: &App, active: bool) -> Result<SignedInReader, Response> {
    let path = parts.uri.path();
    let Some(secret) = cookie(&parts.headers) else {
        return Err(to_sign_in(path, false));
    };
    match app.deps.identity.session(&secret, active).await {
        Ok(Some(signed_in)) => Ok(SignedInReader { app: app.clone(), signed_in, secret }),
        Ok(None) => Err(to_sign_in(path, true)),
        Err(failure) => Err(trouble_page(Frame::new(app, ""), &failure).into_response()),
    }
}

/// The session's secret. A request that carries a bearer token is a machine's: its cookies do not count.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<Phi<String>> {
    if headers.contains_key(header::AUTHORIZATION) {
        return None;
    }
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut pairs = lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='));
    pairs
        .find(|(name, value)| *name == COOKIE && !value.is_empty())
        .map(|(_, value)| Phi::new(value.to_owned()))
}

fn to_sign_in(path: &str, ended: bool) -> Response {
    let back = if return_path(path) == Some(path) { path } else { "/home" };
    let ended = if ended { "&ended=1" } else { "" };
    Redirect::to(&format!("/sign-in?return={back}{ended}")).into_response()
}

/// A path of this portal, alone: no host, no query, nothing that a browser could read as another place.
pub(crate) fn return_path(text: &str) -> Option<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    let ours = text.starts_with('/') && !text.starts_with("//") && text.chars().all(plain);
    (ours && !text.contains("..")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_plain_path_of_ours_is_returned_to() {
        assert_eq!(return_path("/people/0190a1b2-0000"), Some("/people/0190a1b2-0000"));
        for bad in [
            "//elsewhere.example",
            "https://elsewhere.example",
            "/search?q=smith",
            "/\\elsewhere",
            "/../x",
            "",
        ] {
            assert_eq!(return_path(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_bearer_token_switches_the_cookie_off() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=b; __Host-lcr=secret".parse().unwrap());
        assert_eq!(cookie(&headers).unwrap().as_ref(), "secret");
        headers.insert(header::AUTHORIZATION, "Bearer x".parse().unwrap());
        assert!(cookie(&headers).is_none());
    }
}
