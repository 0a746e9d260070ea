//! Fetches the claims that a provider has only at `/userinfo`. They are not signed: the caller checks that they are about the
//! subject of the verified ID token. The access token must never be logged or stored.

use jiff::Timestamp;
use lcr_contracts::Failure;
use openidconnect::{AsyncHttpClient as _, http};
use serde_json::Value;

use super::{
    callback::refused,
    claims::{Claims, MissingClaims},
    provider::{Provider, unavailable},
};

/// Adds the claims that the ID token lacks.
pub async fn add_missing(
    provider: &Provider,
    claims: &mut Claims,
    access_token: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    match claims.missing(provider.profile()) {
        MissingClaims::Nothing => Ok(()),
        MissingClaims::Email => add_email(provider, claims, access_token, now).await,
        MissingClaims::All => claims.add_user_info(fetch(provider, access_token, now).await?).map_err(refused),
    }
}

/// Adds the e-mail address. A provider that does not give one here either, or answers about another subject, signs its people in
/// without.
async fn add_email(
    provider: &Provider,
    claims: &mut Claims,
    access_token: &str,
    now: Timestamp,
) -> Result<(), Failure> {
    if provider.user_info_endpoint(now).await?.is_none() {
        return Ok(());
    }
    let fetched = fetch(provider, access_token, now).await;
    if let Err(failure) = fetched.and_then(|info| claims.add_email(&info).map_err(refused)) {
        tracing::warn!(provider = provider.issuer(), cause = failure.inward(), "no e-mail address from userinfo");
    }
    Ok(())
}

async fn fetch(provider: &Provider, access_token: &str, now: Timestamp) -> Result<Value, Failure> {
    let endpoint = provider.user_info_endpoint(now).await?.ok_or_else(|| unavailable("no userinfo endpoint"))?;
    let request = http::Request::builder()
        .uri(endpoint)
        .header(http::header::ACCEPT, "application/json")
        .header(http::header::AUTHORIZATION, format!("Bearer {access_token}"))
        .body(Vec::new())
        .map_err(Failure::internal)?;
    let answer = provider.http.call(request).await.map_err(|_| unavailable("userinfo"))?;
    if answer.status() != http::StatusCode::OK {
        return Err(refused("userinfo did not accept the access token"));
    }
    serde_json::from_slice(answer.body()).map_err(|_| refused("the user info is not JSON"))
}

#[cfg(test)]
#[path = "user_info_tests.rs"]
mod tests;
