//! Partners as the portal and the API manage them: what an organisation does on its way to live data, and what it is shown.
//! Each change has an author, a time and a reason. No patient data.

pub mod adoption;
pub mod agreement;
pub mod organisation;
pub mod people;
pub mod sharing_register;
pub mod sign_in;
pub mod system;

use jiff::Timestamp;
use lcr_model::{OdsCode, Phi, SourceId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use self::{
    agreement::AgreementStatus,
    organisation::{OrganisationChange, OrganisationDetails},
    people::PeopleChange,
    sign_in::{ProviderStatus, SignInChange},
    system::{CheckReport, ClientStatus, Notice, SystemChange, SystemStatus},
};
use crate::registry::{Organisation, PartnerState};

/// The most characters of a reason.
pub const MAX_REASON: usize = 500;

/// What a user changes about an organisation, and why.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PartnerRequest {
    pub organisation: OdsCode,
    /// In the user's words, at most 500 characters. It may be empty where the change says enough.
    #[serde(default)]
    pub reason: String,
    pub change: PartnerChange,
}

/// A change, by the room of identity that makes it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PartnerChange {
    Organisation(OrganisationChange),
    System(SystemChange),
    SignIn(SignInChange),
    People(PeopleChange),
}

/// A change that is stored.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PartnerReceipt {
    pub id: Uuid,
    pub at: Timestamp,
    #[schema(value_type = serde_json::Value)]
    pub result: ChangeResult,
}

/// What a change returns: the word `done`, or an object with one member named after its kind.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ChangeResult {
    #[default]
    Done,
    /// The id of what was made.
    Id(String),
    /// A secret that is shown once and stored only as a hash.
    Secret(Phi<String>),
    /// A public key set (RFC 7517) for the partner to register.
    PublicKeys(serde_json::Value),
    Report(CheckReport),
}

/// An entry of an organisation's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HistoryEntry {
    pub id: Uuid,
    pub at: Timestamp,
    /// Who: "Sam Reed, administrator, Kirkstall Hospice".
    pub by: String,
    /// What, as a sentence without names of patients: "Signed the agreement 2026-1 as SIRO".
    pub what: String,
    pub reason: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub system: Option<SourceId>,
}

/// A step of onboarding.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OnboardingTask {
    pub step: OnboardingStep,
    pub state: TaskState,
    /// What is left to do or what stands in the way, as a sentence. Empty once the step is done.
    pub remark: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnboardingStep {
    /// Name, kind, sites and contact.
    Details,
    /// The datasets that it gives and receives.
    Schedule,
    /// SIRO, Caldicott guardian and data protection officer are appointed.
    Signatories,
    Signatures,
    /// How its staff sign in.
    SignIn,
    Systems,
    /// The systems have passed their checks.
    Checks,
    People,
    GoLive,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum TaskState {
    Done,
    ToDo,
    /// Another step comes first.
    NotYet,
    /// Left out by choice: an organisation that only reads has no systems.
    Optional,
}

/// Everything about one organisation, for its own administrators and officers and for the platform's administrators.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct PartnerFile {
    pub organisation: Organisation,
    pub details: OrganisationDetails,
    pub tasks: Vec<OnboardingTask>,
    pub agreement: AgreementStatus,
    pub systems: Vec<SystemStatus>,
    pub clients: Vec<ClientStatus>,
    pub providers: Vec<ProviderStatus>,
    /// What other organisations will switch on or off for this one, the newest first.
    pub notices: Vec<Notice>,
    /// The newest first, at most 200.
    pub history: Vec<HistoryEntry>,
    /// Whether it has left because the platform's administrators ended its part. They alone let it in again.
    #[serde(default)]
    pub left_by_platform: bool,
}

/// A line of the list of organisations.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PartnerSummary {
    pub ods: OdsCode,
    pub name: String,
    pub state: PartnerState,
    pub agreement_signed: bool,
    /// Who manages the row: `seed`, `operator` or `portal`.
    pub managed_by: String,
    /// The steps that are done, of those that are needed.
    pub done: u8,
    pub needed: u8,
}
