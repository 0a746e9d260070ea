//! The rows of the lists and their cells. A row names a person: it may be sent only after its person was decided.

use jiff::{Timestamp, civil::Date};
use lcr_model::{PersonId, SourceId, SpellId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::{
    Moment,
    registry::FurtherKind,
    spell::{CodedName, PatientDetails, Place, PlanItem, PlanStatus, Reside},
};

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
