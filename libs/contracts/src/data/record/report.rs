//! The state of each source on a record, and of each of its datasets. It holds no clinical content, and must never name a
//! source that the reader may not know.

use jiff::Timestamp;
use lcr_model::{Dataset, OdsCode, SourceId, SourceState};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::{MissingReason, Partial};
use crate::{known, vocabulary::SystemKind};

/// One source's answers for all its datasets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct SourceReport {
    pub source: SourceId,
    pub name: String,
    pub organisation: OdsCode,
    #[schema(value_type = String)]
    pub kind: SystemKind,
    pub datasets: Vec<DatasetReport>,
    /// The source's warnings, in words (Q-06: confidential items, record in transit, data awaiting filing).
    pub warnings: Vec<String>,
    /// Whether any dataset of the source is open to the reader, asked for or not. Absent: not decided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shares_anything: Option<bool>,
    /// Whether a source that keeps back a dataset asked for knows the person. Absent: not known, or not to be said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub knows_person: Option<bool>,
    /// The organisation that pages name instead of the system, if it has another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_name: Option<String>,
}

impl SourceReport {
    /// The name for people: the organisation's, else the system's.
    pub fn shown_name(&self) -> &str {
        self.organisation_name.as_deref().unwrap_or(&self.name)
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct DatasetReport {
    pub dataset: Dataset,
    #[serde(flatten)]
    pub state: SourceState,
    /// When the answer was made: now, or when the stored copy was made.
    pub answered_at: Option<Timestamp>,
    pub count: u32,
    /// Set if only part of the answer arrived. That part is shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Partial>,
    /// Why the answer, or the rest of it, is missing.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "known::some_or_default")]
    pub reason: Option<MissingReason>,
    /// The units of the source whose items of this dataset are not yet switched on for the reader.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub closed_units: Vec<OdsCode>,
}

impl DatasetReport {
    pub fn new(dataset: Dataset, state: SourceState) -> Self {
        Self { dataset, state, answered_at: None, count: 0, partial: None, reason: None, closed_units: vec![] }
    }

    /// Whether the source just answered in full.
    pub fn answered_in_full(&self) -> bool {
        self.state.answered() && self.partial.is_none()
    }

    /// Whether items may be missing because the source could not be read to the end.
    pub fn may_be_missing(&self) -> bool {
        self.state.may_be_missing() || self.partial.is_some()
    }
}
