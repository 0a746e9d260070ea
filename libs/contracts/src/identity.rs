//! Identity: organisations, agreements, source systems, sessions. The registry carries no patient data.
//! A session's secret is the cookie's value: it may never be logged or stored but as a hash.

use std::collections::BTreeMap;

use async_trait::async_trait;
use lcr_model::{Actor, Dataset, OdsCode, Phi, SourceId};
use serde::{Deserialize, Serialize};

use crate::Failure;

/// An organisation and whether it has signed the agreement.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Organisation {
    pub ods: OdsCode,
    pub name: String,
    /// `gp-practice`, `acute`, `community`, `mental-health`, `social-care`, …
    pub kind: String,
    pub agreement_signed: bool,
}

/// How far a dataset of a source is switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
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
    /// FHIR R4 base.
    pub base_url: String,
    /// `gp`, `hospital`, `community`, `mental-health`, `social-care`, `authority`, `discreet`.
    pub kind: String,
    /// The demographics authority: alone says registered practice, restriction and death.
    pub authority: bool,
    /// Reads the same for everybody: "may hold items that are not shown".
    pub discreet: bool,
    pub datasets: BTreeMap<Dataset, DatasetSwitch>,
    /// Real-time or nightly: when its data counts as old.
    pub rhythm: String,
    /// People whom no other source places count as registered here (`lcr up --source`).
    pub default_practice: Option<OdsCode>,
    /// Suspended partners are asked nothing.
    pub suspended: bool,
}

/// The registry as one snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registry {
    pub organisations: Vec<Organisation>,
    pub systems: Vec<System>,
}

/// A live session: who, and the 5-minute token that says so to other services.
#[derive(Debug, Clone)]
pub struct SignedIn {
    pub actor: Actor,
    pub organisation: String,
    pub token: Phi<String>,
    /// What a form must carry back (double-submit is not enough: this is bound to the session).
    pub form_token: Phi<String>,
}

#[async_trait]
pub trait Identity: Send + Sync {
    /// The session behind a cookie, if it lives. `active` counts as activity (15 minutes idle ends it).
    async fn session(&self, secret: &Phi<String>, active: bool) -> Result<Option<SignedIn>, Failure>;
    async fn end_session(&self, secret: &Phi<String>) -> Result<(), Failure>;
    async fn registry(&self) -> Result<Registry, Failure>;
}
