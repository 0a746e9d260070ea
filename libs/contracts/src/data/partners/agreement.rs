//! The information sharing agreement of one organisation: its text, who must sign, who has signed.

use jiff::{Timestamp, civil::Date};
use lcr_model::UserId;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::organisation::{DataFlowSchedule, Duty};

/// How the agreement stands.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgreementStatus {
    /// The version in force for new signatures: `2026-1`.
    pub version: String,
    /// The version that everybody needed has signed, if any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_version: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub schedule: Option<DataFlowSchedule>,
    pub signatories: Vec<Signatory>,
    /// Until when the version before still counts. `None`: nothing runs out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub grace_until: Option<Date>,
    /// Whether data may flow by this agreement today.
    pub in_force: bool,
}

/// Who signs as what, and whether they have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Signatory {
    pub duty: Duty,
    /// Who is appointed. `None`: nobody yet.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    #[serde(default)]
    pub name: String,
    /// When they signed the current version with the current schedule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signed_at: Option<Timestamp>,
    /// SHA-256 of the text they signed, in hexadecimal digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text_hash: Option<String>,
}

/// The documents as this organisation signs them: the templates of the product with its names and its schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgreementText {
    pub version: String,
    pub documents: Vec<AgreementDocument>,
    /// SHA-256 over all documents, in hexadecimal digits.
    pub text_hash: String,
}

/// One document of the suite: agreement, privacy notice, or data-flow schedule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AgreementDocument {
    /// `agreement`, `privacy-notice` or `data-flow-schedule`.
    pub name: String,
    pub title: String,
    /// Paragraphs of plain text. One that begins with `# ` is a heading, one that begins with `- ` an item of a list.
    pub paragraphs: Vec<String>,
}
