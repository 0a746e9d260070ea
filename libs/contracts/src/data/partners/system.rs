//! Source systems, the clients of partners' machines, and the staged switch-on of datasets.

mod check;
mod client;

use std::collections::{BTreeMap, BTreeSet};

pub use check::{Check, CheckOutcome, CheckReport, have_passed};
pub use client::{ClientDraft, ClientStatus};
use jiff::Timestamp;
use lcr_model::{Dataset, OdsCode, SourceId, UserId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::{
    registry::{CredentialKind, Credentials, DatasetSwitch, Feed, Stage, StageRule, Stages},
    vocabulary::SystemKind,
};

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum SystemChange {
    /// Makes a new system. An id that the organisation uses already is refused.
    Create(Box<SystemDraft>),
    /// Makes a system or changes it. A changed address needs a new check before it is asked.
    Put(Box<SystemDraft>),
    SetCredentials {
        system: SourceId,
        credentials: Option<Credentials>,
    },
    /// Makes a key of ours for `private_key_jwt`, and returns its public part for the partner to register.
    MakeKey {
        system: SourceId,
        token_url: String,
        client_id: String,
        scope: Option<String>,
        algorithm: String,
    },
    Check {
        system: SourceId,
    },
    GoLive {
        system: SourceId,
    },
    Suspend {
        system: SourceId,
        suspended: bool,
    },
    SetTesters {
        system: SourceId,
        testers: BTreeSet<UserId>,
        pilots: BTreeSet<OdsCode>,
        /// Who has signed it off, by name and role. Needed if somebody is added who then sees data at once.
        #[serde(default)]
        signed_off_by: String,
    },
    Switch(Box<SwitchStep>),
    /// By the receiving organisation: whether it declines a dataset of a source.
    Decline {
        system: SourceId,
        dataset: Dataset,
        declined: bool,
    },
    /// Removes a system that is not live or is suspended. What it has sent stays.
    Remove {
        system: SourceId,
    },
    /// Registers a new client. An id that the organisation uses already is refused.
    CreateClient(Box<ClientDraft>),
    /// Registers a client or changes it.
    PutClient(Box<ClientDraft>),
    SuspendClient {
        client: String,
        suspended: bool,
    },
    /// Removes a client that is suspended or was never used.
    RemoveClient {
        client: String,
    },
}

/// A source system as its organisation describes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SystemDraft {
    /// Small letters, digits and hyphens, at most 40; unique in the city. It never changes.
    pub id: SourceId,
    pub name: String,
    #[schema(value_type = String)]
    pub kind: SystemKind,
    /// The base of its FHIR R4 interface; empty for a system that only sends.
    #[serde(default)]
    pub base_url: String,
    /// What it is agreed to give.
    pub datasets: BTreeSet<Dataset>,
    /// `real-time` or `nightly`.
    #[serde(default = "real_time")]
    pub rhythm: String,
    /// How it sends messages.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub feed: Option<Feed>,
    /// Whom to call about it, at most 200 characters.
    #[serde(default)]
    pub contact: String,
}

fn real_time() -> String {
    "real-time".to_owned()
}

/// A step of the switch-on, with the sign-off that it needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SwitchStep {
    pub system: SourceId,
    pub rule: StageRule,
    /// Who has signed the step off, by name and role. A step forward needs one; a step back does not.
    #[serde(default)]
    pub signed_off_by: String,
    /// What service users said of it (S-83). The step to everybody needs it.
    #[serde(default)]
    pub user_view: String,
}

/// A system as its organisation's administrators see it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct SystemStatus {
    pub draft: SystemDraft,
    pub datasets: BTreeMap<Dataset, DatasetSwitch>,
    pub live: bool,
    pub suspended: bool,
    pub managed_by: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<CredentialKind>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials_changed_at: Option<Timestamp>,
    pub stages: Stages,
    /// The last check of the connection as it is now. `None`: never, or it was changed since.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub report: Option<CheckReport>,
}

impl SystemStatus {
    /// Whether its check holds nothing up: the last report of the connection as it is now decides. A suspended system is not
    /// needed, and one that is live and has no such report passed when it went live.
    pub fn has_passed(&self) -> bool {
        self.suspended || self.report.as_ref().map_or(self.live, CheckReport::passed)
    }
}

/// A step of a switch-on that reaches this organisation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Notice {
    pub id: Uuid,
    pub at: Timestamp,
    pub system: SourceId,
    /// The name of the system and its organisation.
    pub source: String,
    pub dataset: Dataset,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<OdsCode>,
    pub from: Stage,
    pub to: Stage,
    pub by: String,
    pub signed_off_by: String,
    pub user_view: String,
    /// Whether this organisation has declined the dataset.
    #[serde(default)]
    pub declined: bool,
}
