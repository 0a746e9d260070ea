//! Loads the session of the session cookie and with it the reader. A bearer token must never replace the cookie on a
//! page, a framed session must never be accepted outside its frame or replace the reader's own, the cookie must never be
//! logged, and a redirect to sign-in must carry a path without a query.

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
        error_page::{ErrorPage, ended_in_frame_page, error_page},
        security_headers::FrameAncestors,
    },
};

/// Marks the form token of a framed session, because not every request of a page says whether it is in a frame.
pub(crate) const FRAMED_TOKEN: &str = "frame.";
/// Marks the stream of a framed session in its query.
const FRAMED_QUERY: &str = "frame=1";

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

    /// The end of the query of this page's streams.
    pub fn stream_mark(&self) -> String {
        if self.cookie_scope() == CookieScope::Frame { format!("&{FRAMED_QUERY}") } else { String::new() }
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
        load_reader(parts, app, true, false).await
    }
}

impl FromRequestParts<App> for PassiveReader {
    type Rejection = Response;
    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, Response> {
        let is_framed = parts.uri.query().is_some_and(|query| query.split('&').any(|pair| pair == FRAMED_QUERY));
        load_reader(parts, app, false, is_framed).await.map(Self)
    }
}

/// `active` counts as activity; `is_framed` is whether the request says that its page is in a frame.
pub(crate) async fn load_reader(
    parts: &Parts,
    app: &App,
    active: bool,
    is_framed: bool,
) -> Result<SignedInReader, Response> {
    let path = parts.uri.path();
    let Some((secret, scope)) = session_cookie(&parts.headers, is_framed) else {
        return Err(redirect_to_sign_in(path, false));
    };
    let frame = parts.extensions.get::<FrameAncestors>().cloned().unwrap_or_default();
    match app.deps.identity.session(&secret, active).await {
        Ok(Some(signed_in)) if scope_of(&signed_in) == scope => {
            frame.allow(&signed_in.frame_ancestors);
            Ok(SignedInReader { app: app.clone(), signed_in: mark_form_token(signed_in), secret })
        }
        Ok(_) => {
            let is_readable = allow_former_frame(app, &parts.headers, &frame).await;
            Err(if is_readable { ended_in_frame_page(app) } else { redirect_to_sign_in(path, true) })
        }
        Err(failure) => Err(error_page(Layout::new(app, ""), &failure).into_response()),
    }
}

/// Lets the partner of the session in this frame, also of an ended one, frame the answer. Returns whether it is known.
pub(crate) async fn allow_former_frame(app: &App, headers: &HeaderMap, frame: &FrameAncestors) -> bool {
    let secret = cookies::value_of(headers, CookieScope::Frame.session_cookie()).filter(|_| is_in_frame(headers));
    let Some(secret) = secret else { return false };
    let origins = app.framed_sessions.ancestors(&secret).await;
    frame.allow(&origins);
    !origins.is_empty()
}

/// The session with the mark of a frame in its form token.
pub(crate) fn mark_form_token(mut signed_in: SignedIn) -> SignedIn {
    if scope_of(&signed_in) == CookieScope::Frame {
        signed_in.form_token = Phi::new(format!("{FRAMED_TOKEN}{}", signed_in.form_token.as_ref()));
    }
    signed_in
}

/// Whether the browser loads the answer into a frame.
pub(crate) fn is_in_frame(headers: &HeaderMap) -> bool {
    headers.get("sec-fetch-dest").is_some_and(|dest| dest == "iframe" || dest == "frame")
}

fn scope_of(signed_in: &SignedIn) -> CookieScope {
    CookieScope::of_frame(!signed_in.frame_ancestors.is_empty())
}

/// The session's secret and the scope of its cookie, or `None` if the request carries a bearer token, because then it is a
/// machine's.
fn session_cookie(headers: &HeaderMap, is_framed: bool) -> Option<(Phi<String>, CookieScope)> {
    if headers.contains_key(header::AUTHORIZATION) {
        return None;
    }
    // A browser sends both cookies if it does not know partitioned ones, or if the page around the frame is of our own site.
    let scopes: &[CookieScope] = if headers.get("sec-fetch-dest").is_some_and(|dest| dest == "document") {
        &[CookieScope::OwnPages]
    } else if is_in_frame(headers) || is_framed {
        &[CookieScope::Frame]
    } else {
        &[CookieScope::OwnPages, CookieScope::Frame]
    };
    scopes.iter().find_map(|scope| Some((Phi::new(cookies::value_of(headers, scope.session_cookie())?), *scope)))
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
#[path = "session_tests.rs"]
mod tests;
