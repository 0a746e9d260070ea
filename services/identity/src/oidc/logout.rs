//! Sign-out at the provider: the address to which a browser goes to sign out there too, and the verification of a provider's own
//! logout token. A logout token must never pass without its signature.

use jiff::Timestamp;
use lcr_contracts::Failure;

use super::{
    jws,
    logout_token::{self, LogoutToken},
    provider::Provider,
};

/// The longest logout token. A real one has a quarter of it.
const MAX_TOKEN_LENGTH: usize = 8 << 10;

fn refused(step: &'static str) -> Failure {
    Failure::bad_request("The logout token was not accepted.").because(step)
}

/// Verifies a logout token of this provider. If its key is unknown, the keys are fetched once more.
pub async fn verify(provider: &Provider, token: &str, now: Timestamp) -> Result<LogoutToken, Failure> {
    if token.len() > MAX_TOKEN_LENGTH {
        return Err(refused("too long"));
    }
    let metadata = provider.metadata(now).await?;
    let claims = match jws::verify(metadata.jwks(), token) {
        Err(_) if provider.forget_keys(now).await => jws::verify(provider.metadata(now).await?.jwks(), token),
        verified => verified,
    };
    let claims = claims.map_err(refused)?;
    logout_token::check(&claims, provider.issuer(), provider.client_id(), now).map_err(refused)
}

/// Where the browser ends its session at the provider. `None` if the provider has no such page. It names no user: we store no
/// ID token to hint with.
pub async fn address(provider: &Provider, public_origin: &str, now: Timestamp) -> Result<Option<String>, Failure> {
    let Some(endpoint) = provider.end_session_endpoint(now).await? else { return Ok(None) };
    let Ok(mut url) = reqwest::Url::parse(&endpoint) else { return Ok(None) };
    url.query_pairs_mut()
        .append_pair("client_id", provider.client_id())
        .append_pair("post_logout_redirect_uri", &format!("{public_origin}/"));
    Ok(Some(url.into()))
}
