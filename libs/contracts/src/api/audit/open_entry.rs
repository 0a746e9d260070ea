//! The entry before a view, and its fingerprint. It must never hold clinical or demographic content.

use std::collections::BTreeMap;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::Timestamp;
use lcr_model::{Actor, Dataset, OdsCode, PersonId, ServiceName, ViewId};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use utoipa::ToSchema;
use uuid::Uuid;

use super::access_kind::AccessKind;
use crate::{choices::ChoiceStep, vocabulary::ReasonCode};

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

/// An entry as its sender remembers it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryFingerprint {
    pub id: Uuid,
    /// [`OpenEntry::fingerprint`].
    pub fingerprint: String,
}
