//! The keys of the stored states that a message needs.

use lcr_model::{LocalId, SourceId, SourceIdentity};

use super::StayResolver;
use crate::domain::{
    MappedEvent, StayKey, digest,
    stay_numbers::{StayNumber, StayNumbers},
};

/// The key of one stored state.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum StateKey {
    /// The stays of a person.
    Person(SourceIdentity),
    /// The uses of a visit number.
    Visit(SourceId, String, String),
    /// The authorities that a sender uses.
    Authorities(SourceId, String),
}

impl StateKey {
    /// The row id: a hash, so that it reveals no number.
    pub fn id(&self) -> String {
        match self {
            Self::Person(identity) => digest(&["stays", identity.source.as_str(), &identity.local_id.0]),
            Self::Visit(source, space, number) => digest(&["visit-uses", source.as_str(), space, number]),
            Self::Authorities(source, space) => digest(&["visit-authorities", source.as_str(), space]),
        }
    }

    pub(super) fn visit_keys(source: &SourceId, number: &StayNumber) -> [Self; 2] {
        [
            Self::Visit(source.clone(), number.space.clone(), number.digits.clone()),
            Self::Authorities(source.clone(), number.space.clone()),
        ]
    }
}

impl StayResolver {
    /// The keys of the states that `mapped` needs and that are not loaded.
    pub fn missing_keys<'m>(&self, mapped: impl IntoIterator<Item = &'m MappedEvent>) -> Vec<StateKey> {
        let mut keys: Vec<StateKey> =
            mapped.into_iter().flat_map(state_keys).filter(|key| !self.is_loaded(key)).collect();
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The keys of the states for these numbers of a person.
    pub fn keys_of(identity: &SourceIdentity, numbers: &StayNumbers) -> Vec<StateKey> {
        let visit = numbers.visit.iter().flat_map(|visit| StateKey::visit_keys(&identity.source, visit));
        visit.chain([StateKey::Person(identity.clone())]).collect()
    }
}

/// The keys of the states that one event needs.
fn state_keys(one: &MappedEvent) -> Vec<StateKey> {
    let other = |identity: &SourceIdentity, local_id: &LocalId| SourceIdentity {
        source: identity.source.clone(),
        local_id: local_id.clone(),
    };
    match one {
        MappedEvent::Demographics(patient) if patient.replaces.is_empty() => vec![],
        MappedEvent::Demographics(patient) => {
            let replaced = patient.replaces.iter().map(|id| StateKey::Person(other(&patient.identity, id)));
            replaced.chain([StateKey::Person(patient.identity.clone())]).collect()
        }
        MappedEvent::Item(item) => {
            item.stay.as_ref().map_or(vec![], |stay| StayResolver::keys_of(&item.identity, stay))
        }
        MappedEvent::Withdrawal(_)
        | MappedEvent::CareLink(_)
        | MappedEvent::CareList(_)
        | MappedEvent::CareLinkDeletion(_) => vec![],
        MappedEvent::Encounter(key, message) => match key {
            StayKey::Numbered(numbers) => StayResolver::keys_of(&message.identity, numbers),
            StayKey::Renumbered { now, formerly, from } => {
                let now = StayResolver::keys_of(&message.identity, now);
                [now, StayResolver::keys_of(&other(&message.identity, from), formerly)].concat()
            }
            StayKey::Admitted(_) | StayKey::Unnamed => vec![StateKey::Person(message.identity.clone())],
        },
    }
}
