//! Adds the ward's stays to the answers of their hospital, each as an Encounter, so that every limit applies to it. It
//! never resolves a disagreement between a stay and an answered encounter.

mod encounter;
mod entry;
mod reconcile;
mod warnings;

use std::collections::BTreeSet;

use jiff::Timestamp;
use lcr_contracts::{events::OnRecord, registry::Registry};
use lcr_fhir::Item;
use lcr_model::{SourceId, SpellId, permit::PersonGrant};

pub use entry::stay_entry;
pub use reconcile::{Difference, reconcile};

use super::{
    prepared_item::PreparedItem,
    resource_type::ResourceType,
    source_answer::{QueryOutcome, SourceAnswer},
};

/// One stay of one person in hospital.
#[derive(Debug, Clone, PartialEq)]
pub struct Stay {
    pub spell: SpellId,
    pub on_record: OnRecord,
}

/// A hospital that sends ward messages, with the time of the newest one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WardFeed {
    pub source: SourceId,
    pub last_message: Timestamp,
}

impl Stay {
    /// The id of its item. It comes from the spell's id, which is a hash and reveals nothing.
    pub fn item_id(&self) -> String {
        let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        let id: String = self.spell.as_str().chars().filter(plain).take(58).collect();
        format!("ward-{id}")
    }

    /// The site as the hospital sent it.
    pub fn site(&self) -> Option<&str> {
        self.on_record.place.as_ref()?.value.site.as_deref()
    }

    fn is_in_progress(&self) -> bool {
        self.on_record.left.is_none()
    }
}

/// The ward's data about one person.
#[derive(Debug, Clone, Copy)]
pub struct WardData<'a> {
    pub stays: &'a [Stay],
    pub feeds: &'a [WardFeed],
    pub now: Timestamp,
}

/// The sources with a stay of the person, whom the index may not link to them yet. Only sources that share something with
/// the reader, whatever was asked for.
pub fn sources_with_stay(stays: &[Stay], grant: &PersonGrant) -> BTreeSet<SourceId> {
    let shares = |source: &SourceId| grant.sharing.as_ref().is_some_and(|all| all.contains(source));
    let counting = stays.iter().map(|stay| &stay.on_record).filter(|one| one.counts && shares(&one.source));
    counting.map(|one| one.source.clone()).collect()
}

/// Adds the stays to the answers. A hospital that sends ward messages has answered as of its newest message, so it can
/// also say that a person is not there. `local_ids` returns the ids of the person at a source.
pub fn add_stays(
    answers: &mut [SourceAnswer],
    ward: WardData<'_>,
    registry: &Registry,
    local_ids: impl Fn(&SourceId) -> Vec<String>,
) {
    for answer in answers {
        let of_source = |stay: &&Stay| stay.on_record.source == answer.source && stay.on_record.counts;
        let mut stays: Vec<Stay> = ward.stays.iter().filter(of_source).cloned().collect();
        warnings::add_warnings(&mut stays, registry, ward.now);
        let Some(encounters) = answer.types.get_mut(&ResourceType::Encounter) else { continue };
        let newest = ward.feeds.iter().find(|feed| feed.source == answer.source).map(|feed| feed.last_message);
        let last = stays.iter().map(|stay| stay.on_record.last_message_at).max().max(newest);
        // A source that does not know the person or offers no encounters is not queried; its messages are its answer.
        let not_queried = encounters.outcome == QueryOutcome::NotOffered || (!answer.knows_person && !stays.is_empty());
        if let Some(at) = last.filter(|_| not_queried) {
            encounters.outcome = QueryOutcome::Answered { at };
        }
        if stays.is_empty() {
            answer.stays = stays;
            continue;
        }
        let subject = local_ids(&answer.source);
        let resources = stays.iter().map(|stay| encounter::encounter_resource(stay, registry, subject.first()));
        encounters.items.extend(resources.map(|one| PreparedItem::from(Item::from_trusted(one))));
        answer.stays = stays;
    }
}

#[cfg(test)]
#[path = "stays_tests.rs"]
mod tests;
