//! Why a token request is refused, by the names of RFC 6749 (section 5.2). It must never repeat what the request held.

use lcr_contracts::{Failure, FailureKind};

/// A refused token request.
#[derive(Debug)]
pub struct TokenRefusal {
    pub failure: Failure,
    /// The name of the refusal. `None` if it is not about the request: the client may try again.
    pub error: Option<&'static str>,
}

impl TokenRefusal {
    /// A request that is wrong in itself.
    pub fn of_request(error: &'static str, words: &'static str) -> Self {
        Self { failure: Failure::bad_request(words), error: Some(error) }
    }

    /// The refusal of a client that proves who it is.
    pub fn of_client(failure: Failure) -> Self {
        let error = (failure.kind == FailureKind::Unauthenticated).then_some("invalid_client");
        Self { failure, error }
    }

    /// The refusal of an ID token. RFC 8693 (section 2.2.2) has no name of its own for one that is not valid.
    pub fn of_subject_token(failure: Failure) -> Self {
        let is_about_request = matches!(failure.kind, FailureKind::Unauthenticated | FailureKind::BadRequest);
        Self { failure, error: is_about_request.then_some("invalid_request") }
    }
}
