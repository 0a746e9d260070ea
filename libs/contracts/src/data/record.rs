//! The record as it is shown: sections of entries, each with its sources and dates, and the state of each source. It
//! holds clinical content: it may be sent only to a permitted reader and must never be printed.

use jiff::{Timestamp, civil::Date};
use lcr_model::{Dataset, OdsCode, PersonId, Relationship, SourceId, SourceState, ViewId};
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

/// The details of each kind of entry beyond title, date and status.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "kebab-case")]
pub enum Detail {
    Demographics(Box<Demographics>),
    Allergy {
        /// Active, inactive, resolved.
        clinical: Option<String>,
        /// Confirmed, unconfirmed, refuted.
        verification: Option<String>,
        reactions: Vec<String>,
        severe: bool,
        /// The source states "No known allergies".
        none_known: bool,
        /// What it states that none is known of, if that is not every allergy: drug, food, environment, or a substance.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        none_known_of: Option<String>,
        /// The kinds of the allergy, if its source gives them: drug, food, environment.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        kinds: Vec<String>,
        /// The source stated that none is known, and has ended or refuted that: neither an allergy nor a denial.
        #[serde(default, skip_serializing_if = "std::ops::Not::not")]
        ended_denial: bool,
    },
    Medication {
        /// Ingredient and route, by which lists are aligned.
        aligned_by: String,
        /// Repeat, acute, hospital-only, in-patient, to take home, stopped.
        list: String,
        dose: Option<String>,
        route: Option<String>,
        form: Option<String>,
        reason: Option<String>,
    },
    Diagnosis {
        /// Active, past.
        clinical: Option<String>,
        /// Confirmed, suspected.
        certainty: Option<String>,
        ended: Option<String>,
        /// The date is when it was recorded; its onset was not given.
        #[serde(default)]
        only_recorded: bool,
    },
    Result {
        /// Code and unit, by which a chart joins values.
        series: String,
        value: String,
        /// The digits as sent, if it is a number for a chart. In JSON they are `digits`, and `number` is the JSON number,
        /// which the previous version uses.
        #[serde(flatten, with = "digits")]
        #[schema(value_type = digits::SentNumber)]
        number: Option<String>,
        unit: Option<String>,
        /// The reference range in words.
        range: Option<String>,
        /// High, low, abnormal, in words.
        flag: Option<String>,
        reported: Option<String>,
        components: Vec<(String, String)>,
        report: Option<String>,
    },
    Document {
        document_type: String,
        author: Option<String>,
        content_type: Option<String>,
    },
    Encounter {
        class: String,
        place: Option<String>,
        ended: Option<String>,
        in_progress: bool,
    },
    Other {
        /// (label, value) in reading order.
        fields: Vec<(String, String)>,
    },
}

/// A number as sent, beside the JSON number.
mod digits {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    #[derive(Serialize, Deserialize, utoipa::ToSchema)]
    pub struct SentNumber {
        #[serde(default)]
        number: Option<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digits: Option<String>,
    }

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub fn serialize<S: Serializer>(digits: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
        let number = digits.as_ref().and_then(|digits| digits.parse().ok()).filter(|one: &f64| one.is_finite());
        SentNumber { number, digits: digits.clone() }.serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
        let sent = SentNumber::deserialize(from)?;
        Ok(sent.digits.or_else(|| sent.number.map(|number| number.to_string())))
    }
}

impl Default for Detail {
    fn default() -> Self {
        Self::Other { fields: vec![] }
    }
}

/// One source's demographics of the person.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Demographics {
    pub family: String,
    pub given: String,
    pub title: Option<String>,
    pub birth_date: Option<Date>,
    pub gender: String,
    pub nhs_number: Option<String>,
    pub died: Option<String>,
    pub address: Option<String>,
    pub phones: Vec<String>,
    pub practice: Option<String>,
    /// The source marks the person as restricted. Only the authority's mark counts.
    #[serde(default)]
    pub restricted: bool,
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
