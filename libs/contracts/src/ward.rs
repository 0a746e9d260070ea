//! The virtual ward: a practice's, team's, ward's or consultant's people in hospital, and those who left within
//! 28 days. Lists are views: decided in bulk, recorded, counted after the decision (design section 6).

use async_trait::async_trait;
use futures::stream::BoxStream;
use jiff::{Timestamp, civil::Date};
use lcr_model::{OdsCode, PersonId, SourceId, SpellId, ViewId};
use serde::{Deserialize, Serialize};

use crate::{
    Caller, Failure, Moment,
    identity::FurtherKind,
    spell::{Named, PatientSaid, Place, PlanItem, PlanStatus, Reside},
};

/// Whose list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", tag = "by", content = "of")]
pub enum ListOf {
    Practice(OdsCode),
    Team(OdsCode),
    /// A ward of the reader's own hospital.
    Ward(String),
    /// A consultant of the reader's own hospital, by code or name as shown.
    Consultant(String),
    /// The patients that the reader chose to watch.
    Watched,
}

/// A list asked for. `view` stays the same while a page is open.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListAsk {
    pub of: ListOf,
    pub view: ViewId,
    /// Only for those who left: 1 to 28.
    pub days: u8,
}

/// One cell: what was said, by whom, when. `None` in a row reads "not sent by this hospital".
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cell<T> {
    pub value: T,
    /// When it happened or was said, by the hospital's clock.
    pub at: Timestamp,
}

/// Which list a stay belongs to, by patient class and place (`portal.md`, the ward page).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shelf {
    #[default]
    Main,
    DayCase,
    HospitalAtHome,
    CommunityBed,
    /// In hospital by the last word, which is older than four times the hospital's rhythm.
    NotHeardOf,
}

/// A day somebody may leave, with what was said before.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expected {
    pub date: Date,
    /// The date said before this one, if it was another.
    pub was: Option<Date>,
    /// Days since it passed without an update; 0 when it has not.
    pub passed_days: u32,
}

/// A disagreement that is shown and not applied.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disagreement {
    /// "An update says ward J28, bed 2".
    pub words: String,
    pub at: Timestamp,
}

/// Who the row is about: how the hospital names them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Who {
    /// Absent while the admission is not matched to a person.
    pub person: Option<PersonId>,
    #[serde(flatten)]
    pub said: PatientSaid,
    pub location_protected: bool,
}

/// One stay, now. Cells a reader may not see are `None` and named in `hidden`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InpatientRow {
    pub spell: SpellId,
    /// Raised with every change: what "changed since you looked" compares.
    pub version: i64,
    pub who: Who,
    /// The hospital, in words.
    pub hospital: String,
    pub source: SourceId,
    #[serde(deserialize_with = "crate::known::or_default")]
    pub shelf: Shelf,
    pub on_leave: bool,
    pub place: Option<Cell<Place>>,
    pub consultant: Option<Cell<Named>>,
    pub specialty: Option<Cell<Named>>,
    pub admitted: Option<Cell<Moment>>,
    /// Whole days in hospital so far, by the calendar of Europe/London.
    pub days: u32,
    pub expected_stay: Option<Cell<u16>>,
    pub expected_discharge: Option<Cell<Expected>>,
    pub reside: Option<Cell<Reside>>,
    /// What is still needed and waited for; done ones are left out. `None`: no list was ever sent.
    pub needed: Option<Cell<Vec<PlanItem>>>,
    pub plan: Option<Cell<PlanStatus>>,
    pub pathway: Option<Cell<String>>,
    pub going_to: Option<Cell<String>>,
    pub transfer: Option<Cell<String>>,
    /// Fields of the hospital's own profile, in its order.
    #[serde(default)]
    pub further: Vec<Further>,
    /// When the hospital last said anything about the stay.
    #[serde(default)]
    pub last_told: Timestamp,
    /// The reader watches this patient.
    #[serde(default)]
    pub watched: bool,
    pub disagreements: Vec<Disagreement>,
    /// "the admission itself was not sent; worked out from a transfer", …
    pub warnings: Vec<String>,
    /// Names of cells this reader may not see.
    pub hidden: Vec<String>,
}

/// One stay that ended within the window.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DischargedRow {
    pub spell: SpellId,
    pub version: i64,
    pub who: Who,
    pub hospital: String,
    pub source: SourceId,
    pub left: Moment,
    /// 1 on the day of discharge, 28 on the last day of the window, Europe/London.
    pub day: u8,
    pub place: Option<Cell<Place>>,
    pub specialty: Option<Cell<Named>>,
    /// Where to, in words.
    pub to: Option<Cell<String>>,
    pub stayed_days: u32,
    /// The id of the discharge letter among the person's documents, once one came.
    pub letter: Option<Cell<String>>,
    /// Tests whose result was still awaited at discharge.
    pub pending_results: Vec<String>,
    /// Back in hospital since: unplanned, or the hospital did not say how.
    pub back: bool,
    /// When they came back, planned or not.
    #[serde(default)]
    pub back_at: Option<Moment>,
    /// Whether that was unplanned, where the hospital says how.
    #[serde(default)]
    pub back_unplanned: Option<bool>,
    /// The reader watches this patient.
    #[serde(default)]
    pub watched: bool,
    pub died: bool,
    pub warnings: Vec<String>,
    pub hidden: Vec<String>,
}

/// A field beyond the standard set.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Further {
    pub key: String,
    pub label: String,
    #[serde(deserialize_with = "crate::known::or_default")]
    pub kind: FurtherKind,
    /// The list can be filtered by it.
    pub filter: bool,
    /// In words; `None`: not sent by this hospital.
    pub value: Option<Cell<String>>,
}

/// Delays of one ward and specialty. Numbers of people and days, no names.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delay {
    pub hospital: String,
    /// As shown on the list; `None` where the hospital did not send it.
    pub ward: Option<String>,
    pub specialty: Option<String>,
    pub in_hospital: u32,
    /// The expected day of leaving has passed.
    pub expected_passed: u32,
    /// Days since then, of all of them together.
    pub expected_passed_days: u32,
    /// No longer need a hospital bed, and are still in one.
    pub fit: u32,
    /// Bed days since they no longer needed one, of all of them together.
    pub bed_days_lost: u32,
    /// Of these, how many have no date since when.
    pub fit_without_date: u32,
    /// What those who are fit wait for.
    pub waits: Vec<DelayReason>,
}

/// What people on a ward wait for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DelayReason {
    /// In the hospital's words.
    pub what: String,
    /// Whom it waits for.
    pub by: Option<String>,
    pub people: u32,
    /// The earliest day that any of them has waited since.
    pub since: Option<Date>,
}

/// Delays by ward and specialty, of one list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delays {
    pub as_of: Timestamp,
    pub delays: Vec<Delay>,
    pub hospitals: Vec<Heard>,
}

/// How a reader wants their lists: theirs alone, on every device.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListSettings {
    /// Names of the columns to show, in order; empty: the standard set.
    #[serde(default)]
    pub columns: Vec<String>,
    /// The name of the column to sort by; `None`: who leaves first, then ward and bed.
    #[serde(default)]
    pub order: Option<String>,
    #[serde(default)]
    pub descending: bool,
    /// Filters that are on when the list opens, as the page's query names and writes them.
    #[serde(default)]
    pub filters: Vec<(String, String)>,
}

/// Which list the settings are of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SettingsOf {
    InHospital,
    Left,
}

/// A hospital and when it was last heard.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Heard {
    pub source: SourceId,
    pub hospital: String,
    pub last: Option<Timestamp>,
}

/// The first list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inpatients {
    pub as_of: Timestamp,
    pub rows: Vec<InpatientRow>,
    /// Admissions of the last two days not yet matched to a person, at the hospitals of this list. A count alone.
    pub unmatched: u32,
    /// "Some patients may not be shown because of a choice they made": always said, never counted.
    pub hospitals: Vec<Heard>,
}

/// The second list. Those who died are kept apart by their `died`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Discharges {
    pub as_of: Timestamp,
    pub days: u8,
    pub rows: Vec<DischargedRow>,
    pub hospitals: Vec<Heard>,
}

/// Something of an open list changed: read it again. Ids alone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WardNews {
    /// How many stays of this list changed since the page was read.
    pub changed: u32,
    /// The list itself may no longer be shown as it stands: read it again now, without waiting to be asked.
    pub closed: bool,
}

#[async_trait]
pub trait VirtualWard: Send + Sync {
    async fn inpatients(&self, caller: &Caller, ask: ListAsk) -> Result<Inpatients, Failure>;
    async fn discharges(&self, caller: &Caller, ask: ListAsk) -> Result<Discharges, Failure>;
    /// News of a list, until the session ends. Decided and recorded like the list itself.
    async fn news(&self, caller: &Caller, ask: ListAsk) -> Result<BoxStream<'static, WardNews>, Failure>;
    /// Delays of a list by ward and specialty. Decided and recorded like the list itself.
    async fn delays(&self, caller: &Caller, ask: ListAsk) -> Result<Delays, Failure>;
    /// How the reader wants a list.
    async fn settings(&self, caller: &Caller, of: SettingsOf) -> Result<ListSettings, Failure>;
    async fn keep_settings(
        &self,
        caller: &Caller,
        of: SettingsOf,
        settings: ListSettings,
    ) -> Result<(), Failure>;
    /// Puts a patient on the reader's own list, or takes them off it. At most 200.
    async fn watch(&self, caller: &Caller, person: PersonId, on: bool) -> Result<(), Failure>;
}
