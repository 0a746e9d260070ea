//! Audit: an entry is *opened* before a permit exists and *completed* with what was shown. Entries hold ids, staff names,
//! datasets and states; they must never hold clinical or demographic content.

use std::collections::BTreeMap;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use lcr_model::{Actor, ActorKind, Dataset, OdsCode, PersonId, Role, ServiceName, SourceId, UserId, ViewId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    Caller, Failure,
    choices::ChoiceStep,
    incidents::{Incident, IncidentList, NewIncident},
    vocabulary::ReasonCode,
};

/// The kind of access.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AccessKind {
    Record,
    Search,
    Identity,
    Fhir,
    AuditLog,
    /// A list of the virtual ward.
    WardList,
    /// A choice read, made, withdrawn or reviewed.
    Choices,
    /// A review of a doubtful link, read or decided.
    Review,
    /// A decision was explained; no patient data was shown.
    Explanation,
    /// A user searched more often than their work explains; no patient was shown.
    UnusualSearch,
    /// The list of the people for whom the reader's organisation cares.
    CareList,
    /// A user said why they are involved with a person, or overrode a refusal; or an officer reviewed that.
    Claim,
    /// An officer opened, shared or closed an incident, or read the log through one.
    Incident,
    /// A kind of a later version. No entry is ever written with this kind.
    #[serde(other)]
    Unknown,
}

impl AccessKind {
    /// All kinds.
    pub const ALL: [Self; 14] = [
        Self::Record,
        Self::Search,
        Self::Identity,
        Self::Fhir,
        Self::AuditLog,
        Self::WardList,
        Self::Choices,
        Self::Review,
        Self::Explanation,
        Self::UnusualSearch,
        Self::CareList,
        Self::Claim,
        Self::Incident,
        Self::Unknown,
    ];

    /// The kind with exactly this name.
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == name)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Record => "record",
            Self::Search => "search",
            Self::Identity => "identity",
            Self::Fhir => "fhir",
            Self::AuditLog => "audit-log",
            Self::WardList => "ward-list",
            Self::Choices => "choices",
            Self::Review => "review",
            Self::Explanation => "explanation",
            Self::UnusualSearch => "unusual-search",
            Self::CareList => "care-list",
            Self::Claim => "claim",
            Self::Incident => "incident",
            Self::Unknown => "unknown",
        }
    }
}

/// The decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Allowed,
    Refused,
}

/// The entry before a view. Consent makes `id`; appending the same id twice stores one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct OpenEntry {
    pub id: Uuid,
    pub view: ViewId,
    pub at: Timestamp,
    pub actor: Actor,
    pub audience: ServiceName,
    pub what: AccessKind,
    pub outcome: Outcome,
    /// The relationship found, why access was refused, or what was done with a choice.
    #[schema(value_type = String)]
    pub reason: ReasonCode,
    pub people: Vec<PersonId>,
    pub datasets: Vec<Dataset>,
    pub policy_version: String,
    /// For an act on a choice: its result.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<ChoiceStep>,
    /// For each organisation, which of these people are registered there or were in hospital there within 28 days. Its
    /// officers read the entry with only their own people.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub concerned: BTreeMap<OdsCode, Vec<PersonId>>,
}

impl OpenEntry {
    /// A hash of the entry's content, as base64url. The sender stores it and compares it later.
    pub fn fingerprint(&self) -> String {
        // Times are stored in microseconds.
        let content = (
            (self.id, self.view.0, self.at.as_microsecond(), &self.actor, self.audience, self.what),
            (self.outcome, &self.reason, &self.people, &self.datasets, &self.policy_version, &self.choice),
        );
        let text = serde_json::to_vec(&content).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(Sha256::digest(text))
    }
}

/// The size of the tree and its root hash, as in a signed checkpoint.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeHead {
    /// 0 before the first checkpoint.
    pub size: u64,
    /// Base64url.
    pub root: String,
}

/// An entry as its sender remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryFingerprint {
    pub id: Uuid,
    /// [`OpenEntry::fingerprint`].
    pub fingerprint: String,
}

/// The log's state of an entry that its sender remembers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryState {
    /// In the tree and unchanged.
    Placed,
    /// Unchanged and not yet sequenced.
    Waiting,
    /// Changed.
    Altered,
    /// Missing from the log.
    Missing,
    /// A state of a later version. It settles nothing.
    #[serde(other)]
    Unknown,
}

/// The states of the entries asked about, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciliation {
    pub states: Vec<EntryState>,
    pub head: TreeHead,
}

/// The most entries in one reconciliation request.
pub const MAX_RECONCILED: usize = 200;

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
mod tests {
    use lcr_model::{Purpose, SessionId};

    use super::*;

    #[test]
    fn an_entry_reads_as_it_was_written_however_its_view_ended() {
        let actor = Actor {
            user: UserId::new("u"),
            kind: ActorKind::Person,
            name: "Helen Proctor".into(),
            org: OdsCode::new("Z9H01"),
            role: Role::PrivacyOfficer,
            purpose: Purpose::Audit,
            session: SessionId::new(),
        };
        let opened = OpenEntry {
            id: Uuid::now_v7(),
            view: ViewId::new(),
            at: Timestamp::UNIX_EPOCH,
            actor,
            audience: ServiceName::Audit,
            what: AccessKind::AuditLog,
            outcome: Outcome::Allowed,
            reason: ReasonCode::LogRead,
            people: vec![],
            datasets: vec![],
            policy_version: "1".into(),
            choice: None,
            concerned: std::collections::BTreeMap::new(),
        };
        let shown = Completion::Shown { at: Timestamp::UNIX_EPOCH, shown: vec![] };
        for completion in [shown, Completion::PresumedShown, Completion::NothingShown] {
            let entry = Entry { opened: opened.clone(), completion, receipt: Some("LCR-AAAA-AAAA".into()) };
            let text = serde_json::to_string(&entry).unwrap();
            assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry, "{text}");
        }
    }
}
