//! Consent: may this be shown, to whom, of whom (design section 6). The answer is a signed permit or a refusal
//! with its reason; each is on the audit log before it is given. Only consent signs permits.

use async_trait::async_trait;
use lcr_model::{Dataset, PersonId, ServiceName, SessionId, SourceIdentity, ViewId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{
    Caller, Failure,
    audit::What,
    choices::{Choices, NewChoice, Receipt, Review},
};

/// A data service's question. For lists it names every candidate.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Ask {
    /// The service the permit will be for.
    pub audience: ServiceName,
    pub view: ViewId,
    pub what: What,
    pub people: Vec<AskPerson>,
    pub datasets: Vec<Dataset>,
}

/// One person asked about, with the identities and version patient-index gave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskPerson {
    pub person: PersonId,
    pub index_version: i64,
    pub identities: Vec<SourceIdentity>,
}

/// Why a person's data may not be shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Refusal {
    /// The role sees no such data of anybody.
    Role,
    NoRelationship,
    Objected,
    /// Consent's copy of who the person is is older than the question's.
    CatchingUp,
    SessionEnded,
    /// They search too often.
    TooOften,
    /// A reason of a later version. It refuses all the same.
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

/// The answer. `permit` is the JWS that `Permit::verify` takes; `None` when nobody may be shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    pub permit: Option<String>,
    pub refused: Vec<(PersonId, Refusal)>,
}

/// What must still hold just before the first byte and each streamed section.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confirm {
    pub person: PersonId,
    pub epoch: u64,
    pub session: SessionId,
}

/// `POST /v1/decisions`: what would be decided, and why. Grants nothing.
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
    async fn decide(&self, caller: &Caller, ask: Ask) -> Result<Decision, Failure>;
    /// Whether the decision behind this epoch still stands. In memory: cheap enough for every section.
    async fn confirm(&self, caller: &Caller, confirm: Confirm) -> Result<bool, Failure>;
    /// Explains a decision about the caller's own view of `person`.
    async fn explain(&self, caller: &Caller, person: PersonId) -> Result<Explanation, Failure>;
    /// A person's choices: for the person, their registered practice, and those who review.
    async fn choices(&self, caller: &Caller, person: PersonId) -> Result<Choices, Failure>;
    /// Makes one. Returns once it is on disk, on the log, and in force.
    async fn object(&self, caller: &Caller, person: PersonId, new: NewChoice) -> Result<Receipt, Failure>;
    /// Takes one back, likewise.
    async fn withdraw(&self, caller: &Caller, person: PersonId, choice: Uuid) -> Result<Receipt, Failure>;
    /// Takes one back with the reason that whoever acts for somebody else must give; the person reads it.
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
    /// Upholds or refuses one, with reasons.
    async fn review(
        &self,
        caller: &Caller,
        person: PersonId,
        choice: Uuid,
        review: Review,
    ) -> Result<Receipt, Failure>;
}
