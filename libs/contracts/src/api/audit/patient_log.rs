//! A patient's own log, in words for the patient. It must never hint at an entry that policy withholds.

use jiff::Timestamp;
use lcr_model::{ActorKind, Dataset, OdsCode, Role};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::{AccessKind, Outcome};
use crate::vocabulary::ReasonCode;

/// An access to a patient's own record, in words for the patient. Must not hint at entries that policy withholds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct AccessEvent {
    /// Identifies the entry for "I don't recognise this".
    pub entry: Uuid,
    pub at: Timestamp,
    /// "Dr Aisha Khan", a role if staff are at risk, or a program's name.
    pub who: String,
    pub role: Role,
    pub kind: ActorKind,
    pub org: OdsCode,
    pub what: AccessKind,
    pub outcome: Outcome,
    /// The reason as recorded.
    #[schema(value_type = String)]
    pub reason: ReasonCode,
    /// What was shown, or could have been.
    pub datasets: Vec<Dataset>,
    pub presumed: bool,
    /// The receipt number of the choice that the entry is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

/// A page of access events, newest first. No count includes withheld entries.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PatientLog {
    #[serde(rename = "looks")]
    pub entries: Vec<AccessEvent>,
    /// Where the next page starts.
    pub before: Option<Uuid>,
}
