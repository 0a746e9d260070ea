//! Whom and which stays a message names, whether or not it can be read. Best effort: it never fails, and what it does not
//! find it leaves out.

use lcr_model::{LocalId, SourceIdentity};

use super::{
    Arrival, Mapped, StayKey,
    groups::{Group, groups},
    identity, merges,
    numbers::Numbers,
    renumber, spell,
};

/// The most people and stays taken of one message.
const MOST: usize = 100;

/// People by their number at the source, and stays by their numbers. It is about people: it never prints itself.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    pub people: Vec<LocalId>,
    /// Each with the person that the message names it beside.
    pub stays: Vec<(SourceIdentity, Numbers)>,
}

impl Mentions {
    /// What the groups of an HL7 v2 message name.
    pub fn of_message(arrival: &Arrival<'_>) -> Self {
        let mut mentions = Self::default();
        for group in groups(arrival.message) {
            mentions.add_group(arrival, &group);
        }
        mentions
    }

    /// What a message names that was read and cannot take effect yet.
    pub fn of_mapped(mapped: &[Mapped]) -> Self {
        let mut mentions = Self::default();
        for one in mapped {
            match one {
                Mapped::Demographics(told) => {
                    mentions.add_person(&told.identity.local_id);
                    told.replaces.iter().for_each(|id| mentions.add_person(id));
                }
                Mapped::Encounter(key, message) => mentions.add_key(&message.identity, key),
                Mapped::Item(item) => {
                    mentions.add_person(&item.identity.local_id);
                    mentions.add_stay(&item.identity, item.stay.as_ref());
                }
                Mapped::Withdrawal(one) => one.person.iter().for_each(|id| mentions.add_person(id)),
            }
        }
        mentions
    }

    fn add_group(&mut self, arrival: &Arrival<'_>, group: &Group<'_>) {
        let Ok(named) = identity::named(arrival, group) else { return };
        self.add_person(&named.identity.local_id);
        for id in merges::former_numbers(arrival, group) {
            self.add_person(&id);
        }
        let field = |segment, field| spell::number(arrival, group.field(segment, field));
        let now = Numbers { visit: field("PV1", 19), account: field("PID", 18) };
        let before = Numbers { visit: field("MRG", 5), account: field("MRG", 3) };
        self.add_stay(&named.identity, Some(&now));
        let former = renumber::former(arrival, group, &named.identity);
        self.add_stay(&SourceIdentity { local_id: former, ..named.identity }, Some(&before));
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
        if self.people.len() < MOST && !self.people.contains(id) {
            self.people.push(id.clone());
        }
    }

    pub fn add_stay(&mut self, identity: &SourceIdentity, numbers: Option<&Numbers>) {
        let Some(numbers) = numbers.filter(|numbers| !numbers.is_empty()) else { return };
        let stay = (identity.clone(), numbers.clone());
        if self.stays.len() < MOST && !self.stays.contains(&stay) {
            self.stays.push(stay);
        }
    }
}

impl std::fmt::Debug for Mentions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Mentions({} people, {} stays)", self.people.len(), self.stays.len())
    }
}
