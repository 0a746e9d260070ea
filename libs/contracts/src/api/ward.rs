//! The virtual ward: people in hospital and people who left within 28 days, for a practice, team, ward or consultant.
//! Lists are views: they must be decided in bulk, recorded, and counted only after the decision.

mod delays;
mod rows;

use async_trait::async_trait;
pub use delays::{Delay, DelayReason, Delays};
use futures::stream::BoxStream;
use jiff::Timestamp;
use lcr_model::{OdsCode, PersonId, SourceId, ViewId};
pub use rows::{Cell, Disagreement, DischargedRow, ExpectedDischarge, Further, InpatientRow, ListCategory, RowPatient};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{Caller, Failure};

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
    /// Its stays, or those of one of its units, are not shown to the reader: not yet switched on for them, or not in the
    /// agreement of their organisation.
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
