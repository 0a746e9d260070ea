//! An organisation's people: who may sign in as what, who asks for access, whose sessions are open. Staff, never patients.

use std::collections::BTreeMap;

use jiff::Timestamp;
use lcr_model::{OdsCode, Role, SessionId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum PeopleChange {
    /// Adds a person by the name they sign in with, or changes their roles.
    Put(PersonDraft),
    /// Ends or restores a person's access. Ending it ends their sessions.
    SetActive {
        person: String,
        active: bool,
    },
    EndSession {
        session: SessionId,
    },
    DecideRequest {
        request: String,
        decision: Decision,
        role: Option<Role>,
    },
    /// Whether only people in the directory may sign in.
    RequireDirectory {
        required: bool,
    },
    /// Makes the bearer token of a SCIM client, and ends the one before.
    MakeScimToken,
}

#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PersonDraft {
    /// The name they sign in with, often an e-mail address.
    pub user_name: String,
    pub name: String,
    #[serde(default)]
    pub roles: Vec<Role>,
}

impl std::fmt::Debug for PersonDraft {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PersonDraft({:?})", self.roles)
    }
}

/// A person of the directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DirectoryPerson {
    pub id: String,
    pub user_name: String,
    pub name: String,
    pub roles: Vec<Role>,
    pub active: bool,
    /// `sign-in`, `scim`, `portal` or `request`.
    pub source: String,
    /// Their user id, once they have signed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<UserId>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_signed_in_at: Option<Timestamp>,
}

/// An organisation's people, by name, at most 1,000.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PeopleList {
    pub people: Vec<DirectoryPerson>,
    pub requests: Vec<AccessRequest>,
    pub directory_required: bool,
    /// Whether there are more people than are listed.
    pub more: bool,
}

/// Who asks for access: signed in by their provider, without a role that we know.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Applicant {
    pub name: String,
    pub organisation: OdsCode,
    pub organisation_name: String,
    /// What they have asked for before.
    pub requests: Vec<AccessRequest>,
}

/// What an applicant asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewAccessRequest {
    pub role: Role,
    /// Why, at most 500 characters.
    pub reason: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    Granted,
    Refused,
}

/// A request for access.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessRequest {
    pub id: String,
    pub name: String,
    pub organisation: OdsCode,
    pub role: Role,
    pub reason: String,
    pub asked_at: Timestamp,
    /// When it must be decided: one working day.
    pub decide_by: Timestamp,
    /// The automatic checks, and whether each passed.
    pub checks: Vec<RequestCheck>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided_at: Option<Timestamp>,
    /// Who decided: a name and role, or "automatic checks".
    #[serde(default)]
    pub decided_by: String,
    /// Why it was refused.
    #[serde(default)]
    pub remark: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RequestCheck {
    /// As a sentence: "Your organisation is live."
    pub what: String,
    pub passed: bool,
}

/// An open session.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenSession {
    pub session: SessionId,
    pub user: UserId,
    pub name: String,
    pub org: OdsCode,
    pub role: Role,
    pub started_at: Timestamp,
    pub last_active_at: Timestamp,
    /// Whether it is the reader's own.
    pub own: bool,
}

/// How far an organisation's people use the record, as identity counts them. Views come from the log.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SignInCounts {
    /// People in the directory whose access has not ended.
    pub eligible: u64,
    /// Those who have signed in at least once.
    pub activated: u64,
    /// Those who signed in this month.
    pub signed_in_this_month: u64,
    /// When each user first signed in.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[schema(value_type = Object)]
    pub first_sign_ins: BTreeMap<UserId, Timestamp>,
}
