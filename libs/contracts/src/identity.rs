//! Identity: organisations, agreements, source systems, sessions. The registry carries no patient data.
//! A session's secret is the cookie's value: it may never be logged or stored but as a hash.

use std::collections::BTreeMap;

use async_trait::async_trait;
use jiff::Timestamp;
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
    /// The neighbourhood team a practice belongs to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub part_of: Option<OdsCode>,
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
    /// FHIR R4 base; empty for a source that only sends.
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
    /// Suspended partners are asked nothing, and nothing is taken from them.
    pub suspended: bool,
    /// How it may send messages; `None` for a source that is only asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub feed: Option<Feed>,
}

impl System {
    /// Whether it can be asked for anything.
    pub fn is_asked(&self) -> bool {
        !self.base_url.is_empty() && !self.suspended
    }
}

/// A source that sends messages: who it says it is in them, and how its HL7 v2 is read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Feed {
    /// (MSH-3, MSH-4) its messages carry. Empty: any sender, for the demonstration's `sandbox` alone.
    pub senders: Vec<(String, String)>,
    /// `default` (PV1-3: ward, bay, bed, site) or `itk` (PV1-3: site, ward, bed, organisation).
    pub profile: String,
    /// Takes messages marked as training or debugging (MSH-11 other than P).
    pub training: bool,
    /// Components of PV1-3 in another order than the profile's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<PlaceComponents>,
    /// Ward codes in words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub wards: BTreeMap<String, String>,
    /// Further fields of its stays (S-60).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<FurtherField>,
    /// A stay without any message for so many days is marked; after four times as many it is listed apart. 7 when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quiet_days: Option<u16>,
}

/// Which component of PV1-3 holds what; 0 where it is not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PlaceComponents {
    pub ward: u8,
    #[serde(default)]
    pub bay: u8,
    #[serde(default)]
    pub bed: u8,
    #[serde(default)]
    pub site: u8,
    /// The ward in words; PV1-3.9 in every profile of ours.
    #[serde(default)]
    pub description: u8,
}

/// A field that this hospital sends beyond the standard set, as its profile names it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FurtherField {
    /// Lower-case letters, digits and dashes; stable, unique within the source.
    pub key: String,
    /// The column's heading.
    pub label: String,
    #[serde(default, deserialize_with = "crate::known::or_default")]
    pub kind: FurtherKind,
    /// Where it stands: `ZPV-3` or `ZPV-3.2`; `OBX:NEWS` (OBX-5 of that OBX-3.1); `extension:<url>` of the FHIR Encounter.
    pub from: String,
    /// Codes in words.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub words: BTreeMap<String, String>,
    /// The list can be filtered by it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub filter: bool,
}

/// What a further field holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FurtherKind {
    #[default]
    Text,
    Code,
    Date,
    Number,
    YesNo,
}

/// The registry as one snapshot.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registry {
    pub organisations: Vec<Organisation>,
    pub systems: Vec<System>,
}

/// A live session: who, and the 5-minute token that says so to other services.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct SignedIn {
    pub actor: Actor,
    pub organisation: String,
    pub token: Phi<String>,
    /// When the token ends.
    pub until: Timestamp,
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
