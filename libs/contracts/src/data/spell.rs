//! A hospital's message about a stay, as feeds maps it: the input of virtual-ward's fold. It travels sealed in
//! `EncounterReceived`. It is about a person and must never print its content.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use lcr_model::{SourceIdentity, SpellId};
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

/// The trigger event. The order decides between events of the same time: opening a stay comes before moving it, and a
/// cancel after what it cancels (HL7 v2.5.1, chapter 3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SpellEvent {
    /// A14, A05: expected, in no bed.
    PreAdmit,
    /// A27, A38.
    CancelPreAdmit,
    /// A04: out-patient or emergency attendance.
    Register,
    /// A01.
    Admit,
    /// A06: out-patient or attender becomes in-patient.
    ToInpatient,
    /// A07.
    ToOutpatient,
    /// A02.
    Transfer,
    /// A15.
    PendingTransfer,
    /// A26.
    CancelPendingTransfer,
    /// A21.
    LeaveOut,
    /// A52.
    CancelLeaveOut,
    /// A22.
    LeaveReturn,
    /// A53.
    CancelLeaveReturn,
    /// A08, and any message that updates the stay without moving it. Never moves a patient.
    Update,
    /// A16.
    PendingDischarge,
    /// A25.
    CancelPendingDischarge,
    /// A03.
    Discharge,
    /// A12.
    CancelTransfer,
    /// A13.
    CancelDischarge,
    /// A11.
    CancelAdmit,
    /// A whole FHIR Encounter: the state at that time.
    Snapshot,
}

impl SpellEvent {
    /// The name in database keys. It must never change.
    pub fn key(self) -> &'static str {
        match self {
            Self::PreAdmit => "PreAdmit",
            Self::CancelPreAdmit => "CancelPreAdmit",
            Self::Register => "Register",
            Self::Admit => "Admit",
            Self::ToInpatient => "ToInpatient",
            Self::ToOutpatient => "ToOutpatient",
            Self::Transfer => "Transfer",
            Self::PendingTransfer => "PendingTransfer",
            Self::CancelPendingTransfer => "CancelPendingTransfer",
            Self::LeaveOut => "LeaveOut",
            Self::CancelLeaveOut => "CancelLeaveOut",
            Self::LeaveReturn => "LeaveReturn",
            Self::CancelLeaveReturn => "CancelLeaveReturn",
            Self::Update => "Update",
            Self::PendingDischarge => "PendingDischarge",
            Self::CancelPendingDischarge => "CancelPendingDischarge",
            Self::Discharge => "Discharge",
            Self::CancelTransfer => "CancelTransfer",
            Self::CancelDischarge => "CancelDischarge",
            Self::CancelAdmit => "CancelAdmit",
            Self::Snapshot => "Snapshot",
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

/// Criteria to reside (NHS England, hospital discharge).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Reside {
    /// Whether the patient needs a hospital bed.
    pub meets: bool,
    /// 01 to 12, if sent.
    pub code: Option<String>,
    /// Since when the patient does not (the discharge ready date).
    pub since: Option<Date>,
}

/// A task that must be done before discharge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PlanItem {
    /// The hospital's key of the task, stable between messages.
    pub key: String,
    /// `needed` (the ward must act) or `waiting` (another service must act).
    pub kind: PlanItemKind,
    pub text: String,
    /// The person or service it waits for.
    pub by: Option<String>,
    pub since: Option<Date>,
    pub done: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlanItemKind {
    Needed,
    Waiting,
}

/// The status of the discharge plan.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum PlanStatus {
    NotStarted,
    InProgress,
    Agreed,
    Ready,
}

/// The discharge plan in a message (Z-segment profile `ZDP`/`ZDT`, or FHIR `CarePlan` and `Task`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DischargePlanUpdate {
    pub reside: FieldUpdate<Reside>,
    pub status: FieldUpdate<PlanStatus>,
    /// P0 to P3 (NHS England discharge pathways).
    pub pathway: FieldUpdate<String>,
    /// The discharge destination, in words.
    pub going_to: FieldUpdate<String>,
    /// The plan for transfer: service and date.
    pub transfer_service: FieldUpdate<String>,
    pub transfer_date: FieldUpdate<Date>,
    /// Clinical criteria for discharge.
    pub criteria: FieldUpdate<String>,
    /// The whole list, if any was sent.
    pub items: Option<Vec<PlanItem>>,
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
