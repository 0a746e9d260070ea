//! Loads the session of the session cookie and with it the reader. A bearer token must never replace the cookie on a
//! page, a framed session must never be accepted outside its frame, the cookie must never be logged, and a redirect to
//! sign-in must carry a path without a query.

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
    response::{IntoResponse, Redirect, Response},
};
use lcr_contracts::{Caller, Failure, identity::SignedIn};
use lcr_model::{Phi, Role, ServiceName, SessionId};
use lcr_web::cookies::{self, CookieScope};

use crate::{
    layout::{Layout, Nav},
    state::App,
    web::{
        error_page::{ErrorPage, error_page},
        security_headers::FrameAncestors,
    },
};

/// A signed-in reader. Extracting it counts as activity and keeps the session alive.
pub(crate) struct SignedInReader {
    pub app: App,
    pub signed_in: SignedIn,
    pub secret: Phi<String>,
}

/// A signed-in reader whose request does not count as activity, such as an open stream.
pub(crate) struct PassiveReader(pub SignedInReader);

impl SignedInReader {
    pub fn caller(&self) -> Caller {
        let SignedIn { actor, token, until, .. } = &self.signed_in;
        Caller { service: ServiceName::Gateway, actor: actor.clone(), token: token.clone(), until: *until }
    }

    pub fn session(&self) -> SessionId {
        self.signed_in.actor.session
    }

    /// The scope of the session's cookie.
    pub fn cookie_scope(&self) -> CookieScope {
        scope_of(&self.signed_in)
    }

    pub fn has_role(&self, roles: &[Role]) -> bool {
        roles.contains(&self.signed_in.actor.role)
    }

    pub fn layout(&self, title: impl Into<String>, nav: Nav) -> Layout {
        Layout::new(&self.app, title).for_reader(&self.signed_in, nav)
    }

    pub fn error_page(&self, failure: &Failure) -> ErrorPage {
        error_page(self.layout("", Nav::None), failure)
    }
}

impl FromRequestParts<App> for SignedInReader {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        load_reader(parts, app, true).await
    }
}

impl FromRequestParts<App> for PassiveReader {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        load_reader(parts, app, false).await.map(Self)
    }
}

async fn load_reader(parts: &Parts, app: &App, active: bool) -> Result<SignedInReader, Response> {
    let path = parts.uri.path();
    let Some((secret, scope)) = session_cookie(&parts.headers) else {
        return Err(redirect_to_sign_in(path, false));
    };
    match app.deps.identity.session(&secret, active).await {
        Ok(Some(signed_in)) if scope_of(&signed_in) == scope => {
            if let Some(frame) = parts.extensions.get::<FrameAncestors>() {
                frame.allow(&signed_in.frame_ancestors);
            }
            Ok(SignedInReader { app: app.clone(), signed_in, secret })
        }
        Ok(_) => Err(redirect_to_sign_in(path, true)),
        Err(failure) => Err(error_page(Layout::new(app, ""), &failure).into_response()),
    }
}

fn scope_of(signed_in: &SignedIn) -> CookieScope {
    CookieScope::of_frame(!signed_in.frame_ancestors.is_empty())
}

/// The session's secret and the scope of its cookie, or `None` if the request carries a bearer token, because then it is a
/// machine's.
pub(crate) fn session_cookie(headers: &HeaderMap) -> Option<(Phi<String>, CookieScope)> {
    if headers.contains_key(header::AUTHORIZATION) {
        return None;
    }
    // A browser sends both cookies only if the page around the frame is of our own site. A page in its own tab then uses the
    // ordinary one.
    let is_own_tab = headers.get("sec-fetch-dest").is_some_and(|dest| dest == "document");
    let scopes = [CookieScope::Frame, CookieScope::OwnPages];
    let mut scopes = scopes.into_iter().filter(|scope| !(is_own_tab && *scope == CookieScope::Frame));
    scopes.find_map(|scope| Some((Phi::new(cookies::value_of(headers, scope.session_cookie())?), scope)))
}

fn redirect_to_sign_in(path: &str, ended: bool) -> Response {
    let back = if safe_return_path(path) == Some(path) { path } else { "/home" };
    let ended = if ended { "&ended=1" } else { "" };
    Redirect::to(&format!("/sign-in?return={back}{ended}")).into_response()
}

/// The text, if it is a plain path of this portal: no host, no query, nothing a browser could read as another site.
pub(crate) fn safe_return_path(text: &str) -> Option<&str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '/' | '-' | '_' | '.');
    let is_path = text.starts_with('/') && !text.starts_with("//") && text.chars().all(plain);
    (is_path && !text.contains("..")).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sign_in_returns_only_to_a_plain_path_of_the_portal() {
        assert_eq!(safe_return_path("/people/0190a1b2-0000"), Some("/people/0190a1b2-0000"));
        for bad in ["//elsewhere.example", "https://elsewhere.example", "/search?q=smith", "/\\elsewhere", "/../x", ""]
        {
            assert_eq!(safe_return_path(bad), None, "{bad}");
        }
    }

    #[test]
    fn a_page_in_its_own_tab_never_uses_the_cookie_of_a_frame() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "__Host-lcr=own; __Host-lcr-frame=framed".parse().unwrap());
        let found = |headers: &HeaderMap| session_cookie(headers).map(|(secret, scope)| (secret.into_inner(), scope));
        assert_eq!(found(&headers), Some(("framed".to_owned(), CookieScope::Frame)));
        headers.insert("sec-fetch-dest", "document".parse().unwrap());
        assert_eq!(found(&headers), Some(("own".to_owned(), CookieScope::OwnPages)));
        headers.insert(header::COOKIE, "__Host-lcr-frame=framed".parse().unwrap());
        assert_eq!(found(&headers), None);
    }

    #[test]
    fn a_request_with_a_bearer_token_has_no_session_cookie() {
        let mut headers = HeaderMap::new();
        headers.insert(header::COOKIE, "a=b; __Host-lcr=secret".parse().unwrap());
        assert_eq!(session_cookie(&headers).unwrap().0.as_ref(), "secret");
        headers.insert(header::AUTHORIZATION, "Bearer x".parse().unwrap());
        assert!(session_cookie(&headers).is_none());
    }
}
