//! Incidents: an officer opens one about one person and a period, and shares it with the officers of another organisation. They
//! then read what the first organisation reads of it in the log. An incident must never show more than its owner may read.

use std::fmt;

use jiff::Timestamp;
use lcr_model::{OdsCode, PersonId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

/// The most characters of a note.
pub const MAX_INCIDENT_NOTE: usize = 2000;
/// The longest period, in days.
pub const MAX_INCIDENT_DAYS: i64 = 366;
/// The most incidents in each list of an answer.
pub const MAX_INCIDENTS: u64 = 200;

/// An incident to open.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIncident {
    /// What it is about, 3 to 100 characters. It must name nobody. Stored sealed.
    #[schema(min_length = 3, max_length = 100)]
    pub title: String,
    /// At most 2000 characters. Stored sealed.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub note: String,
    pub person: PersonId,
    /// Only entries of this reader, if given.
    #[serde(default)]
    pub user: Option<UserId>,
    /// Entries at or after this time.
    pub from: Timestamp,
    /// Entries before this time, at most 366 days after the first.
    pub until: Timestamp,
}

/// The organisation with which an incident is to be shared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewIncidentShare {
    pub organisation: OdsCode,
}

/// An organisation with which an incident is shared.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IncidentShare {
    pub organisation: OdsCode,
    /// Who shared it: "Helen Proctor, privacy officer".
    pub by: String,
    pub at: Timestamp,
}

/// An incident as an officer reads it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Incident {
    pub id: Uuid,
    /// The organisation whose officer opened it.
    pub owner: OdsCode,
    pub title: String,
    pub note: String,
    pub person: PersonId,
    pub user: Option<UserId>,
    pub from: Timestamp,
    pub until: Timestamp,
    pub opened_by: String,
    pub opened_at: Timestamp,
    pub closed_by: Option<String>,
    pub closed_at: Option<Timestamp>,
    /// The shares in force. Another organisation than the owner reads only its own.
    pub shares: Vec<IncidentShare>,
}

macro_rules! redacted {
    ($($type:ident),+) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(concat!(stringify!($type), "(…)"))
            }
        }
    )+};
}

redacted!(NewIncident, IncidentShare, Incident);

/// The newest incidents of an officer's organisation, and the newest that others share with it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct IncidentList {
    pub own: Vec<Incident>,
    pub shared: Vec<Incident>,
}

/// What an officer did with an incident.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum IncidentAct {
    Opened,
    Shared(OdsCode),
    ShareEnded(OdsCode),
    Closed,
    /// Read the log through it.
    LogRead,
}

/// An act on an incident, as the audit log records it. The recorded text is that of `Display`, and must never change.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct IncidentStep {
    pub incident: Uuid,
    pub act: IncidentAct,
}

const OPENED: &str = "incident opened: ";
const SHARED: &str = "incident shared: ";
const SHARE_ENDED: &str = "incident share ended: ";
const CLOSED: &str = "incident closed: ";
const LOG_READ: &str = "log read by incident: ";
const WITH: &str = " with ";

impl IncidentStep {
    /// Parses the recorded text. `None` for any other text.
    pub fn parse(text: &str) -> Option<Self> {
        let about = |prefix: &str, act: IncidentAct| {
            let incident = parse_id(text.strip_prefix(prefix)?)?;
            Some(Self { incident, act })
        };
        let with = |prefix: &str, act: fn(OdsCode) -> IncidentAct| {
            let (incident, organisation) = text.strip_prefix(prefix)?.split_once(WITH)?;
            let organisation = OdsCode::parse(organisation).filter(|ods| ods.as_str() == organisation)?;
            Some(Self { incident: parse_id(incident)?, act: act(organisation) })
        };
        about(OPENED, IncidentAct::Opened)
            .or_else(|| with(SHARED, IncidentAct::Shared))
            .or_else(|| with(SHARE_ENDED, IncidentAct::ShareEnded))
            .or_else(|| about(CLOSED, IncidentAct::Closed))
            .or_else(|| about(LOG_READ, IncidentAct::LogRead))
    }
}

/// Only the form that `Display` writes, so that a text reads and writes unchanged.
fn parse_id(text: &str) -> Option<Uuid> {
    Uuid::parse_str(text).ok().filter(|id| id.to_string() == text)
}

impl fmt::Display for IncidentStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let incident = self.incident;
        match &self.act {
            IncidentAct::Opened => write!(f, "{OPENED}{incident}"),
            IncidentAct::Shared(organisation) => write!(f, "{SHARED}{incident}{WITH}{organisation}"),
            IncidentAct::ShareEnded(organisation) => write!(f, "{SHARE_ENDED}{incident}{WITH}{organisation}"),
            IncidentAct::Closed => write!(f, "{CLOSED}{incident}"),
            IncidentAct::LogRead => write!(f, "{LOG_READ}{incident}"),
        }
    }
}

#[cfg(test)]
#[path = "incidents_tests.rs"]
mod tests;
