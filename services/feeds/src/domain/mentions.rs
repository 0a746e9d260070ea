//! Collects the people and stays that a message names, even if the message cannot be mapped. It must never fail: it
//! skips what it cannot read.

use lcr_model::{LocalId, SourceIdentity};

use super::{
    Arrival, MappedEvent, StayKey, identity, merges, renumber,
    segment_groups::{SegmentGroup, segment_groups},
    spell,
    stay_numbers::StayNumbers,
};

/// The most people, and the most stays, per message.
const MAX_MENTIONS: usize = 100;

/// People by their local id, and stays by their numbers. They identify patients, so `Debug` hides them.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    pub people: Vec<LocalId>,
    /// Each stay with its person.
    pub stays: Vec<(SourceIdentity, StayNumbers)>,
}

impl Mentions {
    /// The people and stays in the groups of an HL7 v2 message.
    pub fn of_message(arrival: &Arrival<'_>) -> Self {
        let mut mentions = Self::default();
        for group in segment_groups(arrival.message) {
            mentions.add_group(arrival, &group);
        }
        mentions
    }

    /// The people and stays in a message that was mapped but cannot take effect yet.
    pub fn of_mapped(mapped: &[MappedEvent]) -> Self {
        let mut mentions = Self::default();
        for one in mapped {
            match one {
                MappedEvent::Demographics(patient) => {
                    mentions.add_person(&patient.identity.local_id);
                    patient.replaces.iter().for_each(|id| mentions.add_person(id));
                }
                MappedEvent::Encounter(key, message) => mentions.add_key(&message.identity, key),
                MappedEvent::Item(item) => {
                    mentions.add_person(&item.identity.local_id);
                    mentions.add_stay(&item.identity, item.stay.as_ref());
                }
                MappedEvent::Withdrawal(one) => one.person.iter().for_each(|id| mentions.add_person(id)),
                MappedEvent::CareLink(one) => mentions.add_person(&one.identity.local_id),
                MappedEvent::CareList(list) => list.members.keys().for_each(|id| mentions.add_person(id)),
                MappedEvent::CareLinkDeletion(_) => {}
            }
        }
        mentions
    }

    fn add_group(&mut self, arrival: &Arrival<'_>, group: &SegmentGroup<'_>) {
        let Ok(patient) = identity::identify(arrival, group) else { return };
        self.add_person(&patient.identity.local_id);
        for id in merges::former_ids(arrival, group) {
            self.add_person(&id);
        }
        let field = |segment, field| spell::read_number(arrival, group.field(segment, field));
        let now = StayNumbers { visit: field("PV1", 19), account: field("PID", 18) };
        let before = StayNumbers { visit: field("MRG", 5), account: field("MRG", 3) };
        self.add_stay(&patient.identity, Some(&now));
        let former = renumber::former_person(arrival, group, &patient.identity);
        self.add_stay(&SourceIdentity { local_id: former, ..patient.identity }, Some(&before));
    }

    fn add_key(&mut self, identity: &SourceIdentity, key: &StayKey) {
        match key {
            StayKey::Numbered(numbers) => self.add_stay(identity, Some(numbers)),
            StayKey::Renumbered { now, formerly, from } => {
                let from = SourceIdentity { source: identity.source.clone(), local_id: from.clone() };
                self.add_stay(identity, Some(now));
                self.add_stay(&from, Some(formerly));
            }
            StayKey::Admitted(_) | StayKey::Unnamed => {}
        }
    }

    pub fn add_person(&mut self, id: &LocalId) {
        if self.people.len() < MAX_MENTIONS && !self.people.contains(id) {
            self.people.push(id.clone());
        }
    }

    pub fn add_stay(&mut self, identity: &SourceIdentity, numbers: Option<&StayNumbers>) {
        let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty()) else { return };
        let stay = (identity.clone(), numbers.clone());
        if self.stays.len() < MAX_MENTIONS && !self.stays.contains(&stay) {
            self.stays.push(stay);
        }
    }
}

impl std::fmt::Debug for Mentions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mentions({} people, {} stays)", self.people.len(), self.stays.len())
    }
}
