//! The virtual ward: people in hospital and people who left within 28 days, for a practice, team, ward or consultant.
//! Lists are views: they must be decided in bulk, recorded, and counted only after the decision.

use async_trait::async_trait;
use futures::stream::BoxStream;
use jiff::{Timestamp, civil::Date};
use lcr_model::{OdsCode, PersonId, SourceId, SpellId, ViewId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Caller, Failure, Moment,
    registry::FurtherKind,
    spell::{CodedName, PatientDetails, Place, PlanItem, PlanStatus, Reside},
};

/// Whose list.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "by", content = "of")]
pub enum ListOf {
    Practice(OdsCode),
    Team(OdsCode),
    /// A ward of the reader's own hospital.
    Ward(String),
    /// A consultant of the reader's own hospital, by code or by name as shown.
    Consultant(String),
    /// A specialty of the reader's own hospital, by code or by name as shown.
    Specialty(String),
    /// The emergency department of the reader's own hospital.
    Emergency,
    /// The patients that the reader watches.
    Watched,
}

/// A request for a list. `view` stays the same while a page is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListRequest {
    pub of: ListOf,
    pub view: ViewId,
    /// Only for discharged people: 1 to 28.
    pub days: u8,
}

/// A cell: the value, its source and its time. `None` in a row reads "not sent by this hospital".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Cell<T> {
    pub value: T,
    /// When it happened or was stated, by the hospital's clock.
    pub at: Timestamp,
}

/// Which list a stay belongs to, by patient class and place (`services/gateway/PORTAL.md`).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ListCategory {
    #[default]
    Main,
    DayCase,
    HospitalAtHome,
    CommunityBed,
    /// In hospital by the last message, which is older than four times the hospital's usual interval.
    NotHeardOf,
    /// In the emergency department and not admitted. Only the department's own list has it.
    Emergency,
}

/// An expected discharge date and the one before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct ExpectedDischarge {
    pub date: Date,
    /// The previous date, if it was another.
    pub was: Option<Date>,
    /// Days since it passed without an update; 0 if it has not passed.
    pub passed_days: u32,
}

/// A disagreement that is shown and not applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Disagreement {
    /// "An update says ward J28, bed 2".
    pub words: String,
    pub at: Timestamp,
}

/// The patient of a row, as the hospital names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RowPatient {
    /// `None` while the admission is not matched to a person.
    pub person: Option<PersonId>,
    #[serde(flatten)]
    pub patient: PatientDetails,
    pub location_protected: bool,
}

/// A current stay. Cells that the reader may not see are `None` and named in `hidden`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct InpatientRow {
    pub spell: SpellId,
    /// Rises with every change; "changed since you looked" compares it.
    pub version: i64,
    pub who: RowPatient,
    /// The hospital's name.
    pub hospital: String,
    pub source: SourceId,
    #[serde(rename = "shelf", deserialize_with = "crate::known::or_default")]
    pub category: ListCategory,
    pub on_leave: bool,
    pub place: Option<Cell<Place>>,
    pub consultant: Option<Cell<CodedName>>,
    pub specialty: Option<Cell<CodedName>>,
    #[schema(value_type = Option<Cell<String>>)]
    pub admitted: Option<Cell<Moment>>,
    /// Whole days in hospital so far, by the calendar of Europe/London.
    pub days: u32,
    pub expected_stay: Option<Cell<u16>>,
    pub expected_discharge: Option<Cell<ExpectedDischarge>>,
    pub reside: Option<Cell<Reside>>,
    /// Open items of the discharge plan, without completed ones. `None`: the hospital never sent a list.
    pub needed: Option<Cell<Vec<PlanItem>>>,
    pub plan: Option<Cell<PlanStatus>>,
    pub pathway: Option<Cell<String>>,
    pub going_to: Option<Cell<String>>,
    pub transfer: Option<Cell<String>>,
    /// Fields of the hospital's own profile, in its order.
    #[serde(default)]
    pub further: Vec<Further>,
    /// When the hospital last sent a message about the stay.
    #[serde(default, rename = "last_told")]
    pub last_message_at: Timestamp,
    /// Whether the reader watches this patient.
    #[serde(default)]
    pub watched: bool,
    pub disagreements: Vec<Disagreement>,
    /// "the admission itself was not sent; worked out from a transfer", …
    pub warnings: Vec<String>,
    /// Names of cells that this reader may not see.
    pub hidden: Vec<String>,
}

/// A stay that ended within the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DischargedRow {
    pub spell: SpellId,
    pub version: i64,
    pub who: RowPatient,
    pub hospital: String,
    pub source: SourceId,
    #[schema(value_type = String)]
    pub left: Moment,
    /// 1 on the day of discharge, 28 on the last day of the window, Europe/London.
    pub day: u8,
    pub place: Option<Cell<Place>>,
    pub specialty: Option<Cell<CodedName>>,
    /// The discharge destination, in words.
    pub to: Option<Cell<String>>,
    pub stayed_days: u32,
    /// The id of the discharge letter among the person's documents, once it arrived.
    pub letter: Option<Cell<String>>,
    /// Tests whose result was outstanding at discharge.
    pub pending_results: Vec<String>,
    /// Readmitted: unplanned, or the hospital did not state how.
    pub back: bool,
    /// When they were readmitted, planned or not.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub back_at: Option<Moment>,
    /// Whether the readmission was unplanned, if the hospital states it.
    #[serde(default)]
    pub back_unplanned: Option<bool>,
    /// Whether the reader watches this patient.
    #[serde(default)]
    pub watched: bool,
    pub died: bool,
    pub warnings: Vec<String>,
    pub hidden: Vec<String>,
}

/// A field beyond the standard set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Further {
    pub key: String,
    pub label: String,
    #[serde(deserialize_with = "crate::known::or_default")]
    pub kind: FurtherKind,
    /// Whether the list can be filtered by it.
    pub filter: bool,
    /// In words; `None`: not sent by this hospital.
    pub value: Option<Cell<String>>,
}

/// Delays of one ward and specialty: numbers of people and days, no names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Delay {
    pub hospital: String,
    /// As the list shows it; `None` if the hospital did not send it.
    pub ward: Option<String>,
    pub specialty: Option<String>,
    pub in_hospital: u32,
    /// People whose expected discharge date has passed.
    pub expected_passed: u32,
    /// Days since then, of all of them together.
    pub expected_passed_days: u32,
    /// People who no longer need a hospital bed and still have one.
    pub fit: u32,
    /// Bed days since they no longer needed one, of all of them together.
    pub bed_days_lost: u32,
    /// How many of these have no date since when.
    pub fit_without_date: u32,
    /// What they wait for.
    pub waits: Vec<DelayReason>,
}

/// A reason for waiting.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct DelayReason {
    /// In the hospital's words.
    pub what: String,
    /// The person or service it waits for.
    pub by: Option<String>,
    pub people: u32,
    /// The earliest day since when any of them has waited.
    pub since: Option<Date>,
}

/// The delays of one list, by ward and specialty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delays {
    pub as_of: Timestamp,
    pub delays: Vec<Delay>,
    pub hospitals: Vec<HospitalActivity>,
}

/// A reader's settings of their lists, on every device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSettings {
    /// The names of the columns, in order; empty for the standard set.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The column to sort by; `None`: by discharge date, then ward and bed.
    #[serde(default)]
    pub order: Option<String>,
    #[serde(default)]
    pub descending: bool,
    /// Filters that are set when the list opens, in the form of the page's query.
    #[serde(default)]
    pub filters: Vec<(String, String)>,
}

/// Which list the settings belong to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingsOf {
    InHospital,
    Left,
}

/// A hospital and when its last message arrived.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct HospitalActivity {
    pub source: SourceId,
    pub hospital: String,
    pub last: Option<Timestamp>,
    /// Its stays, or those of one of its units, are not yet switched on for the reader.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub not_yet_on: bool,
}

/// The list of people in hospital.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inpatients {
    pub as_of: Timestamp,
    pub rows: Vec<InpatientRow>,
    /// The number of admissions in the last two days that are not matched to a person, at the hospitals of this list.
    pub unmatched: u32,
    /// "Some patients may not be shown because of a choice they made": always shown, never counted.
    pub hospitals: Vec<HospitalActivity>,
}

/// The list of discharged people. Deaths are listed apart, by `died`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discharges {
    pub as_of: Timestamp,
    pub days: u8,
    pub rows: Vec<DischargedRow>,
    pub hospitals: Vec<HospitalActivity>,
}

/// How many people the reader may see on a list, or at each place of their hospital. It must never name a person.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    pub as_of: Timestamp,
    pub in_patients: u32,
    /// Day cases, in hospital at home, in community beds.
    pub elsewhere: u32,
    pub not_heard_of: u32,
    /// Expected to leave today.
    pub leaving_today: u32,
    /// Admitted yesterday or today. `None` if the times of admission are not open to the reader.
    pub admitted_since_yesterday: Option<u32>,
    /// In the emergency department. Only counted for a whole hospital.
    pub emergency: u32,
    /// The wards, consultants and specialties of the reader's hospital. Empty for a practice or a team. A ward without a person
    /// whom the reader may see has 0.
    pub wards: Vec<PlaceCount>,
    pub consultants: Vec<PlaceCount>,
    pub specialties: Vec<PlaceCount>,
    /// Not all stays were examined: each number is the least that it can be. The previous version does not send it.
    #[serde(default)]
    pub at_least: bool,
}

/// A ward, consultant or specialty with its number of people.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct PlaceCount {
    pub name: String,
    /// Chooses the list: its code, or its name if no code was sent.
    pub key: String,
    pub people: u32,
}

/// An open list changed and must be read again. Only ids.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListChange {
    /// How many stays of this list changed since the page was read.
    pub changed: u32,
    /// The list may no longer be shown as it is: read it again at once.
    pub closed: bool,
}

#[async_trait]
pub trait VirtualWard: Send + Sync {
    async fn inpatients(&self, caller: &Caller, ask: ListRequest) -> Result<Inpatients, Failure>;
    async fn discharges(&self, caller: &Caller, ask: ListRequest) -> Result<Discharges, Failure>;
    /// Changes of a list until the session ends. Decided and recorded like the list itself.
    async fn changes(&self, caller: &Caller, ask: ListRequest) -> Result<BoxStream<'static, ListChange>, Failure>;
    /// Delays of a list by ward and specialty. Decided and recorded like the list itself.
    async fn delays(&self, caller: &Caller, ask: ListRequest) -> Result<Delays, Failure>;
    /// How many people the reader may see: on a list, or in their whole hospital. No person is named, so no view is recorded.
    async fn counts(&self, caller: &Caller, of: Option<ListOf>) -> Result<Counts, Failure>;
    /// The reader's settings of a list.
    async fn settings(&self, caller: &Caller, of: SettingsOf) -> Result<ListSettings, Failure>;
    async fn keep_settings(&self, caller: &Caller, of: SettingsOf, settings: ListSettings) -> Result<(), Failure>;
    /// Adds a patient to the reader's own list, or removes them. At most 200.
    async fn watch(&self, caller: &Caller, person: PersonId, on: bool) -> Result<(), Failure>;
}
