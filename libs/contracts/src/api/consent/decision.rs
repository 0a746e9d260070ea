//! A question to consent and its answer. A reader learns of a refusal only what its kind says.

use std::collections::BTreeSet;

use lcr_model::{Dataset, OdsCode, PersonId, ServiceName, SessionId, SourceId, SourceIdentity, ViewId};
use serde::{Deserialize, Serialize};

use crate::audit::AccessKind;

/// A request for a decision. For lists it names every candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DecisionRequest {
    /// The service that the permit is for.
    pub audience: ServiceName,
    pub view: ViewId,
    pub what: AccessKind,
    pub people: Vec<RequestedPerson>,
    pub datasets: Vec<Dataset>,
}

/// A person to decide about, with the identities and version from patient-index.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestedPerson {
    pub person: PersonId,
    pub index_version: i64,
    pub identities: Vec<SourceIdentity>,
}

/// Why a person's data may not be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The role may not see such data of any person.
    Role,
    NoRelationship,
    Objected,
    /// Consent's projection of the person is older than the request's.
    CatchingUp,
    SessionEnded,
    /// The user searches too often.
    TooOften,
    /// A reason of a later version. It refuses too.
    #[serde(other)]
    Unknown,
}

impl Refusal {
    /// All refusals.
    pub const ALL: [Self; 7] = [
        Self::Role,
        Self::NoRelationship,
        Self::Objected,
        Self::CatchingUp,
        Self::SessionEnded,
        Self::TooOften,
        Self::Unknown,
    ];

    /// The refusal with exactly this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|refusal| refusal.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Role => "role",
            Self::NoRelationship => "no-relationship",
            Self::Objected => "objected",
            Self::CatchingUp => "catching-up",
            Self::SessionEnded => "session-ended",
            Self::TooOften => "too-often",
            Self::Unknown => "unknown",
        }
    }
}

/// The answer. `permit` is the JWS for `Permit::verify`; `None` if no person may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub permit: Option<String>,
    pub refused: Vec<(PersonId, Refusal)>,
}

/// A stay whose row the caller may see on a list: of this person at this source. It is enough to count, not to show.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CountableStay {
    pub person: PersonId,
    pub source: SourceId,
    /// Whether the caller may know where the person is.
    pub located: bool,
    /// Units of the source whose stays are not yet switched on for the caller.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub closed_units: BTreeSet<OdsCode>,
}

/// The check before the first byte and before each streamed section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirm {
    pub person: PersonId,
    pub epoch: u64,
    pub session: SessionId,
}
