//! A hospital's message about a stay, as feeds maps it: the input of virtual-ward's fold. It travels sealed in
//! `EncounterReceived`. It is about a person and must never print its content.

mod event;
mod plan;

use std::collections::BTreeMap;

pub use event::SpellEvent;
use jiff::{Timestamp, civil::Date};
use lcr_model::{SourceIdentity, SpellId};
pub use plan::{DischargePlanUpdate, PlanItem, PlanItemKind, PlanStatus, Reside};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::Moment;

/// A field of a message: absent (keep the old value), `""` (delete it) or a value (HL7 v2.5.1, 2.5.3).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FieldUpdate<T> {
    #[default]
    Unchanged,
    Deleted,
    Set(T),
}

impl<T> FieldUpdate<T> {
    /// The value, if there is one.
    pub fn set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Unchanged | Self::Deleted => None,
        }
    }

    pub fn map<U>(self, to: impl FnOnce(T) -> U) -> FieldUpdate<U> {
        match self {
            Self::Unchanged => FieldUpdate::Unchanged,
            Self::Deleted => FieldUpdate::Deleted,
            Self::Set(value) => FieldUpdate::Set(to(value)),
        }
    }
}

/// The status of a stay in a FHIR snapshot (`Encounter.status`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotState {
    Planned,
    Present,
    OnLeave,
    Finished,
    /// `cancelled` or `entered-in-error`.
    Void,
}

/// A place in a hospital, in the hospital's own codes and names.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
pub struct Place {
    /// The site's code, as sent (PV1-3.4).
    pub site: Option<String>,
    /// The ward's code, or its description if no code was sent.
    pub ward: Option<String>,
    pub bay: Option<String>,
    pub bed: Option<String>,
    /// The ward's name, if the hospital sent one (PV1-3.9) or its profile has one. Shown instead of the code, never
    /// compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward_name: Option<String>,
}

/// A name and its code as sent.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
pub struct CodedName {
    pub code: Option<String>,
    pub name: String,
}

/// The patient's details in the hospital's message, for the row.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct PatientDetails {
    pub family: String,
    pub given: String,
    pub title: Option<String>,
    pub birth_date: Option<Date>,
    /// `female`, `male`, `other`, `unknown`.
    pub sex: String,
    pub nhs_number: Option<String>,
    pub died: bool,
}

/// A message about a stay.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SpellMessage {
    pub identity: SourceIdentity,
    pub event: SpellEvent,
    /// Only for `Snapshot`.
    pub snapshot: Option<SnapshotState>,
    /// The visit number, if there is one.
    pub visit: Option<String>,
    /// The visit's former number (MRG-5 of A06, A07, A45, A50): both are one visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formerly: Option<SpellId>,
    /// The message moves the visit to this person (A44, A45, A50).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub moves_visit: bool,
    /// When it happened: EVN-6; else PV1-44 (admissions), PV1-45 (discharges); else EVN-2; else MSH-7.
    pub happened: Moment,
    /// Only EVN-6. A cancel names the cancelled event with it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred: Option<Moment>,
    /// MSH-7 (FHIR: `meta.lastUpdated`).
    pub sent: Moment,
    /// MSH-13: the sender's order of messages with one time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<i64>,
    /// When feeds stored it. It orders messages only if they have no other order.
    pub received: Timestamp,
    /// MSH-10.
    pub control_id: String,
    /// Hash of the message's bytes, hex.
    pub content: String,
    pub patient: PatientDetails,
    /// PV1-2, as sent.
    pub class: FieldUpdate<String>,
    pub place: FieldUpdate<Place>,
    /// PV1-6.
    pub prior_place: FieldUpdate<Place>,
    pub consultant: FieldUpdate<CodedName>,
    pub specialty: FieldUpdate<CodedName>,
    pub admitted: FieldUpdate<Moment>,
    pub discharged: FieldUpdate<Moment>,
    pub expected_discharge: FieldUpdate<Date>,
    /// Days (PV2-10).
    pub expected_stay: FieldUpdate<u16>,
    /// Admission method (NHS Data Dictionary).
    pub method: FieldUpdate<String>,
    /// Discharge destination code (NHS Data Dictionary).
    pub destination: FieldUpdate<String>,
    /// Discharge method code (NHS Data Dictionary); 4 is died.
    pub discharge_method: FieldUpdate<String>,
    pub plan: DischargePlanUpdate,
    /// Further fields of the hospital's profile (`Feed::fields`), by key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub further: BTreeMap<String, FieldUpdate<String>>,
}

impl std::fmt::Debug for SpellMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SpellMessage({:?} from {})", self.event, self.identity.source)
    }
}

impl std::fmt::Debug for PatientDetails {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PatientDetails(…)")
    }
}
