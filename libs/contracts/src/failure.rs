//! Failures with two voices: an outward text anybody may read, and an inward one for the log. The kinds are a
//! closed list; `web::problem` alone turns them into HTTP. Neither text may hold anything about a person.

use std::{borrow::Cow, fmt};

use serde::{Deserialize, Serialize};

/// What went wrong, as far as the caller can act on it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The request is not understood; the caller must change it.
    BadRequest,
    /// No or no valid sign-in.
    Unauthenticated,
    /// Signed in, but this role or service may not do this.
    Forbidden,
    /// No relationship to the person is on record.
    NoRelationship,
    /// The person has objected to sharing.
    Objected,
    /// Does not exist, or the caller may not know that it does.
    NotFound,
    /// The state of things forbids it now.
    Conflict,
    TooLarge,
    TooManyRequests,
    /// The path is served, but not by this method.
    MethodNotAllowed,
    /// Asked under a name this listener does not serve.
    Misdirected,
    /// Views cannot be recorded, so nothing is shown (audit or consent down).
    CannotRecord,
    /// A projection has not caught up with the asked version.
    CatchingUp,
    /// Something it depends on did not answer.
    Unavailable,
    Timeout,
    Internal,
}

impl Kind {
    /// All of them.
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

    /// The kind a problem type's URI ends with.
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

/// A failure that crosses a seam. It has no `Display`: the inward text cannot be shown by accident.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Failure {
    pub kind: Kind,
    outward: Cow<'static, str>,
    #[serde(skip)]
    inward: String,
}

impl Failure {
    pub fn new(kind: Kind, outward: impl Into<Cow<'static, str>>) -> Self {
        Self { kind, outward: outward.into(), inward: String::new() }
    }

    /// Adds what the log should know.
    #[must_use]
    pub fn because(mut self, inward: impl fmt::Display) -> Self {
        self.inward = inward.to_string();
        self
    }

    pub fn internal(inward: impl fmt::Display) -> Self {
        Self::new(Kind::Internal, "Something went wrong on our side.").because(inward)
    }

    /// The words of `portal.md` for the moment when views cannot be recorded.
    pub fn cannot_record(inward: impl fmt::Display) -> Self {
        Self::new(
            Kind::CannotRecord,
            "We can't show patient records right now because we can't record who looks at them. \
             Nothing is lost. Try again in a minute, or use your local system.",
        )
        .because(inward)
    }

    pub fn not_found() -> Self {
        Self::new(Kind::NotFound, "There is nothing here.")
    }

    pub fn bad_request(outward: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::BadRequest, outward)
    }

    pub fn forbidden(outward: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Forbidden, outward)
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
