//! What a client sends: its token first, then a place where the body is large, then the body. Somebody unknown takes no
//! place, a known sender has a share of them, and a body has a time to come in.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, FromRequestParts, Request},
    http::header::CONTENT_LENGTH,
};
use lcr_contracts::{Caller, Failure, Kind};
use lcr_model::UserId;
use lcr_web::{
    Problem,
    places::{Full, Place, Places},
};

use super::token::Sending;

/// The longest body, in bytes: a batch of messages, or a Bundle with documents in it.
const MOST: usize = 16 << 20;
/// A body up to this many bytes needs no place.
const SMALL: usize = 1 << 20;
/// Until the whole body is here.
const ARRIVES: Duration = Duration::from_mins(1);

/// Places for large bodies: what they take of the memory is everybody's.
#[derive(Debug)]
pub struct LargeBodies(Places<UserId>);

impl Default for LargeBodies {
    fn default() -> Self {
        Self(Places::new(6, 2))
    }
}

impl LargeBodies {
    fn take(&self, sender: &UserId) -> Result<Place, Failure> {
        self.0.take(sender.clone()).map_err(|full| match full {
            Full::Own => Failure::new(
                Kind::TooManyRequests,
                "Two large bodies of yours are being read: send one after the other.",
            ),
            Full::All => {
                Failure::new(Kind::Unavailable, "Too many large bodies are being read: send it again.")
            }
        })
    }
}

impl std::fmt::Debug for Sent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Sent(…)")
    }
}

/// A body with who sent it. The place is held until it was taken in.
pub struct Sent {
    pub caller: Caller,
    pub body: Bytes,
    _place: Option<Place>,
}

impl<S: Send + Sync> FromRequest<S> for Sent {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let Sending(caller) = Sending::from_request_parts(&mut parts, state).await?;
        let said = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let too_large = || Problem(Failure::new(Kind::TooLarge, "The body is too large or broke off."));
        if said.is_some_and(|length: usize| length > MOST) {
            return Err(too_large());
        }
        let large = said.is_none_or(|length| length > SMALL);
        let places = parts.extensions.get::<Arc<LargeBodies>>().cloned();
        let places = places.ok_or_else(|| Problem(Failure::internal("no places on this router")))?;
        let place = if large { Some(places.take(&caller.actor.user)?) } else { None };
        let late = |_| Problem(Failure::new(Kind::Timeout, "The body did not arrive in time."));
        let read = tokio::time::timeout(ARRIVES, to_bytes(body, MOST)).await.map_err(late)?;
        Ok(Self { caller, body: read.map_err(|_| too_large())?, _place: place })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_has_a_share_of_the_places_and_leaves_the_others_theirs() {
        let places = LargeBodies::default();
        let (one, other) = (UserId::new("one"), UserId::new("other"));
        let held: Vec<_> = (0..9).filter_map(|_| places.take(&one).ok()).collect();
        assert_eq!(held.len(), 2);
        assert_eq!(places.take(&one).unwrap_err().kind, Kind::TooManyRequests);
        assert!(places.take(&other).is_ok());
    }
}
