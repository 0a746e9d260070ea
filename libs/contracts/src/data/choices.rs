//! A person's choices: an objection takes effect at once, pending review, and is then upheld or refused with reasons.
//! Withdrawing it is another act. No choice is ever deleted, and a reader without a relationship must not learn of any.

use jiff::Timestamp;
use lcr_model::{OdsCode, PersonId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

pub use super::receipt_number::receipt_number;

/// What an objection covers. Without `organisation` it covers all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// No data of the person is shown, and no user sees any here.
    #[default]
    Whole,
    /// The organisation's data is not shown to others.
    OutOf,
    /// The organisation is shown no data.
    Into,
}

/// The status of an objection. Pending, provisional and `upheld` objections are in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ChoiceStatus {
    /// In force, waiting for review.
    Applied,
    /// Requested for another person or for a child under 16: reviewed first, sharing continues meanwhile.
    Requested,
    Upheld,
    Refused,
    Withdrawn,
}

impl ChoiceStatus {
    /// Whether it restricts anything.
    pub fn in_force(self) -> bool {
        matches!(self, Self::Applied | Self::Upheld)
    }
}

/// A requested choice.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChoice {
    #[serde(default)]
    pub direction: Direction,
    #[serde(default)]
    pub organisation: Option<OdsCode>,
    /// In the person's words, at most 500 characters. Stored sealed.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

lcr_model::open_names! {
    /// Who made a choice: its reader, or, in words, the person or the staff member and their organisation.
    ChoiceMaker { Reader "you" }
}

/// An objection with its status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Choice {
    pub id: Uuid,
    pub direction: Direction,
    pub organisation: Option<OdsCode>,
    /// The organisation's name, for the page.
    pub organisation_name: Option<String>,
    pub status: ChoiceStatus,
    pub made_at: Timestamp,
    #[schema(value_type = String)]
    pub made_by: ChoiceMaker,
    pub changed_at: Timestamp,
    /// Why it was refused or upheld, or withdrawn on the person's behalf.
    pub review: Option<String>,
    /// The number of its receipt, for life.
    pub number: String,
}

/// The result of an act on a choice, as the log stores it: enough to restore a lost choice. Leaves out the person's
/// words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ChoiceStep {
    pub id: Uuid,
    /// The choice it was inherited from; its own id if it was made directly.
    pub origin: Uuid,
    /// 1 for the first act; each further act adds one.
    pub version: i64,
    pub direction: Direction,
    pub organisation: Option<OdsCode>,
    pub status: ChoiceStatus,
}

/// An objection that waits for a review, as an officer's list shows it. It must never name the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaitingObjection {
    pub person: PersonId,
    pub choice: Uuid,
    pub direction: Direction,
    /// The organisation's name.
    pub organisation: Option<String>,
    pub status: ChoiceStatus,
    pub made_at: Timestamp,
    pub number: String,
}

/// The objections that wait for an officer, the oldest first. A plain list is complete; the previous version knows only that
/// form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WaitingList {
    All(Vec<WaitingObjection>),
    /// There may be more: not all were examined, or not all fit.
    Part {
        oldest: Vec<WaitingObjection>,
    },
}

impl WaitingList {
    pub fn objections(&self) -> &[WaitingObjection] {
        match self {
            Self::All(objections) | Self::Part { oldest: objections } => objections,
        }
    }
}

/// How many objections wait for an officer. A plain number is exact; the previous version knows only that form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum WaitingCount {
    Exactly(usize),
    /// Not all were examined.
    AtLeast {
        at_least: usize,
    },
}

/// The proof that a choice was made or withdrawn, and since when it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Receipt {
    /// Short enough to read out on the telephone.
    pub number: String,
    pub choice: Choice,
    /// From this time no new view shows what it covers.
    pub effective_at: Timestamp,
}

/// A review of an objection.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Review {
    pub uphold: bool,
    #[schema(max_length = 500)]
    pub reason: String,
}

/// The withdrawal of an objection.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Required from staff who recorded the objection for the person, at most 500 characters. The person reads it.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub reason: Option<String>,
}

/// All data of a choices page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Choices {
    pub person: PersonId,
    pub choices: Vec<Choice>,
    /// Organisations that a choice may name: those that share or see data.
    pub organisations: Vec<(OdsCode, String)>,
    /// Whether this caller may make and withdraw choices.
    pub may_change: bool,
    pub may_review: bool,
}

#[cfg(test)]
#[path = "choices_tests.rs"]
mod tests;
