//! Step one of a sign-in: builds the provider's address, and the state that the callback must match.

use std::time::Duration;

use jiff::Timestamp;
use lcr_contracts::{Failure, partners::sign_in::ClaimProfile};
use openidconnect::{
    AuthenticationContextClass, CsrfToken, Nonce, PkceCodeChallenge, Scope,
    core::{CoreAuthPrompt, CoreAuthenticationFlow},
};
use serde::{Deserialize, Serialize};

use super::{
    launch_context::{LaunchQuery, SmartLaunch},
    protocol_types::Client,
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
    /// Whether the user must prove anew who they are, so that the provider must say when they did.
    #[serde(default)]
    pub again: bool,
    /// The `acr` that the ID token must have, beyond what the provider's settings ask.
    #[serde(default)]
    pub acr: Option<String>,
}

impl std::fmt::Debug for LoginState {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("LoginState(…)")
    }
}

/// How a sign-in begins.
#[derive(Default)]
pub struct SignInRequest {
    pub return_to: String,
    /// Whether the user must prove anew who they are.
    pub again: bool,
    /// The `acr` that is needed this time.
    pub acr: Option<String>,
    pub launch: Option<(LaunchQuery, SmartLaunch)>,
}

/// The provider's address for the browser, and the state of the sign-in.
pub async fn begin(
    provider: &Provider,
    request: SignInRequest,
    now: Timestamp,
) -> Result<(String, LoginState), Failure> {
    let metadata = provider.metadata(now).await?;
    let offered = metadata.scopes_supported().map(Vec::as_slice);
    let scopes = scopes_of(provider.profile(), offered);
    let asks = ProviderAsks { issuer: provider.issuer(), profile: provider.profile(), acr: provider.acr(), scopes };
    Ok(address(&provider.client_of(&metadata)?, &asks, request))
}

/// What the provider's settings ask of a sign-in.
struct ProviderAsks<'a> {
    issuer: &'a str,
    profile: ClaimProfile,
    acr: &'a [String],
    /// Beside `openid`, which every sign-in asks for.
    scopes: Vec<&'static str>,
}

/// The scopes whose claims the profile reads. An organisation's directory finds its people by e-mail address, so `email` is asked
/// for where the provider offers it. Of a patient it is never asked.
fn scopes_of(profile: ClaimProfile, offered: Option<&[Scope]>) -> Vec<&'static str> {
    let mut scopes = match profile {
        ClaimProfile::Plain | ClaimProfile::EntraId | ClaimProfile::Keycloak => vec!["profile"],
        ClaimProfile::Cis2 => vec!["profile", "nhsperson", "nationalrbacaccess", "selectedrole"],
        ClaimProfile::NhsLogin => return vec!["profile", "profile_extended"],
    };
    // These two know the scope, whether their metadata say so or not.
    let is_known = matches!(profile, ClaimProfile::EntraId | ClaimProfile::Keycloak);
    let is_offered = |all: &[Scope]| all.iter().any(|scope| scope.as_str() == "email");
    if offered.map_or(is_known, is_offered) {
        scopes.push("email");
    }
    scopes
}

/// NHS login's vectors of trust with which a record may be shown (RFC 8485).
const NHS_LOGIN_VTR: &str = r#"["P9.Cp.Cd","P9.Cp.Ck","P9.Cm"]"#;

fn address(client: &Client, asks: &ProviderAsks<'_>, request: SignInRequest) -> (String, LoginState) {
    let SignInRequest { return_to, again, acr, launch } = request;
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let (query, launch) = launch.unzip();
    let scopes: &[&str] = if query.is_some() { &["launch", "fhirUser"] } else { &asks.scopes };
    let mut request = client
        .authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random)
        .add_scopes(scopes.iter().map(|scope| Scope::new((*scope).to_owned())))
        .set_pkce_challenge(challenge);
    if again {
        // A provider that ignores the prompt must still say when the user signed in (OpenID Connect Core 3.1.2.1).
        request = request.add_prompt(CoreAuthPrompt::Login).set_max_age(Duration::ZERO);
    }
    let wanted = acr.as_ref().map_or(asks.acr, std::slice::from_ref);
    for value in wanted {
        request = request.add_auth_context_value(AuthenticationContextClass::new(value.clone()));
    }
    if asks.profile == ClaimProfile::NhsLogin {
        request = request.add_extra_param("vtr", NHS_LOGIN_VTR);
    }
    if let Some(LaunchQuery { iss, launch, .. }) = query {
        request = request.add_extra_param("launch", launch).add_extra_param("aud", iss);
    }
    let (url, state, nonce) = request.url();
    let login = LoginState {
        state: state.secret().clone(),
        nonce: nonce.secret().clone(),
        verifier: verifier.secret().clone(),
        issuer: asks.issuer.to_owned(),
        return_to,
        launch,
        again,
        acr,
    };
    (url.to_string(), login)
}

#[cfg(test)]
#[path = "authorize_tests.rs"]
mod tests;
