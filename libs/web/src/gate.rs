//! Who is calling. A public route takes a user token; `/internal` takes a service token of the caller's own key
//! and the user token it acts for. A user alone never passes `/internal`, a service alone never passes at all.

use std::sync::Arc;

use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, header, request::Parts},
};
use lcr_auth::{KeyRing, UserClaims, verify_service, verify_user};
use lcr_contracts::{Caller, Failure, Kind};
use lcr_model::{Clock, ServiceName};

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

/// A caller of `/internal`.
#[derive(Debug, Clone)]
pub struct Inside(pub Caller);

fn unauthenticated() -> Problem {
    Problem(Failure::new(Kind::Unauthenticated, "Sign in first: a valid bearer token is needed."))
}

impl Gate {
    fn user(&self, headers: &HeaderMap) -> Result<UserClaims, Problem> {
        let value = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let token = value.and_then(|value| value.strip_prefix("Bearer ")).ok_or_else(unauthenticated)?;
        verify_user(token, &self.keys.of(ServiceName::Identity), self.clock.now())
            .map_err(|_| unauthenticated())
    }

    /// The caller of a public route.
    pub fn reader(&self, headers: &HeaderMap) -> Result<Reader, Problem> {
        let claims = self.user(headers)?;
        let scope = claims.scope.clone();
        Ok(Reader { caller: Caller { service: self.me, actor: claims.actor() }, scope })
    }

    /// The caller of `/internal`.
    pub fn inside(&self, headers: &HeaderMap) -> Result<Inside, Problem> {
        let token =
            headers.get(SERVICE_TOKEN).and_then(|value| value.to_str().ok()).ok_or_else(unauthenticated)?;
        let service = verify_service(token, |service| self.keys.of(service), self.me, self.clock.now())
            .map_err(|_| unauthenticated())?;
        let actor = self.user(headers)?.actor();
        Ok(Inside(Caller { service: service.sub, actor }))
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
