//! What a hospital says of a stay, as feeds reads it out of one message: the input of the spell's fold (design
//! section 7). It travels sealed in `EncounterReceived`; it is about a person and prints as nothing.

use std::collections::BTreeMap;

use jiff::{Timestamp, civil::Date};
use lcr_model::{SourceIdentity, SpellId};
use serde::{Deserialize, Serialize};

use crate::Moment;

/// A field of a message: absent (leave it), `""` (delete it) or a value (`standards.md` section 3.3).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Told<T> {
    #[default]
    Unchanged,
    Deleted,
    Set(T),
}

impl<T> Told<T> {
    /// The value, where there is one.
    pub fn set(&self) -> Option<&T> {
        match self {
            Self::Set(value) => Some(value),
            Self::Unchanged | Self::Deleted => None,
        }
    }

    pub fn map<U>(self, to: impl FnOnce(T) -> U) -> Told<U> {
        match self {
            Self::Unchanged => Told::Unchanged,
            Self::Deleted => Told::Deleted,
            Self::Set(value) => Told::Set(to(value)),
        }
    }
}

/// What happened, by the trigger events of `standards.md` section 3.5. The order is the precedence of events
/// that happened at the same time: what opens a stay before what moves it, what takes back after what it takes
/// back.
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
    /// A08, and anything else that tells of the stay without moving it. Never moves anybody.
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
    /// A whole FHIR Encounter: the state at that moment.
    Snapshot,
}

/// How a FHIR snapshot says the stay stands (`Encounter.status`).
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

/// A place in a hospital, in the hospital's own words.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
pub struct Place {
    /// The site's code, as sent (PV1-3.4).
    pub site: Option<String>,
    /// The ward's code, or its description where no code was sent.
    pub ward: Option<String>,
    pub bay: Option<String>,
    pub bed: Option<String>,
    /// The ward in words, where the hospital sent a description (PV1-3.9) beside the code or its profile has a name for
    /// it. It is shown in place of the code and never compared.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ward_name: Option<String>,
}

/// A name with the code it was sent with.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Named {
    pub code: Option<String>,
    pub name: String,
}

/// Criteria to reside (`standards.md` section 4.2).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reside {
    /// Needs a hospital bed.
    pub meets: bool,
    /// 01 to 12, where sent.
    pub code: Option<String>,
    /// Since when not (the discharge ready date).
    pub since: Option<Date>,
}

/// Something that must happen before the person can leave.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanItem {
    /// The hospital's key for it, stable between messages.
    pub key: String,
    /// `needed` (the ward has to do it) or `waiting` (somebody else has to).
    pub kind: PlanItemKind,
    pub text: String,
    /// Whom it waits for.
    pub by: Option<String>,
    pub since: Option<Date>,
    pub done: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanItemKind {
    Needed,
    Waiting,
}

/// How far the discharge plan is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanStatus {
    NotStarted,
    InProgress,
    Agreed,
    Ready,
}

/// The discharge plan as far as a message tells it (Z-segment profile `ZDP`/`ZDT`, or FHIR `CarePlan` and `Task`).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PlanTold {
    pub reside: Told<Reside>,
    pub status: Told<PlanStatus>,
    /// P0 to P3 (`standards.md` section 4.3).
    pub pathway: Told<String>,
    /// Where the person is going to, in words.
    pub going_to: Told<String>,
    /// The plan for transfer: service and date.
    pub transfer_service: Told<String>,
    pub transfer_date: Told<Date>,
    /// Clinical criteria for discharge.
    pub criteria: Told<String>,
    /// The whole list, when any was sent.
    pub items: Option<Vec<PlanItem>>,
}

/// How the hospital names the person, for the row.
#[derive(Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct PatientSaid {
    pub family: String,
    pub given: String,
    pub title: Option<String>,
    pub birth_date: Option<Date>,
    /// `female`, `male`, `other`, `unknown`.
    pub sex: String,
    pub nhs_number: Option<String>,
    pub died: bool,
}

/// One message about one stay.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct SpellMessage {
    pub identity: SourceIdentity,
    pub event: SpellEvent,
    /// For `Snapshot` alone.
    pub snapshot: Option<SnapshotState>,
    /// The visit number, where there is one.
    pub visit: Option<String>,
    /// The stay that this visit was numbered before (MRG-5 of A06, A07, A45, A50): both are one visit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub formerly: Option<SpellId>,
    /// The message says that the visit is this person's from now on (A44, A45, A50).
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub moves_visit: bool,
    /// When it happened: EVN-6; else PV1-44 (admissions), PV1-45 (discharges); else EVN-2; else MSH-7.
    pub happened: Moment,
    /// EVN-6 alone. In a cancel it names the event that is taken back.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub occurred: Option<Moment>,
    /// MSH-7 (FHIR: `meta.lastUpdated`).
    pub sent: Moment,
    /// MSH-13: the order in which the sender wrote messages of one time.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sequence: Option<i64>,
    /// When feeds stored it. It orders messages only where they themselves say nothing.
    pub received: Timestamp,
    /// MSH-10.
    pub control_id: String,
    /// Hash of the message's bytes, hex.
    pub content: String,
    pub patient: PatientSaid,
    /// PV1-2, as sent.
    pub class: Told<String>,
    pub place: Told<Place>,
    /// PV1-6.
    pub prior_place: Told<Place>,
    pub consultant: Told<Named>,
    pub specialty: Told<Named>,
    pub admitted: Told<Moment>,
    pub discharged: Told<Moment>,
    pub expected_discharge: Told<Date>,
    /// Days (PV2-10).
    pub expected_stay: Told<u16>,
    /// Admission method, `standards.md` section 4.6.
    pub method: Told<String>,
    /// Discharge destination code, section 4.4.
    pub destination: Told<String>,
    /// Discharge method code, section 4.4; 4 is died.
    pub discharge_method: Told<String>,
    pub plan: PlanTold,
    /// Further fields of the hospital's profile (`Feed::fields`), by their key.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub further: BTreeMap<String, Told<String>>,
}

impl std::fmt::Debug for SpellMessage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SpellMessage({:?} from {})", self.event, self.identity.source)
    }
}

impl std::fmt::Debug for PatientSaid {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("PatientSaid(…)")
    }
}
