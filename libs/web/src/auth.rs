//! Authenticates callers. A public route takes a user token; `/internal` takes the calling service's own token and the
//! user token it acts for. A user token alone must never pass `/internal`; a service token alone passes only where
//! `ServiceOnly` asks for it.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use jiff::Timestamp;
use lcr_auth::{KeyRing, UserClaims};
use lcr_contracts::{Caller, Failure, FailureKind, call_graph};
use lcr_model::{Clock, Phi, ServiceName};

use crate::Problem;

/// The header of the service token. The user token is in `Authorization`.
pub const SERVICE_TOKEN: &str = "lcr-service-token";

/// The scope of a signed-in user.
pub const SESSION_SCOPE: &str = "session";

/// What a service verifies callers with; an `Extension` on its router.
#[derive(Debug, Clone)]
pub struct Authenticator {
    pub me: ServiceName,
    pub keys: KeyRing,
    pub clock: Arc<dyn Clock>,
}

/// The caller of a public route.
#[derive(Debug, Clone)]
pub struct UserCaller {
    pub caller: Caller,
    pub scope: String,
}

impl UserCaller {
    /// How long an answer to this caller may last: a moment less than the token.
    pub fn time_left(&self, now: Timestamp) -> Duration {
        token_time_left(self.caller.until, now)
    }
}

/// A token's remaining life, less a moment, so that nothing outlives it.
pub fn token_time_left(until: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(now)).unwrap_or_default().saturating_sub(Duration::from_secs(5))
}

/// The caller of an `/internal` route.
#[derive(Debug, Clone)]
pub struct ServiceCaller(pub Caller);

/// A service that calls without a user: sessions, the registry, counts.
#[derive(Debug, Clone, Copy)]
pub struct ServiceOnly(pub ServiceName);

fn unauthenticated() -> Problem {
    Problem(Failure::new(FailureKind::Unauthenticated, "Sign in first: a valid bearer token is needed."))
}

/// The bearer token of a request, which is not verified yet.
pub(crate) fn bearer_token(headers: &HeaderMap) -> Option<&str> {
    headers.get(header::AUTHORIZATION)?.to_str().ok()?.strip_prefix("Bearer ")
}

impl Authenticator {
    /// The claims of the user token, and the token.
    pub(crate) fn user(&self, headers: &HeaderMap) -> Result<(UserClaims, Phi<String>), Problem> {
        let token = bearer_token(headers).ok_or_else(unauthenticated)?;
        let claims = self.keys.verify_user(token, self.clock.now()).map_err(|_| unauthenticated())?;
        Ok((claims, Phi::new(token.to_owned())))
    }

    fn caller(&self, service: ServiceName, headers: &HeaderMap) -> Result<(Caller, String), Problem> {
        let (claims, token) = self.user(headers)?;
        let until = Timestamp::from_second(claims.exp).map_err(|_| unauthenticated())?;
        let scope = claims.scope.clone();
        Ok((Caller { service, actor: claims.actor(), token, until }, scope))
    }

    fn service(&self, headers: &HeaderMap) -> Result<ServiceName, Problem> {
        let token = headers.get(SERVICE_TOKEN).and_then(|value| value.to_str().ok()).ok_or_else(unauthenticated)?;
        let claims = self.keys.verify_service(token, self.me, self.clock.now()).map_err(|_| unauthenticated())?;
        if !call_graph::may_call(claims.sub, self.me) {
            return Err(Problem(Failure::forbidden("This service does not answer that one.")));
        }
        Ok(claims.sub)
    }

    /// Authenticates the caller of a public route.
    pub fn user_caller(&self, headers: &HeaderMap) -> Result<UserCaller, Problem> {
        let (caller, scope) = self.caller(self.me, headers)?;
        Ok(UserCaller { caller, scope })
    }

    /// Authenticates the caller of an `/internal` route.
    pub fn service_caller(&self, headers: &HeaderMap) -> Result<ServiceCaller, Problem> {
        let service = self.service(headers)?;
        Ok(ServiceCaller(self.caller(service, headers)?.0))
    }
}

fn authenticator(parts: &Parts) -> Result<Authenticator, Problem> {
    let authenticator = parts.extensions.get::<Authenticator>().cloned();
    authenticator.ok_or_else(|| Problem(Failure::internal("no authenticator on this router")))
}

impl<S: Send + Sync> FromRequestParts<S> for UserCaller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let reader = authenticator(parts)?.user_caller(&parts.headers)?;
        // A machine's token opens only what its scope names (FHIR, feeds), not the users' APIs.
        if reader.scope.split(' ').any(|scope| scope == SESSION_SCOPE) {
            return Ok(reader);
        }
        Err(Problem(Failure::forbidden("The scope of this token does not cover this call.")))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ServiceCaller {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        authenticator(parts)?.service_caller(&parts.headers)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ServiceOnly {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(authenticator(parts)?.service(&parts.headers)?))
    }
}
