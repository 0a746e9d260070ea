//! Pure rules that map a message to events: bytes and the registry's rows in, events or a reason out. The caller
//! passes the time. This code must never store, seal or send anything.

mod adt;
mod appointments;
mod assigned_id;
pub mod bundle;
mod care_links;
mod check;
mod demographics;
mod discharges;
mod documents;
mod fhir_json;
mod files;
mod hashed_ids;
mod hl7_values;
mod identity;
mod item_versions;
mod mentions;
mod merges;
mod names;
mod notes;
mod ods;
mod place;
mod plan;
mod profile_fields;
mod quantity;
pub mod redaction;
mod referrals;
mod renumber;
mod results;
mod segment_groups;
mod source;
mod spell;
mod stay_numbers;
mod stay_resolver;
mod stays;
#[cfg(test)]
pub mod testing;
mod times;
mod validity;
mod version;

pub use assigned_id::AssignedId;
pub use care_links::{CareLinkDeletion, CareLinkUpdate, CareList, ListState};
pub use check::is_type;
pub use demographics::{PatientUpdate, patient_details};
pub use hashed_ids::{content_hash, digest};
pub use item_versions::{Change, apply_change, mark_deleted, refile, withhold_unreleased};
pub use mentions::Mentions;
pub use source::{Sender, catch_all_source, is_open, source_by_header, source_by_id};
pub use stay_numbers::StayNumbers;
pub use stay_resolver::{ResolvedEvent, StateKey, StayResolver};
pub use stays::{KnownStays, StayKey, UnresolvedStay};
pub use version::next_version;

use jiff::Timestamp;
use lcr_contracts::{
    events::{PushedItem, PushedKind},
    registry::System,
    spell::SpellMessage,
};
use lcr_hl7::{Fault, Header, Message};
use lcr_model::{LocalId, LocalIdKey, SourceId, SourceIdentity};

/// A parsed HL7 v2 message with its source and time of arrival.
#[derive(Debug, Clone, Copy)]
pub struct Arrival<'a> {
    pub message: &'a Message,
    pub header: &'a Header,
    pub system: &'a System,
    pub received: Timestamp,
    /// The hash of the message's bytes.
    pub content: &'a str,
    pub local_id_key: &'a LocalIdKey,
}

/// An event to publish. It is not sealed yet.
#[derive(Debug, Clone)]
pub enum MappedEvent {
    Demographics(PatientUpdate),
    Encounter(StayKey, Box<SpellMessage>),
    Item(Item),
    Withdrawal(Withdrawal),
    CareLink(CareLinkUpdate),
    CareList(CareList),
    CareLinkDeletion(CareLinkDeletion),
}

/// A resource that its sender deleted.
#[derive(Debug, Clone)]
pub struct Withdrawal {
    pub source: SourceId,
    /// The patient, if the sender named one.
    pub person: Option<LocalId>,
    pub kind: PushedKind,
    /// `Type/id` of the resource.
    pub name: String,
    pub sent: Timestamp,
}

/// A pushed item and the key that it is stored under.
#[derive(Debug, Clone)]
pub struct Item {
    pub identity: SourceIdentity,
    pub kind: PushedKind,
    pub key: String,
    /// Other names that the source may use when it sends the item again.
    pub names: Vec<String>,
    /// The numbers of the item's stay, if the sender named it.
    pub stay: Option<StayNumbers>,
    pub pushed: PushedItem,
    /// When the source says this version was made.
    pub sent: Timestamp,
    /// How this version relates to the one before it.
    pub change: Change,
}

/// Why a message cannot be mapped to events.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum MappingError {
    /// The message is refused: AE or AR, by the fault's condition.
    Fault(Fault),
    /// The message is accepted and becomes a dead letter, with the reason and its location in the message.
    Waiting { reason: String, location: Option<String> },
}

impl MappingError {
    pub(crate) fn waiting(reason: impl Into<String>, location: &str) -> Self {
        Self::Waiting { reason: reason.into(), location: Some(location.to_owned()) }
    }
}

impl From<Fault> for MappingError {
    fn from(fault: Fault) -> Self {
        Self::Fault(fault)
    }
}

pub type MappingResult = Result<Vec<MappedEvent>, MappingError>;

/// Maps an HL7 v2 message of a known source to events.
pub fn map(arrival: &Arrival<'_>) -> MappingResult {
    check::check_envelope(arrival)?;
    match (arrival.header.code.as_str(), arrival.header.event.as_str()) {
        ("ADT", event) => adt::map(arrival, event),
        ("ORU", "R01") => results::map(arrival),
        ("MDM", event) if documents::is_mapped(event) => documents::map(arrival, event),
        ("REF", event) if referrals::is_mapped(event) => referrals::map(arrival, event),
        ("SIU", event) if appointments::is_mapped(event) => appointments::map(arrival, event),
        _ => Err(MappingError::waiting("messages of this type are not read yet", "MSH-9")),
    }
}

#[cfg(test)]
#[path = "domain_tests.rs"]
mod tests;

#[cfg(test)]
#[path = "domain/limits_tests.rs"]
mod limits_tests;
