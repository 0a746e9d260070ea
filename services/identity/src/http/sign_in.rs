//! The two redirects of signing in. What must come back is sealed in a cookie of the browser that left: nothing is kept
//! here for somebody who never comes back, and what comes from another browser or another provider is refused.

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use lcr_contracts::{Failure, Identity as _};
use lcr_model::Phi;
use lcr_web::{Problem, extract::Params};
use serde::{Deserialize, Serialize};

use super::Shared;
use crate::{
    domain,
    oidc::{
        authorize::{self, LoginState},
        callback,
    },
};

/// Holds the state between the two redirects, in this browser alone. The beginning of the state follows, so that people
/// who sign in from two tabs at once finish both.
const LOGIN_COOKIE: &str = "__Host-lcr-login-";
/// How much of the state follows.
const NAMED_BY: usize = 12;
/// Sign-ins a browser may have begun at once. The oldest is forgotten when one more begins.
const MOST_LOGINS: usize = 5;
/// The session's cookie.
const SESSION_COOKIE: &str = "__Host-lcr";
/// How long somebody may take at their provider.
const LOGIN_SECONDS: i64 = 600;
/// What the cookie's content is sealed for.
const SEALED_FOR: &str = "login";

#[derive(Deserialize)]
pub struct Begin {
    organisation: Option<String>,
    #[serde(rename = "return")]
    return_to: Option<String>,
}

#[derive(Clone, Deserialize)]
pub struct Back {
    code: Option<String>,
    state: Option<String>,
    /// Who answers (RFC 9207).
    iss: Option<String>,
}

pub async fn begin(
    State(service): State<Shared>,
    headers: HeaderMap,
    Params(asked): Params<Begin>,
) -> Result<Response, Problem> {
    let now = service.clock.now();
    let provider =
        service.oidc.for_organisation(asked.organisation.as_deref()).ok_or_else(Failure::not_found)?;
    let return_to = domain::return_path(asked.return_to.as_deref());
    let (url, login) = authorize::begin(provider, return_to, now).await?;
    let name = login_cookie(&login.state);
    let kept = serde_json::to_vec(&LoginCookie { until: now.as_second() + LOGIN_SECONDS, login })
        .map_err(Failure::internal)?;
    let sealed = service.data_keys.seal(SEALED_FOR, &kept).map_err(Failure::internal)?;
    let cookie = format!("{name}={sealed}; Path=/; Max-Age={LOGIN_SECONDS}; Secure; HttpOnly; SameSite=Lax");
    let begun: Vec<&str> =
        cookies(&headers).map(|(name, _)| name).filter(|name| name.starts_with(LOGIN_COOKIE)).collect();
    // Browsers send the oldest first (RFC 6265 section 5.4).
    let too_many = (begun.len() + 1).saturating_sub(MOST_LOGINS);
    let mut all: Vec<String> = begun.into_iter().take(too_many).map(forget).collect();
    all.push(cookie);
    redirect(&url, &all)
}

fn login_cookie(state: &str) -> String {
    format!("{LOGIN_COOKIE}{}", state.chars().take(NAMED_BY).collect::<String>())
}

fn forget(name: &str) -> String {
    format!("{name}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax")
}

/// What the cookie holds.
#[derive(Serialize, Deserialize)]
struct LoginCookie {
    /// Seconds since 1970.
    until: i64,
    login: LoginState,
}

/// For the one provider that has no address of its own here.
pub async fn callback(
    State(service): State<Shared>,
    headers: HeaderMap,
    Params(back): Params<Back>,
) -> Result<Response, Problem> {
    finish(&service, &headers, back, None).await
}

/// Each other provider sends people back to an address of its own, so that none can answer for another.
pub async fn callback_of(
    State(service): State<Shared>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Params(back): Params<Back>,
) -> Result<Response, Problem> {
    finish(&service, &headers, back, Some(&name)).await
}

async fn finish(
    service: &Shared,
    headers: &HeaderMap,
    back: Back,
    came_to: Option<&str>,
) -> Result<Response, Problem> {
    let (Some(code), Some(state)) = (back.code, back.state) else {
        return Err(callback::refused("no code or state came back").into());
    };
    let now = service.clock.now();
    let login = kept(service, headers, &state, now)?;
    if login.state != state {
        return Err(callback::refused("another browser began this sign-in").into());
    }
    let provider = service.oidc.get(&login.issuer).ok_or_else(|| callback::refused("unknown provider"))?;
    provider.answered(back.iss.as_deref(), came_to, now).await?;
    let vouched = callback::finish(provider, code, &login, now).await?;
    let patient = domain::is_patient(&vouched.role);
    let (_, secret) = service.begin_session(vouched).await?;
    // Whoever signs in anew leaves no session behind that this browser does not know any more.
    if let Some(former) = cookie(headers, SESSION_COOKIE) {
        service.end_session(&Phi::new(former.to_owned())).await?;
    }
    let session = format!("{SESSION_COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax", secret.as_ref());
    let done = forget(&login_cookie(&login.state));
    let to = if patient && login.return_to == "/home" { "/my-record" } else { &login.return_to };
    redirect(&format!("{}{to}", service.public_origin), &[session, done])
}

/// What this browser took with it.
fn kept(service: &Shared, headers: &HeaderMap, state: &str, now: Timestamp) -> Result<LoginState, Failure> {
    let sealed = cookie(headers, &login_cookie(state))
        .ok_or_else(|| callback::refused("another browser began this sign-in"))?;
    let plain = service
        .data_keys
        .open(SEALED_FOR, sealed)
        .map_err(|_| callback::refused("the cookie is not ours"))?;
    let kept: LoginCookie =
        serde_json::from_slice(&plain).map_err(|_| callback::refused("the cookie does not read"))?;
    if kept.until < now.as_second() { Err(callback::refused("this sign-in ran out")) } else { Ok(kept.login) }
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    cookies(headers).find(|(key, _)| *key == name).map(|(_, value)| value)
}

/// Names and values.
fn cookies(headers: &HeaderMap) -> impl Iterator<Item = (&str, &str)> {
    let lines = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    lines.flat_map(|line| line.split(';')).filter_map(|pair| pair.trim().split_once('='))
}

fn redirect(url: &str, cookies: &[String]) -> Result<Response, Problem> {
    let location = HeaderValue::from_str(url).map_err(Failure::internal)?;
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    for cookie in cookies {
        response
            .headers_mut()
            .append(header::SET_COOKIE, HeaderValue::from_str(cookie).map_err(Failure::internal)?);
    }
    Ok(response)
}
