//! The record as it is shown: sections of entries, each entry with whose and when, each source with its state.
//! It holds clinical content: it may be sent to a permitted reader and nowhere else, and never printed.

use jiff::{Timestamp, civil::Date};
use lcr_model::{Dataset, OdsCode, PersonId, SourceId, SourceState, ViewId};
use serde::{Deserialize, Serialize};

use crate::known;
pub use crate::missing::{MissingReason, Partial};

/// One person's record at a moment; while sources are still asked, `complete` is false.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Record {
    pub person: PersonId,
    pub view: ViewId,
    /// "Complete as of".
    pub as_of: Timestamp,
    pub complete: bool,
    /// "You can see this record because: …".
    pub relationship: String,
    pub location_protected: bool,
    pub sources: Vec<SourceReport>,
    /// Every permitted dataset, in the order of `Dataset::ALL`.
    pub sections: Vec<Section>,
    pub discrepancies: Vec<Discrepancy>,
    /// What a source sent and the page does not list, by reason, counted.
    pub not_shown: Vec<NotShown>,
    /// Some services may hold items not shown (discreet sources exist): the same words for everybody.
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

/// What one source said, over all its datasets.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct SourceReport {
    pub source: SourceId,
    pub name: String,
    pub organisation: OdsCode,
    pub kind: String,
    pub datasets: Vec<DatasetReport>,
    /// Its own warnings, in words (Q-06: confidential items, record in transit, data awaiting filing).
    pub warnings: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct DatasetReport {
    pub dataset: Dataset,
    #[serde(flatten)]
    pub state: SourceState,
    /// When its answer was taken (now, or when the copy was made).
    pub answered_at: Option<Timestamp>,
    pub count: u32,
    /// Set when only part of the answer came: what came is shown, the rest is missing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub partial: Option<Partial>,
    /// Why the answer, or the rest of it, is missing.
    #[serde(default, skip_serializing_if = "Option::is_none", deserialize_with = "known::some_or_default")]
    pub reason: Option<MissingReason>,
}

impl DatasetReport {
    pub fn new(dataset: Dataset, state: SourceState) -> Self {
        Self { dataset, state, answered_at: None, count: 0, partial: None, reason: None }
    }

    /// Whether the source gave its full answer just now.
    pub fn answered_in_full(&self) -> bool {
        self.state.answered() && self.partial.is_none()
    }

    /// Whether something may be missing because the source could not be read, or not to the end.
    pub fn may_be_missing(&self) -> bool {
        self.state.may_be_missing() || self.partial.is_some()
    }
}

/// One dataset of the record.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    pub dataset: Dataset,
    /// Newest first.
    pub entries: Vec<Entry>,
}

/// One thing known, from one or more sources that say the same.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Stable within this view.
    pub id: String,
    pub title: String,
    /// Day or moment it is about, as precise as the source was: `2026`, `2026-03`, `2026-03-05`, or a time.
    pub date: Option<String>,
    /// In words: active, final, completed, …
    pub status: Option<String>,
    #[serde(deserialize_with = "known::or_default")]
    pub detail: Detail,
    pub provenance: Vec<Provenance>,
    /// Entries this one is about or was given for: (relation in words, id in this record).
    pub links: Vec<(String, String)>,
    /// A quiet remark, such as "dose differs" or "only in GP list".
    pub remark: Option<String>,
    /// What its source forbids or asks a reader to heed.
    #[serde(default)]
    pub marks: Vec<Mark>,
    /// Comments of its source, in the source's words: a laboratory's warning stands here.
    #[serde(default)]
    pub notes: Vec<String>,
    /// Whatever else its source says of it: (label, value) in reading order.
    #[serde(default)]
    pub more: Vec<(String, String)>,
    /// What its source sent and no page shows, by name. The item as sent has it.
    #[serde(default)]
    pub left_out: Vec<String>,
    /// Files that belong to it, in the source's order.
    #[serde(default)]
    pub files: Vec<File>,
    /// Set where the hospital's ward messages say it, alone or beside an answer of the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stay: Option<WardStay>,
}

/// What a hospital's ward messages say of a stay beyond class, place and times.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WardStay {
    /// Somebody attends a clinic or an emergency department; false: in a bed.
    pub attends: bool,
    pub on_leave: bool,
    /// Where to, in words.
    pub destination: Option<String>,
    /// The hospital says that the person died. It confirms nothing: only the authority does.
    pub died: bool,
    /// When the hospital last said anything about the stay.
    pub last_told: Timestamp,
    /// What a reader should know of how it came about, in words.
    pub warnings: Vec<String>,
}

/// What a source says of how an item may be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    /// The source asks that this is not given or not done (`doNotPerform`).
    DoNotPerform,
    /// It was not given or not done, though it stands as an item.
    NotDone,
    /// Not to be told to the patient (NOPAT).
    NotForThePatient,
    /// Confidentiality R.
    Restricted,
    /// Confidentiality V.
    VeryRestricted,
    /// Another label of privacy, such as that of sexual health.
    Sensitive,
    /// A vaccine given in less than its full strength.
    LessThanFullDose,
    /// A mark of a later version. It says that there is something to heed.
    #[serde(other)]
    Unknown,
}

/// A file that an entry has: a letter, a report.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct File {
    pub title: Option<String>,
    pub content_type: Option<String>,
    /// Why it cannot be opened here, in words.
    pub unavailable: Option<String>,
}

/// Whose, and when they last changed it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Provenance {
    pub source: SourceId,
    pub name: String,
    /// `gp`, `hospital`, …
    pub kind: String,
    /// `Type/id` at the source.
    pub item: String,
    pub updated: Option<Timestamp>,
    /// The date this source gives it, where entries of several sources became one.
    pub date: Option<String>,
    /// What this source says where sources may differ (a dose, a status).
    pub says: Option<String>,
}

/// What a kind of entry carries beyond title, date and status.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
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
        /// "No known allergies" said by the source.
        none_known: bool,
    },
    Medication {
        /// Ingredient and route, what lists are aligned by.
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
        /// Its date is when it was recorded: when it began was not given.
        #[serde(default)]
        only_recorded: bool,
    },
    Result {
        /// Code and unit: what a chart may join.
        series: String,
        value: String,
        /// The digits as sent, where it is a number that a chart may join. On the wire they are `digits`, and `number` is
        /// the JSON number, as the version before reads and writes it.
        #[serde(flatten, with = "digits")]
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

    #[derive(Serialize, Deserialize)]
    struct Wire {
        #[serde(default)]
        number: Option<f64>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        digits: Option<String>,
    }

    #[expect(clippy::ref_option, reason = "serde calls it so")]
    pub fn serialize<S: Serializer>(digits: &Option<String>, to: S) -> Result<S::Ok, S::Error> {
        let number =
            digits.as_ref().and_then(|digits| digits.parse().ok()).filter(|one: &f64| one.is_finite());
        Wire { number, digits: digits.clone() }.serialize(to)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Option<String>, D::Error> {
        let wire = Wire::deserialize(from)?;
        Ok(wire.digits.or_else(|| wire.number.map(|number| number.to_string())))
    }
}

impl Default for Detail {
    fn default() -> Self {
        Self::Other { fields: vec![] }
    }
}

/// What one source calls the person.
#[derive(Clone, Default, PartialEq, Serialize, Deserialize)]
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
    /// The source marks the person restricted; only the authority's mark is believed.
    #[serde(default)]
    pub restricted: bool,
}

/// Sources contradict one another: shown side by side, never resolved here.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Discrepancy {
    pub dataset: Dataset,
    /// "Address", "Allergy: codeine", "Bisoprolol oral: dose differs".
    pub about: String,
    /// (source name, what it says).
    pub says: Vec<(String, String)>,
}

/// Items a source sent that no list shows, with the reason.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotShown {
    pub source: SourceId,
    pub dataset: Dataset,
    pub reason: Omission,
    pub count: u32,
    /// Ids under which the items can be read as sent; at most `MOST_OMITTED_IDS`.
    #[serde(default)]
    pub items: Vec<String>,
}

/// How many ids `NotShown` names at most.
pub const MOST_OMITTED_IDS: usize = 20;

macro_rules! omissions {
    ($($(#[$doc:meta])* $name:ident $words:literal,)+) => {
        /// Why no list shows an item. On the wire it is its words.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum Omission {
            $($(#[$doc])* #[serde(rename = $words)] $name,)+
            /// A reason of a later version.
            #[serde(other, rename = "for a reason not known here")]
            Unknown,
        }
        impl Omission {
            /// Every reason of this version.
            pub const ALL: &'static [Self] = &[$(Self::$name),+];
            pub fn words(self) -> &'static str {
                match self { $(Self::$name => $words,)+ Self::Unknown => "for a reason not known here" }
            }
        }
    };
}

omissions! {
    EnteredInError "entered in error",
    /// Of a document: its writer cancelled it (HL7 v2 T11, TXA-17 and TXA-19) or marked it as an error.
    Withdrawn "withdrawn, or entered in error",
    CouldNotBeRead "could not be read",
    /// It has a `modifierExtension` that we do not know, which may turn its meaning round.
    UnknownModifier "changed by a rule we do not know",
    RuledOut "ruled out",
    FamilyHistory "family history",
    Replaced "replaced by a newer version",
    Cancelled "cancelled",
    NotDone "not done",
    /// A contact or record that its source no longer uses.
    Inactive "no longer in use",
    /// It names a person by another NHS number than the person's.
    OtherPerson "about another person",
    NotForTheRole "not shown to your role",
    /// Its source labels it as confidential: who may see it is not decided here yet, so nobody does.
    Confidential "withheld, marked as confidential by its source",
}

impl Omission {
    /// Whether the item may say something that a list without it denies: an allergy that nobody could read.
    pub fn hides_a_fact(self) -> bool {
        matches!(self, Self::CouldNotBeRead | Self::UnknownModifier | Self::Confidential | Self::Unknown)
    }
}

impl std::fmt::Display for Omission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.words())
    }
}
