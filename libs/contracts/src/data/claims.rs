//! Claims: a user without a recorded link says why they are involved, opens a record from their own system, or overrides a
//! refusal in an emergency. Every claim ends by itself, is on the audit log before it counts, and may be reviewed. A claim
//! must never open what a policy does not open for it.

use jiff::Timestamp;
use lcr_model::{ClaimReason, Dataset, OverrideReason, Permission, PersonId, Relationship, RelationshipKind};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The most characters of a free text.
pub const MAX_CLAIM_TEXT: usize = 500;

/// A user says why they are involved with a person.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewClaim {
    #[schema(value_type = String)]
    pub reason: ClaimReason,
    #[schema(value_type = String)]
    pub permission: Permission,
    /// In the user's words, at most 500 characters. Stored sealed.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub text: Option<String>,
}

/// A user overrides a refusal in an emergency.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewOverride {
    #[schema(value_type = String)]
    pub reason: OverrideReason,
    /// In the user's words, 10 to 500 characters. Stored sealed.
    #[schema(min_length = 10, max_length = 500)]
    pub text: String,
}

macro_rules! redacted {
    ($($type:ident),+) => {$(
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($type), "({})"), self.reason)
            }
        }
    )+};
}

redacted!(NewClaim, NewOverride);

/// A claim that is in force.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClaimReceipt {
    pub id: Uuid,
    #[schema(value_type = String)]
    pub relationship: Relationship,
    pub made_at: Timestamp,
    /// When it ends by itself, exclusive.
    pub until: Timestamp,
}

/// Which claims the reader may make, if they may not open the record. If they may, only overrides that would show more.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClaimOffer {
    /// Whether the reader may say why they are involved, and with which permission of the person.
    #[schema(value_type = Vec<String>)]
    pub claim_with: Vec<Permission>,
    /// The emergency reasons with which the reader may override. Empty under the policy `no-override`.
    #[schema(value_type = Vec<String>)]
    pub override_for: Vec<OverrideReason>,
    /// The kinds of relationship that would open the record to the reader's role.
    #[schema(value_type = Vec<String>)]
    pub would_open: Vec<RelationshipKind>,
}

/// How an officer judges a claim.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimOutcome {
    Justified,
    NotJustified,
}

/// A review of a claim.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClaimReview {
    pub outcome: ClaimOutcome,
    /// What the officer found, 3 to 500 characters. Stored sealed.
    #[schema(min_length = 3, max_length = 500)]
    pub text: String,
}

impl std::fmt::Debug for ClaimReview {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "ClaimReview({:?})", self.outcome)
    }
}

/// A claim in an officer's queue.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Claim {
    pub id: Uuid,
    pub person: PersonId,
    #[schema(value_type = String)]
    pub relationship: Relationship,
    /// Who made it: "Tom Ibbotson, community nurse, Beckside Neighbourhood Team".
    pub made_by: String,
    #[schema(value_type = Option<String>)]
    pub permission: Option<Permission>,
    pub text: Option<String>,
    pub made_at: Timestamp,
    pub until: Timestamp,
    pub outcome: Option<ClaimOutcome>,
    /// The officer's words.
    pub review: Option<String>,
    pub reviewed_at: Option<Timestamp>,
}

impl std::fmt::Debug for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Claim({}, {})", self.id, self.relationship)
    }
}

/// The claims of an officer's organisation: those that wait for a review, the oldest first, then the newest reviewed ones.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClaimList {
    pub waiting: Vec<Claim>,
    pub reviewed: Vec<Claim>,
    /// Whether more wait than are listed.
    pub more: bool,
}

/// How many claims wait for this officer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ClaimCount {
    pub claims: u32,
    pub overrides: u32,
}

/// The access rules in force, for the public page and the policy browser. It names no person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessRules {
    pub policy_version: String,
    /// `no-override` or `emergency-override`.
    pub override_policy: String,
    /// What each role sees of each dataset in an open record.
    pub datasets: Vec<DatasetRule>,
    /// Which relationships open a record to each role.
    pub relationships: Vec<RelationshipRule>,
}

/// A cell of the matrix of roles and datasets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DatasetRule {
    pub role: lcr_model::Role,
    pub dataset: Dataset,
    /// The limits of what is seen; empty if everything is.
    pub limits: Vec<String>,
}

/// A relationship that opens a record to a role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RelationshipRule {
    pub role: lcr_model::Role,
    #[schema(value_type = String)]
    pub relationship: RelationshipKind,
}
