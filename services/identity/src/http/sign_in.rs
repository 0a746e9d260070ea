//! The two redirects of a sign-in. The state of the sign-in is sealed in a cookie of the browser, so the server stores
//! nothing for abandoned sign-ins. `oidc/callback.rs` checks what comes back.

use std::sync::Arc;

use axum::{
    extract::{Path, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::Timestamp;
use lcr_contracts::Failure;
use lcr_web::{
    Problem,
    cookies::{self, CookieScope},
    extract::Params,
};
use serde::{Deserialize, Serialize};

use super::{SharedService, launch, signed_in};
use crate::{
    domain,
    oidc::{
        authorize::{self, LoginState, SignInRequest},
        callback::{self, ExchangeOutcome},
        launch_context::SmartLaunch,
        provider::Provider,
    },
    providers,
};

/// The prefix of the cookie that holds the state of a sign-in. The start of the state follows, so that sign-ins in two tabs
/// do not disturb each other.
const LOGIN_COOKIE: &str = "__Host-lcr-login-";
/// The number of characters of the state in the cookie's name.
const STATE_PREFIX_LENGTH: usize = 12;
/// The most sign-ins that one browser may have under way. Another one deletes the oldest.
const MAX_LOGINS: usize = 5;
/// How long somebody may take at their provider.
const LOGIN_SECONDS: i64 = 600;
/// The associated data of the sealed cookie.
const SEAL_CONTEXT: &str = "login";
/// The longest `acr` that a sign-in may ask for.
const MAX_ACR: usize = 100;

#[derive(Deserialize)]
pub struct SignInQuery {
    organisation: Option<String>,
    /// A provider's name, as the search by e-mail address finds it.
    provider: Option<String>,
    #[serde(rename = "return")]
    return_to: Option<String>,
    /// Present if the user must prove anew who they are.
    again: Option<String>,
    /// The assurance that is needed this time, by the provider's own name of it.
    acr: Option<String>,
}

#[derive(Clone, Deserialize)]
pub struct CallbackQuery {
    code: Option<String>,
    state: Option<String>,
    /// Who answers (RFC 9207).
    iss: Option<String>,
}

pub async fn begin(
    State(service): State<SharedService>,
    headers: HeaderMap,
    Params(query): Params<SignInQuery>,
) -> Result<Response, Problem> {
    let now = service.clock.now();
    let provider = find_provider(&service, &query).await?;
    let return_to = domain::return_path(query.return_to.as_deref());
    let acr = query.acr.filter(|acr| !acr.is_empty());
    if acr.as_ref().is_some_and(|acr| acr.len() > MAX_ACR || !acr.bytes().all(|b| b.is_ascii_graphic())) {
        return Err(Failure::bad_request("This is no assurance that a provider knows.").into());
    }
    let request = SignInRequest { return_to, again: query.again.is_some(), acr, launch: None };
    let (url, login) = authorize::begin(&provider, request, now).await?;
    redirect_to_provider(&service, &headers, &url, login)
}

/// The provider that the query names, else that of the organisation.
async fn find_provider(service: &SharedService, query: &SignInQuery) -> Result<Arc<Provider>, Failure> {
    let Some(name) = &query.provider else {
        return service.oidc.for_organisation(query.organisation.as_deref()).ok_or_else(Failure::not_found);
    };
    providers::find_named(service, name).await?.ok_or_else(Failure::not_found)
}

/// Sends the browser to its provider, with the state of the sign-in in a cookie.
pub(super) fn redirect_to_provider(
    service: &SharedService,
    headers: &HeaderMap,
    url: &str,
    login: LoginState,
) -> Result<Response, Problem> {
    let (name, scope) = (login_cookie(&login.state), cookie_scope(&login));
    let until = service.clock.now().as_second() + LOGIN_SECONDS;
    let plain = serde_json::to_vec(&LoginCookie { until, login }).map_err(Failure::internal)?;
    let sealed = service.data_keys.seal(SEAL_CONTEXT, &plain).map_err(Failure::internal)?;
    let names = cookies::read(headers).map(|cookie| cookie.name().to_owned());
    let pending: Vec<String> = names.filter(|name| name.starts_with(LOGIN_COOKIE)).collect();
    // Browsers send the oldest first (RFC 6265 section 5.4).
    let excess = (pending.len() + 1).saturating_sub(MAX_LOGINS);
    let mut set_cookies: Vec<String> = pending.iter().take(excess).map(|name| scope.clear(name)).collect();
    set_cookies.push(scope.set(&name, &sealed, Some(LOGIN_SECONDS)));
    redirect(url, &set_cookies)
}

/// A sign-in in a frame has its cookies in that frame.
fn cookie_scope(login: &LoginState) -> CookieScope {
    CookieScope::of_frame(login.launch.as_ref().is_some_and(SmartLaunch::is_framed))
}

fn login_cookie(state: &str) -> String {
    format!("{LOGIN_COOKIE}{}", state.chars().take(STATE_PREFIX_LENGTH).collect::<String>())
}

/// The content of the sign-in cookie.
#[derive(Serialize, Deserialize)]
struct LoginCookie {
    /// The end of its life, in seconds since 1970.
    until: i64,
    login: LoginState,
}

/// The callback of the one provider without a callback name.
pub async fn callback(
    State(service): State<SharedService>,
    headers: HeaderMap,
    Params(query): Params<CallbackQuery>,
) -> Result<Response, Problem> {
    finish(&service, &headers, query, None).await
}

/// The callback of a named provider. Separate callbacks prevent one provider from answering for another.
pub async fn named_callback(
    State(service): State<SharedService>,
    headers: HeaderMap,
    Path(name): Path<String>,
    Params(query): Params<CallbackQuery>,
) -> Result<Response, Problem> {
    finish(&service, &headers, query, Some(&name)).await
}

async fn finish(
    service: &SharedService,
    headers: &HeaderMap,
    query: CallbackQuery,
    callback_name: Option<&str>,
) -> Result<Response, Problem> {
    let (Some(code), Some(state)) = (query.code, query.state) else {
        return Err(callback::refused("no code or state came back").into());
    };
    let now = service.clock.now();
    let login = open_login_cookie(service, headers, &state, now)?;
    callback::check_state(&login, &state)?;
    let provider = providers::find(service, &login.issuer).await?;
    let provider = provider.ok_or_else(|| callback::refused("unknown provider"))?;
    provider.check_responder(query.iss.as_deref(), callback_name, now).await?;
    let exchanged = callback::exchange_code(&provider, code, &login, now).await?;
    let done = cookie_scope(&login).clear(&login_cookie(&login.state));
    match (exchanged, login.launch) {
        (ExchangeOutcome::User(user, open_patient), Some(launch)) => {
            launch::finish(service, launch, *user, open_patient, done).await
        }
        (ExchangeOutcome::Refused(_), Some(_)) => launch::refuse(service, "not assured", done),
        (ExchangeOutcome::User(user, _), None) => {
            signed_in::finish(service, headers, &provider, *user, login.return_to, done).await
        }
        (ExchangeOutcome::Refused(refusal), None) => signed_in::refuse(service, refusal, &[done]),
    }
}

/// The state of the sign-in that this browser began, from its cookie.
fn open_login_cookie(
    service: &SharedService,
    headers: &HeaderMap,
    state: &str,
    now: Timestamp,
) -> Result<LoginState, Failure> {
    let sealed = cookies::value_of(headers, &login_cookie(state))
        .ok_or_else(|| callback::refused("another browser began this sign-in"))?;
    let plain =
        service.data_keys.open(SEAL_CONTEXT, &sealed).map_err(|_| callback::refused("the cookie is not ours"))?;
    let cookie: LoginCookie =
        serde_json::from_slice(&plain).map_err(|_| callback::refused("the cookie is not readable"))?;
    if cookie.until < now.as_second() { Err(callback::refused("this sign-in ran out")) } else { Ok(cookie.login) }
}

pub(super) fn redirect(url: &str, set_cookies: &[String]) -> Result<Response, Problem> {
    let location = HeaderValue::from_str(url).map_err(Failure::internal)?;
    let mut response = (StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response();
    for cookie in set_cookies {
        response.headers_mut().append(header::SET_COOKIE, HeaderValue::from_str(cookie).map_err(Failure::internal)?);
    }
    Ok(response)
}
