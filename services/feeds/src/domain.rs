//! What a message means, as pure rules: bytes and the registry's rows in, events or a reason out. Time is passed in;
//! nothing here stores, seals or sends.

mod adt;
mod appointments;
mod assigned;
pub mod bundle;
mod check;
mod demographics;
mod documents;
mod files;
mod further;
mod groups;
mod identity;
mod mentions;
mod merges;
mod names;
mod notes;
mod numbers;
mod place;
mod plan;
mod pushed;
mod quantity;
mod r4;
pub mod redacted;
mod referrals;
mod renumber;
mod results;
mod source;
mod spell;
mod stay_book;
mod stays;
#[cfg(test)]
pub mod testing;
mod times;
mod validity;
mod value;
mod values;

pub use assigned::AssignedId;
pub use check::is_type;
pub use demographics::{PatientTold, said};
pub use mentions::Mentions;
pub use numbers::Numbers;
pub use pushed::{Change, filed_as, over, released, without};
pub use source::{Sender, named, open_to_all, source_of};
pub use stay_book::{Page, Resolved, StayBook};
pub use stays::{KnownStays, StayKey, Unresolved};
pub use values::{content, digest, next_version};

use jiff::Timestamp;
use lcr_contracts::{
    events::{Pushed, PushedItem},
    identity::System,
    spell::SpellMessage,
};
use lcr_hl7::{Fault, Header, Message};
use lcr_model::{LocalId, LocalIdKey, SourceId, SourceIdentity};

/// A message with what is known of its coming.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub message: &'a Message,
    pub header: &'a Header,
    pub system: &'a System,
    pub received: Timestamp,
    /// Hash of its bytes.
    pub content: &'a str,
    pub local_ids: &'a LocalIdKey,
}

/// An event to publish, not sealed yet.
#[derive(Debug, Clone)]
pub enum Mapped {
    Demographics(PatientTold),
    Encounter(StayKey, Box<SpellMessage>),
    Item(Item),
    Withdrawal(Withdrawal),
}

/// A resource of an item that its sender deleted.
#[derive(Debug, Clone)]
pub struct Withdrawal {
    pub source: SourceId,
    /// Whose it is, where the sender said.
    pub person: Option<LocalId>,
    pub kind: Pushed,
    /// `Type/id`.
    pub name: String,
    pub sent: Timestamp,
}

/// A pushed item and what it is filed under.
#[derive(Debug, Clone)]
pub struct Item {
    pub identity: SourceIdentity,
    pub kind: Pushed,
    pub key: String,
    /// What its source may name it by when it comes again, where that is not the key alone.
    pub names: Vec<String>,
    /// The numbers of the stay it belongs to, where the sender named it.
    pub stay: Option<Numbers>,
    pub pushed: PushedItem,
    /// When the source says this version was made.
    pub sent: Timestamp,
    /// How it stands to the version before it.
    pub change: Change,
}

/// Why a message gave no events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NotMapped {
    /// The sender must correct it (AE), or it cannot be taken (AR): by the fault's condition.
    Fault(Fault),
    /// Accepted, kept, and waiting: in words, and where.
    Waits { words: String, place: Option<String> },
}

impl NotMapped {
    pub(crate) fn waits(words: impl Into<String>, place: &str) -> Self {
        Self::Waits { words: words.into(), place: Some(place.to_owned()) }
    }
}

impl From<Fault> for NotMapped {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

pub type Mapping = Result<Vec<Mapped>, NotMapped>;

/// What an HL7 v2 message of a known source says.
pub fn map(arrival: &Arrival<'_>) -> Mapping {
    check::envelope(arrival)?;
    match (arrival.header.code.as_str(), arrival.header.event.as_str()) {
        ("ADT", event) => adt::map(arrival, event),
        ("ORU", "R01") => results::map(arrival),
        ("MDM", event) if documents::is_mapped(event) => documents::map(arrival, event),
        ("REF", "I12") => referrals::map(arrival),
        ("SIU", event) if appointments::is_mapped(event) => appointments::map(arrival, event),
        _ => Err(NotMapped::waits("messages of this type are not read yet", "MSH-9")),
    }
}

#[cfg(test)]
#[path = "domain_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "domain/limits_tests.rs"]
mod limits_tests;
