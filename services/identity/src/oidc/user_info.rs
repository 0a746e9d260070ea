//! Fetches the claims that a provider has only at `/userinfo`. They are not signed: the caller checks that they are about the
//! subject of the verified ID token. The access token must never be logged or stored.

use jiff::Timestamp;
use lcr_contracts::Failure;
use openidconnect::{AsyncHttpClient as _, http};
use serde_json::Value;

use super::{
    callback::refused,
    provider::{Provider, unavailable},
};

pub async fn fetch(provider: &Provider, access_token: &str, now: Timestamp) -> Result<Value, Failure> {
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
