//! `/oauth2/token`: authenticates machines by their key (client credentials, `private_key_jwt`), and exchanges a person's ID
//! token for a user token (RFC 8693). It must never accept an assertion or ID token twice.

mod refusal;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Header, Validation, jwk::JwkSet};
use lcr_auth::compact::signed_part;
use lcr_contracts::{Failure, FailureKind};
use lcr_model::{Actor, OdsCode, Role, SessionId, UserId};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    domain,
    oidc::callback::{self, ExchangeOutcome},
    providers,
    service::{Service, SessionStart, TokenResponse},
    store::{self, client::entity::Model as Client},
    systems::{client_access, key_set},
};

pub use refusal::TokenRefusal;

/// The form of a token request.
#[derive(Deserialize)]
pub struct TokenRequest {
    pub grant_type: String,
    pub client_assertion: Option<String>,
    pub subject_token: Option<String>,
    /// Only compared: a token always has the whole scope of its client.
    #[serde(default)]
    pub scope: Option<String>,
}

#[derive(Deserialize)]
struct Assertion {
    iss: String,
    sub: String,
    aud: Audience,
    jti: String,
    exp: i64,
}

/// Who issued a token. It only says whose keys must verify it.
#[derive(Deserialize)]
struct IssuerClaim {
    iss: String,
}

/// The audience of a token: one text or several.
#[derive(Deserialize)]
#[serde(untagged)]
pub(crate) enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    pub fn contains(&self, expected: &str) -> bool {
        match self {
            Self::One(one) => one == expected,
            Self::Many(many) => many.iter().any(|one| one == expected),
        }
    }
}

fn refused(step: &'static str) -> Failure {
    Failure::new(FailureKind::Unauthenticated, "The client or its proof was not accepted.").because(step)
}

const CLIENT_CREDENTIALS: &str = "client_credentials";
const TOKEN_EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

pub async fn token(service: &Service, request: TokenRequest) -> Result<TokenResponse, TokenRefusal> {
    match (request.grant_type.as_str(), request.client_assertion, request.subject_token) {
        (CLIENT_CREDENTIALS, Some(assertion), _) => {
            let answer = authenticate_client(service, &assertion).await.map_err(TokenRefusal::of_client)?;
            check_scope(request.scope.as_deref(), &answer.scope)?;
            Ok(answer)
        }
        (TOKEN_EXCHANGE, _, Some(token)) => {
            exchange_id_token(service, &token).await.map_err(TokenRefusal::of_subject_token)
        }
        (CLIENT_CREDENTIALS | TOKEN_EXCHANGE, ..) => {
            Err(TokenRefusal::of_request("invalid_request", "The proof of this grant type is missing."))
        }
        _ => Err(TokenRefusal::of_request("unsupported_grant_type", "This grant type is not offered.")),
    }
}

/// Refuses a scope that the client does not have.
fn check_scope(requested: Option<&str>, of_client: &str) -> Result<(), TokenRefusal> {
    let has = |wanted: &str| of_client.split_whitespace().any(|scope| scope == wanted);
    if requested.unwrap_or_default().split_whitespace().all(has) {
        return Ok(());
    }
    Err(TokenRefusal::of_request("invalid_scope", "The client is not registered for this scope."))
}

async fn authenticate_client(service: &Service, assertion: &str) -> Result<TokenResponse, Failure> {
    let now = service.clock.now();
    signed_part(assertion).map_err(|_| refused("not written canonically"))?;
    let unverified: Assertion =
        jsonwebtoken::dangerous::insecure_decode_claims(assertion).map_err(|_| refused("not an assertion"))?;
    let client =
        store::client::find(service.store.read(), &unverified.sub).await?.ok_or_else(|| refused("unknown client"))?;
    let (_, claims) = verify_client::<Assertion>(service, &client, assertion).await.map_err(refused)?;
    let for_us = claims.aud.contains(&format!("{}/oauth2/token", service.public_origin));
    let left = claims.exp - now.as_second();
    if claims.iss != claims.sub || claims.sub != client.id || !for_us || !(0..=300).contains(&left) {
        return Err(refused("claims"));
    }
    // Counted after the signature, so that nobody else can use up a client's requests.
    let tokens_per_minute = u32::try_from(client.per_minute).unwrap_or_default();
    if !service.client_access.allows(&client.id, tokens_per_minute) {
        let words = "This client asks for tokens too often. A token lasts five minutes: keep it.";
        return Err(Failure::new(FailureKind::TooManyRequests, words));
    }
    if !use_client_once(service, &client.id, &claims).await? {
        return Err(refused("used before"));
    }
    let role: Role = client.role.parse().map_err(Failure::internal)?;
    let actor = Actor {
        user: UserId::new(format!("client-{}", client.id)),
        kind: domain::actor_kind(role),
        name: client.name,
        org: OdsCode::new(client.org),
        role,
        purpose: domain::purpose_of(role),
        session: SessionId::new(),
    };
    let requests_per_minute = client.requests_per_minute.and_then(|number| u32::try_from(number).ok());
    service.mint_for_client(&actor, &client.scope, requests_per_minute, now)
}

/// The header and claims of a token that one of the client's keys signed, or why it is refused. A client that is suspended, or
/// whose organisation may not have what its scope opens, gets nothing.
pub(crate) async fn verify_client<T: DeserializeOwned>(
    service: &Service,
    client: &Client,
    token: &str,
) -> Result<(Header, T), &'static str> {
    if client.suspended {
        return Err("a suspended client");
    }
    let organisation = store::registry::find_organisation(service.store.read(), &client.org).await;
    let organisation = organisation.map_err(|_| "the organisation is not known now")?;
    if let Some(why) = client_access::obstacle(organisation.as_ref(), &client.scope) {
        return Err(why);
    }
    if client.jwks_url.is_empty() {
        return verify_signed(token, &client.jwks).ok_or("signature");
    }
    let header = jsonwebtoken::decode_header(token).map_err(|_| "not a token")?;
    let kid = header.kid.ok_or("a token without a key id")?;
    let now = service.clock.now();
    let keys = service.client_access.published_keys(&service.outbound, &client.jwks_url, &kid, now).await;
    let keys = keys.ok_or("the published keys did not come")?;
    verify_signed(token, &keys.to_string()).ok_or("signature")
}

/// The header and claims of a token, if one of these keys signed it. Keys of other types are skipped: `none` and shared keys
/// verify nothing.
pub(crate) fn verify_signed<T: DeserializeOwned>(token: &str, jwks: &str) -> Option<(Header, T)> {
    let header = jsonwebtoken::decode_header(token).ok()?;
    let allowed = [Algorithm::EdDSA, Algorithm::ES256, Algorithm::ES384, Algorithm::RS384, Algorithm::RS512];
    if !allowed.contains(&header.alg) {
        return None;
    }
    let keys: Value = serde_json::from_str(jwks).ok()?;
    let keys: JwkSet = serde_json::from_value(key_set::usable(&keys)).ok()?;
    let key = keys.find(header.kid.as_deref()?)?;
    let mut validation = Validation::new(header.alg);
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let decoded = jsonwebtoken::decode(token, &DecodingKey::from_jwk(key).ok()?, &validation).ok()?;
    Some((header, decoded.claims))
}

/// Whether this is the first use of a client's assertion. Stores when the client was used.
async fn use_client_once(service: &Service, id: &str, claims: &Assertion) -> Result<bool, Failure> {
    // The prefix keeps a client's ids apart from those of logout tokens, launches and ID tokens.
    let hashes = service.data_keys.hash_names(&format!("assertion/{id}/{}", claims.jti));
    let (id, now) = (id.to_owned(), service.clock.now());
    let expires = Timestamp::from_second(claims.exp).map_err(Failure::internal)?;
    let write = service.store.write(async move |tx| {
        let is_first = store::client::record_first_use(&tx, &hashes, expires, now).await?;
        if is_first {
            store::client::record_use(&tx, &id, now).await?;
        }
        Ok(is_first)
    });
    Ok(write.await?)
}

async fn exchange_id_token(service: &Service, token: &str) -> Result<TokenResponse, Failure> {
    let now = service.clock.now();
    let signed = signed_part(token).map_err(|_| refused("not written canonically"))?;
    let unverified: IssuerClaim =
        jsonwebtoken::dangerous::insecure_decode_claims(token).map_err(|_| refused("not an ID token"))?;
    let provider = providers::find(service, &unverified.iss).await?.ok_or_else(|| refused("an unknown provider"))?;
    let token_claims = match callback::verify_exchanged_token(&provider, token, now).await? {
        ExchangeOutcome::User(user, _) => user.in_only_role().ok_or_else(|| refused("no role, or several"))?,
        ExchangeOutcome::Refused(refusal) => return Err(refusal.failure()),
    };
    // An ID token opens one session. A stolen copy fails, even if its signature is encoded differently.
    if !use_once(service, &format!("id-token/{signed}"), now.as_second() + domain::MAX_SESSION_SECONDS).await? {
        return Err(refused("used before"));
    }
    let start = SessionStart::after_sign_in(token_claims.auth_time, now);
    let (actor, _) = service.begin_session(token_claims, start).await?;
    service.mint(&actor, "session", now)
}

/// Whether this is the first use of the assertion.
pub(crate) async fn use_once(service: &Service, jti: &str, exp: i64) -> Result<bool, Failure> {
    let (jti, now) = (service.data_keys.hash_names(jti), service.clock.now());
    let expires = Timestamp::from_second(exp).map_err(Failure::internal)?;
    let write = service.store.write(async move |tx| store::client::record_first_use(&tx, &jti, expires, now).await);
    Ok(write.await?)
}
