//! A source system of the registry, how it was set up, and whether it may be asked. It holds no patient data, and no secret in
//! the clear.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use lcr_model::{Actor, Dataset, OdsCode, SourceId, discharge_window};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{SealedCredentials, Stages, feed::Feed, knows_discreet};
use crate::vocabulary::SystemKind;

/// Who may see a dataset of a source.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum DatasetSwitch {
    On,
    NotAgreed,
    NotConnected,
}

/// A source system of the registry.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct System {
    pub id: SourceId,
    pub name: String,
    pub organisation: OdsCode,
    /// FHIR R4 base URL; empty for a source that only sends.
    pub base_url: String,
    pub kind: SystemKind,
    /// The demographics authority: only its statements of registered practice, restriction and death count.
    pub authority: bool,
    /// A discreet source. Every reader sees the same text: "may hold items that are not shown".
    pub discreet: bool,
    pub datasets: BTreeMap<Dataset, DatasetSwitch>,
    /// Real-time or nightly: decides when its data is old.
    pub rhythm: String,
    /// People without a registered practice count as registered at this one (`lcr up --source`).
    pub default_practice: Option<OdsCode>,
    /// A suspended source is not queried, and its messages are refused.
    pub suspended: bool,
    /// How it sends messages; `None` for a source that is only queried.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<Feed>,
    /// What is set up for it on the way to live data.
    #[serde(default, skip_serializing_if = "SystemSetup::is_default")]
    pub setup: SystemSetup,
}

/// How a source was set up: whether it is live, how we prove to it who we are, and who sees what of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SystemSetup {
    /// Whether it went live. A row of the version before did.
    #[serde(default = "yes")]
    pub live: bool,
    /// Whether it was live before, if it is not now. A version before did not store it, and what was live must not vanish from
    /// records, so a row without it may have been live. It is therefore always written.
    #[serde(default = "yes")]
    pub was_live: bool,
    /// Whether it is not live again before it has passed a new check: its organisation left while the operator kept it. `None` in a
    /// row that was never taken out of live, and in one that a version without this field has written: `must_be_checked` decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub needs_check: Option<bool>,
    /// Since when a change of its address has kept it from being live. It goes on counting for its own staff's patients for a while.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub interrupted_at: Option<Timestamp>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub credentials: Option<SealedCredentials>,
    #[serde(default, skip_serializing_if = "Stages::is_empty")]
    pub stages: Stages,
    /// Whether the operator's resource states the stages. They are then changed there alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub stages_by_operator: bool,
    /// Whether its organisation removed it. The row stays, since what it has sent is stored under its id.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub removed: bool,
    /// The datasets that it gave when its agreement lapsed. They come back at the stages that they had.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub lapsed: BTreeSet<Dataset>,
    /// Whether the platform's administrators suspended it. They alone end such a suspension.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub suspended_by_platform: bool,
    /// Whom to call about it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub contact: String,
}

fn yes() -> bool {
    true
}

impl Default for SystemSetup {
    fn default() -> Self {
        Self {
            live: true,
            was_live: false,
            needs_check: None,
            interrupted_at: None,
            credentials: None,
            stages: Stages::default(),
            stages_by_operator: false,
            removed: false,
            lapsed: BTreeSet::new(),
            suspended_by_platform: false,
            contact: String::new(),
        }
    }
}

impl SystemSetup {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Takes the system out of live, and keeps that it was live.
    pub fn end_live(&mut self) {
        if self.live {
            self.needs_check = Some(self.must_be_checked());
        }
        self.was_live |= self.live;
        self.live = false;
        self.interrupted_at = None;
    }

    /// Takes the system out of live because its address changed.
    pub fn interrupt(&mut self, now: Timestamp) {
        let since = if self.live { Some(now) } else { self.interrupted_at };
        self.end_live();
        self.interrupted_at = since;
    }

    /// Whether it must pass a new check before it is live again. A row that does not say so must if it was live before: a version
    /// without the field may have dropped it. One that is live stays live.
    pub fn must_be_checked(&self) -> bool {
        self.needs_check.unwrap_or(!self.live && self.was_live)
    }
}

impl System {
    /// Whether it can be queried.
    pub fn is_asked(&self) -> bool {
        !self.base_url.is_empty() && !self.is_stopped()
    }

    /// Whether nothing is asked of it and nothing is taken from it: it is suspended, or not live yet.
    pub fn is_stopped(&self) -> bool {
        self.suspended || !self.setup.live
    }

    /// Whether it is set up and was never live. Such a system is on nobody's record.
    pub fn is_joining(&self) -> bool {
        !self.setup.live && !self.setup.was_live
    }

    /// Whether it was live and only waits to be live again at its new address. It takes no messages meanwhile, so this ends with the
    /// days in which a discharge still counts. It was not suspended, taken out of live or removed, and its organisation has not left.
    pub fn is_interrupted(&self, now: Timestamp) -> bool {
        let setup = &self.setup;
        let waits = !self.suspended && !setup.live && !setup.removed && !setup.must_be_checked();
        waits && setup.interrupted_at.is_some_and(|since| discharge_window::recently_discharged(since, now))
    }

    /// Whether an agreed dataset is switched on for this reader.
    pub fn is_open_to(&self, dataset: Dataset, reader: &Actor) -> bool {
        self.setup.stages.is_open_to(dataset, reader)
    }
}

impl System {
    pub fn is_discreet(&self) -> bool {
        self.discreet || self.kind == SystemKind::Discreet
    }

    /// Whether an answer may name the system to this reader.
    pub fn is_nameable_to(&self, reader: &Actor) -> bool {
        !self.is_discreet() || knows_discreet(reader, &self.organisation)
    }
}
