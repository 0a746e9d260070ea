//! User tokens and service tokens: claims, signing, verification. Time and keys must be passed in.

use std::num::NonZeroU32;

use jiff::Timestamp;
use lcr_model::{
    Actor, ActorKind, KeySet, OdsCode, Purpose, Role, ServiceName, SessionId, SigningKey, UserId, keys::KeyError,
};
use serde::{Deserialize, Serialize};
use thiserror::Error;
use uuid::Uuid;

use crate::compact::signed_part;

/// JWS type of a user token.
pub const USER_TYP: &str = "lcr-user+jwt";
/// JWS type of a service token.
pub const SERVICE_TYP: &str = "lcr-service+jwt";
/// Audience of user tokens: the platform.
pub const PLATFORM: &str = "leeds-care-record";
/// The life of both, in seconds.
pub const LIFE_SECONDS: i64 = 300;
const LEEWAY_SECONDS: i64 = 2;

/// Identity's statement about a signed-in user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserClaims {
    pub iss: ServiceName,
    pub aud: String,
    pub jti: Uuid,
    pub sub: UserId,
    pub kind: ActorKind,
    pub name: String,
    pub org: OdsCode,
    pub role: Role,
    pub purpose: Purpose,
    pub session: SessionId,
    /// Space-separated; `session` for people, `feeds.write` or `fhir.read` for clients.
    pub scope: String,
    /// The requests that a client may make in a minute. `None`: the default of its scope.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub per_minute: Option<NonZeroU32>,
    pub iat: i64,
    pub exp: i64,
}

/// A service's statement about itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceClaims {
    pub sub: ServiceName,
    pub aud: ServiceName,
    pub jti: Uuid,
    pub iat: i64,
    pub exp: i64,
}

/// Why a token was refused. Callers only learn "not signed in".
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum TokenError {
    #[error("the token's signature does not hold, or it is of another kind")]
    Signature,
    #[error("the token is for somebody else")]
    Audience,
    #[error("the token has expired or is not valid yet")]
    Expired,
}

impl From<KeyError> for TokenError {
    fn from(_: KeyError) -> Self {
        Self::Signature
    }
}

impl UserClaims {
    pub fn new(actor: &Actor, scope: &str, now: Timestamp) -> Self {
        let iat = now.as_second();
        Self {
            iss: ServiceName::Identity,
            aud: PLATFORM.to_owned(),
            jti: Uuid::now_v7(),
            sub: actor.user.clone(),
            kind: actor.kind,
            name: actor.name.clone(),
            org: actor.org.clone(),
            role: actor.role,
            purpose: actor.purpose,
            session: actor.session,
            scope: scope.to_owned(),
            per_minute: None,
            iat,
            exp: iat + LIFE_SECONDS,
        }
    }

    pub fn actor(self) -> Actor {
        Actor {
            user: self.sub,
            kind: self.kind,
            name: self.name,
            org: self.org,
            role: self.role,
            purpose: self.purpose,
            session: self.session,
        }
    }
}

pub fn sign_user(key: &SigningKey, claims: &UserClaims) -> Result<String, KeyError> {
    key.sign(USER_TYP, claims)
}

pub fn verify_user(token: &str, keys: &KeySet, now: Timestamp) -> Result<UserClaims, TokenError> {
    signed_part(token)?;
    let claims: UserClaims = keys.verify(USER_TYP, token)?;
    check_user(&claims, now)?;
    Ok(claims)
}

/// Checks the issuer, audience and times of a user token whose signature holds.
pub(crate) fn check_user(claims: &UserClaims, now: Timestamp) -> Result<(), TokenError> {
    if claims.iss != ServiceName::Identity || claims.aud != PLATFORM {
        return Err(TokenError::Audience);
    }
    in_time(claims.iat, claims.exp, now)
}

pub fn sign_service(key: &SigningKey, from: ServiceName, to: ServiceName, now: Timestamp) -> Result<String, KeyError> {
    let iat = now.as_second();
    let claims = ServiceClaims { sub: from, aud: to, jti: Uuid::now_v7(), iat, exp: iat + LIFE_SECONDS };
    key.sign(SERVICE_TYP, &claims)
}

/// `keys` must be those of the claimed caller, so that a service cannot impersonate another.
pub fn verify_service(
    token: &str,
    keys_of: impl Fn(ServiceName) -> KeySet,
    audience: ServiceName,
    now: Timestamp,
) -> Result<ServiceClaims, TokenError> {
    signed_part(token)?;
    for service in ServiceName::ALL {
        let Ok(claims) = keys_of(*service).verify::<ServiceClaims>(SERVICE_TYP, token) else { continue };
        if claims.sub != *service {
            return Err(TokenError::Signature);
        }
        check_service(&claims, audience, now)?;
        return Ok(claims);
    }
    Err(TokenError::Signature)
}

/// Checks the audience and times of a service token whose signature holds.
pub(crate) fn check_service(claims: &ServiceClaims, audience: ServiceName, now: Timestamp) -> Result<(), TokenError> {
    if claims.aud != audience {
        return Err(TokenError::Audience);
    }
    in_time(claims.iat, claims.exp, now)
}

fn in_time(iat: i64, exp: i64, now: Timestamp) -> Result<(), TokenError> {
    let now = now.as_second();
    let lives = exp.saturating_sub(iat);
    if iat <= now + LEEWAY_SECONDS && now < exp && lives <= LIFE_SECONDS { Ok(()) } else { Err(TokenError::Expired) }
}

#[cfg(test)]
#[path = "token_tests.rs"]
mod tests;
