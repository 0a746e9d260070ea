//! Events of virtual-ward: changed stays, sealed for consent and record-aggregation. No field outside the seals may name a
//! person.

use jiff::Timestamp;
use lcr_model::{OdsCode, PersonId, SourceId, SpellId};
use serde::{Deserialize, Serialize};

use super::{EventBody, Stream};
use crate::{
    Moment,
    spell::{CodedName, Place},
    ward::Cell,
};

/// A stay changed. `sealed` is a `Stay` for `ward/stay`, from which consent derives admitted-here relationships.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct WardChanged {
    pub spell: SpellId,
    pub version: i64,
    pub sealed: String,
    /// An `OnRecord`, sealed for `ward/record`: the stay as the person's record shows it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<String>,
}

event!(WardChanged, Ward, "ward.changed", |event| event.spell.to_string(), |event| event.version);

/// A stay as relationships need it: who, where, from when to when. Only times and ids, nothing clinical.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Stay {
    pub person: Option<PersonId>,
    pub source: SourceId,
    /// The hospital's organisation.
    pub organisation: OdsCode,
    pub ward: Option<String>,
    pub from: Timestamp,
    pub until: Option<Timestamp>,
    /// False for a stay that was cancelled or never counts.
    pub counts: bool,
}

/// A stay as the person's record shows it, folded from the hospital's messages.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct OnRecord {
    pub person: Option<PersonId>,
    pub source: SourceId,
    pub visit: Option<String>,
    /// False for a stay that was cancelled, moved to another person, or is only expected.
    pub counts: bool,
    /// True for an attendance at a clinic or an emergency department; false for a bed.
    pub attends: bool,
    /// The patient class as sent.
    pub class: Option<String>,
    pub place: Option<Cell<Place>>,
    pub consultant: Option<Cell<CodedName>>,
    pub specialty: Option<Cell<CodedName>>,
    pub admitted: Option<Moment>,
    pub left: Option<Moment>,
    pub on_leave: bool,
    /// The discharge destination, in words.
    pub destination: Option<String>,
    /// The hospital reports a death.
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

impl std::fmt::Debug for OnRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "OnRecord({})", self.source)
    }
}
