//! Step two of a sign-in: checks the callback's state, exchanges its code for an ID token, and verifies the token's
//! signature, issuer, audience, nonce and time. `provider` checks which provider answered. No check may be skipped.

use jiff::{Timestamp, civil::Date};
use lcr_contracts::{Failure, FailureKind};
use lcr_model::Phi;
use openidconnect::{
    AuthorizationCode, IssuerUrl, Nonce, NonceVerifier, PkceCodeVerifier, TokenResponse, core::CoreJwsSigningAlgorithm,
};

use crate::domain;

use super::{
    authorize::LoginState,
    protocol_types::{Client, IdClaims, IdToken},
    provider::{Provider, unavailable},
};

/// The claims of a verified ID token: who signed in.
#[derive(Debug, Clone)]
pub struct IdTokenClaims {
    pub issuer: String,
    pub subject: String,
    pub name: String,
    pub org: String,
    pub role: String,
    pub sid: Option<String>,
    /// When the user proved to the provider who they are. `None` if the token does not say.
    pub auth_time: Option<Timestamp>,
    /// Only for a patient whose identity the provider has verified.
    pub patient: Option<VerifiedPatient>,
}

/// The verified identity of a patient: enough for patient-index to link the sign-in to a person.
#[derive(Clone)]
pub struct VerifiedPatient {
    pub nhs_number: String,
    pub birth_date: Date,
    pub family: String,
    pub given: String,
}

impl std::fmt::Debug for VerifiedPatient {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("VerifiedPatient(…)")
    }
}

/// The accepted algorithms. `none` and shared secrets must never be among them.
pub const ALGORITHMS: [CoreJwsSigningAlgorithm; 5] = [
    CoreJwsSigningAlgorithm::EdDsa,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
];

pub fn refused(step: &'static str) -> Failure {
    Failure::new(FailureKind::Unauthenticated, "Your organisation's sign-in was not accepted. Start again.")
        .because(step)
}

/// Refuses a callback whose state is not that of the sign-in in this browser's cookie (RFC 6749, 10.12).
pub fn check_state(login: &LoginState, state: &str) -> Result<(), Failure> {
    if login.state == state { Ok(()) } else { Err(refused("another browser began this sign-in")) }
}

/// Exchanges the code and verifies the ID token. Returns the open patient's id too, if the answer has one.
pub async fn exchange_code(
    provider: &Provider,
    code: String,
    login: &LoginState,
    now: Timestamp,
) -> Result<(IdTokenClaims, Option<Phi<String>>), Failure> {
    let client = provider.client(now).await?;
    let audience = client.token_uri().ok_or_else(|| unavailable("no token endpoint"))?.url().to_string();
    let request = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(Failure::internal)?
        .set_pkce_verifier(PkceCodeVerifier::new(login.verifier.clone()))
        .add_extra_param("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        .add_extra_param("client_assertion", provider.client_assertion(&audience, now)?);
    let answer = request.request_async(&provider.http).await.map_err(|_| refused("the code was not exchanged"))?;
    let token = answer.id_token().ok_or_else(|| refused("no ID token"))?;
    let claims = verify_id_token(provider, &client, token, &Nonce::new(login.nonce.clone()))?;
    check_auth_time(login, claims.auth_time)?;
    Ok((claims, answer.extra_fields().extra_fields().patient.clone()))
}

/// Requires the time of a new proof (`OpenID` Connect Core 3.1.3.7, point 13). An old time is no refusal: who needs a fresh
/// sign-in compares it.
fn check_auth_time(login: &LoginState, auth_time: Option<Timestamp>) -> Result<(), Failure> {
    if login.again && auth_time.is_none() {
        Err(refused("the provider does not say when they signed in"))
    } else {
        Ok(())
    }
}

/// Verifies an ID token that a client sent for token exchange (RFC 8693). It has no nonce; everything else is checked.
pub async fn verify_exchanged_token(
    provider: &Provider,
    token: &str,
    now: Timestamp,
) -> Result<IdTokenClaims, Failure> {
    let client = provider.client(now).await?;
    let token: IdToken = token.parse().map_err(|_| refused("not an ID token"))?;
    verify_id_token(provider, &client, &token, |_: Option<&Nonce>| Ok(()))
}

fn verify_id_token(
    provider: &Provider,
    client: &Client,
    token: &IdToken,
    nonce: impl NonceVerifier,
) -> Result<IdTokenClaims, Failure> {
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
    let claims: &IdClaims = token.claims(&verifier, nonce).map_err(|_| refused("the ID token is not valid"))?;
    let ours = claims.additional_claims();
    let issuer: &IssuerUrl = claims.issuer();
    let (org, role) =
        provider.organisation_and_role(ours).ok_or_else(|| refused("the token names no organisation or role"))?;
    let patient = domain::is_patient(&role);
    let is_allowed = if patient { provider.verifies_patients() } else { provider.serves_organisation(&org) };
    if issuer.as_str() != provider.issuer() || !is_allowed {
        return Err(refused("the provider may not vouch for them"));
    }
    let name = claims.name().and_then(|name| name.get(None));
    Ok(IdTokenClaims {
        issuer: issuer.as_str().to_owned(),
        subject: claims.subject().as_str().to_owned(),
        name: name.map_or_else(|| "Name not given".to_owned(), |name| name.as_str().to_owned()),
        org,
        role,
        sid: ours.sid.clone(),
        auth_time: claims.auth_time().and_then(|at| Timestamp::from_second(at.timestamp()).ok()),
        patient: verified_patient(claims).filter(|_| patient),
    })
}

/// Requires NHS login's highest proofing level. With less, somebody could link themselves to another person's record.
fn verified_patient(claims: &IdClaims) -> Option<VerifiedPatient> {
    let ours = claims.additional_claims();
    if ours.identity_proofing_level.as_deref() != Some("P9") {
        return None;
    }
    Some(VerifiedPatient {
        nhs_number: ours.nhs_number.as_ref()?.as_ref().clone(),
        birth_date: claims.birthdate()?.as_str().parse().ok()?,
        family: claims.family_name()?.get(None)?.as_str().to_owned(),
        given: claims.given_name()?.get(None)?.as_str().to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_again_needs_the_time_of_its_proof() {
        let login = |again| LoginState {
            state: String::new(),
            nonce: String::new(),
            verifier: String::new(),
            issuer: String::new(),
            return_to: String::new(),
            launch: None,
            again,
        };
        assert!(check_auth_time(&login(true), None).is_err());
        assert!(check_auth_time(&login(true), Some(Timestamp::UNIX_EPOCH)).is_ok());
        assert!(check_auth_time(&login(false), None).is_ok(), "an ordinary sign-in needs none");
    }
}
