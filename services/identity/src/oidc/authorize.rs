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
mod tests {
    use openidconnect::{ClientId, RedirectUrl};
    use serde_json::json;

    use super::*;
    use crate::oidc::protocol_types::Metadata;

    fn address_of(again: bool, acr: Option<&str>) -> (String, LoginState) {
        let issuer = "https://login.example.org";
        let metadata: Metadata = serde_json::from_value(json!({
            "issuer": issuer,
            "authorization_endpoint": "https://login.example.org/authorize",
            "jwks_uri": "https://login.example.org/jwks",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["EdDSA"],
        }))
        .unwrap();
        let redirect = RedirectUrl::new("https://record.example.nhs.uk/auth/callback".to_owned()).unwrap();
        let client = Client::from_provider_metadata(metadata, ClientId::new("lcr".to_owned()), None);
        let acr = acr.map(str::to_owned);
        let request = SignInRequest { return_to: "/home".to_owned(), again, acr, launch: None };
        let (profile, acr) = (ClaimProfile::Cis2, &["AAL2_OR_AAL3_ANY".to_owned()]);
        let asks = ProviderAsks { issuer, profile, acr, scopes: scopes_of(profile, None) };
        address(&client.set_redirect_uri(redirect), &asks, request)
    }

    #[test]
    fn only_a_sign_in_again_asks_the_provider_for_a_new_proof() {
        let (url, login) = address_of(true, None);
        assert!(url.contains("prompt=login") && url.contains("max_age=0") && login.again, "{url}");
        let (url, login) = address_of(false, None);
        assert!(!url.contains("prompt=") && !url.contains("max_age=") && !login.again, "{url}");
    }

    #[test]
    fn the_e_mail_address_is_asked_for_where_a_directory_needs_it_and_the_provider_has_it() {
        let scopes = |names: &[&str]| names.iter().map(|name| Scope::new((*name).to_owned())).collect::<Vec<_>>();
        let (with, without) = (scopes(&["openid", "profile", "email"]), scopes(&["openid", "profile"]));
        for (profile, offered, silent) in [
            (ClaimProfile::Plain, true, false),
            (ClaimProfile::EntraId, true, true),
            (ClaimProfile::Keycloak, true, true),
            (ClaimProfile::Cis2, true, false),
            (ClaimProfile::NhsLogin, false, false),
        ] {
            let asks = |all: Option<&[Scope]>| scopes_of(profile, all).contains(&"email");
            let asked = (asks(Some(&with)), asks(Some(&without)), asks(None));
            assert_eq!(asked, (offered, false, silent), "{profile:?}");
            assert!(scopes_of(profile, None).contains(&"profile"), "{profile:?}");
        }
        let (url, _) = address_of(false, None);
        assert!(url.contains("scope=openid+profile+nhsperson"), "{url}");
    }

    #[test]
    fn a_sign_in_asks_for_the_assurance_and_the_claims_that_it_needs() {
        let (url, login) = address_of(false, None);
        assert!(url.contains("acr_values=AAL2_OR_AAL3_ANY") && login.acr.is_none(), "{url}");
        assert!(url.contains("nationalrbacaccess") && url.contains("selectedrole"), "{url}");
        let (url, login) = address_of(true, Some("AAL3_ANY"));
        assert!(url.contains("acr_values=AAL3_ANY") && login.acr.as_deref() == Some("AAL3_ANY"), "a step-up");
    }
}
