//! Step two of a sign-in: checks the callback's state, exchanges its code for an ID token, and verifies the token's
//! signature, issuer, audience, nonce and time. `provider` checks which provider answered. No check may be skipped.

mod verified_user;

use jiff::Timestamp;
use lcr_contracts::{Failure, FailureKind};
use lcr_model::Phi;
use openidconnect::{
    AuthorizationCode, ClaimsVerificationError, Nonce, NonceVerifier, OAuth2TokenResponse, PkceCodeVerifier,
    TokenResponse, core::CoreJwsSigningAlgorithm,
};

use super::{
    authorize::LoginState,
    claims::{self, Candidate, Claims, Subject},
    logout_token::CLOCK_SKEW_SECONDS,
    protocol_types::{Client, IdToken},
    provider::{Provider, unavailable},
    refusal::SignInRefusal,
    user_info,
};
pub use verified_user::{ClaimsOrigin, IdTokenClaims, VerifiedUser};

/// What came back from the provider.
#[derive(Debug)]
pub enum ExchangeOutcome {
    /// The user, and the open patient's id if the answer has one.
    User(Box<VerifiedUser>, Option<Phi<String>>),
    Refused(SignInRefusal),
}

/// The oldest ID token that is exchanged. Its provider may let it live longer, but we remember its use for one session only.
const MAX_EXCHANGED_AGE_SECONDS: i64 = 600;

/// The accepted algorithms. `none` and shared secrets must never be among them.
pub const ALGORITHMS: [CoreJwsSigningAlgorithm; 7] = [
    CoreJwsSigningAlgorithm::EdDsa,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha256,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha384,
    CoreJwsSigningAlgorithm::RsaSsaPkcs1V15Sha512,
    CoreJwsSigningAlgorithm::RsaSsaPssSha256,
    CoreJwsSigningAlgorithm::EcdsaP256Sha256,
    CoreJwsSigningAlgorithm::EcdsaP384Sha384,
];

pub fn refused(step: &'static str) -> Failure {
    Failure::new(FailureKind::Unauthenticated, "Your organisation's sign-in was not accepted. Start again.")
        .because(step)
}

/// Refuses a callback whose state is not that of the sign-in in this browser's cookie (RFC 6749, 10.12).
pub fn check_state(login: &LoginState, state: &str) -> Result<(), Failure> {
    if login.state == state { Ok(()) } else { Err(refused("another browser began this sign-in")) }
}

/// Exchanges the code, verifies the ID token and reads its claims.
pub async fn exchange_code(
    provider: &Provider,
    code: String,
    login: &LoginState,
    now: Timestamp,
) -> Result<ExchangeOutcome, Failure> {
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
    let mut verified = verify_id_token(provider, &client, token, &Nonce::new(login.nonce.clone()), now).await?;
    check_auth_time(login, verified.auth_time)?;
    user_info::add_missing(provider, &mut verified.claims, answer.access_token().secret(), now).await?;
    if !provider.is_assured(login.acr.as_deref(), verified.claims.text("acr")) {
        return Ok(ExchangeOutcome::Refused(SignInRefusal::Assurance));
    }
    match to_user(provider, &verified)? {
        ExchangeOutcome::User(user, _) => {
            Ok(ExchangeOutcome::User(user, answer.extra_fields().extra_fields().patient.clone()))
        }
        refused @ ExchangeOutcome::Refused(_) => Ok(refused),
    }
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
) -> Result<ExchangeOutcome, Failure> {
    let client = provider.client(now).await?;
    let token: IdToken = token.parse().map_err(|_| refused("not an ID token"))?;
    let verified = verify_id_token(provider, &client, &token, |_: Option<&Nonce>| Ok(()), now).await?;
    check_exchanged_age(&verified, now)?;
    if !provider.is_assured(None, verified.claims.text("acr")) {
        return Ok(ExchangeOutcome::Refused(SignInRefusal::Assurance));
    }
    to_user(provider, &verified)
}

/// Refuses an old token: whoever finds one in a log must not open a session with it.
fn check_exchanged_age(verified: &Verified, now: Timestamp) -> Result<(), Failure> {
    let age = now.as_second().saturating_sub(verified.issued);
    if age > MAX_EXCHANGED_AGE_SECONDS { Err(refused("the ID token was issued too long ago")) } else { Ok(()) }
}

/// A verified token.
struct Verified {
    claims: Claims,
    auth_time: Option<Timestamp>,
    /// When it was issued, in seconds since 1970.
    issued: i64,
}

/// Verifies the token. If its key is unknown, the provider may have changed its keys: they are fetched once more.
async fn verify_id_token(
    provider: &Provider,
    client: &Client,
    token: &IdToken,
    nonce: impl NonceVerifier + Copy,
    now: Timestamp,
) -> Result<Verified, Failure> {
    let invalid = |_| refused("the ID token is not valid");
    match verify_with_keys(provider, client, token, nonce, now) {
        Err(ClaimsVerificationError::SignatureVerification(_)) if provider.forget_keys(now).await => {
            let client = provider.client(now).await?;
            verify_with_keys(provider, &client, token, nonce, now).map_err(invalid)
        }
        verified => verified.map_err(invalid),
    }
}

fn verify_with_keys(
    provider: &Provider,
    client: &Client,
    token: &IdToken,
    nonce: impl NonceVerifier,
    now: Timestamp,
) -> Result<Verified, ClaimsVerificationError> {
    let other = |text: &str| ClaimsVerificationError::Other(text.to_owned());
    let verifier = client.id_token_verifier().set_allowed_algs(ALGORITHMS);
    let standard = token.claims(&verifier, nonce)?;
    if standard.issuer().as_str() != provider.issuer() {
        return Err(other("another issuer"));
    }
    let issued = standard.issue_time().timestamp();
    if issued > now.as_second().saturating_add(CLOCK_SKEW_SECONDS) {
        return Err(other("issued in the future"));
    }
    let auth_time = standard.auth_time().and_then(|at| Timestamp::from_second(at.timestamp()).ok());
    // The text of the token whose signature was just verified.
    let claims = jsonwebtoken::dangerous::insecure_decode_claims(token.to_string()).ok().and_then(Claims::new);
    Ok(Verified { claims: claims.ok_or_else(|| other("the claims are not an object"))?, auth_time, issued })
}

/// The user of verified claims, in the roles that this provider may vouch for.
fn to_user(provider: &Provider, verified: &Verified) -> Result<ExchangeOutcome, Failure> {
    let Verified { claims, auth_time, .. } = verified;
    let Subject { subject, name, user_name, sid, candidates, org, .. } =
        claims::read(&provider.claim_rules(), claims).map_err(refused)?;
    let had_candidates = !candidates.is_empty();
    let candidates: Vec<Candidate> = candidates.into_iter().filter(|one| provider.may_vouch_for(one)).collect();
    let org = org.filter(|org| provider.serves_organisation(org));
    if candidates.is_empty() && provider.signs_in_patients_only() {
        return Ok(ExchangeOutcome::Refused(SignInRefusal::NotProved));
    }
    if candidates.is_empty() && (had_candidates || org.is_none()) {
        return Err(refused("the provider may not vouch for them, or names no organisation"));
    }
    let is_patient = candidates.iter().any(|one| crate::domain::is_patient(one.role));
    let user = VerifiedUser {
        issuer: provider.issuer().to_owned(),
        origin: provider.origin(),
        subject,
        name,
        user_name,
        sid,
        auth_time: *auth_time,
        candidates,
        org,
        patient: claims::verified_patient(claims).filter(|_| is_patient),
    };
    Ok(ExchangeOutcome::User(Box::new(user), None))
}

#[cfg(test)]
#[path = "callback_tests.rs"]
mod tests;
