//! Who may call: a client with the scope `feeds.write` may send; it and certain desks may look.

use axum::{extract::FromRequestParts, http::request::Parts};
use lcr_contracts::{Caller, Failure};
use lcr_model::Role;
use lcr_web::{Gate, Problem, Reader, gate::SESSION_SCOPE};

use crate::service::Looker;

/// The scope of a client that sends.
const SENDING_SCOPE: &str = "feeds.write";

/// A client that may send.
#[derive(Debug)]
pub struct Sending(pub Caller);

/// Somebody who may look at messages.
#[derive(Debug)]
pub struct Looking(pub Looker);

fn reader(parts: &Parts) -> Result<Reader, Problem> {
    let gate = parts.extensions.get::<Gate>();
    gate.ok_or_else(|| Problem(Failure::internal("no gate on this router")))?.reader(&parts.headers)
}

fn has(reader: &Reader, scope: &str) -> bool {
    reader.scope.split(' ').any(|one| one == scope)
}

fn uncovered() -> Problem {
    Problem(Failure::forbidden("The scope of this token does not cover this call."))
}

impl<S: Send + Sync> FromRequestParts<S> for Sending {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let reader = reader(parts)?;
        let may = has(&reader, SENDING_SCOPE) && reader.caller.actor.role == Role::FeedsClient;
        if may { Ok(Self(reader.caller)) } else { Err(uncovered()) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Looking {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let reader = reader(parts)?;
        let of_role =
            if reader.caller.actor.role == Role::FeedsClient { SENDING_SCOPE } else { SESSION_SCOPE };
        if has(&reader, of_role) { Ok(Self(Looker::of(&reader.caller)?)) } else { Err(uncovered()) }
    }
}
