//! Reads a request body from a sender. The token must be checked before any byte of the body is read. Large bodies need
//! a slot, of which each sender has a share, and every body has a time limit.

use std::{sync::Arc, time::Duration};

use axum::{
    body::{Bytes, to_bytes},
    extract::{FromRequest, FromRequestParts, Request},
    http::header::CONTENT_LENGTH,
};
use lcr_contracts::{Caller, Failure, FailureKind};
use lcr_model::UserId;
use lcr_web::{
    Problem,
    slots::{Slot, SlotError, Slots},
};

use super::token::SendAccess;

/// The longest body accepted, in bytes: a batch of messages, or a Bundle with documents.
const MAX_BODY_BYTES: usize = 16 << 20;
/// A body up to this many bytes needs no slot.
const MAX_SMALL_BODY_BYTES: usize = 1 << 20;
/// The time within which the whole body must arrive.
const BODY_TIMEOUT: Duration = Duration::from_mins(1);

/// Slots for large bodies, which limit the memory they use.
#[derive(Debug)]
pub struct LargeBodies(Slots<UserId>);

impl Default for LargeBodies {
    fn default() -> Self {
        Self(Slots::new(6, 2))
    }
}

impl LargeBodies {
    fn acquire(&self, sender: &UserId) -> Result<Slot, Failure> {
        self.0.take(sender.clone()).map_err(|full| match full {
            SlotError::Own => Failure::new(
                FailureKind::TooManyRequests,
                "Two large bodies of yours are being read: send one after the other.",
            ),
            SlotError::All => {
                Failure::new(FailureKind::Unavailable, "Too many large bodies are being read: send it again.")
            }
        })
    }
}

impl std::fmt::Debug for Upload {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Upload(…)")
    }
}

/// A body with its sender. It keeps its slot until it is dropped.
pub struct Upload {
    pub caller: Caller,
    pub body: Bytes,
    _slot: Option<Slot>,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = Problem;

    async fn from_request(request: Request, state: &S) -> Result<Self, Problem> {
        let (mut parts, body) = request.into_parts();
        let SendAccess(caller) = SendAccess::from_request_parts(&mut parts, state).await?;
        let declared_length = parts.headers.get(CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
        let too_large = || Problem(Failure::new(FailureKind::TooLarge, "The body is too large or broke off."));
        if declared_length.is_some_and(|length: usize| length > MAX_BODY_BYTES) {
            return Err(too_large());
        }
        let is_large = declared_length.is_none_or(|length| length > MAX_SMALL_BODY_BYTES);
        let slots = parts.extensions.get::<Arc<LargeBodies>>().cloned();
        let slots = slots.ok_or_else(|| Problem(Failure::internal("this router has no body slots")))?;
        let slot = if is_large { Some(slots.acquire(&caller.actor.user)?) } else { None };
        let late = |_| Problem(Failure::new(FailureKind::Timeout, "The body did not arrive in time."));
        let read = tokio::time::timeout(BODY_TIMEOUT, to_bytes(body, MAX_BODY_BYTES)).await.map_err(late)?;
        Ok(Self { caller, body: read.map_err(|_| too_large())?, _slot: slot })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sender_cannot_take_all_slots() {
        let slots = LargeBodies::default();
        let (first, second) = (UserId::new("first"), UserId::new("second"));
        let acquired: Vec<_> = (0..9).filter_map(|_| slots.acquire(&first).ok()).collect();
        assert_eq!(acquired.len(), 2);
        assert_eq!(slots.acquire(&first).unwrap_err().kind, FailureKind::TooManyRequests);
        assert!(slots.acquire(&second).is_ok());
    }
}
