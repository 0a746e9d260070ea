//! The two redirects of signing in. What comes back is bound to the browser that left by a cookie of its own.

use axum::{
    extract::{Query, State},
    http::{HeaderMap, HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use jiff::ToSpan;
use lcr_contracts::{Failure, Identity};
use lcr_model::Phi;
use lcr_web::Problem;
use sea_orm::DbErr;
use serde::Deserialize;

use super::Shared;
use crate::{
    domain,
    oidc::{
        authorize::{self, LoginState},
        callback,
    },
    store,
};

/// Holds the state between the two redirects, in this browser alone.
const LOGIN_COOKIE: &str = "__Host-lcr-login";
/// The session's cookie.
const SESSION_COOKIE: &str = "__Host-lcr";

#[derive(Deserialize)]
pub struct Begin {
    organisation: Option<String>,
    #[serde(rename = "return")]
    return_to: Option<String>,
}

#[derive(Deserialize)]
pub struct Back {
    code: Option<String>,
    state: Option<String>,
    /// Who answers (RFC 9207).
    iss: Option<String>,
}

pub async fn begin(State(service): State<Shared>, Query(asked): Query<Begin>) -> Result<Response, Problem> {
    let now = service.clock.now();
    let provider =
        service.oidc.for_organisation(asked.organisation.as_deref()).ok_or_else(Failure::not_found)?;
    let return_to = domain::return_path(asked.return_to.as_deref());
    let (url, login) = authorize::begin(provider, return_to, now).await?;
    let hash = service.data_keys.hash_name(&login.state);
    let body = serde_json::json!([login.nonce, login.verifier, login.issuer, login.return_to]).to_string();
    let sealed =
        service.data_keys.seal(&format!("login/{hash}"), body.as_bytes()).map_err(Failure::internal)?;
    let expires = now + 10.minutes();
    let remember = service.store.write::<_, DbErr, _>(move |tx| {
        Box::pin(async move { store::login::remember(tx, &hash, &sealed, expires, now).await })
    });
    remember.await.map_err(Failure::from)?;
    let cookie =
        format!("{LOGIN_COOKIE}={}; Path=/; Max-Age=600; Secure; HttpOnly; SameSite=Lax", login.state);
    redirect(&url, &[cookie])
}

pub async fn callback(
    State(service): State<Shared>,
    headers: HeaderMap,
    Query(back): Query<Back>,
) -> Result<Response, Problem> {
    let (Some(code), Some(state)) = (back.code, back.state) else {
        return Err(callback::refused("no code or state came back").into());
    };
    if cookie(&headers, LOGIN_COOKIE) != Some(state.as_str()) {
        return Err(callback::refused("another browser began this sign-in").into());
    }
    let now = service.clock.now();
    let login = take(&service, state).await?;
    let provider = service.oidc.get(&login.issuer).ok_or_else(|| callback::refused("unknown provider"))?;
    if back.iss.is_some_and(|iss| iss != login.issuer) {
        return Err(callback::refused("another provider answered").into());
    }
    let vouched = callback::finish(provider, code, &login, now).await?;
    let patient = domain::is_patient(&vouched.role);
    let (_, secret) = service.begin_session(vouched).await?;
    // Whoever signs in again in the same browser leaves no other session open behind them.
    if let Some(former) = cookie(&headers, SESSION_COOKIE) {
        service.end_session(&Phi::new(former.to_owned())).await?;
    }
    let session = format!("{SESSION_COOKIE}={}; Path=/; Secure; HttpOnly; SameSite=Lax", secret.as_ref());
    let done = format!("{LOGIN_COOKIE}=; Path=/; Max-Age=0; Secure; HttpOnly; SameSite=Lax");
    let to = if patient && login.return_to == "/home" { "/my-record" } else { &login.return_to };
    redirect(&format!("{}{to}", service.public_origin), &[session, done])
}

async fn take(service: &Shared, state: String) -> Result<LoginState, Failure> {
    let (hashes, now) = (service.data_keys.hash_names(&state), service.clock.now());
    let taken = service
        .store
        .write::<_, DbErr, _>(move |tx| Box::pin(async move { store::login::take(tx, &hashes, now).await }))
        .await?;
    let (hash, sealed) = taken.ok_or_else(|| callback::refused("this sign-in was used or ran out"))?;
    let place = format!("login/{hash}");
    let plain = service.data_keys.open(&place, &sealed).map_err(Failure::internal)?;
    let [nonce, verifier, issuer, return_to]: [String; 4] =
        serde_json::from_slice(&plain).map_err(Failure::internal)?;
    Ok(LoginState { state, nonce, verifier, issuer, return_to })
}

fn cookie<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    let all = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    all.flat_map(|line| line.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find(|(key, _)| *key == name)
        .map(|(_, value)| value)
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
