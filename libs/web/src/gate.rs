//! Who is calling. A public route takes a user token; `/internal` takes a service token of the caller's own key
//! and the user token it acts for. A user alone never passes `/internal`, a service alone never passes at all.

use std::{sync::Arc, time::Duration};

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use jiff::Timestamp;
use lcr_auth::{KeyRing, UserClaims, verify_service, verify_user};
use lcr_contracts::{Caller, Failure, Kind, arrows};
use lcr_model::{Clock, Phi, ServiceName};

use crate::Problem;

/// Where a service token travels; the user token is in `Authorization`.
pub const SERVICE_TOKEN: &str = "lcr-service-token";

/// The scope of somebody signed in.
pub const SESSION_SCOPE: &str = "session";

/// What a service checks callers against; an `Extension` on its router.
#[derive(Debug, Clone)]
pub struct Gate {
    pub me: ServiceName,
    pub keys: KeyRing,
    pub clock: Arc<dyn Clock>,
}

/// A caller of a public route.
#[derive(Debug, Clone)]
pub struct Reader {
    pub caller: Caller,
    pub scope: String,
}

impl Reader {
    /// How long an answer to this caller may go on: a moment less than the token.
    pub fn lasts(&self, now: Timestamp) -> Duration {
        left(self.caller.until, now)
    }
}

/// What is left of a token's life, a moment less: whatever follows it must not outlive it.
pub fn left(until: Timestamp, now: Timestamp) -> Duration {
    Duration::try_from(until.duration_since(now)).unwrap_or_default().saturating_sub(Duration::from_secs(5))
}

/// A caller of `/internal`.
#[derive(Debug, Clone)]
pub struct Inside(pub Caller);

/// A service that calls where nobody is signed in yet or nothing is about anybody: sessions, the registry, counts.
#[derive(Debug, Clone, Copy)]
pub struct ServiceAlone(pub ServiceName);

fn unauthenticated() -> Problem {
    Problem(Failure::new(Kind::Unauthenticated, "Sign in first: a valid bearer token is needed."))
}

impl Gate {
    fn user(&self, headers: &HeaderMap) -> Result<(UserClaims, Phi<String>), Problem> {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(unauthenticated)?;
        let claims = verify_user(token, &self.keys.of(ServiceName::Identity), self.clock.now())
            .map_err(|_| unauthenticated())?;
        Ok((claims, Phi::new(token.to_owned())))
    }

    fn caller(&self, service: ServiceName, headers: &HeaderMap) -> Result<(Caller, String), Problem> {
        let (claims, token) = self.user(headers)?;
        let until = Timestamp::from_second(claims.exp).map_err(|_| unauthenticated())?;
        let scope = claims.scope.clone();
        Ok((Caller { service, actor: claims.actor(), token, until }, scope))
    }

    fn service(&self, headers: &HeaderMap) -> Result<ServiceName, Problem> {
        let token =
            headers.get(SERVICE_TOKEN).and_then(|value| value.to_str().ok()).ok_or_else(unauthenticated)?;
        let claims = verify_service(token, |service| self.keys.of(service), self.me, self.clock.now())
            .map_err(|_| unauthenticated())?;
        if !arrows::may_call(claims.sub, self.me) {
            return Err(Problem(Failure::forbidden("This service does not answer that one.")));
        }
        Ok(claims.sub)
    }

    /// The caller of a public route.
    pub fn reader(&self, headers: &HeaderMap) -> Result<Reader, Problem> {
        let (caller, scope) = self.caller(self.me, headers)?;
        Ok(Reader { caller, scope })
    }

    /// The caller of `/internal`.
    pub fn inside(&self, headers: &HeaderMap) -> Result<Inside, Problem> {
        let service = self.service(headers)?;
        Ok(Inside(self.caller(service, headers)?.0))
    }
}

fn gate(parts: &Parts) -> Result<Gate, Problem> {
    let gate = parts.extensions.get::<Gate>().cloned();
    gate.ok_or_else(|| Problem(Failure::internal("no gate on this router")))
}

impl<S: Send + Sync> FromRequestParts<S> for Reader {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let reader = gate(parts)?.reader(&parts.headers)?;
        // A machine's token opens what its scope names (FHIR, feeds), not the people's APIs.
        if reader.scope.split(' ').any(|scope| scope == SESSION_SCOPE) {
            return Ok(reader);
        }
        Err(Problem(Failure::forbidden("The scope of this token does not cover this call.")))
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Inside {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        gate(parts)?.inside(&parts.headers)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for ServiceAlone {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        Ok(Self(gate(parts)?.service(&parts.headers)?))
    }
}
