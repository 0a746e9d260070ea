//! Stays as the ward's fold of a hospital's messages tells them, put beside what the source answers: each is an Encounter
//! among the source's own, so that the page, the FHIR answers and every limit treat it like one.

mod compare;
mod doubt;
mod resource;
mod said;

use jiff::Timestamp;
use lcr_contracts::{events::OnRecord, identity::Registry};
use lcr_fhir::Item;
use lcr_model::{SourceId, SpellId};

pub use compare::{Difference, settle};
pub use said::entry;

use super::{
    answer::{Ended, SourceAnswer},
    kind::Kind,
};

/// One stay of one person.
#[derive(Debug, Clone, PartialEq)]
pub struct Stay {
    pub spell: SpellId,
    pub on_record: OnRecord,
}

/// A hospital that sends ward messages, and when the newest of them came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sends {
    pub source: SourceId,
    pub last: Timestamp,
}

impl Stay {
    /// The id of its item. A spell's id is a hash already: it tells nothing of anybody.
    pub fn item(&self) -> String {
        let plain = |c: &char| c.is_ascii_alphanumeric() || *c == '-';
        let id: String = self.spell.as_str().chars().filter(plain).take(58).collect();
        format!("ward-{id}")
    }

    fn in_progress(&self) -> bool {
        self.on_record.left.is_none()
    }
}

/// What the ward says of one person.
#[derive(Debug, Clone, Copy)]
pub struct Ward<'a> {
    pub stays: &'a [Stay],
    pub sends: &'a [Sends],
    pub now: Timestamp,
}

/// The answers with the stays. A hospital that sends ward messages has answered as of its newest: it can say that somebody
/// is not there. `local_ids` are the ids that a source knows the person by.
pub fn beside(
    answers: &mut [SourceAnswer],
    ward: Ward<'_>,
    registry: &Registry,
    local_ids: impl Fn(&SourceId) -> Vec<String>,
) {
    for answer in answers {
        let of_source = |stay: &&Stay| stay.on_record.source == answer.source && stay.on_record.counts;
        let mut stays: Vec<Stay> = ward.stays.iter().filter(of_source).cloned().collect();
        doubt::add(&mut stays, registry, ward.now);
        let Some(encounters) = answer.types.get_mut(&Kind::Encounter) else { continue };
        let sends = ward.sends.iter().find(|one| one.source == answer.source).map(|one| one.last);
        let last = stays.iter().map(|stay| stay.on_record.last_told).max().max(sends);
        // A source that does not know the person, or offers no encounters, is not asked: its messages are its answer.
        let not_asked = encounters.ended == Ended::NotOffered || (!answer.known && !stays.is_empty());
        if let Some(at) = last.filter(|_| not_asked) {
            encounters.ended = Ended::Answered { at };
        }
        let subject = local_ids(&answer.source);
        let items = stays.iter().map(|stay| Item::kept(resource::encounter(stay, registry, subject.first())));
        encounters.items.extend(items);
        answer.stays = stays;
    }
}

#[cfg(test)]
#[path = "stays_tests.rs"]
mod tests;
