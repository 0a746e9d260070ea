//! The record as it is shown: sections of entries, each with its sources and dates, and the state of each source. It
//! holds clinical content: it may be sent only to a permitted reader and must never be printed.

mod detail;
mod report;

pub use detail::{Demographics, Detail};
use jiff::Timestamp;
use lcr_model::{Dataset, PersonId, Relationship, SourceId, ViewId};
pub use report::{DatasetReport, SourceReport};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

pub use crate::data::{
    missing::{MissingReason, Partial},
    omission::{MAX_OMITTED_IDS, NotShown, Omission},
};
use crate::{known, vocabulary::SystemKind};

/// One person's record at one time. `complete` is false while sources are still being queried.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Record {
    pub person: PersonId,
    pub view: ViewId,
    /// "Complete as of".
    pub as_of: Timestamp,
    pub complete: bool,
    /// "You can see this record because: …".
    #[serde(with = "lcr_model::relationship::or_empty")]
    #[schema(value_type = String)]
    pub relationship: Option<Relationship>,
    pub location_protected: bool,
    pub sources: Vec<SourceReport>,
    /// Every permitted dataset, in the order of `Dataset::ALL`.
    pub sections: Vec<Section>,
    pub discrepancies: Vec<Discrepancy>,
    /// Items that the page does not list, counted by reason.
    pub not_shown: Vec<NotShown>,
    /// Whether discreet sources exist, which may hold items that are not shown. The same for every reader.
    pub may_hold_more: bool,
}

macro_rules! prints_redacted {
    ($($type:ident)+) => {$(
        impl std::fmt::Debug for $type {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(concat!(stringify!($type), "(…)"))
            }
        }
    )+};
}

prints_redacted!(Record Section Entry Detail Demographics Discrepancy File WardStay);

impl Record {
    pub fn section(&self, dataset: Dataset) -> Option<&Section> {
        self.sections.iter().find(|section| section.dataset == dataset)
    }
}

/// One dataset of the record.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Section {
    pub dataset: Dataset,
    /// What holds now first, then the newest.
    pub entries: Vec<Entry>,
}

/// One fact, from one or more sources that agree on it.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Entry {
    /// Stable within this view.
    pub id: String,
    pub title: String,
    /// Its date, as precise as the source's: `2026`, `2026-03`, `2026-03-05`, or a time.
    pub date: Option<String>,
    /// In words: active, final, completed, …
    pub status: Option<String>,
    #[serde(deserialize_with = "known::or_default")]
    pub detail: Detail,
    pub provenance: Vec<Provenance>,
    /// Related entries: (relation in words, id in this record).
    pub links: Vec<(String, String)>,
    /// A remark, such as "dose differs" or "only in GP list".
    pub remark: Option<String>,
    /// Warnings of its source.
    #[serde(default)]
    pub marks: Vec<Mark>,
    /// Comments in the source's words, such as a laboratory's warning.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Further details of its source: (label, value) in reading order.
    #[serde(default)]
    pub more: Vec<(String, String)>,
    /// Names of elements that no page shows. The item as sent has them.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// Its files, in the source's order.
    #[serde(default)]
    pub files: Vec<File>,
    /// Set if the hospital's ward messages report this stay, alone or beside the source's answer.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay: Option<WardStay>,
}

/// What a hospital's ward messages report of a stay beyond class, place and times.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct WardStay {
    /// True for an attendance at a clinic or an emergency department; false for a bed.
    pub attends: bool,
    pub on_leave: bool,
    /// The discharge destination, in words.
    pub destination: Option<String>,
    /// The hospital reports a death. Only the demographics authority confirms it.
    pub died: bool,
    /// When the hospital last sent a message about the stay.
    #[serde(rename = "last_told")]
    pub last_message_at: Timestamp,
    /// The last registration or transfer of an attendance, after which it lapses.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last_movement: Option<Timestamp>,
    /// Warnings about how the stay was derived, in words.
    pub warnings: Vec<String>,
}

/// A source's warning about the use of an item.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// The source asks that this is not given or not done (`doNotPerform`).
    DoNotPerform,
    /// It was not given or not done, although it is listed as an item.
    NotDone,
    /// Must not be told to the patient (NOPAT).
    NotForThePatient,
    /// Confidentiality R.
    Restricted,
    /// Confidentiality V.
    VeryRestricted,
    /// Another privacy label, such as sexual health.
    Sensitive,
    /// A vaccine given at less than its full strength.
    LessThanFullDose,
    /// A mark of a later version: a warning without known words.
    #[serde(other)]
    Unknown,
}

/// A file of an entry: a letter, a report.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct File {
    pub title: Option<String>,
    pub content_type: Option<String>,
    /// Why it cannot be opened here, in words.
    pub unavailable: Option<String>,
}

/// The source of an entry and when it last changed it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Provenance {
    pub source: SourceId,
    pub name: String,
    #[schema(value_type = String)]
    pub kind: SystemKind,
    /// `Type/id` at the source.
    pub item: String,
    pub updated: Option<Timestamp>,
    /// This source's date, if several sources were merged into the entry.
    pub date: Option<String>,
    /// This source's value where sources may differ (a dose, a status).
    pub says: Option<String>,
    /// The organisation that pages name instead of the system, if it has another name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organisation_name: Option<String>,
}

impl Provenance {
    /// The name for people: the organisation's, else the system's.
    pub fn shown_name(&self) -> &str {
        self.organisation_name.as_deref().unwrap_or(&self.name)
    }
}

/// A disagreement between sources: shown side by side, never resolved here.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Discrepancy {
    pub dataset: Dataset,
    /// "Address", "Allergy: codeine", "Bisoprolol oral: dose differs".
    pub about: String,
    /// (source name, its value).
    pub says: Vec<(String, String)>,
}
