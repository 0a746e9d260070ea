//! Resolves the stay of each event of a message, by earlier messages of the same source. It must not access the store:
//! the caller loads the states that a message needs and stores the changed ones.

mod state_key;

use std::collections::{BTreeMap, HashMap, HashSet};

use lcr_contracts::spell::SpellMessage;
use lcr_model::{SourceId, SourceIdentity, SpellId};
use serde::{Serialize, de::DeserializeOwned};

use super::{
    CareLinkDeletion, CareLinkUpdate, CareList, Item, KnownStays, MappedEvent, PatientUpdate, StayKey, UnresolvedStay,
    Withdrawal, hashed_ids,
    stay_numbers::{AuthoritySet, StayNumber, StayNumbers, VisitNumberUses},
};

pub use state_key::StateKey;

/// A mapped event with its stay.
pub enum ResolvedEvent {
    Demographics(PatientUpdate),
    Encounter(SpellId, Box<SpellMessage>),
    Item(Item, Option<SpellId>),
    Withdrawal(Withdrawal),
    CareLink(CareLinkUpdate),
    CareList(CareList),
    CareLinkDeletion(CareLinkDeletion),
}

/// The loaded states, and which of them changed.
#[derive(Debug, Default)]
pub struct StayResolver {
    people: HashMap<SourceIdentity, KnownStays>,
    visits: HashMap<StateKey, VisitNumberUses>,
    authorities: HashMap<StateKey, AuthoritySet>,
    loaded: HashSet<StateKey>,
    changed: HashSet<StateKey>,
}

impl StayResolver {
    pub fn is_loaded(&self, key: &StateKey) -> bool {
        self.loaded.contains(key)
    }

    /// Loads a stored state. An unreadable one counts as empty.
    pub fn load(&mut self, key: StateKey, json: Option<&[u8]>) {
        fn read<T: DeserializeOwned + Default>(json: Option<&[u8]>) -> T {
            json.and_then(|json| serde_json::from_slice(json).ok()).unwrap_or_default()
        }
        match &key {
            StateKey::Person(identity) => drop(self.people.insert(identity.clone(), read(json))),
            StateKey::Visit(..) => drop(self.visits.insert(key.clone(), read(json))),
            StateKey::Authorities(..) => drop(self.authorities.insert(key.clone(), read(json))),
        }
        self.loaded.insert(key);
    }

    /// Takes the changed states, serialised for the store.
    pub fn take_changes(&mut self) -> Result<BTreeMap<StateKey, Vec<u8>>, serde_json::Error> {
        fn write(state: Option<&impl Serialize>) -> Result<Vec<u8>, serde_json::Error> {
            state.map_or(Ok(vec![]), serde_json::to_vec)
        }
        let changed = std::mem::take(&mut self.changed);
        let written = changed.into_iter().map(|key| {
            let json = match &key {
                StateKey::Person(identity) => write(self.people.get(identity)),
                StateKey::Visit(..) => write(self.visits.get(&key)),
                StateKey::Authorities(..) => write(self.authorities.get(&key)),
            };
            Ok((key, json?))
        });
        written.collect()
    }

    /// Resolves the stay of every encounter and item, and records their effect on the stays. An update without a stay,
    /// for a person without an open one, changes only the person.
    pub fn resolve(&mut self, mapped: Vec<MappedEvent>) -> Result<Vec<ResolvedEvent>, UnresolvedStay> {
        let mut resolved = vec![];
        for one in mapped {
            match one {
                MappedEvent::Demographics(patient) => {
                    self.absorb_replaced(&patient);
                    resolved.push(ResolvedEvent::Demographics(patient));
                }
                MappedEvent::Item(item) => {
                    let stay = item.stay.clone().map(|numbers| self.stay_of(&item.identity, &numbers));
                    resolved.push(ResolvedEvent::Item(item, stay.flatten()));
                }
                MappedEvent::Withdrawal(one) => resolved.push(ResolvedEvent::Withdrawal(one)),
                MappedEvent::CareLink(one) => resolved.push(ResolvedEvent::CareLink(one)),
                MappedEvent::CareList(one) => resolved.push(ResolvedEvent::CareList(one)),
                MappedEvent::CareLinkDeletion(one) => resolved.push(ResolvedEvent::CareLinkDeletion(one)),
                MappedEvent::Encounter(key, mut message) => match self.resolve_encounter(&key, &mut message) {
                    Ok(stay) => resolved.push(ResolvedEvent::Encounter(stay, message)),
                    Err(UnresolvedStay::PersonOnly) => {}
                    Err(why) => return Err(why),
                },
            }
        }
        Ok(resolved)
    }

    fn resolve_encounter(&mut self, key: &StayKey, message: &mut SpellMessage) -> Result<SpellId, UnresolvedStay> {
        let identity = message.identity.clone();
        let (stay, numbers) = match key {
            StayKey::Numbered(numbers) => (self.resolve_numbered(&identity, numbers, message), numbers.clone()),
            StayKey::Renumbered { now, formerly, from } => {
                let from = SourceIdentity { source: identity.source.clone(), local_id: from.clone() };
                let visit = now.visit.clone().or_else(|| formerly.visit.clone());
                let numbers = StayNumbers { visit, account: now.account.clone() };
                (self.resolve_renumbered(&from, formerly, now, message), numbers)
            }
            StayKey::Admitted(_) | StayKey::Unnamed => {
                (self.person(&identity).resolve_unnumbered(key, message)?, StayNumbers::default())
            }
        };
        if self.person(&identity).record(&stay, &numbers, message) {
            self.changed.insert(StateKey::Person(identity));
        }
        Ok(stay)
    }

    /// The stay of a visit number, else of the person's account number.
    fn resolve_numbered(
        &mut self,
        identity: &SourceIdentity,
        numbers: &StayNumbers,
        message: &SpellMessage,
    ) -> SpellId {
        if let Some(visit) = &numbers.visit {
            let used = self.known_stay(&identity.source, visit);
            let stay = used.or_else(|| self.person(identity).stay_before_visit_number(numbers, message).cloned());
            let stay = stay.unwrap_or_else(|| self.new_visit_stay(&identity.source, visit));
            self.record_use(&identity.source, visit, &stay);
            return stay;
        }
        let by_account =
            numbers.account.as_ref().and_then(|account| self.person(identity).by_account(account).cloned());
        let stay = by_account.or_else(|| self.person(identity).open_stay_without_account(message).cloned());
        stay.unwrap_or_else(|| new_account_stay(identity, numbers))
    }

    /// The stay under its new number. Sets `message.formerly` to the former stay if it differs.
    fn resolve_renumbered(
        &mut self,
        from: &SourceIdentity,
        formerly: &StayNumbers,
        now: &StayNumbers,
        message: &mut SpellMessage,
    ) -> SpellId {
        let identity = message.identity.clone();
        let before = self.stay_of(from, formerly).unwrap_or_else(|| new_account_stay(from, formerly));
        let stay = match (&now.visit, &now.account) {
            (Some(visit), _) => {
                let used = self.known_stay(&identity.source, visit);
                let stay = used.unwrap_or_else(|| self.new_visit_stay(&identity.source, visit));
                self.record_use(&identity.source, visit, &stay);
                stay
            }
            // A stay with a visit number, or one that moves to another person, keeps its id under a new account number.
            (None, Some(account)) => {
                let has_visit = formerly.visit.is_some() || self.person(from).has_visit_number(&before);
                let keeps = *from != identity || has_visit;
                let known = self.person(&identity).by_account(account).cloned().filter(|_| !keeps);
                known.unwrap_or_else(|| if keeps { before.clone() } else { new_account_stay(&identity, now) })
            }
            (None, None) => before.clone(),
        };
        message.formerly = (before != stay).then(|| before.clone());
        // A merge in the same message may already have moved the stay.
        let of_both = [self.person(from).remove(&before), self.person(&identity).remove(&before)];
        if let Some(known) = of_both.into_iter().flatten().next() {
            self.person(&identity).insert(known, &stay);
            self.changed.extend([StateKey::Person(from.clone()), StateKey::Person(identity)]);
        }
        stay
    }

    /// The stay of these numbers, for an item that opens no stay.
    pub fn stay_of(&mut self, identity: &SourceIdentity, numbers: &StayNumbers) -> Option<SpellId> {
        if let Some(visit) = &numbers.visit {
            let used = self.known_stay(&identity.source, visit);
            return Some(used.unwrap_or_else(|| self.new_visit_stay(&identity.source, visit)));
        }
        let account = numbers.account.as_ref()?;
        let known = self.person(identity).by_account(account).cloned();
        Some(known.unwrap_or_else(|| new_account_stay(identity, numbers)))
    }

    fn known_stay(&self, source: &SourceId, visit: &StayNumber) -> Option<SpellId> {
        let [key, _] = StateKey::visit_keys(source, visit);
        self.visits.get(&key)?.find(visit).cloned()
    }

    fn new_visit_stay(&self, source: &SourceId, visit: &StayNumber) -> SpellId {
        let [_, key] = StateKey::visit_keys(source, visit);
        let known = self.authorities.get(&key).cloned().unwrap_or_default();
        known.new_stay(source, visit)
    }

    fn record_use(&mut self, source: &SourceId, visit: &StayNumber, stay: &SpellId) {
        let [of_number, of_sender] = StateKey::visit_keys(source, visit);
        let uses = self.visits.entry(of_number.clone()).or_default();
        let before = uses.clone();
        uses.record(visit, stay);
        if *uses != before {
            self.changed.insert(of_number);
        }
        let authorities = self.authorities.entry(of_sender.clone()).or_default();
        let before = authorities.clone();
        authorities.record(visit);
        if *authorities != before {
            self.changed.insert(of_sender);
        }
    }

    /// Moves the stays of replaced numbers to the person.
    fn absorb_replaced(&mut self, patient: &PatientUpdate) {
        for local_id in &patient.replaces {
            let source = patient.identity.source.clone();
            let stays = self.person(&SourceIdentity { source, local_id: local_id.clone() }).clone();
            if self.person(&patient.identity).absorb(stays) {
                self.changed.insert(StateKey::Person(patient.identity.clone()));
            }
        }
    }

    fn person(&mut self, identity: &SourceIdentity) -> &mut KnownStays {
        self.people.entry(identity.clone()).or_default()
    }
}

/// The id of a new stay of an account number.
fn new_account_stay(identity: &SourceIdentity, numbers: &StayNumbers) -> SpellId {
    let account = numbers.account.as_ref().or(numbers.visit.as_ref()).map(StayNumber::qualified).unwrap_or_default();
    hashed_ids::spell_by_account(&identity.source, &identity.local_id, &account)
}

#[cfg(test)]
#[path = "stay_resolver_tests.rs"]
mod tests;
