//! Step one of a sign-in: builds the provider's address, and the state that the callback must match.

use jiff::Timestamp;
use lcr_contracts::Failure;
use openidconnect::{CsrfToken, Nonce, PkceCodeChallenge, Scope, core::CoreAuthenticationFlow};
use serde::{Deserialize, Serialize};

use super::{
    launch_context::{LaunchQuery, SmartLaunch},
    provider::Provider,
};

/// The state of a sign-in until its callback. The browser holds it sealed in a cookie for ten minutes.
#[derive(Clone, Serialize, Deserialize)]
pub struct LoginState {
    pub state: String,
    pub nonce: String,
    pub verifier: String,
    pub issuer: String,
    pub return_to: String,
    /// Present if a partner's system opened the sign-in for a patient.
    #[serde(default)]
    pub launch: Option<SmartLaunch>,
}

impl std::fmt::Debug for LoginState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LoginState(…)")
    }
}

/// The provider's address for the browser, and the state of the sign-in.
pub async fn begin(
    provider: &Provider,
    return_to: String,
    launch: Option<(LaunchQuery, SmartLaunch)>,
    now: Timestamp,
) -> Result<(String, LoginState), Failure> {
    let client = provider.client(now).await?;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (query, launch) = launch.unzip();
    let scopes: &[&str] = if query.is_some() { &["launch", "fhirUser"] } else { &["profile"] };
    let mut request = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
        .set_pkce_challenge(challenge);
    if let Some(LaunchQuery { iss, launch, .. }) = query {
        request = request.add_extra_param("launch", launch).add_extra_param("aud", iss);
    }
    let (url, state, nonce) = request.url();
    let login = LoginState {
        state: state.secret().clone(),
        nonce: nonce.secret().clone(),
        verifier: verifier.secret().clone(),
        issuer: provider.issuer().to_owned(),
        return_to,
        launch,
    };
    Ok((url.to_string(), login))
}
