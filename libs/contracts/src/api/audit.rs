//! Audit: an entry is *opened* before a permit exists and *completed* with what was shown. Entries hold ids, staff names,
//! datasets and states; they must never hold clinical or demographic content.

mod access_kind;
mod open_entry;
mod patient_log;
mod reconciliation;

use std::collections::BTreeMap;

pub use access_kind::AccessKind;
use async_trait::async_trait;
use jiff::Timestamp;
use lcr_model::{Dataset, OdsCode, PersonId, SourceId, UserId};
pub use open_entry::{EntryFingerprint, OpenEntry, Outcome};
pub use patient_log::{AccessEvent, PatientLog};
pub use reconciliation::{EntryState, MAX_RECONCILED, Reconciliation, TreeHead};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Caller, Failure,
    incidents::{Incident, IncidentList, NewIncident},
};

/// What one source returned for one dataset of a completed view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ShownDataset {
    pub source: SourceId,
    pub dataset: Dataset,
    pub state: String,
    pub count: u32,
}

/// How a view ended, for readers of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "completion", rename_all = "kebab-case")]
pub enum Completion {
    Shown {
        /// The entry's own `at` is in the same JSON object, so this needs another name.
        #[serde(rename = "completed_at")]
        at: Timestamp,
        shown: Vec<ShownDataset>,
    },
    /// Opened and never completed: the reader may have seen everything they were permitted to.
    PresumedShown,
    /// Refused: no data was shown.
    NothingShown,
}

/// An entry as the log returns it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    #[serde(flatten)]
    pub opened: OpenEntry,
    #[serde(flatten)]
    pub completion: Completion,
    /// The receipt number of the choice that the entry is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub receipt: Option<String>,
}

/// A page of the log, newest first. `before` is the id of the previous page's last entry.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryQuery {
    pub person: Option<PersonId>,
    pub user: Option<String>,
    /// Part of the reader's name as the log shows it, in any case.
    #[serde(default)]
    pub name: Option<String>,
    #[serde(default)]
    pub what: Option<AccessKind>,
    /// The reader's organisation.
    pub org: Option<OdsCode>,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub before: Option<Uuid>,
    pub limit: Option<u16>,
}

/// A state of the log: the number of leaves and their root. It stays true for ever.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogState {
    /// Leaves in the newest checkpoint.
    pub size: u64,
    /// Entries not in the tree yet.
    pub waiting: u64,
    /// The signed note, as served at `/checkpoint`.
    pub checkpoint: String,
}

/// How an organisation's people use the record, as the log has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ViewAdoption {
    /// The people who looked at a patient's data in the period.
    pub active: u64,
    /// When each of the organisation's people first did, ever.
    #[schema(value_type = Object)]
    pub first_views: BTreeMap<UserId, Timestamp>,
}

/// A page of the log of an incident. `before` is the id of the previous page's last entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct IncidentPage {
    pub before: Option<Uuid>,
    pub limit: Option<u16>,
}

/// The most acts on choices in one answer.
pub const MAX_CHOICE_STEPS: usize = 500;

#[async_trait]
pub trait Audit: Send + Sync {
    /// Returns once the entry is on disk. After an error no data may be shown.
    async fn open(&self, caller: &Caller, entry: OpenEntry) -> Result<(), Failure>;
    /// Appends from a service that has seen the tree: fails if the tree no longer extends `seen`. Returns the newest
    /// head.
    async fn append(&self, caller: &Caller, entry: OpenEntry, seen: TreeHead) -> Result<Option<TreeHead>, Failure> {
        let _ = seen;
        self.open(caller, entry).await.map(|()| None)
    }
    /// Compares the log with at most [`MOST_KEPT`] entries that consent remembers, and the tree with the head it has
    /// seen.
    async fn reconcile(&self, seen: TreeHead, kept: Vec<EntryFingerprint>) -> Result<Reconciliation, Failure> {
        let _ = (seen, kept);
        Err(Failure::not_found())
    }
    /// The log, for officers. Reading it is itself logged.
    async fn entries(&self, caller: &Caller, query: EntryQuery) -> Result<Vec<Entry>, Failure>;
    /// A signed-in patient's own log.
    async fn patient_log(&self, caller: &Caller, before: Option<Uuid>) -> Result<PatientLog, Failure>;
    /// The acts on choices after the entry `after`, ordered by id, at most [`MOST_STEPS`]. Consent compares its store
    /// with them at start.
    async fn choice_steps(&self, after: Uuid) -> Result<Vec<OpenEntry>, Failure>;
    /// The entries about claims after the entry `after`, ordered by id, at most [`MAX_CHOICE_STEPS`]. The view of an entry about
    /// one claim is the claim's id.
    async fn claim_steps(&self, after: Uuid) -> Result<Vec<OpenEntry>, Failure> {
        let _ = after;
        Err(Failure::not_found())
    }
    /// How the people of an organisation use the record since a time, for its administrators and officers.
    async fn adoption(&self, caller: &Caller, ods: &OdsCode, since: Timestamp) -> Result<ViewAdoption, Failure> {
        let _ = (caller, ods, since);
        Err(Failure::not_found())
    }
    /// The incidents of the officer's organisation, and those that others share with it.
    async fn incidents(&self, caller: &Caller) -> Result<IncidentList, Failure> {
        let _ = caller;
        Err(Failure::not_found())
    }
    /// One of these incidents.
    async fn incident(&self, caller: &Caller, id: Uuid) -> Result<Incident, Failure> {
        let _ = (caller, id);
        Err(Failure::not_found())
    }
    /// Opens an incident of the officer's organisation.
    async fn open_incident(&self, caller: &Caller, new: NewIncident) -> Result<Incident, Failure> {
        let _ = (caller, new);
        Err(Failure::not_found())
    }
    /// Lets the officers of `with` read the log through an incident of the officer's organisation.
    async fn share_incident(&self, caller: &Caller, id: Uuid, with: OdsCode) -> Result<(), Failure> {
        let _ = (caller, id, with);
        Err(Failure::not_found())
    }
    async fn end_incident_share(&self, caller: &Caller, id: Uuid, with: OdsCode) -> Result<(), Failure> {
        let _ = (caller, id, with);
        Err(Failure::not_found())
    }
    /// Closes an incident of the officer's organisation. Nobody reads the log through it after that.
    async fn close_incident(&self, caller: &Caller, id: Uuid) -> Result<(), Failure> {
        let _ = (caller, id);
        Err(Failure::not_found())
    }
    /// The log as far as the incident reaches, newest first. Reading it is itself logged.
    async fn incident_entries(&self, caller: &Caller, id: Uuid, page: IncidentPage) -> Result<Vec<Entry>, Failure> {
        let _ = (caller, id, page);
        Err(Failure::not_found())
    }
    /// The state of the tree.
    async fn log_state(&self) -> Result<LogState, Failure>;
}

#[cfg(test)]
#[path = "audit_tests.rs"]
mod tests;
