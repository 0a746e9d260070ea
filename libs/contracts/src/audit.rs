//! Audit: the entry *opened* before a permit exists, *completed* with what was shown (design section 8).
//! Entries hold ids, names of staff, datasets and states; never clinical or demographic content.

use std::collections::BTreeMap;

use async_trait::async_trait;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use lcr_model::{Actor, ActorKind, Dataset, OdsCode, PersonId, Role, ServiceName, SourceId, ViewId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::{Caller, Failure, choices::ChoiceStep};

/// What was asked to be seen.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    Record,
    Search,
    Identity,
    Fhir,
    AuditLog,
    /// A list of the virtual ward.
    WardList,
    /// A choice read, made, withdrawn or reviewed.
    Choices,
    /// Whether two records are one person's, read or decided.
    Review,
    /// Whether somebody may be looked at, and why, was asked; nothing of theirs was shown.
    Explanation,
    /// Somebody searched more often than anybody at work does; nobody was shown.
    UnusualSearch,
    /// A kind of a later version. Nothing is ever recorded as this.
    #[serde(other)]
    Unknown,
}

impl What {
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
            Self::Unknown => "unknown",
        }
    }
}

/// What was decided.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    Allowed,
    Refused,
}

/// The entry before a view. `id` is made by consent; appending the same id twice is one entry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OpenEntry {
    pub id: Uuid,
    pub view: ViewId,
    pub at: Timestamp,
    pub actor: Actor,
    pub audience: ServiceName,
    pub what: What,
    pub outcome: Outcome,
    /// Why: the relationship found, or the reason of the refusal.
    pub reason: String,
    pub people: Vec<PersonId>,
    pub datasets: Vec<Dataset>,
    pub policy_version: String,
    /// Of an act on a choice: what became of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub choice: Option<ChoiceStep>,
    /// Which of these people are whose: registered there, or in hospital there within 28 days. Their officers read the
    /// entry, and of it their own people alone.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub concerned: BTreeMap<OdsCode, Vec<PersonId>>,
}

impl OpenEntry {
    /// A hash of what the entry says, as base64url: whoever had it appended keeps this and compares later.
    pub fn fingerprint(&self) -> String {
        // Times are stored in microseconds.
        let said = (
            (self.id, self.view.0, self.at.as_microsecond(), &self.actor, self.audience, self.what),
            (self.outcome, &self.reason, &self.people, &self.datasets, &self.policy_version, &self.choice),
        );
        let text = serde_json::to_vec(&said).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(Sha256::digest(text))
    }
}

/// The size of the tree and its root hash, as a signed checkpoint states them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TreeHead {
    /// 0 when no checkpoint was seen yet.
    pub size: u64,
    /// Base64url.
    pub root: String,
}

/// An entry as the service that had it appended remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptEntry {
    pub id: Uuid,
    /// [`OpenEntry::fingerprint`].
    pub fingerprint: String,
}

/// What the log has of a kept entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryState {
    /// In the tree, and it says what it said.
    Placed,
    /// Says what it said, and waits for its place.
    Waiting,
    /// Says something else.
    Altered,
    /// Not in the log.
    Missing,
    /// A state of a later version: it settles nothing.
    #[serde(other)]
    Unknown,
}

/// The answer to kept entries, in their order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reconciled {
    pub states: Vec<EntryState>,
    pub head: TreeHead,
}

/// Kept entries in one question.
pub const MOST_KEPT: usize = 200;

/// What one source gave for one dataset in a completed view.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shown {
    pub source: SourceId,
    pub dataset: Dataset,
    pub state: String,
    pub count: u32,
}

/// How a view ended, for readers of the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "completion", rename_all = "kebab-case")]
pub enum Completion {
    Shown {
        /// Beside the entry's own `at` in one JSON object, so under a name of its own.
        #[serde(rename = "completed_at")]
        at: Timestamp,
        shown: Vec<Shown>,
    },
    /// Opened and never completed: the reader may have seen everything they were permitted.
    PresumedShown,
    /// Refused: nothing was shown.
    NothingShown,
}

/// An entry as the log answers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    #[serde(flatten)]
    pub opened: OpenEntry,
    #[serde(flatten)]
    pub completion: Completion,
}

/// A page of the log, newest first. `before` is the id of the last entry of the page before.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryQuery {
    pub person: Option<PersonId>,
    pub user: Option<String>,
    #[serde(default)]
    pub what: Option<What>,
    /// The reader's organisation.
    pub org: Option<OdsCode>,
    pub from: Option<Timestamp>,
    pub until: Option<Timestamp>,
    pub before: Option<Uuid>,
    pub limit: Option<u16>,
}

/// A look at one's own record, in the words a patient reads. What policy withholds leaves no trace here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Look {
    /// Names the entry for "I don't recognise this".
    pub entry: Uuid,
    pub at: Timestamp,
    /// "Dr Aisha Khan", or a role where staff are at risk, or a program's name.
    pub who: String,
    pub role: Role,
    pub kind: ActorKind,
    pub org: OdsCode,
    pub what: What,
    pub outcome: Outcome,
    /// The recorded link ("registered at Beckside Surgery").
    pub reason: String,
    /// What was shown, or what could have been.
    pub datasets: Vec<Dataset>,
    pub presumed: bool,
}

/// A page of looks, newest first. Nothing in it counts what is left out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnLog {
    pub looks: Vec<Look>,
    /// Where the next page goes on.
    pub before: Option<Uuid>,
}

/// A state of the log that stays true for ever: how many leaves, and their root.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LogState {
    /// Leaves in the newest checkpoint.
    pub size: u64,
    /// Entries not yet in the tree.
    pub waiting: u64,
    /// The signed note, as served at `/checkpoint`.
    pub checkpoint: String,
}

/// Acts on choices in one answer.
pub const MOST_STEPS: usize = 500;

#[async_trait]
pub trait Audit: Send + Sync {
    /// Returns once the entry is committed to disk; an error means nobody may be shown anything.
    async fn open(&self, caller: &Caller, entry: OpenEntry) -> Result<(), Failure>;
    /// The same from a service that has seen the tree: refused when the tree no longer extends `seen`. Answers with the
    /// newest head.
    async fn append(
        &self,
        caller: &Caller,
        entry: OpenEntry,
        seen: TreeHead,
    ) -> Result<Option<TreeHead>, Failure> {
        let _ = seen;
        self.open(caller, entry).await.map(|()| None)
    }
    /// Compares the log with what consent kept, at most [`MOST_KEPT`] entries, and the tree with the head it has seen.
    async fn reconcile(&self, seen: TreeHead, kept: Vec<KeptEntry>) -> Result<Reconciled, Failure> {
        let _ = (seen, kept);
        Err(Failure::not_found())
    }
    /// The log, for those whose desk it is; reading it is itself logged.
    async fn entries(&self, caller: &Caller, query: EntryQuery) -> Result<Vec<Entry>, Failure>;
    /// A signed-in patient's own log.
    async fn own_log(&self, caller: &Caller, before: Option<Uuid>) -> Result<OwnLog, Failure>;
    /// Acts on choices whose entries come after `after`, in the order of their ids, at most [`MOST_STEPS`]: for consent,
    /// which compares itself with them when it starts.
    async fn choice_steps(&self, after: Uuid) -> Result<Vec<OpenEntry>, Failure>;
    /// Where the tree stands.
    async fn log_state(&self) -> Result<LogState, Failure>;
}

#[cfg(test)]
mod tests {
    use lcr_model::{Purpose, SessionId, UserId};

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
            what: What::AuditLog,
            outcome: Outcome::Allowed,
            reason: "reads the log".into(),
            people: vec![],
            datasets: vec![],
            policy_version: "1".into(),
            choice: None,
            concerned: std::collections::BTreeMap::new(),
        };
        let shown = Completion::Shown { at: Timestamp::UNIX_EPOCH, shown: vec![] };
        for completion in [shown, Completion::PresumedShown, Completion::NothingShown] {
            let entry = Entry { opened: opened.clone(), completion };
            let text = serde_json::to_string(&entry).unwrap();
            assert_eq!(serde_json::from_str::<Entry>(&text).unwrap(), entry, "{text}");
        }
    }
}
