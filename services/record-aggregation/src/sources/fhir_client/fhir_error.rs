//! Why a call to a source failed, and whether it may be repeated.

use std::time::Duration;

use lcr_contracts::record::MissingReason;
use lcr_web::{AuthenticatedError, OutboundError};

/// Why a source gave no usable answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FhirError {
    #[error("no answer in time")]
    TimedOut,
    #[error("no connection, or it broke off")]
    Broken,
    /// Status 429, or 503 with `Retry-After`; holds the wait that the source asks for.
    #[error("the source is busy")]
    Busy(Option<Duration>),
    #[error("answered with status {0}")]
    Status(u16),
    #[error("a type the source says it does not offer")]
    NotOffered,
    #[error("larger than we take")]
    TooLarge,
    #[error("not a FHIR answer")]
    NotFhir,
    #[error("the answer is an error report")]
    ReportsError,
    #[error("an answer about another patient")]
    OtherPatient,
    #[error("a link that leaves the source")]
    LinkElsewhere,
    #[error("an address we may not call")]
    Refused,
    #[error("our credentials are not accepted, or cannot be used")]
    NotAuthenticated,
    #[error("not called for a moment after failures")]
    Paused,
}

impl FhirError {
    /// Whether a retry may help and is safe.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::Broken | Self::Busy(None) | Self::Status(500 | 502..=504))
    }

    /// Whether the source itself fails, rather than one type or answer.
    pub fn is_source_failure(self) -> bool {
        matches!(self, Self::TimedOut | Self::Broken | Self::OtherPatient | Self::Status(500..))
    }

    /// The reason that the record shows.
    pub fn reason(self) -> MissingReason {
        match self {
            Self::TimedOut => MissingReason::TooSlow,
            Self::Broken => MissingReason::DidNotAnswer,
            Self::Busy(_) => MissingReason::Busy,
            Self::Status(status) => MissingReason::Refused(status),
            // "Not offered" is not a missing answer, so its reason is never shown.
            Self::NotOffered | Self::NotFhir => MissingReason::AnswerNotReadable,
            Self::TooLarge => MissingReason::TooLarge,
            Self::ReportsError => MissingReason::ReportsError,
            Self::OtherPatient => MissingReason::OtherPatient,
            Self::LinkElsewhere => MissingReason::LinkElsewhere,
            Self::Refused => MissingReason::AddressRefused,
            Self::NotAuthenticated => MissingReason::Refused(401),
            Self::Paused => MissingReason::Paused,
        }
    }
}

impl From<OutboundError> for FhirError {
    fn from(error: OutboundError) -> Self {
        match error {
            OutboundError::TimedOut => Self::TimedOut,
            OutboundError::TooLarge => Self::TooLarge,
            OutboundError::Refused => Self::Refused,
            OutboundError::Connect | OutboundError::Tls | OutboundError::Broken => Self::Broken,
        }
    }
}

impl From<AuthenticatedError> for FhirError {
    fn from(error: AuthenticatedError) -> Self {
        match error {
            AuthenticatedError::Outbound(error) => error.into(),
            AuthenticatedError::TokenRefused | AuthenticatedError::UnusableCredentials => Self::NotAuthenticated,
        }
    }
}
