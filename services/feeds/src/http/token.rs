//! Who may call. A client with the scope `feeds.write` may send; that client and certain roles may list messages. No
//! handler of feeds may be reached without one of these checks.

use axum::{extract::FromRequestParts, http::request::Parts};
use lcr_contracts::{Caller, Failure};
use lcr_model::Role;
use lcr_web::{Authenticator, Problem, UserCaller, auth::SESSION_SCOPE};

use crate::service::MessageReader;

/// The scope of a client that sends.
const SEND_SCOPE: &str = "feeds.write";

/// A caller that may send messages.
#[derive(Debug)]
pub struct SendAccess(pub Caller);

/// A caller that may list and replay messages.
#[derive(Debug)]
pub struct BrowseAccess(pub MessageReader);

fn authenticate(parts: &Parts) -> Result<UserCaller, Problem> {
    let authenticator = parts.extensions.get::<Authenticator>();
    authenticator
        .ok_or_else(|| Problem(Failure::internal("this router has no authenticator")))?
        .user_caller(&parts.headers)
}

fn has_scope(caller: &UserCaller, scope: &str) -> bool {
    caller.scope.split(' ').any(|granted| granted == scope)
}

fn scope_missing() -> Problem {
    Problem(Failure::forbidden("The scope of this token does not cover this call."))
}

impl<S: Send + Sync> FromRequestParts<S> for SendAccess {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let user = authenticate(parts)?;
        let may_send = has_scope(&user, SEND_SCOPE) && user.caller.actor.role == Role::FeedsClient;
        if may_send { Ok(Self(user.caller)) } else { Err(scope_missing()) }
    }
}

impl<S: Send + Sync> FromRequestParts<S> for BrowseAccess {
    type Rejection = Problem;
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let user = authenticate(parts)?;
        let scope = if user.caller.actor.role == Role::FeedsClient { SEND_SCOPE } else { SESSION_SCOPE };
        if has_scope(&user, scope) { Ok(Self(MessageReader::of(&user.caller)?)) } else { Err(scope_missing()) }
    }
}
