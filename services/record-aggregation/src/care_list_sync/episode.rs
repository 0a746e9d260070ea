//! Maps one `EpisodeOfCare` of a source to a care link, under the key that a pushed one has. An episode that cannot be read, or
//! names no patient by an id, must give no link.

use jiff::Timestamp;
use lcr_contracts::{events::CareLink, registry::System};
use lcr_fhir::{
    Item,
    care_link::{self, Episode},
    is_usable_id, read,
};
use lcr_model::{NhsNumber, SourceIdentity};
use serde_json::Value;

use crate::{
    domain::subject::{nhs_number_of, own_patient_id},
    hashed_ids::HashedIds,
};

/// A care link as its source says now.
pub struct EpisodeLink {
    pub identity: SourceIdentity,
    /// The source's key of the evidence.
    pub key: String,
    pub link: CareLink,
    /// When its source changed it; the time of reading if the source does not say.
    pub changed: Timestamp,
    /// Equal for two readings that say the same.
    pub content_to_hash: String,
}

/// Reads one episode. `None` if it cannot be read.
pub fn read_link(system: &System, hashed_ids: &HashedIds, item: &Item, now: Timestamp) -> Option<EpisodeLink> {
    let value = item.value();
    let patient = patient_id(system, read::at(value, "patient")?)?;
    let local_id = hashed_ids.local_id(&system.id, patient);
    let updated: Option<Timestamp> = read::str_at(value, "meta.lastUpdated").and_then(|text| text.parse().ok());
    let changed = updated.unwrap_or(now).min(now);
    let link = to_link(system, care_link::read_episode(value, changed).ok()?);
    // The time of reading may end a link, but it is no change.
    let stated = to_link(system, care_link::read_episode(value, updated.unwrap_or_default()).ok()?);
    let content_to_hash = serde_json::to_string(&(&local_id, &stated)).ok()?;
    let identity = SourceIdentity { source: system.id.clone(), local_id };
    Some(EpisodeLink { identity, key: link_key(system, hashed_ids, item.id()), link, changed, content_to_hash })
}

/// The key of an episode's link. Keys are not sealed, so an id that contains an NHS number is hashed.
pub fn link_key(system: &System, hashed_ids: &HashedIds, id: &str) -> String {
    format!("EpisodeOfCare/{}", hashed_ids.local_id(&system.id, id).0)
}

/// The source's own id of the patient. `None` if the reference is to another server, or is ambiguous: the id is an NHS number,
/// and the identifier is another one.
fn patient_id<'v>(system: &System, patient: &'v Value) -> Option<&'v str> {
    let id = own_patient_id(system, read::str_at(patient, "reference")?).filter(|id| is_usable_id(id))?;
    let number = read::at(patient, "identifier").and_then(nhs_number_of);
    let own_number = NhsNumber::parse(id).ok();
    let contradicts = number.is_some_and(|number| own_number.is_some_and(|own| own != number));
    (!contradicts).then_some(id)
}

/// An episode that names no organisation by its code is its source's own.
fn to_link(system: &System, episode: Episode) -> CareLink {
    let Episode { kind, organisation, team, from, until, stands } = episode;
    let organisation = organisation.unwrap_or_else(|| system.organisation.clone());
    CareLink { kind, organisation, team, from, until, stands }
}
