//! Step two: the code that came back becomes an ID token, checked for signature, issuer, audience, nonce and time.

use jiff::{Timestamp, civil::Date};
use lcr_contracts::{Failure, Kind};
use openidconnect::{
    AuthorizationCode, IssuerUrl, Nonce, NonceVerifier, PkceCodeVerifier, TokenResponse,
    core::CoreJwsSigningAlgorithm,
};

use crate::domain;

use super::{
    authorize::LoginState,
    provider::{Client, IdClaims, IdToken, Provider, unavailable},
};

/// Who a provider says signed in.
#[derive(Debug, Clone)]
pub struct Vouched {
    pub issuer: String,
    pub subject: String,
    pub name: String,
    pub org: String,
    pub role: String,
    pub sid: Option<String>,
    /// For patients whose identity the provider has proofed.
    pub patient: Option<Proofed>,
}

/// What a proofed sign-in says of a patient: enough to link the login to a person, as any source's word is.
#[derive(Clone)]
pub struct Proofed {
    pub nhs_number: String,
    pub birth_date: Date,
    pub family: String,
    pub given: String,
}

impl std::fmt::Debug for Proofed {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Proofed(…)")
    }
}

/// The algorithms we take; never `none`, never a shared secret.
pub const ALGORITHMS: [CoreJwsSigningAlgorithm; 5] = [
    CoreJwsSigningAlgorithm::EdDsa,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
];

pub fn refused(step: &'static str) -> Failure {
    Failure::new(Kind::Unauthenticated, "Your organisation's sign-in was not accepted. Start again.")
        .because(step)
}

/// Exchanges the code and reads the ID token.
pub async fn finish(
    provider: &Provider,
    code: String,
    login: &LoginState,
    now: Timestamp,
) -> Result<Vouched, Failure> {
    let client = provider.client(now).await?;
    let audience = client.token_uri().ok_or_else(|| unavailable("no token endpoint"))?.url().to_string();
    let request = client
        .exchange_code(AuthorizationCode::new(code))
        .map_err(Failure::internal)?
        .set_pkce_verifier(PkceCodeVerifier::new(login.verifier.clone()))
        .add_extra_param("client_assertion_type", "urn:ietf:params:oauth:client-assertion-type:jwt-bearer")
        .add_extra_param("client_assertion", provider.assertion(&audience, now)?);
    let answer =
        request.request_async(&provider.http).await.map_err(|_| refused("the code was not exchanged"))?;
    let token = answer.id_token().ok_or_else(|| refused("no ID token"))?;
    read(provider, &client, token, &Nonce::new(login.nonce.clone()))
}

/// An ID token handed over by a client (`token exchange`): no nonce, everything else checked.
pub async fn read_bare(provider: &Provider, token: &str, now: Timestamp) -> Result<Vouched, Failure> {
    let client = provider.client(now).await?;
    let token: IdToken = token.parse().map_err(|_| refused("not an ID token"))?;
    read(provider, &client, &token, |_: Option<&Nonce>| Ok(()))
}

fn read(
    provider: &Provider,
    client: &Client,
    token: &IdToken,
    nonce: impl NonceVerifier,
) -> Result<Vouched, Failure> {
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
    let claims: &IdClaims =
        token.claims(&verifier, nonce).map_err(|_| refused("the ID token does not hold"))?;
    let ours = claims.additional_claims();
    let issuer: &IssuerUrl = claims.issuer();
    let (org, role) =
        provider.member(ours).ok_or_else(|| refused("the token names no organisation or role"))?;
    let patient = domain::is_patient(&role);
    let may = if patient { provider.proofs_patients() } else { provider.serves(&org) };
    if issuer.as_str() != provider.issuer() || !may {
        return Err(refused("the provider may not vouch for them"));
    }
    let name = claims.name().and_then(|name| name.get(None));
    Ok(Vouched {
        issuer: issuer.as_str().to_owned(),
        subject: claims.subject().as_str().to_owned(),
        name: name.map_or_else(|| "Name not given".to_owned(), |name| name.as_str().to_owned()),
        org,
        role,
        sid: ours.sid.clone(),
        patient: proofed(claims).filter(|_| patient),
    })
}

/// NHS login's highest level alone: with less, somebody could link themselves to another's record.
fn proofed(claims: &IdClaims) -> Option<Proofed> {
    let ours = claims.additional_claims();
    if ours.identity_proofing_level.as_deref() != Some("P9") {
        return None;
    }
    Some(Proofed {
        nhs_number: ours.nhs_number.as_ref()?.as_ref().clone(),
        birth_date: claims.birthdate()?.as_str().parse().ok()?,
        family: claims.family_name()?.get(None)?.as_str().to_owned(),
        given: claims.given_name()?.get(None)?.as_str().to_owned(),
    })
}
