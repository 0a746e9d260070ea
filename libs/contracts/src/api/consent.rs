//! Consent: decides who may see whose data. The answer is a signed permit or a refusal with a reason, and each must be on
//! the audit log before it is returned. Only consent signs permits.

use async_trait::async_trait;
use lcr_model::{Dataset, PersonId, ServiceName, SessionId, SourceIdentity, ViewId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Caller, Failure,
    audit::AccessKind,
    choices::{Choices, NewChoice, Receipt, Review},
};

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

/// The check before the first byte and before each streamed section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirm {
    pub person: PersonId,
    pub epoch: u64,
    pub session: SessionId,
}

/// `POST /v1/decisions`: the decision that would be made, and why. Grants nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Explanation {
    pub allowed: bool,
    pub reason: String,
    pub datasets: Vec<Dataset>,
    pub policy_version: String,
}

#[async_trait]
pub trait Consent: Send + Sync {
    /// Decides, records, and only then signs.
    async fn decide(&self, caller: &Caller, ask: DecisionRequest) -> Result<Decision, Failure>;
    /// Whether the decision behind this epoch still holds. Answered from memory, so cheap enough for every section.
    async fn confirm(&self, caller: &Caller, confirm: Confirm) -> Result<bool, Failure>;
    /// Explains the decision about the caller's own view of `person`.
    async fn explain(&self, caller: &Caller, person: PersonId) -> Result<Explanation, Failure>;
    /// A person's choices, for the person, their registered practice, and reviewers.
    async fn choices(&self, caller: &Caller, person: PersonId) -> Result<Choices, Failure>;
    /// Makes a choice. Returns once it is on disk, on the log, and in force.
    async fn object(&self, caller: &Caller, person: PersonId, new: NewChoice) -> Result<Receipt, Failure>;
    /// Withdraws a choice. Returns once that is on disk, on the log, and in force.
    async fn withdraw(&self, caller: &Caller, person: PersonId, choice: Uuid) -> Result<Receipt, Failure>;
    /// Withdraws a choice for another person, with a reason that the person will read.
    async fn withdraw_because(
        &self,
        caller: &Caller,
        person: PersonId,
        choice: Uuid,
        reason: Option<String>,
    ) -> Result<Receipt, Failure> {
        let _ = reason;
        self.withdraw(caller, person, choice).await
    }
    /// Upholds or refuses an objection, with reasons.
    async fn review(&self, caller: &Caller, person: PersonId, choice: Uuid, review: Review)
    -> Result<Receipt, Failure>;
}
