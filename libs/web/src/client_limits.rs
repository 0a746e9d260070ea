//! The limit of each client's requests, wherever a service accepts its token. It is held in memory by each replica of each service.
//! Only a verified token counts, so that nobody else can use up a client's requests.

use std::{num::NonZeroU32, sync::Arc, time::Instant};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, header},
    middleware::Next,
    response::Response,
};
use lcr_auth::UserClaims;
use lcr_contracts::{Failure, FailureKind};
use lcr_model::{ActorKind, UserId};
use serde::Deserialize;

use crate::{
    Authenticator,
    api::{FailureForm, answer_in_form},
    auth::bearer_token,
    varied_rates::VariedRates,
};

/// Calls between services are not counted again: the first service counted the request.
const INTERNAL: &str = "/internal/";
/// The seconds of a minute.
const SECONDS: u32 = 60;
const SEND_SCOPE: &str = "feeds.write";
/// The requests a minute of a client that sends messages, if its registration names no number.
const SENDER_RATE: NonZeroU32 = NonZeroU32::MIN.saturating_add(5_999);
/// The requests a minute of every other client, likewise.
const DEFAULT_RATE: NonZeroU32 = NonZeroU32::MIN.saturating_add(599);

/// The requests of the clients of one service.
#[derive(Debug, Clone)]
pub(crate) struct ClientLimits {
    authenticator: Authenticator,
    used: Arc<VariedRates<UserId>>,
    forms: &'static [FailureForm],
}

impl ClientLimits {
    pub(crate) fn new(authenticator: Authenticator, forms: &'static [FailureForm]) -> Self {
        Self { authenticator, used: Arc::default(), forms }
    }

    /// Refuses a client that asks too often, with the seconds to wait. A token that does not verify is left to the handler, which refuses it.
    fn check(&self, path: &str, headers: &HeaderMap) -> Result<(), (Failure, u32)> {
        if path.starts_with(INTERNAL) || !claims_to_be_client(headers) {
            return Ok(());
        }
        let Ok((claims, _)) = self.authenticator.user(headers) else { return Ok(()) };
        let rate = rate_of(&claims);
        if claims.kind != ActorKind::Client || self.used.allows(&claims.sub, rate, Instant::now()) {
            return Ok(());
        }
        let words = "This client makes too many requests. Wait for the seconds of Retry-After, then go on more slowly.";
        // A request is free again after its share of the minute.
        Err((Failure::new(FailureKind::TooManyRequests, words), SECONDS.div_ceil(rate.get())))
    }
}

fn rate_of(claims: &UserClaims) -> NonZeroU32 {
    let sends = claims.scope.split(' ').any(|scope| scope == SEND_SCOPE);
    claims.per_minute.unwrap_or(if sends { SENDER_RATE } else { DEFAULT_RATE })
}

/// Whether the token says that it is a client's. It is not verified here: this only spares people's requests a second
/// verification.
fn claims_to_be_client(headers: &HeaderMap) -> bool {
    #[derive(Deserialize)]
    struct TokenKind {
        kind: ActorKind,
    }
    let claims = bearer_token(headers)
        .and_then(|token| jsonwebtoken::dangerous::insecure_decode_claims::<TokenKind>(token).ok());
    claims.is_some_and(|claims| claims.kind == ActorKind::Client)
}

/// Middleware: refuses the requests of a client beyond its limit.
pub(crate) async fn limit_clients(State(limits): State<ClientLimits>, request: Request, next: Next) -> Response {
    match limits.check(request.uri().path(), request.headers()) {
        Ok(()) => next.run(request).await,
        Err((failure, seconds)) => {
            let mut response = answer_in_form(limits.forms, request.uri().path(), failure);
            response.headers_mut().insert(header::RETRY_AFTER, seconds.into());
            response
        }
    }
}

#[cfg(test)]
#[path = "client_limits_tests.rs"]
mod tests;
