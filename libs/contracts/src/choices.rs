//! A person's choices (`access.md`): an objection is applied at once, pending review, then upheld or refused with
//! reasons; withdrawing it is another act. Nothing is ever deleted, and a reader without a relationship learns
//! of none of it.

use jiff::Timestamp;
use lcr_model::{OdsCode, PersonId};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// What an objection covers. Leaving `organisation` out covers all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// Nothing of theirs is shown, and nobody sees anything here.
    #[default]
    Whole,
    /// What an organisation holds is not shown to others.
    OutOf,
    /// An organisation is shown nothing.
    Into,
}

/// Where an objection stands. The first two and `upheld` are in force.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChoiceStatus {
    /// In force at once, waiting for review.
    Applied,
    /// Asked for by somebody for another, or under 16: reviewed first, sharing continues meanwhile.
    Requested,
    Upheld,
    Refused,
    Withdrawn,
}

impl ChoiceStatus {
    /// Whether it closes anything.
    pub fn in_force(self) -> bool {
        matches!(self, Self::Applied | Self::Upheld)
    }
}

/// What somebody asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewChoice {
    #[serde(default)]
    pub direction: Direction,
    #[serde(default)]
    pub organisation: Option<OdsCode>,
    /// In the person's words, at most 500 characters. Kept sealed.
    #[serde(default)]
    pub reason: Option<String>,
}

/// One objection, as its own history tells it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choice {
    pub id: Uuid,
    pub direction: Direction,
    pub organisation: Option<OdsCode>,
    /// The organisation's name, for the page.
    pub organisation_name: Option<String>,
    pub status: ChoiceStatus,
    pub made_at: Timestamp,
    /// "you", or the staff member and their organisation.
    pub made_by: String,
    pub changed_at: Timestamp,
    /// Why it was refused or upheld, or withdrawn by somebody else.
    pub review: Option<String>,
    /// The number of its newest receipt.
    pub number: String,
}

/// What an act made of a choice, as it stands on the log beside the act: enough to make it again where it was lost. The
/// words of whoever made it are not in it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChoiceStep {
    pub id: Uuid,
    /// The choice it was inherited from; its own id when it was made.
    pub origin: Uuid,
    /// 1 when it was made; each act is one more.
    pub version: i64,
    pub direction: Direction,
    pub organisation: Option<OdsCode>,
    pub status: ChoiceStatus,
}

/// What the person takes away: a choice was made or withdrawn, and from when it holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Receipt {
    /// Short enough to read out on the telephone.
    pub number: String,
    pub choice: Choice,
    /// From this moment no new view shows what it covers.
    pub effective_at: Timestamp,
}

/// A review of an objection by those who may decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Review {
    pub uphold: bool,
    pub reason: String,
}

/// Taking an objection back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Withdrawal {
    /// Needed from whoever recorded the objection for somebody else, at most 500 characters. The person reads it.
    #[serde(default)]
    pub reason: Option<String>,
}

/// Everything a choices page needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Choices {
    pub person: PersonId,
    pub choices: Vec<Choice>,
    /// Who may be named in a choice: organisations that share or see.
    pub organisations: Vec<(OdsCode, String)>,
    /// Whether this caller may make and withdraw them.
    pub may_change: bool,
    pub may_review: bool,
}
