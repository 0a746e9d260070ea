//! Failures with two texts: an outward text for the caller and an inward text for the log. The kinds are a closed list;
//! only `web::problem` maps them to HTTP. Neither text may hold anything about a person.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

/// What went wrong, as far as the caller can act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureKind {
    /// The request is invalid; the caller must change it.
    BadRequest,
    /// Not signed in, or the token is invalid.
    Unauthenticated,
    /// Signed in, but this role or service may not do this.
    Forbidden,
    /// The user has no relationship with the person.
    NoRelationship,
    /// The person has objected to sharing.
    Objected,
    /// Does not exist, or the caller may not know that it does.
    NotFound,
    /// The current state does not allow it.
    Conflict,
    TooLarge,
    TooManyRequests,
    /// The path does not support this method.
    MethodNotAllowed,
    /// The request names a host that this listener does not serve.
    Misdirected,
    /// Views cannot be recorded, so no data is shown (audit or consent is down).
    CannotRecord,
    /// A projection has not reached the requested version.
    CatchingUp,
    /// Something it depends on did not answer.
    Unavailable,
    Timeout,
    Internal,
}

impl FailureKind {
    /// All kinds.
    pub const ALL: [Self; 16] = [
        Self::BadRequest,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::NoRelationship,
        Self::Objected,
        Self::NotFound,
        Self::Conflict,
        Self::TooLarge,
        Self::TooManyRequests,
        Self::MethodNotAllowed,
        Self::Misdirected,
        Self::CannotRecord,
        Self::CatchingUp,
        Self::Unavailable,
        Self::Timeout,
        Self::Internal,
    ];

    /// The kind for the last part of a problem type's URI.
    pub fn of_slug(slug: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.slug() == slug)
    }

    /// The last part of the problem type's URI.
    pub fn slug(self) -> &'static str {
        match self {
            Self::BadRequest => "bad-request",
            Self::Unauthenticated => "unauthenticated",
            Self::Forbidden => "forbidden",
            Self::NoRelationship => "no-relationship",
            Self::Objected => "objected",
            Self::NotFound => "not-found",
            Self::Conflict => "conflict",
            Self::TooLarge => "too-large",
            Self::TooManyRequests => "too-many-requests",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::Misdirected => "misdirected-request",
            Self::CannotRecord => "cannot-record",
            Self::CatchingUp => "catching-up",
            Self::Unavailable => "unavailable",
            Self::Timeout => "timeout",
            Self::Internal => "internal",
        }
    }
}

/// A failure of a call between services. It has no `Display`, so that the inward text cannot be shown by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: FailureKind,
    outward: Cow<'static, str>,
    #[serde(skip)]
    inward: String,
}

impl Failure {
    pub fn new(kind: FailureKind, outward: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, outward: outward.into(), inward: String::new() }
    }

    /// Adds a cause for the log.
    #[must_use]
    pub fn because(mut self, inward: impl fmt::Display) -> Self {
        self.inward = inward.to_string();
        self
    }

    pub fn internal(inward: impl fmt::Display) -> Self {
        Self::new(FailureKind::Internal, "Something went wrong on our side.").because(inward)
    }

    /// The failure for when views cannot be recorded (`services/gateway/PORTAL.md`).
    pub fn cannot_record(inward: impl fmt::Display) -> Self {
        Self::new(
            FailureKind::CannotRecord,
            "We can't show patient records right now because we can't record who looks at them. \
             Nothing is lost. Try again in a minute, or use your local system.",
        )
        .because(inward)
    }

    pub fn not_found() -> Self {
        Self::new(FailureKind::NotFound, "There is nothing here.")
    }

    pub fn bad_request(outward: impl Into<Cow<'static, str>>) -> Self {
        Self::new(FailureKind::BadRequest, outward)
    }

    pub fn forbidden(outward: impl Into<Cow<'static, str>>) -> Self {
        Self::new(FailureKind::Forbidden, outward)
    }

    pub fn outward(&self) -> &str {
        &self.outward
    }

    pub fn inward(&self) -> &str {
        &self.inward
    }
}

impl fmt::Debug for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.kind.slug(), self.outward, self.inward)
    }
}
